/* timing/delay_calc.h: delay calculators as rows of a table: a gate into its load, and a wire to its sinks.
 *
 * `ceff` (default): effective capacitance on a pi model with waveforms (facts: OpenSTA's dmp_ceff_elmore; the theory is
 * Dartu, Menezes, Pileggi 1996). `lumped`: total capacitance, Elmore, PERI slew sqrt(slew^2 + 2 beta - elmore^2) (TAU 2015). */
#ifndef WEFT_TIMING_DELAY_CALC_H
#define WEFT_TIMING_DELAY_CALC_H
#include "timing/rc_reduce.h"
#include "weft/library.h"

/* A table with its input slew fixed: load -> value; the hot path of the solver. Built per arc, edge and input slew. */
typedef struct weft_i_gate {
    const weft_library_t *library;
    int32_t delay_table, slew_table; /* -1: none (delay 0, slew 0) */
    double in_slew;                  /* s, table units (as a table axis means it) */
    double related_load;             /* 0 unless a table asks */
    int32_t out_edge;                /* WEFT_RISE / WEFT_FALL: which thresholds hold */
    const weft_thresholds_t *thresholds;
} weft_i_gate_t;

/* What a driver edge does; enough to evaluate any of its sinks. */
typedef struct weft_i_drive {
    double delay; /* s, threshold to threshold */
    double slew;  /* s, in table units: measured between the thresholds / derate */
    /* waveform at the near end, private to the calculator */
    int32_t kind;
    double t0, dt, ceff, rd, p[12];
    const weft_thresholds_t *thresholds;
    int32_t out_edge;
} weft_i_drive_t;

typedef struct weft_i_delay_calc {
    const char *name, *summary;
    bool needs_beta;
    bool contest;     /* count as the TAU contest does: a check's slack is also that of its capturing clock path; no reconvergence
                         credit between a rising and a falling clock path */
    bool own_cap;    /* the capacitance of the driving pin itself is part of its load */
    void (*gate)(const weft_i_gate_t *gate, const weft_i_pi_t *pi, weft_i_drive_t *drive);
    /* wire delay and slew at a sink with its Elmore delay and second moment */
    void (*sink)(const weft_i_drive_t *drive, double elmore, double beta, double *delay, double *slew);
    /* the same for a net driven by an input port with slew `in_slew` (no gate) */
    void (*port_sink)(const weft_thresholds_t *thresholds, int32_t edge, double in_slew, double elmore, double beta,
                      double *delay, double *slew);
} weft_i_delay_calc_t;

/* The table of calculators; NULL-ended by name. */
extern const weft_i_delay_calc_t weft_i_delay_calcs[];
const weft_i_delay_calc_t *weft_i_delay_calc_find(const char *name);
#endif
