/* nn/landmarks.c: how a box lies to pairs of learned landmarks; see weft/impn.h. */
#include "nn/names.h"
#include "weft/attention.h"
#include "weft/impn.h"

weft_landmarks_t weft_landmarks_init(weft_params_t *params, const char *name, int64_t in, int32_t pairs)
{
    weft_landmarks_t l = {.pairs = pairs};
    l.score = weft_linear_init(params, weft_i_name(name, "score").text, in, 2 * pairs, false, WEFT_INIT_FAN_IN);
    l.drop = weft_params_add(params, weft_i_name(name, "drop").text, 1, 2 * pairs, WEFT_INIT_ZERO, 0);
    return l;
}

/* Column k of the arcs' vectors, averaged by the weights of the landmarks. */
static weft_var_t *averaged(const weft_graph_t *g, weft_var_t *weight, weft_var_t *r, int64_t k)
{
    return weft_spmm_arcs(g, NULL, weft_once(weft_row_scale(weight, weft_columns(r, k, 1))), false, WEFT_SUM);
}

weft_var_t *weft_landmarks(const weft_landmarks_t *l, const weft_graph_t *g, weft_x_t x, weft_var_t *r)
{
    if (!l->score.w || !r) return NULL;
    weft_var_t *drop = weft_param_var(x.tape, l->drop), *at[2];
    weft_var_t *weight = weft_segment_softmax(g, weft_arc_ends(g, WEFT_ENDS_ADD, weft_linear(&l->score, x), NULL));
    for (int64_t k = 0; k < 2; k++) at[k] = weft_add(averaged(g, weight, r, k), weft_col_scale(averaged(g, weight, r, k + 2), drop));
    weft_var_t *ax = weft_columns(at[0], 0, l->pairs), *ay = weft_columns(at[1], 0, l->pairs), *bx = weft_columns(at[0], l->pairs, l->pairs), *by = weft_columns(at[1], l->pairs, l->pairs);
    weft_var_t *cross = weft_mix(1.0, weft_mul(ax, by), -1.0, weft_mul(ay, bx)), *dot = weft_add(weft_mul(ax, bx), weft_mul(ay, by));
    weft_var_t *size = weft_sqrt(weft_affine(weft_add(weft_mul(cross, cross), weft_mul(dot, dot)), 1.0, 1e-4), 0.0); /* |a| |b|, never 0 */
    weft_var_t *both[2] = {weft_divide(cross, size), weft_divide(dot, size)};
    return weft_concat(both, 2);
}
