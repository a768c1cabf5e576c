/* encoding/rwse.c: return probabilities of random walks. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "encoding/walk.h"
#include "weft/encoding.h"

#include <omp.h>

enum { DENSE = 2048, WALKS = 256, W = WEFT_I_WALKERS };

/* sum[j] = sum over rows of a b / d, column by column. */
static void meet(const weft_graph_t *g, const float *a, const float *b, const int32_t *row, int64_t n_rows, double *sum)
{
    for (int j = 0; j < W; j++) sum[j] = 0.0;
    for (int64_t i = 0; i < n_rows; i++) {
        const int64_t u = row[i], d = g->r_offset[u + 1] - g->r_offset[u];
        const double over = d ? 1.0 / (double)d : 0.0;
        for (int j = 0; j < W; j++) sum[j] += (double)a[u * W + j] * (double)b[u * W + j] * over;
    }
}

/* Where in the w-th of WALKS equal parts of 1 a walk of v's begins. */
static double part(int64_t v, int32_t w) { return ((double)w + (double)weft_i_random(0x70617274, (uint64_t)v, (uint64_t)w / 4).v[w % 4] * 0x1p-32) / WALKS; }

/* What is left of the walkers 0 .. n - 1, from the nodes `from` on: `done` steps are out. */
typedef struct rest { const weft_i_walk_t *walk; int64_t from, n; int32_t done, steps; float *out; } rest_t;

/* One walk of walker j's, the w-th, from u on. Of P^(h+r+h)_vv = sum_u,x q_h(u) (P^r)_ux (P^h)_xv, q_h the row of P^h, u is drawn, x walked to, and the last, where
 * every arc has its reverse, q_h(x) d_v / d_x; else it is P^(h+r), and counted whether x is v. */
static void wander(const rest_t *k, int64_t j, int64_t w, int64_t u)
{
    const weft_graph_t *g = k->walk->graph;
    const int64_t v = k->from + j, *offset = g->r_offset;
    const float own = (float)(offset[v + 1] - offset[v]);
    weft_i_random4_t r = {{0}};
    for (int32_t t = k->done, i = 0; t < k->steps; t++, i++) {
        int64_t d = offset[u + 1] - offset[u];
        if (!d) return;
        if (i % 4 == 0) r = weft_i_random(0x72777365, (uint64_t)v, (uint64_t)(w * k->steps + i / 4));
        u = g->r_target[offset[u] + (int64_t)(((uint64_t)r.v[i % 4] * (uint64_t)d) >> 32)];
        float hit = !g->mirrored ? u == v : k->walk->p[u * W + j] * own / (float)(offset[u + 1] - offset[u]);
        k->out[j * k->steps + t] += hit / WALKS;
    }
}

/* Of each walker WALKS walks go on, one from each part of equal probability of where it is. */
static void estimate(const rest_t *k)
{
    const weft_i_walk_t *walk = k->walk;
    double sum[W] = {0.0}, mark[W];
    int32_t w[W] = {0};
    for (int64_t j = 0; j < W; j++) mark[j] = j < k->n ? part(k->from + j, 0) : 2.0;
    for (int64_t j = 0; j < k->n; j++)
        for (int32_t t = k->done; t < k->steps; t++) k->out[j * k->steps + t] = 0.0f;
    for (int64_t i = 0; i < walk->n_at; i++) {
        const float *p = walk->p + (int64_t)walk->at[i] * W;
        for (int j = 0; j < W; j++) {
            sum[j] += (double)p[j];
            for (; sum[j] > mark[j]; mark[j] = ++w[j] < WALKS ? part(k->from + j, w[j]) : 2.0) wander(k, j, w[j], walk->at[i]);
        }
    }
}

/* Of the walkers 0 .. n - 1 at the nodes from .. on: out [n, steps]. False where steps are estimated. */
static bool block(weft_i_walk_t *w, int64_t from, int64_t n, int32_t steps, float *out, int64_t budget)
{
    const int64_t *offset = w->graph->r_offset;
    rest_t rest = {.walk = w, .from = from, .n = n, .steps = steps, .out = out};
    weft_i_walk_begin(w, from, n);
    while (rest.done < steps && weft_i_walk_step(w, &budget)) {
        if (w->graph->mirrored) { /* (P^s+t)_vv = sum_u q_s(u) q_t(u) d_v / d_u: half the steps do */
            double sum[2][W];
            meet(w->graph, w->p, w->next, w->at, w->n_at, sum[0]);
            meet(w->graph, w->next, w->next, w->to, w->n_to, sum[1]);
            for (int k = 0; k < 2 && rest.done < steps; k++, rest.done++)
                for (int64_t j = 0; j < n; j++) out[j * steps + rest.done] = (float)(sum[k][j] * (double)(offset[from + j + 1] - offset[from + j]));
        } else {
            for (int64_t j = 0; j < n; j++) out[j * steps + rest.done] = w->next[(from + j) * W + j];
            rest.done++;
        }
        weft_i_walk_on(w);
    }
    bool whole = rest.done == steps;
    if (!whole) estimate(&rest);
    weft_i_walk_end(w);
    return whole;
}

weft_status_t weft_encoding_rwse(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, int32_t steps, double budget, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst, most = INT64_MAX, estimated = 0;
    int32_t n_threads = weft_threads();
    weft_i_walk_t *walk = NULL;
    if (g->n_src != g->n_dst || steps < 0) return WEFT_EUSAGE;
    if (!n) return WEFT_OK;
    bool small = first != NULL;
    for (int64_t s = 0; s < n_blocks && first; s++) small &= first[s + 1] - first[s] <= DENSE;
    if (!small) { /* all may pass the same share of the budget; steps beyond it are estimated */
        double share = (budget > 0.0 ? budget : 4e8) / (double)((n + W - 1) / W);
        most = share < 1e18 ? (int64_t)share : INT64_MAX;
    }
    if ((n + W - 1) / W < n_threads) n_threads = (int32_t)((n + W - 1) / W);
    WEFT_TRY_ALLOC(walk = weft_i_calloc((size_t)n_threads, sizeof *walk));
    for (int32_t i = 0; i < n_threads; i++) WEFT_TRY_ALLOC(weft_i_walk_init(&walk[i], g) ? walk : NULL);
#pragma omp parallel for schedule(dynamic, 4) num_threads(n_threads) reduction(+ : estimated)
    for (int64_t from = 0; from < n; from += W) {
        int64_t m = n - from < W ? n - from : W;
        if (!block(&walk[omp_get_thread_num()], from, m, steps, out + from * steps, most)) estimated += m;
    }
    if (estimated)
        weft_diag_add(diag, WEFT_NOTE, "encoding-estimated", NULL, 0, 0, "later return probabilities of %lld of %lld nodes are estimates from %d walks each (more than %lld arcs in reach of %d nodes)", (long long)estimated, (long long)n, WALKS,
                      (long long)most, W);
done:
    for (int32_t i = 0; walk && i < n_threads; i++) weft_i_walk_destroy(&walk[i]);
    weft_i_free(walk);
    return status;
}
