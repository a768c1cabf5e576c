/* The hybrid's net over a graph of nets: blocks and threads change no bit, the tape says the same. */
#include "base/alloc.h"
#include "base/rng.h"
#include "predict/net_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1300, ARCS = 4000 };

static weft_i_net_graph_t nets(int32_t n)
{
    weft_i_rng_t rng = {3, 5, 0};
    weft_i_net_graph_t g = {.n = n, .x = malloc((size_t)n * WEFT_I_N_NET_COLUMNS * sizeof *g.x + 1)};
    int32_t from[ARCS], to[ARCS], *zero = calloc((size_t)n + 1, sizeof *zero);
    for (int32_t i = 0; i < n * WEFT_I_N_NET_COLUMNS; i++) g.x[i] = (float)(12.0 * weft_i_rng_uniform(&rng) - 6.0);
    for (int32_t i = 0; i < ARCS; i++) {
        from[i] = (int32_t)weft_i_rng_below(&rng, n);
        to[i] = (int32_t)weft_i_rng_below(&rng, n - n / 10); /* some have no fan-in */
    }
    cr_assert_eq(weft_graph_new(&g.fanin, n, n, ARCS, from, to, WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_new(&g.fanout, n, n, ARCS, to, from, WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_from_lookup(&g.spread, 1, n, zero, false, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_from_lookup(&g.all, 1, n, zero, true, NULL), WEFT_OK);
    free(zero);
    return g;
}

static void nets_free(weft_i_net_graph_t *g)
{
    float *x = g->x; /* ours, not the library's */
    g->x = NULL;
    free(x);
    weft_i_net_graph_destroy(g);
}

static void same_everywhere(bool alone)
{
    weft_i_net_graph_t g = nets(N);
    weft_i_net_model_t net;
    static const int64_t block[] = {N, 256, 7, 1};
    float whole[N * WEFT_I_NET_OUT], part[N * WEFT_I_NET_OUT];
    int32_t threads = weft_threads(), beyond[2];
    cr_assert_eq(weft_i_net_model_init(&net, 4, alone), WEFT_OK);
    cr_assert_eq(weft_i_net_infer(whole, &beyond[0], &net, &g, block[0]), WEFT_OK);
    cr_expect(beyond[0] > 0 && beyond[0] <= N);
    for (int k = 0; k < 8; k++) {
        weft_threads_set(k % 2 + 1);
        cr_assert_eq(weft_i_net_infer(part, &beyond[1], &net, &g, block[k / 2]), WEFT_OK);
        cr_expect_eq(memcmp(whole, part, sizeof part), 0, "block %lld", (long long)block[k / 2]);
        cr_expect_eq(beyond[1], beyond[0]);
    }
    weft_threads_set(threads);
    float *x = weft_i_aligned(N * WEFT_I_N_NET_COLUMNS * sizeof *x + 64);
    weft_tape_t *tape = weft_tape_new();
    weft_tape_set_training(tape, false);
    weft_i_net_model_input(&net, &g, 0, N, x);
    weft_var_t *out = weft_i_net_model(&net, tape, &g, x, 0.0);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
    for (int32_t i = 0; i < N * WEFT_I_NET_OUT; i++) cr_assert_float_eq(whole[i], weft_var_data(out)[i], 1e-4f * (1.0f + fabsf(whole[i])));
    weft_tape_free(tape);
    weft_i_free(x);
    weft_i_net_model_destroy(&net);
    nets_free(&g);
}

Test(net_model, blocks_and_threads_change_no_bit_and_the_tape_says_the_same)
{
    same_everywhere(false);
    same_everywhere(true);
}

/* Alone: another net's columns change nothing; together they change the answer. */
Test(net_model, a_net_alone_hears_of_no_other)
{
    for (int alone = 0; alone < 2; alone++) {
        weft_i_net_graph_t g = nets(N);
        weft_i_net_model_t net;
        float before[N * WEFT_I_NET_OUT], after[N * WEFT_I_NET_OUT];
        int32_t beyond, changed = 0;
        cr_assert_eq(weft_i_net_model_init(&net, 4, alone), WEFT_OK);
        cr_assert_eq(weft_i_net_infer(before, &beyond, &net, &g, N), WEFT_OK);
        for (int32_t k = 0; k < WEFT_I_N_NET_COLUMNS; k++) g.x[k] += 1.0f; /* of the first net */
        cr_assert_eq(weft_i_net_infer(after, &beyond, &net, &g, N), WEFT_OK);
        for (int32_t i = 1; i < N; i++) changed += memcmp(before + WEFT_I_NET_OUT * i, after + WEFT_I_NET_OUT * i, WEFT_I_NET_OUT * sizeof *before) != 0;
        cr_expect_neq(memcmp(before, after, WEFT_I_NET_OUT * sizeof *before), 0);
        cr_expect(alone ? changed == 0 : changed > N / 2, "%d of %d", changed, (int)N);
        weft_i_net_model_destroy(&net);
        nets_free(&g);
    }
}

Test(net_model, no_nets_no_answer)
{
    weft_i_net_graph_t g = {0};
    weft_i_net_model_t net;
    int32_t beyond = -1;
    cr_assert_eq(weft_i_net_model_init(&net, 4, false), WEFT_OK);
    cr_expect_eq(weft_i_net_infer(NULL, &beyond, &net, &g, 16), WEFT_OK);
    cr_expect_eq(beyond, 0);
    weft_i_net_model_destroy(&net);
}
