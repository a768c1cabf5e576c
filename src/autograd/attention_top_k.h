/* autograd/attention_top_k.h: which blocks of keys a block of queries attends to (weft_attention_top_k), for op_attention.c. */
#ifndef WEFT_AUTOGRAD_ATTENTION_TOP_K_H
#define WEFT_AUTOGRAD_ATTENTION_TOP_K_H
#include "autograd/attention_tile.h"
#include "autograd/pick.h"
#include "autograd/tape.h"

/* Keys of a segment lie in chunks: of WEFT_I_KEYS, of twice as many, and so on until at most 2 k chunks are left; a segment of at most k blocks has none. Their means
 * are rows [heads width], level by level. */
typedef struct weft_i_top_k {
    int64_t k, most;       /* most: chunks weighed against each other; 0: no segment is pruned */
    weft_i_buffer_t room;  /* holds the rest */
    int64_t *first;        /* rows of the segments before: [n_segments + 1] */
    weft_real_t *mean;
    weft_i_pick_t *lists;  /* of each thread 2 most picks and `most` numbers */
} weft_i_top_k_t;

/* Bytes of the room; k 0: none. */
size_t weft_i_top_k_size(const weft_i_attention_t *a, int64_t k, int n_threads);
/* False: out of memory, the tape has failed; end is due all the same. */
bool weft_i_top_k_begin(weft_i_top_k_t *p, weft_tape_t *tape, const weft_i_attention_t *a, int64_t k, int n_threads);
void weft_i_top_k_end(weft_i_top_k_t *p, weft_tape_t *tape);
/* Blocks that queries i0.. (nq of them) of segment s, head h, keep, ascending; *kept of them; NULL: all. Good until the thread's next call. */
const int32_t *weft_i_top_k_blocks(const weft_i_top_k_t *p, const weft_i_attention_t *a, weft_i_attention_tile_t *t, int thread, int64_t s, int64_t i0, int64_t nq, int64_t h, int64_t *kept);
#endif
