/* nn/gin.h: parts of GIN that GINE shares. */
#ifndef WEFT_NN_GIN_H
#define WEFT_NN_GIN_H
#include "weft/nn.h"

weft_var_t *weft_i_gin_self(const weft_gin_conv_t *l, weft_var_t *x, weft_var_t *sum); /* (1 + eps) x + sum */
weft_var_t *weft_i_gin_rest(const weft_gin_conv_t *l, weft_var_t *y);                  /* what follows the first linear map */
#endif
