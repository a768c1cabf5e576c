/* graph/reverse.c: the reverse index by counting: blocks of destinations count and place their arcs side by side. What comes out is the one stable order,
 * so it does not depend on how many blocks there were. */
#include "graph/graph.h"
#include "weft/base.h"

#include <string.h>

enum { ARCS_PER_BLOCK = 32768, MOST_BLOCKS = 8 };

/* A block's counts should cost less than its arcs. */
static int32_t blocks_for(int64_t n_src, int64_t arcs)
{
    int64_t n = arcs / (n_src > ARCS_PER_BLOCK ? n_src : ARCS_PER_BLOCK), most = weft_threads() < MOST_BLOCKS ? weft_threads() : MOST_BLOCKS;
    return (int32_t)(n < 1 ? 1 : n < most ? n : most);
}

int64_t weft_i_graph_reverse_scratch(int64_t n_src, int64_t n_arcs) { return blocks_for(n_src, n_arcs) * n_src; }

/* Counts become the places where each block's arcs from a source begin. */
static void starts(weft_graph_t *g, int32_t *count, int32_t blocks)
{
    int64_t at = 0;
    for (int64_t u = 0; u < g->n_src; u++) {
        g->r_offset[u] = at;
        for (int32_t b = 0; b < blocks; b++) {
            int32_t n = count[b * g->n_src + u];
            count[b * g->n_src + u] = (int32_t)at;
            at += n;
        }
    }
    g->r_offset[g->n_src] = at;
}

static void place(weft_graph_t *g, int32_t *at, int64_t first, int64_t end)
{
    for (int64_t v = first; v < end; v++)
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) {
            int32_t to = at[g->source[e]]++;
            g->r_target[to] = (int32_t)v;
            g->r_place[to] = (int32_t)e;
        }
}

void weft_i_graph_reverse(weft_graph_t *g, int32_t *scratch)
{
    int32_t blocks = blocks_for(g->n_src, g->n_arcs);
    int64_t n = g->n_dst;
    memset(scratch, 0, (size_t)(blocks * g->n_src) * sizeof *scratch);
#pragma omp parallel for num_threads(blocks) schedule(static, 1)
    for (int32_t b = 0; b < blocks; b++)
        for (int64_t e = g->offset[n * b / blocks]; e < g->offset[n * (b + 1) / blocks]; e++) scratch[b * g->n_src + g->source[e]]++;
    starts(g, scratch, blocks);
#pragma omp parallel for num_threads(blocks) schedule(static, 1)
    for (int32_t b = 0; b < blocks; b++) place(g, scratch + b * g->n_src, n * b / blocks, n * (b + 1) / blocks);
    g->mirrored = g->n_src == g->n_dst && !memcmp(g->offset, g->r_offset, (size_t)(g->n_dst + 1) * sizeof *g->offset)
        && !memcmp(g->source, g->r_target, (size_t)g->n_arcs * sizeof *g->source);
}
