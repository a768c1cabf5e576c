/* timing/demand.h: how many wires want to lie where: the Steiner trees of all nets laid on a grid of tiles, each edge as half of either of its two L shapes
 * (probabilistic congestion; Lou et al. 2002, with one bend), horizontal and vertical apart, and the pins. Finer than density.h's spread over boxes: a net's features
 * are read along its own tree.
 *
 * Sums are of whole nanometres, so that they do not depend on the order of the nets: the same bits for any number of threads. O(pins + wirelength / tile). */
#ifndef WEFT_TIMING_DEMAND_H
#define WEFT_TIMING_DEMAND_H
#include "timing/net_trees.h"

typedef struct weft_i_demand {
    int32_t nx, ny;
    double x0, y0, tile;   /* m */
    int64_t *wire[2];      /* [ny * nx] nm of horizontal (0) and vertical (1) wire per tile, twice */
    int32_t *pins;
} weft_i_demand_t;
/* Owner: the caller, by destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_demand_init(weft_i_demand_t *demand, const weft_design_t *design, const weft_i_net_trees_t *trees);
void weft_i_demand_destroy(weft_i_demand_t *demand);

/* Lengths of the tree (log2(1 + um)) horizontal and vertical; wire per area (um / um^2) along it in its own direction; pins per um^2 along it; the three around its
 * pins (3 x 3 tiles, mean over the pins). */
enum { WEFT_I_N_DEMAND_FEATURES = 8 };
extern const char *const weft_i_demand_feature_name[WEFT_I_N_DEMAND_FEATURES];
void weft_i_demand_features(const weft_i_demand_t *demand, const weft_design_t *design, int32_t net, const weft_i_tree_t *tree, float *feature);
#endif
