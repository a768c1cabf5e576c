/* timing/steiner.h: rectilinear trees over the pins of a net.
 *
 * Spanning: minimum Manhattan spanning tree. Steiner: shortest rectilinear Steiner tree for up to 4 pins (an optimum uses
 * only points of the Hanan grid, Hanan 1966); above, the spanning tree with pairs of edges that share a node bent
 * over their median point while that shortens it. Deterministic: ties go to the lower index.
 * Cost: O(n^2) to 4096 pins; above, strips of 1024 pins joined by their nearest pairs. */
#ifndef WEFT_TIMING_STEINER_H
#define WEFT_TIMING_STEINER_H
#include "weft/base.h"

/* Nodes 0..n_pins-1 are the pins in the order given; Steiner points follow. Zero-initialise; grown as needed. */
typedef struct weft_i_tree {
    int32_t n_nodes, n_edges;
    double *x, *y;
    int32_t *a, *b;          /* edges */
    double length;
    int64_t x_cap, y_cap, a_cap, b_cap;
    void *scratch;
    int64_t scratch_cap;
} weft_i_tree_t;
void weft_i_tree_destroy(weft_i_tree_t *tree);
WEFT_MUST_CHECK weft_status_t weft_i_tree_span(weft_i_tree_t *tree, int32_t n_pins, const double *x, const double *y);
WEFT_MUST_CHECK weft_status_t weft_i_tree_steiner(weft_i_tree_t *tree, int32_t n_pins, const double *x, const double *y);
#endif
