/* Sampled neighbourhoods: what they promise, on random graphs of our own. */
#include "base/alloc.h"
#include "graph/graph.h"
#include "weft/sample.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3000, ARCS = 40000 };

/* Node v has about v / 100 arcs, so that some have few, some many. */
static weft_graph_t *uneven(void)
{
    int32_t *source = malloc(ARCS * sizeof *source), *target = malloc(ARCS * sizeof *target);
    uint64_t state = 1;
    weft_graph_t *g = NULL;
    for (int e = 0; e < ARCS; e++) {
        for (int k = 0; k < 2; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            (k ? target : source)[e] = (int32_t)((state >> 33) % N);
        }
        if (target[e] < N / 2 && e % 3) target[e] += N / 2;
    }
    target[0] = 17; /* one node with very many arcs */
    for (int e = 1; e < 5000; e++) target[e] = 17;
    cr_assert_eq(weft_graph_new(&g, N, N, ARCS, source, target, WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    free(source);
    free(target);
    return g;
}

Test(sample, arcs_are_those_of_the_graph_and_no_more_than_asked)
{
    weft_graph_t *g = uneven();
    weft_sampler_t *s;
    weft_sampled_t d;
    const int32_t fan_out[] = {10, 5, 3};
    int32_t asked[40], full = 0, cut = 0;
    for (int i = 0; i < 40; i++) asked[i] = (i * 71 + 17) % N;
    cr_assert_eq(weft_sampler_new(&s, g, fan_out, 3, 1, NULL), WEFT_OK);
    for (uint64_t step = 0; step < 5; step++) {
        cr_assert_eq(weft_sampler_draw(&d, s, asked, 40, step, NULL), WEFT_OK);
        cr_assert_eq(d.n_layers, 3);
        cr_assert_eq(weft_graph_n_src(d.layer[0]), d.n_nodes);
        cr_assert_eq(weft_graph_n_dst(d.layer[2]), 40);
        cr_assert_arr_eq(d.node, asked, sizeof asked);
        bool *seen = calloc(N, sizeof *seen);
        for (int64_t i = 0; i < d.n_nodes; i++) {
            cr_assert(!seen[d.node[i]], "node %d stands twice", d.node[i]);
            seen[d.node[i]] = true;
        }
        free(seen);
        for (int l = 0; l < 3; l++) {
            int32_t most = fan_out[2 - l];
            if (l < 2) cr_assert_eq(weft_graph_n_dst(d.layer[l]), weft_graph_n_src(d.layer[l + 1]));
            const int64_t *offset = weft_graph_offsets(d.layer[l]);
            for (int64_t v = 0; v < weft_graph_n_dst(d.layer[l]); v++) {
                int32_t of = d.node[v];
                int64_t whole = g->offset[of + 1] - g->offset[of], have = offset[v + 1] - offset[v];
                cr_assert_eq(have, whole < most ? whole : most);
                full += whole <= most;
                cut += whole > most;
                for (int64_t a = offset[v]; a < offset[v + 1]; a++) {
                    int32_t arc = d.arc[l][a];
                    cr_assert(arc >= g->offset[of] && arc < g->offset[of + 1], "no arc into %d", of);
                    cr_assert_eq(g->source[arc], d.node[weft_graph_sources(d.layer[l])[a]]);
                    for (int64_t b = offset[v]; b < a; b++) cr_assert_neq(d.arc[l][b], arc, "an arc is drawn twice");
                }
            }
        }
    }
    cr_assert(full > 100 && cut > 100, "the graph tries both cases: %d %d", full, cut);
    weft_sampler_free(s);
    weft_graph_free(g);
}

/* Which arcs a node keeps does not depend on company, order or threads; it does on the step. */
Test(sample, a_function_of_seed_step_layer_and_node)
{
    weft_graph_t *g = uneven();
    weft_sampler_t *s, *t;
    weft_sampled_t d, e;
    const int32_t fan_out[] = {6}, alone[] = {17};
    static int32_t many[N];
    for (int i = 0; i < N; i++) many[i] = N - 1 - i;
    cr_assert_eq(weft_sampler_new(&s, g, fan_out, 1, 3, NULL), WEFT_OK);
    cr_assert_eq(weft_sampler_new(&t, g, fan_out, 1, 3, NULL), WEFT_OK);
    cr_assert_eq(weft_sampler_draw(&d, s, alone, 1, 9, NULL), WEFT_OK);
    weft_threads_set(1);
    cr_assert_eq(weft_sampler_draw(&e, t, many, N, 9, NULL), WEFT_OK);
    int64_t at = weft_graph_offsets(e.layer[0])[N - 1 - 17], n = weft_graph_n_arcs(e.layer[0]);
    int found = 0;
    for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++) found += d.arc[0][a] == e.arc[0][at + b];
    cr_assert_eq(found, 6);
    int32_t *one = malloc((size_t)n * sizeof *one);
    memcpy(one, e.arc[0], (size_t)n * sizeof *one);
    for (int threads = 2; threads < 5; threads++) {
        weft_threads_set(threads);
        cr_assert_eq(weft_sampler_draw(&e, t, many, N, 9, NULL), WEFT_OK);
        cr_assert(weft_graph_n_arcs(e.layer[0]) == n && !memcmp(one, e.arc[0], (size_t)n * sizeof *one), "%d threads", threads);
    }
    weft_threads_set(0);
    cr_assert_eq(weft_sampler_draw(&e, t, many, N, 10, NULL), WEFT_OK);
    cr_assert(memcmp(one, e.arc[0], (size_t)n * sizeof *one), "two steps, one draw");
    free(one);
    weft_sampler_free(s);
    weft_sampler_free(t);
    weft_graph_free(g);
}

/* Each arc of a node is drawn equally often: of d arcs f, with d - f small and large. */
Test(sample, arcs_are_drawn_evenly)
{
    static const struct { int d, f; } of[] = {{10, 3}, {7, 6}, {100, 50}};
    enum { STEPS = 6000 };
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        int32_t source[128], target[128], zero[] = {0}, fan_out[] = {of[k].f};
        int64_t count[128] = {0};
        weft_graph_t *g;
        weft_sampler_t *s;
        weft_sampled_t d;
        for (int i = 0; i < of[k].d; i++) source[i] = i, target[i] = 0;
        cr_assert_eq(weft_graph_new(&g, 128, 128, of[k].d, source, target, 0, NULL), WEFT_OK);
        cr_assert_eq(weft_sampler_new(&s, g, fan_out, 1, 5, NULL), WEFT_OK);
        for (uint64_t step = 0; step < STEPS; step++) {
            cr_assert_eq(weft_sampler_draw(&d, s, zero, 1, step, NULL), WEFT_OK);
            for (int a = 0; a < of[k].f; a++) count[d.arc[0][a]]++;
        }
        double p = (double)of[k].f / of[k].d, mean = STEPS * p, six = 36.0 * STEPS * p * (1.0 - p);
        for (int i = 0; i < of[k].d; i++) cr_assert((double)(count[i] - mean) * (double)(count[i] - mean) < six, "%d of %d: arc %d was drawn %lld times, not %g", of[k].f, of[k].d, i, (long long)count[i], mean);
        weft_sampler_free(s);
        weft_graph_free(g);
    }
}

Test(sample, wrong_input_is_told_and_leaves_the_sampler_usable)
{
    weft_graph_t *g = uneven(), *wide;
    weft_sampler_t *s;
    weft_sampled_t d;
    weft_diag_t *diag = weft_diag_new();
    const int32_t good[] = {3, 3}, none[] = {3, 0}, twice[] = {1, 2, 1}, out[] = {1, N}, below[] = {-1};
    cr_assert_eq(weft_sampler_new(&s, g, none, 2, 1, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_sampler_new(&s, g, good, 0, 1, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_sampler_new(&s, g, good, WEFT_SAMPLE_LAYERS + 1, 1, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "sample-fan-out"), 3);
    cr_assert_eq(weft_graph_new(&wide, 3, 2, 0, NULL, NULL, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_sampler_new(&s, wide, good, 2, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-shape"), 1);
    cr_assert_eq(weft_sampler_new(&s, g, good, 2, 1, diag), WEFT_OK);
    cr_assert_eq(weft_sampler_draw(&d, s, twice, 3, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_sampler_draw(&d, s, out, 2, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_sampler_draw(&d, s, below, 1, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "sample-node"), 3);
    cr_assert_eq(weft_sampler_draw(&d, s, twice, 2, 1, diag), WEFT_OK);
    cr_assert_eq(weft_sampler_draw(&d, s, NULL, 0, 1, diag), WEFT_OK);
    cr_assert_eq(d.n_nodes, 0);
    for (int64_t nth = 1;; nth++) {
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_sampler_draw(&d, s, twice, 2, 1, NULL);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (asked < nth) break;
        cr_assert_eq(status, WEFT_ENOMEM, "allocation %lld", (long long)nth);
    }
    weft_sampler_free(s);
    weft_graph_free(wide);
    weft_graph_free(g);
    weft_diag_free(diag);
}
