/* circuit/sdc_commands.h: the SDC commands as they run in the child: names become ids there, and records go to the parent. */
#ifndef WEFT_CIRCUIT_SDC_COMMANDS_H
#define WEFT_CIRCUIT_SDC_COMMANDS_H
#include "parsers/sdc.h"
#include "weft/constraints.h"

typedef struct weft_i_sdc_child {
    const weft_design_t *design;
    double time_unit, cap_unit, res_unit;
    int32_t n_clocks;
    int64_t clock_cap;
    char **clock;        /* names of the clocks made so far */
} weft_i_sdc_child_t;
bool weft_i_sdc_command(void *context, weft_i_sdc_run_t *run, int argc, const char *const *argv);
#endif
