/* trees/boost_many.c: trees over many rows at once, without following any of them down.
 *
 * A tree's leaves are numbered from the left, at most 32. Where x > threshold at an inner node, no leaf to the left of it below that node can be the row's: those bits
 * are taken from a mask. What stands lowest in the end is the row's leaf (Lucchese et al. 2015). Nodes are asked in any order and rows side by side, in vectors. */
#include "base/alloc.h"
#include "base/isa.h"
#include "trees/boost.h"

#include <string.h>

enum { ROWS = 64, LEAVES = 32, MOST_FEATURES = 64 };
typedef struct ask { float threshold; int32_t feature; uint32_t keep; } ask_t; /* keep: of the mask where x > threshold */
struct weft_i_boost_plan {
    const weft_i_boost_t *model;
    bool fits;           /* every tree has at most 32 leaves */
    int32_t *first;      /* [n_trees + 1] into ask */
    ask_t *ask;
    float *leaf;         /* [n_trees, 32] */
};

/* Numbers the leaves below a node from *n on and puts its questions; their bits. False: too many. */
static bool lay_out(const weft_i_boost_t *m, int32_t node, ask_t *ask, int32_t *n_asks, float *leaf, int32_t *n_leaves, uint32_t *bits)
{ /* a file may hold anything: no more than 31 questions are put, so that is how deep this goes */
    uint32_t left, right;
    if (m->feature[node] < 0) {
        if (*n_leaves == LEAVES) return false;
        *bits = 1u << *n_leaves;
        leaf[(*n_leaves)++] = m->value[node];
        return true;
    }
    if (*n_asks == LEAVES - 1) return false;
    ask_t *own = &ask[(*n_asks)++];
    if (!lay_out(m, m->left[node], ask, n_asks, leaf, n_leaves, &left) || !lay_out(m, m->left[node] + 1, ask, n_asks, leaf, n_leaves, &right)) return false;
    *own = (ask_t){m->threshold[node], m->feature[node], ~left};
    *bits = left | right;
    return true;
}

weft_i_boost_plan_t *weft_i_boost_plan_new(const weft_i_boost_t *m)
{
    weft_i_boost_plan_t *p = weft_i_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->model = m;
    p->first = weft_i_calloc((size_t)m->n_trees + 1, sizeof *p->first);
    p->ask = weft_i_malloc((size_t)m->n_trees * (LEAVES - 1) * sizeof *p->ask + 1);
    p->leaf = weft_i_calloc((size_t)m->n_trees * LEAVES + 1, sizeof *p->leaf);
    if (!p->first || !p->ask || !p->leaf) {
        weft_i_boost_plan_free(p);
        return NULL;
    }
    p->fits = m->n_features <= MOST_FEATURES;
    for (int32_t t = 0; t < m->n_trees && p->fits; t++) {
        int32_t n_leaves = 0, n_asks = 0;
        uint32_t bits;
        p->fits = lay_out(m, m->first[t], p->ask + p->first[t], &n_asks, p->leaf + (int64_t)t * LEAVES, &n_leaves, &bits);
        p->first[t + 1] = p->first[t] + n_asks;
    }
    return p;
}

void weft_i_boost_plan_free(weft_i_boost_plan_t *p)
{
    if (!p) return;
    weft_i_free(p->first);
    weft_i_free(p->ask);
    weft_i_free(p->leaf);
    weft_i_free(p);
}

/* x [feature, ROWS]. */
WEFT_I_WIDE static void ask_all(int32_t n, const ask_t *restrict ask, const float *restrict x, uint32_t *restrict mask)
{
    for (int32_t r = 0; r < ROWS; r++) mask[r] = ~0u;
    for (int32_t i = 0; i < n; i++) {
        const float *restrict of = x + ask[i].feature * ROWS;
        const float threshold = ask[i].threshold;
        const uint32_t keep = ask[i].keep;
#pragma omp simd
        for (int32_t r = 0; r < ROWS; r++) {
            uint32_t right = of[r] > threshold ? ~0u : 0u;
            mask[r] &= keep | ~right;
        }
    }
}

void weft_i_boost_many(const weft_i_boost_plan_t *p, int32_t n, const float *x, double *y)
{
    const weft_i_boost_t *m = p->model;
    float turned[MOST_FEATURES * ROWS];
    uint32_t mask[ROWS];
    for (int32_t i = 0; i < n && !p->fits; i++) y[i] = weft_i_boost_at(m, x + (int64_t)i * m->n_features);
    memset(turned, 0, (size_t)(p->fits ? m->n_features : 0) * ROWS * sizeof *turned);
    for (int32_t i = 0; i < n && p->fits; i += ROWS) {
        int32_t rows = n - i < ROWS ? n - i : ROWS;
        for (int32_t r = 0; r < rows; r++) {
            y[i + r] = m->base;
            for (int32_t f = 0; f < m->n_features; f++) turned[f * ROWS + r] = x[(int64_t)(i + r) * m->n_features + f];
        }
        for (int32_t t = 0; t < m->n_trees; t++) {
            const float *leaf = p->leaf + (int64_t)t * LEAVES;
            ask_all(p->first[t + 1] - p->first[t], p->ask + p->first[t], turned, mask);
            for (int32_t r = 0; r < rows; r++) y[i + r] += (double)leaf[__builtin_ctz(mask[r])];
        }
    }
}
