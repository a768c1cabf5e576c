/* features/pin_graph.h: the pins of a placed design as a graph with columns: what a message-passing net sees before routing.
 *
 * Nodes are pins. `net`: driver -> sink (every sink hears of one driver); `sinks`: sink -> driver; `gate`: input -> output pin along delay
 * arcs, `fed`: the reverse. Columns (log: natural, of 0.1 ps + value in ps; length: log2(1 + um)):
 *   0..12 of the pin's net (density.h); 13 drives, 14 is a port, 15 is a register's clock; 16 length of the tree's path from the driver,
 *   17, 18 distances to it in x and y; 19, 20 log2(1 + pin capacitance in fF) early, late; 21..24 log slew and 25..28 log net delay ER, EF, LR,
 *   LF as the engine has them with the base wires. */
#ifndef WEFT_FEATURES_PIN_GRAPH_H
#define WEFT_FEATURES_PIN_GRAPH_H
#include "timing/timer.h"
#include "timing/wire_model.h"
#include "weft/graph.h"

enum { WEFT_I_N_PIN_FEATURES = 29, WEFT_I_PIN_SLEW = 21, WEFT_I_PIN_NET_DELAY = 25 };
typedef struct weft_i_pin_graph {
    int32_t n_pins;
    weft_graph_t *net, *sinks, *gate, *fed;
    int32_t *driver;         /* [n_pins] pin that drives the net, the pin itself for a driver, -1: none */
    float *x;                /* [n_pins, WEFT_I_N_PIN_FEATURES] */
} weft_i_pin_graph_t;
/* timer: with the base wires; its first corner is read. O(pins + wires). */
WEFT_MUST_CHECK weft_status_t weft_i_pin_graph_init(weft_i_pin_graph_t *g, const weft_design_t *design, const weft_timer_t *timer, weft_diag_t *diag);
void weft_i_pin_graph_destroy(weft_i_pin_graph_t *g);
#endif
