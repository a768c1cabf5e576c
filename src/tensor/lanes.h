/* tensor/lanes.h: the one way in which sums over nodes are taken: lanes = min(64, ceil(n / 1024)) contiguous parts of the rows, each
 * summed in row order, then the lanes in lane order. The number of threads has no part in it. */
#ifndef WEFT_TENSOR_LANES_H
#define WEFT_TENSOR_LANES_H
#include "base/threads.h"
#include "weft/real.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEFT_I_MAX_LANES = 64, WEFT_I_LANE_ROWS = 1024 };
static inline int32_t weft_i_n_lanes(int64_t n)
{
    int64_t lanes = (n + WEFT_I_LANE_ROWS - 1) / WEFT_I_LANE_ROWS;
    return lanes < WEFT_I_MAX_LANES ? (int32_t)lanes : WEFT_I_MAX_LANES;
}
static inline int64_t weft_i_lane_begin(int64_t n, int32_t lanes, int32_t lane) { return n / lanes * lane + (n % lanes) * lane / lanes; }

/* out[j] (+)= sum of x[i, j] over rows; x [n, cols]. scratch: 64 * cols. */
void weft_i_sum_rows(int64_t n, int64_t cols, const weft_real_t *x, weft_real_t *out, bool add, weft_real_t *scratch);
/* out[j] (+)= sum of x[i, j] * y[i, j]. */
void weft_i_sum_rows_of_product(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *y, weft_real_t *out, bool add, weft_real_t *scratch);
/* out[j] = sum of (x[i, j] - centre[j]) * y[i, j]; y NULL: of (x[i, j] - centre[j])^2. */
void weft_i_sum_rows_centred(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *centre, const weft_real_t *y, weft_real_t *out, weft_real_t *scratch);
/* The sum of term(context, i) over i in 0..n-1, in double. */
double weft_i_sum(int64_t n, double (*term)(const void *context, int64_t i), const void *context);
/* The same of x[i]^2. */
double weft_i_sum_squares(int64_t n, const weft_real_t *x);
#endif
