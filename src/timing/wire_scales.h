/* timing/wire_scales.h: what a calibrated wire model sees of a net: itself, its tree (net_trees.h), its box (density.h), its tree among the others
 * (demand.h), its pins (pin_shapes.h). */
#ifndef WEFT_TIMING_WIRE_SCALES_H
#define WEFT_TIMING_WIRE_SCALES_H
#include "timing/demand.h"
#include "timing/density.h"
#include "timing/pin_shapes.h"

/* Shared: whoever holds it frees it, and the last one ends it. */
typedef struct weft_i_layout {
    int32_t holders;
    weft_i_net_trees_t *trees;
    weft_i_density_t density;
    weft_i_demand_t demand;
    float *feature; /* [n_nets, WEFT_I_N_WIRE_FEATURES] of nets with a tree, kept between the trees of a model and its network; else NULL */
} weft_i_layout_t;
WEFT_MUST_CHECK weft_status_t weft_i_layout_new(weft_i_layout_t **layout, const weft_design_t *design);
weft_i_layout_t *weft_i_layout_hold(weft_i_layout_t *layout);
void weft_i_layout_free(weft_i_layout_t *layout);

enum { WEFT_I_N_WIRE_FEATURES = WEFT_I_N_NET_FEATURES + WEFT_I_N_DEMAND_FEATURES + WEFT_I_N_SHAPE_FEATURES };
const char *weft_i_wire_feature_name(int32_t i);
void weft_i_wire_features(const weft_design_t *design, const weft_i_layout_t *layout, int32_t net, const weft_i_tree_t *tree, float *feature);
/* exp of the model's corrections for every net: fills cap_scale and res_scale. wires->layout is there. */
WEFT_MUST_CHECK weft_status_t weft_i_wires_scales(weft_wires_t *wires);
#endif
