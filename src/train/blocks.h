/* train/blocks.h: what applying a model by blocks of nodes stands on: rows of all nodes in files (row_store.c), and the rows and arcs that a block sees (node_block.c). */
#ifndef WEFT_TRAIN_BLOCKS_H
#define WEFT_TRAIN_BLOCKS_H
#include "graph/graph.h"
#include "weft/nn.h"

/* ---- rows of all nodes: borrowed, or in a file without a name that is read through a mapping ------------------------------------------------ */
typedef struct weft_i_row_store {
    int64_t n, cols;
    const weft_real_t *at; /* [n, cols] */
    bool mapped;           /* pages are let go behind who reads */
    int fd;                /* -1: borrowed */
} weft_i_row_store_t;
weft_i_row_store_t weft_i_row_store_of(const weft_real_t *at, int64_t n, int64_t cols, bool mapped); /* borrowed */
/* Under TMPDIR (/var/tmp); room is taken at once, so that a full disk is told here. Errors: apply-scratch. */
weft_status_t weft_i_row_store_open(weft_i_row_store_t *s, int64_t n, int64_t cols, weft_diag_t *diag);
weft_status_t weft_i_row_store_write(weft_i_row_store_t *s, int64_t first, int64_t n, const weft_real_t *rows, weft_diag_t *diag);
/* Rows row[0..n), ascending, to `to`; NULL: rows first .. first + n. On weft_threads(). */
void weft_i_row_store_read(const weft_i_row_store_t *s, const int32_t *row, int64_t first, int64_t n, weft_real_t *to);
/* Rows in any order; key: room for n numbers. */
void weft_i_row_store_gather(const weft_i_row_store_t *s, const int32_t *row, int64_t n, int64_t *key, weft_real_t *to);
void weft_i_row_store_close(weft_i_row_store_t *s);
int64_t weft_i_row_store_window(void); /* bytes of a mapping that a read holds at most */

/* ---- blocks ----------------------------------------------------------------------------------------------------------------------------------- */
/* Nodes first .. first + n of a graph, counted: rows they read (their own and their neighbours'), arcs to them as they are, and with one loop each. */
typedef struct weft_i_node_block_shape { int64_t first, n, n_rows, arcs, looped; } weft_i_node_block_shape_t;

/* Which rows a block reads: a bit per node and thread, and how many stand before each word. */
typedef struct weft_i_node_block_marks {
    const weft_graph_t *graph;
    int64_t n_words;
    int32_t n_threads, *before; /* [n_words] */
    uint64_t *word;             /* [n_threads][n_words] */
    int32_t *degree;            /* [nodes] arcs of a node with one loop in place of those it has */
} weft_i_node_block_marks_t;
weft_status_t weft_i_node_block_marks_init(weft_i_node_block_marks_t *m, const weft_graph_t *graph);
void weft_i_node_block_marks_destroy(weft_i_node_block_marks_t *m);
int64_t weft_i_node_block_marks_bytes(const weft_i_node_block_marks_t *m);
weft_i_node_block_shape_t weft_i_node_block_count(weft_i_node_block_marks_t *m, int64_t first, int64_t n);

/* Its rows and its graphs: sources are numbers of rows. */
typedef struct weft_i_node_block {
    weft_i_node_block_shape_t shape;
    int32_t *row;            /* [n_rows] ascending */
    weft_graph_t *graph;
    weft_topology_t topology; /* borrows graph */
} weft_i_node_block_t;
/* Of the block that was counted last. The weights of graph convolution are those of the whole graph. */
weft_status_t weft_i_node_block_init(weft_i_node_block_t *b, const weft_i_node_block_marks_t *m, const weft_i_node_block_shape_t *shape);
void weft_i_node_block_destroy(weft_i_node_block_t *b);
int64_t weft_i_node_block_bytes(const weft_i_node_block_shape_t *s);
/* A topology of that shape with nothing in it, for plans. */
typedef struct weft_i_node_block_outline { weft_graph_t graph, looped, own; weft_topology_t topology; } weft_i_node_block_outline_t;
void weft_i_node_block_outline(weft_i_node_block_outline_t *to, const weft_i_node_block_shape_t *s);
#endif
