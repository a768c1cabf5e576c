/* timing/nldm.h: a delay or slew table with its input slew fixed: load -> value, for the solver that asks it many times. The same
 * linear inter- and extrapolation as weft_table_lookup. */
#ifndef WEFT_TIMING_NLDM_H
#define WEFT_TIMING_NLDM_H
#include "weft/library.h"

typedef struct weft_i_curve {
    const float *axis, *row0, *row1; /* loads; values at the two slews around, n apart by stride */
    int32_t n, stride;
    double fraction;                 /* value = row0 + fraction (row1 - row0) */
} weft_i_curve_t;

/* table -1: the value is 0 everywhere. */
void weft_i_curve_init(weft_i_curve_t *curve, const weft_library_t *library, int32_t table, double slew);
/* Value and slope at a load. */
double weft_i_curve_at(const weft_i_curve_t *curve, double load, double *slope);
#endif
