/* graph/sddmm.c: see sddmm.h. */
#include "graph/sddmm.h"
#include "base/real.h"

static int threads_for(int64_t work)
{
    int64_t most = work / 400000, n = weft_threads();
    return (int)(most < 1 ? 1 : most < n ? most : n);
}

static inline weft_real_t dot(const weft_real_t *x, const weft_real_t *y, int64_t n)
{
    weft_real_t s[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int k = 0; k < 8; k++) s[k] += x[j + k] * y[j + k];
    for (int k = 0; j + k < n; k++) s[k] += x[j + k] * y[j + k];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

void weft_i_sddmm_dot(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, int32_t heads, weft_real_t *z, bool add)
{
    int64_t c = f / heads;
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++)
        for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++)
            for (int32_t h = 0; h < heads; h++) {
                weft_real_t v = dot(x + (int64_t)rows->col[i] * f + h * c, y + r * f + h * c, c);
                z[i * heads + h] = add ? z[i * heads + h] + v : v;
            }
}

void weft_i_sddmm(weft_i_ends_t op, const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, weft_real_t *z, bool add)
{
    weft_real_t absent = op == WEFT_I_ENDS_MUL ? 1 : 0, sign = op == WEFT_I_ENDS_SUB ? -1 : 1;
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++)
        for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++) {
            const weft_real_t *a = x ? x + (int64_t)rows->col[i] * f : NULL, *b = y ? y + r * f : NULL;
            weft_real_t *to = z + i * f;
            for (int64_t j = 0; j < f; j++) {
                weft_real_t p = a ? a[j] : absent, q = b ? b[j] : absent;
                weft_real_t v = op == WEFT_I_ENDS_MUL ? p * q : p + sign * q;
                to[j] = add ? to[j] + v : v;
            }
        }
}

void weft_i_segment_softmax(const weft_i_rows_t *rows, const weft_real_t *x, int64_t heads, weft_real_t *y)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * heads * 8)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) {
        int64_t b = rows->offset[r], t = rows->offset[r + 1];
        for (int64_t h = 0; h < heads && b < t; h++) {
            weft_real_t most = x[b * heads + h], sum = 0;
            for (int64_t i = b; i < t; i++) most = x[i * heads + h] > most ? x[i * heads + h] : most;
            for (int64_t i = b; i < t; i++) {
                weft_real_t v = weft_i_exp(x[i * heads + h] - most);
                y[i * heads + h] = v;
                sum += v;
            }
            for (int64_t i = b; i < t; i++) y[i * heads + h] /= sum + (weft_real_t)1e-16;
        }
    }
}

void weft_i_segment_softmax_back(const weft_i_rows_t *rows, const weft_real_t *y, const weft_real_t *dy, int64_t heads, weft_real_t *dx, bool add)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * heads * 4)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) {
        int64_t b = rows->offset[r], t = rows->offset[r + 1];
        for (int64_t h = 0; h < heads; h++) {
            weft_real_t sum = 0;
            for (int64_t i = b; i < t; i++) sum += y[i * heads + h] * dy[i * heads + h];
            for (int64_t i = b; i < t; i++) {
                weft_real_t v = y[i * heads + h] * (dy[i * heads + h] - sum);
                dx[i * heads + h] = add ? dx[i * heads + h] + v : v;
            }
        }
    }
}
