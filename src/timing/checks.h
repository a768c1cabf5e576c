/* timing/checks.h: shared by the files that end paths. */
#ifndef WEFT_TIMING_CHECKS_H
#define WEFT_TIMING_CHECKS_H
#include "timing/timer.h"

/* The required time of a path is the tightest of all ends behind it. */
void weft_i_tighten(weft_i_path_t *path, double required);
#endif
