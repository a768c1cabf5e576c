/* nn/stable_position.c: how near two ends of an arc are by their eigenvectors, as a factor of the message between them. */
#include "nn/names.h"
#include "weft/gps.h"

weft_stable_position_t weft_stable_position_init(weft_params_t *params, const char *name, int32_t k, int64_t width, bool map)
{
    weft_stable_position_t l = {0};
    if (map) l.map = weft_linear_init(params, weft_i_name(name, "map").text, k, width, true, WEFT_INIT_FAN_IN);
    l.one = weft_params_add_state(params, weft_i_name(name, "one").text, map ? width : k, 1);
    l.first = weft_linear_init(params, weft_i_name(name, "first").text, 1, width, true, WEFT_INIT_FAN_IN);
    l.second = weft_linear_init(params, weft_i_name(name, "second").text, width, 1, true, WEFT_INIT_FAN_IN);
    return l;
}

weft_var_t *weft_stable_position(const weft_stable_position_t *l, const weft_graph_t *graph, weft_var_t *v)
{
    weft_var_t *p = l->map.w ? weft_linear(&l->map, weft_x_dense(v)) : v, *d = weft_arc_ends(graph, WEFT_ENDS_SUB, p, p);
    if (!d || !l->one) return NULL;
    weft_var_t *square = weft_row_dot(weft_mul(d, d), weft_param_var(weft_var_tape(d), l->one), 1);
    return weft_sigmoid(weft_once(weft_linear(&l->second, weft_x_dense(weft_relu(weft_once(weft_linear(&l->first, weft_x_dense(square))))))));
}
