/* autograd/op_attention.c: softmax attention within segments of rows, in tiles: no row of it is longer than a tile, and backward makes the
 * weights again from the queries, the keys and one number per query and head. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "base/rng.h"
#include "weft/attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { QUERIES = 32, KEYS = 64, MOST_WIDTH = 512 }; /* of a tile; KEYS: one call of the generator makes that many bits of a mask */

/* One tile at work: queries i0.. of a segment against its keys j0.., one head. */
typedef struct tile {
    weft_real_t p[QUERIES * KEYS], d[QUERIES * KEYS]; /* weights; gradients of the scores */
    weft_real_t kt[MOST_WIDTH * KEYS];                /* keys by column, then values by column */
} tile_t;

typedef struct attention {
    const weft_real_t *q, *k, *v, *sink;
    int64_t heads, width, v_width, out_cols; /* columns of a head; of a result's row */
    const int64_t *q_first, *k_first;
    int64_t n_segments, one[4];
    weft_real_t scale, keep;
    uint64_t seed, stream;
    uint32_t below; /* of 65536: dropped; 0: none */
} attention_t;

static void setup(attention_t *a, const weft_var_t *v)
{
    const weft_var_t *q = v->in[0], *k = v->in[1], *w = v->in[2];
    *a = (attention_t){.q = q->value, .k = k->value, .v = w->value, .sink = v->n_in > 3 ? v->in[3]->value : NULL, .heads = v->attr.i[0], .q_first = v->attr.p[0],
                       .k_first = v->attr.p[1], .n_segments = v->attr.i[1], .seed = weft_i_tape_seed(v->tape), .stream = weft_i_tape_stream(v), .below = (uint32_t)v->attr.i[2]};
    a->width = q->cols / a->heads;
    a->v_width = w->cols / a->heads;
    a->out_cols = v->cols;
    a->scale = 1 / weft_i_sqrt((weft_real_t)a->width);
    a->keep = (weft_real_t)(65536.0 / (65536.0 - (double)a->below));
    if (!a->q_first) { /* all rows are one segment */
        a->one[1] = q->rows;
        a->one[3] = k->rows;
        a->q_first = a->one;
        a->k_first = a->one + 2;
        a->n_segments = 1;
    }
}

static bool infer(weft_var_t *v)
{
    const weft_var_t *q = v->in[0], *k = v->in[1], *w = v->in[2];
    int64_t heads = v->attr.i[0];
    v->rows = q->rows;
    v->cols = w->cols + (v->attr.i[3] ? heads : 0);
    if (q->cols != k->cols) return weft_i_fail_shapes(v, q, k);
    if (k->rows != w->rows) return weft_i_fail_shapes(v, k, w);
    if (v->n_in > 3 && (v->in[3]->rows != 1 || v->in[3]->cols != heads)) return weft_i_fail_shapes(v, q, v->in[3]);
    if (heads < 1 || q->cols % heads || w->cols % heads || q->cols / heads > MOST_WIDTH || w->cols / heads > MOST_WIDTH)
        return weft_i_fail(v->tape, WEFT_EUSAGE, "attention: %lld heads of %lld and %lld columns (at most %d a head)", (long long)heads, (long long)q->cols, (long long)w->cols, MOST_WIDTH);
    const int64_t *f = v->attr.p[0], *g = v->attr.p[1];
    int64_t n = v->attr.i[1];
    return !f || (f[0] == 0 && f[n] == q->rows && g[0] == 0 && g[n] == k->rows) || weft_i_fail(v->tape, WEFT_EUSAGE, "attention: the segments do not cover the rows");
}

/* Keys of a tile in whole vectors: what lies between nk and this is worked on and never used. */
static inline __attribute__((always_inline)) int64_t padded(int64_t nk) { return (nk + 15) & ~(int64_t)15; }

/* out [width][KEYS]: rows j0.. of a matrix by column. */
static inline __attribute__((always_inline)) void transpose(const weft_real_t *x, int64_t stride, int64_t n, int64_t width, weft_real_t *out)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t c = 0; c < width; c++) out[c * KEYS + j] = x[j * stride + c];
    for (int64_t c = 0; c < width; c++)
        for (int64_t j = n; j < padded(n); j++) out[c * KEYS + j] = 0;
}

/* s[i][j] = factor sum_c x_ic t_cj, sixteen columns of four rows at a time: enough chains to hide an addition's latency. */
static inline __attribute__((always_inline)) void dots_of(const weft_real_t *x, int64_t stride, int64_t rows, int64_t width, const weft_real_t *t, weft_real_t factor, weft_real_t *s)
{
    weft_real_t r[4][16] = {{0}};
    for (int64_t c = 0; c < width; c++) {
        const weft_real_t *restrict u = t + c * KEYS;
        for (int64_t i = 0; i < rows; i++) {
            weft_real_t z = x[i * stride + c];
            for (int64_t j = 0; j < 16; j++) r[i][j] += z * u[j];
        }
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < 16; j++) s[i * KEYS + j] = r[i][j] * factor;
}

static inline __attribute__((always_inline)) void dots(const weft_real_t *x, int64_t stride, int64_t nq, int64_t width, const weft_real_t *t, weft_real_t factor, int64_t nk, weft_real_t *s)
{
    for (int64_t j0 = 0; j0 < nk; j0 += 16) {
        int64_t i = 0;
        for (; i + 4 <= nq; i += 4) dots_of(x + i * stride, stride, 4, width, t + j0, factor, s + i * KEYS + j0);
        for (; i < nq; i++) dots_of(x + i * stride, stride, 1, width, t + j0, factor, s + i * KEYS + j0);
    }
}

/* Bits of the mask of query row i (of all rows), head h, keys j0.. of its segment; j0 a multiple of KEYS. Key j has half j / 32 of word j % 32. */
static inline __attribute__((always_inline)) void mask_row(const attention_t *a, int64_t row, int64_t h, int64_t j0, weft_real_t *restrict m)
{
    weft_i_random32_t r;
    const int32_t below = (int32_t)a->below;
    const weft_real_t keep = a->keep;
    weft_i_random_eight(a->seed, a->stream + ((uint64_t)j0 << 20), (uint64_t)(row * a->heads + h) * 8, &r);
    const uint32_t *word = r.v[0];
    for (int k = 0; k < 32; k++) m[k] = (int32_t)(word[k] & 0xffff) < below ? 0 : keep;
    for (int k = 0; k < 32; k++) m[32 + k] = (int32_t)(word[k] >> 16) < below ? 0 : keep;
}

/* Sums and largest of n numbers (whole vectors of them) on sixteen lanes, then pairwise: one order for every vector width. */
static inline __attribute__((always_inline)) weft_real_t total(const weft_real_t *p, int64_t n)
{
    weft_real_t r[16] = {0};
    for (int64_t j0 = 0; j0 < n; j0 += 16)
        for (int64_t j = 0; j < 16; j++) r[j] += p[j0 + j];
    for (int64_t half = 8; half; half /= 2)
        for (int64_t j = 0; j < half; j++) r[j] += r[j + half];
    return r[0];
}

static inline __attribute__((always_inline)) weft_real_t largest(const weft_real_t *p, int64_t n, weft_real_t most)
{
    weft_real_t r[16];
    for (int64_t j = 0; j < 16; j++) r[j] = most;
    for (int64_t j0 = 0; j0 < n; j0 += 16)
        for (int64_t j = 0; j < 16; j++) r[j] = p[j0 + j] > r[j] ? p[j0 + j] : r[j];
    for (int64_t half = 8; half; half /= 2)
        for (int64_t j = 0; j < half; j++) r[j] = r[j + half] > r[j] ? r[j + half] : r[j];
    return r[0];
}

/* y_ic += sum_j (factor p[i next + j step]) x_jc, j ascending; i in 0..rows-1, of sixteen columns four rows at a time. */
static inline __attribute__((always_inline)) void weigh_of(weft_real_t *restrict y, int64_t y_stride, int64_t rows, const weft_real_t *restrict p, int64_t next, int64_t step, weft_real_t factor, const weft_real_t *restrict x,
                                                           int64_t stride, int64_t n)
{
    weft_real_t r[4][16];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < 16; c++) r[i][c] = y[i * y_stride + c];
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < rows; i++) {
            weft_real_t z = factor * p[i * next + j * step];
            for (int64_t c = 0; c < 16; c++) r[i][c] += z * x[j * stride + c];
        }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < 16; c++) y[i * y_stride + c] = r[i][c];
}

static inline __attribute__((always_inline)) void weigh(weft_real_t *restrict y, int64_t y_stride, int64_t rows, int64_t width, const weft_real_t *restrict p, int64_t next, int64_t step, weft_real_t factor,
                                                        const weft_real_t *restrict x, int64_t stride, int64_t n)
{
    int64_t i = 0;
    for (; width == 16 && i + 4 <= rows; i += 4) weigh_of(y + i * y_stride, y_stride, 4, p + i * next, next, step, factor, x, stride, n);
    for (; width == 16 && i < rows; i++) weigh_of(y + i * y_stride, y_stride, 1, p + i * next, next, step, factor, x, stride, n);
    for (; i < rows; i++)
        for (int64_t j = 0; j < n; j++) {
            weft_real_t z = factor * p[i * next + j * step];
            for (int64_t c = 0; c < width; c++) y[i * y_stride + c] += z * x[j * stride + c];
        }
}

/* ---- forward: a block of queries against all keys of its segment, the softmax carried from tile to tile ------------------------------ */
static inline __attribute__((always_inline)) void forward_of(const attention_t *a, tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, int64_t w, int64_t vw, weft_real_t *out, weft_real_t *log_sum)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, first = a->k_first[s], n = a->k_first[s + 1] - first;
    weft_real_t top[QUERIES], sum[QUERIES], mask[KEYS];
    for (int64_t i = 0; i < nq; i++) {
        top[i] = a->sink ? a->sink[h] : (weft_real_t)-INFINITY;
        sum[i] = a->sink ? 1 : 0;
        memset(out + (i0 + i) * os + h * vw, 0, (size_t)vw * sizeof *out);
    }
    for (int64_t j0 = 0; j0 < n; j0 += KEYS) {
        int64_t nk = n - j0 < KEYS ? n - j0 : KEYS;
        transpose(a->k + (first + j0) * qs + h * w, qs, nk, w, t->kt);
        dots(a->q + i0 * qs + h * w, qs, nq, w, t->kt, a->scale, nk, t->p);
        const int64_t kp = padded(nk);
        for (int64_t i = 0; i < nq; i++) {
            weft_real_t *restrict p = t->p + i * KEYS, most = top[i], *restrict o = out + (i0 + i) * os + h * vw;
            for (int64_t j = nk; j < kp; j++) p[j] = (weft_real_t)-INFINITY;
            most = largest(p, kp, most);
            weft_real_t old = weft_i_exp(top[i] - most);
            for (int64_t j = 0; j < kp; j++) p[j] = weft_i_exp(p[j] - most);
            weft_real_t add = total(p, kp);
            sum[i] = sum[i] * old + add;
            top[i] = most;
            if (a->below) {
                mask_row(a, i0 + i, h, j0, mask);
                for (int64_t j = 0; j < kp; j++) p[j] *= mask[j];
            }
            if (j0) for (int64_t c = 0; c < vw; c++) o[c] *= old;
        }
        weigh(out + i0 * os + h * vw, os, nq, vw, t->p, KEYS, 1, 1, a->v + (first + j0) * vs + h * vw, vs, nk);
    }
    for (int64_t i = 0; i < nq; i++) {
        weft_real_t *restrict o = out + (i0 + i) * os + h * vw, over = sum[i] > 0 ? 1 / sum[i] : 0;
        for (int64_t c = 0; c < vw; c++) o[c] *= over;
        log_sum[(i0 + i) * a->heads + h] = sum[i] > 0 ? top[i] + weft_i_log(sum[i]) : 0;
        if (os > vs) out[(i0 + i) * os + vs + h] = log_sum[(i0 + i) * a->heads + h];
    }
}

/* Heads of sixteen columns have code of their own, in registers: the same sums. */
WEFT_I_WIDE static void forward_block(const attention_t *a, tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, weft_real_t *out, weft_real_t *log_sum)
{
    if (a->width == 16 && a->v_width == 16) forward_of(a, t, s, i0, nq, h, 16, 16, out, log_sum);
    else forward_of(a, t, s, i0, nq, h, a->width, a->v_width, out, log_sum);
}

/* ---- backward: the weights of one tile again, and what their scores get -------------------------------------------------------------- */
/* p: weights with their mask; d: p (mask dO v - own), own_i = dO_i O_i, less the gradient of the log-sum where that is a result. */
static inline __attribute__((always_inline)) void again(const attention_t *a, tile_t *t, int64_t i0, int64_t nq, int64_t k_row, int64_t j0, int64_t nk, int64_t h,
                                                        int64_t w, int64_t vw, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols;
    weft_real_t mask[KEYS];
    transpose(a->v + k_row * vs + h * vw, vs, nk, vw, t->kt);
    dots(dy + i0 * os + h * vw, os, nq, vw, t->kt, 1, nk, t->d);
    transpose(a->k + k_row * qs + h * w, qs, nk, w, t->kt);
    dots(a->q + i0 * qs + h * w, qs, nq, w, t->kt, a->scale, nk, t->p);
    const int64_t kp = padded(nk);
    for (int64_t i = 0; i < nq; i++) {
        weft_real_t *restrict p = t->p + i * KEYS, *restrict d = t->d + i * KEYS, l = log_sum[(i0 + i) * a->heads + h], o = own[(i0 + i) * a->heads + h];
        for (int64_t j = 0; j < kp; j++) p[j] = weft_i_exp(p[j] - l);
        if (a->below) {
            mask_row(a, i0 + i, h, j0, mask);
            for (int64_t j = 0; j < kp; j++) d[j] = p[j] * (mask[j] * d[j] - o);
            for (int64_t j = 0; j < kp; j++) p[j] *= mask[j];
        } else
            for (int64_t j = 0; j < kp; j++) d[j] = p[j] * (d[j] - o);
    }
}

WEFT_I_WIDE static void back_queries(const attention_t *a, tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq)
{
    int64_t w = a->width, vw = a->v_width, qs = a->heads * w, first = a->k_first[s], n = a->k_first[s + 1] - first;
    for (int64_t j0 = 0; j0 < n; j0 += KEYS) {
        int64_t nk = n - j0 < KEYS ? n - j0 : KEYS;
        again(a, t, i0, nq, first + j0, j0, nk, h, w, vw, log_sum, own, dy);
        weigh(dq + i0 * qs + h * w, qs, nq, w, t->d, KEYS, 1, a->scale, a->k + (first + j0) * qs + h * w, qs, nk);
    }
}

static inline __attribute__((always_inline)) void back_keys_of(const attention_t *a, tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, int64_t w, int64_t vw, const weft_real_t *log_sum, const weft_real_t *own,
                                                               const weft_real_t *dy, weft_real_t *dq, weft_real_t *dk, weft_real_t *dv)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, k_row = a->k_first[s] + j0;
    for (int64_t i0 = a->q_first[s]; i0 < a->q_first[s + 1]; i0 += QUERIES) {
        int64_t nq = a->q_first[s + 1] - i0 < QUERIES ? a->q_first[s + 1] - i0 : QUERIES;
        again(a, t, i0, nq, k_row, j0, nk, h, w, vw, log_sum, own, dy);
        if (dk) weigh(dk + k_row * qs + h * w, qs, nk, w, t->d, 1, KEYS, a->scale, a->q + i0 * qs + h * w, qs, nq);
        if (dv) weigh(dv + k_row * vs + h * vw, vs, nk, vw, t->p, 1, KEYS, 1, dy + i0 * os + h * vw, os, nq);
        if (dq) weigh(dq + i0 * qs + h * w, qs, nq, w, t->d, KEYS, 1, a->scale, a->k + k_row * qs + h * w, qs, nk);
    }
}

/* dq also where it is not NULL: for segments of one tile, whose weights are then made once. */
WEFT_I_WIDE static void back_keys(const attention_t *a, tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq,
                           weft_real_t *dk, weft_real_t *dv)
{
    if (a->width == 16 && a->v_width == 16) back_keys_of(a, t, s, j0, nk, h, 16, 16, log_sum, own, dy, dq, dk, dv);
    else back_keys_of(a, t, s, j0, nk, h, a->width, a->v_width, log_sum, own, dy, dq, dk, dv);
}

/* Blocks of rows, none across two segments: block b of all is rows from.. of segment s. first[s]: blocks before segment s. */
static int64_t *count_blocks(const weft_var_t *v, const int64_t *rows, int64_t n, int64_t block, weft_i_buffer_t *b)
{
    *b = weft_i_take(v->tape, (size_t)(n + 1) * sizeof(int64_t));
    int64_t *first = b->data;
    if (!first) return NULL;
    first[0] = 0;
    for (int64_t s = 0; s < n; s++) first[s + 1] = first[s] + (rows[s + 1] - rows[s] + block - 1) / block;
    return first;
}

static int64_t segment_of(const int64_t *first, int64_t n, int64_t b)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        int64_t mid = (low + high + 1) / 2;
        if (first[mid] <= b) low = mid;
        else high = mid - 1;
    }
    while (first[low + 1] == first[low]) low++; /* not an empty one */
    return low;
}

static int threads(const attention_t *a, int64_t items)
{
    double work = 0.0;
    for (int64_t s = 0; s < a->n_segments; s++) work += (double)(a->q_first[s + 1] - a->q_first[s]) * (double)(a->k_first[s + 1] - a->k_first[s]) * (double)((a->width + a->v_width) * a->heads);
    int n = weft_i_threads_for(work < 1e18 ? (int64_t)work : (int64_t)1e18);
    return items < n ? (int)(items > 0 ? items : 1) : n;
}

static tile_t *tiles(const weft_var_t *v, int n, weft_i_buffer_t *b)
{
    *b = weft_i_take(v->tape, (size_t)n * sizeof(tile_t));
    return b->data;
}

void weft_i_room_attention(const weft_var_t *v, weft_i_room_t *room)
{
    attention_t a;
    setup(&a, v);
    size_t own = (size_t)(v->rows * a.heads + 1) * sizeof(weft_real_t), work = (size_t)threads(&a, INT64_MAX) * sizeof(tile_t) + (size_t)(a.n_segments + 1) * sizeof(int64_t); /* a tile for each thread, at most */
    work += work / 4 + 256; /* several buffers, each rounded up by at most a quarter */
    room->kept[0] = own;
    room->forward = work;
    room->backward = work + own + own / 4;
}

static bool forward(weft_var_t *v)
{
    attention_t a;
    weft_i_buffer_t blocks = {NULL, 0}, room = {NULL, 0};
    setup(&a, v);
    weft_real_t *log_sum = weft_i_keep(v, 0, (size_t)(v->rows * a.heads + 1) * sizeof *log_sum);
    int64_t *first = log_sum ? count_blocks(v, a.q_first, a.n_segments, QUERIES, &blocks) : NULL;
    if (!first) return false;
    int64_t items = first[a.n_segments] * a.heads;
    int n = threads(&a, items);
    tile_t *tile = tiles(v, n, &room);
    if (tile) {
#pragma omp parallel num_threads(n)
        {
            tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
            for (int64_t x = 0; x < items; x++) {
                int64_t b = x / a.heads, s = segment_of(first, a.n_segments, b), i0 = a.q_first[s] + (b - first[s]) * QUERIES;
                forward_block(&a, t, s, i0, a.q_first[s + 1] - i0 < QUERIES ? a.q_first[s + 1] - i0 : QUERIES, x % a.heads, v->value, log_sum);
            }
        }
    }
    weft_i_give(v->tape, &room);
    weft_i_give(v->tape, &blocks);
    return tile != NULL;
}

/* dL/db_h of the sink: its weight's share of -own, e^(b - L). */
static void back_sink(const attention_t *a, int64_t rows, const weft_real_t *log_sum, const weft_real_t *own, weft_real_t *db, bool add)
{
    for (int64_t h = 0; h < a->heads; h++) {
        double sum = 0.0;
        for (int64_t i = 0; i < rows; i++) sum -= (double)weft_i_exp(a->sink[h] - log_sum[i * a->heads + h]) * (double)own[i * a->heads + h];
        db[h] = (add ? db[h] : 0) + (weft_real_t)sum;
    }
}

static bool backward(weft_var_t *v)
{
    attention_t a;
    weft_i_buffer_t blocks = {NULL, 0}, room = {NULL, 0}, dots_of = {NULL, 0};
    setup(&a, v);
    const weft_real_t *log_sum = v->kept[0].data, *dy = v->grad, *y = v->value;
    int64_t vw = a.v_width, heads = a.heads, os = a.out_cols, vs = heads * vw;
    bool add[3], ok = false;
    weft_real_t *g[3];
    for (int32_t k = 0; k < 3; k++) {
        g[k] = weft_i_grad(v, k, &add[k]);
        if (g[k] && !add[k]) memset(g[k], 0, (size_t)(v->in[k]->rows * v->in[k]->cols) * sizeof **g);
    }
    dots_of = weft_i_take(v->tape, (size_t)(v->rows * heads + 1) * sizeof *dy);
    weft_real_t *own = dots_of.data;
    int64_t *first = count_blocks(v, a.k_first, a.n_segments, KEYS, &blocks);
    if (!own || !first) goto done;
    WEFT_I_EACH_ROW(v->rows * heads, vw, r, {
        const weft_real_t *o = y + r / heads * os + r % heads * vw, *d = dy + r / heads * os + r % heads * vw;
        weft_real_t sum = 0;
        for (int64_t c = 0; c < vw; c++) sum += d[c] * o[c];
        own[r] = os > vs ? sum - dy[r / heads * os + vs + r % heads] : sum;
    });
    int64_t most_blocks = first[a.n_segments] * heads;
    int n = threads(&a, most_blocks);
    tile_t *tile = tiles(v, n, &room);
    if (!tile) goto done;
#pragma omp parallel num_threads(n)
    {
        tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
        for (int64_t x = 0; x < most_blocks; x++) {
            int64_t b = x / heads, s = segment_of(first, a.n_segments, b), j0 = (b - first[s]) * KEYS, nk = a.k_first[s + 1] - a.k_first[s];
            back_keys(&a, t, s, j0, nk - j0 < KEYS ? nk - j0 : KEYS, x % heads, log_sum, own, dy, nk <= KEYS ? g[0] : NULL, g[1], g[2]);
        }
    }
    weft_i_give(v->tape, &blocks);
    first = g[0] ? count_blocks(v, a.q_first, a.n_segments, QUERIES, &blocks) : NULL;
    if (g[0] && !first) goto done;
    if (g[0]) {
        int64_t items = first[a.n_segments] * heads;
#pragma omp parallel num_threads(n)
        {
            tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
            for (int64_t x = 0; x < items; x++) {
                int64_t b = x / heads, s = segment_of(first, a.n_segments, b), i0 = a.q_first[s] + (b - first[s]) * QUERIES;
                if (a.k_first[s + 1] - a.k_first[s] > KEYS)
                    back_queries(&a, t, s, i0, a.q_first[s + 1] - i0 < QUERIES ? a.q_first[s + 1] - i0 : QUERIES, x % heads, log_sum, own, dy, g[0]);
            }
        }
    }
    if (v->n_in > 3) {
        bool more;
        weft_real_t *db = weft_i_grad(v, 3, &more);
        if (db) back_sink(&a, v->rows, log_sum, own, db, more);
    }
    ok = true;
done:
    weft_i_give(v->tape, &room);
    weft_i_give(v->tape, &blocks);
    weft_i_give(v->tape, &dots_of);
    return ok;
}

static weft_var_t *attend(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, double drop, bool log_sums)
{
    weft_var_t *in[4] = {q, k, x, sink};
    if (!q) return NULL;
    bool masked = drop > 0.0 && weft_tape_training(q->tape);
    weft_i_attr_t attr = {.i = {heads, segments ? segments->n : 0, masked ? (int64_t)(drop * 65536.0 + 0.5) : 0, log_sums},
                          .p = {segments ? segments->first : NULL, segments ? segments->key_first ? segments->key_first : segments->first : NULL}};
    return weft_i_apply(&weft_i_op_attention, q->tape, in, sink ? 4 : 3, &attr);
}

weft_var_t *weft_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, double drop)
{
    return attend(q, k, x, sink, heads, segments, drop, false);
}

weft_var_t *weft_attention_part(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, double drop)
{
    return attend(q, k, x, NULL, heads, segments, drop, true);
}
const weft_i_op_t weft_i_op_attention = {"attention", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3) | WEFT_I_SAVE_OUT, false, infer, forward, backward};
