/* timing/clock_network.c: where ideal clocks reach, before any delay is known: registers there see the clock's own transition, whatever
 * the tree in front of them does (set_clock_transition; 0 where it is not said). */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

static bool is_ideal(const weft_timer_t *t, int32_t clock)
{
    bool ideal = !t->sdc->clock[clock].propagated && !t->sdc->clock[clock].gone;
    for (int32_t i = 0; i < t->sdc->n_settings && ideal; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        ideal = !(s->kind == WEFT_SET_PROPAGATED && s->object.kind == WEFT_OBJ_CLOCK && s->object.id == clock);
    }
    return ideal;
}

static bool carries_clock(uint8_t kind) { return kind == WEFT_I_EDGE_NET || kind == WEFT_I_EDGE_CELL; }

/* The nodes of one clock, each once, in `list`; `mark` tells what was seen (stamp). */
static int32_t reach(const weft_timer_t *t, int32_t clock, int32_t *list, int32_t *mark, int32_t stamp)
{
    int32_t n = 0;
    for (int32_t i = 0; i < t->sdc->clock[clock].sources.n; i++) {
        int32_t p = t->sdc->clock[clock].sources.id[i], at = t->driver_node[p] >= 0 ? t->driver_node[p] : t->load_node[p];
        if (at < 0 || mark[at] == stamp) continue;
        mark[at] = stamp;
        list[n++] = at;
    }
    int32_t n_sources = n;
    for (int32_t k = 0; k < n; k++) {
        if (k >= n_sources && t->clock_source[list[k]]) continue; /* another clock begins here */
        for (int32_t e = t->out_first[list[k]]; e < t->out_first[list[k] + 1]; e++) {
            int32_t to = t->edge_to[e];
            if (t->edge_off[e] || !carries_clock(t->edge_kind[e]) || mark[to] == stamp || (t->clock_source[to] && k >= n_sources)) continue;
            mark[to] = stamp;
            list[n++] = to;
        }
    }
    return n;
}

static void transition_of(const weft_timer_t *t, int32_t clock, float to[4])
{
    for (int32_t k = 0; k < 4; k++) to[k] = 0.0f;
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if (s->kind != WEFT_SET_CLOCK_TRANSITION || s->object.kind != WEFT_OBJ_CLOCK || s->object.id != clock) continue;
        for (int32_t k = 0; k < 4; k++) /* [edge][early/late] */
            if ((s->edges >> (k >> 1) & 1) && (s->minmax >> (k & 1) & 1)) to[k] = (float)s->value;
    }
}

static void mark_sources(weft_timer_t *t)
{
    for (int32_t c = 0; c < t->sdc->n_clocks; c++)
        for (int32_t k = 0; k < t->sdc->clock[c].sources.n; k++) {
            int32_t p = t->sdc->clock[c].sources.id[k], at = t->driver_node[p] >= 0 ? t->driver_node[p] : t->load_node[p];
            if (at >= 0) t->clock_source[at] = 1;
        }
}

static weft_status_t mark_points(weft_timer_t *t)
{
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if ((s->kind != WEFT_SET_CLOCK_SENSE && s->kind != WEFT_SET_PROPAGATED) || s->object.kind != WEFT_OBJ_PIN) continue;
        if (!t->clock_point) t->clock_point = weft_i_calloc((size_t)t->design->n_pins, 1);
        if (!t->clock_point) return WEFT_ENOMEM;
        t->clock_point[s->object.id] = 1;
    }
    return WEFT_OK;
}

weft_status_t weft_i_timer_clock_network(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    int32_t *list = NULL, *mark = NULL;
    bool any = false;
    mark_sources(t);
    WEFT_TRY(mark_points(t));
    for (int32_t c = 0; c < t->sdc->n_clocks; c++) any |= is_ideal(t, c) && t->sdc->clock[c].sources.n;
    if (!any) goto done;
    WEFT_TRY_ALLOC(t->ideal_slew = weft_i_malloc((size_t)t->n_nodes * 4 * sizeof *t->ideal_slew));
    WEFT_TRY_ALLOC(list = weft_i_malloc((size_t)t->n_nodes * sizeof *list));
    WEFT_TRY_ALLOC(mark = weft_i_calloc((size_t)t->n_nodes, sizeof *mark));
    for (int64_t i = 0; i < (int64_t)t->n_nodes * 4; i++) t->ideal_slew[i] = NAN;
    for (int32_t c = 0; c < t->sdc->n_clocks; c++) {
        float own[4];
        if (!is_ideal(t, c)) continue;
        transition_of(t, c, own);
        int32_t n = reach(t, c, list, mark, c + 1);
        for (int32_t i = 0; i < n; i++)
            for (int32_t k = 0; k < 4; k++) {
                float *s = &t->ideal_slew[(int64_t)list[i] * 4 + k];
                if (isnan(*s) || (k & 1 ? own[k] > *s : own[k] < *s)) *s = own[k];
            }
    }
    memset(mark, 0, (size_t)t->n_nodes * sizeof *mark);
    for (int32_t c = 0; c < t->sdc->n_clocks; c++) { /* a propagated clock on the same pin wins */
        if (is_ideal(t, c)) continue;
        int32_t n = reach(t, c, list, mark, c + 1);
        for (int32_t i = 0; i < n; i++)
            for (int32_t k = 0; k < 4; k++) t->ideal_slew[(int64_t)list[i] * 4 + k] = NAN;
    }
done:
    weft_i_free(list);
    weft_i_free(mark);
    return status;
}
