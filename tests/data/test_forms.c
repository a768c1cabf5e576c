/* Sets that come as files by others: npz, GraphML, CSV. What they hold is found; what is wrong with them is said with its id, and a line where text has one. */
#include "io/npz.h"
#include "weft/dataset.h"
#include "weft/graphml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static void setup(void)
{
    strcpy(folder, "/tmp/weft-forms-XXXXXX");
    cr_assert(mkdtemp(folder));
}
static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static const char *put(const char *name, const void *bytes, size_t size)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(bytes, 1, size, f) == size && !fclose(f));
    return path;
}

static void refused(const char *path, const char *id, int line)
{
    weft_dataset_t *d = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_neq(weft_dataset_read(&d, path, diag), WEFT_OK, "%s was read", path);
    bool found = false;
    for (int32_t i = 0; i < weft_diag_n_entries(diag); i++) found |= !strcmp(weft_diag_entry(diag, i)->id, id) && (!line || weft_diag_entry(diag, i)->line == line);
    cr_assert(found, "%s: not %s in line %d but %s in line %d: %s", path, id, line, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->id : "nothing", weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->line : 0,
              weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_diag_free(diag);
}

#define HEAD "<graphml><key id=\"l\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n<key id=\"x\" for=\"node\" attr.name=\"x\" attr.type=\"double\"><default>0 0</default></key>\n"
#define TAIL "</graph></graphml>\n"

Test(graphml, vectors_defaults_and_edges_before_their_nodes, .init = setup, .fini = teardown)
{
    static const char text[] = HEAD "<graph edgedefault=\"undirected\"><edge source=\"a\" target=\"b\"/><edge source=\"b\" target=\"a\"/><edge source=\"c\" target=\"c\"/>\n"
                               "<node id=\"a\"><data key=\"l\">two</data><data key=\"x\">1.5, -2</data></node><node id=\"b\"><data key=\"l\">one</data></node><node id=\"c\"/>" TAIL;
    weft_dataset_t *d = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_dataset_read(&d, put("g.graphml", text, sizeof text - 1), diag), WEFT_OK, "%s", weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    cr_assert(d->n_nodes == 3 && d->n_edges == 1 && d->n_features == 2 && d->n_classes == 2 && !d->n_arcs);
    cr_assert(d->label[0] == 1 && d->label[1] == 0, "classes stand in the order of their texts");
    cr_assert(d->x[0] == 1.5f && d->x[1] == -2.0f && d->x[2] == 0.0f && d->x[4] == 0.0f);
    const weft_split_t *s = weft_dataset_split(d, NULL, NULL);
    cr_assert_str_eq(s->name, "random");
    for (int v = 0; v < s->n; v++) cr_assert_eq(s->part[v * 3 + 2], 0, "a node without a class is in no part");
    weft_dataset_free(d);
    weft_diag_free(diag);
}

static const struct { const char *text, *id; int line; } bad_graphml[] = {
    {"<graphml><graph>\n<node id=\"a\"></graph></graphml>", "graphml-xml", 2},
    {"<!DOCTYPE g [<!ENTITY a \"b\">]>\n<graphml><graph/></graphml>", "graphml-doctype", 0},
    {"<!DOCTYPE g SYSTEM \"file:///etc/passwd\">\n<graphml><graph/></graphml>", "graphml-doctype", 0},
    {HEAD "<graph><node id=\"a\">\n<data key=\"nosuch\">1</data></node>" TAIL, "graphml-key", 4},
    {HEAD "<graph><node id=\"a\"/>\n<node id=\"a\"/>" TAIL, "graphml-node", 4},
    {HEAD "<graph><node/>" TAIL, "graphml-node", 3},
    {HEAD "<graph><node id=\"a\"/>\n<edge source=\"a\" target=\"z\"/>" TAIL, "graphml-edge", 4},
    {HEAD "<graph><edge source=\"a\"/>" TAIL, "graphml-edge", 3},
    {"<graphml></graphml>", "graphml-graph", 0},
    {"<graphml><graph><node id=\"a\">", "graphml-xml", 0},
    {HEAD "<graph><node id=\"a\"><data key=\"l\">p</data>\n<data key=\"x\">1 two</data></node>" TAIL, "dataset-text", 4},
    {HEAD "<graph><node id=\"a\"><data key=\"l\">p</data>\n<data key=\"x\">1 2 3</data></node>" TAIL, "dataset-text", 4},
    {HEAD "<graph><node id=\"a\">\n<data key=\"l\">NaN</data></node>" TAIL, "dataset-label", 4},
    {HEAD "<graph><node id=\"a\"/>" TAIL, "dataset-label", 0}};

Test(graphml, what_is_wrong_is_said, .init = setup, .fini = teardown)
{
    for (size_t i = 0; i < sizeof bad_graphml / sizeof *bad_graphml; i++) refused(put("g.graphml", bad_graphml[i].text, strlen(bad_graphml[i].text)), bad_graphml[i].id, bad_graphml[i].line);
}

Test(graphml, what_is_left_out_is_told)
{
    static const char text[] = "<graphml><graph>\n<node id=\"a\">\n<graph><node id=\"b\"/></graph></node>\n<hyperedge/>\n<edge source=\"a\" target=\"b\"/></graph></graphml>";
    static const struct { const char *id; int line; } told[] = {{"graphml-nested", 3}, {"graphml-hyperedge", 4}};
    weft_graphml_t *g = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_graphml_parse(&g, text, sizeof text - 1, "test", diag), WEFT_OK);
    cr_assert_eq(weft_diag_n_entries(diag), 2);
    for (int32_t i = 0; i < 2; i++) {
        cr_expect_str_eq(weft_diag_entry(diag, i)->id, told[i].id);
        cr_expect_eq(weft_diag_entry(diag, i)->line, told[i].line);
    }
    weft_graphml_free(g);
    weft_diag_free(diag);
}

/* A million laughs, had the entities been expanded. */
Test(graphml, entities_are_not_expanded, .timeout = 10)
{
    static const char text[] = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><graphml><graph><node id=\"&c;\"/></graph></graphml>";
    weft_graphml_t *g = NULL;
    cr_assert_neq(weft_graphml_parse(&g, text, sizeof text - 1, "laughs", NULL), WEFT_OK);
}

/* ---- CSV ---------------------------------------------------------------------------------------------------------------------------------------- */
static void csv(const char *nodes, const char *edges)
{
    put("nodes.csv", nodes, strlen(nodes));
    put("edges.csv", edges, strlen(edges));
}

Test(csv, named_nodes_with_a_split, .init = setup, .fini = teardown)
{
    weft_dataset_t *d = NULL;
    csv("id,label,split,a,b\nn1,x,train,1,2\n\"n,2\",y,val,3,4\nn3,x,test,5,6\n", "source,target\nn1,\"n,2\"\n\"n,2\",n3\n");
    cr_assert_eq(weft_dataset_read(&d, folder, NULL), WEFT_OK);
    cr_assert(d->n_nodes == 3 && d->n_edges == 2 && d->n_features == 2 && d->x[3] == 4.0f && d->split[0].part[1] == 2);
    weft_dataset_free(d);
}

static const struct { const char *nodes, *edges, *id; int line; } bad_csv[] = {
    {"", "a,b\n", "dataset-text", 1},
    {"id,label\na,1\na,2\n", "a,a\n", "dataset-text", 3},
    {"id,label\na,1,7\n", "a,a\n", "dataset-text", 2},
    {"id,label,v\na,1,zwei\n", "a,a\n", "dataset-text", 2},
    {"id,label,split\na,1,perhaps\n", "a,a\n", "dataset-text", 2},
    {"id,label\na,1\nb,2\n", "a,b\na,z\n", "dataset-text", 2},
    {"id,label\na,1\nb,2\n", "a,b\na\n", "dataset-text", 2},
    {"id,label\na,nan\n", "a,a\n", "dataset-label", 2},
    {"id,v\na,1\n", "a,a\n", "dataset-label", 0}};

Test(csv, what_is_wrong_is_said, .init = setup, .fini = teardown)
{
    for (size_t i = 0; i < sizeof bad_csv / sizeof *bad_csv; i++) {
        csv(bad_csv[i].nodes, bad_csv[i].edges);
        refused(folder, bad_csv[i].id, bad_csv[i].line);
    }
}

Test(csv, the_layout_of_ogb, .init = setup, .fini = teardown)
{
    weft_dataset_t *d = NULL;
    put("edge.csv", "0,1\n1,2\n", 8);
    put("node-label.csv", "4\n7\n4\n", 6);
    put("node-feat.csv", "0.5,1\n2,3\n4,5\n", 14);
    cr_assert_eq(weft_dataset_read(&d, folder, NULL), WEFT_OK);
    cr_assert(d->n_nodes == 3 && d->n_edges == 2 && d->n_arcs == 2 && d->n_classes == 2 && d->label[1] == 1 && d->x[5] == 5.0f);
    weft_dataset_free(d);
    put("edge.csv", "0,1\n1,9\n", 8);
    refused(folder, "dataset-edge", 0);
    put("edge.csv", "0,1\n1,x\n", 8);
    refused(folder, "dataset-text", 2);
    put("edge.csv", "0,1\n", 4);
    put("node-feat.csv", "0.5,1\n2\n", 8);
    refused(folder, "dataset-text", 2);
    put("node-feat.csv", "0.5,1\n2,3\n", 10);
    refused(folder, "dataset-shape", 0);
}

/* ---- npz: the seeds of the fuzzer, then the same bytes cut and turned ------------------------------------------------------------------------------ */
static size_t seed(const char *name, uint8_t *bytes, size_t most)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/npz/%s", WEFT_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    cr_assert(f, "%s", path);
    size_t n = fread(bytes, 1, most, f);
    fclose(f);
    return n;
}

Test(npz, stored_and_deflated_are_read, .init = setup, .fini = teardown)
{
    uint8_t bytes[8192];
    static const char *const name[] = {"stored", "deflated"};
    for (int k = 0; k < 2; k++) {
        weft_dataset_t *d = NULL;
        size_t n = seed(name[k], bytes, sizeof bytes);
        cr_assert_eq(weft_dataset_read(&d, put("s.npz", bytes, n), NULL), WEFT_OK, "%s", name[k]);
        cr_assert(d->n_nodes == 4 && d->n_edges == 3 && d->n_features == 3 && d->n_classes == 2 && d->x[1] == 1.0f);
        weft_dataset_free(d);
    }
}

Test(npz, what_is_wrong_is_said, .init = setup, .fini = teardown)
{
    uint8_t good[8192], bytes[8192];
    size_t n = seed("deflated", good, sizeof good), end = n - 22, directory;
    refused(put("s.npz", good, 10), "npz-zip", 0);
    refused(put("s.npz", good, n - 1), "npz-zip", 0);
    memcpy(&directory, (uint64_t[]){(uint64_t)good[end + 16] | (uint64_t)good[end + 17] << 8}, sizeof directory);
    memcpy(bytes, good, n);
    bytes[end + 16] = 0xff, bytes[end + 19] = 0x7f; /* the directory beyond the end */
    refused(put("s.npz", bytes, n), "npz-zip", 0);
    memcpy(bytes, good, n);
    bytes[directory + 10] = 14; /* LZMA */
    refused(put("s.npz", bytes, n), "npz-method", 0);
    memcpy(bytes, good, n);
    bytes[directory + 8] |= 1; /* encrypted */
    refused(put("s.npz", bytes, n), "npz-method", 0);
    memcpy(bytes, good, n);
    bytes[directory + 16] ^= 1; /* the checksum */
    refused(put("s.npz", bytes, n), "npz-data", 0);
    memcpy(bytes, good, n);
    bytes[directory + 24] -= 1; /* a byte less than comes out */
    refused(put("s.npz", bytes, n), "npz-data", 0);
    memcpy(bytes, good, n);
    for (int k = 0; k < 4; k++) bytes[directory + 24 + (size_t)k] = k == 3 ? 0x70 : 0xff; /* 1.9 GB out of some hundred bytes */
    refused(put("s.npz", bytes, n), "npz-data", 0);
}

/* Every byte of a good archive turned, one at a time: refused or read, never worse (the sanitizers watch). */
Test(npz, any_byte_turned)
{
    uint8_t good[8192];
    size_t n = seed("deflated", good, sizeof good);
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            weft_i_npz_t z;
            good[i] ^= (uint8_t)(1 << bit);
            if (weft_i_npz_parse(&z, good, n, "turned", NULL) == WEFT_OK) weft_i_npz_destroy(&z);
            good[i] ^= (uint8_t)(1 << bit);
        }
}

Test(dataset, rewired_edges_stay_in_their_graph)
{
    enum { N = 40, E = 300 };
    int64_t node_ptr[] = {0, 30, 40}, edge_ptr[] = {0, 200, E};
    int32_t edge[2 * E], first[2 * E], moved = 0;
    weft_dataset_t d = {.n_graphs = 2, .n_nodes = N, .n_edges = E, .node_ptr = node_ptr, .edge_ptr = edge_ptr, .edge = edge};
    for (int e = 0; e < E; e++) edge[2 * e] = e % 9, edge[2 * e + 1] = 9;
    memcpy(first, edge, sizeof edge);
    weft_dataset_rewire(&d, 0.0, 1);
    cr_assert_eq(memcmp(first, edge, sizeof edge), 0);
    weft_dataset_rewire(&d, 0.5, 1);
    for (int e = 0; e < E; e++) {
        moved += memcmp(first + 2 * e, edge + 2 * e, 8) != 0;
        cr_assert(edge[2 * e] != edge[2 * e + 1] && edge[2 * e] >= 0 && edge[2 * e + 1] >= 0 && edge[2 * e] < (e < 200 ? 30 : 10) && edge[2 * e + 1] < (e < 200 ? 30 : 10), "edge %d", e);
    }
    cr_assert(moved > E / 3 && moved < 2 * E / 3, "%d", moved);
    memcpy(first, edge, sizeof edge);
    for (int e = 0; e < E; e++) edge[2 * e] = e % 9, edge[2 * e + 1] = 9;
    weft_dataset_rewire(&d, 0.5, 1);
    cr_assert_eq(memcmp(first, edge, sizeof edge), 0); /* a function of the seed */
}
