/* Boosted trees: what they can and cannot learn, weights, threads, one row and many. */
#include "base/alloc.h"
#include "base/rng.h"
#include "trees/boost.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4000, F = 3 };
typedef struct world { float x[N * F], y[N], w[N]; } world_t;

/* y = 2 [x0 > 0.3] - [x0 > 0.3 and x1 > 0.6] + noise; x2 says nothing. */
static world_t *world(double noise)
{
    world_t *t = malloc(sizeof *t);
    weft_i_rng_t rng = {6, 1, 0};
    for (int32_t i = 0; i < N; i++) {
        for (int32_t k = 0; k < F; k++) t->x[i * F + k] = (float)weft_i_rng_uniform(&rng);
        bool a = t->x[i * F] > 0.3f, b = t->x[i * F + 1] > 0.6f;
        t->y[i] = (float)(2.0 * a - (a && b) + noise * (weft_i_rng_uniform(&rng) - 0.5));
        t->w[i] = 1.0f;
    }
    return t;
}

static weft_i_boost_t *fit(const world_t *t, const weft_i_boost_options_t *o)
{
    weft_i_boost_t *m = NULL;
    cr_assert_eq(weft_i_boost_fit(&m, N, F, t->x, t->y, t->w, o), WEFT_OK);
    return m;
}

Test(boost, steps_and_their_interaction_are_learned)
{
    world_t *t = world(0.2);
    weft_i_boost_t *m = fit(t, &(weft_i_boost_options_t){.n_trees = 200, .depth = 3});
    cr_expect_float_eq(weft_i_boost_at(m, (float[]){0.1f, 0.9f, 0.5f}), 0.0, 0.05);
    cr_expect_float_eq(weft_i_boost_at(m, (float[]){0.8f, 0.2f, 0.5f}), 2.0, 0.05);
    cr_expect_float_eq(weft_i_boost_at(m, (float[]){0.8f, 0.9f, 0.1f}), 1.0, 0.05);
    weft_i_boost_free(m);
    free(t);
}

Test(boost, many_rows_have_the_bits_of_one)
{
    world_t *t = world(1.0);
    double *y = malloc(N * sizeof *y);
    for (int32_t depth = 1; depth <= 7; depth++) { /* from 6 on there are trees of more than 32 leaves */
        weft_i_boost_t *m = fit(t, &(weft_i_boost_options_t){.n_trees = 40, .depth = depth, .min_weight = 5});
        weft_i_boost_plan_t *p = weft_i_boost_plan_new(m);
        cr_assert_not_null(p);
        static const int32_t count[] = {1, 63, 64, 65, N};
        for (int k = 0; k < 5; k++) {
            y[N - 1] = -1.0;
            weft_i_boost_many(p, count[k], t->x, y);
            for (int32_t i = 0; i < count[k]; i++) cr_assert_eq(y[i], weft_i_boost_at(m, t->x + i * F), "depth %d, row %d of %d", depth, i, count[k]);
        }
        weft_i_boost_plan_free(p);
        weft_i_boost_free(m);
    }
    free(y);
    free(t);
}

Test(boost, rows_without_weight_do_not_count)
{
    world_t *t = world(0.0);
    for (int32_t i = 0; i < N; i++)
        if (t->x[i * F + 2] > 0.5f) { /* lies told by rows of no weight */
            t->w[i] = 0.0f;
            t->y[i] = 100.0f;
        }
    weft_i_boost_t *m = fit(t, &(weft_i_boost_options_t){.n_trees = 200, .depth = 3});
    cr_expect_float_eq(weft_i_boost_at(m, (float[]){0.8f, 0.2f, 0.9f}), 2.0, 0.05);
    weft_i_boost_free(m);
    free(t);
}

Test(boost, a_leaf_holds_the_least_weight_or_nothing_is_split)
{
    world_t *t = world(0.2);
    double mean = 0.0;
    for (int32_t i = 0; i < N; i++) mean += (double)t->y[i] / N;
    weft_i_boost_t *m = fit(t, &(weft_i_boost_options_t){.n_trees = 5, .depth = 3, .min_weight = N}); /* more than half: no split */
    cr_expect_float_eq(weft_i_boost_at(m, t->x), mean, 1e-3);
    weft_i_boost_free(m);
    free(t);
}

Test(boost, threads_change_no_bit)
{
    world_t *t = world(0.2);
    const weft_i_boost_options_t o = {.n_trees = 40, .depth = 4};
    int32_t threads = weft_threads();
    weft_i_boost_t *m[2];
    for (int k = 0; k < 2; k++) {
        weft_threads_set(k ? 3 : 1);
        m[k] = fit(t, &o);
    }
    weft_threads_set(threads);
    cr_assert_eq(m[0]->n_nodes, m[1]->n_nodes);
    cr_expect_eq(memcmp(m[0]->value, m[1]->value, (size_t)m[0]->n_nodes * sizeof *m[0]->value), 0);
    cr_expect_eq(memcmp(m[0]->threshold, m[1]->threshold, (size_t)m[0]->n_nodes * sizeof *m[0]->threshold), 0);
    for (int k = 0; k < 2; k++) weft_i_boost_free(m[k]);
    free(t);
}

Test(boost, out_of_memory)
{
    world_t *t = world(0.2);
    for (int64_t n = 1;; n++) {
        weft_i_boost_t *m = NULL;
        weft_i_alloc_fail(n, false);
        weft_status_t status = weft_i_boost_fit(&m, N, F, t->x, t->y, t->w, &(weft_i_boost_options_t){.n_trees = 2, .depth = 2});
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (status == WEFT_OK) weft_i_boost_free(m);
        else {
            cr_assert_eq(status, WEFT_ENOMEM);
            cr_assert_null(m);
        }
        if (asked < n) break;
    }
    free(t);
}
