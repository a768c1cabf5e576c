/* circuit/extract.c: the wires of each net as nodes and resistors. A node is a point of a layer where a wire ends, bends or meets a via; segments are
 * cut at every node on them. */
#include "weft/extract.h"
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/spef_build.h"
#include "circuit/turn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct node { int32_t layer, x, y; } node_t;
typedef struct span { int32_t layer, x0, y0, x1, y1; } span_t;
typedef struct edge { int32_t a, b, layer; double length; } edge_t; /* layer -1: a via */
typedef struct box { int32_t layer; double x0, y0, x1, y1; } box_t; /* um of the DEF's units */

typedef struct extractor {
    const weft_def_t *def;
    const weft_lef_t *const *lefs;
    int32_t n_lefs;
    double via_ohm, pad; /* pad: half a via, in DEF units */
    weft_extract_report_t *report;
    weft_diag_t *diag;
    weft_i_spef_build_t out;
    const weft_lef_layer_t **layer;  /* by DEF name, NULL: none */
    int32_t (*via)[2];               /* by DEF name: the DEF names of its two routing layers, -1 none */
    double *via_r;
    int32_t *component;              /* by DEF name */
    int32_t *port;                   /* by DEF name: DEF pin */
    /* of the net at hand */
    int64_t node_cap, row_cap, span_cap, edge_cap, parent_cap, cap_cap, node_name_cap, via_cap;
    int32_t n_nodes, n_spans, n_edges, n_vias;
    node_t *node; /* by layer, x, y */
    int32_t *row; /* nodes by layer, y, x */
    span_t *span, *via_at; /* via_at: layer and x0 = the two layers, x1, y1 = place */
    edge_t *edge;
    int32_t *parent;
    double *cap;
    weft_spef_node_t *name;
} extractor_t;

/* ---- tables by DEF name ----------------------------------------------------------------------------------------- */
static int32_t def_name(const weft_def_t *d, const weft_lef_t *l, int32_t id)
{
    return id < 0 ? -1 : weft_names_find(d->names, weft_names_text(l->names, id), (size_t)weft_names_length(l->names, id));
}

static void index_lef(extractor_t *x, const weft_lef_t *l)
{
    double unit = x->def->dbu * 1e6; /* DEF units per metre */
    for (int32_t i = 0; i < l->n_layers; i++) {
        int32_t n = def_name(x->def, l, l->layer[i].name);
        if (n >= 0 && l->layer[i].kind == WEFT_LAYER_ROUTING && !x->layer[n]) x->layer[n] = &l->layer[i];
    }
    for (int32_t i = 0; i < l->n_vias; i++) {
        const weft_lef_via_t *v = &l->via[i];
        int32_t n = def_name(x->def, l, v->name), k = 0;
        if (x->pad == 0.0 && v->n_shapes) x->pad = fabs(l->shape[v->first_shape].x0) * unit;
        if (n < 0) continue;
        x->via_r[n] = v->resistance;
        for (int32_t s = v->first_shape; s < v->first_shape + v->n_shapes && k < 2; s++) {
            int32_t m = def_name(x->def, l, l->shape[s].layer);
            if (m >= 0 && x->layer[m] && (k == 0 || x->via[n][0] != m)) x->via[n][k++] = m;
        }
    }
}

static weft_status_t index_names(extractor_t *x)
{
    weft_status_t status = WEFT_OK;
    const weft_def_t *d = x->def;
    size_t n = (size_t)weft_names_n(d->names) + 1;
    WEFT_TRY_ALLOC(x->layer = weft_i_calloc(n, sizeof *x->layer));
    WEFT_TRY_ALLOC(x->via = weft_i_malloc(n * sizeof *x->via));
    WEFT_TRY_ALLOC(x->via_r = weft_i_malloc(n * sizeof *x->via_r));
    WEFT_TRY_ALLOC(x->component = weft_i_malloc(n * sizeof *x->component));
    WEFT_TRY_ALLOC(x->port = weft_i_malloc(n * sizeof *x->port));
    memset(x->via, -1, n * sizeof *x->via);
    memset(x->component, -1, n * sizeof *x->component);
    memset(x->port, -1, n * sizeof *x->port);
    for (size_t i = 0; i < n; i++) x->via_r[i] = NAN;
    for (int32_t i = 0; i < d->n_components; i++) x->component[d->component[i].name] = i;
    for (int32_t i = 0; i < d->n_pins; i++) x->port[d->pin[i].name] = i;
    for (int32_t i = 0; i < x->n_lefs; i++) index_lef(x, x->lefs[i]);
done:
    return status;
}

/* ---- nodes and edges -------------------------------------------------------------------------------------------- */
static int by_column(const void *a, const void *b)
{
    const node_t *p = a, *q = b;
    if (p->layer != q->layer) return p->layer < q->layer ? -1 : 1;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}
static int by_row(const void *a, const void *b, void *context)
{
    const node_t *node = context, *p = &node[*(const int32_t *)a], *q = &node[*(const int32_t *)b];
    if (p->layer != q->layer) return p->layer < q->layer ? -1 : 1;
    if (p->y != q->y) return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}
static int by_ends(const void *a, const void *b)
{
    const edge_t *p = a, *q = b;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static bool add_node(extractor_t *x, int32_t layer, int32_t px, int32_t py)
{
    if (!WEFT_I_ROOM(x->node, x->node_cap, x->n_nodes + 1)) return false;
    x->node[x->n_nodes++] = (node_t){layer, px, py};
    return true;
}

/* First node not before the key. */
static int32_t lower(const extractor_t *x, node_t key, bool row)
{
    int32_t low = 0, high = x->n_nodes;
    while (low < high) {
        int32_t mid = (low + high) / 2;
        const node_t *m = row ? &x->node[x->row[mid]] : &x->node[mid];
        int c = m->layer != key.layer ? (m->layer < key.layer ? -1 : 1)
              : row ? (m->y != key.y ? (m->y < key.y ? -1 : 1) : (m->x > key.x) - (m->x < key.x)) : (m->x != key.x ? (m->x < key.x ? -1 : 1) : (m->y > key.y) - (m->y < key.y));
        if (c < 0) low = mid + 1;
        else high = mid;
    }
    return low;
}

static int32_t node_of(const extractor_t *x, int32_t layer, int32_t px, int32_t py) { return lower(x, (node_t){layer, px, py}, false); }

static weft_status_t collect_points(extractor_t *x, const weft_def_net_t *n)
{
    int32_t layer = -1;
    x->n_nodes = x->n_spans = x->n_edges = x->n_vias = 0;
    for (int32_t i = n->first_wire; i < n->first_wire + n->n_wires; i++) {
        const weft_def_wire_t *w = &x->def->wire[i];
        if (w->first) layer = w->layer;
        if (w->via < 0) {
            if (!x->layer[layer] || (w->x0 != w->x1 && w->y0 != w->y1)) continue; /* another layer, or not along an axis */
            if (!WEFT_I_ROOM(x->span, x->span_cap, x->n_spans + 1) || !add_node(x, layer, w->x0, w->y0) || !add_node(x, layer, w->x1, w->y1)) return WEFT_ENOMEM;
            x->span[x->n_spans++] = (span_t){layer, w->x0 < w->x1 ? w->x0 : w->x1, w->y0 < w->y1 ? w->y0 : w->y1, w->x0 < w->x1 ? w->x1 : w->x0, w->y0 < w->y1 ? w->y1 : w->y0};
            continue;
        }
        int32_t a = x->via[w->via][0], b = x->via[w->via][1];
        if (a < 0 || b < 0) continue;
        if (!WEFT_I_ROOM(x->via_at, x->via_cap, x->n_vias + 1) || !add_node(x, a, w->x0, w->y0) || !add_node(x, b, w->x0, w->y0)) return WEFT_ENOMEM;
        x->via_at[x->n_vias++] = (span_t){a, b, w->via, w->x0, w->y0};
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

static weft_status_t collect_edges(extractor_t *x)
{
    double metre = 1e-6 / x->def->dbu;
    for (int32_t i = 0; i < x->n_spans; i++) {
        const span_t *s = &x->span[i];
        bool row = s->y0 == s->y1;
        int32_t at = lower(x, (node_t){s->layer, s->x0, s->y0}, row), before = -1;
        for (; at < x->n_nodes; at++) {
            int32_t k = row ? x->row[at] : at;
            const node_t *m = &x->node[k];
            if (m->layer != s->layer || (row ? m->y != s->y0 || m->x > s->x1 : m->x != s->x0 || m->y > s->y1)) break;
            if (before >= 0) {
                if (!WEFT_I_ROOM(x->edge, x->edge_cap, x->n_edges + 1)) return WEFT_ENOMEM;
                double length = (row ? (double)m->x - x->node[before].x : (double)m->y - x->node[before].y) * metre;
                x->edge[x->n_edges++] = (edge_t){before < k ? before : k, before < k ? k : before, s->layer, length};
            }
            before = k;
        }
    }
    for (int32_t i = 0; i < x->n_vias; i++) {
        const span_t *v = &x->via_at[i];
        int32_t a = node_of(x, v->layer, v->x1, v->y1), b = node_of(x, v->x0, v->x1, v->y1);
        double r = x->via_r[v->y0];
        if (!WEFT_I_ROOM(x->edge, x->edge_cap, x->n_edges + 1)) return WEFT_ENOMEM;
        x->edge[x->n_edges++] = (edge_t){a < b ? a : b, a < b ? b : a, -1, isnan(r) ? x->via_ohm : r};
    }
    int32_t kept = 0; /* overlapping wires count once */
    if (x->n_edges) qsort(x->edge, (size_t)x->n_edges, sizeof *x->edge, by_ends);
    for (int32_t i = 0; i < x->n_edges; i++)
        if (!kept || by_ends(&x->edge[kept - 1], &x->edge[i])) x->edge[kept++] = x->edge[i];
    x->n_edges = kept;
    return WEFT_OK;
}

static int32_t root(extractor_t *x, int32_t i)
{
    while (x->parent[i] != i) i = x->parent[i] = x->parent[x->parent[i]];
    return i;
}

static bool unite(extractor_t *x, int32_t a, int32_t b)
{
    a = root(x, a);
    b = root(x, b);
    if (a == b) return false;
    x->parent[a] = b;
    return true;
}

/* ---- pins ------------------------------------------------------------------------------------------------------- */
typedef struct place { const weft_lef_t *lef; const weft_lef_macro_t *macro; const weft_lef_pin_t *pin; const weft_def_component_t *at; const weft_def_pin_t *port; } place_t;

static bool find_place(const extractor_t *x, const weft_def_conn_t *c, place_t *p)
{
    const weft_names_t *names = x->def->names;
    *p = (place_t){0};
    if (c->component < 0) {
        int32_t k = x->port[c->pin];
        p->port = k < 0 ? NULL : &x->def->pin[k];
        return p->port != NULL;
    }
    int32_t k = x->component[c->component];
    if (k < 0) return false;
    p->at = &x->def->component[k];
    const char *macro = weft_names_text(names, p->at->macro), *pin = weft_names_text(names, c->pin);
    for (int32_t i = x->n_lefs - 1; i >= 0 && !p->macro; i--) {
        int32_t m = weft_lef_find_macro(x->lefs[i], macro, strlen(macro));
        if (m < 0) continue;
        p->lef = x->lefs[i];
        p->macro = &p->lef->macro[m];
    }
    for (int32_t i = 0; p->macro && i < p->macro->n_pins; i++)
        if (!strcmp(weft_names_text(p->lef->names, p->lef->pin[p->macro->first_pin + i].name), pin)) p->pin = &p->lef->pin[p->macro->first_pin + i];
    return true;
}

/* Shape number i of a placed pin, in DEF units; false: there is none. */
static bool shape(const extractor_t *x, const place_t *p, int32_t i, box_t *b)
{
    double unit = x->def->dbu * 1e6;
    if (p->port) {
        if (i || !p->port->placed || p->port->layer < 0) return false;
        *b = (box_t){p->port->layer, (double)p->port->x + p->port->x0, (double)p->port->y + p->port->y0, (double)p->port->x + p->port->x1, (double)p->port->y + p->port->y1};
        return true;
    }
    if (!p->pin || i >= p->pin->n_shapes || !p->at->placed) return false;
    const weft_lef_shape_t *s = &p->lef->shape[p->pin->first_shape + i];
    weft_i_spot_t a = weft_i_turn((weft_i_spot_t){s->x0 + p->macro->origin_x, s->y0 + p->macro->origin_y}, p->macro->width, p->macro->height, p->at->orient);
    weft_i_spot_t c = weft_i_turn((weft_i_spot_t){s->x1 + p->macro->origin_x, s->y1 + p->macro->origin_y}, p->macro->width, p->macro->height, p->at->orient);
    *b = (box_t){def_name(x->def, p->lef, s->layer), p->at->x + fmin(a.x, c.x) * unit, p->at->y + fmin(a.y, c.y) * unit, p->at->x + fmax(a.x, c.x) * unit, p->at->y + fmax(a.y, c.y) * unit};
    return true;
}

/* Joins a pin (node number `self`) to the wire nodes within `halo` of its shapes; the number found. */
static weft_status_t join_pin(extractor_t *x, const place_t *p, int32_t self, double halo, int32_t *found)
{
    box_t b;
    for (int32_t i = 0; shape(x, p, i, &b); i++) {
        if (b.layer < 0) continue;
        int32_t first = (int32_t)fmax(ceil(b.x0 - halo), -2e9), at = lower(x, (node_t){b.layer, first, INT32_MIN}, false);
        for (; at < x->n_nodes && x->node[at].layer == b.layer && x->node[at].x <= b.x1 + halo; at++) {
            if (x->node[at].y < b.y0 - halo || x->node[at].y > b.y1 + halo) continue;
            ++*found;
            if (!unite(x, at, self)) continue;
            weft_status_t status = weft_i_spef_res(&x->out, x->name[self], x->name[at], 0.001);
            if (status != WEFT_OK) return status;
        }
    }
    return WEFT_OK;
}

static bool has_driver(const extractor_t *x, const weft_def_net_t *n)
{
    for (int32_t i = n->first_conn; i < n->first_conn + n->n_conns; i++) {
        place_t p;
        if (x->def->conn[i].component < 0 || !find_place(x, &x->def->conn[i], &p) || !p.pin) {
            if (x->def->conn[i].component < 0) return true;
            continue;
        }
        if (p.pin->direction == WEFT_OUTPUT || p.pin->direction == WEFT_INOUT) return true;
    }
    return false;
}

/* Vias set off the grid by less than their pads touch all the same. */
static weft_status_t join_pads(extractor_t *x)
{
    double reach = 2.0 * x->pad + 0.01 * x->def->dbu;
    for (int32_t i = 0; i < x->n_nodes; i++)
        for (int32_t j = i + 1; j < x->n_nodes && j < i + 2000 && x->node[j].layer == x->node[i].layer && (double)x->node[j].x - x->node[i].x <= reach; j++) {
            if (fabs((double)x->node[j].y - x->node[i].y) > reach || !unite(x, i, j)) continue;
            weft_status_t status = weft_i_spef_res(&x->out, x->name[i], x->name[j], 0.001);
            if (status != WEFT_OK) return status;
        }
    return WEFT_OK;
}

static bool one_piece(extractor_t *x, int32_t n_pins)
{
    for (int32_t i = 1; i < n_pins; i++)
        if (root(x, x->n_nodes + i) != root(x, x->n_nodes)) return false;
    return true;
}

static weft_status_t resistors(extractor_t *x)
{
    for (int32_t i = 0; i < x->n_edges; i++) {
        const edge_t *e = &x->edge[i];
        double r = e->length;
        if (e->layer >= 0) {
            const weft_lef_layer_t *l = x->layer[e->layer];
            double c = ((isnan(l->area_cap) ? 0.0 : l->area_cap) * l->width + 2.0 * (isnan(l->edge_cap) ? 0.0 : l->edge_cap)) * e->length;
            x->cap[e->a] += c / 2.0;
            x->cap[e->b] += c / 2.0;
            r = l->resistance * e->length / l->width;
            x->report->length += e->length;
        }
        if (!unite(x, e->a, e->b)) {
            x->report->n_loops++;
            continue;
        }
        weft_status_t status = weft_i_spef_res(&x->out, x->name[e->a], x->name[e->b], r > 0.001 ? r : 0.001);
        if (status != WEFT_OK) return status;
    }
    return WEFT_OK;
}

static weft_status_t pins(extractor_t *x, const weft_def_net_t *n)
{
    static const double halos[] = {1.0, 2.5, 5.0, 10.0};
    for (int32_t i = 0; i < n->n_conns; i++) {
        place_t p;
        int32_t found = 0;
        if (!find_place(x, &x->def->conn[n->first_conn + i], &p)) continue;
        for (size_t h = 0; h < sizeof halos / sizeof *halos && !found; h++) {
            weft_status_t status = join_pin(x, &p, x->n_nodes + i, halos[h] * x->pad + 0.001 * x->def->dbu, &found);
            if (status != WEFT_OK) return status;
            x->report->n_far_pins += found && h > 0;
        }
        x->report->n_pins++;
    }
    return WEFT_OK;
}

static weft_status_t one_net(extractor_t *x, const weft_def_net_t *n)
{
    weft_status_t status = WEFT_OK;
    const weft_def_t *d = x->def;
    const char *name = weft_names_text(d->names, n->name);
    if (!has_driver(x, n)) return WEFT_OK;
    WEFT_TRY(collect_points(x, n));
    WEFT_TRY(collect_edges(x));
    int32_t total = x->n_nodes + n->n_conns;
    if (!WEFT_I_ROOM(x->parent, x->parent_cap, total + 1) || !WEFT_I_ROOM(x->cap, x->cap_cap, total + 1) || !WEFT_I_ROOM(x->name, x->node_name_cap, total + 1)) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY(weft_i_spef_net(&x->out, name, 0.0));
    int32_t own = x->out.doc->net[x->out.doc->n_nets - 1].name;
    for (int32_t i = 0; i < total; i++) {
        x->parent[i] = i;
        x->cap[i] = 0.0;
        x->name[i] = (weft_spef_node_t){own, i + 1};
    }
    for (int32_t i = 0; i < n->n_conns; i++) {
        place_t p;
        const weft_def_conn_t *c = &d->conn[n->first_conn + i];
        bool known = find_place(x, c, &p);
        char dir = known && p.pin ? (p.pin->direction == WEFT_OUTPUT ? 'O' : p.pin->direction == WEFT_INPUT ? 'I' : 'B') : 'B';
        WEFT_TRY(weft_i_spef_conn(&x->out, weft_names_text(d->names, c->component < 0 ? c->pin : c->component), c->component < 0 ? NULL : weft_names_text(d->names, c->pin), dir, &x->name[x->n_nodes + i]));
    }
    WEFT_TRY(resistors(x));
    WEFT_TRY(pins(x, n));
    x->report->n_nets++;
    if (!n->n_wires && n->n_conns > 1) x->report->n_unrouted++;
    else if (!one_piece(x, n->n_conns)) WEFT_TRY(join_pads(x));
    if (n->n_wires && !one_piece(x, n->n_conns)) {
        x->report->n_open++;
        weft_diag_add(x->diag, WEFT_WARNING, "extract-open", d->file, n->line, 0, "no wire joins all pins of net %s; they are joined without one", name);
    }
    for (int32_t i = 1; i < n->n_conns; i++)
        if (unite(x, x->n_nodes, x->n_nodes + i)) WEFT_TRY(weft_i_spef_res(&x->out, x->name[x->n_nodes], x->name[x->n_nodes + i], 0.001));
    double sum = 0.0;
    for (int32_t i = 0; i < x->n_nodes; i++) {
        sum += x->cap[i];
        if (x->cap[i] > 0.0) WEFT_TRY(weft_i_spef_cap(&x->out, x->name[i], x->cap[i]));
    }
    x->out.doc->net[x->out.doc->n_nets - 1].total = (float)sum;
    x->report->cap += sum;
done:
    return status;
}

static weft_status_t check_layers(const extractor_t *x)
{
    for (int32_t i = 0; i < x->def->n_wires; i++) {
        const weft_def_wire_t *w = &x->def->wire[i];
        const weft_lef_layer_t *l = x->layer[w->layer];
        if (w->via >= 0 || (l && l->width > 0.0 && !isnan(l->resistance))) continue;
        weft_diag_add(x->diag, WEFT_ERROR, "extract-layer", x->def->file, 0, 0, "wires lie on %s, of which no LEF says width and resistance", weft_names_text(x->def->names, w->layer));
        return WEFT_EINPUT;
    }
    if (x->def->n_wires) return WEFT_OK;
    weft_diag_add(x->diag, WEFT_ERROR, "extract-no-wires", x->def->file, 0, 0, "this DEF has no routed wires");
    return WEFT_EINPUT;
}

weft_status_t weft_extract(weft_spef_t **spef, char **directions, const weft_def_t *def, const weft_lef_t *const *lefs, int32_t n_lefs, const weft_extract_options_t *options, weft_extract_report_t *report,
                           weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_extract_report_t own;
    extractor_t x = {.def = def, .lefs = lefs, .n_lefs = n_lefs, .via_ohm = options && options->via_ohm > 0.0 ? options->via_ohm : 4.5, .report = report ? report : &own, .diag = diag};
    *x.report = (weft_extract_report_t){0};
    *spef = NULL;
    *directions = NULL;
    WEFT_TRY(index_names(&x));
    WEFT_TRY(check_layers(&x));
    WEFT_TRY(weft_i_spef_begin(&x.out, def->design >= 0 ? weft_names_text(def->names, def->design) : ""));
    for (int32_t i = 0; i < def->n_nets; i++) WEFT_TRY(one_net(&x, &def->net[i]));
    if (x.report->n_unrouted) weft_diag_add(diag, WEFT_WARNING, "extract-unrouted", def->file, 0, 0, "%lld nets have no wires", (long long)x.report->n_unrouted);
    *spef = x.out.doc;
    *directions = x.out.directions;
    x.out = (weft_i_spef_build_t){0};
done:
    weft_i_spef_abandon(&x.out);
    void *owned[] = {x.layer, x.via, x.via_r, x.component, x.port, x.node, x.row, x.span, x.via_at, x.edge, x.parent, x.cap, x.name};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    return status;
}

void weft_extract_free(weft_spef_t *spef, char *directions)
{
    weft_spef_free(spef);
    weft_i_free(directions);
}
