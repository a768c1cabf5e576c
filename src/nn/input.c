/* nn/input.c: dense and sparse inputs behind one struct. */
#include "weft/nn.h"

weft_x_t weft_x_dense(weft_var_t *x) { return (weft_x_t){.tape = weft_var_tape(x), .dense = x}; }

weft_x_t weft_x_sparse(weft_tape_t *tape, const weft_graph_t *rows, const weft_real_t *value)
{
    return (weft_x_t){.tape = tape, .sparse = rows, .value = weft_tape_constant(tape, value, weft_graph_n_arcs(rows), 1)};
}

weft_x_t weft_x_dropout(weft_x_t x, double p)
{
    if (x.sparse) x.value = weft_dropout(x.value, p);
    if (x.own) x.own_value = weft_dropout(x.own_value, p);
    if (!x.sparse) x.dense = weft_dropout(x.dense, p);
    return x;
}

weft_x_t weft_x_own(weft_x_t x, const weft_topology_t *t)
{
    if (x.own && t->own) return (weft_x_t){.tape = x.tape, .sparse = x.own, .value = x.own_value};
    return x.sparse ? x : weft_x_dense(weft_topology_own(t, x.dense));
}

weft_var_t *weft_x_matmul(weft_x_t x, weft_var_t *w)
{
    if (!w) return NULL;
    return x.sparse ? weft_spmm_weighted(x.sparse, x.value, w) : weft_matmul(x.dense, w);
}

int64_t weft_x_rows(weft_x_t x) { return x.sparse ? weft_graph_n_dst(x.sparse) : weft_var_rows(x.dense); }
