/* train/train.h: what node and graph training share. */
#ifndef WEFT_TRAIN_TRAIN_H
#define WEFT_TRAIN_TRAIN_H
#include "base/text_file.h"
#include "graph/row_pool.h"
#include "weft/train.h"

/* The rate of this epoch (from 0): warm-up, then constant or cosine. */
double weft_i_rate(const weft_train_options_t *o, int32_t epoch);

/* ---- features (scale.c, features.c) ---- */
/* Features as asked, in place; x [n, cols]. The same for any number of threads. */
weft_status_t weft_i_normalize(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how);
/* The same in parts, for rows that are scaled as they are read (how: not AUTO): mean and 1 / deviation (0: all are equal) of each column, which Z asks for; then any rows of that matrix.
 * mapped: x lies in a mapping of a file, whose pages are let go behind the reader. */
typedef struct weft_i_columns { double *mean, *over; } weft_i_columns_t;
weft_status_t weft_i_columns_init(weft_i_columns_t *c, int64_t cols);
void weft_i_columns(weft_i_columns_t *c, const weft_real_t *x, int64_t n, int64_t cols, bool mapped);
void weft_i_columns_destroy(weft_i_columns_t *c);
void weft_i_scale_rows(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how, const weft_i_columns_t *c);
/* Dense features of a task as they were stored (borrowed), with what scaling any of their rows takes. how: not AUTO. */
typedef struct weft_i_scaled { const weft_real_t *x; int64_t n, cols; bool mapped; weft_normalize_t how; weft_i_columns_t columns; } weft_i_scaled_t;
weft_status_t weft_i_scaled_init(weft_i_scaled_t *s, const weft_real_t *x, int64_t n, int64_t cols, bool mapped, weft_normalize_t how);
void weft_i_scaled_destroy(weft_i_scaled_t *s);

/* Features prepared: *x dense (NULL: batch sees the task's own) or the values of *x_rows (both the caller's); batch gets them and the number of nodes, no topology. */
weft_status_t weft_i_features(weft_real_t **x, weft_graph_t **x_rows, weft_batch_t *batch, const weft_node_task_t *task, weft_normalize_t normalize, weft_diag_t *diag);

/* Assignments with blanks between. */
weft_status_t weft_i_train_apply(weft_train_options_t *o, const char *set, weft_diag_t *diag);
/* Whether candidates of a recipe set this key. */
bool weft_i_recipe_sets(const char *key);
/* The candidate of options->recipe that a trained model is of, with the recipe settled; options unchanged where it is of none. */
void weft_i_recipe_of(weft_train_options_t *options, const weft_model_options_t *model);

/* Options with recipe, jump=auto or global=auto settled: by trainings of a quarter of the epochs, whose epochs go to on_epoch as trials. Nothing else of them changes. *which: weft_run_t.recipe. */
weft_status_t weft_i_choose(weft_train_options_t *chosen, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index, int32_t *which, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag);
/* What AUTO means for this split of a task: Z, ROW or UNIT. */
weft_normalize_t weft_i_normalize_choice(const weft_node_task_t *task, int32_t index);
/* What AUTO means where nothing but values is known, for these stored values of a matrix with so many cells. */
weft_normalize_t weft_i_normalize_auto(const weft_real_t *x, int64_t n, int64_t cells);

weft_metric_t weft_i_metric(const weft_train_options_t *o, weft_metric_t of_data);
bool weft_i_metric_of_values(weft_metric_t m);
weft_status_t weft_i_metric_check(weft_metric_t m, bool values, int32_t n_classes, weft_diag_t *diag); /* train-metric */
/* The metric of out [n, cols] on the named rows; NaN for no rows (or one class, AUC). */
weft_status_t weft_i_score(double *score, weft_metric_t metric, const weft_real_t *out, int64_t cols, const int32_t *label, const weft_real_t *target,
                           const int32_t *row, int64_t n);

/* *out [n_nodes, n_classes], the caller's; k steps. */
weft_status_t weft_i_label_propagation(weft_real_t **out, const weft_node_task_t *task, const weft_topology_t *topology, const uint8_t *split, int32_t k,
                                       double alpha, weft_diag_t *diag);

/* The start that the options name, taken into a new model: init and its map, or a stored model. finetune-model: not a gps model, or nothing of it fits. */
weft_status_t weft_i_start(weft_model_t *model, const weft_train_options_t *options, weft_diag_t *diag);

/* weft_task_new; lean: a graph for forward passes alone (weft_i_graph_of_pairs). */
weft_status_t weft_i_task_new(weft_task_data_t **task, const weft_dataset_t *dataset, const weft_split_t *split, bool lean, weft_diag_t *diag);
bool weft_i_task_by_graph(const weft_task_data_t *task, const weft_node_task_t **node, const weft_graph_task_t **graph);

/* ---- a trained model on data ---- */
/* Where rows of results go: *to, allocated for the caller; or an .npy file at path, beside and renamed; or, where neither is given, nowhere. */
typedef struct weft_i_result {
    weft_real_t **to;
    const char *path;
    int64_t rows, cols, at; /* at: rows that are in */
    bool open;              /* false after all: the model has no such result */
    weft_i_out_t out;
} weft_i_result_t;
weft_status_t weft_i_result_open(weft_i_result_t *r, int64_t rows, int64_t cols, weft_diag_t *diag);
void weft_i_result_put(weft_i_result_t *r, int64_t n, const weft_real_t *rows);
weft_status_t weft_i_result_close(weft_i_result_t *r, weft_status_t status, weft_diag_t *diag); /* status, or file-write; a file that failed is removed */
int64_t weft_i_result_bytes(const weft_i_result_t *r, int64_t rows, int64_t cols);               /* of memory; 0 for NULL */

/* A model's results for all nodes (graphs) of a task, no labels needed: out [items, out]; embedding (NULL: not asked for) [items, any], the rows that its last map sees; not opened where it
 * has none. */
weft_status_t weft_i_apply_node(const weft_node_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag);
weft_status_t weft_i_apply_graph(const weft_graph_task_t *task, const weft_train_options_t *options, weft_model_t *model, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag);
/* Whether weft_i_apply_node will go by blocks, so that it needs of the graph what forward passes need. */
bool weft_i_within_memory(const weft_train_options_t *options, bool dense);
/* The same of training on sampled neighbourhoods: features are read as they are drawn, evaluations go by blocks. */
bool weft_i_sampled_within(const weft_train_options_t *options, bool dense);

/* ---- the loop over epochs that all tasks share (loop.c) ---- */
/* Keeps the best epoch and its parameters. */
typedef struct weft_i_best {
    weft_run_t *run;
    weft_real_t *params;
    double val_loss, least_loss;
    int32_t last_better;
    bool smaller_is_better;
} weft_i_best_t;
bool weft_i_best_see(weft_i_best_t *best, const weft_params_t *params, const weft_epoch_t *e, double train, int32_t patience); /* true: stop */

typedef struct weft_i_loop {
    /* the task's, set before weft_i_loop_run */
    const weft_train_options_t *options;
    int32_t index;               /* of the run */
    const char *data;            /* what the data are, for checkpoints: counts in words */
    weft_params_t *params;
    bool smaller_is_better;
    void *task;
    /* One epoch: for each step forward, backward, weft_i_loop_update. */
    weft_status_t (*train)(struct weft_i_loop *loop, int32_t epoch, double *loss, weft_diag_t *diag);
    /* val, val_loss, test of e; *train: the metric on the training part, NaN where it is not asked. */
    weft_status_t (*evaluate)(struct weft_i_loop *loop, weft_epoch_t *e, double *train, weft_diag_t *diag);
    /* the loop's own */
    weft_optim_t *optim;
    weft_i_best_t best;
    weft_real_t *ema, *own; /* averaged parameters; the others while these are looked at */
    int64_t steps;
    double rate_factor, plateau_best; /* of a plateau schedule */
    int32_t plateau_bad;
    int32_t epoch;                    /* the next one */
    uint32_t start;                   /* crc32 of the parameters before the first step */
    double before;                    /* seconds that earlier sessions of this run took */
} weft_i_loop_t;
/* Trains; afterwards params hold the best epoch's. `run` is filled in. */
weft_status_t weft_i_loop_run(weft_i_loop_t *loop, weft_run_t *run, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag);
void weft_i_loop_update(weft_i_loop_t *loop, int32_t epoch); /* one step of the optimiser, one of the average */
weft_status_t weft_i_checkpoint_write(const weft_i_loop_t *loop, double seconds, weft_diag_t *diag);
weft_status_t weft_i_checkpoint_read(weft_i_loop_t *loop, weft_diag_t *diag); /* into a loop made for the same work */

/* The loss that options ask for: of classes (label) or of values (target). */
typedef struct weft_i_loss {
    weft_loss_t kind;
    double delta;
    weft_real_t *class_weight, *one_hot; /* [classes]; [items, classes] */
} weft_i_loss_t;
/* Prepared from the labels of the training rows. Errors: train-loss (a loss that does not fit the task). */
weft_status_t weft_i_loss_init(weft_i_loss_t *loss, const weft_train_options_t *options, const int32_t *label, int64_t items, int32_t n_classes, const int32_t *row, int64_t n, weft_diag_t *diag);
void weft_i_loss_destroy(weft_i_loss_t *loss);
/* label, target, one_hot: of the rows of y; row: those that count (NULL: all). */
weft_var_t *weft_i_loss(const weft_i_loss_t *loss, weft_var_t *y, const int32_t *label, const weft_real_t *target, const weft_real_t *one_hot, const int32_t *row, int64_t n);

/* ---- a trained model by blocks of nodes (apply_blocks.c) ---- */
/* Whether a model's layers see a node and its neighbours alone. */
bool weft_i_by_blocks(const weft_train_options_t *options);
/* weft_i_apply_node within options->max_memory (0: any), the same bits: blocks of nodes; hidden states lie in files without a name under TMPDIR (/var/tmp). x: features as they are to be read. planned (may
 * be NULL): the most bytes that are planned; without `out` nothing else is done. Errors: train-memory (with the floor), apply-scratch. */
WEFT_MUST_CHECK weft_status_t weft_i_apply_blocks(const weft_node_task_t *task, const weft_train_options_t *options, weft_model_t *model, const weft_i_scaled_t *x, weft_i_result_t *out, weft_i_result_t *embedding,
                                                  int64_t *planned, weft_diag_t *diag);

/* ---- plans (plan.c) ---- */
/* Total, the options' copy, the limit. Errors: train-memory. */
weft_status_t weft_i_plan_check(weft_plan_t *plan, const weft_train_options_t *options, weft_diag_t *diag);
int64_t weft_i_plan_graph(const weft_graph_t *graph); /* bytes of a graph, with the indices it has; 0 for NULL */
/* What an application holds of a task: graph, labels, the task's features unless they are mapped, and x, the prepared ones, where they are others. */
int64_t weft_i_plan_task(const weft_node_task_t *task, const weft_real_t *x);
/* What the program itself holds: resident now, beside the bytes that are known; at most a sixteenth of a limit, so that small limits can be tried. */
int64_t weft_i_plan_program(const weft_train_options_t *options, int64_t known);
int64_t weft_i_plan_topology(const weft_topology_t *topology);
int64_t weft_i_plan_params(const weft_params_t *params, const weft_train_options_t *options); /* in training */

/* ---- mini-batches of sampled neighbours (minibatch.c) ---- */
typedef struct weft_i_minibatch {
    weft_sampler_t *sampler;
    int32_t n_layers;
    bool loops; /* the model attends to a node itself */
    weft_topology_t topology[WEFT_SAMPLE_LAYERS];
    const weft_topology_t *layers[WEFT_SAMPLE_LAYERS];
    weft_i_row_pool_t rows, own; /* of sparse features: all rows that layer 0 reads, and the first of them, its destinations */
    weft_real_t *x, *one_hot;
    int64_t x_room;
    const weft_i_scaled_t *scaled; /* where rows are read and scaled as they are drawn; else they are those of the whole batch */
    int64_t *key, key_room;        /* their order in the file */
    int32_t *label, *order; /* of the nodes of the batch; an epoch's order of the training rows */
    weft_batch_t batch;
} weft_i_minibatch_t;
/* Errors: train-sample (a model that cannot be sampled, another number of layers), sample-*. */
weft_status_t weft_i_minibatch_init(weft_i_minibatch_t *m, const weft_node_task_t *task, const weft_train_options_t *options, int32_t index, weft_diag_t *diag);
/* The neighbourhood of n nodes with its rows of features, from those of all nodes (whole: NULL where they are scaled ones); labels of the n. */
weft_status_t weft_i_minibatch_draw(weft_i_minibatch_t *m, const weft_batch_t *whole, const weft_node_task_t *task, const weft_i_loss_t *loss, const int32_t *node, int64_t n, uint64_t step, weft_diag_t *diag);
/* The training rows in the order of this epoch: a function of seed and epoch. Borrowed. NULL: memory. */
const int32_t *weft_i_minibatch_order(weft_i_minibatch_t *m, const int32_t *row, int64_t n, uint64_t seed, int32_t epoch);
void weft_i_minibatch_destroy(weft_i_minibatch_t *m);

/* ---- gps (positions.c) ---- */
bool weft_i_is_gps(const weft_model_options_t *o);
/* *raw [nodes, weft_position_columns], the caller's; NULL where the model asks for none. The second: of all graphs of a task at once. */
weft_status_t weft_i_positions(weft_real_t **raw, const weft_model_options_t *o, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, weft_diag_t *diag);
weft_status_t weft_i_task_positions(weft_real_t **raw, const weft_model_options_t *o, const weft_graph_task_t *task, weft_diag_t *diag);
#endif
