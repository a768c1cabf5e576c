/* timing/rc_reduce.h: an RC tree seen from its driver: pi model, Elmore delay and second moment at every sink.
 *
 * Variants: the same tree with different pin capacitances (early/late x rise/fall), reduced in one walk.
 * Driving-point admittance moments y1, y2, y3 (O'Brien and Savarino 1989):
 *   c_far = y2^2 / y3,  c_near = y1 - c_far,  r = -y3^2 / y2^3. */
#ifndef WEFT_TIMING_RC_REDUCE_H
#define WEFT_TIMING_RC_REDUCE_H
#include "weft/base.h"
#include "weft/parasitics.h"

enum { WEFT_I_MAX_VARIANTS = 4 };

typedef struct weft_i_pi {
    float c_near, c_far; /* F; c_near + c_far = total capacitance, pins included */
    float r;             /* ohm; 0: a lumped capacitance c_near + c_far */
} weft_i_pi_t;

/* Scratch for one thread, grown as needed. Zero-initialise. */
typedef struct weft_i_rc_scratch {
    void *data;
    int64_t capacity;
} weft_i_rc_scratch_t;
void weft_i_rc_scratch_destroy(weft_i_rc_scratch_t *s);

/* Reduces `net` from the node of driver_pin. pin_cap[n_variants * i + v]: capacitance of the pin at load i; load_pin[i]:
 * the design pins that add capacitance (sinks, and other drivers with their own capacitance if they have one).
 * Out: pi[v]; elmore[n_variants * i + v] in s (m1) and beta[..] in s^2 (second moment m2 as in the TAU contest: impulse^2 = 2 beta -
 * elmore^2; may be NULL). A load without a node, a net without parasitics or without a node for the driver: loads sit
 * at the driver (elmore 0). Resistor loops: cut at the edge that closes them, counted in *n_cut (may be NULL).
 * O(nodes * variants). WEFT_ENOMEM only. */
WEFT_MUST_CHECK weft_status_t weft_i_rc_reduce(weft_i_rc_scratch_t *scratch, const weft_rc_net_t *net, int32_t driver_pin,
                                               int32_t n_loads, const int32_t *load_pin, int32_t n_variants,
                                               const float *pin_cap, weft_i_pi_t *pi, float *elmore, float *beta,
                                               int32_t *n_cut);
#endif
