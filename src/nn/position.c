/* nn/position.c: positional encodings to columns of a network. */
#include "nn/names.h"
#include "weft/gps.h"

enum { SIGN_LAYERS = 3 };

static bool by_norm(weft_position_kind_t kind) { return kind == WEFT_POSITION_RWSE || kind == WEFT_POSITION_HKDIAG || kind == WEFT_POSITION_ELSTATIC; }

int64_t weft_position_columns(weft_position_kind_t kind, int32_t k)
{
    if (kind == WEFT_POSITION_ELSTATIC) return 10;
    return by_norm(kind) ? k : kind == WEFT_POSITION_LAPPE || kind == WEFT_POSITION_SIGNNET || kind == WEFT_POSITION_STABLE ? 3 * k : 0;
}

weft_position_t weft_position_init(weft_params_t *params, const char *name, weft_position_kind_t kind, int32_t k, int64_t width)
{
    weft_position_t l = {.kind = kind, .k = k, .width = width};
    if (by_norm(kind)) {
        int64_t cols = weft_position_columns(kind, k);
        l.norm = weft_norm_init(params, weft_i_name(name, "norm").text, cols, WEFT_NORM_BATCH);
        l.first = weft_linear_init(params, weft_i_name(name, "linear").text, cols, width, true, WEFT_INIT_FAN_IN);
    }
    if (kind == WEFT_POSITION_LAPPE) {
        l.first = weft_linear_init(params, weft_i_name(name, "first").text, 2, 2 * width, true, WEFT_INIT_FAN_IN);
        l.second = weft_linear_init(params, weft_i_name(name, "second").text, 2 * width, width, true, WEFT_INIT_FAN_IN);
        l.one = weft_params_add_state(params, weft_i_name(name, "one").text, k, 1);
    }
    if (kind == WEFT_POSITION_SIGNNET) l.sign = weft_sign_net_init(params, weft_i_name(name, "sign").text, &(weft_sign_net_options_t){k, SIGN_LAYERS, width, width, true});
    return l;
}

static weft_var_t *lappe(const weft_position_t *l, weft_tape_t *t, weft_var_t *raw)
{
    int32_t k = l->k;
    weft_var_t *v = weft_columns(raw, 0, k), *sum = NULL;
    if (!l->one) return NULL;
    if (weft_tape_training(t)) v = weft_col_scale(v, weft_affine(weft_dropout(weft_param_var(t, l->one), 0.5), 1.0, -1.0)); /* 0 or 2, less 1 */
    weft_var_t *pair[2] = {weft_reshape(v, 1), weft_reshape(weft_columns(raw, k, k), 1)};
    weft_var_t *h = weft_relu(weft_once(weft_linear(&l->first, weft_x_dense(weft_concat(pair, 2)))));
    h = weft_row_scale(weft_once(weft_relu(weft_once(weft_linear(&l->second, weft_x_dense(h))))), weft_reshape(weft_columns(raw, 2 * k, k), 1));
    h = weft_reshape(h, k * l->width);
    for (int32_t i = 0; i < k; i++) {
        weft_var_t *one = weft_columns(h, i * l->width, l->width);
        sum = sum ? weft_add(weft_once(sum), weft_once(one)) : one;
    }
    return sum;
}

weft_var_t *weft_position(const weft_position_t *l, weft_tape_t *t, const weft_graph_t *graph, const weft_real_t *raw, int64_t n)
{
    if (l->kind == WEFT_POSITION_NONE || l->kind == WEFT_POSITION_STABLE) return NULL;
    weft_var_t *x = weft_tape_constant(t, raw, n, weft_position_columns(l->kind, l->k));
    if (l->kind == WEFT_POSITION_LAPPE) return lappe(l, t, x);
    if (l->kind == WEFT_POSITION_SIGNNET) return weft_sign_net(&l->sign, graph, weft_columns(x, 0, l->k), weft_columns(x, 2 * l->k, l->k));
    return weft_linear(&l->first, weft_x_dense(weft_norm(&l->norm, x)));
}
