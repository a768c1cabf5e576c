// pipelined bitonic sorting network: eight 6-bit keys, 24 compare-exchange cells in six registered ranks
module bitonic8(input clk, input rst, input vi, input [47:0] k, output reg vo, output reg [47:0] s);
  reg [47:0] x0, x1, x2, x3, x4, x5; reg [5:0] v;
  // compare-exchange: smaller key in the low half (up) or in the high half (down)
  function [11:0] up(input [5:0] a, input [5:0] b); up = (a > b) ? {a, b} : {b, a}; endfunction
  function [11:0] dn(input [5:0] a, input [5:0] b); dn = (a < b) ? {a, b} : {b, a}; endfunction
  always @(posedge clk) begin
    x0 <= k;
    {x1[11:6],  x1[5:0]}   <= up(x0[5:0],   x0[11:6]);   {x1[23:18], x1[17:12]} <= dn(x0[17:12], x0[23:18]);   // blocks of 2
    {x1[35:30], x1[29:24]} <= up(x0[29:24], x0[35:30]);  {x1[47:42], x1[41:36]} <= dn(x0[41:36], x0[47:42]);
    {x2[17:12], x2[5:0]}   <= up(x1[5:0],   x1[17:12]);  {x2[23:18], x2[11:6]}  <= up(x1[11:6],  x1[23:18]);   // blocks of 4
    {x2[41:36], x2[29:24]} <= dn(x1[29:24], x1[41:36]);  {x2[47:42], x2[35:30]} <= dn(x1[35:30], x1[47:42]);
    {x3[11:6],  x3[5:0]}   <= up(x2[5:0],   x2[11:6]);   {x3[23:18], x3[17:12]} <= up(x2[17:12], x2[23:18]);
    {x3[35:30], x3[29:24]} <= dn(x2[29:24], x2[35:30]);  {x3[47:42], x3[41:36]} <= dn(x2[41:36], x2[47:42]);
    {x4[29:24], x4[5:0]}   <= up(x3[5:0],   x3[29:24]);  {x4[35:30], x4[11:6]}  <= up(x3[11:6],  x3[35:30]);   // block of 8
    {x4[41:36], x4[17:12]} <= up(x3[17:12], x3[41:36]);  {x4[47:42], x4[23:18]} <= up(x3[23:18], x3[47:42]);
    {x5[17:12], x5[5:0]}   <= up(x4[5:0],   x4[17:12]);  {x5[23:18], x5[11:6]}  <= up(x4[11:6],  x4[23:18]);
    {x5[41:36], x5[29:24]} <= up(x4[29:24], x4[41:36]);  {x5[47:42], x5[35:30]} <= up(x4[35:30], x4[47:42]);
    {s[11:6],   s[5:0]}    <= up(x5[5:0],   x5[11:6]);   {s[23:18],  s[17:12]}  <= up(x5[17:12], x5[23:18]);
    {s[35:30],  s[29:24]}  <= up(x5[29:24], x5[35:30]);  {s[47:42],  s[41:36]}  <= up(x5[41:36], x5[47:42]);
    v <= rst ? 6'b0 : {v[4:0], vi};
    vo <= rst ? 1'b0 : v[5];
  end
endmodule
