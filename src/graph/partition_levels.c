/* graph/partition_levels.c: see weft/partition.h. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/partition.h"

#include <string.h>

static weft_status_t complain(weft_diag_t *diag, const char *id, const char *what, int64_t i)
{
    weft_diag_add(diag, WEFT_ERROR, id, NULL, 0, 0, "%s %lld", what, (long long)i);
    return WEFT_EINPUT;
}

weft_status_t weft_levels_find(int32_t *level, int32_t *n_levels, int64_t n_nodes, int64_t n_edges, const int32_t *from, const int32_t *to, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *first = NULL, *open = NULL, head = 0, tail = 0;
    int32_t *queue = NULL, *next = NULL;
    *n_levels = 0;
    for (int64_t e = 0; e < n_edges; e++)
        if (from[e] < 0 || from[e] >= n_nodes || to[e] < 0 || to[e] >= n_nodes) return complain(diag, "levels-range", "no such node at an end of edge", e);
    WEFT_TRY_ALLOC(first = weft_i_calloc((size_t)n_nodes + 2, sizeof *first));
    WEFT_TRY_ALLOC(open = weft_i_calloc((size_t)n_nodes + 1, sizeof *open));
    WEFT_TRY_ALLOC(queue = weft_i_malloc(((size_t)n_nodes + 1) * sizeof *queue));
    WEFT_TRY_ALLOC(next = weft_i_malloc(((size_t)n_edges + 1) * sizeof *next));
    for (int64_t e = 0; e < n_edges; e++) first[from[e] + 2]++, open[to[e]]++;
    for (int64_t v = 0; v < n_nodes; v++) first[v + 2] += first[v + 1];
    for (int64_t e = 0; e < n_edges; e++) next[first[from[e] + 1]++] = to[e];
    for (int64_t v = 0; v < n_nodes; v++) {
        level[v] = 0;
        if (!open[v]) queue[tail++] = (int32_t)v;
    }
    while (head < tail) {
        int32_t u = queue[head++];
        if (level[u] >= *n_levels) *n_levels = level[u] + 1;
        for (int64_t i = first[u]; i < first[u + 1]; i++) {
            if (level[next[i]] <= level[u]) level[next[i]] = level[u] + 1;
            if (!--open[next[i]]) queue[tail++] = next[i];
        }
    }
    for (int64_t v = 0; v < n_nodes && tail < n_nodes; v++)
        if (open[v]) WEFT_TRY(complain(diag, "levels-cycle", "a cycle goes through or leads to node", v));
done:
    weft_i_free(first);
    weft_i_free(open);
    weft_i_free(queue);
    weft_i_free(next);
    return status;
}

static weft_status_t check(const weft_levels_t *g, weft_diag_t *diag)
{
    for (int64_t v = 0; v < g->n_nodes; v++)
        if (g->level[v] < 0 || g->level[v] >= g->n_levels) return complain(diag, "partition-order", "no level of the graph is that of node", v);
    for (int64_t e = 0; e < g->n_edges; e++) {
        bool in = g->from[e] >= 0 && g->from[e] < g->n_nodes && g->to[e] >= 0 && g->to[e] < g->n_nodes;
        if (!in || g->level[g->from[e]] >= g->level[g->to[e]]) return complain(diag, "partition-order", "levels do not rise along edge", e);
    }
    return WEFT_OK;
}

/* What the blocks are cut by, per level: nodes, edges by the level of their end, nodes that live across the border before it. */
typedef struct counts {
    int64_t *nodes, *edge_first, *live; /* [n_levels + 2] */
    int32_t *edge;                      /* by the level of their end */
    int32_t *seen;                      /* [n_nodes] last block that read a node */
} counts_t;

static void counts_destroy(counts_t *c)
{
    weft_i_free(c->nodes);
    weft_i_free(c->edge_first);
    weft_i_free(c->live);
    weft_i_free(c->edge);
    weft_i_free(c->seen);
}

static weft_status_t counts_init(counts_t *c, const weft_levels_t *g)
{
    weft_status_t status = WEFT_OK;
    size_t levels = (size_t)g->n_levels + 2;
    int32_t *last = NULL; /* level of a node's last reader */
    WEFT_TRY_ALLOC(c->nodes = weft_i_calloc(levels, sizeof *c->nodes));
    WEFT_TRY_ALLOC(c->edge_first = weft_i_calloc(levels + 1, sizeof *c->edge_first));
    WEFT_TRY_ALLOC(c->live = weft_i_calloc(levels, sizeof *c->live));
    WEFT_TRY_ALLOC(c->edge = weft_i_malloc(((size_t)g->n_edges + 1) * sizeof *c->edge));
    WEFT_TRY_ALLOC(c->seen = weft_i_malloc(((size_t)g->n_nodes + 1) * sizeof *c->seen));
    WEFT_TRY_ALLOC(last = weft_i_calloc((size_t)g->n_nodes + 1, sizeof *last));
    for (int64_t e = 0; e < g->n_edges; e++) {
        int32_t l = g->level[g->to[e]];
        if (l > last[g->from[e]]) last[g->from[e]] = l;
        c->edge_first[l + 2]++;
    }
    for (int32_t l = 0; l < g->n_levels; l++) c->edge_first[l + 2] += c->edge_first[l + 1];
    for (int64_t e = 0; e < g->n_edges; e++) c->edge[c->edge_first[g->level[g->to[e]] + 1]++] = (int32_t)e;
    for (int64_t v = 0; v < g->n_nodes; v++) {
        c->seen[v] = -1;
        c->nodes[g->level[v]]++;
        if (last[v] > g->level[v]) c->live[g->level[v] + 1]++, c->live[last[v] + 1]--; /* across the borders before level + 1 .. last */
    }
    for (int32_t l = 0; l <= g->n_levels; l++) c->live[l + 1] += c->live[l];
done:
    weft_i_free(last);
    return status;
}

static int64_t price(const weft_block_t *b, const weft_partition_options_t *o)
{
    return o->fixed_bytes + o->node_bytes * (b->n_nodes + b->n_read) + o->edge_bytes * b->n_edges + o->carried_bytes * b->n_carried;
}

/* b with levels b->last .. last - 1 too; reads are marked for block k. */
static weft_block_t grown(weft_block_t b, counts_t *c, const weft_levels_t *g, int32_t last, int32_t k, const weft_partition_options_t *o)
{
    for (int32_t l = b.last; l < last; l++) b.n_nodes += c->nodes[l];
    for (int64_t i = c->edge_first[b.last]; i < c->edge_first[last]; i++) {
        int32_t u = g->from[c->edge[i]];
        if (g->level[u] < b.first && c->seen[u] != k) c->seen[u] = k, b.n_read++;
    }
    b.n_edges += c->edge_first[last] - c->edge_first[b.last];
    b.last = last;
    b.bytes = price(&b, o);
    return b;
}

weft_status_t weft_partition_new(weft_partition_t **partition, const weft_levels_t *g, const weft_partition_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_partition_options_t o = options ? *options : (weft_partition_options_t){0};
    int32_t step = o.step > 0 ? o.step : 1;
    weft_partition_t *p = NULL;
    counts_t c = {0};
    *partition = NULL;
    WEFT_TRY(check(g, diag));
    WEFT_TRY_ALLOC(p = weft_i_calloc(1, sizeof *p));
    WEFT_TRY_ALLOC(p->block = weft_i_calloc((size_t)(g->n_levels / step) + 2, sizeof *p->block));
    WEFT_TRY(counts_init(&c, g));
    for (int32_t l = 0; l < g->n_levels;) {
        weft_block_t *b = &p->block[p->n_blocks], start = {.first = l, .last = l, .n_carried = c.live[l]};
        int32_t next = g->n_levels - l > step ? l + step : g->n_levels;
        *b = grown(start, &c, g, next, p->n_blocks, &o);
        if (o.max_bytes > 0 && b->bytes > o.max_bytes) {
            weft_diag_add(diag, WEFT_ERROR, "partition-budget", NULL, 0, 0, "levels %d to %d alone need %lld bytes, more than the %lld allowed", l, next - 1, (long long)b->bytes, (long long)o.max_bytes);
            WEFT_TRY(WEFT_ELIMIT);
        }
        while (next < g->n_levels) {
            next = g->n_levels - next > step ? next + step : g->n_levels;
            weft_block_t more = grown(*b, &c, g, next, p->n_blocks, &o);
            if ((o.max_nodes > 0 && more.n_nodes > o.max_nodes) || (o.max_bytes > 0 && more.bytes > o.max_bytes)) break;
            *b = more;
        }
        l = b->last;
        p->n_blocks++;
        if (b->n_nodes > p->most_nodes) p->most_nodes = b->n_nodes;
        if (b->n_carried > p->most_carried) p->most_carried = b->n_carried;
        if (b->bytes > p->bytes) p->bytes = b->bytes;
    }
    *partition = p;
    p = NULL;
done:
    counts_destroy(&c);
    weft_partition_free(p);
    return status;
}

void weft_partition_free(weft_partition_t *p)
{
    if (!p) return;
    weft_i_free(p->block);
    weft_i_free(p);
}

void weft_partition_mark(uint8_t *mark, const weft_levels_t *g, int32_t first, int32_t last, weft_context_t context, int32_t pad)
{
    if (context != WEFT_CONTEXT_PADDED) pad = 0;
    for (int64_t v = 0; v < g->n_nodes; v++) {
        int32_t l = g->level[v];
        mark[v] = l >= first && l < last ? 1 : l >= first - pad && l < last + pad ? 2 : 0;
    }
    for (int64_t e = 0; e < g->n_edges && context == WEFT_CONTEXT_READ; e++)
        if (mark[g->to[e]] == 1 && !mark[g->from[e]]) mark[g->from[e]] = 2;
}
