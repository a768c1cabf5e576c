/* train/plan.c: what a training will hold, told or refused before its first step. */
#include "graph/graph.h"
#include "train/train.h"

#include <stdio.h>
#include <unistd.h>

int64_t weft_i_plan_graph(const weft_graph_t *g)
{
    if (!g) return 0;
    int64_t arcs = g->n_arcs * (int64_t)sizeof(int32_t), offset = (int64_t)sizeof(int64_t);
    return (g->n_dst + 1) * offset + arcs * (g->edge_id ? 2 : 1) + (g->r_place ? (g->n_src + 1) * offset + 2 * arcs : 0);
}

int64_t weft_i_plan_task(const weft_node_task_t *t, const weft_real_t *x)
{
    int64_t cells = t->n_nodes * t->n_features, dense = (t->x && !t->x_mapped ? cells : 0) + (x && x != t->x ? cells : 0);
    return weft_i_plan_graph(t->graph) + dense * (int64_t)sizeof(weft_real_t) + (t->label ? t->n_nodes * (int64_t)sizeof *t->label : 0);
}

int64_t weft_i_plan_program(const weft_train_options_t *o, int64_t known)
{
    long long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f) return 0;
    if (fscanf(f, "%lld %lld", &pages, &resident) != 2) resident = 0;
    fclose(f);
    int64_t own = (int64_t)resident * sysconf(_SC_PAGESIZE) - known, most = o->max_memory > 0 ? o->max_memory / 16 : INT64_MAX;
    return own < 0 ? 0 : own < most ? own : most;
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
    if (o->on_plan) o->on_plan(o->on_plan_context, p);
    if (o->max_memory <= 0 || p->total <= o->max_memory) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-memory", NULL, 0, 0, "%.1f MiB are needed, %.1f are allowed: a step %.1f, an evaluation %.1f, parameters %.1f, data %.1f", (double)p->total / mib, (double)o->max_memory / mib,
                  (double)p->step / mib, (double)p->evaluation / mib, (double)p->parameters / mib, (double)p->data / mib);
    return WEFT_ELIMIT;
}
