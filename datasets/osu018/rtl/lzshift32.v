// 32-bit shifter (left, right, arithmetic, rotate) and normaliser with leading-zero count, three registered stages
module lzshift32(input clk, input rst, input vi, input [2:0] op, input [4:0] amt, input [31:0] d,
                 output reg vo, output reg [31:0] q, output reg [5:0] lz, output reg zero);
  reg [31:0] a, b, w, g, h; reg [2:0] o1, o2; reg [4:0] n1, n2; reg v1, v2; reg [5:0] c, c2; integer i, s, j;
  reg rev, rot, fill;
  always @* begin
    c = 6'd32;
    for (i=0; i<32; i=i+1) if (a[i]) c = 6'd31 - i;
  end
  // right shifts are left shifts of the bit-reversed word
  always @* begin
    rev = (o2 == 3'd1) | (o2 == 3'd2); rot = (o2 == 3'd3); fill = (o2 == 3'd2) & b[31];
    for (j=0; j<32; j=j+1) w[j] = rev ? b[31-j] : b[j];
    for (s=4; s>=0; s=s-1) if (n2[s]) begin
      h = w;
      for (j=0; j<32; j=j+1) w[j] = (j >= (1 << s)) ? h[(j - (1 << s)) & 31] : (rot ? h[(j - (1 << s)) & 31] : fill);
    end
    for (j=0; j<32; j=j+1) g[j] = rev ? w[31-j] : w[j];
  end
  always @(posedge clk) begin
    a <= d; o1 <= op; n1 <= amt;
    b <= a; o2 <= o1; c2 <= c; n2 <= o1[2] ? c[4:0] : n1;
    q <= g; lz <= c2; zero <= c2[5];
    if (rst) begin v1<=0; v2<=0; vo<=0; end else begin v1<=vi; v2<=v1; vo<=v2; end
  end
endmodule
