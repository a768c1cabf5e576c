/* weft/wire_model.h: the wires of a net before routing: a tree over its placed pins with resistance and capacitance.
 *
 * A model is a row of a table, named by a spec:
 *   zero          no wires
 *   lef           Steiner tree; c and r of the LEF's routing layers (mean over the layers between the second and the fifth)
 *   mst:C,R       Manhattan spanning tree, C in fF/um, R in ohm/um
 *   steiner:C,R   Steiner tree, likewise
 *   FILE          a calibrated model (docs/WIRE_MODEL.md): Steiner tree, per net C and R corrected by boosted trees */
#ifndef WEFT_WIRE_MODEL_H
#define WEFT_WIRE_MODEL_H
#include "weft/base.h"
#include "weft/design.h"
#include "weft/lef.h"
#include "weft/parasitics.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_wire_model weft_wire_model_t;
/* lefs are needed by `lef` alone and only during the call. Errors: model-spec, model-lef (no layer with constants), and
 * those of model files. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wire_model_new(weft_wire_model_t **model, const char *spec, const weft_lef_t *const *lefs,
                                                           int32_t n_lefs, weft_diag_t *diag);
WEFT_API void weft_wire_model_free(weft_wire_model_t *model);
/* The shipped or installed model that suits a library: by the library's hash, else by the largest overlap of cell names
 * (at least half of the library's cells). Looks in $WEFT_MODELS, else in the installed models, else in those of the source
 * tree. Where none fits: *model NULL and WEFT_OK. `reason` (may be NULL) gets the choice in words, cut to size. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wire_model_choose(weft_wire_model_t **model, const weft_library_t *library, char *reason,
                                                              size_t size, weft_diag_t *diag);
/* A model with this one's constants alone (least squares on routed nets): no trees, no net. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wire_model_plain(weft_wire_model_t **plain, const weft_wire_model_t *model);
/* What the model is, for reports: the spec, or the file's name and its card's first line. Owned by the model. */
WEFT_API const char *weft_wire_model_name(const weft_wire_model_t *model);
/* The interval around a predicted slack: two-stage conformal. With q = weft_wire_model_interval (s; [early/late]; 0: the model has no measure of its error)
 * and `shift` = slack - slack with wires shifted by 1, the half-width is
 *   q^0.2 (|shift| + q / 1200)^0.8
 * (between the root of what the wires add, if the errors of a path's nets were all apart from each other, and its first power, if they were one). In 9 of 10
 * designs that the model never saw, it holds at least 9 of 10 routed slacks. weft_wire_model_interval_for is its inverse: the q whose half-width is `error`. */
WEFT_API void weft_wire_model_interval(const weft_wire_model_t *model, double interval[2]);
WEFT_API double weft_wire_model_half_width(double interval, double shift);
WEFT_API double weft_wire_model_interval_for(double error, double shift);

/* The model over a placed design: whatever it needs to know about every net, worked out once. Both are borrowed and must
 * outlive the wires. `shift` moves every capacitance and resistance by that many times the model's spread from design to
 * design (0: the estimate itself). O(pins). Thread-safe for reading. */
typedef struct weft_wires weft_wires_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wires_new(weft_wires_t **wires, const weft_wire_model_t *model, const weft_design_t *design,
                                                      double shift, weft_diag_t *diag);
/* The wires of the same model and design at another shift; what is known of the nets is not worked out again. O(nets). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wires_shifted(weft_wires_t **wires, const weft_wires_t *of, double shift);
/* Share of the nets (0..1) that lie beyond what a hybrid was fitted on: some column more than 5 deviations from the mean; 0 for models without a net. */
WEFT_API double weft_wires_beyond(const weft_wires_t *wires);
WEFT_API void weft_wires_free(weft_wires_t *wires);
/* Everything stored, as SPEF would give it; owner: the caller, weft_parasitics_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wires_store(weft_parasitics_t **parasitics, const weft_wires_t *wires);

#ifdef __cplusplus
}
#endif
#endif
