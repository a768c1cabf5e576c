/* timing/net_trees.c: see net_trees.h. */
#include "timing/net_trees.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Places of a net's pins; false: none is known. */
static bool pin_places(const weft_design_t *d, int32_t net, double *x, double *y)
{
    int32_t first = d->net_first[net], n = d->net_first[net + 1] - first, n_known = 0;
    double sum_x = 0.0, sum_y = 0.0;
    for (int32_t i = 0; i < n; i++) {
        x[i] = d->pin_x[d->net_pin[first + i]];
        y[i] = d->pin_y[d->net_pin[first + i]];
        if (isnan(x[i])) continue;
        sum_x += x[i];
        sum_y += y[i];
        n_known++;
    }
    for (int32_t i = 0; i < n && n_known < n; i++)
        if (isnan(x[i])) {
            x[i] = sum_x / n_known;
            y[i] = sum_y / n_known;
        }
    return n_known > 0;
}

weft_status_t weft_i_net_tree(const weft_design_t *d, weft_i_topology_t topology, int32_t net, weft_i_wire_scratch_t *s, bool *placed)
{
    int32_t n = d->net_first[net + 1] - d->net_first[net];
    *placed = false;
    if (n < 2 || !d->pin_x) return WEFT_OK;
    if (!WEFT_I_ROOM(s->x, s->x_cap, n) || !WEFT_I_ROOM(s->y, s->y_cap, n)) return WEFT_ENOMEM;
    if (!pin_places(d, net, s->x, s->y)) return WEFT_OK;
    *placed = true;
    return topology == WEFT_I_SPANNING ? weft_i_tree_span(&s->tree, n, s->x, s->y) : weft_i_tree_steiner(&s->tree, n, s->x, s->y, topology == WEFT_I_SHORT_WAYS ? 0.15 : 0.0);
}

enum { BLOCK = 1024 }; /* nets that are built and kept together */

typedef struct block {
    int32_t edge[BLOCK + 1], point[BLOCK + 1]; /* firsts of each net */
    double length[BLOCK];
    int32_t (*ends)[2];
    double (*at)[2];
} block_t;
struct weft_i_net_trees { const weft_design_t *design; int32_t n_blocks; block_t **block; };

typedef struct maker { weft_i_wire_scratch_t wire; int32_t (*ends)[2]; double (*at)[2]; int64_t ends_cap, at_cap; } maker_t;

static weft_status_t make_block(block_t **block, maker_t *m, const weft_design_t *d, int32_t first, int32_t n)
{
    weft_status_t status = WEFT_OK;
    block_t *b = NULL;
    WEFT_TRY_ALLOC(b = *block = weft_i_calloc(1, sizeof *b));
    for (int32_t i = 0; i < n; i++) {
        bool placed = false;
        const weft_i_tree_t *t = &m->wire.tree;
        int32_t n_pins = d->net_first[first + i + 1] - d->net_first[first + i], edge = b->edge[i], point = b->point[i];
        WEFT_TRY(weft_i_net_tree(d, WEFT_I_SHORT_WAYS, first + i, &m->wire, &placed));
        b->edge[i + 1] = edge + (placed ? t->n_edges : 0);
        b->point[i + 1] = point + (placed ? t->n_nodes - n_pins : 0);
        if (!WEFT_I_ROOM(m->ends, m->ends_cap, b->edge[i + 1]) || !WEFT_I_ROOM(m->at, m->at_cap, b->point[i + 1])) WEFT_TRY(WEFT_ENOMEM);
        if (!placed) continue;
        b->length[i] = t->length;
        for (int32_t k = 0; k < t->n_edges; k++) {
            m->ends[edge + k][0] = t->a[k];
            m->ends[edge + k][1] = t->b[k];
        }
        for (int32_t k = n_pins; k < t->n_nodes; k++) {
            m->at[point + k - n_pins][0] = t->x[k];
            m->at[point + k - n_pins][1] = t->y[k];
        }
    }
    size_t ends = (size_t)b->edge[n] * sizeof *b->ends, at = (size_t)b->point[n] * sizeof *b->at;
    WEFT_TRY_ALLOC(b->ends = weft_i_malloc(ends + 1));
    WEFT_TRY_ALLOC(b->at = weft_i_malloc(at + 1));
    if (ends) memcpy(b->ends, m->ends, ends);
    if (at) memcpy(b->at, m->at, at);
done:
    return status;
}

weft_status_t weft_i_net_trees_new(weft_i_net_trees_t **trees, const weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    weft_i_net_trees_t *t = NULL;
    bool failed = false;
    *trees = NULL;
    WEFT_TRY_ALLOC(t = weft_i_calloc(1, sizeof *t));
    t->design = d;
    t->n_blocks = (d->n_nets + BLOCK - 1) / BLOCK;
    WEFT_TRY_ALLOC(t->block = weft_i_calloc((size_t)t->n_blocks + 1, sizeof *t->block));
#pragma omp parallel num_threads(weft_threads())
    {
        maker_t m = {0};
#pragma omp for schedule(dynamic, 1)
        for (int32_t b = 0; b < t->n_blocks; b++) {
            int32_t left = d->n_nets - b * BLOCK;
            if (make_block(&t->block[b], &m, d, b * BLOCK, left < BLOCK ? left : BLOCK) != WEFT_OK) {
#pragma omp atomic write
                failed = true;
            }
        }
        weft_i_wire_scratch_destroy(&m.wire);
        weft_i_free(m.ends);
        weft_i_free(m.at);
    }
    if (failed) WEFT_TRY(WEFT_ENOMEM);
    *trees = t;
    t = NULL;
done:
    weft_i_net_trees_free(t);
    return status;
}

void weft_i_net_trees_free(weft_i_net_trees_t *t)
{
    if (!t) return;
    for (int32_t b = 0; t->block && b < t->n_blocks; b++) {
        if (!t->block[b]) continue;
        weft_i_free(t->block[b]->ends);
        weft_i_free(t->block[b]->at);
        weft_i_free(t->block[b]);
    }
    weft_i_free(t->block);
    weft_i_free(t);
}

weft_status_t weft_i_net_trees_at(const weft_i_net_trees_t *trees, int32_t net, weft_i_wire_scratch_t *s, bool *placed)
{
    const block_t *b = trees->block[net / BLOCK];
    const weft_design_t *d = trees->design;
    weft_i_tree_t *t = &s->tree;
    int32_t i = net % BLOCK, n_pins = d->net_first[net + 1] - d->net_first[net], n_edges = b->edge[i + 1] - b->edge[i], n_points = b->point[i + 1] - b->point[i];
    *placed = n_edges > 0;
    if (!*placed) return WEFT_OK;
    if (!weft_i_tree_room(t, n_pins + n_points, n_edges)) return WEFT_ENOMEM;
    t->n_nodes = n_pins + n_points;
    t->n_edges = n_edges;
    t->length = b->length[i];
    (void)pin_places(d, net, t->x, t->y);
    for (int32_t k = 0; k < n_points; k++) {
        t->x[n_pins + k] = b->at[b->point[i] + k][0];
        t->y[n_pins + k] = b->at[b->point[i] + k][1];
    }
    for (int32_t k = 0; k < n_edges; k++) {
        t->a[k] = b->ends[b->edge[i] + k][0];
        t->b[k] = b->ends[b->edge[i] + k][1];
    }
    return WEFT_OK;
}
