/* weft/constraints.h: what an SDC says, with names resolved to ids and numbers in SI units. Plain data: an application
 * may fill it by hand. Edge masks: bit 0 rise, bit 1 fall. Min/max masks: bit 0 min (early, hold), bit 1 max (late, setup).
 * -1 or NaN: not said. Every record keeps file (index in `file`) and line. Later records of one kind override earlier ones
 * on the same object unless the command adds (-add, -add_delay). */
#ifndef WEFT_CONSTRAINTS_H
#define WEFT_CONSTRAINTS_H
#include "weft/base.h"
#include "weft/design.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_ids { int32_t n; int32_t *id; } weft_ids_t; /* owned by the constraints' arena */

/* A list of objects of mixed kinds, as -from, -through, -to and set_disable_timing take it. */
typedef enum weft_object_kind { WEFT_OBJ_PIN = 0 /* pins and ports */, WEFT_OBJ_INST, WEFT_OBJ_NET, WEFT_OBJ_CLOCK, WEFT_OBJ_LIB_CELL, WEFT_OBJ_LIB_PORT, WEFT_OBJ_DESIGN } weft_object_kind_t;
typedef struct weft_object { uint8_t kind; int32_t id; } weft_object_t;
typedef struct weft_objects { int32_t n; weft_object_t *object; } weft_objects_t;

typedef struct weft_clock {
    int32_t name;                 /* constraints->names */
    double period;                /* s */
    int32_t n_edges; double *edge;/* waveform: rise, fall, rise, fall ..; at least 2 */
    weft_ids_t sources;           /* pins; none: a virtual clock */
    bool add;                     /* -add */
    bool propagated;              /* set_propagated_clock on the clock itself */
    bool gone;                    /* another clock took its source over: it times nothing */
    /* generated clocks: filled into period and edge by the timing engine */
    bool generated;
    int32_t master_pin, master_clock; /* -source pin, -master_clock or -1 */
    int32_t divide_by, multiply_by;   /* 0: not said */
    double duty_cycle;                /* percent, NaN: not said */
    bool invert, combinational;
    int32_t n_generated_edges; int32_t *generated_edge; double *edge_shift; /* -edges, -edge_shift (NULL: none) */
    int32_t file, line;
} weft_clock_t;

typedef enum weft_clock_relation { WEFT_CLOCKS_ASYNC = 0, WEFT_CLOCKS_LOGICALLY_EXCLUSIVE, WEFT_CLOCKS_PHYSICALLY_EXCLUSIVE } weft_clock_relation_t;
typedef struct weft_clock_groups { int32_t name; uint8_t relation; bool allow_paths; int32_t n_groups; weft_ids_t *group; int32_t file, line; } weft_clock_groups_t;

typedef struct weft_port_delay { /* set_input_delay, set_output_delay */
    int32_t pin, clock;           /* clock -1: none */
    bool is_input, clock_fall, add, source_latency_included, network_latency_included, level_sensitive;
    int32_t reference_pin;
    uint8_t edges, minmax;
    double delay;
    int32_t file, line;
} weft_port_delay_t;

/* Scalar settings on one object. */
typedef enum weft_setting_kind {
    WEFT_SET_CLOCK_UNCERTAINTY = 0, /* object: clock, pin; minmax setup = max, hold = min; edges: of the capturing clock */
    WEFT_SET_CLOCK_LATENCY,         /* object: clock, pin; flag: -source; early_late mask in `el` */
    WEFT_SET_CLOCK_TRANSITION,      /* clock */
    WEFT_SET_PROPAGATED,            /* clock or pin */
    WEFT_SET_INPUT_TRANSITION,      /* pin */
    WEFT_SET_DRIVE,                 /* pin; ohm */
    WEFT_SET_LOAD,                  /* pin or net; flag: -wire_load, flag2: -subtract_pin_load */
    WEFT_SET_FANOUT_LOAD,           /* pin */
    WEFT_SET_CASE,                  /* pin; value 0, 1, 2 = rising, 3 = falling */
    WEFT_SET_LOGIC,                 /* pin; value 0, 1, 2 = dont care */
    WEFT_SET_MAX_TRANSITION,        /* design, pin, clock (flag: data path, flag2: clock path) */
    WEFT_SET_MAX_CAPACITANCE, WEFT_SET_MAX_FANOUT, WEFT_SET_MIN_CAPACITANCE,
    WEFT_SET_MIN_PULSE_WIDTH,       /* clock, pin, inst, design; edges: bit 0 high, bit 1 low */
    WEFT_SET_CLOCK_GATING_CHECK,    /* design, inst, pin, clock; flag: high, flag2: low; minmax */
    WEFT_SET_DERATE,                /* design, inst, lib cell, net; el; flag: -clock, flag2: -data, edges;
                                       detail: bit 0 cell_delay, 1 cell_check, 2 net_delay (0: all) */
    WEFT_SET_CLOCK_SENSE,           /* pin; value 0 positive, 1 negative, 2 stop_propagation; clock in object2 or -1 */
    WEFT_SET_RESISTANCE,            /* net */
    WEFT_SET_ANNOTATED_DELAY, WEFT_SET_ANNOTATED_TRANSITION, /* kept, reported */
    WEFT_N_SETTING_KINDS
} weft_setting_kind_t;
typedef struct weft_setting {
    uint8_t kind, edges, minmax, el, detail;
    bool flag, flag2;
    weft_object_t object;
    int32_t object2;              /* clock, or -1 */
    double value;
    int32_t file, line;
} weft_setting_t;

/* set_clock_uncertainty -from -to */
typedef struct weft_clock_pair_uncertainty { int32_t from, to; uint8_t from_edges, to_edges, minmax; double value; int32_t file, line; } weft_clock_pair_uncertainty_t;

typedef struct weft_driving_cell {
    int32_t pin, lib_cell, from_port, to_port; /* library ids; ports -1: not said */
    uint8_t edges, minmax; bool dont_scale, no_design_rule;
    double from_slew[2];
    int32_t file, line;
} weft_driving_cell_t;

typedef struct weft_disable { /* set_disable_timing */
    weft_object_t object;     /* pin, inst, lib cell, lib port */
    int32_t from_port, to_port; /* name ids of ports in constraints->names, or -1 */
    int32_t file, line;
} weft_disable_t;

typedef enum weft_exception_kind { WEFT_FALSE_PATH = 0, WEFT_MULTICYCLE, WEFT_MAX_DELAY, WEFT_MIN_DELAY, WEFT_GROUP_PATH } weft_exception_kind_t;
typedef struct weft_exception_point { weft_objects_t objects; uint8_t edges; } weft_exception_point_t;
typedef struct weft_exception {
    uint8_t kind, minmax;
    bool has_from, has_to;
    weft_exception_point_t from, to;  /* -rise_from on a clock: its rising edge */
    int32_t n_throughs; weft_exception_point_t *through;
    uint8_t to_end_edges;             /* -rise / -fall */
    int32_t multiplier; bool use_start; /* multicycle; -start */
    double delay; bool ignore_latency;  /* max / min delay */
    int32_t group; double weight;       /* group_path name, -default: -1 */
    uint8_t last_point;                 /* of the reader: 0 from, 1 through, 2 to */
    int32_t file, line;
} weft_exception_t;

typedef struct weft_data_check {
    weft_object_t from, to; uint8_t from_edges, to_edges, minmax; int32_t clock; double margin; int32_t file, line;
} weft_data_check_t;

typedef struct weft_constraints {
    weft_names_t *names;
    int32_t n_files; int32_t *file;     /* names */
    int32_t n_clocks; weft_clock_t *clock;
    int32_t n_clock_groups; weft_clock_groups_t *clock_groups;
    int32_t n_port_delays; weft_port_delay_t *port_delay;
    int32_t n_settings; weft_setting_t *setting;
    int32_t n_pair_uncertainties; weft_clock_pair_uncertainty_t *pair_uncertainty;
    int32_t n_driving_cells; weft_driving_cell_t *driving_cell;
    int32_t n_disables; weft_disable_t *disable;
    int32_t n_exceptions; weft_exception_t *exception;
    int32_t n_data_checks; weft_data_check_t *data_check;
    int32_t wire_load_model;            /* library->wire_load or -1 */
    int8_t wire_load_mode;              /* 0 top, 1 enclosed, 2 segmented, -1 */
    int32_t n_ignored;                  /* commands or objects without effect, each told in the diag with its line */
    void *private_data;
} weft_constraints_t;

WEFT_API weft_constraints_t *weft_constraints_new(void);
WEFT_API void weft_constraints_free(weft_constraints_t *constraints);
/* A propagated clock of the port's (or pin's) name, rising at 0, falling in the middle of its period (s), for a first look
 * without an SDC. Errors: clock-no-port, clock-period. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_constraints_add_clock(weft_constraints_t *constraints, const weft_design_t *design,
                                                                  const char *port, double period, weft_diag_t *diag);

/* A point of a path by name: a glob over ports, instances, pins, and clocks (ends) or nets (on the way). */
typedef struct weft_path_point { int32_t where; /* 0 from, 1 through (in order), 2 to */ const char *pattern; } weft_path_point_t;
/* Adds a group_path of those points; several `from` or `to` are alternatives. *index: its place in `exception`, for
 * weft_timing_options_t.only_group. Errors: path-no-object. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_constraints_add_path_group(weft_constraints_t *constraints, const weft_design_t *design, const char *name,
                                                                       const weft_path_point_t *points, int32_t n_points, int32_t *index, weft_diag_t *diag);

/* Limits of the child that runs the SDC's Tcl. 0: the default. */
typedef struct weft_sdc_limits { double cpu_seconds /* 60 */; int64_t memory_bytes /* 2 GiB beyond the parent's */; } weft_sdc_limits_t;

/* Runs SDC files, in order, in a safe Tcl interpreter in a child process against the design and appends to constraints.
 * Unknown commands, empty collections and everything ignored are reported with file and line ("sdc-ignored",
 * "sdc-empty", ..). strict: those are errors. Errors: WEFT_EINPUT, WEFT_ELIMIT (time, memory), WEFT_EIO. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_constraints_read(weft_constraints_t *constraints, const weft_design_t *design,
                                                             const char *const *paths, int32_t n_paths, bool strict,
                                                             const weft_sdc_limits_t *limits, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
