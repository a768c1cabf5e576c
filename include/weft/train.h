/* weft/train.h: options by name, presets, optimisers, and the training of one model on one task.
 *
 * Protocol: run i uses seed + i and split i mod n_splits. After every epoch (eval_every) the model is evaluated without dropout; the
 * epoch with the best validation value counts (of equal ones that with the smaller validation loss, then the first), and its test
 * value is the run's result. The test part decides nothing. Everything is the same bits for any number of threads. */
#ifndef WEFT_TRAIN_H
#define WEFT_TRAIN_H
#include "weft/dataset.h"
#include "weft/models.h"
#include "weft/sample.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of classes, AUC and AP of two; MAE, RMSE and R2 of values. See weft/metrics.h. */
typedef enum weft_metric { WEFT_ACCURACY = 0, WEFT_ROC_AUC, WEFT_METRIC_MAE, WEFT_METRIC_AP, WEFT_METRIC_F1_MICRO, WEFT_METRIC_F1_MACRO, WEFT_METRIC_RMSE, WEFT_METRIC_R2 } weft_metric_t;
WEFT_API const char *weft_metric_name(weft_metric_t metric); /* "accuracy" "roc_auc" "mae" "ap" "f1_micro" "f1_macro" "rmse" "r2" */
WEFT_API bool weft_metric_by_name(weft_metric_t *metric, const char *name);
WEFT_API bool weft_metric_smaller_is_better(weft_metric_t metric);

typedef enum weft_optimizer { WEFT_ADAM = 0, WEFT_ADAMW, WEFT_SGD } weft_optimizer_t;
typedef enum weft_schedule { WEFT_CONSTANT = 0, WEFT_COSINE, WEFT_PLATEAU } weft_schedule_t;
/* AUTO: cross entropy of classes, absolute error of values. BCE of classes: every class against the rest. */
typedef enum weft_loss { WEFT_LOSS_AUTO = 0, WEFT_LOSS_CROSS_ENTROPY, WEFT_LOSS_BCE, WEFT_LOSS_MSE, WEFT_LOSS_MAE, WEFT_LOSS_HUBER } weft_loss_t;
typedef enum weft_decoder { WEFT_DECODER_DOT = 0, WEFT_DECODER_MLP } weft_decoder_t; /* of links: weft/link.h */
/* ROW: to sum 1; UNIT: to length 1; Z: columns to mean 0, deviation 1. AUTO: Z where a value is negative or more than one in eight is not 0, else ROW where fewer
 * than a tenth of the nodes is trained on, else UNIT. */
typedef enum weft_normalize { WEFT_NORMALIZE_NONE = 0, WEFT_NORMALIZE_ROW, WEFT_NORMALIZE_Z, WEFT_NORMALIZE_AUTO, WEFT_NORMALIZE_UNIT } weft_normalize_t;

/* What the validation part chooses before a run on the nodes of a graph: STATED nothing; AUTO, TUNED: each candidate of weft_train_recipe is trained for a quarter of the epochs, and the one
 * with the best validation value (a later one must be ahead by a quarter of a standard error) is then trained whole. Setting an option that a candidate sets makes it STATED. */
typedef enum weft_recipe { WEFT_RECIPE_STATED = 0, WEFT_RECIPE_AUTO, WEFT_RECIPE_TUNED } weft_recipe_t;

typedef struct weft_run {
    double train, val, test, seconds;
    int32_t best_epoch, epochs;
    int32_t recipe; /* k: the candidate k - 1 of the recipe was trained; 0: none was asked for */
} weft_run_t;

/* Where a run keeps its state. A run that goes on from it ends with the same bits as one that was never stopped. */
typedef struct weft_checkpoint {
    const char *path;         /* safetensors, written beside and renamed: when a callback cancels, and */
    double every;             /* whenever so many seconds have passed since the last */
    bool resume;              /* go on from path */
    const weft_run_t *done;   /* results of earlier runs, kept with it */
    int32_t n_done;
} weft_checkpoint_t;

/* Bytes that a training or an application will hold beside the task: `step` and `evaluation` by the tape (weft_tape_plan; `step` of one step: of the largest graphs that may meet in one, or of a
 * first sampled neighbourhood), `parameters` with their gradients, moments and best values, `data`: features as prepared and the graph in the forms that the model looks at. */
typedef struct weft_plan { int64_t step, evaluation, parameters, data, total, blocks; } weft_plan_t; /* total: the larger of the first two, and the rest; blocks of nodes over all layers, 0: all at once */
typedef void (*weft_plan_fn)(void *context, const weft_plan_t *plan);

typedef struct weft_stored weft_stored_t; /* a trained model in a file, see below */

typedef struct weft_train_options {
    weft_model_options_t model;
    weft_optimizer_t optimizer;
    weft_schedule_t schedule;
    weft_normalize_t normalize; /* of features: each row by its sum; or each column to mean 0, deviation 1 */
    double lr, weight_decay, momentum, clip; /* clip: of the gradient's norm, 0: off */
    int32_t epochs, warmup, patience;        /* patience: epochs without a better validation value or loss; 0: none */
    bool by_size;                            /* epochs and patience are for small sets: see weft_train_sized */
    bool rate_by_size;                       /* lr is for sets that are not very large: see weft_train_sized */
    weft_recipe_t recipe;                    /* nodes of one graph; sets of graphs and links take the other options as they are */
    bool steps_by_size;                      /* pgnn, gprgnn, appnp, dagnn: steps and dropout of features are for small sets: see weft_train_sized */
    int32_t eval_every, batch;               /* batch: graphs per step of a graph task; nodes per step where sample is set */
    int32_t sample[WEFT_SAMPLE_LAYERS];      /* node tasks, sage: neighbours drawn per node and layer (weft/sample.h), ended by 0; [0] == 0: every step sees all nodes */
    int32_t metric;                          /* 0: the data's own; else a weft_metric_t + 1. It chooses the epoch. */
    weft_loss_t loss;
    double huber_delta;
    bool class_weights;                      /* cross entropy: every class weighs the same */
    double ema;                              /* decay of averaged parameters, which are then evaluated and kept; 0: off */
    double plateau_factor;                   /* WEFT_PLATEAU: the rate is cut so */
    int32_t plateau_patience;                /* .. after more evaluations than this without a smaller validation loss */
    weft_decoder_t decoder;                  /* links */
    int32_t hits_k;
    double val_share, test_share;
    const weft_checkpoint_t *checkpoint;     /* borrowed; NULL: none */
    const weft_stored_t *start;              /* borrowed; gps: parameters of equal name and shape start as there; NULL: none */
    int64_t max_memory;                      /* bytes; a plan above them is refused before the first step (train-memory, WEFT_ELIMIT, with the numbers); 0: no limit */
    weft_plan_fn on_plan;                    /* told the plan before the first step; NULL: nobody */
    void *on_plan_context;
    weft_progress_fn on_progress;            /* of an application by blocks of nodes; NULL: nobody asks */
    void *on_progress_context;
    weft_plan_t *plan;                       /* not NULL: filled, and nothing is trained */
    const char *init, *init_map;             /* borrowed; parameters start as weft_params_read_mapped reads them from these two files; NULL: none */
    bool freeze;                             /* those stay so, but for the maps of the input (node, edge, position), the head and adapters */
    uint64_t seed;
} weft_train_options_t;

/* The stated defaults for a model on a set that no table knows, then what the table says for (model, data set, preset); data_set and
 * preset may be NULL. Errors: train-model, train-preset. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_defaults(weft_train_options_t *options, const char *model, const char *data_set, const char *preset, weft_diag_t *diag);
/* The same where the set has many graphs: what is stated for those then goes before what the table says of this one. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_defaults_for(weft_train_options_t *options, const char *model, const char *data_set, const char *preset, bool many_graphs, weft_diag_t *diag);
/* Columns of features, of edges and of results that a preset was published with; false, and nothing changed, where it names none. */
WEFT_API bool weft_train_preset_columns(const char *model, const char *preset, int64_t *in, int64_t *edge_in, int64_t *out);
/* What every option is before any table speaks. */
WEFT_API weft_train_options_t weft_train_neutral(void);
/* The same options with epochs and patience cut where `by_size` asks for it, so that ten runs on a large set stay within minutes: a graph of more than
 * 10^5 nodes and arcs has at most 300 epochs and patience 60, 4 10^5 150 and 30, 10^6 80 and 20, 2 10^6 40 and 12, 4 10^6 25 and 10, counted several times
 * for models whose epochs cost more than gcn's (gat 2, gatv2, pna and transformer 4, gps 5, pgnn 6, gatedgcn and h2gcn 8); of more than 2 10^6 themselves, 40 in proportion to
 * 2.5 10^6 (dear models fewer, at least 5), where `rate_by_size` makes the rate three times as high (gps: five times); many graphs: 300 and 60, of more than 5 10^4 nodes and arcs
 * in all 100 and 30, 3 10^5 60 and 20, 10^6 40 and 10, 2 10^6 25 and 8, 3 10^6 15 and 6, 8 10^6 5 and 5 (gat, gatv2, gine, transformer, h2gcn 2, pgnn 4, gps,
 * gatedgcn, pna 6). `steps_by_size`: pgnn on a graph whose epochs are cut to 80 or less has k = 2 and no dropout of features, and twice the epochs for it: of a fixed time they are worth more there than steps (amazon-computers, validation: 0.88 -> 0.91);
 * gprgnn, appnp and dagnn so of more than 2 10^6, with 60, 60 and 55 epochs there (dagnn at its own rate, dropout at most 0.2). Training calls it. */
WEFT_API weft_train_options_t weft_train_sized(const weft_train_options_t *options, bool many_graphs, int64_t nodes_and_arcs);
/* The i-th candidate of a recipe for a model, as assignments with blanks between ("": all as the other options say); NULL beyond the last, or where the model has no such recipe. The last is
 * the largest: what a plan counts. */
WEFT_API const char *weft_train_recipe(const char *model, weft_recipe_t recipe, int32_t i);
/* A paragraph that states the defaults, model by model. */
WEFT_API const char *weft_train_defaults_text(void);
/* "key=value"; epochs or patience end by_size, lr rate_by_size, k or input_dropout steps_by_size, what a candidate sets the recipe. Errors: train-key (with the known keys), train-value. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_set(weft_train_options_t *options, const char *assignment, weft_diag_t *diag);
/* The i-th key with its meaning and its value as text; false beyond the last. */
WEFT_API bool weft_train_key(const weft_train_options_t *options, int32_t i, const char **key, const char **meaning, char *value, size_t size);

/* One graph with a class per node. All borrowed; x is raw. */
typedef struct weft_node_task {
    const weft_graph_t *graph;     /* messages: both directions of an undirected edge */
    int64_t n_nodes, n_features;
    const weft_real_t *x;          /* dense [n_nodes, n_features], or NULL and: */
    bool x_mapped;                 /* x lies in a read-only mapping of a file: its pages are let go behind who reads it through */
    const int64_t *x_offset;       /* [n_nodes + 1] */
    const int32_t *x_column;
    const weft_real_t *x_value;    /* NULL: all 1 */
    const int32_t *label;          /* [n_nodes] in 0..n_classes-1 */
    int32_t n_classes;
    weft_metric_t metric;
    int32_t n_splits;
    const uint8_t *split;          /* [n_splits][n_nodes]: 1 train, 2 validation, 3 test */
} weft_node_task_t;

/* Many small graphs, one value each; nodes and arcs of graph g stand together. */
typedef struct weft_graph_task {
    int64_t n_graphs, n_features, edge_features;
    const int64_t *node_ptr, *edge_ptr; /* [n_graphs + 1] */
    const int32_t *edge;                /* [edges][2], numbered within each graph, undirected, each once */
    const weft_real_t *x;               /* [nodes, n_features] */
    const weft_real_t *edge_x;          /* [edges, edge_features] or NULL */
    int32_t n_edge_types;               /* 0: none, or at most WEFT_MAX_RELATIONS and: */
    const int32_t *edge_type;           /* [edges], for rgcn */
    const int32_t *label;               /* class per graph, or NULL and: */
    const weft_real_t *target;          /* value per graph */
    int32_t n_classes;                  /* 1 for values */
    weft_metric_t metric;
    int32_t n_splits;
    const uint8_t *split;               /* [n_splits][n_graphs] */
} weft_graph_task_t;

typedef struct weft_epoch {
    int32_t run, epoch;
    double loss, val, val_loss, test, seconds;
    bool trial; /* of a short training that only chooses an option (jump=auto): nothing to keep, but it can be cancelled */
} weft_epoch_t;
/* After each evaluated epoch; false cancels (WEFT_ECANCEL). */
typedef bool (*weft_epoch_fn)(void *context, const weft_epoch_t *epoch);

/* One run. *model (may be NULL) is handed over with the best epoch's parameters. Errors: train-split (an empty part), train-label, and
 * those of models and tape. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_node(weft_run_t *run, weft_model_t **model, const weft_node_task_t *task, const weft_train_options_t *options,
                                                       int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_graph(weft_run_t *run, weft_model_t **model, const weft_graph_task_t *task, const weft_train_options_t *options,
                                                        int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag);

/* `split` NULL: no labels, no split: to apply a model to.
 * A data set as a task: arrays that the set has are borrowed (it must live longer), the rest is made: messages both ways along every edge,
 * integer codes as one column per value beside the stored features. Errors: task-form (neither classes nor values, no features). */
typedef struct weft_task_data weft_task_data_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_task_new(weft_task_data_t **task, const weft_dataset_t *dataset, const weft_split_t *split, weft_diag_t *diag);
/* The same for a training with these options: lean where neighbourhoods are sampled within a limit of memory (options.sample, options.max_memory), and then for such a training alone. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_task(weft_task_data_t **task, const weft_train_options_t *options, const weft_dataset_t *dataset, const weft_split_t *split, weft_diag_t *diag);
WEFT_API void weft_task_free(weft_task_data_t *task);
/* The metric that chooses epochs: the options', else the data's. */
WEFT_API weft_metric_t weft_task_metric(const weft_task_data_t *task, const weft_train_options_t *options);
/* weft_train_node or weft_train_graph, as the task is. Errors also: train-metric, train-loss (one that does not fit the task). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_train_run(weft_run_t *run, weft_model_t **model, const weft_task_data_t *task, const weft_train_options_t *options,
                                                      int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag);

/* What a checkpoint holds: results of finished runs (at most `most`) and the next epoch of the one that was stopped (number n_done). Errors:
 * checkpoint-kind, safetensors-*. A run that resumes may also say checkpoint-options (another model, data, option, seed: which), checkpoint-shape. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_checkpoint_about(const char *path, weft_run_t *done, int32_t most, int32_t *n_done, int32_t *epoch, weft_diag_t *diag);

/* ---- stored models: weights with everything that using them again takes ------------------------------------------------------------ */
typedef struct weft_stored_about { const char *dataset, *split, *command; int32_t run; uint64_t seed; const weft_run_t *result; } weft_stored_about_t;
/* Safetensors; the metadata key `weft` holds JSON text: kind graph-model-1, model, options, columns in and out, metric, where it was trained. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_write(const weft_model_t *model, const weft_train_options_t *options, const weft_task_data_t *task, const weft_stored_about_t *about, const char *path,
                                                         weft_diag_t *diag);
/* Errors: model-kind, model-file, safetensors-*, params-*. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_read(weft_stored_t **stored, const char *path, weft_diag_t *diag);
/* Refuses to apply above so many bytes (train-memory, WEFT_ELIMIT); 0: no limit. */
WEFT_API void weft_stored_set_max_memory(weft_stored_t *stored, int64_t bytes);
/* Who is told what applying it will hold, the task included, before it does; of many graphs for each block of them. */
WEFT_API void weft_stored_on_plan(weft_stored_t *stored, weft_plan_fn on_plan, void *context);
/* Who is told how far an application by blocks of nodes is; false stops it (WEFT_ECANCEL), and nothing is left behind. */
WEFT_API void weft_stored_on_progress(weft_stored_t *stored, weft_progress_fn on_progress, void *context);
/* A task to apply it to, as weft_task_new makes (split NULL: no labels are needed). Within a limit of memory, where blocks of nodes will be used, it is lean: for this model and limit alone. Errors: as weft_task_new. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_task(weft_task_data_t **task, const weft_stored_t *stored, const weft_dataset_t *dataset, const weft_split_t *split, weft_diag_t *diag);
/* gps with softmax: top_k of weft/gps.h from now on, whatever it was trained with. Errors: model-option (another model or attention). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_set_top_k(weft_stored_t *stored, int32_t top_k, weft_diag_t *diag);
WEFT_API void weft_stored_free(weft_stored_t *stored);
WEFT_API const char *weft_stored_text(const weft_stored_t *stored, const char *key); /* "model", "dataset", "split", "metric", "task"; NULL: not said */
WEFT_API int32_t weft_stored_run(const weft_stored_t *stored);
/* The options it was trained with. Its model's name lives as long as stored. */
WEFT_API const weft_train_options_t *weft_stored_options(const weft_stored_t *stored);
/* Results of every node (graph): *out [items, *cols], *embedding (asked for by not NULL) [items, *width]; the caller frees both. Errors: model-contract
 * (other columns than the model was trained on: which). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_apply(const weft_stored_t *stored, const weft_task_data_t *task, weft_real_t **out, int64_t *items, int64_t *cols, weft_real_t **embedding, int64_t *width,
                                                         weft_diag_t *diag);
/* The same into .npy files of floats; embeddings NULL: not asked for. Within a limit of memory results are never in memory as a whole. Errors also: file-*, model-embeddings (the model has none;
 * `out` is written all the same). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_stored_apply_files(const weft_stored_t *stored, const weft_task_data_t *task, const char *out, const char *embeddings, weft_diag_t *diag);
/* A metric over one part (1 train, 2 validation, 3 test) of a variant of the task's split. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_task_score(double *score, const weft_task_data_t *task, weft_metric_t metric, const weft_real_t *out, int32_t variant, int32_t part, weft_diag_t *diag);

/* ---- optimisers: one step from the gradients in the set; weight decay is multiplied by each parameter's `decay` ------------------ */
typedef struct weft_optim weft_optim_t;
WEFT_API weft_optim_t *weft_optim_new(weft_params_t *params, weft_optimizer_t kind, double weight_decay, double momentum); /* NULL: out of memory */
WEFT_API void weft_optim_free(weft_optim_t *optim);
/* Adam (Kingma and Ba 2015, alg. 1; beta 0.9, 0.999, epsilon 1e-8; decay enters the gradient), AdamW (Loshchilov and Hutter 2019: decay
 * beside it), SGD with momentum. clip > 0: gradients are scaled so that their norm over all parameters is at most clip. */
/* What an optimiser remembers, for checkpoints: owned by it. */
typedef struct weft_optim_state { weft_real_t *first, *second; int64_t n; int64_t *step; } weft_optim_state_t;
WEFT_API weft_optim_state_t weft_optim_state(weft_optim_t *optim);
WEFT_API void weft_optim_step(weft_optim_t *optim, double lr, double clip);

#ifdef __cplusplus
}
#endif
#endif
