// I2C slave (7-bit address pins) with two writable bytes and one readable status byte, synchronised and filtered inputs
module i2c_slave(input clk, input rst, input scl, input sda, input [6:0] addr, input [7:0] status,
                 output reg sda_oe, output reg [7:0] r0, output reg [7:0] r1, output reg wr, output reg active, output reg rd);
  reg [3:0] cs, ds; reg c, d, c1, d1;       // filtered line levels and their delayed copies
  reg [7:0] sh; reg [3:0] n; reg [2:0] st; reg ptr, dir;
  localparam IDLE=0, ADR=1, AACK=2, PTR=3, WDAT=4, WACK=5, RDAT=6, RACK=7;
  wire rise = c & ~c1, fall = ~c & c1;
  wire start = c & c1 & ~d & d1, stop = c & c1 & d & ~d1;
  always @(posedge clk) begin
    cs <= {cs[2:0], scl}; ds <= {ds[2:0], sda};
    if (&cs[3:1]) c <= 1'b1; else if (~|cs[3:1]) c <= 1'b0;
    if (&ds[3:1]) d <= 1'b1; else if (~|ds[3:1]) d <= 1'b0;
    c1 <= c; d1 <= d; wr <= 1'b0;
    if (rst) begin
      c<=1; d<=1; c1<=1; d1<=1; sh<=0; n<=0; st<=IDLE; ptr<=0; dir<=0; sda_oe<=0; r0<=0; r1<=0; active<=0; rd<=0;
    end else if (start) begin st<=ADR; n<=0; sda_oe<=0; active<=1; rd<=0; end
    else if (stop) begin st<=IDLE; sda_oe<=0; active<=0; rd<=0; end
    else case (st)
      ADR, PTR, WDAT: begin
        if (rise) begin sh <= {sh[6:0], d}; n <= n + 1'b1; end
        if (fall && n == 4'd8) begin
          n <= 0; sda_oe <= 1'b1;
          if (st == ADR) begin
            dir <= sh[0]; st <= AACK;
            if (sh[7:1] != addr) begin st <= IDLE; sda_oe <= 1'b0; active <= 1'b0; end
          end else begin
            st <= WACK;
            if (st == PTR) ptr <= sh[0];
            else begin
              wr <= 1'b1; ptr <= ~ptr;
              if (ptr) r1 <= sh; else r0 <= sh;
            end
          end
        end
      end
      AACK: if (fall) begin
        sda_oe <= 1'b0; st <= PTR;
        if (dir) begin st <= RDAT; rd <= 1'b1; sh <= {status[6:0],1'b0}; sda_oe <= ~status[7]; end
      end
      WACK: if (fall) begin sda_oe <= 1'b0; st <= WDAT; end
      RDAT: if (fall) begin
        n <= n + 1'b1; sh <= {sh[6:0],1'b0}; sda_oe <= ~sh[7];
        if (n == 4'd7) begin st <= RACK; sda_oe <= 1'b0; n <= 0; end
      end
      RACK: begin
        if (rise) dir <= ~d;                 // master acknowledge continues the read
        if (fall) begin
          st <= IDLE; rd <= 1'b0;
          if (dir) begin st <= RDAT; rd <= 1'b1; sh <= {status[6:0],1'b0}; sda_oe <= ~status[7]; end
        end
      end
      default: ;
    endcase
  end
endmodule
