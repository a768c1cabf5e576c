/* graph/sddmm.h: a value per arc from the rows of its two ends, and softmax over the arcs of one destination. */
#ifndef WEFT_GRAPH_SDDMM_H
#define WEFT_GRAPH_SDDMM_H
#include "graph/graph.h"

typedef enum weft_i_ends { WEFT_I_ENDS_ADD = 0, WEFT_I_ENDS_SUB, WEFT_I_ENDS_MUL } weft_i_ends_t;

/* z[arc, h] (+)= sum over the columns of head h of x[source] * y[destination]; x [n_src, f], y [n_dst, f], z [arcs, heads]. Eight partial
 * sums, folded in a fixed tree. */
void weft_i_sddmm_dot(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, int32_t heads, weft_real_t *z, bool add);
/* z[arc] (+)= x[source] op y[destination], column by column; a NULL operand counts as absent (add, sub: 0; mul: 1). */
void weft_i_sddmm(weft_i_ends_t op, const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, weft_real_t *z, bool add);

/* y[arc, h] = exp(x - max) / (sum + 1e-16) over the arcs of each destination; nothing for a destination without arcs. */
void weft_i_segment_softmax(const weft_i_rows_t *rows, const weft_real_t *x, int64_t heads, weft_real_t *y);
/* dx (+)= y (dy - sum y dy). dx may be dy where add is false. */
void weft_i_segment_softmax_back(const weft_i_rows_t *rows, const weft_real_t *y, const weft_real_t *dy, int64_t heads, weft_real_t *dx, bool add);
#endif
