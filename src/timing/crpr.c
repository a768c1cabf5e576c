/* timing/crpr.c: clock reconvergence pessimism: the early and late clock paths of a check share a trunk whose spread cannot
 * be real. Credit = the smaller of the two paths' late - early difference at the last common driver (same pin). */
#include "timing/timer.h"

#include <math.h>

/* The path at `node` with the same clock tag and edge and the given ap; NULL: none. */
static const weft_i_path_t *find(const weft_timer_t *t, int32_t node, int32_t clock, int32_t clock_edge, int32_t edge, int32_t ap)
{
    int32_t n;
    const weft_i_path_t *p = weft_i_node_paths(t, node, &n);
    for (int32_t i = 0; i < n; i++) {
        const weft_i_tag_t *g = &t->tags.tag[p[i].tag];
        if (g->is_clock && g->clock == clock && g->clock_edge == clock_edge && p[i].edge == edge && p[i].ap == ap) return &p[i];
    }
    return NULL;
}

static double spread(const weft_timer_t *t, const weft_i_path_t *p)
{
    const weft_i_tag_t *g = &t->tags.tag[p->tag];
    const weft_i_path_t *q = find(t, p->node, g->clock, g->clock_edge, p->edge, p->ap ^ 1);
    return q ? fabs(q->arrival - p->arrival) : 0.0;
}

double weft_i_crpr_bound(const weft_timer_t *t, const weft_i_tag_t *g, int32_t ap)
{
    const weft_i_path_t *p = g->crpr_node < 0 ? NULL : find(t, g->crpr_node, g->clock, g->clock_edge, g->crpr_edge, ap);
    return p ? spread(t, p) : 0.0;
}

double weft_i_crpr(const weft_timer_t *t, const weft_i_path_t *data, const weft_i_path_t *capture)
{
    const weft_i_tag_t *g = &t->tags.tag[data->tag], *h = &t->tags.tag[capture->tag];
    if (t->opt.no_cppr || !g->propagated || !h->propagated || g->crpr_node < 0) return 0.0;
    const weft_i_path_t *a = find(t, g->crpr_node, g->clock, g->clock_edge, g->crpr_edge, data->ap), *b = capture;
    if (h->crpr_node >= 0 && b->prev >= 0) b = &t->path[b->prev];
    while (a && b && a->node != b->node) { /* step back the one further from the source */
        int32_t la = t->level[a->node], lb = t->level[b->node];
        const weft_i_path_t *before_a = a->prev < 0 ? NULL : &t->path[a->prev], *before_b = b->prev < 0 ? NULL : &t->path[b->prev];
        if (la >= lb) a = before_a;
        if (lb >= la) b = before_b;
    }
    if (!a || !b || (t->calc->contest && a->edge != b->edge)) return 0.0;
    double x = spread(t, a), y = spread(t, b);
    return x < y ? x : y;
}
