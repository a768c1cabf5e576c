/* timing/demand.h: how many wires want to lie where: the Steiner trees of all nets laid on a grid of tiles, each edge as half of either of its two L shapes
 * (probabilistic congestion; Lou et al. 2002, with one bend), horizontal and vertical apart, and the pins. Finer than density.h's spread over boxes: a tile is half as
 * wide as an instance, about 3 um at 130 nm, so that it tells a wire's neighbours, which couple to it; a net's features are read along its own tree.
 *
 * Sums are of whole nanometres, so that they do not depend on the order of the nets: the same bits for any number of threads. Wires are added as differences and
 * read from summed areas: O(pins + tiles), whatever the lengths. */
#ifndef WEFT_TIMING_DEMAND_H
#define WEFT_TIMING_DEMAND_H
#include "timing/net_trees.h"
#include "timing/tiles.h"

enum { WEFT_I_LAID_H, WEFT_I_LAID_V, WEFT_I_LAID_PINS, WEFT_I_N_LAID };
typedef struct weft_i_demand {
    weft_i_tiles_t at;             /* four tiles an instance */
    int64_t *sum[WEFT_I_N_LAID];   /* summed areas [(ny + 1) * (nx + 1)]: nm of horizontal and of vertical wire, twice; pins */
} weft_i_demand_t;
/* Owner: the caller, by destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_demand_init(weft_i_demand_t *demand, const weft_design_t *design, const weft_i_net_trees_t *trees);
void weft_i_demand_destroy(weft_i_demand_t *demand);

/* Lengths of the tree (log2(1 + um)) horizontal and vertical; wire per area (um / um^2) along it in its own direction; pins per um^2 along it; the three around its
 * pins (3 x 3 tiles, mean over the pins); wire of the other direction along it. */
enum { WEFT_I_N_DEMAND_FEATURES = 10 };
extern const char *const weft_i_demand_feature_name[WEFT_I_N_DEMAND_FEATURES];
void weft_i_demand_features(const weft_i_demand_t *demand, const weft_design_t *design, int32_t net, const weft_i_tree_t *tree, float *feature);
#endif
