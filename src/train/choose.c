/* train/choose.c: an option that the validation part chooses. */
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

/* The candidates of what is open: false where nothing has to be tried, and *o then holds what is used.
 * pgnn: where neighbours are alike the steps alone generalise better, elsewhere a head that sees the features too. gps: attention among all nodes needs labels; where they are few, dropout helps as well (cora: validation 73.6 -> 75.7).
 * No training loss tells which; a plan is that of the larger. */
static bool open_options(weft_train_options_t *o, weft_train_options_t each[2])
{
    bool jump = o->model.jump == WEFT_JUMP_AUTO && !strcmp(o->model.model, "pgnn"), global = o->model.global == WEFT_GLOBAL_AUTO && !strcmp(o->model.model, "gps");
    bool tried = (jump || global) && o->epochs > 1 && !o->init && !o->start && !o->plan;
    if (o->model.jump == WEFT_JUMP_AUTO) o->model.jump = jump && o->plan ? WEFT_JUMP_CAT : WEFT_JUMP_LAST;
    if (o->model.global == WEFT_GLOBAL_AUTO) o->model.global = WEFT_GLOBAL_SGFORMER;
    each[0] = each[1] = *o;
    if (jump) each[1].model.jump = WEFT_JUMP_CAT;
    if (global) {
        each[1].model.global = WEFT_GLOBAL_NONE;
        each[1].model.dropout = fmax(o->model.dropout, 0.5);
        each[1].model.input_dropout = fmax(o->model.input_dropout, 0.5);
    }
    return tried;
}

weft_status_t weft_i_choose(weft_train_options_t *chosen, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_train_options_t each[2];
    weft_run_t run[2];
    trial_t t = {on_epoch, context};
    *chosen = *options;
    if (!open_options(chosen, each)) return status;
    for (int k = 0; k < 2; k++) {
        weft_train_options_t o = weft_train_sized(&each[k], false, task->n_nodes + weft_graph_n_arcs(task->graph));
        o.by_size = false;
        o.epochs = (o.epochs + 3) / 4;
        o.patience = (o.patience + 3) / 4;
        o.checkpoint = NULL;
        WEFT_TRY(weft_train_node(&run[k], NULL, task, &o, index, in_trial, &t, diag));
    }
    bool smaller = weft_metric_smaller_is_better(weft_i_metric(options, task->metric));
    double ahead = smaller ? run[1].val - run[0].val : run[0].val - run[1].val;
    *chosen = each[ahead >= 0.0 ? 0 : 1];
done:
    return status;
}
