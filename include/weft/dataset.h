/* weft/dataset.h: a graph data set in memory: node or graph tasks, features as they were stored, splits; and its reader.
 *
 * Plain data, owned by the set and read-only. A data set is one graph (node tasks) or many (graph tasks), whose nodes and edges stand one graph
 * after the other. Features come in up to three forms, any of which may be there: dense, sparse rows (CSR), small integer codes. */
#ifndef WEFT_DATASET_H
#define WEFT_DATASET_H
#include "weft/base.h"
#include "weft/igraph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_task { WEFT_TASK_NODE_CLASS = 0, WEFT_TASK_GRAPH_CLASS, WEFT_TASK_GRAPH_VALUE } weft_task_t;

typedef struct weft_split {
    char *name;    /* the file's name without split_ or splits_; "default" where nothing is left */
    int32_t n;     /* variants */
    uint8_t *part; /* [n][items]: 0 unused, 1 train, 2 validation, 3 test; items are nodes or graphs */
} weft_split_t;

typedef struct weft_dataset {
    char *name, *path, *metric;          /* metric: "accuracy", "roc_auc" or "mae" */
    weft_task_t task;
    int64_t n_graphs, n_nodes, n_edges;
    int64_t *node_ptr, *edge_ptr;        /* [n_graphs + 1] */
    int32_t *edge;                       /* [n_edges][2], numbered within each graph; undirected, each once */
    int64_t n_arcs; int32_t *arc;        /* [n_arcs][2] the source's directed arcs; NULL: the set is undirected */
    int64_t n_features;
    float *x;                            /* [n_nodes][n_features] or NULL */
    void *x_map; size_t x_map_size;      /* not NULL: x lies in this read-only mapping of its file */
    int64_t *x_row; int32_t *x_column; float *x_value; /* CSR over nodes, or NULL; x_value NULL: all 1 */
    int32_t n_codes; uint8_t *code; int32_t *code_size; /* [n_nodes][n_codes]; values of column c are below code_size[c] */
    int32_t n_edge_codes; uint8_t *edge_code; int32_t *edge_code_size; /* [n_edges][n_edge_codes] */
    int32_t n_classes; int32_t *label;   /* [items] 0..n_classes-1; NULL for values */
    float *target;                       /* [items] or NULL */
    int32_t n_splits; weft_split_t *split;
} weft_dataset_t;

/* Reads the data set in a folder; the form is inferred from its files: the layout of weft's own sets (npy), TU (NAME.txt as powerful-gnns has it, or
 * NAME_A.txt and kin), molecules (atom.npy ..), CSV (edges.csv and nodes.csv, or OGB's layout); or a file: npz, GraphML, MatrixMarket (docs/DATA.md). NAME alone is looked for in WEFT_DATASETS (folders separated by ':') and in datasets/. O(bytes).
 * Errors: dataset-not-found, dataset-form, dataset-shape (arrays that do not fit together), dataset-edge (an end outside its graph), dataset-label,
 * dataset-text (file and line). Owner: the caller, weft_dataset_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_dataset_read(weft_dataset_t **dataset, const char *name_or_folder, weft_diag_t *diag);
/* The set as an npz archive that this reader, and numpy, take: edges [E, 2], y [N] (or num_nodes), x [N, F] or attr_indptr, attr_indices, attr_data, attr_shape; split or split_NAME [variants, N],
 * arcs, metric. Degrees as features are made again by the reader. `packed`: deflated. Errors: dataset-npz (more than one graph, or codes that are no degrees), npz-size (4 GiB or more), file-*. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_dataset_write_npz(const weft_dataset_t *dataset, const char *path, bool packed, weft_diag_t *diag);
WEFT_API void weft_dataset_free(weft_dataset_t *dataset);
/* Gives the edges back, where a node task is made and nothing else will ask for them: a set without edges. */
WEFT_API void weft_dataset_free_edges(weft_dataset_t *dataset);
/* Nodes or graphs: what labels and splits count. */
static inline int64_t weft_dataset_n_items(const weft_dataset_t *d) { return d->task == WEFT_TASK_NODE_CLASS ? d->n_nodes : d->n_graphs; }
/* The split of a name; NULL: "public", then "tuned", then the only one. NULL where there is none; the diag then names those there are ("dataset-split"). */
WEFT_API const weft_split_t *weft_dataset_split(const weft_dataset_t *dataset, const char *name, weft_diag_t *diag);
/* Part of the edges that join nodes of one class; NaN without labels of nodes or without edges. O(edges). */
WEFT_API double weft_dataset_homophily(const weft_dataset_t *dataset);
/* Gives every set without a feature of nodes (a TU set without tags) the degree as its code, cut at 63. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_dataset_degree_codes(weft_dataset_t *dataset);
/* A set of one graph (n_src == n_dst) from parts, all copied: label [n] in 0..n_classes-1 or NULL; x [n, n_features] or NULL (degrees then are the features); random splits where there are
 * labels. Arcs that are not their own mirror are kept as directed ones. Errors: graph-shape, dataset-label. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_dataset_from_graph(weft_dataset_t **dataset, const char *name, const weft_graph_t *graph, const int32_t *label, int32_t n_classes, const float *x, int64_t n_features,
                                                               weft_diag_t *diag);
/* A random graph (weft/igraph.h) as a set. Features: n_features columns of N(0, 1), a function of the options' seed; 0: degrees. Of WEFT_BLOCKS the block is the label, and column
 * (block mod n_features) of a node is higher by 1. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_dataset_random(weft_dataset_t **dataset, const weft_random_options_t *options, int64_t n_features, weft_diag_t *diag);
/* Each edge with probability `share` (0..1) becomes a pair of two other nodes of its graph, drawn evenly: a set whose edges tell less and less. A function
 * of seed. O(edges). */
WEFT_API void weft_dataset_rewire(weft_dataset_t *dataset, double share, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
