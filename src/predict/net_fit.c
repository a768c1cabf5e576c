/* predict/net_fit.c: the net of a hybrid fitted to the nets of routed designs. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "predict/calibration.h"
#include "predict/net_model.h"
#include "weft/net_model.h"
#include "weft/train.h"

#include <math.h>
#include <string.h>

enum { F = WEFT_I_N_NET_COLUMNS, OUT = WEFT_I_NET_OUT };

/* A design with its targets; both already times the root of the weight. */
typedef struct sample { const weft_i_net_graph_t *graph; float *x, *target, *weight; } sample_t;

static void sample_destroy(sample_t *s)
{
    weft_i_free(s->x);
    weft_i_free(s->target);
    weft_i_free(s->weight);
    *s = (sample_t){0};
}

static void norm(weft_i_net_model_t *net, const weft_calibration_t *c, const bool *out)
{
    double sum[F] = {0}, square[F] = {0}, n = 0.0;
    for (int32_t k = 0; k < c->n_designs; k++)
        for (int64_t i = 0; i < c->design[k].graph.n && !(out && out[k]); i++, n += 1.0)
            for (int32_t f = 0; f < F; f++) {
                double v = (double)c->design[k].graph.x[i * F + f];
                sum[f] += v;
                square[f] += v * v;
            }
    for (int32_t f = 0; f < F && n > 0.0; f++) {
        double mean = sum[f] / n, variance = square[f] / n - mean * mean;
        net->mean->value[f] = (weft_real_t)mean;
        net->deviation->value[f] = (weft_real_t)(variance > 1e-8 ? sqrt(variance) : 1.0);
    }
}

/* Weights are taken over the design's mean, so that a step of a large design is as long as one of a small. */
static weft_status_t sample_init(sample_t *s, const weft_calibration_t *c, const weft_i_design_rows_t *d, const weft_wire_model_t *m, const weft_i_net_model_t *net)
{
    weft_status_t status = WEFT_OK;
    int32_t n = d->graph.n;
    double sum[2] = {0};
    *s = (sample_t){.graph = &d->graph};
    WEFT_TRY_ALLOC(s->x = weft_i_aligned((size_t)n * F * sizeof *s->x + 64));
    WEFT_TRY_ALLOC(s->target = weft_i_malloc((size_t)n * OUT * sizeof *s->target + 1));
    WEFT_TRY_ALLOC(s->weight = weft_i_calloc((size_t)n * OUT + 1, sizeof *s->weight));
    weft_i_net_model_input(net, &d->graph, 0, d->graph.n, s->x);
    for (int64_t i = 0; i < (int64_t)n * OUT; i++) s->target[i] = NAN;
    for (int64_t i = d->first, node = 0; i < d->first + d->n; i++) {
        const weft_i_net_row_t *r = &c->rows.row[i];
        while (node < n && d->graph.net[node] < r->net) node++;
        if (node == n || d->graph.net[node] != r->net) continue;
        for (int32_t k = 0; k < 2; k++) {
            double plain = k ? weft_i_plain_elmore(m, r) : weft_i_plain_cap(m, r), truth = k ? (double)r->elmore : (double)r->cap, w = k ? weft_i_res_weight(d, r) : weft_i_cap_weight(d, r);
            if (!(plain > 0.0) || (k && !weft_i_has_elmore(r))) continue;
            s->target[node * OUT + k] = (float)weft_i_clip_log(log(truth / plain));
            s->weight[node * OUT + k] = (float)w;
            sum[k] += w;
        }
    }
    for (int64_t i = 0; i < (int64_t)n * OUT; i++) {
        double share = sum[i % OUT] > 0.0 ? (double)s->weight[i] * n / sum[i % OUT] : 0.0;
        s->weight[i] = (float)sqrt(fmin(share, 30.0));
        s->target[i] *= s->weight[i];
    }
done:
    if (status != WEFT_OK) sample_destroy(s);
    return status;
}

static weft_status_t step(const weft_i_net_model_t *net, const sample_t *s, weft_tape_t *tape, double dropout, weft_diag_t *diag)
{
    weft_params_zero_grad(net->params);
    weft_var_t *y = weft_mul(weft_i_net_model(net, tape, s->graph, s->x, dropout), weft_tape_constant(tape, s->weight, s->graph->n, OUT));
    weft_status_t status = weft_tape_backward(tape, weft_regression_loss(y, s->target, NULL, 0, WEFT_HUBER, 0.5), diag);
    weft_tape_reset(tape);
    return status;
}

static void shuffle(int32_t *order, int32_t n, weft_i_rng_t *rng)
{
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t j = (int32_t)weft_i_rng_below(rng, i + 1), swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

/* One net after the other, of seeds that follow each other. */
static weft_status_t fit_member(const weft_calibration_t *c, const bool *out, weft_wire_model_t *m, const weft_net_options_t *o, int32_t member, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t epochs = o->epochs, n = 0;
    uint64_t seed = o->seed + (uint64_t)member;
    weft_i_net_model_t net = {0};
    sample_t *s = weft_i_calloc((size_t)c->n_designs + 1, sizeof *s);
    weft_tape_t *tape = weft_tape_new();
    weft_optim_t *optim = NULL;
    int32_t *order = weft_i_malloc(((size_t)c->n_designs + 1) * sizeof *order);
    weft_i_rng_t rng = {seed, 91, 0};
    WEFT_TRY_ALLOC(s && tape && order);
    WEFT_TRY(weft_i_net_model_init(&net, seed, o->kind == WEFT_NET_MLP));
    WEFT_TRY_ALLOC(optim = weft_optim_new(net.params, WEFT_ADAMW, 1e-3, 0.0));
    norm(&net, c, out);
    for (int32_t k = 0; k < c->n_designs; k++)
        if (!(out && out[k])) WEFT_TRY(sample_init(&s[n++], c, &c->design[k], m, &net));
    for (int32_t i = 0; i < n; i++) order[i] = i;
    weft_tape_set_training(tape, true);
    for (int32_t e = 0, k = 0; e < epochs; e++) {
        shuffle(order, n, &rng);
        for (int32_t i = 0; i < n; i++, k++) {
            double lr = o->lr * 0.5 * (1.0 + cos(M_PI * k / ((double)epochs * n)));
            weft_tape_set_seed(tape, seed, (uint64_t)k);
            WEFT_TRY(step(&net, &s[order[i]], tape, o->dropout, diag));
            weft_optim_step(optim, lr, 1.0);
        }
        double done = (member + (double)(e + 1) / epochs) / o->members;
        if (o->progress && !o->progress(o->progress_context, "train", done)) WEFT_TRY(WEFT_ECANCEL);
    }
    WEFT_TRY(weft_i_net_model_keep(&net, member, m));
done:
    for (int32_t i = 0; i < n && s; i++) sample_destroy(&s[i]);
    weft_i_free(s);
    weft_i_free(order);
    weft_optim_free(optim);
    weft_tape_free(tape);
    weft_i_net_model_destroy(&net);
    return status;
}

weft_status_t weft_calibration_fit_net(const weft_calibration_t *c, const bool *out, weft_wire_model_t *m, const weft_net_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_net_options_t o = options ? *options : (weft_net_options_t){.dropout = -1.0};
    if (o.epochs <= 0) o.epochs = 60;
    if (o.members <= 0) o.members = WEFT_NET_MEMBERS;
    if (!(o.lr > 0.0)) o.lr = 3e-3;
    if (o.dropout < 0.0) o.dropout = 0.1;
    weft_i_kept_free(m->kept, m->n_kept);
    m->kept = NULL;
    m->n_kept = 0;
    m->net_alone = o.kind == WEFT_NET_MLP;
    for (int32_t k = 0; k < o.members && status == WEFT_OK; k++) status = fit_member(c, out, m, &o, k, diag);
    return status;
}
