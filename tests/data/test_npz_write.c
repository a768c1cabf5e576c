/* npz written: read again it is the same; sets in every form that go through it come back the same. */
#include "base/alloc.h"
#include "io/npz.h"
#include "weft/dataset.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], out[128];
static void setup(void)
{
    strcpy(folder, "/tmp/weft-npz-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/out.npz", folder);
}
static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static const char *put(const char *name, const char *text)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && !fclose(f));
    return path;
}

Test(npz_write, stored_and_deflated_come_back, .init = setup, .fini = teardown)
{
    enum { N = 50000 }; /* more than one chunk */
    int32_t *many = malloc(N * sizeof *many);
    const double few[] = {0.1, -1e300};
    for (int i = 0; i < N; i++) many[i] = (int32_t)((uint32_t)i * 2654435761u);
    const weft_i_npz_member_t member[] = {{"many", 'i', 4, 2, {N / 2, 2}, many}, {"few", 'f', 8, 1, {2}, few}, {"none", 'u', 1, 2, {0, 7}, NULL}};
    for (int packed = 0; packed < 2; packed++) {
        weft_i_npz_t z;
        cr_assert_eq(weft_i_npz_write(out, member, 3, packed, NULL), WEFT_OK);
        cr_assert_eq(weft_i_npz_read(&z, out, NULL), WEFT_OK);
        const weft_i_npy_t *a = weft_i_npz_find(&z, "many"), *b = weft_i_npz_find(&z, "few"), *c = weft_i_npz_find(&z, "none");
        cr_assert(z.n == 3 && a && b && c && a->n == N && a->shape[1] == 2 && b->kind == 'f' && c->n == 0 && c->shape[1] == 7);
        cr_assert_arr_eq(a->data, many, N * sizeof *many);
        cr_assert_arr_eq(b->data, few, sizeof few);
        weft_i_npz_destroy(&z);
    }
    cr_assert_eq(weft_i_npz_write(out, member, 0, true, NULL), WEFT_OK); /* an empty archive is one */
    weft_i_npz_t z;
    cr_assert_eq(weft_i_npz_read(&z, out, NULL), WEFT_OK);
    weft_i_npz_destroy(&z);
    free(many);
}

Test(npz_write, what_is_too_large_or_no_file_is_refused, .init = setup, .fini = teardown)
{
    weft_diag_t *diag = weft_diag_new();
    const uint8_t one = 1;
    const weft_i_npz_member_t huge = {"huge", 'i', 8, 2, {1 << 30, 1 << 30}, &one}, small = {"small", 'u', 1, 1, {1}, &one};
    char nowhere[256];
    cr_assert_eq(weft_i_npz_write(out, &huge, 1, true, diag), WEFT_ELIMIT);
    cr_assert_eq(weft_diag_n_of_id(diag, "npz-size"), 1);
    cr_assert(access(out, F_OK), "a half-written file was left");
    snprintf(nowhere, sizeof nowhere, "%s/none/out.npz", folder);
    cr_assert_eq(weft_i_npz_write(nowhere, &small, 1, true, diag), WEFT_EIO);
    cr_assert_eq(weft_diag_n_of_id(diag, "file-create"), 1);
    weft_diag_free(diag);
}

Test(npz_write, every_allocation_failed_once, .init = setup, .fini = teardown)
{
    const float x[] = {1, 2, 3};
    const weft_i_npz_member_t m = {"x", 'f', 4, 1, {3}, x};
    for (int64_t nth = 1;; nth++) {
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_i_npz_write(out, &m, 1, true, NULL);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (asked < nth) break;
        cr_assert_eq(status, WEFT_ENOMEM, "allocation %lld", (long long)nth);
        cr_assert(access(out, F_OK));
    }
}

/* ---- sets ------------------------------------------------------------------------------------------------------------------------------------- */
static float feature(const weft_dataset_t *d, int64_t i, int64_t j)
{
    if (d->x) return d->x[i * d->n_features + j];
    for (int64_t e = d->x_row ? d->x_row[i] : 0; d->x_row && e < d->x_row[i + 1]; e++)
        if (d->x_column[e] == j) return d->x_value ? d->x_value[e] : 1.0f;
    return 0.0f;
}

static void same(const weft_dataset_t *a, const weft_dataset_t *b)
{
    cr_assert(a->n_nodes == b->n_nodes && a->n_edges == b->n_edges && a->n_arcs == b->n_arcs && a->n_features == b->n_features && a->n_classes == b->n_classes && a->n_codes == b->n_codes && a->n_splits == b->n_splits);
    cr_assert_str_eq(a->metric, b->metric);
    cr_assert_arr_eq(a->edge, b->edge, (size_t)a->n_edges * 8);
    cr_assert(!a->arc == !b->arc && !a->label == !b->label);
    if (a->arc) cr_assert_arr_eq(a->arc, b->arc, (size_t)a->n_arcs * 8);
    if (a->label) cr_assert_arr_eq(a->label, b->label, (size_t)a->n_nodes * 4);
    if (a->code) cr_assert_arr_eq(a->code, b->code, (size_t)a->n_nodes);
    for (int64_t i = 0; i < a->n_nodes; i++)
        for (int64_t j = 0; j < a->n_features; j++) cr_assert_eq(feature(a, i, j), feature(b, i, j));
    for (int32_t s = 0; s < a->n_splits; s++) {
        const weft_split_t *t = weft_dataset_split(b, a->split[s].name, NULL);
        cr_assert(t && t->n == a->split[s].n, "split %s", a->split[s].name);
        cr_assert_arr_eq(a->split[s].part, t->part, (size_t)t->n * (size_t)a->n_nodes);
    }
}

static weft_dataset_t *there_and_back(const char *path)
{
    weft_dataset_t *d = NULL, *back = NULL;
    weft_diag_t *diag = weft_diag_new();
    for (int packed = 0; packed < 2; packed++) {
        weft_dataset_free(d);
        cr_assert_eq(weft_dataset_read(&d, path, diag), WEFT_OK, "%s: %s", path, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
        cr_assert_eq(weft_dataset_write_npz(d, out, packed, diag), WEFT_OK, "%s: %s", path, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
        cr_assert_eq(weft_dataset_read(&back, out, diag), WEFT_OK, "%s: %s", path, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
        same(d, back);
        weft_dataset_free(back);
    }
    weft_diag_free(diag);
    return d;
}

Test(npz_write, csv_with_a_split_and_degrees, .init = setup, .fini = teardown)
{
    put("edges.csv", "source,target\nc,a\na,b\nb,d\n");
    put("nodes.csv", "id,label,split,v,w\na,x,train,1,0.25\nb,y,val,3,4\nc,x,test,5,6\nd,,test,7,8\n");
    weft_dataset_free(there_and_back(folder));
    put("nodes.csv", "id,label\na,x\nb,y\nc,x\nd,x\n");
    weft_dataset_t *d = there_and_back(folder);
    cr_assert(d->code && d->n_splits == 1 && !strcmp(d->split[0].name, "random"));
    weft_dataset_free(d);
}

Test(npz_write, ogb_keeps_its_arcs, .init = setup, .fini = teardown)
{
    put("edge.csv", "2,1\n0,1\n1,2\n");
    put("node-label.csv", "4\n7\n4\n");
    put("node-feat.csv", "0.5,1\n2,3\n4,5\n");
    weft_dataset_t *d = there_and_back(folder);
    cr_assert_eq(d->n_arcs, 3);
    weft_dataset_free(d);
}

Test(npz_write, graphml, .init = setup, .fini = teardown)
{
    weft_dataset_free(there_and_back(put("g.graphml", "<graphml><key id=\"l\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/><key id=\"x\" for=\"node\" attr.name=\"x\" attr.type=\"double\"/><graph edgedefault=\"directed\">"
                                                      "<node id=\"a\"><data key=\"l\">p</data><data key=\"x\">1 2</data></node><node id=\"b\"><data key=\"l\">q</data></node><edge source=\"b\" target=\"a\"/></graph></graphml>")));
}

Test(npz_write, matrix_market_with_and_without_nodes, .init = setup, .fini = teardown)
{
    const char *path = put("m.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n4 4 3\n2 1\n3 2\n4 1\n");
    char keep[256];
    snprintf(keep, sizeof keep, "%s", path);
    weft_dataset_t *d = there_and_back(keep);
    cr_assert(!d->label && !d->n_splits && d->n_edges == 3 && d->code && !d->arc);
    weft_dataset_free(d);
    put("m.nodes.csv", "id,label,split,v\n1,x,train,0.5\n2,y,val,1\n3,x,test,2\n4,x,test,3\n");
    d = there_and_back(keep);
    cr_assert(d->n_classes == 2 && d->x[0] == 0.5f && d->split[0].part[1] == 2);
    weft_dataset_free(d);
    put("m.mtx", "%%MatrixMarket matrix coordinate real general\n4 4 2\n2 1 1\n1 4 0.5\n");
    d = there_and_back(keep);
    cr_assert(d->n_arcs == 2 && d->arc[0] == 0 && d->arc[1] == 1, "entry (2, 1) is the arc 1 -> 2");
    weft_dataset_free(d);
}

static void refused(const char *path, const char *id)
{
    weft_dataset_t *d = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_neq(weft_dataset_read(&d, path, diag), WEFT_OK);
    cr_assert(weft_diag_n_of_id(diag, id) > 0, "not %s but %s", id, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->id : "nothing");
    weft_diag_free(diag);
}

Test(npz_write, matrices_that_are_no_sets, .init = setup, .fini = teardown)
{
    refused(put("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n4 3 1\n1 1\n"), "dataset-shape");
    refused(put("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n0 0 0\n"), "dataset-shape");
    refused(put("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n2000000000 2000000000 1\n1 1\n"), "dataset-shape");
    refused(put("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n4 4 1\n5 1\n"), "mtx-entry");
    put("m.nodes.csv", "id,label\n1,x\n");
    refused(put("m.mtx", "%%MatrixMarket matrix coordinate pattern general\n4 4 1\n2 1\n"), "dataset-shape");
}

Test(npz_write, archives_that_are_no_sets, .init = setup, .fini = teardown)
{
    const int32_t edge[] = {0, 1}, y[] = {0, 1}, two[] = {2, 2};
    const int64_t nodes = 2, huge = (int64_t)1 << 40, wide[] = {0, huge};
    const double half[] = {0.0, 0.5};
    const uint8_t part[] = {1, 2, 3};
    const weft_i_npz_member_t edges = {"edges", 'i', 4, 2, {1, 2}, edge}, labels = {"y", 'i', 4, 1, {2}, y};
    const struct { weft_i_npz_member_t m[3]; int n; const char *id; } bad[] = {
        {{edges}, 1, "dataset-form"},
        {{edges, {"num_nodes", 'i', 8, 1, {1}, &huge}}, 2, "dataset-shape"},
        {{edges, {"num_nodes", 'i', 4, 1, {2}, two}}, 2, "dataset-shape"},
        {{edges, labels, {"split", 'u', 1, 1, {3}, part}}, 3, "dataset-shape"},
        {{edges, labels, {"split_a", 'u', 1, 2, {0, 2}, part}}, 3, "dataset-shape"},
        {{edges, labels, {"arcs", 'i', 4, 1, {2}, edge}}, 3, "dataset-shape"},
        {{edges, labels, {"arcs", 'i', 4, 2, {1, 2}, two}}, 3, "dataset-edge"},
        {{edges, labels, {"attr_indptr", 'i', 8, 1, {1}, &nodes}}, 3, "dataset-form"},
        {{edges, labels, {"arcs", 'i', 8, 2, {1, 2}, wide}}, 3, "npy-range"},
        {{edges, labels, {"arcs", 'f', 8, 2, {1, 2}, half}}, 3, "npy-range"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(weft_i_npz_write(out, bad[i].m, bad[i].n, false, NULL), WEFT_OK);
        refused(out, bad[i].id);
    }
}

Test(npz_write, many_graphs_are_refused, .init = setup, .fini = teardown)
{
    weft_diag_t *diag = weft_diag_new();
    weft_dataset_t d = {.task = WEFT_TASK_GRAPH_CLASS, .n_graphs = 2};
    cr_assert_eq(weft_dataset_write_npz(&d, out, true, diag), WEFT_EINPUT);
    uint8_t code[] = {5, 6};
    int64_t node_ptr[] = {0, 2}, edge_ptr[] = {0, 0};
    d = (weft_dataset_t){.n_graphs = 1, .n_nodes = 2, .node_ptr = node_ptr, .edge_ptr = edge_ptr, .code = code, .n_codes = 1};
    cr_assert_eq(weft_dataset_write_npz(&d, out, true, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "dataset-npz"), 2);
    weft_diag_free(diag);
}

Test(dataset, from_a_graph_in_memory)
{
    static const int32_t source[] = {2, 0, 1}, target[] = {1, 1, 0}, label[] = {0, 1, 1}, wrong[] = {0, 2, 1};
    static const float x[] = {1, 2, 3};
    weft_graph_t *g, *wide;
    weft_dataset_t *d;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_graph_new(&g, 3, 3, 3, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_dataset_from_graph(&d, "mine", g, label, 2, x, 1, NULL), WEFT_OK);
    cr_assert(d->n_edges == 2 && d->n_arcs == 3 && d->n_classes == 2 && d->x[2] == 3.0f && d->n_splits == 1 && d->edge[0] == 0 && d->edge[3] == 2);
    weft_dataset_free(d);
    cr_assert_eq(weft_dataset_from_graph(&d, "mine", g, wrong, 2, x, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "dataset-label"), 1);
    cr_assert_eq(weft_graph_new(&wide, 4, 3, 3, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_dataset_from_graph(&d, "mine", wide, NULL, 0, NULL, 0, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-shape"), 1);
    weft_graph_free(wide);
    weft_graph_free(g);
    weft_diag_free(diag);
}
