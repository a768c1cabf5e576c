/* tensor/lanes.c: see lanes.h. */
#include "tensor/lanes.h"
#include "weft/base.h"

#include <string.h>

int32_t weft_i_threads_for(int64_t work)
{
    int32_t n = weft_threads();
    int64_t most = work / 200000; /* below that a thread costs more than it brings, the more so on a busy machine */
    return most < 1 ? 1 : most < n ? (int32_t)most : n;
}

static void fold(int32_t lanes, int64_t cols, const weft_real_t *part, weft_real_t *out, bool add)
{
    for (int64_t j = 0; j < cols; j++) {
        weft_real_t s = 0;
        for (int32_t l = 0; l < lanes; l++) s += part[l * cols + j];
        out[j] = add ? out[j] + s : s;
    }
}

void weft_i_sum_rows(int64_t n, int64_t cols, const weft_real_t *x, weft_real_t *out, bool add, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(weft_i_threads_for(n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) {
        weft_real_t *restrict part = scratch + l * cols;
        memset(part, 0, (size_t)cols * sizeof *part);
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++)
            for (int64_t j = 0; j < cols; j++) part[j] += x[i * cols + j];
    }
    fold(lanes, cols, scratch, out, add);
}

void weft_i_sum_rows_of_product(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *y, weft_real_t *out, bool add, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(weft_i_threads_for(n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) {
        weft_real_t *part = scratch + l * cols;
        memset(part, 0, (size_t)cols * sizeof *part);
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++)
            for (int64_t j = 0; j < cols; j++) part[j] += x[i * cols + j] * y[i * cols + j];
    }
    fold(lanes, cols, scratch, out, add);
}

void weft_i_sum_rows_centred(int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *centre, const weft_real_t *y, weft_real_t *out, weft_real_t *scratch)
{
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(weft_i_threads_for(n * cols)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) {
        weft_real_t *restrict part = scratch + l * cols;
        memset(part, 0, (size_t)cols * sizeof *part);
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++) {
            const weft_real_t *restrict u = x + i * cols, *restrict w = y ? y + i * cols : NULL;
            if (w) for (int64_t j = 0; j < cols; j++) part[j] += (u[j] - centre[j]) * w[j];
            else for (int64_t j = 0; j < cols; j++) part[j] += (u[j] - centre[j]) * (u[j] - centre[j]);
        }
    }
    fold(lanes, cols, scratch, out, false);
}

double weft_i_sum(int64_t n, double (*term)(const void *context, int64_t i), const void *context)
{
    double part[WEFT_I_MAX_LANES] = {0}, sum = 0.0;
    int32_t lanes = weft_i_n_lanes(n);
#pragma omp parallel for num_threads(weft_i_threads_for(n * 8)) schedule(static)
    for (int32_t l = 0; l < lanes; l++) {
        double s = 0.0;
        for (int64_t i = weft_i_lane_begin(n, lanes, l); i < weft_i_lane_begin(n, lanes, l + 1); i++) s += term(context, i);
        part[l] = s;
    }
    for (int32_t l = 0; l < lanes; l++) sum += part[l];
    return sum;
}
