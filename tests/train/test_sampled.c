/* Training on sampled neighbourhoods: with everything sampled it is training on the whole graph; the same bits for any number of threads. */
#include "base/alloc.h"
#include "base/rng.h"
#include "support/effort.h"
#include "weft/link.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 300, EDGES = 1200, WIDE = 200 };
typedef struct set { weft_graph_t *graph; float x[N * 12]; int64_t offset[N + 1]; int32_t column[N * 3], label[N]; uint8_t split[N]; weft_node_task_t dense, sparse; } set_t;

static set_t *make(void)
{
    set_t *c = calloc(1, sizeof *c);
    weft_i_rng_t rng = {7, 0, 0};
    int32_t source[EDGES], target[EDGES];
    for (int i = 0; i < N; i++) {
        c->label[i] = i % 2;
        c->split[i] = (uint8_t)(i < 90 ? 1 : i < 180 ? 2 : 3);
        for (int j = 0; j < 12; j++) c->x[i * 12 + j] = (float)(weft_i_rng_uniform(&rng) + (j == c->label[i] ? 0.4 : 0.0));
        for (int k = 0; k < 3; k++) c->column[3 * i + k] = k * 60 + (int32_t)weft_i_rng_below(&rng, 30) * 2 + (k ? c->label[i] : 0);
        c->offset[i + 1] = 3 * (i + 1);
    }
    for (int e = 0; e < EDGES; e++) {
        source[e] = (int32_t)weft_i_rng_below(&rng, N);
        target[e] = e % 8 ? (int32_t)weft_i_rng_below(&rng, N / 2) * 2 + c->label[source[e]] : (int32_t)weft_i_rng_below(&rng, N);
    }
    cr_assert_eq(weft_graph_new(&c->graph, N, N, EDGES, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    c->dense = (weft_node_task_t){.graph = c->graph, .n_nodes = N, .n_features = 12, .x = c->x, .label = c->label, .n_classes = 2, .n_splits = 1, .split = c->split};
    c->sparse = c->dense;
    c->sparse.x = NULL;
    c->sparse.n_features = WIDE;
    c->sparse.x_offset = c->offset;
    c->sparse.x_column = c->column;
    return c;
}

static void drop(set_t *c)
{
    weft_graph_free(c->graph);
    free(c);
}

static weft_train_options_t options_of(const char *model, const char *const *set)
{
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, model, NULL, NULL, NULL), WEFT_OK);
    for (; *set; set++) cr_assert_eq(weft_train_set(&o, *set, NULL), WEFT_OK, "%s", *set);
    return o;
}

static weft_train_options_t options(const char *const *set) { return options_of("sage", set); }

typedef struct losses { double loss[8], val[8]; int n; } losses_t;
static bool keep(void *to, const weft_epoch_t *e)
{
    losses_t *l = to;
    l->loss[l->n] = e->loss;
    l->val[l->n++] = e->val_loss;
    return true;
}

/* More neighbours than any node has, all training nodes in one step: the whole graph's training, but for rounding. */
static void same_as_whole(const set_t *c, const char *model, const char *const *set, bool sparse, double tolerance)
{
    losses_t whole = {.n = 0}, part = {.n = 0};
    weft_run_t run;
    weft_train_options_t o = options_of(model, set);
    const weft_node_task_t *task = sparse ? &c->sparse : &c->dense;
    if (sparse && o.model.reduce == WEFT_MAX) o.model.reduce = WEFT_SUM;
    cr_assert_eq(weft_train_node(&run, NULL, task, &o, 0, keep, &whole, NULL), WEFT_OK);
    for (int l = 0; l < o.model.layers; l++) o.sample[l] = 1000;
    o.batch = 1000;
    cr_assert_eq(weft_train_node(&run, NULL, task, &o, 0, keep, &part, NULL), WEFT_OK);
    cr_assert(whole.n == o.epochs && part.n == o.epochs);
    for (int e = 0; e < whole.n; e++) {
        cr_assert_float_eq(whole.loss[e], part.loss[e], tolerance, "%s %s, epoch %d: %g and %g", model, set[2] ? set[2] : "plain", e, whole.loss[e], part.loss[e]);
        cr_assert_float_eq(whole.val[e], part.val[e], 10 * tolerance, "%s %s, epoch %d: %g and %g", model, set[2] ? set[2] : "plain", e, whole.val[e], part.val[e]);
    }
}

Test(sampled, with_everything_sampled_it_is_the_whole_graph)
{
    static const char *const of[][8] = {{"dropout=0", "epochs=5", NULL}, {"dropout=0", "epochs=5", "residual=1", "norm=layer", "layers=3", NULL}, {"dropout=0", "epochs=5", "skip=1", NULL}, {"dropout=0", "epochs=5", "reduce=max", NULL},
                                        {"dropout=0", "epochs=5", "loss=bce", NULL}, {"dropout=0", "epochs=5", "head=1", "class_weights=1", NULL}};
    static const char *const attention[][8] = {{"dropout=0", "epochs=4", "input_dropout=0", "attention_dropout=0", NULL}, {"dropout=0", "epochs=4", "residual=1", "norm=layer", "layers=3", "input_dropout=0", "attention_dropout=0", NULL}};
    static const char *const models[] = {"gat", "gatv2", "transformer"};
    set_t *c = make();
    for (int sparse = 0; sparse < 2; sparse++) {
        for (size_t k = 0; k < sizeof of / sizeof *of; k++) same_as_whole(c, "sage", of[k], sparse, 1e-4);
        for (int m = 0; m < 3; m++)
            for (int k = 0; k < 2; k++) same_as_whole(c, models[m], attention[k], sparse, 2e-4);
    }
    drop(c);
}

Test(sampled, learns_with_few_neighbours_and_threads_change_nothing)
{
    set_t *c = make();
    const char *const set[] = {"sample=4,3", "batch=20", EFFORT("epochs=40", "epochs=3"), NULL};
    weft_train_options_t o = options(set);
    float *first = NULL, *more = NULL;
    for (int k = 1; k < 4; k++) {
        weft_run_t run;
        weft_model_t *m;
        weft_threads_set(k);
        cr_assert_eq(weft_train_node(&run, &m, &c->dense, &o, 0, NULL, NULL, NULL), WEFT_OK);
        cr_assert_gt(run.test, EFFORT(0.85, 0.4), "%g", run.test);
        size_t n = (size_t)weft_params_total(weft_model_params(m));
        float **to = k > 1 ? &more : &first;
        *to = realloc(*to, n * sizeof **to);
        weft_params_store(weft_model_params(m), *to);
        if (k > 1) cr_assert_eq(memcmp(first, more, n * sizeof *first), 0, "%d threads", k);
        weft_model_free(m);
    }
    weft_threads_set(0);
    free(first);
    free(more);
    drop(c);
}

Test(sampled, what_cannot_be_sampled_is_refused)
{
    static const char *const of[][5] = {{"sample=4,3", "layers=3", NULL}, {"sample=4,3", "jump=cat", NULL}, {"sample=4,3", "norm=graph", NULL}, {"sample=4,3", "batch=0", NULL}};
    set_t *c = make();
    weft_diag_t *diag = weft_diag_new();
    weft_run_t run;
    for (size_t k = 0; k < 4; k++) {
        weft_train_options_t o = options(of[k]);
        cr_assert_eq(weft_train_node(&run, NULL, &c->dense, &o, 0, NULL, NULL, diag), WEFT_EUSAGE, "case %zu", k);
    }
    const char *const plain[] = {"sample=4,3", NULL};
    weft_train_options_t o = options(plain);
    o.model.model = "gcn";
    cr_assert_eq(weft_train_node(&run, NULL, &c->dense, &o, 0, NULL, NULL, diag), WEFT_EUSAGE);
    const int64_t node_ptr[] = {0, 1}, edge_ptr[] = {0, 0};
    const weft_graph_task_t graphs = {.n_graphs = 1, .n_features = 12, .node_ptr = node_ptr, .edge_ptr = edge_ptr, .x = c->x, .label = c->label, .n_classes = 2, .n_splits = 1, .split = c->split};
    o = options(plain);
    cr_assert_eq(weft_train_graph(&run, NULL, &graphs, &o, 0, NULL, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-sample"), 6);
    const weft_link_task_t links = {.n_nodes = N, .n_features = 12, .x = c->x};
    cr_assert_eq(weft_train_link(&run, &(weft_link_scores_t){0}, &links, &o, 0, NULL, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-link"), 1);
    weft_diag_free(diag);
    drop(c);
}

Test(sampled, the_option_by_name)
{
    static const char *const bad[] = {"sample=", "sample=0,1", "sample=5,", "sample=a", "sample=-1", "sample=70000", "sample=1,1,1,1,1,1,1,1,1", "sample=5 4"};
    weft_train_options_t o = weft_train_neutral();
    const char *key, *meaning;
    char value[64];
    cr_assert_eq(weft_train_set(&o, "sample=15,10", NULL), WEFT_OK);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) cr_assert_eq(weft_train_set(&o, bad[k], NULL), WEFT_EUSAGE, "%s", bad[k]);
    cr_assert(o.sample[0] == 15 && o.sample[1] == 10 && !o.sample[2], "a wrong value changes nothing");
    for (int k = 0; k < 2; k++) {
        bool found = false;
        for (int32_t i = 0; weft_train_key(&o, i, &key, &meaning, value, sizeof value); i++)
            if (!strcmp(key, "sample")) {
                cr_assert_str_eq(value, k ? "0" : "15,10");
                found = true;
            }
        cr_assert(found);
        cr_assert_eq(weft_train_set(&o, "sample=0", NULL), WEFT_OK);
    }
}

Test(sampled, every_allocation_failed_once)
{
    set_t *c = make();
    const char *const set[] = {"sample=4,3", "batch=50", "epochs=1", "loss=bce", NULL};
    weft_train_options_t o = options(set);
    for (int sparse = 0; sparse < 2; sparse++)
        for (int64_t nth = 1;; nth += EFFORT(1, 7)) {
            weft_run_t run;
            weft_i_alloc_fail(nth, false);
            weft_status_t status = weft_train_node(&run, NULL, sparse ? &c->sparse : &c->dense, &o, 0, NULL, NULL, NULL);
            bool done = weft_i_alloc_count() < nth;
            weft_i_alloc_fail(0, false);
            cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
            if (done) break;
        }
    drop(c);
}
