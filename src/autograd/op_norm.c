/* autograd/op_norm.c: batch norm (per column) and layer norm (per row). */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"

#include <string.h>

#define EPSILON ((weft_real_t)1e-5)

static bool infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    for (int32_t k = 1; k < 3; k++)
        if (v->in[k]->rows != 1 || v->in[k]->cols != v->cols) return weft_i_fail_shapes(v, v->in[0], v->in[k]);
    return true;
}

WEFT_I_WIDE static void batch_row(int64_t c, const weft_real_t *restrict x, const weft_real_t *restrict mean, const weft_real_t *restrict over, const weft_real_t *restrict gamma, const weft_real_t *restrict beta, weft_real_t *restrict y)
{
    for (int64_t j = 0; j < c; j++) y[j] = (x[j] - mean[j]) * (over[j] * gamma[j]) + beta[j];
}

/* mean, over (1 / deviation), sum of dy and of dy (x - mean): per column. */
typedef struct batch_back { const weft_real_t *mean, *over, *sum, *product, *gamma; weft_real_t share; bool add; } batch_back_t;

WEFT_I_WIDE static void batch_row_back(int64_t c, const batch_back_t *b, const weft_real_t *restrict x, const weft_real_t *restrict dy, weft_real_t *restrict d)
{
    const weft_real_t *restrict mean = b->mean, *restrict over = b->over, *restrict sum = b->sum, *restrict product = b->product, *restrict gamma = b->gamma, share = b->share;
#define SLOPE(j) (gamma[j] * over[j] * (dy[j] - share * sum[j] - share * (x[j] - mean[j]) * over[j] * over[j] * product[j]))
    if (b->add) for (int64_t j = 0; j < c; j++) d[j] += SLOPE(j); /* a condition within would leave no vectors */
    else for (int64_t j = 0; j < c; j++) d[j] = SLOPE(j);
#undef SLOPE
}

/* kept[0]: mean and 1 / deviation, per column. */
static bool batch_forward(weft_var_t *v)
{
    int64_t n = v->rows, c = v->cols;
    weft_real_t *mean = weft_i_keep(v, 0, (size_t)(2 * c) * sizeof *mean), *running_mean = (weft_real_t *)v->attr.p[0], *running_var = (weft_real_t *)v->attr.p[1];
    if (!mean) return false;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(WEFT_I_MAX_LANES * c) * sizeof *mean);
    if (!b.data) return false;
    weft_real_t *over = mean + c;
    if (v->attr.i[0] && n > 0) {
        weft_i_sum_rows(n, c, v->in[0]->value, mean, false, b.data);
        for (int64_t j = 0; j < c; j++) mean[j] /= (weft_real_t)n;
        weft_i_sum_rows_centred(n, c, v->in[0]->value, mean, NULL, over, b.data);
        for (int64_t j = 0; j < c; j++) {
            if (running_mean) running_mean[j] = (weft_real_t)0.9 * running_mean[j] + (weft_real_t)0.1 * mean[j];
            if (running_var) running_var[j] = (weft_real_t)0.9 * running_var[j] + (weft_real_t)0.1 * over[j] / (weft_real_t)(n > 1 ? n - 1 : 1);
            over[j] = 1 / weft_i_sqrt(over[j] / (weft_real_t)n + EPSILON);
        }
    } else
        for (int64_t j = 0; j < c; j++) {
            mean[j] = running_mean ? running_mean[j] : 0;
            over[j] = 1 / weft_i_sqrt((running_var ? running_var[j] : 1) + EPSILON);
        }
    weft_i_give(v->tape, &b);
    const weft_real_t *x = v->in[0]->value, *gamma = v->in[1]->value, *beta = v->in[2]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(n, c, i, batch_row(c, x + i * c, mean, over, gamma, beta, y + i * c));
    return true;
}

static bool batch_backward(weft_var_t *v)
{
    int64_t n = v->rows, c = v->cols;
    const weft_real_t *mean = v->kept[0].data, *over = mean + c, *x = v->in[0]->value, *dy = v->grad, *gamma = v->in[1]->value;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)((WEFT_I_MAX_LANES + 2) * c) * sizeof *dy);
    if (!b.data) return false;
    weft_real_t *sum = b.data, *product = sum + c, *scratch = sum + 2 * c;
    weft_i_sum_rows(n, c, dy, sum, false, scratch);
    weft_i_sum_rows_centred(n, c, x, mean, dy, product, scratch);
    bool add;
    weft_real_t *d = weft_i_grad(v, 1, &add);
    for (int64_t j = 0; d && j < c; j++) d[j] = (add ? d[j] : 0) + product[j] * over[j];
    d = weft_i_grad(v, 2, &add);
    for (int64_t j = 0; d && j < c; j++) d[j] = (add ? d[j] : 0) + sum[j];
    d = weft_i_grad(v, 0, &add);
    weft_real_t share = v->attr.i[0] && n > 0 ? 1 / (weft_real_t)n : 0; /* fixed statistics pass nothing on */
    const batch_back_t back = {mean, over, sum, product, gamma, share, add};
    if (d) WEFT_I_EACH_ROW(n, c, i, batch_row_back(c, &back, x + i * c, dy + i * c, d + i * c));
    weft_i_give(v->tape, &b);
    return true;
}

weft_var_t *weft_batch_norm(weft_var_t *x, weft_var_t *gamma, weft_var_t *beta, weft_real_t *running_mean, weft_real_t *running_variance)
{
    weft_var_t *in[3] = {x, gamma, beta};
    weft_i_attr_t attr = {.i = {x ? weft_tape_training(x->tape) : 0}, .p = {running_mean, running_variance}};
    return x ? weft_i_apply(&weft_i_op_batch_norm, x->tape, in, 3, &attr) : NULL;
}
const weft_i_op_t weft_i_op_batch_norm = {"batch_norm", 3, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, infer, batch_forward, batch_backward};

/* Sums of a row on sixteen lanes, folded in a fixed tree. */
static inline __attribute__((always_inline)) weft_real_t fold(const weft_real_t *s)
{
    weft_real_t a[8];
    for (int k = 0; k < 8; k++) a[k] = s[k] + s[k + 8];
    return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

WEFT_I_WIDE static weft_real_t layer_row(int64_t c, const weft_real_t *restrict x, const weft_real_t *restrict gamma, const weft_real_t *restrict beta, weft_real_t *restrict hat, weft_real_t *restrict y)
{
    weft_real_t s[16] = {0}, q[16] = {0};
    int64_t whole = c & ~(int64_t)15;
    for (int64_t j = 0; j < whole; j += 16)
        for (int k = 0; k < 16; k++) s[k] += x[j + k];
    for (int64_t j = whole; j < c; j++) s[j - whole] += x[j];
    weft_real_t mean = fold(s) / (weft_real_t)c;
    for (int64_t j = 0; j < whole; j += 16)
        for (int k = 0; k < 16; k++) q[k] += (x[j + k] - mean) * (x[j + k] - mean);
    for (int64_t j = whole; j < c; j++) q[j - whole] += (x[j] - mean) * (x[j] - mean);
    weft_real_t over = 1 / weft_i_sqrt(fold(q) / (weft_real_t)c + EPSILON);
    for (int64_t j = 0; j < c; j++) {
        hat[j] = (x[j] - mean) * over;
        y[j] = hat[j] * gamma[j] + beta[j];
    }
    return over;
}

WEFT_I_WIDE static void layer_row_back(int64_t c, const weft_real_t *restrict dy, const weft_real_t *restrict gamma, const weft_real_t *restrict hat, weft_real_t over, weft_real_t *restrict d, bool add)
{
    weft_real_t s[16] = {0}, q[16] = {0};
    int64_t whole = c & ~(int64_t)15;
    for (int64_t j = 0; j < whole; j += 16)
        for (int k = 0; k < 16; k++) {
            s[k] += dy[j + k] * gamma[j + k];
            q[k] += dy[j + k] * gamma[j + k] * hat[j + k];
        }
    for (int64_t j = whole; j < c; j++) {
        s[j - whole] += dy[j] * gamma[j];
        q[j - whole] += dy[j] * gamma[j] * hat[j];
    }
    weft_real_t a = fold(s) / (weft_real_t)c, b = fold(q) / (weft_real_t)c;
    for (int64_t j = 0; j < c; j++) {
        weft_real_t z = over * (dy[j] * gamma[j] - a - hat[j] * b);
        d[j] = add ? d[j] + z : z;
    }
}

/* kept[0]: the normalised rows; kept[1]: 1 / deviation per row. */
static bool layer_forward(weft_var_t *v)
{
    int64_t n = v->rows, c = v->cols;
    weft_real_t *hat = weft_i_keep(v, 0, (size_t)(n * c) * sizeof *hat), *over = weft_i_keep(v, 1, (size_t)n * sizeof *over), *y = v->value;
    const weft_real_t *x = v->in[0]->value, *gamma = v->in[1]->value, *beta = v->in[2]->value;
    if (!hat || !over) return false;
    WEFT_I_EACH_ROW(n, 4 * c, i, over[i] = layer_row(c, x + i * c, gamma, beta, hat + i * c, y + i * c));
    return true;
}

static bool layer_backward(weft_var_t *v)
{
    int64_t n = v->rows, c = v->cols;
    const weft_real_t *hat = v->kept[0].data, *over = v->kept[1].data, *dy = v->grad, *gamma = v->in[1]->value;
    bool add;
    weft_real_t *d = weft_i_grad(v, 1, &add);
    if (d && !weft_i_sum_rows_to(v->tape, n, c, dy, hat, d, add)) return false;
    d = weft_i_grad(v, 2, &add);
    if (d && !weft_i_sum_rows_to(v->tape, n, c, dy, NULL, d, add)) return false;
    d = weft_i_grad(v, 0, &add);
    if (d) WEFT_I_EACH_ROW(n, 4 * c, i, layer_row_back(c, dy + i * c, gamma, hat + i * c, over[i], d + i * c, add));
    return true;
}

weft_var_t *weft_layer_norm(weft_var_t *x, weft_var_t *gamma, weft_var_t *beta)
{
    weft_var_t *in[3] = {x, gamma, beta};
    return x ? weft_i_apply(&weft_i_op_layer_norm, x->tape, in, 3, NULL) : NULL;
}
const weft_i_op_t weft_i_op_layer_norm = {"layer_norm", 3, 1, WEFT_I_SAVE_IN(1), false, infer, layer_forward, layer_backward};
