/* timing/wire_source.h: where the RC network of a net comes from: SPEF, a wire model over the placement, or nothing.
 * One call per net; thread-safe with one scratch per thread. */
#ifndef WEFT_TIMING_WIRE_SOURCE_H
#define WEFT_TIMING_WIRE_SOURCE_H
#include "weft/base.h"
#include "weft/design.h"
#include "weft/parasitics.h"

typedef struct weft_i_wire_source {
    /* Fills *view for the net, valid until the next call with this scratch. view->present false: no wire known.
     * Never fails on a design that was linked; NULL scratch memory gives WEFT_ENOMEM. */
    weft_status_t (*net)(const void *context, void *scratch, int32_t net, weft_rc_net_t *view);
    void *(*scratch_new)(const void *context); /* NULL result: ENOMEM unless scratch_new itself is NULL */
    void (*scratch_free)(void *scratch);
    const void *context;
} weft_i_wire_source_t;
#endif
