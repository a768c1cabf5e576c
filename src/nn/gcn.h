/* nn/gcn.h: the steps of a graph convolution, for who makes them apart. */
#ifndef WEFT_NN_GCN_H
#define WEFT_NN_GCN_H
#include "weft/nn.h"

/* Whether x W is summed (dense x): the outputs are not wider than the inputs. */
bool weft_i_gcn_maps_first(const weft_gcn_conv_t *layer);
/* What is left then: the weighted sum of rows of x W, and the bias. */
weft_var_t *weft_i_gcn_rest(const weft_gcn_conv_t *layer, const weft_topology_t *t, weft_var_t *xw);
#endif
