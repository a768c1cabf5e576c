/* nn/plaplacian_conv.c: p-Laplacian message passing (Fu et al. 2022). */
#include "nn/names.h"
#include "weft/nn.h"

#include <math.h>

weft_plaplacian_t weft_plaplacian_init(weft_params_t *params, const char *name, const weft_plaplacian_t *options)
{
    weft_plaplacian_t l = *options;
    if (l.learn_p) l.p_free = weft_params_add(params, weft_i_name(name, "p").text, 1, 1, WEFT_INIT_ZERO, 0);
    if (l.learn_mu) l.mu_free = weft_params_add(params, weft_i_name(name, "mu").text, 1, 1, WEFT_INIT_ZERO, 0);
    return l;
}

/* A positive number that starts at `at`: softplus(free + inverse softplus(at)). */
static weft_var_t *positive(weft_tape_t *tape, weft_param_t *param, double at)
{
    return weft_softplus(weft_affine(weft_param_var(tape, param), 1.0, log(expm1(at))));
}

weft_var_t *weft_plaplacian(const weft_plaplacian_t *l, const weft_topology_t *t, weft_var_t *x)
{
    const weft_graph_t *g = t->graph;
    if (!x) return NULL;
    weft_tape_t *tape = weft_var_tape(x);
    weft_var_t *ones = weft_affine(weft_columns(x, 0, 1), 0.0, 1.0); /* a column of them */
    weft_var_t *degree = weft_spmm(g, NULL, ones, WEFT_SUM), *root = weft_divide(ones, weft_sqrt(weft_affine(degree, 1.0, 1e-12), 0.0)), *inverse = weft_mul(root, root);
    weft_var_t *p = l->learn_p ? weft_affine(positive(tape, l->p_free, (double)l->p - 1.0), 1.0, 1.0) : weft_tape_constant(tape, &l->p, 1, 1);
    weft_var_t *mu = l->learn_mu ? positive(tape, l->mu_free, (double)l->mu) : weft_tape_constant(tape, &l->mu, 1, 1);
    weft_var_t *pull = weft_affine(weft_divide(mu, p), 2.0, 0.0), *stay = weft_affine(weft_divide(mu, p), l->beta_scale, 0.0); /* 2 mu / p, and as beta has it */
    weft_var_t *kept = weft_scalar_scale(x, stay), *f = x;
    for (int32_t k = 0; k < l->k && f; k++) {
        weft_var_t *scaled = weft_row_scale(f, root), *sum, *weight;
        if (l->p == (weft_real_t)2 && !l->learn_p) { /* M = 1 */
            sum = weft_spmm(g, NULL, scaled, WEFT_SUM);
            weight = weft_spmm(g, NULL, ones, WEFT_SUM);
        } else {
            weft_var_t *both = weft_p_spmm(g, scaled, scaled, p, NULL, l->eps, l->mask);
            sum = weft_columns(both, 0, weft_var_cols(x));
            weight = weft_columns(both, weft_var_cols(x), 1);
        }
        weft_var_t *alpha = weft_divide(ones, weft_add(weft_mul(weight, inverse), weft_scalar_scale(ones, pull)));
        f = weft_row_scale(weft_once(weft_add(weft_once(weft_row_scale(weft_once(sum), root)), kept)), alpha);
    }
    return f;
}
