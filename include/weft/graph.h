/* weft/graph.h: directed graphs, destination-major. An arc u -> v carries a message from source u to destination v; the arcs of one
 * destination stand together, sources ascending. n_src != n_dst is allowed (bipartite blocks, memberships, look-ups).
 * A weft_graph_t is immutable, so that one may serve many threads. Arcs are numbered by their place in this order; `edge id` is the
 * place in the list that the builder was given. */
#ifndef WEFT_GRAPH_H
#define WEFT_GRAPH_H
#include "weft/base.h"
#include "weft/real.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_graph weft_graph_t;

enum {
    WEFT_GRAPH_BOTH_WAYS = 1,  /* each pair also reversed (needs n_src == n_dst) */
    WEFT_GRAPH_MERGE = 2,      /* of equal arcs the first is kept */
    WEFT_GRAPH_DROP_LOOPS = 4, /* arcs u -> u are left out */
    WEFT_GRAPH_ADD_LOOPS = 8   /* u -> u is added for every u that has none; its edge id is -1 */
};

/* From n_arcs pairs (source[i], target[i]). The lists are borrowed for the call. A reversed pair keeps the edge id of its pair.
 * Errors: graph-range (an end out of range: which pair), graph-shape (flags that need n_src == n_dst), graph-size (2^31 arcs or more).
 * O(n_src + n_dst + arcs log(largest degree)). Owner: the caller, by weft_graph_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_new(weft_graph_t **graph, int64_t n_src, int64_t n_dst, int64_t n_arcs, const int32_t *source,
                                                      const int32_t *target, unsigned flags, weft_diag_t *diag);
/* Takes no lists but compressed rows: the sources of destination v are source[offset[v] .. offset[v + 1]); copied, checked. Edge
 * ids are the places. This is also how a sparse matrix [n_dst, n_src] enters. Errors: graph-offsets, graph-range, graph-size. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_from_rows(weft_graph_t **graph, int64_t n_src, int64_t n_dst, const int64_t *offset,
                                                            const int32_t *source, weft_diag_t *diag);
/* Destination i hears of row[i] alone: a look-up of rows. With `transpose`, destination row[i] hears of i: a sum by group. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_from_lookup(weft_graph_t **graph, int64_t n_rows, int64_t n, const int32_t *row, bool transpose, weft_diag_t *diag);
/* The same arcs with flags applied; edge ids go on. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_with(weft_graph_t **graph, const weft_graph_t *from, unsigned flags, weft_diag_t *diag);
WEFT_API void weft_graph_free(weft_graph_t *graph);

WEFT_API int64_t weft_graph_n_src(const weft_graph_t *graph);
WEFT_API int64_t weft_graph_n_dst(const weft_graph_t *graph);
WEFT_API int64_t weft_graph_n_arcs(const weft_graph_t *graph);
WEFT_API const int64_t *weft_graph_offsets(const weft_graph_t *graph); /* [n_dst + 1] */
WEFT_API const int32_t *weft_graph_sources(const weft_graph_t *graph); /* [n_arcs] */
WEFT_API const int32_t *weft_graph_edge_ids(const weft_graph_t *graph); /* [n_arcs] */
static inline int64_t weft_graph_in_degree(const int64_t *offsets, int64_t v) { return offsets[v + 1] - offsets[v]; }

/* The weights of graph convolution, one per arc: w(u -> v) = d_u^-1/2 d_v^-1/2, d_v the number of arcs into v (0 -> weight 0); for
 * n_src != n_dst d_u is the number of arcs out of u.   (Kipf and Welling 2017, eq. 2; call it on a graph with loops.) */
WEFT_API void weft_graph_gcn_weights(const weft_graph_t *graph, weft_real_t *weight);
/* w(u -> v) = 1 / d_v. */
WEFT_API void weft_graph_mean_weights(const weft_graph_t *graph, weft_real_t *weight);

#ifdef __cplusplus
}
#endif
#endif
