/* train/node.c: full-batch node classification. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"

#include <math.h>
#include <string.h>
#include <time.h>

typedef struct node_run {
    const weft_node_task_t *task;
    weft_topology_t topology;
    weft_graph_t *x_rows, *members, *spread; /* the last two: all nodes as one graph, for graph norm */
    weft_real_t *x;         /* prepared: dense, or the values of x_rows */
    weft_real_t *position;  /* gps: and what its attention asks of the graph */
    weft_global_plan_t plan;
    weft_batch_t batch;
    int32_t *row[4], *rows; /* rows of each part */
    int64_t n[4];
    weft_tape_t *tape;
    weft_model_t *model;
    weft_i_loss_t loss;
    weft_i_minibatch_t sampled; /* where options.sample asks for it */
    bool within;                /* .. within a limit of memory: no features are kept, evaluations go by blocks and within: */
    weft_i_scaled_t scaled;
    int64_t for_evaluation;
    weft_metric_t metric;
    int32_t out;
} node_run_t;

static void end(node_run_t *r)
{
    weft_i_minibatch_destroy(&r->sampled);
    weft_i_scaled_destroy(&r->scaled);
    weft_i_loss_destroy(&r->loss);
    weft_tape_free(r->tape);
    weft_model_free(r->model);
    weft_topology_destroy(&r->topology);
    weft_graph_free(r->x_rows);
    weft_global_plan_destroy(&r->plan);
    weft_i_free(r->position);
    weft_graph_free(r->members);
    weft_graph_free(r->spread);
    weft_i_free(r->x);
    weft_i_free(r->rows);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static weft_status_t one_graph(node_run_t *r, const weft_train_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *zero = NULL;
    int64_t n = r->task->n_nodes;
    if (o->model.norm != WEFT_NORM_GRAPH) return WEFT_OK;
    WEFT_TRY_ALLOC(zero = weft_i_calloc((size_t)n + 1, sizeof *zero));
    WEFT_TRY(weft_graph_from_lookup(&r->members, 1, n, zero, true, diag));
    WEFT_TRY(weft_graph_from_lookup(&r->spread, 1, n, zero, false, diag));
    r->batch.members = r->members;
    r->batch.spread = r->spread;
done:
    weft_i_free(zero);
    return status;
}

static weft_status_t prepare_gps(node_run_t *r, const weft_model_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    if (!weft_i_is_gps(o)) return WEFT_OK;
    const weft_global_options_t global = weft_model_global_options(o);
    WEFT_TRY(weft_global_plan_init(&r->plan, &global, r->task->graph, 1, NULL, diag));
    WEFT_TRY(weft_i_positions(&r->position, o, r->task->graph, 1, NULL, diag));
    r->batch.global = &r->plan;
    r->batch.position = r->position;
done:
    return status;
}

static weft_status_t prepare_rows(node_run_t *r, int32_t index, weft_diag_t *diag)
{
    static const char *const part[] = {"", "train", "validation", "test"};
    weft_status_t status = WEFT_OK;
    const weft_node_task_t *t = r->task;
    const uint8_t *split = t->split + (int64_t)(index % t->n_splits) * t->n_nodes;
    WEFT_TRY_ALLOC(r->rows = weft_i_malloc((size_t)t->n_nodes * sizeof *r->rows));
    int32_t *to = r->rows;
    for (int32_t k = 1; k < 4; k++) {
        r->row[k] = to;
        for (int64_t i = 0; i < t->n_nodes; i++) {
            if (split[i] != k) continue;
            if (t->label[i] < 0 || t->label[i] >= t->n_classes) {
                weft_diag_add(diag, WEFT_ERROR, "train-label", NULL, 0, 0, "node %lld has class %d of %d", (long long)i, t->label[i], t->n_classes);
                return WEFT_EINPUT;
            }
            *to++ = (int32_t)i;
        }
        r->n[k] = to - r->row[k];
        if (!r->n[k]) {
            weft_diag_add(diag, WEFT_ERROR, "train-split", NULL, 0, 0, "split %d has no %s nodes", index % t->n_splits, part[k]);
            return WEFT_EINPUT;
        }
    }
done:
    return status;
}

static weft_var_t *loss_of(const node_run_t *r, weft_var_t *y, int32_t part)
{
    return weft_i_loss(&r->loss, y, r->task->label, NULL, r->loss.one_hot, r->row[part], r->n[part]);
}

static weft_status_t train_epoch(weft_i_loop_t *loop, int32_t epoch, double *loss, weft_diag_t *diag)
{
    node_run_t *r = loop->task;
    weft_tape_reset(r->tape);
    weft_tape_set_training(r->tape, true);
    weft_tape_set_seed(r->tape, loop->options->seed + (uint64_t)loop->index, (uint64_t)epoch);
    weft_params_zero_grad(loop->params);
    weft_var_t *l = loss_of(r, weft_model_forward(r->model, r->tape, &r->batch), 1);
    weft_status_t status = weft_tape_backward(r->tape, l, diag);
    if (status != WEFT_OK) return status;
    *loss = (double)weft_var_data(l)[0];
    weft_i_loop_update(loop, epoch);
    return WEFT_OK;
}

/* An epoch in steps of options.batch training nodes, each with the neighbours that are drawn for it. */
static weft_status_t train_sampled(weft_i_loop_t *loop, int32_t epoch, double *loss, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    node_run_t *r = loop->task;
    const weft_train_options_t *o = loop->options;
    int64_t n = r->n[1], size = o->batch, steps = (n + size - 1) / size;
    uint64_t seed = o->seed + (uint64_t)loop->index;
    const int32_t *order = weft_i_minibatch_order(&r->sampled, r->row[1], n, seed, epoch);
    WEFT_TRY_ALLOC(order);
    *loss = 0.0;
    for (int64_t k = 0; k < steps; k++) {
        int64_t first = k * size, m = n - first < size ? n - first : size;
        uint64_t step = (uint64_t)epoch * (uint64_t)steps + (uint64_t)k;
        weft_tape_reset(r->tape);
        weft_tape_set_training(r->tape, true);
        weft_tape_set_seed(r->tape, seed, step);
        weft_params_zero_grad(loop->params);
        WEFT_TRY(weft_i_minibatch_draw(&r->sampled, &r->batch, r->task, &r->loss, order + first, m, step, diag));
        weft_var_t *y = weft_model_forward(r->model, r->tape, &r->sampled.batch);
        weft_var_t *l = weft_i_loss(&r->loss, y, r->sampled.label, NULL, r->sampled.one_hot, NULL, m);
        WEFT_TRY(weft_tape_backward(r->tape, l, diag));
        *loss += (double)weft_var_data(l)[0] * (double)m / (double)n;
        weft_i_loop_update(loop, epoch);
    }
done:
    return status;
}

/* Scores of all nodes by blocks; *out is the caller's. */
static weft_status_t answer_within(const node_run_t *r, const weft_train_options_t *o, weft_real_t **out, int64_t *planned, weft_diag_t *diag)
{
    weft_train_options_t own = *o;
    weft_i_result_t to = {.to = out};
    own.max_memory = r->for_evaluation;
    return weft_i_apply_blocks(r->task, &own, r->model, &r->scaled, out ? &to : NULL, NULL, planned, diag);
}

static weft_status_t evaluate(weft_i_loop_t *loop, weft_epoch_t *e, double *train, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    node_run_t *r = loop->task;
    const weft_node_task_t *t = r->task;
    weft_real_t *out = NULL;
    double score[4];
    weft_tape_reset(r->tape);
    weft_tape_set_training(r->tape, false);
    if (r->within) WEFT_TRY(answer_within(r, loop->options, &out, NULL, diag));
    weft_var_t *y = r->within ? weft_tape_constant(r->tape, out, t->n_nodes, r->out) : weft_model_forward(r->model, r->tape, &r->batch), *loss = loss_of(r, y, 2);
    WEFT_TRY(weft_tape_status(r->tape, diag));
    for (int32_t k = 1; k < 4; k++) WEFT_TRY(weft_i_score(&score[k], r->metric, weft_var_data(y), r->out, t->label, NULL, r->row[k], r->n[k]));
    e->val_loss = (double)weft_var_data(loss)[0];
    *train = score[1];
    e->val = score[2];
    e->test = score[3];
done:
    weft_i_free(out);
    return status;
}

static int64_t data_bytes(const node_run_t *r)
{
    const weft_node_task_t *t = r->task;
    if (r->within) return weft_i_plan_task(t, t->x) + 2 * t->n_nodes * (int64_t)sizeof(int32_t); /* rows of the parts, the sampler's numbers */
    bool borrowed = !r->x && !t->x_mapped; /* as the task has them; a mapping is read as a whole */
    int64_t cells = r->x_rows ? weft_graph_n_arcs(r->x_rows) : borrowed ? 0 : t->n_nodes * t->n_features;
    return cells * (int64_t)sizeof(weft_real_t) + weft_i_plan_graph(r->x_rows) + weft_i_plan_topology(&r->topology);
}

/* A step and an evaluation in plan mode, against the options' limit. */
static weft_status_t plan(node_run_t *r, const weft_train_options_t *o, const weft_model_t *model, bool train, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_plan_t p = {.parameters = train ? weft_i_plan_params(weft_model_params(model), o) : weft_params_total(weft_model_params(model)) * (int64_t)sizeof(weft_real_t), .data = data_bytes(r)};
    if (!o->plan && !o->on_plan && o->max_memory <= 0) return WEFT_OK;
    weft_tape_plan(r->tape, true);
    if (train && o->sample[0]) {
        int64_t m = r->n[1] < o->batch ? r->n[1] : o->batch;
        const int32_t *order = weft_i_minibatch_order(&r->sampled, r->row[1], r->n[1], o->seed, 0);
        WEFT_TRY_ALLOC(order);
        WEFT_TRY(weft_i_minibatch_draw(&r->sampled, &r->batch, r->task, &r->loss, order, m, 0, diag));
        WEFT_TRY(weft_tape_backward(r->tape, weft_i_loss(&r->loss, weft_model_forward(model, r->tape, &r->sampled.batch), r->sampled.label, NULL, r->sampled.one_hot, NULL, m), diag));
        p.data += r->sampled.batch.n_nodes * (r->x_rows ? 0 : r->task->n_features) * (int64_t)sizeof(weft_real_t) + (r->x_rows ? weft_i_plan_graph(&r->sampled.rows.graph) + weft_i_plan_graph(&r->sampled.own.graph) : 0);
        for (int32_t l = 0; l < r->sampled.n_layers; l++) p.data += weft_i_plan_topology(r->sampled.layers[l]);
    } else if (train) WEFT_TRY(weft_tape_backward(r->tape, loss_of(r, weft_model_forward(model, r->tape, &r->batch), 1), diag));
    p.step = weft_tape_peak(r->tape, false);
    if (r->within) {
        int64_t task = weft_i_plan_task(r->task, r->task->x);
        weft_tape_plan(r->tape, false);
        r->for_evaluation = o->max_memory - p.parameters - (p.data - task) - p.step - r->task->n_nodes * r->out * (int64_t)sizeof(weft_real_t);
        if (r->for_evaluation < 1) r->for_evaluation = 1;
        WEFT_TRY(answer_within(r, o, NULL, &p.evaluation, diag));
        p.evaluation += p.step + r->task->n_nodes * r->out * (int64_t)sizeof(weft_real_t) - task;
        WEFT_TRY(weft_i_plan_check(&p, o, diag));
        goto done;
    }
    weft_tape_plan(r->tape, true);
    weft_tape_set_training(r->tape, false);
    weft_var_t *y = weft_model_forward(model, r->tape, &r->batch);
    if (train) (void)loss_of(r, y, 2);
    WEFT_TRY(weft_tape_status(r->tape, diag));
    p.evaluation = weft_tape_peak(r->tape, false);
    if (!train) p.data += weft_i_plan_task(r->task, r->task->x);
    WEFT_TRY(weft_i_plan_check(&p, o, diag));
done:
    weft_tape_plan(r->tape, false);
    weft_tape_set_training(r->tape, true);
    return status;
}

/* The model without parameters: one pass, no epochs. */
static weft_status_t propagate(weft_run_t *run, node_run_t *r, const weft_train_options_t *o, int32_t index, weft_diag_t *diag)
{
    const weft_node_task_t *t = r->task;
    double score[4];
    weft_real_t *y = NULL;
    weft_status_t status;
    WEFT_TRY(weft_i_label_propagation(&y, t, &r->topology, t->split + (int64_t)(index % t->n_splits) * t->n_nodes, o->model.k, o->model.alpha, diag));
    for (int32_t k = 1; k < 4; k++) WEFT_TRY(weft_i_score(&score[k], r->metric, y, t->n_classes, t->label, NULL, r->row[k], r->n[k]));
    *run = (weft_run_t){.train = score[1], .val = score[2], .test = score[3]};
done:
    weft_i_free(y);
    return status;
}

weft_status_t weft_train_node(weft_run_t *run, weft_model_t **model, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index,
                              weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_train_options_t chosen;
    double begin = now();
    int32_t recipe = 0;
    if (options->recipe != WEFT_RECIPE_STATED || options->model.jump == WEFT_JUMP_AUTO || options->model.global == WEFT_GLOBAL_AUTO) {
        status = weft_i_choose(&chosen, task, options, index, &recipe, on_epoch, context, diag);
        if (status != WEFT_OK) return status;
        options = &chosen;
    }
    double trials = now() - begin;
    const weft_train_options_t sized = weft_train_sized(options, false, task->n_nodes + weft_graph_n_arcs(task->graph));
    node_run_t r = {.task = task, .metric = weft_i_metric(options, task->metric), .out = task->n_classes};
    weft_model_options_t o = sized.model;
    char data[160];
    *run = (weft_run_t){.best_epoch = -1, .recipe = recipe};
    if (model) *model = NULL;
    WEFT_TRY(weft_i_metric_check(r.metric, false, task->n_classes, diag));
    o.in = task->n_features;
    o.out = task->n_classes;
    o.delta = weft_pna_delta(task->graph);
    weft_normalize_t scale = options->normalize == WEFT_NORMALIZE_AUTO ? weft_i_normalize_choice(task, index) : options->normalize;
    r.within = weft_i_sampled_within(options, task->x);
    if (r.within) WEFT_TRY(weft_i_scaled_init(&r.scaled, task->x, task->n_nodes, task->n_features, task->x_mapped, scale));
    else {
        WEFT_TRY(weft_model_topology(&r.topology, task->graph, options->model.model, 0, NULL, diag));
        WEFT_TRY(weft_i_features(&r.x, &r.x_rows, &r.batch, task, scale, diag));
    }
    r.batch.topology = &r.topology;
    WEFT_TRY(one_graph(&r, options, diag));
    WEFT_TRY(prepare_gps(&r, &o, diag));
    WEFT_TRY(prepare_rows(&r, index, diag));
    if (!strcmp(o.model, "label_propagation")) {
        status = propagate(run, &r, options, index, diag);
        run->seconds = now() - begin;
        goto done;
    }
    if (options->sample[0]) WEFT_TRY(weft_i_minibatch_init(&r.sampled, task, options, index, diag));
    if (r.within) r.sampled.scaled = &r.scaled;
    WEFT_TRY(weft_i_loss_init(&r.loss, options, task->label, task->n_nodes, task->n_classes, r.row[1], r.n[1], diag));
    WEFT_TRY(weft_model_new(&r.model, &o, options->seed + (uint64_t)index, diag));
    WEFT_TRY(weft_i_start(r.model, options, diag));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    WEFT_TRY(plan(&r, options, r.model, true, diag));
    if (options->plan) goto done;
    snprintf(data, sizeof data, "nodes %lld arcs %lld features %lld classes %d train %lld", (long long)task->n_nodes, (long long)weft_graph_n_arcs(task->graph), (long long)task->n_features, task->n_classes, (long long)r.n[1]);
    weft_i_loop_t loop = {.options = &sized, .index = index, .data = data, .params = weft_model_params(r.model), .smaller_is_better = weft_metric_smaller_is_better(r.metric), .task = &r, .train = options->sample[0] ? train_sampled : train_epoch, .evaluate = evaluate};
    WEFT_TRY(weft_i_loop_run(&loop, run, on_epoch, context, diag));
    run->seconds += trials;
    if (model) {
        *model = r.model;
        r.model = NULL;
    }
done:
    end(&r);
    return status;
}

bool weft_i_within_memory(const weft_train_options_t *o, bool dense) { return o->max_memory > 0 && dense && weft_i_by_blocks(o); }
bool weft_i_sampled_within(const weft_train_options_t *o, bool dense) { return o->sample[0] && weft_i_within_memory(o, dense); }

/* Features as they were stored, scaled as they are read, unless that takes all of them first. */
static weft_status_t apply_blocks(node_run_t *r, const weft_train_options_t *o, weft_model_t *model, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag)
{
    const weft_node_task_t *t = r->task;
    weft_status_t status = WEFT_OK;
    bool known = o->normalize != WEFT_NORMALIZE_AUTO;
    if (!known) WEFT_TRY(weft_i_features(&r->x, &r->x_rows, &r->batch, t, o->normalize, diag));
    WEFT_TRY(weft_i_scaled_init(&r->scaled, known ? t->x : r->x, t->n_nodes, t->n_features, known && t->x_mapped, known ? o->normalize : WEFT_NORMALIZE_NONE));
    status = weft_i_apply_blocks(t, o, model, &r->scaled, out, embedding, NULL, diag);
done:
    return status;
}

static weft_status_t put_all(weft_i_result_t *to, weft_var_t *y, weft_diag_t *diag)
{
    weft_status_t status = weft_i_result_open(to, weft_var_rows(y), weft_var_cols(y), diag);
    if (status == WEFT_OK) weft_i_result_put(to, weft_var_rows(y), weft_var_data(y));
    return status;
}

weft_status_t weft_i_apply_node(const weft_node_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    node_run_t r = {.task = task};
    weft_var_t *last = NULL;
    if (weft_i_within_memory(options, task->x)) {
        status = apply_blocks(&r, options, model, out, embedding, diag);
        goto done;
    }
    WEFT_TRY(weft_model_topology(&r.topology, task->graph, options->model.model, 0, NULL, diag));
    WEFT_TRY(weft_i_features(&r.x, &r.x_rows, &r.batch, task, options->normalize, diag));
    r.batch.topology = &r.topology;
    WEFT_TRY(one_graph(&r, options, diag));
    WEFT_TRY(prepare_gps(&r, &options->model, diag));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    WEFT_TRY(plan(&r, options, model, false, diag));
    weft_tape_set_training(r.tape, false);
    weft_var_t *y = weft_model_embed(model, r.tape, &r.batch, &last);
    WEFT_TRY(weft_tape_status(r.tape, diag));
    WEFT_TRY(put_all(out, y, diag));
    if (embedding && last && weft_var_data(last)) WEFT_TRY(put_all(embedding, last, diag));
done:
    end(&r);
    return status;
}
