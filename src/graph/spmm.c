/* graph/spmm.c: see spmm.h. */
#include "graph/spmm.h"
#include "base/alloc.h"
#include "base/isa.h"
#include "base/threads.h"

#include <string.h>

enum { AHEAD = 8 }; /* rows are asked for so many arcs before they are read */

/* A number of an arc is a load and a multiply-add at most. */
static int threads_for(int64_t work) { return weft_i_threads_for(work / 2); }

/* sum += w m(x, e) of one arc, for n columns from j0 on. */
static inline __attribute__((always_inline)) void add_message(const weft_i_spmm_t *s, int64_t i, int64_t j0, int64_t n, weft_real_t *restrict sum)
{
    const int64_t f = s->width, arc = s->rows.place ? s->rows.place[i] : i, per_head = s->heads ? f / s->heads : f;
    const weft_real_t *restrict x = s->x ? s->x + (int64_t)s->rows.col[i] * f + j0 : NULL, *restrict e = s->e ? s->e + arc * f + j0 : NULL;
    weft_real_t m[64];
    if (x && e) for (int64_t j = 0; j < n; j++) m[j] = x[j] + e[j];
    else memcpy(m, x ? x : e, (size_t)n * sizeof *m);
    if (s->relu) for (int64_t j = 0; j < n; j++) m[j] = m[j] > 0 ? m[j] : 0;
    if (s->w && s->heads == f) { /* a weight per column */
        const weft_real_t *restrict w = s->w + arc * f + j0;
        for (int64_t j = 0; j < n; j++) sum[j] += w[j] * m[j];
    } else if (s->w) for (int64_t j = 0; j < n; j++) sum[j] += s->w[arc * s->heads + (j0 + j) / per_head] * m[j];
    else for (int64_t j = 0; j < n; j++) sum[j] += m[j];
}

/* The plain form: also the fast one for messages with arc vectors and for weights of every column. */
static inline __attribute__((always_inline)) void plain_row(const weft_i_spmm_t *s, int64_t r)
{
    int64_t f = s->width, first = s->rows.offset[r], last = s->rows.offset[r + 1];
    weft_real_t *y = s->y + r * f, scale = s->row_scale ? s->row_scale[r] : 1;
    for (int64_t j0 = 0; j0 < f; j0 += 64) {
        int64_t n = f - j0 < 64 ? f - j0 : 64;
        weft_real_t total[64];
        for (int64_t j = 0; j < n; j++) total[j] = s->add ? y[j0 + j] : 0;
        for (int64_t b = first; b < last; b += WEFT_I_ROW_CHUNK) {
            int64_t t = last - b > WEFT_I_ROW_CHUNK ? b + WEFT_I_ROW_CHUNK : last;
            weft_real_t sum[64] = {0};
            for (int64_t i = b; i < t; i++)
                if (n == 64) add_message(s, i, j0, 64, sum); /* whole vectors without a rest */
                else add_message(s, i, j0, n, sum);
            for (int64_t j = 0; j < n; j++) total[j] += scale * sum[j];
        }
        memcpy(y + j0, total, (size_t)n * sizeof *y);
    }
}

void weft_i_spmm_ref(const weft_i_spmm_t *s)
{
    for (int64_t r = 0; r < s->rows.n_rows; r++) plain_row(s, r);
}

WEFT_I_WIDE static void wide_row(const weft_i_spmm_t *s, int64_t r) { plain_row(s, r); }

static void plain(const weft_i_spmm_t *s)
{
    int64_t work = s->rows.offset[s->rows.n_rows] * s->width;
#pragma omp parallel for num_threads(threads_for(work)) schedule(dynamic, 64)
    for (int64_t r = 0; r < s->rows.n_rows; r++) wide_row(s, r);
}

#ifdef WEFT_REAL_DOUBLE
void weft_i_spmm(const weft_i_spmm_t *s) { plain(s); }
#else
static weft_i_gather_fn *gather(void)
{
#if defined(__x86_64__)
    weft_i_isa_t isa = weft_i_isa();
    if (isa == WEFT_I_ISA_AVX512) return weft_i_gather_avx512;
    if (isa == WEFT_I_ISA_AVX2) return weft_i_gather_avx2;
#endif
    return weft_i_gather_base;
}

enum { FROM_MEMORY = 12, FROM_CACHE = 36, LEAST_REUSE = 6 }; /* entries ahead; entries per row of x from which a slab pays */

static void all_rows(const weft_i_gather_t *g, int64_t heads)
{
    int64_t n = g->rows.n_rows, block = 128;
    weft_i_gather_fn *run = gather();
#pragma omp parallel for num_threads(threads_for(g->rows.offset[n] * g->width * heads)) schedule(dynamic, 1)
    for (int64_t b = 0; b < (n + block - 1) / block; b++) {
        weft_i_gather_t h = *g;
        for (int64_t k = 0; k < heads; k++, h.x += g->width, h.y += g->width, h.w = h.w ? h.w + 1 : NULL)
            run(&h, b * block, (b + 1) * block < n ? (b + 1) * block : n);
    }
}

/* Some columns after the other, copied side by side so that they fill the third cache evenly and stay there: each row of x comes from memory once and not once per arc. The same sums. False:
 * it would not pay, or there is no room. */
static bool by_slabs(const weft_i_spmm_t *s, const weft_i_gather_t *whole)
{
    int64_t cols = s->rows.n_cols, f = s->width, width = 64, room = weft_i_third_cache() / 10 * 7;
    while (width >= 16 && cols * width * (int64_t)sizeof *s->x > room) width /= 2;
    if (width < 16 || f < 2 * width || f % width || cols * f * (int64_t)sizeof *s->x < room || s->rows.offset[s->rows.n_rows] < LEAST_REUSE * cols) return false;
    weft_real_t *slab = weft_i_aligned((size_t)(cols * width) * sizeof *slab);
    if (!slab) return false;
    for (int64_t j = 0; j < f; j += width) {
        weft_i_gather_t g = *whole;
#pragma omp parallel for num_threads(threads_for(cols * width)) schedule(static)
        for (int64_t u = 0; u < cols; u++) memcpy(slab + u * width, s->x + u * f + j, (size_t)width * sizeof *slab);
        g.x = slab;
        g.x_row = g.width = width;
        g.y = s->y + j;
        g.ahead = FROM_CACHE;
        all_rows(&g, 1);
    }
    weft_i_free(slab);
    return true;
}

void weft_i_spmm(const weft_i_spmm_t *s)
{
    if (s->e || !s->x || s->relu || (s->w && s->heads == s->width && s->width > 1)) {
        plain(s);
        return;
    }
    int64_t n = s->rows.n_rows, f = s->width, heads = s->w && s->heads > 1 ? s->heads : 1;
    weft_i_gather_t g = {s->rows, s->x, s->w, s->row_scale, f, f, heads, f / heads, 0, s->add, false, s->y};
    if (s->rows.n_cols * f * (int64_t)sizeof *s->x > 1 << 20) g.ahead = FROM_MEMORY;
    g.stream = !s->add && n * f * (int64_t)sizeof *s->y > 8 << 20 && g.width * (int64_t)sizeof *s->y % 64 == 0 && (uintptr_t)s->y % 64 == 0;
    if (heads > 1 || !by_slabs(s, &g)) all_rows(&g, heads);
}
#endif

/* n columns of a row from j0 on; what the first arc brings stays until another is beyond it. */
static inline __attribute__((always_inline)) void extreme_span(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *e, int64_t f, bool most, int64_t r, int64_t j0, int64_t n, weft_real_t *y, int32_t *arg)
{
    int64_t first = rows->offset[r], last = rows->offset[r + 1];
    weft_real_t best[64], both[64];
    int32_t at[64];
    for (int64_t i = first; i < last; i++) {
        const weft_real_t *from = x ? x + (int64_t)rows->col[i] * f + j0 : NULL, *own = e ? e + i * f + j0 : NULL;
        if (x && i + AHEAD < last)
            for (int64_t j = 0; j < n; j += 64 / (int64_t)sizeof *x) __builtin_prefetch(x + (int64_t)rows->col[i + AHEAD] * f + j0 + j);
        const weft_real_t *v = from && own ? both : from ? from : own;
        if (from && own)
            for (int64_t j = 0; j < n; j++) both[j] = from[j] + own[j];
        if (i == first)
            for (int64_t j = 0; j < n; j++) best[j] = v[j], at[j] = (int32_t)i;
        else
            for (int64_t j = 0; j < n; j++) {
                bool beyond = most ? v[j] > best[j] : v[j] < best[j];
                at[j] = beyond ? (int32_t)i : at[j];
                best[j] = beyond ? v[j] : best[j];
            }
    }
    for (int64_t j = 0; j < n; j++) y[r * f + j0 + j] = first < last ? best[j] : 0, arg[r * f + j0 + j] = first < last ? at[j] : -1;
}

WEFT_I_WIDE static void extreme_row(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *e, int64_t f, bool most, int64_t r, weft_real_t *y, int32_t *arg)
{
    int64_t j = 0;
    for (; j + 64 <= f; j += 64)
        if (most) extreme_span(rows, x, e, f, true, r, j, 64, y, arg);
        else extreme_span(rows, x, e, f, false, r, j, 64, y, arg);
    if (j < f) extreme_span(rows, x, e, f, most, r, j, f - j, y, arg);
}

void weft_i_extreme(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *e, int64_t f, int32_t sign, weft_real_t *y, int32_t *arg)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++) extreme_row(rows, x, e, f, sign > 0, r, y, arg);
}

static inline __attribute__((always_inline)) void extreme_back_span(const weft_i_rows_t *reverse, const weft_real_t *dy, const int32_t *arg, int64_t f, int64_t u, int64_t j0, int64_t n, weft_real_t *to, bool add)
{
    weft_real_t sum[64];
    for (int64_t j = 0; j < n; j++) sum[j] = add ? to[j0 + j] : 0;
    for (int64_t i = reverse->offset[u]; i < reverse->offset[u + 1]; i++) {
        int64_t row = (int64_t)reverse->col[i] * f + j0;
        int32_t place = (int32_t)reverse->place[i];
        const weft_real_t *restrict from = dy + row;
        const int32_t *restrict a = arg + row;
        if (i + AHEAD < reverse->offset[u + 1])
            for (int64_t j = 0; j < n; j += 64 / (int64_t)sizeof *a) {
                int64_t next = (int64_t)reverse->col[i + AHEAD] * f + j0 + j;
                __builtin_prefetch(dy + next);
                __builtin_prefetch(arg + next);
            }
        for (int64_t j = 0; j < n; j++) sum[j] += a[j] == place ? from[j] : 0;
    }
    memcpy(to + j0, sum, (size_t)n * sizeof *to);
}

WEFT_I_WIDE static void extreme_back_row(const weft_i_rows_t *reverse, const weft_real_t *dy, const int32_t *arg, int64_t f, int64_t u, weft_real_t *to, bool add)
{
    int64_t j = 0;
    for (; j + 64 <= f; j += 64) extreme_back_span(reverse, dy, arg, f, u, j, 64, to, add);
    if (j < f) extreme_back_span(reverse, dy, arg, f, u, j, f - j, to, add);
}

void weft_i_extreme_back(const weft_i_rows_t *reverse, const weft_real_t *dy, const int32_t *arg, int64_t f, weft_real_t *dx, bool add)
{
#pragma omp parallel for num_threads(threads_for(reverse->offset[reverse->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t u = 0; u < reverse->n_rows; u++) extreme_back_row(reverse, dy, arg, f, u, dx + u * f, add);
}

void weft_i_extreme_back_arcs(const weft_i_rows_t *rows, const weft_real_t *dy, const int32_t *arg, int64_t f, weft_real_t *de, bool add)
{
#pragma omp parallel for num_threads(threads_for(rows->offset[rows->n_rows] * f)) schedule(dynamic, 64)
    for (int64_t r = 0; r < rows->n_rows; r++)
        for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++)
            for (int64_t j = 0; j < f; j++) {
                weft_real_t v = arg[r * f + j] == (int32_t)i ? dy[r * f + j] : 0;
                de[i * f + j] = add ? de[i * f + j] + v : v;
            }
}
