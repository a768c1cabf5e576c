/* trees/boost.h: gradient-boosted regression trees for tabular corrections: squared loss, histogram splits, level-wise growth.
 *
 *   f(x) = base + sum_t tree_t(x);  each tree fits the residuals; a leaf holds rate * sum(w r) / (sum(w) + lambda)
 *   (Friedman 2001; histogram splits as in Ke et al. 2017). Deterministic for any number of threads: a feature's sums are
 *   made by one thread in row order. */
#ifndef WEFT_TREES_BOOST_H
#define WEFT_TREES_BOOST_H
#include "weft/base.h"

typedef struct weft_i_boost {
    int32_t n_features, n_trees, n_nodes;
    double base;
    int32_t *first;     /* [n_trees + 1] into the nodes; a tree's root is its first node */
    int32_t *feature;   /* [n_nodes] -1: a leaf */
    float *threshold;   /* x <= threshold goes left */
    int32_t *left;      /* the right child is left + 1 */
    float *value;       /* of leaves */
} weft_i_boost_t;

typedef struct weft_i_boost_options {
    int32_t n_trees, depth, n_bins; /* 0: 120, 5, 64 */
    double rate, lambda, min_weight; /* 0: 0.1, 1, 20 (in units of the mean row weight) */
} weft_i_boost_options_t;

/* x [n, n_features] row-major, no NaN; weight may be NULL. O(n_trees * depth * n * n_features). WEFT_ENOMEM only. */
WEFT_MUST_CHECK weft_status_t weft_i_boost_fit(weft_i_boost_t **model, int32_t n, int32_t n_features, const float *x, const float *y,
                                               const float *weight, const weft_i_boost_options_t *options);
double weft_i_boost_at(const weft_i_boost_t *model, const float *x);

/* A model laid out for many rows at once; it must outlive the plan. Owner: the caller. NULL stands for memory. */
typedef struct weft_i_boost_plan weft_i_boost_plan_t;
weft_i_boost_plan_t *weft_i_boost_plan_new(const weft_i_boost_t *model);
void weft_i_boost_plan_free(weft_i_boost_plan_t *plan);
/* y [n]: for every row the bits of weft_i_boost_at. */
void weft_i_boost_many(const weft_i_boost_plan_t *plan, int32_t n, const float *x, double *y);
void weft_i_boost_free(weft_i_boost_t *model);
#endif
