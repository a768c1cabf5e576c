/* timing/tiles.h: a grid of square tiles over all that is placed. */
#ifndef WEFT_TIMING_TILES_H
#define WEFT_TIMING_TILES_H
#include "weft/design.h"

#include <math.h>

typedef struct weft_i_tiles {
    int32_t nx, ny;
    double x0, y0, tile; /* m */
} weft_i_tiles_t;

/* About `wanted` tiles (1 at least) over the box of the placed pins; one of a micron where there are none. */
static inline weft_i_tiles_t weft_i_tiles_over(const weft_design_t *d, double wanted)
{
    const double micron = 1e-6;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int32_t i = 0; i < d->n_pins; i++) {
        if (isnan(d->pin_x[i])) continue;
        x0 = fmin(x0, d->pin_x[i]);
        y0 = fmin(y0, d->pin_y[i]);
        x1 = fmax(x1, d->pin_x[i]);
        y1 = fmax(y1, d->pin_y[i]);
    }
    if (!(x0 <= x1)) x0 = y0 = x1 = y1 = 0.0;
    double w = fmax(x1 - x0, micron), h = fmax(y1 - y0, micron), tile = sqrt(w * h / fmax(wanted, 1.0));
    int32_t nx = (int32_t)fmin(fmax(ceil(w / tile), 1.0), 8192.0), ny = (int32_t)fmin(fmax(ceil(h / tile), 1.0), 8192.0);
    return (weft_i_tiles_t){nx, ny, x0, y0, fmax(w / nx, h / ny)};
}

/* Column or row of v; outside the grid: the one at its edge. */
static inline int32_t weft_i_tile_at(const weft_i_tiles_t *t, bool row, double v)
{
    double k = floor((v - (row ? t->y0 : t->x0)) / t->tile);
    int32_t n = row ? t->ny : t->nx;
    return k < 0.0 ? 0 : k >= n ? n - 1 : (int32_t)k;
}
#endif
