/* nn/gcnii_conv.c: deep convolution with initial residual and identity mapping. */
#include "nn/names.h"
#include "weft/nn.h"

weft_gcnii_conv_t weft_gcnii_conv_init(weft_params_t *params, const char *name, int64_t width, double alpha, double beta)
{
    return (weft_gcnii_conv_t){weft_params_add(params, weft_i_name(name, "weight").text, width, width, WEFT_INIT_GLOROT, 0), alpha, beta};
}

weft_var_t *weft_gcnii_conv(const weft_gcnii_conv_t *l, const weft_topology_t *t, weft_var_t *x, weft_var_t *x0)
{
    weft_var_t *h = weft_mix(1.0 - l->alpha, weft_spmm(t->looped, t->gcn, x, WEFT_SUM), l->alpha, x0);
    if (!l->w || !h) return NULL;
    return weft_mix(1.0 - l->beta, h, l->beta, weft_matmul(h, weft_param_var(weft_var_tape(h), l->w)));
}
