/* nn/linear.c: x W + b. */
#include "nn/names.h"
#include "weft/nn.h"

weft_linear_t weft_linear_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool bias, weft_init_t init)
{
    weft_linear_t l = {0};
    l.w = weft_params_add(params, weft_i_name(name, "weight").text, in, out, init, 0);
    if (bias) l.b = weft_params_add(params, weft_i_name(name, "bias").text, 1, out, init == WEFT_INIT_FAN_IN ? WEFT_INIT_FAN_IN : WEFT_INIT_ZERO, in);
    return l;
}

weft_var_t *weft_linear(const weft_linear_t *l, weft_x_t x)
{
    if (!x.tape) return NULL;
    weft_var_t *y = weft_x_matmul(x, weft_param_var(x.tape, l->w));
    return l->b ? weft_bias(weft_once(y), weft_param_var(x.tape, l->b)) : y;
}
