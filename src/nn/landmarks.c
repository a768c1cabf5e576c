/* nn/landmarks.c: how a box lies to pairs of learned landmarks; see weft/impn.h. */
#include "nn/names.h"
#include "weft/impn.h"

weft_landmarks_t weft_landmarks_init(weft_params_t *params, const char *name, int64_t in, int32_t pairs)
{
    weft_landmarks_t l = {.pairs = pairs};
    l.score = weft_linear_init(params, weft_i_name(name, "score").text, in, 2 * pairs, false, WEFT_INIT_FAN_IN);
    return l;
}

weft_var_t *weft_landmarks(const weft_landmarks_t *l, const weft_graph_t *g, weft_x_t x, weft_var_t *r)
{
    if (!l->score.w || !r) return NULL;
    int64_t n = l->pairs;
    weft_var_t *at = weft_arc_means(g, weft_linear(&l->score, x), r, 2);
    weft_var_t *ax = weft_columns(at, 0, n), *bx = weft_columns(at, n, n), *ay = weft_columns(at, 2 * n, n), *by = weft_columns(at, 3 * n, n);
    weft_var_t *cross = weft_mix(1.0, weft_mul(ax, by), -1.0, weft_mul(ay, bx)), *dot = weft_add(weft_mul(ax, bx), weft_mul(ay, by));
    weft_var_t *size = weft_sqrt(weft_affine(weft_add(weft_mul(cross, cross), weft_mul(dot, dot)), 1.0, 1e-4), 0.0); /* |a| |b|, never 0 */
    weft_var_t *both[2] = {weft_divide(cross, size), weft_divide(dot, size)};
    return weft_concat(both, 2);
}
