/* train/features.c: features of nodes as a model wants them. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/train.h"

#include <string.h>

/* Rows of a mapping go when they are copied. */
static void copy_rows(weft_real_t *to, const weft_node_task_t *t)
{
    int64_t f = t->n_features, window = (1 << 20) / (f + 1) + 1, n = (t->n_nodes + window - 1) / window;
#pragma omp parallel for num_threads(weft_i_threads_for(t->n_nodes * f)) schedule(static)
    for (int64_t w = 0; w < n; w++) {
        int64_t first = w * window * f, cells = (w + 1 < n ? (w + 1) * window : t->n_nodes) * f - first;
        memcpy(to + first, t->x + first, (size_t)cells * sizeof *to);
        if (t->x_mapped) weft_i_pages_drop(t->x + first, (size_t)cells * sizeof *to);
    }
}

/* Sparse features stay sparse, unless they are few or fairly full. */
weft_status_t weft_i_features(weft_real_t **x, weft_graph_t **x_rows, weft_batch_t *batch, const weft_node_task_t *t, weft_normalize_t normalize, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = t->n_nodes, f = t->n_features, nnz = t->x ? 0 : t->x_offset[n];
    bool dense = t->x || f <= 64 || nnz > n * f / 8 || normalize == WEFT_NORMALIZE_Z;
    if (t->x && normalize == WEFT_NORMALIZE_NONE) { /* as they are */
        *batch = (weft_batch_t){.x = t->x, .n_nodes = n};
        return WEFT_OK;
    }
    WEFT_TRY_ALLOC(*x = weft_i_aligned((size_t)(dense ? n * f : nnz) * sizeof **x));
    if (t->x) copy_rows(*x, t);
    else if (dense) {
        memset(*x, 0, (size_t)(n * f) * sizeof **x);
        for (int64_t i = 0; i < n; i++)
            for (int64_t e = t->x_offset[i]; e < t->x_offset[i + 1]; e++) (*x)[i * f + t->x_column[e]] = t->x_value ? t->x_value[e] : 1;
    } else {
        WEFT_TRY(weft_graph_from_rows(x_rows, f, n, t->x_offset, t->x_column, diag));
        const int32_t *id = weft_graph_edge_ids(*x_rows);
        for (int64_t e = 0; e < nnz; e++) (*x)[e] = t->x_value ? t->x_value[id[e]] : 1;
    }
    if (!dense && normalize == WEFT_NORMALIZE_AUTO) normalize = weft_i_normalize_auto(*x, nnz, n * f) == WEFT_NORMALIZE_ROW ? WEFT_NORMALIZE_ROW : WEFT_NORMALIZE_NONE;
    for (int64_t i = 0; !dense && i < n; i++)
        WEFT_TRY(weft_i_normalize(*x + t->x_offset[i], 1, t->x_offset[i + 1] - t->x_offset[i], normalize));
    if (dense) WEFT_TRY(weft_i_normalize(*x, n, f, normalize));
    *batch = (weft_batch_t){.x = dense ? *x : NULL, .x_rows = *x_rows, .x_value = *x, .n_nodes = n};
done:
    return status;
}

/* Columns that are fairly full, or signed, are brought to one scale. Counts of words are not: there rows are. Where few nodes have labels a sum of 1 keeps
 * what they add up to small, which is worth more than speed; else a length of 1, which does not shrink with the number of words. Chosen on validation
 * parts of the sets that docs/TRAINING.md names. */
weft_normalize_t weft_i_normalize_choice(const weft_node_task_t *t, int32_t index)
{
    enum { PIECE = 1 << 20 };
    int64_t n = t->n_nodes, nnz = t->x ? n * t->n_features : t->x_offset[n], cells = n * t->n_features, full = 0, negative = 0, train = 0;
    const weft_real_t *x = t->x ? t->x : t->x_value;
    if (!t->split) return WEFT_NORMALIZE_AUTO;
    for (int64_t i = 0; i < nnz && x; i++) {
        full += x[i] != 0;
        negative += x[i] < 0;
        if (t->x_mapped && (i + 1) % PIECE == 0) weft_i_pages_drop(x + (i + 1 - PIECE), PIECE * sizeof *x);
    }
    if (!x) full = nnz;
    const uint8_t *part = t->split + (int64_t)(index % t->n_splits) * n;
    for (int64_t i = 0; i < n; i++) train += part[i] == 1;
    if (negative || full > cells / 8) return WEFT_NORMALIZE_Z;
    return train < n / 10 ? WEFT_NORMALIZE_ROW : WEFT_NORMALIZE_UNIT;
}
