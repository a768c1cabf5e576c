/* encoding/lappe.h: what dense and large blocks share. */
#ifndef WEFT_ENCODING_LAPPE_H
#define WEFT_ENCODING_LAPPE_H
#include "weft/encoding.h"

enum { WEFT_I_LAPPE_DENSE = 1000, WEFT_I_LAPPE_MOST = 126, WEFT_I_DENSE_MOST = 4000 }; /* nodes of a block; frequencies of a larger one; nodes of what asks for all frequencies */

/* The block's Laplacian a [n, n], degree[n]. An arc counts if either direction is there; loops do not. */
void weft_i_laplacian_dense(const weft_graph_t *graph, int64_t from, int64_t n, weft_laplacian_t kind, double *a, double *degree);
/* have eigenvalues w[have] with the rows of z [have, n] into the block's k columns; signs as stated in weft/encoding.h. */
void weft_i_lappe_put(float *vector, float *value, int64_t from, int64_t n, int32_t k, int32_t have, const double *w, const double *z);
/* Block number `index` of any size, component by component. */
weft_status_t weft_i_lappe_large(float *vector, float *value, const weft_graph_t *graph, int64_t from, int64_t n, int64_t index, int32_t k, weft_laplacian_t kind, weft_diag_t *diag);
#endif
