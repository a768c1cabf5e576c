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

/* What all steps share; columns of one number per node but for the numbers p and pull. */
typedef struct walk {
    const weft_plaplacian_t *l;
    const weft_graph_t *g;
    weft_var_t *w, *p, *pull, *kept, *ones, *root, *inverse; /* root: 1 / sqrt(degree); inverse: its square; kept: what stays of x */
    double damp;
} walk_t;

/* D^-1/2 M D^-1/2 f and, beside it, the sum of M: [n, columns] and [n, 1]. */
static void neighbours(const walk_t *s, weft_var_t *f, weft_var_t **sum, weft_var_t **weight)
{
    weft_var_t *scaled = weft_row_scale(f, s->root);
    if (s->l->p == (weft_real_t)2 && !s->l->learn_p && !(s->l->detach && s->w)) { /* M = w */
        *sum = s->w ? weft_spmm_weighted(s->g, s->w, scaled) : weft_spmm(s->g, NULL, scaled, WEFT_SUM);
        *weight = s->w ? weft_spmm_weighted(s->g, s->w, s->ones) : weft_spmm(s->g, NULL, s->ones, WEFT_SUM);
    } else {
        int64_t columns = weft_var_cols(f);
        weft_var_t *both = weft_p_spmm(s->g, scaled, scaled, s->p, s->w, s->l->eps, s->l->mask, s->l->detach);
        *sum = weft_columns(both, 0, columns);
        *weight = weft_columns(both, columns, 1);
    }
    *sum = weft_once(weft_row_scale(weft_once(*sum), s->root));
}

static weft_var_t *step(const walk_t *s, weft_var_t *f)
{
    weft_var_t *sum, *weight;
    neighbours(s, f, &sum, &weight);
    weft_var_t *alpha = weft_divide(s->ones, weft_add(weft_mul(weight, s->inverse), weft_scalar_scale(s->ones, s->pull)));
    weft_var_t *next = weft_row_scale(weft_once(weft_add(sum, s->kept)), alpha);
    return s->damp < 1.0 ? weft_mix(1.0 - s->damp, f, s->damp, next) : next;
}

weft_var_t *weft_plaplacian(const weft_plaplacian_t *l, const weft_topology_t *t, weft_var_t *x) { return weft_plaplacian_gated(l, t, x, NULL); }

weft_var_t *weft_plaplacian_gated(const weft_plaplacian_t *l, const weft_topology_t *t, weft_var_t *x, weft_var_t *w)
{
    if (!x) return NULL;
    weft_tape_t *tape = weft_var_tape(x);
    walk_t s = {.l = l, .g = t->graph, .w = w, .ones = weft_affine(weft_columns(x, 0, 1), 0.0, 1.0), .damp = l->p > (weft_real_t)2 ? 1.0 / ((double)l->p - 1.0) : 1.0};
    weft_var_t *degree = w ? weft_spmm_weighted(s.g, w, s.ones) : weft_spmm(s.g, NULL, s.ones, WEFT_SUM);
    s.root = weft_divide(s.ones, weft_sqrt(weft_affine(degree, 1.0, 1e-12), 0.0));
    s.inverse = weft_mul(s.root, s.root);
    s.p = l->learn_p ? weft_affine(positive(tape, l->p_free, (double)l->p - 1.0), 1.0, 1.0) : weft_tape_constant(tape, &l->p, 1, 1);
    weft_var_t *mu = l->learn_mu ? positive(tape, l->mu_free, (double)l->mu) : weft_tape_constant(tape, &l->mu, 1, 1), *over = weft_divide(mu, s.p);
    s.pull = weft_affine(over, 2.0, 0.0);
    s.kept = weft_scalar_scale(x, weft_affine(over, l->beta_scale, 0.0));
    for (int32_t k = 0; k < l->k && x; k++) x = step(&s, x);
    return x;
}

