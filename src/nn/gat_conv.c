/* nn/gat_conv.c: graph attention. */
#include "nn/names.h"
#include "nn/heads.h"
#include "weft/nn.h"

weft_gat_conv_t weft_gat_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads, bool concat)
{
    weft_gat_conv_t l = {.heads = heads, .concat = concat, .loops = true};
    int64_t width = heads * out;
    l.w = weft_params_add(params, weft_i_name(name, "weight").text, in, width, WEFT_INIT_GLOROT, 0);
    /* Glorot over (heads, out), as the attention vectors are stored elsewhere */
    l.source = weft_params_add(params, weft_i_name(name, "att_src").text, 1, width, WEFT_INIT_HE, heads + out);
    l.target = weft_params_add(params, weft_i_name(name, "att_dst").text, 1, width, WEFT_INIT_HE, heads + out);
    l.b = weft_params_add(params, weft_i_name(name, "bias").text, 1, concat ? width : out, WEFT_INIT_ZERO, 0);
    return l;
}

weft_var_t *weft_gat_conv(const weft_gat_conv_t *l, const weft_topology_t *t, weft_x_t x, double drop)
{
    if (!x.tape || !l->w || !l->source || !l->target || !l->b) return NULL;
    const weft_graph_t *g = l->loops && t->looped ? t->looped : t->graph;
    weft_var_t *h = weft_x_matmul(x, weft_param_var(x.tape, l->w));
    weft_var_t *s = weft_row_dot(h, weft_param_var(x.tape, l->source), l->heads), *d = weft_row_dot(weft_topology_own(t, h), weft_param_var(x.tape, l->target), l->heads);
    weft_var_t *a = weft_segment_softmax(g, weft_once(weft_leaky_relu(weft_once(weft_arc_ends(g, WEFT_ENDS_ADD, s, d)), 0.2)));
    weft_var_t *y = weft_spmm_weighted(g, weft_dropout(a, drop), h);
    return weft_bias(weft_once(l->concat ? y : weft_i_mean_heads(y, l->heads)), weft_param_var(x.tape, l->b));
}
