/* timing/wire_model.h: the insides of wire models, shared by the files of this room. */
#ifndef WEFT_TIMING_WIRE_MODEL_H
#define WEFT_TIMING_WIRE_MODEL_H
#include "timing/steiner.h"
#include "timing/wire_source.h"
#include "trees/boost.h"
#include "weft/wire_model.h"

/* WEFT_I_STEINER: as short as it gets; WEFT_I_SHORT_WAYS: Steiner trees with short ways from the driver (timing/steiner.h), those of calibrated models. */
typedef enum weft_i_topology { WEFT_I_NO_WIRE = 0, WEFT_I_SPANNING, WEFT_I_STEINER, WEFT_I_SHORT_WAYS } weft_i_topology_t;

/* A tensor that a model file carries for a room above; this one keeps it and asks nothing. */
typedef struct weft_i_kept_tensor { char *name; int64_t rows, cols; float *value; } weft_i_kept_tensor_t;
void weft_i_kept_free(weft_i_kept_tensor_t *kept, int32_t n);
WEFT_MUST_CHECK weft_status_t weft_i_kept_copy(weft_i_kept_tensor_t **to, const weft_i_kept_tensor_t *from, int32_t n);

struct weft_wire_model {
    char *name;
    weft_i_topology_t topology;
    double c, r;          /* F/m and ohm/m of tree length */
    double c_pin, r_edge; /* F per pin and ohm per tree edge: vias and stubs */
    weft_i_boost_t *cap_trees, *res_trees; /* log corrections per net; NULL: none */
    double cap_offset, res_offset;         /* log: the flow's own, by calibration on one design */
    double cap_spread, res_spread;         /* log: how much that offset differs from design to design */
    double interval[2];                    /* s: q of weft_wire_model_half_width; [early/late] */
    int32_t n_kept;
    weft_i_kept_tensor_t *kept;
    bool net_alone;       /* the net that is kept answers without the trees */
    char *json;           /* what the file says of itself; NULL: no file */
};

struct weft_wires {
    const weft_wire_model_t *model;
    const weft_design_t *design;
    struct weft_i_layout *layout;  /* what a calibrated model sees (wire_scales.h), shared with those shifted from it; NULL: nothing */
    float *cap_scale, *res_scale; /* [n_nets] or NULL */
    double cap_factor, res_factor; /* of every net, besides */
    double beyond;                 /* share of the nets that lie beyond what the model was fitted on */
};

typedef struct weft_i_wire_scratch {
    weft_i_tree_t tree;
    int64_t x_cap, y_cap, pin_cap, cap_cap, res_cap;
    double *x, *y;
    int32_t *pin;
    float *cap, *res;
} weft_i_wire_scratch_t;
void weft_i_wire_scratch_destroy(weft_i_wire_scratch_t *s);

weft_i_wire_source_t weft_i_wires_source(const weft_wires_t *wires);
#endif
