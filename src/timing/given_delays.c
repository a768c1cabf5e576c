/* timing/given_delays.c: what an SDF gives takes the place of what was calculated. Slews stay the calculated ones. */
#include "base/alloc.h"
#include "timing/timer.h"
#include "weft/sdf.h"

#include <math.h>

/* The next edge like g behind `last` among the out-edges of its node, in turn: files mostly list them in our order. -1: none. */
static int32_t next_edge(const weft_timer_t *t, const weft_given_delay_t *g, int32_t node, int32_t to, int32_t last)
{
    int32_t first = t->out_first[node], n = t->out_first[node + 1] - first, start = last >= first && last < first + n ? last + 1 - first : 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t e = first + (start + i) % n;
        if (t->edge_to[e] == to && t->edge_arc[e] == g->arc) return e;
    }
    return -1;
}

static void set(weft_timer_t *t, const weft_given_delay_t *g, int32_t e)
{
    for (int32_t pair = 0; pair < 4; pair++) {
        if (!(g->pairs & t->edge_pairs[e] & 1u << pair)) continue;
        float *delay = weft_i_edge_delay(t, e, pair);
        for (int32_t ap = 0; ap < t->n_aps; ap++) {
            float v = g->value[ap & 1][pair & 1];
            if ((g->corner < 0 || g->corner == ap >> 1) && !isnan(v)) delay[ap] = g->increment && !isnan(delay[ap]) ? delay[ap] + v : v;
        }
    }
}

weft_status_t weft_i_timer_given_delays(weft_timer_t *t, weft_diag_t *diag)
{
    const weft_given_delays_t *given = t->opt.given;
    if (!given) return WEFT_OK;
    uint8_t *told = weft_i_calloc((size_t)t->n_edges + 1, 1);
    if (!told) return WEFT_ENOMEM;
    int32_t last = -1;
    for (int32_t i = 0; i < given->n_delays; i++) {
        const weft_given_delay_t *g = &given->delay[i];
        bool check = g->arc >= 0 && weft_arc_type_is_check((weft_arc_type_t)t->lib->arc[g->arc].type);
        int32_t node = g->arc < 0 ? t->driver_node[g->from] : t->load_node[g->from] >= 0 ? t->load_node[g->from] : t->driver_node[g->from];
        int32_t to = g->arc < 0 || check ? t->load_node[g->to] : t->driver_node[g->to];
        int32_t e = node < 0 || to < 0 ? -1 : next_edge(t, g, node, to, last);
        if (e < 0) continue;
        set(t, g, last = e);
        told[e] = 1;
    }
    int64_t n[2] = {0, 0}, n_told[2] = {0, 0};
    for (int32_t e = 0; e < t->n_edges; e++) {
        if (t->edge_off[e]) continue;
        n[t->edge_arc[e] < 0]++;
        n_told[t->edge_arc[e] < 0] += told[e];
    }
    weft_i_free(told);
    weft_diag_add(diag, WEFT_NOTE, "sdf-given", NULL, 0, 0, "the SDF gives %lld of %lld cell arcs and checks, %lld of %lld wires; the others are calculated", (long long)n_told[0], (long long)n[0],
                  (long long)n_told[1], (long long)n[1]);
    return WEFT_OK;
}
