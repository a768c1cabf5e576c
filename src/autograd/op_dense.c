/* autograd/op_dense.c: products, sums and scalings of matrices. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "tensor/gemm.h"
#include "tensor/lanes.h"

#include <string.h>

/* ---- matmul ------------------------------------------------------------------------------------------------------ */
static bool matmul_infer(weft_var_t *v)
{
    weft_var_t *a = v->in[0], *b = v->in[1];
    v->rows = a->rows;
    v->cols = b->cols;
    return a->cols == b->rows || weft_i_fail_shapes(v, a, b);
}

static bool matmul_forward(weft_var_t *v)
{
    weft_var_t *a = v->in[0], *b = v->in[1];
    weft_i_buffer_t s = weft_i_take(v->tape, (size_t)weft_i_gemm_scratch(a->cols, b->cols) * sizeof(weft_real_t));
    if (!s.data) return false;
    weft_i_gemm_nn(a->rows, a->cols, b->cols, a->value, b->value, v->value, false, s.data);
    weft_i_give(v->tape, &s);
    return true;
}

static bool matmul_backward(weft_var_t *v)
{
    weft_var_t *a = v->in[0], *b = v->in[1];
    int64_t n = a->rows, k = a->cols, m = b->cols;
    bool add;
    int64_t need = weft_i_gemm_scratch(m, k), tn = weft_i_gemm_tn_scratch(n, k, m);
    weft_i_buffer_t s = weft_i_take(v->tape, (size_t)(need > tn ? need : tn) * sizeof(weft_real_t));
    if (!s.data) return false;
    weft_real_t *db = weft_i_grad(v, 1, &add);
    if (db) weft_i_gemm_tn(n, k, m, a->value, v->grad, db, add, s.data);
    weft_real_t *da = weft_i_grad(v, 0, &add);
    if (da) weft_i_gemm_nt(n, m, k, v->grad, b->value, da, add, s.data);
    weft_i_give(v->tape, &s);
    return true;
}

weft_var_t *weft_matmul(weft_var_t *a, weft_var_t *b) { return weft_i_apply2(&weft_i_op_matmul, a, b, NULL); }
const weft_i_op_t weft_i_op_matmul = {"matmul", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, matmul_infer, matmul_forward, matmul_backward};

/* ---- mix: p a + q b; add is mix(1, 1) with nothing to multiply ------------------------------------------------------ */
static bool same_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    for (int32_t k = 1; k < v->n_in; k++)
        if (v->in[k]->rows != v->rows || v->in[k]->cols != v->cols) return weft_i_fail_shapes(v, v->in[0], v->in[k]);
    return true;
}

static bool add_forward(weft_var_t *v)
{
    const weft_real_t *a = v->in[0]->value, *b = v->in[1]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH(v->rows * v->cols, i, y[i] = a[i] + b[i]);
    return true;
}

static bool add_backward(weft_var_t *v)
{
    const weft_real_t *dy = v->grad;
    int64_t n = v->rows * v->cols;
    for (int32_t k = 1; k >= 0; k--) { /* the first operand last: it may take dy itself */
        bool add;
        weft_real_t *dx = weft_i_grad(v, k, &add);
        if (dx && add) WEFT_I_EACH(n, i, dx[i] += dy[i]);
        else if (dx && dx != dy) WEFT_I_EACH(n, i, dx[i] = dy[i]);
    }
    return true;
}

weft_var_t *weft_add(weft_var_t *a, weft_var_t *b) { return weft_i_apply2(&weft_i_op_add, a, b, NULL); }
const weft_i_op_t weft_i_op_add = {"add", 2, 1, 0, true, same_infer, add_forward, add_backward};

static bool mix_forward(weft_var_t *v)
{
    const weft_real_t *a = v->in[0]->value, *b = v->in[1]->value, p = (weft_real_t)v->attr.f[0], q = (weft_real_t)v->attr.f[1];
    weft_real_t *y = v->value;
    WEFT_I_EACH(v->rows * v->cols, i, y[i] = p * a[i] + q * b[i]);
    return true;
}

static bool mix_backward(weft_var_t *v)
{
    for (int32_t k = 0; k < 2; k++) {
        bool add;
        weft_real_t *dx = weft_i_grad(v, k, &add), f = (weft_real_t)v->attr.f[k];
        const weft_real_t *dy = v->grad;
        if (dx) WEFT_I_EACH(v->rows * v->cols, i, dx[i] = add ? dx[i] + f * dy[i] : f * dy[i]);
    }
    return true;
}

weft_var_t *weft_mix(double p, weft_var_t *a, double q, weft_var_t *b)
{
    weft_i_attr_t attr = {.f = {p, q}};
    return weft_i_apply2(&weft_i_op_mix, a, b, &attr);
}
const weft_i_op_t weft_i_op_mix = {"mix", 2, 1, 0, false, same_infer, mix_forward, mix_backward};

/* ---- mul ------------------------------------------------------------------------------------------------------------ */
static bool mul_forward(weft_var_t *v)
{
    const weft_real_t *a = v->in[0]->value, *b = v->in[1]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH(v->rows * v->cols, i, y[i] = a[i] * b[i]);
    return true;
}

static bool mul_backward(weft_var_t *v)
{
    for (int32_t k = 0; k < 2; k++) {
        bool add;
        weft_real_t *dx = weft_i_grad(v, k, &add);
        const weft_real_t *dy = v->grad, *o = v->in[1 - k]->value;
        if (dx) WEFT_I_EACH(v->rows * v->cols, i, dx[i] = add ? dx[i] + dy[i] * o[i] : dy[i] * o[i]);
    }
    return true;
}

weft_var_t *weft_mul(weft_var_t *a, weft_var_t *b) { return weft_i_apply2(&weft_i_op_mul, a, b, NULL); }
const weft_i_op_t weft_i_op_mul = {"mul", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, same_infer, mul_forward, mul_backward};

/* ---- divide ----------------------------------------------------------------------------------------------------------- */
static bool divide_forward(weft_var_t *v)
{
    const weft_real_t *a = v->in[0]->value, *b = v->in[1]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH(v->rows * v->cols, i, y[i] = a[i] / b[i]);
    return true;
}

static bool divide_backward(weft_var_t *v)
{
    bool add;
    const weft_real_t *dy = v->grad, *b = v->in[1]->value, *y = v->value;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (d) WEFT_I_EACH(v->rows * v->cols, i, d[i] = (add ? d[i] : 0) + dy[i] / b[i]);
    d = weft_i_grad(v, 1, &add);
    if (d) WEFT_I_EACH(v->rows * v->cols, i, d[i] = (add ? d[i] : 0) - dy[i] * y[i] / b[i]);
    return true;
}

weft_var_t *weft_divide(weft_var_t *a, weft_var_t *b) { return weft_i_apply2(&weft_i_op_divide, a, b, NULL); }
const weft_i_op_t weft_i_op_divide = {"divide", 2, 1, WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_OUT, false, same_infer, divide_forward, divide_backward};

/* ---- bias, col_scale: a row [1, cols] meets every row ---------------------------------------------------------------- */
static bool row_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return (v->in[1]->rows == 1 && v->in[1]->cols == v->cols) || weft_i_fail_shapes(v, v->in[0], v->in[1]);
}

WEFT_I_WIDE static void bias_row(int64_t c, const weft_real_t *x, const weft_real_t *restrict b, weft_real_t *y)
{
    _Pragma("GCC ivdep") for (int64_t j = 0; j < c; j++) y[j] = x[j] + b[j]; /* y may be x */
}

static bool bias_forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *b = v->in[1]->value;
    weft_real_t *y = v->value;
    int64_t c = v->cols;
    WEFT_I_EACH_ROW(v->rows, c, i, bias_row(c, x + i * c, b, y + i * c));
    return true;
}

static bool bias_backward(weft_var_t *v)
{
    bool add;
    const weft_real_t *dy = v->grad;
    weft_real_t *db = weft_i_grad(v, 1, &add);
    if (db && db != dy && !weft_i_sum_rows_to(v->tape, v->rows, v->cols, dy, NULL, db, add)) return false;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx && add) WEFT_I_EACH(v->rows * v->cols, i, dx[i] += dy[i]);
    else if (dx && dx != dy) WEFT_I_EACH(v->rows * v->cols, i, dx[i] = dy[i]);
    return true;
}

weft_var_t *weft_bias(weft_var_t *x, weft_var_t *b) { return weft_i_apply2(&weft_i_op_bias, x, b, NULL); }
const weft_i_op_t weft_i_op_bias = {"bias", 2, 1, 0, true, row_infer, bias_forward, bias_backward};

static bool col_scale_forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *s = v->in[1]->value;
    weft_real_t *y = v->value;
    int64_t c = v->cols;
    WEFT_I_EACH_ROW(v->rows, c, i, for (int64_t j = 0; j < c; j++) y[i * c + j] = x[i * c + j] * s[j]);
    return true;
}

static bool col_scale_backward(weft_var_t *v)
{
    bool add;
    const weft_real_t *dy = v->grad, *s = v->in[1]->value;
    int64_t c = v->cols;
    weft_real_t *ds = weft_i_grad(v, 1, &add);
    if (ds && !weft_i_sum_rows_to(v->tape, v->rows, c, dy, v->in[0]->value, ds, add)) return false;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows, c, i, for (int64_t j = 0; j < c; j++) dx[i * c + j] = (add ? dx[i * c + j] : 0) + dy[i * c + j] * s[j]);
    return true;
}

weft_var_t *weft_col_scale(weft_var_t *x, weft_var_t *s) { return weft_i_apply2(&weft_i_op_col_scale, x, s, NULL); }
const weft_i_op_t weft_i_op_col_scale = {"col_scale", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, row_infer, col_scale_forward, col_scale_backward};

/* ---- row_scale, scalar_scale: a column [rows, 1] or a number [1, 1] -------------------------------------------------- */
static bool column_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    int64_t rows = v->op == &weft_i_op_scalar_scale ? 1 : v->rows;
    return (v->in[1]->rows == rows && v->in[1]->cols == 1) || weft_i_fail_shapes(v, v->in[0], v->in[1]);
}

/* y = s x, or added to y. */
static inline void scale_row(int64_t c, const weft_real_t *x, weft_real_t s, weft_real_t *y, bool add)
{
    if (add) {
#pragma omp simd
        for (int64_t j = 0; j < c; j++) y[j] += x[j] * s;
    } else {
#pragma omp simd
        for (int64_t j = 0; j < c; j++) y[j] = x[j] * s;
    }
}

static bool row_scale_forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *s = v->in[1]->value;
    weft_real_t *y = v->value;
    int64_t c = v->cols, step = v->op == &weft_i_op_row_scale;
    WEFT_I_EACH_ROW(v->rows, c, i, scale_row(c, x + i * c, s[i * step], y + i * c, false));
    return true;
}

static inline double row_product(const weft_var_t *v, int64_t i)
{
    const weft_real_t *x = v->in[0]->value + i * v->cols, *dy = v->grad + i * v->cols;
    double s[4] = {0}; /* four sums at once, in an order of their own */
    int64_t j = 0;
    for (; j + 4 <= v->cols; j += 4)
        for (int k = 0; k < 4; k++) s[k] += (double)x[j + k] * (double)dy[j + k];
    for (; j < v->cols; j++) s[0] += (double)x[j] * (double)dy[j];
    return (s[0] + s[2]) + (s[1] + s[3]);
}
static double row_product_term(const void *v, int64_t i) { return row_product(v, i); }

static bool row_scale_backward(weft_var_t *v)
{
    bool add, one = v->op == &weft_i_op_scalar_scale;
    const weft_real_t *dy = v->grad, *s = v->in[1]->value;
    int64_t c = v->cols, step = !one;
    weft_real_t *ds = weft_i_grad(v, 1, &add);
    if (ds && one) {
        weft_real_t sum = (weft_real_t)weft_i_sum(v->rows, row_product_term, v);
        ds[0] = add ? ds[0] + sum : sum;
    } else if (ds) WEFT_I_EACH_ROW(v->rows, c, i, ds[i] = (add ? ds[i] : 0) + (weft_real_t)row_product(v, i));
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows, c, i, scale_row(c, dy + i * c, s[i * step], dx + i * c, add));
    return true;
}

weft_var_t *weft_row_scale(weft_var_t *x, weft_var_t *s) { return weft_i_apply2(&weft_i_op_row_scale, x, s, NULL); }
weft_var_t *weft_scalar_scale(weft_var_t *x, weft_var_t *s) { return weft_i_apply2(&weft_i_op_scalar_scale, x, s, NULL); }
const weft_i_op_t weft_i_op_row_scale = {"row_scale", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, column_infer, row_scale_forward, row_scale_backward};
const weft_i_op_t weft_i_op_scalar_scale = {"scalar_scale", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, column_infer, row_scale_forward, row_scale_backward};
