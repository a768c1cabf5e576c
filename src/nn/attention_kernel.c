/* nn/attention_kernel.c: kinds whose cost is linear because keys are summed up before queries see them. */
#include "base/rng.h"
#include "nn/attention_kinds.h"

#include <math.h>

enum { PERFORMER_WIDTH = 64, TAYLOR_WIDTH = 16 };

/* ---- performer: queries, keys and values of 64 columns whatever the layer's width; omega [64, m]: blocks of orthogonal columns, each of the length
 * that a normal vector of 64 has -------------------------------------------------------------------------------------------------------- */
static void draw_omega(weft_real_t *omega, int64_t m, uint64_t seed)
{
    enum { C = PERFORMER_WIDTH };
    weft_i_rng_t rng = {seed, 0x6f6d656761, 0};
    double row[C][C];
    for (int64_t at = 0; at < m; at += C) {
        int64_t n = m - at < C ? m - at : C;
        for (int64_t i = 0; i < n; i++) { /* Gram and Schmidt, twice over */
            for (int j = 0; j < C; j++) row[i][j] = weft_i_rng_normal(&rng);
            for (int twice = 0; twice < 2; twice++)
                for (int64_t k = 0; k < i; k++) {
                    double dot = 0.0;
                    for (int j = 0; j < C; j++) dot += row[i][j] * row[k][j];
                    for (int j = 0; j < C; j++) row[i][j] -= dot * row[k][j];
                }
            double length = 0.0;
            for (int j = 0; j < C; j++) length += row[i][j] * row[i][j];
            for (int j = 0; j < C; j++) row[i][j] /= sqrt(length);
        }
        for (int64_t i = 0; i < n; i++) {
            double length = 0.0;
            for (int j = 0; j < C; j++) {
                double z = weft_i_rng_normal(&rng);
                length += z * z;
            }
            for (int j = 0; j < C; j++) omega[j * m + at + i] = (weft_real_t)(row[i][j] * sqrt(length));
        }
    }
}

void weft_i_performer_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    int64_t inner = (int64_t)PERFORMER_WIDTH * l->o.heads, m = (int64_t)(PERFORMER_WIDTH * log(PERFORMER_WIDTH));
    l->q = weft_linear_init(params, weft_i_name(name, "q").text, l->width, inner, false, WEFT_INIT_FAN_IN);
    l->k = weft_linear_init(params, weft_i_name(name, "k").text, l->width, inner, false, WEFT_INIT_FAN_IN);
    l->v = weft_linear_init(params, weft_i_name(name, "v").text, l->width, inner, false, WEFT_INIT_FAN_IN);
    l->out = weft_linear_init(params, weft_i_name(name, "out").text, inner, l->width, true, WEFT_INIT_FAN_IN);
    l->omega = weft_params_add_state(params, weft_i_name(name, "omega").text, PERFORMER_WIDTH * m, 0);
    if (l->omega) draw_omega(l->omega->value, m, l->o.seed);
}

weft_var_t *weft_i_performer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    if (!x || !l->omega) return NULL;
    weft_var_t *omega = weft_reshape(weft_param_var(weft_var_tape(x), l->omega), l->omega->cols / PERFORMER_WIDTH);
    return weft_i_map(&l->out, weft_performer_attention(weft_i_map(&l->q, x), weft_i_map(&l->k, x), weft_i_map(&l->v, x), omega, l->o.heads, &p->segments));
}

/* ---- sgformer ------------------------------------------------------------------------------------------------------------------------- */
void weft_i_sgformer_init(weft_global_t *l, weft_params_t *params, const char *name) { weft_i_global_plain_init(l, params, name); }

weft_var_t *weft_i_sgformer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    weft_var_t *q = weft_l2_normalize(weft_i_map(&l->q, x), l->o.heads), *k = weft_l2_normalize(weft_i_map(&l->k, x), l->o.heads);
    return weft_i_map(&l->out, weft_kernel_attention(q, k, weft_i_map(&l->v, x), l->o.heads, &p->segments, WEFT_KERNEL_SELF, 0.0));
}

/* ---- based ---------------------------------------------------------------------------------------------------------------------------- */
void weft_i_based_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    int64_t inner = (int64_t)TAYLOR_WIDTH * l->o.heads;
    l->q = weft_linear_init(params, weft_i_name(name, "q").text, l->width, inner, false, WEFT_INIT_FAN_IN);
    l->k = weft_linear_init(params, weft_i_name(name, "k").text, l->width, inner, false, WEFT_INIT_FAN_IN);
    l->v = weft_linear_init(params, weft_i_name(name, "v").text, l->width, l->width, false, WEFT_INIT_FAN_IN);
    l->out = weft_linear_init(params, weft_i_name(name, "out").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
}

weft_var_t *weft_i_based(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    int32_t h = l->o.heads;
    weft_var_t *q = weft_i_map(&l->q, x), *k = weft_i_map(&l->k, x), *v = weft_i_map(&l->v, x);
    weft_var_t *far = weft_taylor_attention(q, k, v, h, &p->segments, 1e-12);
    weft_var_t *near = weft_segment_softmax(p->graph, weft_affine(weft_arc_dot(p->graph, k, q, h), 1.0 / sqrt(TAYLOR_WIDTH), 0.0));
    return weft_i_map(&l->out, weft_add(far, weft_spmm_weighted(p->graph, near, v)));
}

/* ---- lightnet ------------------------------------------------------------------------------------------------------------------------- */
weft_var_t *weft_i_lightnet(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    weft_var_t *q = weft_i_map(&l->q, x), *k = weft_column_softmax(weft_i_map(&l->k, x), &p->segments);
    return weft_i_map(&l->out, weft_kernel_attention(weft_mul(q, weft_sigmoid(q)), k, weft_i_map(&l->v, x), l->o.heads, &p->segments, WEFT_KERNEL_SUM, 0.0));
}

/* ---- polynormer ----------------------------------------------------------------------------------------------------------------------- */
void weft_i_polynormer_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    l->q = weft_linear_init(params, weft_i_name(name, "f").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
    l->v = weft_linear_init(params, weft_i_name(name, "v").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
    l->extra = weft_linear_init(params, weft_i_name(name, "h").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
    l->out = weft_linear_init(params, weft_i_name(name, "out").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
    l->beta = weft_params_add(params, weft_i_name(name, "beta").text, 1, l->width, WEFT_INIT_ONE, 0);
    l->norm = weft_norm_init(params, weft_i_name(name, "norm").text, l->width, WEFT_NORM_LAYER);
}

weft_var_t *weft_i_polynormer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    weft_var_t *f = weft_sigmoid(weft_i_map(&l->q, x)), *y = weft_kernel_attention(f, f, weft_i_map(&l->v, x), l->o.heads, &p->segments, WEFT_KERNEL_RATIO, 0.0);
    if (!y || !l->beta) return NULL;
    weft_var_t *gate = weft_bias(weft_i_map(&l->extra, x), weft_param_var(weft_var_tape(y), l->beta));
    return weft_relu(weft_i_map(&l->out, weft_mul(weft_norm(&l->norm, y), gate)));
}
