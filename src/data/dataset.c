/* data/dataset.c: finding a set, choosing its reader, checking what was read, and what all readers share. */
#include "data/dataset.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const weft_i_form_t forms[] = {{"nodes", weft_i_is_node_folder, weft_i_read_node_folder},
                                      {"molecules", weft_i_is_molecules, weft_i_read_molecules},
                                      {"molecule parts", weft_i_is_molecule_parts, weft_i_read_molecule_parts},
                                      {"TU tables", weft_i_is_tu_tables, weft_i_read_tu_tables},
                                      {"csv", weft_i_is_csv, weft_i_read_csv},
                                      {"TU text", weft_i_is_tu_text, weft_i_read_tu_text}};
static const weft_i_form_t file_forms[] = {{"npz", weft_i_is_npz, weft_i_read_npz_set}, {"GraphML", weft_i_is_graphml, weft_i_read_graphml_set}, {"MatrixMarket", weft_i_is_matrix, weft_i_read_matrix_set}};

void weft_dataset_free(weft_dataset_t *d)
{
    if (!d) return;
    for (int32_t i = 0; i < d->n_splits; i++) {
        weft_i_free(d->split[i].name);
        weft_i_free(d->split[i].part);
    }
    void *owned[] = {d->name, d->path, d->metric, d->node_ptr, d->edge_ptr, d->edge, d->arc, d->x_map ? NULL : d->x, d->x_row, d->x_column, d->x_value, d->code, d->code_size,
                     d->edge_code, d->edge_code_size, d->label, d->target, d->split};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    if (d->x_map) munmap(d->x_map, d->x_map_size);
    weft_i_free(d);
}

void weft_dataset_free_edges(weft_dataset_t *d)
{
    weft_i_free(d->edge);
    d->edge = NULL;
    d->n_edges = 0;
    if (d->edge_ptr) memset(d->edge_ptr, 0, ((size_t)d->n_graphs + 1) * sizeof *d->edge_ptr);
}

weft_status_t weft_i_data_wrong(const weft_dataset_t *d, const char *id, weft_diag_t *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(diag, WEFT_ERROR, id, d->path, 0, 0, format, args);
    va_end(args);
    return WEFT_EINPUT;
}

bool weft_i_data_file(char path[4096], const char *folder, const char *name)
{
    int n = snprintf(path, 4096, "%s/%s", folder, name);
    return n > 0 && n < 4096 && !access(path, R_OK);
}

bool weft_i_data_ending(const char *folder, const char *ending, char stem[512])
{
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, NULL, alphasort);
    bool found = false;
    for (int i = 0; i < n; i++) {
        size_t have = strlen(entry[i]->d_name), want = strlen(ending);
        if (!found && have > want && have - want < 512 && !strcmp(entry[i]->d_name + have - want, ending)) {
            snprintf(stem, 512, "%.*s", (int)(have - want), entry[i]->d_name);
            found = true;
        }
        free(entry[i]);
    }
    free(entry);
    return found;
}

weft_status_t weft_i_data_npy(weft_i_npy_t *a, const char *folder, const char *name, int32_t n_dims, weft_diag_t *diag)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    weft_status_t status = weft_i_npy_map(a, path, diag);
    if (status == WEFT_OK && n_dims && a->n_dims != n_dims) {
        weft_diag_add(diag, WEFT_ERROR, "dataset-shape", path, 0, 0, "%d dimensions where %d are needed", a->n_dims, n_dims);
        weft_i_npy_destroy(a);
        status = WEFT_EINPUT;
    }
    return status;
}

weft_status_t weft_i_data_add_split(weft_dataset_t *d, const char *name, int32_t n, uint8_t *part)
{
    weft_split_t *more = weft_i_realloc(d->split, ((size_t)d->n_splits + 1) * sizeof *more);
    char *own = weft_i_strndup(name, strlen(name));
    if (more) d->split = more;
    if (!more || !own) {
        weft_i_free(own);
        weft_i_free(part);
        return WEFT_ENOMEM;
    }
    d->split[d->n_splits++] = (weft_split_t){own, n, part};
    return WEFT_OK;
}

void weft_i_data_next_fold_validates(weft_split_t *s, int64_t items)
{
    for (int32_t k = 0; k < s->n && s->n > 1; k++) {
        uint8_t *own = s->part + k * items, *next = s->part + (k + 1) % s->n * items;
        bool has = memchr(own, 2, (size_t)items) != NULL;
        for (int64_t i = 0; i < items && !has; i++)
            if (own[i] == 1 && next[i] == 3) own[i] = 2;
    }
}

weft_status_t weft_i_data_code_sizes(int32_t **size, const uint8_t *code, int64_t n, int32_t columns)
{
    *size = weft_i_calloc((size_t)columns + 1, sizeof **size);
    if (!*size) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++)
        for (int32_t c = 0; c < columns; c++)
            if (code[i * columns + c] >= (*size)[c]) (*size)[c] = code[i * columns + c] + 1;
    return WEFT_OK;
}

enum { MOST_CLASSES = 100000 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

weft_status_t weft_i_data_classes(weft_dataset_t *d, const int64_t *value, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *sorted = NULL, kept = 0, low = n ? value[0] : 0, high = low;
    WEFT_TRY_ALLOC(d->label = weft_i_malloc((size_t)n * sizeof *d->label + 1));
    for (int64_t i = 0; i < n; i++) {
        if (value[i] < low) low = value[i];
        if (value[i] > high) high = value[i];
    }
    if (low >= 0 && high < n && high < MOST_CLASSES) { /* numbers of classes: a count in place of sorting */
        int32_t *number = weft_i_calloc((size_t)high + 1, sizeof *number);
        WEFT_TRY_ALLOC(number);
        for (int64_t i = 0; i < n; i++) number[value[i]] = 1;
        for (int64_t k = 0; k <= high; k++)
            if (number[k]) number[k] = (int32_t)kept++;
        for (int64_t i = 0; i < n; i++) d->label[i] = number[value[i]];
        weft_i_free(number);
        d->n_classes = (int32_t)kept;
        goto done;
    }
    WEFT_TRY_ALLOC(sorted = weft_i_malloc((size_t)n * sizeof *sorted + 1));
    memcpy(sorted, value, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    for (int64_t i = 0; i < n; i++)
        if (!kept || sorted[kept - 1] != sorted[i]) sorted[kept++] = sorted[i];
    if (kept > MOST_CLASSES) WEFT_TRY(weft_i_data_wrong(d, "dataset-label", diag, "%lld different labels: these are no classes", (long long)kept));
    for (int64_t i = 0; i < n; i++) d->label[i] = (int32_t)((int64_t *)bsearch(&value[i], sorted, (size_t)kept, sizeof *sorted, by_value) - sorted);
    d->n_classes = (int32_t)kept;
done:
    weft_i_free(sorted);
    return status;
}

/* ---- numbers in text -------------------------------------------------------------------------------------------- */
bool weft_i_numbers_more(weft_i_numbers_t *r)
{
    for (; r->p < r->end && (*r->p == ' ' || *r->p == ',' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n'); r->p++) r->line += *r->p == '\n';
    return r->p < r->end;
}

bool weft_i_numbers_in_line(weft_i_numbers_t *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == ',' || *r->p == '\t' || *r->p == '\r')) r->p++;
    return r->p < r->end && *r->p != '\n';
}

double weft_i_numbers_next(weft_i_numbers_t *r)
{
    char *end;
    if (r->bad || !weft_i_numbers_more(r)) {
        r->bad = true;
        return NAN;
    }
    double v = strtod(r->p, &end); /* the text ends in zero bytes */
    if (end == r->p || !isfinite(v)) {
        r->bad = true;
        return NAN;
    }
    r->p = end;
    return v;
}

int64_t weft_i_numbers_int(weft_i_numbers_t *r, int64_t low, int64_t high)
{
    double v = weft_i_numbers_next(r);
    if (r->bad || v != floor(v) || v < (double)low || v > (double)high) {
        r->bad = true;
        return 0;
    }
    return (int64_t)v;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */
static bool is_folder(const char *path)
{
    struct stat s;
    return !stat(path, &s) && S_ISDIR(s.st_mode);
}

static bool is_file(const char *path)
{
    struct stat s;
    return !stat(path, &s) && S_ISREG(s.st_mode);
}

static bool locate(char path[4096], const char *name)
{
    const char *list = getenv("WEFT_DATASETS");
    snprintf(path, 4096, "%s", name);
    if (is_folder(path) || is_file(path)) return true;
    while (list && *list) {
        size_t n = strcspn(list, ":");
        snprintf(path, 4096, "%.*s/%s", (int)n, list, name);
        if (is_folder(path)) return true;
        list += n + (list[n] == ':');
    }
    snprintf(path, 4096, "datasets/%s", name);
    return is_folder(path);
}

/* Arrays that fit together and ids in their ranges, whatever the reader was. */
static weft_status_t check(const weft_dataset_t *d, weft_diag_t *diag)
{
    int64_t items = weft_dataset_n_items(d);
    if (d->node_ptr[0] || d->edge_ptr[0] || d->node_ptr[d->n_graphs] != d->n_nodes || d->edge_ptr[d->n_graphs] != d->n_edges)
        return weft_i_data_wrong(d, "dataset-shape", diag, "the graphs' nodes or edges do not add up");
    for (int64_t g = 0; g < d->n_graphs; g++) {
        int64_t n = d->node_ptr[g + 1] - d->node_ptr[g];
        if (n < 0 || d->edge_ptr[g + 1] < d->edge_ptr[g] || d->node_ptr[g + 1] > d->n_nodes || d->edge_ptr[g + 1] > d->n_edges)
            return weft_i_data_wrong(d, "dataset-shape", diag, "graph %lld has a size below 0", (long long)g);
        for (int64_t e = d->edge_ptr[g]; e < d->edge_ptr[g + 1]; e++)
            for (int k = 0; k < 2; k++)
                if (d->edge[2 * e + k] < 0 || d->edge[2 * e + k] >= n) return weft_i_data_wrong(d, "dataset-edge", diag, "edge %lld ends at node %d of %lld", (long long)e, d->edge[2 * e + k], (long long)n);
    }
    for (int64_t a = 0; a < 2 * d->n_arcs; a++)
        if (d->arc[a] < 0 || d->arc[a] >= d->n_nodes) return weft_i_data_wrong(d, "dataset-edge", diag, "arc %lld ends at node %d of %lld", (long long)(a / 2), d->arc[a], (long long)d->n_nodes);
    for (int64_t i = 0; d->x_row && i < d->n_nodes; i++)
        if (d->x_row[i + 1] < d->x_row[i]) return weft_i_data_wrong(d, "dataset-shape", diag, "row %lld of the features ends before it begins", (long long)i);
    for (int64_t e = 0; d->x_row && e < d->x_row[d->n_nodes]; e++)
        if (d->x_column[e] < 0 || d->x_column[e] >= d->n_features) return weft_i_data_wrong(d, "dataset-shape", diag, "feature column %d of %lld", d->x_column[e], (long long)d->n_features);
    for (int64_t i = 0; d->label && i < items; i++)
        if (d->label[i] < 0 || d->label[i] >= d->n_classes) return weft_i_data_wrong(d, "dataset-label", diag, "item %lld has class %d of %d", (long long)i, d->label[i], d->n_classes);
    for (int32_t s = 0; s < d->n_splits; s++)
        for (int64_t i = 0; i < items * d->split[s].n; i++)
            if (d->split[s].part[i] > 3) return weft_i_data_wrong(d, "dataset-shape", diag, "split %s holds %d; 0 to 3 are known", d->split[s].name, d->split[s].part[i]);
    return WEFT_OK;
}

weft_status_t weft_dataset_read(weft_dataset_t **dataset, const char *name, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    const weft_i_form_t *form = NULL;
    weft_dataset_t *d = NULL;
    *dataset = NULL;
    if (!locate(path, name)) {
        weft_diag_add(diag, WEFT_ERROR, "dataset-not-found", NULL, 0, 0, "no folder or file %s, neither as it stands nor in WEFT_DATASETS nor in datasets/", name);
        return WEFT_EINPUT;
    }
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) path[n - 1] = 0;
    bool file = is_file(path);
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !form && !file; i++)
        if (forms[i].is(path)) form = &forms[i];
    for (size_t i = 0; i < sizeof file_forms / sizeof *file_forms && !form && file; i++)
        if (file_forms[i].is(path)) form = &file_forms[i];
    if (!form) {
        weft_diag_add(diag, WEFT_ERROR, "dataset-form", path, 0, 0, "none of the forms that are known: a folder with edges.npy and y.npy (or features alone), node_ptr.npy, edges.csv and nodes.csv, edge.csv and node-label.csv, NAME_A.txt or NAME.txt; a file .npz, .graphml or .mtx");
        return WEFT_EINPUT;
    }
    WEFT_TRY_ALLOC(d = weft_i_calloc(1, sizeof *d));
    const char *base = strrchr(path, '/');
    WEFT_TRY_ALLOC(d->path = weft_i_strndup(path, strlen(path)));
    WEFT_TRY_ALLOC(d->name = weft_i_strndup(base ? base + 1 : path, strlen(base ? base + 1 : path)));
    WEFT_TRY(form->read(d, diag));
    if (!d->metric) WEFT_TRY_ALLOC(d->metric = weft_i_strndup("accuracy", 8));
    WEFT_TRY(check(d, diag));
    *dataset = d;
    d = NULL;
done:
    weft_dataset_free(d);
    return status;
}

const weft_split_t *weft_dataset_split(const weft_dataset_t *d, const char *name, weft_diag_t *diag)
{
    static const char *const order[] = {"public", "tuned", "default"};
    char names[400] = "";
    for (int32_t i = 0; i < d->n_splits && name; i++)
        if (!strcmp(d->split[i].name, name)) return &d->split[i];
    for (size_t k = 0; k < sizeof order / sizeof *order && !name; k++)
        for (int32_t i = 0; i < d->n_splits; i++)
            if (!strcmp(d->split[i].name, order[k])) return &d->split[i];
    if (!name && d->n_splits) return &d->split[0];
    for (int32_t i = 0; i < d->n_splits; i++) snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "", d->split[i].name);
    weft_diag_add(diag, WEFT_ERROR, "dataset-split", d->path, 0, 0, "no split %s; there are: %s", name ? name : "at all", *names ? names : "none");
    return NULL;
}

double weft_dataset_homophily(const weft_dataset_t *d)
{
    int64_t same = 0;
    if (d->task != WEFT_TASK_NODE_CLASS || !d->label || !d->n_edges) return NAN;
    for (int64_t e = 0; e < d->n_edges; e++) same += d->label[d->edge[2 * e]] == d->label[d->edge[2 * e + 1]];
    return (double)same / (double)d->n_edges;
}

void weft_dataset_rewire(weft_dataset_t *d, double share, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 0x72657769, 0};
    for (int64_t g = 0; g < d->n_graphs; g++) {
        int64_t n = d->node_ptr[g + 1] - d->node_ptr[g];
        for (int64_t e = d->edge_ptr[g]; e < d->edge_ptr[g + 1] && n > 1; e++) {
            if (!(weft_i_rng_uniform(&rng) < share)) continue;
            int64_t u = weft_i_rng_below(&rng, n), v = weft_i_rng_below(&rng, n - 1);
            d->edge[2 * e] = (int32_t)u;
            d->edge[2 * e + 1] = (int32_t)(v + (v >= u));
        }
    }
}

weft_status_t weft_dataset_degree_codes(weft_dataset_t *d)
{
    if (d->x || d->x_row || d->code) return WEFT_OK;
    d->code = weft_i_calloc((size_t)d->n_nodes + 1, 1);
    if (!d->code) return WEFT_ENOMEM;
    d->n_codes = 1;
    for (int64_t g = 0; g < d->n_graphs; g++)
        for (int64_t e = 2 * d->edge_ptr[g]; e < 2 * d->edge_ptr[g + 1]; e++) {
            uint8_t *c = &d->code[d->node_ptr[g] + d->edge[e]];
            if (*c < 63) ++*c;
        }
    return weft_i_data_code_sizes(&d->code_size, d->code, d->n_nodes, 1);
}
