/* autograd/kernel_features.h: the features of queries and keys, f(x) of [n, m], whose products are the weights of linear attention. A block of rows at a
 * time, by the tiles of dense products: there may be many more features than columns, so they are made where they are used and never stored.
 *
 * plain:  f(x) = x, m = w
 * taylor: (1, x / w^1/4, x_i x_j / sqrt(2 w)), m = 1 + w + w^2 (Arora et al. 2024)
 * exp:    (exp(o_j . x / w^1/4 - |x|^2 / (2 sqrt w) - top) + 1e-4) / sqrt m (Choromanski et al. 2021), omega [w, m]; top: the largest projection, of all keys or of the query itself */
#ifndef WEFT_AUTOGRAD_KERNEL_FEATURES_H
#define WEFT_AUTOGRAD_KERNEL_FEATURES_H
#include "weft/real.h"

#include <stdint.h>

enum { WEFT_I_FEATURE_ROWS = 64 }; /* of a block, at most */
typedef enum weft_i_feature_kind { WEFT_I_PLAIN = 0, WEFT_I_TAYLOR, WEFT_I_EXP } weft_i_feature_kind_t;
typedef struct weft_i_features {
    weft_i_feature_kind_t kind;
    int64_t w, m;             /* columns, features of a head */
    const weft_real_t *omega; /* exp */
    const weft_real_t *forth, *back; /* exp: omega / w^1/4 and its transpose, in panels */
} weft_i_features_t;

/* Reals that the panels take; packs them into room. */
int64_t weft_i_features_room(const weft_i_features_t *f);
void weft_i_features_pack(weft_i_features_t *f, weft_real_t *room);
/* The features of n rows of x, `stride` apart: in room [n, m], or x itself where they are plain; *step: what their rows are apart. top: of keys (exp), else NULL. */
const weft_real_t *weft_i_features_of(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, const weft_real_t *top, weft_real_t *room, int64_t *step);
/* exp: the largest projection of n rows. */
weft_real_t weft_i_features_top(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, weft_real_t *room);
/* dx (rows `stride` apart) += what the gradient d [n, m] of the features gives; of: as weft_i_features_of returned; d is overwritten. */
void weft_i_features_back(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, const weft_real_t *of, weft_real_t *d, weft_real_t *dx);
#endif
