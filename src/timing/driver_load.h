/* timing/driver_load.h: what a driver sees: its net's wire, found or estimated, and the pins on it, reduced to a pi. */
#ifndef WEFT_TIMING_DRIVER_LOAD_H
#define WEFT_TIMING_DRIVER_LOAD_H
#include "timing/timer.h"
#include "timing/wire_load.h"
#include "timing/wire_source.h"

/* Scratch of one thread, and what it has counted. */
typedef struct weft_i_load {
    weft_i_rc_scratch_t rc;
    void *wire_scratch;
    weft_i_wire_load_scratch_t wire_load;
    int64_t load_capacity, cap_capacity, elmore_capacity, beta_capacity;
    int32_t *load;         /* pins of the net that add capacitance */
    float *cap, *elmore, *beta;
    bool by_fanout;        /* the wire at hand is an estimate by fan-out */
    int64_t n_solves, n_spef, n_estimated, n_bare;
    weft_status_t status;
} weft_i_load_t;

/* The wire of a net: routed, else a model's, else by fan-out, else none; valid until the next call. */
WEFT_MUST_CHECK weft_status_t weft_i_load_wire(const weft_timer_t *t, weft_i_load_t *w, int32_t net, int32_t driver, weft_rc_net_t *view);
/* Collects the sinks of a driver and reduces the net for the aps of one corner; pi[v], elmore and beta by variant:
 * v = 2 * (early/late) + edge, or v = edge where early and late see the same capacitances. */
WEFT_MUST_CHECK weft_status_t weft_i_load_reduce(const weft_timer_t *t, weft_i_load_t *w, const weft_rc_net_t *view, int32_t node, int32_t corner, int32_t *n_loads, int32_t *n_variants,
                                                 weft_i_pi_t *pi);
void weft_i_load_destroy(const weft_timer_t *t, weft_i_load_t *w);
#endif
