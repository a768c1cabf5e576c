/* Rows of a graph drawn into memory that is used again, and the reverse index by blocks: what they hold, for any number of threads. */
#include "base/alloc.h"
#include "base/rng.h"
#include "graph/row_pool.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { N_SRC = 400, N_DST = 3000, ARCS = 300000 };

static weft_graph_t *random_graph(void)
{
    weft_i_rng_t rng = {5, 0, 0};
    int32_t *source = malloc(ARCS * sizeof *source), *target = malloc(ARCS * sizeof *target);
    weft_graph_t *g = NULL;
    for (int e = 0; e < ARCS; e++) {
        source[e] = (int32_t)weft_i_rng_below(&rng, N_SRC);
        target[e] = e % 4 ? (int32_t)weft_i_rng_below(&rng, N_DST) : (int32_t)weft_i_rng_below(&rng, 20); /* a few long rows, in one block */
    }
    cr_assert_eq(weft_graph_new(&g, N_SRC, N_DST, ARCS, source, target, 0, NULL), WEFT_OK);
    free(source);
    free(target);
    return g;
}

/* Every arc stands once under its source, by ascending number. */
static void check_reverse(const weft_graph_t *g)
{
    int32_t *target = malloc((size_t)g->n_arcs * sizeof *target);
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) target[e] = (int32_t)v;
    cr_assert_eq(g->r_offset[0], 0);
    cr_assert_eq(g->r_offset[g->n_src], g->n_arcs);
    for (int64_t u = 0; u < g->n_src; u++)
        for (int64_t k = g->r_offset[u]; k < g->r_offset[u + 1]; k++) {
            int32_t e = g->r_place[k];
            cr_assert_eq(g->source[e], u, "place %lld", (long long)k);
            cr_assert_eq(g->r_target[k], target[e]);
            cr_assert(k == g->r_offset[u] || g->r_place[k - 1] < e, "arcs ascend");
        }
    free(target);
}

Test(row_pool, the_reverse_index_is_the_same_for_any_number_of_threads)
{
    weft_threads_set(1);
    weft_graph_t *one = random_graph();
    check_reverse(one);
    for (int threads = 2; threads < 12; threads += 3) {
        weft_threads_set(threads);
        weft_graph_t *more = random_graph();
        cr_assert_eq(memcmp(one->r_offset, more->r_offset, (N_SRC + 1) * sizeof *one->r_offset), 0, "%d threads", threads);
        cr_assert_eq(memcmp(one->r_place, more->r_place, ARCS * sizeof *one->r_place), 0, "%d threads", threads);
        cr_assert_eq(memcmp(one->r_target, more->r_target, ARCS * sizeof *one->r_target), 0, "%d threads", threads);
        weft_graph_free(more);
    }
    weft_threads_set(0);
    weft_graph_free(one);
}

static void check_rows(const weft_graph_t *g, const weft_graph_t *part, const int32_t *row, int64_t n)
{
    cr_assert(part->n_dst == n && part->n_src == g->n_src && part->n_arcs == part->offset[n]);
    for (int64_t i = 0; i < n; i++) {
        int64_t first = g->offset[row[i]], m = g->offset[row[i] + 1] - first;
        cr_assert_eq(part->offset[i + 1] - part->offset[i], m, "row %lld", (long long)i);
        for (int64_t k = 0; k < m; k++) {
            cr_assert_eq(part->source[part->offset[i] + k], g->source[first + k]);
            cr_assert_eq(part->edge_id[part->offset[i] + k], first + k);
        }
    }
    check_reverse(part);
}

/* More rows, then fewer, then more: what an earlier draw left does not show. */
Test(row_pool, draws_follow_one_another)
{
    static const int64_t size[] = {700, 3, 0, 2999, 50, 3000};
    weft_graph_t *g = random_graph();
    weft_i_row_pool_t pool = {0};
    weft_i_rng_t rng = {6, 0, 0};
    int32_t row[N_DST];
    for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
        weft_threads_set(1 + (int)k % 3);
        for (int64_t i = 0; i < size[k]; i++) row[i] = (int32_t)weft_i_rng_below(&rng, N_DST);
        cr_assert_eq(weft_i_row_pool_take(&pool, g, row, size[k]), WEFT_OK);
        check_rows(g, &pool.graph, row, size[k]);
    }
    weft_threads_set(0);
    weft_i_row_pool_destroy(&pool);
    weft_graph_free(g);
}

Test(row_pool, every_allocation_failed_once)
{
    weft_graph_t *g = random_graph();
    const int32_t row[] = {5, 2, 900, 2};
    for (int64_t nth = 1;; nth++) {
        weft_i_row_pool_t pool = {0};
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_i_row_pool_take(&pool, g, row, 4);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld", (long long)nth);
        if (!done) cr_assert_eq(weft_graph_n_dst(&pool.graph), 0);
        cr_assert_eq(weft_i_row_pool_take(&pool, g, row, 4), WEFT_OK); /* after a failure as before */
        check_rows(g, &pool.graph, row, 4);
        weft_i_row_pool_destroy(&pool);
        if (done) break;
    }
    weft_graph_free(g);
}
