// 640x480 VGA timing with four selectable patterns (bars, checker, gradient, bouncing box), 4 bits per colour
module vga_pat(input clk, input rst, input pe, input [1:0] sel, output reg hs, output reg vs, output reg de,
               output reg [3:0] r, output reg [3:0] g, output reg [3:0] b);
  reg [9:0] h, v, bx, by; reg dx, dy; reg [1:0] mode; reg [3:0] bar; reg [6:0] bc; reg [5:0] frame;
  wire hend = (h == 10'd799), vend = (v == 10'd524);
  wire vis = (h < 10'd640) & (v < 10'd480);
  wire inx = (h >= bx) & (h < bx + 10'd48), iny = (v >= by) & (v < by + 10'd32);
  always @(posedge clk) begin
    if (rst) begin h<=0; v<=0; bx<=10'd100; by<=10'd60; dx<=0; dy<=0; mode<=0; bar<=0; bc<=0; frame<=0; hs<=1; vs<=1; de<=0; r<=0; g<=0; b<=0; end
    else if (pe) begin
      h <= hend ? 10'd0 : h + 1'b1;
      if (hend) v <= vend ? 10'd0 : v + 1'b1;
      bc <= (hend | (bc == 7'd79)) ? 7'd0 : bc + 1'b1;
      if (hend) bar <= 0; else if (bc == 7'd79) bar <= bar + 1'b1;
      if (hend & vend) begin
        mode <= sel; frame <= frame + 1'b1;
        if (bx < 10'd4) dx <= 0; else if (bx > 10'd587) dx <= 1;
        if (by < 10'd4) dy <= 0; else if (by > 10'd443) dy <= 1;
        bx <= ((bx < 10'd4) | ~dx & ~(bx > 10'd587)) ? bx + 10'd3 : bx - 10'd3;
        by <= ((by < 10'd4) | ~dy & ~(by > 10'd443)) ? by + 10'd1 : by - 10'd1;
      end
      hs <= ~((h >= 10'd656) & (h < 10'd752)); vs <= ~((v >= 10'd490) & (v < 10'd492)); de <= vis;
      {r, g, b} <= 12'h000;
      if (vis) case (mode)
        2'd0: {r, g, b} <= {{4{~bar[1]}}, {4{~bar[2]}}, {4{~bar[0]}}};
        2'd1: {r, g, b} <= (h[5] ^ v[5]) ? {12{1'b1}} : {4'h2, frame[5:2], 4'h4};
        2'd2: {r, g, b} <= {h[8:5], v[8:5], h[7:4] + v[7:4] + frame[3:0]};
        default: {r, g, b} <= (inx & iny) ? 12'hfc1 : {2'b0, v[8:7], 2'b0, h[9:8], 4'h3};
      endcase
    end
  end
endmodule
