/* tests/autograd/check_gradient.h: finite differences against the tape, in double. */
#ifndef CHECK_GRADIENT_H
#define CHECK_GRADIENT_H
#include "base/rng.h"
#include "weft/autograd.h"
#include "weft/ops.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 24 };
typedef struct inputs {
    int32_t n;
    int64_t rows[MOST_INPUTS], cols[MOST_INPUTS];
    weft_real_t *value[MOST_INPUTS], *grad[MOST_INPUTS];
} inputs_t;

static inline void inputs_add(inputs_t *in, int64_t rows, int64_t cols, weft_i_rng_t *rng)
{
    int32_t k = in->n++;
    in->rows[k] = rows;
    in->cols[k] = cols;
    in->value[k] = malloc((size_t)(rows * cols) * sizeof(weft_real_t) + 1);
    in->grad[k] = calloc((size_t)(rows * cols) + 1, sizeof(weft_real_t));
    for (int64_t i = 0; i < rows * cols; i++) in->value[k][i] = (weft_real_t)(weft_i_rng_uniform(rng) * 2.0 - 1.0);
}

static inline void inputs_free(inputs_t *in)
{
    for (int32_t k = 0; k < in->n; k++) {
        free(in->value[k]);
        free(in->grad[k]);
    }
}

typedef weft_var_t *build_fn(weft_tape_t *tape, weft_var_t **in, void *context);

/* y -> [1,1]: a fixed pattern of weights times y (losses as they are). */
static inline weft_var_t *to_scalar(weft_tape_t *tape, weft_var_t *y, weft_real_t **pattern)
{
    int64_t n = weft_var_rows(y), c = weft_var_cols(y);
    if (n == 1 && c == 1) return y;
    free(*pattern);
    *pattern = malloc((size_t)(n * c + n + c) * sizeof **pattern);
    for (int64_t i = 0; i < n * c + n + c; i++) (*pattern)[i] = i < n * c ? (weft_real_t)(0.3 + 0.7 * sin(1.7 * (double)i + 0.4)) : 1;
    weft_var_t *z = weft_mul(y, weft_tape_constant(tape, *pattern, n, c));
    return weft_matmul(weft_matmul(weft_tape_constant(tape, *pattern + n * c, 1, n), z), weft_tape_constant(tape, *pattern + n * c + n, c, 1));
}

static inline double run_once(weft_tape_t *tape, inputs_t *in, build_fn *build, void *context, bool back, const char *name)
{
    weft_var_t *var[MOST_INPUTS];
    weft_real_t *pattern = NULL;
    weft_tape_reset(tape);
    weft_tape_set_seed(tape, 7, 1);
    for (int32_t k = 0; k < in->n; k++) var[k] = weft_tape_leaf(tape, in->value[k], in->grad[k], in->rows[k], in->cols[k]);
    weft_var_t *loss = to_scalar(tape, build(tape, var, context), &pattern);
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = back ? weft_tape_backward(tape, loss, diag) : weft_tape_status(tape, diag);
    cr_assert_eq(status, WEFT_OK, "%s: %s", name, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_diag_free(diag);
    double value = weft_var_data(loss) ? (double)weft_var_data(loss)[0] : 0.0; /* none in plan mode */
    free(pattern);
    return value;
}

/* Every element of every input: |analytic - numeric| <= 1e-6 (1 + |numeric|). */
static inline void check_gradient(const char *name, inputs_t *in, build_fn *build, void *context)
{
    weft_tape_t *tape = weft_tape_new();
    for (int32_t k = 0; k < in->n; k++) memset(in->grad[k], 0, (size_t)(in->rows[k] * in->cols[k]) * sizeof(weft_real_t));
    run_once(tape, in, build, context, true, name);
    for (int32_t k = 0; k < in->n; k++)
        for (int64_t i = 0; i < in->rows[k] * in->cols[k]; i++) {
            weft_real_t keep = in->value[k][i], h = (weft_real_t)1e-5;
            in->value[k][i] = keep + h;
            double up = run_once(tape, in, build, context, false, name);
            in->value[k][i] = keep - h;
            double down = run_once(tape, in, build, context, false, name);
            in->value[k][i] = keep;
            double numeric = (up - down) / (2.0 * (double)h), analytic = (double)in->grad[k][i];
            cr_assert(fabs(analytic - numeric) <= 1e-6 * (1.0 + fabs(numeric)), "%s: input %d element %lld: tape %.9g, differences %.9g", name, k,
                      (long long)i, analytic, numeric);
        }
    weft_tape_free(tape);
}

/* Plan mode tells no less than a run takes, computes nothing and holds nothing afterwards. */
static inline void check_plan(const char *name, inputs_t *in, build_fn *build, void *context)
{
    weft_tape_t *tape = weft_tape_new();
    for (int32_t k = 0; k < in->n; k++) memset(in->grad[k], 0, (size_t)(in->rows[k] * in->cols[k]) * sizeof(weft_real_t));
    weft_tape_plan(tape, true);
    run_once(tape, in, build, context, true, name);
    int64_t planned = weft_tape_peak(tape, false);
    for (int32_t k = 0; k < in->n; k++)
        for (int64_t i = 0; i < in->rows[k] * in->cols[k]; i++) cr_assert_eq(in->grad[k][i], 0, "%s: a plan writes a gradient", name);
    weft_tape_plan(tape, false);
    cr_assert_eq(weft_tape_bytes(tape), 0, "%s: a plan holds %lld bytes", name, (long long)weft_tape_bytes(tape));
    run_once(tape, in, build, context, true, name);
    int64_t taken = weft_tape_peak(tape, false);
    cr_assert(planned >= taken && planned <= 2 * taken + weft_threads() * 1000000ll, "%s: planned %lld, taken %lld", name, (long long)planned, (long long)taken);
    weft_tape_free(tape);
}
#endif
