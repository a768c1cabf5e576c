/* Plans: for every model, and gps with every global attention, no less than a step takes and hardly more; limits refuse before anything runs. */
#include "base/rng.h"
#include "support/effort.h"
#include "weft/link.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { N = 500, EDGES = 2000, IN = 24 };
typedef struct set { weft_graph_t *graph; int32_t source[EDGES], target[EDGES], label[N], row[100]; uint8_t split[N]; float x[N * IN]; } set_t;

static set_t *make(void)
{
    set_t *c = calloc(1, sizeof *c);
    weft_i_rng_t rng = {5, 0, 0};
    for (int i = 0; i < N; i++) {
        c->label[i] = i % 3;
        c->split[i] = (uint8_t)(i % 3 + 1);
        for (int j = 0; j < IN; j++) c->x[i * IN + j] = (float)weft_i_rng_normal(&rng);
    }
    for (int i = 0; i < 100; i++) c->row[i] = 3 * i;
    for (int e = 0; e < EDGES; e++) {
        c->source[e] = (int32_t)weft_i_rng_below(&rng, N);
        c->target[e] = (int32_t)weft_i_rng_below(&rng, N);
    }
    cr_assert_eq(weft_graph_new(&c->graph, N, N, EDGES, c->source, c->target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    return c;
}

static void drop(set_t *c)
{
    weft_graph_free(c->graph);
    free(c);
}

static int64_t step(const weft_model_t *m, weft_tape_t *t, const weft_batch_t *b, const set_t *c, bool training, const char *name)
{
    weft_diag_t *diag = weft_diag_new();
    weft_tape_reset(t);
    weft_tape_peak(t, true);
    weft_tape_set_training(t, training);
    weft_tape_set_seed(t, 1, 1);
    weft_var_t *y = weft_model_forward(m, t, b), *l = weft_cross_entropy(y, c->label, c->row, 100, NULL);
    weft_status_t status = training ? weft_tape_backward(t, l, diag) : weft_tape_status(t, diag);
    cr_assert_eq(status, WEFT_OK, "%s: %s", name, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_diag_free(diag);
    return weft_tape_peak(t, false);
}

static void held_against_a_run(const set_t *c, const weft_train_options_t *o, const char *name)
{
    weft_model_options_t mo = o->model;
    weft_model_t *m = NULL;
    weft_topology_t topology;
    weft_global_plan_t global = {0};
    mo.in = IN;
    mo.out = 3;
    mo.delta = weft_pna_delta(c->graph);
    cr_assert_eq(weft_model_topology(&topology, c->graph, mo.model, 0, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_model_new(&m, &mo, 1, NULL), WEFT_OK, "%s", name);
    weft_batch_t b = {.topology = &topology, .x = c->x, .n_nodes = N};
    if (!strcmp(mo.model, "gps")) {
        const weft_global_options_t go = weft_model_global_options(&mo);
        cr_assert_eq(weft_global_plan_init(&global, &go, c->graph, 1, NULL, NULL), WEFT_OK);
        b.global = &global;
    }
    weft_params_t *p = weft_model_params(m);
    size_t n = (size_t)weft_params_total(p);
    float *before = malloc(n * sizeof *before), *after = malloc(n * sizeof *after);
    weft_params_store(p, before);
    for (int training = 0; training < 2; training++) {
        weft_tape_t *t = weft_tape_new();
        weft_tape_plan(t, true);
        int64_t planned = step(m, t, &b, c, training, name);
        weft_tape_plan(t, false);
        cr_assert_eq(weft_tape_bytes(t), 0);
        weft_params_store(p, after);
        cr_assert_eq(memcmp(before, after, n * sizeof *before), 0, "%s: a plan changes parameters or statistics", name);
        int64_t taken = step(m, t, &b, c, training, name);
        cr_assert(planned >= taken && planned <= taken + taken / 5 + 300000ll * weft_threads(), "%s, %s: planned %lld, taken %lld", name, training ? "training" : "evaluation", (long long)planned, (long long)taken);
        weft_params_load(p, before); /* batch norm's statistics */
        weft_tape_free(t);
    }
    free(before);
    free(after);
    weft_model_free(m);
    weft_global_plan_destroy(&global);
    weft_topology_destroy(&topology);
}

Test(plan, of_every_model_is_what_a_step_takes)
{
    set_t *c = make();
    for (const char *const *name = weft_model_names(); *name; name++) {
        weft_train_options_t o;
        cr_assert_eq(weft_train_defaults(&o, *name, NULL, NULL, NULL), WEFT_OK);
        o.model.position = WEFT_POSITION_NONE;
        held_against_a_run(c, &o, *name);
    }
    for (int k = 0; k < WEFT_GLOBAL_N; k += EFFORT(1, 3)) {
        weft_train_options_t o;
        char name[32];
        cr_assert_eq(weft_train_defaults(&o, "gps", NULL, NULL, NULL), WEFT_OK);
        o.model.position = WEFT_POSITION_NONE;
        o.model.global = (weft_global_kind_t)k;
        snprintf(name, sizeof name, "gps with attention %d", k);
        held_against_a_run(c, &o, name);
    }
    for (int k = 1; k < 9; k += EFFORT(1, 3)) { /* of 8 blocks of keys */
        weft_train_options_t o;
        cr_assert_eq(weft_train_defaults(&o, "gps", NULL, NULL, NULL), WEFT_OK);
        o.model.position = WEFT_POSITION_NONE;
        o.model.global = WEFT_GLOBAL_SOFTMAX;
        o.model.top_k = k;
        held_against_a_run(c, &o, "gps with the best blocks");
    }
    drop(c);
}

Test(plan, limits_refuse_before_anything_runs)
{
    set_t *c = make();
    int64_t node_ptr[] = {0, 250, 350, N}, edge_ptr[4] = {0};
    int32_t edge[2 * EDGES], graph_label[] = {0, 1, 0}, n = 0;
    const int64_t first[] = {0, 250, 350, N};
    for (int g = 0; g < 3; g++) {
        for (int e = 0; e < EDGES; e++)
            if (c->source[e] >= first[g] && c->source[e] < first[g + 1] && c->target[e] >= first[g] && c->target[e] < first[g + 1]) {
                edge[2 * n] = c->source[e] - (int32_t)first[g];
                edge[2 * n++ + 1] = c->target[e] - (int32_t)first[g];
            }
        edge_ptr[g + 1] = n;
    }
    const uint8_t graph_split[] = {1, 2, 3};
    const weft_node_task_t nodes = {.graph = c->graph, .n_nodes = N, .n_features = IN, .x = c->x, .label = c->label, .n_classes = 3, .n_splits = 1, .split = c->split};
    const weft_graph_task_t graphs = {.n_graphs = 3, .n_features = IN, .node_ptr = node_ptr, .edge_ptr = edge_ptr, .edge = edge, .x = c->x, .label = graph_label, .n_classes = 2, .n_splits = 1, .split = graph_split};
    for (int k = 0; k < 3; k++) { /* nodes, nodes sampled, graphs */
        weft_train_options_t o;
        weft_run_t run;
        weft_plan_t p = {0};
        weft_diag_t *diag = weft_diag_new();
        cr_assert_eq(weft_train_defaults(&o, k == 1 ? "sage" : "gin", NULL, NULL, NULL), WEFT_OK);
        o.epochs = 2;
        if (k == 1) o.sample[0] = o.sample[1] = 3, o.batch = 20;
        o.plan = &p;
        cr_assert_eq(k < 2 ? weft_train_node(&run, NULL, &nodes, &o, 0, NULL, NULL, diag) : weft_train_graph(&run, NULL, &graphs, &o, 0, NULL, NULL, diag), WEFT_OK);
        cr_assert_eq(run.epochs, 0);
        cr_assert(p.step > 0 && p.evaluation > 0 && p.parameters > 0 && p.data > 0 && p.total == (p.step > p.evaluation ? p.step : p.evaluation) + p.parameters + p.data);
        o.plan = NULL;
        o.max_memory = k == 1 ? 50000 : p.total - 1; /* what is sampled goes by blocks, down to a floor */
        cr_assert_eq(k < 2 ? weft_train_node(&run, NULL, &nodes, &o, 0, NULL, NULL, diag) : weft_train_graph(&run, NULL, &graphs, &o, 0, NULL, NULL, diag), WEFT_ELIMIT);
        cr_assert_eq(weft_diag_n_of_id(diag, "train-memory"), 1);
        cr_assert_eq(run.epochs, 0);
        o.max_memory = p.total;
        cr_assert_eq(k < 2 ? weft_train_node(&run, NULL, &nodes, &o, 0, NULL, NULL, diag) : weft_train_graph(&run, NULL, &graphs, &o, 0, NULL, NULL, diag), WEFT_OK);
        cr_assert_eq(run.epochs, 2);
        weft_diag_free(diag);
    }
    drop(c);
}

/* The same of links, with both decoders; a plan changes no training. */
Test(plan, of_links)
{
    set_t *c = make();
    int32_t edge[2 * EDGES];
    for (int e = 0; e < EDGES; e++) {
        edge[2 * e] = c->source[e];
        edge[2 * e + 1] = c->target[e];
    }
    const weft_link_task_t links = {.n_nodes = N, .n_features = IN, .n_edges = EDGES, .x = c->x, .edge = edge};
    for (int k = 0; k < 2; k++) {
        weft_train_options_t o;
        weft_run_t run, plain;
        weft_link_scores_t s = {0};
        weft_plan_t p = {0};
        weft_diag_t *diag = weft_diag_new();
        cr_assert_eq(weft_link_defaults(&o, "gcn", NULL), WEFT_OK);
        o.epochs = 2;
        o.decoder = k ? WEFT_DECODER_MLP : WEFT_DECODER_DOT;
        cr_assert_eq(weft_train_link(&plain, &s, &links, &o, 0, NULL, NULL, diag), WEFT_OK);
        o.plan = &p;
        cr_assert_eq(weft_train_link(&run, &s, &links, &o, 0, NULL, NULL, diag), WEFT_OK);
        cr_assert_eq(run.epochs, 0);
        /* a step keeps at least the hidden rows and both ends' rows of two lists of pairs, in floats */
        cr_assert_gt(p.step, (int64_t)sizeof(float) * o.model.hidden * (N + 2 * EDGES * 8 / 10), "%lld", (long long)p.step);
        cr_assert(p.evaluation > 0 && p.parameters > 0 && p.data > 0 && p.total == (p.step > p.evaluation ? p.step : p.evaluation) + p.parameters + p.data);
        o.plan = NULL;
        o.max_memory = p.total - 1;
        cr_assert_eq(weft_train_link(&run, &s, &links, &o, 0, NULL, NULL, diag), WEFT_ELIMIT);
        cr_assert_eq(weft_diag_n_of_id(diag, "train-memory"), 1);
        o.max_memory = p.total;
        cr_assert_eq(weft_train_link(&run, &s, &links, &o, 0, NULL, NULL, diag), WEFT_OK);
        cr_assert(run.epochs == 2 && run.val == plain.val && run.test == plain.test);
        weft_diag_free(diag);
    }
    drop(c);
}
