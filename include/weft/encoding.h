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
 * Exactly, O(arcs within steps hops) per 16 consecutive nodes, which walk together; half as many hops where every arc has its reverse. Unless all blocks are of at
 * most 2,048 nodes, 16 nodes may pass their share of `budget` arcs in all (0: 4e8; to pass one took 20 to 50 ns where reach was beyond caches); the steps behind are
 * estimated from 256 walks of each node's own random stream, which begin spread over where the exact steps lead, and end, where every arc has its reverse, before the
 * exact steps that lead home: O(256 steps) per node, standard error at most 0.031, there of the size of a tenth of that. A note (encoding-estimated) says how many
 * nodes were. 140 bytes per node and thread beside the result. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_rwse(float *out, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, int32_t steps, double budget, weft_diag_t *diag);

typedef enum weft_laplacian { WEFT_LAPLACIAN_PLAIN = 0, WEFT_LAPLACIAN_SYMMETRIC } weft_laplacian_t; /* D - A; I - D^-1/2 A D^-1/2 */
/* vector [n, k], value [n, k] (each node has its block's): the k smallest eigenvalues of the block's Laplacian, the first (0) among them, clamped to
 * >= 0; columns of unit length over the block, the sign such that the entry of largest size (of several the first) is positive. The basis of a repeated
 * eigenvalue is arbitrary: another numbering of the nodes, or a copy of the block of another size class, may have it turned; what reads it should
 * not mind (weft/gps.h draws signs anew and offers encoders that do not see turns). Where a block has fewer than k nodes the rest of value is NaN and of
 * vector 0. The arcs' weights are 1; an arc counts if either direction is there   (Dwivedi and Bresson 2021).
 * Blocks of up to 1,000 nodes densely, O(block^3); larger ones component by component (a component's 0 is an eigenvector by itself) with an elimination of the
 * Laplacian as the inverse, exact while it stays sparse, else drawn, and k at most 126; residuals |L v - lambda v| are then at most 1e-5 of the k-th
 * eigenvalue, or a warning (encoding-residual) tells what was reached. O((arcs log n + n k^2) rounds) time, O(n k) memory. Same bits for any number of
 * threads. Errors: encoding-size (k), encoding-eigen (above 1e-4 |L|, or no OpenBLAS). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_lappe(float *vector, float *value, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, int32_t k, weft_laplacian_t kind, weft_diag_t *diag);

/* out [n, n_times]: sum over eigenvalues l > 1e-8 of the block's D - A of e^(-l time[j]) v(i)^2: what of heat stays, but for the part that is spread
 * evenly   (Rampasek et al. 2022, HKdiagSE, after Sun et al. 2009). Does not depend on the basis. Dense, O(block^3); blocks above 4,000 nodes are refused.
 * Errors: encoding-size, encoding-eigen. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_hkdiag(float *out, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, int32_t n_times, const double *time, weft_diag_t *diag);

/* out [n, 10]: of Q_ij = G_ij - G_jj, G the pseudo-inverse of the block's D - A (Q_ij: the potential at i where a unit charge at j is counted as 0): per node
 * least, largest, mean and deviation of its column, then of its row, then the sums of D^-1 A * Q over its column and its row   (Rampasek et al. 2022,
 * ElstaticSE; their code takes the largest of the column twice, here the second is the row's). Deviations are of a sample (0 for one node). Dense as above. */
enum { WEFT_ELSTATIC_COLUMNS = 10 };
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_elstatic(float *out, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, weft_diag_t *diag);

/* Relative walks (Ma et al. 2023, GRIT, eq. 1): *pairs has an arc u -> v where a walk of less than `steps` steps leads from v to u, and (*value) [arcs, steps]
 * holds (P^t)_vu, t = 0..steps-1. Of each v the `most` (0: 64) sources with the largest sums are kept, v itself always; of equal ones the first. P as for
 * rwse. Owner: the caller, by weft_graph_free and free. O(arcs within steps hops) per 16 nodes, O(reach log reach) per node, O(n most steps) memory. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_rrwp(weft_graph_t **pairs, float **value, const weft_graph_t *graph, int32_t steps, int32_t most, weft_diag_t *diag);

/* level[n]: arcs on the longest path that ends at a node, 0 for a node without arcs into it but loops; -1 on cycles and behind them. O(n + arcs). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding_level(int32_t *level, const weft_graph_t *graph, weft_diag_t *diag);
/* out [n, width], width even: sin(p_i / 10000^(2 j / width)) in column 2 j, cos in 2 j + 1   (Vaswani et al. 2017, sec. 3.5); p a level, say. */
WEFT_API void weft_encoding_sinusoid(float *out, int64_t n, const float *position, int32_t width);

/* ---- one door, with a cache --------------------------------------------------------------------------------------------------------------------- */
typedef enum weft_encoding_kind { WEFT_ENCODING_RWSE = 0, WEFT_ENCODING_LAPPE, WEFT_ENCODING_HKDIAG, WEFT_ENCODING_ELSTATIC, WEFT_ENCODING_LEVEL, WEFT_ENCODING_N } weft_encoding_kind_t;
typedef struct weft_encoding_options {
    weft_encoding_kind_t kind;
    int32_t k;                  /* steps; frequencies; times 1..k; columns of the level's sinusoid */
    weft_laplacian_t laplacian; /* lappe */
    double budget;              /* rwse */
    const char *cache;          /* a folder that exists; NULL: none */
} weft_encoding_options_t;
WEFT_API const char *weft_encoding_name(weft_encoding_kind_t kind);
WEFT_API weft_encoding_kind_t weft_encoding_find(const char *name); /* WEFT_ENCODING_N: unknown */
WEFT_API int64_t weft_encoding_columns(const weft_encoding_options_t *options); /* k; lappe 2 k, vectors then values; elstatic 10 */
/* out [n, columns]. With a cache the result is looked for in FOLDER/KEY.weftenc, KEY a 128-bit hash of graph, blocks and options, and put there: written beside
 * and renamed, with a checksum. A file that is cut, changed or another's is computed anew and written over; a folder that cannot be written is a warning
 * (encoding-cache). *hit (may be NULL) says whether it was there. Errors: those of the kind. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_encoding(float *out, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, const weft_encoding_options_t *options, bool *hit, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
