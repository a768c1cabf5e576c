/* autograd/op_softmax.c: softmax along each row. */
#include "autograd/op_common.h"
#include "base/real.h"

static bool infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return true;
}

static bool forward(weft_var_t *v)
{
    int64_t c = v->cols;
    const weft_real_t *x = v->in[0]->value;
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows, 8 * c, i, {
        weft_real_t most = c ? x[i * c] : 0;
        weft_real_t sum = 0;
        for (int64_t j = 1; j < c; j++) most = x[i * c + j] > most ? x[i * c + j] : most;
        for (int64_t j = 0; j < c; j++) {
            y[i * c + j] = weft_i_exp(x[i * c + j] - most);
            sum += y[i * c + j];
        }
        for (int64_t j = 0; j < c; j++) y[i * c + j] /= sum;
    });
    return true;
}

static bool backward(weft_var_t *v)
{
    bool add;
    int64_t c = v->cols;
    const weft_real_t *y = v->value, *dy = v->grad;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->rows, 4 * c, i, {
        weft_real_t dot = 0;
        for (int64_t j = 0; j < c; j++) dot += y[i * c + j] * dy[i * c + j];
        for (int64_t j = 0; j < c; j++) dx[i * c + j] = (add ? dx[i * c + j] : 0) + y[i * c + j] * (dy[i * c + j] - dot);
    });
    return true;
}

weft_var_t *weft_row_softmax(weft_var_t *x) { return weft_i_apply1(&weft_i_op_row_softmax, x, NULL); }
const weft_i_op_t weft_i_op_row_softmax = {"row_softmax", 1, 1, WEFT_I_SAVE_OUT, false, infer, forward, backward};
