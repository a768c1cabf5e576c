/* autograd/op_loss.c: losses over named rows. Sums are taken in double, by lanes. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"

#include <math.h>
#include <string.h>

/* attr: p[0] label or target, p[1] row list, p[2] class weights; i[0] rows named; i[1] kind; f[0] delta. */
static int64_t row_of(const weft_var_t *v, int64_t i)
{
    const int32_t *row = v->attr.p[1];
    return row ? row[i] : i;
}

static bool infer(weft_var_t *v)
{
    v->rows = v->cols = 1;
    const int32_t *row = v->attr.p[1];
    if (!row) v->attr.i[0] = v->in[0]->rows;
    for (int64_t i = 0; row && i < v->attr.i[0]; i++)
        if (row[i] < 0 || row[i] >= v->in[0]->rows)
            return weft_i_fail(v->tape, WEFT_EUSAGE, "%s: row %d of [%lld,%lld]", v->op->name, row[i], (long long)v->in[0]->rows, (long long)v->in[0]->cols);
    return true;
}

/* ---- cross entropy: kept[0] the probabilities of the named rows, then their losses and weights ------------------------------ */
static double entropy_loss(const void *context, int64_t i)
{
    const weft_var_t *v = context;
    return (double)((const weft_real_t *)v->kept[1].data)[2 * i];
}
static double entropy_weight(const void *context, int64_t i)
{
    const weft_var_t *v = context;
    return (double)((const weft_real_t *)v->kept[1].data)[2 * i + 1];
}

/* p = e^(z - most), divided by their sum, which is returned. */
WEFT_I_WIDE static weft_real_t row_softmax(int64_t c, const weft_real_t *restrict z, weft_real_t most, weft_real_t *restrict p)
{
    weft_real_t sum = 0;
    for (int64_t j = 0; j < c; j++) p[j] = weft_i_exp(z[j] - most);
    for (int64_t j = 0; j < c; j++) sum += p[j];
    for (int64_t j = 0; j < c; j++) p[j] /= sum;
    return sum;
}

static bool entropy_forward(weft_var_t *v)
{
    int64_t n = v->attr.i[0], c = v->in[0]->cols;
    const weft_real_t *x = v->in[0]->value, *class_weight = v->attr.p[2];
    const int32_t *label = v->attr.p[0];
    for (int64_t i = 0; i < n; i++)
        if (label[row_of(v, i)] >= c) return weft_i_fail(v->tape, WEFT_EUSAGE, "cross_entropy: label %d of %lld classes", label[row_of(v, i)], (long long)c);
    weft_real_t *p = weft_i_keep(v, 0, (size_t)(n * c) * sizeof *p), *of = weft_i_keep(v, 1, (size_t)(2 * n) * sizeof *of);
    if (!p || !of) return false;
    WEFT_I_EACH_ROW(n, 8 * c, i, {
        const weft_real_t *z = x + row_of(v, i) * c;
        int32_t y = label[row_of(v, i)];
        weft_real_t most = z[0];
        for (int64_t j = 1; j < c; j++) most = z[j] > most ? z[j] : most;
        weft_real_t sum = row_softmax(c, z, most, p + i * c);
        of[2 * i + 1] = y < 0 ? 0 : class_weight ? class_weight[y] : 1;
        of[2 * i] = y < 0 ? 0 : of[2 * i + 1] * (weft_i_log(sum) - (z[y] - most));
    });
    double total = weft_i_sum(n, entropy_weight, v);
    v->attr.f[1] = total > 0.0 ? 1.0 / total : 0.0;
    v->value[0] = (weft_real_t)(weft_i_sum(n, entropy_loss, v) * v->attr.f[1]);
    return true;
}

static weft_real_t *cleared(weft_var_t *v)
{
    bool add;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (d && !add) memset(d, 0, (size_t)(v->in[0]->rows * v->in[0]->cols) * sizeof *d);
    return d;
}

static void entropy_row_back(int64_t c, const weft_real_t *restrict p, weft_real_t f, int32_t label, weft_real_t *restrict d)
{
    for (int64_t j = 0; j < c; j++) d[j] += f * (p[j] - (j == label ? 1 : 0));
}

static bool entropy_backward(weft_var_t *v)
{
    int64_t n = v->attr.i[0], c = v->in[0]->cols;
    const weft_real_t *p = v->kept[0].data, *of = v->kept[1].data;
    const int32_t *label = v->attr.p[0];
    weft_real_t *d = cleared(v), f = v->grad[0] * (weft_real_t)v->attr.f[1];
    if (!d) return true;
    if (v->attr.p[1]) for (int64_t i = 0; i < n; i++) entropy_row_back(c, p + i * c, f * of[2 * i + 1], label[row_of(v, i)], d + row_of(v, i) * c); /* a row may be named twice */
    else WEFT_I_EACH_ROW(n, c, i, entropy_row_back(c, p + i * c, f * of[2 * i + 1], label[i], d + i * c));
    return true;
}

weft_var_t *weft_cross_entropy(weft_var_t *x, const int32_t *label, const int32_t *row, int64_t n, const weft_real_t *class_weight)
{
    weft_i_attr_t attr = {.i = {n}, .p = {label, row, class_weight}};
    return weft_i_apply1(&weft_i_op_cross_entropy, x, &attr);
}
const weft_i_op_t weft_i_op_cross_entropy = {"cross_entropy", 1, 1, 0, false, infer, entropy_forward, entropy_backward};

/* ---- losses element by element: value and slope of one ------------------------------------------------------------------------ */
enum { BCE = -1 };

static double element(const weft_var_t *v, double x, double y, double *slope)
{
    double d = x - y, delta = v->attr.f[0], e;
    switch (v->attr.i[1]) {
    case WEFT_MSE: *slope = 2.0 * d; return d * d;
    case WEFT_MAE: *slope = (d > 0.0) - (d < 0.0); return fabs(d);
    case WEFT_HUBER:
        *slope = fabs(d) <= delta ? d : d > 0.0 ? delta : -delta;
        return fabs(d) <= delta ? 0.5 * d * d : delta * (fabs(d) - 0.5 * delta);
    default:
        e = exp(-fabs(x));
        *slope = (x >= 0.0 ? 1.0 : e) / (1.0 + e) - y;
        return (x > 0.0 ? x : 0.0) + log1p(e) - x * y;
    }
}

static double elements_loss(const void *context, int64_t i)
{
    const weft_var_t *v = context;
    const weft_real_t *x = v->in[0]->value, *y = v->attr.p[0];
    int64_t c = v->in[0]->cols, r = row_of(v, i);
    double s = 0.0, slope;
    for (int64_t j = 0; j < c; j++)
        if (!isnan(y[r * c + j])) s += element(v, (double)x[r * c + j], (double)y[r * c + j], &slope);
    return s;
}

static double elements_count(const void *context, int64_t i)
{
    const weft_var_t *v = context;
    const weft_real_t *y = v->attr.p[0];
    int64_t c = v->in[0]->cols, r = row_of(v, i), n = 0;
    for (int64_t j = 0; j < c; j++) n += !isnan(y[r * c + j]);
    return (double)n;
}

static bool elements_forward(weft_var_t *v)
{
    double n = weft_i_sum(v->attr.i[0], elements_count, v);
    v->attr.f[1] = n > 0.0 ? 1.0 / n : 0.0;
    v->value[0] = (weft_real_t)(weft_i_sum(v->attr.i[0], elements_loss, v) * v->attr.f[1]);
    return true;
}

static bool elements_backward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *y = v->attr.p[0];
    int64_t c = v->in[0]->cols;
    weft_real_t *d = cleared(v);
    double f = (double)v->grad[0] * v->attr.f[1], slope;
    for (int64_t i = 0; d && i < v->attr.i[0]; i++)
        for (int64_t j = row_of(v, i) * c; j < (row_of(v, i) + 1) * c; j++)
            if (!isnan(y[j])) {
                element(v, (double)x[j], (double)y[j], &slope);
                d[j] += (weft_real_t)(f * slope);
            }
    return true;
}

weft_var_t *weft_bce(weft_var_t *x, const weft_real_t *target, const int32_t *row, int64_t n)
{
    weft_i_attr_t attr = {.i = {n, BCE}, .p = {target, row}};
    return weft_i_apply1(&weft_i_op_bce, x, &attr);
}
const weft_i_op_t weft_i_op_bce = {"bce", 1, 1, WEFT_I_SAVE_IN(0), false, infer, elements_forward, elements_backward};

weft_var_t *weft_regression_loss(weft_var_t *x, const weft_real_t *target, const int32_t *row, int64_t n, weft_regression_t kind, double delta)
{
    weft_i_attr_t attr = {.f = {delta}, .i = {n, kind}, .p = {target, row}};
    return weft_i_apply1(&weft_i_op_regression, x, &attr);
}
const weft_i_op_t weft_i_op_regression = {"regression", 1, 1, WEFT_I_SAVE_IN(0), false, infer, elements_forward, elements_backward};
