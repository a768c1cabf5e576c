/* The trees of all nets, built once, are those that are built one by one. */
#include "base/alloc.h"
#include "base/rng.h"
#include "timing/net_trees.h"
#include "weft/base.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Nets of 0 to 40 pins, most of two and three; one pin in fifty has no place, and no pin of one net in a hundred. */
static void random_nets(weft_design_t *d, int32_t n_nets, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 1, 0};
    *d = (weft_design_t){.n_nets = n_nets};
    d->net_first = weft_i_calloc((size_t)n_nets + 1, sizeof *d->net_first);
    for (int32_t i = 0; i < n_nets; i++) {
        double u = weft_i_rng_uniform(&rng);
        d->net_first[i + 1] = d->net_first[i] + (u < 0.7 ? 2 + (int32_t)(3.0 * u) : (int32_t)(41.0 * weft_i_rng_uniform(&rng)));
    }
    d->n_pins = d->net_first[n_nets];
    size_t n = (size_t)d->n_pins + 1;
    d->net_pin = weft_i_malloc(n * sizeof *d->net_pin);
    d->pin_x = weft_i_malloc(n * sizeof *d->pin_x);
    d->pin_y = weft_i_malloc(n * sizeof *d->pin_y);
    for (int32_t i = 0; i < n_nets; i++) {
        bool lost = weft_i_rng_uniform(&rng) < 0.01;
        for (int32_t k = d->net_first[i]; k < d->net_first[i + 1]; k++) {
            bool known = !lost && weft_i_rng_uniform(&rng) < 0.98;
            d->net_pin[k] = d->n_pins - 1 - k;
            d->pin_x[d->net_pin[k]] = known ? 1e-4 * weft_i_rng_uniform(&rng) : NAN;
            d->pin_y[d->net_pin[k]] = known ? 1e-4 * weft_i_rng_uniform(&rng) : NAN;
        }
    }
}

static void free_nets(weft_design_t *d)
{
    weft_i_free(d->net_first);
    weft_i_free(d->net_pin);
    weft_i_free(d->pin_x);
    weft_i_free(d->pin_y);
}

static bool same(const weft_i_tree_t *a, const weft_i_tree_t *b)
{
    size_t n = (size_t)a->n_nodes, m = (size_t)a->n_edges;
    return a->n_nodes == b->n_nodes && a->n_edges == b->n_edges && !memcmp(&a->length, &b->length, sizeof a->length) && !memcmp(a->x, b->x, n * sizeof *a->x)
        && !memcmp(a->y, b->y, n * sizeof *a->y) && !memcmp(a->a, b->a, m * sizeof *a->a) && !memcmp(a->b, b->b, m * sizeof *a->b);
}

Test(net_trees, are_those_of_single_nets)
{
    weft_design_t d;
    random_nets(&d, 2500, 3); /* three blocks, the last not full */
    for (int32_t threads = 1; threads <= 2; threads++) {
        weft_i_net_trees_t *trees = NULL;
        weft_i_wire_scratch_t one = {0}, kept = {0};
        int32_t n_placed = 0;
        weft_threads_set(threads);
        cr_assert_eq(weft_i_net_trees_new(&trees, &d), WEFT_OK);
        for (int32_t i = 0; i < d.n_nets; i++) {
            bool placed[2];
            cr_assert_eq(weft_i_net_tree(&d, WEFT_I_SHORT_WAYS, i, &one, &placed[0]), WEFT_OK);
            cr_assert_eq(weft_i_net_trees_at(trees, i, &kept, &placed[1]), WEFT_OK);
            cr_assert_eq(placed[0], placed[1]);
            n_placed += placed[0];
            if (placed[0]) cr_assert(same(&one.tree, &kept.tree), "net %d of %d pins", i, d.net_first[i + 1] - d.net_first[i]);
        }
        cr_expect(n_placed > 2200 && n_placed < 2500, "%d", n_placed);
        weft_i_wire_scratch_destroy(&one);
        weft_i_wire_scratch_destroy(&kept);
        weft_i_net_trees_free(trees);
    }
    weft_threads_set(0);
    free_nets(&d);
}

Test(net_trees, out_of_memory)
{
    weft_design_t d;
    random_nets(&d, 1100, 4);
    weft_threads_set(1);
    for (int64_t n = 1;; n++) {
        weft_i_net_trees_t *trees = NULL;
        weft_i_alloc_fail(n, false);
        weft_status_t status = weft_i_net_trees_new(&trees, &d);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        cr_assert(status == WEFT_OK ? trees != NULL : status == WEFT_ENOMEM && !trees);
        weft_i_net_trees_free(trees);
        if (asked < n) break;
        if (n > 60) n += 40; /* the bends of every net ask, too */
    }
    weft_threads_set(0);
    free_nets(&d);
}
