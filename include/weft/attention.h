/* weft/attention.h: the ops of attention among all nodes of a graph; weft/gps.h makes layers of them.
 *
 * Rows are nodes; the graphs of a batch are segments of consecutive rows, and nothing passes from one to another. No kind pads, none stores
 * rows x rows. Same bits for any number of threads. Rules of ownership and failure: weft/autograd.h. */
#ifndef WEFT_ATTENTION_H
#define WEFT_ATTENTION_H
#include "weft/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Segment s: rows first[s] .. first[s + 1] of the queries, key_first (NULL: first) of the keys. Borrowed until reset. NULL for a
 * weft_segments_t: all rows are one segment. */
typedef struct weft_segments { int64_t n; const int64_t *first, *key_first; } weft_segments_t;

/* ---- ops ---------------------------------------------------------------------------------------------------------------- */
/* Per head (c columns): y_i = sum_j p_ij v_j, p_ij = softmax_j(q_i k_j / sqrt(c)) over the keys of i's segment; with a sink b [1, heads] (or NULL)
 * the softmax has one more key of score b and value 0   (Vaswani et al. 2017, eq. 1). q [n, heads c], k [m, heads c], v [m, heads d].
 * drop: of p, in training, after the softmax, rounded to a 65536th; its mask is a function of the tape's seed and step, never stored. Tiles of 32 x 64:
 * O(n m heads (c + d)) time, O(n heads) memory. */
WEFT_API weft_var_t *weft_attention(weft_var_t *q, weft_var_t *k, weft_var_t *v, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, double drop);

/* The same with, behind the columns of y, per head the logarithm of the sum of exp(q_i k_j / sqrt(c)): [n, heads d + heads]; two parts of one softmax
 * join as (e^L1 y1 + e^L2 y2) / (e^L1 + e^L2). A row without keys has y = 0, L = 0. */
WEFT_API weft_var_t *weft_attention_part(weft_var_t *q, weft_var_t *k, weft_var_t *v, int32_t heads, const weft_segments_t *segments, double drop);

/* weft_attention (drop 0) over the best `top_k` blocks of keys alone, for inference on large graphs: what is kept is exact, what is left out has weight 0. Keys of a segment
 * lie in blocks of 64 by their numbers; a block of 32 queries and each head choose their own, by a search from coarse to fine: chunks C of 64 2^l keys, of which there are at
 * most 2 top_k at first, have the score max_i q_i mean_{j in C} k_j; the top_k best stay (of equal ones the first) and are halved, until they are blocks   (after Lee
 * et al. 2024, HiP, whose chunks are of tokens and have the middle key for their mean). That finds what matters where neighbours by number have similar keys: nodes in an
 * order that means something. A segment of at most 64 top_k keys is attended to in full, with the bits of weft_attention. No gradient: backward fails the tape, as does top_k
 * below 1. O(n heads (c + d) 64 top_k + 2 n heads c top_k log2(m / (64 top_k))) time, O(n heads + m heads c / 32) memory. */
WEFT_API weft_var_t *weft_attention_top_k(weft_var_t *q, weft_var_t *k, weft_var_t *v, weft_var_t *sink, int32_t heads, const weft_segments_t *segments, int32_t top_k);

typedef enum weft_kernel_attention {
    WEFT_KERNEL_SUM = 0, /* y_i = q_i S,  S = sum_j k_j^T v_j over the segment, z = sum_j k_j */
    WEFT_KERNEL_RATIO,   /* y_i = q_i S / (q_i z + eps)   (Katharopoulos et al. 2020, eq. 5) */
    WEFT_KERNEL_SELF     /* y_i = (N v_i + q_i S) / (N + q_i z), N rows in the segment; queries are the keys' rows   (Wu et al. 2023, eq. 3) */
} weft_kernel_attention_t;
/* q [n, heads m], k [n', heads m], v [n', heads c] (c at most 1024). O((n + n') heads m c) time, O(lanes heads m c) memory. */
WEFT_API weft_var_t *weft_kernel_attention(weft_var_t *q, weft_var_t *k, weft_var_t *v, int32_t heads, const weft_segments_t *segments, weft_kernel_attention_t kind, double eps);

/* WEFT_KERNEL_RATIO of features that are made where they are used and never stored: weft_taylor_features of q and k [n, heads w], and Performer's
 * weft_exp_features of (x w^-1/4) omega, omega [w, m] without a gradient. O(n heads m (w + c)) time, memory as for m = w. */
WEFT_API weft_var_t *weft_taylor_attention(weft_var_t *q, weft_var_t *k, weft_var_t *v, int32_t heads, const weft_segments_t *segments, double eps);
WEFT_API weft_var_t *weft_performer_attention(weft_var_t *q, weft_var_t *k, weft_var_t *v, weft_var_t *omega, int32_t heads, const weft_segments_t *segments);

/* x / max(|x|, 1e-12), per row and head. */
WEFT_API weft_var_t *weft_l2_normalize(weft_var_t *x, int32_t heads);
/* [1, x / c^1/4, (x (x) x) / sqrt(2 c)] per head of c columns: f(q) f(k) = 1 + q k / sqrt(c) + (q k)^2 / (2 c)   (Arora et al. 2024). */
WEFT_API weft_var_t *weft_taylor_features(weft_var_t *x, int32_t heads);
/* m^-1/2 (exp(x_ij - s_i - top) + 1e-4), x [rows, m], s [rows, 1]; rows node by node, head by head. top: the row's largest x, or (keys) the
 * largest of the head over the segment; constant in backward   (Choromanski et al. 2021, the positive features). */
WEFT_API weft_var_t *weft_exp_features(weft_var_t *x, weft_var_t *s, int32_t heads, const weft_segments_t *segments, bool keys);
/* exp(min(max(x, -bound), bound)); no gradient outside. */
WEFT_API weft_var_t *weft_exp_clamp(weft_var_t *x, double bound);
/* Rows by content: per head, the rows of each segment s are clustered by the direction of x (k-means from evenly spaced rows, 3 rounds) into clusters
 * cluster[s] .. cluster[s + 1], and each takes the slot[k + 1] - slot[k] rows (the same for all of a segment) that are nearest its centre:
 * row numbers [slot[cluster[n]], heads], without a gradient. x of unit rows [n, heads c]; arrays borrowed until reset. O(n clusters heads c). */
WEFT_API weft_var_t *weft_routes(weft_var_t *x, int32_t heads, const weft_segments_t *segments, const int64_t *cluster, const int64_t *slot);
/* y_rh = x_ih, i = row[r, h]; and back: y_ih = the mean of x_rh over the r with row[r, h] = i, 0 where there is none: [n, cols]. */
WEFT_API weft_var_t *weft_head_gather(weft_var_t *x, weft_var_t *row);
WEFT_API weft_var_t *weft_head_scatter(weft_var_t *x, weft_var_t *row, int64_t n);
/* softmax over the rows of a segment, per column. */
WEFT_API weft_var_t *weft_column_softmax(weft_var_t *x, const weft_segments_t *segments);

#ifdef __cplusplus
}
#endif
#endif
