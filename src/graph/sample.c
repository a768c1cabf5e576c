/* graph/sample.c: see weft/sample.h. */
#include "weft/sample.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "graph/graph.h"

#include <string.h>

struct weft_sampler {
    const weft_graph_t *graph;
    int32_t fan_out[WEFT_SAMPLE_LAYERS], n_layers;
    uint64_t seed;
    int32_t *local; /* [n nodes]: -1, but for those of the draw at hand */
    int32_t *node;
    int64_t n_nodes, node_capacity;
    weft_graph_t *layer[WEFT_SAMPLE_LAYERS];
    int32_t *arc[WEFT_SAMPLE_LAYERS];
};

weft_status_t weft_sampler_new(weft_sampler_t **sampler, const weft_graph_t *g, const int32_t *fan_out, int32_t n_layers, uint64_t seed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_sampler_t *s = NULL;
    *sampler = NULL;
    bool good = n_layers >= 1 && n_layers <= WEFT_SAMPLE_LAYERS;
    for (int32_t l = 0; good && l < n_layers; l++) good = fan_out[l] >= 1 && fan_out[l] <= WEFT_SAMPLE_FAN_OUT;
    if (!good) {
        weft_diag_add(diag, WEFT_ERROR, "sample-fan-out", NULL, 0, 0, "1 to %d layers, each with a fan-out of 1 to %d", WEFT_SAMPLE_LAYERS, WEFT_SAMPLE_FAN_OUT);
        return WEFT_EUSAGE;
    }
    if (g->n_src != g->n_dst) {
        weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "sampling needs as many sources as destinations");
        return WEFT_EINPUT;
    }
    WEFT_TRY_ALLOC(s = weft_i_calloc(1, sizeof *s));
    s->graph = g;
    s->n_layers = n_layers;
    s->seed = seed;
    memcpy(s->fan_out, fan_out, (size_t)n_layers * sizeof *fan_out);
    WEFT_TRY_ALLOC(s->local = weft_i_malloc((size_t)g->n_dst * sizeof *s->local + 1));
    for (int64_t i = 0; i < g->n_dst; i++) s->local[i] = -1;
    *sampler = s;
    s = NULL;
done:
    weft_sampler_free(s);
    return status;
}

/* Gives the draw before back. */
static void forget(weft_sampler_t *s)
{
    for (int64_t i = 0; s->local && i < s->n_nodes; i++) s->local[s->node[i]] = -1;
    s->n_nodes = 0;
    for (int32_t l = 0; l < s->n_layers; l++) {
        weft_graph_free(s->layer[l]);
        weft_i_free(s->arc[l]);
        s->layer[l] = NULL;
        s->arc[l] = NULL;
    }
}

void weft_sampler_free(weft_sampler_t *s)
{
    if (!s) return;
    forget(s);
    weft_i_free(s->local);
    weft_i_free(s->node);
    weft_i_free(s);
}

/* f different numbers of 0..d-1, ascending, f < d (Floyd's algorithm, 1987). at: f places. */
static void choose(int32_t *at, int64_t d, int32_t f, uint64_t seed, uint64_t step, uint64_t index)
{
    int32_t n = 0;
    for (int64_t j = d - f; j < d; j++) {
        weft_i_random4_t r = weft_i_random(seed, step, index + (uint64_t)n);
        int32_t t = (int32_t)(((uint64_t)r.v[0] << 32 | r.v[1]) % (uint64_t)(j + 1));
        int32_t low = 0, high = n; /* at[0 .. n) is sorted; the new one goes in its place */
        while (low < high) {
            int32_t mid = (low + high) / 2;
            if (at[mid] < t) low = mid + 1;
            else high = mid;
        }
        if (low < n && at[low] == t) { /* there already: j, which is above all */
            at[n++] = (int32_t)j;
            continue;
        }
        memmove(at + low + 1, at + low, (size_t)(n - low) * sizeof *at);
        at[low] = t;
        n++;
    }
}

/* A row by (source, arc), in place: rows are short as a rule, and a long one may not need memory. */
static void sort_row(int32_t *source, int32_t *arc, int64_t n)
{
    for (int64_t gap = n > 32 ? n / 2 : 1; gap > 0; gap = gap > 1 && gap < 5 ? 1 : gap * 5 / 11)
        for (int64_t i = gap; i < n; i++) {
            int32_t s = source[i], a = arc[i];
            int64_t at = i;
            for (; at >= gap && (source[at - gap] > s || (source[at - gap] == s && arc[at - gap] > a)); at -= gap) {
                source[at] = source[at - gap];
                arc[at] = arc[at - gap];
            }
            source[at] = s;
            arc[at] = a;
        }
}

/* The arcs into the rows so far, as one layer; new sources become rows. */
static weft_status_t add_layer(weft_sampler_t *s, int32_t hop, uint64_t step)
{
    weft_status_t status = WEFT_OK;
    const weft_graph_t *g = s->graph;
    int64_t n_dst = s->n_nodes, *offset = NULL;
    int32_t *arc = NULL, *source = NULL, f = s->fan_out[hop], at_layer = s->n_layers - 1 - hop;
    WEFT_TRY_ALLOC(offset = weft_i_malloc(((size_t)n_dst + 1) * sizeof *offset));
    offset[0] = 0;
    for (int64_t i = 0; i < n_dst; i++) {
        int64_t d = weft_graph_in_degree(g->offset, s->node[i]);
        offset[i + 1] = offset[i] + (d < f ? d : f);
    }
    int64_t n = offset[n_dst];
    WEFT_TRY_ALLOC(arc = weft_i_malloc((size_t)n * sizeof *arc + 1));
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)n * sizeof *source + 1));
#pragma omp parallel for num_threads(n > 4096 ? weft_threads() : 1) schedule(dynamic, 256)
    for (int64_t i = 0; i < n_dst; i++) {
        int64_t v = s->node[i], first = g->offset[v], d = g->offset[v + 1] - first;
        int32_t *to = arc + offset[i];
        if (d <= f) for (int64_t k = 0; k < d; k++) to[k] = (int32_t)k;
        else choose(to, d, f, s->seed, step, (uint64_t)hop << 48 | (uint64_t)v << 16);
        for (int64_t k = 0; k < offset[i + 1] - offset[i]; k++) to[k] += (int32_t)first;
    }
    for (int64_t a = 0; a < n; a++) { /* serial: rows are numbered as they are met */
        int32_t u = g->source[arc[a]];
        if (s->local[u] < 0) {
            if (!WEFT_I_ROOM(s->node, s->node_capacity, s->n_nodes + 1)) WEFT_TRY(WEFT_ENOMEM);
            s->local[u] = (int32_t)s->n_nodes;
            s->node[s->n_nodes++] = u;
        }
        source[a] = s->local[u];
    }
#pragma omp parallel for num_threads(n > 4096 ? weft_threads() : 1) schedule(dynamic, 256)
    for (int64_t i = 0; i < n_dst; i++) sort_row(source + offset[i], arc + offset[i], offset[i + 1] - offset[i]);
    status = weft_i_graph_of_rows(&s->layer[at_layer], s->n_nodes, n_dst, offset, source, true); /* which takes both */
    offset = NULL;
    source = NULL;
    WEFT_TRY(status);
    s->arc[at_layer] = arc;
    arc = NULL;
done:
    weft_i_free(offset);
    weft_i_free(arc);
    weft_i_free(source);
    return status;
}

weft_status_t weft_sampler_draw(weft_sampled_t *sampled, weft_sampler_t *s, const int32_t *node, int64_t n, uint64_t step, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *sampled = (weft_sampled_t){0};
    forget(s);
    if (!WEFT_I_ROOM(s->node, s->node_capacity, n)) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) {
        if (node[i] < 0 || node[i] >= s->graph->n_dst || s->local[node[i]] >= 0) {
            weft_diag_add(diag, WEFT_ERROR, "sample-node", NULL, 0, 0, "node %d is not in the graph, or was named before", node[i]);
            WEFT_TRY(WEFT_EINPUT);
        }
        s->local[node[i]] = (int32_t)i;
        s->node[s->n_nodes++] = node[i];
    }
    for (int32_t hop = 0; hop < s->n_layers; hop++) WEFT_TRY(add_layer(s, hop, step));
    *sampled = (weft_sampled_t){.n_layers = s->n_layers, .n_nodes = s->n_nodes, .node = s->node};
    for (int32_t l = 0; l < s->n_layers; l++) {
        sampled->layer[l] = s->layer[l];
        sampled->arc[l] = s->arc[l];
    }
done:
    if (status != WEFT_OK) forget(s);
    return status;
}
