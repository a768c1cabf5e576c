/* predict/net_model.h: the net of weft/net_model.h: parameters, forward pass, and how it is kept in a wire model. */
#ifndef WEFT_PREDICT_NET_MODEL_H
#define WEFT_PREDICT_NET_MODEL_H
#include "predict/net_graph.h"
#include "weft/nn.h"

enum { WEFT_I_NET_LAYERS = 2, WEFT_I_NET_WIDTH = 64, WEFT_I_NET_OUT = 2 };
typedef struct weft_i_net_model {
    weft_params_t *params;
    weft_param_t *mean, *deviation; /* of the columns */
    weft_linear_t in, mix[WEFT_I_NET_LAYERS][4], back[WEFT_I_NET_LAYERS], head;
    bool alone;                     /* nets do not hear of each other: mix[k][0] alone is there */
} weft_i_net_model_t;
WEFT_MUST_CHECK weft_status_t weft_i_net_model_init(weft_i_net_model_t *net, uint64_t seed, bool alone);
void weft_i_net_model_destroy(weft_i_net_model_t *net);
/* x [rows, WEFT_I_N_NET_COLUMNS]: normed columns of the nodes from `first` on, what lies more than 5 deviations from the training set's mean cut to that. Returns the
 * nets that have such a column. */
int32_t weft_i_net_model_input(const weft_i_net_model_t *net, const weft_i_net_graph_t *g, int64_t first, int64_t rows, float *x);
weft_var_t *weft_i_net_model(const weft_i_net_model_t *net, weft_tape_t *tape, const weft_i_net_graph_t *g, const float *x, double dropout);

/* The answer [n, WEFT_I_NET_OUT] of the nets that a model carries, their mean; beyond (may be NULL): what weft_i_net_model_input returns. Owner: the caller, by weft_i_free. */
WEFT_MUST_CHECK weft_status_t weft_i_net_model_answer(float **answer, int32_t *beyond, const weft_wire_model_t *model, const weft_i_net_graph_t *g, weft_diag_t *diag);
/* The same into answer [n, WEFT_I_NET_OUT], by blocks of that many nets: the same bits for any block. Memory: 2 x n x 64 numbers, and a block's. O(n x 64^2). */
WEFT_MUST_CHECK weft_status_t weft_i_net_infer(float *answer, int32_t *beyond, const weft_i_net_model_t *net, const weft_i_net_graph_t *g, int64_t block);
enum { WEFT_I_NET_BLOCK = 8192 };
/* What trees and net say together; both logarithms over the plain constants. */
static inline double weft_i_with_net(bool alone, double trees, float net)
{
    double said = net > 3.0f ? 3.0 : net < -3.0f ? -3.0 : (double)net;
    return alone ? said : 0.5 * (trees + said);
}

/* Into and out of the tensors that a wire model carries: `net.NAME` of the first member, `net.K.NAME` of the K-th after it. keep adds to what is there. Errors of
 * reading: model-content. */
WEFT_MUST_CHECK weft_status_t weft_i_net_model_keep(const weft_i_net_model_t *net, int32_t member, weft_wire_model_t *model);
WEFT_MUST_CHECK weft_status_t weft_i_net_model_take(weft_i_net_model_t *net, int32_t member, const weft_wire_model_t *model, weft_diag_t *diag);
int32_t weft_i_net_model_members(const weft_wire_model_t *model);
#endif
