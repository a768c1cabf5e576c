/* nn/jump.c: jumping knowledge: one row per node out of those of all layers. */
#include "nn/names.h"
#include "weft/nn.h"

weft_var_t *weft_jump_max(weft_var_t *const *each, int32_t n)
{
    weft_var_t *most = n > 0 ? each[0] : NULL;
    for (int32_t k = 1; k < n && most; k++) most = weft_add(most, weft_once(weft_relu(weft_once(weft_mix(1.0, each[k], -1.0, most)))));
    return most;
}

static weft_lstm_t lstm_init(weft_params_t *params, const char *name, int64_t in, int64_t hidden)
{
    weft_lstm_t l = {0};
    l.in = weft_params_add(params, weft_i_name(name, "weight_ih").text, in, 4 * hidden, WEFT_INIT_FAN_IN, hidden);
    l.hidden = weft_params_add(params, weft_i_name(name, "weight_hh").text, hidden, 4 * hidden, WEFT_INIT_FAN_IN, hidden);
    l.bias = weft_params_add(params, weft_i_name(name, "bias").text, 1, 4 * hidden, WEFT_INIT_FAN_IN, hidden);
    return l;
}

/* One step; gates in the order input, forget, cell, output. h and c NULL: both 0. */
static weft_var_t *lstm_step(const weft_lstm_t *l, weft_var_t *x, weft_var_t *h, weft_var_t **c)
{
    if (!x || !l->in || !l->hidden) return NULL;
    weft_tape_t *t = weft_var_tape(x);
    int64_t width = l->hidden->rows;
    weft_var_t *z = weft_bias(weft_once(weft_matmul(x, weft_param_var(t, l->in))), weft_param_var(t, l->bias));
    if (h) z = weft_add(weft_once(z), weft_once(weft_matmul(h, weft_param_var(t, l->hidden))));
    weft_var_t *in = weft_sigmoid(weft_columns(z, 0, width)), *keep = weft_sigmoid(weft_columns(z, width, width)), *cell = weft_tanh(weft_columns(z, 2 * width, width)),
               *out = weft_sigmoid(weft_columns(z, 3 * width, width));
    weft_var_t *fresh = weft_mul(in, cell);
    *c = h ? weft_add(weft_mul(keep, *c), fresh) : fresh;
    return weft_mul(out, weft_tanh(*c));
}

weft_jump_lstm_t weft_jump_lstm_init(weft_params_t *params, const char *name, int64_t width, int32_t layers)
{
    weft_jump_lstm_t j = {0};
    int64_t hidden = (int64_t)layers * width / 2 > 0 ? (int64_t)layers * width / 2 : 1;
    j.forth = lstm_init(params, weft_i_name(name, "forth").text, width, hidden);
    j.back = lstm_init(params, weft_i_name(name, "back").text, width, hidden);
    j.score = weft_linear_init(params, weft_i_name(name, "att").text, 2 * hidden, 1, true, WEFT_INIT_FAN_IN);
    return j;
}

weft_var_t *weft_jump_lstm(const weft_jump_lstm_t *j, weft_var_t *const *each, int32_t n)
{
    weft_var_t *forth[WEFT_JUMP_MOST], *back[WEFT_JUMP_MOST], *score[WEFT_JUMP_MOST], *h = NULL, *c = NULL, *sum = NULL;
    if (n < 1 || n > WEFT_JUMP_MOST || !each[0]) return NULL;
    for (int32_t k = 0; k < n; k++) forth[k] = h = lstm_step(&j->forth, each[k], h, &c);
    h = c = NULL;
    for (int32_t k = n - 1; k >= 0; k--) back[k] = h = lstm_step(&j->back, each[k], h, &c);
    for (int32_t k = 0; k < n; k++) {
        weft_var_t *both = weft_concat((weft_var_t *[]){forth[k], back[k]}, 2);
        if (!both) return NULL;
        score[k] = weft_linear(&j->score, weft_x_dense(both));
    }
    weft_var_t *share = weft_row_softmax(weft_concat(score, n));
    for (int32_t k = 0; k < n; k++) {
        weft_var_t *part = weft_row_scale(each[k], weft_columns(share, k, 1));
        sum = k ? weft_add(weft_once(sum), weft_once(part)) : part;
    }
    return sum;
}
