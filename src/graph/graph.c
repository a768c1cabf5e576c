/* graph/graph.c: builders. Arcs are counted and placed by destination, each row is sorted, then flags act on sorted rows. */
#include "graph/graph.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arc { int32_t source, id; } arc_t;

static int by_source(const void *a, const void *b)
{
    const arc_t *x = a, *y = b;
    return x->source != y->source ? (x->source > y->source) - (x->source < y->source) : (x->id > y->id) - (x->id < y->id);
}

static weft_status_t wrong(weft_diag_t *diag, const char *id, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, id, NULL, 0, 0, "%s", text);
    return WEFT_EINPUT;
}

void weft_graph_free(weft_graph_t *g)
{
    if (!g) return;
    weft_i_free(g->offset);
    weft_i_free(g->source);
    weft_i_free(g->edge_id);
    weft_i_free(g->r_offset);
    weft_i_free(g->r_target);
    weft_i_free(g->r_place);
    weft_i_free(g);
}

/* Needs offset and source. */
static weft_status_t make_reverse(weft_graph_t *g)
{
    weft_status_t status = WEFT_OK;
    int32_t *scratch = NULL;
    WEFT_TRY_ALLOC(g->r_offset = weft_i_malloc(((size_t)g->n_src + 1) * sizeof *g->r_offset));
    WEFT_TRY_ALLOC(g->r_target = weft_i_malloc((size_t)g->n_arcs * sizeof *g->r_target));
    WEFT_TRY_ALLOC(g->r_place = weft_i_malloc((size_t)g->n_arcs * sizeof *g->r_place));
    WEFT_TRY_ALLOC(scratch = weft_i_malloc((size_t)weft_i_graph_reverse_scratch(g->n_src, g->n_arcs) * sizeof *scratch + 1));
    weft_i_graph_reverse(g, scratch);
done:
    weft_i_free(scratch);
    return status;
}

static bool ascending(const arc_t *arc, int64_t n)
{
    for (int64_t e = 1; e < n; e++)
        if (by_source(&arc[e - 1], &arc[e]) > 0) return false;
    return true;
}

/* Row v of `arc` stands at from[v] .. from[v + 1]: sorts, merges, drops and adds loops, into g. */
static weft_status_t settle(weft_graph_t *g, arc_t *arc, const int64_t *from, unsigned flags, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t total = from[g->n_dst] + (flags & WEFT_GRAPH_ADD_LOOPS ? g->n_dst : 0), n = 0;
    if (total > INT32_MAX) return wrong(diag, "graph-size", "2^31 arcs or more");
    WEFT_TRY_ALLOC(g->offset = weft_i_malloc(((size_t)g->n_dst + 1) * sizeof *g->offset));
    WEFT_TRY_ALLOC(g->source = weft_i_malloc((size_t)total * sizeof *g->source));
    WEFT_TRY_ALLOC(g->edge_id = weft_i_malloc((size_t)total * sizeof *g->edge_id));
    g->offset[0] = 0;
    for (int64_t v = 0; v < g->n_dst; v++) {
        bool loop = !(flags & WEFT_GRAPH_ADD_LOOPS); /* no loop is wanted any more */
        if (!ascending(arc + from[v], from[v + 1] - from[v])) qsort(arc + from[v], (size_t)(from[v + 1] - from[v]), sizeof *arc, by_source);
        for (int64_t e = from[v]; e < from[v + 1]; e++) {
            if (flags & WEFT_GRAPH_DROP_LOOPS && arc[e].source == v) continue;
            if (flags & WEFT_GRAPH_MERGE && n > g->offset[v] && g->source[n - 1] == arc[e].source) continue;
            if (!loop && arc[e].source > v) {
                g->source[n] = (int32_t)v;
                g->edge_id[n++] = -1;
            }
            loop |= arc[e].source >= v;
            g->source[n] = arc[e].source;
            g->edge_id[n++] = arc[e].id;
        }
        if (!loop) {
            g->source[n] = (int32_t)v;
            g->edge_id[n++] = -1;
        }
        g->offset[v + 1] = n;
    }
    g->n_arcs = n;
done:
    return status;
}

static weft_status_t begin(weft_graph_t **graph, int64_t n_src, int64_t n_dst, unsigned flags, weft_diag_t *diag)
{
    *graph = NULL;
    if (n_src < 0 || n_dst < 0 || n_src > INT32_MAX || n_dst > INT32_MAX) return wrong(diag, "graph-size", "2^31 nodes or more");
    if (n_src != n_dst && flags & (WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_DROP_LOOPS | WEFT_GRAPH_ADD_LOOPS))
        return wrong(diag, "graph-shape", "reversed arcs and loops need as many sources as destinations");
    weft_graph_t *g = weft_i_calloc(1, sizeof *g);
    if (!g) return WEFT_ENOMEM;
    g->n_src = n_src;
    g->n_dst = n_dst;
    *graph = g;
    return WEFT_OK;
}

weft_status_t weft_graph_new(weft_graph_t **graph, int64_t n_src, int64_t n_dst, int64_t n_arcs, const int32_t *source, const int32_t *target,
                             unsigned flags, weft_diag_t *diag)
{
    int64_t *from = NULL;
    arc_t *arc = NULL;
    bool both = flags & WEFT_GRAPH_BOTH_WAYS;
    weft_status_t status = begin(graph, n_src, n_dst, flags, diag);
    if (status != WEFT_OK) return status;
    if (n_arcs < 0 || n_arcs > INT32_MAX) {
        status = wrong(diag, "graph-size", "2^31 arcs or more");
        goto done;
    }
    for (int64_t e = 0; e < n_arcs; e++)
        if (source[e] < 0 || source[e] >= n_src || target[e] < 0 || target[e] >= n_dst) {
            weft_diag_add(diag, WEFT_ERROR, "graph-range", NULL, 0, 0, "pair %lld is %d %d, the graph has %lld sources and %lld destinations",
                          (long long)e, source[e], target[e], (long long)n_src, (long long)n_dst);
            status = WEFT_EINPUT;
            goto done;
        }
    WEFT_TRY_ALLOC(from = weft_i_calloc((size_t)n_dst + 2, sizeof *from));
    WEFT_TRY_ALLOC(arc = weft_i_malloc((size_t)n_arcs * sizeof *arc * (both ? 2 : 1)));
    for (int64_t e = 0; e < n_arcs; e++) {
        from[target[e] + 2]++;
        if (both) from[source[e] + 2]++;
    }
    for (int64_t v = 0; v < n_dst; v++) from[v + 2] += from[v + 1];
    for (int64_t e = 0; e < n_arcs; e++) {
        arc[from[target[e] + 1]++] = (arc_t){source[e], (int32_t)e};
        if (both) arc[from[source[e] + 1]++] = (arc_t){target[e], (int32_t)e};
    }
    WEFT_TRY(settle(*graph, arc, from, flags, diag));
    WEFT_TRY(make_reverse(*graph));
done:
    weft_i_free(from);
    weft_i_free(arc);
    if (status != WEFT_OK) {
        weft_graph_free(*graph);
        *graph = NULL;
    }
    return status;
}

weft_status_t weft_graph_from_rows(weft_graph_t **graph, int64_t n_src, int64_t n_dst, const int64_t *offset, const int32_t *source, weft_diag_t *diag)
{
    arc_t *arc = NULL;
    weft_status_t status = begin(graph, n_src, n_dst, 0, diag);
    if (status != WEFT_OK) return status;
    for (int64_t v = 0; v < n_dst; v++)
        if (offset[0] != 0 || offset[v + 1] < offset[v] || offset[v + 1] > INT32_MAX) {
            status = wrong(diag, "graph-offsets", "row offsets must begin with 0 and not fall");
            goto done;
        }
    int64_t n = n_dst ? offset[n_dst] : 0;
    for (int64_t e = 0; e < n; e++)
        if (source[e] < 0 || source[e] >= n_src) {
            weft_diag_add(diag, WEFT_ERROR, "graph-range", NULL, 0, 0, "entry %lld is %d, there are %lld", (long long)e, source[e], (long long)n_src);
            status = WEFT_EINPUT;
            goto done;
        }
    WEFT_TRY_ALLOC(arc = weft_i_malloc((size_t)n * sizeof *arc));
    for (int64_t e = 0; e < n; e++) arc[e] = (arc_t){source[e], (int32_t)e};
    int64_t none[1] = {0};
    WEFT_TRY(settle(*graph, arc, n_dst ? offset : none, 0, diag));
    WEFT_TRY(make_reverse(*graph));
done:
    weft_i_free(arc);
    if (status != WEFT_OK) {
        weft_graph_free(*graph);
        *graph = NULL;
    }
    return status;
}

weft_status_t weft_i_graph_of_rows(weft_graph_t **graph, int64_t n_src, int64_t n_dst, int64_t *offset, int32_t *source, bool back)
{
    weft_status_t status = WEFT_OK;
    weft_graph_t *g = weft_i_calloc(1, sizeof *g);
    *graph = NULL;
    if (!g) {
        weft_i_free(offset);
        weft_i_free(source);
        return WEFT_ENOMEM;
    }
    *g = (weft_graph_t){.n_src = n_src, .n_dst = n_dst, .n_arcs = offset[n_dst], .offset = offset, .source = source};
    if (back) {
        WEFT_TRY_ALLOC(g->edge_id = weft_i_malloc((size_t)g->n_arcs * sizeof *g->edge_id));
        for (int64_t e = 0; e < g->n_arcs; e++) g->edge_id[e] = (int32_t)e;
        WEFT_TRY(make_reverse(g));
    }
    *graph = g;
    g = NULL;
done:
    weft_graph_free(g);
    return status;
}

weft_status_t weft_graph_from_lookup(weft_graph_t **graph, int64_t n_rows, int64_t n, const int32_t *row, bool transpose, weft_diag_t *diag)
{
    *graph = NULL;
    int32_t *number = weft_i_malloc((size_t)(n > 0 ? n : 0) * sizeof *number);
    if (!number) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) number[i] = (int32_t)i;
    weft_status_t status = transpose ? weft_graph_new(graph, n, n_rows, n, number, row, 0, diag) : weft_graph_new(graph, n_rows, n, n, row, number, 0, diag);
    weft_i_free(number);
    return status;
}

weft_status_t weft_graph_with(weft_graph_t **graph, const weft_graph_t *g, unsigned flags, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *target = NULL;
    *graph = NULL;
    WEFT_TRY_ALLOC(target = weft_i_malloc((size_t)g->n_arcs * sizeof *target));
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) target[e] = (int32_t)v;
    WEFT_TRY(weft_graph_new(graph, g->n_src, g->n_dst, g->n_arcs, g->source, target, flags, diag));
    for (int64_t e = 0; e < (*graph)->n_arcs; e++)
        if ((*graph)->edge_id[e] >= 0) (*graph)->edge_id[e] = g->edge_id[(*graph)->edge_id[e]];
done:
    weft_i_free(target);
    return status;
}

int64_t weft_graph_n_src(const weft_graph_t *g) { return g->n_src; }
int64_t weft_graph_n_dst(const weft_graph_t *g) { return g->n_dst; }
int64_t weft_graph_n_arcs(const weft_graph_t *g) { return g->n_arcs; }
const int64_t *weft_graph_offsets(const weft_graph_t *g) { return g->offset; }
const int32_t *weft_graph_sources(const weft_graph_t *g) { return g->source; }
const int32_t *weft_graph_edge_ids(const weft_graph_t *g) { return g->edge_id; }

void weft_graph_gcn_weights(const weft_graph_t *g, weft_real_t *weight)
{
    const int64_t *by_source_offset = g->n_src == g->n_dst ? g->offset : g->r_offset;
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) {
            double du = (double)weft_graph_in_degree(by_source_offset, g->source[e]), dv = (double)weft_graph_in_degree(g->offset, v);
            weight[e] = du > 0.0 ? (weft_real_t)(1.0 / sqrt(du * dv)) : 0;
        }
}

void weft_graph_mean_weights(const weft_graph_t *g, weft_real_t *weight)
{
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) weight[e] = (weft_real_t)(1.0 / (double)weft_graph_in_degree(g->offset, v));
}
