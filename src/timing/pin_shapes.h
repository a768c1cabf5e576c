/* timing/pin_shapes.h: what the size of a net's pins takes from its wires: a router may end a wire anywhere on a pin, so that what is left to cross between two
 * neighbours of the tree is the gap between their boxes, not the way between their middles. On short nets that is half of the wire. */
#ifndef WEFT_TIMING_PIN_SHAPES_H
#define WEFT_TIMING_PIN_SHAPES_H
#include "timing/net_trees.h"

/* Gaps along the tree's edges, horizontal and vertical (log2(1 + um)); width and height of the driver's box, and of the sinks' in the mean (um). 0 where nothing is known
 * of shapes. O(pins of the net). */
enum { WEFT_I_N_SHAPE_FEATURES = 6 };
extern const char *const weft_i_shape_feature_name[WEFT_I_N_SHAPE_FEATURES];
void weft_i_shape_features(const weft_design_t *design, int32_t net, const weft_i_tree_t *tree, float *feature);
#endif
