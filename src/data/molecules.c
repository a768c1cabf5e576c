/* data/molecules.c: many small graphs in arrays: node_ptr, edge_ptr, atom, edges, bond, y; whole, or as train_, val_ and test_ parts. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/dataset.h"

#include <string.h>

bool weft_i_is_molecules(const char *folder)
{
    char path[4096];
    return weft_i_data_file(path, folder, "node_ptr.npy") && weft_i_data_file(path, folder, "atom.npy") && weft_i_data_file(path, folder, "y.npy");
}

bool weft_i_is_molecule_parts(const char *folder)
{
    char path[4096];
    return weft_i_data_file(path, folder, "train_node_ptr.npy") && weft_i_data_file(path, folder, "train_atom.npy") && weft_i_data_file(path, folder, "train_y.npy");
}

typedef struct part { weft_i_npy_t node_ptr, edge_ptr, atom, edge, bond, y; } part_t;

static void part_free(part_t *p)
{
    weft_i_npy_t *a[] = {&p->node_ptr, &p->edge_ptr, &p->atom, &p->edge, &p->bond, &p->y};
    for (size_t i = 0; i < sizeof a / sizeof *a; i++) weft_i_npy_destroy(a[i]);
}

static weft_status_t part_read(const weft_dataset_t *d, const char *prefix, part_t *p, weft_diag_t *diag)
{
    static const char *const name[] = {"node_ptr", "edge_ptr", "atom", "edges", "bond", "y"};
    weft_i_npy_t *a[] = {&p->node_ptr, &p->edge_ptr, &p->atom, &p->edge, &p->bond, &p->y};
    char file[64], path[4096];
    for (size_t i = 0; i < sizeof a / sizeof *a; i++) {
        snprintf(file, sizeof file, "%s%s.npy", prefix, name[i]);
        if (i == 4 && !weft_i_data_file(path, d->path, file)) continue; /* bonds may be missing */
        weft_status_t status = weft_i_data_npy(a[i], d->path, file, 0, diag);
        if (status != WEFT_OK) return status;
    }
    int64_t graphs = p->y.n;
    bool fits = p->node_ptr.n == graphs + 1 && p->edge_ptr.n == graphs + 1 && p->edge.n_dims == 2 && p->edge.shape[1] == 2 && p->atom.n_dims >= 1 && p->atom.n_dims <= 2 && graphs > 0 && p->atom.shape[0] < INT32_MAX
             && p->edge.shape[0] < INT32_MAX && (!p->bond.data || (p->bond.shape[0] == p->edge.shape[0] && p->bond.n_dims >= 1 && p->bond.n_dims <= 2));
    return fits ? WEFT_OK : weft_i_data_wrong(d, "dataset-shape", diag, "the arrays %s* do not fit together", prefix);
}

static int32_t columns(const weft_i_npy_t *a) { return !a->data ? 0 : a->n_dims == 2 ? (int32_t)a->shape[1] : 1; }

/* Appends a part to the set, whose arrays have the room. */
static weft_status_t append(weft_dataset_t *d, const part_t *p, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *ptr = NULL;
    uint8_t *code = NULL;
    int32_t *edge = NULL;
    float *y = NULL;
    WEFT_TRY(weft_i_npy_int64(&ptr, &p->node_ptr, d->path, diag));
    for (int64_t g = 0; g < p->y.n; g++) d->node_ptr[d->n_graphs + g + 1] = d->n_nodes + ptr[g + 1];
    if (ptr[0] || ptr[p->y.n] != p->atom.shape[0]) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "node_ptr does not end at the number of atoms"));
    weft_i_free(ptr);
    ptr = NULL;
    WEFT_TRY(weft_i_npy_int64(&ptr, &p->edge_ptr, d->path, diag));
    for (int64_t g = 0; g < p->y.n; g++) d->edge_ptr[d->n_graphs + g + 1] = d->n_edges + ptr[g + 1];
    if (ptr[0] || ptr[p->y.n] != p->edge.shape[0]) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "edge_ptr does not end at the number of bonds"));
    WEFT_TRY(weft_i_npy_bytes(&code, &p->atom, d->path, diag));
    memcpy(d->code + d->n_nodes * d->n_codes, code, (size_t)p->atom.n);
    weft_i_free(code);
    code = NULL;
    WEFT_TRY(weft_i_npy_int32(&edge, &p->edge, d->path, diag));
    memcpy(d->edge + 2 * d->n_edges, edge, (size_t)p->edge.n * sizeof *edge);
    if (d->n_edge_codes) {
        WEFT_TRY(weft_i_npy_bytes(&code, &p->bond, d->path, diag));
        memcpy(d->edge_code + d->n_edges * d->n_edge_codes, code, (size_t)p->bond.n);
    }
    WEFT_TRY(weft_i_npy_float(&y, &p->y, d->path, diag));
    memcpy(d->target + d->n_graphs, y, (size_t)p->y.n * sizeof *y);
    d->n_graphs += p->y.n;
    d->n_nodes += p->atom.shape[0];
    d->n_edges += p->edge.shape[0];
done:
    weft_i_free(ptr);
    weft_i_free(code);
    weft_i_free(edge);
    weft_i_free(y);
    return status;
}

/* One to three parts into one set; part k of the split gets number k + 1. */
static weft_status_t join(weft_dataset_t *d, const char *const *prefix, int n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    part_t part[3] = {0};
    uint8_t *split = NULL;
    int64_t graphs = 0, nodes = 0, edges = 0, at = 0;
    for (int k = 0; k < n; k++) {
        WEFT_TRY(part_read(d, prefix[k], &part[k], diag));
        graphs += part[k].y.n;
        nodes += part[k].atom.shape[0];
        edges += part[k].edge.shape[0];
        if (columns(&part[k].atom) != columns(&part[0].atom) || columns(&part[k].bond) != columns(&part[0].bond)) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "the parts have different columns"));
    }
    d->n_codes = columns(&part[0].atom);
    d->n_edge_codes = columns(&part[0].bond);
    WEFT_TRY_ALLOC(d->node_ptr = weft_i_calloc((size_t)graphs + 1, sizeof *d->node_ptr));
    WEFT_TRY_ALLOC(d->edge_ptr = weft_i_calloc((size_t)graphs + 1, sizeof *d->edge_ptr));
    WEFT_TRY_ALLOC(d->code = weft_i_malloc((size_t)nodes * (size_t)d->n_codes + 1));
    WEFT_TRY_ALLOC(d->edge = weft_i_malloc(((size_t)edges + 1) * 2 * sizeof *d->edge));
    WEFT_TRY_ALLOC(d->target = weft_i_malloc(((size_t)graphs + 1) * sizeof *d->target));
    if (d->n_edge_codes) WEFT_TRY_ALLOC(d->edge_code = weft_i_malloc((size_t)edges * (size_t)d->n_edge_codes + 1));
    for (int k = 0; k < n; k++) WEFT_TRY(append(d, &part[k], diag));
    WEFT_TRY(weft_i_data_code_sizes(&d->code_size, d->code, d->n_nodes, d->n_codes));
    if (d->n_edge_codes) WEFT_TRY(weft_i_data_code_sizes(&d->edge_code_size, d->edge_code, d->n_edges, d->n_edge_codes));
    if (n > 1) {
        WEFT_TRY_ALLOC(split = weft_i_malloc((size_t)graphs));
        for (int k = 0; k < n; k++)
            for (int64_t g = 0; g < part[k].y.n; g++) split[at++] = (uint8_t)(k + 1);
        status = weft_i_data_add_split(d, "default", 1, split);
        split = NULL;
    }
done:
    weft_i_free(split);
    for (int k = 0; k < n; k++) part_free(&part[k]);
    return status;
}

weft_status_t weft_i_read_molecule_parts(weft_dataset_t *d, weft_diag_t *diag)
{
    static const char *const prefix[] = {"train_", "val_", "test_"};
    d->task = WEFT_TASK_GRAPH_VALUE;
    d->metric = weft_i_strndup("mae", 3);
    return d->metric ? join(d, prefix, 3, diag) : WEFT_ENOMEM;
}

/* A set whose values are whole numbers is one of classes. */
weft_status_t weft_i_read_molecules(weft_dataset_t *d, weft_diag_t *diag)
{
    static const char *const prefix[] = {""};
    weft_status_t status = WEFT_OK;
    weft_i_npy_t a = {0};
    int64_t *value = NULL;
    uint8_t *part = NULL;
    char path[4096];
    d->task = WEFT_TASK_GRAPH_VALUE;
    WEFT_TRY(join(d, prefix, 1, diag));
    WEFT_TRY(weft_i_data_npy(&a, d->path, "y.npy", 0, diag));
    if (a.kind != 'f') {
        d->task = WEFT_TASK_GRAPH_CLASS;
        WEFT_TRY(weft_i_npy_int64(&value, &a, "y.npy", diag));
        WEFT_TRY(weft_i_data_classes(d, value, a.n, diag));
        weft_i_free(d->target);
        d->target = NULL;
    }
    const char *metric = d->task == WEFT_TASK_GRAPH_VALUE ? "mae" : d->n_classes == 2 ? "roc_auc" : "accuracy";
    WEFT_TRY_ALLOC(d->metric = weft_i_strndup(metric, strlen(metric)));
    weft_i_npy_destroy(&a);
    const char *file = weft_i_data_file(path, d->path, "split_scaffold.npy") ? "split_scaffold.npy" : "splits.npy";
    if (!weft_i_data_file(path, d->path, file)) goto done;
    WEFT_TRY(weft_i_data_npy(&a, d->path, file, 0, diag));
    if (a.n_dims < 1 || a.n_dims > 2 || a.shape[a.n_dims - 1] != d->n_graphs) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%s does not have one entry per graph", file));
    WEFT_TRY(weft_i_npy_bytes(&part, &a, file, diag));
    status = weft_i_data_add_split(d, file[5] == '_' ? "scaffold" : "default", a.n_dims == 2 ? (int32_t)a.shape[0] : 1, part);
    part = NULL;
done:
    weft_i_npy_destroy(&a);
    weft_i_free(value);
    weft_i_free(part);
    return status;
}
