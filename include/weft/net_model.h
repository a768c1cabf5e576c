/* weft/net_model.h: the hybrid: a message-passing net over the nets of a placed design beside the boosted trees of a wire model.
 *
 * With h_v the state of net v, d = 64, K = 2 layers:
 *   h_v = relu(A x_v)
 *   h_v <- h_v + B relu(C0 h_v + mean over fan-in nets C1 h_u + mean over fan-out nets C2 h_u + C3 mean of all h)
 *   (n_C, n_R) = D relu(h_v)
 * x_v: 31 columns of the net, its tree among the others', its pins and its driver (docs/WIRE_MODEL.md). log C and log R of a net, over the plain c and r times
 * length, are the mean of the trees' answer and the net's; both are fitted to the same targets apart, so that their errors differ. The net is several of
 * one shape, fitted from different seeds, and answers with their mean. */
#ifndef WEFT_NET_MODEL_H
#define WEFT_NET_MODEL_H
#include "weft/calibrate.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_NET_MEMBERS = 4 };
typedef enum weft_net_kind {
    WEFT_NET_HYBRID = 0,    /* counts half, beside the trees */
    WEFT_NET_MLP            /* to compare with: the same layers without the three means, so that a net knows nothing of others; counts alone */
} weft_net_kind_t;
typedef struct weft_net_options {
    weft_net_kind_t kind;
    int32_t members;        /* 0: WEFT_NET_MEMBERS; their seeds are seed, seed + 1, .. */
    int32_t epochs;         /* 0: 60 */
    double lr;              /* 0: 3e-3, run down by cosine */
    double dropout;         /* < 0: 0.1 */
    uint64_t seed;
    weft_progress_fn progress; /* may be NULL; false cancels */
    void *progress_context;
} weft_net_options_t;
/* Adds a net to a model fitted on the same designs (leave_out as there), or replaces its own. AdamW, a step per design and epoch; Huber loss on both logarithms,
 * weighted as the trees' fit. The same bits for any number of threads. O(members x epochs x nets x d^2). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_fit_net(const weft_calibration_t *calibration, const bool *leave_out, weft_wire_model_t *model,
                                                                const weft_net_options_t *options, weft_diag_t *diag);

/* As weft_wires_new, and where the model holds a net, its answer too. Errors: those, and model-content (the net's tensors do not fit). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wires_predict(weft_wires_t **wires, const weft_wire_model_t *model, const weft_design_t *design, double shift, weft_diag_t *diag);
WEFT_API int64_t weft_wire_model_n_parameters(const weft_wire_model_t *model); /* of its net, all members; 0: none */

#ifdef __cplusplus
}
#endif
#endif
