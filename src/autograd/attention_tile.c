/* autograd/attention_tile.c: see attention_tile.h. No row of the weights is longer than a tile, and backward makes them again from the queries, the keys and one
 * number per query and head. */
#include "autograd/attention_tile.h"
#include "base/isa.h"
#include "base/real.h"
#include "base/rng.h"
#include "tensor/gemm.h"

#include <math.h>

enum { Q = WEFT_I_QUERIES, SIDE = WEFT_I_SIDE };

/* The mask of queries row.. (of all rows), head h, keys j0.. of their segment. Key j of a query has the bits j `bits`.. of a stream of 128 per counter;
 * counters of a query and head: 2^24 from (row heads + h) 2^24 on. */
WEFT_I_WIDE static void make_mask(const weft_i_attention_t *a, int64_t row, int64_t h, int64_t j0, int64_t nk, int64_t np, weft_real_t *restrict mask)
{
    const int32_t bits = a->bits, below = (int32_t)(a->below >> (16 - bits)), ones = (1 << bits) - 1;
    const int64_t per_word = 32 / bits, per_call = 4 * per_word;
    const weft_real_t keep = a->keep;
    for (int64_t g = 0; g < np; g += SIDE)
        for (int64_t j = 0; j < nk;) {
            weft_i_random32_t r;
            int64_t at = (j0 + j) % per_call;
            weft_i_random_eight(a->seed, a->stream, ((uint64_t)((row + g) * a->heads + h) << 24) + (uint64_t)((j0 + j) / per_call), (uint64_t)a->heads << 24, &r);
            for (; at < per_call && j < nk; at++, j++) {
                const uint32_t *restrict word = r.v[at / per_word];
                const int shift = (int)(at % per_word) * bits;
                for (int k = 0; k < SIDE; k++) mask[j * Q + g + k] = ((int32_t)(word[k] >> shift) & ones) < below ? 0 : keep;
            }
        }
}

/* Scores to weights e^(scale s - top); tops and sums are carried on from tile to tile, old is what those before are worth now. */
WEFT_I_WIDE static void soften(int64_t nk, int64_t np, weft_real_t scale, weft_real_t *restrict s, weft_real_t *restrict top, weft_real_t *restrict sum, weft_real_t *restrict old)
{
    for (int64_t g = 0; g < np; g += SIDE, s += SIDE) {
        weft_real_t most[SIDE], add[SIDE] = {0};
        for (int k = 0; k < SIDE; k++) most[k] = top[g + k];
        for (int64_t j = 0; j < nk; j++)
            for (int k = 0; k < SIDE; k++) {
                weft_real_t x = s[j * Q + k] * scale;
                s[j * Q + k] = x;
                most[k] = x > most[k] ? x : most[k];
            }
        for (int64_t j = 0; j < nk; j++)
            for (int k = 0; k < SIDE; k++) {
                weft_real_t x = weft_i_exp(s[j * Q + k] - most[k]);
                s[j * Q + k] = x;
                add[k] += x;
            }
        for (int k = 0; k < SIDE; k++) {
            old[g + k] = weft_i_exp(top[g + k] - most[k]);
            sum[g + k] = sum[g + k] * old[g + k] + add[k];
            top[g + k] = most[k];
        }
    }
}

/* Scores p to weights e^(scale p - l); d from the gradients of the masked weights to those of the scores: weight (mask d - own) scale. */
WEFT_I_WIDE static void slopes(int64_t nk, int64_t np, weft_real_t scale, const weft_real_t *restrict l, const weft_real_t *restrict own, weft_real_t *restrict p, weft_real_t *restrict d)
{
    for (int64_t j = 0; j < nk; j++, p += Q, d += Q)
        for (int64_t g = 0; g < np; g += SIDE)
            for (int64_t i = g; i < g + SIDE; i++) {
                p[i] = weft_i_exp(p[i] * scale - l[i]);
                d[i] = p[i] * (d[i] - own[i]) * scale;
            }
}

WEFT_I_WIDE static void times(int64_t nk, int64_t np, weft_real_t *restrict p, const weft_real_t *restrict mask)
{
    for (int64_t j = 0; j < nk; j++, p += Q, mask += Q)
        for (int64_t g = 0; g < np; g += SIDE)
            for (int64_t i = g; i < g + SIDE; i++) p[i] *= mask[i];
}

/* ---- forward: a block of queries against keys of its segment, the softmax carried from tile to tile ---------------------------------- */
void weft_i_attend(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const int32_t *block, int64_t n_blocks, weft_real_t *out, weft_real_t *log_sum)
{
    const int64_t w = a->width, vw = a->v_width, qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, first = a->k_first[s], n = a->k_first[s + 1] - first, np = weft_i_padded(nq);
    weft_real_t top[Q], sum[Q], old[Q], *y = out + i0 * os + h * vw;
    for (int64_t i = 0; i < np; i++) {
        top[i] = a->sink ? a->sink[h] : (weft_real_t)-INFINITY;
        sum[i] = a->sink ? 1 : 0;
    }
    weft_i_panels(w, nq, a->q + i0 * qs + h * w, 1, qs, t->q_columns);
    if (!block) n_blocks = (n + WEFT_I_KEYS - 1) / WEFT_I_KEYS;
    for (int64_t b = 0; b < n_blocks; b++) {
        int64_t j0 = (block ? block[b] : b) * WEFT_I_KEYS, nk = n - j0 < WEFT_I_KEYS ? n - j0 : WEFT_I_KEYS;
        weft_i_panels_product(nk, w, np, a->k + (first + j0) * qs + h * w, qs, 1, t->q_columns, t->p, Q, false);
        soften(nk, np, a->scale, t->p, top, sum, old);
        if (a->below) {
            make_mask(a, i0, h, j0, nk, np, t->mask);
            times(nk, np, t->p, t->mask);
        }
        for (int64_t i = 0; b && i < nq; i++)
            for (int64_t c = 0; c < vw; c++) y[i * os + c] *= old[i];
        weft_i_panels(nk, vw, a->v + (first + j0) * vs + h * vw, vs, 1, t->key);
        weft_i_panels_product(nq, nk, vw, t->p, 1, Q, t->key, y, os, b > 0);
    }
    for (int64_t i = 0; i < nq; i++) {
        weft_real_t over = sum[i] > 0 ? 1 / sum[i] : 0, l = sum[i] > 0 ? top[i] + weft_i_log(sum[i]) : 0;
        for (int64_t c = 0; c < vw; c++) y[i * os + c] = n ? y[i * os + c] * over : 0;
        log_sum[(i0 + i) * a->heads + h] = l;
        if (os > vs) out[(i0 + i) * os + vs + h] = l;
    }
}

/* ---- backward: the weights of one tile again, and what their scores get -------------------------------------------------------------- */
/* What queries i0.. bring to every tile of keys: themselves, and the gradients of their results, by column. */
static void bring(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t i0, int64_t nq, int64_t h, const weft_real_t *dy)
{
    const int64_t w = a->width, vw = a->v_width, qs = a->heads * w, os = a->out_cols;
    weft_i_panels(w, nq, a->q + i0 * qs + h * w, 1, qs, t->q_columns);
    weft_i_panels(vw, nq, dy + i0 * os + h * vw, 1, os, t->dy_columns);
}

/* p: weights with their mask; d: p (mask dO v - own) / sqrt(c). */
static void again(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t i0, int64_t nq, int64_t k_row, int64_t j0, int64_t nk, int64_t h, const weft_real_t *log_sum, const weft_real_t *own)
{
    const int64_t w = a->width, vw = a->v_width, qs = a->heads * w, vs = a->heads * vw, np = weft_i_padded(nq);
    weft_real_t l[Q] = {0}, o[Q] = {0};
    for (int64_t i = 0; i < nq; i++) {
        l[i] = log_sum[(i0 + i) * a->heads + h];
        o[i] = own[(i0 + i) * a->heads + h];
    }
    weft_i_panels_product(nk, w, np, a->k + k_row * qs + h * w, qs, 1, t->q_columns, t->p, Q, false);
    weft_i_panels_product(nk, vw, np, a->v + k_row * vs + h * vw, vs, 1, t->dy_columns, t->d, Q, false);
    if (a->below) {
        make_mask(a, i0, h, j0, nk, np, t->mask);
        times(nk, np, t->d, t->mask);
    }
    slopes(nk, np, a->scale, l, o, t->p, t->d);
    if (a->below) times(nk, np, t->p, t->mask);
}

void weft_i_attend_back_queries(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq)
{
    const int64_t w = a->width, qs = a->heads * w, first = a->k_first[s], n = a->k_first[s + 1] - first;
    bring(a, t, i0, nq, h, dy);
    for (int64_t j0 = 0; j0 < n; j0 += WEFT_I_KEYS) {
        int64_t nk = n - j0 < WEFT_I_KEYS ? n - j0 : WEFT_I_KEYS;
        again(a, t, i0, nq, first + j0, j0, nk, h, log_sum, own);
        weft_i_panels(nk, w, a->k + (first + j0) * qs + h * w, qs, 1, t->key);
        weft_i_panels_product(nq, nk, w, t->d, 1, Q, t->key, dq + i0 * qs + h * w, qs, true);
    }
}

void weft_i_attend_back_keys(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq,
                             weft_real_t *dk, weft_real_t *dv)
{
    const int64_t w = a->width, vw = a->v_width, qs = a->heads * w, vs = a->heads * vw, os = a->out_cols, k_row = a->k_first[s] + j0;
    if (dq) weft_i_panels(nk, w, a->k + k_row * qs + h * w, qs, 1, t->key);
    for (int64_t i0 = a->q_first[s]; i0 < a->q_first[s + 1]; i0 += Q) {
        int64_t nq = a->q_first[s + 1] - i0 < Q ? a->q_first[s + 1] - i0 : Q;
        bring(a, t, i0, nq, h, dy);
        again(a, t, i0, nq, k_row, j0, nk, h, log_sum, own);
        if (dk) weft_i_panels(nq, w, a->q + i0 * qs + h * w, qs, 1, t->q);
        if (dk) weft_i_panels_product(nk, nq, w, t->d, Q, 1, t->q, dk + k_row * qs + h * w, qs, true);
        if (dv) weft_i_panels(nq, vw, dy + i0 * os + h * vw, os, 1, t->dy);
        if (dv) weft_i_panels_product(nk, nq, vw, t->p, Q, 1, t->dy, dv + k_row * vs + h * vw, vs, true);
        if (dq) weft_i_panels_product(nq, nk, w, t->d, 1, Q, t->key, dq + i0 * qs + h * w, qs, true);
    }
}
