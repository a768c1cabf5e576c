/* autograd/op_shape.c: side by side, columns, dot products by head. */
#include "autograd/op_common.h"

#include <string.h>

bool weft_i_sum_rows_to(weft_tape_t *t, int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *y, weft_real_t *out, bool add)
{
    weft_i_buffer_t s = weft_i_take(t, (size_t)cols * WEFT_I_MAX_LANES * sizeof *out);
    if (!s.data) return false;
    if (y) weft_i_sum_rows_of_product(n, cols, x, y, out, add, s.data);
    else weft_i_sum_rows(n, cols, x, out, add, s.data);
    weft_i_give(t, &s);
    return true;
}

static bool concat_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = 0;
    for (int32_t k = 0; k < v->n_in; k++) {
        v->cols += v->in[k]->cols;
        if (v->in[k]->rows != v->rows) return weft_i_fail_shapes(v, v->in[0], v->in[k]);
    }
    return true;
}

static bool concat_forward(weft_var_t *v)
{
    int64_t at = 0;
    for (int32_t k = 0; k < v->n_in; at += v->in[k]->cols, k++) {
        const weft_real_t *x = v->in[k]->value;
        weft_real_t *y = v->value + at;
        int64_t c = v->in[k]->cols, all = v->cols;
        WEFT_I_EACH_ROW(v->rows, c, i, memcpy(y + i * all, x + i * c, (size_t)c * sizeof *y));
    }
    return true;
}

static bool concat_backward(weft_var_t *v)
{
    int64_t at = 0;
    for (int32_t k = 0; k < v->n_in; at += v->in[k]->cols, k++) {
        bool add;
        weft_real_t *dx = weft_i_grad(v, k, &add);
        const weft_real_t *dy = v->grad + at;
        int64_t c = v->in[k]->cols, all = v->cols;
        if (dx) WEFT_I_EACH_ROW(v->rows, c, i, for (int64_t j = 0; j < c; j++) dx[i * c + j] = (add ? dx[i * c + j] : 0) + dy[i * all + j]);
    }
    return true;
}

weft_var_t *weft_concat(weft_var_t *const *x, int32_t n)
{
    weft_tape_t *t = NULL;
    for (int32_t k = 0; k < n; k++)
        if (x[k]) t = x[k]->tape;
    return t ? weft_i_apply(&weft_i_op_concat, t, x, n, NULL) : NULL;
}
const weft_i_op_t weft_i_op_concat = {"concat", WEFT_I_MANY, 1, 0, false, concat_infer, concat_forward, concat_backward};

static bool columns_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->attr.i[1];
    if (v->attr.i[0] >= 0 && v->cols >= 0 && v->attr.i[0] <= v->in[0]->cols - v->cols) return true;
    return weft_i_fail(v->tape, WEFT_EUSAGE, "columns: %lld from %lld of %lld", (long long)v->cols, (long long)v->attr.i[0], (long long)v->in[0]->cols);
}

static bool columns_forward(weft_var_t *v)
{
    int64_t c = v->cols, all = v->in[0]->cols;
    const weft_real_t *x = v->in[0]->value + v->attr.i[0];
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows, c, i, memcpy(y + i * c, x + i * all, (size_t)c * sizeof *y));
    return true;
}

static bool columns_backward(weft_var_t *v)
{
    bool add;
    int64_t c = v->cols, all = v->in[0]->cols, from = v->attr.i[0];
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    const weft_real_t *dy = v->grad;
    if (!dx) return true;
    if (!add) memset(dx, 0, (size_t)(v->rows * all) * sizeof *dx);
    WEFT_I_EACH_ROW(v->rows, c, i, for (int64_t j = 0; j < c; j++) dx[i * all + from + j] += dy[i * c + j]);
    return true;
}

weft_var_t *weft_columns(weft_var_t *x, int64_t from, int64_t n)
{
    weft_i_attr_t attr = {.i = {from, n}};
    return weft_i_apply1(&weft_i_op_columns, x, &attr);
}
const weft_i_op_t weft_i_op_columns = {"columns", 1, 1, 0, false, columns_infer, columns_forward, columns_backward};

static bool row_dot_infer(weft_var_t *v)
{
    weft_var_t *x = v->in[0], *a = v->in[1];
    v->rows = x->rows;
    v->cols = v->attr.i[0];
    return (a->rows == 1 && a->cols == x->cols && v->cols > 0 && x->cols % v->cols == 0) || weft_i_fail_shapes(v, x, a);
}

static bool row_dot_forward(weft_var_t *v)
{
    int64_t heads = v->cols, f = v->in[0]->cols, c = f / heads;
    const weft_real_t *x = v->in[0]->value, *a = v->in[1]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows, f, i, {
        for (int64_t h = 0; h < heads; h++) {
            weft_real_t s = 0;
            for (int64_t j = h * c; j < (h + 1) * c; j++) s += x[i * f + j] * a[j];
            y[i * heads + h] = s;
        }
    });
    return true;
}

static bool row_dot_backward(weft_var_t *v)
{
    bool add;
    int64_t heads = v->cols, f = v->in[0]->cols, c = f / heads;
    const weft_real_t *dy = v->grad, *x = v->in[0]->value, *a = v->in[1]->value;
    weft_real_t *da = weft_i_grad(v, 1, &add);
    if (da) { /* by lanes, as every sum over nodes */
        int32_t lanes = weft_i_n_lanes(v->rows);
        weft_i_buffer_t s = weft_i_take(v->tape, (size_t)(lanes * f) * sizeof *da);
        if (!s.data) return false;
        weft_real_t *part = s.data;
        WEFT_I_EACH_ROW(lanes, v->rows / (lanes ? lanes : 1) * f, l, {
            weft_real_t *p = part + l * f;
            memset(p, 0, (size_t)f * sizeof *p);
            for (int64_t i = weft_i_lane_begin(v->rows, lanes, (int32_t)l); i < weft_i_lane_begin(v->rows, lanes, (int32_t)l + 1); i++)
                for (int64_t j = 0; j < f; j++) p[j] += x[i * f + j] * dy[i * heads + j / c];
        });
        for (int64_t j = 0; j < f; j++) {
            weft_real_t sum = 0;
            for (int32_t l = 0; l < lanes; l++) sum += part[l * f + j];
            da[j] = add ? da[j] + sum : sum;
        }
        weft_i_give(v->tape, &s);
    }
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows, f, i, for (int64_t j = 0; j < f; j++) dx[i * f + j] = (add ? dx[i * f + j] : 0) + a[j] * dy[i * heads + j / c]);
    return true;
}

weft_var_t *weft_row_dot(weft_var_t *x, weft_var_t *a, int32_t heads)
{
    weft_i_attr_t attr = {.i = {heads}};
    return weft_i_apply2(&weft_i_op_row_dot, x, a, &attr);
}
const weft_i_op_t weft_i_op_row_dot = {"row_dot", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, row_dot_infer, row_dot_forward, row_dot_backward};
