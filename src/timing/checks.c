/* timing/checks.c: slacks where paths end: timing checks of registers and latches, output delays, data checks. Each gives
 * its path a required time, from which required.c goes backward. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/checks.h"
#include "timing/latches.h"
#include "timing/timer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef weft_i_ends_t ends_t;

void weft_i_tighten(weft_i_path_t *p, double required)
{
    if (isnan(p->required) || (p->ap & 1 ? required < p->required : required > p->required)) p->required = required;
}

/* capture: index of the path that captures, -1: none does. */
static void put_end(ends_t *ends, const weft_endpoint_t *x, int64_t path, int64_t capture)
{
    if (ends->t->opt.only_group && x->group != ends->t->n_clocks + ends->t->opt.only_group - 1) return;
    weft_i_tighten(&ends->t->path[path], x->required);
    for (int64_t i = ends->node_first; i < ends->n; i++) {
        weft_endpoint_t *o = &ends->end[i];
        if (o->early_late != x->early_late || (ends->t->path[ends->path[i].data].ap ^ ends->t->path[path].ap) > 1) continue;
        if (x->slack < o->slack) {
            *o = *x;
            ends->path[i] = (weft_i_end_paths_t){(int32_t)path, (int32_t)capture};
        }
        return;
    }
    if (!WEFT_I_ROOM(ends->end, ends->capacity, ends->n + 1) || !WEFT_I_ROOM(ends->path, ends->path_capacity, ends->n + 1)) {
        ends->status = WEFT_ENOMEM;
        return;
    }
    ends->end[ends->n] = *x;
    ends->path[ends->n++] = (weft_i_end_paths_t){(int32_t)path, (int32_t)capture};
}

/* How far multicycle exceptions move the capturing edge of a path that is launched and captured by these clocks. A hold check stays one
 * capture behind the setup check of the same path, so that a setup multicycle moves it too. */
static double multicycle_shift(const weft_timer_t *t, const weft_i_verdict_t *v, int32_t launch, int32_t capture, int32_t late)
{
    const weft_exception_t *x = v->exception < 0 ? NULL : &t->sdc->exception[v->exception];
    const weft_exception_t *setup = v->setup_multi < 0 ? NULL : &t->sdc->exception[v->setup_multi], *hold = v->hold_multi < 0 ? NULL : &t->sdc->exception[v->hold_multi];
    double shift = 0.0;
    if (!x || x->kind != WEFT_MULTICYCLE) return 0.0;
    if (late) return (x->multiplier - 1) * t->clock[x->use_start ? launch : capture].period;
    if (setup) shift += (setup->multiplier - 1) * t->clock[setup->use_start ? launch : capture].period;
    if (hold && hold->minmax == 1) shift -= hold->multiplier * t->clock[hold->use_start ? launch : capture].period;
    return shift;
}

/* Required time under set_max_delay and set_min_delay: counted from the launching edge, or with -ignore_clock_latency from where the
 * data starts. `capture`: what the capturing side adds (latency, credit, margins); `margin`: the margin alone. */
static double path_delay_required(const weft_timer_t *t, const weft_i_path_t *p, const weft_exception_t *x, double capture, double margin)
{
    double delay = x->delay + (x->ignore_latency ? margin : capture);
    const weft_i_tag_t *g = &t->tags.tag[p->tag];
    if (!x->ignore_latency) return (g->clock < 0 ? 0.0 : t->clock[g->clock].edge[g->clock_edge]) + delay;
    const weft_i_path_t *first = p;
    while (first->prev >= 0 && !t->tags.tag[first->tag].is_clock) first = &t->path[first->prev];
    if (g->clock < 0) return delay;
    if (t->tags.tag[first->tag].is_clock) return weft_i_clock_path_arrival(t, first) + delay;
    const weft_i_clock_t *k = &t->clock[g->clock]; /* from an input: its delay counts */
    return k->edge[g->clock_edge] + k->insertion[p->ap & 1][g->clock_edge] + (k->propagated ? 0.0 : k->latency[p->ap & 1][g->clock_edge]) + delay;
}

/* The data may move once the clock has closed after the edge one period before the setup check's: the closing edge at or before it. */
static double gating_hold_separation(const weft_timer_t *t, const weft_i_tag_t *launch, const weft_i_tag_t *capture)
{
    const weft_i_clock_t *k = &t->clock[capture->clock];
    int32_t closing = capture->clock_edge, opening = !closing;
    double before = fmod(k->edge[opening] - k->edge[closing], k->period);
    if (before < 0.0) before += k->period;
    return weft_i_clock_separation(t, launch->clock, launch->clock_edge, capture->clock, opening)[1] - k->period - before;
}

static int32_t group_of(const weft_timer_t *t, const weft_i_verdict_t *v, int32_t otherwise) { return v->group < 0 ? otherwise : t->n_clocks + v->group; }

/* The slack of one data path against one capturing clock path. `margin` is the check's value: setup and recovery take it
 * off, hold and removal add it. */
void weft_i_check_pair(weft_i_ends_t *ends, int64_t data, const weft_i_path_t *clock, double margin, int32_t kind)
{
    weft_timer_t *t = ends->t;
    const weft_i_path_t *p = &t->path[data];
    const weft_i_tag_t *g = &t->tags.tag[p->tag], *h = &t->tags.tag[clock->tag];
    int32_t late = p->ap & 1;
    if (h->clock < 0 || g->clock < 0 || !weft_i_clocks_related(t, g->clock, h->clock)) return;
    const double *separation = weft_i_clock_separation(t, g->clock, g->clock_edge, h->clock, h->clock_edge);
    double launch_edge = t->clock[g->clock].edge[g->clock_edge], capture_edge = t->clock[h->clock].edge[h->clock_edge];
    double apart = separation[late];
    if (kind == WEFT_CHECK_DATA_SETUP && separation[0] == 0.0) apart = 0.0; /* data against data: the same edge */
    if (kind == WEFT_CHECK_GATING_HOLD) apart = gating_hold_separation(t, g, h);
    double shift = launch_edge + apart - capture_edge; /* moves the capture path to its edge */
    double uncertainty = weft_i_clock_uncertainty(t, g->clock, h->clock, h->clock_edge, t->node_pin[clock->node], late);
    double crpr = weft_i_crpr(t, p, clock);
    weft_i_verdict_t v = weft_i_exceptions_end(&t->exceptions, g->states, t->node_pin[p->node], p->edge, h->clock, h->clock_edge, late);
    const weft_exception_t *x = v.exception < 0 ? NULL : &t->sdc->exception[v.exception];
    if (x && x->kind == WEFT_FALSE_PATH) return;
    bool path_delay = x && (x->kind == WEFT_MAX_DELAY || x->kind == WEFT_MIN_DELAY);
    double beside = late ? crpr - uncertainty - margin : uncertainty - crpr + margin;
    bool data_check = kind == WEFT_CHECK_DATA_SETUP || kind == WEFT_CHECK_DATA_HOLD;
    double reference = data_check ? clock->arrival : weft_i_clock_path_arrival(t, clock);
    double required = reference + shift + multicycle_shift(t, &v, g->clock, h->clock, late) + beside;
    if (path_delay) {
        required = path_delay_required(t, p, x, reference - capture_edge + beside, late ? -margin : margin);
        kind = late ? WEFT_CHECK_MAX_DELAY : WEFT_CHECK_MIN_DELAY;
    }
    double slack = late ? required - p->arrival : p->arrival - required;
    weft_endpoint_t end = {.pin = t->node_pin[p->node], .kind = (uint8_t)kind, .early_late = (uint8_t)late, .edge = p->edge,
                           .launch_clock = g->clock, .capture_clock = h->clock,
                           .group = group_of(t, &v, path_delay ? -2 : kind == WEFT_CHECK_RECOVERY || kind == WEFT_CHECK_REMOVAL ? -1
                                                    : kind == WEFT_CHECK_GATING_SETUP || kind == WEFT_CHECK_GATING_HOLD ? -3 : h->clock),
                           .slack = slack, .arrival = p->arrival, .required = required, .crpr = crpr, .margin = margin, .capture_edge = h->clock_edge,
                           .edge_shift = shift + multicycle_shift(t, &v, g->clock, h->clock, late)};
    put_end(ends, &end, data, clock - t->path);
    if (t->calc->contest) weft_i_tighten(&t->path[clock - t->path], late ? clock->arrival - slack : clock->arrival + slack);
}

static const struct { uint8_t edge_kind, late, kind; } check_rows[] = {
    {WEFT_I_EDGE_SETUP, 1, WEFT_CHECK_SETUP}, {WEFT_I_EDGE_HOLD, 0, WEFT_CHECK_HOLD},
    {WEFT_I_EDGE_RECOVERY, 1, WEFT_CHECK_RECOVERY}, {WEFT_I_EDGE_REMOVAL, 0, WEFT_CHECK_REMOVAL}};

/* One check edge: every data path of its side against every clock path of the opposite side at the clock pin. */
static void check_edge(ends_t *ends, int32_t node, int32_t e, int32_t row)
{
    weft_timer_t *t = ends->t;
    int32_t n, n_clock;
    weft_i_node_paths(t, node, &n);
    const weft_i_path_t *clock = weft_i_node_paths(t, t->edge_from[e], &n_clock);
    int64_t first = t->path_first[t->position[node]];
    for (int64_t i = first; i < first + n; i++) {
        const weft_i_path_t *p = &t->path[i];
        if ((p->ap & 1) != check_rows[row].late) continue;
        for (int32_t k = 0; k < n_clock; k++) {
            int32_t pair = 2 * clock[k].edge + p->edge;
            if (clock[k].ap != (p->ap ^ 1) || !t->tags.tag[clock[k].tag].is_clock || !(t->edge_pairs[e] >> pair & 1)) continue;
            weft_i_check_pair(ends, i, &clock[k], weft_i_check_margin(t, e, pair, p->ap), check_rows[row].kind);
        }
    }
}

/* Setup at the data pin of a latch; e: its setup edge, whose clock edge is the closing one. */
static void latch_setup(ends_t *ends, int32_t node, int32_t e)
{
    weft_timer_t *t = ends->t;
    weft_i_latch_t latch = weft_i_latch_of(t, weft_i_latch_of_data(t, node));
    int32_t n, n_enable;
    weft_i_node_paths(t, node, &n);
    int64_t first = t->path_first[t->position[node]];
    if (latch.enable < 0) return;
    const weft_i_path_t *enable = weft_i_node_paths(t, latch.enable, &n_enable);
    for (int64_t i = first; i < first + n; i++)
        for (int32_t k = 0; k < n_enable; k++) {
            const weft_i_path_t *p = &t->path[i];
            const weft_i_tag_t *g = &t->tags.tag[p->tag], *h = &t->tags.tag[enable[k].tag];
            int32_t pair = 2 * !latch.opening + p->edge;
            if (!(p->ap & 1) || enable[k].ap != (p->ap ^ 1) || enable[k].edge != latch.opening || !h->is_clock || g->clock < 0) continue;
            if (!(t->edge_pairs[e] >> pair & 1) || !weft_i_clocks_related(t, g->clock, h->clock)) continue;
            weft_i_verdict_t v = weft_i_exceptions_end(&t->exceptions, g->states, t->node_pin[p->node], p->edge, h->clock, h->clock_edge, 1);
            if (v.exception >= 0 && t->sdc->exception[v.exception].kind == WEFT_FALSE_PATH) continue;
            double margin = weft_i_check_margin(t, e, pair, p->ap), later = multicycle_shift(t, &v, g->clock, h->clock, 1);
            weft_i_window_t w = weft_i_latch_window(t, p, &enable[k], margin);
            w.open += later;
            w.close += later;
            double required = p->arrival < w.open ? w.open : p->arrival < w.close ? p->arrival : w.close;
            weft_endpoint_t end = {.pin = t->node_pin[node], .kind = WEFT_CHECK_LATCH_SETUP, .early_late = 1, .edge = p->edge,
                                   .launch_clock = g->clock, .capture_clock = h->clock, .group = group_of(t, &v, h->clock), .slack = required - p->arrival,
                                   .arrival = p->arrival, .required = required, .crpr = w.crpr, .margin = margin, .capture_edge = h->clock_edge, .edge_shift = w.shift + later};
            put_end(ends, &end, i, &enable[k] - t->path);
        }
}

/* An output delay is a check against a clock edge outside. */
static void output_delay(ends_t *ends, int32_t node, const weft_port_delay_t *d)
{
    weft_timer_t *t = ends->t;
    int32_t n;
    weft_i_node_paths(t, node, &n);
    int64_t first = t->path_first[t->position[node]];
    for (int64_t i = first; i < first + n && d->clock >= 0; i++) {
        const weft_i_path_t *p = &t->path[i];
        const weft_i_tag_t *g = &t->tags.tag[p->tag];
        int32_t late = p->ap & 1;
        if (!(d->edges >> p->edge & 1) || !(d->minmax >> late & 1)) continue;
        if (g->clock < 0 && !g->unclocked) continue;
        if (!weft_i_clocks_related(t, g->clock, d->clock)) continue;
        const weft_i_clock_t *k = &t->clock[d->clock];
        double capture = k->edge[d->clock_fall];
        double launch = g->clock < 0 ? 0.0 : t->clock[g->clock].edge[g->clock_edge];
        double shift = g->clock < 0 ? (late ? k->period : 0.0)
                                    : launch + weft_i_clock_separation(t, g->clock, g->clock_edge, d->clock, d->clock_fall)[late] - capture;
        double latency = 0.0;
        if (!d->source_latency_included) latency += k->insertion[!late][d->clock_fall];
        if (!d->network_latency_included && !k->propagated) latency += k->latency[!late][d->clock_fall];
        double uncertainty = weft_i_clock_uncertainty(t, g->clock, d->clock, d->clock_fall, -1, late);
        double beside = (late ? -uncertainty : uncertainty) - d->delay;
        weft_i_verdict_t v = weft_i_exceptions_end(&t->exceptions, g->states, t->node_pin[p->node], p->edge, d->clock, d->clock_fall, late);
        const weft_exception_t *x = v.exception < 0 ? NULL : &t->sdc->exception[v.exception];
        if (x && x->kind == WEFT_FALSE_PATH) continue;
        bool path_delay = x && (x->kind == WEFT_MAX_DELAY || x->kind == WEFT_MIN_DELAY);
        double required = capture + shift + multicycle_shift(t, &v, g->clock < 0 ? d->clock : g->clock, d->clock, late) + latency + beside;
        if (path_delay) required = path_delay_required(t, p, x, latency - d->delay, -d->delay); /* without uncertainty, as the golden timer has it */
        weft_endpoint_t end = {.pin = t->node_pin[node], .kind = late ? WEFT_CHECK_OUTPUT_SETUP : WEFT_CHECK_OUTPUT_HOLD,
                               .early_late = (uint8_t)late, .edge = p->edge, .launch_clock = g->clock, .capture_clock = d->clock,
                               .group = group_of(t, &v, path_delay ? -2 : d->clock), .slack = late ? required - p->arrival : p->arrival - required,
                               .arrival = p->arrival, .required = required, .margin = d->delay, .capture_edge = d->clock_fall,
                               .edge_shift = shift + multicycle_shift(t, &v, g->clock < 0 ? d->clock : g->clock, d->clock, late)};
        put_end(ends, &end, i, -1);
    }
}

/* Paths that only set_max_delay or set_min_delay ends here. */
static void path_delays(ends_t *ends, int32_t node)
{
    weft_timer_t *t = ends->t;
    int32_t n;
    weft_i_node_paths(t, node, &n);
    int64_t first = t->path_first[t->position[node]];
    for (int64_t i = first; i < first + n; i++) {
        const weft_i_path_t *p = &t->path[i];
        const weft_i_tag_t *g = &t->tags.tag[p->tag];
        int32_t late = p->ap & 1;
        weft_i_verdict_t v = weft_i_exceptions_end(&t->exceptions, g->states, t->node_pin[node], p->edge, -1, 0, late);
        const weft_exception_t *x = v.exception < 0 ? NULL : &t->sdc->exception[v.exception];
        if (!x || g->is_clock || x->kind != (late ? WEFT_MAX_DELAY : WEFT_MIN_DELAY)) continue;
        double required = path_delay_required(t, p, x, 0.0, 0.0);
        weft_endpoint_t end = {.pin = t->node_pin[node], .kind = late ? WEFT_CHECK_MAX_DELAY : WEFT_CHECK_MIN_DELAY, .early_late = (uint8_t)late, .edge = p->edge,
                               .launch_clock = g->clock, .capture_clock = -1, .group = group_of(t, &v, -2), .slack = late ? required - p->arrival : p->arrival - required,
                               .arrival = p->arrival, .required = required};
        put_end(ends, &end, i, -1);
        t->is_endpoint[node] = 1;
    }
}

/* A pin that -to of a path delay names, though nothing is checked there. */
static bool named_end(const weft_timer_t *t, int32_t pin)
{
    const weft_i_exceptions_t *x = &t->exceptions;
    for (int64_t i = x->n ? x->pin_first[pin] : 0; x->n && i < x->pin_first[pin + 1]; i++) {
        uint8_t kind = x->sdc->exception[x->entry[i].exception].kind;
        if (x->entry[i].role == 2 && (kind == WEFT_MAX_DELAY || kind == WEFT_MIN_DELAY)) return true;
    }
    return false;
}

static void node_ends(ends_t *ends, int32_t node)
{
    weft_timer_t *t = ends->t;
    int32_t pin = t->node_pin[node];
    ends->node_first = ends->n;
    for (int32_t i = t->in_first[node]; i < t->in_first[node + 1]; i++) {
        int32_t e = t->in_edge[i];
        if (!weft_i_edge_is_check(t->edge_kind[e])) continue;
        for (int32_t row = 0; row < 4; row++) {
            if (check_rows[row].edge_kind != t->edge_kind[e]) continue;
            if (!t->edge_off[e] && row == 0 && weft_i_latch_of_data(t, node) >= 0) latch_setup(ends, node, e);
            else if (!t->edge_off[e]) check_edge(ends, node, e, row);
            if (check_rows[row].late) t->is_endpoint[node] = 1;
        }
    }
    weft_i_gating_ends(ends, node);
    if (t->data_check_first) weft_i_data_check_ends(ends, node);
    if (pin < t->design->n_inst_pins || t->load_node[pin] != node) {
        if (ends->n == ends->node_first && named_end(t, pin)) path_delays(ends, node);
        return;
    }
    int32_t port = pin - t->design->n_inst_pins;
    t->is_endpoint[node] = t->design->pin_direction[pin] == WEFT_OUTPUT;
    for (int32_t i = t->port_delay_first[port]; i < t->port_delay_first[port + 1]; i++)
        if (!t->sdc->port_delay[t->port_delay_of[i]].is_input) output_delay(ends, node, &t->sdc->port_delay[t->port_delay_of[i]]);
    if (t->exceptions.n && ends->n == ends->node_first) path_delays(ends, node);
}

typedef struct ranked { weft_endpoint_t end; weft_i_end_paths_t path; } ranked_t;

static int worst_first(const void *a, const void *b)
{
    const ranked_t *x = a, *y = b;
    if (x->end.slack != y->end.slack) return x->end.slack < y->end.slack ? -1 : 1;
    return x->end.pin != y->end.pin ? (x->end.pin < y->end.pin ? -1 : 1) : (x->path.data > y->path.data) - (x->path.data < y->path.data);
}

/* Splits the ends by corner and side, worst first. */
static weft_status_t publish(ends_t *ends)
{
    weft_timer_t *t = ends->t;
    weft_status_t status = WEFT_OK;
    ranked_t *list = NULL;
    int32_t n_lists = t->n_aps;
    WEFT_TRY_ALLOC(list = weft_i_malloc((size_t)ends->n * sizeof *list));
    WEFT_TRY_ALLOC(t->n_endpoints = weft_i_calloc((size_t)n_lists, sizeof *t->n_endpoints));
    WEFT_TRY_ALLOC(t->endpoint = weft_i_calloc((size_t)n_lists, sizeof *t->endpoint));
    WEFT_TRY_ALLOC(t->endpoint_path = weft_i_calloc((size_t)n_lists, sizeof *t->endpoint_path));
    for (int32_t ap = 0; ap < n_lists; ap++) {
        int32_t n = 0;
        for (int64_t i = 0; i < ends->n; i++)
            if (t->path[ends->path[i].data].ap == ap) list[n++] = (ranked_t){ends->end[i], ends->path[i]};
        qsort(list, (size_t)n, sizeof *list, worst_first);
        WEFT_TRY_ALLOC(t->endpoint[ap] = weft_i_malloc((size_t)n * sizeof **t->endpoint));
        WEFT_TRY_ALLOC(t->endpoint_path[ap] = weft_i_malloc((size_t)n * sizeof **t->endpoint_path));
        t->n_endpoints[ap] = n;
        for (int32_t i = 0; i < n; i++) {
            t->endpoint[ap][i] = list[i].end;
            t->endpoint_path[ap][i] = list[i].path;
        }
    }
done:
    weft_i_free(list);
    return status;
}

weft_status_t weft_i_timer_checks(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    ends_t ends = {.t = t};
    WEFT_TRY(weft_i_data_check_index(t));
    for (int32_t node = 0; node < t->n_nodes && ends.status == WEFT_OK; node++) node_ends(&ends, node);
    WEFT_TRY(ends.status);
    WEFT_TRY(publish(&ends));
done:
    weft_i_free(ends.end);
    weft_i_free(ends.path);
    return status;
}
