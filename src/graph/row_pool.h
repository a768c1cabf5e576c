/* graph/row_pool.h: some rows of a graph as a graph, drawn again and again into the same memory. */
#ifndef WEFT_GRAPH_ROW_POOL_H
#define WEFT_GRAPH_ROW_POOL_H
#include "graph/graph.h"

typedef struct weft_i_row_pool {
    weft_graph_t graph; /* the last that was taken, until the next: row i is row[i] of the whole; edge_id: the arc of the whole */
    int64_t have[7];
    int32_t *scratch;
} weft_i_row_pool_t;

/* row [n] of g, in that order, none need differ; O(n + arcs taken + n_src), on weft_threads(), the same for any number of them. A graph of 0 rows where it fails. */
WEFT_MUST_CHECK weft_status_t weft_i_row_pool_take(weft_i_row_pool_t *pool, const weft_graph_t *g, const int32_t *row, int64_t n);
void weft_i_row_pool_destroy(weft_i_row_pool_t *pool);
#endif
