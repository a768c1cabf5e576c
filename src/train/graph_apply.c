/* train/graph_apply.c: a trained model on the graphs of a task, block by block. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/graph_run.h"

#include <string.h>

static weft_status_t plan_apply(weft_i_graph_run_t *r, const weft_i_block_t *b, const weft_train_options_t *o, const weft_model_t *model, weft_diag_t *diag)
{
    weft_plan_t p = {.parameters = weft_params_total(weft_model_params(model)) * (int64_t)sizeof(weft_real_t), .data = r->task->node_ptr[r->task->n_graphs] * r->task->n_features * (int64_t)sizeof(weft_real_t) + weft_i_block_bytes(b, r->task)};
    weft_tape_plan(r->tape, true);
    (void)weft_model_forward(model, r->tape, &b->batch);
    weft_status_t status = weft_tape_status(r->tape, diag);
    p.evaluation = weft_tape_peak(r->tape, false);
    weft_tape_plan(r->tape, false);
    return status == WEFT_OK ? weft_i_plan_check(&p, o, diag) : status;
}

weft_status_t weft_i_apply_graph(const weft_graph_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_graph_run_t r = {.task = task, .model_name = options->model.model, .options = &options->model};
    weft_i_block_t b = {0};
    int64_t nodes = task->node_ptr[task->n_graphs];
    WEFT_TRY_ALLOC(r.x = weft_i_aligned((size_t)(nodes * task->n_features) * sizeof *r.x));
    WEFT_TRY_ALLOC(r.order = weft_i_malloc(((size_t)task->n_graphs + 1) * sizeof *r.order));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    WEFT_TRY(weft_i_task_positions(&r.position, &options->model, task, diag));
    for (int64_t g = 0; g < task->n_graphs; g++) r.order[g] = (int32_t)g;
    memcpy(r.x, task->x, (size_t)(nodes * task->n_features) * sizeof *r.x);
    WEFT_TRY(weft_i_normalize(r.x, nodes, task->n_features, options->normalize));
    for (int64_t at = 0; at < task->n_graphs; at += WEFT_I_EVAL_GRAPHS) {
        weft_var_t *last = NULL;
        WEFT_TRY(weft_i_block_init(&b, &r, r.order + at, task->n_graphs - at < WEFT_I_EVAL_GRAPHS ? task->n_graphs - at : WEFT_I_EVAL_GRAPHS, diag));
        weft_tape_reset(r.tape);
        weft_tape_set_training(r.tape, false);
        if (options->max_memory > 0 || options->on_plan) WEFT_TRY(plan_apply(&r, &b, options, model, diag));
        weft_var_t *y = weft_model_embed(model, r.tape, &b.batch, &last);
        WEFT_TRY(weft_tape_status(r.tape, diag));
        if (!at) WEFT_TRY(weft_i_result_open(out, task->n_graphs, weft_var_cols(y), diag));
        weft_i_result_put(out, b.n, weft_var_data(y));
        bool has = embedding && last && weft_var_data(last) && weft_var_rows(last) == b.n;
        if (has && !at) WEFT_TRY(weft_i_result_open(embedding, task->n_graphs, weft_var_cols(last), diag));
        if (has) weft_i_result_put(embedding, b.n, weft_var_data(last));
        weft_i_block_destroy(&b);
    }
done:
    weft_i_block_destroy(&b);
    weft_tape_free(r.tape);
    weft_i_free(r.x);
    weft_i_free(r.position);
    weft_i_free(r.order);
    return status;
}
