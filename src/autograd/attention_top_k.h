/* autograd/attention_top_k.h: which blocks of keys a block of queries attends to (weft_attention_top_k), for op_attention.c. */
#ifndef WEFT_AUTOGRAD_ATTENTION_TOP_K_H
#define WEFT_AUTOGRAD_ATTENTION_TOP_K_H
#include "autograd/attention_tile.h"
#include "autograd/pick.h"

/* Keys of a segment lie in chunks: of WEFT_I_KEYS, of twice as many, and so on until at most 2 k chunks are left; a segment of at most k blocks has none. Their means
 * are rows [heads width], level by level. */
typedef struct weft_i_top_k {
    int64_t k;
    int64_t *first;    /* rows of the segments before: [n_segments + 1] */
    weft_real_t *mean;
} weft_i_top_k_t;

/* All rows of means; fills first where it is not NULL. */
int64_t weft_i_top_k_rows(const weft_i_attention_t *a, int64_t k, int64_t *first);
/* Most chunks that are weighed against each other, over all segments. */
int64_t weft_i_top_k_most(const weft_i_attention_t *a, int64_t k);
void weft_i_top_k_means(const weft_i_attention_t *a, const weft_i_top_k_t *p);
/* Blocks that queries i0.. (nq of them) of segment s, head h, keep, ascending, to block, which has room for `most`; pick: for 2 most. How many; 0: the segment is not pruned. */
int64_t weft_i_top_k_blocks(const weft_i_attention_t *a, const weft_i_top_k_t *p, weft_i_attention_tile_t *t, int64_t s, int64_t i0, int64_t nq, int64_t h, weft_i_pick_t *pick, int32_t *block);
#endif
