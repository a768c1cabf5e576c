/* nn/sage_conv.c: GraphSAGE. */
#include "nn/names.h"
#include "weft/nn.h"

weft_sage_conv_t weft_sage_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, weft_reduce_t reduce)
{
    weft_sage_conv_t l = {.reduce = reduce};
    bool pool = reduce == WEFT_MAX || reduce == WEFT_MIN;
    if (pool) l.pool = weft_linear_init(params, weft_i_name(name, "pool").text, in, in, true, WEFT_INIT_FAN_IN);
    l.nbr = weft_linear_init(params, weft_i_name(name, "nbr").text, in, out, true, WEFT_INIT_FAN_IN);
    l.self = weft_linear_init(params, weft_i_name(name, "self").text, in, out, false, WEFT_INIT_FAN_IN);
    return l;
}

weft_sage_conv_t weft_sage_lstm_init(weft_params_t *params, const char *name, int64_t in, int64_t out)
{
    weft_sage_conv_t l = {.reduce = WEFT_SUM};
    l.pool = weft_linear_init(params, weft_i_name(name, "pool").text, in, out, true, WEFT_INIT_FAN_IN);
    l.lstm_in = weft_linear_init(params, weft_i_name(name, "lstm").text, out, 4 * out, true, WEFT_INIT_FAN_IN);
    l.lstm_hidden = weft_params_add(params, weft_i_name(name, "lstm.hidden").text, out, 4 * out, WEFT_INIT_FAN_IN, out);
    l.nbr = weft_linear_init(params, weft_i_name(name, "nbr").text, out, out, true, WEFT_INIT_FAN_IN);
    l.self = weft_linear_init(params, weft_i_name(name, "self").text, in, out, false, WEFT_INIT_FAN_IN);
    return l;
}

/* What the neighbours say: the largest of each column, or the last state of an LSTM. The gates' maps are of nodes, which are fewer than arcs. */
static weft_var_t *pooled(const weft_sage_conv_t *l, const weft_topology_t *t, weft_x_t x)
{
    weft_var_t *h = weft_relu(weft_once(weft_linear(&l->pool, x)));
    if (!l->lstm_in.w) return weft_spmm(t->graph, NULL, h, l->reduce);
    if (!h) return NULL;
    weft_var_t *z = weft_arc_ends(t->graph, WEFT_ENDS_ADD, weft_linear(&l->lstm_in, weft_x_dense(h)), NULL);
    return weft_lstm_arcs(t->graph, weft_once(z), weft_param_var(x.tape, l->lstm_hidden));
}

weft_var_t *weft_sage_conv(const weft_sage_conv_t *l, const weft_topology_t *t, weft_x_t x)
{
    if (!l->nbr.w || !x.tape) return NULL;
    bool late = x.sparse && !x.own; /* rows of no graph of their own: picked behind the map */
    weft_var_t *self = late ? weft_topology_own(t, weft_linear(&l->self, x)) : weft_linear(&l->self, weft_x_own(x, t)), *y;
    if (l->pool.w) {
        y = pooled(l, t, x);
        y = y ? weft_linear(&l->nbr, weft_x_dense(y)) : NULL;
    }
    else if (x.dense && l->nbr.w->rows <= l->nbr.w->cols) y = weft_linear(&l->nbr, weft_x_dense(weft_once(weft_spmm(t->graph, NULL, x.dense, l->reduce))));
    else { /* the sum of products is the product of the sum */
        y = weft_spmm(t->graph, NULL, weft_once(weft_x_matmul(x, weft_param_var(x.tape, l->nbr.w))), l->reduce);
        y = weft_bias(weft_once(y), weft_param_var(x.tape, l->nbr.b));
    }
    return weft_add(weft_once(y), weft_once(self));
}
