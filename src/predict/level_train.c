/* predict/level_train.c: training of the networks of level_net.h and of the auto-encoder, on the loop that all tasks share (train/train.h). */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "predict/level_net.h"
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PADDED_LEVELS = 4 };

typedef struct sample {
    weft_i_level_data_t d;
    weft_time21_t *window;
    float *latent;         /* [n, 8] of a frozen encoder */
    float *net_target;     /* [n, 4] log net delay; NaN: not counted */
    float *sink_target;    /* [n_net, 8] */
    float *output_target;  /* [n_dst, 8] */
    float *cell_target;    /* [n_cell of the step, 4] */
} sample_t;

static void sample_destroy(sample_t *s)
{
    float *owned[] = {s->latent, s->net_target, s->sink_target, s->output_target, s->cell_target};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    weft_i_level_data_destroy(&s->d);
    weft_time21_free(s->window);
}

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

static weft_status_t sample_targets(sample_t *s, const weft_i_level_norm_t *norm)
{
    weft_status_t status = WEFT_OK;
    const weft_time21_t *t = s->window;
    const weft_i_level_step_t *w = &s->d.whole;
    int32_t *sink = NULL;
    WEFT_TRY_ALLOC(s->net_target = targets(t, t->net_delay, 4, NULL, t->n_nodes, norm->net[0], norm->net[1]));
    WEFT_TRY_ALLOC(sink = weft_i_malloc(((size_t)w->n_net + 1) * sizeof *sink));
    for (int32_t i = 0; i < w->n_net; i++) sink[i] = t->to[w->net[i]];
    WEFT_TRY_ALLOC(s->sink_target = targets(t, t->at_slew, 8, sink, w->n_net, norm->state[0], norm->state[1]));
    WEFT_TRY_ALLOC(s->output_target = targets(t, t->at_slew, 8, w->dst, w->n_dst, norm->state[0], norm->state[1]));
    WEFT_TRY_ALLOC(s->cell_target = weft_i_malloc(((size_t)w->n_cell * 4 + 1) * sizeof(float)));
    for (int64_t i = 0; i < (int64_t)w->n_cell * 4; i++)
        s->cell_target[i] = t->invalid[t->to[t->n_net + w->cell[i / 4]]] ? NAN : (t->cell_delay[4 * (int64_t)w->cell[i / 4] + i % 4] - norm->cell[0][i % 4]) / norm->cell[1][i % 4];
done:
    weft_i_free(sink);
    return status;
}

typedef struct trainer {
    const weft_level_net_options_t *o;
    weft_level_net_t *m;      /* NULL: the auto-encoder is trained */
    weft_level_coder_t *coder;
    sample_t *s;
    int32_t n, n_designs, *first, *order; /* samples; first[d]..first[d + 1] are of design d; drawn ones */
    sample_t *validation;     /* of the auto-encoder: whole designs */
    weft_tape_t *tape;
} trainer_t;

static const weft_i_level_norm_t *norm_of(const trainer_t *r) { return r->m ? weft_i_level_norm(r->m) : (const weft_i_level_norm_t *)(const void *)r->coder->norm->value; }

static weft_status_t sample_init(sample_t *s, const trainer_t *r, const weft_time21_t *of, const weft_block_t *b, const float *latent, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    bool coder = !r->m || (r->m->kind->attention && !latent), padded = r->o->padded || coder;
    WEFT_TRY(weft_time21_window(&s->window, of, b->first, b->last, padded ? WEFT_CONTEXT_PADDED : WEFT_CONTEXT_READ, padded ? PADDED_LEVELS : 0, true));
    WEFT_TRY(weft_i_level_data_init(&s->d, s->window, of, norm_of(r), coder ? WEFT_I_LEVEL_CODER : 0, diag));
    if (!r->m) {
        weft_i_level_step_destroy(&s->d.whole);
        return WEFT_OK;
    }
    if (latent) {
        WEFT_TRY_ALLOC(s->latent = weft_i_aligned((size_t)s->window->n_nodes * 8 * sizeof *s->latent + 64));
        for (int32_t k = 0; k < s->window->n_nodes; k++) memcpy(s->latent + 8 * (int64_t)k, latent + 8 * (int64_t)s->window->node_pin[k], 8 * sizeof *latent);
        s->d.latent = s->latent;
    }
    WEFT_TRY(sample_targets(s, norm_of(r)));
done:
    return status;
}

/* The blocks of every design. */
static weft_status_t samples(trainer_t *r, const weft_time21_t *const *designs, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t room = 0;
    weft_partition_t *p = NULL;
    float *latent = NULL;
    for (int32_t k = 0; k < r->n_designs; k++) {
        const weft_time21_t *t = designs[k];
        weft_levels_t levels = weft_time21_levels(t);
        const weft_partition_options_t o = {.step = 2, .max_nodes = r->o->budget > 0 ? r->o->budget : 4000};
        if (r->m && (!t->net_delay || !t->cell_delay)) {
            weft_diag_add(diag, WEFT_ERROR, "time21-file", t->name, 0, 0, "labels of net and cell delays are needed to train");
            WEFT_TRY(WEFT_EINPUT);
        }
        if (r->m && r->m->kind->attention && r->o->freeze_encoder) {
            WEFT_TRY_ALLOC(latent = weft_i_aligned((size_t)t->n_nodes * 8 * sizeof *latent + 64));
            WEFT_TRY(weft_i_level_latents(r->m, r->tape, t, 0, latent, diag));
        }
        WEFT_TRY(weft_partition_new(&p, &levels, &o, diag));
        r->first[k] = r->n;
        for (int32_t i = 0; i < p->n_blocks; i++) {
            if (!WEFT_I_ROOM(r->s, room, r->n + 1)) WEFT_TRY(WEFT_ENOMEM);
            r->s[r->n] = (sample_t){0};
            WEFT_TRY(sample_init(&r->s[r->n++], r, t, &p->block[i], latent, diag));
        }
        weft_partition_free(p);
        weft_i_free(latent);
        p = NULL;
        latent = NULL;
    }
    r->first[r->n_designs] = r->n;
done:
    weft_partition_free(p);
    weft_i_free(latent);
    return status;
}

static void shuffle(int32_t *x, int32_t n, weft_i_rng_t *rng)
{
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t k = (int32_t)weft_i_rng_below(rng, i + 1), y = x[i];
        x[i] = x[k];
        x[k] = y;
    }
}

/* The blocks of an epoch: `draws` of every design, without repetition as far as they go, in any order. A function of seed and epoch. */
static int32_t draw(trainer_t *r, int32_t epoch)
{
    weft_i_rng_t rng = {r->o->seed, 0x6c65766e + (uint64_t)epoch, 0};
    int32_t draws = r->o->draws > 0 ? r->o->draws : 2, n = 0, *own = r->order + r->n_designs * draws;
    for (int32_t d = 0; d < r->n_designs; d++) {
        int32_t blocks = r->first[d + 1] - r->first[d];
        for (int32_t i = 0; i < blocks; i++) own[i] = r->first[d] + i;
        shuffle(own, blocks, &rng);
        for (int32_t i = 0; i < draws && blocks; i++) r->order[n++] = own[i % blocks];
    }
    shuffle(r->order, n, &rng);
    return n;
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

static weft_var_t *sample_loss(const trainer_t *r, const sample_t *s) { return r->m ? loss_of(r->m, r->tape, s) : weft_i_level_reconstruct(r->coder, r->tape, &s->d); }

static weft_status_t train_epoch(weft_i_loop_t *loop, int32_t epoch, double *loss, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    trainer_t *r = loop->task;
    int32_t n = draw(r, epoch);
    *loss = 0.0;
    for (int32_t i = 0; i < n; i++) {
        weft_params_zero_grad(loop->params);
        weft_var_t *l = sample_loss(r, &r->s[r->order[i]]);
        status = weft_tape_backward(r->tape, l, diag);
        if (status == WEFT_OK) *loss += (double)weft_var_data(l)[0] / n;
        if (status == WEFT_OK) weft_i_loop_update(loop, epoch);
        weft_tape_reset(r->tape);
        if (status != WEFT_OK) return status;
    }
    if (isfinite(*loss)) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-diverged", NULL, 0, 0, "the loss of epoch %d is no number", epoch);
    return WEFT_ECHECK;
}

/* Free-running R2 of the arrival, mean over the validation designs; without any the epochs are equal and the last counts. */
static weft_status_t evaluate(weft_i_loop_t *loop, weft_epoch_t *e, double *train, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    trainer_t *r = loop->task;
    weft_time21_answer_t a = {0};
    int32_t n = r->o->n_validation;
    *train = NAN;
    e->val = n ? 0.0 : e->epoch;
    for (int32_t k = 0; k < n && r->m; k++) {
        WEFT_TRY(weft_time21_answer_init(&a, r->o->validation[k]));
        WEFT_TRY(weft_level_net_answer(r->m, r->o->validation[k], NULL, &a, NULL, diag));
        e->val += weft_time21_score(r->o->validation[k], &a).arrival / n;
        weft_time21_answer_destroy(&a);
    }
    for (int32_t k = 0; k < n && !r->m; k++) {
        weft_tape_set_training(r->tape, false);
        weft_var_t *l = weft_i_level_reconstruct(r->coder, r->tape, &r->validation[k].d);
        weft_tape_set_training(r->tape, true);
        WEFT_TRY(weft_tape_status(r->tape, diag));
        e->val -= (double)weft_var_data(l)[0] / n;
        weft_tape_reset(r->tape);
    }
    e->val_loss = -e->val;
done:
    weft_time21_answer_destroy(&a);
    return status;
}

static bool told(void *context, const weft_epoch_t *e)
{
    const weft_level_net_options_t *o = context;
    return !o->progress || o->progress(o->progress_context, e->epoch, e->loss, o->n_validation ? e->val : NAN, e->seconds);
}

static weft_status_t run(trainer_t *r, weft_params_t *params, const char *model, const weft_time21_t *const *designs, int32_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_level_net_options_t *o = r->o;
    weft_run_t result = {.best_epoch = -1};
    char data[512];
    int32_t draws = o->draws > 0 ? o->draws : 2, blocks;
    const weft_checkpoint_t checkpoint = {.path = o->checkpoint, .every = o->checkpoint_every > 0.0 ? o->checkpoint_every : 60.0, .resume = o->resume};
    const weft_train_options_t how = {.model = {.model = model}, .optimizer = WEFT_ADAM, .schedule = o->cosine ? WEFT_COSINE : WEFT_CONSTANT, .lr = o->lr > 0.0 ? o->lr : r->m ? 1e-3 : 5e-4, .clip = r->m ? 1e3 : 0.0,
                                      .epochs = o->epochs > 0 ? o->epochs : r->m ? 400 : 100, .patience = !o->n_validation ? 0 : o->patience > 0 ? o->patience : 20, .eval_every = 1,
                                      .ema = o->average < 0.0 ? 0.0 : o->average > 0.0 ? o->average : 0.998, .checkpoint = o->checkpoint ? &checkpoint : NULL, .seed = o->seed};
    r->n_designs = n;
    WEFT_TRY_ALLOC(r->tape = weft_tape_new());
    WEFT_TRY_ALLOC(r->first = weft_i_calloc((size_t)n + 2, sizeof *r->first));
    WEFT_TRY(samples(r, designs, diag));
    blocks = r->n;
    WEFT_TRY_ALLOC(r->order = weft_i_malloc(((size_t)n * (size_t)draws + (size_t)blocks + 1) * sizeof *r->order));
    if (!r->m && o->n_validation) WEFT_TRY_ALLOC(r->validation = weft_i_calloc((size_t)o->n_validation, sizeof *r->validation));
    for (int32_t k = 0; r->validation && k < o->n_validation; k++) {
        const weft_block_t all = {.first = 0, .last = o->validation[k]->n_levels};
        WEFT_TRY(sample_init(&r->validation[k], r, o->validation[k], &all, NULL, diag));
    }
    int length = snprintf(data, sizeof data, "%d designs, %d blocks, %d drawn of each, frozen %d, padded %d:", n, blocks, draws, o->freeze_encoder, o->padded);
    for (int32_t k = 0; k < n + o->n_validation && length < (int)sizeof data - 40; k++)
        length += snprintf(data + length, sizeof data - (size_t)length, "%s%.30s", k == n ? "; " : " ", k < n ? designs[k]->name : o->validation[k - n]->name);
    weft_i_loop_t loop = {.options = &how, .data = data, .params = params, .task = r, .train = train_epoch, .evaluate = evaluate};
    WEFT_TRY(weft_i_loop_run(&loop, &result, told, (void *)o, diag));
done:
    for (int32_t i = 0; i < r->n; i++) sample_destroy(&r->s[i]);
    for (int32_t k = 0; r->validation && k < o->n_validation; k++) sample_destroy(&r->validation[k]);
    weft_i_free(r->validation);
    weft_i_free(r->s);
    weft_i_free(r->first);
    weft_i_free(r->order);
    weft_tape_free(r->tape);
    return status;
}

weft_status_t weft_level_coder_train(weft_level_coder_t **coder, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_level_net_options_t o = options ? *options : (weft_level_net_options_t){0};
    trainer_t r = {.o = &o};
    *coder = NULL;
    WEFT_TRY(weft_level_coder_new(&r.coder, o.seed));
    WEFT_TRY(weft_i_level_norm_of((weft_i_level_norm_t *)(void *)r.coder->norm->value, designs, n, diag));
    WEFT_TRY(run(&r, r.coder->params, "preroutgnn auto-encoder", designs, n, diag));
    *coder = r.coder;
    r.coder = NULL;
done:
    weft_level_coder_free(r.coder);
    return status;
}

/* The encoder's numbers and the norms of what it reads. */
static void take_encoder(weft_level_net_t *m, const weft_level_coder_t *c)
{
    for (int32_t k = 0; k < weft_params_n(c->params); k++) {
        const weft_param_t *from = weft_params_at(c->params, k);
        weft_param_t *to = strncmp(from->name, "encoder", 7) ? NULL : weft_params_find(m->params, from->name);
        if (to) memcpy(to->value, from->value, (size_t)(to->rows * to->cols) * sizeof *to->value);
    }
    weft_i_level_norm_t *norm = (weft_i_level_norm_t *)(void *)m->norm->value;
    const weft_i_level_norm_t *theirs = (const weft_i_level_norm_t *)(const void *)c->norm->value;
    memcpy(norm->placed, theirs->placed, sizeof norm->placed);
    memcpy(norm->e, theirs->e, sizeof norm->e);
}

static weft_status_t take_all(weft_level_net_t *m, const weft_level_net_t *from, weft_diag_t *diag)
{
    float *all = m->kind == from->kind ? weft_i_malloc((size_t)weft_params_total(m->params) * sizeof *all) : NULL;
    if (m->kind != from->kind) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "%s cannot start from weights of %s", m->kind->name, from->kind->name);
        return WEFT_EUSAGE;
    }
    if (!all) return WEFT_ENOMEM;
    weft_params_store(from->params, all);
    weft_params_load(m->params, all);
    weft_i_free(all);
    return WEFT_OK;
}

weft_status_t weft_level_net_train(weft_level_net_t **net, const char *model, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_level_net_options_t o = options ? *options : (weft_level_net_options_t){0};
    trainer_t r = {.o = &o};
    *net = NULL;
    WEFT_TRY(weft_level_net_new(&r.m, model, o.seed, diag));
    WEFT_TRY(weft_i_level_norm_of((weft_i_level_norm_t *)(void *)r.m->norm->value, designs, n, diag));
    if (o.start) WEFT_TRY(take_all(r.m, o.start, diag));
    else if (o.coder && r.m->kind->attention) take_encoder(r.m, o.coder);
    WEFT_TRY(run(&r, r.m->params, model, designs, n, diag));
    *net = r.m;
    r.m = NULL;
done:
    weft_level_net_free(r.m);
    return status;
}
