/* timing/pin_shapes.c: see pin_shapes.h. */
#include "timing/pin_shapes.h"

#include <math.h>

static const double micron = 1e-6;

const char *const weft_i_shape_feature_name[WEFT_I_N_SHAPE_FEATURES] = {"log2_gap_h_um", "log2_gap_v_um", "driver_width_um", "driver_height_um", "sink_width_um", "sink_height_um"};

typedef struct extent { double w, h; } extent_t;

static extent_t size_of(const weft_design_t *d, int32_t pin)
{
    return d->pin_w ? (extent_t){(double)d->pin_w[pin], (double)d->pin_h[pin]} : (extent_t){0, 0};
}

void weft_i_shape_features(const weft_design_t *d, int32_t net, const weft_i_tree_t *t, float *f)
{
    int32_t first = d->net_first[net], n = d->net_first[net + 1] - first;
    extent_t gap = {0, 0}, driver = size_of(d, d->net_pin[first]), sinks = {0, 0};
    for (int32_t e = 0; e < t->n_edges; e++) {
        extent_t left = {fabs(t->x[t->a[e]] - t->x[t->b[e]]), fabs(t->y[t->a[e]] - t->y[t->b[e]])};
        for (int k = 0; k < 2; k++) {
            int32_t node = k ? t->b[e] : t->a[e];
            if (node >= n) continue; /* a Steiner point */
            extent_t s = size_of(d, d->net_pin[first + node]);
            left.w -= 0.5 * s.w;
            left.h -= 0.5 * s.h;
        }
        gap.w += fmax(left.w, 0.0);
        gap.h += fmax(left.h, 0.0);
    }
    for (int32_t i = 1; i < n; i++) {
        extent_t s = size_of(d, d->net_pin[first + i]);
        sinks.w += s.w / (n - 1);
        sinks.h += s.h / (n - 1);
    }
    f[0] = (float)log2(1.0 + gap.w / micron);
    f[1] = (float)log2(1.0 + gap.h / micron);
    f[2] = (float)(driver.w / micron);
    f[3] = (float)(driver.h / micron);
    f[4] = (float)(sinks.w / micron);
    f[5] = (float)(sinks.h / micron);
}
