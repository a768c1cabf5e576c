/* tests/fuzz/targets.c: the readers, and the linkers behind them where they are cheap to reach. */
#include "targets.h"
#include "target_session.h"
#include "base/text_file.h"
#include "circuit/sdc_records.h"
#include "io/npy.h"
#include "io/npz.h"
#include "io/safetensors.h"
#include "predict/net_model.h"
#include "predict/net_samples.h"
#include "weft/def.h"
#include "weft/extract.h"
#include "weft/graphml.h"
#include "weft/matrix_market.h"
#include "weft/lef.h"
#include "weft/liberty.h"
#include "weft/sdf.h"
#include "weft/spef.h"
#include "weft/timing.h"
#include "weft/recording.h"
#include "weft/verilog.h"

#include <stdlib.h>
#include <string.h>

/* A library and a design small enough to be linked anew for every input. */
static const char tiny_lib[] =
    "library (t) { time_unit : \"1ns\"; capacitive_load_unit (1, pf);\n"
    " lu_table_template (d) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance; index_1 (\"0.1, 1\"); index_2 (\"0.01, 0.1\"); }\n"
    " cell (INV) { pin (A) { direction : input; capacitance : 0.002; } pin (Y) { direction : output; function : \"!A\";\n"
    "  timing () { related_pin : \"A\"; timing_sense : negative_unate; cell_rise (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } cell_fall (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); }\n"
    "   rise_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } fall_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } } } }\n"
    " cell (DFF) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; } pin (D) { direction : input; capacitance : 0.002;\n"
    "  timing () { related_pin : \"CK\"; timing_type : setup_rising; rise_constraint (scalar) { values (\"0.05\"); } fall_constraint (scalar) { values (\"0.05\"); } }\n"
    "  timing () { related_pin : \"CK\"; timing_type : hold_rising; rise_constraint (scalar) { values (\"0.01\"); } fall_constraint (scalar) { values (\"0.01\"); } } }\n"
    "  pin (CK) { direction : input; clock : true; capacitance : 0.002; } pin (Q) { direction : output; function : \"IQ\";\n"
    "  timing () { related_pin : \"CK\"; timing_type : rising_edge; cell_rise (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } cell_fall (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); }\n"
    "   rise_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } fall_transition (d) { values (\"0.1, 0.2\", \"0.2, 0.3\"); } } } } }\n";
static const char tiny_netlist[] = "module m (ck, a, b, y); input ck, a, b; output y; wire n1, n2, n3;\n"
                                   " INV g1 (.A(a), .Y(n1)); DFF r1 (.D(n1), .CK(ck), .Q(n2)); INV g2 (.A(n2), .Y(n3)); DFF r2 (.D(n3), .CK(ck), .Q(y)); endmodule\n";

/* The library comes from a file in memory: the reader of sets takes paths only. */
static weft_library_t *library_of(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/weft-fuzz-XXXXXX";
    weft_library_t *l = NULL;
    int fd = mkstemp(path);
    if (fd < 0) return NULL;
    FILE *f = fdopen(fd, "w");
    fwrite(data, 1, size, f);
    fclose(f);
    weft_lib_source_t source = {path, NULL, true, true};
    if (weft_library_read(&l, &source, 1, NULL) != WEFT_OK) l = NULL;
    remove(path);
    return l;
}

static void liberty(const uint8_t *data, size_t size)
{
    weft_library_t *l = library_of(data, size);
    weft_library_free(l);
}

static void verilog(const uint8_t *data, size_t size)
{
    weft_verilog_t *v = NULL;
    weft_design_t *d = NULL;
    static weft_library_t *l;
    if (!l) l = library_of((const uint8_t *)tiny_lib, sizeof tiny_lib - 1);
    if (weft_verilog_parse(&v, (const char *)data, size, "fuzz", NULL) == WEFT_OK && l && weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, NULL) == WEFT_OK) weft_design_free(d);
    weft_verilog_free(v);
}

static weft_design_t *tiny_design(void)
{
    static weft_library_t *l;
    weft_verilog_t *v = NULL;
    weft_design_t *d = NULL;
    if (!l) l = library_of((const uint8_t *)tiny_lib, sizeof tiny_lib - 1);
    if (!l || weft_verilog_parse(&v, tiny_netlist, sizeof tiny_netlist - 1, "tiny", NULL) != WEFT_OK || weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, NULL) != WEFT_OK) abort();
    weft_verilog_free(v);
    return d;
}

static void spef(const uint8_t *data, size_t size)
{
    static weft_design_t *d;
    weft_spef_t *s = NULL;
    weft_parasitics_t *p = NULL;
    if (!d) d = tiny_design();
    if (weft_spef_parse(&s, (const char *)data, size, "fuzz", NULL) == WEFT_OK && weft_parasitics_link(&p, d, (const weft_spef_t *const *)&s, 1, NULL, NULL) == WEFT_OK) {
        weft_timing_options_t o = {.parasitics = p};
        weft_timer_t *t = NULL;
        if (weft_timer_new(&t, d, NULL, &o, NULL) == WEFT_OK) weft_timer_free(t);
    }
    weft_parasitics_free(p);
    weft_spef_free(s);
}

static void sdf(const uint8_t *data, size_t size)
{
    static weft_design_t *d;
    weft_sdf_t *s = NULL;
    weft_given_delays_t *g = NULL;
    if (!d) d = tiny_design();
    if (weft_sdf_parse(&s, (const char *)data, size, "fuzz", NULL) == WEFT_OK && weft_given_delays_link(&g, d, &(weft_sdf_source_t){s, NULL}, 1, NULL, NULL) == WEFT_OK) {
        weft_timing_options_t o = {.given = g};
        weft_timer_t *t = NULL;
        if (weft_timer_new(&t, d, NULL, &o, NULL) == WEFT_OK) weft_timer_free(t);
    }
    weft_given_delays_free(g);
    weft_sdf_free(s);
}

static void lef(const uint8_t *data, size_t size)
{
    weft_lef_t *l = NULL;
    if (weft_lef_parse(&l, (const char *)data, size, "fuzz", NULL) == WEFT_OK) weft_lef_free(l);
}

static void def(const uint8_t *data, size_t size)
{
    weft_def_t *d = NULL;
    if (weft_def_parse(&d, (const char *)data, size, "fuzz", NULL) == WEFT_OK) weft_def_free(d);
}

/* LEF and DEF in one input, parted by a line "=": extraction walks both. */
static void extract(const uint8_t *data, size_t size)
{
    const uint8_t *cut = memmem(data, size, "\n=\n", 3);
    weft_lef_t *l = NULL;
    weft_def_t *d = NULL;
    weft_spef_t *s = NULL;
    char *directions = NULL;
    if (!cut) return;
    if (weft_lef_parse(&l, (const char *)data, (size_t)(cut - data), "fuzz", NULL) == WEFT_OK && weft_def_parse(&d, (const char *)cut + 3, size - (size_t)(cut - data) - 3, "fuzz", NULL) == WEFT_OK
        && weft_extract(&s, &directions, d, (const weft_lef_t *const *)&l, 1, NULL, NULL, NULL) == WEFT_OK)
        weft_extract_free(s, directions);
    weft_def_free(d);
    weft_lef_free(l);
}

/* What the SDC child may send, then a timer on what was believed. */
static void sdc_records(const uint8_t *data, size_t size)
{
    static weft_design_t *d;
    if (!d) d = tiny_design();
    weft_constraints_t *c = weft_constraints_new();
    char *text = malloc(size + 1);
    if (!c || !text) abort();
    memcpy(text, data, size);
    text[size] = 0;
    c->n_files = 1; /* the records name file 0 */
    if (weft_i_sdc_records(c, d, text, 1, NULL) == WEFT_OK && c->n_clocks < 20 && c->n_exceptions < 50) {
        weft_timer_t *t = NULL;
        if (weft_timer_new(&t, d, c, NULL, NULL) == WEFT_OK) weft_timer_free(t);
    }
    c->n_files = 0;
    weft_constraints_free(c);
    free(text);
}

static void safetensors(const uint8_t *data, size_t size)
{
    weft_i_safetensors_t *s = NULL;
    if (weft_i_safetensors_parse(&s, data, size, "fuzz", NULL) == WEFT_OK) weft_i_safetensors_free(s);
}

/* A sample file without its checksum, then what fits do with its designs before they cost time. */
static void net_samples(const uint8_t *data, size_t size)
{
    static weft_wire_model_t *m;
    static weft_i_net_model_t net;
    weft_net_samples_t *s = NULL;
    weft_library_t *l = NULL;
    weft_calibration_t *c = weft_calibration_new();
    int32_t fold[64];
    if (!m && (weft_wire_model_new(&m, "steiner:0.2,2.0", NULL, 0, NULL) != WEFT_OK || weft_i_net_model_init(&net, 1, false) != WEFT_OK)) abort();
    if (!c || weft_i_net_samples_parse(&s, data, size, false, "fuzz", NULL) != WEFT_OK) goto done;
    for (int32_t i = 0; i < weft_net_samples_n_designs(s) && i < 64; i++) {
        double off[2];
        if (weft_calibration_add_sample(c, s, i, NULL) != WEFT_OK || weft_calibration_offsets(c, m, i, &off[0], &off[1], NULL) != WEFT_OK) goto done;
        const weft_i_net_graph_t *g = &c->design[i].graph;
        float *answer = malloc((size_t)g->n * WEFT_I_NET_OUT * sizeof *answer + 1);
        int32_t beyond;
        if (answer && weft_i_net_infer(answer, &beyond, &net, g, 16) == WEFT_OK && beyond > g->n) abort();
        free(answer);
    }
    if (weft_calibration_folds(c, 3, fold) != WEFT_OK || weft_calibration_library(&l, c) != WEFT_OK) goto done;
done:
    weft_library_free(l);
    weft_calibration_free(c);
    weft_net_samples_free(s);
}

static void npy(const uint8_t *data, size_t size)
{
    weft_i_npy_t a;
    int32_t *v = NULL;
    float *x = NULL;
    if (weft_i_npy_parse(&a, data, size, "fuzz", NULL) == WEFT_OK) {
        if (weft_i_npy_int32(&v, &a, "fuzz", NULL) != WEFT_OK || weft_i_npy_float(&x, &a, "fuzz", NULL) != WEFT_OK) {}
    }
    free(v);
    free(x);
    weft_i_npy_destroy(&a);
}

static void npz(const uint8_t *data, size_t size)
{
    weft_i_npz_t z;
    if (weft_i_npz_parse(&z, data, size, "fuzz", NULL) == WEFT_OK) weft_i_npz_destroy(&z);
}

static void graphml(const uint8_t *data, size_t size)
{
    weft_graphml_t *g = NULL;
    if (weft_graphml_parse(&g, (const char *)data, size, "fuzz", NULL) == WEFT_OK) weft_graphml_free(g);
}

static void matrix_market(const uint8_t *data, size_t size)
{
    weft_matrix_t *m = NULL, *back = NULL;
    weft_graph_t *g = NULL;
    weft_real_t *w = NULL;
    if (weft_matrix_parse(&m, (const char *)data, size, "fuzz", NULL) == WEFT_OK && m->n_rows < 100000 && m->n_cols < 100000 && weft_matrix_to_graph(&g, &w, m, NULL) == WEFT_OK && weft_matrix_from_graph(&back, g, w) == WEFT_OK) weft_matrix_free(back);
    free(w);
    weft_graph_free(g);
    weft_matrix_free(m);
}

/* A document of boxes, then as a recording, and back in its own format. */
static void boxes(const char *format, const uint8_t *data, size_t size)
{
    weft_boxes_doc_t *d = NULL, *back = NULL;
    weft_recording_t *r = NULL;
    char *text = NULL;
    size_t n = 0;
    if (weft_boxes_parse(&d, format, (const char *)data, size, "fuzz", NULL) != WEFT_OK) return;
    if (weft_recording_from_boxes(&r, d, "fuzz", NULL, true, NULL, "fuzz", NULL) == WEFT_OK && weft_boxes_from_recording(&back, r, NULL, NULL) == WEFT_OK) weft_boxes_free(back);
    FILE *f = open_memstream(&text, &n);
    const weft_boxes_format_t *to = weft_boxes_format_by_name(format);
    for (int64_t i = 0; i < (to->per_frame ? d->n_frames : 1); i++)
        if (to->write(d, i, f) != WEFT_OK) abort();
    fclose(f);
    weft_boxes_doc_t *again = NULL;
    if (!strchr("m", *format) && d->n_frames && weft_boxes_parse(&again, format, text, n, "fuzz", NULL) == WEFT_OK && again->n_boxes != d->n_boxes) abort(); /* what it writes reads as much */
    weft_boxes_free(again);
    free(text);
    weft_recording_free(r);
    weft_boxes_free(d);
}

/* The readers want a readable byte behind the text, as files in memory have. */
static void ended(const char *format, const uint8_t *data, size_t size)
{
    char *text = malloc(size + 64);
    if (!text) abort();
    memcpy(text, data, size);
    memset(text + size, 0, 64);
    boxes(format, (const uint8_t *)text, size);
    free(text);
}
static void voc(const uint8_t *data, size_t size) { ended("voc", data, size); }
static void cvat(const uint8_t *data, size_t size) { ended("cvat", data, size); }
static void coco(const uint8_t *data, size_t size) { ended("coco", data, size); }
static void mot(const uint8_t *data, size_t size) { ended("mot", data, size); }
static void csv(const uint8_t *data, size_t size) { ended("csv", data, size); }

const fuzz_target_t fuzz_targets[] = {
    {"liberty", liberty},
    {"verilog", verilog},
    {"spef", spef},
    {"sdf", sdf},
    {"lef", lef},
    {"def", def},
    {"extract", extract},
    {"sdc_records", sdc_records},
    {"safetensors", safetensors},
    {"net_samples", net_samples},
    {"npy", npy},
    {"npz", npz},
    {"graphml", graphml},
    {"matrix_market", matrix_market},
    {"voc", voc},
    {"cvat", cvat},
    {"coco", coco},
    {"mot", mot},
    {"csv", csv},
    {"journal", fuzz_journal},
    {NULL, NULL}};
