/* autograd/op_mlp.c: linear layers with a leaky relu between, as one op over blocks of rows: a block goes through all layers while it is in
 * the cache, and backward finds the hidden layers again instead of keeping them. The sums are those of matmul, bias and leaky relu, in
 * their order (gradients of weights: on the lanes of tensor/lanes.h), so the result is theirs, bit for bit. */
#include "autograd/op_common.h"
#include "tensor/tile.h"
#include "weft/base.h"

#include <omp.h>
#include <string.h>

enum { ROWS = 96, MOST = 8 }; /* rows of a block: a multiple of every tile's height; layers */

typedef struct shape {
    int32_t n;             /* layers */
    int64_t width[MOST + 1], weight[MOST + 1], packed[MOST + 1], across[MOST + 1]; /* where each layer's weights, panels, panels of the transpose begin */
    int64_t most;          /* widest layer behind the input, in whole panels */
    const weft_i_tile_t *tile;
    weft_real_t slope;
} shape_t;

static int64_t round_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

static shape_t shape_of(const weft_var_t *v)
{
    shape_t s = {.n = (v->n_in - 1) / 2, .tile = weft_i_tile(), .slope = (weft_real_t)v->attr.f[0]};
    s.width[0] = v->in[0]->cols;
    for (int32_t k = 0; k < s.n; k++) {
        int64_t in = s.width[k], out = s.width[k + 1] = v->in[1 + 2 * k]->cols;
        s.weight[k + 1] = s.weight[k] + (in + 1) * out;
        s.packed[k + 1] = s.packed[k] + in * round_up(out, s.tile->width);
        s.across[k + 1] = s.across[k] + out * round_up(in, s.tile->width);
        if (round_up(out, s.tile->width) > s.most) s.most = round_up(out, s.tile->width);
    }
    return s;
}

static bool mlp_infer(weft_var_t *v)
{
    int32_t n = (v->n_in - 1) / 2;
    int64_t width = v->in[0]->cols;
    for (int32_t k = 0; k < n; k++) {
        const weft_var_t *w = v->in[1 + 2 * k], *b = v->in[2 + 2 * k];
        if (w->rows != width || b->cols != w->cols || b->rows != 1) return weft_i_fail_shapes(v, w, b);
        width = w->cols;
    }
    v->rows = v->in[0]->rows;
    v->cols = width;
    return true;
}

/* panel[p][q][j] = b[q * row + (p * wide + j) * col] */
static void pack(int64_t k, int64_t m, const weft_real_t *b, int64_t row, int64_t col, int64_t wide, weft_real_t *to)
{
    for (int64_t p = 0; p < m; p += wide)
        for (int64_t q = 0; q < k; q++, to += wide) {
            int64_t n = m - p < wide ? m - p : wide;
            if (col == 1) memcpy(to, b + q * row + p, (size_t)n * sizeof *to);
            else for (int64_t j = 0; j < n; j++) to[j] = b[q * row + (p + j) * col];
            for (int64_t j = n; j < wide; j++) to[j] = 0;
        }
}

/* y [rows, m] (+)= x [rows, k] panels; x: element (i, q) at i * x_row + q * x_col. */
static void product(const weft_i_tile_t *tile, int64_t rows, int64_t k, int64_t m, const weft_real_t *x, int64_t x_row, int64_t x_col, const weft_real_t *panels, weft_real_t *y, bool add)
{
    for (int64_t j = 0; j < m; j += tile->width)
        for (int64_t r = 0; r < rows; r += tile->height)
            tile->run(k, x + r * x_row, x_row, x_col, panels + j * k, y + r * m + j, m, (int32_t)(rows - r < tile->height ? rows - r : tile->height), (int32_t)(m - j < tile->width ? m - j : tile->width), add);
}

static void activate(int64_t rows, int64_t m, const weft_real_t *bias, bool leaky, weft_real_t slope, weft_real_t *y)
{
    weft_real_t below = leaky ? slope : 1; /* at most 1, so that the leaky relu is a maximum: no branch */
    for (int64_t i = 0; i < rows; i++, y += m) {
#pragma omp simd
        for (int64_t j = 0; j < m; j++) {
            weft_real_t z = y[j] + bias[j], w = below * z;
            y[j] = z > w ? z : w;
        }
    }
}

/* The hidden layers of a block, in layer[1..n - 1], and (last) the result in layer[n]. */
static void block_forward(const shape_t *s, const weft_var_t *v, const weft_real_t *panels, int64_t rows, weft_real_t *const *layer, bool last)
{
    for (int32_t k = 0; k < s->n - !last; k++) {
        product(s->tile, rows, s->width[k], s->width[k + 1], layer[k], s->width[k], 1, panels + s->packed[k], layer[k + 1], false);
        activate(rows, s->width[k + 1], v->in[2 + 2 * k]->value, k + 1 < s->n, s->slope, layer[k + 1]);
    }
}

static bool mlp_forward(weft_var_t *v)
{
    const shape_t s = shape_of(v);
    int64_t n = v->rows, blocks = (n + ROWS - 1) / ROWS, own = 2 * ROWS * s.most;
    int32_t threads = weft_i_threads_for(n * s.weight[s.n] / 32);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(s.packed[s.n] + threads * own) * sizeof(weft_real_t));
    weft_real_t *panels = b.data, *scratch = panels + s.packed[s.n];
    if (!panels) return false;
    for (int32_t k = 0; k < s.n; k++) pack(s.width[k], s.width[k + 1], v->in[1 + 2 * k]->value, s.width[k + 1], 1, s.tile->width, panels + s.packed[k]);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < blocks; i++) {
        int64_t from = i * ROWS, rows = n - from < ROWS ? n - from : ROWS;
        weft_real_t *layer[MOST + 1] = {v->in[0]->value + from * s.width[0]};
        for (int32_t k = 1; k < s.n; k++) layer[k] = scratch + omp_get_thread_num() * own + (k & 1) * ROWS * s.most;
        layer[s.n] = v->value + from * s.width[s.n];
        block_forward(&s, v, panels, rows, layer, true);
    }
    weft_i_give(v->tape, &b);
    return true;
}

typedef struct backward {
    const shape_t *s;
    weft_var_t *v;
    const weft_real_t *panels, *across;
    weft_real_t *dx;
    bool add;
    int64_t own; /* scratch of a lane: hidden layers, two gradients, panels of a gradient, gradients of the weights */
} backward_t;

static int64_t lane_scratch(const shape_t *s) { return (s->n + 2) * ROWS * s->most + s->weight[s->n]; }

/* The leaky relu's derivative, by its result y. */
static void slopes(int64_t n, const weft_real_t *y, weft_real_t slope, weft_real_t *d)
{
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        weft_real_t f = y[i] > 0 ? (weft_real_t)1 : slope;
        d[i] *= f;
    }
}

/* Rows begin..end: gradients of weights and biases into `part` (layer by layer: weights, bias), of x into dx. */
static void lane_backward(const backward_t *o, int64_t begin, int64_t end, weft_real_t *scratch)
{
    const shape_t *s = o->s;
    weft_var_t *v = o->v;
    weft_real_t *layer[MOST + 1], *d[2], *packed, *part;
    for (int32_t k = 1; k < s->n; k++, scratch += ROWS * s->most) layer[k] = scratch;
    d[0] = scratch, d[1] = d[0] + ROWS * s->most, packed = d[1] + ROWS * s->most, part = packed + ROWS * s->most;
    memset(part, 0, (size_t)s->weight[s->n] * sizeof *part);
    for (int64_t from = begin; from < end; from += ROWS) {
        int64_t rows = end - from < ROWS ? end - from : ROWS;
        layer[0] = v->in[0]->value + from * s->width[0];
        block_forward(s, v, o->panels, rows, layer, false);
        const weft_real_t *dy = v->grad + from * s->width[s->n];
        for (int32_t k = s->n - 1; k >= 0; k--) {
            int64_t in = s->width[k], out = s->width[k + 1];
            weft_real_t *dw = part + s->weight[k], *db = dw + in * out, *to = k ? d[k & 1] : o->dx ? o->dx + from * in : NULL;
            pack(rows, out, dy, out, 1, s->tile->width, packed);
            product(s->tile, in, rows, out, layer[k], 1, in, packed, dw, true);
            for (int64_t i = 0; i < rows; i++) {
#pragma omp simd
                for (int64_t j = 0; j < out; j++) db[j] += dy[i * out + j];
            }
            if (to) product(s->tile, rows, out, in, dy, out, 1, o->across + s->across[k], to, !k && o->add);
            if (k) slopes(rows * in, layer[k], s->slope, to);
            dy = to;
        }
    }
}

void weft_i_room_mlp_rows(const weft_var_t *v, weft_i_room_t *room)
{
    const shape_t s = shape_of(v);
    int32_t lanes = weft_i_n_lanes(v->rows), threads = weft_i_threads_for(v->rows * s.weight[s.n] / 8), group = threads < lanes ? threads : lanes;
    room->forward = (size_t)(s.packed[s.n] + weft_i_threads_for(v->rows * s.weight[s.n] / 32) * 2 * ROWS * s.most) * sizeof(weft_real_t);
    room->backward = (size_t)(s.packed[s.n] + s.across[s.n] + (group ? group : 1) * lane_scratch(&s)) * sizeof(weft_real_t);
}

static bool mlp_backward(weft_var_t *v)
{
    const shape_t s = shape_of(v);
    backward_t o = {.s = &s, .v = v, .own = lane_scratch(&s)};
    int64_t n = v->rows, first_of_own = s.packed[s.n] + s.across[s.n];
    int32_t lanes = weft_i_n_lanes(n), threads = weft_i_threads_for(n * s.weight[s.n] / 8), group = threads < lanes ? threads : lanes;
    weft_real_t *gradient[2 * MOST];
    bool add;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(first_of_own + (group ? group : 1) * o.own) * sizeof(weft_real_t));
    weft_real_t *panels = b.data;
    if (!panels) return false;
    o.panels = panels;
    o.across = panels + s.packed[s.n];
    o.dx = weft_i_grad(v, 0, &o.add);
    for (int32_t k = 0; k < s.n; k++) {
        const weft_real_t *w = v->in[1 + 2 * k]->value;
        pack(s.width[k], s.width[k + 1], w, s.width[k + 1], 1, s.tile->width, panels + s.packed[k]);
        pack(s.width[k + 1], s.width[k], w, 1, s.width[k + 1], s.tile->width, panels + s.packed[s.n] + s.across[k]);
        for (int32_t q = 0; q < 2; q++) {
            weft_real_t *g = gradient[2 * k + q] = weft_i_grad(v, 1 + 2 * k + q, &add);
            if (g && !add) memset(g, 0, (size_t)(v->in[1 + 2 * k + q]->rows * v->in[1 + 2 * k + q]->cols) * sizeof *g);
        }
    }
    for (int32_t first = 0; first < lanes; first += group) {
        int32_t last = first + group < lanes ? first + group : lanes;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
        for (int32_t lane = first; lane < last; lane++) lane_backward(&o, weft_i_lane_begin(n, lanes, lane), weft_i_lane_begin(n, lanes, lane + 1), panels + first_of_own + (lane - first) * o.own);
        for (int32_t lane = first; lane < last; lane++)
            for (int32_t k = 0; k < s.n; k++) {
                const weft_real_t *part = panels + first_of_own + (lane - first + 1) * o.own - s.weight[s.n] + s.weight[k];
                int64_t size = s.width[k] * s.width[k + 1];
                for (int64_t i = 0; gradient[2 * k] && i < size; i++) gradient[2 * k][i] += part[i];
                for (int64_t i = 0; gradient[2 * k + 1] && i < s.width[k + 1]; i++) gradient[2 * k + 1][i] += part[size + i];
            }
    }
    weft_i_give(v->tape, &b);
    return true;
}

weft_var_t *weft_mlp_rows(weft_var_t *x, weft_var_t *const *weight_bias, int32_t n_layers, double slope)
{
    weft_var_t *in[1 + 2 * MOST] = {x};
    weft_i_attr_t attr = {.f = {slope}};
    if (!x) return NULL;
    if (n_layers < 1 || n_layers > MOST || !(slope >= 0.0 && slope <= 1.0)) return weft_i_fail(x->tape, WEFT_EUSAGE, "mlp_rows: %d layers, slope %g", n_layers, slope), NULL;
    for (int32_t k = 0; k < 2 * n_layers; k++) in[1 + k] = weight_bias[k];
    return weft_i_apply(&weft_i_op_mlp_rows, x->tape, in, 1 + 2 * n_layers, &attr);
}
const weft_i_op_t weft_i_op_mlp_rows = {"mlp_rows", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0), false, mlp_infer, mlp_forward, mlp_backward};
