/* train/graph.c: tasks of many small graphs, in block-diagonal batches (graph_block.c). */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "train/graph_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A split without a validation part borrows the test part of the next split. */
static weft_status_t prepare_rows(weft_i_graph_run_t *r, int32_t index, weft_diag_t *diag)
{
    static const char *const part[] = {"", "train", "validation", "test"};
    weft_status_t status = WEFT_OK;
    const weft_graph_task_t *t = r->task;
    int64_t n = t->n_graphs;
    const uint8_t *split = t->split + (index % t->n_splits) * n, *next = t->split + ((index + 1) % t->n_splits) * n;
    bool has_val = memchr(split, 2, (size_t)n) != NULL;
    WEFT_TRY_ALLOC(r->rows = weft_i_malloc((size_t)n * sizeof *r->rows));
    int32_t *to = r->rows;
    for (int32_t k = 1; k < 4; k++) {
        r->row[k] = to;
        for (int64_t i = 0; i < n; i++) {
            int32_t p = !has_val && split[i] == 1 && next[i] == 3 ? 2 : split[i];
            if (p == k) *to++ = (int32_t)i;
        }
        r->n[k] = to - r->row[k];
        if (!r->n[k]) {
            weft_diag_add(diag, WEFT_ERROR, "train-split", NULL, 0, 0, "split %d has no %s graphs", index % t->n_splits, part[k]);
            return WEFT_EINPUT;
        }
    }
    WEFT_TRY_ALLOC(r->order = weft_i_malloc((size_t)r->n[1] * sizeof *r->order));
done:
    return status;
}

static weft_status_t check_task(const weft_graph_task_t *t, weft_diag_t *diag)
{
    for (int64_t g = 0; g < t->n_graphs; g++) {
        int64_t nodes = t->node_ptr[g + 1] - t->node_ptr[g];
        if (t->label && (t->label[g] < 0 || t->label[g] >= t->n_classes)) {
            weft_diag_add(diag, WEFT_ERROR, "train-label", NULL, 0, 0, "graph %lld has class %d of %d", (long long)g, t->label[g], t->n_classes);
            return WEFT_EINPUT;
        }
        for (int64_t e = t->edge_ptr[g]; e < t->edge_ptr[g + 1]; e++)
            if (t->edge[2 * e] < 0 || t->edge[2 * e] >= nodes || t->edge[2 * e + 1] < 0 || t->edge[2 * e + 1] >= nodes) {
                weft_diag_add(diag, WEFT_ERROR, "graph-range", NULL, 0, 0, "graph %lld: edge %d %d of %lld nodes", (long long)g, t->edge[2 * e], t->edge[2 * e + 1], (long long)nodes);
                return WEFT_EINPUT;
            }
    }
    return WEFT_OK;
}

static weft_status_t train_epoch(weft_i_loop_t *loop, int32_t epoch, double *loss, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_graph_run_t *r = loop->task;
    const weft_train_options_t *o = loop->options;
    int32_t index = loop->index;
    weft_i_rng_t rng = {o->seed + (uint64_t)index, UINT64_MAX - 1 - (uint64_t)epoch, 0};
    int64_t n = r->n[1], batch = o->batch > 0 ? o->batch : 1;
    weft_i_block_t b = {0};
    memcpy(r->order, r->row[1], (size_t)n * sizeof *r->order);
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = weft_i_rng_below(&rng, i + 1);
        int32_t keep = r->order[i];
        r->order[i] = r->order[j];
        r->order[j] = keep;
    }
    *loss = 0.0;
    for (int64_t at = 0, step = 0; at < n; at += batch, step++) {
        WEFT_TRY(weft_i_block_init(&b, r, r->order + at, n - at < batch ? n - at : batch, diag));
        weft_tape_reset(r->tape);
        weft_tape_set_training(r->tape, true);
        weft_tape_set_seed(r->tape, o->seed + (uint64_t)index, (uint64_t)epoch << 20 | (uint64_t)step);
        weft_params_zero_grad(loop->params);
        weft_var_t *l = weft_i_loss(&r->loss, weft_model_forward(r->model, r->tape, &b.batch), b.label, b.target, b.one_hot, NULL, 0);
        WEFT_TRY(weft_tape_backward(r->tape, l, diag));
        *loss += (double)weft_var_data(l)[0] * (double)b.n / (double)n;
        weft_i_loop_update(loop, epoch);
        weft_tape_reset(r->tape);
        weft_i_block_destroy(&b);
    }
done:
    weft_i_block_destroy(&b);
    return status;
}

static weft_status_t evaluate(weft_i_loop_t *loop, weft_epoch_t *e, double *train, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_graph_run_t *r = loop->task;
    const weft_graph_task_t *t = r->task;
    (void)train; /* not asked: it would cost as much as the epoch */
    int64_t cols = t->n_classes;
    for (int64_t k = 0; k < r->n_eval; k++) {
        weft_tape_reset(r->tape);
        weft_tape_set_training(r->tape, false);
        weft_var_t *y = weft_model_forward(r->model, r->tape, &r->eval[k].batch);
        WEFT_TRY(weft_tape_status(r->tape, diag));
        for (int64_t i = 0; i < r->eval[k].n; i++) memcpy(r->out + r->eval[k].which[i] * cols, weft_var_data(y) + i * cols, (size_t)cols * sizeof *r->out);
    }
    weft_tape_reset(r->tape);
    weft_var_t *y = weft_tape_constant(r->tape, r->out, t->n_graphs, cols), *l = weft_i_loss(&r->loss, y, t->label, t->target, r->loss.one_hot, r->row[2], r->n[2]);
    WEFT_TRY(weft_tape_status(r->tape, diag));
    e->val_loss = (double)weft_var_data(l)[0];
    WEFT_TRY(weft_i_score(&e->val, r->metric, r->out, cols, t->label, t->target, r->row[2], r->n[2]));
    WEFT_TRY(weft_i_score(&e->test, r->metric, r->out, cols, t->label, t->target, r->row[3], r->n[3]));
done:
    return status;
}

static int by_size(const void *a, const void *b, void *task)
{
    const weft_graph_task_t *t = task;
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    int64_t u = t->node_ptr[x + 1] - t->node_ptr[x] + 2 * (t->edge_ptr[x + 1] - t->edge_ptr[x]), v = t->node_ptr[y + 1] - t->node_ptr[y] + 2 * (t->edge_ptr[y + 1] - t->edge_ptr[y]);
    return u != v ? (u < v) - (u > v) : (x > y) - (x < y);
}

/* A step of the largest training graphs and every block of the evaluation in plan mode, against the options' limit. */
static weft_status_t plan(weft_i_graph_run_t *r, const weft_train_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_graph_task_t *t = r->task;
    weft_plan_t p = {.parameters = weft_i_plan_params(weft_model_params(r->model), o), .data = t->node_ptr[t->n_graphs] * t->n_features * (int64_t)sizeof(weft_real_t)};
    int64_t batch = o->batch > 0 ? o->batch : 1;
    weft_i_block_t b = {0};
    if (!o->plan && o->max_memory <= 0) return WEFT_OK;
    memcpy(r->order, r->row[1], (size_t)r->n[1] * sizeof *r->order);
    qsort_r(r->order, (size_t)r->n[1], sizeof *r->order, by_size, (void *)t);
    WEFT_TRY(weft_i_block_init(&b, r, r->order, r->n[1] < batch ? r->n[1] : batch, diag));
    p.data += weft_i_block_bytes(&b, t);
    weft_tape_plan(r->tape, true);
    WEFT_TRY(weft_tape_backward(r->tape, weft_i_loss(&r->loss, weft_model_forward(r->model, r->tape, &b.batch), b.label, b.target, b.one_hot, NULL, 0), diag));
    p.step = weft_tape_peak(r->tape, false);
    for (int64_t k = 0; k < r->n_eval; k++) {
        weft_tape_plan(r->tape, true);
        weft_tape_set_training(r->tape, false);
        (void)weft_model_forward(r->model, r->tape, &r->eval[k].batch);
        WEFT_TRY(weft_tape_status(r->tape, diag));
        p.data += weft_i_block_bytes(&r->eval[k], t);
        if (weft_tape_peak(r->tape, false) > p.evaluation) p.evaluation = weft_tape_peak(r->tape, false);
    }
    WEFT_TRY(weft_i_plan_check(&p, o, diag));
done:
    weft_tape_plan(r->tape, false);
    weft_tape_set_training(r->tape, true);
    weft_i_block_destroy(&b);
    return status;
}

static weft_status_t prepare(weft_i_graph_run_t *r, const weft_train_options_t *o, int32_t index, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_graph_task_t *t = r->task;
    WEFT_TRY(check_task(t, diag));
    WEFT_TRY(prepare_rows(r, index, diag));
    WEFT_TRY(weft_i_loss_init(&r->loss, o, t->label, t->n_graphs, t->n_classes, r->row[1], r->n[1], diag));
    int64_t all = r->n[2] + r->n[3], nodes = t->node_ptr[t->n_graphs];
    WEFT_TRY_ALLOC(r->out = weft_i_calloc((size_t)(t->n_graphs * t->n_classes), sizeof *r->out));
    WEFT_TRY_ALLOC(r->x = weft_i_aligned((size_t)(nodes * t->n_features) * sizeof *r->x));
    memcpy(r->x, t->x, (size_t)(nodes * t->n_features) * sizeof *r->x);
    WEFT_TRY(weft_i_normalize(r->x, nodes, t->n_features, o->normalize));
    WEFT_TRY(weft_i_task_positions(&r->position, r->options, t, diag));
    WEFT_TRY_ALLOC(r->eval = weft_i_calloc((size_t)(all / WEFT_I_EVAL_GRAPHS + 1), sizeof *r->eval));
    for (int64_t at = 0; at < all; at += WEFT_I_EVAL_GRAPHS, r->n_eval++)
        WEFT_TRY(weft_i_block_init(&r->eval[r->n_eval], r, r->row[2] + at, all - at < WEFT_I_EVAL_GRAPHS ? all - at : WEFT_I_EVAL_GRAPHS, diag));
done:
    return status;
}

/* delta of pna, over the training graphs. */
static double delta_of(const weft_i_graph_run_t *r)
{
    const weft_graph_task_t *t = r->task;
    double sum = 0.0;
    int64_t nodes = 0;
    for (int64_t k = 0; k < r->n[1]; k++) {
        int64_t g = r->row[1][k], n = t->node_ptr[g + 1] - t->node_ptr[g], ends = 2 * (t->edge_ptr[g + 1] - t->edge_ptr[g]);
        nodes += n;
        sum += n ? (double)n * log((double)ends / (double)n + 1.0) : 0.0; /* by each graph's mean degree */
    }
    return nodes && sum > 0.0 ? sum / (double)nodes : 1.0;
}

weft_status_t weft_train_graph(weft_run_t *run, weft_model_t **model, const weft_graph_task_t *task, const weft_train_options_t *options, int32_t index,
                               weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_train_options_t sized = weft_train_sized(options, true, task->node_ptr[task->n_graphs] + 2 * task->edge_ptr[task->n_graphs]);
    weft_i_graph_run_t r = {.task = task, .model_name = options->model.model, .options = &options->model};
    weft_model_options_t o = options->model;
    char data[192];
    *run = (weft_run_t){.best_epoch = -1, .train = NAN};
    if (model) *model = NULL;
    if (!strcmp(o.model, "label_propagation")) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "label_propagation walks over labels of nodes; this set has labels of graphs");
        return WEFT_EUSAGE;
    }
    if (options->sample[0]) {
        weft_diag_add(diag, WEFT_ERROR, "train-sample", NULL, 0, 0, "neighbours are sampled in one large graph; this set has many, of which batch= go into a step");
        return WEFT_EUSAGE;
    }
    r.metric = weft_i_metric(options, task->metric);
    WEFT_TRY(weft_i_metric_check(r.metric, task->label == NULL, task->n_classes, diag));
    WEFT_TRY(prepare(&r, options, index, diag));
    o.in = task->n_features;
    o.edge_in = task->edge_x ? task->edge_features : 0;
    o.out = task->n_classes;
    o.graph_task = true;
    o.delta = delta_of(&r);
    if (task->n_edge_types) o.relations = task->n_edge_types;
    WEFT_TRY(weft_model_new(&r.model, &o, options->seed + (uint64_t)index, diag));
    WEFT_TRY(weft_i_start(r.model, options, diag));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    WEFT_TRY(plan(&r, options, diag));
    if (options->plan) goto done;
    snprintf(data, sizeof data, "graphs %lld nodes %lld edges %lld features %lld classes %d train %lld", (long long)task->n_graphs, (long long)task->node_ptr[task->n_graphs], (long long)task->edge_ptr[task->n_graphs],
             (long long)task->n_features, task->n_classes, (long long)r.n[1]);
    weft_i_loop_t loop = {.options = &sized, .index = index, .data = data, .params = weft_model_params(r.model), .smaller_is_better = weft_metric_smaller_is_better(r.metric), .task = &r, .train = train_epoch,
                          .evaluate = evaluate};
    WEFT_TRY(weft_i_loop_run(&loop, run, on_epoch, context, diag));
    if (model) {
        *model = r.model;
        r.model = NULL;
    }
done:
    for (int64_t k = 0; k < r.n_eval; k++) weft_i_block_destroy(&r.eval[k]);
    weft_i_loss_destroy(&r.loss);
    weft_tape_free(r.tape);
    weft_model_free(r.model);
    weft_i_free(r.eval);
    weft_i_free(r.rows);
    weft_i_free(r.order);
    weft_i_free(r.x);
    weft_i_free(r.position);
    weft_i_free(r.out);
    return status;
}
