/* timing/path_steps.c: a path as data, and the delay of one arc: what an explanation is made of. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <math.h>

/* The edge of the graph between two nodes and edges, where there are several the one of the extreme delay. */
static double arc_delay(const weft_timer_t *t, int32_t from, int32_t from_edge, int32_t to, int32_t to_edge, int32_t ap, bool *net)
{
    double best = NAN;
    for (int32_t e = t->out_first[from]; e < t->out_first[from + 1]; e++) {
        int32_t pair = 2 * from_edge + to_edge;
        if (t->edge_to[e] != to || t->edge_off[e] || weft_i_edge_is_check(t->edge_kind[e]) || !(t->edge_used[e] >> pair & 1)) continue;
        double d = (double)weft_i_edge_delay(t, e, pair)[ap];
        if (isnan(d)) continue;
        *net = t->edge_kind[e] == WEFT_I_EDGE_NET;
        if (isnan(best) || (ap & 1 ? d > best : d < best)) best = d;
    }
    return best;
}

static int32_t node_of(const weft_timer_t *t, int32_t pin, bool as_driver) { return (as_driver && t->driver_node[pin] >= 0) || t->load_node[pin] < 0 ? t->driver_node[pin] : t->load_node[pin]; }

double weft_timer_arc_delay(const weft_timer_t *t, int32_t corner, int32_t el, const weft_path_step_t *step)
{
    bool net;
    if (step->from_pin < 0) return NAN;
    int32_t from = node_of(t, step->from_pin, step->is_net), to = node_of(t, step->pin, !step->is_net);
    return from < 0 || to < 0 ? NAN : arc_delay(t, from, step->from_edge, to, step->edge, 2 * corner + el, &net);
}

weft_status_t weft_timer_path(const weft_timer_t *t, int32_t corner, int32_t el, int32_t endpoint, weft_path_step_t **steps, int32_t *n)
{
    weft_status_t status = WEFT_OK;
    int32_t ap = 2 * corner + el, count = 1, at = 0;
    *steps = NULL;
    *n = 0;
    if (endpoint < 0 || endpoint >= t->n_endpoints[ap]) return WEFT_EUSAGE;
    const weft_i_path_t *last = &t->path[t->endpoint_path[ap][endpoint].data];
    for (const weft_i_path_t *x = last; x->prev >= 0; x = &t->path[x->prev]) count++;
    WEFT_TRY_ALLOC(*steps = weft_i_calloc((size_t)count, sizeof **steps));
    at = count;
    for (const weft_i_path_t *x = last; at > 0; x = x->prev >= 0 ? &t->path[x->prev] : x) {
        const weft_i_path_t *before = x->prev >= 0 ? &t->path[x->prev] : NULL;
        weft_path_step_t *s = &(*steps)[--at];
        *s = (weft_path_step_t){.pin = t->node_pin[x->node], .from_pin = before ? t->node_pin[before->node] : -1, .edge = x->edge, .from_edge = before ? before->edge : 0,
                                .is_clock = t->tags.tag[x->tag].is_clock, .slew = (double)weft_i_slew(t, x->node, x->edge)[ap], .arrival = x->arrival, .delay = NAN, .fanout = -1, .cap = NAN};
        if (before) s->delay = arc_delay(t, before->node, before->edge, x->node, x->edge, ap, &s->is_net);
        if (t->driver_node[s->pin] == x->node) WEFT_TRY(weft_i_driver_load(t, x->node, x->edge, ap, &s->cap, &s->fanout));
    }
    *n = count;
done:
    if (status != WEFT_OK) {
        weft_i_free(*steps);
        *steps = NULL;
    }
    return status;
}

void weft_timer_path_free(weft_path_step_t *steps) { weft_i_free(steps); }
