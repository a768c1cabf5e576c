/* timing/arrivals.c: the arrivals of one node, by tag: seeds at clocks, input ports and unclocked registers, then along the
 * edges. Per node one path per (tag, edge, analysis point): the extreme. Paths that reconvergence credit can never make
 * worst are dropped. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/arrivals.h"
#include "timing/latches.h"

#include <math.h>
#include <string.h>

typedef weft_i_bucket_t bucket_t;

static void offer(bucket_t *b, int32_t tag, int32_t edge, int32_t ap, double arrival, int32_t prev)
{
    if (tag < 0) {
        b->failed |= tag == -2;
        b->unknown |= tag == WEFT_I_UNKNOWN;
        return;
    }
    for (int64_t i = 0; i < b->n; i++) {
        weft_i_path_t *p = &b->path[i];
        if (p->tag != tag || p->edge != edge || p->ap != ap) continue;
        if (ap & 1 ? arrival > p->arrival : arrival < p->arrival) {
            p->arrival = arrival;
            p->prev = prev;
        }
        return;
    }
    if (!WEFT_I_ROOM(b->path, b->capacity, b->n + 1)) {
        b->failed = true;
        return;
    }
    b->path[b->n++] = (weft_i_path_t){.arrival = arrival, .required = NAN, .tag = tag, .prev = prev, .node = b->node,
                                      .edge = (uint8_t)edge, .ap = (uint8_t)ap};
}

static int32_t intern(weft_timer_t *t, weft_i_tag_t tag)
{
    int32_t id = weft_i_tag_intern(&t->tags, tag);
    return id == -1 ? -2 : id;
}

static bool is_reg_clock(const weft_timer_t *t, int32_t node)
{
    int32_t pin = t->node_pin[node];
    return pin < t->design->n_inst_pins && t->design->pin_port[pin] >= 0 && t->lib->port[t->design->pin_port[pin]].is_reg_clock;
}

/* set_sense and set_propagated_clock at a pin a clock arrives at. False: this edge of the clock ends here. */
static bool clock_point(const weft_timer_t *t, weft_i_tag_t *g, int32_t pin, int32_t edge)
{
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if (s->object.kind != WEFT_OBJ_PIN || s->object.id != pin) continue;
        if (s->kind == WEFT_SET_PROPAGATED) g->propagated = true;
        if (s->kind != WEFT_SET_CLOCK_SENSE || (s->object2 >= 0 && s->object2 != g->clock)) continue;
        if (s->value == 2.0) g->is_clock = false; /* goes on as data */
        else if ((edge == g->clock_edge) != (s->value == 0.0)) return false;
    }
    return true;
}

int32_t weft_i_tag_through(weft_timer_t *t, const weft_i_path_t *path, int32_t e, int32_t to_edge)
{
    weft_i_tag_t g = t->tags.tag[path->tag];
    const weft_i_tag_t was = g;
    switch (t->edge_kind[e]) {
    case WEFT_I_EDGE_NET:
        if (!g.is_clock || !g.propagated || t->opt.no_cppr || !is_reg_clock(t, t->edge_to[e])) break;
        g.crpr_node = t->edge_from[e];
        g.crpr_edge = path->edge;
        break;
    case WEFT_I_EDGE_CLK_Q: case WEFT_I_EDGE_EN_Q:
        if (!g.is_clock && g.unclocked != 1) return -1;
        if (!g.is_clock) g.unclocked = 2;
        g.is_clock = false;
        if (t->exceptions.n) g.states = weft_i_exceptions_start(&t->exceptions, g.states, t->node_pin[path->node], path->edge, g.clock, g.clock_edge, path->ap & 1);
        break;
    case WEFT_I_EDGE_TRI_ENABLE: case WEFT_I_EDGE_TRI_DISABLE: case WEFT_I_EDGE_D_Q: /* a clock goes on as data */
        g.is_clock = false;
        break;
    default: break;
    }
    if (g.is_clock && t->clock_point && t->clock_point[t->node_pin[t->edge_to[e]]] && !clock_point(t, &g, t->node_pin[t->edge_to[e]], to_edge)) return -1;
    if (t->exceptions.n && g.states >= 0) g.states = weft_i_exceptions_pass(&t->exceptions, g.states, t->node_pin[t->edge_to[e]], to_edge, path->ap & 1, g.is_clock);
    if (g.states < 0) return g.states;
    return weft_i_tag_same(&g, &was) ? path->tag : intern(t, g);
}

double weft_i_search_delay(const weft_timer_t *t, const weft_i_path_t *p, int32_t e, int32_t pair)
{
    const weft_i_tag_t *g = &t->tags.tag[p->tag];
    double delay = weft_i_edge_delay(t, e, pair)[p->ap];
    if (!t->derates.n) return delay;
    int32_t from = t->node_pin[t->edge_from[e]];
    bool wire = t->edge_kind[e] == WEFT_I_EDGE_NET, launch = t->edge_kind[e] == WEFT_I_EDGE_CLK_Q || t->edge_kind[e] == WEFT_I_EDGE_EN_Q;
    return delay * weft_i_derate(&t->derates, t->design, wire || from >= t->design->n_inst_pins ? -1 : t->design->pin_inst[from], wire ? t->design->pin_net[from] : -1,
                                 wire ? WEFT_I_DERATE_NET : WEFT_I_DERATE_CELL, launch || !g->is_clock, wire ? pair & 1 : pair >> 1, p->ap & 1);
}

double weft_i_check_margin(const weft_timer_t *t, int32_t e, int32_t pair, int32_t ap)
{
    double margin = weft_i_edge_delay(t, e, pair)[ap];
    if (!t->derates.n) return margin;
    return margin * weft_i_derate(&t->derates, t->design, t->design->pin_inst[t->node_pin[t->edge_to[e]]], -1, WEFT_I_DERATE_CHECK, true, pair & 1, ap & 1);
}

/* Data through an open latch: late side only, and with the enable's tag where a clock opens it. */
static void through_latch(bucket_t *b, int32_t e)
{
    weft_timer_t *t = b->t;
    weft_i_latch_t latch = weft_i_latch_of(t, e);
    if (latch.enable < 0 || latch.always_closed) return;
    int32_t n, n_enable = 0, from = t->edge_from[e], en_q = -1;
    weft_i_node_paths(t, from, &n);
    int64_t first = t->path_first[t->position[from]];
    const weft_i_path_t *enable = latch.always_open ? NULL : weft_i_node_paths(t, latch.enable, &n_enable);
    for (int32_t i = t->in_first[b->node]; i < t->in_first[b->node + 1] && en_q < 0; i++)
        if (t->edge_kind[t->in_edge[i]] == WEFT_I_EDGE_EN_Q) en_q = t->in_edge[i];
    for (int64_t i = first; i < first + n; i++)
        for (int32_t to_edge = 0; to_edge < 2; to_edge++) {
            const weft_i_path_t *p = &t->path[i];
            int32_t pair = 2 * p->edge + to_edge;
            if (!(p->ap & 1) || !(t->edge_used[e] >> pair & 1)) continue;
            double delay = weft_i_search_delay(t, p, e, pair);
            if (latch.always_open) offer(b, weft_i_tag_through(t, p, e, to_edge), to_edge, p->ap, p->arrival + delay, (int32_t)i);
            for (int32_t k = 0; k < n_enable; k++) {
                const weft_i_tag_t *g = &t->tags.tag[enable[k].tag];
                if (!g->is_clock || enable[k].edge != latch.opening || enable[k].ap != (p->ap ^ 1)) continue;
                weft_i_window_t w = weft_i_latch_window(t, p, &enable[k], 0.0); /* also of clocks in other groups */
                if (p->arrival <= w.open) continue;
                offer(b, weft_i_tag_through(t, &enable[k], en_q, to_edge), to_edge, p->ap, p->arrival - w.shift + delay, (int32_t)i);
            }
        }
}

static void through(bucket_t *b, int32_t e)
{
    weft_timer_t *t = b->t;
    if (t->edge_off[e] || weft_i_edge_is_check(t->edge_kind[e])) return;
    if (t->edge_kind[e] == WEFT_I_EDGE_D_Q) {
        through_latch(b, e);
        return;
    }
    int32_t n, from = t->edge_from[e];
    weft_i_node_paths(t, from, &n);
    int64_t first = t->path_first[t->position[from]];
    for (int64_t i = first; i < first + n; i++)
        for (int32_t to_edge = 0; to_edge < 2; to_edge++) {
            const weft_i_path_t *p = &t->path[i];
            int32_t pair = 2 * p->edge + to_edge;
            if (!(t->edge_used[e] >> pair & 1)) continue;
            bool launch = t->edge_kind[e] == WEFT_I_EDGE_CLK_Q || t->edge_kind[e] == WEFT_I_EDGE_EN_Q;
            double start = launch ? weft_i_clock_path_arrival(t, p) : p->arrival;
            double delay = weft_i_search_delay(t, p, e, pair);
            if (isnan(delay)) continue;
            offer(b, weft_i_tag_through(t, p, e, to_edge), to_edge, p->ap, start + delay, (int32_t)i);
        }
}

/* Latency from a master clock to a generated one: the extreme of its paths into the source pin, per edge and side. */
static void generated_latency(bucket_t *b, int32_t clock)
{
    weft_timer_t *t = b->t;
    const weft_clock_t *c = &t->sdc->clock[clock];
    bool found = false;
    for (int32_t i = t->in_first[b->node]; i < t->in_first[b->node + 1]; i++) through(b, t->in_edge[i]);
    for (int32_t el = 0; el < 2; el++)
        for (int32_t edge = 0; edge < 2; edge++) {
            double best = NAN;
            for (int64_t k = 0; k < b->n; k++) {
                const weft_i_tag_t *g = &t->tags.tag[b->path[k].tag];
                if (b->path[k].ap != el || b->path[k].edge != edge || g->clock < 0) continue;
                if (c->master_clock >= 0 && g->clock != c->master_clock) continue;
                double latency = g->propagated ? b->path[k].arrival - t->clock[g->clock].edge[g->clock_edge] : 0.0; /* an ideal master's tree takes no time */
                if (isnan(best) || (el ? latency > best : latency < best)) best = latency;
            }
            if (isnan(best)) continue;
            t->clock[clock].insertion[el][edge] += best;
            found = true;
        }
    if (found) t->clock[clock].known = true;
    b->n = 0;
}

static void seed_clock(bucket_t *b, int32_t clock)
{
    weft_timer_t *t = b->t;
    const weft_i_clock_t *k = &t->clock[clock];
    if (!k->known) return;
    for (int32_t edge = 0; edge < 2; edge++) {
        weft_i_tag_t g = {.clock = clock, .clock_edge = (uint8_t)edge, .is_clock = true, .propagated = k->propagated, .crpr_node = -1};
        for (int32_t ap = 0; ap < t->n_aps; ap++) {
            if (t->exceptions.n) g.states = weft_i_exceptions_pass(&t->exceptions, 0, t->node_pin[b->node], edge, ap & 1, true);
            offer(b, g.states < 0 ? g.states : intern(t, g), edge, ap, k->edge[edge] + k->insertion[ap & 1][edge], -1);
        }
    }
}

/* Tag of data that starts at a pin; -1: a false path starts there. */
static int32_t start_tag(weft_timer_t *t, weft_i_tag_t g, int32_t pin, int32_t edge, int32_t ap)
{
    if (t->exceptions.n) g.states = weft_i_exceptions_start(&t->exceptions, 0, pin, edge, g.clock, g.clock_edge, ap & 1);
    return g.states < 0 ? g.states : intern(t, g);
}

static void seed_input(bucket_t *b, int32_t pin, bool is_clock_source)
{
    weft_timer_t *t = b->t;
    bool any = false;
    for (int32_t i = t->port_delay_first[pin - t->design->n_inst_pins]; i < t->port_delay_first[pin - t->design->n_inst_pins + 1]; i++) {
        const weft_port_delay_t *d = &t->sdc->port_delay[t->port_delay_of[i]];
        if (!d->is_input) continue;
        any = true;
        if (is_clock_source && d->clock < 0) continue;
        double start = d->clock < 0 ? 0.0 : t->clock[d->clock].edge[d->clock_fall];
        weft_i_tag_t g = {.clock = d->clock, .clock_edge = d->clock_fall, .propagated = d->clock >= 0 && t->clock[d->clock].propagated, .crpr_node = -1};
        for (int32_t edge = 0; edge < 2; edge++)
            for (int32_t ap = 0; ap < t->n_aps; ap++) {
                if (!(d->edges >> edge & 1) || !(d->minmax >> (ap & 1) & 1)) continue;
                double latency = 0.0;
                if (d->clock >= 0) {
                    const weft_i_clock_t *k = &t->clock[d->clock];
                    if (!d->source_latency_included) latency += k->insertion[ap & 1][d->clock_fall];
                    if (!d->network_latency_included && !k->propagated) latency += k->latency[ap & 1][d->clock_fall];
                }
                float extra = t->port_drive_delay[((int64_t)(pin - t->design->n_inst_pins) * 2 + edge) * t->n_aps + ap];
                offer(b, start_tag(t, g, pin, edge, ap), edge, ap, start + d->delay + latency + (isnan(extra) ? 0.0 : (double)extra), -1);
            }
    }
    if (any || is_clock_source) return;
    for (int32_t edge = 0; edge < 2; edge++)
        for (int32_t ap = 0; ap < t->n_aps; ap++) {
            float extra = t->port_drive_delay[((int64_t)(pin - t->design->n_inst_pins) * 2 + edge) * t->n_aps + ap];
            offer(b, start_tag(t, (weft_i_tag_t){.clock = -1, .crpr_node = -1}, pin, edge, ap), edge, ap, isnan(extra) ? 0.0 : (double)extra, -1);
        }
}

static bool has_clock(const bucket_t *b)
{
    bool any = false;
    for (int64_t i = 0; i < b->n && !any; i++) any = b->t->tags.tag[b->path[i].tag].is_clock;
    return any;
}

static void seed_unclocked(bucket_t *b)
{
    int32_t tag = intern(b->t, (weft_i_tag_t){.clock = -1, .unclocked = 1, .crpr_node = -1});
    for (int32_t edge = 0; edge < 2; edge++)
        for (int32_t ap = 0; ap < b->t->n_aps; ap++) offer(b, tag, edge, ap, 0.0, -1);
}

/* Drops paths that differ from a worse one only in their launching clock leaf and by more than the credit it can get. */
static void prune(bucket_t *b)
{
    weft_timer_t *t = b->t;
    int64_t kept = 0;
    for (int64_t i = 0; i < b->n; i++) {
        weft_i_path_t *p = &b->path[i];
        const weft_i_tag_t *g = &t->tags.tag[p->tag];
        bool keep = true;
        for (int64_t j = 0; j < b->n && keep && g->crpr_node >= 0 && !g->is_clock; j++) {
            weft_i_path_t *q = &b->path[j];
            if (j == i || q->edge != p->edge || q->ap != p->ap || isnan(q->required)) continue;
            const weft_i_tag_t *h = &t->tags.tag[q->tag];
            if (h->base != g->base || h->crpr_node < 0) continue;
            double lead = p->ap & 1 ? q->arrival - p->arrival : p->arrival - q->arrival, bound = q->required;
            keep = !(lead > bound || (lead == bound && j < i) || (lead == bound && lead > 0));
        }
        p->pad = (int16_t)keep;
    }
    for (int64_t i = 0; i < b->n; i++)
        if (b->path[i].pad) {
            b->path[kept] = b->path[i];
            b->path[kept].pad = 0;
            b->path[kept++].required = NAN;
        }
    b->n = kept;
}

static void prune_node(bucket_t *b)
{
    weft_timer_t *t = b->t;
    bool many = false;
    for (int64_t i = 1; i < b->n && !many; i++) many = t->tags.tag[b->path[i].tag].crpr_node >= 0 && b->n > 2 * t->n_aps;
    if (!many) return;
    for (int64_t i = 0; i < b->n; i++) { /* `required` holds the credit bound for a moment */
        const weft_i_tag_t *g = &t->tags.tag[b->path[i].tag];
        b->path[i].required = g->crpr_node >= 0 && !g->is_clock ? weft_i_crpr_bound(t, g, b->path[i].ap) : NAN;
    }
    prune(b);
}

void weft_i_arrivals_at(weft_i_bucket_t *b, int32_t node)
{
    weft_timer_t *t = b->t;
    int32_t pin = t->node_pin[node];
    bool port = pin >= t->design->n_inst_pins && t->driver_node[pin] == node;
    b->n = 0;
    b->node = node;
    if (t->clock_source[node]) {
        for (int32_t c = 0; c < t->n_clocks; c++)
            for (int32_t k = 0; k < t->sdc->clock[c].sources.n; k++) {
                int32_t p = t->sdc->clock[c].sources.id[k];
                int32_t at = t->driver_node[p] >= 0 ? t->driver_node[p] : t->load_node[p];
                if (at == node && t->sdc->clock[c].generated) generated_latency(b, c);
            }
        for (int32_t c = 0; c < t->n_clocks; c++)
            for (int32_t k = 0; k < t->sdc->clock[c].sources.n; k++) {
                int32_t p = t->sdc->clock[c].sources.id[k];
                int32_t at = t->driver_node[p] >= 0 ? t->driver_node[p] : t->load_node[p];
                if (at == node) seed_clock(b, c);
            }
        if (port) seed_input(b, pin, true);
    } else if (port) seed_input(b, pin, false);
    else if (t->value[node] == 2) {
        for (int32_t i = t->in_first[node]; i < t->in_first[node + 1]; i++) through(b, t->in_edge[i]);
        if (is_reg_clock(t, node) && !has_clock(b)) seed_unclocked(b); /* a register without a clock starts at 0 */
    }
    prune_node(b);
}
