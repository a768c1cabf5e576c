/* graph/row_pool.c: see row_pool.h. */
#include "graph/row_pool.h"
#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

void weft_i_row_pool_destroy(weft_i_row_pool_t *p)
{
    weft_i_free(p->graph.offset);
    weft_i_free(p->graph.source);
    weft_i_free(p->graph.edge_id);
    weft_i_free(p->graph.r_offset);
    weft_i_free(p->graph.r_target);
    weft_i_free(p->graph.r_place);
    weft_i_free(p->scratch);
    *p = (weft_i_row_pool_t){0};
}

/* Room for n things of a size in *at, whose content is not kept. */
static bool room(void *at, int64_t *have, int64_t n, size_t size)
{
    void **array = at;
    if (*array && n <= *have) return true;
    weft_i_free(*array);
    int64_t more = n + n / 4 + 16;
    *have = (*array = weft_i_malloc((size_t)more * size)) ? more : 0;
    return *array != NULL;
}

weft_status_t weft_i_row_pool_take(weft_i_row_pool_t *p, const weft_graph_t *g, const int32_t *row, int64_t n)
{
    weft_status_t status = WEFT_OK;
    weft_graph_t *to = &p->graph;
    to->n_src = to->n_dst = to->n_arcs = 0; /* what a failure leaves */
    WEFT_TRY_ALLOC(room(&to->offset, &p->have[0], n + 1, sizeof *to->offset));
    to->offset[0] = 0;
    for (int64_t i = 0; i < n; i++) to->offset[i + 1] = to->offset[i] + weft_graph_in_degree(g->offset, row[i]);
    int64_t arcs = to->offset[n];
    WEFT_TRY_ALLOC(room(&to->source, &p->have[1], arcs, sizeof *to->source));
    WEFT_TRY_ALLOC(room(&to->edge_id, &p->have[2], arcs, sizeof *to->edge_id));
    WEFT_TRY_ALLOC(room(&to->r_offset, &p->have[3], g->n_src + 1, sizeof *to->r_offset));
    WEFT_TRY_ALLOC(room(&to->r_target, &p->have[4], arcs, sizeof *to->r_target));
    WEFT_TRY_ALLOC(room(&to->r_place, &p->have[5], arcs, sizeof *to->r_place));
    WEFT_TRY_ALLOC(room(&p->scratch, &p->have[6], weft_i_graph_reverse_scratch(g->n_src, arcs), sizeof *p->scratch));
#pragma omp parallel for num_threads(arcs > 16384 ? weft_threads() : 1) schedule(static)
    for (int64_t i = 0; i < n; i++) {
        int64_t at = to->offset[i], first = g->offset[row[i]], m = to->offset[i + 1] - at;
        memcpy(to->source + at, g->source + first, (size_t)m * sizeof *to->source);
        for (int64_t k = 0; k < m; k++) to->edge_id[at + k] = (int32_t)(first + k);
    }
    to->n_src = g->n_src;
    to->n_dst = n;
    to->n_arcs = arcs;
    weft_i_graph_reverse(to, p->scratch);
done:
    return status;
}
