/* data/matrix_graph.c: a sparse matrix as a graph, and back. */
#include "base/alloc.h"
#include "base/status.h"
#include "graph/graph.h"
#include "weft/matrix_market.h"

#include <string.h>

weft_status_t weft_matrix_to_graph(weft_graph_t **graph, weft_real_t **weight, const weft_matrix_t *m, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = 0, mirrored = 0;
    int32_t *end = NULL;
    *graph = NULL;
    if (weight) *weight = NULL;
    if ((m->n_rows > 1 << 24 || m->n_cols > 1 << 24) && (m->n_rows + m->n_cols) / 64 > m->n_entries) { /* a file of a few bytes shall not take gigabytes */
        weft_diag_add(diag, WEFT_ERROR, "mtx-size", NULL, 0, 0, "%lld rows and %lld columns for %lld entries", (long long)m->n_rows, (long long)m->n_cols, (long long)m->n_entries);
        return WEFT_EINPUT;
    }
    for (int64_t e = 0; m->form && e < m->n_entries; e++) mirrored += m->row[e] != m->col[e];
    WEFT_TRY_ALLOC(end = weft_i_malloc(2 * (size_t)(m->n_entries + mirrored) * sizeof *end + 1));
    int32_t *source = end, *target = end + m->n_entries + mirrored;
    for (int pass = 0; pass < (m->form ? 2 : 1); pass++)
        for (int64_t e = 0; e < m->n_entries; e++) {
            if (pass && m->row[e] == m->col[e]) continue;
            source[n] = pass ? m->row[e] : m->col[e];
            target[n++] = pass ? m->col[e] : m->row[e];
        }
    WEFT_TRY(weft_graph_new(graph, m->n_cols, m->n_rows, n, source, target, 0, diag));
    weft_graph_t *g = *graph;
    if (m->form) { /* the place of an implied arc in the list becomes that of its entry */
        int32_t *entry = source; /* its values are in the graph now */
        for (int64_t e = 0, k = m->n_entries; e < m->n_entries; e++)
            if (m->row[e] != m->col[e]) entry[k++] = (int32_t)e;
        for (int64_t a = 0; a < g->n_arcs; a++)
            if (g->edge_id[a] >= m->n_entries) g->edge_id[a] = -1 - entry[g->edge_id[a]];
    }
    if (weight) WEFT_TRY_ALLOC(*weight = weft_i_malloc((size_t)g->n_arcs * sizeof **weight + 1));
    for (int64_t a = 0; a < g->n_arcs; a++) {
        bool implied = g->edge_id[a] < 0;
        if (implied) g->edge_id[a] = -1 - g->edge_id[a];
        if (weight) (*weight)[a] = !m->value ? 1 : (weft_real_t)(implied && m->form == WEFT_MATRIX_SKEW ? -m->value[g->edge_id[a]] : m->value[g->edge_id[a]]);
    }
done:
    weft_i_free(end);
    if (status != WEFT_OK) {
        weft_graph_free(*graph);
        *graph = NULL;
    }
    return status;
}

weft_status_t weft_matrix_from_graph(weft_matrix_t **matrix, const weft_graph_t *g, const weft_real_t *weight)
{
    weft_status_t status = WEFT_OK;
    weft_matrix_t *m = NULL;
    bool symmetric = g->mirrored && g->n_arcs;
    *matrix = NULL;
    for (int64_t a = 0; weight && symmetric && a < g->n_arcs; a++) symmetric = weight[a] == weight[g->r_place[a]]; /* of a mirrored graph r_place is each arc's reverse */
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    *m = (weft_matrix_t){.form = symmetric ? WEFT_MATRIX_SYMMETRIC : WEFT_MATRIX_GENERAL, .n_rows = g->n_dst, .n_cols = g->n_src};
    WEFT_TRY_ALLOC(m->row = weft_i_malloc((size_t)g->n_arcs * sizeof *m->row + 1));
    WEFT_TRY_ALLOC(m->col = weft_i_malloc((size_t)g->n_arcs * sizeof *m->col + 1));
    if (weight) WEFT_TRY_ALLOC(m->value = weft_i_malloc((size_t)g->n_arcs * sizeof *m->value + 1));
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t a = g->offset[v]; a < g->offset[v + 1]; a++) {
            if (symmetric && g->source[a] > v) continue;
            m->row[m->n_entries] = (int32_t)v;
            m->col[m->n_entries] = g->source[a];
            if (weight) m->value[m->n_entries] = (double)weight[a];
            m->n_entries++;
        }
    *matrix = m;
    m = NULL;
done:
    weft_matrix_free(m);
    return status;
}
