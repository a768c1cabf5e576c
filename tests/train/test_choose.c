/* An option that the validation part chooses: on a set where neighbours are alike the p-Laplacian's steps alone, on one where they tell nothing the features too;
 * what is then trained, logged and stored is the model that was chosen, bit for bit. */
#include "base/rng.h"
#include "support/effort.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { N = 240, COLUMNS = 6, EDGES = 900 };
typedef struct set { weft_graph_t *graph; weft_node_task_t task; int32_t label[N]; uint8_t split[N]; float x[N * COLUMNS]; } set_t;

/* alike: an edge joins two of one class and features hardly tell; else edges join any two and features tell. */
static void set_init(set_t *c, bool alike)
{
    weft_i_rng_t rng = {9, alike, 0};
    int32_t source[EDGES], target[EDGES];
    memset(c, 0, sizeof *c);
    for (int i = 0; i < N; i++) {
        c->label[i] = i % 2;
        c->split[i] = (uint8_t)(i < 60 ? 1 : i < 150 ? 2 : 3);
        for (int j = 0; j < COLUMNS; j++) c->x[i * COLUMNS + j] = (float)(weft_i_rng_uniform(&rng) + (j == c->label[i] ? (alike ? 0.15 : 0.7) : 0.0));
    }
    for (int e = 0; e < EDGES; e++) {
        source[e] = (int32_t)weft_i_rng_below(&rng, N);
        target[e] = alike ? (int32_t)weft_i_rng_below(&rng, N / 2) * 2 + c->label[source[e]] : (int32_t)weft_i_rng_below(&rng, N);
    }
    cr_assert_eq(weft_graph_new(&c->graph, N, N, EDGES, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    c->task = (weft_node_task_t){.graph = c->graph, .n_nodes = N, .n_features = COLUMNS, .x = c->x, .label = c->label, .n_classes = 2, .n_splits = 1, .split = c->split};
}

typedef struct seen { int trials, told, stop_at; } seen_t;
static bool count(void *context, const weft_epoch_t *e)
{
    seen_t *s = context;
    s->trials += e->trial;
    s->told += !e->trial;
    return !s->stop_at || s->trials < s->stop_at;
}

static weft_train_options_t options(const char *jump)
{
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, "pgnn", NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(o.model.jump, WEFT_JUMP_AUTO);
    cr_assert_eq(weft_train_set(&o, jump, NULL), WEFT_OK);
    o.epochs = EFFORT(120, 80);
    o.patience = 0;
    o.by_size = false;
    o.model.hidden = 16;
    return o;
}

Test(choose, by_what_neighbours_tell)
{
    for (int alike = 0; alike < 2; alike++) {
        set_t c;
        set_init(&c, alike);
        const weft_train_options_t by_itself = options("jump=auto"), fixed = options(alike ? "jump=last" : "jump=cat");
        weft_run_t a, b;
        weft_model_t *m, *like;
        seen_t s = {0};
        cr_assert_eq(weft_train_node(&a, &m, &c.task, &by_itself, 0, count, &s, NULL), WEFT_OK);
        cr_assert_eq(weft_train_node(&b, &like, &c.task, &fixed, 0, NULL, NULL, NULL), WEFT_OK);
        cr_assert_eq(s.trials, by_itself.epochs / 2); /* twice a quarter */
        cr_assert_eq(s.told, by_itself.epochs);
        cr_assert_eq(weft_params_count(weft_model_params(m)), weft_params_count(weft_model_params(like)), "alike %d: %lld parameters, not %lld", alike, (long long)weft_params_count(weft_model_params(m)),
                     (long long)weft_params_count(weft_model_params(like)));
        cr_assert_eq(a.val, b.val);
        cr_assert_eq(a.test, b.test);
        weft_model_free(m);
        weft_model_free(like);
        weft_graph_free(c.graph);
    }
}

/* Whatever the trials say, what is then trained is one of the two candidates, bit for bit; where attention is said to be there, none is tried. */
Test(choose, attention_stays_or_goes)
{
    set_t c;
    weft_run_t run[3];
    const char *const set[] = {"global=auto", "global=sgformer", "global=none"};
    set_init(&c, true);
    for (int k = 0; k < 3; k++) {
        weft_train_options_t o;
        seen_t s = {0};
        cr_assert_eq(weft_train_defaults(&o, "gps", NULL, NULL, NULL), WEFT_OK);
        cr_assert_eq(o.model.global, WEFT_GLOBAL_AUTO);
        cr_assert_eq(weft_train_set(&o, set[k], NULL), WEFT_OK);
        o.epochs = 20;
        o.patience = 0;
        o.model.hidden = 16;
        if (k == 2) o.model.dropout = o.model.input_dropout = 0.5;
        cr_assert_eq(weft_train_node(&run[k], NULL, &c.task, &o, 0, count, &s, NULL), WEFT_OK);
        cr_assert_eq(s.trials, k ? 0 : 10);
        cr_assert_eq(s.told, 20);
    }
    cr_assert(run[0].val == run[1].val || run[0].val == run[2].val);
    cr_assert(run[0].test == run[1].test || run[0].test == run[2].test);
    weft_graph_free(c.graph);
}

Test(choose, trials_can_be_cancelled_and_other_models_have_none)
{
    set_t c;
    set_init(&c, true);
    weft_train_options_t o = options("jump=auto");
    weft_run_t run;
    seen_t s = {.stop_at = 5};
    cr_assert_eq(weft_train_node(&run, NULL, &c.task, &o, 0, count, &s, NULL), WEFT_ECANCEL);
    cr_assert_eq(s.trials, 5);
    cr_assert_eq(s.told, 0);
    cr_assert_eq(weft_train_defaults(&o, "sage", NULL, NULL, NULL), WEFT_OK);
    o.model.jump = WEFT_JUMP_AUTO;
    o.epochs = 3;
    s = (seen_t){0};
    cr_assert_eq(weft_train_node(&run, NULL, &c.task, &o, 0, count, &s, NULL), WEFT_OK);
    cr_assert_eq(s.trials, 0);
    cr_assert_eq(s.told, 3);
    weft_graph_free(c.graph);
}

/* What a recipe's trials say is then trained as if it had been asked for, bit for bit, and told; what the user says ends it. */
Test(choose, a_recipe_is_one_of_its_candidates)
{
    set_t c;
    set_init(&c, false);
    for (int tuned = 0; tuned < 2; tuned++) {
        weft_train_options_t o, fixed;
        weft_run_t run, like;
        seen_t s = {0};
        int32_t n = 0;
        cr_assert_eq(weft_train_defaults(&o, "gcn", "no-table-knows-it", tuned ? "tuned" : NULL, NULL), WEFT_OK);
        cr_assert_eq(o.recipe, tuned ? WEFT_RECIPE_TUNED : WEFT_RECIPE_AUTO);
        while (weft_train_recipe("gcn", o.recipe, n)) n++;
        cr_assert_eq(n, tuned ? 4 : 2);
        o.epochs = 20;
        o.patience = 0;
        o.by_size = false;
        o.model.hidden = 16;
        fixed = o;
        cr_assert_eq(weft_train_node(&run, NULL, &c.task, &o, 0, count, &s, NULL), WEFT_OK);
        cr_assert_eq(s.trials, 5 * n);
        cr_assert_eq(s.told, 20);
        cr_assert(run.recipe >= 1 && run.recipe <= n);
        fixed.recipe = WEFT_RECIPE_STATED;
        char set[128];
        snprintf(set, sizeof set, "%s", weft_train_recipe("gcn", o.recipe, run.recipe - 1));
        for (char *one = strtok(set, " "); one; one = strtok(NULL, " ")) cr_assert_eq(weft_train_set(&fixed, one, NULL), WEFT_OK);
        cr_assert_eq(weft_train_node(&like, NULL, &c.task, &fixed, 0, NULL, NULL, NULL), WEFT_OK);
        cr_assert_eq(like.recipe, 0);
        cr_assert_eq(run.val, like.val);
        cr_assert_eq(run.test, like.test);
    }
    weft_train_options_t o;
    cr_assert_eq(weft_train_defaults(&o, "gcn", NULL, "tuned", NULL), WEFT_OK);
    cr_assert_eq(weft_train_set(&o, "lr=0.02", NULL), WEFT_OK);
    cr_assert_eq(o.recipe, WEFT_RECIPE_TUNED);
    cr_assert_eq(weft_train_set(&o, "input_dropout=0.1", NULL), WEFT_OK); /* not the key dropout */
    cr_assert_eq(o.recipe, WEFT_RECIPE_TUNED);
    static const char *const ends[] = {"head=0", "norm=none", "residual=0", "layers=2", "dropout=0.1", "weight_decay=1e-3"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        o.recipe = WEFT_RECIPE_TUNED;
        cr_assert_eq(weft_train_set(&o, ends[i], NULL), WEFT_OK);
        cr_assert_eq(o.recipe, WEFT_RECIPE_STATED, "%s", ends[i]);
    }
    cr_assert_eq(weft_train_defaults(&o, "gcn", "cora", NULL, NULL), WEFT_OK);
    cr_assert_eq(o.recipe, WEFT_RECIPE_STATED);
    cr_assert_eq(weft_train_defaults(&o, "gps", NULL, "tuned", NULL), WEFT_EUSAGE);
    cr_assert_null(weft_train_recipe("gps", WEFT_RECIPE_TUNED, 0));
    cr_assert_null(weft_train_recipe("sage", WEFT_RECIPE_AUTO, 0));
    weft_graph_free(c.graph);
}
