/* Tensors of tests/golden against ours: for tests that are built in double and in float. */
#ifndef WEFT_TESTS_GOLDEN_H
#define WEFT_TESTS_GOLDEN_H
#include "io/safetensors.h"
#include "weft/nn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline const weft_i_tensor_entry_t *golden_find(const weft_i_safetensors_t *f, const char *name, const char *part, const char *param)
{
    char key[256];
    snprintf(key, sizeof key, "%s/%s%s", name, part, param);
    return weft_i_safetensors_find(f, key);
}

static inline double golden_at(const weft_i_tensor_entry_t *t, int64_t i)
{
    double d;
    memcpy(&d, (const char *)t->data + 8 * i, sizeof d);
    return d;
}

/* A tensor's numbers, the caller's to free; *rows, *cols may be NULL. */
static inline weft_real_t *golden_numbers(const weft_i_tensor_entry_t *t, int64_t *rows, int64_t *cols)
{
    weft_real_t *v = malloc(((size_t)t->n_elements + 1) * sizeof *v);
    for (int64_t i = 0; i < t->n_elements; i++) v[i] = (weft_real_t)golden_at(t, i);
    if (rows) *rows = t->shape[0];
    if (cols) *cols = t->shape[1];
    return v;
}

static inline int32_t golden_integer(const weft_i_tensor_entry_t *t, int64_t i)
{
    int32_t n;
    memcpy(&n, (const char *)t->data + 4 * i, sizeof n);
    return n;
}

/* To 1e-9 in double; in float to 2e-5 of the tensor's largest element, or of 1: norms over few rows make roundings larger. */
static inline void golden_compare(const char *name, const char *what, const weft_real_t *got, const weft_i_tensor_entry_t *want)
{
    double most = 1.0;
    for (int64_t i = 0; i < want->n_elements; i++) most = fmax(most, fabs(golden_at(want, i)));
    for (int64_t i = 0; i < want->n_elements; i++) {
        double d = golden_at(want, i);
        cr_assert(fabs((double)got[i] - d) <= (sizeof *got == 8 ? 1e-9 : 2e-5) * most, "%s: %s element %lld: %.9g, not %.9g", name, what, (long long)i, (double)got[i], d);
    }
}

/* Reads the values of all parameters that are trained; a parameter more or fewer in the file than in the set fails. */
static inline void golden_read_values(const char *name, weft_params_t *params, const weft_i_safetensors_t *f)
{
    int32_t trained = 0, there = 0;
    cr_assert_eq(weft_params_status(params), WEFT_OK);
    for (int32_t i = 0; i < weft_params_n(params); i++) {
        weft_param_t *p = weft_params_at(params, i);
        if (!p->grad) continue;
        const weft_i_tensor_entry_t *v = golden_find(f, name, "value/", p->name);
        cr_assert(v && v->shape[0] == p->rows && v->shape[1] == p->cols, "%s: no parameter %s [%lld,%lld]", name, p->name, (long long)p->rows, (long long)p->cols);
        weft_real_t *n = golden_numbers(v, NULL, NULL);
        memcpy(p->value, n, (size_t)(p->rows * p->cols) * sizeof *n);
        free(n);
        trained++;
    }
    for (int32_t i = 0; i < f->n; i++) there += !strncmp(f->tensor[i].name, name, strlen(name)) && !strncmp(f->tensor[i].name + strlen(name), "/value/", 7);
    cr_assert_eq(trained, there, "%s: %d parameters, not %d", name, trained, there);
}

static inline void golden_compare_gradients(const char *name, const weft_params_t *params, const weft_i_safetensors_t *f)
{
    for (int32_t i = 0; i < weft_params_n(params); i++) {
        const weft_param_t *p = weft_params_at(params, i);
        if (p->grad) golden_compare(name, p->name, p->grad, golden_find(f, name, "grad/", p->name));
    }
}

/* sum r * y, [1,1]. *ones is the caller's to free after the tape's reset. */
static inline weft_var_t *golden_weighed(weft_tape_t *tape, weft_var_t *y, const weft_real_t *r, weft_real_t **ones)
{
    weft_var_t *weighed = weft_reshape(weft_mul(y, weft_tape_constant(tape, r, weft_var_rows(y), weft_var_cols(y))), 1);
    int64_t n = weft_var_rows(weighed);
    *ones = malloc((size_t)n * sizeof **ones);
    for (int64_t i = 0; i < n; i++) (*ones)[i] = 1;
    return weft_matmul(weft_tape_constant(tape, *ones, 1, n), weighed);
}
#endif
