/* timing/latches.c: the latch behind a D to Q edge and the window its enable opens. */
#include "timing/latches.h"

#include <math.h>

int32_t weft_i_latch_of_data(const weft_timer_t *t, int32_t node)
{
    for (int32_t e = t->out_first[node]; e < t->out_first[node + 1]; e++)
        if (t->edge_kind[e] == WEFT_I_EDGE_D_Q) return e;
    return -1;
}

weft_i_latch_t weft_i_latch_of(const weft_timer_t *t, int32_t d_to_q)
{
    weft_i_latch_t latch = {.enable = -1};
    int32_t q = t->edge_to[d_to_q];
    for (int32_t i = t->in_first[q]; i < t->in_first[q + 1]; i++) {
        int32_t e = t->in_edge[i];
        if (t->edge_kind[e] != WEFT_I_EDGE_EN_Q) continue;
        latch.enable = t->edge_from[e];
        latch.opening = t->edge_pairs[e] & 0x3 ? WEFT_RISE : WEFT_FALL;
        uint8_t value = t->value[latch.enable], open = latch.opening == WEFT_RISE ? 1 : 0;
        latch.always_open = value == open;
        latch.always_closed = value == !open;
        break;
    }
    return latch;
}

weft_i_window_t weft_i_latch_window(const weft_timer_t *t, const weft_i_path_t *p, const weft_i_path_t *q, double setup)
{
    const weft_i_tag_t *g = &t->tags.tag[p->tag], *h = &t->tags.tag[q->tag];
    const weft_i_clock_t *k = &t->clock[h->clock];
    int32_t opening = h->clock_edge, closing = !opening;
    double width = k->edge[closing] - k->edge[opening];
    if (width <= 0.0) width += k->period;
    weft_i_window_t w = {0};
    if (g->clock < 0) w.shift = -k->edge[opening]; /* its time 0 is the opening edge */
    else {
        double launch = t->clock[g->clock].edge[g->clock_edge];
        double close = launch + weft_i_clock_separation(t, g->clock, g->clock_edge, h->clock, closing)[1];
        w.shift = close - width - k->edge[opening];
        w.crpr = weft_i_crpr(t, p, q);
    }
    double uncertainty = weft_i_clock_uncertainty(t, g->clock, h->clock, opening, t->node_pin[q->node], 1);
    w.open = weft_i_clock_path_arrival(t, q) + w.shift + w.crpr - uncertainty;
    w.close = w.open + width - setup;
    return w;
}
