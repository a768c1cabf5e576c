/* train/choose.c: options that the validation part chooses. */
#include "base/status.h"
#include "train/train.h"

#include <math.h>
#include <string.h>

typedef struct trial { weft_epoch_fn tell; void *context; } trial_t;

static bool in_trial(void *context, const weft_epoch_t *e)
{
    const trial_t *t = context;
    weft_epoch_t copy = *e;
    copy.trial = true;
    return !t->tell || t->tell(t->context, &copy);
}

enum { MOST = 6 };

/* pgnn: where neighbours are alike the steps alone generalise better, elsewhere a head that sees the features too. gps: attention among all nodes needs labels; where they are few, dropout helps as well
 * (cora: validation 73.6 -> 75.7). No training loss tells which. */
static int32_t open_options(weft_train_options_t *o, weft_train_options_t each[MOST])
{
    bool jump = o->model.jump == WEFT_JUMP_AUTO && !strcmp(o->model.model, "pgnn"), global = o->model.global == WEFT_GLOBAL_AUTO && !strcmp(o->model.model, "gps");
    if (o->model.jump == WEFT_JUMP_AUTO) o->model.jump = jump && o->plan ? WEFT_JUMP_CAT : WEFT_JUMP_LAST; /* a plan is that of the larger */
    if (o->model.global == WEFT_GLOBAL_AUTO) o->model.global = WEFT_GLOBAL_SGFORMER;
    each[0] = each[1] = *o;
    if (jump) each[1].model.jump = WEFT_JUMP_CAT;
    if (global) {
        each[1].model.global = WEFT_GLOBAL_NONE;
        each[1].model.dropout = fmax(o->model.dropout, 0.5);
        each[1].model.input_dropout = fmax(o->model.input_dropout, 0.5);
    }
    return jump || global ? 2 : 1;
}

static int32_t recipe(weft_train_options_t *o, weft_train_options_t each[MOST])
{
    const char *set;
    int32_t n = 0;
    for (; n < MOST && (set = weft_train_recipe(o->model.model, o->recipe, n)); n++) {
        each[n] = *o;
        (void)weft_i_train_apply(&each[n], set, NULL); /* our own words */
        each[n].recipe = WEFT_RECIPE_STATED;
    }
    o->recipe = WEFT_RECIPE_STATED;
    if (n && o->plan) *o = each[n - 1];
    return n;
}

static bool same_model(const weft_model_options_t *a, const weft_model_options_t *b)
{
    return a->layers == b->layers && a->head == b->head && a->residual == b->residual && a->dropout == b->dropout && (a->norm == b->norm || a->norm == WEFT_NORM_AUTO);
}

void weft_i_recipe_of(weft_train_options_t *options, const weft_model_options_t *model)
{
    weft_train_options_t each[MOST], o = *options;
    for (int32_t k = 0, n = recipe(&o, each); k < n; k++)
        if (same_model(&each[k].model, model)) {
            *options = each[k];
            return;
        }
}

/* By how much a later candidate of a recipe must be ahead of `best`: a quarter of the standard error of a share over the validation nodes. Less is chance, and earlier ones are plainer and cheaper. */
static double margin(const weft_node_task_t *t, int32_t index, bool smaller, double best)
{
    const uint8_t *split = t->split + (int64_t)(index % t->n_splits) * t->n_nodes;
    int64_t n = 0;
    for (int64_t i = 0; i < t->n_nodes; i++) n += split[i] == 2;
    return smaller || !(best > 0.0 && best < 1.0) || !n ? 0.0 : 0.25 * sqrt(best * (1.0 - best) / (double)n);
}

weft_status_t weft_i_choose(weft_train_options_t *chosen, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index, int32_t *which, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_train_options_t each[MOST];
    trial_t t = {on_epoch, context};
    double most = 0.0;
    bool by_recipe = options->recipe != WEFT_RECIPE_STATED, smaller = weft_metric_smaller_is_better(weft_i_metric(options, task->metric));
    *chosen = *options;
    int32_t n = by_recipe ? recipe(chosen, each) : open_options(chosen, each), best = 0;
    if (n < 2 || options->epochs < 2 || options->init || options->start || options->plan) return status;
    for (int32_t k = 0; k < n; k++) {
        weft_run_t run;
        weft_train_options_t o = weft_train_sized(&each[k], false, task->n_nodes + weft_graph_n_arcs(task->graph));
        o.by_size = false;
        o.epochs = (o.epochs + 3) / 4;
        o.patience = (o.patience + 3) / 4;
        o.checkpoint = NULL;
        WEFT_TRY(weft_train_node(&run, NULL, task, &o, index, in_trial, &t, diag));
        double value = smaller ? -run.val : run.val;
        if (k && !(value > most + (by_recipe ? margin(task, index, smaller, most) : 0.0))) continue;
        most = value;
        best = k;
    }
    *chosen = each[best];
    if (by_recipe) *which = best + 1;
done:
    return status;
}
