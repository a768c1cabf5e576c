#include "timing/delay_calc.h"
#include "timing/delay_rows.h"

#include <string.h>

const weft_i_delay_calc_t weft_i_delay_calcs[] = {
    {"ceff", "effective capacitance on a pi model, waveforms at the sinks", false, false, true, weft_i_ceff_gate, weft_i_ceff_sink, weft_i_ceff_port},
    {"lumped", "total capacitance, Elmore delay, PERI slew", true, true, false, weft_i_lumped_gate, weft_i_lumped_sink, weft_i_lumped_port},
    {NULL, NULL, false, false, false, NULL, NULL, NULL}};

const weft_i_delay_calc_t *weft_i_delay_calc_find(const char *name)
{
    for (const weft_i_delay_calc_t *c = weft_i_delay_calcs; c->name; c++)
        if (!strcmp(c->name, name)) return c;
    return NULL;
}
