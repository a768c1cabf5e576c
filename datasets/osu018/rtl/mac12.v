// signed 12x12 multiply-accumulate: two pipelined partial products, 28-bit saturating accumulator with clear and subtract
module mac12(input clk, input rst, input en, input clr, input sub, input signed [11:0] a, input signed [11:0] b,
             output reg signed [27:0] acc, output reg sat);
  reg signed [11:0] ra, rb; reg e1, e2, e3, c1, c2, c3, s1, s2, s3;
  reg signed [17:0] ph, pl; reg signed [23:0] p;
  wire signed [6:0] bl = {1'b0, rb[5:0]}; wire signed [5:0] bh = rb[11:6];
  wire signed [28:0] base = c3 ? 29'sd0 : {acc[27], acc[27:0]};
  wire signed [28:0] n = s3 ? base - p : base + p;
  wire ov = n[28] ^ n[27];
  always @(posedge clk) begin
    ra <= a; rb <= b; c1 <= clr; s1 <= sub; c2 <= c1; s2 <= s1; c3 <= c2; s3 <= s2;
    pl <= ra * bl; ph <= ra * bh;
    p <= {ph, 6'b0} + {{6{pl[17]}}, pl};
    if (rst) begin e1<=0; e2<=0; e3<=0; acc<=0; sat<=0; end
    else begin
      e1 <= en; e2 <= e1; e3 <= e2;
      if (e3) begin
        acc <= ov ? {n[28], {27{~n[28]}}} : n[27:0];
        sat <= ov | (sat & ~c3);
      end
    end
  end
endmodule
