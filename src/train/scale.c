/* train/scale.c: features brought to one scale, by rows or by columns. */
#include "base/alloc.h"
#include "base/threads.h"
#include "train/train.h"

#include <math.h>

static void scale_row(weft_real_t *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j];
    for (int64_t j = 0; j < n && sum != 0.0; j++) x[j] = (weft_real_t)((double)x[j] / sum);
}

static void unit_row(weft_real_t *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j] * (double)x[j];
    for (int64_t j = 0; j < n && sum > 0.0; j++) x[j] = (weft_real_t)((double)x[j] / sqrt(sum));
}

/* Every column is summed from the first row to the last, whatever threads there are: they share out columns, a cache line of each row to one. Rows of a mapping go when all are through. */
enum { LINE = 16, WINDOW = 1 << 20 };

void weft_i_columns(weft_i_columns_t *c, const weft_real_t *x, int64_t n, int64_t cols, bool mapped)
{
    int64_t window = WINDOW / cols > 1 ? WINDOW / cols : 1;
    for (int64_t j = 0; j < cols; j++) c->mean[j] = c->over[j] = 0.0;
    for (int32_t pass = 0; pass < 2; pass++) {
        for (int64_t first = 0; first < n; first += window) {
            int64_t end = first + window < n ? first + window : n;
#pragma omp parallel for num_threads(weft_i_threads_for((end - first) * cols)) schedule(static)
            for (int64_t at = 0; at < cols; at += LINE) {
                int64_t stop = at + LINE < cols ? at + LINE : cols;
                for (int64_t i = first; i < end; i++)
                    for (int64_t j = at; j < stop; j++) {
                        double d = pass ? (double)x[i * cols + j] - c->mean[j] : 0.0;
                        if (pass) c->over[j] += d * d;
                        else c->mean[j] += (double)x[i * cols + j];
                    }
            }
            if (mapped) weft_i_pages_drop(x + first * cols, (size_t)((end - first) * cols) * sizeof *x);
        }
        for (int64_t j = 0; j < cols; j++) {
            if (!pass) c->mean[j] /= (double)n;
            else c->over[j] = c->over[j] > 0.0 ? 1.0 / sqrt(c->over[j] / (double)n) : 0.0;
        }
    }
}

weft_normalize_t weft_i_normalize_auto(const weft_real_t *x, int64_t n, int64_t cells)
{
    int64_t full = 0, negative = 0;
    for (int64_t i = 0; i < n; i++) {
        full += x[i] != 0;
        negative += x[i] < 0;
    }
    return !negative && full <= cells / 2 ? WEFT_NORMALIZE_ROW : WEFT_NORMALIZE_Z;
}

weft_status_t weft_i_columns_init(weft_i_columns_t *c, int64_t cols)
{
    c->mean = weft_i_malloc((size_t)(2 * cols) * sizeof *c->mean);
    c->over = c->mean ? c->mean + cols : NULL;
    return c->mean ? WEFT_OK : WEFT_ENOMEM;
}

void weft_i_columns_destroy(weft_i_columns_t *c)
{
    weft_i_free(c->mean);
    *c = (weft_i_columns_t){0};
}

void weft_i_scale_rows(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how, const weft_i_columns_t *c)
{
    if (how == WEFT_NORMALIZE_NONE) return;
#pragma omp parallel for num_threads(weft_i_threads_for(4 * n * cols)) schedule(static)
    for (int64_t i = 0; i < n; i++) {
        weft_real_t *row = x + i * cols;
        if (how == WEFT_NORMALIZE_ROW) scale_row(row, cols);
        else if (how == WEFT_NORMALIZE_UNIT) unit_row(row, cols);
        else
            for (int64_t j = 0; j < cols; j++) row[j] = (weft_real_t)(((double)row[j] - c->mean[j]) * c->over[j]);
    }
}

weft_status_t weft_i_normalize(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how)
{
    weft_i_columns_t c = {0};
    if (how == WEFT_NORMALIZE_AUTO) how = weft_i_normalize_auto(x, n * cols, n * cols);
    if (how == WEFT_NORMALIZE_Z && cols > 0) {
        if (weft_i_columns_init(&c, cols) != WEFT_OK) return WEFT_ENOMEM;
        weft_i_columns(&c, x, n, cols, false);
    }
    weft_i_scale_rows(x, n, cols, how, &c);
    weft_i_columns_destroy(&c);
    return WEFT_OK;
}

weft_status_t weft_i_scaled_init(weft_i_scaled_t *s, const weft_real_t *x, int64_t n, int64_t cols, bool mapped, weft_normalize_t how)
{
    *s = (weft_i_scaled_t){.x = x, .n = n, .cols = cols, .mapped = mapped, .how = how};
    if (how != WEFT_NORMALIZE_Z) return WEFT_OK;
    if (weft_i_columns_init(&s->columns, cols) != WEFT_OK) return WEFT_ENOMEM;
    weft_i_columns(&s->columns, x, n, cols, mapped);
    return WEFT_OK;
}

void weft_i_scaled_destroy(weft_i_scaled_t *s)
{
    weft_i_columns_destroy(&s->columns);
    *s = (weft_i_scaled_t){0};
}
