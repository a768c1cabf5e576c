/* timing/required.c: required times backward over the levels, path by path: the path of the same tag one step on, or, where
 * reconvergence pruning dropped it, the ones that differ only in the launching clock leaf. */
#include "base/status.h"
#include "timing/checks.h"
#include "timing/timer.h"

#include <math.h>

static void pull(weft_timer_t *t, weft_i_path_t *p, int32_t e)
{
    for (int32_t to_edge = 0; to_edge < 2; to_edge++) {
        int32_t pair = 2 * p->edge + to_edge, n;
        if (!(t->edge_used[e] >> pair & 1)) continue;
        int32_t tag = weft_i_tag_through(t, p, e, to_edge);
        if (tag < 0) continue;
        double delay = weft_i_search_delay(t, p, e, pair);
        if (isnan(delay)) continue;
        const weft_i_path_t *q = weft_i_node_paths(t, t->edge_to[e], &n), *exact = NULL;
        for (int32_t i = 0; i < n && !exact; i++)
            if (q[i].tag == tag && q[i].edge == to_edge && q[i].ap == p->ap) exact = &q[i];
        if (exact) {
            if (!isnan(exact->required)) weft_i_tighten(p, exact->required - delay);
            continue;
        }
        for (int32_t i = 0; i < n; i++)
            if (t->tags.tag[q[i].tag].base == t->tags.tag[tag].base && q[i].edge == to_edge && q[i].ap == p->ap && !isnan(q[i].required))
                weft_i_tighten(p, q[i].required - delay);
    }
}

weft_status_t weft_i_timer_required(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    for (int32_t at = t->n_nodes - 1; at >= 0; at--) {
        int32_t node = t->order[at], n;
        weft_i_path_t *p = weft_i_node_paths(t, node, &n);
        for (int32_t e = t->out_first[node]; e < t->out_first[node + 1]; e++) {
            uint8_t k = t->edge_kind[e];
            if (t->edge_off[e] || weft_i_edge_is_check(k) || k == WEFT_I_EDGE_D_Q || t->clock_source[t->edge_to[e]]) continue;
            for (int32_t i = 0; i < n; i++) pull(t, &p[i], e);
        }
    }
    return WEFT_OK;
}
