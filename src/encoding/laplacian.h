/* encoding/laplacian.h: Laplacians of connected graphs that are too large for a dense matrix: their elimination, and their smallest eigenvalues. */
#ifndef WEFT_ENCODING_LAPLACIAN_H
#define WEFT_ENCODING_LAPLACIAN_H
#include <stdbool.h>
#include <stdint.h>

/* A connected graph, neighbours of node v at[offset[v]] .. at[offset[v + 1]], both ways, without loops and repeats; borrowed. L = D - A, or where
 * root[n] (d^1/2) is given D^-1/2 (D - A) D^-1/2. */
typedef struct weft_i_laplacian {
    int64_t n;
    const int64_t *offset;
    const int32_t *at;
    const double *root;
} weft_i_laplacian_t;

/* D - A = U^T P U with nodes eliminated by ascending degree; the column of the k-th eliminated is part[offset[k]] .. at nodes at[..], its pivot pivot[k]. The
 * clique that an elimination leaves is added whole while steps last (then the factor is exact: shift-invert without a shift), and beyond as a tree
 * drawn from it of the same mean (Kyng and Sachdeva 2016; Gao, Kyng and Spielman 2023): a factor for preconditioning. */
typedef struct weft_i_elimination {
    int64_t n, *offset, n_parts, part_cap, at_cap;
    int32_t *order, *at;
    double *part, *pivot;
    bool exact;
} weft_i_elimination_t;
/* budget: elementary steps of the exact part. Deterministic. False: out of memory; destroy it in either case. */
bool weft_i_eliminate(weft_i_elimination_t *e, const weft_i_laplacian_t *l, double budget);
void weft_i_elimination_destroy(weft_i_elimination_t *e);
/* x [n, 8] <- solutions of (D - A) x = x, column by column, for columns of sum 0; the constants in them are arbitrary. O(parts). */
enum { WEFT_I_ELIMINATION_COLUMNS = 8 };
void weft_i_elimination_solve(const weft_i_elimination_t *e, double *x);

/* The k <= n smallest eigenvalues, ascending, with unit vectors in the rows of vector [k, n] and residual[k] = |L v - lambda v|. Davidson's method: Rayleigh and Ritz
 * over a space that grows by solutions against the residuals (with an exact elimination a block Lanczos of the inverse), all of it
 * orthogonalised twice; from a fixed start. Residuals at most 1e-5 of the k-th eigenvalue, or (after 100 rounds) what was reached. Same bits for any
 * number of threads. O(n (3 k + 6)) doubles twice. False: out of memory, or OpenBLAS is not installed. */
bool weft_i_laplacian_eigen(const weft_i_laplacian_t *l, int32_t k, double *value, double *vector, double *residual);
#endif
