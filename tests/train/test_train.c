/* The tape's contract, and training end to end on a small graph of two camps: same bits for threads and vector widths. */
#include "base/alloc.h"
#include "base/isa.h"
#include "base/rng.h"
#include "support/effort.h"
#include "weft/link.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(tape, the_first_error_stays_and_null_passes_through)
{
    float x[6] = {1, 2, 3, 4, 5, 6};
    weft_tape_t *t = weft_tape_new();
    weft_diag_t *diag = weft_diag_new();
    weft_var_t *a = weft_tape_constant(t, x, 2, 3), *bad = weft_matmul(a, a);
    cr_assert_null(bad);
    cr_assert_null(weft_relu(weft_add(bad, a)));
    cr_assert_null(weft_add(a, a)); /* failed is failed */
    cr_assert_eq(weft_tape_backward(t, bad, diag), WEFT_EUSAGE);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->text, "matmul: shape mismatch [2,3] x [2,3]");
    weft_tape_reset(t);
    a = weft_tape_constant(t, x, 2, 3);
    cr_assert_not_null(weft_add(a, a));
    weft_diag_free(diag);
    weft_tape_free(t);
}

Test(tape, buffers_are_given_back_at_their_last_use)
{
    int64_t n = 1000, c = 64;
    float *x = calloc((size_t)(n * c), sizeof *x), *g = calloc((size_t)(n * c), sizeof *g), *z = calloc((size_t)c, sizeof *z);
    weft_tape_t *t = weft_tape_new();
    weft_var_t *v = weft_tape_leaf(t, x, g, n, c);
    for (int i = 0; i < 10; i++) v = weft_affine(v, 0.5, 0.1); /* saves nothing */
    int64_t forward = weft_tape_bytes(t);
    cr_assert_geq(forward, 10 * n * c * 4);
    weft_var_t *loss = weft_regression_loss(weft_matmul(v, weft_tape_constant(t, z, c, 1)), x, NULL, 0, WEFT_MSE, 0.0);
    weft_tape_peak(t, true);
    cr_assert_eq(weft_tape_backward(t, loss, NULL), WEFT_OK);
    cr_assert_leq(weft_tape_peak(t, false), forward + 3 * n * c * 4);
    cr_assert_leq(weft_tape_bytes(t), 4096); /* the loss alone is left */
    weft_tape_free(t);
    free(x);
    free(g);
    free(z);
}

Test(tape, a_last_use_frees_or_is_written_over)
{
    float x[6] = {1, -2, 3, -4, 5, -6}, b[3] = {1, 1, 1}, grad[6] = {0}, g2[3] = {0};
    weft_tape_t *t = weft_tape_new();
    weft_var_t *leaf = weft_tape_leaf(t, x, grad, 2, 3), *y = weft_affine(leaf, 2.0, 0.0);
    const float *at = weft_var_data(y);
    weft_var_t *z = weft_bias(weft_once(y), weft_tape_leaf(t, b, g2, 1, 3));
    cr_assert_eq(weft_var_data(z), at); /* bias reads nothing back: in place */
    cr_assert_null(weft_var_data(y));
    weft_var_t *r = weft_relu(z), *s = weft_mul(weft_once(r), r); /* relu and mul read r: it stays */
    cr_assert_not_null(weft_var_data(r));
    cr_assert_not_null(s);
    cr_assert_eq(weft_tape_status(t, NULL), WEFT_OK);
    cr_assert_null(weft_relu(y)); /* gone: this fails the tape */
    cr_assert_eq(weft_tape_status(t, NULL), WEFT_EUSAGE);
    weft_tape_free(t);
}

typedef struct camps { weft_graph_t *graph; weft_node_task_t task; int32_t label[400], source[1600], target[1600]; uint8_t split[400]; float x[400 * 12]; } camps_t;

static void camps_init(camps_t *c)
{
    weft_i_rng_t rng = {2, 2, 0};
    memset(c, 0, sizeof *c);
    for (int i = 0; i < 400; i++) {
        c->label[i] = i % 2;
        c->split[i] = (uint8_t)(i < 60 ? 1 : i < 160 ? 2 : 3);
        for (int j = 0; j < 12; j++) c->x[i * 12 + j] = (float)(weft_i_rng_uniform(&rng) + (j == c->label[i] ? 0.3 : 0.0));
    }
    for (int e = 0; e < 1600; e++) {
        c->source[e] = (int32_t)weft_i_rng_below(&rng, 400);
        int32_t other = (int32_t)weft_i_rng_below(&rng, 200) * 2 + c->label[c->source[e]];
        c->target[e] = e % 8 ? other : (int32_t)weft_i_rng_below(&rng, 400);
    }
    cr_assert_eq(weft_graph_new(&c->graph, 400, 400, 1600, c->source, c->target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    c->task = (weft_node_task_t){.graph = c->graph, .n_nodes = 400, .n_features = 12, .x = c->x, .label = c->label, .n_classes = 2, .n_splits = 1, .split = c->split};
}

static weft_status_t train(const camps_t *c, const char *model, weft_run_t *run, weft_model_t **m, int32_t epochs)
{
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, model, NULL, NULL, NULL), WEFT_OK);
    o.epochs = epochs;
    o.model.attention_dropout = 0.2;
    return weft_train_node(run, m, &c->task, &o, 0, NULL, NULL, NULL);
}

Test(train, every_model_learns_two_camps)
{
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    for (const char *const *name = weft_model_names(); *name; name++) {
        weft_run_t run;
        cr_assert_eq(train(c, *name, &run, NULL, EFFORT(80, 4)), WEFT_OK, "%s", *name);
        cr_assert_gt(run.test, EFFORT(strcmp(*name, "mlp") ? 0.75 : 0.55, 0.3), "%s: %g", *name, run.test);
    }
    weft_graph_free(c->graph);
    free(c);
}

/* gps with stable positions: flips and turns of the vectors change nothing but rounding, other vectors do; it trains; where it makes no sense it is refused. */
Test(train, stable_positions_see_no_basis)
{
    enum { K = 4, N = 400 };
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    weft_topology_t topology;
    cr_assert_eq(weft_topology_init(&topology, c->graph, NULL), WEFT_OK);
    static float raw[4][N * 3 * K], y[4][N * 2];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < 3 * K; j++) raw[0][i * 3 * K + j] = j < K ? (float)sin(0.7 * i * (j + 1)) : j < 2 * K ? 0.5f : 1.0f;
    for (int k = 1; k < 4; k++) memcpy(raw[k], raw[0], sizeof *raw);
    for (int i = 0; i < N; i++) {
        float *flip = raw[1] + i * 3 * K, *turn = raw[2] + i * 3 * K, a = turn[1], b = turn[2];
        flip[0] = -flip[0], flip[3] = -flip[3];
        turn[1] = 0.6f * a - 0.8f * b, turn[2] = 0.8f * a + 0.6f * b;
        raw[3][i * 3 * K] *= 3.0f;
    }
    for (int local = 0; local < 2; local++) {
        weft_train_options_t o;
        weft_model_t *m;
        weft_run_t run;
        cr_assert_eq(weft_train_defaults(&o, "gps", NULL, NULL, NULL), WEFT_OK);
        o.model.in = 12, o.model.out = 2, o.model.hidden = 16, o.model.heads = 2, o.model.layers = 2, o.model.position_width = 8;
        o.model.position = WEFT_POSITION_STABLE, o.model.position_k = K, o.model.global = WEFT_GLOBAL_NONE, o.model.local = local ? WEFT_LOCAL_GATEDGCN : WEFT_LOCAL_GINE;
        cr_assert_eq(weft_model_new(&m, &o.model, 3, NULL), WEFT_OK);
        for (int k = 0; k < 4; k++) {
            weft_tape_t *tape = weft_tape_new();
            const weft_batch_t b = {.topology = &topology, .x = c->x, .n_nodes = N, .position = raw[k]};
            weft_var_t *out = weft_model_forward(m, tape, &b);
            cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
            memcpy(y[k], weft_var_data(out), sizeof *y);
            weft_tape_free(tape);
        }
        float off[4] = {0};
        for (int k = 1; k < 4; k++)
            for (int i = 0; i < N * 2; i++) off[k] = fmaxf(off[k], fabsf(y[k][i] - y[0][i]));
        cr_expect(off[1] < 1e-4f && off[2] < 1e-4f && off[3] > 1e-3f, "local %d: %g by flips, %g by turns, %g by other vectors", local, (double)off[1], (double)off[2], (double)off[3]);
        weft_model_free(m);
        o.epochs = EFFORT(60, 4);
        cr_assert_eq(weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, NULL), WEFT_OK);
        cr_expect_gt(run.test, EFFORT(0.75, 0.3), "local %d: %g", local, run.test);
        weft_diag_t *diag = weft_diag_new();
        o.model.local = WEFT_LOCAL_GCN;
        cr_assert_eq(weft_model_new(&m, &o.model, 3, diag), WEFT_EUSAGE);
        o.model.position = WEFT_POSITION_NONE, o.model.gate = true;
        cr_assert_eq(weft_model_new(&m, &o.model, 3, diag), WEFT_EUSAGE);
        cr_assert(weft_diag_n_entries(diag) == 2 && strstr(weft_diag_entry(diag, 0)->text, "stable") && strstr(weft_diag_entry(diag, 1)->text, "gate"));
        weft_diag_free(diag);
    }
    weft_topology_destroy(&topology);
    weft_graph_free(c->graph);
    free(c);
}

/* Conjugate gradients need the same both ways; what is not is refused, not solved wrongly. */
Test(train, propagation_is_solved_on_symmetric_graphs_alone)
{
    static const int32_t s[] = {0, 1}, t[] = {1, 2};
    weft_real_t weight[4] = {0.5f, 0.5f, 0.25f, 0.25f};
    for (int which = 0; which < 3; which++) {
        weft_graph_t *g;
        cr_assert_eq(weft_graph_new(&g, 3, 3, 2, s, t, which ? WEFT_GRAPH_BOTH_WAYS : 0, NULL), WEFT_OK);
        for (int64_t v = 0, e = 0; v < 3 && which; v++)
            for (; e < weft_graph_offsets(g)[v + 1]; e++) weight[e] = which == 1 && v == 2 ? 0.3f : 0.25f * (weft_real_t)(v + weft_graph_sources(g)[e]) / 3.0f;
        weft_weights_t *w = weft_weights_new(g, weight);
        weft_tape_t *tape = weft_tape_new();
        weft_diag_t *diag = weft_diag_new();
        const weft_real_t b[3] = {1, 2, 3};
        weft_var_t *x = weft_propagate_solve(g, w, weft_tape_constant(tape, b, 3, 1), 0.5, 0.0, 0);
        if (which == 2) cr_expect(x && weft_tape_status(tape, diag) == WEFT_OK);
        else {
            cr_expect(!x && weft_tape_status(tape, diag) == WEFT_EUSAGE);
            cr_expect(strstr(weft_diag_entry(diag, 0)->text, which ? "not the same both ways" : "not symmetric"), "%s", weft_diag_entry(diag, 0)->text);
        }
        weft_diag_free(diag);
        weft_tape_free(tape);
        weft_weights_free(w);
        weft_graph_free(g);
    }
}

Test(train, same_bits_for_threads_and_vectors)
{
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    for (const char *const *name = weft_model_names(); *name; name++) {
        float *first = NULL, *more = NULL;
        for (int k = 0; k < EFFORT(4, 2); k++) { /* 1, 2, 4 threads; AVX2 */
            weft_run_t run;
            weft_model_t *m;
            weft_threads_set(k == 3 ? 1 : 1 << k);
            weft_i_isa_limit(k == 3 ? WEFT_I_ISA_AVX2 : WEFT_I_N_ISAS);
            cr_assert_eq(train(c, *name, &run, &m, EFFORT(5, 2)), WEFT_OK);
            size_t n = (size_t)weft_params_total(weft_model_params(m));
            float **to = k ? &more : &first;
            *to = realloc(*to, n * sizeof **to);
            weft_params_store(weft_model_params(m), *to);
            if (k) cr_assert_eq(memcmp(first, more, n * sizeof *first), 0, "%s: case %d", *name, k);
            weft_model_free(m);
        }
        free(first);
        free(more);
    }
    weft_threads_set(0);
    weft_i_isa_limit(WEFT_I_N_ISAS);
    weft_graph_free(c->graph);
    free(c);
}

Test(train, every_allocation_failed_once)
{
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    for (int64_t nth = 1;; nth++) {
        weft_run_t run;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = train(c, "gat", &run, NULL, 2);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
        if (done) break;
    }
    weft_graph_free(c->graph);
    free(c);
}

/* Two camps: most edges join nodes of one, so pairs of one camp are likelier. */
static weft_status_t train_link(const camps_t *c, const char *model, weft_decoder_t decoder, int32_t epochs, weft_run_t *run, weft_link_scores_t *s)
{
    int32_t edge[3200];
    weft_train_options_t o;
    for (int e = 0; e < 1600; e++) {
        edge[2 * e] = c->source[e];
        edge[2 * e + 1] = c->target[e];
    }
    const weft_link_task_t link = {.n_nodes = 400, .n_features = 12, .n_edges = 1600, .x = c->x, .edge = edge};
    weft_status_t status = weft_link_defaults(&o, model, NULL);
    o.epochs = epochs;
    o.decoder = decoder;
    return status == WEFT_OK ? weft_train_link(run, s, &link, &o, 0, NULL, NULL, NULL) : status;
}

Test(link, both_decoders_learn_and_threads_change_nothing)
{
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    for (int d = 0; d < 2; d++) {
        weft_link_scores_t s[2];
        weft_run_t run;
        for (int k = 0; k < 2; k++) {
            weft_threads_set(k + 1);
            cr_assert_eq(train_link(c, d ? "sage" : "gcn", d ? WEFT_DECODER_MLP : WEFT_DECODER_DOT, EFFORT(60, 6), &run, &s[k]), WEFT_OK);
        }
        cr_assert_eq(memcmp(&s[0], &s[1], sizeof *s), 0);
        cr_assert_gt(s[0].auc, EFFORT(0.62, 0.4), "%d: %g", d, s[0].auc); /* a pair of one camp is joined seven times as often as one of two, and half of all pairs are of one */
        cr_assert_eq(s[0].auc, run.test);
        cr_assert(s[0].ap > EFFORT(0.5, 0.3) && s[0].mrr > EFFORT(2.0 / 51.0, 0.0) && s[0].hits > 0.0 && s[0].hits <= 1.0);
    }
    weft_threads_set(0);
    weft_graph_free(c->graph);
    free(c);
}

Test(link, negatives_are_no_edges_and_splits_have_their_shares)
{
    camps_t *c = malloc(sizeof *c);
    uint8_t part[1000], again[1000];
    int32_t u[500], v[500], count[4] = {0};
    camps_init(c);
    cr_assert_eq(weft_edge_split(part, 1000, 0.05, 0.1, 3, NULL), WEFT_OK);
    cr_assert_eq(weft_edge_split(again, 1000, 0.05, 0.1, 3, NULL), WEFT_OK);
    cr_assert_arr_eq(part, again, 1000);
    for (int e = 0; e < 1000; e++) count[part[e]]++;
    cr_assert(count[1] == 850 && count[2] == 50 && count[3] == 100);
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_edge_split(part, 10, 0.05, 0.1, 3, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "link-split"), 1);
    cr_assert_eq(weft_negative_pairs(u, v, 500, c->graph, 1, 1, NULL), WEFT_OK);
    const int64_t *offset = weft_graph_offsets(c->graph);
    for (int i = 0; i < 500; i++) {
        cr_assert_neq(u[i], v[i]);
        for (int64_t e = offset[v[i]]; e < offset[v[i] + 1]; e++) cr_assert_neq(weft_graph_sources(c->graph)[e], u[i]);
    }
    weft_graph_t *full;
    const int32_t a[] = {0, 0, 1}, b[] = {1, 2, 2};
    cr_assert_eq(weft_graph_new(&full, 3, 3, 3, a, b, WEFT_GRAPH_BOTH_WAYS, NULL), WEFT_OK);
    cr_assert_eq(weft_negative_pairs(u, v, 1, full, 1, 1, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "link-dense"), 1);
    weft_diag_free(diag);
    weft_graph_free(full);
    weft_graph_free(c->graph);
    free(c);
}

Test(link, every_allocation_failed_once)
{
    camps_t *c = malloc(sizeof *c);
    camps_init(c);
    for (int64_t nth = 1;; nth += EFFORT(1, 7)) {
        weft_run_t run;
        weft_link_scores_t s;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = train_link(c, "gcn", WEFT_DECODER_MLP, 1, &run, &s);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
        if (done) break;
    }
    weft_graph_free(c->graph);
    free(c);
}

Test(train, options_for_size)
{
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, "gcn", NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_train_sized(&o, false, 13000).epochs, 500);
    cr_assert_eq(weft_train_sized(&o, false, 500000).epochs, 150);
    cr_assert_eq(weft_train_sized(&o, false, 500000).patience, 30);
    cr_assert_eq(weft_train_sized(&o, true, 60000).epochs, 100);
    cr_assert_eq(weft_train_sized(&o, false, 5000000).epochs, 20);
    cr_assert_eq(weft_train_sized(&o, false, 1900000).lr, o.lr);
    cr_assert_float_eq(weft_train_sized(&o, false, 2500000).lr, 3.0 * o.lr, 1e-12); /* few epochs: a higher rate, once */
    weft_train_options_t large = weft_train_sized(&o, false, 2500000);
    cr_assert(large.epochs == 40 && weft_train_sized(&large, false, 2500000).lr == large.lr);
    cr_assert_eq(weft_train_set(&large, "lr=0.02", NULL), WEFT_OK);
    cr_assert_eq(weft_train_sized(&large, false, 2500000).lr, 0.02);
    cr_assert_eq(weft_train_defaults(&o, "gps", "unknown", NULL, NULL), WEFT_OK);
    cr_assert_float_eq(weft_train_sized(&o, false, 2500000).lr, 5.0 * o.lr, 1e-12);
    cr_assert_eq(weft_train_sized(&o, false, 2500000).epochs, 12);
    cr_assert_eq(weft_train_sized(&o, false, INT64_MAX).epochs, 5);
    cr_assert_eq(weft_train_defaults(&o, "gatedgcn", NULL, NULL, NULL), WEFT_OK); /* an epoch costs eight of gcn's */
    cr_assert_eq(weft_train_sized(&o, false, 500000).epochs, 40);
    cr_assert_eq(weft_train_sized(&o, true, 60000).epochs, 60); /* and six of gin's on many graphs */
    cr_assert_eq(weft_train_defaults(&o, "pgnn", "unknown", NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_train_sized(&o, false, 100000).model.k, 4);
    cr_assert_eq(weft_train_sized(&o, false, 500000).model.k, 2); /* fewer steps, twice the epochs */
    cr_assert_eq(weft_train_sized(&o, false, 500000).model.input_dropout, 0.0);
    cr_assert_eq(weft_train_sized(&o, false, 500000).epochs, 80);
    cr_assert_eq(weft_train_set(&o, "k=4", NULL), WEFT_OK); /* who says so means it */
    cr_assert_eq(weft_train_sized(&o, false, 500000).model.k, 4);
    cr_assert_eq(weft_train_sized(&o, false, 500000).epochs, 40);
    static const struct { const char *model; int32_t epochs; double rate; } walk[] = {{"gprgnn", 60, 3.0}, {"appnp", 60, 3.0}, {"dagnn", 55, 1.0}};
    for (int i = 0; i < 3; i++) { /* on very large sets alone */
        cr_assert_eq(weft_train_defaults(&o, walk[i].model, "unknown", NULL, NULL), WEFT_OK);
        cr_assert_eq(weft_train_sized(&o, false, 1900000).model.k, 10);
        large = weft_train_sized(&o, false, 2500000);
        cr_assert(large.model.k == 2 && large.model.input_dropout == 0.0 && large.epochs == walk[i].epochs && fabs(large.lr - walk[i].rate * o.lr) < 1e-12, "%s", walk[i].model);
        cr_assert_eq(weft_train_set(&o, "k=10", NULL), WEFT_OK);
        large = weft_train_sized(&o, false, 2500000);
        cr_assert(large.model.k == 10 && large.epochs <= 40, "%s: %d", walk[i].model, (int)large.epochs);
    }
    cr_assert_eq(weft_train_defaults(&o, "gcn", "unknown", NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_train_set(&o, "epochs=700", NULL), WEFT_OK); /* who says so means it */
    cr_assert_eq(weft_train_sized(&o, false, 500000).epochs, 700);
    cr_assert_eq(weft_train_defaults_for(&o, "gcn", "unknown", NULL, true, NULL), WEFT_OK);
    cr_assert_eq(o.model.layers, 4);
    cr_assert_eq(o.model.jump, WEFT_JUMP_CAT);
    cr_assert_eq(weft_train_sized(&o, true, 400000).epochs, 60);
    cr_assert_eq(weft_train_defaults_for(&o, "gin", "tu-mutag", NULL, true, NULL), WEFT_OK); /* what a table says goes over it */
    cr_assert_eq(o.epochs, 150);
    cr_assert_eq(weft_train_defaults(&o, "gcn", "cora", NULL, NULL), WEFT_OK);
    cr_assert_eq(o.by_size, false);
}

/* Averaged parameters, a rate that follows the loss, class weights, every loss: one after another through the loop; each allocation failed once. */
Test(train, loop_features_and_their_allocations)
{
    static const char *const set[] = {"ema=0.9", "schedule=plateau", "class_weights=1", "norm=graph"};
    camps_t *c = malloc(sizeof *c);
    char path[] = "/tmp/weft-test-checkpoint-XXXXXX";
    int fd = mkstemp(path);
    close(fd);
    camps_init(c);
    const weft_checkpoint_t checkpoint = {.path = path};
    for (int64_t nth = 1;; nth++) {
        weft_train_options_t o;
        weft_run_t run;
        cr_assert_eq(weft_train_defaults(&o, "gcn", NULL, NULL, NULL), WEFT_OK);
        for (int k = 0; k < 4; k++) cr_assert_eq(weft_train_set(&o, set[k], NULL), WEFT_OK);
        o.epochs = 2;
        o.checkpoint = &checkpoint;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, NULL);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
        if (done) break;
    }
    weft_train_options_t o;
    weft_run_t run;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_train_defaults(&o, "gcn", NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_train_set(&o, "loss=bce", diag), WEFT_OK);
    o.epochs = 60;
    cr_assert_eq(weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, diag), WEFT_OK);
    cr_assert_gt(run.test, 0.75, "%g", run.test);
    cr_assert_eq(weft_train_set(&o, "loss=huber", diag), WEFT_OK);
    cr_assert_eq(weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-loss"), 1);
    cr_assert_eq(weft_train_set(&o, "metric=r2", diag), WEFT_OK);
    cr_assert_eq(weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-metric"), 1);
    weft_diag_free(diag);
    unlink(path);
    weft_graph_free(c->graph);
    free(c);
}

/* Every model on a graph of 24 nodes: set up, one epoch, one evaluation. */
Test(train, every_model_survives_every_failed_allocation)
{
    enum { N = 24 };
    int32_t source[N], target[N], label[N];
    uint8_t split[N];
    float x[N * 3];
    weft_graph_t *graph;
    for (int i = 0; i < N; i++) {
        source[i] = i;
        target[i] = (i * 7 + 3) % N;
        label[i] = i % 2;
        split[i] = (uint8_t)(1 + i % 3);
        for (int j = 0; j < 3; j++) x[3 * i + j] = (float)((i * 5 + j * 3) % 7);
    }
    cr_assert_eq(weft_graph_new(&graph, N, N, N, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    const weft_node_task_t task = {.graph = graph, .n_nodes = N, .n_features = 3, .x = x, .label = label, .n_classes = 2, .n_splits = 1, .split = split};
    for (const char *const *name = weft_model_names(); *name; name++)
        for (int64_t nth = 1;; nth++) {
            weft_train_options_t o;
            weft_run_t run;
            cr_assert_eq(weft_train_defaults(&o, *name, NULL, NULL, NULL), WEFT_OK);
            o.epochs = 1;
            o.model.hidden = 8;
            weft_i_alloc_fail(nth, false);
            weft_status_t status = weft_train_node(&run, NULL, &task, &o, 0, NULL, NULL, NULL);
            bool done = weft_i_alloc_count() < nth;
            weft_i_alloc_fail(0, false);
            cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "%s, allocation %lld: %s", *name, (long long)nth, weft_status_text(status));
            if (done) break;
        }
    weft_graph_free(graph);
}

Test(train, parameters_survive_a_file)
{
    char path[] = "/tmp/weft-test-params-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    weft_params_t *a = weft_params_new(1), *b = weft_params_new(2), *other = weft_params_new(3);
    weft_linear_init(a, "x", 3, 4, true, WEFT_INIT_FAN_IN);
    weft_linear_init(b, "x", 3, 4, true, WEFT_INIT_FAN_IN);
    weft_linear_init(other, "x", 4, 4, true, WEFT_INIT_FAN_IN);
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_params_write(a, path, NULL, 0, diag), WEFT_OK);
    cr_assert_eq(weft_params_read(b, path, diag), WEFT_OK);
    cr_assert_arr_eq(weft_params_at(a, 0)->value, weft_params_at(b, 0)->value, 12 * sizeof(float));
    cr_assert_eq(weft_params_read(other, path, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "params-shape"), 1);
    weft_diag_free(diag);
    weft_params_free(a);
    weft_params_free(b);
    weft_params_free(other);
    unlink(path);
}

Test(train, options_by_name)
{
    weft_train_options_t o;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_train_defaults(&o, "gat", "cora", NULL, diag), WEFT_OK);
    cr_assert_eq(o.model.heads, 8);
    cr_assert_float_eq(o.lr, 0.005, 1e-12);
    cr_assert_eq(weft_train_set(&o, "norm=layer", diag), WEFT_OK);
    cr_assert_eq(o.model.norm, WEFT_NORM_LAYER);
    cr_assert_eq(weft_train_set(&o, "norm=loud", diag), WEFT_EUSAGE);
    cr_assert_eq(weft_train_set(&o, "lr=-1", diag), WEFT_EUSAGE);
    cr_assert_eq(weft_train_set(&o, "learning=1", diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-value"), 2);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-key"), 1);
    cr_assert_eq(weft_train_defaults(&o, "gcnn", NULL, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_train_defaults(&o, "gcn", "cora", "no-such", diag), WEFT_EUSAGE);
    cr_assert_eq(weft_train_defaults(&o, "gcn", "cora", "published", diag), WEFT_OK);
    cr_assert_eq(o.model.hidden, 16);
    weft_diag_free(diag);
}

Test(train, what_cannot_be_trained_is_told)
{
    static const char *const id[] = {"train-label", "train-label", "train-split"};
    camps_t *c = malloc(sizeof *c);
    weft_train_options_t o;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_train_defaults(&o, "gcn", NULL, NULL, NULL), WEFT_OK);
    for (int k = 0; k < 3; k++) {
        weft_run_t run;
        camps_init(c);
        if (k < 2) c->label[200] = k ? 2 : -1;
        else for (int i = 60; i < 160; i++) c->split[i] = 3; /* no validation part */
        cr_expect_eq(weft_train_node(&run, NULL, &c->task, &o, 0, NULL, NULL, diag), WEFT_EINPUT);
        cr_expect(weft_diag_n_of_id(diag, id[k]) == 1, "%s", id[k]);
        weft_diag_clear(diag);
        weft_graph_free(c->graph);
    }
    weft_model_t *m = NULL;
    const weft_model_options_t odd = {.model = "nosuch"};
    cr_expect_eq(weft_model_new(&m, &odd, 0, diag), WEFT_EUSAGE);
    cr_expect_eq(weft_diag_n_of_id(diag, "model-unknown"), 1);
    weft_diag_free(diag);
    free(c);
}
