// four 8-bit PWM channels with double-buffered duty, edge or centre alignment, complementary outputs with dead time
module pwm4(input clk, input rst, input we, input [2:0] a, input [7:0] d, input fault,
            output reg [3:0] p, output reg [3:0] n, output reg tick);
  reg [7:0] dut [0:3]; reg [7:0] act [0:3]; reg [3:0] dt [0:3]; reg [7:0] per, pre, psc, cnt; reg [7:0] ctl; reg down; reg [3:0] raw, dead; reg [1:0] fs; reg trip;
  integer i;
  wire en = (psc == pre);
  wire top = ctl[0] ? (down & (cnt == 8'd1)) : (cnt == per);
  always @(posedge clk) begin
    fs <= {fs[0], fault};
    if (rst) begin
      per<=8'hff; pre<=0; psc<=0; cnt<=0; ctl<=0; down<=0; raw<=0; dead<=0; trip<=0; tick<=0; p<=0; n<=0;
      for (i=0; i<4; i=i+1) begin dut[i]<=0; act[i]<=0; dt[i]<=0; end
    end else begin
      tick <= en & top;
      psc <= en ? 8'd0 : psc + 1'b1;
      if (en) begin
        if (ctl[0]) begin
          if (down) begin cnt <= cnt - 1'b1; if (cnt == 8'd1) down <= 1'b0; end
          else begin cnt <= cnt + 1'b1; if (cnt + 1'b1 == per) down <= 1'b1; end
        end else cnt <= (cnt == per) ? 8'd0 : cnt + 1'b1;
      end
      for (i=0; i<4; i=i+1) begin
        if (en & top) act[i] <= dut[i];
        raw[i] <= (cnt < act[i]);
        // dead time restarts at each change of the raw output
        if ((cnt < act[i]) != raw[i]) dt[i] <= dead; else if (dt[i] != 0) dt[i] <= dt[i] - 1'b1;
        p[i] <= ctl[4+i] & ~trip & raw[i] & (dt[i] == 0);
        n[i] <= ctl[4+i] & ~trip & ~raw[i] & (dt[i] == 0);
      end
      if (fs[1]) trip <= 1'b1; else if (we & (a == 3'd7)) trip <= 1'b0;
      if (we) case (a)
        3'd0, 3'd1, 3'd2, 3'd3: dut[a[1:0]] <= d;
        3'd4: per <= d; 3'd5: pre <= d; 3'd6: ctl <= d; default: dead <= d[3:0];
      endcase
    end
  end
endmodule
