/* The bridge to igraph: graphs both ways, random graphs by seed, components, a layout; and a build without it. */
#include "config.h"

#include "base/alloc.h"
#include "weft/igraph.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#ifdef WEFT_HAVE_IGRAPH
#include <igraph.h>

Test(igraph, there_and_back_is_the_same)
{
    static const int32_t source[] = {4, 0, 2, 1, 4, 4, 2, 2}, target[] = {1, 1, 0, 0, 0, 2, 2, 0};
    weft_graph_t *g, *h;
    igraph_t i;
    cr_assert(weft_igraph_linked());
    cr_assert_eq(weft_graph_new(&g, 6, 6, 8, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_to_igraph(&i, g, NULL), WEFT_OK);
    cr_assert(igraph_vcount(&i) == 6 && igraph_ecount(&i) == 8 && igraph_is_directed(&i));
    for (int64_t a = 0; a < 8; a++) cr_assert_eq(IGRAPH_FROM(&i, a), weft_graph_sources(g)[a], "edge %lld is not arc %lld", (long long)a, (long long)a);
    cr_assert_eq(weft_graph_from_igraph(&h, &i, 0, NULL), WEFT_OK);
    cr_assert_arr_eq(weft_graph_offsets(g), weft_graph_offsets(h), 7 * sizeof(int64_t));
    cr_assert_arr_eq(weft_graph_sources(g), weft_graph_sources(h), 8 * sizeof(int32_t));
    for (int32_t a = 0; a < 8; a++) cr_assert_eq(weft_graph_edge_ids(h)[a], a);
    igraph_destroy(&i);
    weft_graph_free(g);
    weft_graph_free(h);
}

Test(igraph, undirected_edges_go_both_ways)
{
    igraph_t i;
    weft_graph_t *g;
    igraph_small(&i, 4, IGRAPH_UNDIRECTED, 0, 1, 1, 2, 3, 3, -1);
    cr_assert_eq(weft_graph_from_igraph(&g, &i, WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    const int32_t sources[] = {1, 0, 2, 1, 3}, ids[] = {0, 0, 1, 1, 2};
    cr_assert_eq(weft_graph_n_arcs(g), 5);
    cr_assert_arr_eq(weft_graph_sources(g), sources, sizeof sources);
    cr_assert_arr_eq(weft_graph_edge_ids(g), ids, sizeof ids);
    igraph_destroy(&i);
    weft_graph_free(g);
}

static int n_told;
static void tell(const char *reason, const char *file, int line, igraph_error_t e) { (void)reason, (void)file, (void)line, (void)e, n_told++; }

/* Handlers and the stream of random numbers are those that were there before; failures come back as statuses. */
Test(igraph, what_was_there_is_put_back)
{
    weft_graph_t *g;
    igraph_rng_seed(igraph_rng_default(), 7);
    igraph_integer_t first[4], again[4];
    for (int k = 0; k < 4; k++) first[k] = igraph_rng_get_integer(igraph_rng_default(), 0, 1000000);
    igraph_rng_seed(igraph_rng_default(), 7);
    igraph_rng_t *before = igraph_rng_default();
    igraph_set_error_handler(tell);
    for (int k = 0; k < 4; k++) {
        weft_random_options_t o = weft_random_defaults((weft_random_form_t)k);
        o.n_nodes = 60;
        cr_assert_eq(weft_graph_random(&g, &o, NULL), WEFT_OK);
        weft_graph_free(g);
        again[k] = igraph_rng_get_integer(igraph_rng_default(), 0, 1000000);
    }
    cr_assert_eq(igraph_rng_default(), before);
    cr_assert_arr_eq(first, again, sizeof first);
    cr_assert_eq(igraph_set_error_handler(igraph_error_handler_abort), tell);
    cr_assert_eq(n_told, 0);
}

/* Whole arcs, both ways, no loops, none twice; about the degree that was asked for; a function of the seed. */
Test(igraph, random_graphs_keep_their_promises)
{
    for (int k = 0; k < 4; k++) {
        weft_graph_t *g, *same, *other;
        weft_random_options_t o = weft_random_defaults((weft_random_form_t)k);
        o.n_nodes = 997;
        o.degree = 8.0;
        cr_assert_eq(weft_graph_random(&g, &o, NULL), WEFT_OK);
        cr_assert_eq(weft_graph_random(&same, &o, NULL), WEFT_OK);
        o.seed = 2;
        cr_assert_eq(weft_graph_random(&other, &o, NULL), WEFT_OK);
        int64_t n = weft_graph_n_arcs(g), inside = 0;
        const int64_t *offset = weft_graph_offsets(g);
        const int32_t *source = weft_graph_sources(g);
        cr_assert_float_eq((double)n / 997.0, 8.0, 0.6, "form %d has degree %g", k, (double)n / 997.0);
        for (int64_t v = 0; v < 997; v++)
            for (int64_t a = offset[v]; a < offset[v + 1]; a++) {
                cr_assert(source[a] != v && (a == offset[v] || source[a - 1] < source[a]));
                inside += weft_random_block(&o, v) == weft_random_block(&o, source[a]);
            }
        if (k == WEFT_BLOCKS) cr_assert_float_eq((double)inside / (double)n, 0.8, 0.03);
        cr_assert(n == weft_graph_n_arcs(same) && !memcmp(source, weft_graph_sources(same), (size_t)n * sizeof *source));
        cr_assert(n != weft_graph_n_arcs(other) || memcmp(source, weft_graph_sources(other), (size_t)n * sizeof *source));
        weft_graph_free(g);
        weft_graph_free(same);
        weft_graph_free(other);
    }
}

Test(igraph, wrong_options_are_told)
{
    static const struct { weft_random_form_t form; int64_t n; double degree, rewire; int32_t blocks; double inside; } bad[] = {
        {9, 10, 2, 0, 1, 1}, {WEFT_ERDOS_RENYI, 1, 1, 0, 1, 1}, {WEFT_ERDOS_RENYI, 10, 0, 0, 1, 1}, {WEFT_ERDOS_RENYI, 10, NAN, 0, 1, 1}, {WEFT_ERDOS_RENYI, 10, 11, 0, 1, 1}, {WEFT_ERDOS_RENYI, INT32_MAX, 9, 0, 1, 1},
        {WEFT_WATTS_STROGATZ, 10, 2, 1.5, 1, 1}, {WEFT_WATTS_STROGATZ, 4, 3, 0, 1, 1}, {WEFT_BLOCKS, 10, 2, 0, 0, 1}, {WEFT_BLOCKS, 10, 2, 0, 6, 1}, {WEFT_BLOCKS, 10, 2, 0, 2, -1}, {WEFT_BLOCKS, 10, 2, 0, 1, 0.5},
        {WEFT_BLOCKS, 10, 5, 0, 2, 1}, {WEFT_BLOCKS, 10, 9, 0, 2, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_graph_t *g;
        weft_diag_t *diag = weft_diag_new();
        const weft_random_options_t o = {bad[i].form, bad[i].n, bad[i].degree, bad[i].rewire, bad[i].blocks, bad[i].inside, 1};
        cr_assert_eq(weft_graph_random(&g, &o, diag), WEFT_EUSAGE, "case %zu", i);
        cr_assert_null(g);
        cr_assert_eq(weft_diag_n_of_id(diag, "random-option"), 1);
        weft_diag_free(diag);
    }
}

Test(igraph, components_and_layout)
{
    static const int32_t source[] = {0, 2, 4, 5}, target[] = {1, 1, 3, 5};
    weft_graph_t *g, *wide;
    weft_diag_t *diag = weft_diag_new();
    int32_t of[6], n, zero[1] = {0};
    float xy[12], again[12];
    cr_assert_eq(weft_graph_new(&g, 6, 6, 4, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_components(of, &n, g, NULL), WEFT_OK);
    cr_assert(n == 3 && of[0] == of[1] && of[1] == of[2] && of[3] == of[4] && of[0] != of[3] && of[5] != of[0] && of[5] != of[3]);
    cr_assert_eq(weft_graph_layout(xy, g, 50, 3, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_layout(again, g, 50, 3, NULL), WEFT_OK);
    cr_assert_arr_eq(xy, again, sizeof xy);
    for (int i = 0; i < 12; i++) cr_assert(isfinite(xy[i]));
    cr_assert(hypotf(xy[0] - xy[2], xy[1] - xy[3]) > 0.01f);
    cr_assert_eq(weft_graph_new(&wide, 2, 1, 1, zero, zero, 0, NULL), WEFT_OK);
    igraph_t i;
    cr_assert_eq(weft_graph_to_igraph(&i, wide, diag), WEFT_EINPUT);
    cr_assert_eq(weft_graph_components(of, &n, wide, diag), WEFT_EINPUT);
    cr_assert_eq(weft_graph_layout(xy, wide, 0, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-shape"), 3);
    weft_graph_free(wide);
    cr_assert_eq(weft_graph_new(&wide, 0, 0, 0, NULL, NULL, 0, NULL), WEFT_OK); /* nothing at all */
    cr_assert_eq(weft_graph_components(of, &n, wide, NULL), WEFT_OK);
    cr_assert_eq(n, 0);
    cr_assert_eq(weft_graph_layout(xy, wide, 0, 1, NULL), WEFT_OK);
    weft_graph_free(wide);
    weft_graph_free(g);
    weft_diag_free(diag);
}

Test(igraph, every_allocation_failed_once)
{
    const weft_random_options_t o = {.form = WEFT_ERDOS_RENYI, .n_nodes = 30, .degree = 3.0, .seed = 1};
    for (int64_t nth = 1;; nth++) {
        weft_graph_t *g = NULL;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_graph_random(&g, &o, NULL);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        weft_graph_free(g);
        if (asked < nth) break;
        cr_assert_eq(status, WEFT_ENOMEM, "allocation %lld", (long long)nth);
    }
}

#else
Test(igraph, a_build_without_it_says_so)
{
    weft_graph_t *g, *h;
    weft_diag_t *diag = weft_diag_new();
    const weft_random_options_t o = weft_random_defaults(WEFT_ERDOS_RENYI);
    int32_t of[2], n;
    float xy[4];
    cr_assert(!weft_igraph_linked());
    cr_assert_eq(weft_graph_new(&h, 2, 2, 0, NULL, NULL, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_random(&g, &o, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_graph_components(of, &n, h, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_graph_layout(xy, h, 0, 1, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_graph_to_igraph(NULL, h, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_graph_from_igraph(&g, NULL, 0, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "igraph-absent"), 5);
    weft_graph_free(h);
    weft_diag_free(diag);
}
#endif
