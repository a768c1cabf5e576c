/* circuit/extract_wires.c: the wires of a net as nodes and edges. A node is a point of a layer where a wire ends, bends or meets a via; segments are cut at
 * every node on them. */
#include "circuit/extract.h"

#include <math.h>
#include <stdlib.h>

static int by_column(const void *a, const void *b)
{
    const weft_i_wire_node_t *p = a, *q = b;
    if (p->layer != q->layer) return p->layer < q->layer ? -1 : 1;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}
static int by_row(const void *a, const void *b, void *context)
{
    const weft_i_wire_node_t *node = context, *p = &node[*(const int32_t *)a], *q = &node[*(const int32_t *)b];
    if (p->layer != q->layer) return p->layer < q->layer ? -1 : 1;
    if (p->y != q->y) return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}
static int by_ends(const void *a, const void *b)
{
    const weft_i_wire_edge_t *p = a, *q = b;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static bool add_node(weft_i_extract_t *x, int32_t layer, int32_t px, int32_t py)
{
    if (!WEFT_I_ROOM(x->node, x->node_cap, x->n_nodes + 1)) return false;
    x->node[x->n_nodes++] = (weft_i_wire_node_t){layer, px, py};
    return true;
}

int32_t weft_i_extract_lower(const weft_i_extract_t *x, weft_i_wire_node_t key, bool row)
{
    int32_t low = 0, high = x->n_nodes;
    while (low < high) {
        int32_t mid = (low + high) / 2;
        const weft_i_wire_node_t *m = row ? &x->node[x->row[mid]] : &x->node[mid];
        int c = m->layer != key.layer ? (m->layer < key.layer ? -1 : 1)
              : row ? (m->y != key.y ? (m->y < key.y ? -1 : 1) : (m->x > key.x) - (m->x < key.x)) : (m->x != key.x ? (m->x < key.x ? -1 : 1) : (m->y > key.y) - (m->y < key.y));
        if (c < 0) low = mid + 1;
        else high = mid;
    }
    return low;
}

static int32_t node_of(const weft_i_extract_t *x, int32_t layer, int32_t px, int32_t py) { return weft_i_extract_lower(x, (weft_i_wire_node_t){layer, px, py}, false); }

weft_status_t weft_i_extract_points(weft_i_extract_t *x, const weft_def_net_t *n)
{
    int32_t layer = -1;
    x->n_nodes = x->n_spans = x->n_edges = x->n_vias = 0;
    for (int32_t i = n->first_wire; i < n->first_wire + n->n_wires; i++) {
        const weft_def_wire_t *w = &x->def->wire[i];
        if (w->first) layer = w->layer;
        if (w->via < 0) {
            if (!x->layer[layer] || (w->x0 != w->x1 && w->y0 != w->y1)) continue; /* another layer, or not along an axis */
            if (!WEFT_I_ROOM(x->span, x->span_cap, x->n_spans + 1) || !add_node(x, layer, w->x0, w->y0) || !add_node(x, layer, w->x1, w->y1)) return WEFT_ENOMEM;
            x->span[x->n_spans++] = (weft_i_wire_span_t){layer, w->x0 < w->x1 ? w->x0 : w->x1, w->y0 < w->y1 ? w->y0 : w->y1, w->x0 < w->x1 ? w->x1 : w->x0, w->y0 < w->y1 ? w->y1 : w->y0};
            continue;
        }
        int32_t a = x->via[w->via][0], b = x->via[w->via][1];
        if (a < 0 || b < 0) continue;
        if (!WEFT_I_ROOM(x->via_at, x->via_cap, x->n_vias + 1) || !add_node(x, a, w->x0, w->y0) || !add_node(x, b, w->x0, w->y0)) return WEFT_ENOMEM;
        x->via_at[x->n_vias++] = (weft_i_wire_span_t){a, b, w->via, w->x0, w->y0};
        layer = layer == a ? b : a;
    }
    int32_t kept = 0;
    if (x->n_nodes) qsort(x->node, (size_t)x->n_nodes, sizeof *x->node, by_column);
    for (int32_t i = 0; i < x->n_nodes; i++)
        if (!kept || by_column(&x->node[kept - 1], &x->node[i])) x->node[kept++] = x->node[i];
    x->n_nodes = kept;
    if (!WEFT_I_ROOM(x->row, x->row_cap, kept + 1)) return WEFT_ENOMEM;
    for (int32_t i = 0; i < kept; i++) x->row[i] = i;
    qsort_r(x->row, (size_t)kept, sizeof *x->row, by_row, x->node);
    return WEFT_OK;
}

weft_status_t weft_i_extract_edges(weft_i_extract_t *x)
{
    double metre = 1e-6 / x->def->dbu;
    for (int32_t i = 0; i < x->n_spans; i++) {
        const weft_i_wire_span_t *s = &x->span[i];
        bool row = s->y0 == s->y1;
        int32_t at = weft_i_extract_lower(x, (weft_i_wire_node_t){s->layer, s->x0, s->y0}, row), before = -1;
        for (; at < x->n_nodes; at++) {
            int32_t k = row ? x->row[at] : at;
            const weft_i_wire_node_t *m = &x->node[k];
            if (m->layer != s->layer || (row ? m->y != s->y0 || m->x > s->x1 : m->x != s->x0 || m->y > s->y1)) break;
            if (before >= 0) {
                if (!WEFT_I_ROOM(x->edge, x->edge_cap, x->n_edges + 1)) return WEFT_ENOMEM;
                double length = (row ? (double)m->x - x->node[before].x : (double)m->y - x->node[before].y) * metre;
                x->edge[x->n_edges++] = (weft_i_wire_edge_t){before < k ? before : k, before < k ? k : before, s->layer, length};
            }
            before = k;
        }
    }
    for (int32_t i = 0; i < x->n_vias; i++) {
        const weft_i_wire_span_t *v = &x->via_at[i];
        int32_t a = node_of(x, v->layer, v->x1, v->y1), b = node_of(x, v->x0, v->x1, v->y1);
        double r = x->via_r[v->y0];
        if (!WEFT_I_ROOM(x->edge, x->edge_cap, x->n_edges + 1)) return WEFT_ENOMEM;
        x->edge[x->n_edges++] = (weft_i_wire_edge_t){a < b ? a : b, a < b ? b : a, -1, isnan(r) ? x->via_ohm : r};
    }
    int32_t kept = 0; /* overlapping wires count once */
    if (x->n_edges) qsort(x->edge, (size_t)x->n_edges, sizeof *x->edge, by_ends);
    for (int32_t i = 0; i < x->n_edges; i++)
        if (!kept || by_ends(&x->edge[kept - 1], &x->edge[i])) x->edge[kept++] = x->edge[i];
    x->n_edges = kept;
    return WEFT_OK;
}
