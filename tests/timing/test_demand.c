/* Demand for wires by hand: the tiny netlist, placed on a line and on a corner. */
#include "base/alloc.h"
#include "support/tiny.h"
#include "timing/demand.h"

#include <math.h>

static void place(weft_design_t *d, const char *pin, double x, double y)
{
    int32_t i = weft_design_find_pin(d, pin, strlen(pin));
    cr_assert(i >= 0);
    d->pin_x[i] = x * 1e-6;
    d->pin_y[i] = y * 1e-6;
}

static weft_design_t *placed(const weft_library_t *l)
{
    weft_design_t *d = tiny_design(l);
    d->pin_x = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_x);
    d->pin_y = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_y);
    for (int32_t i = 0; i < d->n_pins; i++) d->pin_x[i] = d->pin_y[i] = NAN;
    place(d, "g1/Y", 0, 0);
    place(d, "r1/D", 100, 0);
    place(d, "r1/Q", 20, 40);
    place(d, "g2/A", 60, 100);
    return d;
}

static weft_i_demand_t demand_of(const weft_design_t *d)
{
    weft_i_net_trees_t *trees = NULL;
    weft_i_demand_t g;
    cr_assert_eq(weft_i_net_trees_new(&trees, d), WEFT_OK);
    cr_assert_eq(weft_i_demand_init(&g, d, trees), WEFT_OK);
    weft_i_net_trees_free(trees);
    return g;
}

static int64_t sum_of(const weft_i_demand_t *g, int way)
{
    return g->sum[way][(int64_t)(g->at.nx + 1) * (g->at.ny + 1) - 1];
}

Test(demand, every_wire_is_laid_once)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_demand_t g = demand_of(d);
    /* n1: 100 um across; n2: 40 across and 60 up. Both L shapes are laid, so twice. */
    cr_expect(llabs(sum_of(&g, 0) - 2 * 140000) <= 2 * (g.at.nx + g.at.ny), "%lld", (long long)sum_of(&g, 0));
    cr_expect(llabs(sum_of(&g, 1) - 2 * 60000) <= 2 * (g.at.nx + g.at.ny), "%lld", (long long)sum_of(&g, 1));
    weft_i_demand_destroy(&g);
    weft_design_free(d);
    weft_library_free(l);
}

/* Features of the net that a pin drives; the tree stays in s. */
static void features_at(const weft_design_t *d, const weft_i_demand_t *g, const char *pin, weft_i_wire_scratch_t *s, float f[WEFT_I_N_DEMAND_FEATURES])
{
    bool known = false;
    int32_t net = d->pin_net[weft_design_find_pin(d, pin, strlen(pin))];
    cr_assert_eq(weft_i_net_tree(d, WEFT_I_SHORT_WAYS, net, s, &known), WEFT_OK);
    cr_assert(known);
    weft_i_demand_features(g, d, net, &s->tree, f);
}

Test(demand, features_of_a_straight_wire)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_demand_t g = demand_of(d);
    weft_i_wire_scratch_t s = {0};
    float f[WEFT_I_N_DEMAND_FEATURES];
    features_at(d, &g, "g1/Y", &s, f);
    double tile = g.at.tile * 1e6, own = tile / (tile * tile); /* a tile crossed by this wire and by no other of its direction */
    cr_expect_float_eq(f[0], log2(101.0), 1e-4);
    cr_expect_float_eq(f[1], 0.0, 1e-6);
    cr_expect(f[2] >= (float)(0.9 * own) && f[2] < (float)(2.5 * own), "%g of %g", (double)f[2], own);
    cr_expect_float_eq(f[3], 0.0, 1e-6);
    cr_expect(f[5] > 0.0f);
    cr_expect_float_eq(f[8], 0.0, 1e-6); /* n2 crosses above it, in other tiles */
    cr_expect_float_eq(f[9], 0.0, 1e-6);
    weft_i_wire_scratch_destroy(&s);
    weft_i_demand_destroy(&g);
    weft_design_free(d);
    weft_library_free(l);
}

static double tile_of(const weft_i_demand_t *g, int kind, int64_t i, int64_t j)
{
    const int64_t *s = g->sum[kind], w = g->at.nx + 1;
    return (double)(s[(j + 1) * w + i + 1] - s[(j + 1) * w + i] - s[j * w + i + 1] + s[j * w + i]);
}

/* Tile by tile, what lies along a piece from (x0, y0) to (x1, y1), one of whose sides is 0. */
static double along(const weft_i_demand_t *g, int kind, double x0, double y0, double x1, double y1)
{
    double sum = 0.0;
    for (int64_t j = 0; j < g->at.ny; j++)
        for (int64_t i = 0; i < g->at.nx; i++) {
            double left = g->at.x0 + i * g->at.tile, low = g->at.y0 + j * g->at.tile;
            bool row = y0 == y1 ? y0 >= low && y0 < low + g->at.tile : x0 >= left && x0 < left + g->at.tile;
            double part = y0 == y1 ? fmin(fmax(x0, x1), left + g->at.tile) - fmax(fmin(x0, x1), left) : fmin(fmax(y0, y1), low + g->at.tile) - fmax(fmin(y0, y1), low);
            if (row && part > 0.0) sum += part * tile_of(g, kind, i, j);
        }
    return sum;
}

/* Wires are laid as differences and read from summed areas: the same by tiles, on a grid whose corners lie apart from the net. */
Test(demand, sums_of_areas_are_sums_of_tiles)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    place(d, "r1/D", 95, 70);
    weft_i_demand_t g = demand_of(d);
    weft_i_wire_scratch_t s = {0};
    float f[WEFT_I_N_DEMAND_FEATURES];
    features_at(d, &g, "r1/Q", &s, f);
    double x0 = 20e-6, y0 = 40e-6, x1 = 60e-6, y1 = 100e-6 - 1e-12, area = g.at.tile * g.at.tile * 1e12; /* the last row ends at 100 um */
    for (int k = 0; k < 2; k++) {
        double h = (along(&g, k, x0, y0, x1, y0) + along(&g, k, x0, y1, x1, y1)) / 80e-6, v = (along(&g, k, x0, y0, x0, y1) + along(&g, k, x1, y0, x1, y1)) / 120e-6;
        float read_h = f[k == 0 ? 2 : 8], read_v = f[k == 1 ? 3 : 9], want_h = (float)(h * 0.5e-3 / area), want_v = (float)(v * 0.5e-3 / area);
        cr_expect_float_eq(read_h, want_h, 1e-5f, "kind %d across: %g for %g", k, (double)read_h, (double)want_h);
        cr_expect_float_eq(read_v, want_v, 1e-5f, "kind %d up: %g for %g", k, (double)read_v, (double)want_v);
        cr_expect(want_h > 0.0f && want_v > 0.0f);
    }
    weft_i_wire_scratch_destroy(&s);
    weft_i_demand_destroy(&g);
    weft_design_free(d);
    weft_library_free(l);
}

Test(demand, no_place_no_demand)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    for (int32_t i = 0; i < d->n_pins; i++) d->pin_x[i] = d->pin_y[i] = NAN;
    weft_i_demand_t g = demand_of(d);
    cr_expect_eq(sum_of(&g, 0) + sum_of(&g, 1), 0);
    weft_i_demand_destroy(&g);
    weft_design_free(d);
    weft_library_free(l);
}

Test(demand, out_of_memory)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_net_trees_t *trees = NULL;
    weft_i_demand_t g;
    cr_assert_eq(weft_i_net_trees_new(&trees, d), WEFT_OK);
    for (int64_t n = 1;; n++) {
        weft_i_alloc_fail(n, false);
        weft_status_t status = weft_i_demand_init(&g, d, trees);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (status == WEFT_OK) weft_i_demand_destroy(&g);
        else cr_assert_eq(status, WEFT_ENOMEM);
        if (asked < n) break;
    }
    weft_i_net_trees_free(trees);
    weft_design_free(d);
    weft_library_free(l);
}
