/* nn/gatv2_conv.c: graph attention whose score is a network of both ends. */
#include "nn/heads.h"
#include "nn/names.h"
#include "weft/nn.h"

weft_gatv2_conv_t weft_gatv2_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads, bool concat)
{
    weft_gatv2_conv_t l = {.heads = heads, .concat = concat};
    int64_t width = heads * out;
    l.source = weft_linear_init(params, weft_i_name(name, "source").text, in, width, true, WEFT_INIT_GLOROT);
    l.target = weft_linear_init(params, weft_i_name(name, "target").text, in, width, true, WEFT_INIT_GLOROT);
    l.a = weft_params_add(params, weft_i_name(name, "att").text, 1, width, WEFT_INIT_HE, heads + out);
    l.b = weft_params_add(params, weft_i_name(name, "bias").text, 1, concat ? width : out, WEFT_INIT_ZERO, 0);
    return l;
}

weft_var_t *weft_gatv2_conv(const weft_gatv2_conv_t *l, const weft_topology_t *t, weft_x_t x, double drop)
{
    if (!x.tape || !l->a || !l->b) return NULL;
    const weft_graph_t *g = t->looped ? t->looped : t->graph;
    weft_var_t *s = weft_linear(&l->source, x), *d = weft_topology_own(t, weft_linear(&l->target, x));
    weft_var_t *a = weft_segment_softmax(g, weft_once(weft_gatv2_score(g, s, d, weft_param_var(x.tape, l->a), l->heads, 0.2)));
    weft_var_t *y = weft_spmm_weighted(g, weft_dropout(a, drop), s);
    return weft_bias(weft_once(l->concat ? y : weft_i_mean_heads(y, l->heads)), weft_param_var(x.tape, l->b));
}
