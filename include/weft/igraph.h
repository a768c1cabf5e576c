/* weft/igraph.h: the bridge to igraph (0.10): graphs both ways, and what igraph has and weft has not: random graphs, components, a layout.
 *
 * igraph keeps global state and is not thread-safe as Debian builds it. Every call here holds one mutex, puts igraph's ignoring handlers of errors and warnings and a
 * random generator of its own in place, and puts back what was there: a program that uses igraph too keeps its handlers and its stream of random numbers, but must not call
 * igraph in another thread meanwhile. Results are functions of arguments and seed for one version of igraph.
 * igraph and the libraries it needs are loaded at the first call that needs them. Where they cannot be, and in a build --without-igraph, the calls fail with WEFT_EUSAGE and igraph-absent. igraph's own failures: igraph-failed, or WEFT_ENOMEM. */
#ifndef WEFT_IGRAPH_H
#define WEFT_IGRAPH_H
#include "weft/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct igraph_s; /* igraph_t, so that this header needs none of igraph's */

/* Whether igraph can be called here; loads it. */
WEFT_API bool weft_igraph_linked(void);

/* A directed igraph of the same nodes; its edge i is arc i, so that values on arcs go over as they stand. *to is uninitialised before; the caller destroys it by igraph_destroy.
 * Errors: graph-shape (n_src != n_dst). O(nodes + arcs). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_to_igraph(struct igraph_s *to, const weft_graph_t *graph, weft_diag_t *diag);
/* Edge ids are igraph's. An undirected igraph gives arcs both ways (a loop then stands twice; WEFT_GRAPH_MERGE keeps one). flags: of weft_graph_new. Errors: those of it. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_from_igraph(weft_graph_t **graph, const struct igraph_s *from, unsigned flags, weft_diag_t *diag);

typedef enum weft_random_form { WEFT_ERDOS_RENYI = 0, WEFT_BARABASI, WEFT_WATTS_STROGATZ, WEFT_BLOCKS } weft_random_form_t;
typedef struct weft_random_options {
    weft_random_form_t form;
    int64_t n_nodes;
    double degree;  /* mean number of neighbours. WEFT_BARABASI: each node comes with degree / 2 edges (Barabasi and Albert 1999, linear preference); WEFT_WATTS_STROGATZ: a ring
                       with degree / 2 neighbours to each side (both rounded to whole edges, at least one) */
    double rewire;  /* WEFT_WATTS_STROGATZ: probability that an edge is (Watts and Strogatz 1998) */
    int32_t blocks; /* WEFT_BLOCKS, the stochastic block model: of equal sizes, nodes of one beside each other */
    double inside;  /* .. and the part of a node's expected edges that stays in its block */
    uint64_t seed;
} weft_random_options_t;
/* 1000 nodes of degree 4, rewire 0.1, 4 blocks with 0.8 inside, seed 1. */
WEFT_API weft_random_options_t weft_random_defaults(weft_random_form_t form);
/* "er" "ba" "ws" "sbm"; false: none of them. */
WEFT_API bool weft_random_by_name(weft_random_form_t *form, const char *name);
/* Arcs both ways, without loops, none twice. Errors: random-option (which). O(nodes + arcs). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_random(weft_graph_t **graph, const weft_random_options_t *options, weft_diag_t *diag);
/* The block of a node, as weft_graph_random has them. */
WEFT_API int32_t weft_random_block(const weft_random_options_t *options, int64_t node);

/* component[n] in 0..*n_components-1: nodes joined by arcs of either direction. Errors: graph-shape. O(nodes + arcs). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_components(int32_t *component, int32_t *n_components, const weft_graph_t *graph, weft_diag_t *diag);
/* xy[n][2], a drawing: nodes repel, arcs attract (Fruchterman and Reingold 1991, `rounds` of them, 0: 500; on a grid from 1000 nodes on). Errors: graph-shape.
 * O(rounds (nodes^2 + arcs)) below 1000 nodes. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graph_layout(float *xy, const weft_graph_t *graph, int32_t rounds, uint64_t seed, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
