/* What a folder of the 21-design set can say badly, one thing wrong at a time; and what is told of weights that do not suit. */
#include "predict/level_data.h"
#include "support/toy_time21.h"
#include "weft/time21_model.h"

/* An inverter between two ports. */
enum { NODES = 0, EDGES, ARCS, META, LABELS, N_FILES };
static const char *const name[N_FILES] = {"node-feat.csv", "edge.csv", "cell-arc.csv", "meta.json", "atslew.csv"};
#define NODE "0,1,2,3,4,5,0.1,0.1,0.1,0.1\n"
#define LABEL "1,1,1,1,0.1,0.1,0.1,0.1\n"
#define HEAD "cell,from,to,x,y,index,label,z,kind\n"
static const char *const good[N_FILES] = {"1,0,2,3,4,5,0,0,0,0\n" NODE NODE "1,1,2,3,4,5,0,0,0,0\n", "0,1\n2,3\n1,2\n", HEAD "INV,A,Y,0,0,0,0,0,comb\n", "{\"clock_period_ns\": 10}", LABEL LABEL LABEL LABEL};

static const struct { const char *id; int line, file; const char *text; } rows[] = {
    {"time21-table", 2, NODES, NODE "1,2,3\n"},
    {"time21-table", 1, NODES, "0,1,2,3,4,5,x,0.1,0.1,0.1\n"},
    {"time21-table", 0, NODES, "\n"},
    {"time21-table", 0, LABELS, LABEL LABEL LABEL},
    {"time21-table", 0, META, "{\"clock_period_ns\": -1}"},
    {"time21-table", 2, META, "{\n\"clock_period_ns\": }"},
    {"time21-table", 0, ARCS, HEAD "INV,A,Y,0,0,0,0,0,comb\nINV,A,Y,0,0,0,0,0,comb\nINV,A,Y,0,0,0,0,0,comb\nINV,A,Y,0,0,0,0,0,comb\n"},
    {"time21-graph", 2, EDGES, "0,1\n2,4\n1,2\n"},
    {"time21-graph", 1, EDGES, "-1,1\n2,3\n1,2\n"},
    {"time21-graph", 0, EDGES, "2,1\n2,3\n1,2\n"},
    {"time21-graph", 0, EDGES, "0,1\n3,1\n1,2\n"},
    {"time21-graph", 0, EDGES, "0,1\n1,3\n1,2\n"},
    {"time21-cell", 2, ARCS, HEAD "NOR,A,Y,0,0,0,0,0,comb\n"},
    {"time21-cell", 2, ARCS, HEAD "INV,B,Y,0,0,0,0,0,comb\n"},
    {"time21-cell", 2, ARCS, HEAD "INV,A,Y,0,0,x,0,0,comb\n"},
    {"time21-cell", 2, ARCS, HEAD "INV,A,Y,0,0,0,0,0,other\n"},
    {"time21-cell", 3, ARCS, HEAD "INV,A,Y,0,0,0,0,0,comb\nINV,A\n"}};

static weft_status_t read_with(const weft_library_t *l, int file, const char *text, weft_diag_t *diag)
{
    char folder[] = "/tmp/weft-time21-XXXXXX", path[128];
    weft_time21_t *t = NULL;
    cr_assert_not_null(mkdtemp(folder));
    for (int k = 0; k < N_FILES; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, name[k]);
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(k == file ? text : good[k], f) >= 0 && !fclose(f));
    }
    weft_status_t status = weft_time21_read(&t, "/tmp", folder + 5, l, diag);
    weft_time21_free(t);
    for (int k = 0; k < N_FILES; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, name[k]);
        remove(path);
    }
    rmdir(folder);
    return status;
}

Test(time21_errors, every_wrong_folder_is_told)
{
    weft_library_t *l = toy_library();
    cr_assert_eq(read_with(l, N_FILES, NULL, NULL), WEFT_OK, "the good files are not read");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        weft_diag_t *diag = weft_diag_new();
        bool found = false;
        cr_expect_eq(read_with(l, rows[i].file, rows[i].text, diag), WEFT_EINPUT, "row %zu", i);
        for (int32_t k = 0; k < weft_diag_n_entries(diag); k++) found |= !strcmp(weft_diag_entry(diag, k)->id, rows[i].id) && weft_diag_entry(diag, k)->line == rows[i].line;
        cr_expect(found, "row %zu: no %s at line %d, but %s at %d", i, rows[i].id, rows[i].line, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->id : "nothing", weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->line : 0);
        weft_diag_free(diag);
    }
    weft_library_free(l);
}

Test(time21_errors, tables_of_another_size)
{
    weft_library_t *l = tiny_library(); /* of single values */
    float table[8 * 49], axes[8 * 14], valid[8];
    weft_diag_t *diag = weft_diag_new();
    cr_expect_eq(weft_i_arc_luts(l, 0, table, axes, valid, diag), WEFT_EINPUT);
    cr_expect_eq(weft_diag_n_of_id(diag, "time21-lut"), 1);
    weft_diag_free(diag);
    weft_library_free(l);
}

Test(time21_errors, weights_of_other_libraries)
{
    weft_library_t *l = toy_library();
    weft_time21_model_t *m = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_expect_eq(weft_time21_model_read(&m, WEFT_SOURCE_DIR "/models/time21-timinggcn.safetensors", l, diag), WEFT_OK);
    cr_expect_eq(weft_diag_n_of_id(diag, "model-library"), 1);
    weft_time21_model_free(m);
    weft_diag_free(diag);
    weft_library_free(l);
}

Test(time21_errors, a_loss_that_is_no_number)
{
    weft_library_t *l = toy_library();
    weft_time21_t *t = toy_time21(l, "toy", 40, 20, 5);
    const weft_time21_t *list[] = {t};
    const weft_level_net_options_t o = {.epochs = 2, .lr = 1e-3, .seed = 1};
    weft_level_net_t *m = NULL;
    weft_diag_t *diag = weft_diag_new();
    for (int32_t i = 0; i < t->n_nodes; i++) t->at_slew[8 * i] = NAN;
    cr_expect_eq(weft_level_net_train(&m, "timinggcn", list, 1, &o, diag), WEFT_ECHECK);
    cr_expect_eq(weft_diag_n_of_id(diag, "train-diverged"), 1);
    weft_diag_free(diag);
    weft_time21_free(t);
    weft_library_free(l);
}
