/* The published timing networks: their size, gradients of a step over all levels, blocks against the whole, threads, a stop and its resumption. */
#include "predict/level_net.h"
#include "support/effort.h"
#include "support/toy_time21.h"
#include "weft/level_net.h"

Test(level_net, sizes_are_those_of_the_published_code)
{
    weft_level_net_t *m;
    weft_level_coder_t *c;
    int64_t parts[2];
    cr_assert_eq(weft_level_net_new(&m, "timinggcn", 0, NULL), WEFT_OK);
    cr_assert_eq(weft_level_net_n_parameters(m, parts), 224838);
    cr_assert_eq(parts[1], 0);
    weft_level_net_free(m);
    cr_assert_eq(weft_level_net_new(&m, "preroutgnn", 0, NULL), WEFT_OK);
    weft_level_net_n_parameters(m, parts);
    cr_assert(parts[0] > 1088000 && parts[0] < 1090000, "%lld", (long long)parts[0]); /* "about 1.089 million" */
    cr_assert_eq(parts[1], 131048);
    weft_level_net_free(m);
    cr_assert_eq(weft_level_coder_new(&c, 0), WEFT_OK);
    weft_level_coder_n_parameters(c, parts);
    cr_assert_eq(parts[0], 131048);
    cr_assert_eq(parts[1], 122798);
    weft_level_coder_free(c);
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_level_net_new(&m, "gcn", 0, diag), WEFT_EUSAGE);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "train-model");
    weft_diag_free(diag);
}

typedef struct world { weft_library_t *library; weft_time21_t *t; weft_i_level_norm_t norm; } world_t;
static world_t world(int32_t gates)
{
    world_t w = {.library = toy_library()};
    w.t = toy_time21(w.library, "toy", gates, 20, 5);
    const weft_time21_t *list[] = {w.t};
    cr_assert_eq(weft_i_level_norm_of(&w.norm, list, 1, NULL), WEFT_OK);
    return w;
}
static void unmake(world_t *w)
{
    weft_time21_free(w->t);
    weft_library_free(w->library);
}

/* All outputs of one pass over all levels, squared and summed. */
static weft_var_t *energy(const weft_level_net_t *m, weft_tape_t *tape, const weft_i_level_data_t *d, const float *zero)
{
    weft_i_level_out_t o = weft_i_level_embed(m, tape, d);
    weft_i_level_state_t y = weft_i_level_step(m, tape, &d->whole, weft_tape_constant(tape, d->state, d->n, 8), o.embedding);
    weft_var_t *a = weft_add(weft_regression_loss(o.net_delay, zero, NULL, 0, WEFT_MSE, 0), weft_regression_loss(y.sinks, zero, NULL, 0, WEFT_MSE, 0));
    return weft_add(a, weft_add(weft_regression_loss(y.outputs, zero, NULL, 0, WEFT_MSE, 0), weft_regression_loss(y.cell_delay, zero, NULL, 0, WEFT_MSE, 0)));
}

/* Along its gradient a function rises by the gradient's length: central differences, in float. */
static void check_sweep(const char *model)
{
    world_t w = world(40);
    weft_level_net_t *m;
    weft_i_level_data_t d;
    weft_tape_t *tape = weft_tape_new();
    cr_assert_eq(weft_level_net_new(&m, model, 3, NULL), WEFT_OK);
    *(weft_i_level_norm_t *)(void *)m->norm->value = w.norm;
    cr_assert_eq(weft_i_level_data_init(&d, w.t, w.t, weft_i_level_norm(m), WEFT_I_LEVEL_CODER, NULL), WEFT_OK);
    float *zero = calloc((size_t)w.t->n_nodes * 8, sizeof *zero);
    int64_t total = weft_params_total(m->params);
    float *old = malloc((size_t)total * sizeof *old);
    weft_params_zero_grad(m->params);
    cr_assert_eq(weft_tape_backward(tape, energy(m, tape, &d, zero), NULL), WEFT_OK);
    weft_tape_reset(tape);
    weft_params_store(m->params, old);
    int32_t n = weft_params_n(m->params), checked = 0;
    for (int32_t first = 0, last; first < n; first = last) { /* the numbers of one MLP at a time: names up to the first dot but one */
        double length = 0.0, y[2], h = 2e-3; /* small beside a kink, large beside rounding */
        for (last = first; last < n && !strncmp(weft_params_at(m->params, first)->name, weft_params_at(m->params, last)->name, 12); last++) {
            const weft_param_t *p = weft_params_at(m->params, last);
            for (int64_t i = 0; p->grad && i < p->rows * p->cols; i++) length += (double)p->grad[i] * (double)p->grad[i];
        }
        length = sqrt(length);
        if (!(length > 0.02)) continue; /* below what floats tell */
        for (int k = 0; k < 2; k++) {
            weft_params_load(m->params, old);
            for (int32_t q = first; q < last; q++) {
                weft_param_t *p = weft_params_at(m->params, q);
                for (int64_t i = 0; p->grad && i < p->rows * p->cols; i++) p->value[i] += (float)((k ? -h : h) * (double)p->grad[i] / length);
            }
            y[k] = (double)weft_var_data(energy(m, tape, &d, zero))[0];
            weft_tape_reset(tape);
        }
        weft_params_load(m->params, old);
        checked++;
        cr_assert_float_eq((y[0] - y[1]) / (2 * h), length, 0.03 * length + 2e-3, "%s %s: %g by differences, %g", model, weft_params_at(m->params, first)->name, (y[0] - y[1]) / (2 * h), length);
    }
    cr_assert_geq(checked, 8);
    free(old);
    free(zero);
    weft_i_level_data_destroy(&d);
    weft_tape_free(tape);
    weft_level_net_free(m);
    unmake(&w);
}
Test(level_net, gradients_of_timinggcn_by_differences) { check_sweep("timinggcn"); }
Test(level_net, gradients_of_preroutgnn_by_differences) { check_sweep("preroutgnn"); }

static weft_time21_answer_t answer(const weft_level_net_t *m, const weft_time21_t *t, const weft_level_run_t *run, int64_t *peak)
{
    weft_time21_answer_t a;
    cr_assert_eq(weft_time21_answer_init(&a, t), WEFT_OK);
    cr_assert_eq(weft_level_net_answer(m, t, run, &a, peak, NULL), WEFT_OK);
    return a;
}
static void same(const weft_time21_answer_t *a, const weft_time21_answer_t *b, const weft_time21_t *t)
{
    size_t n = (size_t)t->n_nodes * 4 * sizeof(float);
    cr_assert_arr_eq(a->arrival, b->arrival, n);
    cr_assert_arr_eq(a->slew, b->slew, n);
    cr_assert_arr_eq(a->net_delay, b->net_delay, n);
    cr_assert_arr_eq(a->cell_delay, b->cell_delay, (size_t)t->n_cell * 4 * sizeof(float));
}

Test(level_net, blocks_have_the_bits_of_the_whole_and_take_less_memory)
{
    world_t w = world(500);
    static const char *const model[] = {"timinggcn", "preroutgnn"};
    for (int k = 0; k < 2; k++) {
        weft_level_net_t *m;
        cr_assert_eq(weft_level_net_new(&m, model[k], 1, NULL), WEFT_OK);
        *(weft_i_level_norm_t *)(void *)m->norm->value = w.norm;
        for (int forced = 0; forced < 2; forced++) {
            int64_t whole_peak, peak, last = INT64_MAX;
            const weft_level_run_t all = {.forced = forced};
            weft_time21_answer_t whole = answer(m, w.t, &all, &whole_peak);
            float low = INFINITY, high = -INFINITY;
            for (int32_t i = 0; i < w.t->n_nodes * 4; i++) low = fminf(low, whole.arrival[i]), high = fmaxf(high, whole.arrival[i]);
            cr_assert_gt(high, low); /* an answer of zeros would be equal too */
            static const int64_t budget[] = {500, 200, 60};
            for (int b = forced; b < 3 - forced; b++) {
                const weft_level_run_t run = {.forced = forced, .max_nodes = budget[b]};
                weft_partition_t *plan;
                cr_assert_eq(weft_level_net_plan(m, w.t, &run, &plan, NULL), WEFT_OK);
                cr_assert_gt(plan->n_blocks, 2);
                cr_assert_lt(plan->bytes, last);
                last = plan->bytes;
                weft_time21_answer_t a = answer(m, w.t, &run, &peak);
                same(&whole, &a, w.t);
                cr_assert_leq(peak, plan->bytes, "%s: %lld bytes, %lld planned", model[k], (long long)peak, (long long)plan->bytes);
                weft_time21_answer_destroy(&a);
                weft_partition_free(plan);
            }
            weft_time21_answer_destroy(&whole);
        }
        weft_level_net_free(m);
    }
    unmake(&w);
}

static weft_level_net_t *trained(const char *model, const world_t *w, const weft_level_net_options_t *o, weft_status_t want)
{
    weft_level_net_t *m = NULL;
    const weft_time21_t *list[] = {w->t};
    cr_assert_eq(weft_level_net_train(&m, model, list, 1, o, NULL), want);
    return m;
}

static void same_numbers(const weft_level_net_t *a, const weft_level_net_t *b)
{
    int64_t n = weft_params_total(a->params);
    float *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y);
    weft_params_store(a->params, x);
    weft_params_store(b->params, y);
    cr_assert_arr_eq(x, y, (size_t)n * sizeof *x);
    free(x);
    free(y);
}

typedef struct seen { int32_t stop_at, n; double loss[16]; } seen_t;
static bool see(void *context, int32_t epoch, double loss, double value, double seconds)
{
    seen_t *s = context;
    (void)value;
    (void)seconds;
    s->loss[epoch] = loss;
    s->n = epoch + 1;
    return epoch != s->stop_at;
}

Test(level_net, threads_and_stops_change_no_bit)
{
    world_t w = world(EFFORT(150, 50));
    weft_time21_t *other = toy_time21(w.library, "other", 40, 8, 77);
    const weft_time21_t *validation[] = {other};
    char path[] = "/tmp/weft-level-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    static const char *const model[] = {"timinggcn", "preroutgnn"};
    for (int k = 0; k < 2; k++) {
        seen_t s = {.stop_at = -1};
        weft_level_net_options_t o = {.epochs = 4, .lr = 3e-3, .budget = 200, .draws = 3, .seed = 4, .validation = validation, .n_validation = 1, .progress = see, .progress_context = &s};
        int32_t threads = weft_threads();
        weft_threads_set(1);
        weft_level_net_t *one = trained(model[k], &w, &o, WEFT_OK);
        cr_assert_lt(s.loss[3], s.loss[0]);
        weft_threads_set(3);
        weft_level_net_t *three = trained(model[k], &w, &o, WEFT_OK);
        same_numbers(one, three);
        weft_time21_answer_t a = answer(three, w.t, NULL, NULL);
        weft_threads_set(1);
        weft_time21_answer_t b = answer(three, w.t, NULL, NULL);
        same(&a, &b, w.t);
        o.checkpoint = path;
        s.stop_at = 0;
        cr_assert_null(trained(model[k], &w, &o, WEFT_ECANCEL));
        s.stop_at = -1;
        o.resume = true;
        weft_level_net_t *again = trained(model[k], &w, &o, WEFT_OK);
        same_numbers(one, again);
        o.seed = 5; /* another training's checkpoint is refused */
        cr_assert_null(trained(model[k], &w, &o, WEFT_EINPUT));
        weft_time21_answer_destroy(&a);
        weft_time21_answer_destroy(&b);
        weft_level_net_free(one);
        weft_level_net_free(three);
        weft_level_net_free(again);
        weft_threads_set(threads);
    }
    remove(path);
    weft_time21_free(other);
    unmake(&w);
}

Test(level_net, a_frozen_encoder_stays_and_the_auto_encoder_learns)
{
    world_t w = world(EFFORT(150, 50));
    const weft_time21_t *list[] = {w.t};
    seen_t s = {.stop_at = -1};
    const weft_level_net_options_t pre = {.epochs = 8, .budget = 300, .lr = 3e-3, .average = -1, .progress = see, .progress_context = &s};
    weft_level_coder_t *c = NULL;
    cr_assert_eq(weft_level_coder_train(&c, list, 1, &pre, NULL), WEFT_OK);
    cr_assert_lt(s.loss[7], 0.8 * s.loss[0]);
    const weft_level_net_options_t o = {.epochs = 1, .coder = c, .freeze_encoder = true};
    weft_level_net_t *m = trained("preroutgnn", &w, &o, WEFT_OK);
    const weft_param_t *a = weft_params_find(m->params, "encoder0.message.0.weight"), *b = weft_params_find(c->params, "encoder0.message.0.weight");
    cr_assert(a && b);
    for (int64_t i = 0; i < a->rows * a->cols; i++) cr_assert_float_eq(a->value[i], b->value[i], 1e-6); /* an average of equal numbers rounds */
    weft_level_net_free(m);
    weft_level_coder_free(c);
    unmake(&w);
}

/* The fused MLP against its layers one by one. */
Test(level_net, a_fused_mlp_has_the_bits_of_its_layers)
{
    enum { N = 2500 };
    static const int64_t width[] = {19, 70, 33, 5};
    weft_params_t *p = weft_params_new(2);
    weft_mlp_t mlp = weft_mlp_init(p, "m", width, 3, 0.2);
    weft_i_rng_t rng = {1, 2, 0};
    float *x = malloc(N * 19 * sizeof *x), *dx = malloc(2 * N * 19 * sizeof *dx), *zero = calloc(N * 5, sizeof *zero), *grad[2], *value[2];
    for (int i = 0; i < N * 19; i++) x[i] = (float)weft_i_rng_uniform(&rng) - 0.5f;
    int64_t n = weft_params_count(p);
    weft_tape_t *tape = weft_tape_new();
    for (int fused = 0; fused < 2; fused++) {
        memset(dx + fused * N * 19, 0, N * 19 * sizeof *dx);
        weft_params_zero_grad(p);
        weft_var_t *y = weft_tape_leaf(tape, x, dx + fused * N * 19, N, 19);
        if (fused) y = weft_mlp(&mlp, y);
        for (int k = 0; k < 3 && !fused; k++) {
            y = weft_linear(&mlp.layer[k], weft_x_dense(y));
            if (k < 2) y = weft_leaky_relu(y, 0.2);
        }
        value[fused] = malloc(N * 5 * sizeof *value[0]);
        memcpy(value[fused], weft_var_data(y), N * 5 * sizeof *value[0]);
        cr_assert_eq(weft_tape_backward(tape, weft_regression_loss(y, zero, NULL, 0, WEFT_MSE, 0), NULL), WEFT_OK);
        weft_tape_reset(tape);
        grad[fused] = malloc((size_t)n * sizeof *grad[0]);
        int64_t at = 0;
        for (int32_t k = 0; k < weft_params_n(p); k++) {
            const weft_param_t *q = weft_params_at(p, k);
            memcpy(grad[fused] + at, q->grad, (size_t)(q->rows * q->cols) * sizeof *q->grad);
            at += q->rows * q->cols;
        }
    }
    cr_assert_arr_eq(value[0], value[1], N * 5 * sizeof *value[0]);
    cr_assert_arr_eq(dx, dx + N * 19, N * 19 * sizeof *dx);
    cr_assert_arr_eq(grad[0], grad[1], (size_t)n * sizeof *grad[0]);
    for (int k = 0; k < 2; k++) free(value[k]), free(grad[k]);
    free(x);
    free(dx);
    free(zero);
    weft_tape_free(tape);
    weft_params_free(p);
}
