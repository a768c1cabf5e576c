/* weft/link.h: link prediction: a model's rows for the nodes, a decoder for pairs of them.
 *
 * Protocol: run i (seed S + i) draws the test and validation edges; the rest are the graph that the model sees and its positive pairs. As many pairs that are
 * no edge stand beside each part: fixed for validation and test, drawn anew in every epoch of training. Loss: the mean of the cross entropies of both
 * kinds. The epoch with the best validation ROC AUC (or AP: metric=ap) counts. Same bits for any number of threads. */
#ifndef WEFT_LINK_H
#define WEFT_LINK_H
#include "weft/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One graph; everything borrowed. Features as in weft_node_task_t. */
typedef struct weft_link_task {
    int64_t n_nodes, n_features, n_edges;
    const weft_real_t *x;
    const int64_t *x_offset;
    const int32_t *x_column;
    const weft_real_t *x_value;
    const int32_t *edge; /* [n_edges][2], undirected, each once */
} weft_link_task_t;

/* Test measures of the epoch that counts. hits: at options.hits_k among the negatives of the part; mrr: every test edge among 50 with another end. */
typedef struct weft_link_scores { double auc, ap, hits, mrr; } weft_link_scores_t;

/* part[n] of n edges: 3 test, 2 validation, 1 the rest; a function of the seed. Errors: link-split (an empty part). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_edge_split(uint8_t *part, int64_t n, double val_share, double test_share, uint64_t seed, weft_diag_t *diag);
/* n pairs u != v, uniform among those that no arc of `graph` joins either way; a function of (seed, stream). Errors: link-dense. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_negative_pairs(int32_t *u, int32_t *v, int64_t n, const weft_graph_t *graph, uint64_t seed, uint64_t stream, weft_diag_t *diag);

/* The stated defaults of a model, without dropout and weight decay: the pairs are many, and both press rows towards 0. Errors: train-model. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_link_defaults(weft_train_options_t *options, const char *model, weft_diag_t *diag);
/* One run; options.decoder: DOT z_u z_v, or MLP of z_u * z_v. The model's rows have options.model.hidden columns. Errors: train-link, link-split,
 * link-dense and those of models and tape. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_link(weft_run_t *run, weft_link_scores_t *scores, const weft_link_task_t *task, const weft_train_options_t *options, int32_t index, weft_epoch_fn on_epoch,
                                                       void *context, weft_diag_t *diag);
/* A data set of one graph as a link task: arrays that `task` has are borrowed. Errors: task-form. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_link_task(weft_link_task_t *link, const weft_task_data_t *task, const weft_dataset_t *dataset, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
