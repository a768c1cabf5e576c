/* Builders of graphs. */
#include "base/alloc.h"
#include "graph/graph.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(graph, rows_are_sorted_and_keep_edge_ids)
{
    static const int32_t source[] = {2, 0, 2, 1}, target[] = {1, 1, 1, 0};
    weft_graph_t *g;
    cr_assert_eq(weft_graph_new(&g, 3, 2, 4, source, target, 0, NULL), WEFT_OK);
    const int64_t offset[] = {0, 1, 4};
    const int32_t sources[] = {1, 0, 2, 2}, ids[] = {3, 1, 0, 2};
    cr_assert_arr_eq(weft_graph_offsets(g), offset, sizeof offset);
    cr_assert_arr_eq(weft_graph_sources(g), sources, sizeof sources);
    cr_assert_arr_eq(weft_graph_edge_ids(g), ids, sizeof ids);
    weft_graph_free(g);
}

Test(graph, both_ways_merge_and_loops)
{
    static const int32_t source[] = {0, 1, 2, 0}, target[] = {1, 0, 2, 2};
    weft_graph_t *g, *h;
    cr_assert_eq(weft_graph_new(&g, 4, 4, 4, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_n_arcs(g), 5); /* 0-1, 1-0, 2-2, 0-2, 2-0 */
    cr_assert(g->mirrored);
    cr_assert_eq(weft_graph_with(&h, g, WEFT_GRAPH_DROP_LOOPS | WEFT_GRAPH_ADD_LOOPS, NULL), WEFT_OK);
    const int32_t sources[] = {0, 1, 2, 0, 1, 0, 2, 3}, ids[] = {-1, 0, 3, 0, -1, 3, -1, -1};
    cr_assert_eq(weft_graph_n_arcs(h), 8);
    cr_assert_arr_eq(weft_graph_sources(h), sources, sizeof sources);
    cr_assert_arr_eq(weft_graph_edge_ids(h), ids, sizeof ids);
    weft_real_t w[8];
    weft_graph_gcn_weights(h, w);
    cr_assert_float_eq(w[0], 1.0 / 3.0, 1e-7);
    cr_assert_float_eq(w[1], 1.0 / sqrt(6.0), 1e-7);
    cr_assert_float_eq(w[7], 1.0, 1e-7);
    weft_graph_free(g);
    weft_graph_free(h);
}

Test(graph, the_reverse_index_names_the_same_arcs)
{
    static const int32_t source[] = {4, 0, 2, 1, 4, 4}, target[] = {1, 1, 0, 0, 0, 2};
    weft_graph_t *g;
    cr_assert_eq(weft_graph_new(&g, 5, 3, 6, source, target, 0, NULL), WEFT_OK);
    cr_assert(!g->mirrored);
    for (int64_t u = 0; u < 5; u++)
        for (int64_t i = g->r_offset[u]; i < g->r_offset[u + 1]; i++) {
            int32_t arc = g->r_place[i], v = g->r_target[i];
            cr_assert_eq(g->source[arc], u);
            cr_assert(arc >= g->offset[v] && arc < g->offset[v + 1]);
        }
    weft_graph_free(g);
}

Test(graph, wrong_input_is_told)
{
    static const int32_t source[] = {0, 9}, target[] = {1, 1};
    static const int64_t falling[] = {0, 2, 1}, late[] = {1, 2, 2};
    weft_graph_t *g;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_graph_new(&g, 3, 2, 2, source, target, 0, diag), WEFT_EINPUT);
    cr_assert_null(g);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-range"), 1);
    cr_assert_eq(weft_graph_new(&g, 30, 2, 2, source, target, WEFT_GRAPH_ADD_LOOPS, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-shape"), 1);
    cr_assert_eq(weft_graph_new(&g, 3000000000ll, 2, 0, source, target, 0, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-size"), 1);
    cr_assert_eq(weft_graph_from_rows(&g, 30, 2, falling, source, diag), WEFT_EINPUT);
    cr_assert_eq(weft_graph_from_rows(&g, 30, 2, late, source, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-offsets"), 2);
    weft_diag_free(diag);
}

Test(graph, every_allocation_failed_once)
{
    static const int32_t source[] = {0, 1, 2, 0}, target[] = {1, 0, 2, 2};
    for (int64_t nth = 1;; nth++) {
        weft_graph_t *g = NULL, *h = NULL;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_graph_new(&g, 4, 4, 4, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL);
        if (status == WEFT_OK) status = weft_graph_with(&h, g, WEFT_GRAPH_ADD_LOOPS, NULL);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM);
        weft_graph_free(g);
        weft_graph_free(h);
        if (done) break;
    }
}

Test(graph, nothing_at_all)
{
    weft_graph_t *g;
    cr_assert_eq(weft_graph_new(&g, 0, 0, 0, NULL, NULL, WEFT_GRAPH_ADD_LOOPS, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_n_arcs(g), 0);
    weft_graph_free(g);
}
