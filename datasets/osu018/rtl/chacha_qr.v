// ChaCha quarter round, one add-xor-rotate per clock on four 32-bit words, repeatable, word-wide load and read ports
module chacha_qr(input clk, input rst, input we, input [1:0] wa, input [31:0] wd, input start, input [3:0] reps,
                 output reg [31:0] q, output reg busy, output reg done);
  reg [31:0] a, b, c, d; reg [1:0] st; reg [3:0] n;
  wire [31:0] sum = (st[0] ? c : a) + (st[0] ? d : b);
  wire [31:0] x = (st[0] ? b : d) ^ sum;
  reg [31:0] y;
  always @* case (st)
    2'd0: y = {x[15:0], x[31:16]}; 2'd1: y = {x[19:0], x[31:20]}; 2'd2: y = {x[23:0], x[31:24]}; default: y = {x[24:0], x[31:25]};
  endcase
  always @(posedge clk) begin
    done <= 1'b0;
    case (wa) 2'd0: q <= a; 2'd1: q <= b; 2'd2: q <= c; default: q <= d; endcase
    if (rst) begin busy<=0; st<=0; n<=0; end
    else if (!busy) begin
      if (we) case (wa) 2'd0: a <= wd; 2'd1: b <= wd; 2'd2: c <= wd; default: d <= wd; endcase
      if (start) begin busy<=1; st<=0; n<=reps; end
    end else begin
      st <= st + 1'b1;
      if (st[0]) begin c <= sum; b <= y; end else begin a <= sum; d <= y; end
      if (st == 2'd3) begin n <= n - 1'b1; if (n == 0) begin busy<=0; done<=1; end end
    end
  end
endmodule
