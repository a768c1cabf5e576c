/* data/tu.c: the two text forms of the TU graph sets: one NAME.txt (Xu et al. 2019, powerful-gnns), or the original tables NAME_A.txt and kin. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "data/dataset.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

typedef struct growth { int64_t node_cap, edge_cap, tag_cap, label_cap, ptr_cap, edge_ptr_cap; int64_t *tag, *label; int64_t n_tags; } growth_t;

static weft_status_t text_error(const weft_dataset_t *d, const weft_i_numbers_t *r, weft_diag_t *diag, const char *what)
{
    (void)d;
    weft_diag_add(diag, WEFT_ERROR, "dataset-text", r->path, r->line, 0, "%s", what);
    return WEFT_EINPUT;
}

/* Tags of nodes, any small integers, to one column of codes. */
static weft_status_t tags_to_codes(weft_dataset_t *d, const int64_t *tag, int64_t n, weft_diag_t *diag)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int64_t i = 0; i < n; i++) {
        if (tag[i] < low) low = tag[i];
        if (tag[i] > high) high = tag[i];
    }
    if (n && low == high) return WEFT_OK; /* one tag tells nothing */
    if (n && high - low > 255) return weft_i_data_wrong(d, "dataset-label", diag, "node tags from %lld to %lld: too many for codes", (long long)low, (long long)high);
    d->code = weft_i_malloc((size_t)n + 1);
    if (!d->code) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) d->code[i] = (uint8_t)(tag[i] - low);
    d->n_codes = 1;
    return weft_i_data_code_sizes(&d->code_size, d->code, n, 1);
}

static weft_status_t read_splits_npy(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t a = {0};
    uint8_t *part = NULL;
    char path[4096];
    if (!weft_i_data_file(path, d->path, "splits.npy")) return WEFT_OK;
    WEFT_TRY(weft_i_data_npy(&a, d->path, "splits.npy", 2, diag));
    if (a.shape[1] != d->n_graphs || a.shape[0] < 1 || a.shape[0] > 100000) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "splits.npy does not have one entry per graph"));
    WEFT_TRY(weft_i_npy_bytes(&part, &a, path, diag));
    status = weft_i_data_add_split(d, "default", (int32_t)a.shape[0], part);
    part = NULL;
    if (status == WEFT_OK) weft_i_data_next_fold_validates(&d->split[d->n_splits - 1], d->n_graphs);
done:
    weft_i_free(part);
    weft_i_npy_destroy(&a);
    return status;
}

/* ---- NAME.txt --------------------------------------------------------------------------------------------------- */
static bool set_file(char path[4096], const char *folder);

bool weft_i_is_tu_text(const char *folder)
{
    char path[4096];
    return set_file(path, folder);
}

/* The .txt that is the set: the first that is no meta.txt, fold.txt, README, and begins with a number alone in its line. */
static bool set_file(char path[4096], const char *folder)
{
    struct dirent **entry = NULL;
    bool found = false;
    int n = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entry[i]->d_name;
        size_t length = strlen(name);
        bool other = !strcmp(name, "meta.txt") || !strcmp(name, "fold.txt") || !strncasecmp(name, "readme", 6);
        if (!found && length > 4 && !strcmp(name + length - 4, ".txt") && !other && weft_i_data_file(path, folder, name)) {
            char line[32] = "";
            FILE *f = fopen(path, "re");
            found = f && fgets(line, sizeof line, f) && strspn(line, "0123456789") > 0 && strspn(line, "0123456789\r\n ") == strlen(line);
            if (f) fclose(f);
        }
        free(entry[i]);
    }
    free(entry);
    return found;
}

static weft_status_t one_graph(weft_dataset_t *d, growth_t *g, weft_i_numbers_t *r, weft_diag_t *diag)
{
    int64_t n = weft_i_numbers_int(r, 0, INT32_MAX), label = weft_i_numbers_int(r, -1000000, 1000000);
    if (r->bad) return text_error(d, r, diag, "the line of a graph needs its number of nodes and its label");
    if (!WEFT_I_ROOM(g->label, g->label_cap, d->n_graphs + 1) || !WEFT_I_ROOM(d->node_ptr, g->ptr_cap, d->n_graphs + 2) || !WEFT_I_ROOM(d->edge_ptr, g->edge_ptr_cap, d->n_graphs + 2)) return WEFT_ENOMEM;
    g->label[d->n_graphs] = label;
    for (int64_t i = 0; i < n; i++) {
        int64_t tag = weft_i_numbers_int(r, -1000000, 1000000), degree = weft_i_numbers_int(r, 0, n);
        if (r->bad || !WEFT_I_ROOM(g->tag, g->tag_cap, g->n_tags + 1)) return r->bad ? text_error(d, r, diag, "the line of a node needs a tag, a degree and its neighbours") : WEFT_ENOMEM;
        g->tag[g->n_tags++] = tag;
        for (int64_t k = 0; k < degree; k++) {
            int64_t to = weft_i_numbers_int(r, 0, n - 1);
            if (r->bad) return text_error(d, r, diag, "a neighbour that is no node of the graph");
            if (to <= i) continue; /* each edge once */
            if (!WEFT_I_ROOM(d->edge, g->edge_cap, 2 * (d->n_edges + 1))) return WEFT_ENOMEM;
            d->edge[2 * d->n_edges] = (int32_t)i;
            d->edge[2 * d->n_edges++ + 1] = (int32_t)to;
        }
        while (r->p < r->end && *r->p != '\n') r->p++; /* node features, where a set has some, are not read */
    }
    d->node_ptr[d->n_graphs + 1] = g->n_tags;
    d->edge_ptr[++d->n_graphs] = d->n_edges;
    return WEFT_OK;
}

weft_status_t weft_i_read_tu_text(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    growth_t g = {0};
    char path[4096];
    d->task = WEFT_TASK_GRAPH_CLASS;
    if (!set_file(path, d->path)) return weft_i_data_wrong(d, "dataset-form", diag, "no .txt of the folder's name");
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    weft_i_numbers_t r = {.p = text.data, .end = text.data + text.size, .path = path, .line = 1};
    int64_t n = weft_i_numbers_int(&r, 1, INT32_MAX);
    if (r.bad) WEFT_TRY(text_error(d, &r, diag, "the first line is the number of graphs"));
    if (!WEFT_I_ROOM(d->node_ptr, g.ptr_cap, 2) || !WEFT_I_ROOM(d->edge_ptr, g.edge_ptr_cap, 2)) WEFT_TRY(WEFT_ENOMEM);
    d->node_ptr[0] = d->edge_ptr[0] = 0;
    for (int64_t i = 0; i < n; i++) WEFT_TRY(one_graph(d, &g, &r, diag));
    d->n_nodes = g.n_tags;
    if (!d->edge) WEFT_TRY_ALLOC(d->edge = weft_i_calloc(2, sizeof *d->edge));
    WEFT_TRY(weft_i_data_classes(d, g.label, d->n_graphs, diag));
    WEFT_TRY(tags_to_codes(d, g.tag, d->n_nodes, diag));
    WEFT_TRY(weft_dataset_degree_codes(d));
    WEFT_TRY(read_splits_npy(d, diag));
done:
    weft_i_text_destroy(&text);
    weft_i_free(g.tag);
    weft_i_free(g.label);
    return status;
}

/* ---- NAME_A.txt and kin: 1-based ids over the whole set --------------------------------------------------------- */
bool weft_i_is_tu_tables(const char *folder)
{
    char stem[512];
    return weft_i_data_ending(folder, "_graph_indicator.txt", stem) && weft_i_data_ending(folder, "_A.txt", stem);
}

/* All integers of FOLDER/STEM TAIL. */
static weft_status_t integers(weft_dataset_t *d, const char *stem, const char *tail, int64_t **to, int64_t *n, weft_diag_t *diag)
{
    weft_i_text_t text;
    char path[4096];
    int64_t cap = 0;
    *to = NULL;
    *n = 0;
    snprintf(path, sizeof path, "%s/%s%s", d->path, stem, tail);
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    weft_i_numbers_t r = {.p = text.data, .end = text.data + text.size, .path = path, .line = 1};
    while (status == WEFT_OK && weft_i_numbers_more(&r)) {
        int64_t v = weft_i_numbers_int(&r, -((int64_t)1 << 40), (int64_t)1 << 40);
        if (r.bad) status = text_error(d, &r, diag, "a whole number is needed");
        else if (!WEFT_I_ROOM(*to, cap, *n + 1)) status = WEFT_ENOMEM;
        else (*to)[(*n)++] = v;
    }
    weft_i_text_destroy(&text);
    return status;
}

/* Graph of node i in *graph (ascending), to node_ptr. */
static weft_status_t graphs(weft_dataset_t *d, const int64_t *graph, int64_t n, weft_diag_t *diag)
{
    d->n_nodes = n;
    d->n_graphs = n ? graph[n - 1] : 0;
    if (d->n_graphs < 1 || d->n_graphs > n) return weft_i_data_wrong(d, "dataset-shape", diag, "the graph indicator does not count graphs from 1");
    d->node_ptr = weft_i_calloc((size_t)d->n_graphs + 1, sizeof *d->node_ptr);
    d->edge_ptr = weft_i_calloc((size_t)d->n_graphs + 1, sizeof *d->edge_ptr);
    if (!d->node_ptr || !d->edge_ptr) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) {
        if (graph[i] < 1 || graph[i] > d->n_graphs || (i && graph[i] < graph[i - 1])) return weft_i_data_wrong(d, "dataset-shape", diag, "node %lld: the graph indicator does not ascend", (long long)i + 1);
        d->node_ptr[graph[i]]++;
    }
    for (int64_t g = 0; g < d->n_graphs; g++) d->node_ptr[g + 1] += d->node_ptr[g];
    return WEFT_OK;
}

/* Arcs may stand in any order: counted by graph, then placed; each undirected edge once. */
static weft_status_t edges(weft_dataset_t *d, const int64_t *graph, const int64_t *arc, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *at = NULL;
    for (int64_t i = 0; i < n; i++) {
        int64_t u = arc[2 * i], v = arc[2 * i + 1];
        if (u < 1 || v < 1 || u > d->n_nodes || v > d->n_nodes || graph[u - 1] != graph[v - 1]) return weft_i_data_wrong(d, "dataset-edge", diag, "arc %lld joins %lld and %lld", (long long)i + 1, (long long)u, (long long)v);
        d->edge_ptr[graph[u - 1]] += u < v;
    }
    for (int64_t g = 0; g < d->n_graphs; g++) d->edge_ptr[g + 1] += d->edge_ptr[g];
    d->n_edges = d->edge_ptr[d->n_graphs];
    WEFT_TRY_ALLOC(d->edge = weft_i_malloc(((size_t)d->n_edges + 1) * 2 * sizeof *d->edge));
    WEFT_TRY_ALLOC(at = weft_i_malloc(((size_t)d->n_graphs + 1) * sizeof *at));
    memcpy(at, d->edge_ptr, ((size_t)d->n_graphs + 1) * sizeof *at);
    for (int64_t i = 0; i < n; i++) {
        int64_t u = arc[2 * i], v = arc[2 * i + 1], g = graph[u - 1] - 1;
        if (u >= v) continue;
        d->edge[2 * at[g]] = (int32_t)(u - 1 - d->node_ptr[g]);
        d->edge[2 * at[g]++ + 1] = (int32_t)(v - 1 - d->node_ptr[g]);
    }
done:
    weft_i_free(at);
    return status;
}

static weft_status_t attributes(weft_dataset_t *d, const char *stem, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text;
    char path[4096], name[600];
    int64_t n = 0, cap = 0;
    snprintf(name, sizeof name, "%s_node_attributes.txt", stem);
    if (!weft_i_data_file(path, d->path, name)) return WEFT_OK;
    status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    weft_i_numbers_t r = {.p = text.data, .end = text.data + text.size, .path = path, .line = 1};
    for (int64_t row = 0; row < d->n_nodes && status == WEFT_OK; row++) {
        int64_t width = 0;
        if (!weft_i_numbers_more(&r)) {
            status = text_error(d, &r, diag, "fewer lines than nodes");
            break;
        }
        while (status == WEFT_OK && weft_i_numbers_in_line(&r)) {
            if (!WEFT_I_ROOM(d->x, cap, n + 1)) status = WEFT_ENOMEM;
            else d->x[n++] = (float)weft_i_numbers_next(&r);
            width++;
            if (status == WEFT_OK && r.bad) status = text_error(d, &r, diag, "a finite number is needed");
        }
        if (row == 0) d->n_features = width;
        if (status == WEFT_OK && width != d->n_features) status = text_error(d, &r, diag, "not as many attributes as in the first line");
    }
    weft_i_text_destroy(&text);
    return status;
}

/* STEM_{train,val,test}.index: a line of graph numbers per variant. */
static weft_status_t index_splits(weft_dataset_t *d, const char *stem, weft_diag_t *diag)
{
    static const char *const part_name[] = {"train", "val", "test"};
    weft_status_t status = WEFT_OK;
    uint8_t *part = NULL;
    int64_t cap = 0;
    int32_t variants = 0;
    for (int k = 0; k < 3 && status == WEFT_OK; k++) {
        char path[4096], name[600];
        weft_i_text_t text;
        snprintf(name, sizeof name, "%s_%s.index", stem, part_name[k]);
        if (!weft_i_data_file(path, d->path, name)) break;
        status = weft_i_text_read(&text, path, diag);
        if (status != WEFT_OK) break;
        weft_i_numbers_t r = {.p = text.data, .end = text.data + text.size, .path = path, .line = 1};
        for (int32_t v = 0; status == WEFT_OK && weft_i_numbers_more(&r); v++) {
            if (v >= variants) {
                if (!WEFT_I_ROOM(part, cap, (int64_t)(v + 1) * d->n_graphs)) status = WEFT_ENOMEM;
                else memset(part + (int64_t)v * d->n_graphs, 0, (size_t)d->n_graphs);
                variants = v + 1;
            }
            while (status == WEFT_OK && weft_i_numbers_in_line(&r)) {
                int64_t g = weft_i_numbers_int(&r, 0, d->n_graphs - 1);
                if (r.bad) status = text_error(d, &r, diag, "a number that is no graph's");
                else part[(int64_t)v * d->n_graphs + g] = (uint8_t)(k + 1);
            }
        }
        weft_i_text_destroy(&text);
    }
    if (status != WEFT_OK || !variants) {
        weft_i_free(part);
        return status;
    }
    return weft_i_data_add_split(d, "default", variants, part);
}

weft_status_t weft_i_read_tu_tables(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char stem[512], path[4096], name[600];
    int64_t *graph = NULL, *arc = NULL, *label = NULL, *tag = NULL, n, n_arcs, n_labels, n_tags;
    d->task = WEFT_TASK_GRAPH_CLASS;
    weft_i_data_ending(d->path, "_A.txt", stem);
    WEFT_TRY(integers(d, stem, "_graph_indicator.txt", &graph, &n, diag));
    WEFT_TRY(graphs(d, graph, n, diag));
    WEFT_TRY(integers(d, stem, "_A.txt", &arc, &n_arcs, diag));
    WEFT_TRY(edges(d, graph, arc, n_arcs / 2, diag));
    WEFT_TRY(integers(d, stem, "_graph_labels.txt", &label, &n_labels, diag));
    if (n_labels != d->n_graphs) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%lld labels for %lld graphs", (long long)n_labels, (long long)d->n_graphs));
    WEFT_TRY(weft_i_data_classes(d, label, n_labels, diag));
    snprintf(name, sizeof name, "%s_node_labels.txt", stem);
    if (weft_i_data_file(path, d->path, name)) {
        WEFT_TRY(integers(d, stem, "_node_labels.txt", &tag, &n_tags, diag));
        if (n_tags != d->n_nodes) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%lld node labels for %lld nodes", (long long)n_tags, (long long)d->n_nodes));
        WEFT_TRY(tags_to_codes(d, tag, n_tags, diag));
    }
    WEFT_TRY(attributes(d, stem, diag));
    WEFT_TRY(weft_dataset_degree_codes(d));
    WEFT_TRY(index_splits(d, stem, diag));
    if (!d->n_splits) WEFT_TRY(read_splits_npy(d, diag));
done:
    weft_i_free(graph);
    weft_i_free(arc);
    weft_i_free(label);
    weft_i_free(tag);
    return status;
}
