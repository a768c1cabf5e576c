/* autograd/op_attention.c: softmax attention within segments of rows: the op, and how its tiles are shared out over threads (attention_tile.c: their arithmetic). */
#include "autograd/attention_tile.h"
#include "autograd/attention_top_k.h"
#include "autograd/op_common.h"
#include "base/real.h"
#include "weft/attention.h"

#include <omp.h>
#include <string.h>

static void setup(weft_i_attention_t *a, const weft_var_t *v)
{
    const weft_var_t *q = v->in[0], *k = v->in[1], *w = v->in[2];
    *a = (weft_i_attention_t){.q = q->value, .k = k->value, .v = w->value, .sink = v->n_in > 3 ? v->in[3]->value : NULL, .heads = v->attr.i[0], .q_first = v->attr.p[0],
                       .k_first = v->attr.p[1], .n_segments = v->attr.i[1], .seed = weft_i_tape_seed(v->tape), .stream = weft_i_tape_stream(v), .below = (uint32_t)v->attr.i[2]};
    a->width = q->cols / a->heads;
    a->v_width = w->cols / a->heads;
    a->out_cols = v->cols;
    a->scale = 1 / weft_i_sqrt((weft_real_t)a->width);
    a->keep = (weft_real_t)(65536.0 / (65536.0 - (double)a->below));
    for (a->bits = 16; a->bits > 1 && !(a->below & ((1u << (16 - a->bits / 2)) - 1));) a->bits /= 2;
    if (!a->q_first) { /* all rows are one segment */
        a->one[1] = q->rows;
        a->one[3] = k->rows;
        a->q_first = a->one;
        a->k_first = a->one + 2;
        a->n_segments = 1;
    }
}

/* Blocks of keys that a block of queries keeps; 0: all. */
static int64_t top_k_of(const weft_var_t *v) { return (int64_t)v->attr.f[0]; }

static bool infer(weft_var_t *v)
{
    const weft_var_t *q = v->in[0], *k = v->in[1], *w = v->in[2];
    int64_t heads = v->attr.i[0], top_k = top_k_of(v);
    v->rows = q->rows;
    v->cols = w->cols + (v->attr.i[3] ? heads : 0);
    if (q->cols != k->cols) return weft_i_fail_shapes(v, q, k);
    if (k->rows != w->rows) return weft_i_fail_shapes(v, k, w);
    if (v->n_in > 3 && (v->in[3]->rows != 1 || v->in[3]->cols != heads)) return weft_i_fail_shapes(v, q, v->in[3]);
    if (heads < 1 || q->cols % heads || w->cols % heads || q->cols / heads > WEFT_I_MOST_HEAD || w->cols / heads > WEFT_I_MOST_HEAD)
        return weft_i_fail(v->tape, WEFT_EUSAGE, "attention: %lld heads of %lld and %lld columns (at most %d a head)", (long long)heads, (long long)q->cols, (long long)w->cols, WEFT_I_MOST_HEAD);
    if (top_k < 0) return weft_i_fail(v->tape, WEFT_EUSAGE, "attention: top_k must be 1 or more blocks of keys");
    const int64_t *f = v->attr.p[0], *g = v->attr.p[1];
    int64_t n = v->attr.i[1];
    return !f || (f[0] == 0 && f[n] == q->rows && g[0] == 0 && g[n] == k->rows) || weft_i_fail(v->tape, WEFT_EUSAGE, "attention: the segments do not cover the rows");
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

static int threads(const weft_i_attention_t *a, int64_t items)
{
    double work = 0.0;
    for (int64_t s = 0; s < a->n_segments; s++) work += (double)(a->q_first[s + 1] - a->q_first[s]) * (double)(a->k_first[s + 1] - a->k_first[s]) * (double)((a->width + a->v_width) * a->heads);
    int n = weft_i_threads_for(work < 1e18 ? (int64_t)work : (int64_t)1e18);
    return items < n ? (int)(items > 0 ? items : 1) : n;
}

static weft_i_attention_tile_t *tiles(const weft_var_t *v, int n, weft_i_buffer_t *b)
{
    *b = weft_i_take(v->tape, (size_t)n * sizeof(weft_i_attention_tile_t));
    return b->data;
}

void weft_i_room_attention(const weft_var_t *v, weft_i_room_t *room)
{
    weft_i_attention_t a;
    setup(&a, v);
    size_t own = (size_t)(v->rows * a.heads + 1) * sizeof(weft_real_t), work = (size_t)threads(&a, INT64_MAX) * sizeof(weft_i_attention_tile_t) + (size_t)(a.n_segments + 1) * sizeof(int64_t); /* a tile for each thread, at most */
    size_t choice = weft_i_top_k_size(&a, top_k_of(v), threads(&a, INT64_MAX));
    work += work / 4 + 256; /* several buffers, each rounded up by at most a quarter */
    room->kept[0] = own;
    room->forward = work + choice + choice / 4;
    room->backward = work + own + own / 4;
}

static bool forward(weft_var_t *v)
{
    weft_i_attention_t a;
    weft_i_top_k_t p;
    weft_i_buffer_t blocks = {NULL, 0}, room = {NULL, 0};
    setup(&a, v);
    weft_real_t *log_sum = weft_i_keep(v, 0, (size_t)(v->rows * a.heads + 1) * sizeof *log_sum);
    int64_t *first = log_sum ? count_blocks(v, a.q_first, a.n_segments, WEFT_I_QUERIES, &blocks) : NULL;
    if (!first) return false;
    int64_t items = first[a.n_segments] * a.heads;
    int n = threads(&a, items);
    weft_i_attention_tile_t *tile = tiles(v, n, &room);
    bool ok = weft_i_top_k_begin(&p, v->tape, &a, top_k_of(v), n) && tile;
    if (ok) {
#pragma omp parallel num_threads(n)
        {
            weft_i_attention_tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
            for (int64_t x = 0; x < items; x++) {
                int64_t b = x / a.heads, s = segment_of(first, a.n_segments, b), i0 = a.q_first[s] + (b - first[s]) * WEFT_I_QUERIES, nq = a.q_first[s + 1] - i0, kept;
                if (nq > WEFT_I_QUERIES) nq = WEFT_I_QUERIES;
                const int32_t *block = weft_i_top_k_blocks(&p, &a, t, omp_get_thread_num(), s, i0, nq, x % a.heads, &kept);
                weft_i_attend(&a, t, s, i0, nq, x % a.heads, block, kept, v->value, log_sum);
            }
        }
    }
    weft_i_top_k_end(&p, v->tape);
    weft_i_give(v->tape, &room);
    weft_i_give(v->tape, &blocks);
    return ok;
}

/* dL/db_h of the sink: its weight's share of -own, e^(b - L). */
static void back_sink(const weft_i_attention_t *a, int64_t rows, const weft_real_t *log_sum, const weft_real_t *own, weft_real_t *db, bool add)
{
    for (int64_t h = 0; h < a->heads; h++) {
        double sum = 0.0;
        for (int64_t i = 0; i < rows; i++) sum -= (double)weft_i_exp(a->sink[h] - log_sum[i * a->heads + h]) * (double)own[i * a->heads + h];
        db[h] = (add ? db[h] : 0) + (weft_real_t)sum;
    }
}

static bool backward(weft_var_t *v)
{
    weft_i_attention_t a;
    weft_i_buffer_t blocks = {NULL, 0}, room = {NULL, 0}, dots_of = {NULL, 0};
    if (top_k_of(v)) return weft_i_fail(v->tape, WEFT_EUSAGE, "attention: there is no gradient where blocks of keys are left out (top_k)");
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
    int64_t *first = count_blocks(v, a.k_first, a.n_segments, WEFT_I_KEYS, &blocks);
    if (!own || !first) goto done;
    WEFT_I_EACH_ROW(v->rows * heads, vw, r, {
        const weft_real_t *o = y + r / heads * os + r % heads * vw, *d = dy + r / heads * os + r % heads * vw;
        weft_real_t sum = 0;
        for (int64_t c = 0; c < vw; c++) sum += d[c] * o[c];
        own[r] = os > vs ? sum - dy[r / heads * os + vs + r % heads] : sum;
    });
    int64_t most_blocks = first[a.n_segments] * heads;
    int n = threads(&a, most_blocks);
    weft_i_attention_tile_t *tile = tiles(v, n, &room);
    if (!tile) goto done;
#pragma omp parallel num_threads(n)
    {
        weft_i_attention_tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
        for (int64_t x = 0; x < most_blocks; x++) {
            int64_t b = x / heads, s = segment_of(first, a.n_segments, b), j0 = (b - first[s]) * WEFT_I_KEYS, nk = a.k_first[s + 1] - a.k_first[s];
            weft_i_attend_back_keys(&a, t, s, j0, nk - j0 < WEFT_I_KEYS ? nk - j0 : WEFT_I_KEYS, x % heads, log_sum, own, dy, nk <= WEFT_I_KEYS ? g[0] : NULL, g[1], g[2]);
        }
    }
    weft_i_give(v->tape, &blocks);
    first = g[0] ? count_blocks(v, a.q_first, a.n_segments, WEFT_I_QUERIES, &blocks) : NULL;
    if (g[0] && !first) goto done;
    if (g[0]) {
        int64_t items = first[a.n_segments] * heads;
#pragma omp parallel num_threads(n)
        {
            weft_i_attention_tile_t *t = tile + omp_get_thread_num();
#pragma omp for schedule(dynamic, 4)
            for (int64_t x = 0; x < items; x++) {
                int64_t b = x / heads, s = segment_of(first, a.n_segments, b), i0 = a.q_first[s] + (b - first[s]) * WEFT_I_QUERIES;
                if (a.k_first[s + 1] - a.k_first[s] > WEFT_I_KEYS)
                    weft_i_attend_back_queries(&a, t, s, i0, a.q_first[s + 1] - i0 < WEFT_I_QUERIES ? a.q_first[s + 1] - i0 : WEFT_I_QUERIES, x % heads, log_sum, own, dy, g[0]);
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

static weft_var_t *attend(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, double drop, bool log_sums, int32_t top_k)
{
    weft_var_t *in[4] = {q, k, x, sink};
    if (!q) return NULL;
    bool masked = drop > 0.0 && weft_tape_training(q->tape);
    weft_i_attr_t attr = {.f = {top_k}, .i = {heads, segments ? segments->n : 0, masked ? (int64_t)(drop * 65536.0 + 0.5) : 0, log_sums},
                          .p = {segments ? segments->first : NULL, segments ? segments->key_first ? segments->key_first : segments->first : NULL}};
    return weft_i_apply(&weft_i_op_attention, q->tape, in, sink ? 4 : 3, &attr);
}

weft_var_t *weft_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, double drop)
{
    return attend(q, k, x, sink, heads, segments, drop, false, 0);
}

weft_var_t *weft_attention_part(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, double drop)
{
    return attend(q, k, x, NULL, heads, segments, drop, true, 0);
}

weft_var_t *weft_attention_top_k(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, int32_t top_k)
{
    return attend(q, k, x, sink, heads, segments, 0.0, false, top_k > 0 ? top_k : -1);
}
const weft_i_op_t weft_i_op_attention = {"attention", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3) | WEFT_I_SAVE_OUT, false, infer, forward, backward};
