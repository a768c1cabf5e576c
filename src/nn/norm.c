/* nn/norm.c: norms with their parameters. */
#include "nn/names.h"
#include "weft/nn.h"

weft_norm_t weft_norm_init(weft_params_t *params, const char *name, int64_t width, weft_norm_kind_t kind)
{
    weft_norm_t n = {.kind = kind};
    if (kind != WEFT_NORM_BATCH && kind != WEFT_NORM_LAYER) return n;
    n.gamma = weft_params_add(params, weft_i_name(name, "weight").text, 1, width, WEFT_INIT_ONE, 0);
    n.beta = weft_params_add(params, weft_i_name(name, "bias").text, 1, width, WEFT_INIT_ZERO, 0);
    if (kind == WEFT_NORM_LAYER) return n;
    n.mean = weft_params_add_state(params, weft_i_name(name, "running_mean").text, width, 0);
    n.variance = weft_params_add_state(params, weft_i_name(name, "running_var").text, width, 1);
    return n;
}

weft_var_t *weft_norm(const weft_norm_t *n, weft_var_t *x)
{
    if (!x || (n->kind != WEFT_NORM_BATCH && n->kind != WEFT_NORM_LAYER)) return x;
    weft_tape_t *t = weft_var_tape(x);
    weft_var_t *gamma = weft_param_var(t, n->gamma), *beta = weft_param_var(t, n->beta);
    if (!gamma || !beta) return NULL;
    if (n->kind == WEFT_NORM_LAYER) return weft_layer_norm(x, gamma, beta);
    return n->mean && n->variance ? weft_batch_norm(x, gamma, beta, n->mean->value, n->variance->value) : NULL;
}
