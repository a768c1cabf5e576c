/* autograd/op_maps.c: functions of each element, and dropout. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "base/rng.h"

typedef enum map { RELU, ELU, LEAKY_RELU, GELU, SIGMOID, TANH, SOFTPLUS, AFFINE, SQRT } map_t;

static inline __attribute__((always_inline)) weft_real_t sigmoid(weft_real_t x)
{
    weft_real_t e = weft_i_exp(-weft_i_abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

static inline __attribute__((always_inline)) weft_real_t value(const map_t m, weft_real_t x, weft_real_t p, weft_real_t q)
{
    switch (m) {
    case RELU: return x > 0 ? x : 0;
    case ELU: return x > 0 ? x : p * (weft_i_exp(x) - 1);
    case LEAKY_RELU: return x > 0 ? x : p * x;
    case GELU: return (weft_real_t)0.5 * x * (1 + weft_i_tanh((weft_real_t)0.7978845608028654 * (x + (weft_real_t)0.044715 * x * x * x)));
    case SIGMOID: return sigmoid(x);
    case TANH: return weft_i_tanh(x);
    case SOFTPLUS: return (x > 0 ? x : 0) + weft_i_log1p(weft_i_exp(-weft_i_abs(x)));
    case AFFINE: return p * x + q;
    case SQRT: return x > p ? weft_i_sqrt(x) : 0;
    }
    return 0;
}

/* dx from dy and what the op saves: y for RELU, ELU, LEAKY_RELU (p >= 0), SIGMOID, TANH, SQRT; x for GELU, SOFTPLUS. */
static inline __attribute__((always_inline)) weft_real_t back(const map_t m, weft_real_t x, weft_real_t y, weft_real_t d, weft_real_t p)
{
    switch (m) {
    case RELU: return y > 0 ? d : 0; /* choices between ready values have vectors */
    case ELU: {
        weft_real_t z = d * (y + p);
        return y > 0 ? d : z;
    }
    case LEAKY_RELU: {
        weft_real_t z = d * p;
        return y > 0 ? d : z;
    }
    case GELU: {
        weft_real_t k = (weft_real_t)0.7978845608028654, c = (weft_real_t)0.044715, t = weft_i_tanh(k * (x + c * x * x * x));
        return d * ((weft_real_t)0.5 * (1 + t) + (weft_real_t)0.5 * x * (1 - t * t) * k * (1 + 3 * c * x * x));
    }
    case SIGMOID: return d * (y * (1 - y));
    case TANH: return d * (1 - y * y);
    case SOFTPLUS: return d * sigmoid(x);
    case AFFINE: return d * p;
    case SQRT: return y > 0 ? d * (weft_real_t)0.5 / y : 0;
    }
    return 0;
}

/* One span of elements; the map is a constant in each case, so that every loop is its own and has vectors. */
#define WEFT_I_BY_MAP(m, loop)                                                                                   \
    switch (m) {                                                                                                 \
    case RELU: loop(RELU); break;                                                                                \
    case ELU: loop(ELU); break;                                                                                  \
    case LEAKY_RELU: loop(LEAKY_RELU); break;                                                                    \
    case GELU: loop(GELU); break;                                                                                \
    case SIGMOID: loop(SIGMOID); break;                                                                          \
    case TANH: loop(TANH); break;                                                                                \
    case SOFTPLUS: loop(SOFTPLUS); break;                                                                        \
    case AFFINE: loop(AFFINE); break;                                                                            \
    case SQRT: loop(SQRT); break;                                                                                \
    }

WEFT_I_WIDE static void span_forward(map_t m, int64_t n, const weft_real_t *x, weft_real_t *y, weft_real_t p, weft_real_t q)
{
#define LOOP(M) _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) y[i] = value(M, x[i], p, q)
    WEFT_I_BY_MAP(m, LOOP)
#undef LOOP
}

WEFT_I_WIDE static void span_backward(map_t m, int64_t n, const weft_real_t *x, const weft_real_t *y, const weft_real_t *dy, weft_real_t *dx, weft_real_t p, bool add)
{
#define LOOP(M)                                                                                                  \
    if (add) _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) dx[i] += back(M, x[i], y[i], dy[i], p);       \
    else _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) dx[i] = back(M, x[i], y[i], dy[i], p)
    WEFT_I_BY_MAP(m, LOOP)
#undef LOOP
}

enum { SPAN = 8192 };

static bool infer(weft_var_t *v)
{
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return true;
}

static bool forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, p = (weft_real_t)v->attr.f[0], q = (weft_real_t)v->attr.f[1];
    weft_real_t *y = v->value;
    int64_t n = v->rows * v->cols;
    map_t m = (map_t)v->attr.i[0];
    WEFT_I_EACH_ROW((n + SPAN - 1) / SPAN, SPAN, s, span_forward(m, n - s * SPAN < SPAN ? n - s * SPAN : SPAN, x + s * SPAN, y + s * SPAN, p, q));
    return true;
}

static bool backward(weft_var_t *v)
{
    bool add, by_x = v->op->saves & WEFT_I_SAVE_IN(0), by_y = v->op->saves & WEFT_I_SAVE_OUT;
    weft_real_t *dx = weft_i_grad(v, 0, &add), p = (weft_real_t)v->attr.f[0];
    const weft_real_t *dy = v->grad, *x = v->in[0]->value, *y = v->value;
    int64_t n = v->rows * v->cols;
    map_t m = (map_t)v->attr.i[0];
    if (!by_x) x = by_y ? y : dy; /* what is not read still needs an address */
    if (!by_y) y = x;
    if (dx)
        WEFT_I_EACH_ROW((n + SPAN - 1) / SPAN, SPAN, s,
                        span_backward(m, n - s * SPAN < SPAN ? n - s * SPAN : SPAN, x + s * SPAN, y + s * SPAN, dy + s * SPAN, dx + s * SPAN, p, add));
    return true;
}

static weft_var_t *map(const weft_i_op_t *op, map_t m, weft_var_t *x, double p, double q)
{
    weft_i_attr_t attr = {.f = {p, q}, .i = {m}};
    return weft_i_apply1(op, x, &attr);
}

const weft_i_op_t weft_i_op_relu = {"relu", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};
const weft_i_op_t weft_i_op_elu = {"elu", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};
const weft_i_op_t weft_i_op_leaky_relu = {"leaky_relu", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};
const weft_i_op_t weft_i_op_gelu = {"gelu", 1, 1, WEFT_I_SAVE_IN(0), true, infer, forward, backward};
const weft_i_op_t weft_i_op_sigmoid = {"sigmoid", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};
const weft_i_op_t weft_i_op_tanh = {"tanh", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};
const weft_i_op_t weft_i_op_softplus = {"softplus", 1, 1, WEFT_I_SAVE_IN(0), true, infer, forward, backward};
const weft_i_op_t weft_i_op_affine = {"affine", 1, 1, 0, true, infer, forward, backward};
const weft_i_op_t weft_i_op_sqrt = {"sqrt", 1, 1, WEFT_I_SAVE_OUT, true, infer, forward, backward};

weft_var_t *weft_relu(weft_var_t *x) { return map(&weft_i_op_relu, RELU, x, 0, 0); }
weft_var_t *weft_elu(weft_var_t *x, double alpha) { return map(&weft_i_op_elu, ELU, x, alpha, 0); }
weft_var_t *weft_leaky_relu(weft_var_t *x, double slope) { return map(&weft_i_op_leaky_relu, LEAKY_RELU, x, slope, 0); }
weft_var_t *weft_gelu(weft_var_t *x) { return map(&weft_i_op_gelu, GELU, x, 0, 0); }
weft_var_t *weft_sigmoid(weft_var_t *x) { return map(&weft_i_op_sigmoid, SIGMOID, x, 0, 0); }
weft_var_t *weft_tanh(weft_var_t *x) { return map(&weft_i_op_tanh, TANH, x, 0, 0); }
weft_var_t *weft_softplus(weft_var_t *x) { return map(&weft_i_op_softplus, SOFTPLUS, x, 0, 0); }
weft_var_t *weft_affine(weft_var_t *x, double factor, double shift) { return map(&weft_i_op_affine, AFFINE, x, factor, shift); }
weft_var_t *weft_sqrt(weft_var_t *x, double least) { return map(&weft_i_op_sqrt, SQRT, x, least, 0); }

/* ---- dropout: sixteen random bits per element, 64 elements per call of the generator --------------------------------- */
WEFT_I_WIDE static void drop_span(const weft_i_random32_t *r, uint32_t below, weft_real_t scale, int64_t n, const weft_real_t *x, weft_real_t *y, bool add)
{
    weft_real_t keep[64];
    for (int w = 0; w < 4; w++)
        for (int k = 0; k < 8; k++) {
            keep[w * 16 + k] = (r->v[w][k] & 0xffff) < below ? 0 : scale;
            keep[w * 16 + 8 + k] = r->v[w][k] >> 16 < below ? 0 : scale;
        }
    if (add) for (int64_t i = 0; i < n; i++) y[i] += keep[i] * x[i];
    else if (n == 64) {
        _Pragma("GCC ivdep") for (int64_t i = 0; i < 64; i++) y[i] = keep[i] * x[i];
    } else for (int64_t i = 0; i < n; i++) y[i] = keep[i] * x[i];
}

static void drop(weft_var_t *v, const weft_real_t *x, weft_real_t *y, bool add)
{
    uint64_t seed = weft_i_tape_seed(v->tape), stream = weft_i_tape_stream(v);
    uint32_t below = (uint32_t)v->attr.i[0];
    weft_real_t scale = (weft_real_t)v->attr.f[0];
    int64_t n = v->rows * v->cols;
#pragma omp parallel for num_threads(weft_i_threads_for(2 * n)) schedule(static)
    for (int64_t b = 0; b < (n + 63) / 64; b++) {
        weft_i_random32_t r;
        weft_i_random_eight(seed, stream, (uint64_t)b * 8, 1, &r);
        drop_span(&r, below, scale, n - b * 64 < 64 ? n - b * 64 : 64, x + b * 64, y + b * 64, add);
    }
}

static bool dropout_forward(weft_var_t *v)
{
    drop(v, v->in[0]->value, v->value, false);
    return true;
}

static bool dropout_backward(weft_var_t *v)
{
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) drop(v, v->grad, dx, add);
    return true;
}

weft_var_t *weft_dropout(weft_var_t *x, double p)
{
    if (!x || p <= 0.0 || !weft_tape_training(x->tape)) {
        if (x) x->once = false; /* this call used it and gives it on */
        return x;
    }
    weft_i_attr_t attr = {.i = {(int64_t)(p * 65536.0 + 0.5)}};
    if (attr.i[0] > 65535) attr.i[0] = 65535;
    attr.f[0] = 65536.0 / (double)(65536 - attr.i[0]);
    return weft_i_apply1(&weft_i_op_dropout, x, &attr);
}
const weft_i_op_t weft_i_op_dropout = {"dropout", 1, 1, 0, true, infer, dropout_forward, dropout_backward};
