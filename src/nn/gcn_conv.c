/* nn/gcn_conv.c: graph convolution. The narrower side is aggregated. */
#include "nn/names.h"
#include "weft/nn.h"

weft_gcn_conv_t weft_gcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool bias)
{
    weft_gcn_conv_t l = {0};
    l.w = weft_params_add(params, weft_i_name(name, "weight").text, in, out, WEFT_INIT_GLOROT, 0);
    if (bias) l.b = weft_params_add(params, weft_i_name(name, "bias").text, 1, out, WEFT_INIT_ZERO, 0);
    return l;
}

weft_var_t *weft_gcn_conv(const weft_gcn_conv_t *l, const weft_topology_t *t, weft_x_t x)
{
    if (!l->w || !x.tape) return NULL;
    const weft_graph_t *g = t->looped ? t->looped : t->graph;
    weft_var_t *w = weft_param_var(x.tape, l->w), *y;
    if (x.dense && l->w->rows < l->w->cols) y = weft_matmul(weft_once(weft_spmm(g, t->gcn, x.dense, WEFT_SUM)), w);
    else y = weft_spmm(g, t->gcn, weft_once(weft_x_matmul(x, w)), WEFT_SUM);
    return l->b ? weft_bias(weft_once(y), weft_param_var(x.tape, l->b)) : y;
}
