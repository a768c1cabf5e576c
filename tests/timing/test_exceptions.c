/* Slacks of two registers by hand: launch 0.2 (clock to Q) + 0.1 (inverter) = 0.3 ns at r2/D; setup 0.05, hold 0.01, period 10 ns. */
#include "support/tiny.h"
#include "weft/timing.h"

#include <math.h>

typedef struct bench { weft_library_t *l; weft_design_t *d; weft_constraints_t *c; weft_timer_t *t; weft_diag_t *diag; weft_status_t status; } bench_t;

static bench_t timed(const char *sdc)
{
    bench_t b = {.l = tiny_library()};
    b.d = tiny_design(b.l);
    b.c = weft_constraints_new();
    b.diag = weft_diag_new();
    const char *path = tiny_file(sdc, strlen(sdc));
    b.status = weft_constraints_read(b.c, b.d, &path, 1, false, NULL, b.diag);
    remove(path);
    if (b.status == WEFT_OK) cr_assert_eq(weft_timer_new(&b.t, b.d, b.c, NULL, b.diag), WEFT_OK);
    return b;
}

static void done(bench_t *b)
{
    weft_timer_free(b->t);
    weft_constraints_free(b->c);
    weft_design_free(b->d);
    weft_library_free(b->l);
    weft_diag_free(b->diag);
}

/* Worst slack at a pin in ns; NaN: none. */
static double slack(const bench_t *b, const char *pin, int late)
{
    weft_pin_timing_t p = weft_timer_pin(b->t, 0, weft_design_find_pin(b->d, pin, strlen(pin)), false);
    return fmin(p.slack[late][0], p.slack[late][1]) * 1e9;
}

#define CLOCK "create_clock -name c -period 10 [get_ports ck]\n"
static const struct { const char *name, *sdc, *pin; double setup, hold; } rows[] = {
    {"plain", CLOCK, "r2/D", 10 - 0.05 - 0.3, 0.3 - 0.01},
    {"uncertainty", CLOCK "set_clock_uncertainty 0.2 [get_clocks c]\n", "r2/D", 10 - 0.05 - 0.3 - 0.2, 0.3 - 0.01 - 0.2},
    {"multicycle setup moves hold too", CLOCK "set_multicycle_path 3 -setup -to [get_pins r2/D]\n", "r2/D", 30 - 0.35, 0.29 - 20},
    {"multicycle of both", CLOCK "set_multicycle_path 3 -setup -to r2/D\nset_multicycle_path 2 -hold -to r2/D\n", "r2/D", 30 - 0.35, 0.29},
    {"false path", CLOCK "set_false_path -from [get_cells r1]\n", "r2/D", NAN, NAN},
    {"false path of the setup side", CLOCK "set_false_path -setup -through [get_nets n3]\n", "r2/D", NAN, 0.29},
    {"false beats multicycle", CLOCK "set_multicycle_path 3 -from r1\nset_false_path -to r2/D\n", "r2/D", NAN, NAN},
    {"max delay", CLOCK "set_max_delay 1 -to r2/D\n", "r2/D", 1 - 0.05 - 0.3, 0.29},
    {"min delay", CLOCK "set_min_delay 0.4 -to r2/D\n", "r2/D", 9.65, 0.3 - 0.4 - 0.01},
    {"derate", CLOCK "set_timing_derate -late 1.5\n", "r2/D", 10 - 0.05 - 0.45, 0.29},
    {"derate of one instance", CLOCK "set_timing_derate -late 2 [get_cells g2]\n", "r2/D", 10 - 0.05 - 0.4, 0.29},
    {"input delay", CLOCK "set_input_delay 3 -clock c [get_ports a]\n", "r1/D", 10 - 0.05 - 3.1, 3.1 - 0.01},
    {"input delay of the falling edge", CLOCK "set_input_delay 3 -clock c -clock_fall [get_ports a]\n", "r1/D", 10 - 0.05 - 8.1, 8.1 - 0.01},
    {"output delay", CLOCK "set_output_delay 2 -clock c [get_ports y]\n", "y", 10 - 2 - 0.2, 0.2 + 2},
    {"two clocks", CLOCK "create_clock -name v -period 4\nset_input_delay 1 -clock v [get_ports a]\n", "r1/D", 2 - 0.05 - 1.1, 1.1 - 0.01},
    {"clock groups", CLOCK "create_clock -name v -period 4\nset_input_delay 1 -clock v [get_ports a]\nset_clock_groups -asynchronous -group c -group v\n", "r1/D", NAN, NAN},
    {"case analysis", CLOCK "set_case_analysis 0 [get_pins r1/Q]\n", "r2/D", NAN, NAN},
    {"disabled arc", CLOCK "set_disable_timing -from A -to Y [get_cells g2]\n", "r2/D", NAN, NAN},
    {"generated clock of half the rate", CLOCK "set_propagated_clock c\ncreate_generated_clock -name g -source ck -divide_by 2 [get_pins r1/Q]\nset_propagated_clock g\nset_output_delay 1 -clock g [get_ports y]\n", "y", 10 - 1 - 0.2 + 0.2, NAN},
};

Test(exceptions, slacks_by_hand)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench_t b = timed(rows[i].sdc);
        cr_assert_eq(b.status, WEFT_OK, "%s", rows[i].name);
        double setup = slack(&b, rows[i].pin, 1), hold = slack(&b, rows[i].pin, 0);
        bool right = isnan(rows[i].setup) ? isnan(setup) : fabs(setup - rows[i].setup) < 1e-6;
        cr_expect(right, "%s: setup %.6f, by hand %.6f", rows[i].name, setup, rows[i].setup);
        right = isnan(rows[i].hold) ? i + 1 == sizeof rows / sizeof *rows || isnan(hold) : fabs(hold - rows[i].hold) < 1e-6;
        cr_expect(right, "%s: hold %.6f, by hand %.6f", rows[i].name, hold, rows[i].hold);
        done(&b);
    }
}

/* What a constraints file can say badly, and the line it is told with. */
static const struct { const char *sdc, *id; int line; bool fails; } bad[] = {
    {CLOCK "set_false_path -form r1\n", "sdc-option", 2, true},
    {CLOCK "set_false_path -from nosuch\n", "sdc-empty", 2, false},
    {CLOCK "set_load abc [get_ports y]\n", "sdc-number", 2, true},
    {"create_clock [get_ports ck]\n", "sdc-clock", 1, true},
    {CLOCK "\nfrobnicate 3\n", "sdc-unknown-command", 3, false},
    {CLOCK "set x {unclosed\n", "sdc-syntax", 2, true},
    {CLOCK "expr {1/0}\n", "sdc-error", 2, true},
    {CLOCK "set_case_analysis maybe [get_ports a]\n", "sdc-case", 2, true},
    {CLOCK "get_pins -regexp {(}\n", "sdc-regexp", 2, true},
    {CLOCK "get_pins -filter {==} *\n", "sdc-filter", 2, true},
    {CLOCK "set_units -time 1us\n", "sdc-units", 2, false},
    {CLOCK "current_design other\n", "sdc-design", 2, false},
    {CLOCK "set_false_path\n", "sdc-ignored", 2, false},
    {CLOCK "get_property [get_ports a] nosuch\n", "sdc-property", 2, false},
    {CLOCK "open /etc/passwd\n", "sdc-unknown-command", 2, false},
    {CLOCK "exec ls\n", "sdc-unknown-command", 2, false},
};

Test(exceptions, bad_constraints_are_told_with_their_line)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bench_t b = timed(bad[i].sdc);
        bool told = false;
        for (int32_t k = 0; k < weft_diag_n_entries(b.diag); k++) {
            const weft_diag_entry_t *e = weft_diag_entry(b.diag, k);
            told |= !strcmp(e->id, bad[i].id) && e->line == bad[i].line;
        }
        cr_expect(told, "%s at line %d was not told for: %s", bad[i].id, bad[i].line, bad[i].sdc);
        cr_expect_eq(b.status, bad[i].fails ? WEFT_EINPUT : WEFT_OK, "%s", bad[i].sdc);
        done(&b);
    }
}

Test(exceptions, endless_and_greedy_scripts_end, .timeout = 60)
{
    static const struct { const char *sdc, *id; } hostile[] = {{"while {1} {}\n", "sdc-time-limit"}, {"set x a; while {1} {append x $x$x$x}\n", "sdc-memory-limit"}};
#ifdef __SANITIZE_ADDRESS__
    size_t n = 1; /* the sanitizer's own map is beyond any limit of the address space */
#else
    size_t n = 2;
#endif
    for (size_t i = 0; i < n; i++) {
        weft_library_t *l = tiny_library();
        weft_design_t *d = tiny_design(l);
        weft_constraints_t *c = weft_constraints_new();
        weft_diag_t *diag = weft_diag_new();
        const char *path = tiny_file(hostile[i].sdc, strlen(hostile[i].sdc));
        weft_sdc_limits_t limits = {.cpu_seconds = 1, .memory_bytes = (int64_t)64 << 20};
        cr_expect_eq(weft_constraints_read(c, d, &path, 1, false, &limits, diag), WEFT_ELIMIT);
        cr_expect(weft_diag_n_of_id(diag, hostile[i].id) == 1 || weft_diag_n_of_id(diag, "sdc-time-limit") == 1, "%s", hostile[i].sdc);
        remove(path);
        weft_diag_free(diag);
        weft_constraints_free(c);
        weft_design_free(d);
        weft_library_free(l);
    }
}

Test(limits, tightest_of_library_and_constraints)
{
    /* slews are 0.05 ns and a pulse is half of the 10 ns period; a limit is checked where it says, the tighter one of two */
    static const struct { const char *sdc; int kind, checked, violated; double worst; } row[] = {
        {"", WEFT_LIMIT_MAX_SLEW, 0, 0, 0},
        {"set_max_transition 0.04 [current_design]\n", WEFT_LIMIT_MAX_SLEW, -1, -1, -0.01e-9},
        {"set_max_transition 0.06 [current_design]\nset_max_transition 0.02 [get_ports y]\n", WEFT_LIMIT_MAX_SLEW, -1, 1, -0.03e-9},
        {"set_max_fanout 0.5 [current_design]\n", WEFT_LIMIT_MAX_FANOUT, -1, -1, NAN},
        {"set_load 1 [get_ports y]\nset_max_capacitance 0.5 [get_ports y]\nset_max_capacitance 0.5 [get_pins r2/Q]\n", WEFT_LIMIT_MAX_CAP, 1, 1, -0.5e-12},
        {"set_min_pulse_width 6 [get_clocks c]\n", WEFT_LIMIT_PULSE_WIDTH, 4, 4, -1e-9},
        {"set_min_pulse_width -low 6 [get_clocks c]\n", WEFT_LIMIT_PULSE_WIDTH, 2, 2, -1e-9},
        {"set_min_pulse_width 4 [get_pins r1/CK]\n", WEFT_LIMIT_PULSE_WIDTH, 2, 0, 1e-9},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char sdc[512];
        weft_limits_t l;
        snprintf(sdc, sizeof sdc, CLOCK "%s", row[i].sdc);
        bench_t b = timed(sdc);
        cr_assert_eq(weft_timer_limits(&l, b.t, 0), WEFT_OK);
        int kind = row[i].kind;
        if (row[i].checked >= 0) cr_expect_eq(l.n_checked[kind], row[i].checked, "%s: %d checked", row[i].sdc, l.n_checked[kind]);
        if (row[i].violated >= 0) cr_expect_eq(l.n_violated[kind], row[i].violated, "%s: %d violated", row[i].sdc, l.n_violated[kind]);
        if (l.n_checked[kind] && !isnan(row[i].worst)) cr_expect_float_eq(l.worst[kind].slack, row[i].worst, fabs(row[i].worst) * 1e-4, "%s: %g", row[i].sdc, l.worst[kind].slack);
        cr_expect_eq(l.n, l.n_violated[0] + l.n_violated[1] + l.n_violated[2] + l.n_violated[3] + l.n_violated[4] + l.n_violated[5]);
        weft_limits_destroy(&l);
        done(&b);
    }
}

Test(sdf, every_arc_once_and_closed)
{
    bench_t b = timed(CLOCK);
    char *path = tiny_file("", 0), text[8192];
    cr_assert_eq(weft_timer_write_sdf(b.t, 0, path, NULL), WEFT_OK);
    FILE *f = fopen(path, "r");
    size_t n = fread(text, 1, sizeof text - 1, f), open = 0, close = 0;
    text[n] = 0;
    fclose(f);
    remove(path);
    for (size_t i = 0; i < n; i++) open += text[i] == '(', close += text[i] == ')';
    cr_expect_eq(open, close);
    static const struct { const char *what; int times; } want[] = {{"(INTERCONNECT ", 7}, {"(IOPATH A Y (0.1::0.1) (0.1::0.1))", 2}, {"(IOPATH (posedge CK) Q (0.2::0.2) (0.2::0.2))", 2},
                                                                   {"(SETUP (posedge D) (posedge CK) (0.05::0.05))", 2}, {"(HOLD (negedge D) (posedge CK) (0.01::0.01))", 2}, {"(INSTANCE r2)", 1}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        int times = 0;
        for (const char *p = text; (p = strstr(p, want[i].what)); p++) times++;
        cr_expect_eq(times, want[i].times, "%s: %d times", want[i].what, times);
    }
    done(&b);
}

Test(exceptions, the_same_for_any_number_of_threads)
{
    double wns[2];
    for (int n = 1; n <= 2; n++) {
        weft_threads_set(n);
        bench_t b = timed(CLOCK "set_input_delay 3 -clock c [get_ports a]\n");
        wns[n - 1] = weft_timer_wns(b.t, 0, 1);
        done(&b);
    }
    cr_assert_eq(wns[0], wns[1]);
}

/* Timers made together share what does not depend on delays: each answers as alone, and goes in any order. */
Test(exceptions, timers_made_together_are_as_each_alone)
{
    enum { N = 4 };
    const weft_timing_options_t o[N] = {{0}, {.delay_model = "lumped"}, {.enable_preset_clear = true}, {.no_cppr = true}};
    bench_t b = timed(CLOCK "set_input_delay 3 -clock c [get_ports a]\nset_disable_timing [get_cells g1]\n");
    for (int first = 0; first < N; first++) {
        weft_timer_t *t[N];
        cr_assert_eq(weft_timers_new(t, N, b.d, b.c, o, b.diag), WEFT_OK);
        for (int i = 0; i < N; i++) {
            int k = (first + i) % N;
            weft_timer_t *alone = NULL;
            cr_assert_eq(weft_timer_new(&alone, b.d, b.c, &o[k], b.diag), WEFT_OK);
            for (int32_t pin = 0; pin < b.d->n_pins; pin++) {
                weft_pin_timing_t x = weft_timer_pin(t[k], 0, pin, false), y = weft_timer_pin(alone, 0, pin, false);
                cr_expect(!memcmp(x.slack, y.slack, sizeof x.slack) && !memcmp(x.arrival, y.arrival, sizeof x.arrival) && x.is_clock == y.is_clock && x.is_endpoint == y.is_endpoint, "timer %d, pin %d", k, (int)pin);
            }
            weft_timer_free(alone);
            weft_timer_free(t[k]);
        }
    }
    done(&b);
}
