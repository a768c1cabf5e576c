/* train/train.h: what node and graph training share. */
#ifndef WEFT_TRAIN_TRAIN_H
#define WEFT_TRAIN_TRAIN_H
#include "weft/train.h"

/* The rate of this epoch (from 0): warm-up, then constant or cosine. */
double weft_i_rate(const weft_train_options_t *o, int32_t epoch);

/* Features as asked, in place; x [n, cols]. */
void weft_i_normalize(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how);

/* What AUTO means for these stored values of a matrix with so many cells. */
weft_normalize_t weft_i_normalize_auto(const weft_real_t *x, int64_t n, int64_t cells);

/* accuracy or ROC AUC of out [n, cols] on the named rows; NaN for no rows (or one class, AUC). */
weft_status_t weft_i_score(double *score, weft_metric_t metric, const weft_real_t *out, int64_t cols, const int32_t *label, const weft_real_t *target,
                           const int32_t *row, int64_t n);

/* *out [n_nodes, n_classes], the caller's; k steps. */
weft_status_t weft_i_label_propagation(weft_real_t **out, const weft_node_task_t *task, const weft_topology_t *topology, const uint8_t *split, int32_t k,
                                       double alpha, weft_diag_t *diag);

bool weft_i_task_by_graph(const weft_task_data_t *task, const weft_node_task_t **node, const weft_graph_task_t **graph);

/* A model's results for all nodes (graphs) of a task, no labels needed: *out [items, out]; *embedding (may be asked for) [items, *width], the rows
 * that its last map sees; *width 0 where it has none. Both are the caller's. */
weft_status_t weft_i_apply_node(const weft_node_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_real_t **out, weft_real_t **embedding, int64_t *width, weft_diag_t *diag);
weft_status_t weft_i_apply_graph(const weft_graph_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_real_t **out, weft_real_t **embedding, int64_t *width, weft_diag_t *diag);

/* Keeps the best epoch and its parameters. */
typedef struct weft_i_best {
    weft_run_t *run;
    weft_real_t *params;
    double val_loss, least_loss;
    int32_t last_better;
    bool smaller_is_better;
} weft_i_best_t;
bool weft_i_best_see(weft_i_best_t *best, const weft_params_t *params, const weft_epoch_t *e, double train, int32_t patience); /* true: stop */
#endif
