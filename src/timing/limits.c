/* timing/limits.c: slew, capacitance, fan-out, pulse width and period against what the library and the constraints allow. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <math.h>
#include <stdlib.h>

static const char *const kind_text[WEFT_N_LIMIT_KINDS] = {"max slew", "max capacitance", "min capacitance", "max fanout", "min pulse width", "min period"};
const char *weft_limit_kind_text(weft_limit_kind_t kind) { return kind_text[kind]; }

/* What set_max_.. and set_min_.. say: of the design, by pin, by clock. NaN: nothing. */
typedef struct said { double design, *pin, *clock; } said_t;
typedef struct work { const weft_timer_t *t; int32_t corner; weft_limits_t *out; int32_t capacity; said_t said[WEFT_N_LIMIT_KINDS][2]; double *given[3]; } work_t; /* said[..][edge]; given[edge, or 2: period] by pin, NULL: none */

static int32_t kind_of(uint8_t setting)
{
    switch (setting) {
    case WEFT_SET_MAX_TRANSITION: return WEFT_LIMIT_MAX_SLEW;
    case WEFT_SET_MAX_CAPACITANCE: return WEFT_LIMIT_MAX_CAP;
    case WEFT_SET_MIN_CAPACITANCE: return WEFT_LIMIT_MIN_CAP;
    case WEFT_SET_MAX_FANOUT: return WEFT_LIMIT_MAX_FANOUT;
    case WEFT_SET_MIN_PULSE_WIDTH: return WEFT_LIMIT_PULSE_WIDTH;
    default: return -1;
    }
}

static bool is_least(int32_t kind) { return kind == WEFT_LIMIT_MIN_CAP || kind == WEFT_LIMIT_PULSE_WIDTH || kind == WEFT_LIMIT_PERIOD; }
/* The tighter of two limits, either of which may be NaN. */
static double tighter(int32_t kind, double a, double b) { return is_least(kind) ? fmax(a, b) : fmin(a, b); }

static double *unsaid(int32_t n)
{
    double *v = weft_i_malloc(((size_t)n + 1) * sizeof *v);
    for (int32_t i = 0; v && i < n; i++) v[i] = NAN;
    return v;
}

static weft_status_t gather(work_t *w)
{
    const weft_timer_t *t = w->t;
    const weft_design_t *d = t->design;
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        int32_t kind = kind_of(s->kind);
        if (kind < 0) continue;
        for (int32_t edge = 0; edge < 2; edge++) {
            said_t *a = &w->said[kind][edge];
            if (!(s->edges >> edge & 1)) continue;
            if (s->object.kind == WEFT_OBJ_DESIGN) a->design = s->value;
            else if (s->object.kind == WEFT_OBJ_CLOCK) {
                if (!a->clock && !(a->clock = unsaid(t->n_clocks))) return WEFT_ENOMEM;
                a->clock[s->object.id] = s->value;
            } else if (s->object.kind == WEFT_OBJ_PIN || s->object.kind == WEFT_OBJ_INST) {
                if (!a->pin && !(a->pin = unsaid(d->n_pins))) return WEFT_ENOMEM;
                bool inst = s->object.kind == WEFT_OBJ_INST;
                int32_t first = inst ? d->inst_first_pin[s->object.id] : s->object.id, last = inst ? d->inst_first_pin[s->object.id + 1] : first + 1;
                for (int32_t p = first; p < last; p++) a->pin[p] = s->value;
            }
        }
    }
    return WEFT_OK;
}

/* The pulses of an SDF take the place of the library's. */
static weft_status_t gather_given(work_t *w)
{
    const weft_given_delays_t *g = w->t->opt.given;
    for (int32_t i = 0; g && i < g->n_pulses; i++) {
        const weft_given_pulse_t *p = &g->pulse[i];
        if (p->corner >= 0 && p->corner != w->corner) continue;
        if (!w->given[p->edge] && !(w->given[p->edge] = unsaid(w->t->design->n_pins))) return WEFT_ENOMEM;
        if (!isnan(p->value)) w->given[p->edge][p->pin] = (double)p->value;
    }
    return WEFT_OK;
}

static double own_pulse(const work_t *w, int32_t pin, const weft_lib_port_value_t *v, int32_t edge)
{
    if (w->given[edge] && !isnan(w->given[edge][pin])) return w->given[edge][pin];
    return !v ? NAN : edge < 2 ? (double)v->min_pulse_width[edge] : (double)v->min_period;
}

/* The tightest of what is said of a pin at an edge and of the clocks whose paths pass it. */
static double said_limit(const work_t *w, int32_t kind, int32_t node, int32_t edge)
{
    const said_t *a = &w->said[kind][edge];
    double limit = a->design;
    if (a->pin) limit = tighter(kind, limit, a->pin[w->t->node_pin[node]]);
    int32_t n = 0;
    const weft_i_path_t *p = a->clock ? weft_i_node_paths(w->t, node, &n) : NULL;
    for (int32_t i = 0; i < n; i++) {
        int32_t clock = w->t->tags.tag[p[i].tag].clock;
        if (clock >= 0) limit = tighter(kind, limit, a->clock[clock]);
    }
    return limit;
}

static weft_status_t check(work_t *w, int32_t kind, int32_t pin, int32_t edge, double value, double limit)
{
    weft_limits_t *o = w->out;
    if (isnan(limit) || isnan(value)) return WEFT_OK;
    weft_limit_t l = {pin, (uint8_t)kind, (uint8_t)edge, value, limit, is_least(kind) ? value - limit : limit - value};
    o->n_checked[kind]++;
    if (o->worst[kind].pin < 0 || l.slack < o->worst[kind].slack) o->worst[kind] = l;
    if (!(l.slack < 0.0)) return WEFT_OK;
    o->n_violated[kind]++;
    if (o->n == w->capacity) {
        int32_t more = w->capacity ? 2 * w->capacity : 64;
        weft_limit_t *grown = weft_i_realloc(o->limit, (size_t)more * sizeof *grown);
        if (!grown) return WEFT_ENOMEM;
        o->limit = grown;
        w->capacity = more;
    }
    o->limit[o->n++] = l;
    return WEFT_OK;
}

static const weft_lib_port_value_t *lib_value(const work_t *w, int32_t pin)
{
    const weft_design_t *d = w->t->design;
    int32_t port = pin < d->n_inst_pins && d->inst_cell[d->pin_inst[pin]] >= 0 ? d->pin_port[pin] : -1;
    return port < 0 ? NULL : &w->t->lib->port_value[(int64_t)port * w->t->n_aps + 2 * w->corner + WEFT_LATE];
}

static weft_status_t slews(work_t *w, int32_t node)
{
    const weft_timer_t *t = w->t;
    int32_t pin = t->node_pin[node], at_edge = -1;
    const weft_lib_port_value_t *v = lib_value(w, pin);
    double own = v ? (double)v->max_slew : NAN, worst = NAN, value = NAN, limit = NAN;
    if (isnan(own) && v && t->driver_node[pin] == node) own = (double)t->lib->file[t->lib->ap_file[2 * w->corner + WEFT_LATE]].default_max_slew;
    for (int32_t edge = 0; edge < 2; edge++)
        for (int32_t el = 0; el < 2; el++) {
            double s = (double)weft_i_slew(t, node, edge)[2 * w->corner + el], l = tighter(WEFT_LIMIT_MAX_SLEW, own, said_limit(w, WEFT_LIMIT_MAX_SLEW, node, edge));
            if (isnan(s) || isnan(l) || l - s >= worst) continue;
            worst = l - s, value = s, limit = l, at_edge = edge;
        }
    return at_edge < 0 ? WEFT_OK : check(w, WEFT_LIMIT_MAX_SLEW, pin, at_edge, value, limit);
}

/* Fan-out in the library's loads: what each pin counts for, else 1. */
static double fanout_of(const work_t *w, int32_t pin)
{
    const weft_design_t *d = w->t->design;
    double default_load = (double)w->t->lib->file[w->t->lib->ap_file[2 * w->corner + WEFT_LATE]].default_fanout_load, sum = 0.0;
    int32_t net = d->pin_net[pin];
    for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
        int32_t p = d->net_pin[i];
        if (p == pin || !weft_design_pin_loads(d, p)) continue;
        const weft_lib_port_value_t *v = lib_value(w, p);
        sum += v && !isnan(v->fanout_load) ? (double)v->fanout_load : isnan(default_load) ? 1.0 : default_load;
    }
    return sum;
}

static weft_status_t loads(work_t *w, int32_t node)
{
    const weft_timer_t *t = w->t;
    weft_status_t status = WEFT_OK;
    int32_t pin = t->node_pin[node], fanout;
    const weft_lib_port_value_t *v = lib_value(w, pin);
    if (t->design->pin_net[pin] < 0) return WEFT_OK;
    double most[2], least[2];
    for (int32_t edge = 0; edge < 2; edge++) {
        most[edge] = tighter(WEFT_LIMIT_MAX_CAP, v ? (double)v->max_cap : NAN, said_limit(w, WEFT_LIMIT_MAX_CAP, node, edge));
        least[edge] = tighter(WEFT_LIMIT_MIN_CAP, v ? (double)v->min_cap : NAN, said_limit(w, WEFT_LIMIT_MIN_CAP, node, edge));
    }
    if (!isnan(most[0]) || !isnan(most[1]) || !isnan(least[0]) || !isnan(least[1])) {
        double cap[2];
        for (int32_t edge = 0; edge < 2; edge++) WEFT_TRY(weft_i_driver_load(t, node, edge, 2 * w->corner + WEFT_LATE, &cap[edge], &fanout));
        int32_t high = cap[1] > cap[0], low = cap[1] < cap[0];
        WEFT_TRY(check(w, WEFT_LIMIT_MAX_CAP, pin, high, cap[high], most[high]));
        WEFT_TRY(check(w, WEFT_LIMIT_MIN_CAP, pin, low, cap[low], least[low]));
    }
    double own = v ? (double)v->max_fanout : NAN;
    if (isnan(own) && v) own = (double)t->lib->file[t->lib->ap_file[2 * w->corner + WEFT_LATE]].default_max_fanout;
    double limit = tighter(WEFT_LIMIT_MAX_FANOUT, own, said_limit(w, WEFT_LIMIT_MAX_FANOUT, node, 0));
    if (!isnan(limit)) WEFT_TRY(check(w, WEFT_LIMIT_MAX_FANOUT, pin, 0, fanout_of(w, pin), limit));
done:
    return status;
}

/* A clock pin's pulse: from the late arrival of the edge that opens it to the early one of the edge that ends it. */
static weft_status_t pulses(work_t *w, int32_t node)
{
    const weft_timer_t *t = w->t;
    weft_status_t status = WEFT_OK;
    int32_t pin = t->node_pin[node], n;
    const weft_lib_port_value_t *v = lib_value(w, pin);
    if (t->load_node[pin] != node) return WEFT_OK;
    const weft_i_path_t *p = weft_i_node_paths(t, node, &n);
    for (int32_t i = 0; i < n; i++) {
        const weft_i_tag_t *g = &t->tags.tag[p[i].tag];
        if (!g->is_clock || g->clock < 0 || p[i].ap != 2 * w->corner + WEFT_LATE || !t->clock[g->clock].known) continue;
        double period = t->clock[g->clock].period;
        if (p[i].edge == WEFT_RISE) WEFT_TRY(check(w, WEFT_LIMIT_PERIOD, pin, WEFT_RISE, period, own_pulse(w, pin, v, 2)));
        double limit = tighter(WEFT_LIMIT_PULSE_WIDTH, own_pulse(w, pin, v, p[i].edge), said_limit(w, WEFT_LIMIT_PULSE_WIDTH, node, p[i].edge)), width = NAN;
        for (int32_t j = 0; j < n && !isnan(limit); j++) {
            const weft_i_tag_t *h = &t->tags.tag[p[j].tag];
            if (!h->is_clock || h->clock != g->clock || h->clock_edge == g->clock_edge || p[j].edge == p[i].edge || p[j].ap != 2 * w->corner + WEFT_EARLY) continue;
            double x = weft_i_clock_path_arrival(t, &p[j]) - weft_i_clock_path_arrival(t, &p[i]);
            if (t->clock[g->clock].edge[h->clock_edge] <= t->clock[g->clock].edge[g->clock_edge]) x += period;
            width = fmin(width, x);
        }
        WEFT_TRY(check(w, WEFT_LIMIT_PULSE_WIDTH, pin, p[i].edge, width, limit));
    }
done:
    return status;
}

static int by_kind(const void *a, const void *b)
{
    const weft_limit_t *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->slack != y->slack) return x->slack < y->slack ? -1 : 1;
    return x->pin != y->pin ? (x->pin < y->pin ? -1 : 1) : (int)x->edge - (int)y->edge;
}

weft_status_t weft_timer_limits(weft_limits_t *limits, const weft_timer_t *t, int32_t corner)
{
    weft_status_t status = WEFT_OK;
    work_t w = {.t = t, .corner = corner, .out = limits};
    *limits = (weft_limits_t){0};
    for (int32_t k = 0; k < WEFT_N_LIMIT_KINDS; k++) {
        limits->worst[k].pin = -1;
        w.said[k][0].design = w.said[k][1].design = NAN;
    }
    WEFT_TRY(gather(&w));
    WEFT_TRY(gather_given(&w));
    for (int32_t node = 0; node < t->n_nodes; node++) {
        WEFT_TRY(slews(&w, node));
        if (t->driver_node[t->node_pin[node]] == node) WEFT_TRY(loads(&w, node));
        if (t->is_clock[node]) WEFT_TRY(pulses(&w, node));
    }
    if (limits->n) qsort(limits->limit, (size_t)limits->n, sizeof *limits->limit, by_kind);
done:
    for (int32_t k = 0; k < 3; k++) weft_i_free(w.given[k]);
    for (int32_t k = 0; k < WEFT_N_LIMIT_KINDS; k++)
        for (int32_t e = 0; e < 2; e++) {
            weft_i_free(w.said[k][e].pin);
            weft_i_free(w.said[k][e].clock);
        }
    if (status != WEFT_OK) weft_limits_destroy(limits);
    return status;
}

void weft_limits_destroy(weft_limits_t *limits)
{
    weft_i_free(limits->limit);
    *limits = (weft_limits_t){0};
}
