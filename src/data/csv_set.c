/* data/csv_set.c: a graph in CSV files, plain or packed: edges.csv with nodes.csv (a header names its columns), or edge.csv with node-feat.csv and
 * node-label*.csv as OGB has them (no headers; a folder raw and a folder split may be there). */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "data/columns.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FOLDER/NAME or FOLDER/NAME.gz. */
static bool find(char path[4096], const char *folder, const char *name)
{
    char packed[300];
    snprintf(packed, sizeof packed, "%s.gz", name);
    return weft_i_data_file(path, folder, name) || weft_i_data_file(path, folder, packed);
}

static void raw_of(char raw[4096], const char *folder)
{
    char path[4096];
    int n = snprintf(raw, 4096, "%s/raw", folder);
    if (n < 0 || n >= 4096 || !find(path, raw, "edge.csv")) snprintf(raw, 4096, "%s", folder);
}

bool weft_i_is_csv(const char *folder)
{
    char path[4096], raw[4096];
    raw_of(raw, folder);
    return (find(path, folder, "edges.csv") && find(path, folder, "nodes.csv")) || find(path, raw, "edge.csv");
}

/* ---- lines and fields ---------------------------------------------------------------------------------------------------------------------- */
enum { MOST_FIELDS = 8192 };
typedef struct fields { const char *p, *end, *at[MOST_FIELDS]; size_t length[MOST_FIELDS]; int32_t n, line; } fields_t;

/* The next line that is not empty, cut at commas (quotes keep them); false at the end. Longer lines are cut at the most fields there may be. */
static bool next_line(fields_t *f)
{
    for (; f->p < f->end; ) {
        const char *line = f->p, *stop = memchr(line, '\n', (size_t)(f->end - line));
        if (!stop) stop = f->end;
        f->p = stop < f->end ? stop + 1 : stop;
        f->line++;
        if (stop > line && stop[-1] == '\r') stop--;
        if (stop == line) continue;
        f->n = 0;
        for (const char *q = line; q <= stop && f->n < MOST_FIELDS;) {
            const char *from = q;
            if (q < stop && *q == '"') {
                from = ++q;
                while (q < stop && *q != '"') q++;
                f->at[f->n] = from;
                f->length[f->n++] = (size_t)(q - from);
                while (q < stop && *q != ',') q++;
            } else {
                while (q < stop && *q != ',') q++;
                f->at[f->n] = from;
                f->length[f->n++] = (size_t)(q - from);
            }
            q++;
        }
        return true;
    }
    return false;
}

static weft_status_t wrong_at(const char *path, int32_t line, weft_diag_t *diag, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, "dataset-text", path, line, 0, "%s", text);
    return WEFT_EINPUT;
}

/* ---- edges.csv and nodes.csv ------------------------------------------------------------------------------------------------------------------ */
weft_status_t weft_i_csv_nodes(weft_dataset_t *d, const weft_i_text_t *text, const char *path, weft_names_t *ids, weft_i_columns_t **columns, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    fields_t *f = NULL, *head = NULL;
    int32_t id_column = 0;
    WEFT_TRY_ALLOC(f = weft_i_calloc(1, sizeof *f));
    WEFT_TRY_ALLOC(head = weft_i_calloc(1, sizeof *head));
    *head = (fields_t){.p = text->data, .end = text->data + text->size};
    if (!next_line(head)) WEFT_TRY(wrong_at(path, 1, diag, "a header is needed: id, label, .."));
    for (int32_t k = 0; k < head->n; k++)
        if ((head->length[k] == 2 && !strncasecmp(head->at[k], "id", 2)) || (head->length[k] == 7 && !strncasecmp(head->at[k], "node_id", 7))) id_column = k;
    for (int pass = 0; pass < 2; pass++) { /* names, then columns, whose tables need the count */
        *f = *head;
        for (int64_t i = 0; next_line(f); i++) {
            if (f->n != head->n) WEFT_TRY(wrong_at(path, f->line, diag, "another count of fields than the header's"));
            if (!pass) {
                if (weft_names_find(ids, f->at[id_column], f->length[id_column]) >= 0) WEFT_TRY(wrong_at(path, f->line, diag, "this node stands twice"));
                if (weft_names_add(ids, f->at[id_column], f->length[id_column]) < 0) WEFT_TRY(WEFT_ENOMEM);
                d->n_nodes++;
                continue;
            }
            for (int32_t k = 0; k < f->n; k++) {
                char name[256];
                snprintf(name, sizeof name, "%.*s", (int)head->length[k], head->at[k]);
                if (k != id_column) WEFT_TRY(weft_i_columns_add(*columns, name, i, f->at[k], f->length[k], path, f->line, diag));
            }
        }
        if (!pass) WEFT_TRY_ALLOC(*columns = weft_i_columns_new(d->n_nodes));
    }
done:
    weft_i_free(f);
    weft_i_free(head);
    return status;
}

static weft_status_t named_edges(weft_dataset_t *d, const weft_i_text_t *text, const char *path, const weft_names_t *ids, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    fields_t *f = NULL;
    int32_t *pairs = NULL;
    int64_t n = 0, capacity = 0;
    WEFT_TRY_ALLOC(f = weft_i_calloc(1, sizeof *f));
    f->p = text->data;
    f->end = text->data + text->size;
    while (next_line(f)) {
        if (f->n < 2) WEFT_TRY(wrong_at(path, f->line, diag, "two ends are needed"));
        int32_t u = weft_names_find(ids, f->at[0], f->length[0]), v = weft_names_find(ids, f->at[1], f->length[1]);
        if ((u < 0 || v < 0) && f->line == 1) continue; /* a header */
        if (u < 0 || v < 0) WEFT_TRY(wrong_at(path, f->line, diag, "an end that nodes.csv does not have"));
        if (!WEFT_I_ROOM(pairs, capacity, 2 * n + 2)) WEFT_TRY(WEFT_ENOMEM);
        pairs[2 * n] = u;
        pairs[2 * n++ + 1] = v;
    }
    WEFT_TRY(weft_i_assemble_edges(d, pairs, n, false, diag));
done:
    weft_i_free(f);
    weft_i_free(pairs);
    return status;
}

static weft_status_t read_named(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t nodes = {0}, edges = {0};
    weft_names_t *ids = NULL;
    weft_i_columns_t *columns = NULL;
    char path[4096], edge_path[4096];
    WEFT_TRY_ALLOC(ids = weft_names_new());
    find(path, d->path, "nodes.csv");
    find(edge_path, d->path, "edges.csv");
    WEFT_TRY(weft_i_text_read(&nodes, path, diag));
    WEFT_TRY(weft_i_text_read(&edges, edge_path, diag));
    WEFT_TRY(weft_i_csv_nodes(d, &nodes, path, ids, &columns, diag));
    WEFT_TRY(named_edges(d, &edges, edge_path, ids, diag));
    WEFT_TRY(weft_i_columns_finish(columns, d, diag));
done:
    weft_i_columns_free(columns);
    weft_names_free(ids);
    weft_i_text_destroy(&nodes);
    weft_i_text_destroy(&edges);
    return status;
}

/* ---- OGB's layout ------------------------------------------------------------------------------------------------------------------------------ */
/* All numbers of a file, `columns` a line (0: as the first line has). */
static weft_status_t table(const char *path, int64_t *columns, double **value, int64_t *rows, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text;
    int64_t n = 0, capacity = 0;
    *value = NULL;
    *rows = 0;
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    weft_i_numbers_t r = {text.data, text.data + text.size, path, 1, false};
    while (status == WEFT_OK && weft_i_numbers_more(&r)) {
        int64_t before = n;
        int32_t line = r.line;
        while (status == WEFT_OK && weft_i_numbers_in_line(&r)) {
            if (!WEFT_I_ROOM(*value, capacity, n + 1)) status = WEFT_ENOMEM;
            else (*value)[n++] = weft_i_numbers_next(&r);
            if (r.bad) status = wrong_at(path, line, diag, "no number");
        }
        if (!*columns) *columns = n - before;
        if (status == WEFT_OK && n - before != *columns) status = wrong_at(path, line, diag, "another count of numbers than in the lines before");
        ++*rows;
    }
    weft_i_text_destroy(&text);
done:
    if (status != WEFT_OK) {
        weft_i_free(*value);
        *value = NULL;
    }
    return status;
}

static weft_status_t ogb_edges(weft_dataset_t *d, const char *raw, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    int64_t two = 2, n = 0;
    double *v = NULL;
    int32_t *pairs = NULL;
    find(path, raw, "edge.csv");
    WEFT_TRY(table(path, &two, &v, &n, diag));
    WEFT_TRY_ALLOC(pairs = weft_i_malloc((size_t)n * 2 * sizeof *pairs + 1));
    for (int64_t i = 0; i < 2 * n; i++) {
        if (!(v[i] >= 0 && v[i] < (double)d->n_nodes)) WEFT_TRY(weft_i_data_wrong(d, "dataset-edge", diag, "edge %lld ends at node %g of %lld", (long long)(i / 2), v[i], (long long)d->n_nodes));
        pairs[i] = (int32_t)v[i];
    }
    WEFT_TRY(weft_i_assemble_edges(d, pairs, n, true, diag));
done:
    weft_i_free(v);
    weft_i_free(pairs);
    return status;
}

/* split/ANY/train.csv, valid.csv, test.csv: numbers of nodes. */
static weft_status_t ogb_split(weft_dataset_t *d, weft_diag_t *diag)
{
    static const char *const file[4] = {NULL, "train.csv", "valid.csv", "test.csv"};
    weft_status_t status = WEFT_OK;
    char folder[4096], inner[4096], path[4096];
    uint8_t *part = NULL;
    double *v = NULL;
    snprintf(folder, sizeof folder, "%.4080s/split", d->path);
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < n && status == WEFT_OK; i++) {
        snprintf(inner, sizeof inner, "%.3800s/%.255s", folder, entry[i]->d_name);
        if (entry[i]->d_name[0] == '.' || !find(path, inner, file[1])) continue;
        part = weft_i_calloc((size_t)d->n_nodes + 1, 1);
        if (!part) status = WEFT_ENOMEM;
        for (int k = 1; k < 4 && status == WEFT_OK; k++) {
            int64_t one = 1, rows = 0;
            if (!find(path, inner, file[k])) continue;
            status = table(path, &one, &v, &rows, diag);
            for (int64_t r = 0; r < rows && status == WEFT_OK; r++)
                if (!(v[r] >= 0 && v[r] < (double)d->n_nodes)) status = wrong_at(path, (int32_t)r + 1, diag, "no node has this number");
                else part[(int64_t)v[r]] = (uint8_t)k;
            weft_i_free(v);
            v = NULL;
        }
        if (status == WEFT_OK) {
            status = weft_i_assemble_split(d, entry[i]->d_name, 1, part);
            part = NULL;
        }
        weft_i_free(part);
        part = NULL;
    }
    for (int i = 0; i < n; i++) free(entry[i]);
    free(entry);
    return status;
}

static weft_status_t read_ogb(weft_dataset_t *d, const char *raw, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096], stem[512], name[600];
    double *v = NULL;
    int64_t *label = NULL, columns = 0, rows = 0, one = 1;
    bool has_label = find(path, raw, "node-label.csv");
    if (!has_label && weft_i_data_ending(raw, ".csv", stem)) { /* node-label-ANY.csv: the first */
        struct dirent **entry = NULL;
        int n = scandir(raw, &entry, NULL, alphasort);
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "%.590s", entry[i]->d_name);
            if (!has_label && !strncmp(name, "node-label", 10)) has_label = weft_i_data_file(path, raw, name);
            free(entry[i]);
        }
        free(entry);
    }
    if (!has_label) return weft_i_data_wrong(d, "dataset-form", diag, "edge.csv needs node-label.csv beside it");
    WEFT_TRY(table(path, &one, &v, &rows, diag));
    d->n_nodes = rows;
    WEFT_TRY_ALLOC(label = weft_i_malloc((size_t)rows * sizeof *label + 1));
    for (int64_t i = 0; i < rows; i++) label[i] = (int64_t)v[i];
    weft_i_free(v);
    v = NULL;
    WEFT_TRY(weft_i_data_classes(d, label, rows, diag));
    WEFT_TRY(ogb_edges(d, raw, diag));
    if (find(path, raw, "node-feat.csv")) {
        WEFT_TRY(table(path, &columns, &v, &rows, diag));
        if (rows != d->n_nodes) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "node-feat.csv has %lld rows, node-label.csv %lld", (long long)rows, (long long)d->n_nodes));
        d->n_features = columns;
        WEFT_TRY_ALLOC(d->x = weft_i_malloc((size_t)(rows * columns) * sizeof *d->x + 1));
        for (int64_t i = 0; i < rows * columns; i++) d->x[i] = (float)v[i];
    } else WEFT_TRY(weft_dataset_degree_codes(d));
    WEFT_TRY(ogb_split(d, diag));
    WEFT_TRY(weft_i_assemble_random_splits(d));
done:
    weft_i_free(v);
    weft_i_free(label);
    return status;
}

weft_status_t weft_i_read_csv(weft_dataset_t *d, weft_diag_t *diag)
{
    char path[4096], raw[4096];
    if (find(path, d->path, "edges.csv") && find(path, d->path, "nodes.csv")) return read_named(d, diag);
    raw_of(raw, d->path);
    return read_ogb(d, raw, diag);
}
