/* train/loop.c: epochs, the one that counts, averages of parameters, rates that follow the validation loss, checkpoints. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ema <- d ema + (1 - d) parameters, d rising to its value so that the start is forgotten; running statistics are copied. */
static void average(weft_i_loop_t *l)
{
    double most = l->options->ema, early = (1.0 + (double)l->steps) / (10.0 + (double)l->steps);
    weft_real_t d = (weft_real_t)(early < most ? early : most), *to = l->ema;
    for (int32_t k = 0; k < weft_params_n(l->params); k++) {
        const weft_param_t *p = weft_params_at(l->params, k);
        int64_t n = p->rows * p->cols;
        for (int64_t i = 0; i < n; i++) to[i] = p->grad ? d * to[i] + (1 - d) * p->value[i] : p->value[i];
        to += n;
    }
}

void weft_i_loop_update(weft_i_loop_t *l, int32_t epoch)
{
    weft_optim_step(l->optim, weft_i_rate(l->options, epoch) * l->rate_factor, l->options->clip);
    l->steps++;
    if (l->ema) average(l);
}

/* Torch's rule: better is smaller by a part in 10^4; more than `patience` evaluations without cut the rate. */
static void plateau(weft_i_loop_t *l, double val_loss)
{
    if (l->options->schedule != WEFT_PLATEAU) return;
    if (val_loss < l->plateau_best * (1.0 - 1e-4)) {
        l->plateau_best = val_loss;
        l->plateau_bad = 0;
    } else if (++l->plateau_bad > l->options->plateau_patience) {
        l->rate_factor *= l->options->plateau_factor;
        l->plateau_bad = 0;
    }
}

static weft_status_t look(weft_i_loop_t *l, weft_epoch_t *e, bool *stop, weft_diag_t *diag)
{
    double train = NAN;
    if (l->ema) {
        weft_params_store(l->params, l->own);
        weft_params_load(l->params, l->ema);
    }
    weft_status_t status = l->evaluate(l, e, &train, diag);
    if (status == WEFT_OK) *stop = weft_i_best_see(&l->best, l->params, e, train, l->options->patience);
    if (l->ema) weft_params_load(l->params, l->own);
    if (status == WEFT_OK) plateau(l, e->val_loss);
    return status;
}

static weft_status_t prepare(weft_i_loop_t *l, weft_run_t *run, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_train_options_t *o = l->options;
    size_t size = (size_t)weft_params_total(l->params) * sizeof(weft_real_t);
    l->best = (weft_i_best_t){.run = run, .smaller_is_better = l->smaller_is_better};
    l->rate_factor = 1.0;
    l->plateau_best = INFINITY;
    WEFT_TRY_ALLOC(l->optim = weft_optim_new(l->params, o->optimizer, o->weight_decay, o->momentum));
    WEFT_TRY_ALLOC(l->best.params = weft_i_malloc(size + 1));
    weft_params_store(l->params, l->best.params);
    l->start = (uint32_t)crc32_z(0, (const Bytef *)l->best.params, size);
    if (o->ema > 0.0) {
        WEFT_TRY_ALLOC(l->ema = weft_i_malloc(size + 1));
        WEFT_TRY_ALLOC(l->own = weft_i_malloc(size + 1));
        weft_params_store(l->params, l->ema);
    }
    if (o->checkpoint && o->checkpoint->resume) WEFT_TRY(weft_i_checkpoint_read(l, diag));
done:
    return status;
}

weft_status_t weft_i_loop_run(weft_i_loop_t *l, weft_run_t *run, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_train_options_t *o = l->options;
    double begin = now(), saved = begin;
    bool stop = false;
    WEFT_TRY(prepare(l, run, diag));
    begin -= l->before;
    stop = l->epoch > 0 && o->patience > 0 && l->epoch - 1 - l->best.last_better >= o->patience;
    while (l->epoch < o->epochs && !stop) {
        weft_epoch_t e = {.run = l->index, .epoch = l->epoch};
        WEFT_TRY(l->train(l, l->epoch, &e.loss, diag));
        l->epoch++;
        if (o->eval_every > 1 && l->epoch % o->eval_every && l->epoch < o->epochs) continue;
        WEFT_TRY(look(l, &e, &stop, diag));
        e.seconds = now() - begin;
        bool cancel = on_epoch && !on_epoch(context, &e), due = o->checkpoint && (cancel || now() - saved >= o->checkpoint->every);
        if (due) {
            WEFT_TRY(weft_i_checkpoint_write(l, now() - begin, diag));
            saved = now();
        }
        if (cancel) {
            status = WEFT_ECANCEL;
            goto done;
        }
    }
    if (o->epochs < 1 && !l->epoch) { /* nothing is learned: the parameters as they came count */
        weft_epoch_t e = {.run = l->index};
        WEFT_TRY(look(l, &e, &stop, diag));
        run->epochs = 0;
    }
    if (run->best_epoch >= 0) weft_params_load(l->params, l->best.params);
    run->seconds = now() - begin;
done:
    weft_optim_free(l->optim);
    weft_i_free(l->best.params);
    weft_i_free(l->ema);
    weft_i_free(l->own);
    l->optim = NULL;
    l->best.params = l->ema = l->own = NULL;
    return status;
}
