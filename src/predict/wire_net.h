/* predict/wire_net.h: a message-passing net over the pins of a placed design. Per layer, with h the state of a pin:
 *   m = relu(A h);  h <- h + B relu(C [h, h_driver, mean m_sinks, max m_sinks, mean h_gate inputs, mean h_fed outputs])
 * Heads, each linear in h: per driver the logarithms of the factors of its net's capacitance and resistance (to the base wires); per pin four
 * logarithms (ER, EF, LR, LF) that correct its net delay and four that correct its slew. Inputs are normed by the training set's mean and
 * deviation, which the net holds. */
#ifndef WEFT_PREDICT_WIRE_NET_H
#define WEFT_PREDICT_WIRE_NET_H
#include "features/pin_graph.h"
#include "weft/nn.h"

enum { WEFT_I_WIRE_NET_LAYERS = 3, WEFT_I_WIRE_NET_WIDTH = 64, WEFT_I_WIRE_NET_OUT = 10 };
enum { WEFT_I_OUT_CAP = 0, WEFT_I_OUT_RES = 1, WEFT_I_OUT_NET_DELAY = 2, WEFT_I_OUT_SLEW = 6 };

typedef struct weft_i_wire_net {
    weft_params_t *params;
    weft_param_t *mean, *deviation;
    weft_linear_t in, message[WEFT_I_WIRE_NET_LAYERS], mix[WEFT_I_WIRE_NET_LAYERS], back[WEFT_I_WIRE_NET_LAYERS], head;
} weft_i_wire_net_t;
WEFT_MUST_CHECK weft_status_t weft_i_wire_net_init(weft_i_wire_net_t *net, uint64_t seed);
void weft_i_wire_net_destroy(weft_i_wire_net_t *net);
/* Sets mean and deviation from these graphs. */
void weft_i_wire_net_norm(weft_i_wire_net_t *net, const weft_i_pin_graph_t *const *graphs, int32_t n);
/* x [n_pins, WEFT_I_N_PIN_FEATURES], normed by weft_i_wire_net_input; result [n_pins, WEFT_I_WIRE_NET_OUT]. */
weft_var_t *weft_i_wire_net(const weft_i_wire_net_t *net, weft_tape_t *tape, const weft_i_pin_graph_t *g, const float *x, double dropout);
void weft_i_wire_net_input(const weft_i_wire_net_t *net, const weft_i_pin_graph_t *g, float *x);
#endif
