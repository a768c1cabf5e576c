/* timing/demand.c: see demand.h. */
#include "timing/demand.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static const double nano = 1e-9, micron = 1e-6;

static int32_t tile_at(double v, double origin, double tile, int32_t n)
{
    double k = floor((v - origin) / tile);
    return k < 0.0 ? 0 : k >= n ? n - 1 : (int32_t)k;
}

/* A tile is as wide as some two instances of what is placed: about 8 um at 130 nm. */
static void set_grid(weft_i_demand_t *g, const weft_design_t *d)
{
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int32_t i = 0; i < d->n_pins; i++) {
        if (isnan(d->pin_x[i])) continue;
        box[0] = fmin(box[0], d->pin_x[i]);
        box[1] = fmin(box[1], d->pin_y[i]);
        box[2] = fmax(box[2], d->pin_x[i]);
        box[3] = fmax(box[3], d->pin_y[i]);
    }
    if (!(box[0] <= box[2])) memset(box, 0, sizeof box);
    double w = fmax(box[2] - box[0], micron), h = fmax(box[3] - box[1], micron), tiles = fmin(fmax(d->n_insts / 2.0, 1.0), 4e6);
    g->tile = sqrt(w * h / tiles);
    g->nx = (int32_t)fmin(fmax(ceil(w / g->tile), 1.0), 8192.0);
    g->ny = (int32_t)fmin(fmax(ceil(h / g->tile), 1.0), 8192.0);
    g->tile = fmax(w / g->nx, h / g->ny);
    g->x0 = box[0];
    g->y0 = box[1];
}

/* A straight piece from u0 to u1 (along the axis `way`: 0 horizontal, 1 vertical) at `v` across, tile by tile. */
typedef struct piece { int32_t first, last; int64_t at, step; double low, high, origin; } piece_t;
static piece_t piece_of(const weft_i_demand_t *g, int32_t way, double v, double u0, double u1)
{
    double origin = way ? g->y0 : g->x0;
    int32_t n = way ? g->ny : g->nx, across = way ? tile_at(v, g->x0, g->tile, g->nx) : tile_at(v, g->y0, g->tile, g->ny);
    piece_t p = {.low = fmin(u0, u1), .high = fmax(u0, u1), .origin = origin, .step = way ? g->nx : 1};
    p.first = tile_at(p.low, origin, g->tile, n);
    p.last = tile_at(p.high, origin, g->tile, n);
    p.at = way ? across : (int64_t)across * g->nx;
    return p;
}
static double part_in(const weft_i_demand_t *g, const piece_t *p, int32_t i)
{
    double from = p->origin + i * g->tile, length = fmin(p->high, from + g->tile) - fmax(p->low, from);
    return length > 0.0 ? length : 0.0;
}

static void lay(weft_i_demand_t *g, int32_t way, double v, double u0, double u1)
{
    piece_t p = piece_of(g, way, v, u0, u1);
    for (int32_t i = p.first; i <= p.last; i++) {
        int64_t nm = (int64_t)(part_in(g, &p, i) / nano + 0.5), *to = &g->wire[way][p.at + i * p.step];
#pragma omp atomic update
        *to += nm;
    }
}

weft_status_t weft_i_demand_init(weft_i_demand_t *g, const weft_design_t *d, const weft_i_net_trees_t *trees)
{
    weft_status_t status = WEFT_OK;
    bool failed = false;
    *g = (weft_i_demand_t){0};
    set_grid(g, d);
    size_t n = (size_t)g->nx * (size_t)g->ny;
    for (int k = 0; k < 2; k++) WEFT_TRY_ALLOC(g->wire[k] = weft_i_calloc(n, sizeof **g->wire));
    WEFT_TRY_ALLOC(g->pins = weft_i_calloc(n, sizeof *g->pins));
    for (int32_t i = 0; i < d->n_pins; i++)
        if (!isnan(d->pin_x[i]) && d->pin_net[i] >= 0) g->pins[(int64_t)tile_at(d->pin_y[i], g->y0, g->tile, g->ny) * g->nx + tile_at(d->pin_x[i], g->x0, g->tile, g->nx)]++;
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
    if (failed) status = WEFT_ENOMEM;
done:
    if (status != WEFT_OK) weft_i_demand_destroy(g);
    return status;
}

void weft_i_demand_destroy(weft_i_demand_t *g)
{
    for (int k = 0; k < 2; k++) weft_i_free(g->wire[k]);
    weft_i_free(g->pins);
    *g = (weft_i_demand_t){0};
}

const char *const weft_i_demand_feature_name[WEFT_I_N_DEMAND_FEATURES] = {"log2_h_um", "log2_v_um", "h_along_um_per_um2", "v_along_um_per_um2", "pins_along_per_um2", "pins_at_pins_per_um2", "h_at_pins_um_per_um2", "v_at_pins_um_per_um2"};

/* Length and length x density of a piece: of wires in its own direction, of pins. */
static void read_along(const weft_i_demand_t *g, int32_t way, double v, double u0, double u1, double *length, double *wire, double *pins)
{
    piece_t p = piece_of(g, way, v, u0, u1);
    for (int32_t i = p.first; i <= p.last; i++) {
        double part = part_in(g, &p, i);
        *length += part;
        *wire += part * (double)g->wire[way][p.at + i * p.step];
        *pins += part * (double)g->pins[p.at + i * p.step];
    }
}

/* Sums over the 3 x 3 tiles about a pin, and their number. */
static void read_around(const weft_i_demand_t *g, double x, double y, double sum[3])
{
    int32_t i = tile_at(x, g->x0, g->tile, g->nx), j = tile_at(y, g->y0, g->tile, g->ny), n = 0;
    double here[3] = {0};
    for (int32_t b = j > 0 ? j - 1 : 0; b <= j + 1 && b < g->ny; b++)
        for (int32_t a = i > 0 ? i - 1 : 0; a <= i + 1 && a < g->nx; a++, n++) {
            int64_t k = (int64_t)b * g->nx + a;
            here[0] += g->pins[k];
            here[1] += (double)g->wire[0][k];
            here[2] += (double)g->wire[1][k];
        }
    for (int k = 0; k < 3; k++) sum[k] += here[k] / n;
}

void weft_i_demand_features(const weft_i_demand_t *g, const weft_design_t *d, int32_t net, const weft_i_tree_t *t, float *f)
{
    double length[2] = {0}, wire[2] = {0}, pins = 0.0, at[3] = {0};
    int32_t n = 0;
    for (int32_t e = 0; e < t->n_edges; e++) {
        double xa = t->x[t->a[e]], xb = t->x[t->b[e]], ya = t->y[t->a[e]], yb = t->y[t->b[e]];
        for (int k = 0; k < 2; k++) {
            read_along(g, 0, k ? yb : ya, xa, xb, &length[0], &wire[0], &pins);
            read_along(g, 1, k ? xb : xa, ya, yb, &length[1], &wire[1], &pins);
        }
    }
    for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
        double x = d->pin_x[d->net_pin[i]], y = d->pin_y[d->net_pin[i]];
        if (isnan(x)) continue;
        read_around(g, x, y, at);
        n++;
    }
    double tile = g->tile / micron, area = tile * tile, per_wire = 0.5 * nano / micron / area, both = length[0] + length[1];
    for (int k = 0; k < 2; k++) {
        f[k] = (float)log2(1.0 + 0.5 * length[k] / micron);
        f[2 + k] = (float)(length[k] > 0.0 ? wire[k] / length[k] * per_wire : 0.0);
        f[6 + k] = (float)(n ? at[1 + k] / n * per_wire : 0.0);
    }
    f[4] = (float)(both > 0.0 ? pins / both / area : 0.0);
    f[5] = (float)(n ? at[0] / n / area : 0.0);
}
