/* predict/calibration.h: what a calibration keeps of routed designs, shared by the fits of this room. */
#ifndef WEFT_PREDICT_CALIBRATION_H
#define WEFT_PREDICT_CALIBRATION_H
#include "predict/net_graph.h"
#include "predict/net_rows.h"

#include <math.h>

typedef struct weft_i_design_rows {
    char *name, *family;
    int32_t library;        /* in the calibration's list */
    int32_t n_all;          /* nets of the netlist */
    int64_t first, n;       /* rows */
    double cap, elmore;     /* sums of the truth */
    weft_i_net_graph_t graph;
} weft_i_design_rows_t;

typedef struct weft_i_library_key { uint64_t hash; char *cells; } weft_i_library_key_t; /* circuit/library_names.h */

struct weft_calibration {
    weft_i_net_rows_t rows;
    int32_t n_designs, n_libraries;
    int64_t design_cap, library_cap;
    weft_i_design_rows_t *design;
    weft_i_library_key_t *library;
};

/* Makes a design of the rows from design->first on: takes what *design holds (which is then empty) and, where this library is new, its cells. After a failure both belong to
 * the caller, as do the rows. */
WEFT_MUST_CHECK weft_status_t weft_i_calibration_take(weft_calibration_t *calibration, weft_i_design_rows_t *design, const char *name, const char *family, weft_i_library_key_t *library);
void weft_i_design_rows_destroy(weft_i_design_rows_t *design);

static inline double weft_i_plain_cap(const weft_wire_model_t *m, const weft_i_net_row_t *r) { return m->c * (double)r->length + m->c_pin * (double)r->n_pins; }
static inline double weft_i_plain_elmore(const weft_wire_model_t *m, const weft_i_net_row_t *r) { return m->r * (double)r->elmore_len + m->r_edge * (double)r->elmore_edge; }
static inline bool weft_i_has_elmore(const weft_i_net_row_t *r) { return r->elmore > 1e-16f && r->elmore_len + r->elmore_edge > 0.0f; }

/* A net weighs as its share of the design's truth to the power 0.7, a design as the fourth root of its nets: found by
 * cross-validation over families; design-wide features (its size, its mean density) only told families apart. */
static inline double weft_i_cap_weight(const weft_i_design_rows_t *d, const weft_i_net_row_t *r) { return pow((double)d->n, 0.25) * pow((double)r->cap / d->cap, 0.7); }
static inline double weft_i_res_weight(const weft_i_design_rows_t *d, const weft_i_net_row_t *r) { return d->elmore > 0.0 ? pow((double)d->n, 0.25) * pow((double)r->elmore / d->elmore, 0.7) : 0.0; }
static inline double weft_i_clip_log(double v) { return v > 3.0 ? 3.0 : v < -3.0 ? -3.0 : v; }
#endif
