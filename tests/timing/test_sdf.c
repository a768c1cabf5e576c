/* SDF: the document, the timer that takes it, and one written by the timer read back. Slacks by hand, in ns, as in test_exceptions.c. */
#include "support/tiny.h"
#include "weft/sdf.h"
#include "weft/timing.h"

#include <math.h>

typedef struct bench { weft_library_t *l; weft_design_t *d; weft_constraints_t *c; weft_timer_t *t; weft_given_delays_t *g; weft_diag_t *diag; } bench_t;

static bench_t bench(const char *sdf_text)
{
    static const char sdc[] = "create_clock -name c -period 10 [get_ports ck]\n";
    bench_t b = {.l = tiny_library(), .diag = weft_diag_new()};
    b.d = tiny_design(b.l);
    b.c = weft_constraints_new();
    const char *path = tiny_file(sdc, sizeof sdc - 1);
    cr_assert_eq(weft_constraints_read(b.c, b.d, &path, 1, false, NULL, b.diag), WEFT_OK);
    remove(path);
    weft_sdf_t *s = NULL;
    if (sdf_text) {
        cr_assert_eq(weft_sdf_parse(&s, sdf_text, strlen(sdf_text), "test", b.diag), WEFT_OK, "%s", weft_diag_n_entries(b.diag) ? weft_diag_entry(b.diag, 0)->text : "");
        cr_assert_eq(weft_given_delays_link(&b.g, b.d, &(weft_sdf_source_t){s, NULL}, 1, NULL, b.diag), WEFT_OK);
    }
    weft_sdf_free(s);
    weft_timing_options_t o = {.given = b.g};
    cr_assert_eq(weft_timer_new(&b.t, b.d, b.c, &o, b.diag), WEFT_OK);
    return b;
}

static void done(bench_t *b)
{
    weft_timer_free(b->t);
    weft_given_delays_free(b->g);
    weft_constraints_free(b->c);
    weft_design_free(b->d);
    weft_library_free(b->l);
    weft_diag_free(b->diag);
}

static double slack(const bench_t *b, const char *pin, int late)
{
    weft_pin_timing_t p = weft_timer_pin(b->t, 0, weft_design_find_pin(b->d, pin, strlen(pin)), false);
    return fmin(p.slack[late][0], p.slack[late][1]) * 1e9;
}

#define FILE_OF(cells) "(DELAYFILE (SDFVERSION \"3.0\") (DIVIDER /) (TIMESCALE 100ps)" cells ")\n"
#define GATE(x) FILE_OF("(CELL (CELLTYPE \"INV\") (INSTANCE g2) (DELAY " x "))")
#define CHECKS(x) FILE_OF("(CELL (CELLTYPE \"DFF\") (INSTANCE r2) (TIMINGCHECK " x "))")
static const struct { const char *name, *sdf; double setup, hold; } rows[] = {
    {"nothing given", FILE_OF(""), 9.65, 0.29},
    {"one value", GATE("(ABSOLUTE (IOPATH A Y (2)))"), 9.55, 0.39},
    {"early and late", GATE("(ABSOLUTE (IOPATH A Y (2::4)))"), 9.35, 0.39},
    {"an empty field keeps what was calculated", GATE("(ABSOLUTE (IOPATH A Y (::4)))"), 9.35, 0.29},
    {"typical alone serves both", GATE("(ABSOLUTE (IOPATH A Y (:3:)))"), 9.45, 0.49},
    {"rise and fall", GATE("(ABSOLUTE (IOPATH A Y (2) (4)))"), 9.35, 0.39},
    {"an edge of the input", GATE("(ABSOLUTE (IOPATH (posedge A) Y () (4)))"), 9.35, 0.29},
    {"of an edge that the arc lacks", GATE("(ABSOLUTE (IOPATH (posedge A) Y (4) ()))"), 9.65, 0.29},
    {"increment", GATE("(INCREMENT (IOPATH A Y (2)))"), 9.45, 0.49},
    {"a condition that the library lacks", GATE("(ABSOLUTE (COND B == 1'b1 (IOPATH A Y (2))))"), 9.65, 0.29},
    {"condelse", GATE("(ABSOLUTE (CONDELSE (IOPATH A Y (2))))"), 9.55, 0.39},
    {"device", GATE("(ABSOLUTE (DEVICE (2)))"), 9.55, 0.39},
    {"with pulse limits", GATE("(ABSOLUTE (IOPATH A Y ((2) (1) (1)) ((2) () ())))"), 9.55, 0.39},
    {"every instance of a type", FILE_OF("(CELL (CELLTYPE \"INV\") (INSTANCE *) (DELAY (ABSOLUTE (IOPATH A Y (2)))))"), 9.55, 0.39},
    {"a wire", FILE_OF("(CELL (CELLTYPE \"m\") (INSTANCE) (DELAY (ABSOLUTE (INTERCONNECT r1/Q g2/A (1::2)))))"), 9.45, 0.39},
    {"every wire into a pin", FILE_OF("(CELL (CELLTYPE \"m\") (INSTANCE) (DELAY (ABSOLUTE (PORT g2/A (1::2)))))"), 9.45, 0.39},
    {"setup", CHECKS("(SETUP D (posedge CK) (1::3))"), 9.4, 0.29},
    {"hold: its greater value binds", CHECKS("(HOLD D (posedge CK) (1::3))"), 9.65, 0.0},
    {"both at once", CHECKS("(SETUPHOLD D (posedge CK) (3) (-1))"), 9.4, 0.4},
    {"by edges of the data", CHECKS("(SETUP (posedge D) (posedge CK) (3)) (SETUP (negedge D) (posedge CK) (2))"), 9.4, 0.29},
    {"of the clock's other edge", CHECKS("(SETUP D (negedge CK) (3))"), 9.65, 0.29},
};

Test(sdf, slacks_by_hand)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench_t b = bench(rows[i].sdf);
        double setup = slack(&b, "r2/D", 1), hold = slack(&b, "r2/D", 0);
        cr_expect(fabs(setup - rows[i].setup) < 1e-6, "%s: setup %.6f, by hand %.6f", rows[i].name, setup, rows[i].setup);
        cr_expect(fabs(hold - rows[i].hold) < 1e-6, "%s: hold %.6f, by hand %.6f", rows[i].name, hold, rows[i].hold);
        done(&b);
    }
}

Test(sdf, what_is_written_reads_back)
{
    bench_t a = bench(CHECKS("(HOLD D (posedge CK) (1::3)) (SETUP (posedge D) (posedge CK) (3::2))"));
    char *path = tiny_file("", 0), text[20000] = "";
    cr_assert_eq(weft_timer_write_sdf(a.t, 0, path, NULL), WEFT_OK);
    FILE *f = fopen(path, "r");
    cr_assert(f && fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    remove(path);
    bench_t b = bench(text);
    for (int32_t late = 0; late < 2; late++) {
        cr_expect_float_eq(slack(&a, "r2/D", late), slack(&b, "r2/D", late), 1e-6);
        cr_expect_float_eq(slack(&a, "r1/Q", late), slack(&b, "r1/Q", late), 1e-6);
    }
    cr_expect_eq(weft_diag_n_of(b.diag, WEFT_WARNING), weft_diag_n_of(a.diag, WEFT_WARNING));
    done(&a);
    done(&b);
}

Test(sdf, pulses_are_limits)
{
    bench_t b = bench(CHECKS("(WIDTH (posedge CK) (60)) (PERIOD CK (90))"));
    weft_limits_t l;
    cr_assert_eq(weft_timer_limits(&l, b.t, 0), WEFT_OK);
    cr_expect_eq(l.n_violated[WEFT_LIMIT_PULSE_WIDTH], 1);
    cr_expect_float_eq(l.worst[WEFT_LIMIT_PULSE_WIDTH].slack * 1e9, -1.0, 1e-6);
    cr_expect_eq(l.n_checked[WEFT_LIMIT_PERIOD], 1);
    cr_expect_float_eq(l.worst[WEFT_LIMIT_PERIOD].slack * 1e9, 1.0, 1e-6);
    weft_limits_destroy(&l);
    done(&b);
}

static const struct { const char *id, *sdf; int line; } told[] = {
    {"sdf-no-instance", FILE_OF("\n(CELL (CELLTYPE \"INV\") (INSTANCE nosuch) (DELAY (ABSOLUTE (IOPATH A Y (2)))))"), 2},
    {"sdf-cell-type", FILE_OF("\n(CELL (CELLTYPE \"NAND\") (INSTANCE g2) (DELAY (ABSOLUTE (IOPATH A Y (2)))))"), 2},
    {"sdf-no-pin", GATE("\n(ABSOLUTE (IOPATH B Y (2)))"), 2},
    {"sdf-no-pin", FILE_OF("(CELL (CELLTYPE \"m\") (INSTANCE) (DELAY (ABSOLUTE\n\n(INTERCONNECT r1/Q g9/A (1)))))"), 3},
    {"sdf-no-arc", GATE("\n(ABSOLUTE (IOPATH Y A (2)))"), 2},
    {"sdf-no-arc", FILE_OF("(CELL (CELLTYPE \"m\") (INSTANCE) (DELAY (ABSOLUTE\n(INTERCONNECT r1/Q g1/A (1)))))"), 2},
};

Test(sdf, names_that_match_nothing_are_told)
{
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        bench_t b = bench(told[i].sdf);
        bool found = false;
        for (int32_t k = 0; k < weft_diag_n_entries(b.diag); k++) {
            const weft_diag_entry_t *e = weft_diag_entry(b.diag, k);
            found |= !strcmp(e->id, told[i].id) && e->line == told[i].line;
        }
        cr_expect(found, "%s at line %d", told[i].id, told[i].line);
        done(&b);
    }
    bench_t b = bench(NULL);
    weft_sdf_t *s = NULL;
    weft_given_delays_t *g = NULL;
    cr_assert_eq(weft_sdf_parse(&s, "(DELAYFILE)", 11, "test", NULL), WEFT_OK);
    cr_expect_eq(weft_given_delays_link(&g, b.d, &(weft_sdf_source_t){s, "nosuch"}, 1, NULL, b.diag), WEFT_EUSAGE);
    cr_expect_eq(weft_diag_n_of_id(b.diag, "sdf-no-corner"), 1);
    weft_sdf_free(s);
    done(&b);
}
