// 4x4 crossbar: two-entry input FIFOs (6-bit payload), one round-robin arbiter per output, registered outputs
module xbar4(input clk, input rst, input [3:0] iv, input [7:0] idst, input [23:0] id, output reg [3:0] irdy,
             input [3:0] ordy, output reg [3:0] ov, output reg [23:0] od, output reg [7:0] osrc);
  reg [7:0] hh [0:3]; reg [7:0] tt [0:3]; reg [1:0] nn [0:3]; reg [1:0] last [0:3];   // head, second entry, fill level
  reg [3:0] req [0:3]; reg [3:0] pop; reg [3:0] gv; reg [1:0] gs [0:3]; reg [1:0] cand;
  integer o, i, r, b;
  always @* begin
    pop = 4'b0;
    for (o=0; o<4; o=o+1) begin
      for (i=0; i<4; i=i+1) req[o][i] = (nn[i] != 0) && (hh[i][7:6] == o);
      gv[o] = 1'b0; gs[o] = last[o];
      for (r=4; r>=1; r=r-1) begin
        cand = last[o] + r;
        if (req[o][cand]) begin gv[o] = 1'b1; gs[o] = cand; end
      end
      if (gv[o] && (!ov[o] || ordy[o])) pop[gs[o]] = 1'b1;
    end
  end
  always @(posedge clk) begin
    for (b=0; b<4; b=b+1) begin
      if (rst) begin nn[b] <= 0; last[b] <= 0; ov[b] <= 1'b0; irdy[b] <= 1'b0; end
      else begin
        // input side: the registered ready is up while the level after this cycle leaves room for one word
        irdy[b] <= (nn[b] == 0) | pop[b] & ~(iv[b] & irdy[b]) | (nn[b] == 1) & (pop[b] | ~(iv[b] & irdy[b]));
        if (iv[b] & irdy[b]) begin
          if (nn[b] == 0 || (nn[b] == 1 && pop[b])) hh[b] <= {idst[2*b +: 2], id[6*b +: 6]};
          else tt[b] <= {idst[2*b +: 2], id[6*b +: 6]};
          if (!pop[b]) nn[b] <= nn[b] + 1'b1;
        end else if (pop[b]) begin hh[b] <= tt[b]; nn[b] <= nn[b] - 1'b1; end
        // output side
        if (!ov[b] || ordy[b]) begin
          ov[b] <= gv[b];
          if (gv[b]) begin last[b] <= gs[b]; od[6*b +: 6] <= hh[gs[b]][5:0]; osrc[2*b +: 2] <= gs[b]; end
        end
      end
    end
  end
endmodule
