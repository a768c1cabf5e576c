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
    return g->sum[way][(int64_t)(g->nx + 1) * (g->ny + 1) - 1];
}

Test(demand, every_wire_is_laid_once)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_demand_t g = demand_of(d);
    /* n1: 100 um across; n2: 40 across and 60 up. Both L shapes are laid, so twice. */
    cr_expect(llabs(sum_of(&g, 0) - 2 * 140000) <= 2 * (g.nx + g.ny), "%lld", (long long)sum_of(&g, 0));
    cr_expect(llabs(sum_of(&g, 1) - 2 * 60000) <= 2 * (g.nx + g.ny), "%lld", (long long)sum_of(&g, 1));
    weft_i_demand_destroy(&g);
    weft_design_free(d);
    weft_library_free(l);
}

Test(demand, features_of_a_straight_wire)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_demand_t g = demand_of(d);
    weft_i_wire_scratch_t s = {0};
    float f[WEFT_I_N_DEMAND_FEATURES];
    bool known = false;
    int32_t net = d->pin_net[weft_design_find_pin(d, "g1/Y", 4)];
    cr_assert_eq(weft_i_net_tree(d, WEFT_I_SHORT_WAYS, net, &s, &known), WEFT_OK);
    cr_assert(known);
    weft_i_demand_features(&g, d, net, &s.tree, f);
    double tile = g.tile * 1e6, own = tile / (tile * tile); /* a tile crossed by this wire and by no other of its direction */
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

/* What is read from summed areas against tile by tile: the middle of the grid and its corners, pieces within a tile and over many. */
Test(demand, a_tile_reads_as_it_was_laid)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    place(d, "r1/D", 0, 0);
    place(d, "g1/Y", 0, 0);
    place(d, "r2/D", 100, 100); /* the grid's other corner */
    weft_i_demand_t g = demand_of(d);
    weft_i_wire_scratch_t s = {0};
    float f[WEFT_I_N_DEMAND_FEATURES];
    bool known = false;
    int32_t net = d->pin_net[weft_design_find_pin(d, "r1/Q", 4)]; /* alone: 20, 40 to 60, 100 */
    cr_assert_eq(weft_i_net_tree(d, WEFT_I_SHORT_WAYS, net, &s, &known), WEFT_OK);
    weft_i_demand_features(&g, d, net, &s.tree, f);
    cr_expect_float_eq(f[0], (float)log2(41.0), 1e-4f);
    cr_expect_float_eq(f[1], (float)log2(61.0), 1e-4f);
    /* Along its own way each tile holds half of a wire a tile long; at either end less of the last. */
    double tile = g.tile * 1e6, half = 0.5 / tile;
    cr_expect(f[2] > (float)(0.5 * half) && f[2] < (float)(1.01 * half), "%g of %g", (double)f[2], half);
    cr_expect(f[3] > (float)(0.5 * half) && f[3] < (float)(1.01 * half), "%g of %g", (double)f[3], half);
    /* Up and down are met at the two ends of the way across, and the other way round. */
    cr_expect(f[8] > 0.0f && f[8] < f[3]);
    cr_expect(f[9] > 0.0f && f[9] < f[2]);
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
