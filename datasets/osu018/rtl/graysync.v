// Gray counter and Johnson counter, each passed through two-flop synchronisers and decoded; lag is measured
module graysync(input clk, input rst, input up_a, input en_a, input jen_a,
                output reg [9:0] gray, output reg [9:0] bin, output reg [7:0] john, output reg [3:0] phase,
                output reg [9:0] lag, output reg jerr);
  reg [2:0] su, se, sj; reg [9:0] b, g1, g2; reg [7:0] j1, j2; integer i;
  wire [9:0] bn = su[2] ? b + 1'b1 : b - 1'b1;
  reg [9:0] dec; reg [3:0] ones; reg [3:0] tr;
  always @* begin
    dec[9] = g2[9];
    for (i=8; i>=0; i=i-1) dec[i] = dec[i+1] ^ g2[i];
    ones = 0; tr = 0;
    for (i=0; i<8; i=i+1) ones = ones + j2[i];
    for (i=0; i<7; i=i+1) tr = tr + (j2[i] ^ j2[i+1]);
  end
  always @(posedge clk) begin
    su <= {su[1:0], up_a}; se <= {se[1:0], en_a}; sj <= {sj[1:0], jen_a};
    if (rst) begin b<=0; gray<=0; g1<=0; g2<=0; john<=0; j1<=0; j2<=0; bin<=0; phase<=0; lag<=0; jerr<=0; end
    else begin
      if (se[2]) b <= bn;
      gray <= b ^ (b >> 1); g1 <= gray; g2 <= g1; bin <= dec; lag <= b - dec;
      if (sj[2]) john <= {john[6:0], ~john[7]};
      j1 <= john; j2 <= j1;
      phase <= j2[7] ? 5'd16 - ones : ones;
      jerr <= (tr > 4'd1);
    end
  end
endmodule
