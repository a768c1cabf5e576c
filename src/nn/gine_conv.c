/* nn/gine_conv.c: GIN with edge features; no arcs x width beyond the encoded edges themselves. */
#include "nn/gin.h"
#include "nn/names.h"

weft_gine_conv_t weft_gine_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t edge_in, bool norm, bool train_eps)
{
    weft_gine_conv_t l = {.gin = weft_gin_conv_init(params, name, in, out, norm, train_eps)};
    if (edge_in) l.edge = weft_linear_init(params, weft_i_name(name, "edge").text, edge_in, in, true, WEFT_INIT_FAN_IN);
    else l.no_edge = weft_params_add(params, weft_i_name(name, "edge.bias").text, 1, in, WEFT_INIT_ZERO, 0);
    return l;
}

weft_var_t *weft_gine_conv(const weft_gine_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *e)
{
    if (!x.tape || !x.dense || !l->gin.first.w || (!l->no_edge && !e)) return NULL;
    weft_var_t *sum = l->no_edge ? weft_spmm(t->graph, NULL, weft_once(weft_relu(weft_once(weft_bias(x.dense, weft_param_var(x.tape, l->no_edge))))), WEFT_SUM)
                                 : weft_spmm_arcs(t->graph, x.dense, l->edge.w ? weft_linear(&l->edge, weft_x_dense(e)) : e, true, WEFT_SUM);
    return weft_i_gin_rest(&l->gin, weft_linear(&l->gin.first, weft_x_dense(weft_i_gin_self(&l->gin, weft_topology_own(t, x.dense), sum))));
}

weft_var_t *weft_gine_conv_scaled(const weft_gine_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t *scale)
{
    if (!x.tape || !x.dense || !e || !scale || l->no_edge) return NULL;
    weft_var_t *m = weft_add(weft_once(weft_arc_ends(t->graph, WEFT_ENDS_ADD, x.dense, NULL)), l->edge.w ? weft_linear(&l->edge, weft_x_dense(e)) : e);
    m = weft_row_scale(weft_once(weft_relu(weft_once(m))), scale);
    return weft_i_gin_rest(&l->gin, weft_linear(&l->gin.first, weft_x_dense(weft_i_gin_self(&l->gin, weft_topology_own(t, x.dense), weft_spmm_arcs(t->graph, NULL, m, false, WEFT_SUM)))));
}
