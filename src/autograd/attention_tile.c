/* autograd/attention_tile.c: see attention_tile.h. No row of the weights is longer than a tile, and backward makes them again from the queries, the keys and one
 * number per query and head. */
#include "autograd/attention_tile.h"
#include "base/isa.h"
#include "base/real.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/* Keys of a tile in whole vectors: what lies between nk and this is worked on and never used. */
static inline __attribute__((always_inline)) int64_t padded(int64_t nk) { return (nk + 15) & ~(int64_t)15; }

/* out [width][WEFT_I_KEYS]: rows j0.. of a matrix by column. */
static inline __attribute__((always_inline)) void transpose(const weft_real_t *x, int64_t stride, int64_t n, int64_t width, weft_real_t *out)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t c = 0; c < width; c++) out[c * WEFT_I_KEYS + j] = x[j * stride + c];
    for (int64_t c = 0; c < width; c++)
        for (int64_t j = n; j < padded(n); j++) out[c * WEFT_I_KEYS + j] = 0;
}

/* s[i][j] = factor sum_c x_ic t_cj, sixteen columns of four rows at a time: enough chains to hide an addition's latency. */
static inline __attribute__((always_inline)) void dots_of(const weft_real_t *x, int64_t stride, int64_t rows, int64_t width, const weft_real_t *t, weft_real_t factor, weft_real_t *s)
{
    weft_real_t r[4][16] = {{0}};
    for (int64_t c = 0; c < width; c++) {
        const weft_real_t *restrict u = t + c * WEFT_I_KEYS;
        for (int64_t i = 0; i < rows; i++) {
            weft_real_t z = x[i * stride + c];
            for (int64_t j = 0; j < 16; j++) r[i][j] += z * u[j];
        }
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < 16; j++) s[i * WEFT_I_KEYS + j] = r[i][j] * factor;
}

static inline __attribute__((always_inline)) void dots(const weft_real_t *x, int64_t stride, int64_t nq, int64_t width, const weft_real_t *t, weft_real_t factor, int64_t nk, weft_real_t *s)
{
    for (int64_t j0 = 0; j0 < nk; j0 += 16) {
        int64_t i = 0;
        for (; i + 4 <= nq; i += 4) dots_of(x + i * stride, stride, 4, width, t + j0, factor, s + i * WEFT_I_KEYS + j0);
        for (; i < nq; i++) dots_of(x + i * stride, stride, 1, width, t + j0, factor, s + i * WEFT_I_KEYS + j0);
    }
}

/* Bits of the mask of query row i (of all rows), head h, keys j0.. of its segment; j0 a multiple of WEFT_I_KEYS. Key j has half j / 32 of word j % 32. */
static inline __attribute__((always_inline)) void mask_row(const weft_i_attention_t *a, int64_t row, int64_t h, int64_t j0, weft_real_t *restrict m)
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
static inline __attribute__((always_inline)) void forward_of(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, int64_t w, int64_t vw, weft_real_t *out, weft_real_t *log_sum)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, first = a->k_first[s], n = a->k_first[s + 1] - first;
    weft_real_t top[WEFT_I_QUERIES], sum[WEFT_I_QUERIES], mask[WEFT_I_KEYS];
    for (int64_t i = 0; i < nq; i++) {
        top[i] = a->sink ? a->sink[h] : (weft_real_t)-INFINITY;
        sum[i] = a->sink ? 1 : 0;
        memset(out + (i0 + i) * os + h * vw, 0, (size_t)vw * sizeof *out);
    }
    for (int64_t j0 = 0; j0 < n; j0 += WEFT_I_KEYS) {
        int64_t nk = n - j0 < WEFT_I_KEYS ? n - j0 : WEFT_I_KEYS;
        transpose(a->k + (first + j0) * qs + h * w, qs, nk, w, t->kt);
        dots(a->q + i0 * qs + h * w, qs, nq, w, t->kt, a->scale, nk, t->p);
        const int64_t kp = padded(nk);
        for (int64_t i = 0; i < nq; i++) {
            weft_real_t *restrict p = t->p + i * WEFT_I_KEYS, most = top[i], *restrict o = out + (i0 + i) * os + h * vw;
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
        weigh(out + i0 * os + h * vw, os, nq, vw, t->p, WEFT_I_KEYS, 1, 1, a->v + (first + j0) * vs + h * vw, vs, nk);
    }
    for (int64_t i = 0; i < nq; i++) {
        weft_real_t *restrict o = out + (i0 + i) * os + h * vw, over = sum[i] > 0 ? 1 / sum[i] : 0;
        for (int64_t c = 0; c < vw; c++) o[c] *= over;
        log_sum[(i0 + i) * a->heads + h] = sum[i] > 0 ? top[i] + weft_i_log(sum[i]) : 0;
        if (os > vs) out[(i0 + i) * os + vs + h] = log_sum[(i0 + i) * a->heads + h];
    }
}

/* Heads of sixteen columns have code of their own, in registers: the same sums. */
WEFT_I_WIDE void weft_i_attend(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, weft_real_t *out, weft_real_t *log_sum)
{
    if (a->width == 16 && a->v_width == 16) forward_of(a, t, s, i0, nq, h, 16, 16, out, log_sum);
    else forward_of(a, t, s, i0, nq, h, a->width, a->v_width, out, log_sum);
}

/* ---- backward: the weights of one tile again, and what their scores get -------------------------------------------------------------- */
/* p: weights with their mask; d: p (mask dO v - own), own_i = dO_i O_i, less the gradient of the log-sum where that is a result. */
static inline __attribute__((always_inline)) void again(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t i0, int64_t nq, int64_t k_row, int64_t j0, int64_t nk, int64_t h,
                                                        int64_t w, int64_t vw, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols;
    weft_real_t mask[WEFT_I_KEYS];
    transpose(a->v + k_row * vs + h * vw, vs, nk, vw, t->kt);
    dots(dy + i0 * os + h * vw, os, nq, vw, t->kt, 1, nk, t->d);
    transpose(a->k + k_row * qs + h * w, qs, nk, w, t->kt);
    dots(a->q + i0 * qs + h * w, qs, nq, w, t->kt, a->scale, nk, t->p);
    const int64_t kp = padded(nk);
    for (int64_t i = 0; i < nq; i++) {
        weft_real_t *restrict p = t->p + i * WEFT_I_KEYS, *restrict d = t->d + i * WEFT_I_KEYS, l = log_sum[(i0 + i) * a->heads + h], o = own[(i0 + i) * a->heads + h];
        for (int64_t j = 0; j < kp; j++) p[j] = weft_i_exp(p[j] - l);
        if (a->below) {
            mask_row(a, i0 + i, h, j0, mask);
            for (int64_t j = 0; j < kp; j++) d[j] = p[j] * (mask[j] * d[j] - o);
            for (int64_t j = 0; j < kp; j++) p[j] *= mask[j];
        } else
            for (int64_t j = 0; j < kp; j++) d[j] = p[j] * (d[j] - o);
    }
}

WEFT_I_WIDE void weft_i_attend_back_queries(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq)
{
    int64_t w = a->width, vw = a->v_width, qs = a->heads * w, first = a->k_first[s], n = a->k_first[s + 1] - first;
    for (int64_t j0 = 0; j0 < n; j0 += WEFT_I_KEYS) {
        int64_t nk = n - j0 < WEFT_I_KEYS ? n - j0 : WEFT_I_KEYS;
        again(a, t, i0, nq, first + j0, j0, nk, h, w, vw, log_sum, own, dy);
        weigh(dq + i0 * qs + h * w, qs, nq, w, t->d, WEFT_I_KEYS, 1, a->scale, a->k + (first + j0) * qs + h * w, qs, nk);
    }
}

static inline __attribute__((always_inline)) void back_keys_of(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, int64_t w, int64_t vw, const weft_real_t *log_sum, const weft_real_t *own,
                                                               const weft_real_t *dy, weft_real_t *dq, weft_real_t *dk, weft_real_t *dv)
{
    int64_t qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, k_row = a->k_first[s] + j0;
    for (int64_t i0 = a->q_first[s]; i0 < a->q_first[s + 1]; i0 += WEFT_I_QUERIES) {
        int64_t nq = a->q_first[s + 1] - i0 < WEFT_I_QUERIES ? a->q_first[s + 1] - i0 : WEFT_I_QUERIES;
        again(a, t, i0, nq, k_row, j0, nk, h, w, vw, log_sum, own, dy);
        if (dk) weigh(dk + k_row * qs + h * w, qs, nk, w, t->d, 1, WEFT_I_KEYS, a->scale, a->q + i0 * qs + h * w, qs, nq);
        if (dv) weigh(dv + k_row * vs + h * vw, vs, nk, vw, t->p, 1, WEFT_I_KEYS, 1, dy + i0 * os + h * vw, os, nq);
        if (dq) weigh(dq + i0 * qs + h * w, qs, nq, w, t->d, WEFT_I_KEYS, 1, a->scale, a->k + k_row * qs + h * w, qs, nk);
    }
}

WEFT_I_WIDE void weft_i_attend_back_keys(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq,
                           weft_real_t *dk, weft_real_t *dv)
{
    if (a->width == 16 && a->v_width == 16) back_keys_of(a, t, s, j0, nk, h, 16, 16, log_sum, own, dy, dq, dk, dv);
    else back_keys_of(a, t, s, j0, nk, h, a->width, a->v_width, log_sum, own, dy, dq, dk, dv);
}
