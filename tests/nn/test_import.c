/* State dicts of PyTorch (tests/golden/import_torch.py) through mapping files: the same answers; and what a mapping can get wrong. */
#include "base/alloc.h"
#include "io/safetensors.h"
#include "weft/models.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *golden(const char *name)
{
    static char path[2][512];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/tests/golden/%s", WEFT_SOURCE_DIR, name);
    return path[turn];
}

static weft_model_options_t options_of(const char *model)
{
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, model, NULL, NULL, NULL), WEFT_OK);
    o.model.in = 4;
    o.model.hidden = 5;
    o.model.out = 3;
    o.model.layers = 2;
    if (strcmp(model, "gin")) return o.model;
    o.model.norm = WEFT_NORM_BATCH;
    o.model.residual = false;
    o.model.train_eps = o.model.head = true;
    return o.model;
}

static void answers_as_torch(const char *name)
{
    weft_i_safetensors_t *f = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_model_t *model = NULL;
    weft_model_options_t o = options_of(name);
    weft_graph_t *graph = NULL;
    weft_topology_t t;
    char file[64], map[64];
    int32_t source[64], target[64];
    cr_assert_eq(weft_i_safetensors_read(&f, golden("import.safetensors"), diag), WEFT_OK);
    const weft_i_tensor_entry_t *x = weft_i_safetensors_find(f, "x"), *edges = weft_i_safetensors_find(f, "edges"), *want = weft_i_safetensors_find(f, name);
    cr_assert(x && edges && want && edges->shape[0] <= 64);
    for (int64_t e = 0; e < edges->shape[0]; e++) {
        memcpy(&source[e], (const char *)edges->data + 8 * e, 4);
        memcpy(&target[e], (const char *)edges->data + 8 * e + 4, 4);
    }
    float *rows = malloc((size_t)x->n_elements * sizeof *rows); /* tensors in a file are not aligned */
    memcpy(rows, x->data, (size_t)x->n_elements * sizeof *rows);
    cr_assert_eq(weft_graph_new(&graph, x->shape[0], x->shape[0], edges->shape[0], source, target, WEFT_GRAPH_BOTH_WAYS, NULL), WEFT_OK);
    cr_assert_eq(weft_model_topology(&t, graph, name, 0, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_model_new(&model, &o, 1, diag), WEFT_OK);
    snprintf(file, sizeof file, "%s_torch.safetensors", name);
    snprintf(map, sizeof map, "%s_torch.map", name);
    cr_assert_eq(weft_params_read_mapped(weft_model_params(model), golden(file), golden(map), diag), WEFT_OK, "%s", weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_tape_t *tape = weft_tape_new();
    const weft_batch_t batch = {.topology = &t, .x = rows, .n_nodes = x->shape[0]};
    weft_tape_set_training(tape, false);
    weft_var_t *y = weft_model_forward(model, tape, &batch);
    cr_assert_eq(weft_tape_status(tape, diag), WEFT_OK);
    for (int64_t i = 0; i < want->n_elements; i++) {
        float v;
        memcpy(&v, (const char *)want->data + 4 * i, 4);
        cr_assert_float_eq(weft_var_data(y)[i], v, 2e-6f * (1.0f + fabsf(v)), "%s, value %lld: %g, torch has %g", name, (long long)i, (double)weft_var_data(y)[i], (double)v);
    }
    free(rows);
    weft_tape_free(tape);
    weft_model_free(model);
    weft_topology_destroy(&t);
    weft_graph_free(graph);
    weft_i_safetensors_free(f);
    weft_diag_free(diag);
}

Test(import, gcn_answers_as_torch) { answers_as_torch("gcn"); }
Test(import, gin_answers_as_torch) { answers_as_torch("gin"); }

/* ---- small files of one's own -------------------------------------------------------------------------------------------------------------------- */
static char tensors[] = "/tmp/weft-import-XXXXXX", map[] = "/tmp/weft-map-XXXXXX";
static const float w[6] = {1, 2, 3, 4, 5, 6}, b[3] = {7, 8, 9};
static void setup(void)
{
    static const int64_t steps = 3;
    const weft_i_tensor_entry_t t[] = {{.name = "n", .dtype = WEFT_I_I64, .n_dims = 0, .data = &steps, .n_elements = 1}, {.name = "w", .dtype = WEFT_I_F32, .n_dims = 2, .shape = {3, 2}, .data = w, .n_elements = 6},
                                       {.name = "b", .dtype = WEFT_I_F32, .n_dims = 1, .shape = {3}, .data = b, .n_elements = 3}};
    close(mkstemp(tensors));
    close(mkstemp(map));
    cr_assert_eq(weft_i_safetensors_write(tensors, t, 3, NULL, 0, NULL), WEFT_OK);
}
static void teardown(void)
{
    unlink(tensors);
    unlink(map);
}

static weft_params_t *linear(void)
{
    weft_params_t *p = weft_params_new(1);
    weft_linear_init(p, "l", 2, 3, true, WEFT_INIT_ZERO);
    return p;
}

static void write_map(const char *text)
{
    FILE *f = fopen(map, "w");
    cr_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

Test(import, transposed_and_left_out, .init = setup, .fini = teardown)
{
    weft_params_t *p = linear();
    write_map("# comment\n\n w l.weight\ttranspose\r\nb l.bias\nn -");
    cr_assert_eq(weft_params_read_mapped(p, tensors, map, NULL), WEFT_OK);
    const float want[] = {1, 3, 5, 2, 4, 6};
    cr_assert_arr_eq(weft_params_find(p, "l.weight")->value, want, sizeof want);
    cr_assert_arr_eq(weft_params_find(p, "l.bias")->value, b, sizeof b);
    weft_params_free(p);
}

static const struct { const char *map, *id; int line; } bad[] = {
    {"w l.weight transpose\nb\nn -\n", "map-line", 2},
    {"w l.weight turned\nb l.bias\nn -\n", "map-line", 1},
    {"w l.weight transpose more\nb l.bias\nn -\n", "map-line", 1},
    {"#\nv l.weight transpose\n", "map-tensor", 2},
    {"w l.weights transpose\n", "map-parameter", 1},
    {"w l.weight transpose\nb l.bias\nb l.bias\n", "map-twice", 3},
    {"w l.weight transpose\nb l.weight\n", "map-twice", 2},
    {"w l.weight transpose\nn -\nb -\n", "params-missing", 0},
    {"w l.weight transpose\nb l.bias\n", "params-left", 0},
    {"w l.weight\nb l.bias\nn -\n", "params-shape", 0},
    {"b l.weight transpose\nw l.bias\nn -\n", "params-shape", 0},
    {"w l.weight transpose\nn l.bias\nb -\n", "params-shape", 0}};

Test(import, what_is_wrong_is_said_and_nothing_is_taken, .init = setup, .fini = teardown)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_params_t *p = linear();
        weft_diag_t *diag = weft_diag_new();
        write_map(bad[i].map);
        cr_assert_eq(weft_params_read_mapped(p, tensors, map, diag), WEFT_EINPUT, "case %zu", i);
        bool found = false;
        for (int32_t k = 0; k < weft_diag_n_entries(diag); k++) found |= !strcmp(weft_diag_entry(diag, k)->id, bad[i].id) && weft_diag_entry(diag, k)->line == bad[i].line;
        cr_assert(found, "case %zu: not %s in line %d but %s in line %d: %s", i, bad[i].id, bad[i].line, weft_diag_entry(diag, 0)->id, weft_diag_entry(diag, 0)->line, weft_diag_entry(diag, 0)->text);
        for (int k = 0; k < 6; k++) cr_assert_eq(weft_params_find(p, "l.weight")->value[k], 0.0f);
        weft_diag_free(diag);
        weft_params_free(p);
    }
}

Test(import, halves_and_heads, .init = setup, .fini = teardown)
{
    static const uint16_t f16[] = {0x3c00, 0xc000, 0x0001, 0x7bff}, bf16[] = {0x3f80, 0xc000, 0x0080, 0x7f7f};
    const weft_i_tensor_entry_t t[] = {{.name = "h", .dtype = WEFT_I_F16, .n_dims = 3, .shape = {1, 2, 2}, .data = f16, .n_elements = 4}, {.name = "g", .dtype = WEFT_I_BF16, .n_dims = 1, .shape = {4}, .data = bf16, .n_elements = 4}};
    weft_params_t *p = weft_params_new(1);
    weft_param_t *h = weft_params_add(p, "h", 1, 4, WEFT_INIT_ZERO, 0), *g = weft_params_add(p, "g", 4, 1, WEFT_INIT_ZERO, 0);
    cr_assert_eq(weft_i_safetensors_write(tensors, t, 2, NULL, 0, NULL), WEFT_OK);
    write_map("h h\ng g\n");
    cr_assert_eq(weft_params_read_mapped(p, tensors, map, NULL), WEFT_OK);
    cr_assert(h->value[0] == 1.0f && h->value[1] == -2.0f && h->value[2] == 0x1p-24f && h->value[3] == 65504.0f);
    cr_assert(g->value[0] == 1.0f && g->value[1] == -2.0f && g->value[2] == 0x1p-126f && g->value[3] == 0x1.fep127f);
    weft_params_free(p);
}

Test(import, every_allocation_failed_once, .init = setup, .fini = teardown)
{
    weft_params_t *p = linear();
    write_map("w l.weight transpose\nb l.bias\nn -\n");
    for (int64_t nth = 1;; nth++) {
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_params_read_mapped(p, tensors, map, NULL);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (asked < nth) break;
        cr_assert_neq(status, WEFT_OK, "allocation %lld", (long long)nth); /* a header that cannot be parsed for want of memory reads as a bad one */
    }
    weft_params_free(p);
}
