/* Parts of a levelised graph: whole levels in order, budgets kept, and a sweep that walks them gives the bits of one that does not. */
#include "base/rng.h"
#include "weft/partition.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 600, EDGES = 1500 };
static int32_t from[EDGES], to[EDGES], level[NODES];
static weft_levels_t random_graph(uint64_t seed)
{
    weft_i_rng_t rng = {seed, 1, 0};
    weft_levels_t g = {.n_nodes = NODES, .n_edges = EDGES, .from = from, .to = to, .level = level};
    for (int e = 0; e < EDGES; e++) { /* most edges short, some far: those are what padding would miss */
        int32_t b = 1 + (int32_t)weft_i_rng_below(&rng, NODES - 1), reach = e % 10 ? 40 : NODES;
        from[e] = b - 1 - (int32_t)weft_i_rng_below(&rng, b < reach ? b : reach);
        to[e] = b;
    }
    cr_assert_eq(weft_levels_find(level, &g.n_levels, NODES, EDGES, from, to, NULL), WEFT_OK);
    return g;
}

Test(partition, levels_are_longest_paths)
{
    static const int32_t a[] = {0, 0, 1, 2, 4}, b[] = {1, 2, 2, 3, 3};
    int32_t l[6], n;
    const int32_t want[] = {0, 1, 2, 3, 0, 0};
    cr_assert_eq(weft_levels_find(l, &n, 6, 5, a, b, NULL), WEFT_OK);
    cr_assert_arr_eq(l, want, sizeof want);
    cr_assert_eq(n, 4);
}

Test(partition, wrong_graphs_are_told)
{
    static const int32_t a[] = {0, 1, 2}, b[] = {1, 2, 1}, far[] = {1, 2, 9};
    const int32_t flat[] = {0, 0, 1};
    int32_t l[3], n;
    weft_partition_t *p;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_levels_find(l, &n, 3, 3, a, b, diag), WEFT_EINPUT);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "levels-cycle");
    cr_assert_eq(weft_levels_find(l, &n, 3, 3, a, far, diag), WEFT_EINPUT);
    cr_assert_str_eq(weft_diag_entry(diag, 1)->id, "levels-range");
    const weft_levels_t g = {.n_nodes = 3, .n_edges = 1, .from = a, .to = b, .level = flat, .n_levels = 2};
    cr_assert_eq(weft_partition_new(&p, &g, NULL, diag), WEFT_EINPUT);
    cr_assert_str_eq(weft_diag_entry(diag, 2)->id, "partition-order");
    cr_assert_null(p);
    weft_diag_free(diag);
}

Test(partition, blocks_are_whole_steps_within_the_budget)
{
    weft_levels_t g = random_graph(3);
    int32_t before = INT32_MAX;
    for (int64_t most = 20; most < 2 * NODES; most *= 2) {
        weft_partition_t *p;
        const weft_partition_options_t o = {.step = 2, .max_nodes = most};
        cr_assert_eq(weft_partition_new(&p, &g, &o, NULL), WEFT_OK);
        int64_t nodes = 0, edges = 0;
        for (int32_t k = 0; k < p->n_blocks; k++) {
            const weft_block_t *b = &p->block[k];
            cr_assert_eq(b->first, k ? p->block[k - 1].last : 0);
            cr_assert_eq(b->first % 2, 0);
            cr_assert(b->n_nodes <= most || b->last - b->first <= 2);
            nodes += b->n_nodes;
            edges += b->n_edges;
            int64_t carried = 0, reads = 0; /* by definition */
            for (int32_t v = 0; v < NODES; v++) {
                bool later = false, here = false;
                for (int e = 0; e < EDGES; e++) {
                    later |= from[e] == v && level[to[e]] >= b->first;
                    here |= from[e] == v && level[to[e]] >= b->first && level[to[e]] < b->last;
                }
                carried += level[v] < b->first && later;
                reads += level[v] < b->first && here;
            }
            cr_assert_eq(b->n_carried, carried);
            cr_assert_eq(b->n_read, reads);
        }
        cr_assert_eq(p->block[p->n_blocks - 1].last, g.n_levels);
        cr_assert_eq(nodes, NODES);
        cr_assert_eq(edges, EDGES);
        cr_assert_leq(p->n_blocks, before);
        before = p->n_blocks;
        weft_partition_free(p);
    }
    cr_assert_eq(before, 1);
}

Test(partition, a_budget_of_bytes_is_kept_or_refused)
{
    weft_levels_t g = random_graph(5);
    weft_partition_t *whole, *p;
    weft_diag_t *diag = weft_diag_new();
    weft_partition_options_t o = {.fixed_bytes = 1000, .node_bytes = 64, .edge_bytes = 16, .carried_bytes = 32};
    cr_assert_eq(weft_partition_new(&whole, &g, &o, NULL), WEFT_OK);
    cr_assert_eq(whole->n_blocks, 1);
    cr_assert_eq(whole->bytes, 1000 + 64 * NODES + 16 * EDGES);
    int64_t last = whole->bytes;
    for (int32_t part = 2; part <= 3; part++) {
        o.max_bytes = whole->bytes / part;
        cr_assert_eq(weft_partition_new(&p, &g, &o, NULL), WEFT_OK);
        cr_assert_leq(p->bytes, o.max_bytes);
        cr_assert_lt(p->bytes, last);
        last = p->bytes;
        weft_partition_free(p);
    }
    o.max_bytes = 1100;
    cr_assert_eq(weft_partition_new(&p, &g, &o, diag), WEFT_ELIMIT);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "partition-budget");
    weft_partition_free(whole);
    weft_diag_free(diag);
}

/* x_v = 1 + sum 0.7 x_u in the order of edges, in float: any other order has other bits. */
static void sweep(float *x, const weft_levels_t *g, int32_t first, int32_t last, const uint8_t *mark)
{
    for (int32_t l = first; l < last; l++)
        for (int32_t v = 0; v < NODES; v++) {
            if (level[v] != l) continue;
            x[v] = 1.0f / (float)(v + 1);
            for (int e = 0; e < EDGES; e++)
                if (to[e] == v) {
                    cr_assert(!mark || mark[from[e]], "node %d reads what the block does not have", v);
                    x[v] += 0.7f * x[from[e]];
                }
        }
    (void)g;
}

Test(partition, a_sweep_by_blocks_has_the_bits_of_the_whole)
{
    weft_levels_t g = random_graph(9);
    float whole[NODES], x[NODES];
    uint8_t mark[NODES];
    sweep(whole, &g, 0, g.n_levels, NULL);
    for (int64_t most = 10; most < NODES; most *= 3) {
        weft_partition_t *p;
        const weft_partition_options_t o = {.max_nodes = most};
        cr_assert_eq(weft_partition_new(&p, &g, &o, NULL), WEFT_OK);
        for (int32_t k = 0; k < p->n_blocks; k++) { /* nothing but what READ grants is left of earlier blocks */
            weft_partition_mark(mark, &g, p->block[k].first, p->block[k].last, WEFT_CONTEXT_READ, 0);
            int64_t in_block = 0, context = 0;
            for (int32_t v = 0; v < NODES; v++) in_block += mark[v] == 1, context += mark[v] == 2;
            cr_assert_eq(in_block, p->block[k].n_nodes);
            cr_assert_eq(context, p->block[k].n_read);
            sweep(x, &g, p->block[k].first, p->block[k].last, mark);
        }
        cr_assert_arr_eq(x, whole, sizeof whole);
        weft_partition_free(p);
    }
    weft_partition_mark(mark, &g, 4, 6, WEFT_CONTEXT_PADDED, 1);
    for (int32_t v = 0; v < NODES; v++) cr_assert_eq(mark[v], level[v] == 4 || level[v] == 5 ? 1 : level[v] == 3 || level[v] == 6 ? 2 : 0);
}
