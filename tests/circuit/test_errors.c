/* One malformed input per error id of the linkers, the extractor and the timer, with the line it must be told with (0: none is known). */
#include "circuit/sdc_records.h"
#include "parsers/sdc.h"
#include "support/tiny.h"
#include "weft/extract.h"
#include "weft/placement.h"
#include "weft/timing.h"
#include "weft/wire_model.h"

/* What stands in place of the tiny design's files; NULL: the file itself, or none. */
typedef struct input { const char *lib, *netlist, *sdc, *lef, *def, *spef; } input_t;

#define PLAIN_INV "cell (INV) { pin (A) { direction : input; } pin (Y) { direction : output; function : \"!A\"; } }"
#define INV_WITH(y) "library (t) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); lu_table_template (t) { variable_1 : input_net_transition; index_1 (\"1, 2\"); }\ncell (INV) { pin (A) { direction : input; } pin (Y) { direction : output;\n" y "\n} } }\n"
#define ONE_INV "module m (a, y); input a; output y; INV g (.A(a), .Y(y)); endmodule\n"
#define LEF_LAYER "LAYER m1\nTYPE ROUTING ;\nWIDTH 0.2 ;\nRESISTANCE RPERSQ 0.1 ;\nCAPACITANCE CPERSQDIST 0.0001 ;\nEND m1\n"
#define LEF_MACRO "MACRO INV\nSIZE 2 BY 2 ;\nPIN A\nDIRECTION INPUT ;\nPORT\nLAYER m1 ;\nRECT 0 0 0.2 0.2 ;\nEND\nEND A\nPIN Y\nDIRECTION OUTPUT ;\nPORT\nLAYER m1 ;\nRECT 1.8 1.8 2 2 ;\nEND\nEND Y\nEND INV\n"
#define LEF LEF_LAYER LEF_MACRO "END LIBRARY\n"
#define DEF(x) "DESIGN m ;\nUNITS DISTANCE MICRONS 1000 ;\n" x "END DESIGN\n"
#define SPEF(x) "*SPEF \"IEEE\"\n*T_UNIT 1 NS\n*C_UNIT 1 PF\n*R_UNIT 1 OHM\n" x

static const struct { const char *id; int line; input_t in; } rows[] = {
    {"liberty-bus-type", 4, {.lib = INV_WITH("}\nbus (B) { bus_type : nosuch; direction : input; } pin (C) { direction : input;"), .netlist = ONE_INV}},
    {"liberty-cell-twice", 2, {.lib = "library (t) { " PLAIN_INV "\n" PLAIN_INV " }\n", .netlist = ONE_INV}},
    {"liberty-expression", 3, {.lib = INV_WITH("function : \"!NOSUCH\";"), .netlist = ONE_INV}},
    {"liberty-expression", 3, {.lib = INV_WITH("function : \"A & (\";"), .netlist = ONE_INV}},
    {"liberty-related-pin", 3, {.lib = INV_WITH("timing () { timing_sense : negative_unate; }"), .netlist = ONE_INV}},
    {"liberty-related-pin", 4, {.lib = INV_WITH("timing () {\nrelated_pin : \"NOSUCH\"; }"), .netlist = ONE_INV}},
    {"liberty-table-axis", 4, {.lib = INV_WITH("timing () { related_pin : \"A\"; cell_rise (t) {\nindex_1 (\"2, 1\"); values (\"1, 2\"); } }"), .netlist = ONE_INV}},
    {"liberty-table-size", 5, {.lib = INV_WITH("timing () { related_pin : \"A\"; cell_rise (t) { index_1 (\"1, 2\");\n\nvalues (\"1, 2, 3\"); } }"), .netlist = ONE_INV}},
    {"link-bit-range", 2, {.netlist = "module m (a, y); input [3:0] a; output y;\nINV g (.A(a[4]), .Y(y)); endmodule\n"}},
    {"link-many-tops", 0, {.netlist = "module m (a); input a; endmodule\nmodule n (a); input a; endmodule\n"}},
    {"link-module-twice", 2, {.netlist = ONE_INV ONE_INV}},
    {"link-multiple-drivers", 0, {.netlist = "module m (a, y); input a; output y; INV g (.A(a), .Y(y)); INV h (.A(a), .Y(y)); endmodule\n"}},
    {"link-no-module", 2, {.netlist = "module m (a, y); input a; output y;\nNOSUCH g (.A(a), .Y(y)); endmodule\n"}},
    {"link-no-port", 2, {.netlist = "module m (a, y); input a; output y;\nINV g (.B(a), .Y(y)); endmodule\n"}},
    {"link-no-port", 3, {.netlist = "module s (a); input a; endmodule\nmodule m (a); input a;\ns i (.b(a)); endmodule\n"}},
    {"link-no-top", 0, {.netlist = "module m (a); input a; n i (a); endmodule\nmodule n (a); input a; m i (a); endmodule\n"}},
    {"link-port-width", 2, {.netlist = "module m (a, y); input [1:0] a; output y;\nINV g (.A(a), .Y(y)); endmodule\n"}},
    {"link-port-width", 3, {.netlist = "module s (a); input [2:0] a; endmodule\nmodule m (a); input a;\ns i (.a(a)); endmodule\n"}},
    {"link-port-width", 2, {.netlist = "module m (a, y); input a; output [1:0] y;\nassign y = a; endmodule\n"}},
    {"link-recursion", 2, {.netlist = "module m (a); input a; s i (a); endmodule\nmodule s (a); input a; s i (a); endmodule\n"}},
    {"place-other-cell", 4, {.lef = LEF, .def = DEF("COMPONENTS 1 ;\n- g1 DFF + PLACED ( 0 0 ) N ;\nEND COMPONENTS\n")}},
    {"place-no-macro", 0, {.lef = LEF_LAYER "END LIBRARY\n", .def = DEF("COMPONENTS 1 ;\n- g1 INV + PLACED ( 0 0 ) N ;\nEND COMPONENTS\n")}},
    {"place-unplaced", 0, {.lef = LEF, .def = DEF("COMPONENTS 1 ;\n- g1 INV + UNPLACED ;\nEND COMPONENTS\n")}},
    {"place-port", 0, {.lef = LEF, .def = DEF("PINS 1 ;\n- a + NET a ;\nEND PINS\n")}},
    {"spef-no-net", 6, {.spef = SPEF("\n*D_NET nosuch 1\n*END\n")}},
    {"spef-no-pin", 5, {.spef = SPEF("*D_NET n1 1\n*CONN\n*I g9:Y O\n*CAP\n1 g9:Y 1\n*END\n")}},
    {"spef-net-twice", 8, {.spef = SPEF("*D_NET n1 1\n*CAP\n1 n1:1 1\n*D_NET n1 1\n*CAP\n1 n1:1 2\n*END\n")}},
    {"sdc-clock-groups", 2, {.sdc = "create_clock -name c -period 10 [get_ports ck]\nset_clock_groups -group c\n"}},
    {"sdc-clock-replaced", 2, {.sdc = "create_clock -name c -period 10 [get_ports ck]\ncreate_clock -name d -period 10 [get_ports ck]\n"}},
    {"sdc-wire-load-mode", 1, {.sdc = "set_wire_load_mode enclosed\n"}},
    {"timing-clock-master", 1, {.sdc = "create_generated_clock -name g -source [get_ports a] -divide_by 2 [get_pins r1/Q]\n"}},
    {"timing-loop", 0, {.netlist = "module m (y); output y; wire b; INV g (.A(y), .Y(b)); INV h (.A(b), .Y(y)); endmodule\n"}},
};

static weft_library_t *library_of(const char *text, weft_diag_t *diag)
{
    weft_library_t *l = NULL;
    char *path = tiny_file(text, strlen(text));
    weft_lib_source_t source = {path, NULL, true, true};
    cr_assert_eq(weft_library_read(&l, &source, 1, diag), WEFT_OK);
    remove(path);
    return l;
}

static weft_status_t place(weft_design_t *d, const input_t *in, weft_diag_t *diag)
{
    weft_lef_t *lef = NULL;
    weft_def_t *def = NULL;
    cr_assert_eq(weft_lef_parse(&lef, in->lef, strlen(in->lef), "lef", diag), WEFT_OK);
    cr_assert_eq(weft_def_parse(&def, in->def, strlen(in->def), "def", diag), WEFT_OK);
    weft_status_t status = weft_design_place(d, (const weft_lef_t *const *)&lef, 1, (const weft_def_t *const *)&def, 1, NULL, diag);
    weft_lef_free(lef);
    weft_def_free(def);
    return status;
}

/* From the files to a timer, as far as they go. */
static void run(const input_t *in, weft_diag_t *diag)
{
    weft_library_t *l = library_of(in->lib ? in->lib : tiny_lib, diag);
    weft_verilog_t *v = NULL;
    weft_spef_t *s = NULL;
    weft_design_t *d = NULL;
    weft_parasitics_t *p = NULL;
    weft_timer_t *t = NULL;
    weft_constraints_t *c = weft_constraints_new();
    const char *netlist = in->netlist ? in->netlist : tiny_netlist;
    cr_assert_eq(weft_verilog_parse(&v, netlist, strlen(netlist), "netlist", diag), WEFT_OK);
    weft_status_t status = weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, diag);
    if (status == WEFT_OK && in->sdc) {
        const char *path = tiny_file(in->sdc, strlen(in->sdc));
        status = weft_constraints_read(c, d, &path, 1, false, NULL, diag);
        remove(path);
    }
    if (status == WEFT_OK && in->def) status = place(d, in, diag);
    if (status == WEFT_OK && in->spef) {
        cr_assert_eq(weft_spef_parse(&s, in->spef, strlen(in->spef), "spef", diag), WEFT_OK);
        status = weft_parasitics_link(&p, d, (const weft_spef_t *const *)&s, 1, NULL, diag);
    }
    if (status == WEFT_OK) status = weft_timer_new(&t, d, c, &(weft_timing_options_t){.parasitics = p}, diag);
    cr_expect(status == WEFT_OK || weft_diag_n_of(diag, WEFT_ERROR) > 0, "a failure without a word");
    weft_timer_free(t);
    weft_parasitics_free(p);
    weft_spef_free(s);
    weft_constraints_free(c);
    weft_design_free(d);
    weft_verilog_free(v);
    weft_library_free(l);
}

/* Fails unless the diag holds the id with that line; then empties it. */
static void expect(weft_diag_t *diag, const char *id, int line)
{
    bool told = false;
    char all[600] = "";
    for (int32_t k = 0; k < weft_diag_n_entries(diag); k++) {
        const weft_diag_entry_t *e = weft_diag_entry(diag, k);
        told |= !strcmp(e->id, id) && e->line == line;
        snprintf(all + strlen(all), sizeof all - strlen(all), " %s:%d", e->id, e->line);
    }
    cr_expect(told, "%s at line %d, got%s", id, line, all);
    weft_diag_clear(diag);
}

Test(circuit_errors, every_id_is_told_with_its_line)
{
    weft_diag_t *diag = weft_diag_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(&rows[i].in, diag);
        expect(diag, rows[i].id, rows[i].line);
    }
    run(&(input_t){.sdc = "create_clock -name c -period 10 [get_ports ck]\n", .lef = LEF, .def = DEF("COMPONENTS 4 ;\n- g1 INV + PLACED ( 0 0 ) N ;\n- g2 INV + PLACED ( 0 0 ) N ;\n"
                   "- r1 DFF + PLACED ( 0 0 ) N ;\n- r2 DFF + PLACED ( 0 0 ) N ;\nEND COMPONENTS\n")}, diag);
    cr_expect_eq(weft_diag_n_of_id(diag, "place-unplaced"), 0);
    cr_expect_eq(weft_diag_n_of_id(diag, "place-other-cell"), 0);
    weft_diag_free(diag);
}

Test(circuit_errors, one_side_without_a_library)
{
    weft_diag_t *diag = weft_diag_new();
    weft_library_t *l = NULL;
    char *path = tiny_file(tiny_lib, sizeof tiny_lib - 1);
    weft_lib_source_t source = {path, "slow", true, false};
    cr_expect_eq(weft_library_read(&l, &source, 1, diag), WEFT_EINPUT);
    expect(diag, "liberty-corner", 0);
    remove(path);
    weft_diag_free(diag);
}

/* ---- extraction --------------------------------------------------------------------------------------------------- */
#define ROUTED(wire) DEF("COMPONENTS 2 ;\n- g INV + PLACED ( 0 0 ) N ;\n- h INV + PLACED ( 10000 0 ) N ;\nEND COMPONENTS\nNETS 2 ;\n- n ( g Y ) ( h A )\n" wire ";\n- o ( h Y ) + ROUTED m1 ( 11900 1900 ) ( 12900 * ) ;\nEND NETS\n")
static const struct { const char *id; int line; const char *lef, *def; } extract_rows[] = {
    {"extract-open", 8, LEF, ROUTED("+ ROUTED m1 ( 1900 1900 ) ( 5000 * ) ")},
    {"extract-unrouted", 0, LEF, ROUTED("")},
    {"extract-layer", 0, LEF_MACRO "END LIBRARY\n", ROUTED("+ ROUTED m1 ( 1900 1900 ) ( 5000 * ) ")},
    {"extract-no-wires", 0, LEF, DEF("NETS 1 ;\n- n ( g Y ) ( h A ) ;\nEND NETS\n")},
};

Test(circuit_errors, extraction)
{
    weft_diag_t *diag = weft_diag_new();
    for (size_t i = 0; i < sizeof extract_rows / sizeof *extract_rows; i++) {
        weft_lef_t *lef = NULL;
        weft_def_t *def = NULL;
        weft_spef_t *s = NULL;
        char *directions = NULL;
        cr_assert_eq(weft_lef_parse(&lef, extract_rows[i].lef, strlen(extract_rows[i].lef), "lef", diag), WEFT_OK);
        cr_assert_eq(weft_def_parse(&def, extract_rows[i].def, strlen(extract_rows[i].def), "def", diag), WEFT_OK);
        weft_status_t status = weft_extract(&s, &directions, def, (const weft_lef_t *const *)&lef, 1, NULL, NULL, diag);
        cr_expect_eq(status == WEFT_OK, weft_diag_n_of(diag, WEFT_ERROR) == 0);
        expect(diag, extract_rows[i].id, extract_rows[i].line);
        weft_extract_free(s, directions);
        weft_lef_free(lef);
        weft_def_free(def);
    }
    weft_diag_free(diag);
}

/* ---- what is asked for by name or number ---------------------------------------------------------------------------- */
Test(circuit_errors, clocks_paths_and_delay_models_by_hand)
{
    weft_diag_t *diag = weft_diag_new();
    weft_library_t *l = tiny_library();
    weft_design_t *d = tiny_design(l);
    weft_constraints_t *c = weft_constraints_new();
    weft_timer_t *t = NULL;
    int32_t index;
    cr_expect_eq(weft_constraints_add_clock(c, d, "nosuch", 1e-9, diag), WEFT_EINPUT);
    expect(diag, "clock-no-port", 0);
    cr_expect_eq(weft_constraints_add_clock(c, d, "ck", -1e-9, diag), WEFT_EINPUT);
    expect(diag, "clock-period", 0);
    cr_expect_eq(weft_constraints_add_path_group(c, d, "p", &(weft_path_point_t){1, "nosuch*"}, 1, &index, diag), WEFT_EINPUT);
    expect(diag, "path-no-object", 0);
    cr_expect_eq(weft_timer_new(&t, d, c, &(weft_timing_options_t){.delay_model = "nosuch"}, diag), WEFT_EUSAGE);
    expect(diag, "timing-delay-model", 0);
    cr_expect_null(t);
    weft_constraints_free(c);
    weft_design_free(d);
    weft_library_free(l);
    weft_diag_free(diag);
}

Test(circuit_errors, wire_models)
{
    static const struct { const char *spec, *id; weft_status_t status; } spec[] = {
        {"mst:0.16", "model-spec", WEFT_EUSAGE}, {"steiner:0.16,much", "model-spec", WEFT_EUSAGE}, {"mst:-1,2", "model-spec", WEFT_EUSAGE},
        {"nosuch", "model-file", WEFT_EINPUT}, {"lef", "model-lef", WEFT_EINPUT}};
    weft_diag_t *diag = weft_diag_new();
    weft_wire_model_t *m = NULL;
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        cr_expect_eq(weft_wire_model_new(&m, spec[i].spec, NULL, 0, diag), spec[i].status, "%s", spec[i].spec);
        expect(diag, spec[i].id, 0);
    }
    weft_library_t *l = tiny_library();
    weft_design_t *d = tiny_design(l);
    weft_wires_t *w = NULL;
    cr_assert_eq(weft_wire_model_new(&m, "mst:0.16,2.0", NULL, 0, diag), WEFT_OK);
    cr_expect_eq(weft_wires_new(&w, m, d, 0.0, diag), WEFT_EUSAGE);
    expect(diag, "model-placement", 0);
    /* placed, but under a clock that is ideal: the tree's delay would go uncounted */
    weft_timer_t *t = NULL;
    weft_constraints_t *c = weft_constraints_new();
    const char *sdc = "\ncreate_clock -name c -period 10 [get_ports ck]\n", *path = tiny_file(sdc, strlen(sdc));
    cr_assert_eq(place(d, &(input_t){.lef = LEF, .def = DEF("")}, NULL), WEFT_OK);
    cr_assert_eq(weft_wires_new(&w, m, d, 0.0, diag), WEFT_OK);
    cr_assert_eq(weft_constraints_read(c, d, &path, 1, false, NULL, diag), WEFT_OK);
    remove(path);
    cr_expect_eq(weft_timer_new(&t, d, c, &(weft_timing_options_t){.wires = w}, diag), WEFT_OK);
    expect(diag, "timing-ideal-clock", 2);
    weft_timer_free(t);
    weft_wires_free(w);
    weft_wire_model_free(m);
    weft_constraints_free(c);
    weft_design_free(d);
    weft_library_free(l);
    weft_diag_free(diag);
}

/* ---- the interpreter's process ---------------------------------------------------------------------------------------- */
static bool end_at_once(void *context, weft_i_sdc_run_t *sdc, int argc, const char *const *argv)
{
    (void)context, (void)sdc, (void)argc, (void)argv;
    _exit(0);
}

static bool talk(void *context, weft_i_sdc_run_t *sdc, int argc, const char *const *argv)
{
    static char word[1 << 16];
    (void)context, (void)argc, (void)argv;
    memset(word, 'K', sizeof word - 1);
    for (int32_t i = 0; i < (1 << 13) + 16; i++) weft_i_sdc_emit(sdc, "%s", word);
    return true;
}

static void run_child(bool (*command)(void *, weft_i_sdc_run_t *, int, const char *const *), weft_status_t status, const char *id)
{
    weft_diag_t *diag = weft_diag_new();
    weft_i_sdc_out_t out;
    const char *path = tiny_file("any\n", 4);
    cr_expect_eq(weft_i_sdc_run(&path, 1, &(weft_i_sdc_handler_t){.command = command}, 20.0, (int64_t)1 << 30, &out, diag), status);
    cr_expect_null(out.data);
    expect(diag, id, 0);
    remove(path);
    weft_diag_free(diag);
}

Test(circuit_errors, an_interpreter_that_ends_early) { run_child(end_at_once, WEFT_EINPUT, "sdc-crash"); }
Test(circuit_errors, an_interpreter_that_never_stops_talking) { run_child(talk, WEFT_ELIMIT, "sdc-output-limit"); }

Test(circuit_errors, records_that_do_not_hold)
{
    static const char *const record[] = {"?", "K", "K 0 0", "k 7 0", "x 3", "q", "o 1 1", "W 99999"};
    weft_diag_t *diag = weft_diag_new();
    weft_library_t *l = tiny_library();
    weft_design_t *d = tiny_design(l);
    for (size_t i = 0; i < sizeof record / sizeof *record; i++) {
        char text[40];
        weft_constraints_t *c = weft_constraints_new();
        snprintf(text, sizeof text, "%s\n", record[i]);
        cr_expect_eq(weft_i_sdc_records(c, d, text, 0, diag), WEFT_EINPUT, "%s", record[i]);
        expect(diag, "sdc-record", 0);
        weft_constraints_free(c);
    }
    weft_design_free(d);
    weft_library_free(l);
    weft_diag_free(diag);
}
