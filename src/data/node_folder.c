/* data/node_folder.c: one graph with a class per node: edges.npy, y.npy (without one there are no labels: a set to apply a model to), features dense or sparse, split*.npy. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "data/dataset.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

bool weft_i_is_node_folder(const char *folder)
{
    char path[4096];
    return weft_i_data_file(path, folder, "edges.npy") && (weft_i_data_file(path, folder, "y.npy") || weft_i_data_file(path, folder, "x.npy") || weft_i_data_file(path, folder, "x_indptr.npy"))
        && !weft_i_data_file(path, folder, "node_ptr.npy");
}

/* "metric = ROC AUC" of meta.txt; without one, AUC for two unequal classes is not guessed. */
static weft_status_t read_metric(weft_dataset_t *d, weft_diag_t *diag)
{
    char path[4096];
    weft_i_text_t text;
    bool auc = false;
    if (weft_i_data_file(path, d->path, "meta.txt")) {
        weft_status_t status = weft_i_text_read(&text, path, diag);
        if (status != WEFT_OK) return status;
        const char *at = strstr(text.data, "metric");
        auc = at && !strncasecmp(at + strcspn(at, "=") + (at[strcspn(at, "=")] == '=') + 1, "roc", 3);
        weft_i_text_destroy(&text);
    }
    d->metric = weft_i_strndup(auc ? "roc_auc" : "accuracy", auc ? 7 : 8);
    return d->metric ? WEFT_OK : WEFT_ENOMEM;
}

static weft_status_t read_edges(weft_dataset_t *d, const char *name, int32_t **to, int64_t *n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t a;
    WEFT_TRY(weft_i_data_npy(&a, d->path, name, 2, diag));
    if (a.shape[1] != 2) status = weft_i_data_wrong(d, "dataset-shape", diag, "%s has %lld columns, not 2", name, (long long)a.shape[1]);
    *n = a.shape[0];
    if (status == WEFT_OK) status = weft_i_npy_int32(to, &a, name, diag);
    weft_i_npy_destroy(&a);
done:
    return status;
}

static weft_status_t take_nodes(weft_dataset_t *d, const char *name, int64_t n, weft_diag_t *diag)
{
    d->n_nodes = n;
    return n < 1 || n > INT32_MAX ? weft_i_data_wrong(d, "dataset-shape", diag, "%s has %lld nodes", name, (long long)n) : WEFT_OK;
}

static weft_status_t read_labels(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t y = {0};
    int64_t *value = NULL;
    WEFT_TRY(weft_i_data_npy(&y, d->path, "y.npy", 1, diag));
    WEFT_TRY(take_nodes(d, "y.npy", y.n, diag));
    WEFT_TRY(weft_i_npy_int64(&value, &y, "y.npy", diag));
    WEFT_TRY(weft_i_data_classes(d, value, y.n, diag));
done:
    weft_i_npy_destroy(&y);
    weft_i_free(value);
    return status;
}

static weft_status_t read_sparse(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t row = {0}, column = {0}, value = {0};
    char path[4096];
    WEFT_TRY(weft_i_data_npy(&row, d->path, "x_indptr.npy", 1, diag));
    WEFT_TRY(weft_i_data_npy(&column, d->path, "x_indices.npy", 1, diag));
    if (weft_i_data_file(path, d->path, "x_data.npy")) WEFT_TRY(weft_i_data_npy(&value, d->path, "x_data.npy", 1, diag));
    WEFT_TRY(weft_i_npy_int64(&d->x_row, &row, "x_indptr.npy", diag));
    WEFT_TRY(weft_i_npy_int32(&d->x_column, &column, "x_indices.npy", diag));
    if (value.data) WEFT_TRY(weft_i_npy_float(&d->x_value, &value, "x_data.npy", diag));
    if (!d->label) WEFT_TRY(take_nodes(d, "x_indptr.npy", row.n - 1, diag));
    if (row.n != d->n_nodes + 1 || d->x_row[0] || d->x_row[d->n_nodes] != column.n || (value.data && value.n != column.n))
        WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "x_indptr, x_indices and x_data do not fit together"));
    for (int64_t i = 0; i < column.n; i++)
        if (d->x_column[i] >= d->n_features) d->n_features = (int64_t)d->x_column[i] + 1;
done:
    weft_i_npy_destroy(&row);
    weft_i_npy_destroy(&column);
    weft_i_npy_destroy(&value);
    return status;
}

static weft_status_t read_dense(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t a;
    WEFT_TRY(weft_i_data_npy(&a, d->path, "x.npy", 2, diag));
    if (!d->label) status = take_nodes(d, "x.npy", a.shape[0], diag);
    if (status == WEFT_OK && a.shape[0] != d->n_nodes) status = weft_i_data_wrong(d, "dataset-shape", diag, "x.npy has %lld rows for %lld nodes", (long long)a.shape[0], (long long)d->n_nodes);
    d->n_features = a.shape[1];
    if (status == WEFT_OK) status = weft_i_npy_take_float(&d->x, &d->x_map, &d->x_map_size, &a, "x.npy", diag);
    weft_i_npy_destroy(&a);
done:
    return status;
}

/* "features = 1433" says more than the largest column where the last ones are empty. */
static weft_status_t read_width(weft_dataset_t *d, weft_diag_t *diag)
{
    char path[4096];
    weft_i_text_t text;
    if (d->x || !weft_i_data_file(path, d->path, "meta.txt")) return WEFT_OK;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    for (const char *p = text.data; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
        if (!strncmp(p, "features = ", 11)) {
            long v = strtol(p + 11, NULL, 10);
            if (v > d->n_features && v < 10000000) d->n_features = v;
        }
    weft_i_text_destroy(&text);
    return WEFT_OK;
}

/* split_NAME.npy, splits_NAME.npy, splits.npy; one row, or one per variant. */
static weft_status_t read_split(weft_dataset_t *d, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npy_t a = {0};
    uint8_t *part = NULL;
    char name[256];
    const char *at = file + (!strncmp(file, "splits", 6) ? 6 : 5);
    at += *at == '_';
    snprintf(name, sizeof name, "%.*s", (int)(strlen(at) - 4), at);
    WEFT_TRY(weft_i_data_npy(&a, d->path, file, 0, diag));
    if (a.n_dims < 1 || a.n_dims > 2 || a.shape[a.n_dims - 1] != d->n_nodes || (a.n_dims == 2 && (a.shape[0] < 1 || a.shape[0] > 100000)))
        WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%s does not have one entry per node", file));
    WEFT_TRY(weft_i_npy_bytes(&part, &a, file, diag));
    status = weft_i_data_add_split(d, *name ? name : "default", a.n_dims == 2 ? (int32_t)a.shape[0] : 1, part);
    part = NULL;
    if (status == WEFT_OK) weft_i_data_next_fold_validates(&d->split[d->n_splits - 1], d->n_nodes);
done:
    weft_i_free(part);
    weft_i_npy_destroy(&a);
    return status;
}

static weft_status_t read_splits(weft_dataset_t *d, weft_diag_t *diag)
{
    struct dirent **entry = NULL;
    weft_status_t status = WEFT_OK;
    int n = scandir(d->path, &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entry[i]->d_name;
        size_t length = strlen(name);
        if (status == WEFT_OK && !strncmp(name, "split", 5) && length > 9 - 1 && !strcmp(name + length - 4, ".npy")) status = read_split(d, name, diag);
        free(entry[i]);
    }
    free(entry);
    return status;
}

weft_status_t weft_i_read_node_folder(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    d->task = WEFT_TASK_NODE_CLASS;
    d->n_graphs = 1;
    if (weft_i_data_file(path, d->path, "y.npy")) WEFT_TRY(read_labels(d, diag));
    WEFT_TRY(read_edges(d, "edges.npy", &d->edge, &d->n_edges, diag));
    if (weft_i_data_file(path, d->path, "arcs_directed.npy")) WEFT_TRY(read_edges(d, "arcs_directed.npy", &d->arc, &d->n_arcs, diag));
    WEFT_TRY_ALLOC(d->node_ptr = weft_i_calloc(2, sizeof *d->node_ptr));
    WEFT_TRY_ALLOC(d->edge_ptr = weft_i_calloc(2, sizeof *d->edge_ptr));
    d->edge_ptr[1] = d->n_edges;
    if (weft_i_data_file(path, d->path, "x.npy")) WEFT_TRY(read_dense(d, diag));
    else if (weft_i_data_file(path, d->path, "x_indptr.npy")) WEFT_TRY(read_sparse(d, diag));
    else if (weft_i_data_file(path, d->path, "x_data.npy")) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "x_data.npy without x_indptr.npy"));
    d->node_ptr[1] = d->n_nodes;
    WEFT_TRY(read_width(d, diag));
    WEFT_TRY(read_metric(d, diag));
    WEFT_TRY(read_splits(d, diag));
done:
    return status;
}
