/* timing/delay_rows.h: the rows of delay_calc.c. */
#ifndef WEFT_TIMING_DELAY_ROWS_H
#define WEFT_TIMING_DELAY_ROWS_H
#include "timing/delay_calc.h"
void weft_i_lumped_gate(const weft_i_gate_t *gate, const weft_i_pi_t *pi, weft_i_drive_t *drive);
void weft_i_lumped_sink(const weft_i_drive_t *drive, double elmore, double beta, double *delay, double *slew);
void weft_i_lumped_port(const weft_thresholds_t *thresholds, int32_t edge, double in_slew, double elmore, double beta, double *delay, double *slew);
void weft_i_ceff_gate(const weft_i_gate_t *gate, const weft_i_pi_t *pi, weft_i_drive_t *drive);
void weft_i_ceff_sink(const weft_i_drive_t *drive, double elmore, double beta, double *delay, double *slew);
void weft_i_ceff_port(const weft_thresholds_t *thresholds, int32_t edge, double in_slew, double elmore, double beta, double *delay, double *slew);
#endif
