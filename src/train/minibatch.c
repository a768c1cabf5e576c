/* train/minibatch.c: the neighbourhood of a few nodes as a batch of its own: a topology per layer, the rows of features that the first one reads, labels. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "tensor/lanes.h"
#include "train/blocks.h"
#include "train/train.h"

#include <string.h>

static weft_status_t refuse(weft_diag_t *diag, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, "train-sample", NULL, 0, 0, "%s", text);
    return WEFT_EUSAGE;
}

static bool with_loops(const weft_model_options_t *o) { return !strcmp(o->model, "gat") || !strcmp(o->model, "gatv2"); }

static bool can_be_sampled(const weft_model_options_t *o) { return with_loops(o) || !strcmp(o->model, "sage") || !strcmp(o->model, "transformer"); }

weft_status_t weft_i_minibatch_init(weft_i_minibatch_t *m, const weft_node_task_t *task, const weft_train_options_t *o, int32_t index, weft_diag_t *diag)
{
    int32_t n = 0;
    while (n < WEFT_SAMPLE_LAYERS && o->sample[n]) n++;
    if (!can_be_sampled(&o->model)) return refuse(diag, "neighbours are sampled for models sage, gat, gatv2, transformer; others weigh arcs by degrees that a sample does not have, or look further than an arc per layer");
    if (o->model.jump != WEFT_JUMP_LAST || o->model.norm == WEFT_NORM_GRAPH) return refuse(diag, "a sample has other rows in every layer: no jump, no graph norm");
    if (n != o->model.layers) {
        weft_diag_add(diag, WEFT_ERROR, "train-sample", NULL, 0, 0, "sample names %d layers, the model has %d", n, o->model.layers);
        return WEFT_EUSAGE;
    }
    if (o->batch < 1) return refuse(diag, "batch must be at least 1");
    m->n_layers = n;
    m->loops = with_loops(&o->model);
    return weft_sampler_new(&m->sampler, task->graph, o->sample, n, o->seed + (uint64_t)index, diag);
}

static void forget(weft_i_minibatch_t *m)
{
    for (int32_t l = 0; l < m->n_layers; l++) {
        weft_topology_destroy(&m->topology[l]);
        m->topology[l] = (weft_topology_t){0};
    }
    weft_i_free(m->one_hot);
    weft_i_free(m->label);
    m->one_hot = NULL;
    m->label = NULL;
}

void weft_i_minibatch_destroy(weft_i_minibatch_t *m)
{
    forget(m);
    weft_i_row_pool_destroy(&m->rows);
    weft_i_row_pool_destroy(&m->own);
    weft_i_free(m->x);
    weft_i_free(m->key);
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

/* Room for the values of n features; what was there is gone. */
static bool x_room(weft_i_minibatch_t *m, int64_t n)
{
    if (m->x && n <= m->x_room) return true;
    weft_i_free(m->x);
    m->x_room = n + n / 4;
    m->x = weft_i_aligned((size_t)m->x_room * sizeof *m->x + 64);
    return m->x != NULL;
}

/* Rows of the features, dense or sparse as they are. */
static weft_status_t rows_of(weft_i_minibatch_t *m, const weft_batch_t *whole, int64_t f, const weft_sampled_t *d)
{
    weft_status_t status = WEFT_OK;
    if (m->scaled) {
        const weft_i_row_store_t from = weft_i_row_store_of(m->scaled->x, m->scaled->n, f, m->scaled->mapped);
        WEFT_TRY_ALLOC(x_room(m, d->n_nodes * f));
        WEFT_TRY_ALLOC(WEFT_I_ROOM(m->key, m->key_room, d->n_nodes));
        weft_i_row_store_gather(&from, d->node, d->n_nodes, m->key, m->x);
        weft_i_scale_rows(m->x, d->n_nodes, f, m->scaled->how, &m->scaled->columns);
        return WEFT_OK;
    }
    if (whole->x) {
        WEFT_TRY_ALLOC(x_room(m, d->n_nodes * f));
#pragma omp parallel for num_threads(weft_i_threads_for(d->n_nodes * f)) schedule(static)
        for (int64_t i = 0; i < d->n_nodes; i++) memcpy(m->x + i * f, whole->x + d->node[i] * f, (size_t)f * sizeof *m->x);
        return WEFT_OK;
    }
    WEFT_TRY(weft_i_row_pool_take(&m->rows, whole->x_rows, d->node, d->n_nodes));
    WEFT_TRY(weft_i_row_pool_take(&m->own, whole->x_rows, d->node, weft_graph_n_dst(d->layer[0])));
    int64_t n = m->rows.graph.n_arcs;
    WEFT_TRY_ALLOC(x_room(m, n));
#pragma omp parallel for num_threads(weft_i_threads_for(n)) schedule(static)
    for (int64_t e = 0; e < n; e++) m->x[e] = whole->x_value[m->rows.graph.edge_id[e]];
done:
    return status;
}

/* The layer with one loop, in its order, in place of those there are: destination v is source v. */
static weft_status_t add_loops(weft_topology_t *t)
{
    weft_status_t status = WEFT_OK;
    int64_t n_dst = weft_graph_n_dst(t->graph), *offset = NULL, n = 0;
    const int64_t *from = weft_graph_offsets(t->graph);
    const int32_t *u = weft_graph_sources(t->graph);
    int32_t *source = NULL;
    WEFT_TRY_ALLOC(offset = weft_i_malloc((size_t)(n_dst + 1) * sizeof *offset));
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)(from[n_dst] + n_dst) * sizeof *source + 1));
    offset[0] = 0;
    for (int64_t v = 0; v < n_dst; v++) {
        int64_t e = from[v];
        for (; e < from[v + 1] && u[e] < v; e++) source[n++] = u[e];
        source[n++] = (int32_t)v;
        for (; e < from[v + 1]; e++)
            if (u[e] != v) source[n++] = u[e];
        offset[v + 1] = n;
    }
    status = weft_i_graph_of_rows(&t->looped, weft_graph_n_src(t->graph), n_dst, offset, source, true); /* which takes both */
    offset = NULL;
    source = NULL;
done:
    weft_i_free(offset);
    weft_i_free(source);
    return status;
}

/* What a layer asks for: its arcs, for dense rows which of them are the destinations' own, and loops. */
static weft_status_t topology_of(weft_topology_t *t, const weft_graph_t *layer, bool loops, weft_diag_t *diag)
{
    int64_t n = weft_graph_n_dst(layer);
    *t = (weft_topology_t){.graph = layer};
    weft_status_t looped = loops ? add_loops(t) : WEFT_OK;
    if (looped != WEFT_OK) return looped;
    if (n == weft_graph_n_src(layer)) return WEFT_OK;
    int32_t *first = weft_i_malloc((size_t)n * sizeof *first + 1);
    if (!first) return WEFT_ENOMEM;
    for (int64_t v = 0; v < n; v++) first[v] = (int32_t)v;
    weft_status_t status = weft_graph_from_lookup(&t->own, weft_graph_n_src(layer), n, first, false, diag);
    weft_i_free(first);
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
        WEFT_TRY(topology_of(&m->topology[l], d.layer[l], m->loops, diag));
        m->layers[l] = &m->topology[l];
    }
    WEFT_TRY(rows_of(m, whole, task->n_features, &d));
    WEFT_TRY_ALLOC(m->label = weft_i_malloc((size_t)n * sizeof *m->label + 1));
    for (int64_t i = 0; i < n; i++) m->label[i] = task->label[node[i]];
    if (loss->one_hot) WEFT_TRY_ALLOC(m->one_hot = weft_i_malloc((size_t)(n * classes) * sizeof *m->one_hot + 1));
    for (int64_t i = 0; loss->one_hot && i < n; i++) memcpy(m->one_hot + i * classes, loss->one_hot + (int64_t)node[i] * classes, (size_t)classes * sizeof *m->one_hot);
    bool dense = m->scaled || whole->x;
    m->batch = (weft_batch_t){.topology = m->layers[0], .layers = m->layers, .x = dense ? m->x : NULL, .x_rows = dense ? NULL : &m->rows.graph, .x_own = dense ? NULL : &m->own.graph, .x_value = m->x, .n_nodes = d.n_nodes};
done:
    return status;
}
