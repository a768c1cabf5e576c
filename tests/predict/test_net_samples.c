/* Sample files: a fit from one has the bits of a fit from the designs; every way a file can be wrong is told by its id. */
#include "base/alloc.h"
#include "base/rng.h"
#include "predict/calibration.h"
#include "predict/net_model.h"
#include "predict/net_samples.h"
#include "support/tiny.h"
#include "weft/net_model.h"

#include <jansson.h>
#include <math.h>

enum { GATES = 70 };

/* Inverters in a row, every fifth followed by a register, placed anywhere. */
static weft_design_t *chain(const weft_library_t *l)
{
    static char text[GATES * 160];
    weft_verilog_t *v = NULL;
    weft_design_t *d = NULL;
    weft_i_rng_t rng = {7, 1, 0};
    int n = sprintf(text, "module m (ck, a, y); input ck, a; output y; wire n0; INV first (.A(a), .Y(n0));\n");
    for (int i = 1; i < GATES; i++)
        n += sprintf(text + n, i % 5 ? "wire n%d; INV g%d (.A(n%d), .Y(n%d));\n" : "wire n%d; DFF g%d (.D(n%d), .CK(ck), .Q(n%d));\n", i, i, i - 1, i);
    n += sprintf(text + n, "INV last (.A(n%d), .Y(y)); endmodule\n", GATES - 1);
    cr_assert_eq(weft_verilog_parse(&v, text, (size_t)n, "chain", NULL), WEFT_OK);
    cr_assert_eq(weft_design_link(&d, l, (const weft_verilog_t *const *)&v, 1, NULL, NULL), WEFT_OK);
    weft_verilog_free(v);
    d->pin_x = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_x);
    d->pin_y = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_y);
    for (int32_t i = 0; i < d->n_pins; i++) {
        d->pin_x[i] = 2e-4 * weft_i_rng_uniform(&rng);
        d->pin_y[i] = 2e-4 * weft_i_rng_uniform(&rng);
    }
    return d;
}

/* Two designs, the second one routed with heavier wires and but for a net. */
static weft_calibration_t *calibration(void)
{
    static const char *const spec[] = {"steiner:0.16,2.0", "steiner:0.24,3.0"}, *const name[] = {"one", "two"};
    weft_calibration_t *c = weft_calibration_new();
    weft_library_t *l = tiny_library();
    weft_design_t *d = chain(l);
    for (int k = 0; k < 2; k++) {
        weft_wire_model_t *m = NULL;
        weft_wires_t *w = NULL;
        weft_parasitics_t *p = NULL;
        cr_assert_eq(weft_wire_model_new(&m, spec[k], NULL, 0, NULL), WEFT_OK);
        cr_assert_eq(weft_wires_new(&w, m, d, 0.0, NULL), WEFT_OK);
        cr_assert_eq(weft_wires_store(&p, w), WEFT_OK);
        if (k) p->net_present[d->pin_net[weft_design_find_pin(d, "first/Y", 7)]] = 0;
        cr_assert_eq(weft_calibration_add(c, d, p, name[k], "chains", NULL), WEFT_OK);
        weft_parasitics_free(p);
        weft_wires_free(w);
        weft_wire_model_free(m);
    }
    weft_design_free(d);
    weft_library_free(l);
    return c;
}

static const char *const folder[] = {"/nowhere/one", "/nowhere/two"};
static char path[] = "/tmp/weft-samples-XXXXXX", other[] = "/tmp/weft-samples-XXXXXX";
static void paths(void)
{
    close(mkstemp(path));
    close(mkstemp(other));
}
static void no_paths(void)
{
    remove(path);
    remove(other);
}

static char *bytes_of(const char *file, size_t *n)
{
    static char room[2][1 << 20];
    static int turn;
    char *to = room[turn++ & 1];
    FILE *f = fopen(file, "rb");
    cr_assert_not_null(f);
    *n = fread(to, 1, sizeof room[0], f);
    cr_assert_lt(*n, sizeof room[0]);
    fclose(f);
    return to;
}
static bool same_files(const char *a, const char *b)
{
    size_t n, m;
    const char *x = bytes_of(a, &n), *y = bytes_of(b, &m);
    return n == m && !memcmp(x, y, n);
}

static weft_calibration_t *from_samples(const weft_net_samples_t *s)
{
    weft_calibration_t *c = weft_calibration_new();
    for (int32_t i = 0; i < weft_net_samples_n_designs(s); i++) cr_assert_eq(weft_calibration_add_sample(c, s, i, NULL), WEFT_OK);
    return c;
}

static void fit_into(const weft_calibration_t *c, const char *file)
{
    weft_wire_model_t *m = NULL;
    weft_library_t *l = NULL;
    weft_fit_report_t report;
    const weft_net_options_t o = {.epochs = 2, .dropout = 0.1, .seed = 3};
    cr_assert_eq(weft_calibration_fit(c, NULL, &m, &report, NULL), WEFT_OK);
    cr_assert_eq(weft_calibration_fit_net(c, NULL, m, &o, NULL), WEFT_OK);
    cr_assert_eq(weft_calibration_library(&l, c), WEFT_OK);
    cr_expect_eq(weft_library_find_cell(l, "DFF", 3), 1);
    cr_expect_eq(weft_library_find_cell(l, "DF", 2), -1);
    const weft_model_story_t story = {.library = l, .title = "t", .fit = &report};
    cr_assert_eq(weft_wire_model_write(m, &story, file, NULL), WEFT_OK);
    weft_library_free(l);
    weft_wire_model_free(m);
}

static float *answer_of(const weft_calibration_t *c, int32_t members, uint64_t seed, int64_t *parameters)
{
    weft_wire_model_t *m = NULL;
    float *answer = NULL;
    const weft_net_options_t o = {.members = members, .epochs = 2, .dropout = 0.1, .seed = seed};
    cr_assert_eq(weft_calibration_fit(c, NULL, &m, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_calibration_fit_net(c, NULL, m, &(weft_net_options_t){.members = 3, .epochs = 1}, NULL), WEFT_OK);
    cr_assert_eq(weft_calibration_fit_net(c, NULL, m, &o, NULL), WEFT_OK); /* in place of those */
    cr_expect_eq(weft_i_net_model_members(m), members);
    cr_assert_eq(weft_i_net_model_answer(&answer, NULL, m, &c->design[0].graph, NULL), WEFT_OK);
    *parameters = weft_wire_model_n_parameters(m);
    weft_wire_model_free(m);
    return answer;
}

Test(net_samples, nets_of_several_seeds_answer_with_their_mean)
{
    weft_calibration_t *c = calibration();
    int64_t n = (int64_t)c->design[0].graph.n * WEFT_I_NET_OUT, parameters[3];
    float *a = answer_of(c, 1, 3, &parameters[0]), *b = answer_of(c, 1, 4, &parameters[1]), *both = answer_of(c, 2, 3, &parameters[2]), apart = 0.0f;
    cr_expect(parameters[0] > 0 && parameters[2] == parameters[0] + parameters[1]);
    for (int64_t i = 0; i < n; i++) {
        cr_expect_eq(both[i], (a[i] + b[i]) / 2.0f);
        apart = fmaxf(apart, fabsf(a[i] - b[i]));
    }
    cr_expect_gt(apart, 1e-3f);
    weft_i_free(a);
    weft_i_free(b);
    weft_i_free(both);
    weft_calibration_free(c);
}

/* A perceptron per net: no trees, written and read back with the same offsets, moved to a flow as any model. */
Test(net_samples, a_net_alone_is_kept_and_refitted, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration();
    weft_library_t *l = NULL;
    weft_wire_model_t *m = NULL, *back = NULL, *moved = NULL;
    weft_fit_report_t report;
    double made[2], read[2], left[2];
    const weft_net_options_t o = {.kind = WEFT_NET_MLP, .members = 2, .epochs = 20, .dropout = 0.0};
    cr_assert_eq(weft_calibration_library(&l, c), WEFT_OK);
    cr_assert_eq(weft_calibration_fit_constants(c, NULL, &m, &report, NULL), WEFT_OK);
    cr_assert_eq(m->cap_trees->n_trees, 0);
    cr_assert_eq(weft_calibration_fit_net(c, NULL, m, &o, NULL), WEFT_OK);
    cr_assert(m->net_alone && weft_i_net_model_members(m) == 2);
    weft_model_story_t story = {.library = l, .title = "t", .trained_on = "two", .command = "c", .fit = &report};
    cr_assert_eq(weft_wire_model_write(m, &story, path, NULL), WEFT_OK);
    cr_assert_eq(weft_wire_model_new(&back, path, NULL, 0, NULL), WEFT_OK);
    cr_assert(back->net_alone && back->cap_trees->n_trees == 0);
    cr_assert_eq(weft_calibration_offsets(c, m, 0, &made[0], &made[1], NULL), WEFT_OK);
    cr_assert_eq(weft_calibration_offsets(c, back, 0, &read[0], &read[1], NULL), WEFT_OK);
    cr_assert(fabs(made[0] - read[0]) < 1e-6 && fabs(made[1] - read[1]) < 1e-6);
    cr_assert_eq(weft_calibration_refit(c, back, &moved, NULL, NULL), WEFT_OK);
    cr_assert(moved->net_alone && weft_i_net_model_members(moved) == 2);
    cr_assert_eq(weft_calibration_offsets(c, moved, 0, &left[0], &left[1], NULL), WEFT_OK);
    cr_assert(isfinite(left[0]) && isfinite(left[1]));
    weft_wire_model_free(m);
    weft_wire_model_free(back);
    weft_wire_model_free(moved);
    weft_library_free(l);
    weft_calibration_free(c);
}

Test(net_samples, a_fit_has_the_bits_of_a_fit_from_the_designs, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration(), *back;
    weft_net_samples_t *s = NULL;
    cr_assert_eq(weft_net_samples_write(c, folder, path, NULL), WEFT_OK);
    cr_assert_eq(weft_net_samples_read(&s, path, NULL), WEFT_OK);
    cr_assert_eq(weft_net_samples_n_designs(s), 2);
    const weft_net_samples_design_t *a = weft_net_samples_design(s, 0), *b = weft_net_samples_design(s, 1);
    cr_expect_str_eq(a->name, "one");
    cr_expect_str_eq(b->family, "chains");
    cr_expect_str_eq(b->folder, folder[1]);
    cr_expect_eq(a->n_nets, GATES + 3); /* a, ck, y */
    cr_expect_eq(a->n_labels, a->n_nets);
    cr_expect_eq(b->n_labels, b->n_nets - 1);
    cr_expect_eq(a->n_arcs, GATES + 1);
    cr_expect_eq(a->n_all, GATES + 3);
    back = from_samples(s);
    cr_assert_eq(weft_net_samples_write(back, folder, other, NULL), WEFT_OK);
    cr_expect(same_files(path, other), "samples of samples are other samples");
    fit_into(c, path);
    fit_into(back, other);
    cr_expect(same_files(path, other), "other bits");
    weft_calibration_free(back);
    weft_calibration_free(c);
    weft_net_samples_free(s);
}

/* ---- wrong files ----------------------------------------------------------------------------------------------- */
typedef struct made { json_t *card; weft_i_tensor_entry_t part[WEFT_I_N_PARTS]; int32_t n; bool no_card, old_sum; } made_t;
static json_t *design(made_t *m, size_t i) { return json_array_get(json_object_get(m->card, "designs"), i); }
static int32_t *ints(made_t *m, int32_t k) { return (int32_t *)(uintptr_t)m->part[k].data; }
static float *reals(made_t *m, int32_t k) { return (float *)(uintptr_t)m->part[k].data; }
static void put(json_t *to, const char *key, json_int_t v) { json_object_set_new(to, key, json_integer(v)); }
static json_int_t taken(json_t *from, const char *key) { return json_integer_value(json_object_get(from, key)); }

static void no_card(made_t *m) { m->no_card = true; }
static void other_kind(made_t *m) { json_object_set_new(m->card, "kind", json_string("net-samples-2")); }
static void no_json(made_t *m) { json_object_clear(m->card); }
static void other_column(made_t *m) { json_object_set_new(json_array_get(json_object_get(m->card, "columns"), 3), "name", json_string("x")); }
static void fewer_columns(made_t *m) { json_array_remove(json_object_get(m->card, "columns"), 0); }
static void other_label(made_t *m) { json_object_set_new(json_array_get(json_object_get(m->card, "labels"), 5), "name", json_integer(1)); }
static void renamed(made_t *m) { m->part[WEFT_I_ARC_TO].name = "arc.two"; }
static void retyped(made_t *m) { m->part[WEFT_I_ARC_TO].dtype = WEFT_I_F32; }
static void flat(made_t *m) { m->part[WEFT_I_NET_COLUMNS].shape[0] = m->part[WEFT_I_NET_COLUMNS].n_elements, m->part[WEFT_I_NET_COLUMNS].n_dims = 1; }
static void wider(made_t *m) { m->part[WEFT_I_LABEL_VALUES].shape[0] *= 2, m->part[WEFT_I_LABEL_VALUES].shape[1] /= 2; }
static void shorter(made_t *m) { m->part[WEFT_I_ARC_TO].shape[0] = --m->part[WEFT_I_ARC_TO].n_elements; }
static void changed(made_t *m) { reals(m, WEFT_I_NET_COLUMNS)[5] += 1.0f, m->old_sum = true; }
static void story_changed(made_t *m) { json_object_set_new(design(m, 0), "folder", json_string("/else/where")), m->old_sum = true; }
static void no_hash(made_t *m) { json_object_del(json_array_get(json_object_get(m->card, "libraries"), 0), "hash"); }
static void odd_hash(made_t *m) { json_object_set_new(json_array_get(json_object_get(m->card, "libraries"), 0), "hash", json_string("000000000000000x")); }
static void no_cells(made_t *m) { json_object_del(json_array_get(json_object_get(m->card, "libraries"), 0), "cells"); }
static void no_library(made_t *m) { json_array_clear(json_object_get(m->card, "libraries")); }
static void far_library(made_t *m) { put(design(m, 1), "library", 1); }
static void no_name(made_t *m) { json_object_del(design(m, 0), "name"); }
static void no_family(made_t *m) { put(design(m, 0), "family", 1); }
static void no_folder(made_t *m) { json_object_del(design(m, 1), "folder"); }
static void more_nets(made_t *m) { put(design(m, 0), "nets", taken(design(m, 0), "nets") + taken(design(m, 1), "nets") + 1); }
static void huge_arcs(made_t *m) { put(design(m, 0), "arcs", INT64_MAX); }
static void below(made_t *m) { put(design(m, 0), "arcs", -1); }
static void no_labels(made_t *m) { put(design(m, 0), "labels", 0); }
static void a_net_too_few(made_t *m) { put(design(m, 1), "nets", taken(design(m, 1), "nets") - 1); }
static void no_designs(made_t *m) { json_object_del(m->card, "designs"); }
static void few_nets_in_all(made_t *m) { put(design(m, 0), "netlist_nets", GATES); }
static void net_below(made_t *m) { ints(m, WEFT_I_NET_ID)[0] = -1; }
static void nets_unsorted(made_t *m) { ints(m, WEFT_I_NET_ID)[4] = ints(m, WEFT_I_NET_ID)[3]; }
static void label_beyond(made_t *m) { ints(m, WEFT_I_LABEL_NET)[GATES + 2] = GATES + 3; }
static void labels_unsorted(made_t *m) { ints(m, WEFT_I_LABEL_NET)[1] = 0; }
static void arc_beyond(made_t *m) { ints(m, WEFT_I_ARC_FROM)[2] = GATES + 3; }
static void arc_below(made_t *m) { ints(m, WEFT_I_ARC_TO)[GATES] = INT32_MIN; }
static void without_cap(made_t *m) { reals(m, WEFT_I_LABEL_VALUES)[2] = 0.0f; }
static void not_a_number(made_t *m) { reals(m, WEFT_I_NET_COLUMNS)[30] = NAN; }
static void endless(made_t *m) { reals(m, WEFT_I_LABEL_VALUES)[3] = INFINITY; }

static const struct { const char *id; void (*spoil)(made_t *); } wrongs[] = {
    {"samples-kind", no_card}, {"samples-kind", other_kind}, {"samples-kind", no_json}, {"samples-columns", other_column}, {"samples-columns", fewer_columns}, {"samples-columns", other_label},
    {"samples-content", renamed}, {"samples-content", retyped}, {"samples-content", flat}, {"samples-content", wider}, {"samples-content", shorter},
    {"samples-checksum", changed}, {"samples-checksum", story_changed},
    {"samples-content", no_hash}, {"samples-content", odd_hash}, {"samples-content", no_cells}, {"samples-content", no_library}, {"samples-content", far_library}, {"samples-content", no_name},
    {"samples-content", no_family}, {"samples-content", no_folder}, {"samples-content", more_nets}, {"samples-content", huge_arcs}, {"samples-content", below}, {"samples-content", no_labels},
    {"samples-content", a_net_too_few}, {"samples-content", no_designs}, {"samples-content", few_nets_in_all}, {"samples-content", net_below}, {"samples-content", nets_unsorted},
    {"samples-content", label_beyond}, {"samples-content", labels_unsorted}, {"samples-content", arc_beyond}, {"samples-content", arc_below}, {"samples-content", without_cap},
    {"samples-number", not_a_number}, {"samples-number", endless}};

/* The good file with one thing changed, and a checksum that fits unless the case says otherwise, into `other`. */
static void write_wrong(const weft_i_safetensors_t *good, void (*spoil)(made_t *))
{
    made_t m = {.card = json_loads(weft_i_safetensors_meta(good, "weft"), 0, NULL)};
    const weft_i_tensor_entry_t *part[WEFT_I_N_PARTS];
    void *owned[WEFT_I_N_PARTS];
    char sum[9];
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) {
        m.part[k] = *weft_i_safetensors_find(good, weft_i_net_samples_part[k].name);
        size_t size = (size_t)m.part[k].n_elements * 4;
        m.part[k].data = owned[k] = memcpy(malloc(size), m.part[k].data, size);
        part[k] = &m.part[k];
    }
    if (spoil) spoil(&m);
    char *card = json_dumps(m.card, JSON_COMPACT);
    weft_i_net_samples_sum(card, part, sum);
    const char *const meta[] = {"crc32", m.old_sum ? weft_i_safetensors_meta(good, "crc32") : sum, "weft", card};
    cr_assert_eq(weft_i_safetensors_write(other, m.part, WEFT_I_N_PARTS, meta, m.no_card ? 1 : 2, NULL), WEFT_OK);
    free(card);
    json_decref(m.card);
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) free(owned[k]);
}

Test(net_samples, every_wrong_file_is_told, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration();
    weft_i_safetensors_t *good = NULL;
    weft_net_samples_t *s = NULL;
    cr_assert_eq(weft_net_samples_write(c, folder, path, NULL), WEFT_OK);
    cr_assert_eq(weft_i_safetensors_read(&good, path, NULL), WEFT_OK);
    write_wrong(good, NULL);
    cr_assert_eq(weft_net_samples_read(&s, other, NULL), WEFT_OK, "what the test writes is read, unless it is spoilt");
    weft_net_samples_free(s);
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        weft_diag_t *diag = weft_diag_new();
        write_wrong(good, wrongs[i].spoil);
        cr_expect_eq(weft_net_samples_read(&s, other, diag), WEFT_EINPUT, "case %zu", i);
        cr_expect(weft_diag_n_entries(diag) == 1 && !strcmp(weft_diag_entry(diag, 0)->id, wrongs[i].id), "case %zu: %s, not %s", i, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->id : "nothing", wrongs[i].id);
        weft_diag_free(diag);
    }
    weft_i_safetensors_free(good);
    weft_calibration_free(c);
}

Test(net_samples, no_byte_changes_unseen, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration();
    weft_net_samples_t *s = NULL;
    size_t n;
    cr_assert_eq(weft_net_samples_write(c, folder, path, NULL), WEFT_OK);
    char *bytes = bytes_of(path, &n);
    for (size_t i = 0; i < n; i += i < 9000 ? 3 : 31) { /* the header, then numbers */
        bytes[i] ^= 1;
        bool taken = weft_i_net_samples_parse(&s, bytes, n, true, path, NULL) == WEFT_OK;
        cr_expect(!taken, "byte %zu of %zu", i, n);
        if (taken) weft_net_samples_free(s);
        bytes[i] ^= 1;
    }
    for (size_t cut = 0; cut < n; cut += cut < 9000 ? 41 : 301) cr_expect_eq(weft_i_net_samples_parse(&s, bytes, cut, true, path, NULL), WEFT_EINPUT, "cut to %zu", cut);
    cr_expect_eq(weft_i_net_samples_parse(&s, bytes, n, true, path, NULL), WEFT_OK);
    weft_net_samples_free(s);
    weft_calibration_free(c);
}

Test(net_samples, what_no_file_can_hold_is_refused, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration();
    const char *const odd[] = {"/nowhere/one", "/no\xffwhere"};
    weft_diag_t *diag = weft_diag_new();
    cr_expect_eq(weft_net_samples_write(c, odd, path, diag), WEFT_EINPUT);
    cr_expect_eq(weft_diag_n_of_id(diag, "samples-name"), 1);
    c->design[1].graph.x[40] = NAN;
    cr_expect_eq(weft_net_samples_write(c, folder, path, diag), WEFT_EINPUT);
    cr_expect_eq(weft_diag_n_of_id(diag, "samples-number"), 1);
    weft_diag_free(diag);
    weft_calibration_free(c);
}

/* Writing, reading and adding; each allocation failed once. */
static weft_status_t round_trip(const weft_calibration_t *c)
{
    weft_net_samples_t *s = NULL;
    weft_library_t *l = NULL;
    weft_calibration_t *back = NULL;
    weft_status_t status = weft_net_samples_write(c, folder, path, NULL);
    if (status == WEFT_OK) status = weft_net_samples_read(&s, path, NULL);
    if (status == WEFT_OK && !(back = weft_calibration_new())) status = WEFT_ENOMEM;
    for (int32_t i = 0; i < 2 && status == WEFT_OK; i++) {
        status = weft_calibration_add_sample(back, s, i, NULL);
        cr_expect_eq(weft_calibration_n_designs(back), status == WEFT_OK ? i + 1 : i);
    }
    if (status == WEFT_OK) status = weft_calibration_library(&l, back);
    weft_library_free(l);
    weft_calibration_free(back);
    weft_net_samples_free(s);
    return status;
}

Test(net_samples, each_allocation_fails_once, .init = paths, .fini = no_paths)
{
    weft_calibration_t *c = calibration();
    weft_i_alloc_fail(INT64_MAX, false);
    cr_assert_eq(round_trip(c), WEFT_OK);
    int64_t n = weft_i_alloc_count();
    cr_assert(n > 40 && n < 2000, "%lld", (long long)n);
    for (int64_t i = 1; i <= n; i++) {
        weft_i_alloc_fail(i, false);
        weft_status_t status = round_trip(c);
        weft_i_alloc_fail(0, false);
        cr_expect_eq(status, WEFT_ENOMEM, "allocation %lld: %s", (long long)i, weft_status_text(status));
    }
    weft_calibration_free(c);
}
