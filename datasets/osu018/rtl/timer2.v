// timer/counter block: 16-bit counter with prescaler and reload, two compare outputs, input capture, byte-wide bus
module timer2(input clk, input rst, input we, input [3:0] a, input [7:0] d, input cap, input ext,
              output reg [7:0] q, output reg o0, output reg o1, output reg irq);
  reg [15:0] cnt, top, c0, c1, icr; reg [7:0] ctl, ien, fl, pre, psc, tmp; reg [2:0] ec, ee;
  wire erise = ee[1] & ~ee[2], crise = ctl[4] ? (ec[1] & ~ec[2]) : (ec[2] & ~ec[1]);
  wire ptick = (pre == psc);
  wire tick = ctl[0] & (ctl[1] ? erise : ptick);
  wire wrap = ctl[5] ? (cnt == 0) : (cnt == top);
  wire m0 = (cnt == c0), m1 = (cnt == c1);
  always @(posedge clk) begin
    ec <= {ec[1:0], cap}; ee <= {ee[1:0], ext};
    if (rst) begin
      cnt<=0; top<=16'hffff; c0<=0; c1<=0; icr<=0; ctl<=0; ien<=0; fl<=0; pre<=0; psc<=0; tmp<=0; q<=0; o0<=0; o1<=0; irq<=0;
    end else begin
      pre <= (ptick | ~ctl[0]) ? 8'd0 : pre + 1'b1;
      if (we && a == 4'd2) fl <= fl & ~d;
      if (tick) begin
        cnt <= wrap ? (ctl[5] ? top : 16'd0) : (ctl[5] ? cnt - 1'b1 : cnt + 1'b1);
        if (wrap) fl[0] <= 1'b1;
        if (m0) fl[1] <= 1'b1;
        if (m1) fl[2] <= 1'b1;
        if (ctl[2]) begin if (m0) o0 <= ~o0; end else o0 <= (cnt < c0);
        if (ctl[3]) begin if (m1) o1 <= ~o1; end else o1 <= (cnt < c1);
      end
      if (crise) begin icr <= cnt; fl[3] <= 1'b1; if (fl[3]) fl[4] <= 1'b1; end
      irq <= |(fl & ien);
      if (we) case (a)
        4'd0: ctl <= d; 4'd1: ien <= d; 4'd3: psc <= d;
        4'd4: tmp <= d;                        // low byte latch, written with the next high byte
        4'd5: top <= {d, tmp}; 4'd6: c0 <= {d, tmp}; 4'd7: c1 <= {d, tmp}; 4'd8: cnt <= {d, tmp};
        default: ;
      endcase
      else begin
        if (a == 4'd8) tmp <= cnt[15:8];
        if (a == 4'd10) tmp <= icr[15:8];
      end
      case (a)
        4'd0: q <= ctl; 4'd1: q <= ien; 4'd2: q <= fl; 4'd3: q <= psc; 4'd4: q <= tmp; 4'd5: q <= top[7:0];
        4'd6: q <= c0[7:0]; 4'd7: q <= c1[7:0]; 4'd8: q <= cnt[7:0]; 4'd10: q <= icr[7:0]; default: q <= {ec[2], ee[2], o1, o0, 4'b0};
      endcase
    end
  end
endmodule
