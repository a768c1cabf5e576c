/* weft/partition.h: order-preserving parts of a levelised graph (a DAG whose every node has a level, rising along every edge).
 *
 * A part is a block of whole levels. Blocks follow one another by level, so a sweep that walks block after block does what a sweep over the whole
 * graph does, in the same order: values go from block to block through the carried nodes, those of earlier blocks that a later edge reads, and
 * nothing else of earlier blocks is needed any more   (the order-preserving partition of Zhong et al. 2024, sec. 3.2, with state in place of padding).
 * Plain arrays and no circuits: any DAG will do. */
#ifndef WEFT_PARTITION_H
#define WEFT_PARTITION_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_levels {
    int64_t n_nodes, n_edges;
    const int32_t *from, *to;  /* [n_edges] borrowed */
    const int32_t *level;      /* [n_nodes] 0..n_levels - 1, borrowed */
    int32_t n_levels;
} weft_levels_t;

/* level[n_nodes]: edges of the longest path to a node. Errors: levels-range (an edge's end), levels-cycle (a node on one). O(n_nodes + n_edges). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_levels_find(int32_t *level, int32_t *n_levels, int64_t n_nodes, int64_t n_edges, const int32_t *from, const int32_t *to, weft_diag_t *diag);

typedef struct weft_partition_options {
    int32_t step;           /* blocks begin at its multiples; 0: 1. In pin graphs 2 keeps a net's sinks with their driver */
    int64_t max_nodes;      /* of a block; one step that holds more is a block of its own; 0: no limit */
    int64_t max_bytes;      /* of the sweep while it is in any block, by the four prices; 0: no limit */
    int64_t fixed_bytes;    /* whatever the block */
    int64_t node_bytes;     /* per node of the block, and per node that it reads from before */
    int64_t edge_bytes;     /* per edge into the block */
    int64_t carried_bytes;  /* per node carried into the block */
} weft_partition_options_t;

typedef struct weft_block {
    int32_t first, last;    /* levels first..last - 1 */
    int64_t n_nodes, n_edges; /* nodes; edges into them */
    int64_t n_carried;      /* nodes before it that it or a later block reads */
    int64_t n_read;         /* of them, those that it reads itself */
    int64_t bytes;
} weft_block_t;

typedef struct weft_partition {
    int32_t n_blocks;
    weft_block_t *block;
    int64_t most_nodes, most_carried, bytes; /* the largest of any block */
} weft_partition_t;

/* Greedy: each block takes steps while the budget allows; that gives the fewest blocks for max_nodes. Errors: partition-order (an edge that does not rise, an
 * edge's end or a level out of range), partition-budget (WEFT_ELIMIT: max_bytes holds not even one step: the text says what would do). O(n_nodes + n_edges). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_partition_new(weft_partition_t **partition, const weft_levels_t *graph, const weft_partition_options_t *options, weft_diag_t *diag);
WEFT_API void weft_partition_free(weft_partition_t *partition);

/* How a block sees what lies around it. */
typedef enum weft_context {
    WEFT_CONTEXT_NONE = 0,  /* the block alone */
    WEFT_CONTEXT_READ,      /* and the nodes before it that it reads: with their values carried, all that a sweep needs */
    WEFT_CONTEXT_PADDED     /* and all nodes of `pad` levels before and behind it: the published training windows, which miss edges from further back */
} weft_context_t;
/* mark[n_nodes]: 1 of the block first..last - 1, 2 its context, 0 neither. O(n_nodes + n_edges). */
WEFT_API void weft_partition_mark(uint8_t *mark, const weft_levels_t *graph, int32_t first, int32_t last, weft_context_t context, int32_t pad);

#ifdef __cplusplus
}
#endif
#endif
