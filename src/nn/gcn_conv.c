/* nn/gcn_conv.c: graph convolution. The narrower side is aggregated. */
#include "nn/gcn.h"
#include "nn/names.h"

weft_gcn_conv_t weft_gcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool bias)
{
    weft_gcn_conv_t l = {0};
    l.w = weft_params_add(params, weft_i_name(name, "weight").text, in, out, WEFT_INIT_GLOROT, 0);
    if (bias) l.b = weft_params_add(params, weft_i_name(name, "bias").text, 1, out, WEFT_INIT_ZERO, 0);
    return l;
}

bool weft_i_gcn_maps_first(const weft_gcn_conv_t *l) { return l->w && l->w->rows >= l->w->cols; }

weft_var_t *weft_i_gcn_rest(const weft_gcn_conv_t *l, const weft_topology_t *t, weft_var_t *xw)
{
    if (!l->w || !xw) return NULL;
    weft_var_t *y = weft_spmm(t->looped ? t->looped : t->graph, t->gcn, xw, WEFT_SUM);
    return l->b ? weft_bias(weft_once(y), weft_param_var(weft_var_tape(xw), l->b)) : y;
}

weft_var_t *weft_gcn_conv(const weft_gcn_conv_t *l, const weft_topology_t *t, weft_x_t x)
{
    if (!l->w || !x.tape) return NULL;
    weft_var_t *w = weft_param_var(x.tape, l->w);
    if (!x.dense || weft_i_gcn_maps_first(l)) return weft_i_gcn_rest(l, t, weft_once(weft_x_matmul(x, w)));
    weft_var_t *y = weft_matmul(weft_once(weft_spmm(t->looped ? t->looped : t->graph, t->gcn, x.dense, WEFT_SUM)), w);
    return l->b ? weft_bias(weft_once(y), weft_param_var(x.tape, l->b)) : y;
}
