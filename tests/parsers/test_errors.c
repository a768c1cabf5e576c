/* One malformed text per error id of the readers, with the line it must be told with (0: any). */
#include "io/npy.h"
#include "io/safetensors.h"
#include "weft/def.h"
#include "weft/lef.h"
#include "weft/liberty.h"
#include "weft/sdf.h"
#include "weft/spef.h"
#include "weft/verilog.h"

#include <criterion/criterion.h>
#include <string.h>

typedef weft_status_t (*reader_t)(const char *text, size_t n, weft_diag_t *diag);
#define READER(name, type)                                                                 \
    static weft_status_t read_##name(const char *text, size_t n, weft_diag_t *diag)        \
    {                                                                                      \
        type *doc = NULL;                                                                  \
        weft_status_t status = weft_##name##_parse(&doc, text, n, "test", diag);           \
        weft_##name##_free(doc);                                                           \
        return status;                                                                     \
    }
READER(verilog, weft_verilog_t)
READER(liberty, weft_liberty_t)
READER(spef, weft_spef_t)
READER(sdf, weft_sdf_t)
READER(lef, weft_lef_t)
READER(def, weft_def_t)
static weft_status_t read_safetensors(const char *text, size_t n, weft_diag_t *diag)
{
    weft_i_safetensors_t *s = NULL;
    weft_status_t status = weft_i_safetensors_parse(&s, text, n, "test", diag);
    weft_i_safetensors_free(s);
    return status;
}
static weft_status_t read_npy(const char *text, size_t n, weft_diag_t *diag)
{
    weft_i_npy_t a;
    weft_status_t status = weft_i_npy_parse(&a, text, n, "test", diag);
    weft_i_npy_destroy(&a);
    return status;
}

#define TEXT(s) s, sizeof(s) - 1
#define HEAD "\x93NUMPY\x01\x00"
static const struct { reader_t read; const char *text; size_t n; const char *id; int line; } rows[] = {
    {read_verilog, TEXT("module m (a);\ninput a\n;\nwire 5;\nendmodule\n"), "verilog-syntax", 4},
    {read_verilog, TEXT("module m (a);\ninput a;\n"), "verilog-unclosed", 0},
    {read_verilog, TEXT("module m (a, y);\ninput a; output y;\nnot g (y, a);\nendmodule\n"), "verilog-gate", 3},
    {read_verilog, TEXT("module m (y);\noutput y;\nassign y =\n 1'q0;\nendmodule\n"), "verilog-constant", 4},
    {read_verilog, TEXT("\n`include \"other.v\"\nmodule m (a);\ninput a;\nendmodule\n"), "verilog-include", 2},
    {read_verilog, TEXT("module m (a);\ninput a;\nalways @(a) x = 1;\nendmodule\n"), "verilog-behaviour", 3},
    {read_liberty, TEXT("library (t) {\n cell (a) { area 5; }\n}\n"), "liberty-syntax", 2},
    {read_liberty, TEXT("library (t) {\n cell (a) {\n"), "liberty-unclosed", 0},
    {read_liberty, TEXT("cell (a) { }\n"), "liberty-no-library", 1},
    {read_liberty, TEXT("library (t) {\n cell (a) { pin (b) { timing () { ccs_retain_rise () { } output_current_rise (x) { vector (y) { } } } } }\n}\n"), "liberty-skipped", 0},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*D_NET n 1\n*CAP\n1 n:1 x\n*END\n"), "spef-number", 4},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*D_NET *7 1\n*END\n"), "spef-name-map", 2},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*D_NET n 1\n*CAP\n"), "spef-unclosed", 0},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*NAME_MAP\n*900000 n\n"), "spef-name-map", 3},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*NAME_MAP\n*x n\n"), "spef-syntax", 3},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*D_NET\n*END\n"), "spef-syntax", 3},
    {read_spef, TEXT("*SPEF \"IEEE\"\n*D_NET n 1\n*RES\n1 n:1 n:2\n*END\n"), "spef-syntax", 5},
    {read_spef, TEXT("*SPEF \"IEEE\"\nnonsense\n"), "spef-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE\n(CELL (CELLTYPE \"a\")\n(INSTANCE b)\n(DELAY (ABSOLUTE (IOPATH A (1)))))\n)\n"), "sdf-syntax", 4},
    {read_sdf, TEXT("(DELAYFILE\n(CELL (CELLTYPE a)))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE\n(NOSUCH 1))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (DELAY\n(ABSOLUTE (COND (IOPATH A B (1)))))))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (DELAY\n(RELATIVE (IOPATH A B (1))))))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (TIMINGCHECK\n(SETUP D (someedge CK) (1)))))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (TIMINGCHECK\n(SETUP D CK (1) (2)))))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (TIMINGCHECK\n(LATE D CK (1)))))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE (DIVIDER\n|))\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("(DELAYFILE)\n)\n"), "sdf-syntax", 2},
    {read_sdf, TEXT("SDF\n"), "sdf-syntax", 1},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (DELAY (ABSOLUTE\n(IOPATH A B (1:2:3:4)))))))\n"), "sdf-number", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (DELAY (ABSOLUTE\n\n(IOPATH A B 1e999))))))\n"), "sdf-number", 3},
    {read_sdf, TEXT("(DELAYFILE\n(TIMESCALE 3 weeks))\n"), "sdf-timescale", 2},
    {read_sdf, TEXT("(DELAYFILE (CELL (INSTANCE b) (DELAY\n(ABSOLUTE (IOPATH A B (1)"), "sdf-unclosed", 2},
    {read_lef, TEXT("LAYER m1\nTYPE ROUTING ;\nWIDTH wide ;\nEND m1\n"), "lef-number", 3},
    {read_lef, TEXT("MACRO a\nSIZE 1 BY 2 ;\n"), "lef-unclosed", 0},
    {read_lef, TEXT("VERSION 5.7 ;\nEND nothing\n"), "lef-syntax", 2},
    {read_lef, TEXT("VERSION 5.7 ;\n7 ;\n"), "lef-syntax", 2},
    {read_def, TEXT("DESIGN m ;\nCOMPONENTS 1 ;\n- a INV + PLACED ( x 0 ) N ;\nEND COMPONENTS\n"), "def-number", 3},
    {read_def, TEXT("DESIGN m ;\nUNITS DISTANCE MICRONS 0 ;\nEND DESIGN\n"), "def-number", 2},
    {read_def, TEXT("DESIGN m ;\nCOMPONENTS 1 ;\n- a INV + PLACED 0 0 N ;\nEND COMPONENTS\nEND DESIGN\n"), "def-syntax", 3},
    {read_def, TEXT("DESIGN m ;\nEND PINS\nEND DESIGN\n"), "def-syntax", 2},
    {read_def, TEXT("DESIGN m ;\nPINS 1 ;\n- ;\nEND PINS\nEND DESIGN\n"), "def-syntax", 3},
    {read_def, TEXT("DESIGN m ;\nCOMPONENTS 1 ;\nfoo\nEND COMPONENTS\nEND DESIGN\n"), "def-syntax", 3},
    {read_def, TEXT("DESIGN m ;\nCOMPONENTS 1 ;\n- a INV"), "def-unclosed", 0},
    {read_safetensors, TEXT("\xff\xff\xff\xff\xff\xff\xff\x7f{}"), "safetensors-header", 0},
    {read_safetensors, TEXT("\x02\0\0\0\0\0\0\0[]"), "safetensors-header", 0},
    {read_safetensors, TEXT("\x39\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[0,36]}}  "), "safetensors-tensor", 0},
    {read_npy, TEXT("nothing at all"), "npy-header", 0},
    {read_npy, TEXT(HEAD "\x40\0{'descr': 'O', 'fortran_order': False, 'shape': (1,), }          "), "npy-type", 0},
    {read_npy, TEXT(HEAD "\x38\0{'descr': '|O8', 'fortran_order': False, 'shape': (1,), }"), "npy-type", 0},
    {read_npy, TEXT(HEAD "\x41\0{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }"), "npy-size", 0},
};

Test(errors, every_id_is_told_with_its_line)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = rows[i].read(rows[i].text, rows[i].n, diag);
        bool told = false;
        char all[600] = "";
        for (int32_t k = 0; k < weft_diag_n_entries(diag); k++) {
            const weft_diag_entry_t *e = weft_diag_entry(diag, k);
            told |= !strcmp(e->id, rows[i].id) && (!rows[i].line || e->line == rows[i].line);
            snprintf(all + strlen(all), sizeof all - strlen(all), " %s:%d", e->id, e->line);
        }
        cr_expect(told, "row %zu: %s at line %d, got%s", i, rows[i].id, rows[i].line, all);
        bool goes_on = rows[i].read == read_liberty; /* a library keeps what it could read; the error stands all the same */
        cr_expect(status == WEFT_EINPUT || goes_on || weft_diag_n_of(diag, WEFT_ERROR) == 0, "row %zu", i);
        weft_diag_free(diag);
    }
}

/* Cut anywhere, a good text must give an answer or an error, never a crash. */
Test(errors, cut_off_texts)
{
    static const char text[] = "*SPEF \"IEEE\"\n*NAME_MAP\n*1 n\n*D_NET *1 1\n*CONN\n*I g:Y O\n*CAP\n1 *1:1 2 3 \n*RES\n1 *1:1 g:Y 4\n*END\n";
    for (size_t n = 0; n < sizeof text; n++) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = read_spef(text, n, diag);
        cr_expect(status == WEFT_OK || weft_diag_n_of(diag, WEFT_ERROR) > 0, "cut at %zu", n);
        weft_diag_free(diag);
    }
}
