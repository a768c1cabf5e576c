/* train/task.c: a data set as a task. */
#include "base/alloc.h"
#include "base/status.h"
#include "graph/graph.h"
#include "train/train.h"
#include "weft/link.h"

#include <string.h>

struct weft_task_data {
    bool by_graph;
    weft_node_task_t node;
    weft_graph_task_t graph;
    weft_graph_t *arcs;
    weft_real_t *x, *edge_x;
    int32_t *edge_type; /* the first code of an edge */
};

static int64_t sum_of(const int32_t *size, int32_t n)
{
    int64_t sum = 0;
    for (int32_t k = 0; k < n; k++) sum += size[k];
    return sum;
}

/* Column blocks of ones: to[i][at + offset of code k + value]. */
static void one_hot(weft_real_t *to, int64_t n, int64_t cols, int64_t at, const uint8_t *code, const int32_t *size, int32_t n_codes)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t from = at;
        for (int32_t k = 0; k < n_codes; from += size[k], k++) to[i * cols + from + code[i * n_codes + k]] = 1;
    }
}

/* All features side by side, dense. */
static weft_status_t dense_features(weft_task_data_t *t, const weft_dataset_t *d, int64_t cols)
{
    int64_t stored = d->x || d->x_row ? d->n_features : 0;
    t->x = weft_i_calloc((size_t)d->n_nodes, (size_t)cols * sizeof *t->x);
    if (!t->x) return WEFT_ENOMEM;
    for (int64_t i = 0; i < d->n_nodes; i++) {
        for (int64_t j = 0; d->x && j < stored; j++) t->x[i * cols + j] = (weft_real_t)d->x[i * stored + j];
        for (int64_t e = d->x_row ? d->x_row[i] : 0; d->x_row && e < d->x_row[i + 1]; e++)
            t->x[i * cols + d->x_column[e]] = d->x_value ? (weft_real_t)d->x_value[e] : 1;
    }
    if (d->code) one_hot(t->x, d->n_nodes, cols, stored, d->code, d->code_size, d->n_codes);
    return WEFT_OK;
}

static weft_metric_t metric_of(const weft_dataset_t *d)
{
    weft_metric_t metric = WEFT_ACCURACY;
    return d->metric && weft_metric_by_name(&metric, d->metric) ? metric : d->task == WEFT_TASK_GRAPH_VALUE ? WEFT_METRIC_MAE : WEFT_ACCURACY;
}

static weft_status_t make_arcs(weft_graph_t **arcs, const weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *source = NULL, *target = NULL;
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)d->n_edges * sizeof *source));
    WEFT_TRY_ALLOC(target = weft_i_malloc((size_t)d->n_edges * sizeof *target));
    for (int64_t e = 0; e < d->n_edges; e++) {
        source[e] = d->edge[2 * e];
        target[e] = d->edge[2 * e + 1];
    }
    WEFT_TRY(weft_graph_new(arcs, d->n_nodes, d->n_nodes, d->n_edges, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag));
done:
    weft_i_free(source);
    weft_i_free(target);
    return status;
}

static weft_status_t make_node(weft_task_data_t *t, const weft_dataset_t *d, const weft_split_t *split, bool lean, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    WEFT_TRY(lean ? weft_i_graph_of_pairs(&t->arcs, d->n_nodes, d->n_edges, d->edge, diag) : make_arcs(&t->arcs, d, diag));
    t->node = (weft_node_task_t){.graph = t->arcs, .n_nodes = d->n_nodes, .n_features = d->n_features, .label = d->label, .n_classes = d->n_classes,
                                 .metric = metric_of(d), .n_splits = split ? split->n : 0, .split = split ? split->part : NULL};
    if (d->x_row && !d->x && !d->code && sizeof(weft_real_t) == sizeof(float)) {
        t->node.x_offset = d->x_row;
        t->node.x_column = d->x_column;
        t->node.x_value = (const weft_real_t *)(const void *)d->x_value;
    } else {
        bool as_it_is = d->x && !d->code && sizeof(weft_real_t) == sizeof(float); /* borrowed */
        t->node.n_features = (d->x || d->x_row ? d->n_features : 0) + (d->code ? sum_of(d->code_size, d->n_codes) : 0);
        if (!as_it_is) WEFT_TRY(dense_features(t, d, t->node.n_features));
        t->node.x = as_it_is ? (const weft_real_t *)(const void *)d->x : t->x;
        t->node.x_mapped = as_it_is && d->x_map;
    }
done:
    return status;
}

static weft_status_t make_graph(weft_task_data_t *t, const weft_dataset_t *d, const weft_split_t *split)
{
    weft_status_t status = WEFT_OK;
    int64_t cols = (d->x || d->x_row ? d->n_features : 0) + (d->code ? sum_of(d->code_size, d->n_codes) : 0);
    int64_t edge_cols = d->edge_code ? sum_of(d->edge_code_size, d->n_edge_codes) : 0;
    bool values = d->task == WEFT_TASK_GRAPH_VALUE;
    t->by_graph = true;
    WEFT_TRY(dense_features(t, d, cols));
    if (edge_cols) {
        WEFT_TRY_ALLOC(t->edge_x = weft_i_calloc((size_t)d->n_edges, (size_t)edge_cols * sizeof *t->edge_x));
        one_hot(t->edge_x, d->n_edges, edge_cols, 0, d->edge_code, d->edge_code_size, d->n_edge_codes);
        if (d->edge_code_size[0] <= WEFT_MAX_RELATIONS) {
            WEFT_TRY_ALLOC(t->edge_type = weft_i_malloc((size_t)d->n_edges * sizeof *t->edge_type));
            for (int64_t e = 0; e < d->n_edges; e++) t->edge_type[e] = d->edge_code[e * d->n_edge_codes];
        }
    }
    t->graph = (weft_graph_task_t){.n_graphs = d->n_graphs, .n_features = cols, .edge_features = edge_cols, .node_ptr = d->node_ptr, .edge_ptr = d->edge_ptr,
                                   .edge = d->edge, .x = t->x, .edge_x = t->edge_x, .n_edge_types = t->edge_type ? d->edge_code_size[0] : 0, .edge_type = t->edge_type, .label = values ? NULL : d->label,
                                   .target = values ? (const weft_real_t *)(const void *)d->target : NULL, .n_classes = values ? 1 : d->n_classes,
                                   .metric = metric_of(d), .n_splits = split ? split->n : 0, .split = split ? split->part : NULL};
done:
    return status;
}

bool weft_i_task_by_graph(const weft_task_data_t *t, const weft_node_task_t **node, const weft_graph_task_t **graph)
{
    *node = &t->node;
    *graph = &t->graph;
    return t->by_graph;
}

weft_status_t weft_i_task_new(weft_task_data_t **task, const weft_dataset_t *d, const weft_split_t *split, bool lean, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_task_data_t *t = NULL;
    *task = NULL;
    bool values = d->task == WEFT_TASK_GRAPH_VALUE;
    bool labelled = values ? d->target != NULL : d->label != NULL;
    if ((!d->x && !d->x_row && !d->code) || (split && (!labelled || split->n < 1))) {
        weft_diag_add(diag, WEFT_ERROR, "task-form", d->path, 0, 0, split ? "features, labels or values, and a split are needed" : "features are needed");
        return WEFT_EINPUT;
    }
    WEFT_TRY_ALLOC(t = weft_i_calloc(1, sizeof *t));
    WEFT_TRY(d->task == WEFT_TASK_NODE_CLASS ? make_node(t, d, split, lean, diag) : make_graph(t, d, split));
    *task = t;
    t = NULL;
done:
    weft_task_free(t);
    return status;
}

weft_status_t weft_task_new(weft_task_data_t **task, const weft_dataset_t *d, const weft_split_t *split, weft_diag_t *diag) { return weft_i_task_new(task, d, split, false, diag); }

weft_status_t weft_train_task(weft_task_data_t **task, const weft_train_options_t *o, const weft_dataset_t *d, const weft_split_t *split, weft_diag_t *diag)
{
    return weft_i_task_new(task, d, split, weft_i_sampled_within(o, d->x && !d->code), diag);
}

void weft_task_free(weft_task_data_t *t)
{
    if (!t) return;
    weft_graph_free(t->arcs);
    weft_i_free(t->x);
    weft_i_free(t->edge_x);
    weft_i_free(t->edge_type);
    weft_i_free(t);
}

weft_status_t weft_link_task(weft_link_task_t *link, const weft_task_data_t *t, const weft_dataset_t *d, weft_diag_t *diag)
{
    const weft_node_task_t *n = &t->node;
    if (t->by_graph) {
        weft_diag_add(diag, WEFT_ERROR, "task-form", d->path, 0, 0, "links are learned in a set of one graph; this one has %lld", (long long)d->n_graphs);
        return WEFT_EINPUT;
    }
    *link = (weft_link_task_t){.n_nodes = n->n_nodes, .n_features = n->n_features, .n_edges = d->n_edges, .x = n->x, .x_offset = n->x_offset, .x_column = n->x_column, .x_value = n->x_value, .edge = d->edge};
    return WEFT_OK;
}

weft_metric_t weft_task_metric(const weft_task_data_t *t, const weft_train_options_t *o) { return weft_i_metric(o, t->by_graph ? t->graph.metric : t->node.metric); }

weft_status_t weft_train_run(weft_run_t *run, weft_model_t **model, const weft_task_data_t *t, const weft_train_options_t *options, int32_t index,
                             weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    if (!(t->by_graph ? t->graph.split : t->node.split)) {
        weft_diag_add(diag, WEFT_ERROR, "task-form", NULL, 0, 0, "a task without a split cannot be trained on");
        return WEFT_EUSAGE;
    }
    return t->by_graph ? weft_train_graph(run, model, &t->graph, options, index, on_epoch, context, diag)
                       : weft_train_node(run, model, &t->node, options, index, on_epoch, context, diag);
}
