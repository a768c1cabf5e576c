/* Rectilinear trees: connected, as short as Steiner trees are, with ways from the driver that spanning trees alone leave too long. */
#include "base/rng.h"
#include "timing/steiner.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST = 400 };
static const double steiner_ratio = 1.5; /* Hwang 1976: a spanning tree is never longer than that many Steiner trees */

/* Way from node 0 to every node; the number of nodes reached. */
static int32_t ways(const weft_i_tree_t *t, double *way)
{
    int32_t queue[2 * MOST], n = 1;
    bool seen[2 * MOST] = {true};
    way[0] = 0.0;
    queue[0] = 0;
    for (int32_t i = 0; i < n; i++)
        for (int32_t e = 0; e < t->n_edges; e++) {
            int32_t u = queue[i], v = t->a[e] == u ? t->b[e] : t->b[e] == u ? t->a[e] : -1;
            if (v < 0 || seen[v]) continue;
            seen[v] = true;
            way[v] = way[u] + fabs(t->x[u] - t->x[v]) + fabs(t->y[u] - t->y[v]);
            queue[n++] = v;
        }
    return n;
}

static double mean(const double *v, int32_t n)
{
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++) sum += v[i] / n;
    return sum;
}

Test(steiner, large_trees_are_short_and_so_are_their_ways)
{
    double shorter = 0.0, longer = 0.0;
    for (uint64_t round = 0; round < 20; round++) {
        weft_i_rng_t rng = {round, 4, 0};
        weft_i_tree_t spanning = {0}, steiner = {0};
        double x[MOST], y[MOST], a[2 * MOST], b[2 * MOST], sum = 0.0;
        int32_t n = 5 + (int32_t)round * 20;
        for (int32_t i = 0; i < n; i++) {
            x[i] = weft_i_rng_uniform(&rng);
            y[i] = weft_i_rng_uniform(&rng);
        }
        cr_assert_eq(weft_i_tree_span(&spanning, n, x, y), WEFT_OK);
        cr_assert_eq(weft_i_tree_steiner(&steiner, n, x, y, 0.15), WEFT_OK);
        cr_assert_eq(steiner.n_edges, steiner.n_nodes - 1);
        cr_assert_eq(ways(&spanning, a), n);
        cr_assert_eq(ways(&steiner, b), steiner.n_nodes);
        for (int32_t e = 0; e < steiner.n_edges; e++) sum += fabs(steiner.x[steiner.a[e]] - steiner.x[steiner.b[e]]) + fabs(steiner.y[steiner.a[e]] - steiner.y[steiner.b[e]]);
        cr_expect_float_eq(sum, steiner.length, 1e-9);
        cr_expect_lt(steiner.length, 1.02 * spanning.length);
        cr_expect_geq(steiner.length * steiner_ratio, spanning.length * (1 - 1e-9));
        if (n >= 45) { /* large enough for ways to differ */
            shorter += mean(b, n);
            longer += mean(a, n);
        }
        weft_i_tree_destroy(&spanning);
        weft_i_tree_destroy(&steiner);
    }
    cr_expect_lt(shorter, 0.75 * longer, "mean way %.3f of the spanning tree's", shorter / longer);
}

Test(steiner, few_pins_have_the_shortest_tree)
{
    static const double x[] = {0, 2, 1, 1}, y[] = {0, 0, 1, -1};
    weft_i_tree_t t = {0};
    cr_assert_eq(weft_i_tree_steiner(&t, 4, x, y, 0.15), WEFT_OK); /* a cross */
    cr_expect_float_eq(t.length, 4.0, 1e-12);
    cr_assert_eq(weft_i_tree_steiner(&t, 3, x, y, 0.15), WEFT_OK);
    cr_expect_float_eq(t.length, 3.0, 1e-12);
    cr_assert_eq(weft_i_tree_steiner(&t, 1, x, y, 0.15), WEFT_OK);
    cr_expect_eq(t.n_edges, 0);
    weft_i_tree_destroy(&t);
}
