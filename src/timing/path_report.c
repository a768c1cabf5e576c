/* timing/path_report.c: a path line by line, in the layout that static timing tools share. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/report.h"
#include "timing/timer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char edge_mark[2] = {'^', 'v'};
static const char *const edge_word[2] = {"rise", "fall"}, *const edge_ing[2] = {"rising", "falling"};

typedef struct printer { const weft_timer_t *t; FILE *out; double time; weft_status_t status; } printer_t;

static double ns(double s)
{
    double v = s * 1e9;
    return fabs(v) < 5e-5 ? 0.0 : v; /* no -0.0000 */
}

static const char *clock_name(const weft_timer_t *t, int32_t clock) { return weft_names_text(t->sdc->names, t->sdc->clock[clock].name); }

/* A row that adds `delay`. mark: the data's edge, 0 none. */
static void step(printer_t *p, double delay, char mark, const char *text)
{
    p->time += delay;
    fprintf(p->out, "%15s%10s%10.4f%10.4f %c %s\n", "", "", ns(delay), ns(p->time), mark ? mark : ' ', text);
}

static void total(const printer_t *p, double value, const char *text) { fprintf(p->out, "%35s%10.4f   %s\n", "", ns(value), text); }

static void clock_row(printer_t *p, int32_t clock, int32_t clock_edge, int32_t shown_edge, int32_t el, double at)
{
    char text[600];
    p->time = 0.0;
    snprintf(text, sizeof text, "clock %s%s (%s edge)", clock_name(p->t, clock), shown_edge == clock_edge ? "" : "'", edge_word[shown_edge]);
    if (p->t->clock[clock].propagated) {
        step(p, at, 0, text);
        return;
    }
    p->time = at; /* an ideal clock has its transition from the start */
    double slew = p->t->clock[clock].transition[el][clock_edge];
    fprintf(p->out, "%15s%10.4f%10.4f%10.4f   %s\n", "", isnan(slew) ? 0.0 : ns(slew), ns(at), ns(at), text);
}

static void pin_text(const weft_timer_t *t, int32_t pin, char *text, size_t size)
{
    const weft_design_t *d = t->design;
    int32_t n = weft_design_pin_name(d, pin, text, size);
    if (n < 0 || (size_t)n + 8 >= size) return;
    if (pin >= d->n_inst_pins) snprintf(text + n, size - (size_t)n, d->pin_direction[pin] == WEFT_INPUT ? " (in)" : d->pin_direction[pin] == WEFT_OUTPUT ? " (out)" : " (inout)");
    else if (d->inst_cell[d->pin_inst[pin]] >= 0)
        snprintf(text + n, size - (size_t)n, " (%s)", weft_names_text(d->library->names, d->library->cell[d->inst_cell[d->pin_inst[pin]]].name));
}

/* One pin of a path, and behind a driver its net. `time`: absolute, shifted. */
static void pin_row(printer_t *p, const weft_i_path_t *q, double time, bool with_net)
{
    const weft_timer_t *t = p->t;
    char text[5000];
    int32_t pin = t->node_pin[q->node], net = t->design->pin_net[pin];
    pin_text(t, pin, text, sizeof text);
    fprintf(p->out, "%15s%10.4f%10.4f%10.4f %c %s\n", "", ns((double)weft_i_slew(t, q->node, q->edge)[q->ap]), ns(time - p->time), ns(time), edge_mark[q->edge], text);
    p->time = time;
    if (!with_net || net < 0) return;
    double cap;
    int32_t fanout;
    weft_status_t status = weft_i_driver_load(t, q->node, q->edge, q->ap, &cap, &fanout);
    if (status != WEFT_OK) p->status = status;
    else fprintf(p->out, "%5d%10.4f%30s   %s (net)\n", fanout, cap * 1e12 < 5e-5 ? 0.0 : cap * 1e12, "", weft_names_text(t->design->names, t->design->net_name[net]));
}

static int32_t drives(const weft_timer_t *t, const weft_i_path_t *q) { return t->driver_node[t->node_pin[q->node]] == q->node; }

/* Pins first..last of the chain (indices from the start): drivers, and the very last one. */
static void pins(printer_t *p, const weft_i_path_t *const *chain, int32_t first, int32_t last, double shift)
{
    for (int32_t i = first; i <= last; i++)
        if (drives(p->t, chain[i]) || i == last) pin_row(p, chain[i], chain[i]->arrival + shift, i < last || drives(p->t, chain[i]));
}

/* From the start to q; *n of them. NULL: memory. */
static const weft_i_path_t **chain_of(const weft_timer_t *t, const weft_i_path_t *q, int32_t *n)
{
    int32_t count = 1;
    for (const weft_i_path_t *x = q; x->prev >= 0; x = &t->path[x->prev]) count++;
    const weft_i_path_t **chain = weft_i_malloc((size_t)count * sizeof *chain);
    *n = count;
    for (; chain && count > 0; q = q->prev >= 0 ? &t->path[q->prev] : q) chain[--count] = q;
    return chain;
}

static void element(const weft_timer_t *t, int32_t pin, const char *what, const char *role, FILE *out)
{
    char name[4096];
    if (pin >= t->design->n_inst_pins || !strncmp(what, "clock source", 12)) weft_design_pin_name(t->design, pin, name, sizeof name);
    else snprintf(name, sizeof name, "%s", weft_names_text(t->design->names, t->design->inst_name[t->design->pin_inst[pin]]));
    bool wide = strlen(role) + strlen(name) + strlen(what) + 5 > 79;
    fprintf(out, "%s: %s%s(%s)\n", role, name, wide ? "\n            " : " ", what);
}

/* The edge of a latch's enable that opens it, whichever edge the path is of. */
static int32_t opens_at(const weft_timer_t *t, const weft_i_path_t *clock)
{
    for (int32_t e = t->out_first[clock->node]; e < t->out_first[clock->node + 1]; e++)
        if (t->edge_kind[e] == WEFT_I_EDGE_EN_Q) return t->edge_pairs[e] & 0x3 ? WEFT_RISE : WEFT_FALL;
    return clock->edge;
}

/* "rising edge-triggered flip-flop clocked by clk" of the register whose clock pin a path passes. */
static void register_text(const weft_timer_t *t, const weft_i_path_t *clock, char *text, size_t size)
{
    const weft_design_t *d = t->design;
    const weft_i_tag_t *g = &t->tags.tag[clock->tag];
    int32_t pin = t->node_pin[clock->node], cell = pin < d->n_inst_pins ? d->inst_cell[d->pin_inst[pin]] : -1;
    bool latch = cell >= 0 && d->library->cell[cell].seq_kind == WEFT_SEQ_LATCH;
    int n = latch ? snprintf(text, size, "%s level-sensitive latch", opens_at(t, clock) == WEFT_RISE ? "positive" : "negative") : snprintf(text, size, "%s edge-triggered flip-flop", edge_ing[clock->edge]);
    if (g->clock >= 0 && n > 0 && (size_t)n < size) snprintf(text + n, size - (size_t)n, " clocked by %s%s", clock_name(t, g->clock), g->clock_edge == clock->edge ? "" : "'");
}

const char *weft_i_group_text(const weft_timer_t *t, const weft_endpoint_t *e)
{
    if (e->group >= t->n_clocks) {
        const weft_exception_t *x = &t->sdc->exception[e->group - t->n_clocks];
        return x->group >= 0 ? weft_names_text(t->sdc->names, x->group) : "**default**";
    }
    if (e->group >= 0) return clock_name(t, e->group);
    return e->group == -1 ? "**async_default**" : e->group == -3 ? "**clock_gating_default**" : "**default**";
}

static void latency_rows(printer_t *p, int32_t clock, int32_t clock_edge, int32_t el, bool port)
{
    const weft_i_clock_t *k = &p->t->clock[clock];
    double latency = k->insertion[el][clock_edge] + (k->propagated ? 0.0 : k->latency[el][clock_edge]);
    if (!k->propagated || port) step(p, latency, 0, k->propagated ? "clock network delay (propagated)" : "clock network delay (ideal)");
    else step(p, k->insertion[el][clock_edge], 0, "clock source latency");
}

/* ---- the launching side ---------------------------------------------------------------------------------------- */
static int32_t last_clock(const weft_timer_t *t, const weft_i_path_t *const *chain, int32_t n) /* index of the last pin of the clock network, -1 none */
{
    int32_t at = -1;
    for (int32_t i = 0; i < n && t->tags.tag[chain[i]->tag].is_clock; i++) at = i;
    return at;
}

/* The last clock pin is a register's, and the path goes on to its output; else the clock itself is the data (through a tri-state's enable, say). */
static bool launches(const weft_timer_t *t, const weft_i_path_t *const *chain, int32_t n, int32_t at)
{
    const weft_design_t *d = t->design;
    if (at < 0 || at + 1 >= n) return false;
    int32_t pin = t->node_pin[chain[at]->node], next = t->node_pin[chain[at + 1]->node];
    return pin < d->n_inst_pins && next < d->n_inst_pins && d->pin_inst[next] == d->pin_inst[pin] && d->pin_port[pin] >= 0 && t->lib->port[d->pin_port[pin]].is_reg_clock;
}

static void launch(printer_t *p, const weft_i_path_t *const *chain, int32_t n)
{
    const weft_timer_t *t = p->t;
    const weft_i_path_t *first = chain[0], *last = chain[n - 1];
    const weft_i_tag_t *g = &t->tags.tag[last->tag];
    int32_t clock_pin = last_clock(t, chain, n), register_pin = launches(t, chain, n, clock_pin) ? clock_pin : -1, el = last->ap & 1, from = 0;
    if (g->clock >= 0) {
        int32_t shown = register_pin >= 0 ? chain[register_pin]->edge : g->clock_edge;
        clock_row(p, g->clock, g->clock_edge, shown, el, t->clock[g->clock].edge[g->clock_edge]);
        bool port = clock_pin < 0;
        latency_rows(p, g->clock, g->clock_edge, el, port);
        if (!port && !t->clock[g->clock].propagated) from = clock_pin; /* the tree of an ideal clock is not looked at */
    }
    if (clock_pin < 0 && g->clock >= 0 && t->node_pin[first->node] >= t->design->n_inst_pins) step(p, first->arrival - p->time, edge_mark[first->edge], "input external delay");
    if (from == clock_pin && from >= 0 && !g->propagated) {
        char text[5000];
        pin_text(t, t->node_pin[chain[from]->node], text, sizeof text);
        fprintf(p->out, "%15s%10.4f%10.4f%10.4f %c %s\n", "", ns(t->ideal_slew ? (double)t->ideal_slew[(int64_t)chain[from]->node * 4 + 2 * chain[from]->edge + el] : 0.0), 0.0, ns(p->time), edge_mark[chain[from]->edge], text);
        pins(p, chain, from + 1, n - 1, 0.0);
    } else {
        for (int32_t i = 0; i < n; i++)
            if (drives(t, chain[i]) || i == n - 1 || i == register_pin) pin_row(p, chain[i], chain[i]->arrival, i != register_pin && drives(t, chain[i]));
    }
    total(p, last->arrival, "data arrival time");
}

/* ---- the capturing side ---------------------------------------------------------------------------------------- */
static void capture_clock(printer_t *p, const weft_endpoint_t *e, const weft_i_path_t *c, double shift)
{
    const weft_timer_t *t = p->t;
    const weft_i_tag_t *h = &t->tags.tag[c->tag];
    int32_t n;
    clock_row(p, h->clock, h->clock_edge, c->edge, !e->early_late, t->clock[h->clock].edge[h->clock_edge] + shift);
    latency_rows(p, h->clock, h->clock_edge, !e->early_late, false);
    if (!t->clock[h->clock].propagated) {
        char text[5000];
        pin_text(t, t->node_pin[c->node], text, sizeof text);
        fprintf(p->out, "%15s%10s%10s%10.4f %c %s\n", "", "", "", ns(p->time), edge_mark[c->edge], text);
        return;
    }
    const weft_i_path_t **chain = chain_of(t, c, &n);
    if (!chain) p->status = WEFT_ENOMEM;
    else pins(p, chain, 0, n - 1, shift);
    weft_i_free(chain);
}

static const char *margin_text(const weft_endpoint_t *e)
{
    static const char *const text[] = {"library setup time", "library hold time", "library recovery time", "library removal time", "output external delay", "output external delay", "clock gating setup time",
                                       "clock gating hold time", "data check setup time", "data check hold time", "library setup time", "library hold time", "library setup time"};
    return e->kind < sizeof text / sizeof *text ? text[e->kind] : "margin";
}

static void capture(printer_t *p, const weft_endpoint_t *e, const weft_i_path_t *data, const weft_i_path_t *c)
{
    const weft_timer_t *t = p->t;
    const weft_i_tag_t *g = &t->tags.tag[data->tag];
    double sign = e->early_late ? -1.0 : 1.0;
    bool output = e->kind == WEFT_CHECK_OUTPUT_SETUP || e->kind == WEFT_CHECK_OUTPUT_HOLD, path_delay = e->kind == WEFT_CHECK_MAX_DELAY || e->kind == WEFT_CHECK_MIN_DELAY;
    fputc('\n', p->out);
    p->time = 0.0;
    if (e->capture_clock >= 0 && !path_delay) {
        double uncertainty = weft_i_clock_uncertainty(t, g->clock, e->capture_clock, c ? t->tags.tag[c->tag].clock_edge : e->capture_edge, c ? t->node_pin[c->node] : -1, e->early_late);
        if (c) capture_clock(p, e, c, e->edge_shift);
        else {
            clock_row(p, e->capture_clock, e->capture_edge, e->capture_edge, !e->early_late, t->clock[e->capture_clock].edge[e->capture_edge] + e->edge_shift);
            latency_rows(p, e->capture_clock, e->capture_edge, !e->early_late, true);
        }
        if (uncertainty != 0.0) step(p, sign * uncertainty, 0, "clock uncertainty");
        step(p, -sign * e->crpr, 0, "clock reconvergence pessimism");
    } else if (path_delay) {
        step(p, e->required - (sign * e->margin), 0, e->kind == WEFT_CHECK_MAX_DELAY ? "max_delay" : "min_delay");
    }
    if (e->kind == WEFT_CHECK_LATCH_SETUP) step(p, e->required - p->time, 0, "time borrowed from endpoint");
    else if (e->margin != 0.0 || !path_delay) step(p, output ? -e->margin : sign * e->margin, 0, margin_text(e));
    total(p, e->required, "data required time");
}

static void rule(FILE *out) { fprintf(out, "------------------------------------------------------------------------------------\n"); }

static void end_text(const weft_timer_t *t, const weft_endpoint_t *e, const weft_i_path_t *c, char *text, size_t size)
{
    const weft_i_tag_t *h = c ? &t->tags.tag[c->tag] : NULL;
    const char *name = e->capture_clock >= 0 ? clock_name(t, e->capture_clock) : "", *turned = h && h->clock_edge != c->edge ? "'" : "";
    switch (e->kind) {
    case WEFT_CHECK_RECOVERY: case WEFT_CHECK_REMOVAL:
        snprintf(text, size, "%s check against %s-edge clock %s%s", e->kind == WEFT_CHECK_RECOVERY ? "recovery" : "removal", edge_ing[c ? c->edge : 0], name, turned);
        break;
    case WEFT_CHECK_GATING_SETUP: case WEFT_CHECK_GATING_HOLD:
        snprintf(text, size, "%s clock gating-check end-point clocked by %s%s", edge_ing[c ? (e->kind == WEFT_CHECK_GATING_SETUP ? c->edge : !c->edge) : 0], name, turned);
        break;
    case WEFT_CHECK_DATA_SETUP: case WEFT_CHECK_DATA_HOLD: snprintf(text, size, "data to data check clocked by %s", name); break;
    default:
        if (c) register_text(t, c, text, size);
        else if (e->pin >= t->design->n_inst_pins) snprintf(text, size, *name ? "output port clocked by %s" : "output port", name);
        else snprintf(text, size, "internal path endpoint");
    }
}

static void start_text(const weft_timer_t *t, const weft_i_path_t *const *chain, int32_t n, int32_t *pin, char *text, size_t size)
{
    int32_t at = last_clock(t, chain, n);
    const weft_i_tag_t *g = &t->tags.tag[chain[n - 1]->tag];
    *pin = t->node_pin[chain[0]->node];
    if (launches(t, chain, n, at)) {
        *pin = t->node_pin[chain[at]->node];
        register_text(t, chain[at], text, size);
        return;
    }
    if (at >= 0) snprintf(text, size, "clock source '%s'", clock_name(t, g->clock));
    else if (*pin >= t->design->n_inst_pins) snprintf(text, size, g->clock >= 0 ? "input port clocked by %s" : "input port", g->clock >= 0 ? clock_name(t, g->clock) : "");
    else if (g->unclocked) {
        register_text(t, chain[0], text, size);
    } else snprintf(text, size, "internal path startpoint");
}

static weft_status_t one(const weft_timer_t *t, const weft_endpoint_t *e, weft_i_end_paths_t at, FILE *out)
{
    printer_t p = {.t = t, .out = out};
    const weft_i_path_t *data = &t->path[at.data], *c = at.capture < 0 ? NULL : &t->path[at.capture];
    int32_t n, pin;
    char text[1200];
    const weft_i_path_t **chain = chain_of(t, data, &n);
    if (!chain) return WEFT_ENOMEM;
    start_text(t, chain, n, &pin, text, sizeof text);
    element(t, pin, text, "Startpoint", out);
    end_text(t, e, c, text, sizeof text);
    element(t, e->pin, text, "Endpoint", out);
    fprintf(out, "Path Group: %s\nPath Type: %s\n\n", weft_i_group_text(t, e), e->early_late ? "max" : "min");
    fprintf(out, "Fanout       Cap      Slew     Delay      Time   Description\n");
    rule(out);
    launch(&p, chain, n);
    capture(&p, e, data, c);
    rule(out);
    total(&p, e->required, "data required time");
    total(&p, -e->arrival, "data arrival time");
    rule(out);
    fprintf(out, "%35s%10.4f   slack (%s)\n\n", "", ns(e->slack), e->slack < 0.0 ? "VIOLATED" : "MET");
    if (e->kind == WEFT_CHECK_LATCH_SETUP && c) weft_i_print_borrowing(t, e, data, c, out);
    fputc('\n', out);
    weft_i_free(chain);
    return p.status;
}

weft_status_t weft_timer_print_paths(const weft_timer_t *t, int32_t corner, int32_t el, int32_t n, FILE *out)
{
    weft_status_t status = WEFT_OK;
    int32_t ap = 2 * corner + el;
    for (int32_t i = 0; i < t->n_endpoints[ap] && i < n && status == WEFT_OK; i++) status = one(t, &t->endpoint[ap][i], t->endpoint_path[ap][i], out);
    return status;
}
