/* features/time21_time.c: the timing engine's answer for a design of the 21-design set, in the set's columns. */
#include "base/alloc.h"
#include "base/status.h"
#include "features/time21.h"
#include "timing/timer.h"

#include <math.h>

static const float none = 0.0f; /* pins of constant nets have no arrival: the set says 0 */
static float ns(double seconds) { return isfinite(seconds) ? (float)(seconds * 1e9) : none; }

/* Delay of timer edge e by column; several input edges of one output edge: the extreme. */
static void by_column(const weft_timer_t *m, int32_t e, float *out)
{
    for (int32_t k = 0; k < 4; k++) {
        double best = NAN;
        for (int32_t from = 0; from < 2; from++) {
            int32_t pair = 2 * from + (k & 1), el = k >> 1;
            if (!(m->edge_pairs[e] >> pair & 1)) continue;
            double d = (double)weft_i_edge_delay(m, e, pair)[el];
            if (!isnan(d) && (isnan(best) || (el ? d > best : d < best))) best = d;
        }
        out[k] = ns(best);
    }
}

void weft_i_time21_collect(const weft_time21_t *t, const weft_timer_t *m, weft_time21_answer_t *a)
{
    for (int64_t i = 0; i < t->n_nodes; i++) {
        bool driver = t->node[10 * i + 1] > 0.5f;
        weft_pin_timing_t p = weft_timer_pin(m, 0, t->node_pin[i], driver);
        for (int32_t k = 0; k < 4; k++) {
            a->arrival[4 * i + k] = t->invalid[i] ? none : ns(p.arrival[k >> 1][k & 1]);
            a->slew[4 * i + k] = t->invalid[i] ? none : ns((double)p.slew[k >> 1][k & 1]);
            a->net_delay[4 * i + k] = none;
        }
    }
    for (int32_t i = 0; i < t->n_net; i++) {
        int32_t from = m->driver_node[t->node_pin[t->from[i]]], to = m->load_node[t->node_pin[t->to[i]]];
        for (int32_t e = from < 0 ? 0 : m->out_first[from]; from >= 0 && to >= 0 && e < m->out_first[from + 1]; e++)
            if (m->edge_to[e] == to && m->edge_kind[e] == WEFT_I_EDGE_NET) by_column(m, e, a->net_delay + 4 * (int64_t)t->to[i]);
    }
    for (int32_t i = 0; i < t->n_cell; i++) {
        float *out = a->cell_delay + 4 * (int64_t)i;
        int32_t from = m->load_node[t->node_pin[t->from[t->n_net + i]]], to = m->driver_node[t->node_pin[t->to[t->n_net + i]]];
        for (int32_t k = 0; k < 4; k++) out[k] = none;
        if (t->arc_kind[i] >= WEFT_TIME21_ASYNC_OFF || from < 0 || to < 0) continue;
        bool exact = false;
        for (int32_t e = m->out_first[from]; e < m->out_first[from + 1] && !exact; e++) {
            if (m->edge_to[e] != to || m->edge_kind[e] == WEFT_I_EDGE_NET) continue;
            exact = m->edge_arc[e] == t->label_arc[i];
            by_column(m, e, out);
        }
    }
}

weft_status_t weft_i_time21_time(const weft_time21_t *t, const weft_wires_t *wires, weft_timer_t **timer, weft_time21_answer_t *answer, weft_diag_t *diag)
{
    const weft_timing_options_t options = {.wires = wires};
    weft_status_t status = weft_timer_new(timer, t->design, t->constraints, &options, diag);
    if (status == WEFT_OK) weft_i_time21_collect(t, *timer, answer);
    return status;
}
