/* weft/impn.h: inductive message passing among the boxes of a frame (I-MPN): GraphSAGE's aggregators with concatenation and row normalisation
 * (Hamilton et al. 2017, alg. 1; in I-MPN as Le et al. 2024 describe it), and, ours, a relation vector per arc that gates the messages:
 *   m_uv = relu(W_m x_u + b_m) * sigmoid(W_r r_uv + b_r),  a_v = AGG over u -> v of m_uv,  y_v = l2(relu(W [x_v, a_v] + b)).
 * AGG is the mean, the maximum, or the last state of an LSTM over the arcs in the graph's own order (sources ascending: number the boxes of a frame by a
 * rule of the scene, such as from left to right, and the result does not depend on the detector's order). Without relations the gate is 1.
 * A node without arcs has a = 0. Nothing depends on a node's identity. x [n, in] (n_src == n_dst), r [n_arcs, relation] or NULL, y [n, out].
 * O(n (in + out) out + n_arcs relation out), the LSTM O(n_arcs out^2) more. */
#ifndef WEFT_IMPN_H
#define WEFT_IMPN_H
#include "weft/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_aggregator { WEFT_AGGREGATE_MEAN = 0, WEFT_AGGREGATE_MAX, WEFT_AGGREGATE_LSTM } weft_aggregator_t;
typedef struct weft_impn_conv { weft_linear_t message, gate, update, lstm_in; weft_param_t *lstm_hidden; weft_aggregator_t aggregator; } weft_impn_conv_t;
/* relation: columns of r, 0: none. */
WEFT_API weft_impn_conv_t weft_impn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t relation, weft_aggregator_t aggregator);
WEFT_API weft_var_t *weft_impn_conv(const weft_impn_conv_t *layer, const weft_topology_t *t, weft_x_t x, weft_var_t *r);

/* How v lies to pairs of learned landmarks (ours; vectors as messages follow Jing et al. 2021). Per head h a landmark is a place, a mean over the boxes that v hears of:
 *   a_vh = sum over u -> v of softmax_u(w_h x_u) d_uv
 * with d_uv the offset (columns 0, 1 of r): nothing says where the frame's own up is, or that would be learned in place of the layout. Of each pair (a, b) the sine and cosine of the angle from a
 * to b under which v sees them: [n, 2 pairs], sines first. A turn of the frame changes nothing, a mirror the sines' sign: which side of a line through two things v
 * lies on is one number. A node with no arcs has 0. O(n in pairs + n_arcs pairs). */
typedef struct weft_landmarks { weft_linear_t score; int32_t pairs; } weft_landmarks_t;
WEFT_API weft_landmarks_t weft_landmarks_init(weft_params_t *params, const char *name, int64_t in, int32_t pairs);
WEFT_API weft_var_t *weft_landmarks(const weft_landmarks_t *layer, const weft_graph_t *graph, weft_x_t x, weft_var_t *r);

#ifdef __cplusplus
}
#endif
#endif
