/* nn/rgcn_conv.c: one weight per relation. */
#include "nn/names.h"
#include "weft/nn.h"

weft_rgcn_conv_t weft_rgcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t n_relations)
{
    weft_rgcn_conv_t l = {.n_relations = n_relations < WEFT_MAX_RELATIONS ? n_relations : WEFT_MAX_RELATIONS};
    l.self = weft_linear_init(params, weft_i_name(name, "self").text, in, out, true, WEFT_INIT_GLOROT);
    for (int32_t r = 0; r < l.n_relations; r++) {
        char part[32];
        snprintf(part, sizeof part, "relation.%d", r);
        l.w[r] = weft_params_add(params, weft_i_name(name, part).text, in, out, WEFT_INIT_GLOROT, 0);
    }
    return l;
}

weft_var_t *weft_rgcn_conv(const weft_rgcn_conv_t *l, const weft_topology_t *t, const weft_graph_t *const *relation, weft_x_t x)
{
    weft_var_t *y = weft_topology_own(t, weft_linear(&l->self, x));
    for (int32_t r = 0; r < l->n_relations && y; r++)
        y = weft_add(y, weft_spmm(relation[r], NULL, weft_x_matmul(x, weft_param_var(x.tape, l->w[r])), WEFT_MEAN));
    return y;
}
