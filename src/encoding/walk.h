/* encoding/walk.h: random walks, exactly: the rows of P^t, P = D^-1 A, of several nodes at once, so that one pass over an arc serves all of them. */
#ifndef WEFT_ENCODING_WALK_H
#define WEFT_ENCODING_WALK_H
#include "graph/graph.h"

enum { WEFT_I_WALKERS = 16 };

/* Walker j stands in column j. What a walker does depends on no other: rows are passed in ascending order, and where it is not, 0 is added. */
typedef struct weft_i_walk {
    const weft_graph_t *graph;
    float *p, *next;       /* [nodes, WALKERS]: probabilities now and a step on; 0 but in the rows `at` and `to` */
    int32_t *at, *to;      /* rows that a walker may stand in, ascending */
    int64_t n_at, n_to;
    uint64_t *bit, *group; /* a bit per row of `next`; a bit per 64 of them: what is not 0 */
} weft_i_walk_t;

/* 140 bytes per node. False: out of memory (destroy then, too). */
bool weft_i_walk_init(weft_i_walk_t *walk, const weft_graph_t *graph);
void weft_i_walk_destroy(weft_i_walk_t *walk);
/* Walkers 0 .. n - 1 stand at the nodes from .. from + n - 1. */
void weft_i_walk_begin(weft_i_walk_t *walk, int64_t from, int64_t n);
/* Fills `next`: each goes to one of the d ends of arcs out of its node with probability 1 / d each, and from a node without arcs nowhere. The arcs passed are
 * taken from *budget; false, and nothing is done, where it does not suffice. */
bool weft_i_walk_step(weft_i_walk_t *walk, int64_t *budget);
void weft_i_walk_on(weft_i_walk_t *walk);  /* `next` becomes `p` */
void weft_i_walk_end(weft_i_walk_t *walk); /* before another begins */
#endif
