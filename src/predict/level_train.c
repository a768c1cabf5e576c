/* predict/level_train.c: training and answers of the networks of level_net.h. */
#include "predict/level_net.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "weft/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct sample {
    weft_i_level_data_t d;
    weft_time21_t *window; /* of training; owned */
    float *net_target;     /* [n, 4] log net delay; NaN: not counted */
    float *sink_target;    /* [n_net, 8] */
    float *output_target;  /* [n_dst, 8] */
    float *cell_target;    /* [n_cell of the step, 4] */
} sample_t;

static void sample_destroy(sample_t *s)
{
    weft_i_level_data_destroy(&s->d);
    weft_time21_free(s->window);
    weft_i_free(s->net_target);
    weft_i_free(s->sink_target);
    weft_i_free(s->output_target);
    weft_i_free(s->cell_target);
}

static const weft_i_level_norm_t *norm_of(const weft_level_net_t *m) { return (const weft_i_level_norm_t *)(const void *)m->norm->value; }

/* n rows of normed labels of the nodes; rows that do not count are NaN. */
static float *targets(const weft_time21_t *t, const float *label, int32_t cols, const int32_t *node, int64_t n, const float mean[], const float deviation[])
{
    float *y = weft_i_malloc((size_t)(n * cols + 1) * sizeof *y);
    for (int64_t i = 0; y && i < n; i++)
        for (int32_t k = 0; k < cols; k++) {
            int64_t v = node ? node[i] : i;
            y[i * cols + k] = t->invalid[v] ? NAN : (label[v * cols + k] - mean[k]) / deviation[k];
        }
    return y;
}

/* A window of a design, or (whole) a design to answer for. */
static weft_status_t sample_init(sample_t *s, const weft_level_net_t *m, const weft_time21_t *t, bool labels, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_level_norm_t *norm = norm_of(m);
    WEFT_TRY(weft_i_level_data_init(&s->d, t, norm, !labels, diag));
    if (!labels) return WEFT_OK;
    const weft_i_level_step_t *w = &s->d.whole;
    WEFT_TRY_ALLOC(s->net_target = targets(t, t->net_delay, 4, NULL, t->n_nodes, norm->net[0], norm->net[1]));
    int32_t *sink = weft_i_malloc(((size_t)w->n_net + 1) * sizeof *sink);
    if (!sink) return WEFT_ENOMEM;
    for (int32_t i = 0; i < w->n_net; i++) sink[i] = t->to[w->net[i]];
    s->sink_target = targets(t, t->at_slew, 8, sink, w->n_net, norm->state[0], norm->state[1]);
    weft_i_free(sink);
    if (!s->sink_target) return WEFT_ENOMEM;
    WEFT_TRY_ALLOC(s->output_target = targets(t, t->at_slew, 8, w->dst, w->n_dst, norm->state[0], norm->state[1]));
    WEFT_TRY_ALLOC(s->cell_target = weft_i_malloc(((size_t)w->n_cell * 4 + 1) * sizeof(float)));
    for (int64_t i = 0; i < (int64_t)w->n_cell * 4; i++)
        s->cell_target[i] = t->invalid[t->to[t->n_net + w->cell[i / 4]]] ? NAN : (t->cell_delay[4 * (int64_t)w->cell[i / 4] + i % 4] - norm->cell[0][i % 4]) / norm->cell[1][i % 4];
done:
    return status;
}

/* The designs in parts within the budget, four levels of context around each. */
enum { CONTEXT = 4 };
static weft_status_t windows(sample_t **samples, int32_t *n, const weft_level_net_t *m, const weft_time21_t *const *designs, int32_t n_designs, int64_t budget, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t room = 0;
    int32_t *first = NULL, n_parts;
    for (int32_t k = 0; k < n_designs; k++) {
        if (!designs[k]->net_delay || !designs[k]->cell_delay) {
            weft_diag_add(diag, WEFT_ERROR, "time21-file", designs[k]->name, 0, 0, "labels of net and cell delays are needed to train");
            WEFT_TRY(WEFT_EINPUT);
        }
        WEFT_TRY(weft_time21_partition(&first, &n_parts, designs[k], budget));
        for (int32_t i = 0; i < n_parts; i++) {
            if (!WEFT_I_ROOM(*samples, room, *n + 1)) WEFT_TRY(WEFT_ENOMEM);
            sample_t *s = &(*samples)[(*n)++];
            *s = (sample_t){0};
            WEFT_TRY(weft_time21_window(&s->window, designs[k], first[i], first[i + 1], CONTEXT));
            WEFT_TRY(sample_init(s, m, s->window, true, diag));
        }
        free(first);
        first = NULL;
    }
done:
    free(first);
    return status;
}

/* Mean squares, in the training set's deviations, of states (arrival and log slew of all nodes that a step gives), log net delays and cell delays. */
static weft_var_t *loss_of(const weft_level_net_t *m, weft_tape_t *tape, const sample_t *s)
{
    const weft_i_level_step_t *w = &s->d.whole;
    weft_i_level_out_t o = weft_i_level_embed(m, tape, &s->d);
    weft_i_level_state_t y = weft_i_level_step(m, tape, w, weft_tape_constant(tape, s->d.state, s->d.n, WEFT_I_STATE), o.embedding);
    double n = (double)w->n_net + w->n_dst, weight = 4.0; /* an error of arrival goes on to all levels behind */
    weft_var_t *loss = weft_regression_loss(o.net_delay, s->net_target, NULL, 0, WEFT_MSE, 0.0);
    if (y.sinks) loss = weft_mix(1.0, loss, weight * w->n_net / n, weft_regression_loss(y.sinks, s->sink_target, NULL, 0, WEFT_MSE, 0.0));
    if (y.outputs) loss = weft_mix(1.0, loss, weight * w->n_dst / n, weft_regression_loss(y.outputs, s->output_target, NULL, 0, WEFT_MSE, 0.0));
    return y.cell_delay ? weft_add(loss, weft_regression_loss(y.cell_delay, s->cell_target, NULL, 0, WEFT_MSE, 0.0)) : loss;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct trainer {
    weft_level_net_t *m;
    sample_t *s;
    int32_t n, *order;
    const weft_level_net_options_t *o;
    weft_tape_t *tape;
    weft_optim_t *optim, *decoder_optim;
    double start, spent; /* seconds: of this process; of those before */
} trainer_t;

static weft_status_t one_step(trainer_t *r, const sample_t *s, bool pretrain, double lr, double *loss, weft_diag_t *diag)
{
    weft_level_net_t *m = r->m;
    weft_params_zero_grad(m->params);
    weft_params_zero_grad(m->decoder_params);
    weft_var_t *l = pretrain ? weft_i_level_reconstruct(m, r->tape, &s->d) : loss_of(m, r->tape, s);
    weft_status_t status = weft_tape_backward(r->tape, l, diag);
    if (status == WEFT_OK) {
        *loss += (double)weft_var_data(l)[0] / r->n;
        weft_optim_step(r->optim, lr, pretrain ? 0.0 : 1e3);
        if (pretrain) weft_optim_step(r->decoder_optim, lr, 0.0);
    }
    weft_tape_reset(r->tape);
    return status;
}

/* Designs in an order of their own in every epoch. */
static void shuffle(trainer_t *r, int32_t epoch)
{
    weft_i_rng_t rng = {r->o->seed, 0x6c65766e + (uint64_t)epoch, 0};
    for (int32_t i = 0; i < r->n; i++) r->order[i] = i;
    for (int32_t i = r->n - 1; i > 0; i--) {
        int32_t k = (int32_t)weft_i_rng_below(&rng, i + 1), x = r->order[i];
        r->order[i] = r->order[k];
        r->order[k] = x;
    }
}

static weft_status_t epochs_of(trainer_t *r, bool pretrain, int32_t n_epochs, int32_t first, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    double base = r->o->lr > 0.0 ? r->o->lr : 1e-3, saved = now();
    bool stop = false;
    for (int32_t e = first; e < n_epochs && !stop; e++) {
        double seconds = now() - r->start, done = (double)e / n_epochs, loss = 0.0;
        if (!pretrain && r->o->seconds > 0.0) done = fmax(done, seconds / r->o->seconds); /* the rate is run down when time is out */
        if (done >= 1.0) break;
        double lr = base * 0.5 * (1.0 + cos(3.14159265358979 * done));
        shuffle(r, e + (pretrain ? 1000000 : 0));
        for (int32_t i = 0; i < r->n; i++) WEFT_TRY(one_step(r, &r->s[r->order[i]], pretrain, lr, &loss, diag));
        if (!isfinite(loss)) {
            weft_diag_add(diag, WEFT_ERROR, "train-diverged", NULL, 0, 0, "the loss of epoch %d is no number", e);
            WEFT_TRY(WEFT_ECHECK);
        }
        stop = r->o->progress && !r->o->progress(r->o->progress_context, pretrain ? e - n_epochs : e, loss, now() - r->start);
        if (!pretrain && r->o->checkpoint && (stop || now() - saved > 60.0)) {
            WEFT_TRY(weft_params_write(r->m->params, r->o->checkpoint, NULL, 0, diag));
            saved = now();
        }
    }
done:
    return status;
}

weft_status_t weft_level_net_train(weft_level_net_t **net, const char *model, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_level_net_options_t o = options ? *options : (weft_level_net_options_t){0};
    trainer_t r = {.o = &o, .start = now()};
    *net = NULL;
    WEFT_TRY(weft_level_net_new(&r.m, model, o.seed, diag));
    WEFT_TRY(weft_i_level_norm_of((weft_i_level_norm_t *)(void *)r.m->norm->value, designs, n, diag));
    WEFT_TRY(windows(&r.s, &r.n, r.m, designs, n, o.budget > 0 ? o.budget : 4000, diag));
    WEFT_TRY_ALLOC(r.order = weft_i_malloc(((size_t)r.n + 1) * sizeof *r.order));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    bool resumed = o.checkpoint && access(o.checkpoint, R_OK) == 0;
    if (resumed) WEFT_TRY(weft_params_read(r.m->params, o.checkpoint, diag));
    WEFT_TRY_ALLOC(r.optim = weft_optim_new(r.m->params, WEFT_ADAM, 0.0, 0.0));
    WEFT_TRY_ALLOC(r.decoder_optim = weft_optim_new(r.m->decoder_params, WEFT_ADAM, 0.0, 0.0));
    if (r.m->kind->attention && !resumed) {
        WEFT_TRY(epochs_of(&r, true, o.pretrain_epochs > 0 ? o.pretrain_epochs : 200, 0, diag));
        weft_optim_free(r.optim); /* moments of another loss */
        WEFT_TRY_ALLOC(r.optim = weft_optim_new(r.m->params, WEFT_ADAM, 0.0, 0.0));
    }
    WEFT_TRY(epochs_of(&r, false, o.epochs > 0 ? o.epochs : 400, 0, diag));
    *net = r.m;
    r.m = NULL;
done:
    for (int32_t i = 0; i < r.n && r.s; i++) sample_destroy(&r.s[i]);
    weft_i_free(r.s);
    weft_i_free(r.order);
    weft_tape_free(r.tape);
    weft_optim_free(r.optim);
    weft_optim_free(r.decoder_optim);
    weft_level_net_free(r.m);
    return status;
}

/* ---- answers ---------------------------------------------------------------------------------------------------------- */
static weft_status_t level(const weft_level_net_t *m, weft_tape_t *tape, weft_i_level_step_t *s, const weft_i_level_data_t *d, const float *embedding, int64_t h, float *state, weft_time21_answer_t *a, weft_diag_t *diag)
{
    const weft_i_level_norm_t *norm = norm_of(m);
    weft_status_t status = weft_i_level_step_fill(s, d, diag);
    if (status != WEFT_OK) return status;
    weft_i_level_state_t y = weft_i_level_step(m, tape, s, weft_tape_constant(tape, state, d->n, WEFT_I_STATE), weft_tape_constant(tape, embedding, d->n, h));
    WEFT_TRY(weft_tape_status(tape, diag));
    for (int32_t i = 0; i < s->n_net; i++) memcpy(state + 8 * (int64_t)d->t->to[s->net[i]], weft_var_data(y.sinks) + 8 * (int64_t)i, 8 * sizeof *state);
    for (int32_t i = 0; i < s->n_dst; i++) memcpy(state + 8 * (int64_t)s->dst[i], weft_var_data(y.outputs) + 8 * (int64_t)i, 8 * sizeof *state);
    for (int64_t i = 0; i < (int64_t)s->n_cell * 4; i++) a->cell_delay[4 * (int64_t)s->cell[i / 4] + i % 4] = weft_var_data(y.cell_delay)[i] * norm->cell[1][i % 4] + norm->cell[0][i % 4];
done:
    weft_tape_reset(tape);
    weft_i_level_step_destroy(s);
    return status;
}

weft_status_t weft_level_net_answer(const weft_level_net_t *m, const weft_time21_t *t, weft_time21_answer_t *a, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    sample_t s = {0};
    weft_tape_t *tape = NULL;
    const weft_i_level_norm_t *norm = norm_of(m);
    float *embedding = NULL, *state = NULL;
    WEFT_TRY(sample_init(&s, m, t, false, diag));
    WEFT_TRY_ALLOC(tape = weft_tape_new());
    weft_tape_set_training(tape, false);
    weft_i_level_out_t o = weft_i_level_embed(m, tape, &s.d);
    WEFT_TRY(weft_tape_status(tape, diag));
    int64_t h = weft_var_cols(o.embedding);
    WEFT_TRY_ALLOC(embedding = weft_i_aligned((size_t)(t->n_nodes * h) * sizeof *embedding));
    WEFT_TRY_ALLOC(state = weft_i_aligned((size_t)t->n_nodes * 8 * sizeof *state));
    memcpy(embedding, weft_var_data(o.embedding), (size_t)(t->n_nodes * h) * sizeof *embedding);
    for (int64_t i = 0; i < (int64_t)t->n_nodes * 4; i++)
        a->net_delay[i] = t->node[10 * (i / 4) + 1] > 0.5f ? 0.0f : (float)fmax(exp((double)(weft_var_data(o.net_delay)[i] * norm->net[1][i % 4] + norm->net[0][i % 4]) - 7.6) - 1e-4, 0.0);
    weft_tape_reset(tape);
    for (int64_t i = 0; i < (int64_t)t->n_nodes * 8; i++) { /* the labels of primary inputs are given, all other states come from the network */
        float none = i % 8 < 4 ? 0.0f : -6.2103f;
        state[i] = t->is_input[i / 8] ? s.d.state[i] : (none - norm->state[0][i % 8]) / norm->state[1][i % 8];
    }
    for (int32_t l = 0; l < s.d.n_steps; l++) WEFT_TRY(level(m, tape, &s.d.step[l], &s.d, embedding, h, state, a, diag));
    for (int64_t i = 0; i < (int64_t)t->n_nodes * 8; i++) {
        float v = state[i] * norm->state[1][i % 8] + norm->state[0][i % 8];
        if (i % 8 < 4) a->arrival[4 * (i / 8) + i % 8] = t->invalid[i / 8] ? 0.0f : v;
        else a->slew[4 * (i / 8) + i % 8 - 4] = t->invalid[i / 8] ? 0.0f : (float)fmax(exp((double)v - 3.0) - 1e-4, 0.0);
    }
done:
    weft_i_free(embedding);
    weft_i_free(state);
    weft_tape_free(tape);
    sample_destroy(&s);
    return status;
}

weft_status_t weft_level_net_write(const weft_level_net_t *m, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag) { return weft_params_write(m->params, path, meta, n_meta, diag); }

weft_status_t weft_level_net_read(weft_level_net_t **net, const char *model, const char *path, weft_diag_t *diag)
{
    weft_status_t status = weft_level_net_new(net, model, 0, diag);
    if (status == WEFT_OK) status = weft_params_read((*net)->params, path, diag);
    if (status == WEFT_OK) return status;
    weft_level_net_free(*net);
    *net = NULL;
    return status;
}
