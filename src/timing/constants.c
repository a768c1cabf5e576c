/* timing/constants.c: constants through Liberty functions, and the arcs they and set_disable_timing switch off. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <string.h>

typedef struct work { int32_t *node; int64_t n, capacity; } work_t;

static bool give(weft_timer_t *t, work_t *w, int32_t node, uint8_t value)
{
    if (node < 0 || t->value[node] == value) return true;
    t->value[node] = value;
    if (!WEFT_I_ROOM(w->node, w->capacity, w->n + 1)) return false;
    w->node[w->n++] = node;
    return true;
}

/* Values of an instance's ports by port order; 2 where unknown. `values` has room for 256 ports. */
static int32_t port_values(const weft_timer_t *t, int32_t inst, uint8_t *values, int32_t room)
{
    const weft_design_t *d = t->design;
    const weft_lib_cell_t *cell = &t->lib->cell[d->inst_cell[inst]];
    if (cell->n_ports > room) return -1;
    memset(values, 2, (size_t)cell->n_ports);
    for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1]; p++) {
        int32_t node = t->load_node[p] >= 0 ? t->load_node[p] : t->driver_node[p];
        if (node >= 0) values[d->pin_port[p] - cell->first_port] = t->value[node];
    }
    return cell->first_port;
}

enum { MAX_PORTS = 4096 };

static bool evaluate(weft_timer_t *t, work_t *w, int32_t inst)
{
    const weft_design_t *d = t->design;
    if (d->inst_cell[inst] < 0) return true;
    uint8_t values[MAX_PORTS];
    int32_t first = port_values(t, inst, values, MAX_PORTS);
    if (first < 0) return true;
    for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1]; p++) {
        int32_t node = t->driver_node[p];
        if (node < 0 || t->value[node] != 2) continue;
        const weft_lib_port_t *port = &t->lib->port[d->pin_port[p]];
        if (port->function < 0) continue;
        if (port->three_state >= 0 && weft_expr_eval(t->lib, port->three_state, first, values) != 0) continue;
        uint8_t v = weft_expr_eval(t->lib, port->function, first, values);
        if (v < 2 && !give(t, w, node, v)) return false;
    }
    return true;
}

static bool seed(weft_timer_t *t, work_t *w)
{
    const weft_design_t *d = t->design;
    bool ok = true;
    for (int32_t net = 0; net < d->n_nets && ok; net++) {
        if (d->net_constant[net] == WEFT_NET_NORMAL) continue;
        for (int32_t i = d->net_first[net]; i < d->net_first[net + 1] && ok; i++)
            ok = give(t, w, t->load_node[d->net_pin[i]], d->net_constant[net] == WEFT_NET_ONE);
    }
    for (int32_t i = 0; t->sdc && i < t->sdc->n_settings && ok; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if ((s->kind != WEFT_SET_CASE && s->kind != WEFT_SET_LOGIC) || s->object.kind != WEFT_OBJ_PIN || s->value > 1) continue;
        int32_t pin = s->object.id, drv = t->driver_node[pin];
        ok = give(t, w, drv >= 0 ? drv : t->load_node[pin], (uint8_t)s->value);
    }
    for (int32_t inst = 0; inst < d->n_insts && ok; inst++) { /* cells whose function is constant: ties */
        if (d->inst_cell[inst] < 0) continue;
        const weft_lib_cell_t *cell = &t->lib->cell[d->inst_cell[inst]];
        for (int32_t p = cell->first_port; p < cell->first_port + cell->n_ports; p++) {
            int32_t f = t->lib->port[p].function;
            if (f >= 0 && t->lib->expr[f].op <= WEFT_EXPR_ONE) {
                ok = evaluate(t, w, inst);
                break;
            }
        }
    }
    return ok;
}

enum { MAX_FREE = 12 }; /* inputs that are not constant: 2^12 rows at most, else the library's own sense stays */

/* Sense of an arc once the constants at its cell are known: which edge pairs stay, by the function's truth table over the
 * inputs that are not constant. None: the output does not depend on this input any more. */
static uint8_t pairs_left(const weft_library_t *lib, const weft_arc_t *arc, int32_t first, uint8_t *values)
{
    int32_t function = lib->port[arc->to].function, n = lib->cell[lib->port[arc->to].cell].n_ports, from = arc->from - first;
    if (function < 0 || arc->type > WEFT_ARC_COMB_FALL || values[from] != 2) return 0xf;
    int32_t open[MAX_FREE], n_open = 0;
    for (int32_t i = 0; i < n; i++) {
        if (values[i] != 2 || i == from || lib->port[first + i].direction == WEFT_OUTPUT) continue;
        if (n_open == MAX_FREE) return 0xf;
        open[n_open++] = i;
    }
    uint8_t pairs = 0;
    for (uint32_t row = 0; row < 1u << n_open && pairs != 0xf; row++) {
        for (int32_t i = 0; i < n_open; i++) values[open[i]] = row >> i & 1;
        values[from] = 0;
        uint8_t at0 = weft_expr_eval(lib, function, first, values);
        values[from] = 1;
        uint8_t at1 = weft_expr_eval(lib, function, first, values);
        if (at0 == 2 || at1 == 2) pairs = 0xf; /* a value inside the cell decides */
        else if (at0 < at1) pairs |= 0x9;
        else if (at0 > at1) pairs |= 0x6;
    }
    for (int32_t i = 0; i < n_open; i++) values[open[i]] = 2;
    values[from] = 2;
    return pairs;
}

static void switch_off(weft_timer_t *t)
{
    const weft_design_t *d = t->design;
    uint8_t values[MAX_PORTS];
    int32_t last_inst = -1, first = -1;
    bool any = false;
    for (int32_t e = 0; e < t->n_edges; e++) {
        if (t->value[t->edge_from[e]] != 2 || t->value[t->edge_to[e]] != 2) t->edge_off[e] |= WEFT_I_OFF_CONSTANT;
        if (t->edge_arc[e] < 0) continue;
        int32_t inst = d->pin_inst[t->node_pin[t->edge_from[e]]];
        if (inst != last_inst) {
            last_inst = inst;
            first = port_values(t, inst, values, MAX_PORTS);
            any = false;
            for (int32_t i = 0; first >= 0 && i < t->lib->cell[d->inst_cell[inst]].n_ports; i++) any |= values[i] != 2;
        }
        if (!any || first < 0) continue;
        const weft_arc_t *arc = &t->lib->arc[t->edge_arc[e]];
        if (arc->has_when && arc->when >= 0 && weft_expr_eval(t->lib, arc->when, first, values) == 0)
            t->edge_off[e] |= WEFT_I_OFF_MODE;
        t->edge_used[e] &= pairs_left(t->lib, arc, first, values);
        if (!t->edge_used[e]) t->edge_off[e] |= WEFT_I_OFF_MODE;
    }
}

static bool disable_matches(const weft_timer_t *t, const weft_disable_t *x, int32_t e)
{
    const weft_design_t *d = t->design;
    int32_t from = t->node_pin[t->edge_from[e]], to = t->node_pin[t->edge_to[e]];
    int32_t arc = t->edge_arc[e];
    if (x->object.kind == WEFT_OBJ_PIN) return from == x->object.id || to == x->object.id;
    if (arc < 0) return false;
    int32_t inst = d->pin_inst[from];
    const weft_arc_t *a = &t->lib->arc[arc];
    bool on = (x->object.kind == WEFT_OBJ_INST && inst == x->object.id)
           || (x->object.kind == WEFT_OBJ_LIB_CELL && d->inst_cell[inst] == x->object.id)
           || (x->object.kind == WEFT_OBJ_LIB_PORT && (a->from == x->object.id || a->to == x->object.id));
    if (!on) return false;
    const char *f = weft_names_text(t->lib->names, t->lib->port[a->from].name);
    const char *g = weft_names_text(t->lib->names, t->lib->port[a->to].name);
    return (x->from_port < 0 || !strcmp(f, weft_names_text(t->sdc->names, x->from_port)))
        && (x->to_port < 0 || !strcmp(g, weft_names_text(t->sdc->names, x->to_port)));
}

weft_status_t weft_i_timer_constants(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    work_t w = {0};
    if (!seed(t, &w)) status = WEFT_ENOMEM;
    for (int64_t i = 0; i < w.n && status == WEFT_OK; i++) {
        int32_t node = w.node[i], pin = t->node_pin[node];
        bool ok = true;
        for (int32_t e = t->out_first[node]; e < t->out_first[node + 1] && ok; e++)
            if (t->edge_arc[e] < 0) ok = give(t, &w, t->edge_to[e], t->value[node]);
        if (ok && node == t->load_node[pin] && pin < t->design->n_inst_pins) ok = evaluate(t, &w, t->design->pin_inst[pin]);
        if (!ok) status = WEFT_ENOMEM;
    }
    weft_i_free(w.node);
    if (status != WEFT_OK) return status;
    switch_off(t);
    for (int32_t e = 0; e < t->n_edges; e++)
        if (t->edge_kind[e] == WEFT_I_EDGE_SET_CLR && !t->opt.enable_preset_clear) t->edge_off[e] |= WEFT_I_OFF_DISABLED;
    for (int32_t i = 0; t->sdc && i < t->sdc->n_disables; i++)
        for (int32_t e = 0; e < t->n_edges; e++)
            if (disable_matches(t, &t->sdc->disable[i], e)) t->edge_off[e] |= WEFT_I_OFF_DISABLED;
    return WEFT_OK;
}
