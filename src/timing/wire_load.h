/* timing/wire_load.h: wires before placement: a Liberty wire_load by fan-out, as a balanced tree (each of n sinks behind R/n with C/n).
 * length(n): the library's points, straight between them, the first below, `slope` above the last. */
#ifndef WEFT_TIMING_WIRE_LOAD_H
#define WEFT_TIMING_WIRE_LOAD_H
#include "weft/design.h"
#include "weft/parasitics.h"

typedef struct weft_i_wire_load_scratch { int64_t cap_room, pin_room, a_room, b_room, res_room; float *cap, *res; int32_t *pin, *a, *b; } weft_i_wire_load_scratch_t;
/* The wire of a net driven by driver_pin; the view is valid until the next call with this scratch. */
WEFT_MUST_CHECK weft_status_t weft_i_wire_load_net(weft_i_wire_load_scratch_t *s, const weft_design_t *d, int32_t wire_load, int32_t net, int32_t driver_pin, weft_rc_net_t *view);
void weft_i_wire_load_destroy(weft_i_wire_load_scratch_t *s);
#endif
