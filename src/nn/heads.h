/* nn/heads.h: heads side by side become their mean. */
#ifndef WEFT_NN_HEADS_H
#define WEFT_NN_HEADS_H
#include "weft/ops.h"

static inline weft_var_t *weft_i_mean_heads(weft_var_t *y, int32_t heads)
{
    int64_t c = weft_var_cols(y) / heads;
    if (heads == 1 || !y) return y;
    weft_var_t *sum = weft_columns(y, 0, c);
    for (int32_t h = 1; h < heads; h++) sum = weft_add(sum, weft_columns(y, h * c, c));
    return weft_affine(sum, 1.0 / heads, 0.0);
}
#endif
