/* train/optim.c: Adam, AdamW, SGD. */
#include "base/alloc.h"
#include "base/isa.h"
#include "base/real.h"
#include "tensor/lanes.h"
#include "weft/train.h"

#include <math.h>
#include <string.h>

struct weft_optim {
    weft_params_t *params;
    weft_optimizer_t kind;
    double weight_decay, momentum;
    int64_t step;
    weft_real_t *first, *second; /* moments, parameter after parameter */
};

weft_optim_t *weft_optim_new(weft_params_t *params, weft_optimizer_t kind, double weight_decay, double momentum)
{
    size_t n = (size_t)weft_params_count(params);
    weft_optim_t *o = weft_i_calloc(1, sizeof *o);
    if (!o) return NULL;
    *o = (weft_optim_t){.params = params, .kind = kind, .weight_decay = weight_decay, .momentum = momentum};
    o->first = weft_i_calloc(n, sizeof *o->first);
    o->second = weft_i_calloc(n, sizeof *o->second);
    if (o->first && o->second) return o;
    weft_optim_free(o);
    return NULL;
}

void weft_optim_free(weft_optim_t *o)
{
    if (!o) return;
    weft_i_free(o->first);
    weft_i_free(o->second);
    weft_i_free(o);
}

weft_optim_state_t weft_optim_state(weft_optim_t *o) { return (weft_optim_state_t){o->first, o->second, weft_params_count(o->params), &o->step}; }

static double clip_factor(const weft_optim_t *o, double clip)
{
    double sum = 0.0;
    if (clip <= 0.0) return 1.0;
    for (int32_t k = 0; k < weft_params_n(o->params); k++) {
        const weft_param_t *p = weft_params_at(o->params, k);
        if (p->grad) sum += weft_i_sum_squares(p->rows * p->cols, p->grad);
    }
    return sum > clip * clip ? clip / sqrt(sum) : 1.0;
}

/* One step's numbers, and what of a parameter's decay goes into the gradient or shrinks the value. */
typedef struct adam { weft_real_t scale, inside, shrink, rate, over; } adam_t;

WEFT_I_WIDE static void adam_span(int64_t n, const adam_t *a, const weft_real_t *restrict grad, weft_real_t *restrict w, weft_real_t *restrict m, weft_real_t *restrict s)
{
    const weft_real_t b1 = (weft_real_t)0.9, b2 = (weft_real_t)0.999, c1 = (weft_real_t)0.1, c2 = (weft_real_t)(1.0 - 0.999), tiny = (weft_real_t)1e-8;
    const weft_real_t scale = a->scale, inside = a->inside, shrink = a->shrink, rate = a->rate, over = a->over;
    for (int64_t i = 0; i < n; i++) {
        weft_real_t g = scale * grad[i] + inside * w[i];
        m[i] = b1 * m[i] + c1 * g;
        s[i] = b2 * s[i] + c2 * g * g;
        w[i] = shrink * w[i] - rate * m[i] / (weft_i_sqrt(s[i]) * over + tiny);
    }
}

/* Numbers begin..end of all parameters, one after another. */
static void adam_range(const weft_optim_t *o, int64_t begin, int64_t end, double lr, weft_real_t scale)
{
    const weft_real_t rate = (weft_real_t)(lr / (1.0 - pow(0.9, (double)o->step))), over = (weft_real_t)(1.0 / sqrt(1.0 - pow(0.999, (double)o->step)));
    int64_t at = 0;
    for (int32_t k = 0; k < weft_params_n(o->params) && at < end; k++) {
        weft_param_t *p = weft_params_at(o->params, k);
        if (!p->grad) continue;
        int64_t n = p->rows * p->cols, from = begin > at ? begin - at : 0, to = end - at < n ? end - at : n;
        weft_real_t decay = (weft_real_t)(o->weight_decay * p->decay);
        const adam_t a = {scale, o->kind == WEFT_ADAM ? decay : 0, o->kind == WEFT_ADAMW ? (weft_real_t)(1.0 - lr * (double)decay) : 1, rate, over};
        if (from < to) adam_span(to - from, &a, p->grad + from, p->value + from, o->first + at + from, o->second + at + from);
        at += n;
    }
}

static void adam(const weft_optim_t *o, double lr, weft_real_t scale)
{
    int64_t n = weft_params_count(o->params), shares = weft_i_threads_for(4 * n);
#pragma omp parallel for num_threads((int)shares) schedule(static)
    for (int64_t t = 0; t < shares; t++) adam_range(o, n * t / shares, n * (t + 1) / shares, lr, scale);
}

static void sgd(weft_optim_t *o, double lr, weft_real_t scale)
{
    int64_t at = 0;
    for (int32_t k = 0; k < weft_params_n(o->params); k++) {
        weft_param_t *p = weft_params_at(o->params, k);
        if (!p->grad) continue;
        weft_real_t *m = o->first + at;
        int64_t n = p->rows * p->cols;
        for (int64_t i = 0; i < n; i++) {
            weft_real_t g = scale * p->grad[i] + (weft_real_t)(o->weight_decay * p->decay) * p->value[i];
            m[i] = (weft_real_t)o->momentum * m[i] + g;
            p->value[i] -= (weft_real_t)lr * m[i];
        }
        at += n;
    }
}

void weft_optim_step(weft_optim_t *o, double lr, double clip)
{
    weft_real_t scale = (weft_real_t)clip_factor(o, clip);
    o->step++;
    if (o->kind == WEFT_SGD) sgd(o, lr, scale);
    else adam(o, lr, scale);
}
