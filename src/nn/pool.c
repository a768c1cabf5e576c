/* nn/pool.c: from nodes to graphs by attention. */
#include "nn/names.h"
#include "weft/nn.h"

weft_attention_pool_t weft_attention_pool_init(weft_params_t *params, const char *name, int64_t width)
{
    return (weft_attention_pool_t){weft_linear_init(params, weft_i_name(name, "gate").text, width, 1, true, WEFT_INIT_FAN_IN)};
}

weft_var_t *weft_attention_pool(const weft_attention_pool_t *l, const weft_graph_t *members, weft_var_t *x)
{
    if (!x) return NULL;
    weft_var_t *score = weft_arc_ends(members, WEFT_ENDS_ADD, weft_linear(&l->gate, weft_x_dense(x)), NULL);
    return weft_spmm_weighted(members, weft_segment_softmax(members, weft_once(score)), x);
}
