// iterated CORDIC, rotation mode: 12-bit angle to sine and cosine in twelve steps, all four quadrants
module cordic12(input clk, input rst, input start, input [11:0] ang, output reg signed [12:0] cosv, output reg signed [12:0] sinv,
                output reg busy, output reg done);
  reg signed [13:0] x, y, z; reg [3:0] n; reg [11:0] at;
  wire signed [13:0] xs = x >>> n, ys = y >>> n;
  wire neg = z[13];
  always @* case (n)
    4'd0: at = 12'd2048; 4'd1: at = 12'd1209; 4'd2: at = 12'd639; 4'd3: at = 12'd324; 4'd4: at = 12'd163; 4'd5: at = 12'd81;
    4'd6: at = 12'd41; 4'd7: at = 12'd20; 4'd8: at = 12'd10; 4'd9: at = 12'd5; 4'd10: at = 12'd3; default: at = 12'd1;
  endcase
  wire signed [13:0] xn = neg ? x + ys : x - ys;
  wire signed [13:0] yn = neg ? y - xs : y + xs;
  always @(posedge clk) begin
    if (rst) begin x<=0; y<=0; z<=0; n<=0; busy<=0; done<=0; cosv<=0; sinv<=0; end
    else begin
      done <= 1'b0;
      if (!busy) begin
        if (start) begin
          x <= (ang[11] ^ ang[10]) ? -14'sd1244 : 14'sd1244; y <= 0;
          z <= {ang[11] ^ (ang[11] ^ ang[10]), ang[10:0], 2'b00}; n <= 0; busy <= 1'b1;
        end
      end else begin
        x <= xn; y <= yn; z <= neg ? z + $signed({2'b0,at}) : z - $signed({2'b0,at}); n <= n + 1'b1;
        if (n == 4'd11) begin busy<=0; done<=1; cosv<=xn[12:0]; sinv<=yn[12:0]; end
      end
    end
  end
endmodule
