// radix-2 FFT butterfly, 8-bit complex data and twiddle, two multipliers shared over two clocks, rounded and scaled by 1/2
module butterfly8(input clk, input rst, input vi, input signed [7:0] ar, input signed [7:0] ai, input signed [7:0] br, input signed [7:0] bi,
                  input signed [7:0] wr, input signed [7:0] wi, output reg vo, output reg signed [7:0] xr, output reg signed [7:0] xi,
                  output reg signed [7:0] yr, output reg signed [7:0] yi);
  reg signed [7:0] ra, ia, rb, ib, rw, iw; reg ph, p1, p2, p3;
  // first product clock (ph=1): br*wi, bi*wr   second (ph=0): br*wr, bi*wi
  reg signed [15:0] m0, m1; reg signed [16:0] pr, pi; reg signed [7:0] ra1, ia1, ra2, ia2;
  wire signed [16:0] t = p1 ? m0 + m1 : m0 - m1;
  // products carry 7 fraction bits; results are (a +- b*w)/2 rounded, saturated
  wire signed [17:0] sr = $signed({ra2, 7'b0}) + pr + 18'sd128, si = $signed({ia2, 7'b0}) + pi + 18'sd128;
  wire signed [17:0] dr = $signed({ra2, 7'b0}) - pr + 18'sd128, di = $signed({ia2, 7'b0}) - pi + 18'sd128;
  function [7:0] sat(input signed [17:0] v);
    sat = (v[17:15] == 3'b000 || v[17:15] == 3'b111) ? v[15:8] : {v[17], {7{~v[17]}}};
  endfunction
  always @(posedge clk) begin
    if (rst) begin ph<=0; p1<=0; p2<=0; p3<=0; vo<=0; end
    else begin
      ph <= vi & ~ph; p1 <= ph; p2 <= p1; p3 <= p2; vo <= p3;
    end
    if (vi & ~ph) begin ra<=ar; ia<=ai; rb<=br; ib<=bi; rw<=wr; iw<=wi; end
    m0 <= rb * (ph ? iw : rw); m1 <= ib * (ph ? rw : iw);
    pr <= t; pi <= pr;
    ra1 <= ra; ia1 <= ia; ra2 <= ra1; ia2 <= ia1;
    xr <= sat(sr); xi <= sat(si); yr <= sat(dr); yi <= sat(di);
  end
endmodule
