/* autograd/attention_top_k.c: see attention_top_k.h. From the largest chunks down: the k best are kept and halved. */
#include "autograd/attention_top_k.h"
#include "autograd/op_common.h"
#include "base/isa.h"
#include "tensor/gemm.h"

#include <math.h>
#include <string.h>

static int64_t keys_of(const weft_i_attention_t *a, int64_t s) { return a->k_first[s + 1] - a->k_first[s]; }
static int64_t blocks_of(const weft_i_attention_t *a, int64_t s) { return (keys_of(a, s) + WEFT_I_KEYS - 1) / WEFT_I_KEYS; }

/* ---- room ------------------------------------------------------------------------------------------------------------------------------ */
/* All rows of means; fills first where it is not NULL. */
static int64_t count_rows(const weft_i_attention_t *a, int64_t k, int64_t *first)
{
    int64_t rows = 0;
    for (int64_t s = 0; s < a->n_segments; s++) {
        int64_t n = blocks_of(a, s);
        if (first) first[s] = rows;
        if (n <= k) continue;
        for (rows += n; n > 2 * k; rows += n) n = (n + 1) / 2;
    }
    if (first) first[a->n_segments] = rows;
    return rows;
}

static int64_t most_chunks(const weft_i_attention_t *a, int64_t k)
{
    int64_t most = 0;
    for (int64_t s = 0; s < a->n_segments && k; s++)
        if (blocks_of(a, s) > k && blocks_of(a, s) > most) most = blocks_of(a, s);
    return most < 2 * k ? most : 2 * k;
}

static size_t list_size(int64_t most) { return (size_t)most * (2 * sizeof(weft_i_pick_t) + 8); } /* 8: a number, and room so that the next list is aligned */
static size_t first_size(const weft_i_attention_t *a) { return (size_t)(a->n_segments + 1) * sizeof(int64_t); }

size_t weft_i_top_k_size(const weft_i_attention_t *a, int64_t k, int n_threads)
{
    int64_t most = most_chunks(a, k);
    return most ? first_size(a) + (size_t)n_threads * list_size(most) + (size_t)(count_rows(a, k, NULL) * a->heads * a->width) * sizeof(weft_real_t) : 0;
}

/* ---- means ----------------------------------------------------------------------------------------------------------------------------- */
WEFT_I_WIDE static void mean_of(int64_t n, int64_t cols, const weft_real_t *restrict k, weft_real_t *restrict mean)
{
    memcpy(mean, k, (size_t)cols * sizeof *mean);
    for (int64_t j = 1; j < n; j++)
        for (int64_t c = 0; c < cols; c++) mean[c] += k[j * cols + c];
    for (int64_t c = 0; c < cols; c++) mean[c] /= (weft_real_t)n;
}

/* Of the two chunks at m, of which the second has `share` of the keys. */
WEFT_I_WIDE static void join(int64_t cols, weft_real_t share, const weft_real_t *restrict m, weft_real_t *restrict mean)
{
    for (int64_t c = 0; c < cols; c++) mean[c] = m[c] + share * (m[cols + c] - m[c]);
}

static void fill_means(const weft_i_top_k_t *p, const weft_i_attention_t *a)
{
    const int64_t cols = a->heads * a->width;
    for (int64_t s = 0; s < a->n_segments; s++) {
        const weft_real_t *k = a->k + a->k_first[s] * cols;
        weft_real_t *m = p->mean + p->first[s] * cols;
        int64_t keys = keys_of(a, s), n = blocks_of(a, s);
        if (n <= p->k) continue;
        WEFT_I_EACH_ROW(n, WEFT_I_KEYS * cols, b, mean_of(keys - b * WEFT_I_KEYS < WEFT_I_KEYS ? keys - b * WEFT_I_KEYS : WEFT_I_KEYS, cols, k + b * WEFT_I_KEYS * cols, m + b * cols));
        for (int64_t size = WEFT_I_KEYS; n > 2 * p->k; size *= 2) {
            const weft_real_t *below = m;
            int64_t n_below = n;
            m += n * cols;
            n = (n + 1) / 2;
            WEFT_I_EACH_ROW(n, cols, i, {
                int64_t right = keys - (2 * i + 1) * size < size ? keys - (2 * i + 1) * size : size;
                if (2 * i + 1 < n_below) join(cols, (weft_real_t)right / (weft_real_t)(size + right), below + 2 * i * cols, m + i * cols);
                else memcpy(m + i * cols, below + 2 * i * cols, (size_t)cols * sizeof *m);
            });
        }
    }
}

bool weft_i_top_k_begin(weft_i_top_k_t *p, weft_tape_t *tape, const weft_i_attention_t *a, int64_t k, int n_threads)
{
    *p = (weft_i_top_k_t){.k = k, .most = most_chunks(a, k)};
    if (!p->most) return true;
    p->room = weft_i_take(tape, weft_i_top_k_size(a, k, n_threads));
    if (!p->room.data) return false;
    p->first = p->room.data;
    p->lists = (weft_i_pick_t *)((char *)p->room.data + first_size(a));
    p->mean = (weft_real_t *)((char *)p->lists + (size_t)n_threads * list_size(p->most));
    count_rows(a, k, p->first);
    fill_means(p, a);
    return true;
}

void weft_i_top_k_end(weft_i_top_k_t *p, weft_tape_t *tape) { weft_i_give(tape, &p->room); }

/* ---- choice ------------------------------------------------------------------------------------------------------------------------------ */
/* A chunk is worth its mean's largest product with one of the queries (in q_columns): k of the n chunks stay, in their order. pick: of 2 n. */
static void keep_best(const weft_i_attention_t *a, weft_i_attention_tile_t *t, const weft_real_t *mean, int64_t nq, int64_t h, int64_t k, weft_i_pick_t *pick, int32_t *chunk, int64_t n)
{
    const int64_t w = a->width, cols = a->heads * w;
    for (int64_t j0 = 0; j0 < n; j0 += WEFT_I_KEYS) {
        int64_t nk = n - j0 < WEFT_I_KEYS ? n - j0 : WEFT_I_KEYS;
        for (int64_t j = 0; j < nk; j++) memcpy(t->key + j * w, mean + chunk[j0 + j] * cols + h * w, (size_t)w * sizeof *mean);
        weft_i_panels_product(nk, w, weft_i_padded(nq), t->key, w, 1, t->q_columns, t->p, WEFT_I_QUERIES, false);
        for (int64_t j = 0; j < nk; j++) {
            weft_real_t most = (weft_real_t)-INFINITY;
            for (int64_t i = 0; i < nq; i++) most = t->p[j * WEFT_I_QUERIES + i] > most ? t->p[j * WEFT_I_QUERIES + i] : most;
            pick[j0 + j] = (weft_i_pick_t){(double)most, chunk[j0 + j]};
        }
    }
    weft_i_pick_t *first = pick + n, *worst = first;
    memcpy(first, pick, (size_t)n * sizeof *pick);
    weft_i_pick_first(first, n, k);
    for (int64_t i = 1; i < k; i++)
        if (weft_i_pick_before(worst, &first[i])) worst = &first[i];
    for (int64_t i = 0, to = 0; i < n; i++)
        if (!weft_i_pick_before(worst, &pick[i])) chunk[to++] = pick[i].row;
}

const int32_t *weft_i_top_k_blocks(const weft_i_top_k_t *p, const weft_i_attention_t *a, weft_i_attention_tile_t *t, int thread, int64_t s, int64_t i0, int64_t nq, int64_t h, int64_t *kept)
{
    const int64_t w = a->width, cols = a->heads * w, blocks = blocks_of(a, s);
    int64_t n = blocks, level = 0;
    *kept = 0;
    if (!p->most || n <= p->k) return NULL;
    const weft_real_t *mean = p->mean + p->first[s] * cols;
    weft_i_pick_t *pick = (weft_i_pick_t *)((char *)p->lists + (size_t)thread * list_size(p->most));
    int32_t *block = (int32_t *)(pick + 2 * p->most);
    for (; n > 2 * p->k; level++) {
        mean += n * cols;
        n = (n + 1) / 2;
    }
    weft_i_panels(w, nq, a->q + i0 * cols + h * w, 1, cols, t->q_columns);
    for (int64_t i = 0; i < n; i++) block[i] = (int32_t)i;
    for (;; level--) {
        if (n > p->k) keep_best(a, t, mean, nq, h, p->k, pick, block, n), n = p->k;
        if (!level) break;
        int64_t below = (blocks + (1ll << (level - 1)) - 1) >> (level - 1); /* chunks of half the size */
        mean -= below * cols;
        for (int64_t i = n - 1; i >= 0; i--) block[2 * i + 1] = 2 * block[i] + 1, block[2 * i] = 2 * block[i];
        n = block[2 * n - 1] < below ? 2 * n : 2 * n - 1; /* the last chunk may be one half alone */
    }
    *kept = n;
    return block;
}
