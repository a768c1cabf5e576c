/* tests/support/tiny.h: a library of constants, two registers and two inverters: every slack by hand. */
#ifndef WEFT_TESTS_TINY_H
#define WEFT_TESTS_TINY_H
#include "weft/constraints.h"
#include "weft/design.h"
#include "weft/library.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Inverters take 0.1 ns, clock to Q 0.2 ns, setup 0.05 ns, hold 0.01 ns, whatever slew and load. */
static const char tiny_lib[] =
    "library (t) { time_unit : \"1ns\"; capacitive_load_unit (1, pf);\n"
    " cell (INV) { pin (A) { direction : input; capacitance : 0.002; } pin (Y) { direction : output; function : \"!A\";\n"
    "  timing () { related_pin : \"A\"; timing_sense : negative_unate; cell_rise (scalar) { values (\"0.1\"); } cell_fall (scalar) { values (\"0.1\"); }\n"
    "   rise_transition (scalar) { values (\"0.05\"); } fall_transition (scalar) { values (\"0.05\"); } } } }\n"
    " cell (DFF) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; } pin (D) { direction : input; capacitance : 0.002;\n"
    "  timing () { related_pin : \"CK\"; timing_type : setup_rising; rise_constraint (scalar) { values (\"0.05\"); } fall_constraint (scalar) { values (\"0.05\"); } }\n"
    "  timing () { related_pin : \"CK\"; timing_type : hold_rising; rise_constraint (scalar) { values (\"0.01\"); } fall_constraint (scalar) { values (\"0.01\"); } } }\n"
    "  pin (CK) { direction : input; clock : true; capacitance : 0.002; } pin (Q) { direction : output; function : \"IQ\";\n"
    "  timing () { related_pin : \"CK\"; timing_type : rising_edge; cell_rise (scalar) { values (\"0.2\"); } cell_fall (scalar) { values (\"0.2\"); }\n"
    "   rise_transition (scalar) { values (\"0.05\"); } fall_transition (scalar) { values (\"0.05\"); } } } } }\n";
static const char tiny_netlist[] = "module m (ck, a, y); input ck, a; output y; wire n1, n2, n3;\n"
                                   " INV g1 (.A(a), .Y(n1)); DFF r1 (.D(n1), .CK(ck), .Q(n2)); INV g2 (.A(n2), .Y(n3)); DFF r2 (.D(n3), .CK(ck), .Q(y)); endmodule\n";

static inline char *tiny_file(const char *text, size_t n)
{
    static char path[8][64];
    static int turn;
    char *p = path[turn++ & 7];
    strcpy(p, "/tmp/weft-test-XXXXXX");
    int fd = mkstemp(p);
    cr_assert(fd >= 0 && write(fd, text, n) == (ssize_t)n);
    close(fd);
    return p;
}

static inline weft_library_t *tiny_library(void)
{
    weft_library_t *l = NULL;
    char *path = tiny_file(tiny_lib, sizeof tiny_lib - 1);
    weft_lib_source_t source = {path, NULL, true, true};
    cr_assert_eq(weft_library_read(&l, &source, 1, NULL), WEFT_OK);
    remove(path);
    return l;
}

static inline weft_design_t *tiny_design(const weft_library_t *l)
{
    weft_verilog_t *v = NULL;
    weft_design_t *d = NULL;
    cr_assert_eq(weft_verilog_parse(&v, tiny_netlist, sizeof tiny_netlist - 1, "tiny", NULL), WEFT_OK);
    cr_assert_eq(weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, NULL), WEFT_OK);
    weft_verilog_free(v);
    return d;
}
#endif
