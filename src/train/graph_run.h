/* train/graph_run.h: what training on many small graphs and applying a model to them share: the run, and graphs joined to blocks. */
#ifndef WEFT_TRAIN_GRAPH_RUN_H
#define WEFT_TRAIN_GRAPH_RUN_H
#include "train/train.h"

/* Some graphs of a task as one graph. */
typedef struct weft_i_block {
    weft_graph_t *graph, *members, *spread;
    weft_topology_t topology;
    weft_real_t *x, *edge_x, *target, *one_hot, *position;
    weft_global_plan_t plan;
    int32_t *label;
    weft_batch_t batch;
    const int32_t *which;
    int64_t n;
} weft_i_block_t;

typedef struct weft_i_graph_run {
    const weft_graph_task_t *task;
    int32_t *row[4], *rows, *order;
    int64_t n[4];
    weft_i_block_t *eval; /* the validation graphs, then the test graphs */
    int64_t n_eval;
    const weft_model_options_t *options;
    weft_real_t *position; /* of all nodes, where gps asks for it */
    weft_real_t *x, *out; /* features as prepared; results of evaluation [n_graphs, out] */
    weft_tape_t *tape;
    weft_model_t *model;
    const char *model_name;
    weft_i_loss_t loss;
    weft_metric_t metric;
} weft_i_graph_run_t;

enum { WEFT_I_EVAL_GRAPHS = 512 }; /* a block of an evaluation */

/* which [n], borrowed: the graphs of the block. A block that failed is empty. */
weft_status_t weft_i_block_init(weft_i_block_t *b, const weft_i_graph_run_t *r, const int32_t *which, int64_t n, weft_diag_t *diag);
void weft_i_block_destroy(weft_i_block_t *b);
int64_t weft_i_block_bytes(const weft_i_block_t *b, const weft_graph_task_t *t); /* for plans */
#endif
