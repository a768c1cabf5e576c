/* nn/graph_norm.c: a norm over the nodes of each graph, of which a learned share of the mean is taken off. */
#include "nn/names.h"
#include "weft/nn.h"

weft_graph_norm_t weft_graph_norm_init(weft_params_t *params, const char *name, int64_t width)
{
    weft_graph_norm_t n = {0};
    n.gamma = weft_params_add(params, weft_i_name(name, "weight").text, 1, width, WEFT_INIT_ONE, 0);
    n.beta = weft_params_add(params, weft_i_name(name, "bias").text, 1, width, WEFT_INIT_ZERO, 0);
    n.alpha = weft_params_add(params, weft_i_name(name, "mean_scale").text, 1, width, WEFT_INIT_ONE, 0);
    return n;
}

weft_var_t *weft_graph_norm(const weft_graph_norm_t *n, const weft_graph_t *members, const weft_graph_t *spread, weft_var_t *x)
{
    if (!x) return NULL;
    weft_tape_t *t = weft_var_tape(x);
    weft_var_t *gamma = weft_param_var(t, n->gamma), *beta = weft_param_var(t, n->beta), *alpha = weft_param_var(t, n->alpha);
    if (!members || !spread) {
        weft_tape_fail(t, WEFT_EUSAGE, "graph_norm: members and spread are needed");
        return NULL;
    }
    weft_var_t *mean = weft_spmm(spread, NULL, weft_spmm(members, NULL, x, WEFT_MEAN), WEFT_SUM);
    weft_var_t *centred = weft_mix(1.0, x, -1.0, weft_once(weft_col_scale(weft_once(mean), alpha)));
    weft_var_t *variance = weft_spmm(members, NULL, weft_mul(centred, centred), WEFT_MEAN);
    weft_var_t *deviation = weft_spmm(spread, NULL, weft_sqrt(weft_affine(weft_once(variance), 1.0, 1e-5), 0.0), WEFT_SUM);
    return weft_bias(weft_once(weft_col_scale(weft_divide(centred, deviation), gamma)), beta);
}
