/* autograd/op_features.c: what attention by features makes of its queries and keys. */
#include "autograd/op_common.h"
#include "base/real.h"
#include "weft/attention.h"

#include <math.h>
#include <string.h>

/* ---- l2_normalize: per row and head x / max(|x|, 1e-12); kept[0]: 1 / max(..) ------------------------------------------------------- */
static bool same_shape(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return (v->attr.i[0] > 0 && v->cols % v->attr.i[0] == 0) || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: %lld heads of %lld columns", v->op->name, (long long)v->attr.i[0], (long long)v->cols);
}

static bool l2_forward(weft_var_t *v)
{
    int64_t heads = v->attr.i[0], c = v->cols / heads;
    const weft_real_t *x = v->in[0]->value;
    weft_real_t *y = v->value, *over = weft_i_keep(v, 0, (size_t)(v->rows * heads + 1) * sizeof *over);
    if (!over) return false;
    WEFT_I_EACH_ROW(v->rows * heads, 2 * c, r, {
        weft_real_t s = 0;
        for (int64_t j = 0; j < c; j++) s += x[r * c + j] * x[r * c + j];
        s = weft_i_sqrt(s);
        over[r] = 1 / (s > (weft_real_t)1e-12 ? s : (weft_real_t)1e-12);
        for (int64_t j = 0; j < c; j++) y[r * c + j] = x[r * c + j] * over[r];
    });
    return true;
}

static bool l2_backward(weft_var_t *v)
{
    int64_t heads = v->attr.i[0], c = v->cols / heads;
    const weft_real_t *y = v->value, *dy = v->grad, *over = v->kept[0].data;
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows * heads, 3 * c, r, {
        weft_real_t s = 0;
        for (int64_t j = 0; j < c; j++) s += y[r * c + j] * dy[r * c + j];
        for (int64_t j = 0; j < c; j++) {
            weft_real_t z = over[r] * (dy[r * c + j] - y[r * c + j] * s);
            dx[r * c + j] = add ? dx[r * c + j] + z : z;
        }
    });
    return true;
}

weft_var_t *weft_l2_normalize(weft_var_t *x, int32_t heads)
{
    weft_i_attr_t attr = {.i = {heads}};
    return weft_i_apply1(&weft_i_op_l2_normalize, x, &attr);
}
const weft_i_op_t weft_i_op_l2_normalize = {"l2_normalize", 1, 1, WEFT_I_SAVE_OUT, false, same_shape, l2_forward, l2_backward};

/* ---- taylor_features: [1, x / c^1/4, (x (x) x) / sqrt(2 c)] per head ---------------------------------------------------------------- */
static bool taylor_infer(weft_var_t *v)
{
    if (!same_shape(v)) return false;
    int64_t c = v->cols / v->attr.i[0];
    v->cols = v->attr.i[0] * (1 + c + c * c);
    return true;
}

static bool taylor_forward(weft_var_t *v)
{
    int64_t c = v->in[0]->cols / v->attr.i[0], m = 1 + c + c * c;
    const weft_real_t *x = v->in[0]->value, one = 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)c)), two = 1 / weft_i_sqrt(2 * (weft_real_t)c);
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows * v->attr.i[0], m, r, {
        const weft_real_t *a = x + r * c;
        weft_real_t *z = y + r * m;
        z[0] = 1;
        for (int64_t i = 0; i < c; i++) z[1 + i] = a[i] * one;
        for (int64_t i = 0; i < c; i++)
            for (int64_t j = 0; j < c; j++) z[1 + c + i * c + j] = a[i] * a[j] * two;
    });
    return true;
}

static bool taylor_backward(weft_var_t *v)
{
    int64_t c = v->in[0]->cols / v->attr.i[0], m = 1 + c + c * c;
    const weft_real_t *x = v->in[0]->value, *dy = v->grad, one = 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)c)), two = 1 / weft_i_sqrt(2 * (weft_real_t)c);
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows * v->attr.i[0], m, r, {
        const weft_real_t *a = x + r * c, *d = dy + r * m;
        for (int64_t i = 0; i < c; i++) {
            weft_real_t s = d[1 + i] * one;
            for (int64_t j = 0; j < c; j++) s += two * a[j] * (d[1 + c + i * c + j] + d[1 + c + j * c + i]);
            dx[r * c + i] = add ? dx[r * c + i] + s : s;
        }
    });
    return true;
}

weft_var_t *weft_taylor_features(weft_var_t *x, int32_t heads)
{
    weft_i_attr_t attr = {.i = {heads}};
    return weft_i_apply1(&weft_i_op_taylor_features, x, &attr);
}
const weft_i_op_t weft_i_op_taylor_features = {"taylor_features", 1, 1, WEFT_I_SAVE_IN(0), false, taylor_infer, taylor_forward, taylor_backward};

/* ---- exp_features: m^-1/2 (exp(x - s - top) + 1e-4), s [rows, 1]; top: a row's largest x, or (keys) the largest of a head over a segment;
 * no gradient through it. Rows stand node by node, head by head. ----------------------------------------------------------------------- */
static bool exp_infer(weft_var_t *v)
{
    const weft_var_t *x = v->in[0], *s = v->in[1];
    v->rows = x->rows;
    v->cols = x->cols;
    return (s->rows == x->rows && s->cols == 1) || weft_i_fail_shapes(v, x, s);
}

static bool exp_forward(weft_var_t *v)
{
    int64_t m = v->cols, heads = v->attr.i[0], n = v->attr.i[1];
    const weft_real_t *x = v->in[0]->value, *s = v->in[1]->value, r = 1 / weft_i_sqrt((weft_real_t)m);
    const int64_t *first = v->attr.p[0], all[2] = {0, v->rows / heads};
    weft_real_t *y = v->value;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(v->rows + 1) * sizeof *y);
    weft_real_t *top = b.data;
    if (!top) return false;
    WEFT_I_EACH_ROW(v->rows, m, i, {
        weft_real_t t = x[i * m];
        for (int64_t j = 1; j < m; j++) t = x[i * m + j] > t ? x[i * m + j] : t;
        top[i] = t;
    });
    if (v->attr.i[2]) {
        if (!first) first = all, n = 1;
        for (int64_t k = 0; k < n; k++)
            for (int64_t h = 0; h < heads; h++) {
                weft_real_t t = (weft_real_t)-INFINITY;
                for (int64_t i = first[k]; i < first[k + 1]; i++) t = top[i * heads + h] > t ? top[i * heads + h] : t;
                for (int64_t i = first[k]; i < first[k + 1]; i++) top[i * heads + h] = t;
            }
    }
    WEFT_I_EACH_ROW(v->rows, 8 * m, i, {
        for (int64_t j = 0; j < m; j++) y[i * m + j] = r * (weft_i_exp(x[i * m + j] - s[i] - top[i]) + (weft_real_t)1e-4);
    });
    weft_i_give(v->tape, &b);
    return true;
}

static bool exp_backward(weft_var_t *v)
{
    int64_t m = v->cols;
    const weft_real_t *y = v->value, *dy = v->grad, floor_of = (weft_real_t)1e-4 / weft_i_sqrt((weft_real_t)m);
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH(v->rows * m, i, dx[i] = (add ? dx[i] : 0) + dy[i] * (y[i] - floor_of));
    weft_real_t *ds = weft_i_grad(v, 1, &add);
    if (ds) WEFT_I_EACH_ROW(v->rows, m, i, {
        weft_real_t s = 0;
        for (int64_t j = 0; j < m; j++) s += dy[i * m + j] * (y[i * m + j] - floor_of);
        ds[i] = (add ? ds[i] : 0) - s;
    });
    return true;
}

weft_var_t *weft_exp_features(weft_var_t *x, weft_var_t *s, int32_t heads, const weft_segments_t *segments, bool keys)
{
    weft_i_attr_t attr = {.i = {heads, segments ? segments->n : 0, keys}, .p = {segments ? segments->first : NULL}};
    return weft_i_apply2(&weft_i_op_exp_features, x, s, &attr);
}
const weft_i_op_t weft_i_op_exp_features = {"exp_features", 2, 1, WEFT_I_SAVE_OUT, false, exp_infer, exp_forward, exp_backward};

/* ---- column_softmax: per column over the rows of a segment; kept[0]: largest and sum per segment and column --------------------------- */
static bool column_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return true;
}

/* Large segments are summed on lanes. */
static bool column_forward(weft_var_t *v)
{
    int64_t c = v->cols, n = v->attr.p[0] ? v->attr.i[1] : 1;
    const int64_t all[2] = {0, v->rows}, *first = v->attr.p[0] ? v->attr.p[0] : all;
    const weft_real_t *x = v->in[0]->value;
    weft_real_t *y = v->value;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)((WEFT_I_MAX_LANES + 2) * c + 1) * sizeof *y);
    if (!b.data) return false;
    weft_real_t *top = b.data, *sum = top + c, *scratch = sum + c;
    for (int64_t s = 0; s < n; s++) {
        int64_t from = first[s], rows = first[s + 1] - from;
        for (int64_t j = 0; j < c; j++) top[j] = (weft_real_t)-INFINITY;
        for (int64_t i = from; i < from + rows; i++)
            for (int64_t j = 0; j < c; j++) top[j] = x[i * c + j] > top[j] ? x[i * c + j] : top[j];
        WEFT_I_EACH_ROW(rows, 8 * c, i, for (int64_t j = 0; j < c; j++) y[(from + i) * c + j] = weft_i_exp(x[(from + i) * c + j] - top[j]));
        weft_i_sum_rows(rows, c, y + from * c, sum, false, scratch);
        for (int64_t j = 0; j < c; j++) sum[j] = sum[j] > 0 ? 1 / sum[j] : 0;
        WEFT_I_EACH_ROW(rows, c, i, for (int64_t j = 0; j < c; j++) y[(from + i) * c + j] *= sum[j]);
    }
    weft_i_give(v->tape, &b);
    return true;
}

static bool column_backward(weft_var_t *v)
{
    int64_t c = v->cols, n = v->attr.p[0] ? v->attr.i[1] : 1;
    const int64_t all[2] = {0, v->rows}, *first = v->attr.p[0] ? v->attr.p[0] : all;
    const weft_real_t *y = v->value, *dy = v->grad;
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)((WEFT_I_MAX_LANES + 1) * c + 1) * sizeof *y);
    if (!b.data) return false;
    weft_real_t *sum = b.data, *scratch = sum + c;
    for (int64_t s = 0; s < n && dx; s++) {
        int64_t from = first[s], rows = first[s + 1] - from;
        weft_i_sum_rows_of_product(rows, c, y + from * c, dy + from * c, sum, false, scratch);
        WEFT_I_EACH_ROW(rows, c, i, for (int64_t j = 0; j < c; j++) {
            int64_t k = (from + i) * c + j;
            weft_real_t z = y[k] * (dy[k] - sum[j]);
            dx[k] = add ? dx[k] + z : z;
        });
    }
    weft_i_give(v->tape, &b);
    return true;
}

weft_var_t *weft_column_softmax(weft_var_t *x, const weft_segments_t *segments)
{
    weft_i_attr_t attr = {.i = {0, segments ? segments->n : 0}, .p = {segments ? segments->first : NULL}};
    return weft_i_apply1(&weft_i_op_column_softmax, x, &attr);
}
const weft_i_op_t weft_i_op_column_softmax = {"column_softmax", 1, 1, WEFT_I_SAVE_OUT, false, column_infer, column_forward, column_backward};
