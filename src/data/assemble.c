/* data/assemble.c: see assemble.h. */
#include "data/assemble.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

static int by_pair(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0]) : (x[1] > y[1]) - (x[1] < y[1]);
}

weft_status_t weft_i_assemble_edges(weft_dataset_t *d, const int32_t *pairs, int64_t n, bool directed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t kept = 0, last = 0;
    WEFT_TRY_ALLOC(d->edge = weft_i_malloc((size_t)n * 2 * sizeof *d->edge + 1));
    WEFT_TRY_ALLOC(d->node_ptr = weft_i_calloc(2, sizeof *d->node_ptr));
    WEFT_TRY_ALLOC(d->edge_ptr = weft_i_calloc(2, sizeof *d->edge_ptr));
    for (int64_t i = 0; i < n; i++) {
        int32_t u = pairs[2 * i], v = pairs[2 * i + 1];
        if (u < 0 || v < 0 || u >= d->n_nodes || v >= d->n_nodes) WEFT_TRY(weft_i_data_wrong(d, "dataset-edge", diag, "edge %lld joins %d and %d; there are %lld nodes", (long long)i, u, v, (long long)d->n_nodes));
        if (u == v) continue;
        d->edge[2 * kept] = u < v ? u : v;
        d->edge[2 * kept++ + 1] = u < v ? v : u;
    }
    qsort(d->edge, (size_t)kept, 2 * sizeof *d->edge, by_pair);
    for (int64_t i = 0; i < kept; i++) {
        if (last && !by_pair(d->edge + 2 * i, d->edge + 2 * (last - 1))) continue;
        memmove(d->edge + 2 * last++, d->edge + 2 * i, 2 * sizeof *d->edge);
    }
    if (directed) {
        WEFT_TRY_ALLOC(d->arc = weft_i_malloc((size_t)n * 2 * sizeof *d->arc + 1));
        memcpy(d->arc, pairs, (size_t)n * 2 * sizeof *d->arc);
        d->n_arcs = n;
    }
    d->n_graphs = 1;
    d->n_edges = last;
    d->node_ptr[1] = d->n_nodes;
    d->edge_ptr[1] = last;
done:
    return status;
}

weft_status_t weft_i_assemble_split(weft_dataset_t *d, const char *name, int32_t variants, uint8_t *part) { return weft_i_data_add_split(d, name, variants, part); }

weft_status_t weft_i_assemble_random_splits(weft_dataset_t *d)
{
    enum { VARIANTS = 10 };
    weft_status_t status = WEFT_OK;
    int32_t *order = NULL;
    uint8_t *part = NULL;
    if (d->n_splits || !d->label) return WEFT_OK;
    WEFT_TRY_ALLOC(order = weft_i_malloc((size_t)d->n_nodes * sizeof *order + 1));
    WEFT_TRY_ALLOC(part = weft_i_calloc((size_t)d->n_nodes * VARIANTS + 1, 1));
    for (int32_t k = 0; k < VARIANTS; k++) {
        weft_i_rng_t rng = {0x73706c6974, (uint64_t)k, 0};
        for (int32_t c = 0; c < d->n_classes; c++) {
            int64_t n = 0;
            for (int64_t i = 0; i < d->n_nodes; i++)
                if (d->label[i] == c) order[n++] = (int32_t)i;
            for (int64_t i = n - 1; i > 0; i--) {
                int64_t j = weft_i_rng_below(&rng, i + 1);
                int32_t keep = order[i];
                order[i] = order[j];
                order[j] = keep;
            }
            for (int64_t i = 0; i < n; i++) part[k * d->n_nodes + order[i]] = i < (3 * n + 4) / 5 ? 1 : i < (4 * n + 4) / 5 ? 2 : 3;
        }
    }
    WEFT_TRY(weft_i_data_add_split(d, "random", VARIANTS, part));
    part = NULL;
done:
    weft_i_free(order);
    weft_i_free(part);
    return status;
}

weft_status_t weft_i_assemble_sparse(weft_dataset_t *d)
{
    weft_status_t status = WEFT_OK;
    int64_t cells = d->x ? d->n_nodes * d->n_features : 0, n = 0, at = 0;
    for (int64_t i = 0; i < cells; i++) n += d->x[i] != 0.0f;
    if (!cells || d->n_features <= 64 || n > cells / 8 || d->x_row) return WEFT_OK;
    WEFT_TRY_ALLOC(d->x_row = weft_i_malloc(((size_t)d->n_nodes + 1) * sizeof *d->x_row));
    WEFT_TRY_ALLOC(d->x_column = weft_i_malloc((size_t)n * sizeof *d->x_column + 1));
    WEFT_TRY_ALLOC(d->x_value = weft_i_malloc((size_t)n * sizeof *d->x_value + 1));
    for (int64_t i = 0; i < d->n_nodes; i++) {
        d->x_row[i] = at;
        for (int64_t j = 0; j < d->n_features; j++) {
            if (d->x[i * d->n_features + j] == 0.0f) continue;
            d->x_column[at] = (int32_t)j;
            d->x_value[at++] = d->x[i * d->n_features + j];
        }
    }
    d->x_row[d->n_nodes] = at;
    weft_i_free(d->x);
    d->x = NULL;
done:
    return status;
}
