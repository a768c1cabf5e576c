/* features/time21_fit.c: what the labels say of every net's wire. The set has no parasitics, so they are sought: per net one factor of the
 * wire's capacitance, that makes the engine's gate delays those of the labels, and one of its resistance, for the net delays. Gauss-Newton
 * steps on all nets at once, each followed by a run of the engine. */
#include "base/alloc.h"
#include "base/status.h"
#include "features/time21.h"
#include "timing/wire_model.h"

#include <math.h>
#include <string.h>

enum { N_ROUNDS = 10 };
static const double noise = 0.5e-12; /* s: a factor that moves delays by less is not known */

typedef struct sums { double gg, ge; } sums_t; /* gradient by log factor: squares, and times the error */

/* d delay / d capacitance of an arc's table around a load. */
static double slope(const weft_library_t *l, int32_t arc, int32_t ap, int32_t to_edge, double slew, double load)
{
    int32_t table = l->arc_table[l->arc[arc].table_at + 4 * ap + to_edge];
    if (table < 0) return 0.0;
    double step = fmax(0.05 * load, 1e-16);
    return (weft_table_at(l, table, slew, load + step, 0.0) - weft_table_at(l, table, slew, load, 0.0)) / step;
}

static void gate_sums(const weft_time21_t *t, const weft_timer_t *m, const weft_time21_answer_t *a, const double *wire, const double *load, sums_t *cap)
{
    const weft_library_t *l = t->design->library;
    for (int32_t i = 0; i < t->n_cell; i++) {
        int32_t from = t->from[t->n_net + i], to = t->to[t->n_net + i], net = t->node_net[to];
        const float *label = t->cell_delay + 4 * (int64_t)i;
        if (t->arc_kind[i] >= WEFT_TIME21_ASYNC_OFF || net < 0 || (label[0] == 0.0f && label[2] == 0.0f)) continue;
        uint8_t edges = l->arc[t->label_arc[i]].edges;
        for (int32_t k = 0; k < 4; k++) {
            int32_t in_edge = edges >> (k & 1) & 1 ? 0 : 1; /* the input edge behind this output edge */
            double slew = (double)weft_i_slew(m, m->load_node[t->node_pin[from]], in_edge)[k >> 1];
            double g = isfinite(slew) ? slope(l, t->label_arc[i], k >> 1, k & 1, slew, load[net]) * wire[net] : 0.0;
            double error = ((double)label[k] - (double)a->cell_delay[4 * (int64_t)i + k]) * 1e-9;
            cap[net].gg += g * g;
            cap[net].ge += g * error;
        }
    }
}

static void wire_sums(const weft_time21_t *t, const weft_time21_answer_t *a, sums_t *res)
{
    for (int32_t i = 0; i < t->n_net; i++) {
        int32_t net = t->node_net[t->to[i]];
        if (net < 0 || t->invalid[t->to[i]]) continue;
        for (int32_t k = 0; k < 4; k++) {
            double model = (double)a->net_delay[4 * (int64_t)t->to[i] + k] * 1e-9, label = fmax(exp((double)t->net_delay[4 * (int64_t)t->to[i] + k] - 7.6) - 1e-4, 0.0) * 1e-9;
            res[net].gg += model * model; /* delay is near proportional to resistance */
            res[net].ge += model * (label - model);
        }
    }
}

/* Wire capacitance of every net by the base model, and what its pins add. */
static weft_status_t capacitances(const weft_time21_t *t, const weft_wires_t *wires, double *wire, double *load)
{
    const weft_design_t *d = t->design;
    weft_parasitics_t *p = NULL;
    weft_status_t status = weft_wires_store(&p, wires);
    for (int32_t net = 0; net < d->n_nets && status == WEFT_OK; net++) {
        weft_rc_net_t v = weft_parasitics_net(p, net);
        wire[net] = 0.0;
        for (int32_t i = 0; i < v.n_nodes; i++) wire[net] += (double)v.cap[i];
        load[net] = wire[net];
    }
    for (int32_t i = 0; i < t->n_nodes && status == WEFT_OK; i++)
        if (t->node_net[i] >= 0) load[t->node_net[i]] += 0.25e-12 * ((double)t->node[10 * (int64_t)i + 6] + (double)t->node[10 * (int64_t)i + 7] + (double)t->node[10 * (int64_t)i + 8] + (double)t->node[10 * (int64_t)i + 9]);
    weft_parasitics_free(p);
    return status;
}

static double clip(double v, double most) { return v > most ? most : v < -most ? -most : v; }

weft_status_t weft_i_time21_fit(const weft_time21_t *t, weft_wires_t *w, double *cap_weight, double *res_weight, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t n = t->design->n_nets;
    weft_timer_t *m = NULL;
    weft_time21_answer_t a = {0};
    double *wire = NULL, *load = NULL;
    sums_t *cap = NULL, *res = NULL;
    if (!t->net_delay || !t->cell_delay) {
        weft_diag_add(diag, WEFT_ERROR, "time21-file", t->name, 0, 0, "labels of net and cell delays are needed to fit");
        return WEFT_EINPUT;
    }
    WEFT_TRY(weft_time21_answer_init(&a, t));
    WEFT_TRY_ALLOC(wire = weft_i_malloc(((size_t)n + 1) * sizeof *wire));
    WEFT_TRY_ALLOC(load = weft_i_malloc(((size_t)n + 1) * sizeof *load));
    WEFT_TRY_ALLOC(cap = weft_i_malloc(((size_t)n + 1) * sizeof *cap));
    WEFT_TRY_ALLOC(res = weft_i_malloc(((size_t)n + 1) * sizeof *res));
    for (int32_t round = 0; round < N_ROUNDS; round++) {
        memset(cap, 0, (size_t)n * sizeof *cap);
        memset(res, 0, (size_t)n * sizeof *res);
        weft_timer_free(m);
        m = NULL;
        WEFT_TRY(weft_i_time21_time(t, w, &m, &a, round ? NULL : diag));
        WEFT_TRY(capacitances(t, w, wire, load));
        gate_sums(t, m, &a, wire, load, cap);
        wire_sums(t, &a, res);
        for (int32_t i = 0; i < n; i++) {
            double pull = 4.0 * noise * noise;
            double log_cap = log((double)w->cap_scale[i]), log_res = log((double)w->res_scale[i]), dc = clip(cap[i].ge / (cap[i].gg + pull), 0.5), dr = clip(res[i].ge / (res[i].gg + pull), 0.5);
            w->cap_scale[i] = (float)exp(clip(log_cap + dc, 2.5));
            w->res_scale[i] = (float)exp(clip(log_res + dr - dc, 2.5)); /* at once: the delay goes by the product */
            cap_weight[i] = cap[i].gg;
            res_weight[i] = res[i].gg;
        }
    }
done:
    weft_timer_free(m);
    weft_time21_answer_destroy(&a);
    weft_i_free(wire);
    weft_i_free(load);
    weft_i_free(cap);
    weft_i_free(res);
    return status;
}
