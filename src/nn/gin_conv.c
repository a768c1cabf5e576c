/* nn/gin_conv.c: graph isomorphism network; gine_conv.c uses its network too. */
#include "nn/gin.h"
#include "nn/names.h"

weft_gin_conv_t weft_gin_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool norm, bool train_eps)
{
    weft_gin_conv_t l = {0};
    l.first = weft_linear_init(params, weft_i_name(name, "mlp.0").text, in, out, true, WEFT_INIT_FAN_IN);
    l.norm = weft_norm_init(params, weft_i_name(name, "mlp.norm").text, out, norm ? WEFT_NORM_BATCH : WEFT_NORM_NONE);
    l.second = weft_linear_init(params, weft_i_name(name, "mlp.1").text, out, out, true, WEFT_INIT_FAN_IN);
    if (train_eps) l.eps = weft_params_add(params, weft_i_name(name, "eps").text, 1, 1, WEFT_INIT_ZERO, 0);
    return l;
}

weft_var_t *weft_i_gin_self(const weft_gin_conv_t *l, weft_var_t *x, weft_var_t *sum)
{
    weft_var_t *y = weft_add(weft_once(sum), x);
    return l->eps ? weft_add(weft_once(y), weft_scalar_scale(x, weft_param_var(weft_var_tape(x), l->eps))) : y;
}

weft_var_t *weft_i_gin_rest(const weft_gin_conv_t *l, weft_var_t *y)
{
    return weft_linear(&l->second, weft_x_dense(weft_relu(weft_once(weft_norm(&l->norm, y)))));
}

weft_var_t *weft_gin_conv(const weft_gin_conv_t *l, const weft_topology_t *t, weft_x_t x)
{
    if (!x.tape || !l->first.w || !l->first.b) return NULL;
    if (x.dense && l->first.w->rows <= l->first.w->cols) return weft_i_gin_rest(l, weft_linear(&l->first, weft_x_dense(weft_i_gin_self(l, weft_topology_own(t, x.dense), weft_spmm(t->graph, NULL, x.dense, WEFT_SUM)))));
    /* The first linear map goes through the sum: fewer columns to sum. */
    weft_var_t *h = weft_x_matmul(x, weft_param_var(x.tape, l->first.w));
    weft_var_t *y = weft_i_gin_self(l, weft_topology_own(t, h), weft_spmm(t->graph, NULL, h, WEFT_SUM));
    return weft_i_gin_rest(l, weft_bias(weft_once(y), weft_param_var(x.tape, l->first.b)));
}
