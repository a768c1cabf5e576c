/* nn/input.c: dense and sparse inputs behind one struct; a graph in the forms that layers want. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/nn.h"

#include <string.h>

weft_x_t weft_x_dense(weft_var_t *x) { return (weft_x_t){weft_var_tape(x), x, NULL, NULL}; }

weft_x_t weft_x_sparse(weft_tape_t *tape, const weft_graph_t *rows, const weft_real_t *value)
{
    return (weft_x_t){tape, NULL, rows, weft_tape_constant(tape, value, weft_graph_n_arcs(rows), 1)};
}

weft_x_t weft_x_dropout(weft_x_t x, double p)
{
    if (x.sparse) x.value = weft_dropout(x.value, p);
    else x.dense = weft_dropout(x.dense, p);
    return x;
}

weft_var_t *weft_x_matmul(weft_x_t x, weft_var_t *w)
{
    if (!w) return NULL;
    return x.sparse ? weft_spmm_weighted(x.sparse, x.value, w) : weft_matmul(x.dense, w);
}

int64_t weft_x_rows(weft_x_t x) { return x.sparse ? weft_graph_n_dst(x.sparse) : weft_var_rows(x.dense); }

weft_status_t weft_topology_init(weft_topology_t *t, const weft_graph_t *g, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_real_t *w = NULL;
    *t = (weft_topology_t){.graph = g};
    if (weft_graph_n_src(g) != weft_graph_n_dst(g)) return WEFT_OK;
    WEFT_TRY(weft_graph_with(&t->looped, g, WEFT_GRAPH_DROP_LOOPS | WEFT_GRAPH_ADD_LOOPS, diag));
    WEFT_TRY_ALLOC(w = weft_i_malloc((size_t)weft_graph_n_arcs(t->looped) * sizeof *w));
    weft_graph_gcn_weights(t->looped, w);
    WEFT_TRY_ALLOC(t->gcn = weft_weights_new(t->looped, w));
done:
    weft_i_free(w);
    if (status != WEFT_OK) weft_topology_destroy(t);
    return status;
}

void weft_topology_destroy(weft_topology_t *t)
{
    weft_weights_free(t->gcn);
    weft_graph_free(t->looped);
    *t = (weft_topology_t){0};
}
