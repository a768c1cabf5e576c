/* predict/net_graph.h: the nets of a placed design as a graph: what a message-passing net sees of them before routing.
 *
 * A node is a net with a driver whose tree is known. Columns: those of a wire model's trees (timing/wire_scales.h), then log2(1 + fF) of the pins the net drives and
 * log2(1 + fF) of its driver's max_capacitance (0: none). `fanin`: net -> net through the driver's gate (not through a register's clock pin), `fanout`: the reverse;
 * `all`: every node -> 1, `spread`: 1 -> every node. */
#ifndef WEFT_PREDICT_NET_GRAPH_H
#define WEFT_PREDICT_NET_GRAPH_H
#include "timing/wire_scales.h"
#include "weft/graph.h"

enum { WEFT_I_N_NET_COLUMNS = WEFT_I_N_WIRE_FEATURES + 2 };
typedef struct weft_i_net_graph {
    int32_t n, *net;  /* [n] in ascending order */
    weft_graph_t *fanin, *fanout, *all, *spread;
    float *x;         /* [n, WEFT_I_N_NET_COLUMNS] */
} weft_i_net_graph_t;
/* Owner: the caller, by destroy. O(pins + wirelength / tile). */
WEFT_MUST_CHECK weft_status_t weft_i_net_graph_init(weft_i_net_graph_t *g, const weft_design_t *design, const weft_i_layout_t *layout, weft_diag_t *diag);
/* The graphs of n_arcs pairs from -> to (borrowed); n is set. A failure leaves what there is to destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_net_graph_join(weft_i_net_graph_t *g, int64_t n_arcs, const int32_t *from, const int32_t *to, weft_diag_t *diag);
void weft_i_net_graph_destroy(weft_i_net_graph_t *g);
#endif
