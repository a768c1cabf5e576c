/* Sizes of pins by hand: the tiny netlist with boxes about its pins, placed from a LEF and a DEF in two orientations. */
#include "base/alloc.h"
#include "support/tiny.h"
#include "timing/pin_shapes.h"
#include "weft/placement.h"

#include <math.h>

static const char lef_text[] =
    "VERSION 5.8 ;\n"
    "MACRO INV CLASS CORE ; ORIGIN 0 0 ; SIZE 4 BY 3 ; PIN A DIRECTION INPUT ; PORT LAYER m1 ; RECT 0 1 0.5 2 ; END END A\n"
    " PIN Y DIRECTION OUTPUT ; PORT LAYER m1 ; RECT 3 0.5 3.2 2.5 ; RECT 2 0.5 3 0.7 ; END END Y END INV\n"
    "MACRO DFF CLASS CORE ; ORIGIN 0 0 ; SIZE 8 BY 3 ; PIN D DIRECTION INPUT ; PORT LAYER m1 ; RECT 1 1 1.4 2 ; END END D END DFF\n"
    "END LIBRARY\n";
static const char def_text[] = "VERSION 5.8 ; DESIGN m ; UNITS DISTANCE MICRONS 1000 ; DIEAREA ( 0 0 ) ( 100000 100000 ) ;\n"
                               "COMPONENTS 2 ; - g1 INV + PLACED ( 10000 10000 ) N ; - r1 DFF + PLACED ( 30000 20000 ) W ; END COMPONENTS\n"
                               "PINS 1 ; - a + NET a + DIRECTION INPUT + LAYER m1 ( -100 -300 ) ( 100 300 ) + PLACED ( 0 50000 ) E ; END PINS END DESIGN\n";

static weft_design_t *placed(const weft_library_t *l)
{
    weft_design_t *d = tiny_design(l);
    weft_lef_t *lef = NULL;
    weft_def_t *def = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_lef_parse(&lef, lef_text, sizeof lef_text - 1, "t.lef", diag), WEFT_OK);
    cr_assert_eq(weft_def_parse(&def, def_text, sizeof def_text - 1, "t.def", diag), WEFT_OK);
    cr_assert_eq(weft_design_place(d, (const weft_lef_t *const *)&lef, 1, (const weft_def_t *const *)&def, 1, NULL, diag), WEFT_OK);
    weft_lef_free(lef);
    weft_def_free(def);
    weft_diag_free(diag);
    return d;
}

static void expect_size(const weft_design_t *d, const char *pin, double w, double h)
{
    int32_t i = weft_design_find_pin(d, pin, strlen(pin));
    cr_assert(i >= 0);
    cr_expect_float_eq(d->pin_w[i] * 1e6f, (float)w, 1e-5f, "%s: %g wide", pin, (double)d->pin_w[i]);
    cr_expect_float_eq(d->pin_h[i] * 1e6f, (float)h, 1e-5f, "%s: %g high", pin, (double)d->pin_h[i]);
}

Test(pin_shapes, boxes_turn_with_their_cells)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    expect_size(d, "g1/A", 0.5, 1);
    expect_size(d, "g1/Y", 1.2, 2); /* the box about both of its rectangles */
    expect_size(d, "r1/D", 1, 0.4); /* lying */
    expect_size(d, "a", 0.6, 0.2);
    expect_size(d, "r1/Q", 0, 0); /* no shape */
    weft_design_free(d);
    weft_library_free(l);
}

Test(pin_shapes, gaps_between_boxes)
{
    weft_library_t *l = tiny_library();
    weft_design_t *d = placed(l);
    weft_i_wire_scratch_t s = {0};
    float f[WEFT_I_N_SHAPE_FEATURES];
    bool known = false;
    int32_t y = weft_design_find_pin(d, "g1/Y", 4), q = weft_design_find_pin(d, "r1/D", 4), net = d->pin_net[y];
    cr_assert_eq(weft_i_net_tree(d, WEFT_I_SHORT_WAYS, net, &s, &known), WEFT_OK);
    cr_assert(known);
    weft_i_shape_features(d, net, &s.tree, f);
    double dx = fabs(d->pin_x[y] - d->pin_x[q]) * 1e6 - 0.5 * (1.2 + 1), dy = fabs(d->pin_y[y] - d->pin_y[q]) * 1e6 - 0.5 * (2 + 0.4);
    double want[WEFT_I_N_SHAPE_FEATURES] = {log2(1 + dx), log2(1 + dy), 1.2, 2, 1, 0.4};
    for (int k = 0; k < WEFT_I_N_SHAPE_FEATURES; k++) cr_expect_float_eq(f[k], (float)want[k], 1e-4f, "%s: %g for %g", weft_i_shape_feature_name[k], (double)f[k], want[k]);

    d->pin_w[y] = 1.0f; /* wider than the way: no gap is left, and none is negative */
    weft_i_shape_features(d, net, &s.tree, f);
    cr_expect_float_eq(f[0], 0.0f, 1e-6f);

    weft_i_free(d->pin_w);
    weft_i_free(d->pin_h);
    d->pin_w = d->pin_h = NULL; /* nothing known: the tree's lengths, sizes of nothing */
    weft_i_shape_features(d, net, &s.tree, f);
    cr_expect_float_eq(f[0], (float)log2(1 + dx + 0.5 * (1.2 + 1)), 1e-4f);
    cr_expect_float_eq(f[3], 0.0f, 1e-6f);
    weft_i_wire_scratch_destroy(&s);
    weft_design_free(d);
    weft_library_free(l);
}
