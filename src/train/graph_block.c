/* train/graph_block.c: some graphs of a task as one block-diagonal graph. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/graph_run.h"

#include <string.h>

void weft_i_block_destroy(weft_i_block_t *b)
{
    weft_topology_destroy(&b->topology);
    weft_graph_free(b->graph);
    weft_graph_free(b->members);
    weft_graph_free(b->spread);
    weft_i_free(b->x);
    weft_i_free(b->edge_x);
    weft_i_free(b->position);
    weft_global_plan_destroy(&b->plan);
    weft_i_free(b->target);
    weft_i_free(b->one_hot);
    weft_i_free(b->label);
    *b = (weft_i_block_t){0};
}

/* The plan of global attention and the nodes' positions. */
static weft_status_t block_gps(weft_i_block_t *b, const weft_i_graph_run_t *r, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const int64_t *node_ptr = r->task->node_ptr, cols = weft_position_columns(r->options->position, r->options->position_k);
    if (!weft_i_is_gps(r->options)) return WEFT_OK;
    const weft_global_options_t global = weft_model_global_options(r->options);
    WEFT_TRY(weft_global_plan_init(&b->plan, &global, b->graph, b->n, weft_graph_offsets(b->members), diag));
    b->batch.global = &b->plan;
    if (!r->position) return WEFT_OK;
    WEFT_TRY_ALLOC(b->position = weft_i_aligned((size_t)(b->batch.n_nodes * cols) * sizeof *b->position + 64));
    for (int64_t k = 0, at = 0; k < b->n; k++) {
        int64_t first = node_ptr[b->which[k]], m = node_ptr[b->which[k] + 1] - first;
        memcpy(b->position + at * cols, r->position + first * cols, (size_t)(m * cols) * sizeof *b->position);
        at += m;
    }
    b->batch.position = b->position;
done:
    return status;
}

weft_status_t weft_i_block_init(weft_i_block_t *b, const weft_i_graph_run_t *r, const int32_t *which, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_graph_task_t *t = r->task;
    int64_t nodes = 0, edges = 0, f = t->n_features, ef = t->edge_features, at = 0, e_at = 0;
    int32_t *source = NULL, *target = NULL, *member = NULL, *edge_of = NULL, *relation = NULL;
    *b = (weft_i_block_t){.which = which, .n = n};
    for (int64_t k = 0; k < n; k++) {
        nodes += t->node_ptr[which[k] + 1] - t->node_ptr[which[k]];
        edges += t->edge_ptr[which[k] + 1] - t->edge_ptr[which[k]];
    }
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)edges * sizeof *source));
    WEFT_TRY_ALLOC(target = weft_i_malloc((size_t)edges * sizeof *target));
    WEFT_TRY_ALLOC(edge_of = weft_i_malloc((size_t)edges * sizeof *edge_of));
    WEFT_TRY_ALLOC(member = weft_i_malloc((size_t)nodes * sizeof *member));
    WEFT_TRY_ALLOC(b->x = weft_i_aligned((size_t)(nodes * f) * sizeof *b->x));
    WEFT_TRY_ALLOC(b->label = weft_i_calloc((size_t)n, sizeof *b->label));
    WEFT_TRY_ALLOC(b->target = weft_i_calloc((size_t)n, sizeof *b->target));
    if (r->loss.one_hot) WEFT_TRY_ALLOC(b->one_hot = weft_i_malloc((size_t)(n * t->n_classes) * sizeof *b->one_hot));
    for (int64_t k = 0; k < n; k++) {
        int64_t first = t->node_ptr[which[k]], m = t->node_ptr[which[k] + 1] - first;
        memcpy(b->x + at * f, r->x + first * f, (size_t)(m * f) * sizeof *b->x);
        for (int64_t i = 0; i < m; i++) member[at + i] = (int32_t)k;
        for (int64_t e = t->edge_ptr[which[k]]; e < t->edge_ptr[which[k] + 1]; e++, e_at++) {
            source[e_at] = (int32_t)at + t->edge[2 * e];
            target[e_at] = (int32_t)at + t->edge[2 * e + 1];
            edge_of[e_at] = (int32_t)e;
        }
        if (t->label) b->label[k] = t->label[which[k]];
        if (t->target) b->target[k] = t->target[which[k]];
        if (b->one_hot) memcpy(b->one_hot + k * t->n_classes, r->loss.one_hot + (int64_t)which[k] * t->n_classes, (size_t)t->n_classes * sizeof *b->one_hot);
        at += m;
    }
    WEFT_TRY(weft_graph_new(&b->graph, nodes, nodes, edges, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_graph_from_lookup(&b->members, n, nodes, member, true, diag));
    WEFT_TRY(weft_graph_from_lookup(&b->spread, n, nodes, member, false, diag));
    if (t->n_edge_types) {
        WEFT_TRY_ALLOC(relation = weft_i_malloc((size_t)weft_graph_n_arcs(b->graph) * sizeof *relation + 1));
        for (int64_t a = 0; a < weft_graph_n_arcs(b->graph); a++) relation[a] = t->edge_type[edge_of[weft_graph_edge_ids(b->graph)[a]]];
    }
    WEFT_TRY(weft_model_topology(&b->topology, b->graph, r->model_name, t->n_edge_types, relation, diag));
    if (ef && t->edge_x) {
        int64_t arcs = weft_graph_n_arcs(b->graph);
        const int32_t *id = weft_graph_edge_ids(b->graph);
        WEFT_TRY_ALLOC(b->edge_x = weft_i_aligned((size_t)(arcs * ef) * sizeof *b->edge_x));
        for (int64_t a = 0; a < arcs; a++) memcpy(b->edge_x + a * ef, t->edge_x + (int64_t)edge_of[id[a]] * ef, (size_t)ef * sizeof *b->edge_x);
    }
    b->batch = (weft_batch_t){.topology = &b->topology, .x = b->x, .n_nodes = nodes, .edge_x = b->edge_x, .members = b->members, .spread = b->spread};
    WEFT_TRY(block_gps(b, r, diag));
done:
    weft_i_free(source);
    weft_i_free(target);
    weft_i_free(edge_of);
    weft_i_free(relation);
    weft_i_free(member);
    if (status != WEFT_OK) weft_i_block_destroy(b);
    return status;
}

int64_t weft_i_block_bytes(const weft_i_block_t *b, const weft_graph_task_t *t)
{
    return b->batch.n_nodes * t->n_features * (int64_t)sizeof(weft_real_t) + (b->edge_x ? weft_graph_n_arcs(b->graph) * t->edge_features * (int64_t)sizeof(weft_real_t) : 0) + weft_i_plan_topology(&b->topology);
}
