/* tensor/lanes.c: see lanes.h. */
#include "tensor/lanes.h"
#include "base/isa.h"
#include "weft/base.h"

#include <string.h>

/* A lane is one thread's. */
static int32_t lane_threads(int32_t lanes, int64_t work)
{
    int32_t n = weft_i_threads_for(work);
    return n < lanes ? n : lanes > 0 ? lanes : 1;
}

static void fold(int32_t lanes, int64_t cols, const weft_real_t *part, weft_real_t *out, bool add)
{
    for (int64_t j = 0; j < cols; j++) {
        weft_real_t s = 0;
        for (int32_t l = 0; l < lanes; l++) s += part[l * cols + j];
        out[j] = add ? out[j] + s : s;
    }
}

/* Rows begin..end of one lane. */
WEFT_I_WIDE static void lane_sum(int64_t begin, int64_t end, int64_t cols, const weft_real_t *restrict x, weft_real_t *restrict part)
{
    memset(part, 0, (size_t)cols * sizeof *part);
    for (int64_t i = begin; i < end; i++)
        for (int64_t j = 0; j < cols; j++) part[j] += x[i * cols + j];
}

WEFT_I_WIDE static void lane_sum_of_product(int64_t begin, int64_t end, int64_t cols, const weft_real_t *restrict x, const weft_real_t *restrict y, weft_real_t *restrict part)
{
    memset(part, 0, (size_t)cols * sizeof *part);
    for (int64_t i = begin; i < end; i++)
        for (int64_t j = 0; j < cols; j++) part[j] += x[i * cols + j] * y[i * cols + j];
}

WEFT_I_WIDE static void lane_sum_centred(int64_t begin, int64_t end, int64_t cols, const weft_real_t *restrict x, const weft_real_t *restrict centre, const weft_real_t *restrict y, weft_real_t *restrict part)
{
    memset(part, 0, (size_t)cols * sizeof *part);
    for (int64_t i = begin; i < end; i++) {
        const weft_real_t *restrict u = x + i * cols, *restrict w = y ? y + i * cols : NULL;
        if (w) for (int64_t j = 0; j < cols; j++) part[j] += (u[j] - centre[j]) * w[j];
        else for (int64_t j = 0; j < cols; j++) part[j] += (u[j] - centre[j]) * (u[j] - centre[j]);
    }
}

void weft_i_sum_rows(int64_t n, int64_t cols, const weft_real_t *x, weft_real_t *out, bool add, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(lane_threads(lanes, n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) lane_sum(weft_i_lane_begin(n, lanes, l), weft_i_lane_begin(n, lanes, l + 1), cols, x, scratch + l * cols);
    fold(lanes, cols, scratch, out, add);
}

void weft_i_sum_rows_of_product(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *y, weft_real_t *out, bool add, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(lane_threads(lanes, n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) lane_sum_of_product(weft_i_lane_begin(n, lanes, l), weft_i_lane_begin(n, lanes, l + 1), cols, x, y, scratch + l * cols);
    fold(lanes, cols, scratch, out, add);
}

void weft_i_sum_rows_centred(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *centre, const weft_real_t *y, weft_real_t *out, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(lane_threads(lanes, n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) lane_sum_centred(weft_i_lane_begin(n, lanes, l), weft_i_lane_begin(n, lanes, l + 1), cols, x, centre, y, scratch + l * cols);
    fold(lanes, cols, scratch, out, false);
}

double weft_i_sum(int64_t n, double (*term)(const void *context, int64_t i), const void *context)
{
    double part[WEFT_I_MAX_LANES] = {0}, sum = 0.0;
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(lane_threads(lanes, n * 8)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) {
        double s = 0.0;
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++) s += term(context, i);
        part[l] = s;
    }
    for (int32_t l = 0; l < lanes; l++) sum += part[l];
    return sum;
}

/* Lanes begin..begin + 4 side by side: an addition waits for no other lane's. */
static void four_lanes_of_squares(int64_t n, int32_t lanes, int32_t first, const weft_real_t *x, double *part)
{
    int64_t at[4], size[4], all = n;
    double s[4] = {0};
    for (int32_t k = 0; k < 4; k++) {
        at[k] = weft_i_lane_begin(n, lanes, first + k);
        size[k] = weft_i_lane_begin(n, lanes, first + k + 1) - at[k];
        all = size[k] < all ? size[k] : all;
    }
    for (int64_t i = 0; i < all; i++)
        for (int32_t k = 0; k < 4; k++) s[k] += (double)x[at[k] + i] * (double)x[at[k] + i];
    for (int32_t k = 0; k < 4; k++) {
        for (int64_t i = all; i < size[k]; i++) s[k] += (double)x[at[k] + i] * (double)x[at[k] + i];
        part[first + k] = s[k];
    }
}

double weft_i_sum_squares(int64_t n, const weft_real_t *x)
{
    double part[WEFT_I_MAX_LANES] = {0}, sum = 0.0;
    int32_t lanes = weft_i_n_lanes(n), fours = lanes / 4;
#pragma omp parallel for num_threads(weft_i_threads_for(n)) schedule(static)
    for (int32_t f = 0; f < fours; f++) four_lanes_of_squares(n, lanes, 4 * f, x, part);
    for (int32_t l = 4 * fours; l < lanes; l++)
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++) part[l] += (double)x[i] * (double)x[i];
    for (int32_t l = 0; l < lanes; l++) sum += part[l];
    return sum;
}
