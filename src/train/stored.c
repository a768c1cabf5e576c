/* train/stored.c: a trained model in a file, and its use on other data. */
#include "base/alloc.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "models/model.h"
#include "train/train.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct weft_stored {
    json_t *card;
    weft_train_options_t options;
    char *model_name;
    weft_model_t *model;
};

static const char *task_text(const weft_task_data_t *task, bool by_graph, const weft_graph_task_t *g)
{
    (void)task;
    return !by_graph ? "node_class" : g->label ? "graph_class" : "graph_value";
}

weft_status_t weft_stored_write(const weft_model_t *model, const weft_train_options_t *o, const weft_task_data_t *task, const weft_stored_about_t *about, const char *path, weft_diag_t *diag)
{
    const weft_node_task_t *node;
    const weft_graph_task_t *graph;
    bool by_graph = weft_i_task_by_graph(task, &node, &graph);
    const char *key, *meaning;
    char value[64];
    json_t *options = json_object(), *card = json_object();
    weft_train_options_t own = *o; /* AUTO as it was meant for the run: on other data it could mean something else */
    if (!by_graph) weft_i_recipe_of(&own, &model->o);
    own.recipe = WEFT_RECIPE_STATED;
    if (own.model.jump == WEFT_JUMP_AUTO) own.model.jump = model->o.jump;
    if (own.model.global == WEFT_GLOBAL_AUTO) {
        own.model.global = model->o.global;
        own.model.dropout = model->o.dropout;
        own.model.input_dropout = model->o.input_dropout;
    }
    if (!by_graph && own.normalize == WEFT_NORMALIZE_AUTO) own.normalize = weft_i_normalize_choice(node, about ? about->run : 0);
    for (int32_t i = 0; weft_train_key(&own, i, &key, &meaning, value, sizeof value); i++) json_object_set_new(options, key, json_string(value));
    json_object_set_new(card, "kind", json_string("graph-model-1"));
    json_object_set_new(card, "model", json_string(model->o.model));
    json_object_set_new(card, "task", json_string(task_text(task, by_graph, graph)));
    json_object_set_new(card, "metric", json_string(weft_metric_name(weft_task_metric(task, o))));
    json_object_set_new(card, "in", json_integer(model->o.in));
    json_object_set_new(card, "edge_in", json_integer(model->o.edge_in));
    json_object_set_new(card, "out", json_integer(model->o.out));
    json_object_set_new(card, "delta", json_real(model->o.delta));
    json_object_set_new(card, "relations", json_integer(model->o.relations));
    if (about) {
        json_object_set_new(card, "dataset", json_string(about->dataset ? about->dataset : ""));
        json_object_set_new(card, "split", json_string(about->split ? about->split : ""));
        json_object_set_new(card, "command", json_string(about->command ? about->command : ""));
        json_object_set_new(card, "run", json_integer(about->run));
        json_object_set_new(card, "seed", json_integer((json_int_t)about->seed));
        if (about->result) json_object_set_new(card, "result", json_pack("{s:f, s:f, s:i}", "val", about->result->val, "test", about->result->test, "best_epoch", about->result->best_epoch));
    }
    json_object_set(card, "options", options);
    char *text = json_dumps(card, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(options);
    json_decref(card);
    if (!text) return WEFT_ENOMEM;
    const char *const meta[] = {"weft", text};
    weft_status_t status = weft_params_write(weft_model_params(model), path, meta, 1, diag);
    free(text);
    return status;
}

static weft_status_t bad(const char *path, const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "model-kind", path, 0, 0, "%s", what);
    return WEFT_EINPUT;
}

static weft_status_t take_card(weft_stored_t *s, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const char *kind = weft_stored_text(s, "kind"), *model = weft_stored_text(s, "model"), *key;
    json_t *value;
    if (!kind || strcmp(kind, "graph-model-1") || !model) return bad(path, "not a graph model of weft train graph --out", diag);
    WEFT_TRY_ALLOC(s->model_name = weft_i_strndup(model, strlen(model)));
    WEFT_TRY(weft_train_defaults(&s->options, s->model_name, NULL, NULL, diag));
    json_object_foreach(json_object_get(s->card, "options"), key, value)
    {
        char assignment[256];
        snprintf(assignment, sizeof assignment, "%s=%s", key, json_is_string(value) ? json_string_value(value) : "");
        WEFT_TRY(weft_train_set(&s->options, assignment, diag));
    }
    weft_model_options_t *o = &s->options.model;
    const char *task = weft_stored_text(s, "task");
    o->model = s->model_name;
    o->in = json_integer_value(json_object_get(s->card, "in"));
    o->edge_in = json_integer_value(json_object_get(s->card, "edge_in"));
    o->out = json_integer_value(json_object_get(s->card, "out"));
    o->delta = json_number_value(json_object_get(s->card, "delta"));
    if (json_object_get(s->card, "relations")) o->relations = (int32_t)json_integer_value(json_object_get(s->card, "relations"));
    o->graph_task = task && strcmp(task, "node_class");
    if (o->in < 1 || o->in > 100000000 || o->out < 1 || o->out > 1000000 || o->edge_in < 0 || o->edge_in > 1000000) return bad(path, "columns in or out are absurd", diag);
done:
    return status;
}

weft_status_t weft_stored_read(weft_stored_t **stored, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_safetensors_t *f = NULL;
    weft_stored_t *s = NULL;
    json_error_t error;
    *stored = NULL;
    WEFT_TRY_ALLOC(s = weft_i_calloc(1, sizeof *s));
    WEFT_TRY(weft_i_safetensors_read(&f, path, diag));
    const char *text = weft_i_safetensors_meta(f, "weft");
    s->card = text ? json_loads(text, 0, &error) : NULL;
    if (!s->card) WEFT_TRY(bad(path, "no metadata key `weft` with JSON in it", diag));
    WEFT_TRY(take_card(s, path, diag));
    WEFT_TRY(weft_model_new(&s->model, &s->options.model, 0, diag));
    WEFT_TRY(weft_params_read(weft_model_params(s->model), path, diag));
    *stored = s;
    s = NULL;
done:
    weft_i_safetensors_free(f);
    weft_stored_free(s);
    return status;
}

void weft_stored_free(weft_stored_t *s)
{
    if (!s) return;
    json_decref(s->card);
    weft_model_free(s->model);
    weft_i_free(s->model_name);
    weft_i_free(s);
}

void weft_stored_set_max_memory(weft_stored_t *s, int64_t bytes) { s->options.max_memory = bytes; }

void weft_stored_on_plan(weft_stored_t *s, weft_plan_fn on_plan, void *context)
{
    s->options.on_plan = on_plan;
    s->options.on_plan_context = context;
}

void weft_stored_on_progress(weft_stored_t *s, weft_progress_fn on_progress, void *context)
{
    s->options.on_progress = on_progress;
    s->options.on_progress_context = context;
}

weft_status_t weft_stored_task(weft_task_data_t **task, const weft_stored_t *s, const weft_dataset_t *d, const weft_split_t *split, weft_diag_t *diag)
{
    return weft_i_task_new(task, d, split, weft_i_within_memory(&s->options, d->x && !d->code), diag);
}

weft_status_t weft_stored_set_top_k(weft_stored_t *s, int32_t top_k, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_model_t *model = NULL;
    weft_real_t *values = NULL;
    weft_model_options_t o = s->options.model;
    o.top_k = top_k;
    WEFT_TRY(weft_model_new(&model, &o, 0, diag));
    WEFT_TRY_ALLOC(values = weft_i_malloc((size_t)weft_params_total(s->model->params) * sizeof *values));
    weft_params_store(s->model->params, values);
    weft_params_load(model->params, values);
    weft_model_free(s->model);
    s->model = model;
    s->options.model.top_k = top_k;
    model = NULL;
done:
    weft_model_free(model);
    weft_i_free(values);
    return status;
}

const char *weft_stored_text(const weft_stored_t *s, const char *key) { return json_string_value(json_object_get(s->card, key)); }
const weft_train_options_t *weft_stored_options(const weft_stored_t *s) { return &s->options; }
int32_t weft_stored_run(const weft_stored_t *s) { return (int32_t)json_integer_value(json_object_get(s->card, "run")); }

static bool of_the_task(const char *name)
{
    static const char *const part[] = {"node.", "edge.", "position.", "head."};
    for (size_t k = 0; k < sizeof part / sizeof *part; k++)
        if (!strncmp(name, part[k], strlen(part[k]))) return true;
    return strstr(name, ".adapter.") != NULL;
}

weft_status_t weft_i_start(weft_model_t *model, const weft_train_options_t *o, weft_diag_t *diag)
{
    if (o->init) return weft_params_read_mapped(weft_model_params(model), o->init, o->init_map ? o->init_map : "", diag);
    if (!o->start) return WEFT_OK;
    const weft_params_t *from = weft_model_params(o->start->model), *to = weft_model_params(model);
    int32_t taken = 0;
    bool gps = !strcmp(o->model.model, "gps") && !strcmp(o->start->options.model.model, "gps");
    for (int32_t i = 0; gps && i < weft_params_n(to); i++) {
        weft_param_t *p = weft_params_at(to, i);
        const weft_param_t *q = weft_params_find(from, p->name);
        if (!q || q->rows != p->rows || q->cols != p->cols) continue;
        memcpy(p->value, q->value, (size_t)(p->rows * p->cols) * sizeof *p->value);
        if (of_the_task(p->name)) continue;
        taken++;
        if (!o->freeze) continue;
        weft_i_free(p->grad);
        p->grad = NULL;
    }
    if (taken) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "finetune-model", NULL, 0, 0, gps ? "no layer of the stored model fits this one: other widths or kinds" : "fine-tuning is for gps models");
    return WEFT_EUSAGE;
}

static weft_status_t apply(const weft_stored_t *s, const weft_task_data_t *task, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag)
{
    const weft_node_task_t *node;
    const weft_graph_task_t *graph;
    const weft_model_options_t *o = &s->options.model;
    bool by_graph = weft_i_task_by_graph(task, &node, &graph);
    int64_t in = by_graph ? graph->n_features : node->n_features, edge_in = by_graph && graph->edge_x ? graph->edge_features : 0;
    if (by_graph != o->graph_task || in != o->in || edge_in != o->edge_in) {
        weft_diag_add(diag, WEFT_ERROR, "model-contract", NULL, 0, 0, "the model is of %lld columns of features and %lld of edges for %s; the data have %lld and %lld for %s", (long long)o->in, (long long)o->edge_in,
                      o->graph_task ? "graphs" : "nodes", (long long)in, (long long)edge_in, by_graph ? "graphs" : "nodes");
        return WEFT_EINPUT;
    }
    return by_graph ? weft_i_apply_graph(graph, &s->options, s->model, out, embedding, diag) : weft_i_apply_node(node, &s->options, s->model, out, embedding, diag);
}

weft_status_t weft_stored_apply(const weft_stored_t *s, const weft_task_data_t *task, weft_real_t **out, int64_t *items, int64_t *cols, weft_real_t **embedding, int64_t *width, weft_diag_t *diag)
{
    weft_i_result_t y = {.to = out}, e = {.to = embedding};
    *out = NULL;
    if (embedding) *embedding = NULL;
    weft_status_t status = apply(s, task, &y, embedding ? &e : NULL, diag);
    *items = y.rows;
    *cols = y.cols;
    if (width) *width = e.cols;
    return status;
}

weft_status_t weft_stored_apply_files(const weft_stored_t *s, const weft_task_data_t *task, const char *out, const char *embeddings, weft_diag_t *diag)
{
    weft_i_result_t y = {.path = out}, e = {.path = embeddings};
    weft_status_t status = apply(s, task, &y, embeddings ? &e : NULL, diag);
    status = weft_i_result_close(&y, status, diag);
    status = weft_i_result_close(&e, status, diag);
    if (status != WEFT_OK || !embeddings || e.open) return status;
    weft_diag_add(diag, WEFT_ERROR, "model-embeddings", NULL, 0, 0, "model %s has no last linear map of its own, so no embeddings", s->model_name);
    return WEFT_EINPUT;
}

weft_status_t weft_task_score(double *score, const weft_task_data_t *task, weft_metric_t metric, const weft_real_t *out, int32_t variant, int32_t part, weft_diag_t *diag)
{
    const weft_node_task_t *node;
    const weft_graph_task_t *graph;
    bool by_graph = weft_i_task_by_graph(task, &node, &graph);
    int64_t items = by_graph ? graph->n_graphs : node->n_nodes, n = 0;
    int32_t n_splits = by_graph ? graph->n_splits : node->n_splits;
    weft_status_t status = weft_i_metric_check(metric, by_graph && !graph->label, by_graph ? graph->n_classes : node->n_classes, diag);
    if (status != WEFT_OK) return status;
    if (n_splits < 1 || variant < 0) {
        weft_diag_add(diag, WEFT_ERROR, "task-form", NULL, 0, 0, "labels and a split are needed to score");
        return WEFT_EUSAGE;
    }
    const uint8_t *split = (by_graph ? graph->split : node->split) + (int64_t)(variant % n_splits) * items;
    int32_t *row = weft_i_malloc(((size_t)items + 1) * sizeof *row);
    if (!row) return WEFT_ENOMEM;
    for (int64_t i = 0; i < items; i++)
        if (split[i] == part) row[n++] = (int32_t)i;
    status = by_graph ? weft_i_score(score, metric, out, graph->n_classes, graph->label, graph->target, row, n) : weft_i_score(score, metric, out, node->n_classes, node->label, NULL, row, n);
    weft_i_free(row);
    return status;
}
