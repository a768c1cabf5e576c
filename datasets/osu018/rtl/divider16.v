// iterated restoring divider, 16-bit dividend by 8-bit divisor, with remainder and divide-by-zero flag
module divider16(input clk, input rst, input start, input [15:0] num, input [7:0] den,
                 output reg [15:0] quo, output reg [7:0] rem, output reg busy, output reg done, output reg dz);
  reg [15:0] q; reg [7:0] r, d; reg [3:0] n;
  wire [8:0] sh = {r, q[15]};
  wire [8:0] df = sh - {1'b0, d};
  wire ge = (sh >= {1'b0, d});
  always @(posedge clk) begin
    if (rst) begin q<=0; r<=0; d<=0; n<=0; quo<=0; rem<=0; busy<=0; done<=0; dz<=0; end
    else begin
      done <= 1'b0;
      if (!busy) begin
        if (start) begin q<=num; d<=den; r<=0; n<=0; busy<=1; dz<=(den==0); end
      end else begin
        r <= ge ? df[7:0] : sh[7:0];
        q <= {q[14:0], ge};
        n <= n + 1'b1;
        if (n == 4'd15) begin busy<=0; done<=1; quo<={q[14:0],ge}; rem<= ge ? df[7:0] : sh[7:0]; end
      end
    end
  end
endmodule
