/* The whole of `weft time` on a small design with every reader and writer, run again and again in one process with its n-th allocation failing: each run
 * ends with exit 3, or, where it could do without, with the right output. Leaks are the sanitizer's to find.
 * WEFT_ALLOC_WALK: how many of the allocations to try, evenly spread (default 0: all). */
#undef main
#include "base/alloc.h"
#include "cli/cli.h"
#include "weft/base.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char lib[] =
    "library (t) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); default_wire_load : \"w\"; wire_load (\"w\") { capacitance : 0.001; resistance : 1; slope : 1; fanout_length (1, 10); }\n"
    " lu_table_template (d) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance; index_1 (\"0.1, 1\"); index_2 (\"0.01, 0.1\"); }\n"
    " cell (INV) { pin (A) { direction : input; capacitance : 0.002; } pin (Y) { direction : output; function : \"!A\"; max_capacitance : 0.01;\n"
    "  timing () { related_pin : \"A\"; when : \"A\"; sdf_cond : \"A\"; timing_sense : negative_unate; cell_rise (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } cell_fall (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); }\n"
    "   rise_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } fall_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } } } }\n"
    " cell (DFF) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; } pin (D) { direction : input; capacitance : 0.002;\n"
    "  timing () { related_pin : \"CK\"; timing_type : setup_rising; rise_constraint (scalar) { values (\"0.05\"); } fall_constraint (scalar) { values (\"0.05\"); } }\n"
    "  timing () { related_pin : \"CK\"; timing_type : hold_rising; rise_constraint (scalar) { values (\"0.01\"); } fall_constraint (scalar) { values (\"0.01\"); } } }\n"
    "  pin (CK) { direction : input; clock : true; capacitance : 0.002; min_pulse_width_high : 1; } pin (Q) { direction : output; function : \"IQ\";\n"
    "  timing () { related_pin : \"CK\"; timing_type : rising_edge; cell_rise (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } cell_fall (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); }\n"
    "   rise_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } fall_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } } } } }\n";
static const char verilog[] = "module s (i, o); input i; output o; INV g (.A(i), .Y(o)); endmodule\n"
                              "module m (ck, a, y); input ck; input [1:0] a; output y; wire n1, n2, n3; s u (.i(a[0]), .o(n1)); DFF r1 (.D(n1), .CK(ck), .Q(n2)); INV g2 (.A(n2), .Y(n3));\n"
                              " DFF r2 (.D(n3), .CK(ck), .Q(y)); BOX b (.A(a[1])); endmodule\n";
static const char sdc[] = "create_clock -name c -period 10 [get_ports ck]\nset_propagated_clock c\nset_input_delay 1 -clock c [get_ports {a[*]}]\nset_output_delay 1 -clock c y\nset_load 0.01 [all_outputs]\n"
                          "set_false_path -from [get_cells r1] -to y\nset_multicycle_path 2 -to r2/D\nset_timing_derate -late 1.1\nset_clock_uncertainty 0.1 c\nset_driving_cell -lib_cell INV [get_ports a*]\nset_max_fanout 1 [current_design]\nnosuch\n";
static const char spef[] = "*SPEF \"IEEE\"\n*C_UNIT 1 PF\n*R_UNIT 1 OHM\n*NAME_MAP\n*1 n1\n*2 u/g\n*D_NET *1 0.01\n*CONN\n*I *2:Y O\n*I r1:D I\n*CAP\n1 *1:1 0.005\n2 r1:D 0.005\n*RES\n1 *2:Y *1:1 10\n2 *1:1 r1:D 10\n*END\n"
                           "*D_NET nosuch 1\n*END\n";
static const char lef[] = "LAYER m1\nTYPE ROUTING ;\nPITCH 1 ;\nWIDTH 0.5 ;\nRESISTANCE RPERSQ 0.1 ;\nCAPACITANCE CPERSQDIST 0.0001 ;\nEND m1\nMACRO INV\nSIZE 2 BY 4 ;\nPIN A\nPORT\nLAYER m1 ;\nRECT 0 0 1 1 ;\nEND\nEND A\nPIN Y\nPORT\nLAYER m1 ;\nRECT 1 0 2 1 ;\nEND\nEND Y\nEND INV\nMACRO DFF\nSIZE 4 BY 4 ;\nEND DFF\nEND LIBRARY\n";
static const char def[] = "DESIGN m ;\nUNITS DISTANCE MICRONS 1000 ;\nDIEAREA ( 0 0 ) ( 100000 100000 ) ;\nCOMPONENTS 4 ;\n- u/g INV + PLACED ( 0 0 ) N ;\n- g2 INV + PLACED ( 40000 0 ) FS ;\n- r1 DFF + PLACED ( 0 40000 ) N ;\n- r2 DFF + PLACED ( 40000 40000 ) N ;\nEND COMPONENTS\n"
                          "PINS 1 ;\n- ck + NET ck + DIRECTION INPUT + LAYER m1 ( 0 0 ) ( 100 100 ) + PLACED ( 0 0 ) N ;\nEND PINS\nEND DESIGN\n";
static const char sdf[] = "(DELAYFILE (SDFVERSION \"3.0\") (DIVIDER /) (TIMESCALE 1ns) (CELL (CELLTYPE \"INV\") (INSTANCE u/g) (DELAY (ABSOLUTE (COND A (IOPATH A Y (0.2) (0.3))))))\n"
                          " (CELL (CELLTYPE \"DFF\") (INSTANCE r1) (TIMINGCHECK (SETUPHOLD D (posedge CK) (0.1) (0.1)) (WIDTH (posedge CK) (6))))\n"
                          " (CELL (CELLTYPE \"m\") (INSTANCE) (DELAY (ABSOLUTE (INTERCONNECT u\\/g/Y r1/D (0.1))))))\n";

static char folder[] = "/tmp/weft-walk-XXXXXX";

static char *in_folder(const char *name)
{
    char *path = malloc(strlen(folder) + strlen(name) + 2);
    if (!path) exit(1);
    sprintf(path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) exit(1);
    free(path);
}

static uint64_t sum_of(const char *name)
{
    char *path = in_folder(name);
    FILE *f = fopen(path, "r");
    uint64_t h = 14695981039346656037u;
    for (int c; f && (c = getc(f)) != EOF;) h = (h ^ (uint64_t)c) * 1099511628211u;
    if (f) fclose(f);
    remove(path);
    free(path);
    return h;
}

static const char *const kinds[] = {"time", "predict"}, *const outputs[] = {"o.csv", "a.csv", "e.csv", "o.json", "o.sdf", "o.spef"};
enum { N_OUTPUTS = sizeof outputs / sizeof *outputs };

/* One run; hash: of its outputs. */
static int once(int kind, int64_t fail, uint64_t *hash)
{
    static const char *const option[] = {"--lib", "t.lib", "--verilog", "m.v", "--sdc", "m.sdc", "--lef", "m.lef", "--def", "m.def", "--spef", "m.spef", "--pins-csv", "o.csv", "--arcs-csv", "a.csv", "--endpoints-csv", "e.csv", "--json", "o.json",
                                         "--write-sdf", "o.sdf", "--write-spef", "o.spef"};
    char *argv[64] = {(char *)kinds[kind], "--top", "m", "--model", "steiner:0.16,2.0", "--paths", "2", "--from", "r1", "--limits", "--no-bounds", "--threads", "1"};
    char *kept[40];
    int n = 13, n_kept = 0;
    for (size_t i = 0; i < sizeof option / sizeof *option; i++) argv[n++] = i % 2 ? kept[n_kept++] = in_folder(option[i]) : (char *)option[i];
    if (!kind) {
        argv[n++] = "--sdf";
        argv[n++] = kept[n_kept++] = in_folder("m.sdf");
    }
    weft_i_alloc_fail(fail, false);
    int code = kind ? cmd_predict(n, argv) : cmd_time(n, argv);
    int64_t asked = weft_i_alloc_count();
    weft_i_alloc_fail(0, false);
    if (fail == INT64_MAX) *hash = (uint64_t)asked;
    else
        for (int i = *hash = 0; i < N_OUTPUTS; i++) *hash = *hash * 31 + sum_of(outputs[i]);
    for (int i = 0; i < n_kept; i++) free(kept[i]);
    return code;
}

int main(void)
{
    const char *walk = getenv("WEFT_ALLOC_WALK"), *at = getenv("WEFT_ALLOC_AT");
    int64_t most = walk ? atoll(walk) : 0, bad = 0;
    FILE *told = fdopen(dup(1), "w");
    if (!told || !mkdtemp(folder)) return 1;
    put("t.lib", lib), put("m.v", verilog), put("m.sdc", sdc), put("m.lef", lef), put("m.def", def), put("m.spef", spef), put("m.sdf", sdf);
    if (!freopen("/dev/null", "w", stdout) || (!at && !freopen("/dev/null", "w", stderr))) return 1;
    for (int kind = 0; kind < 2; kind++) {
        uint64_t right, n, hash;
        once(kind, 0, &right);
        int code = once(kind, 0, &right);
        if (code) return fprintf(told, "%s: exit %d\n", kinds[kind], code), 1;
        once(kind, INT64_MAX, &n);
        int64_t tried = 0, exit_3 = 0, before = bad, step = most && most < (int64_t)n ? (int64_t)n / most : 1;
        for (int64_t i = at ? atoll(at) : 1; i <= (int64_t)n; i += step, tried++) {
            code = once(kind, i, &hash);
            exit_3 += code == 3;
            if (code != 3 && (code != 0 || hash != right)) fprintf(told, "%s, allocation %lld: exit %d%s\n", kinds[kind], (long long)i, code, code ? "" : ", another output"), bad++;
            if (at) break;
        }
        fprintf(told, "weft %s: %lld of %lld allocations failed once: %lld with exit 3, %lld did without, %lld wrong\n", kinds[kind], (long long)tried, (long long)n, (long long)exit_3,
                (long long)(tried - exit_3 - (bad - before)), (long long)(bad - before));
    }
    for (size_t i = 0; i < 7; i++) {
        static const char *const name[] = {"t.lib", "m.v", "m.sdc", "m.lef", "m.def", "m.spef", "m.sdf"};
        char *path = in_folder(name[i]);
        remove(path);
        free(path);
    }
    rmdir(folder);
    fclose(told);
    return bad != 0;
}
