/* timing/density.c: see density.h. */
#include "timing/density.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

static const double micron = 1e-6;

static bool net_box(const weft_design_t *d, int32_t net, double *box)
{
    bool any = false;
    for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
        double x = d->pin_x[d->net_pin[i]], y = d->pin_y[d->net_pin[i]];
        if (isnan(x)) continue;
        if (!any) {
            box[0] = box[2] = x;
            box[1] = box[3] = y;
        }
        any = true;
        box[0] = fmin(box[0], x);
        box[1] = fmin(box[1], y);
        box[2] = fmax(box[2], x);
        box[3] = fmax(box[3], y);
    }
    return any;
}

/* Differences to values, then values to sums from the corner. Row and column 0 stay 0. */
static void accumulate(double *a, int32_t nx, int32_t ny, int32_t times)
{
    int64_t stride = nx + 1;
    for (; times; times--) {
        for (int64_t j = 1; j <= ny; j++)
            for (int64_t i = 2; i <= nx; i++) a[j * stride + i] += a[j * stride + i - 1];
        for (int64_t j = 2; j <= ny; j++)
            for (int64_t i = 1; i <= nx; i++) a[j * stride + i] += a[(j - 1) * stride + i];
    }
}

static void put(double *a, const weft_i_density_t *g, int32_t i, int32_t j, double v)
{
    if (i < g->at.nx && j < g->at.ny) a[(int64_t)(j + 1) * (g->at.nx + 1) + i + 1] += v;
}

weft_status_t weft_i_density_new(weft_i_density_t *g, const weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    *g = (weft_i_density_t){0};
    g->at = weft_i_tiles_over(d, fmin(d->n_insts / 9.0, 4e6));
    size_t n = ((size_t)g->at.nx + 1) * ((size_t)g->at.ny + 1);
    WEFT_TRY_ALLOC(g->wire = weft_i_calloc(n, sizeof *g->wire));
    WEFT_TRY_ALLOC(g->pins = weft_i_calloc(n, sizeof *g->pins));
    for (int32_t net = 0; net < d->n_nets; net++) {
        double box[4];
        if (d->net_first[net + 1] - d->net_first[net] < 2 || !net_box(d, net, box)) continue;
        int32_t i0 = weft_i_tile_at(&g->at, false, box[0]), i1 = weft_i_tile_at(&g->at, false, box[2]);
        int32_t j0 = weft_i_tile_at(&g->at, true, box[1]), j1 = weft_i_tile_at(&g->at, true, box[3]);
        double length = box[2] - box[0] + box[3] - box[1], part = length / (((double)i1 - i0 + 1) * ((double)j1 - j0 + 1));
        put(g->wire, g, i0, j0, part);
        put(g->wire, g, i1 + 1, j0, -part);
        put(g->wire, g, i0, j1 + 1, -part);
        put(g->wire, g, i1 + 1, j1 + 1, part);
    }
    for (int32_t i = 0; i < d->n_pins; i++) {
        if (isnan(d->pin_x[i]) || d->pin_net[i] < 0) continue;
        put(g->pins, g, weft_i_tile_at(&g->at, false, d->pin_x[i]), weft_i_tile_at(&g->at, true, d->pin_y[i]), 1.0);
    }
    accumulate(g->wire, g->at.nx, g->at.ny, 2);
    accumulate(g->pins, g->at.nx, g->at.ny, 1);
done:
    if (status != WEFT_OK) weft_i_density_destroy(g);
    return status;
}

void weft_i_density_destroy(weft_i_density_t *g)
{
    weft_i_free(g->wire);
    weft_i_free(g->pins);
    g->wire = g->pins = NULL;
}

/* Mean per m^2 over the tiles that a box touches, `margin` tiles wider. */
static double mean_over(const weft_i_density_t *g, const double *sum, const double *box, int32_t margin)
{
    int32_t i0 = weft_i_tile_at(&g->at, false, box[0]) - margin, i1 = weft_i_tile_at(&g->at, false, box[2]) + margin;
    int32_t j0 = weft_i_tile_at(&g->at, true, box[1]) - margin, j1 = weft_i_tile_at(&g->at, true, box[3]) + margin;
    if (i0 < 0) i0 = 0;
    if (j0 < 0) j0 = 0;
    if (i1 >= g->at.nx) i1 = g->at.nx - 1;
    if (j1 >= g->at.ny) j1 = g->at.ny - 1;
    int64_t s = g->at.nx + 1;
    double v = sum[(j1 + 1) * s + i1 + 1] - sum[j0 * s + i1 + 1] - sum[(j1 + 1) * s + i0] + sum[j0 * s + i0];
    return v / (((double)i1 - i0 + 1) * ((double)j1 - j0 + 1) * g->at.tile * g->at.tile);
}

const char *const weft_i_net_feature_name[WEFT_I_N_NET_FEATURES] = {
    "log2_length_um", "log2_pins", "log2_hpwl_um", "length_per_hpwl", "log2_dx_um", "log2_dy_um", "rudy_um_per_um2", "rudy_around_um_per_um2",
    "pins_per_um2", "log2_edge_distance_um", "clock_sink_share", "ports",
    "log2_mean_path_um"};

/* Mean length of the way from the first pin (a driver) to the others. */
static double mean_path(const weft_i_tree_t *t, int32_t n_pins)
{
    enum { MOST = 64 };
    double far[2 * MOST];
    bool known[2 * MOST] = {true};
    if (n_pins > MOST || t->n_nodes > 2 * MOST) return t->length / 2;
    far[0] = 0.0;
    for (int32_t pass = 0, left = t->n_edges; left && pass <= t->n_edges; pass++)
        for (int32_t e = 0; e < t->n_edges; e++) {
            int32_t a = t->a[e], b = t->b[e];
            if (known[a] == known[b]) continue;
            double length = fabs(t->x[a] - t->x[b]) + fabs(t->y[a] - t->y[b]);
            if (known[a]) far[b] = far[a] + length;
            else far[a] = far[b] + length;
            known[a] = known[b] = true;
            left--;
        }
    double sum = 0.0;
    for (int32_t i = 1; i < n_pins; i++) sum += known[i] ? far[i] : 0.0;
    return sum / (n_pins - 1);
}

static float log_um(double v) { return (float)log2(v / micron + 1.0); }

void weft_i_net_features(const weft_design_t *d, const weft_i_density_t *g, int32_t net, const weft_i_tree_t *tree, float *f)
{
    double box[4] = {0};
    int32_t first = d->net_first[net], n = d->net_first[net + 1] - first, clocks = 0, ports = 0;
    net_box(d, net, box);
    for (int32_t i = first; i < first + n; i++) {
        int32_t pin = d->net_pin[i];
        if (pin >= d->n_inst_pins) ports++;
        else if (d->pin_port[pin] >= 0 && d->library->port[d->pin_port[pin]].is_reg_clock) clocks++;
    }
    double dx = box[2] - box[0], dy = box[3] - box[1], hpwl = dx + dy;
    double cx = (box[0] + box[2]) / 2, cy = (box[1] + box[3]) / 2;
    double edge = fmin(fmin(cx - g->at.x0, g->at.x0 + g->at.nx * g->at.tile - cx), fmin(cy - g->at.y0, g->at.y0 + g->at.ny * g->at.tile - cy));
    float all[WEFT_I_N_NET_FEATURES] = {
        log_um(tree->length), (float)log2(n), log_um(hpwl), (float)(hpwl > micron ? tree->length / hpwl : 1.0), log_um(dx), log_um(dy),
        (float)(mean_over(g, g->wire, box, 0) * micron), (float)(mean_over(g, g->wire, box, 2) * micron),
        (float)(mean_over(g, g->pins, box, 0) * micron * micron), log_um(fmax(edge, 0.0)), (float)clocks / (float)n, (float)ports, log_um(mean_path(tree, n))};
    memcpy(f, all, sizeof all);
}
