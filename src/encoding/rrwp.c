/* encoding/rrwp.c: probabilities of walks between near nodes, as arcs. */
#include "base/alloc.h"
#include "base/status.h"
#include "encoding/walk.h"
#include "weft/encoding.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 64, W = WEFT_I_WALKERS };

typedef struct rank { float sum; int32_t node; } rank_t;
/* A thread's scratch: its walkers, and of every node that one of them came to the sum over the steps. */
typedef struct walker {
    weft_i_walk_t walk;
    float *sum; /* [nodes, W] */
    int32_t *seen;
    int64_t n_seen;
    bool *known;
    rank_t *rank;
} walker_t;

static bool walker_init(walker_t *w, const weft_graph_t *g)
{
    size_t n = (size_t)g->n_src + 1;
    w->sum = weft_i_calloc(n * W, sizeof *w->sum);
    w->seen = weft_i_malloc(n * sizeof *w->seen);
    w->known = weft_i_calloc(n, sizeof *w->known);
    w->rank = weft_i_malloc(n * sizeof *w->rank);
    return weft_i_walk_init(&w->walk, g) && w->sum && w->seen && w->known && w->rank;
}

static void walker_destroy(walker_t *w)
{
    weft_i_walk_destroy(&w->walk);
    WEFT_I_FREE_ALL(w->sum, w->seen, w->known, w->rank);
}

static void sum_up(walker_t *w, int64_t from, int64_t n, int32_t steps)
{
    weft_i_walk_t *k = &w->walk;
    int64_t all = INT64_MAX;
    weft_i_walk_begin(k, from, n);
    for (int32_t t = 0;; t++) {
        for (int64_t i = 0; i < k->n_at; i++) {
            const int32_t u = k->at[i];
            if (!w->known[u]) w->seen[w->n_seen++] = u;
            w->known[u] = true;
            for (int j = 0; j < W; j++) w->sum[(int64_t)u * W + j] += k->p[(int64_t)u * W + j];
        }
        if (t + 1 == steps || !weft_i_walk_step(k, &all)) break;
        weft_i_walk_on(k);
    }
    weft_i_walk_end(k);
}

/* Each step's probability of the nodes that each keeps, kept[offset[v]] .. of v. */
static void look_up(walker_t *w, int64_t from, int64_t n, int32_t steps, const int64_t *offset, const int32_t *kept, float *value)
{
    weft_i_walk_t *k = &w->walk;
    int64_t all = INT64_MAX;
    weft_i_walk_begin(k, from, n);
    for (int32_t t = 0;; t++) {
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = offset[from + j]; i < offset[from + j + 1]; i++) value[i * steps + t] = k->p[(int64_t)kept[i] * W + j];
        if (t + 1 == steps || !weft_i_walk_step(k, &all)) break;
        weft_i_walk_on(k);
    }
    weft_i_walk_end(k);
}

static int by_sum(const void *a, const void *b)
{
    const rank_t *x = a, *y = b;
    return x->sum != y->sum ? (x->sum < y->sum) - (x->sum > y->sum) : (x->node > y->node) - (x->node < y->node);
}
static int by_node(const void *a, const void *b) { return (*(const int32_t *)a > *(const int32_t *)b) - (*(const int32_t *)a < *(const int32_t *)b); }

/* The nodes that walker j, at home at v, keeps, ascending, in kept[most]; returns their number. */
static int32_t choose(walker_t *w, int64_t j, int32_t v, int32_t most, int32_t *kept)
{
    int64_t n = 0;
    for (int64_t i = 0; i < w->n_seen; i++) {
        const int32_t u = w->seen[i];
        const float sum = w->sum[(int64_t)u * W + j];
        if (sum > 0.0f) w->rank[n++] = (rank_t){u == v ? 1e30f : sum, u};
    }
    qsort(w->rank, (size_t)n, sizeof *w->rank, by_sum);
    if (n > most) n = most;
    for (int64_t i = 0; i < n; i++) kept[i] = w->rank[i].node;
    qsort(kept, (size_t)n, sizeof *kept, by_node);
    return (int32_t)n;
}

static void forget(walker_t *w)
{
    for (int64_t i = 0; i < w->n_seen; i++) {
        memset(w->sum + (int64_t)w->seen[i] * W, 0, W * sizeof *w->sum);
        w->known[w->seen[i]] = false;
    }
    w->n_seen = 0;
}

weft_status_t weft_encoding_rrwp(weft_graph_t **pairs, float **value, const weft_graph_t *g, int32_t steps, int32_t most, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst, *offset = NULL;
    int32_t n_threads = weft_threads(), *kept = NULL;
    walker_t *walker = NULL;
    *pairs = NULL;
    *value = NULL;
    most = most > 0 ? most : 64;
    if (g->n_src != n || steps < 1 || steps > MOST_STEPS) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(walker = weft_i_calloc((size_t)n_threads, sizeof *walker));
    for (int32_t i = 0; i < n_threads; i++) WEFT_TRY_ALLOC(walker_init(&walker[i], g) ? walker : NULL);
    WEFT_TRY_ALLOC(offset = weft_i_calloc((size_t)n + 1, sizeof *offset));
    WEFT_TRY_ALLOC(kept = weft_i_malloc((size_t)n * (size_t)most * sizeof *kept + 1));
#pragma omp parallel for schedule(dynamic, 4) num_threads(n_threads)
    for (int64_t from = 0; from < n; from += W) {
        walker_t *w = &walker[omp_get_thread_num()];
        int64_t m = n - from < W ? n - from : W;
        sum_up(w, from, m, steps);
        for (int64_t j = 0; j < m; j++) offset[from + j + 1] = choose(w, j, (int32_t)(from + j), most, kept + (from + j) * most);
        forget(w);
    }
    for (int64_t v = 0; v < n; v++) {
        int64_t k = offset[v + 1];
        memmove(kept + offset[v], kept + v * most, (size_t)k * sizeof *kept);
        offset[v + 1] = offset[v] + k;
    }
    WEFT_TRY_ALLOC(*value = weft_i_malloc((size_t)offset[n] * (size_t)steps * sizeof **value + 1));
#pragma omp parallel for schedule(dynamic, 4) num_threads(n_threads)
    for (int64_t from = 0; from < n; from += W) look_up(&walker[omp_get_thread_num()], from, n - from < W ? n - from : W, steps, offset, kept, *value);
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
