/* autograd/op_solve.c: where endless propagation ends: (I - a W) x = b by conjugate gradients, column by column at once. The way back is another such solution. */
#include "autograd/op_common.h"
#include "graph/spmm.h"

#include <math.h>
#include <string.h>

/* Whether every arc weighs what its reverse weighs, but for rounding: conjugate gradients would give something else without a word. */
static bool alike_both_ways(const weft_graph_t *g, const weft_real_t *w)
{
    bool alike = true;
    for (int64_t i = 0; i < g->n_arcs && alike; i++) { /* of a symmetric graph r_place is each arc's reverse */
        const double a = (double)w[i], b = (double)w[g->r_place[i]];
        alike = fabs(a - b) <= 1e-5 * (fabs(a) + fabs(b));
    }
    return alike;
}

static bool solve_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    if (v->rows != g->n_dst || !g->mirrored) return weft_i_fail(v->tape, WEFT_EUSAGE, "propagate_solve: [%lld,%lld] on a graph of %lld nodes%s", (long long)v->rows, (long long)v->cols, (long long)g->n_dst, g->mirrored ? "" : " that is not symmetric");
    if (!v->attr.p[1]) return weft_i_fail(v->tape, WEFT_EUSAGE, "propagate_solve: no weights");
    if (!alike_both_ways(g, v->attr.p[1])) return weft_i_fail(v->tape, WEFT_EUSAGE, "propagate_solve: weights that are not the same both ways");
    return (v->attr.f[0] >= 0.0 && v->attr.f[0] < 1.0) || weft_i_fail(v->tape, WEFT_EUSAGE, "propagate_solve: a = %g is not in 0 .. 1", v->attr.f[0]);
}

/* y = x - a W x */
static void multiply(const weft_graph_t *g, const weft_real_t *w, weft_real_t a, int64_t n, int64_t c, const weft_real_t *x, weft_real_t *y)
{
    const weft_i_spmm_t s = {.rows = weft_i_graph_in(g), .x = x, .w = w, .heads = 1, .width = c, .y = y};
    weft_i_spmm(&s);
    WEFT_I_EACH(n * c, i, y[i] = x[i] - a * y[i]);
}

/* x <- the solution for b, until every column's residual is at most tolerance |b_j|, or `rounds`. */
static bool solve(weft_var_t *v, const weft_real_t *b, weft_real_t *x)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_real_t *w = v->attr.p[1];
    int64_t n = v->rows, c = v->cols;
    weft_real_t a = (weft_real_t)v->attr.f[0], tolerance = (weft_real_t)v->attr.f[1];
    weft_i_buffer_t room = weft_i_take(v->tape, (size_t)(3 * n * c + (5 + WEFT_I_MAX_LANES) * c + 1) * sizeof *x);
    weft_real_t *r = room.data, *p = r + n * c, *q = p + n * c, *rr = q + n * c, *first = rr + c, *pq = first + c, *step = pq + c, *next = step + c, *scratch = next + c;
    if (!r) return false;
    memset(x, 0, (size_t)(n * c) * sizeof *x);
    memcpy(r, b, (size_t)(n * c) * sizeof *r);
    memcpy(p, b, (size_t)(n * c) * sizeof *p);
    weft_i_sum_rows_of_product(n, c, r, r, rr, false, scratch);
    memcpy(first, rr, (size_t)c * sizeof *first);
    for (int64_t round = 0; round < v->attr.i[0]; round++) {
        bool open = false;
        for (int64_t j = 0; j < c; j++) open |= rr[j] > tolerance * tolerance * first[j];
        if (!open) break;
        multiply(g, w, a, n, c, p, q);
        weft_i_sum_rows_of_product(n, c, p, q, pq, false, scratch);
        for (int64_t j = 0; j < c; j++) step[j] = pq[j] > 0 ? rr[j] / pq[j] : 0; /* a column that is there stands still */
        WEFT_I_EACH_ROW(n, c, i, for (int64_t j = 0; j < c; j++) {
            x[i * c + j] += step[j] * p[i * c + j];
            r[i * c + j] -= step[j] * q[i * c + j];
        });
        weft_i_sum_rows_of_product(n, c, r, r, next, false, scratch);
        for (int64_t j = 0; j < c; j++) {
            step[j] = rr[j] > 0 ? next[j] / rr[j] : 0;
            rr[j] = next[j];
        }
        WEFT_I_EACH_ROW(n, c, i, for (int64_t j = 0; j < c; j++) p[i * c + j] = r[i * c + j] + step[j] * p[i * c + j]);
    }
    weft_i_give(v->tape, &room);
    return true;
}

static bool solve_forward(weft_var_t *v) { return solve(v, v->in[0]->value, v->value); }

/* x = M^-1 b with M symmetric: db = M^-1 dx. */
static bool solve_backward(weft_var_t *v)
{
    bool add;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (!d) return true;
    if (!add) return solve(v, v->grad, d);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(v->rows * v->cols + 1) * sizeof *d);
    weft_real_t *x = b.data;
    bool good = x && solve(v, v->grad, x);
    if (good) WEFT_I_EACH(v->rows * v->cols, i, d[i] += x[i]);
    weft_i_give(v->tape, &b);
    return good;
}

const weft_i_op_t weft_i_op_propagate_solve = {"propagate_solve", 1, 1, 0, false, solve_infer, solve_forward, solve_backward};

weft_var_t *weft_propagate_solve(const weft_graph_t *graph, const weft_weights_t *weights, weft_var_t *b, double a, double tolerance, int32_t rounds)
{
    const weft_i_attr_t attr = {.i = {rounds > 0 ? rounds : 200}, .f = {a, tolerance > 0.0 ? tolerance : 1e-6}, .p = {graph, weights ? weft_weights_data(weights) : NULL}};
    return weft_i_apply1(&weft_i_op_propagate_solve, b, &attr);
}
