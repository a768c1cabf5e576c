// SPI master, 16-bit frames, all four modes, programmable clock divider, two selects
module spi_master(input clk, input rst, input start, input cpol, input cpha, input sel, input [5:0] div,
                  input [15:0] tx, input miso, output reg sck, output reg mosi, output reg [1:0] cs_n,
                  output reg [15:0] rx, output reg busy, output reg done);
  reg [15:0] sh; reg [5:0] pre, rdiv; reg [5:0] edges; reg pol, pha, m1, m2;
  wire tick = (pre == rdiv);
  wire lead = ~edges[0];            // this half period ends with the leading edge of a bit
  always @(posedge clk) begin
    m1 <= miso; m2 <= m1; done <= 1'b0;
    if (rst) begin
      busy<=0; cs_n<=2'b11; sck<=0; mosi<=0; rx<=0; sh<=0; pre<=0; rdiv<=0; edges<=0; pol<=0; pha<=0;
    end else if (!busy) begin
      cs_n <= 2'b11; sck <= cpol;
      if (start) begin
        busy<=1; rdiv<=div; pol<=cpol; pha<=cpha; sh<=tx; pre<=0; edges<=0;
        cs_n <= sel ? 2'b01 : 2'b10;
        if (!cpha) mosi <= tx[15];
      end
    end else if (!tick) pre <= pre + 1'b1;
    else begin
      pre <= 0;
      if (edges == 6'd32) begin busy<=0; done<=1; cs_n<=2'b11; rx<=sh; sck<=pol; end
      else begin
        edges <= edges + 1'b1; sck <= ~sck;
        if (lead ^ pha) sh <= {sh[14:0], m2};    // sampling edge
        else mosi <= sh[15];                     // shifting edge
      end
    end
  end
endmodule
