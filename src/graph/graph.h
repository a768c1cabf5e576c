/* graph/graph.h: the inside of a graph, for kernels. */
#ifndef WEFT_GRAPH_GRAPH_H
#define WEFT_GRAPH_GRAPH_H
#include "weft/graph.h"

/* Compressed rows as a kernel sees them: row r has the entries begin offset[r] .. offset[r + 1], each with a column and, where `place`
 * is given, the number under which its arc's values stand (NULL: the entry's own number). */
typedef struct weft_i_rows {
    int64_t n_rows, n_cols;
    const int64_t *offset;
    const int32_t *col, *place;
} weft_i_rows_t;

struct weft_graph {
    int64_t n_src, n_dst, n_arcs;
    int64_t *offset;  /* [n_dst + 1] */
    int32_t *source;  /* [n_arcs] */
    int32_t *edge_id; /* [n_arcs] */
    /* The reverse index: for each source its arcs by ascending destination. Made with the graph, so that a const graph is shared. */
    int64_t *r_offset; /* [n_src + 1] */
    int32_t *r_target; /* [n_arcs] */
    int32_t *r_place;  /* [n_arcs]: number of the arc */
    bool mirrored;     /* the reverse index has the same offsets and ends: a symmetric graph */
};

/* Fills r_offset, r_target, r_place, which have room, and mirrored. scratch: as many numbers as the second says. On weft_threads(), the same for any number of them. */
void weft_i_graph_reverse(weft_graph_t *graph, int32_t *scratch);
int64_t weft_i_graph_reverse_scratch(int64_t n_src, int64_t n_arcs);

/* A graph from rows that are known to be good, sources ascending; takes both arrays (also where it fails). Without `back` it has no reverse index and serves forward
 * passes alone; nor has it numbers of edges. */
WEFT_MUST_CHECK weft_status_t weft_i_graph_of_rows(weft_graph_t **graph, int64_t n_src, int64_t n_dst, int64_t *offset, int32_t *source, bool back);

/* What weft_graph_new makes of n nodes and undirected pairs [n_pairs][2] with BOTH_WAYS and MERGE, without numbers of edges and without a reverse index: for forward passes alone. Beside the
 * graph, 4 bytes a node while it is made. Errors: graph-size, graph-range. */
WEFT_MUST_CHECK weft_status_t weft_i_graph_of_pairs(weft_graph_t **graph, int64_t n, int64_t n_pairs, const int32_t *pair, weft_diag_t *diag);

static inline weft_i_rows_t weft_i_graph_in(const weft_graph_t *g) { return (weft_i_rows_t){g->n_dst, g->n_src, g->offset, g->source, NULL}; }
static inline weft_i_rows_t weft_i_graph_out(const weft_graph_t *g) { return (weft_i_rows_t){g->n_src, g->n_dst, g->r_offset, g->r_target, g->r_place}; }
#endif
