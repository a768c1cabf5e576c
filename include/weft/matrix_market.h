/* weft/matrix_market.h: MatrixMarket, sparse matrices as text (Boisvert, Pozo and Remington 1996): coordinate form of patterns, reals and integers, general, symmetric and
 * skew-symmetric; and matrices as graphs. */
#ifndef WEFT_MATRIX_MARKET_H
#define WEFT_MATRIX_MARKET_H
#include "weft/base.h"
#include "weft/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_matrix_form { WEFT_MATRIX_GENERAL = 0, WEFT_MATRIX_SYMMETRIC, WEFT_MATRIX_SKEW } weft_matrix_form_t;
typedef struct weft_matrix {
    weft_matrix_form_t form;
    int64_t n_rows, n_cols, n_entries;
    int32_t *row, *col; /* [n_entries] from 0, as the file has them: of a symmetric matrix the lower triangle */
    double *value;      /* [n_entries]; NULL: a pattern */
} weft_matrix_t;

/* Plain or packed. Nothing is allocated by what the file claims alone. Errors, each with its line: mtx-header (no such banner), mtx-kind (dense, complex or hermitian: not read), mtx-size
 * (the line of sizes), mtx-entry (no place in the matrix, or above the diagonal of a symmetric one), mtx-value (no finite number), mtx-count (other than the sizes say).
 * O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_matrix_read(weft_matrix_t **matrix, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_matrix_parse(weft_matrix_t **matrix, const char *data, size_t size, const char *file, weft_diag_t *diag);
/* Written beside and renamed; read again it is the same bits. Errors: file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_matrix_write(const weft_matrix_t *matrix, const char *path, weft_diag_t *diag);
WEFT_API void weft_matrix_free(weft_matrix_t *matrix);

/* Entry (i, j) as the arc j -> i, so that the graph's sums are the matrix times a vector; what symmetry implies is there too. *weight [n_arcs] (asked for by not NULL; the caller's, by
 * free), 1 for patterns; a skew matrix has -value on the arcs it implies. Edge ids are places in the list of entries. Errors: mtx-size (so many more nodes than entries that they are hardly
 * meant), those of weft_graph_new. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_matrix_to_graph(weft_graph_t **graph, weft_real_t **weight, const weft_matrix_t *matrix, weft_diag_t *diag);
/* weight NULL: a pattern. A graph that is its own mirror, weights too, becomes a symmetric matrix. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_matrix_from_graph(weft_matrix_t **matrix, const weft_graph_t *graph, const weft_real_t *weight);

#ifdef __cplusplus
}
#endif
#endif
