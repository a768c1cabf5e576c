/* nn/dagnn.c: a gated sum over all distances walked. */
#include "nn/names.h"
#include "weft/nn.h"

weft_dagnn_t weft_dagnn_init(weft_params_t *params, const char *name, int64_t width, int32_t k)
{
    return (weft_dagnn_t){weft_linear_init(params, weft_i_name(name, "gate").text, width, 1, true, WEFT_INIT_FAN_IN), k};
}

weft_var_t *weft_dagnn(const weft_dagnn_t *l, const weft_topology_t *t, weft_var_t *z)
{
    weft_var_t *sum = weft_row_scale(z, weft_sigmoid(weft_linear(&l->gate, weft_x_dense(z))));
    for (int32_t i = 0; i < l->k && sum; i++) {
        z = weft_spmm(t->looped, t->gcn, z, WEFT_SUM);
        sum = weft_add(sum, weft_row_scale(z, weft_sigmoid(weft_linear(&l->gate, weft_x_dense(z)))));
    }
    return sum;
}
