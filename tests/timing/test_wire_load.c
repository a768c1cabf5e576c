/* Wires estimated by fan-out, by hand: 10 units of 1 kohm and 1 fF. A constant gate of 0.1 ns, then the wire: R C at a port, whatever load hangs there,
 * R (C + pin) at a pin. */
#include "support/tiny.h"
#include "weft/timing.h"

#include <math.h>

static const char lib_text[] =
    "library (t) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); pulling_resistance_unit : \"1kohm\"; default_wire_load : \"w\";\n"
    " wire_load (\"w\") { capacitance : 0.001; resistance : 1; slope : 1; fanout_length (1, 10); }\n"
    " cell (INV) { pin (A) { direction : input; capacitance : 0.002; } pin (Y) { direction : output; function : \"!A\";\n"
    "  timing () { related_pin : \"A\"; timing_sense : negative_unate; cell_rise (scalar) { values (\"0.1\"); } cell_fall (scalar) { values (\"0.1\"); }\n"
    "   rise_transition (scalar) { values (\"0.05\"); } fall_transition (scalar) { values (\"0.05\"); } } } } }\n";
static const char netlist[] = "module m (a, y); input a; output y; wire n; INV g1 (.A(a), .Y(n)); INV g2 (.A(n), .Y(y)); endmodule\n";

static double arrival(const weft_design_t *d, const weft_timer_t *t, const char *pin) { return weft_timer_pin(t, 0, weft_design_find_pin(d, pin, strlen(pin)), false).arrival[WEFT_LATE][WEFT_RISE] * 1e9; }

Test(wire_load, a_ports_load_does_not_slow_its_wire)
{
    static const char *const sdc[2] = {"create_clock -name c -period 10\nset_input_delay 0 -clock c a\n", "create_clock -name c -period 10\nset_input_delay 0 -clock c a\nset_load 5 y\n"};
    char *lib_path = tiny_file(lib_text, sizeof lib_text - 1);
    weft_lib_source_t source = {lib_path, NULL, true, true};
    weft_library_t *l = NULL;
    weft_verilog_t *v = NULL;
    weft_design_t *d = NULL;
    cr_assert_eq(weft_library_read(&l, &source, 1, NULL), WEFT_OK);
    remove(lib_path);
    cr_assert_eq(weft_verilog_parse(&v, netlist, sizeof netlist - 1, "test", NULL), WEFT_OK);
    cr_assert_eq(weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, NULL), WEFT_OK);
    for (int i = 0; i < 2; i++) {
        weft_constraints_t *c = weft_constraints_new();
        weft_timer_t *t = NULL;
        const char *path = tiny_file(sdc[i], strlen(sdc[i]));
        cr_assert_eq(weft_constraints_read(c, d, &path, 1, false, NULL, NULL), WEFT_OK);
        remove(path);
        cr_assert_eq(weft_timer_new(&t, d, c, NULL, NULL), WEFT_OK);
        cr_expect_float_eq(arrival(d, t, "g2/A") - arrival(d, t, "g1/A"), 0.1 + 10 * (0.01 + 0.002), 1e-6);
        cr_expect_float_eq(arrival(d, t, "y") - arrival(d, t, "g2/A"), 0.1 + 10 * 0.01, 1e-6, "load %d: %g", i, arrival(d, t, "y") - arrival(d, t, "g2/A"));
        weft_timer_free(t);
        weft_constraints_free(c);
    }
    weft_verilog_free(v);
    weft_design_free(d);
    weft_library_free(l);
}
