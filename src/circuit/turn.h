/* circuit/turn.h: the eight orientations of a placed macro. */
#ifndef WEFT_CIRCUIT_TURN_H
#define WEFT_CIRCUIT_TURN_H
#include "weft/design.h"

typedef struct weft_i_spot { double x, y; } weft_i_spot_t;

/* Where a point of the upright macro comes to lie, from the lower-left corner of the turned one. */
static inline weft_i_spot_t weft_i_turn(weft_i_spot_t p, double w, double h, uint8_t orient)
{
    switch (orient) {
    case WEFT_S: return (weft_i_spot_t){w - p.x, h - p.y};
    case WEFT_W: return (weft_i_spot_t){h - p.y, p.x};
    case WEFT_E: return (weft_i_spot_t){p.y, w - p.x};
    case WEFT_FN: return (weft_i_spot_t){w - p.x, p.y};
    case WEFT_FS: return (weft_i_spot_t){p.x, h - p.y};
    case WEFT_FW: return (weft_i_spot_t){p.y, p.x};
    case WEFT_FE: return (weft_i_spot_t){h - p.y, w - p.x};
    default: return p;
    }
}
#endif
