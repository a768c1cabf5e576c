/* circuit/sdc_commands.h: the SDC commands as they run in the child: names become ids there, and records go to the parent. */
#ifndef WEFT_CIRCUIT_SDC_COMMANDS_H
#define WEFT_CIRCUIT_SDC_COMMANDS_H
#include "parsers/sdc.h"
#include "weft/constraints.h"

typedef struct weft_i_sdc_clock {
    char *name;
    double period;           /* 0: generated */
    bool generated, gone;    /* gone: replaced by a later clock of its name */
    int32_t n_sources, *source;
} weft_i_sdc_clock_t;

typedef struct weft_i_sdc_child {
    const weft_design_t *design;
    double time_unit, cap_unit, res_unit;
    int32_t n_clocks;
    weft_i_sdc_clock_t *clock; /* those made so far */
} weft_i_sdc_child_t;
bool weft_i_sdc_command(void *context, weft_i_sdc_run_t *run, int argc, const char *const *argv);
extern const char weft_i_sdc_prelude[]; /* commands that are easier said in Tcl */
#endif
