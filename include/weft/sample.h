/* weft/sample.h: neighbour-sampled mini-batches   (Hamilton et al. 2017, alg. 2): for some nodes the arcs that a stack of layers looks at, at most so many into a node per layer. */
#ifndef WEFT_SAMPLE_H
#define WEFT_SAMPLE_H
#include "weft/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_SAMPLE_LAYERS = 8, WEFT_SAMPLE_FAN_OUT = 65535 };

/* Borrowed from the sampler until its next draw. layer[l] is the graph of layer l (0 runs first): its sources are the rows that layer l reads, its destinations those it writes, the first of
 * the sources; the rows of layer 0 are node[0 .. n_nodes), those of the last are the nodes that were asked for, in their order. arc[l][a] is the arc of the whole graph that arc a of layer l is. */
typedef struct weft_sampled {
    int32_t n_layers;
    const weft_graph_t *layer[WEFT_SAMPLE_LAYERS];
    const int32_t *arc[WEFT_SAMPLE_LAYERS];
    int64_t n_nodes;
    const int32_t *node; /* local -> of the whole graph */
} weft_sampled_t;

typedef struct weft_sampler weft_sampler_t;
/* fan_out[n_layers], that of the last layer (next to the result) first, as "15,10" is said: 1 to WEFT_SAMPLE_FAN_OUT. graph is borrowed and must be square. Memory: 4 bytes per node. One thread
 * at a time. Errors: sample-fan-out, graph-shape. Owner: the caller, weft_sampler_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_sampler_new(weft_sampler_t **sampler, const weft_graph_t *graph, const int32_t *fan_out, int32_t n_layers, uint64_t seed, weft_diag_t *diag);
WEFT_API void weft_sampler_free(weft_sampler_t *sampler);
/* For n different nodes. A node with no more arcs than the fan-out keeps all; else so many are drawn evenly, none twice. Which is a function of (seed, step, layer, node) alone: not of
 * the other nodes, the order, or the number of threads. O(arcs drawn log fan-out). Errors: sample-node (out of range, or twice). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_sampler_draw(weft_sampled_t *sampled, weft_sampler_t *sampler, const int32_t *node, int64_t n, uint64_t step, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
