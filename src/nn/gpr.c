/* nn/gpr.c: a learned weight per distance walked. */
#include "nn/names.h"
#include "weft/nn.h"

weft_gpr_t weft_gpr_init(weft_params_t *params, const char *name, int32_t k, double alpha)
{
    weft_gpr_t l = {weft_params_add(params, weft_i_name(name, "gamma").text, 1, (int64_t)k + 1, WEFT_INIT_ZERO, 0), k};
    double left = 1.0; /* (1 - alpha)^i */
    for (int32_t i = 0; l.gamma && i <= k; i++, left *= 1.0 - alpha) l.gamma->value[i] = (weft_real_t)(i < k ? alpha * left : left);
    if (l.gamma) l.gamma->decay = 0.0; /* the weights are shares, not strengths */
    return l;
}

weft_var_t *weft_gpr(const weft_gpr_t *l, const weft_topology_t *t, weft_var_t *z)
{
    if (!z || !l->gamma) return NULL;
    weft_var_t *gamma = weft_param_var(weft_var_tape(z), l->gamma), *sum = weft_scalar_scale(z, weft_columns(gamma, 0, 1));
    for (int32_t i = 1; i <= l->k && sum; i++) {
        z = weft_spmm(t->looped, t->gcn, z, WEFT_SUM);
        sum = weft_add(sum, weft_scalar_scale(z, weft_columns(gamma, i, 1)));
    }
    return sum;
}
