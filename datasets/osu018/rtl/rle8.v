// run-length encoder for bytes: (value, count) pairs with flush, escape for long runs and pair statistics
module rle8(input clk, input rst, input vld, input flush, input [7:0] d,
            output reg [7:0] val, output reg [5:0] len, output reg ovld, output reg [11:0] pairs, output reg [5:0] longest);
  reg [7:0] cur; reg [5:0] cnt; reg act;
  wire same = act & (d == cur) & (cnt != 6'd63);
  wire emit = act & ((vld & ~same) | (flush & ~vld));
  always @(posedge clk) begin
    if (rst) begin cur<=0; cnt<=0; act<=0; val<=0; len<=0; ovld<=0; pairs<=0; longest<=0; end
    else begin
      ovld <= emit;
      if (emit) begin
        val <= cur; len <= cnt; pairs <= pairs + 1'b1;
        if (cnt > longest) longest <= cnt;
      end
      if (vld) begin
        if (same) cnt <= cnt + 1'b1;
        else begin cur <= d; cnt <= 6'd1; act <= 1'b1; end
      end else if (flush) act <= 1'b0;
    end
  end
endmodule
