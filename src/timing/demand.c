/* timing/demand.c: see demand.h. */
#include "timing/demand.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static const double nano = 1e-9, micron = 1e-6;

/* A straight way along an axis (0 horizontal, 1 vertical): tiles lie `step` apart on it, at `at` in its row or column. */
typedef struct line { int32_t n; int64_t at, step; double origin; } line_t;
static line_t line_of(const weft_i_demand_t *g, int32_t way, double v)
{
    int64_t stride = g->at.nx + 1;
    return way ? (line_t){g->at.ny, weft_i_tile_at(&g->at, false, v), stride, g->at.y0} : (line_t){g->at.nx, weft_i_tile_at(&g->at, true, v) * stride, 1, g->at.x0};
}

/* Adds v to tile i of a line and all after it; kept as differences until all is laid, a tile's at its upper corner. */
static void from_tile(int64_t *sum, const line_t *l, int64_t corner, int32_t i, int64_t v)
{
    if (i >= l->n) return;
    int64_t *to = sum + corner + l->at + i * l->step;
#pragma omp atomic update
    *to += v;
}

static int64_t part_in(const weft_i_demand_t *g, const line_t *l, int32_t i, double low, double high)
{
    double from = l->origin + i * g->at.tile, length = fmin(high, from + g->at.tile) - fmax(low, from);
    return length > 0.0 ? (int64_t)(length / nano + 0.5) : 0;
}

static void lay(weft_i_demand_t *g, int32_t way, double v, double u0, double u1)
{
    if (u0 == u1) return;
    line_t l = line_of(g, way, v);
    double low = fmin(u0, u1), high = fmax(u0, u1);
    int32_t first = weft_i_tile_at(&g->at, way, low), last = weft_i_tile_at(&g->at, way, high);
    int64_t *sum = g->sum[way], corner = g->at.nx + 2, whole = (int64_t)(g->at.tile / nano + 0.5), here = part_in(g, &l, first, low, high);
    from_tile(sum, &l, corner, first, here);
    if (first == last) {
        from_tile(sum, &l, corner, first + 1, -here);
        return;
    }
    int64_t there = part_in(g, &l, last, low, high), before = last - first > 1 ? whole : here;
    if (last - first > 1) from_tile(sum, &l, corner, first + 1, whole - here);
    from_tile(sum, &l, corner, last, there - before);
    from_tile(sum, &l, corner, last + 1, -there);
}

/* Running sums of every row (way 0) or column; row and column 0 stay 0. */
static void accumulate(int64_t *a, const weft_i_demand_t *g, int32_t way)
{
    int64_t stride = g->at.nx + 1;
    for (int64_t j = way ? 2 : 1; j <= g->at.ny; j++)
        for (int64_t i = way ? 1 : 2; i <= g->at.nx; i++) a[j * stride + i] += a[way ? (j - 1) * stride + i : j * stride + i - 1];
}

weft_status_t weft_i_demand_init(weft_i_demand_t *g, const weft_design_t *d, const weft_i_net_trees_t *trees)
{
    weft_status_t status = WEFT_OK;
    bool failed = false;
    *g = (weft_i_demand_t){0};
    g->at = weft_i_tiles_over(d, fmin(d->n_insts * 4.0, 16e6));
    size_t n = ((size_t)g->at.nx + 1) * ((size_t)g->at.ny + 1);
    for (int k = 0; k < WEFT_I_N_LAID; k++) WEFT_TRY_ALLOC(g->sum[k] = weft_i_calloc(n, sizeof **g->sum));
    for (int32_t i = 0; i < d->n_pins; i++)
        if (!isnan(d->pin_x[i]) && d->pin_net[i] >= 0)
            g->sum[WEFT_I_LAID_PINS][(weft_i_tile_at(&g->at, true, d->pin_y[i]) + 1) * (int64_t)(g->at.nx + 1) + weft_i_tile_at(&g->at, false, d->pin_x[i]) + 1]++;
#pragma omp parallel num_threads(weft_threads())
    {
        weft_i_wire_scratch_t s = {0};
#pragma omp for schedule(dynamic, 256)
        for (int32_t net = 0; net < d->n_nets; net++) {
            bool placed = false;
            if (weft_i_net_trees_at(trees, net, &s, &placed) != WEFT_OK) {
#pragma omp atomic write
                failed = true;
            }
            const weft_i_tree_t *t = &s.tree;
            for (int32_t e = 0; e < t->n_edges && placed; e++) {
                double xa = t->x[t->a[e]], xb = t->x[t->b[e]], ya = t->y[t->a[e]], yb = t->y[t->b[e]];
                lay(g, 0, ya, xa, xb);
                lay(g, 0, yb, xa, xb);
                lay(g, 1, xa, ya, yb);
                lay(g, 1, xb, ya, yb);
            }
        }
        weft_i_wire_scratch_destroy(&s);
    }
    if (failed) WEFT_TRY(WEFT_ENOMEM);
    for (int32_t way = 0; way < 2; way++) accumulate(g->sum[way], g, way); /* differences to values */
    for (int k = 0; k < WEFT_I_N_LAID; k++)
        for (int32_t way = 0; way < 2; way++) accumulate(g->sum[k], g, way);
done:
    if (status != WEFT_OK) weft_i_demand_destroy(g);
    return status;
}

void weft_i_demand_destroy(weft_i_demand_t *g)
{
    for (int k = 0; k < WEFT_I_N_LAID; k++) weft_i_free(g->sum[k]);
    *g = (weft_i_demand_t){0};
}

const char *const weft_i_demand_feature_name[WEFT_I_N_DEMAND_FEATURES] = {"log2_h_um", "log2_v_um", "h_along_um_per_um2", "v_along_um_per_um2", "pins_along_per_um2",
    "pins_at_pins_per_um2", "h_at_pins_um_per_um2", "v_at_pins_um_per_um2", "v_across_um_per_um2", "h_across_um_per_um2"};

/* What lies in the tiles of a line up to u, the tile at u in part, times the tile's width: the integral over the way from the line's begin. */
static double upto(const weft_i_demand_t *g, const int64_t *sum, const line_t *l, double u)
{
    int64_t across = l->step == 1 ? g->at.nx + 1 : 1; /* to the line's other side */
    double t = fmin(fmax((u - l->origin) / g->at.tile, 0.0), l->n);
    int32_t i = t >= l->n ? l->n - 1 : (int32_t)t;
    const int64_t *from = sum + l->at + i * l->step, *to = from + l->step;
    double before = (double)(from[across] - from[0]), after = (double)(to[across] - to[0]);
    return (before + (t - i) * (after - before)) * g->at.tile;
}

/* Length and length x density of what is laid along a straight piece. */
static void read_along(const weft_i_demand_t *g, int32_t way, double v, double u0, double u1, double *length, double along[WEFT_I_N_LAID])
{
    line_t l = line_of(g, way, v);
    *length += fabs(u1 - u0);
    for (int k = 0; k < WEFT_I_N_LAID; k++) along[k] += fabs(upto(g, g->sum[k], &l, u1) - upto(g, g->sum[k], &l, u0));
}

/* Means over the 3 x 3 tiles about a pin. */
static void read_around(const weft_i_demand_t *g, double x, double y, double sum[WEFT_I_N_LAID])
{
    int32_t i = weft_i_tile_at(&g->at, false, x), j = weft_i_tile_at(&g->at, true, y);
    int32_t i0 = i > 0 ? i - 1 : 0, j0 = j > 0 ? j - 1 : 0, i1 = i + 2 < g->at.nx ? i + 2 : g->at.nx, j1 = j + 2 < g->at.ny ? j + 2 : g->at.ny;
    int64_t low = (int64_t)j0 * (g->at.nx + 1), high = (int64_t)j1 * (g->at.nx + 1);
    for (int k = 0; k < WEFT_I_N_LAID; k++) {
        const int64_t *s = g->sum[k];
        sum[k] += (double)(s[high + i1] - s[high + i0] - s[low + i1] + s[low + i0]) / ((i1 - i0) * (j1 - j0));
    }
}

void weft_i_demand_features(const weft_i_demand_t *g, const weft_design_t *d, int32_t net, const weft_i_tree_t *t, float *f)
{
    double length[2] = {0}, along[2][WEFT_I_N_LAID] = {{0}}, at[WEFT_I_N_LAID] = {0};
    int32_t n = 0;
    for (int32_t e = 0; e < t->n_edges; e++) {
        double xa = t->x[t->a[e]], xb = t->x[t->b[e]], ya = t->y[t->a[e]], yb = t->y[t->b[e]];
        for (int k = 0; k < 2; k++) {
            if (xa != xb) read_along(g, 0, k ? yb : ya, xa, xb, &length[0], along[0]);
            if (ya != yb) read_along(g, 1, k ? xb : xa, ya, yb, &length[1], along[1]);
        }
    }
    for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
        double x = d->pin_x[d->net_pin[i]], y = d->pin_y[d->net_pin[i]];
        if (isnan(x)) continue;
        read_around(g, x, y, at);
        n++;
    }
    double tile = g->at.tile / micron, area = tile * tile, per_wire = 0.5 * nano / micron / area, both = length[0] + length[1];
    for (int k = 0; k < 2; k++) {
        f[k] = (float)log2(1.0 + 0.5 * length[k] / micron);
        f[2 + k] = (float)(length[k] > 0.0 ? along[k][k] / length[k] * per_wire : 0.0);
        f[6 + k] = (float)(n ? at[k] / n * per_wire : 0.0);
        f[8 + k] = (float)(length[k] > 0.0 ? along[k][1 - k] / length[k] * per_wire : 0.0);
    }
    f[4] = (float)(both > 0.0 ? (along[0][WEFT_I_LAID_PINS] + along[1][WEFT_I_LAID_PINS]) / both / area : 0.0);
    f[5] = (float)(n ? at[WEFT_I_LAID_PINS] / n / area : 0.0);
}
