/* encoding/rrwp.c: probabilities of walks between near nodes, as arcs. */
#include "base/alloc.h"
#include "base/status.h"
#include "graph/graph.h"
#include "weft/encoding.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 64 };

/* One walker's scratch: rows of P^t over all nodes, filled in where it came. */
typedef struct walker {
    float *p, *next, *sum;
    int32_t *at, *new_at, *seen;
    int64_t n_seen;
} walker_t;

static bool walker_init(walker_t *w, int64_t n)
{
    w->p = weft_i_calloc((size_t)n, sizeof *w->p);
    w->next = weft_i_calloc((size_t)n, sizeof *w->next);
    w->sum = weft_i_calloc((size_t)n, sizeof *w->sum);
    w->at = weft_i_malloc((size_t)n * sizeof *w->at);
    w->new_at = weft_i_malloc((size_t)n * sizeof *w->new_at);
    w->seen = weft_i_malloc((size_t)n * sizeof *w->seen);
    return w->p && w->next && w->sum && w->at && w->new_at && w->seen;
}

static void walker_destroy(walker_t *w)
{
    weft_i_free(w->p);
    weft_i_free(w->next);
    weft_i_free(w->sum);
    weft_i_free(w->at);
    weft_i_free(w->new_at);
    weft_i_free(w->seen);
}

/* Walks from v: sums up over the steps, or, with the nodes to keep given, writes each step of theirs to value [n_kept, steps]. */
static void walk(const weft_graph_t *g, int32_t v, int32_t steps, walker_t *w, const int32_t *kept, int64_t n_kept, float *value)
{
    int64_t n = 1;
    w->at[0] = v;
    w->p[v] = 1.0f;
    for (int32_t t = 0; t < steps; t++) {
        int64_t m = 0;
        if (kept)
            for (int64_t i = 0; i < n_kept; i++) value[i * steps + t] = w->p[kept[i]];
        else
            for (int64_t i = 0; i < n; i++) {
                if (w->sum[w->at[i]] == 0.0f) w->seen[w->n_seen++] = w->at[i];
                w->sum[w->at[i]] += w->p[w->at[i]];
            }
        for (int64_t i = 0; i < n && t + 1 < steps; i++) {
            int32_t u = w->at[i];
            int64_t d = g->r_offset[u + 1] - g->r_offset[u];
            float share = d ? w->p[u] / (float)d : 0.0f;
            for (int64_t e = g->r_offset[u]; e < g->r_offset[u + 1]; e++) {
                int32_t to = g->r_target[e];
                if (w->next[to] == 0.0f && share > 0.0f) w->new_at[m++] = to;
                w->next[to] += share;
            }
        }
        for (int64_t i = 0; i < n; i++) w->p[w->at[i]] = 0.0f;
        float *p = w->p;
        w->p = w->next;
        w->next = p;
        int32_t *at = w->at;
        w->at = w->new_at;
        w->new_at = at;
        n = m;
    }
    for (int64_t i = 0; i < n; i++) w->p[w->at[i]] = 0.0f;
}

typedef struct rank { float sum; int32_t node; } rank_t;
static int by_sum(const void *a, const void *b)
{
    const rank_t *x = a, *y = b;
    return x->sum != y->sum ? (x->sum < y->sum) - (x->sum > y->sum) : (x->node > y->node) - (x->node < y->node);
}
static int by_node(const void *a, const void *b) { return (*(const int32_t *)a > *(const int32_t *)b) - (*(const int32_t *)a < *(const int32_t *)b); }

/* The nodes that v keeps, ascending, in kept[most]; returns their number, -1: out of memory. */
static int32_t choose(int32_t v, walker_t *w, int32_t most, int32_t *kept)
{
    rank_t *r = weft_i_malloc((size_t)w->n_seen * sizeof *r + 1);
    if (!r) return -1;
    for (int64_t i = 0; i < w->n_seen; i++) {
        r[i] = (rank_t){w->seen[i] == v ? 1e30f : w->sum[w->seen[i]], w->seen[i]};
        w->sum[w->seen[i]] = 0.0f;
    }
    qsort(r, (size_t)w->n_seen, sizeof *r, by_sum);
    int32_t n = (int32_t)(w->n_seen < most ? w->n_seen : most);
    for (int32_t i = 0; i < n; i++) kept[i] = r[i].node;
    qsort(kept, (size_t)n, sizeof *kept, by_node);
    weft_i_free(r);
    w->n_seen = 0;
    return n;
}

weft_status_t weft_encoding_rrwp(weft_graph_t **pairs, float **value, const weft_graph_t *g, int32_t steps, int32_t most, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst, *offset = NULL;
    int32_t n_threads = weft_threads(), *kept = NULL;
    walker_t *walker = NULL;
    bool failed = false;
    *pairs = NULL;
    *value = NULL;
    most = most > 0 ? most : 64;
    if (g->n_src != n || steps < 1 || steps > MOST_STEPS) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(walker = weft_i_calloc((size_t)n_threads, sizeof *walker));
    for (int32_t i = 0; i < n_threads; i++) WEFT_TRY_ALLOC(walker_init(&walker[i], n + 1) ? walker : NULL);
    WEFT_TRY_ALLOC(offset = weft_i_calloc((size_t)n + 1, sizeof *offset));
    WEFT_TRY_ALLOC(kept = weft_i_malloc((size_t)n * (size_t)most * sizeof *kept + 1));
#pragma omp parallel for schedule(dynamic, 64) num_threads(n_threads)
    for (int64_t v = 0; v < n; v++) {
        walker_t *w = &walker[omp_get_thread_num()];
        walk(g, (int32_t)v, steps, w, NULL, 0, NULL);
        int32_t k = choose((int32_t)v, w, most, kept + v * most);
        if (k < 0) {
#pragma omp atomic write
            failed = true;
        }
        offset[v + 1] = k;
    }
    if (failed) WEFT_TRY(WEFT_ENOMEM);
    for (int64_t v = 0; v < n; v++) {
        int64_t k = offset[v + 1];
        memmove(kept + offset[v], kept + v * most, (size_t)k * sizeof *kept);
        offset[v + 1] = offset[v] + k;
    }
    WEFT_TRY_ALLOC(*value = weft_i_malloc((size_t)offset[n] * (size_t)steps * sizeof **value + 1));
#pragma omp parallel for schedule(dynamic, 64) num_threads(n_threads)
    for (int64_t v = 0; v < n; v++) walk(g, (int32_t)v, steps, &walker[omp_get_thread_num()], kept + offset[v], offset[v + 1] - offset[v], *value + offset[v] * steps);
    WEFT_TRY(weft_graph_from_rows(pairs, n, n, offset, kept, diag));
done:
    for (int32_t i = 0; walker && i < n_threads; i++) walker_destroy(&walker[i]);
    weft_i_free(walker);
    weft_i_free(offset);
    weft_i_free(kept);
    if (status != WEFT_OK) {
        weft_i_free(*value);
        *value = NULL;
    }
    return status;
}
