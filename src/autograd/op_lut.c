/* autograd/op_lut.c: rows re-cut, and tables looked up by learned weights, as timing networks do it. */
#include "autograd/op_common.h"

#include <math.h>
#include <string.h>

static bool reshape_infer(weft_var_t *v)
{
    weft_var_t *x = v->in[0];
    v->cols = v->attr.i[0];
    v->rows = v->cols > 0 ? x->rows * x->cols / v->cols : 0;
    return v->rows * v->cols == x->rows * x->cols || weft_i_fail(v->tape, WEFT_EUSAGE, "reshape: [%lld,%lld] into %lld columns", (long long)x->rows, (long long)x->cols, (long long)v->cols);
}

static bool reshape_forward(weft_var_t *v)
{
    if (v->value != v->in[0]->value) memcpy(v->value, v->in[0]->value, (size_t)(v->rows * v->cols) * sizeof *v->value);
    return true;
}

static bool reshape_backward(weft_var_t *v)
{
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    const weft_real_t *dy = v->grad;
    if (dx && dx != dy) WEFT_I_EACH(v->rows * v->cols, i, dx[i] = (add ? dx[i] : 0) + dy[i]);
    return true;
}

weft_var_t *weft_reshape(weft_var_t *x, int64_t cols)
{
    weft_i_attr_t attr = {.i = {cols}};
    return weft_i_apply1(&weft_i_op_reshape, x, &attr);
}
const weft_i_op_t weft_i_op_reshape = {"reshape", 1, 1, 0, true, reshape_infer, reshape_forward, reshape_backward};

/* Tables of n1 x n2 values; several rows may share one table. attr: i n1, n2, rows per table; p tables, axes. */
static bool outer_infer(weft_var_t *v)
{
    weft_var_t *x = v->in[0];
    v->rows = x->rows;
    v->cols = 1;
    return x->cols == v->attr.i[0] + v->attr.i[1] || weft_i_fail(v->tape, WEFT_EUSAGE, "lut_outer: %lld columns for tables of %lld x %lld", (long long)x->cols, (long long)v->attr.i[0], (long long)v->attr.i[1]);
}

static bool outer_forward(weft_var_t *v)
{
    int64_t n1 = v->attr.i[0], n2 = v->attr.i[1], share = v->attr.i[2], cols = n1 + n2;
    const weft_real_t *x = v->in[0]->value, *table = v->attr.p[0];
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows, n1 * n2, r, {
        const weft_real_t *a = x + r * cols, *b = a + n1, *t = table + r / share * n1 * n2;
        weft_real_t sum = 0;
        for (int64_t i = 0; i < n1; i++) {
            weft_real_t s = 0;
            for (int64_t j = 0; j < n2; j++) s += b[j] * t[i * n2 + j];
            sum += a[i] * s;
        }
        y[r] = sum;
    });
    return true;
}

static bool outer_backward(weft_var_t *v)
{
    int64_t n1 = v->attr.i[0], n2 = v->attr.i[1], share = v->attr.i[2], cols = n1 + n2;
    const weft_real_t *x = v->in[0]->value, *table = v->attr.p[0], *dy = v->grad;
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (!dx) return true;
    WEFT_I_EACH_ROW(v->rows, n1 * n2, r, {
        const weft_real_t *a = x + r * cols, *b = a + n1, *t = table + r / share * n1 * n2;
        weft_real_t *d = dx + r * cols;
        for (int64_t i = 0; i < n1; i++) {
            weft_real_t s = 0;
            for (int64_t j = 0; j < n2; j++) s += b[j] * t[i * n2 + j];
            d[i] = (add ? d[i] : 0) + dy[r] * s;
        }
        for (int64_t j = 0; j < n2; j++) {
            weft_real_t s = 0;
            for (int64_t i = 0; i < n1; i++) s += a[i] * t[i * n2 + j];
            d[n1 + j] = (add ? d[n1 + j] : 0) + dy[r] * s;
        }
    });
    return true;
}

weft_var_t *weft_lut_outer(weft_var_t *x, const weft_real_t *table, int64_t n1, int64_t n2, int64_t rows_per_table)
{
    weft_i_attr_t attr = {.i = {n1, n2, rows_per_table}, .p = {table}};
    return weft_i_apply1(&weft_i_op_lut_outer, x, &attr);
}
const weft_i_op_t weft_i_op_lut_outer = {"lut_outer", 1, 1, WEFT_I_SAVE_IN(0), false, outer_infer, outer_forward, outer_backward};

static bool attend_infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return true;
}

enum { MOST_CELLS = 4096 };

/* y = sum p T, p = softmax(x key), key_ij = axis1_i axis2_j; kept: dy/dx = sum p key T - y sum p key. */
static bool attend_forward(weft_var_t *v)
{
    int64_t n1 = v->attr.i[0], n2 = v->attr.i[1], heads = v->cols;
    const weft_real_t *x = v->in[0]->value, *table = v->attr.p[0], *axes = v->attr.p[1];
    weft_real_t *y = v->value, *rate = weft_i_keep(v, 0, (size_t)(v->rows * heads) * sizeof *rate);
    if (!rate) return false;
    if (n1 * n2 > MOST_CELLS) return weft_i_fail(v->tape, WEFT_EUSAGE, "lut_attention: a table of %lld x %lld", (long long)n1, (long long)n2);
    WEFT_I_EACH_ROW(v->rows, n1 * n2 * heads * 8, r, {
        const weft_real_t *t = table + r * n1 * n2;
        const weft_real_t *a1 = axes + r * (n1 + n2);
        const weft_real_t *a2 = a1 + n1;
        for (int64_t h = 0; h < heads; h++) {
            weft_real_t q = x[r * heads + h];
            weft_real_t most = q * a1[0] * a2[0];
            for (int64_t i = 0; i < n1; i++)
                for (int64_t j = 0; j < n2; j++) most = q * a1[i] * a2[j] > most ? q * a1[i] * a2[j] : most;
            double w = 0.0;
            double wt = 0.0;
            double wk = 0.0;
            double wkt = 0.0;
            for (int64_t i = 0; i < n1; i++)
                for (int64_t j = 0; j < n2; j++) {
                    double k = (double)(a1[i] * a2[j]);
                    double z = (double)(q * a1[i] * a2[j] - most);
                    double e = sizeof q == 4 ? (double)expf((float)z) : exp(z);
                    double value = (double)t[i * n2 + j];
                    w += e;
                    wt += e * value;
                    wk += e * k;
                    wkt += e * k * value;
                }
            y[r * heads + h] = (weft_real_t)(wt / w);
            rate[r * heads + h] = (weft_real_t)(wkt / w - wt / w * (wk / w));
        }
    });
    return true;
}

static bool attend_backward(weft_var_t *v)
{
    bool add;
    const weft_real_t *dy = v->grad, *rate = v->kept[0].data;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH(v->rows * v->cols, i, dx[i] = (add ? dx[i] : 0) + dy[i] * rate[i]);
    return true;
}

weft_var_t *weft_lut_attention(weft_var_t *x, const weft_real_t *table, const weft_real_t *axes, int64_t n1, int64_t n2)
{
    weft_i_attr_t attr = {.i = {n1, n2}, .p = {table, axes}};
    return weft_i_apply1(&weft_i_op_lut_attention, x, &attr);
}
const weft_i_op_t weft_i_op_lut_attention = {"lut_attention", 1, 1, 0, false, attend_infer, attend_forward, attend_backward};
