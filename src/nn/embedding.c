/* nn/embedding.c: a row of numbers per value of a code. */
#include "nn/names.h"
#include "weft/nn.h"

weft_embedding_t weft_embedding_init(weft_params_t *params, const char *name, int64_t n_values, int64_t width)
{
    return (weft_embedding_t){weft_params_add(params, weft_i_name(name, "weight").text, n_values, width, WEFT_INIT_NORMAL, 0)};
}

weft_var_t *weft_embedding(const weft_embedding_t *l, weft_tape_t *tape, const weft_graph_t *codes)
{
    return weft_spmm(codes, NULL, weft_param_var(tape, l->table), WEFT_SUM);
}
