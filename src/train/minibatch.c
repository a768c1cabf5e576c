/* train/minibatch.c: the neighbourhood of a few nodes as a batch of its own: a topology per layer, the rows of features that the first one reads, labels. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "train/train.h"

#include <string.h>

static weft_status_t refuse(weft_diag_t *diag, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, "train-sample", NULL, 0, 0, "%s", text);
    return WEFT_EUSAGE;
}

weft_status_t weft_i_minibatch_init(weft_i_minibatch_t *m, const weft_node_task_t *task, const weft_train_options_t *o, int32_t index, weft_diag_t *diag)
{
    int32_t n = 0;
    while (n < WEFT_SAMPLE_LAYERS && o->sample[n]) n++;
    if (strcmp(o->model.model, "sage")) return refuse(diag, "neighbours are sampled for model sage; other models weigh arcs by degrees that a sample does not have, or look further than an arc per layer");
    if (o->model.jump != WEFT_JUMP_LAST || o->model.norm == WEFT_NORM_GRAPH) return refuse(diag, "a sample has other rows in every layer: no jump, no graph norm");
    if (n != o->model.layers) {
        weft_diag_add(diag, WEFT_ERROR, "train-sample", NULL, 0, 0, "sample names %d layers, the model has %d", n, o->model.layers);
        return WEFT_EUSAGE;
    }
    if (o->batch < 1) return refuse(diag, "batch must be at least 1");
    m->n_layers = n;
    return weft_sampler_new(&m->sampler, task->graph, o->sample, n, o->seed + (uint64_t)index, diag);
}

static void forget(weft_i_minibatch_t *m)
{
    for (int32_t l = 0; l < m->n_layers; l++) {
        weft_topology_destroy(&m->topology[l]);
        m->topology[l] = (weft_topology_t){0};
    }
    weft_graph_free(m->x_rows);
    weft_i_free(m->x);
    weft_i_free(m->one_hot);
    weft_i_free(m->label);
    m->x_rows = NULL;
    m->x = m->one_hot = NULL;
    m->label = NULL;
}

void weft_i_minibatch_destroy(weft_i_minibatch_t *m)
{
    forget(m);
    weft_i_free(m->order);
    weft_sampler_free(m->sampler);
    *m = (weft_i_minibatch_t){0};
}

const int32_t *weft_i_minibatch_order(weft_i_minibatch_t *m, const int32_t *row, int64_t n, uint64_t seed, int32_t epoch)
{
    weft_i_rng_t rng = {seed, 0x6261746300000000 + (uint64_t)epoch, 0};
    if (!m->order) m->order = weft_i_malloc((size_t)n * sizeof *m->order + 1);
    if (!m->order) return NULL;
    memcpy(m->order, row, (size_t)n * sizeof *row);
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = weft_i_rng_below(&rng, i + 1);
        int32_t keep = m->order[i];
        m->order[i] = m->order[j];
        m->order[j] = keep;
    }
    return m->order;
}

/* Rows of the features, dense or sparse as they are. */
static weft_status_t rows_of(weft_i_minibatch_t *m, const weft_batch_t *whole, int64_t f, const weft_sampled_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *offset = NULL;
    int32_t *column = NULL;
    weft_real_t *value = NULL;
    if (whole->x) {
        WEFT_TRY_ALLOC(m->x = weft_i_aligned((size_t)(d->n_nodes * f) * sizeof *m->x + 64));
        for (int64_t i = 0; i < d->n_nodes; i++) memcpy(m->x + i * f, whole->x + d->node[i] * f, (size_t)f * sizeof *m->x);
        goto done;
    }
    const int64_t *from = weft_graph_offsets(whole->x_rows);
    WEFT_TRY_ALLOC(offset = weft_i_malloc(((size_t)d->n_nodes + 1) * sizeof *offset));
    offset[0] = 0;
    for (int64_t i = 0; i < d->n_nodes; i++) offset[i + 1] = offset[i] + weft_graph_in_degree(from, d->node[i]);
    WEFT_TRY_ALLOC(column = weft_i_malloc((size_t)offset[d->n_nodes] * sizeof *column + 1));
    WEFT_TRY_ALLOC(value = weft_i_malloc((size_t)offset[d->n_nodes] * sizeof *value + 1));
    WEFT_TRY_ALLOC(m->x = weft_i_aligned((size_t)offset[d->n_nodes] * sizeof *m->x + 64));
    for (int64_t i = 0; i < d->n_nodes; i++) {
        size_t n = (size_t)(offset[i + 1] - offset[i]);
        memcpy(column + offset[i], weft_graph_sources(whole->x_rows) + from[d->node[i]], n * sizeof *column);
        memcpy(value + offset[i], whole->x_value + from[d->node[i]], n * sizeof *value);
    }
    WEFT_TRY(weft_graph_from_rows(&m->x_rows, f, d->n_nodes, offset, column, diag));
    const int32_t *place = weft_graph_edge_ids(m->x_rows);
    for (int64_t e = 0; e < offset[d->n_nodes]; e++) m->x[e] = value[place[e]];
done:
    weft_i_free(offset);
    weft_i_free(column);
    weft_i_free(value);
    return status;
}

weft_status_t weft_i_minibatch_draw(weft_i_minibatch_t *m, const weft_batch_t *whole, const weft_node_task_t *task, const weft_i_loss_t *loss, const int32_t *node, int64_t n, uint64_t step, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_sampled_t d;
    int64_t classes = task->n_classes;
    forget(m);
    WEFT_TRY(weft_sampler_draw(&d, m->sampler, node, n, step, diag));
    for (int32_t l = 0; l < d.n_layers; l++) {
        WEFT_TRY(weft_topology_init(&m->topology[l], d.layer[l], diag));
        m->layers[l] = &m->topology[l];
    }
    WEFT_TRY(rows_of(m, whole, task->n_features, &d, diag));
    WEFT_TRY_ALLOC(m->label = weft_i_malloc((size_t)n * sizeof *m->label + 1));
    for (int64_t i = 0; i < n; i++) m->label[i] = task->label[node[i]];
    if (loss->one_hot) WEFT_TRY_ALLOC(m->one_hot = weft_i_malloc((size_t)(n * classes) * sizeof *m->one_hot + 1));
    for (int64_t i = 0; loss->one_hot && i < n; i++) memcpy(m->one_hot + i * classes, loss->one_hot + (int64_t)node[i] * classes, (size_t)classes * sizeof *m->one_hot);
    m->batch = (weft_batch_t){.topology = m->layers[0], .layers = m->layers, .x = whole->x ? m->x : NULL, .x_rows = m->x_rows, .x_value = m->x, .n_nodes = d.n_nodes};
done:
    return status;
}
