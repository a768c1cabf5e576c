/* weft/encoding.h: positional and structural encodings of nodes: numbers that say where a node stands in its graph. Constants to a network:
 * computed once, no tape. Graphs of a batch are blocks of consecutive nodes, first[s] .. first[s + 1]; first NULL: one block of all.
 * Same bits for any number of threads. */
#ifndef WEFT_ENCODING_H
#define WEFT_ENCODING_H
#include "weft/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* out [n, steps]: diag(P^t), t = 1..steps, P = D^-1 A of the graph as it is (loops count; a node without arcs has 0)   (Dwivedi et al. 2022, eq. 2).
 * Blocks of up to 2,048 nodes and graphs with few nodes in reach exactly, O(block^2 steps) per node at worst; beyond `budget` elementary
 * steps (0: 2e10) in all, a node's row is estimated from 512 walks of its own random stream (standard error at most 0.022). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_rwse(float *out, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, int32_t steps, double budget, weft_diag_t *diag);

typedef enum weft_laplacian { WEFT_LAPLACIAN_PLAIN = 0, WEFT_LAPLACIAN_SYMMETRIC } weft_laplacian_t; /* D - A; I - D^-1/2 A D^-1/2 */
/* vector [n, k], value [n, k] (each node has its block's): the k smallest eigenvalues of the block's Laplacian, the first (0) among them, clamped to
 * >= 0; columns of unit length over the block, the sign such that the entry of largest size (of several the first) is positive. Where a block has fewer than k
 * nodes the rest of value is NaN and of vector 0. The arcs' weights are 1; an arc counts if either direction is there   (Dwivedi and Bresson 2021).
 * Dense, O(block^3); blocks above 4,000 nodes are refused. Errors: encoding-size, encoding-eigen. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_lappe(float *vector, float *value, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, int32_t k, weft_laplacian_t kind, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
