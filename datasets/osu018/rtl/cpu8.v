// 8-bit accumulator CPU without memory: external program bus, index and temporary registers, two-level call stack
module cpu8(input clk, input rst, input [11:0] ir, input [7:0] din, output reg [7:0] pc, output reg [7:0] dout, output reg strobe,
            output reg [7:0] acc, output reg zf, output reg cf);
  reg [11:0] i; reg v; reg [7:0] x, t, s0, s1; reg [7:0] opd; reg [8:0] r; reg wa, take;
  wire [3:0] op = i[11:8]; wire [7:0] k = i[7:0];
  // operand forms of the ALU operations: immediate when op[3] is 0; else k[1:0] picks x, t, din or the index sum
  always @* begin
    if (!op[3]) opd = k;
    else case (k[1:0]) 2'd0: opd = x; 2'd1: opd = t; 2'd2: opd = din; default: opd = x + k[7:2]; endcase
    r = {cf, acc}; wa = 1'b1;
    case (op)
      4'h0: r = {cf, opd};                       // LDI
      4'h1, 4'h9: r = acc + opd;                 // ADD
      4'h2, 4'hA: r = {1'b0, acc} - {1'b0, opd}; // SUB (carry is borrow)
      4'h3: r = {cf, acc & opd};
      4'h4: r = {cf, acc ^ opd};
      4'h8: r = {cf, opd};                       // LD x/t/din/x+k
      4'hB: case (k[2:0])                        // unary
        3'd0: r = {acc[7], acc[6:0], 1'b0};
        3'd1: r = {acc[0], 1'b0, acc[7:1]};
        3'd2: r = {acc[7], acc[6:0], cf};
        3'd3: r = {acc[0], cf, acc[7:1]};
        3'd4: r = {cf, ~acc};
        3'd5: r = {cf, acc[3:0], acc[7:4]};
        3'd6: r = acc + 1'b1;
        default: r = {1'b0, acc} + {8'b0, cf};
      endcase
      default: wa = 1'b0;
    endcase
    case (op)
      4'h5: take = 1'b1;          // JMP
      4'h6: take = zf;            // JZ
      4'h7: take = cf;            // JC
      4'hC: take = ~zf;           // JNZ
      4'hD: take = 1'b1;          // CALL
      4'hE: take = k[7];          // RET (bit 7), else store group
      default: take = 1'b0;
    endcase
  end
  always @(posedge clk) begin
    strobe <= 1'b0;
    if (rst) begin pc<=0; i<=0; v<=0; x<=0; t<=0; s0<=0; s1<=0; acc<=0; zf<=0; cf<=0; dout<=0; end
    else begin
      i <= ir; v <= 1'b1; pc <= pc + 1'b1;
      if (v) begin
        if (wa) begin acc <= r[7:0]; cf <= r[8]; zf <= (r[7:0] == 0); end
        if (take) begin v <= 1'b0; pc <= (op == 4'hE) ? s0 : k; end
        if (op == 4'hD) begin s0 <= pc; s1 <= s0; end
        if (op == 4'hE) begin
          if (k[7]) s0 <= s1;
          else case (k[1:0])
            2'd0: x <= acc; 2'd1: t <= acc; 2'd2: begin dout <= acc; strobe <= 1'b1; end
            default: begin x <= x + 1'b1; zf <= (x == 8'hff); end
          endcase
        end
        if (op == 4'hF) begin x <= t; t <= x; end
      end
    end
  end
endmodule
