/* timing/clocks.c: waveforms of clocks, made and generated; their latencies and uncertainties; which pairs are related and
 * how far apart their edges lie. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

static void set_pairs(double (*array)[2], uint8_t minmax, uint8_t edges, double value)
{
    for (int32_t el = 0; el < 2; el++)
        for (int32_t e = 0; e < 2; e++)
            if ((minmax >> el & 1) && (edges >> e & 1)) array[el][e] = value;
}

static void init_clock(weft_timer_t *t, int32_t i)
{
    const weft_clock_t *c = &t->sdc->clock[i];
    weft_i_clock_t *k = &t->clock[i];
    k->propagated = c->propagated;
    set_pairs(k->transition, 3, 3, NAN);
    if (c->generated) return;
    k->known = true;
    k->period = c->period;
    k->edge[0] = c->n_edges > 0 ? c->edge[0] : 0.0;
    k->edge[1] = c->n_edges > 1 ? c->edge[1] : c->period / 2;
}

static int32_t master_of(const weft_timer_t *t, const weft_clock_t *c)
{
    if (c->master_clock >= 0) return c->master_clock;
    for (int32_t i = 0; i < t->sdc->n_clocks; i++)
        for (int32_t k = 0; k < t->sdc->clock[i].sources.n; k++)
            if (t->sdc->clock[i].sources.id[k] == c->master_pin) return i;
    return t->master_guess ? t->master_guess[c - t->sdc->clock] : -1;
}

/* Waveform of a generated clock from its master's: -edges, -divide_by (powers of two keep rising edges; others scale),
 * -multiply_by. */
static void generate(weft_i_clock_t *k, const weft_i_clock_t *m, const weft_clock_t *c)
{
    double lag = m->edge[1] - m->edge[0];
    if (c->n_generated_edges >= 3) {
        double at[3];
        for (int32_t i = 0; i < 3; i++) {
            int32_t n = c->generated_edge[i] - 1;
            at[i] = m->edge[0] + floor(n / 2.0) * m->period + (n & 1 ? lag : 0.0) + (c->edge_shift ? c->edge_shift[i] : 0.0);
        }
        k->edge[0] = at[0];
        k->edge[1] = at[1];
        k->period = at[2] - at[0];
    } else {
        double scale = c->divide_by > 0 ? c->divide_by : c->multiply_by > 0 ? 1.0 / c->multiply_by : 1.0;
        k->period = m->period * scale;
        bool power = c->divide_by > 1 && !(c->divide_by & (c->divide_by - 1));
        k->edge[0] = power ? m->edge[0] : m->edge[0] * scale;
        k->edge[1] = power ? m->edge[0] + c->divide_by / 2 * m->period : m->edge[1] * scale;
        if (!isnan(c->duty_cycle) && c->duty_cycle > 0) k->edge[1] = k->edge[0] + k->period * c->duty_cycle / 100.0;
    }
    if (c->invert) {
        double first = k->edge[0];
        k->edge[0] = k->edge[1];
        k->edge[1] = first + k->period;
        if (k->edge[0] >= k->period) {
            k->edge[0] -= k->period;
            k->edge[1] -= k->period;
        }
    }
    k->known = true;
}

static void settings(weft_timer_t *t)
{
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        t->pin_uncertainty |= s->kind == WEFT_SET_CLOCK_UNCERTAINTY && s->object.kind == WEFT_OBJ_PIN;
        if (s->object.kind != WEFT_OBJ_CLOCK || s->object.id >= t->n_clocks) continue;
        weft_i_clock_t *k = &t->clock[s->object.id];
        uint8_t mm = s->minmax & (s->el ? s->el : 3);
        switch (s->kind) {
        case WEFT_SET_CLOCK_LATENCY: set_pairs(s->flag ? k->insertion : k->latency, mm, s->edges, s->value); break;
        case WEFT_SET_CLOCK_TRANSITION: set_pairs(k->transition, s->minmax, s->edges, s->value); break;
        case WEFT_SET_PROPAGATED: k->propagated = true; break;
        case WEFT_SET_CLOCK_UNCERTAINTY:
            for (int32_t el = 0; el < 2; el++)
                if (s->minmax >> el & 1) k->uncertainty[el] = s->value;
            break;
        default: break;
        }
    }
}

double weft_i_clock_uncertainty(const weft_timer_t *t, int32_t launch, int32_t capture, int32_t capture_edge, int32_t pin, int32_t setup)
{
    double value = capture < 0 ? 0.0 : t->clock[capture].uncertainty[setup];
    for (int32_t i = 0; i < t->sdc->n_settings && pin >= 0 && t->pin_uncertainty; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if (s->kind == WEFT_SET_CLOCK_UNCERTAINTY && s->object.kind == WEFT_OBJ_PIN && s->object.id == pin && (s->minmax >> setup & 1)) value = s->value;
    }
    for (int32_t i = 0; i < t->sdc->n_pair_uncertainties; i++) {
        const weft_clock_pair_uncertainty_t *u = &t->sdc->pair_uncertainty[i];
        if (u->from == launch && u->to == capture && (u->to_edges >> capture_edge & 1) && (u->minmax >> setup & 1)) value = u->value;
    }
    return value;
}

double weft_i_clock_path_arrival(const weft_timer_t *t, const weft_i_path_t *path)
{
    const weft_i_tag_t *g = &t->tags.tag[path->tag];
    if (g->propagated || g->clock < 0) return path->arrival;
    const weft_i_clock_t *k = &t->clock[g->clock];
    return k->edge[g->clock_edge] + k->insertion[path->ap & 1][g->clock_edge] + k->latency[path->ap & 1][g->clock_edge];
}

/* Clocks in different groups of one set_clock_groups have no paths between them; a single group excludes all others. */
static void groups(weft_timer_t *t)
{
    int32_t n = t->n_clocks;
    for (int32_t i = 0; i < t->sdc->n_clock_groups; i++) {
        const weft_clock_groups_t *g = &t->sdc->clock_groups[i];
        if (g->allow_paths) continue;
        for (int32_t a = 0; a < g->n_groups; a++)
            for (int32_t k = 0; k < g->group[a].n; k++)
                for (int32_t other = 0; other < n; other++) {
                    bool inside = false, named = g->n_groups == 1;
                    for (int32_t b = 0; b < g->n_groups; b++)
                        for (int32_t m = 0; m < g->group[b].n; m++)
                            if (g->group[b].id[m] == other) {
                                inside |= b == a;
                                named = true;
                            }
                    int32_t self = g->group[a].id[k];
                    if (named && !inside) t->clock_unrelated[self * n + other] = t->clock_unrelated[other * n + self] = 1;
                }
    }
}

bool weft_i_clocks_related(const weft_timer_t *t, int32_t a, int32_t b)
{
    return a < 0 || b < 0 || !t->clock_unrelated[a * t->n_clocks + b];
}

static void separate(const weft_i_clock_t *a, double launch, const weft_i_clock_t *b, double capture, double *out)
{
    double hold = -INFINITY, setup = INFINITY;
    double eps = 1e-6 * (a->period < b->period ? a->period : b->period);
    for (int32_t i = 0; i < 1000; i++) {
        double start = i * a->period, from = start + launch;
        double before = capture + floor((from - capture + eps) / b->period) * b->period;
        if (before - from > hold) hold = before - from;
        if (before + b->period - from < setup) setup = before + b->period - from;
        double in_b = (start + a->period) / b->period;
        if (fabs(in_b - round(in_b)) * b->period < eps) break; /* the common period is reached */
    }
    out[0] = hold > -eps ? 0.0 : hold;
    out[1] = setup;
}

weft_status_t weft_i_timer_clocks(weft_timer_t *t, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t n = t->n_clocks = t->sdc->n_clocks;
    WEFT_TRY_ALLOC(t->clock = weft_i_calloc((size_t)n, sizeof *t->clock));
    WEFT_TRY_ALLOC(t->clock_unrelated = weft_i_calloc((size_t)n * (size_t)n, 1));
    WEFT_TRY_ALLOC(t->separation = weft_i_calloc((size_t)n * (size_t)n * 8, sizeof *t->separation));
    for (int32_t i = 0; i < n; i++) init_clock(t, i);
    for (int32_t round = 0; round < n; round++) /* masters may be generated themselves */
        for (int32_t i = 0; i < n; i++) {
            int32_t m = t->clock[i].known ? -1 : master_of(t, &t->sdc->clock[i]);
            if (m >= 0 && t->clock[m].known) generate(&t->clock[i], &t->clock[m], &t->sdc->clock[i]);
        }
    settings(t);
    groups(t);
    for (int32_t i = 0; i < n; i++) {
        weft_i_clock_t *k = &t->clock[i];
        if (k->known && k->period > 0) continue;
        k->known = false;
        weft_diag_add(diag, WEFT_WARNING, "timing-clock-master", NULL, t->sdc->clock[i].line, 0, "clock %s has no period: %s",
                      weft_names_text(t->sdc->names, t->sdc->clock[i].name), t->sdc->clock[i].generated ? "its master was not found" : "it is 0");
        k->period = 1.0;
        k->edge[1] = 0.5;
    }
    for (int32_t i = 0; i < n && t->opt.wires; i++) { /* estimated wires want a placement behind clock-tree synthesis */
        const weft_clock_t *k = &t->sdc->clock[i];
        if (k->sources.n && !k->generated && !k->gone && !t->clock[i].propagated)
            weft_diag_add(diag, WEFT_WARNING, "timing-ideal-clock", NULL, k->line, 0,
                          "clock %s is ideal: delays of its tree do not count; with a tree built, set_propagated_clock, else say set_clock_latency and set_clock_transition", weft_names_text(t->sdc->names, k->name));
    }
    for (int32_t a = 0; a < 2 * n; a++)
        for (int32_t b = 0; b < 2 * n; b++)
            separate(&t->clock[a / 2], t->clock[a / 2].edge[a & 1], &t->clock[b / 2], t->clock[b / 2].edge[b & 1],
                     t->separation + 2 * ((int64_t)a * 2 * n + b));
done:
    return status;
}
