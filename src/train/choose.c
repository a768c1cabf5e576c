/* train/choose.c: an option that the validation part chooses. */
#include "base/status.h"
#include "train/train.h"

#include <string.h>

typedef struct trial { weft_epoch_fn tell; void *context; } trial_t;

static bool in_trial(void *context, const weft_epoch_t *e)
{
    const trial_t *t = context;
    weft_epoch_t copy = *e;
    copy.trial = true;
    return !t->tell || t->tell(t->context, &copy);
}

/* Of graphs where neighbours are alike the steps alone generalise better, elsewhere a head that sees the features too; no training loss tells which. */
weft_status_t weft_i_choose_jump(weft_train_options_t *chosen, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    static const weft_jump_t candidate[] = {WEFT_JUMP_LAST, WEFT_JUMP_CAT};
    weft_status_t status = WEFT_OK;
    weft_run_t run[2];
    trial_t t = {on_epoch, context};
    *chosen = *options;
    if (options->model.jump != WEFT_JUMP_AUTO) return status;
    chosen->model.jump = strcmp(options->model.model, "pgnn") || options->epochs < 2 || options->init ? WEFT_JUMP_LAST : WEFT_JUMP_CAT;
    if (chosen->model.jump == WEFT_JUMP_LAST || options->plan) return status; /* a plan is that of the larger */
    weft_train_options_t o = weft_train_sized(options, false, task->n_nodes + weft_graph_n_arcs(task->graph));
    o.by_size = false;
    o.epochs = (o.epochs + 1) / 2;
    o.patience = (o.patience + 1) / 2;
    o.checkpoint = NULL;
    for (int k = 0; k < 2; k++) {
        o.model.jump = candidate[k];
        WEFT_TRY(weft_train_node(&run[k], NULL, task, &o, index, in_trial, &t, diag));
    }
    bool smaller = weft_metric_smaller_is_better(weft_i_metric(options, task->metric));
    double ahead = smaller ? run[1].val - run[0].val : run[0].val - run[1].val;
    chosen->model.jump = ahead >= 0.0 ? WEFT_JUMP_LAST : WEFT_JUMP_CAT; /* at a tie the smaller */
done:
    return status;
}
