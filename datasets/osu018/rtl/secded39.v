// SECDED(39,32) extended Hamming code: registered encoder, error injection mask, corrector with flags and counters
module secded39(input clk, input rst, input vld, input [31:0] d, input [5:0] e1, input [5:0] e2, input i1, input i2,
                output reg [38:0] cw, output reg [31:0] q, output reg qv, output reg sec, output reg ded, output reg [7:0] nsec, output reg [7:0] nded);
  // positions 1..38 in Hamming order, powers of two hold check bits, bit 0 is the overall parity
  reg [38:0] enc, bad, fix; reg [31:0] dr, qo; reg v0, v1, v2; reg [5:0] s; reg [38:0] rx; reg [5:0] syn; reg par;
  integer i, j, k, a, b, c, m, n;
  always @* begin
    enc = 39'b0; k = 0;
    for (i=1; i<39; i=i+1) if ((i & (i-1)) != 0) begin enc[i] = dr[k]; k = k + 1; end
    for (j=0; j<6; j=j+1) begin
      s[j] = 1'b0;
      for (i=1; i<39; i=i+1) if (((i >> j) & 1) != 0 && (i & (i-1)) != 0) s[j] = s[j] ^ enc[i];
    end
    for (j=0; j<6; j=j+1) enc[1<<j] = s[j];
    enc[0] = ^enc[38:1];
  end
  reg [5:0] f1, f2; reg n1, n2;
  always @* begin
    bad = cw;
    for (a=0; a<39; a=a+1) bad[a] = cw[a] ^ (n1 & (f1 == a)) ^ (n2 & (f2 == a));
  end
  reg [5:0] syc;
  always @* begin
    for (c=0; c<6; c=c+1) begin
      syc[c] = 1'b0;
      for (b=1; b<39; b=b+1) if (((b >> c) & 1) != 0) syc[c] = syc[c] ^ rx[b];
    end
  end
  reg [38:0] rx2;
  always @* begin
    n = 0; qo = 32'b0; fix = rx2;
    for (m=1; m<39; m=m+1) fix[m] = rx2[m] ^ (par & (syn == m));
    for (m=1; m<39; m=m+1) if ((m & (m-1)) != 0) begin qo[n] = fix[m]; n = n + 1; end
  end
  reg v3;
  always @(posedge clk) begin
    if (rst) begin
      dr<=0; cw<=0; rx<=0; rx2<=0; q<=0; qv<=0; sec<=0; ded<=0; nsec<=0; nded<=0; v0<=0; v1<=0; v2<=0; v3<=0;
      f1<=0; f2<=0; n1<=0; n2<=0; syn<=0; par<=0;
    end else begin
      dr <= d; v0 <= vld; cw <= enc; v1 <= v0; f1 <= e1; f2 <= e2; n1 <= i1; n2 <= i2;
      rx <= bad; v2 <= v1;
      syn <= syc; par <= ^rx; rx2 <= rx; v3 <= v2;
      q <= qo; qv <= v3; sec <= v3 & par; ded <= v3 & ~par & (syn != 0);
      if (sec) nsec <= nsec + 1'b1;
      if (ded) nded <= nded + 1'b1;
    end
  end
endmodule
