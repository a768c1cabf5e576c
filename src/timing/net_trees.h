/* timing/net_trees.h: the tree over the pins of a net, and the trees of all nets of a design, built once for all who ask: features, demand, both timings of an
 * interval. */
#ifndef WEFT_TIMING_NET_TREES_H
#define WEFT_TIMING_NET_TREES_H
#include "timing/wire_model.h"

/* Into s->tree: nodes are the net's pins in net_pin order, then Steiner points; pins without a place lie at the middle of the others. False in *placed:
 * fewer than two pins, or none placed. */
WEFT_MUST_CHECK weft_status_t weft_i_net_tree(const weft_design_t *d, weft_i_topology_t topology, int32_t net, weft_i_wire_scratch_t *s, bool *placed);

/* Those of WEFT_I_SHORT_WAYS. Edges and Steiner points alone are kept: 8 and 16 bytes each and 16 a net. Built on all threads, the same for any number.
 * Owner: the caller, by free. `design` must outlive them. */
typedef struct weft_i_net_trees weft_i_net_trees_t;
WEFT_MUST_CHECK weft_status_t weft_i_net_trees_new(weft_i_net_trees_t **trees, const weft_design_t *design);
void weft_i_net_trees_free(weft_i_net_trees_t *trees);
/* As weft_i_net_tree, bit for bit. */
WEFT_MUST_CHECK weft_status_t weft_i_net_trees_at(const weft_i_net_trees_t *trees, int32_t net, weft_i_wire_scratch_t *s, bool *placed);
#endif
