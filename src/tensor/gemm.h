/* tensor/gemm.h: dense products, row-major. Same bits for any number of threads; for nn and nt a row's bits depend on that row and
 * the second operand alone. `scratch` is the caller's: as many reals as the matching _scratch call says. */
#ifndef WEFT_TENSOR_GEMM_H
#define WEFT_TENSOR_GEMM_H
#include "weft/real.h"

#include <stdbool.h>
#include <stdint.h>

/* c [n, m] (+)= a [n, k] b [k, m] */
void weft_i_gemm_nn(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch);
/* c [n, m] (+)= a [n, k] b^T, b [m, k] */
void weft_i_gemm_nt(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch);
int64_t weft_i_gemm_scratch(int64_t k, int64_t m);
/* c [k, m] (+)= a^T b, a [n, k], b [n, m]: a sum over nodes, so on fixed lanes (tensor/lanes.h). */
void weft_i_gemm_tn(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch);
int64_t weft_i_gemm_tn_scratch(int64_t n, int64_t k, int64_t m);

/* For products too small for threads: b [k, m], b_qj = b[q row + j col], in panels as wide as the processor's tile (weft_i_gemm_scratch(k, m) reals at most), and
 * c [n, m] (+)= a times them, a_iq = a[i a_row + q a_col]. */
void weft_i_panels(int64_t k, int64_t m, const weft_real_t *b, int64_t row, int64_t col, weft_real_t *to);
void weft_i_panels_product(int64_t n, int64_t k, int64_t m, const weft_real_t *a, int64_t a_row, int64_t a_col, const weft_real_t *panels, weft_real_t *c, int64_t c_row, bool add);

/* The plain twins. */
void weft_i_gemm_nn_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add);
void weft_i_gemm_nt_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add);
void weft_i_gemm_tn_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add);
#endif
