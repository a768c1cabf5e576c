/* A lean graph from pairs is the one that weft_graph_new makes, whatever the pairs and the threads. */
#include "base/alloc.h"
#include "base/rng.h"
#include "graph/graph.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* `hub`: every second pair has an end at node 0, so that one row is long; loops and repeated pairs come about. */
static void compare(int32_t n, int32_t pairs, bool hub, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 0, 0};
    int32_t *pair = malloc(((size_t)pairs * 2 + 1) * sizeof *pair), *source = malloc((size_t)pairs * sizeof *source + 1), *target = malloc((size_t)pairs * sizeof *target + 1);
    for (int32_t e = 0; e < pairs; e++) {
        source[e] = pair[2 * e] = hub && e % 2 ? 0 : (int32_t)weft_i_rng_below(&rng, (uint32_t)n);
        target[e] = pair[2 * e + 1] = (int32_t)weft_i_rng_below(&rng, (uint32_t)n);
    }
    weft_graph_t *whole;
    cr_assert_eq(weft_graph_new(&whole, n, n, pairs, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    for (int32_t threads = 1; threads <= 4; threads++) {
        weft_graph_t *lean;
        weft_threads_set(threads);
        cr_assert_eq(weft_i_graph_of_pairs(&lean, n, pairs, pair, NULL), WEFT_OK);
        cr_assert_eq(lean->n_arcs, whole->n_arcs);
        cr_assert_arr_eq(lean->offset, whole->offset, (size_t)(n + 1) * sizeof *whole->offset);
        if (whole->n_arcs) cr_assert_arr_eq(lean->source, whole->source, (size_t)whole->n_arcs * sizeof *whole->source);
        cr_assert(!lean->edge_id && !lean->r_place);
        weft_graph_free(lean);
    }
    weft_threads_set(0);
    weft_graph_free(whole);
    free(pair);
    free(source);
    free(target);
}

Test(pairs, make_the_same_graph)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        compare((int32_t)seed * 7, (int32_t)(seed * seed) * 5, false, seed);
        compare((int32_t)seed * 7, (int32_t)(seed * seed) * 5, true, seed);
    }
    compare(3, 0, false, 1);
    compare(1, 4, false, 1);
    compare(20000, 200000, true, 1); /* many threads' worth */
}

Test(pairs, wrong_input_is_told)
{
    const int32_t pair[] = {0, 1, 2, 5}, below[] = {-1, 0};
    weft_diag_t *diag = weft_diag_new();
    weft_graph_t *g;
    cr_assert_eq(weft_i_graph_of_pairs(&g, 5, 2, pair, diag), WEFT_EINPUT);
    cr_assert_eq(weft_i_graph_of_pairs(&g, 5, 1, below, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-range"), 2);
    cr_assert_eq(weft_i_graph_of_pairs(&g, 5, (int64_t)1 << 30, pair, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-size"), 1);
    weft_diag_free(diag);
}

Test(pairs, every_allocation_failed_once)
{
    const int32_t pair[] = {0, 1, 2, 4, 4, 4};
    for (int64_t nth = 1;; nth++) {
        weft_graph_t *g = NULL;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_i_graph_of_pairs(&g, 5, 3, pair, NULL);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert(status == (done ? WEFT_OK : WEFT_ENOMEM) || (status == WEFT_OK && g->n_arcs == 5), "allocation %lld", (long long)nth); /* giving back what is too much may fail */
        weft_graph_free(g);
        if (done) break;
    }
}
