/* timing/density.h: how full the layout is around a net: demand for wires (RUDY: wirelength of a net spread evenly over
 * its bounding box; Spindler and Johannes 2007) and pins, both per area, on a grid of tiles. */
#ifndef WEFT_TIMING_DENSITY_H
#define WEFT_TIMING_DENSITY_H
#include "timing/tiles.h"
#include "timing/wire_model.h"

typedef struct weft_i_density {
    weft_i_tiles_t at;     /* a tile holds some 9 instances */
    double *wire, *pins;   /* summed-area tables [(ny + 1) * (nx + 1)]: m, and counts */
} weft_i_density_t;
WEFT_MUST_CHECK weft_status_t weft_i_density_new(weft_i_density_t *density, const weft_design_t *design);
void weft_i_density_destroy(weft_i_density_t *density);

/* A net and how full its box is. Lengths in um, logarithms to base 2. */
enum { WEFT_I_N_NET_FEATURES = 13 };
extern const char *const weft_i_net_feature_name[WEFT_I_N_NET_FEATURES];
void weft_i_net_features(const weft_design_t *design, const weft_i_density_t *density, int32_t net, const weft_i_tree_t *tree, float *feature);
#endif
