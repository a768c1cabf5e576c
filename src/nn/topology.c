/* nn/topology.c: a graph in the forms that layers ask for. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/nn.h"

static weft_status_t gcn_of(weft_weights_t **to, const weft_graph_t *g)
{
    weft_real_t *w = weft_i_malloc((size_t)weft_graph_n_arcs(g) * sizeof *w + 1);
    if (!w) return WEFT_ENOMEM;
    weft_graph_gcn_weights(g, w);
    *to = weft_weights_new(g, w);
    weft_i_free(w);
    return *to ? WEFT_OK : WEFT_ENOMEM;
}

weft_status_t weft_topology_init(weft_topology_t *t, const weft_graph_t *g, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *t = (weft_topology_t){.graph = g};
    int64_t n_src = weft_graph_n_src(g), n_dst = weft_graph_n_dst(g);
    int32_t *first = NULL;
    if (n_src != n_dst) {
        WEFT_TRY(gcn_of(&t->gcn, g));
        if (n_dst > n_src) return WEFT_OK;
        WEFT_TRY_ALLOC(first = weft_i_malloc((size_t)n_dst * sizeof *first + 1));
        for (int64_t v = 0; v < n_dst; v++) first[v] = (int32_t)v;
        WEFT_TRY(weft_graph_from_lookup(&t->own, n_src, n_dst, first, false, diag));
        goto done;
    }
    WEFT_TRY(weft_graph_with(&t->looped, g, WEFT_GRAPH_DROP_LOOPS | WEFT_GRAPH_ADD_LOOPS, diag));
    WEFT_TRY(gcn_of(&t->gcn, t->looped));
done:
    weft_i_free(first);
    if (status != WEFT_OK) weft_topology_destroy(t);
    return status;
}

weft_var_t *weft_topology_own(const weft_topology_t *t, weft_var_t *x) { return t->own ? weft_spmm(t->own, NULL, x, WEFT_SUM) : x; }

/* The nodes two arcs away from v and no nearer into to (NULL: only counted); mark[u] == v: seen. */
static int64_t second_steps(const int64_t *offset, const int32_t *source, int32_t v, int32_t *mark, int32_t *to)
{
    int64_t n = 0;
    mark[v] = v;
    for (int64_t e = offset[v]; e < offset[v + 1]; e++) mark[source[e]] = v;
    for (int64_t e = offset[v]; e < offset[v + 1]; e++)
        for (int64_t f = offset[source[e]]; f < offset[source[e] + 1]; f++)
            if (mark[source[f]] != v) {
                mark[source[f]] = v;
                if (to) to[n] = source[f];
                n++;
            }
    return n;
}

weft_status_t weft_topology_add_two_steps(weft_topology_t *t, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = weft_graph_n_dst(t->graph), *offset2 = NULL;
    int32_t *mark = NULL, *source2 = NULL;
    if (weft_graph_n_src(t->graph) != n) {
        weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "second steps need as many sources as destinations");
        return WEFT_EUSAGE;
    }
    WEFT_TRY(weft_graph_with(&t->one_step, t->graph, WEFT_GRAPH_DROP_LOOPS | WEFT_GRAPH_MERGE, diag));
    const int64_t *offset = weft_graph_offsets(t->one_step);
    const int32_t *source = weft_graph_sources(t->one_step);
    WEFT_TRY_ALLOC(offset2 = weft_i_malloc((size_t)(n + 1) * sizeof *offset2));
    WEFT_TRY_ALLOC(mark = weft_i_malloc((size_t)n * sizeof *mark + 1));
    for (int64_t v = 0; v < n; v++) mark[v] = -1;
    offset2[0] = 0;
    for (int64_t v = 0; v < n; v++) offset2[v + 1] = offset2[v] + second_steps(offset, source, (int32_t)v, mark, NULL);
    WEFT_TRY_ALLOC(source2 = weft_i_malloc((size_t)offset2[n] * sizeof *source2 + 1));
    for (int64_t v = 0; v < n; v++) mark[v] = -1;
    for (int64_t v = 0; v < n; v++) (void)second_steps(offset, source, (int32_t)v, mark, source2 + offset2[v]);
    WEFT_TRY(weft_graph_from_rows(&t->two_steps, n, n, offset2, source2, diag));
    WEFT_TRY(gcn_of(&t->one_gcn, t->one_step));
    WEFT_TRY(gcn_of(&t->two_gcn, t->two_steps));
done:
    weft_i_free(offset2);
    weft_i_free(mark);
    weft_i_free(source2);
    return status;
}

weft_status_t weft_topology_add_relations(weft_topology_t *t, int32_t n_relations, const int32_t *relation, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = weft_graph_n_dst(t->graph), arcs = weft_graph_n_arcs(t->graph), *offset2 = NULL;
    const int64_t *offset = weft_graph_offsets(t->graph);
    const int32_t *source = weft_graph_sources(t->graph);
    int32_t *source2 = NULL;
    if (n_relations < 1 || n_relations > WEFT_MAX_RELATIONS) {
        weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "%d relations of at most %d", n_relations, WEFT_MAX_RELATIONS);
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(offset2 = weft_i_malloc((size_t)(n + 1) * sizeof *offset2));
    WEFT_TRY_ALLOC(source2 = weft_i_malloc((size_t)arcs * sizeof *source2 + 1));
    for (int32_t r = 0; r < n_relations; r++) {
        int64_t at = 0;
        for (int64_t v = 0; v < n; v++) {
            offset2[v] = at;
            for (int64_t e = offset[v]; e < offset[v + 1]; e++)
                if (relation[e] == r) source2[at++] = source[e];
        }
        offset2[n] = at;
        WEFT_TRY(weft_graph_from_rows(&t->relation[r], weft_graph_n_src(t->graph), n, offset2, source2, diag));
        t->n_relations = r + 1;
    }
done:
    weft_i_free(offset2);
    weft_i_free(source2);
    return status;
}

weft_status_t weft_topology_add_degree_relations(weft_topology_t *t, weft_diag_t *diag)
{
    int64_t n = weft_graph_n_dst(t->graph);
    const int64_t *offset = weft_graph_offsets(t->graph);
    const int32_t *source = weft_graph_sources(t->graph);
    if (weft_graph_n_src(t->graph) != n) {
        weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "relations by degree need as many sources as destinations");
        return WEFT_EUSAGE;
    }
    int32_t *relation = weft_i_malloc((size_t)weft_graph_n_arcs(t->graph) * sizeof *relation + 1);
    if (!relation) return WEFT_ENOMEM;
    for (int64_t v = 0; v < n; v++)
        for (int64_t e = offset[v]; e < offset[v + 1]; e++) {
            int64_t from = weft_graph_in_degree(offset, source[e]), to = weft_graph_in_degree(offset, v);
            relation[e] = from < to ? 0 : from == to ? 1 : 2;
        }
    weft_status_t status = weft_topology_add_relations(t, 3, relation, diag);
    weft_i_free(relation);
    return status;
}

void weft_topology_destroy(weft_topology_t *t)
{
    weft_weights_free(t->gcn);
    weft_weights_free(t->one_gcn);
    weft_weights_free(t->two_gcn);
    weft_graph_free(t->looped);
    weft_graph_free(t->own);
    weft_graph_free(t->one_step);
    weft_graph_free(t->two_steps);
    for (int32_t r = 0; r < WEFT_MAX_RELATIONS; r++) weft_graph_free(t->relation[r]);
    *t = (weft_topology_t){0};
}
