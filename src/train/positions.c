/* train/positions.c: what gps asks of a graph beside its topology: positional encodings, kept in the folder that WEFT_CACHE names. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"
#include "weft/encoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool weft_i_is_gps(const weft_model_options_t *o) { return !strcmp(o->model, "gps"); }

static const weft_encoding_kind_t kinds[] = {[WEFT_POSITION_RWSE] = WEFT_ENCODING_RWSE, [WEFT_POSITION_LAPPE] = WEFT_ENCODING_LAPPE, [WEFT_POSITION_SIGNNET] = WEFT_ENCODING_LAPPE,
                                             [WEFT_POSITION_HKDIAG] = WEFT_ENCODING_HKDIAG, [WEFT_POSITION_ELSTATIC] = WEFT_ENCODING_ELSTATIC, [WEFT_POSITION_STABLE] = WEFT_ENCODING_LAPPE};

/* Columns as the model reads them: those of the encoding, and behind lappe's 1 where the block has that frequency, else 0 (and its value 0). */
static void spread(weft_real_t *to, const float *from, int64_t n, weft_position_kind_t kind, int32_t k, int64_t cols)
{
    if (kinds[kind] != WEFT_ENCODING_LAPPE)
        for (int64_t i = 0; i < n * cols; i++) to[i] = (weft_real_t)from[i];
    else
        for (int64_t i = 0; i < n; i++)
            for (int32_t j = 0; j < k; j++) {
                bool there = !isnan(from[i * 2 * k + k + j]);
                to[i * 3 * k + j] = (weft_real_t)from[i * 2 * k + j];
                to[i * 3 * k + k + j] = there ? (weft_real_t)from[i * 2 * k + k + j] : 0;
                to[i * 3 * k + 2 * k + j] = there;
            }
}

weft_status_t weft_i_positions(weft_real_t **raw, const weft_model_options_t *o, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = weft_graph_n_dst(g), cols = weft_i_is_gps(o) ? weft_position_columns(o->position, o->position_k) : 0;
    const weft_encoding_options_t e = {.kind = kinds[o->position], .k = o->position_k, .cache = getenv("WEFT_CACHE")};
    float *encoded = NULL;
    *raw = NULL;
    if (!cols) return WEFT_OK;
    WEFT_TRY_ALLOC(*raw = weft_i_aligned((size_t)(n * cols) * sizeof **raw + 64));
    WEFT_TRY_ALLOC(encoded = weft_i_malloc((size_t)(n * weft_encoding_columns(&e)) * sizeof *encoded + 1));
    WEFT_TRY(weft_encoding(encoded, g, n_blocks, first, &e, NULL, diag));
    spread(*raw, encoded, n, o->position, o->position_k, cols);
done:
    weft_i_free(encoded);
    if (status != WEFT_OK) {
        weft_i_free(*raw);
        *raw = NULL;
    }
    return status;
}

weft_status_t weft_i_task_positions(weft_real_t **raw, const weft_model_options_t *o, const weft_graph_task_t *t, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = t->node_ptr[t->n_graphs], edges = t->edge_ptr[t->n_graphs];
    int32_t *source = NULL, *target = NULL;
    weft_graph_t *g = NULL;
    *raw = NULL;
    if (!weft_i_is_gps(o) || o->position == WEFT_POSITION_NONE) return WEFT_OK;
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)edges * sizeof *source + 1));
    WEFT_TRY_ALLOC(target = weft_i_malloc((size_t)edges * sizeof *target + 1));
    for (int64_t k = 0; k < t->n_graphs; k++)
        for (int64_t e = t->edge_ptr[k]; e < t->edge_ptr[k + 1]; e++) {
            source[e] = (int32_t)t->node_ptr[k] + t->edge[2 * e];
            target[e] = (int32_t)t->node_ptr[k] + t->edge[2 * e + 1];
        }
    WEFT_TRY(weft_graph_new(&g, n, n, edges, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_i_positions(raw, o, g, t->n_graphs, t->node_ptr, diag));
done:
    weft_graph_free(g);
    weft_i_free(source);
    weft_i_free(target);
    return status;
}
