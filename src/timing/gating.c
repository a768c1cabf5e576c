/* timing/gating.c: clock gating checks where the library names none: a clock and data meet in an AND or OR of a gate whose output is
 * clock again. AND: the data must stand before the clock rises and until it has fallen; OR: before it falls and until it has risen. */
#include "timing/checks.h"

#include <math.h>

typedef struct shape { bool clock, enable; uint8_t active; } shape_t; /* what the operands of one AND or OR hold; active: clock level that passes data */

static bool holds(const weft_library_t *l, int32_t x, int32_t port)
{
    const weft_expr_t *e = &l->expr[x];
    switch (e->op) {
    case WEFT_EXPR_PORT: return e->a == port;
    case WEFT_EXPR_NOT: return holds(l, e->a, port);
    case WEFT_EXPR_AND: case WEFT_EXPR_OR: case WEFT_EXPR_XOR: return holds(l, e->a, port) || holds(l, e->b, port);
    default: return false;
    }
}

static void operands(const weft_library_t *l, int32_t x, uint8_t op, int32_t clock, int32_t enable, shape_t *s)
{
    const weft_expr_t *e = &l->expr[x];
    if (e->op == op) {
        operands(l, e->a, op, clock, enable, s);
        operands(l, e->b, op, clock, enable, s);
    } else if (e->op == WEFT_EXPR_PORT && e->a == clock) s->clock = true;
    else if (e->op == WEFT_EXPR_NOT && l->expr[e->a].op == WEFT_EXPR_PORT && l->expr[e->a].a == clock) {
        s->clock = true;
        s->active = !s->active;
    } else if (holds(l, x, enable)) s->enable = true;
}

static bool gates(const weft_library_t *l, int32_t function, int32_t clock, int32_t enable, uint8_t *active)
{
    while (function >= 0 && l->expr[function].op == WEFT_EXPR_NOT) function = l->expr[function].a;
    if (function < 0 || (l->expr[function].op != WEFT_EXPR_AND && l->expr[function].op != WEFT_EXPR_OR)) return false;
    shape_t s = {.active = l->expr[function].op == WEFT_EXPR_AND};
    operands(l, function, l->expr[function].op, clock, enable, &s);
    *active = s.active;
    return s.clock && s.enable;
}

/* Margin and level of set_clock_gating_check: the pin's before the instance's, the clock pin's, the clock's, the design's. */
static double margin_of(const weft_timer_t *t, int32_t pin, int32_t clock_pin, int32_t clock, int32_t edge, int32_t late, uint8_t *active)
{
    double margin = 0.0;
    int best = -1;
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if (s->kind != WEFT_SET_CLOCK_GATING_CHECK) continue;
        int32_t id = s->object.id;
        int rank = s->object.kind == WEFT_OBJ_DESIGN ? 0 : s->object.kind == WEFT_OBJ_CLOCK && id == clock ? 1 : s->object.kind == WEFT_OBJ_PIN && id == clock_pin ? 2
                 : s->object.kind == WEFT_OBJ_INST && id == t->design->pin_inst[pin] ? 3 : s->object.kind == WEFT_OBJ_PIN && id == pin ? 4 : -1;
        if (rank < best || rank < 0) continue;
        if (s->flag) *active = 1;
        if (s->flag2) *active = 0;
        if (!(s->minmax >> late & 1) || !(s->edges >> edge & 1)) continue;
        margin = s->value;
        best = rank;
    }
    return margin;
}

static void against(weft_i_ends_t *ends, int32_t node, int32_t clock_node, uint8_t active)
{
    weft_timer_t *t = ends->t;
    int32_t n, n_clock;
    weft_i_node_paths(t, node, &n);
    const weft_i_path_t *clock = weft_i_node_paths(t, clock_node, &n_clock);
    int64_t first = t->path_first[t->position[node]];
    for (int64_t i = first; i < first + n; i++)
        for (int32_t k = 0; k < n_clock; k++) {
            const weft_i_path_t *p = &t->path[i];
            const weft_i_tag_t *h = &t->tags.tag[clock[k].tag];
            int32_t late = p->ap & 1;
            uint8_t level = active;
            if (t->tags.tag[p->tag].is_clock || !h->is_clock || clock[k].ap != (p->ap ^ 1)) continue;
            double margin = margin_of(t, t->node_pin[node], t->node_pin[clock_node], h->clock, p->edge, late, &level);
            bool leading = clock[k].edge == (level ? WEFT_RISE : WEFT_FALL);
            if (leading == (late == 1)) weft_i_check_pair(ends, i, &clock[k], margin, late ? WEFT_CHECK_GATING_SETUP : WEFT_CHECK_GATING_HOLD);
        }
}

void weft_i_gating_ends(weft_i_ends_t *ends, int32_t node)
{
    weft_timer_t *t = ends->t;
    const weft_design_t *d = t->design;
    int32_t pin = t->node_pin[node];
    if (t->opt.no_clock_gating_checks || pin >= d->n_inst_pins || t->load_node[pin] != node || t->is_clock[node]) return;
    int32_t inst = d->pin_inst[pin], last = -1;
    for (int32_t e = t->out_first[node]; e < t->out_first[node + 1]; e++) {
        int32_t to = t->edge_to[e];
        if (t->edge_kind[e] != WEFT_I_EDGE_CELL || t->edge_off[e] || !t->is_clock[to] || to == last) continue;
        last = to; /* several arcs to one output count once */
        int32_t function = t->lib->port[d->pin_port[t->node_pin[to]]].function;
        for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1] && function >= 0; p++) {
            uint8_t active;
            int32_t other = t->load_node[p];
            if (p == pin || other < 0 || !t->is_clock[other] || !gates(t->lib, function, d->pin_port[p], d->pin_port[pin], &active)) continue;
            against(ends, node, other, active);
        }
    }
}
