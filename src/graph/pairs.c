/* graph/pairs.c: a large graph from its edges with little beside it: no list of arcs, no numbers of edges, no reverse index. Threads share out destinations: each reads all pairs and
 * writes its own rows, so that what is written at random is a part of the graph, and the order of a row does not depend on them. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Ascending, each once; how many are left. */
static int64_t settle(int32_t *row, int64_t n)
{
    enum { SHORT = 48 };
    int64_t kept = 0;
    for (int64_t i = 1; i < n && n <= SHORT; i++) {
        int32_t v = row[i];
        int64_t k = i;
        for (; k > 0 && row[k - 1] > v; k--) row[k] = row[k - 1];
        row[k] = v;
    }
    if (n > SHORT) qsort(row, (size_t)n, sizeof *row, by_number);
    for (int64_t i = 0; i < n; i++)
        if (!kept || row[kept - 1] != row[i]) row[kept++] = row[i];
    return kept;
}

weft_status_t weft_i_graph_of_pairs(weft_graph_t **graph, int64_t n, int64_t n_pairs, const int32_t *pair, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_graph_t *g = NULL;
    int32_t *left = NULL;
    int64_t at = 0;
    *graph = NULL;
    if (n < 0 || n > INT32_MAX || n_pairs < 0 || 2 * n_pairs > INT32_MAX) {
        weft_diag_add(diag, WEFT_ERROR, "graph-size", NULL, 0, 0, "2^31 nodes or arcs, or more");
        return WEFT_EINPUT;
    }
    for (int64_t i = 0; i < 2 * n_pairs; i++)
        if (pair[i] < 0 || pair[i] >= n) {
            weft_diag_add(diag, WEFT_ERROR, "graph-range", NULL, 0, 0, "pair %lld has an end %d, the graph has %lld nodes", (long long)(i / 2), pair[i], (long long)n);
            return WEFT_EINPUT;
        }
    WEFT_TRY_ALLOC(g = weft_i_calloc(1, sizeof *g));
    g->n_src = g->n_dst = n;
    WEFT_TRY_ALLOC(g->offset = weft_i_calloc((size_t)n + 2, sizeof *g->offset));
    WEFT_TRY_ALLOC(g->source = weft_i_malloc((size_t)(2 * n_pairs) * sizeof *g->source + 1));
    WEFT_TRY_ALLOC(left = weft_i_malloc((size_t)n * sizeof *left + 1));
    int64_t *to = g->offset + 1; /* to[v]: where the next arc of v goes; in the end the offset of v + 1 */
    int32_t *source = g->source, parts = weft_i_threads_for(2 * n_pairs);
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int32_t p = 0; p < parts; p++) {
        int64_t first = n * p / parts, end = n * (p + 1) / parts;
        for (int64_t i = 0; i < 2 * n_pairs; i++)
            if (pair[i] >= first && pair[i] < end) to[pair[i] + 1]++;
    }
    for (int64_t v = 0; v < n; v++) to[v + 1] += to[v];
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int32_t p = 0; p < parts; p++) {
        int64_t first = n * p / parts, end = n * (p + 1) / parts;
        for (int64_t i = 0; i < 2 * n_pairs; i++)
            if (pair[i] >= first && pair[i] < end) source[to[pair[i]]++] = pair[i ^ 1];
    }
#pragma omp parallel for num_threads(parts) schedule(dynamic, 4096)
    for (int64_t v = 0; v < n; v++) left[v] = (int32_t)settle(source + g->offset[v], g->offset[v + 1] - g->offset[v]);
    for (int64_t v = 0; v < n; v++) {
        int64_t from = g->offset[v];
        if (at != from) memmove(source + at, source + from, (size_t)left[v] * sizeof *source);
        g->offset[v] = at; /* the next row's beginning is still its own */
        at += left[v];
    }
    g->offset[n] = g->n_arcs = at;
    int32_t *less = weft_i_realloc(g->source, (size_t)at * sizeof *less + 1);
    if (less) g->source = less;
    *graph = g;
    g = NULL;
done:
    weft_i_free(left);
    weft_graph_free(g);
    return status;
}
