/* predict/hybrid.c: see weft/hybrid.h. */
#include "weft/hybrid.h"
#include "base/alloc.h"
#include "base/status.h"
#include "features/time21.h"
#include "predict/wire_net.h"
#include "weft/train.h"

#include <math.h>
#include <string.h>

struct weft_hybrid { weft_i_wire_net_t net; weft_wire_model_t *base; };

/* What the base wires are: fF/um and ohm/um, the middle of what sky130 designs show. */
static const char *const base_wires = "steiner:0.16,2.0";

enum { F = WEFT_I_N_PIN_FEATURES, OUT = WEFT_I_WIRE_NET_OUT };
static const double loss_share[OUT] = {1.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5};

/* A design with what training or an answer needs. */
typedef struct sample {
    const weft_time21_t *t;
    weft_wires_t *base, *wires; /* wires: with factors of their own */
    weft_timer_t *timer;        /* on the base wires */
    weft_i_pin_graph_t graph;
    float *x, *target, *weight; /* normed columns; [n_pins, OUT] */
} sample_t;

static void sample_destroy(sample_t *s)
{
    weft_timer_free(s->timer);
    weft_wires_free(s->base);
    weft_wires_free(s->wires);
    weft_i_pin_graph_destroy(&s->graph);
    weft_i_free(s->x);
    weft_i_free(s->target);
    weft_i_free(s->weight);
    *s = (sample_t){0};
}

/* Wires of the base model with a factor of 1 for every net. */
static weft_status_t plain_wires(weft_wires_t **wires, const weft_wire_model_t *base, const weft_design_t *d, weft_diag_t *diag)
{
    weft_status_t status = weft_wires_new(wires, base, d, 0.0, diag);
    if (status != WEFT_OK) return status;
    WEFT_TRY_ALLOC((*wires)->cap_scale = weft_i_malloc(((size_t)d->n_nets + 1) * sizeof(float)));
    WEFT_TRY_ALLOC((*wires)->res_scale = weft_i_malloc(((size_t)d->n_nets + 1) * sizeof(float)));
    for (int32_t i = 0; i < d->n_nets; i++) (*wires)->cap_scale[i] = (*wires)->res_scale[i] = 1.0f;
done:
    return status;
}

static weft_status_t sample_init(sample_t *s, const weft_hybrid_t *h, const weft_time21_t *t, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *s = (sample_t){.t = t};
    WEFT_TRY(plain_wires(&s->base, h->base, t->design, diag));
    WEFT_TRY(plain_wires(&s->wires, h->base, t->design, diag));
    const weft_timing_options_t options = {.wires = s->base};
    WEFT_TRY(weft_i_timer_begin(&s->timer, t->design, t->constraints, &options, NULL, diag));
    WEFT_TRY(weft_i_pin_graph_init(&s->graph, t->design, s->timer, diag));
    WEFT_TRY_ALLOC(s->x = weft_i_aligned((size_t)s->graph.n_pins * F * sizeof *s->x + 64));
done:
    if (status != WEFT_OK) sample_destroy(s);
    return status;
}

static double log_ps(double ns) { return log(0.1 + fmax(ns, 0.0) * 1e3); }

/* Targets and their weights: the factors sought by the fit as far as delays know them; what the engine, with these wires, misses of slews;
 * what it misses with the base wires of net delays. */
static weft_status_t targets(sample_t *s, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_time21_t *t = s->t;
    int32_t n_nets = t->design->n_nets, n_pins = t->design->n_pins;
    double *weight[2] = {NULL, NULL}, sum[2] = {0};
    weft_timer_t *m = NULL;
    weft_time21_answer_t a = {0};
    for (int32_t k = 0; k < 2; k++) WEFT_TRY_ALLOC(weight[k] = weft_i_malloc(((size_t)n_nets + 1) * sizeof *weight[k]));
    WEFT_TRY_ALLOC(s->target = weft_i_malloc((size_t)n_pins * OUT * sizeof *s->target + 1));
    WEFT_TRY_ALLOC(s->weight = weft_i_calloc((size_t)n_pins * OUT + 1, sizeof *s->weight));
    WEFT_TRY(weft_i_time21_fit(t, s->wires, weight[0], weight[1], diag));
    WEFT_TRY(weft_time21_answer_init(&a, t));
    WEFT_TRY(weft_i_time21_time(t, s->wires, &m, &a, NULL));
    for (int64_t i = 0; i < (int64_t)n_pins * OUT; i++) s->target[i] = NAN;
    int64_t n = 0;
    for (int32_t i = 0; i < n_nets; i++, n++)
        for (int32_t k = 0; k < 2; k++) sum[k] += sqrt(weight[k][i]);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        int32_t pin = t->node_pin[i], net = t->node_net[i];
        float *y = s->target + (int64_t)pin * OUT, *w = s->weight + (int64_t)pin * OUT;
        bool driver = t->node[10 * (int64_t)i + 1] > 0.5f;
        if (t->invalid[i]) continue;
        for (int32_t k = 0; k < 4; k++) {
            y[WEFT_I_OUT_SLEW + k] = (float)(log_ps(exp((double)t->at_slew[8 * (int64_t)i + 4 + k] - 3.0) - 1e-4) - log_ps((double)a.slew[4 * (int64_t)i + k]));
            if (!driver) y[WEFT_I_OUT_NET_DELAY + k] = (float)(log_ps(exp((double)t->net_delay[4 * (int64_t)i + k] - 7.6) - 1e-4) - (double)s->graph.x[(int64_t)pin * F + WEFT_I_PIN_NET_DELAY + k]);
        }
        for (int32_t k = 0; k < 2 && driver && net >= 0; k++) {
            double known = sum[k] > 0.0 ? sqrt(weight[k][net]) * (double)n / sum[k] : 0.0;
            y[k] = logf(k ? s->wires->res_scale[net] : s->wires->cap_scale[net]);
            w[k] = (float)sqrt(fmin(known, 10.0));
        }
        for (int32_t k = 2; k < OUT; k++) w[k] = 1.0f;
        for (int32_t k = 0; k < OUT; k++) {
            w[k] *= (float)sqrt(loss_share[k]);
            y[k] *= w[k];
        }
    }
done:
    weft_timer_free(m);
    weft_time21_answer_destroy(&a);
    weft_i_free(weight[0]);
    weft_i_free(weight[1]);
    return status;
}

static weft_status_t hybrid_new(weft_hybrid_t **model, uint64_t seed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_hybrid_t *h = weft_i_calloc(1, sizeof *h);
    *model = NULL;
    if (!h) return WEFT_ENOMEM;
    WEFT_TRY(weft_i_wire_net_init(&h->net, seed));
    WEFT_TRY(weft_wire_model_new(&h->base, base_wires, NULL, 0, diag));
    *model = h;
    h = NULL;
done:
    weft_hybrid_free(h);
    return status;
}

static weft_status_t step(weft_hybrid_t *h, const sample_t *s, weft_tape_t *tape, double dropout, weft_diag_t *diag)
{
    int64_t n = s->graph.n_pins;
    weft_params_zero_grad(h->net.params);
    weft_var_t *out = weft_i_wire_net(&h->net, tape, &s->graph, s->x, dropout);
    weft_var_t *loss = weft_regression_loss(weft_mul(out, weft_tape_constant(tape, s->weight, n, OUT)), s->target, NULL, 0, WEFT_HUBER, 1.0);
    weft_status_t status = weft_tape_backward(tape, loss, diag);
    weft_tape_reset(tape);
    return status;
}

weft_status_t weft_hybrid_train_time21(weft_hybrid_t **model, const weft_time21_t *const *designs, int32_t n, const weft_hybrid_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_hybrid_options_t o = options ? *options : (weft_hybrid_options_t){0};
    int32_t epochs = o.epochs > 0 ? o.epochs : 200;
    weft_hybrid_t *h = NULL;
    sample_t *s = NULL;
    const weft_i_pin_graph_t **graphs = NULL;
    weft_tape_t *tape = NULL;
    weft_optim_t *optim = NULL;
    *model = NULL;
    WEFT_TRY(hybrid_new(&h, o.seed, diag));
    WEFT_TRY_ALLOC(s = weft_i_calloc((size_t)n + 1, sizeof *s));
    WEFT_TRY_ALLOC(graphs = weft_i_malloc(((size_t)n + 1) * sizeof *graphs));
    WEFT_TRY_ALLOC(tape = weft_tape_new());
    WEFT_TRY_ALLOC(optim = weft_optim_new(h->net.params, WEFT_ADAMW, 1e-4, 0.0));
    for (int32_t i = 0; i < n; i++) {
        WEFT_TRY(sample_init(&s[i], h, designs[i], diag));
        WEFT_TRY(targets(&s[i], diag));
        graphs[i] = &s[i].graph;
    }
    weft_i_wire_net_norm(&h->net, graphs, n);
    for (int32_t i = 0; i < n; i++) weft_i_wire_net_input(&h->net, &s[i].graph, s[i].x);
    for (int32_t e = 0, k = 0; e < epochs; e++) {
        double lr = (o.lr > 0.0 ? o.lr : 3e-3) * 0.5 * (1.0 + cos(3.14159265358979 * e / epochs));
        for (int32_t i = 0; i < n; i++, k++) {
            weft_tape_set_seed(tape, o.seed, (uint64_t)k);
            WEFT_TRY(step(h, &s[(i + e) % n], tape, o.dropout, diag));
            weft_optim_step(optim, lr, 1.0);
        }
        if (o.progress && !o.progress(o.progress_context, "train", (double)(e + 1) / epochs)) WEFT_TRY(WEFT_ECANCEL);
    }
    *model = h;
    h = NULL;
done:
    for (int32_t i = 0; i < n && s; i++) sample_destroy(&s[i]);
    weft_i_free(s);
    weft_i_free(graphs);
    weft_tape_free(tape);
    weft_optim_free(optim);
    weft_hybrid_free(h);
    return status;
}

/* Net delays of a timer's edges replaced by those of the answer; before its search. */
static void put_net_delays(const weft_time21_t *t, weft_timer_t *m, const float *delay)
{
    for (int32_t i = 0; i < t->n_net; i++) {
        int32_t from = m->driver_node[t->node_pin[t->from[i]]], to = m->load_node[t->node_pin[t->to[i]]];
        for (int32_t e = from < 0 ? 0 : m->out_first[from]; from >= 0 && to >= 0 && e < m->out_first[from + 1]; e++) {
            if (m->edge_to[e] != to || m->edge_kind[e] != WEFT_I_EDGE_NET) continue;
            for (int32_t k = 0; k < 4; k++)
                if (m->edge_pairs[e] >> 3 * (k & 1) & 1) weft_i_edge_delay(m, e, 3 * (k & 1))[k >> 1] = delay[4 * (int64_t)t->to[i] + k] * 1e-9f;
        }
    }
}

weft_status_t weft_hybrid_time21(const weft_hybrid_t *h, const weft_time21_t *t, weft_time21_answer_t *answer, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    sample_t s = {0};
    weft_timer_t *m = NULL;
    weft_tape_t *tape = NULL;
    float *delay = NULL;
    WEFT_TRY(sample_init(&s, h, t, diag));
    WEFT_TRY_ALLOC(tape = weft_tape_new());
    WEFT_TRY_ALLOC(delay = weft_i_calloc((size_t)t->n_nodes * 4, sizeof *delay));
    weft_tape_set_training(tape, false);
    weft_i_wire_net_input(&h->net, &s.graph, s.x);
    weft_var_t *var = weft_i_wire_net(&h->net, tape, &s.graph, s.x, 0.0);
    WEFT_TRY(weft_tape_status(tape, diag));
    const float *out = weft_var_data(var);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        const float *y = out + (int64_t)t->node_pin[i] * OUT, *x = s.graph.x + (int64_t)t->node_pin[i] * F;
        bool driver = t->node[10 * (int64_t)i + 1] > 0.5f;
        if (driver && t->node_net[i] >= 0) {
            s.wires->cap_scale[t->node_net[i]] = expf(fminf(fmaxf(y[WEFT_I_OUT_CAP], -3.0f), 3.0f));
            s.wires->res_scale[t->node_net[i]] = expf(fminf(fmaxf(y[WEFT_I_OUT_RES], -3.0f), 3.0f));
        }
        for (int32_t k = 0; k < 4 && !driver; k++) delay[4 * (int64_t)i + k] = fmaxf(expf(x[WEFT_I_PIN_NET_DELAY + k] + fminf(fmaxf(y[WEFT_I_OUT_NET_DELAY + k], -4.0f), 4.0f)) - 0.1f, 0.0f) * 1e-3f;
    }
    const weft_timing_options_t options = {.wires = s.wires};
    WEFT_TRY(weft_i_timer_begin(&m, t->design, t->constraints, &options, NULL, NULL));
    put_net_delays(t, m, delay);
    WEFT_TRY(weft_i_timer_search(m, diag));
    weft_i_time21_collect(t, m, answer);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        const float *y = out + (int64_t)t->node_pin[i] * OUT;
        float *slew = answer->slew + 4 * (int64_t)i;
        for (int32_t k = 0; k < 4 && !t->invalid[i]; k++) slew[k] = (float)(fmax(exp(log_ps((double)slew[k]) + (double)fminf(fmaxf(y[WEFT_I_OUT_SLEW + k], -2.0f), 2.0f)) - 0.1, 0.0) * 1e-3);
    }
done:
    weft_i_free(delay);
    weft_timer_free(m);
    weft_tape_free(tape);
    sample_destroy(&s);
    return status;
}

weft_status_t weft_hybrid_write(const weft_hybrid_t *h, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag) { return weft_params_write(h->net.params, path, meta, n_meta, diag); }

weft_status_t weft_hybrid_read(weft_hybrid_t **model, const char *path, weft_diag_t *diag)
{
    weft_status_t status = hybrid_new(model, 0, diag);
    if (status == WEFT_OK) status = weft_params_read((*model)->net.params, path, diag);
    if (status == WEFT_OK) return status;
    weft_hybrid_free(*model);
    *model = NULL;
    return status;
}

int64_t weft_hybrid_n_parameters(const weft_hybrid_t *h) { return weft_params_count(h->net.params); }

void weft_hybrid_free(weft_hybrid_t *h)
{
    if (!h) return;
    weft_i_wire_net_destroy(&h->net);
    weft_wire_model_free(h->base);
    weft_i_free(h);
}
