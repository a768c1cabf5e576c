/* nn/transformer_conv.c: dot-product attention over the arcs of a graph. */
#include "nn/names.h"
#include "weft/nn.h"

#include <math.h>

weft_transformer_conv_t weft_transformer_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads)
{
    weft_transformer_conv_t l = {.heads = heads};
    l.q = weft_linear_init(params, weft_i_name(name, "query").text, in, heads * out, true, WEFT_INIT_FAN_IN);
    l.k = weft_linear_init(params, weft_i_name(name, "key").text, in, heads * out, true, WEFT_INIT_FAN_IN);
    l.v = weft_linear_init(params, weft_i_name(name, "value").text, in, heads * out, true, WEFT_INIT_FAN_IN);
    l.skip = weft_linear_init(params, weft_i_name(name, "skip").text, in, heads * out, true, WEFT_INIT_FAN_IN);
    return l;
}

weft_var_t *weft_transformer_conv(const weft_transformer_conv_t *l, const weft_topology_t *t, weft_x_t x, double drop)
{
    if (!l->q.w) return NULL;
    double c = (double)(l->q.w->cols / l->heads);
    weft_var_t *q = weft_affine(weft_once(weft_topology_own(t, weft_linear(&l->q, x))), 1.0 / sqrt(c), 0.0), *k = weft_linear(&l->k, x);
    weft_var_t *a = weft_dropout(weft_segment_softmax(t->graph, weft_once(weft_arc_dot(t->graph, k, q, l->heads))), drop);
    return weft_add(weft_once(weft_spmm_weighted(t->graph, a, weft_linear(&l->v, x))), weft_once(weft_topology_own(t, weft_linear(&l->skip, x))));
}
