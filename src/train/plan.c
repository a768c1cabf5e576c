/* train/plan.c: what a training will hold, told or refused before its first step. */
#include "train/train.h"

int64_t weft_i_plan_graph(const weft_graph_t *g)
{
    return g ? (weft_graph_n_src(g) + weft_graph_n_dst(g) + 2) * (int64_t)sizeof(int64_t) + 4 * weft_graph_n_arcs(g) * (int64_t)sizeof(int32_t) : 0;
}

static int64_t weights(const weft_graph_t *g) { return g ? 2 * weft_graph_n_arcs(g) * (int64_t)sizeof(weft_real_t) : 0; } /* in both orders */

int64_t weft_i_plan_topology(const weft_topology_t *t)
{
    int64_t sum = weft_i_plan_graph(t->graph) + weft_i_plan_graph(t->looped) + weights(t->looped ? t->looped : t->graph) + weft_i_plan_graph(t->own) + weft_i_plan_graph(t->one_step) + weights(t->one_step)
        + weft_i_plan_graph(t->two_steps) + weights(t->two_steps);
    for (int32_t r = 0; r < t->n_relations; r++) sum += weft_i_plan_graph(t->relation[r]);
    return sum;
}

int64_t weft_i_plan_params(const weft_params_t *p, const weft_train_options_t *o)
{
    return weft_params_total(p) * (int64_t)sizeof(weft_real_t) * (o->ema > 0.0 ? 7 : 5); /* values, gradients, two moments, the best; the average and what it stands in for */
}

weft_status_t weft_i_plan_check(weft_plan_t *p, const weft_train_options_t *o, weft_diag_t *diag)
{
    const double mib = 1024.0 * 1024.0;
    p->total = (p->step > p->evaluation ? p->step : p->evaluation) + p->parameters + p->data;
    if (o->plan) *o->plan = *p;
    if (o->max_memory <= 0 || p->total <= o->max_memory) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-memory", NULL, 0, 0, "%.1f MiB are needed, %.1f are allowed: a step %.1f, an evaluation %.1f, parameters %.1f, data %.1f", (double)p->total / mib, (double)o->max_memory / mib,
                  (double)p->step / mib, (double)p->evaluation / mib, (double)p->parameters / mib, (double)p->data / mib);
    return WEFT_ELIMIT;
}
