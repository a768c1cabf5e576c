/* nn/gatedgcn_conv.c: gated graph convolution. */
#include "nn/names.h"
#include "weft/nn.h"

weft_gatedgcn_conv_t weft_gatedgcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t edge_in)
{
    weft_gatedgcn_conv_t l = {0};
    l.a = weft_linear_init(params, weft_i_name(name, "A").text, in, out, true, WEFT_INIT_FAN_IN);
    l.b = weft_linear_init(params, weft_i_name(name, "B").text, in, out, true, WEFT_INIT_FAN_IN);
    if (edge_in) l.c = weft_linear_init(params, weft_i_name(name, "C").text, edge_in, out, true, WEFT_INIT_FAN_IN);
    l.d = weft_linear_init(params, weft_i_name(name, "D").text, in, out, true, WEFT_INIT_FAN_IN);
    l.e = weft_linear_init(params, weft_i_name(name, "E").text, in, out, true, WEFT_INIT_FAN_IN);
    return l;
}

static weft_var_t *conv(const weft_gatedgcn_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t *scale, weft_var_t **e_out)
{
    weft_var_t *s = weft_arc_ends(t->graph, WEFT_ENDS_ADD, weft_linear(&l->e, x), weft_topology_own(t, weft_linear(&l->d, x)));
    if (e && l->c.w) s = weft_add(weft_once(s), weft_once(weft_linear(&l->c, weft_x_dense(e))));
    weft_var_t *gate = weft_sigmoid(s);
    if (scale) gate = weft_row_scale(gate, scale);
    weft_var_t *up = weft_spmm_weighted(t->graph, gate, weft_linear(&l->b, x));
    weft_var_t *down = weft_affine(weft_once(weft_spmm_arcs(t->graph, NULL, gate, false, WEFT_SUM)), 1.0, 1e-6);
    if (e_out) *e_out = s;
    return weft_add(weft_once(weft_topology_own(t, weft_linear(&l->a, x))), weft_once(weft_divide(weft_once(up), down)));
}

weft_var_t *weft_gatedgcn_conv(const weft_gatedgcn_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t **e_out) { return conv(l, t, x, e, NULL, e_out); }

weft_var_t *weft_gatedgcn_conv_scaled(const weft_gatedgcn_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t *scale, weft_var_t **e_out)
{
    return scale ? conv(l, t, x, e, scale, e_out) : NULL;
}
