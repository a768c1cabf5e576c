/* predict/net_infer.c: the net's answer without a tape: layer by layer, a block of nets at a time, so that two states are all that grows with the design. */
#include "base/alloc.h"
#include "base/status.h"
#include "graph/graph.h"
#include "predict/net_model.h"
#include "tensor/gemm.h"
#include "tensor/lanes.h"

#include <omp.h>
#include <string.h>

enum { F = WEFT_I_N_NET_COLUMNS, H = WEFT_I_NET_WIDTH, OUT = WEFT_I_NET_OUT };

typedef struct pass {
    const weft_i_net_model_t *net;
    const weft_i_net_graph_t *g;
    weft_real_t *h, *next;                    /* [n, H] */
    weft_real_t *x, *gathered, *z, *scratch;  /* of a block */
    weft_real_t all[H], said[H];              /* mean of all states, and its share in every row */
} pass_t;

static void relu(weft_real_t *x, int64_t n)
{
#pragma omp parallel for simd schedule(static) num_threads(weft_i_threads_for(n))
    for (int64_t i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

/* x [n, cols] += row. */
static void add_row(int64_t n, int64_t cols, const weft_real_t *row, weft_real_t *x)
{
#pragma omp parallel for schedule(static) num_threads(weft_i_threads_for(n * cols))
    for (int64_t i = 0; i < n; i++) {
#pragma omp simd
        for (int64_t k = 0; k < cols; k++) x[i * cols + k] += row[k];
    }
}

static void map(const weft_linear_t *l, int64_t n, const weft_real_t *x, int64_t in, int64_t out, weft_real_t *y, bool add, weft_real_t *scratch)
{
    weft_i_gemm_nn(n, in, out, x, l->w->value, y, add, scratch);
    if (l->b) add_row(n, out, l->b->value, y);
}

/* Means over the neighbours of rows first..last. */
static void gather(const weft_i_rows_t *rows, int64_t first, int64_t last, const weft_real_t *h, weft_real_t *to)
{
#pragma omp parallel for schedule(static) num_threads(weft_i_threads_for((last - first) * H * 4))
    for (int64_t i = first; i < last; i++) {
        weft_real_t *sum = to + (i - first) * H;
        memset(sum, 0, H * sizeof *sum);
        for (int64_t e = rows->offset[i]; e < rows->offset[i + 1]; e++) {
            const weft_real_t *from = h + (int64_t)rows->col[e] * H;
#pragma omp simd
            for (int64_t k = 0; k < H; k++) sum[k] += from[k];
        }
        weft_real_t share = rows->offset[i + 1] > rows->offset[i] ? 1 / (weft_real_t)(rows->offset[i + 1] - rows->offset[i]) : 0;
        for (int64_t k = 0; k < H; k++) sum[k] *= share;
    }
}

static void layer_block(pass_t *p, int32_t layer, int64_t first, int64_t last)
{
    const weft_linear_t *mix = p->net->mix[layer];
    const weft_i_rows_t in = weft_i_graph_in(p->g->fanin), out = weft_i_graph_in(p->g->fanout);
    int64_t n = last - first;
    map(&mix[0], n, p->h + first * H, H, H, p->z, false, p->scratch);
    if (!p->net->alone) {
        gather(&in, first, last, p->h, p->gathered);
        map(&mix[1], n, p->gathered, H, H, p->z, true, p->scratch);
        gather(&out, first, last, p->h, p->gathered);
        map(&mix[2], n, p->gathered, H, H, p->z, true, p->scratch);
        add_row(n, H, p->said, p->z);
    }
    relu(p->z, n * H);
    memcpy(p->next + first * H, p->h + first * H, (size_t)(n * H) * sizeof *p->h);
    map(&p->net->back[layer], n, p->z, H, H, p->next + first * H, true, p->scratch);
}

static int32_t run(pass_t *p, int64_t block, float *answer)
{
    int64_t n = p->g->n;
    int32_t beyond = 0;
    for (int64_t i = 0; i < n; i += block) {
        int64_t rows = n - i < block ? n - i : block;
        beyond += weft_i_net_model_input(p->net, p->g, i, rows, p->x);
        map(&p->net->in, rows, p->x, F, H, p->h + i * H, false, p->scratch);
        relu(p->h + i * H, rows * H);
    }
    for (int32_t k = 0; k < WEFT_I_NET_LAYERS; k++) {
        if (!p->net->alone) {
            weft_i_sum_rows(n, H, p->h, p->all, false, p->next); /* over fixed lanes: the same bits for every block */
            for (int32_t j = 0; j < H; j++) p->all[j] /= (weft_real_t)n;
            map(&p->net->mix[k][3], 1, p->all, H, H, p->said, false, p->scratch);
        }
        for (int64_t i = 0; i < n; i += block) layer_block(p, k, i, n - i < block ? n : i + block);
        weft_real_t *swap = p->h;
        p->h = p->next;
        p->next = swap;
    }
    for (int64_t i = 0; i < n; i += block) {
        int64_t rows = n - i < block ? n - i : block;
        relu(p->h + i * H, rows * H);
        map(&p->net->head, rows, p->h + i * H, H, OUT, p->z, false, p->scratch);
        for (int64_t k = 0; k < rows * OUT; k++) answer[i * OUT + k] = (float)p->z[k];
    }
    return beyond;
}

weft_status_t weft_i_net_infer(float *answer, int32_t *beyond, const weft_i_net_model_t *net, const weft_i_net_graph_t *g, int64_t block)
{
    weft_status_t status = WEFT_OK;
    pass_t p = {.net = net, .g = g};
    size_t unit = sizeof *p.h, rows = (size_t)(block < g->n ? block : g->n), states = (size_t)g->n + WEFT_I_MAX_LANES;
    *beyond = 0;
    if (!g->n) return WEFT_OK;
    WEFT_TRY_ALLOC(p.h = weft_i_aligned(states * H * unit + 64));
    WEFT_TRY_ALLOC(p.next = weft_i_aligned(states * H * unit + 64));
    WEFT_TRY_ALLOC(p.x = weft_i_aligned(rows * F * unit + 64));
    WEFT_TRY_ALLOC(p.gathered = weft_i_aligned(rows * H * unit + 64));
    WEFT_TRY_ALLOC(p.z = weft_i_aligned(rows * H * unit + 64));
    WEFT_TRY_ALLOC(p.scratch = weft_i_aligned((size_t)weft_i_gemm_scratch(H, H) * unit + 64));
    *beyond = run(&p, (int64_t)rows, answer);
done:
    weft_i_free(p.h);
    weft_i_free(p.next);
    weft_i_free(p.x);
    weft_i_free(p.gathered);
    weft_i_free(p.z);
    weft_i_free(p.scratch);
    return status;
}
