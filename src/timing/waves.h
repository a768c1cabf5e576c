/* timing/waves.h: the answer of poles to a saturated ramp, and the times it crosses three levels.
 *
 * y(t) = (g(t - t0) - g(t - t0 - dt)) / dt,  g(u) = u + k + sum_i w_i exp(-p_i u) for u > 0, else 0. */
#ifndef WEFT_TIMING_WAVES_H
#define WEFT_TIMING_WAVES_H
#include <stdint.h>

typedef struct weft_i_wave { double t0, dt, k, p[3], w[3]; int32_t n; } weft_i_wave_t;

/* y(high). Where that is not below `least`, t[i] becomes the time in t0..high at which the wave crosses v[i], all of which are below y(high). Newton from guess[i],
 * kept inside a bracket, until a step is below 5e-4 of the span (what is left is some 1e-7 of it). Lanes of one vector: the same bits on every processor. */
double weft_i_wave_crossings(const weft_i_wave_t *w, const double v[3], const double guess[3], double high, double least, double t[3]);
/* exp of n (a multiple of 4) numbers up to 0, in place, as the limit formula has it, (1 + x/n)^n with n = 4096: what the golden timer iterates with. 0 below -12. */
void weft_i_rough_exps(int32_t n, double *x);
#endif
