/* autograd/attention_tile.h: the arithmetic of softmax attention, tile by tile, for op_attention.c. */
#ifndef WEFT_AUTOGRAD_ATTENTION_TILE_H
#define WEFT_AUTOGRAD_ATTENTION_TILE_H
#include "weft/real.h"

#include <stdint.h>

enum { WEFT_I_QUERIES = 32, WEFT_I_KEYS = 64, WEFT_I_MOST_HEAD = 512 }; /* of a tile; columns of a head */
enum { WEFT_I_SIDE = 8 }; /* queries worked on at once */

/* Queries in whole vectors: what lies between nq and this is worked on and never used. */
static inline int64_t weft_i_padded(int64_t nq) { return (nq + WEFT_I_SIDE - 1) / WEFT_I_SIDE * WEFT_I_SIDE; }

/* One tile at work: queries i0.. of a segment against its keys j0.., one head. The queries lie side by side, so that softmax and mask run down the rows of whole
 * vectors; the products are those of tensor/gemm.h, with these second operands in panels. */
typedef struct weft_i_attention_tile {
    weft_real_t p[WEFT_I_KEYS * WEFT_I_QUERIES], d[WEFT_I_KEYS * WEFT_I_QUERIES], mask[WEFT_I_KEYS * WEFT_I_QUERIES]; /* weights; gradients of the scores; what is kept, 0 or 1 / (1 - drop) */
    weft_real_t q_columns[WEFT_I_MOST_HEAD * WEFT_I_QUERIES], dy_columns[WEFT_I_MOST_HEAD * WEFT_I_QUERIES];       /* transposed */
    weft_real_t q[WEFT_I_QUERIES * WEFT_I_MOST_HEAD], dy[WEFT_I_QUERIES * WEFT_I_MOST_HEAD], key[WEFT_I_KEYS * WEFT_I_MOST_HEAD]; /* key: keys or values */
} weft_i_attention_tile_t;

typedef struct weft_i_attention {
    const weft_real_t *q, *k, *v, *sink;
    int64_t heads, width, v_width, out_cols; /* columns of a head; of a result's row */
    const int64_t *q_first, *k_first;
    int64_t n_segments, one[4];
    weft_real_t scale, keep;
    uint64_t seed, stream;
    uint32_t below; /* of 65536: dropped; 0: none */
    int32_t bits;   /* of a random number that decide: 1, 2, 4, 8 or 16, the fewest that hold `below` exactly */
} weft_i_attention_t;

/* A block of queries i0.. (nq of them) of segment s, head h, against all keys of the segment, or (block not NULL) the n_blocks blocks of WEFT_I_KEYS of them that it names, ascending:
 * columns of out, and the logarithms of the sums. */
void weft_i_attend(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const int32_t *block, int64_t n_blocks, weft_real_t *out, weft_real_t *log_sum);
/* What its queries get from all keys; and keys j0.. of the segment (nk of them) from all its queries. own: dO_i O_i per query and head, less the gradient of
 * the log-sum where that is a result. dq of the latter, where it is not NULL: for segments of one tile, whose weights are then made once. Gradients are added to. */
void weft_i_attend_back_queries(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq);
void weft_i_attend_back_keys(const weft_i_attention_t *a, weft_i_attention_tile_t *t, int64_t s, int64_t j0, int64_t nk, int64_t h, const weft_real_t *log_sum, const weft_real_t *own, const weft_real_t *dy, weft_real_t *dq,
                             weft_real_t *dk, weft_real_t *dv);
#endif
