/* circuit/extract_pins.c: where the pins of a net lie, and how they meet its wires. */
#include "circuit/extract.h"
#include "circuit/turn.h"

#include <math.h>
#include <string.h>

typedef struct box { int32_t layer; double x0, y0, x1, y1; } box_t; /* in DEF units */

bool weft_i_extract_pin(const weft_i_extract_t *x, const weft_def_conn_t *c, weft_i_wired_pin_t *p)
{
    const weft_names_t *names = x->def->names;
    *p = (weft_i_wired_pin_t){0};
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
static bool shape(const weft_i_extract_t *x, const weft_i_wired_pin_t *p, int32_t i, box_t *b)
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
    *b = (box_t){weft_i_extract_name(x->def, p->lef, s->layer), p->at->x + fmin(a.x, c.x) * unit, p->at->y + fmin(a.y, c.y) * unit, p->at->x + fmax(a.x, c.x) * unit, p->at->y + fmax(a.y, c.y) * unit};
    return true;
}

/* Joins a pin (node number `self`) to the wire nodes within `halo` of its shapes; the number found. */
static weft_status_t join_pin(weft_i_extract_t *x, const weft_i_wired_pin_t *p, int32_t self, double halo, int32_t *found)
{
    box_t b;
    for (int32_t i = 0; shape(x, p, i, &b); i++) {
        if (b.layer < 0) continue;
        int32_t first = (int32_t)fmax(ceil(b.x0 - halo), -2e9), at = weft_i_extract_lower(x, (weft_i_wire_node_t){b.layer, first, INT32_MIN}, false);
        for (; at < x->n_nodes && x->node[at].layer == b.layer && x->node[at].x <= b.x1 + halo; at++) {
            if (x->node[at].y < b.y0 - halo || x->node[at].y > b.y1 + halo) continue;
            ++*found;
            if (!weft_i_extract_unite(x, at, self)) continue;
            weft_status_t status = weft_i_spef_res(&x->out, x->name[self], x->name[at], 0.001);
            if (status != WEFT_OK) return status;
        }
    }
    return WEFT_OK;
}

bool weft_i_extract_has_driver(const weft_i_extract_t *x, const weft_def_net_t *n)
{
    for (int32_t i = n->first_conn; i < n->first_conn + n->n_conns; i++) {
        weft_i_wired_pin_t p;
        if (x->def->conn[i].component < 0 || !weft_i_extract_pin(x, &x->def->conn[i], &p) || !p.pin) {
            if (x->def->conn[i].component < 0) return true;
            continue;
        }
        if (p.pin->direction == WEFT_OUTPUT || p.pin->direction == WEFT_INOUT) return true;
    }
    return false;
}

weft_status_t weft_i_extract_pins(weft_i_extract_t *x, const weft_def_net_t *n)
{
    static const double halos[] = {1.0, 2.5, 5.0, 10.0};
    for (int32_t i = 0; i < n->n_conns; i++) {
        weft_i_wired_pin_t p;
        int32_t found = 0;
        if (!weft_i_extract_pin(x, &x->def->conn[n->first_conn + i], &p)) continue;
        for (size_t h = 0; h < sizeof halos / sizeof *halos && !found; h++) {
            weft_status_t status = join_pin(x, &p, x->n_nodes + i, halos[h] * x->pad + 0.001 * x->def->dbu, &found);
            if (status != WEFT_OK) return status;
            x->report->n_far_pins += found && h > 0;
        }
        x->report->n_pins++;
    }
    return WEFT_OK;
}
