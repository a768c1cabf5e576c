/* timing/delay_lumped.c: the TAU contest's model: tables at the total capacitance, Elmore wires, PERI slews. */
#include "timing/delay_rows.h"

#include <math.h>

void weft_i_lumped_gate(const weft_i_gate_t *g, const weft_i_pi_t *pi, weft_i_drive_t *d)
{
    double c = (double)pi->c_near + (double)pi->c_far;
    *d = (weft_i_drive_t){.ceff = c, .thresholds = g->thresholds, .out_edge = g->out_edge};
    d->delay = g->delay_table < 0 ? 0.0 : weft_table_at(g->library, g->delay_table, g->in_slew, c, 0.0);
    d->slew = g->slew_table < 0 ? 0.0 : weft_table_at(g->library, g->slew_table, g->in_slew, c, 0.0);
}

static double peri(double slew, double elmore, double beta)
{
    double impulse = 2.0 * beta - elmore * elmore;
    return sqrt(slew * slew + (impulse > 0.0 ? impulse : 0.0));
}

void weft_i_lumped_sink(const weft_i_drive_t *d, double elmore, double beta, double *delay, double *slew)
{
    *delay = elmore;
    *slew = peri(d->slew, elmore, beta);
}

void weft_i_lumped_port(const weft_thresholds_t *t, int32_t edge, double in_slew, double elmore, double beta, double *delay, double *slew)
{
    (void)t;
    (void)edge;
    *delay = elmore;
    *slew = peri(in_slew, elmore, beta);
}
