/* encoding/walk.c: see walk.h. */
#include "encoding/walk.h"
#include "base/alloc.h"
#include "base/isa.h"

#include <string.h>

enum { W = WEFT_I_WALKERS, AHEAD = 16 }; /* arcs whose rows are asked for ahead */

bool weft_i_walk_init(weft_i_walk_t *w, const weft_graph_t *g)
{
    size_t n = (size_t)g->n_src;
    *w = (weft_i_walk_t){.graph = g};
    w->p = weft_i_aligned((n + 1) * W * sizeof *w->p); /* huge pages: rows are met at random */
    w->next = weft_i_aligned((n + 1) * W * sizeof *w->next);
    w->at = weft_i_malloc(n * sizeof *w->at + 1);
    w->to = weft_i_malloc(n * sizeof *w->to + 1);
    w->bit = weft_i_calloc(n / 64 + 1, sizeof *w->bit);
    w->group = weft_i_calloc(n / 4096 + 1, sizeof *w->group);
    if (w->p) memset(w->p, 0, (n + 1) * W * sizeof *w->p);
    if (w->next) memset(w->next, 0, (n + 1) * W * sizeof *w->next);
    return w->p && w->next && w->at && w->to && w->bit && w->group;
}

void weft_i_walk_destroy(weft_i_walk_t *w) { WEFT_I_FREE_ALL(w->p, w->next, w->at, w->to, w->bit, w->group); }

void weft_i_walk_begin(weft_i_walk_t *w, int64_t from, int64_t n)
{
    w->n_at = n;
    for (int64_t j = 0; j < n; j++) {
        w->at[j] = (int32_t)(from + j);
        w->p[(from + j) * W + j] = 1.0f;
    }
}

WEFT_I_WIDE static void push(weft_i_walk_t *w)
{
    const int64_t *offset = w->graph->r_offset, n_arcs = w->graph->n_arcs;
    const int32_t *target = w->graph->r_target;
    uint64_t *bit = w->bit;
    for (int64_t i = 0; i < w->n_at; i++) {
        const int64_t v = w->at[i], end = offset[v + 1];
        const float d = (float)(end - offset[v]), *p = w->p + v * W;
        float share[W];
        for (int k = 0; k < W; k++) share[k] = p[k] / d;
        for (int64_t e = offset[v]; e < end; e++) {
            const int64_t u = target[e];
            float *restrict to = w->next + u * W;
            if (e + AHEAD < n_arcs) __builtin_prefetch(w->next + (int64_t)target[e + AHEAD] * W, 1);
            for (int k = 0; k < W; k++) to[k] += share[k];
            if (!bit[u >> 6]) w->group[u >> 12] |= UINT64_C(1) << (u >> 6 & 63);
            bit[u >> 6] |= UINT64_C(1) << (u & 63);
        }
    }
}

/* The bits become the list `to`, and 0. */
static void collect(weft_i_walk_t *w)
{
    w->n_to = 0;
    for (int64_t g = 0; g <= w->graph->n_src / 4096; g++)
        for (; w->group[g]; w->group[g] &= w->group[g] - 1) {
            int64_t word = g * 64 + __builtin_ctzll(w->group[g]);
            for (; w->bit[word]; w->bit[word] &= w->bit[word] - 1) w->to[w->n_to++] = (int32_t)(word * 64 + __builtin_ctzll(w->bit[word]));
        }
}

bool weft_i_walk_step(weft_i_walk_t *w, int64_t *budget)
{
    const int64_t *offset = w->graph->r_offset;
    int64_t arcs = 0;
    for (int64_t i = 0; i < w->n_at; i++) arcs += offset[w->at[i] + 1] - offset[w->at[i]];
    if (arcs > *budget) return false;
    *budget -= arcs;
    push(w);
    collect(w);
    return true;
}

void weft_i_walk_end(weft_i_walk_t *w)
{
    for (int64_t i = 0; i < w->n_at; i++) memset(w->p + (int64_t)w->at[i] * W, 0, W * sizeof *w->p);
    w->n_at = 0;
}

void weft_i_walk_on(weft_i_walk_t *w)
{
    weft_i_walk_end(w);
    float *p = w->p;
    int32_t *at = w->at;
    w->p = w->next, w->at = w->to, w->n_at = w->n_to;
    w->next = p, w->to = at, w->n_to = 0;
}
