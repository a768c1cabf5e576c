/* timing/steiner.h: rectilinear trees over the pins of a net.
 *
 * Spanning: minimum Manhattan spanning tree. Steiner: shortest rectilinear Steiner tree for up to 4 pins (an optimum uses
 * only points of the Hanan grid, Hanan 1966); above, a tree grown from the first pin, the driver, by the rule between Prim's and Dijkstra's (Alpert et al.
 * 1995: next is the pin with the least distance + alpha x way from the driver; alpha 0: the spanning tree), with pairs of edges that share a node bent over
 * their median point while that shortens it. Ways in the shortest trees of large nets are longer than routers leave them: on sky130hd their Elmore delays are
 * 1.6 times the routed ones from 150 pins on; with alpha 0.15 they are within 9 % on average from 8 pins on, for at most 3 % more length.
 * Deterministic: ties go to the lower index. Cost: O(n^2) to 4096 pins; above, strips of 1024 pins joined by their nearest pairs (alpha has no say there). */
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
/* Room for so many; false: memory. */
bool weft_i_tree_room(weft_i_tree_t *tree, int64_t nodes, int64_t edges);
void weft_i_tree_destroy(weft_i_tree_t *tree);
WEFT_MUST_CHECK weft_status_t weft_i_tree_span(weft_i_tree_t *tree, int32_t n_pins, const double *x, const double *y);
WEFT_MUST_CHECK weft_status_t weft_i_tree_steiner(weft_i_tree_t *tree, int32_t n_pins, const double *x, const double *y, double alpha);
#endif
