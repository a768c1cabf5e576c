/* data/npz_set.c: one graph with a class per node in an npz file, by the names that the field uses. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/assemble.h"
#include "io/npz.h"

#include <string.h>

static const weft_i_npy_t *first_of(const weft_i_npz_t *z, const char *const *name)
{
    const weft_i_npy_t *a = NULL;
    for (; *name && !a; name++) a = weft_i_npz_find(z, *name);
    return a;
}

/* edge_index [2, E], edges [E, 2], or a matrix in rows (adj_indptr, adj_indices). */
static weft_status_t edges(weft_dataset_t *d, const weft_i_npz_t *z, weft_diag_t *diag)
{
    static const char *const index_of[] = {"edge_index", NULL}, *const list_of[] = {"edges", "edge_list", NULL}, *const row_of[] = {"adj_indptr", "adj_matrix.indptr", NULL},
                      *const column_of[] = {"adj_indices", "adj_matrix.indices", NULL};
    weft_status_t status = WEFT_OK;
    int32_t *value = NULL, *pairs = NULL;
    int64_t *row = NULL, n = 0;
    const weft_i_npy_t *index = first_of(z, index_of), *list = first_of(z, list_of), *rows = first_of(z, row_of), *columns = first_of(z, column_of);
    const weft_i_npy_t *a = index ? index : list ? list : columns;
    if (!a || (a == columns && !rows)) return weft_i_data_wrong(d, "dataset-form", diag, "no edge_index, edges, or adj_indptr with adj_indices");
    if ((index && (a->n_dims != 2 || a->shape[0] != 2)) || (!index && list && (a->n_dims != 2 || a->shape[1] != 2)) || (!index && !list && rows->n != d->n_nodes + 1))
        return weft_i_data_wrong(d, "dataset-shape", diag, "edge_index must be [2, edges], edges [edges, 2], adj_indptr [nodes + 1]");
    WEFT_TRY(weft_i_npy_int32(&value, a, d->path, diag));
    n = a == columns ? a->n : a->n / 2;
    WEFT_TRY_ALLOC(pairs = weft_i_malloc((size_t)n * 2 * sizeof *pairs + 1));
    if (a == columns) {
        WEFT_TRY(weft_i_npy_int64(&row, rows, d->path, diag));
        for (int64_t i = 0; i < d->n_nodes; i++) {
            if (row[0] || row[i + 1] < row[i] || row[d->n_nodes] != n) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "the rows of the adjacency do not fit its columns"));
            for (int64_t e = row[i]; e < row[i + 1]; e++) pairs[2 * e] = (int32_t)i, pairs[2 * e + 1] = value[e];
        }
    } else
        for (int64_t e = 0; e < n; e++) {
            pairs[2 * e] = index ? value[e] : value[2 * e];
            pairs[2 * e + 1] = index ? value[n + e] : value[2 * e + 1];
        }
    WEFT_TRY(weft_i_assemble_edges(d, pairs, n, false, diag));
done:
    weft_i_free(value);
    weft_i_free(pairs);
    weft_i_free(row);
    return status;
}

static weft_status_t features(weft_dataset_t *d, const weft_i_npz_t *z, weft_diag_t *diag)
{
    static const char *const dense_of[] = {"x", "features", "node_features", NULL}, *const row_of[] = {"attr_indptr", "attr_matrix.indptr", "x_indptr", NULL},
                      *const column_of[] = {"attr_indices", "attr_matrix.indices", "x_indices", NULL}, *const value_of[] = {"attr_data", "attr_matrix.data", "x_data", NULL},
                      *const shape_of[] = {"attr_shape", "attr_matrix.shape", "x_shape", NULL};
    weft_status_t status = WEFT_OK;
    const weft_i_npy_t *dense = first_of(z, dense_of), *row = first_of(z, row_of), *column = first_of(z, column_of), *value = first_of(z, value_of), *shape = first_of(z, shape_of);
    int64_t *size = NULL;
    if (dense) {
        if (dense->n_dims != 2 || dense->shape[0] != d->n_nodes) return weft_i_data_wrong(d, "dataset-shape", diag, "the features must be [nodes, columns]");
        d->n_features = dense->shape[1];
        return weft_i_npy_float(&d->x, dense, d->path, diag);
    }
    if (!row && !column) return weft_dataset_degree_codes(d);
    if (!row || !column) return weft_i_data_wrong(d, "dataset-form", diag, "attr_indptr and attr_indices need each other");
    WEFT_TRY(weft_i_npy_int64(&d->x_row, row, d->path, diag));
    WEFT_TRY(weft_i_npy_int32(&d->x_column, column, d->path, diag));
    if (value) WEFT_TRY(weft_i_npy_float(&d->x_value, value, d->path, diag));
    if (shape) WEFT_TRY(weft_i_npy_int64(&size, shape, d->path, diag));
    if (row->n != d->n_nodes + 1 || d->x_row[0] || d->x_row[d->n_nodes] != column->n || (value && value->n != column->n) || (shape && (shape->n != 2 || size[0] != d->n_nodes || size[1] < 0)))
        WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "the rows of the features do not fit together"));
    for (int64_t e = 0; e < column->n; e++)
        if (d->x_column[e] >= d->n_features) d->n_features = (int64_t)d->x_column[e] + 1;
    if (shape && size[1] >= d->n_features) d->n_features = size[1];
done:
    weft_i_free(size);
    return status;
}

/* [nodes] or [variants, nodes] of 0..3. */
static weft_status_t one_split(weft_dataset_t *d, const weft_i_npy_t *a, const char *name, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    uint8_t *part = NULL;
    int64_t n = d->n_nodes;
    if (!n || !a->n_dims || a->n % n || a->shape[a->n_dims - 1] != n || !a->n || a->n / n > 100000) return weft_i_data_wrong(d, "dataset-shape", diag, "split %s must be [nodes] or [variants, nodes]", name);
    WEFT_TRY(weft_i_npy_bytes(&part, a, d->path, diag));
    uint8_t *taken = part;
    part = NULL;
    WEFT_TRY(weft_i_assemble_split(d, name, (int32_t)(a->n / n), taken));
done:
    weft_i_free(part);
    return status;
}

/* split, or split_NAME: several by name; or train_mask, val_mask, test_mask [nodes] or [nodes, variants]. */
static weft_status_t splits(weft_dataset_t *d, const weft_i_npz_t *z, weft_diag_t *diag)
{
    static const char *const mask_of[4] = {NULL, "train_mask", "val_mask", "test_mask"};
    weft_status_t status = WEFT_OK;
    const weft_i_npy_t *mask[4] = {NULL};
    uint8_t *part = NULL, *bits = NULL;
    int64_t n = d->n_nodes, variants = 1;
    for (int32_t i = 0; i < z->n; i++)
        if (!strncmp(z->entry[i].name, "split", 5) && (!z->entry[i].name[5] || z->entry[i].name[5] == '_'))
            WEFT_TRY(one_split(d, &z->entry[i].array, z->entry[i].name[5] && z->entry[i].name[6] ? z->entry[i].name + 6 : "default", diag));
    for (int k = 1; k < 4 && !d->n_splits; k++) {
        if (!(mask[k] = weft_i_npz_find(z, mask_of[k]))) continue;
        if (!n || !mask[k]->n_dims || mask[k]->n % n || mask[k]->shape[0] != n || !mask[k]->n || (part && mask[k]->n / n != variants)) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%s must be [nodes] or [nodes, variants]", mask_of[k]));
        variants = mask[k]->n / n;
        if (!part) WEFT_TRY_ALLOC(part = weft_i_calloc((size_t)(n * variants) + 1, 1));
        WEFT_TRY(weft_i_npy_bytes(&bits, mask[k], d->path, diag));
        for (int64_t i = 0; i < n; i++)
            for (int64_t v = 0; v < variants; v++)
                if (bits[i * variants + v]) part[v * n + i] = (uint8_t)k;
        weft_i_free(bits);
        bits = NULL;
    }
    if (part) {
        uint8_t *taken = part;
        part = NULL;
        WEFT_TRY(weft_i_assemble_split(d, "default", (int32_t)variants, taken));
    }
done:
    weft_i_free(part);
    weft_i_free(bits);
    return status;
}

/* Labels, one per node; or num_nodes, where there are none. */
static weft_status_t nodes(weft_dataset_t *d, const weft_i_npz_t *z, weft_diag_t *diag)
{
    static const char *const label_of[] = {"y", "labels", "label", "node_labels", NULL};
    weft_status_t status = WEFT_OK;
    int64_t *value = NULL;
    const weft_i_npy_t *y = first_of(z, label_of), *count = weft_i_npz_find(z, "num_nodes");
    if (!y && !count) return weft_i_data_wrong(d, "dataset-form", diag, "neither y (labels) nor num_nodes");
    if (y && (y->n_dims > 2 || (y->n_dims == 2 && y->shape[1] != 1))) return weft_i_data_wrong(d, "dataset-shape", diag, "the labels must be one class per node");
    WEFT_TRY(weft_i_npy_int64(&value, y ? y : count, d->path, diag));
    d->n_nodes = y ? y->n : count->n == 1 ? value[0] : -1;
    if (d->n_nodes < 1 || d->n_nodes > (y ? INT32_MAX : 1 << 28)) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "no nodes, or too many"));
    if (y) WEFT_TRY(weft_i_data_classes(d, value, y->n, diag));
done:
    weft_i_free(value);
    return status;
}

/* arcs [arcs, 2], the directed ones that the edges were made of; metric: its name in bytes. */
static weft_status_t arcs_and_metric(weft_dataset_t *d, const weft_i_npz_t *z, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_npy_t *arcs = weft_i_npz_find(z, "arcs"), *metric = weft_i_npz_find(z, "metric");
    uint8_t *text = NULL;
    if (arcs) {
        if (arcs->n_dims != 2 || arcs->shape[1] != 2) return weft_i_data_wrong(d, "dataset-shape", diag, "arcs must be [arcs, 2]");
        WEFT_TRY(weft_i_npy_int32(&d->arc, arcs, d->path, diag));
        d->n_arcs = arcs->shape[0];
    }
    if (metric && metric->n < 32) {
        WEFT_TRY(weft_i_npy_bytes(&text, metric, d->path, diag));
        WEFT_TRY_ALLOC(d->metric = weft_i_strndup((const char *)text, (size_t)metric->n));
    }
done:
    weft_i_free(text);
    return status;
}

bool weft_i_is_npz(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && !strcmp(path + n - 4, ".npz");
}

weft_status_t weft_i_read_npz_set(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npz_t z = {0};
    WEFT_TRY(weft_i_npz_read(&z, d->path, diag));
    WEFT_TRY(nodes(d, &z, diag));
    WEFT_TRY(edges(d, &z, diag));
    WEFT_TRY(features(d, &z, diag));
    WEFT_TRY(weft_i_assemble_sparse(d));
    WEFT_TRY(splits(d, &z, diag));
    WEFT_TRY(weft_i_assemble_random_splits(d));
    WEFT_TRY(arcs_and_metric(d, &z, diag));
done:
    weft_i_npz_destroy(&z);
    return status;
}
