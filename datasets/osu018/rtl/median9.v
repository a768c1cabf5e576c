// 3x3 median filter for 8-bit pixels, one column of three pixels per clock, sorted columns are reused
module median9(input clk, input rst, input vi, input [7:0] p0, input [7:0] p1, input [7:0] p2, output reg vo, output reg [7:0] med);
  reg [7:0] a0, a1, a2, b0, b1, b2;                       // input column, then first two exchanges
  reg [7:0] lo [0:2]; reg [7:0] mi [0:2]; reg [7:0] hi [0:2];
  reg [7:0] ml, mm, mh; reg [3:0] v; integer i;
  function [7:0] mn(input [7:0] x, input [7:0] y); mn = (x < y) ? x : y; endfunction
  function [7:0] mx(input [7:0] x, input [7:0] y); mx = (x < y) ? y : x; endfunction
  function [7:0] md(input [7:0] x, input [7:0] y, input [7:0] z); md = mx(mn(x, y), mn(mx(x, y), z)); endfunction
  always @(posedge clk) begin
    v <= rst ? 4'b0 : {v[2:0], vi}; vo <= rst ? 1'b0 : v[3];
    if (vi) begin a0<=p0; a1<=p1; a2<=p2; end
    if (v[0]) begin b0 <= mn(a0, a1); b1 <= mn(mx(a0, a1), a2); b2 <= mx(mx(a0, a1), a2); end
    if (v[1]) begin
      lo[0] <= mn(b0, b1); mi[0] <= mx(b0, b1); hi[0] <= b2;
      for (i=1; i<3; i=i+1) begin lo[i]<=lo[i-1]; mi[i]<=mi[i-1]; hi[i]<=hi[i-1]; end
    end
    if (v[2]) begin
      ml <= mx(mx(lo[0], lo[1]), lo[2]); mm <= md(mi[0], mi[1], mi[2]); mh <= mn(mn(hi[0], hi[1]), hi[2]);
    end
    if (v[3]) med <= md(ml, mm, mh);
  end
endmodule
