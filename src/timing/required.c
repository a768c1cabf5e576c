/* timing/required.c: required times backward over the levels, path by path: the path of the same tag one step on, or, where
 * reconvergence pruning dropped it, the ones that differ only in the launching clock leaf. A node writes its own paths and reads those of later
 * levels, so the nodes of a level are shared among threads. */
#include "base/crew.h"
#include "base/status.h"
#include "timing/checks.h"
#include "timing/timer.h"

#include <math.h>
#include <omp.h>

enum { CHUNK = 16, FEW = 64 }; /* nodes taken at once; below FEW a level is one thread's */

static void pull(weft_timer_t *t, weft_i_path_t *p, int32_t e)
{
    int32_t n;
    const weft_i_path_t *q = weft_i_node_paths(t, t->edge_to[e], &n);
    for (int32_t to_edge = 0; to_edge < 2 && n; to_edge++) {
        int32_t pair = 2 * p->edge + to_edge;
        if (!(t->edge_used[e] >> pair & 1)) continue;
        double delay = weft_i_search_delay(t, p, e, pair);
        if (isnan(delay)) continue;
        int32_t tag = weft_i_tag_through(t, p, e, to_edge); /* frozen: one that is new was never offered there */
        if (tag < 0) continue;
        const weft_i_path_t *exact = NULL;
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

static void pull_node(weft_timer_t *t, int32_t node)
{
    int32_t n;
    weft_i_path_t *p = weft_i_node_paths(t, node, &n);
    for (int32_t e = t->out_first[node]; e < t->out_first[node + 1] && n; e++) {
        uint8_t k = t->edge_kind[e];
        if (t->edge_off[e] || weft_i_edge_is_check(k) || k == WEFT_I_EDGE_D_Q || t->clock_source[t->edge_to[e]]) continue;
        for (int32_t i = 0; i < n; i++) pull(t, &p[i], e);
    }
}

static void sweep(weft_timer_t *t, weft_i_crew_t *crew, int me, int n)
{
    bool apart = false; /* the level behind was thread 0's alone */
    for (int32_t l = t->n_levels - 1; l >= 0; l--) {
        int32_t first = t->level_first[l], last = t->level_first[l + 1];
        if (n == 1 || last - first < FEW) {
            for (int32_t i = first; i < last && me == 0; i++) pull_node(t, t->order[i]);
            apart = true;
            continue;
        }
        if (apart) weft_i_crew_wait(crew, n);
        apart = false;
        for (int64_t at; (at = first + weft_i_crew_take(crew, CHUNK)) < last;)
            for (int64_t i = at; i < last && i < at + CHUNK; i++) pull_node(t, t->order[i]);
        weft_i_crew_wait(crew, n);
    }
}

weft_status_t weft_i_timer_required(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_i_crew_t crew = {0};
    weft_i_tags_freeze(t, true);
#pragma omp parallel num_threads(weft_threads())
    sweep(t, &crew, omp_get_thread_num(), omp_get_num_threads());
    weft_i_tags_freeze(t, false);
    return WEFT_OK;
}
