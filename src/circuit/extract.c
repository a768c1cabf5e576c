/* circuit/extract.c: routed wires as parasitics, net by net: resistors along the edges of a net's wires, capacitance at their ends. */
#include "circuit/extract.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

/* ---- tables by DEF name ----------------------------------------------------------------------------------------- */
static void index_lef(weft_i_extract_t *x, const weft_lef_t *l)
{
    double unit = x->def->dbu * 1e6; /* DEF units per metre */
    for (int32_t i = 0; i < l->n_layers; i++) {
        int32_t n = weft_i_extract_name(x->def, l, l->layer[i].name);
        if (n >= 0 && l->layer[i].kind == WEFT_LAYER_ROUTING && !x->layer[n]) x->layer[n] = &l->layer[i];
    }
    for (int32_t i = 0; i < l->n_vias; i++) {
        const weft_lef_via_t *v = &l->via[i];
        int32_t n = weft_i_extract_name(x->def, l, v->name), k = 0;
        if (x->pad == 0.0 && v->n_shapes) x->pad = fabs(l->shape[v->first_shape].x0) * unit;
        if (n < 0) continue;
        x->via_r[n] = v->resistance;
        for (int32_t s = v->first_shape; s < v->first_shape + v->n_shapes && k < 2; s++) {
            int32_t m = weft_i_extract_name(x->def, l, l->shape[s].layer);
            if (m >= 0 && x->layer[m] && (k == 0 || x->via[n][0] != m)) x->via[n][k++] = m;
        }
    }
}

static weft_status_t index_names(weft_i_extract_t *x)
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

/* Vias set off the grid by less than their pads touch all the same. */
static weft_status_t join_pads(weft_i_extract_t *x)
{
    double reach = 2.0 * x->pad + 0.01 * x->def->dbu;
    for (int32_t i = 0; i < x->n_nodes; i++)
        for (int32_t j = i + 1; j < x->n_nodes && j < i + 2000 && x->node[j].layer == x->node[i].layer && (double)x->node[j].x - x->node[i].x <= reach; j++) {
            if (fabs((double)x->node[j].y - x->node[i].y) > reach || !weft_i_extract_unite(x, i, j)) continue;
            weft_status_t status = weft_i_spef_res(&x->out, x->name[i], x->name[j], 0.001);
            if (status != WEFT_OK) return status;
        }
    return WEFT_OK;
}

static bool one_piece(weft_i_extract_t *x, int32_t n_pins)
{
    for (int32_t i = 1; i < n_pins; i++)
        if (weft_i_extract_root(x, x->n_nodes + i) != weft_i_extract_root(x, x->n_nodes)) return false;
    return true;
}

static weft_status_t resistors(weft_i_extract_t *x)
{
    for (int32_t i = 0; i < x->n_edges; i++) {
        const weft_i_wire_edge_t *e = &x->edge[i];
        double r = e->length;
        if (e->layer >= 0) {
            const weft_lef_layer_t *l = x->layer[e->layer];
            double c = ((isnan(l->area_cap) ? 0.0 : l->area_cap) * l->width + 2.0 * (isnan(l->edge_cap) ? 0.0 : l->edge_cap)) * e->length;
            x->cap[e->a] += c / 2.0;
            x->cap[e->b] += c / 2.0;
            r = l->resistance * e->length / l->width;
            x->report->length += e->length;
        }
        if (!weft_i_extract_unite(x, e->a, e->b)) {
            x->report->n_loops++;
            continue;
        }
        weft_status_t status = weft_i_spef_res(&x->out, x->name[e->a], x->name[e->b], r > 0.001 ? r : 0.001);
        if (status != WEFT_OK) return status;
    }
    return WEFT_OK;
}

static weft_status_t one_net(weft_i_extract_t *x, const weft_def_net_t *n)
{
    weft_status_t status = WEFT_OK;
    const weft_def_t *d = x->def;
    const char *name = weft_names_text(d->names, n->name);
    if (!weft_i_extract_has_driver(x, n)) return WEFT_OK;
    WEFT_TRY(weft_i_extract_points(x, n));
    WEFT_TRY(weft_i_extract_edges(x));
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
        weft_i_wired_pin_t p;
        const weft_def_conn_t *c = &d->conn[n->first_conn + i];
        bool known = weft_i_extract_pin(x, c, &p);
        char dir = known && p.pin ? (p.pin->direction == WEFT_OUTPUT ? 'O' : p.pin->direction == WEFT_INPUT ? 'I' : 'B') : 'B';
        WEFT_TRY(weft_i_spef_conn(&x->out, weft_names_text(d->names, c->component < 0 ? c->pin : c->component), c->component < 0 ? NULL : weft_names_text(d->names, c->pin), dir, &x->name[x->n_nodes + i]));
    }
    WEFT_TRY(resistors(x));
    WEFT_TRY(weft_i_extract_pins(x, n));
    x->report->n_nets++;
    if (!n->n_wires && n->n_conns > 1) x->report->n_unrouted++;
    else if (!one_piece(x, n->n_conns)) WEFT_TRY(join_pads(x));
    if (n->n_wires && !one_piece(x, n->n_conns)) {
        x->report->n_open++;
        weft_diag_add(x->diag, WEFT_WARNING, "extract-open", d->file, n->line, 0, "no wire joins all pins of net %s; they are joined without one", name);
    }
    for (int32_t i = 1; i < n->n_conns; i++)
        if (weft_i_extract_unite(x, x->n_nodes, x->n_nodes + i)) WEFT_TRY(weft_i_spef_res(&x->out, x->name[x->n_nodes], x->name[x->n_nodes + i], 0.001));
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

static weft_status_t check_layers(const weft_i_extract_t *x)
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
    weft_i_extract_t x = {.def = def, .lefs = lefs, .n_lefs = n_lefs, .via_ohm = options && options->via_ohm > 0.0 ? options->via_ohm : 4.5, .report = report ? report : &own, .diag = diag};
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
    WEFT_I_FREE_ALL(x.layer, x.via, x.via_r, x.component, x.port, x.node, x.row, x.span, x.via_at, x.edge, x.parent, x.cap, x.name);
    return status;
}

void weft_extract_free(weft_spef_t *spef, char *directions)
{
    weft_spef_free(spef);
    weft_i_free(directions);
}
