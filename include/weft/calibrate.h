/* weft/calibrate.h: wire models fitted to routed designs.
 *
 * Per net, on the Steiner tree over its placed pins (length L, n pins, m edges), with truth C (total wire capacitance) and E
 * (mean Elmore delay to the sinks) from the routed parasitics:
 *   C = (c L + c_pin n) exp(f(x) + cap_offset)          f, g: boosted trees (Friedman 2001) on 29 features of the net and
 *   E: resistances (r l + r_edge) exp(g(x) + res_offset)   its surroundings (docs/WIRE_MODEL.md)
 * c, c_pin, r, r_edge by weighted least squares of the relative error; a net weighs as its share of the design's
 * C (E) to the power 0.7, a design as the fourth root of its nets. Deterministic; the same bits for any number of threads. */
#ifndef WEFT_CALIBRATE_H
#define WEFT_CALIBRATE_H
#include "weft/base.h"
#include "weft/design.h"
#include "weft/parasitics.h"
#include "weft/wire_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_calibration weft_calibration_t;
WEFT_API weft_calibration_t *weft_calibration_new(void); /* NULL: no memory */
WEFT_API void weft_calibration_free(weft_calibration_t *calibration);
/* Takes the nets of a placed and routed design; nothing is kept of the arguments. Designs of one family (one author, one
 * chip) are never parted into fit and test. Errors: calibrate-placement (no net is both placed and routed). O(pins). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_add(weft_calibration_t *calibration, const weft_design_t *design,
                                                            const weft_parasitics_t *routed, const char *name, const char *family,
                                                            weft_diag_t *diag);
WEFT_API int32_t weft_calibration_n_designs(const weft_calibration_t *calibration);
/* The library of the design added last as far as a model's file and the choice of a model need it: its hash and the names of its cells; nothing can be timed with it. NULL
 * where no design was added. Owner: the caller, weft_library_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_library(weft_library_t **library, const weft_calibration_t *calibration);
/* Deals the families to n_folds folds, largest first to the emptiest; fold of design i in fold[i]. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_folds(const weft_calibration_t *calibration, int32_t n_folds, int32_t *fold);

typedef struct weft_fit_report {
    int64_t n_nets;
    double c, c_pin, r, r_edge;        /* F/m, F, ohm/m, ohm */
    double cap_error, res_error;       /* median |log(model / truth)| over the fitted nets, each as its weight */
} weft_fit_report_t;
/* Fits a model on the designs whose `leave_out` is false (NULL: on all). Owner: the caller. Errors: calibrate-few (under 50
 * nets). O(nets * trees). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_fit(const weft_calibration_t *calibration, const bool *leave_out,
                                                            weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag);
/* The same without trees: the constants alone, to which weft_calibration_fit_net may add a net. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_fit_constants(const weft_calibration_t *calibration, const bool *leave_out,
                                                                      weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag);
/* A copy of `base` (a model file) with the offsets that suit the designs added. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_refit(const weft_calibration_t *calibration, const weft_wire_model_t *base,
                                                              weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag);
/* The offsets of one design under a model: weighted mean of log(truth / model) of C and of E. Errors: model-content. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_offsets(const weft_calibration_t *calibration, const weft_wire_model_t *model, int32_t design,
                                                                double *cap, double *res, weft_diag_t *diag);
/* What a model knows of its own error: weft_wires_new's `shift` and weft_wire_model_interval. A spread is that many deviations of what designs differ by: of R more,
 * for that has the longer tail (half-widths a sixth narrower in the middle, and the worst designs' coverage 0.49 for 0.27; bench/results/hybrid_sky130hd.txt). */
#define WEFT_CAP_SPREAD 1.3
#define WEFT_RES_SPREAD 2.6
WEFT_API void weft_wire_model_set_error(weft_wire_model_t *model, double cap_spread, double res_spread, const double interval[2]);

typedef struct weft_model_story { /* what the file says of itself, besides the numbers; the library's hash and cell names are kept */
    const weft_library_t *library;
    const char *title, *trained_on, *command;
    const weft_fit_report_t *fit;
} weft_model_story_t;
/* Writes a safetensors file (docs/WIRE_MODEL.md); beside and renamed. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_wire_model_write(const weft_wire_model_t *model, const weft_model_story_t *story,
                                                             const char *path, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
