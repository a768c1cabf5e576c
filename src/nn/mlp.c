/* nn/mlp.c: linear layers with a leaky relu between. */
#include "nn/names.h"
#include "weft/nn.h"

#include <stdio.h>

weft_mlp_t weft_mlp_init(weft_params_t *params, const char *name, const int64_t *width, int32_t n_layers, double slope)
{
    weft_mlp_t m = {.n = n_layers < WEFT_MLP_MOST ? n_layers : WEFT_MLP_MOST, .slope = slope};
    for (int32_t k = 0; k < m.n; k++) {
        char layer[16];
        snprintf(layer, sizeof layer, "%d", k);
        m.layer[k] = weft_linear_init(params, weft_i_name(name, layer).text, width[k], width[k + 1], true, k + 1 < m.n ? WEFT_INIT_HE : WEFT_INIT_FAN_IN);
    }
    return m;
}

weft_var_t *weft_mlp(const weft_mlp_t *m, weft_var_t *x)
{
    weft_var_t *weight_bias[2 * WEFT_MLP_MOST];
    for (int32_t k = 0; k < m->n && x; k++) {
        weight_bias[2 * k] = weft_param_var(weft_var_tape(x), m->layer[k].w);
        weight_bias[2 * k + 1] = weft_param_var(weft_var_tape(x), m->layer[k].b);
    }
    return x ? weft_mlp_rows(x, weight_bias, m->n, m->slope) : NULL;
}
