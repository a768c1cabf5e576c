/* graph/sddmm.c: see sddmm.h. */
#include "graph/sddmm.h"
#include "base/isa.h"
#include "base/real.h"
#include "base/threads.h"

/* A number of an arc is a load and a multiply-add at most. */
static int threads_for(int64_t work) { return weft_i_threads_for(work / 2); }

static inline __attribute__((always_inline)) weft_real_t dot(const weft_real_t *x, const weft_real_t *y, int64_t n)
{
    weft_real_t s[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int k = 0; k < 8; k++) s[k] += x[j + k] * y[j + k];
    for (int k = 0; j + k < n; k++) s[k] += x[j + k] * y[j + k];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

WEFT_I_WIDE static void dot_row(const weft_i_rows_t *rows, int64_t r, const weft_real_t *x, const weft_real_t *y, int64_t f, int32_t heads, weft_real_t *z, bool add)
{
    int64_t c = f / heads;
    for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++)
        for (int32_t h = 0; h < heads; h++) {
            weft_real_t v = dot(x + (int64_t)rows->col[i] * f + h * c, y + r * f + h * c, c);
            z[i * heads + h] = add ? z[i * heads + h] + v : v;
        }
}

void weft_i_sddmm_dot(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, int32_t heads, weft_real_t *z, bool add)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) dot_row(rows, r, x, y, f, heads, z, add);
}

/* One arc: a or b may be NULL. */
WEFT_I_WIDE static void ends_row(weft_i_ends_t op, const weft_i_rows_t *rows, int64_t r, const weft_real_t *x, const weft_real_t *y, int64_t f, weft_real_t *z, bool add)
{
    const weft_real_t *b = y ? y + r * f : NULL;
    weft_real_t sign = op == WEFT_I_ENDS_SUB ? -1 : 1;
    for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++) {
        const weft_real_t *a = x ? x + (int64_t)rows->col[i] * f : NULL;
        weft_real_t *restrict to = z + i * f;
        if (!add) {
            if (!b) for (int64_t j = 0; j < f; j++) to[j] = a[j];
            else if (!a) for (int64_t j = 0; j < f; j++) to[j] = op == WEFT_I_ENDS_MUL ? b[j] : sign * b[j];
            else if (op == WEFT_I_ENDS_MUL) for (int64_t j = 0; j < f; j++) to[j] = a[j] * b[j];
            else for (int64_t j = 0; j < f; j++) to[j] = a[j] + sign * b[j];
        } else if (!b) for (int64_t j = 0; j < f; j++) to[j] += a[j];
        else if (!a) for (int64_t j = 0; j < f; j++) to[j] += op == WEFT_I_ENDS_MUL ? b[j] : sign * b[j];
        else if (op == WEFT_I_ENDS_MUL) for (int64_t j = 0; j < f; j++) to[j] += a[j] * b[j];
        else for (int64_t j = 0; j < f; j++) to[j] += a[j] + sign * b[j];
    }
}

void weft_i_sddmm(weft_i_ends_t op, const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *y, int64_t f, weft_real_t *z, bool add)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) ends_row(op, rows, r, x, y, f, z, add);
}

/* The arcs of a row arc by arc, heads side by side, sixteen heads at a time. */
WEFT_I_WIDE static void softmax_row(int64_t begin, int64_t end, const weft_real_t *x, int64_t heads, weft_real_t *y)
{
    for (int64_t h0 = 0; h0 < heads; h0 += 16) {
        int64_t n = heads - h0 < 16 ? heads - h0 : 16;
        weft_real_t most[16], sum[16] = {0};
        for (int64_t k = 0; k < n; k++) most[k] = x[begin * heads + h0 + k];
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) most[k] = x[i * heads + h0 + k] > most[k] ? x[i * heads + h0 + k] : most[k];
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) y[i * heads + h0 + k] = x[i * heads + h0 + k] - most[k];
        if (n == heads) for (int64_t i = begin * heads; i < end * heads; i++) y[i] = weft_i_exp(y[i]);
        else for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) y[i * heads + h0 + k] = weft_i_exp(y[i * heads + h0 + k]);
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) sum[k] += y[i * heads + h0 + k];
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) y[i * heads + h0 + k] /= sum[k] + (weft_real_t)1e-16;
    }
}

void weft_i_segment_softmax(const weft_i_rows_t *rows, const weft_real_t *x, int64_t heads, weft_real_t *y)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * heads * 8)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++)
        if (rows->offset[r] < rows->offset[r + 1]) softmax_row(rows->offset[r], rows->offset[r + 1], x, heads, y);
}

WEFT_I_WIDE static void softmax_row_back(int64_t begin, int64_t end, const weft_real_t *y, const weft_real_t *dy, int64_t heads, weft_real_t *dx, bool add)
{
    for (int64_t h0 = 0; h0 < heads; h0 += 16) {
        int64_t n = heads - h0 < 16 ? heads - h0 : 16;
        weft_real_t sum[16] = {0};
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) sum[k] += y[i * heads + h0 + k] * dy[i * heads + h0 + k];
        for (int64_t i = begin; i < end; i++)
            for (int64_t k = 0; k < n; k++) {
                weft_real_t v = y[i * heads + h0 + k] * (dy[i * heads + h0 + k] - sum[k]);
                dx[i * heads + h0 + k] = add ? dx[i * heads + h0 + k] + v : v;
            }
    }
}

void weft_i_segment_softmax_back(const weft_i_rows_t *rows, const weft_real_t *y, const weft_real_t *dy, int64_t heads, weft_real_t *dx, bool add)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * heads * 4)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) softmax_row_back(rows->offset[r], rows->offset[r + 1], y, dy, heads, dx, add);
}
