/* data/npz_write_set.c: a set of one graph as the npz archive that npz_set.c reads. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/dataset.h"
#include "io/npz.h"

#include <string.h>

enum { MOST_SPLITS = 64, MOST_MEMBERS = MOST_SPLITS + 12 };

/* The only codes that a node set has are degrees, which its reader makes anew. */
static bool codes_are_degrees(const weft_dataset_t *d)
{
    weft_dataset_t again = *d;
    again.code = NULL;
    again.code_size = NULL;
    again.x = NULL;
    again.x_row = NULL;
    bool same = weft_dataset_degree_codes(&again) == WEFT_OK && d->n_codes == 1 && !memcmp(d->code, again.code, (size_t)d->n_nodes);
    weft_i_free(again.code);
    weft_i_free(again.code_size);
    return same;
}

weft_status_t weft_dataset_write_npz(const weft_dataset_t *d, const char *path, bool packed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_npz_member_t m[MOST_MEMBERS];
    int32_t n = 0;
    char (*name)[208] = NULL;
    const int64_t shape[2] = {d->n_nodes, d->n_features};
    if (d->task != WEFT_TASK_NODE_CLASS || d->n_graphs != 1) return weft_i_data_wrong(d, "dataset-npz", diag, "an npz set is one graph with a class per node; this one has %lld graphs", (long long)d->n_graphs);
    if (d->code && !codes_are_degrees(d)) return weft_i_data_wrong(d, "dataset-npz", diag, "codes of nodes have no place in an npz set");
    if (d->n_splits > MOST_SPLITS) return weft_i_data_wrong(d, "dataset-npz", diag, "more than %d splits", MOST_SPLITS);
    WEFT_TRY_ALLOC(name = weft_i_calloc((size_t)d->n_splits + 1, sizeof *name));
    m[n++] = (weft_i_npz_member_t){"edges", 'i', 4, 2, {d->n_edges, 2}, d->edge};
    if (d->arc) m[n++] = (weft_i_npz_member_t){"arcs", 'i', 4, 2, {d->n_arcs, 2}, d->arc};
    if (d->label) m[n++] = (weft_i_npz_member_t){"y", 'i', 4, 1, {d->n_nodes}, d->label};
    else m[n++] = (weft_i_npz_member_t){"num_nodes", 'i', 8, 1, {1}, &shape[0]};
    if (d->x) m[n++] = (weft_i_npz_member_t){"x", 'f', 4, 2, {d->n_nodes, d->n_features}, d->x};
    else if (d->x_row) {
        m[n++] = (weft_i_npz_member_t){"attr_indptr", 'i', 8, 1, {d->n_nodes + 1}, d->x_row};
        m[n++] = (weft_i_npz_member_t){"attr_indices", 'i', 4, 1, {d->x_row[d->n_nodes]}, d->x_column};
        if (d->x_value) m[n++] = (weft_i_npz_member_t){"attr_data", 'f', 4, 1, {d->x_row[d->n_nodes]}, d->x_value};
        m[n++] = (weft_i_npz_member_t){"attr_shape", 'i', 8, 1, {2}, shape};
    }
    for (int32_t s = 0; s < d->n_splits; s++) {
        const weft_split_t *p = &d->split[s];
        if (strcmp(p->name, "default")) snprintf(name[s], sizeof name[s], "split_%.190s", p->name);
        else strcpy(name[s], "split");
        m[n++] = (weft_i_npz_member_t){name[s], 'u', 1, 2, {p->n, d->n_nodes}, p->part};
    }
    if (d->metric && strcmp(d->metric, "accuracy")) m[n++] = (weft_i_npz_member_t){"metric", 'u', 1, 1, {(int64_t)strlen(d->metric)}, d->metric};
    status = weft_i_npz_write(path, m, n, packed, diag);
done:
    weft_i_free(name);
    return status;
}
