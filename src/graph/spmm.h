/* graph/spmm.h: gather and reduce along rows: y[r] = sum over the entries i of row r of message(i). Nothing of size arcs x width is
 * made. Sums run over a row's entries in their order, in chunks of 4096 entries whose sums are added in order; so neither threads nor
 * vector width can be seen in the result (the base path multiplies and adds apart and agrees within rounding). */
#ifndef WEFT_GRAPH_SPMM_H
#define WEFT_GRAPH_SPMM_H
#include "graph/graph.h"

enum { WEFT_I_ROW_CHUNK = 4096 };

typedef struct weft_i_spmm {
    weft_i_rows_t rows;
    const weft_real_t *x;  /* [n_cols, width] of the sources; NULL: the message is e alone */
    const weft_real_t *w;  /* [arcs, heads], or NULL: 1; column f has head f / (width / heads) */
    const weft_real_t *e;  /* [arcs, width] added to x before the weight, or NULL */
    const weft_real_t *row_scale; /* [n_rows]: the sum is multiplied by it, or NULL */
    int64_t width;
    int32_t heads;
    bool relu;             /* of x + e */
    bool add;              /* to y as it stands */
    weft_real_t *y;        /* [n_rows, width] */
} weft_i_spmm_t;
void weft_i_spmm(const weft_i_spmm_t *s);
void weft_i_spmm_ref(const weft_i_spmm_t *s);

/* One head (or none) with w and x at their place: the form that vectorises. Rows begin..end, columns from.. of `count`. */
typedef struct weft_i_gather {
    weft_i_rows_t rows;
    const weft_real_t *x, *w;
    const weft_real_t *row_scale;
    int64_t x_row, y_row, w_row; /* distances between rows */
    int64_t width;
    int64_t ahead;               /* rows are asked for so many entries before they are read, into the second cache: the first has too few misses under way. 0: x fits the caches */
    bool add;
    bool stream;                 /* y is written around the caches */
    weft_real_t *y;
} weft_i_gather_t;
typedef void weft_i_gather_fn(const weft_i_gather_t *g, int64_t begin, int64_t end);
#ifndef WEFT_REAL_DOUBLE
weft_i_gather_fn weft_i_gather_base;
#if defined(__x86_64__)
weft_i_gather_fn weft_i_gather_avx2, weft_i_gather_avx512;
#endif
#endif

/* y[r, f] = the largest (sign 1) or smallest (-1) of x[col, f] (+ e) over row r, arg[r, f] its arc; 0 and -1 for an empty row. */
void weft_i_extreme(const weft_i_rows_t *rows, const weft_real_t *x, const weft_real_t *e, int64_t width, int32_t sign, weft_real_t *y, int32_t *arg);
/* Its way back to x: over the rows of the reverse index, dx[u, f] (+)= sum of dy[v, f] where arg[v, f] is the arc. */
void weft_i_extreme_back(const weft_i_rows_t *reverse, const weft_real_t *dy, const int32_t *arg, int64_t width, weft_real_t *dx, bool add);
/* And to e: de[arc, f] = dy[v, f] where arg[v, f] is the arc, else 0. */
void weft_i_extreme_back_arcs(const weft_i_rows_t *rows, const weft_real_t *dy, const int32_t *arg, int64_t width, weft_real_t *de, bool add);
#endif
