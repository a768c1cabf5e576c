/* weft/timing.h: static timing analysis of a linked design: delays, slews, arrivals, required times, slacks.
 *
 * Early/late x rise/fall in every corner at once; NLDM tables; effective-capacitance or lumped loads; clocks kept apart by
 * launching edge; clock reconvergence pessimism removed. Semantics follow OpenSTA (docs/TIMING.md). Times in seconds.
 * Thread safety: a timer belongs to one thread while it is updated; a finished timer is const for any number of readers.
 * The same bits for any number of threads. */
#ifndef WEFT_TIMING_H
#define WEFT_TIMING_H
#include "weft/base.h"
#include "weft/constraints.h"
#include "weft/design.h"
#include "weft/parasitics.h"
#include "weft/sdf.h"
#include "weft/wire_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_pin_cap { WEFT_PIN_CAP_NOMINAL = 0, WEFT_PIN_CAP_RANGE_MIN, WEFT_PIN_CAP_RANGE_MAX } weft_pin_cap_t;

typedef struct weft_timing_options {
    const char *delay_model;            /* "ceff" (NULL) or "lumped" */
    weft_pin_cap_t pin_cap;
    bool no_cppr;                       /* keep the clock reconvergence pessimism */
    bool enable_preset_clear;           /* time preset and clear arcs to Q */
    bool no_clock_gating_checks;        /* do not infer clock-gating checks */
    const weft_parasitics_t *parasitics;/* routed; NULL: none */
    const weft_wires_t *wires;          /* estimated, for nets without routed ones; NULL: none */
    const weft_given_delays_t *given;   /* delays and checks to take instead of calculated ones (SDF); NULL: none */
    int32_t only_group;                 /* 1 + index of a group_path in constraints->exception: ends of other paths are left out; 0: all */
    weft_progress_fn progress;
    void *progress_context;
} weft_timing_options_t;

typedef struct weft_timer weft_timer_t;

/* Builds the timing graph and runs everything. All inputs are borrowed and must outlive the timer. options NULL: defaults.
 * O(pins + arcs) solves. Errors: WEFT_ENOMEM, WEFT_EUSAGE (unknown delay model), WEFT_ECANCEL. Loops are cut and told. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_new(weft_timer_t **timer, const weft_design_t *design,
                                                      const weft_constraints_t *constraints,
                                                      const weft_timing_options_t *options, weft_diag_t *diag);
/* n timers of one design, options [n] each (NULL: defaults): delays one after the other on all threads, then every search on a thread of
 * its own. The diag hears of the first timer alone; a progress callback is called from several threads at once. On failure all are NULL. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timers_new(weft_timer_t **timers, int32_t n, const weft_design_t *design,
                                                       const weft_constraints_t *constraints, const weft_timing_options_t *options, weft_diag_t *diag);
WEFT_API void weft_timer_free(weft_timer_t *timer);

/* What one pin shows, [early/late][rise/fall]; NaN: none. A node of an inout pin or port: as_driver picks the driving side. */
typedef struct weft_pin_timing {
    bool is_clock, is_endpoint;
    float slew[2][2];
    double arrival[2][2];
    double slack[2][2]; /* [WEFT_EARLY] hold, [WEFT_LATE] setup */
} weft_pin_timing_t;
WEFT_API weft_pin_timing_t weft_timer_pin(const weft_timer_t *timer, int32_t corner, int32_t pin, bool as_driver);

typedef enum weft_check_kind {
    WEFT_CHECK_SETUP = 0, WEFT_CHECK_HOLD, WEFT_CHECK_RECOVERY, WEFT_CHECK_REMOVAL, WEFT_CHECK_OUTPUT_SETUP,
    WEFT_CHECK_OUTPUT_HOLD, WEFT_CHECK_GATING_SETUP, WEFT_CHECK_GATING_HOLD, WEFT_CHECK_DATA_SETUP, WEFT_CHECK_DATA_HOLD,
    WEFT_CHECK_MAX_DELAY, WEFT_CHECK_MIN_DELAY, WEFT_CHECK_LATCH_SETUP
} weft_check_kind_t;
WEFT_API const char *weft_check_kind_text(weft_check_kind_t kind);

/* The worst path into one endpoint for one analysis. */
typedef struct weft_endpoint {
    int32_t pin;
    uint8_t kind;         /* weft_check_kind_t */
    uint8_t early_late;   /* WEFT_LATE: setup side, WEFT_EARLY: hold side */
    uint8_t edge;         /* of the data */
    uint8_t capture_edge; /* of the clock's waveform */
    int32_t launch_clock, capture_clock; /* constraints->clock or -1 */
    int32_t group;        /* capture clock; -1: asynchronous (recovery, removal); -2: path delays; -3: clock gating; from n_clocks on: that of
                             constraints->exception[group - n_clocks], a group_path */
    double slack, arrival, required, crpr, margin;
    double edge_shift;    /* capturing edge - that edge in the clock's first period */
} weft_endpoint_t;
/* Worst first (slack, then pin). Owned by the timer. */
WEFT_API const weft_endpoint_t *weft_timer_endpoints(const weft_timer_t *timer, int32_t corner, int32_t early_late, int32_t *n);
/* Worst slack (unclipped; NaN without endpoints) and the sum of negative worst slacks per endpoint. */
WEFT_API double weft_timer_wns(const weft_timer_t *timer, int32_t corner, int32_t early_late);
WEFT_API double weft_timer_tns(const weft_timer_t *timer, int32_t corner, int32_t early_late);

typedef struct weft_timer_counts {
    int64_t n_nodes, n_edges, n_levels, n_gate_solves, n_cut_edges, n_annotated_nets, n_estimated_nets, n_bare_nets;
} weft_timer_counts_t;
WEFT_API weft_timer_counts_t weft_timer_counts(const weft_timer_t *timer);

/* The paths behind the worst n endpoints, as static timing tools print them: clock, gates with fan-out, load (pF), slew, delay and
 * time (ns), and what the capturing side adds. The clock network is expanded. O(n * depth). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_print_paths(const weft_timer_t *timer, int32_t corner, int32_t early_late, int32_t n, FILE *out);

/* One pin of a path. */
typedef struct weft_path_step {
    int32_t pin, from_pin;      /* from_pin -1: the path starts here */
    uint8_t edge, from_edge;    /* rise / fall */
    bool is_net, is_clock;      /* the way here is a wire; the clock network */
    int32_t fanout;             /* of a driver; else -1 */
    double cap;                 /* F, wire and pins, of a driver; else NaN */
    double slew, delay, arrival; /* s; delay: of the way here, NaN at the start (and of a latch passed while open) */
} weft_path_step_t;
/* The path behind the endpoint-th worst endpoint, from its start. Owner: the caller, weft_timer_path_free. O(depth). Errors: WEFT_EUSAGE (no such endpoint). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_path(const weft_timer_t *timer, int32_t corner, int32_t early_late, int32_t endpoint, weft_path_step_t **steps, int32_t *n);
WEFT_API void weft_timer_path_free(weft_path_step_t *steps);
/* Delay of the same way in another timer of the same design (underated), s; NaN: it has none. */
WEFT_API double weft_timer_arc_delay(const weft_timer_t *timer, int32_t corner, int32_t early_late, const weft_path_step_t *step);

/* CSV with exactly the columns of golden_pins.csv and golden_arcs.csv (README, "Outputs"); written beside and renamed. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_write_pins_csv(const weft_timer_t *timer, int32_t corner, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_write_arcs_csv(const weft_timer_t *timer, int32_t corner, const char *path, weft_diag_t *diag);

/* SDF 3.0 of one corner: wires, gates and checks, (early::late) per value, ns; written beside and renamed. Reads back into timing tools. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_write_sdf(const weft_timer_t *timer, int32_t corner, const char *path, weft_diag_t *diag);

/* Electrical and pulse limits: what the library and the constraints allow, against what the timer found. */
typedef enum weft_limit_kind { WEFT_LIMIT_MAX_SLEW = 0, WEFT_LIMIT_MAX_CAP, WEFT_LIMIT_MIN_CAP, WEFT_LIMIT_MAX_FANOUT, WEFT_LIMIT_PULSE_WIDTH, WEFT_LIMIT_PERIOD, WEFT_N_LIMIT_KINDS } weft_limit_kind_t;
typedef struct weft_limit {
    int32_t pin;
    uint8_t kind, edge;    /* edge: rise / fall; of a pulse: rise = high, fall = low */
    double value, limit;   /* s, F or fan-out */
    double slack;          /* limit - value, or value - limit where the limit is a least; negative: violated */
} weft_limit_t;
typedef struct weft_limits {
    int32_t n; weft_limit_t *limit;             /* the violated ones: by kind, worst first */
    int32_t n_checked[WEFT_N_LIMIT_KINDS], n_violated[WEFT_N_LIMIT_KINDS];
    weft_limit_t worst[WEFT_N_LIMIT_KINDS];     /* pin -1: nothing to check */
} weft_limits_t;
WEFT_API const char *weft_limit_kind_text(weft_limit_kind_t kind);
/* One limit per pin and kind, the tightest that speaks of it: set_max_transition, _capacitance, _fanout, set_min_capacitance,
 * set_min_pulse_width on pins, clocks or the design; the library's own. O(pins + wires). Owner: the caller, weft_limits_destroy. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_timer_limits(weft_limits_t *limits, const weft_timer_t *timer, int32_t corner);
WEFT_API void weft_limits_destroy(weft_limits_t *limits);

#ifdef __cplusplus
}
#endif
#endif
