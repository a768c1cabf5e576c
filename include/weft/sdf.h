/* weft/sdf.h: SDF 3.0 (IEEE 1497) as a document: delays and checks by cell instance; and its linking to a design's arcs. Values in s. */
#ifndef WEFT_SDF_H
#define WEFT_SDF_H
#include "weft/base.h"
#include "weft/design.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_sdf_kind {
    WEFT_SDF_IOPATH = 0, WEFT_SDF_INTERCONNECT, WEFT_SDF_PORT /* every wire into `to` */, WEFT_SDF_DEVICE /* every arc into `to`, -1: of the instance */,
    WEFT_SDF_SETUP, WEFT_SDF_HOLD, WEFT_SDF_RECOVERY, WEFT_SDF_REMOVAL, WEFT_SDF_WIDTH, WEFT_SDF_PERIOD, WEFT_SDF_N_KINDS
} weft_sdf_kind_t;

/* One value; NaN: an empty field. A single number stands in all three. */
typedef struct weft_sdf_triple { float min, typ, max; } weft_sdf_triple_t;

/* SETUPHOLD and RECREM are two entries. Edges are masks: bit WEFT_RISE, bit WEFT_FALL. */
typedef struct weft_sdf_entry {
    int32_t from, to;        /* names, -1: none; of a check: clock and data; of WIDTH and PERIOD: to */
    int32_t cond;            /* names: the condition without blanks, -1: none */
    int32_t first_value, line;
    uint8_t kind, n_values;  /* IOPATH: 1, 2 (rise, fall), 3 (and to Z), 6 (01 10 0Z Z1 1Z Z0) or 12 values */
    uint8_t from_edges, to_edges;
    bool is_else, increment; /* CONDELSE; INCREMENT: added to what is there */
} weft_sdf_entry_t;

typedef struct weft_sdf_cell {
    int32_t type, instance;  /* names; type -1: not said; instance: joined by '/', -1: the top, -2: '*', every instance of the type */
    int32_t first_entry, n_entries, line;
} weft_sdf_cell_t;

typedef struct weft_sdf {
    weft_names_t *names;
    char *file;
    int32_t version, design; /* names or -1 */
    double time_unit;        /* s; 1 ns where the file does not say */
    int32_t n_cells; weft_sdf_cell_t *cell;
    int32_t n_entries; weft_sdf_entry_t *entry;
    int32_t n_values; weft_sdf_triple_t *value;
    int64_t n_skipped;       /* constructs that static timing does not use: PATHPULSE, RETAIN, NETDELAY, SKEW, NOCHANGE, TIMINGENV, LABEL .. */
} weft_sdf_t;

/* Errors: sdf-syntax, sdf-number, sdf-timescale, sdf-unclosed. Parsing goes on behind the entry. O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_sdf_read(weft_sdf_t **sdf, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_sdf_parse(weft_sdf_t **sdf, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_sdf_free(weft_sdf_t *sdf);

/* ---- linked: what a timer takes instead of its own values ------------------------------------------------------------ */
typedef struct weft_given_delay {
    int32_t from, to;        /* pins; of a check: clock and data */
    int32_t arc;             /* of the library; -1: a wire */
    int32_t corner;          /* -1: every corner */
    uint8_t pairs;           /* bit 2 * from_edge + to_edge */
    bool increment;
    float value[2][2];       /* s, [early/late][edge of `to`]; NaN: not given */
} weft_given_delay_t;
/* The least pulse width (edge: rise = high, fall = low) or period (edge 2) of a clock pin. */
typedef struct weft_given_pulse { int32_t pin, corner; uint8_t edge; float value; } weft_given_pulse_t;
typedef struct weft_given_delays {
    int32_t n_delays; weft_given_delay_t *delay; /* in the order of the files: the last holds */
    int32_t n_pulses; weft_given_pulse_t *pulse;
} weft_given_delays_t;

typedef struct weft_sdf_source { const weft_sdf_t *sdf; const char *corner; /* NULL: every corner */ } weft_sdf_source_t;
typedef struct weft_sdf_coverage { int64_t n_entries, n_matched; } weft_sdf_coverage_t;
/* The early side takes min, the late side max, of a hold or removal the other way round (its greater value binds early); typ stands in where both are
 * empty. An entry without COND speaks of every arc between its pins, one with COND of the arc with that sdf_cond (or `when`), CONDELSE of the arc
 * without. Warnings: sdf-no-instance, sdf-no-pin, sdf-no-arc, sdf-cell-type; error: sdf-no-corner. coverage may be NULL. O(entries). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_given_delays_link(weft_given_delays_t **given, const weft_design_t *design, const weft_sdf_source_t *sources, int32_t n_sources,
                                                              weft_sdf_coverage_t *coverage, weft_diag_t *diag);
WEFT_API void weft_given_delays_free(weft_given_delays_t *given);

#ifdef __cplusplus
}
#endif
#endif
