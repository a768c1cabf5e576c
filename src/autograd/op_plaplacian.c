/* autograd/op_plaplacian.c: the weight of an arc from the p-norm of the gradient along it; the difference of its ends is never stored. */
#include "autograd/op_common.h"
#include "base/alloc.h"
#include "graph/graph.h"

#include <math.h>
#include <string.h>

/* |a - b|^2 in eight sums, folded in a fixed tree. */
static double square(const weft_real_t *restrict a, const weft_real_t *restrict b, int64_t f)
{
    weft_real_t s[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= f; j += 8)
        for (int k = 0; k < 8; k++) {
            weft_real_t d = a[j + k] - b[j + k];
            s[k] += d * d;
        }
    for (int k = 0; j < f; j++, k++) {
        weft_real_t d = a[j] - b[j];
        s[k] += d * d;
    }
    return (double)((s[0] + s[4]) + (s[2] + s[6])) + (double)((s[1] + s[5]) + (s[3] + s[7]));
}

static bool infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = v->in[0], *y = v->in[1], *p = v->in[2];
    v->rows = g->n_arcs;
    v->cols = 1;
    if (x->rows != g->n_src || y->rows != g->n_dst || x->cols != y->cols) return weft_i_fail_shapes(v, x, y);
    return (p->rows == 1 && p->cols == 1) || weft_i_fail_shapes(v, x, p);
}

/* Under `mask` an arc between (nearly) equal ends has weight 0, else eps keeps it finite. */
static bool forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t f = v->in[0]->cols;
    const weft_real_t *x = v->in[0]->value, *y = v->in[1]->value;
    double eps2 = v->attr.f[0] * v->attr.f[0], power = ((double)v->in[2]->value[0] - 2.0) / 2.0;
    bool mask = v->attr.i[0] != 0;
    weft_real_t *z = v->value;
    WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * f, r, {
        for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++) {
            double s = square(x + (int64_t)g->source[i] * f, y + r * f, f);
            z[i] = (weft_real_t)(mask ? (s > eps2 ? pow(s, power) : 0.0) : pow(s + eps2, power));
        }
    });
    return true;
}

/* dM/dx = (p - 2) (r^2 + eps^2)^((p-4)/2) (x - y) = (p - 2) M / (r^2 + eps^2) (x - y) */
static bool backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t f = v->in[0]->cols;
    const weft_real_t *x = v->in[0]->value, *y = v->in[1]->value, *dz = v->grad;
    double eps2 = v->attr.f[0] * v->attr.f[0], p = (double)v->in[2]->value[0];
    bool add, mask = v->attr.i[0] != 0;
    weft_i_buffer_t by_arc = weft_i_take(v->tape, (size_t)(2 * g->n_arcs + 1) * sizeof(weft_real_t));
    weft_real_t *rate = by_arc.data, *log_rate = rate ? rate + g->n_arcs : NULL;
    if (!rate) return false;
    WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * f, r, {
        for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++) {
            double s = square(x + (int64_t)g->source[i] * f, y + r * f, f);
            bool off = mask && !(s > eps2);
            if (!mask) s += eps2;
            double m = off ? 0.0 : pow(s, (p - 2.0) / 2.0);
            rate[i] = (weft_real_t)(off ? 0.0 : (double)dz[i] * (p - 2.0) * m / s);
            log_rate[i] = (weft_real_t)(off ? 0.0 : 0.5 * m * log(s));
        }
    });
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx && !add) memset(dx, 0, (size_t)(g->n_src * f) * sizeof *dx);
    if (dx)
        WEFT_I_EACH_ROW(g->n_src, g->n_arcs / (g->n_src ? g->n_src : 1) * f, u, {
            for (int64_t i = g->r_offset[u]; i < g->r_offset[u + 1]; i++) {
                const weft_real_t *other = y + (int64_t)g->r_target[i] * f;
                weft_real_t k = rate[g->r_place[i]];
                for (int64_t j = 0; j < f; j++) dx[u * f + j] += k * (x[u * f + j] - other[j]);
            }
        });
    weft_real_t *dy = weft_i_grad(v, 1, &add);
    if (dy && !add) memset(dy, 0, (size_t)(g->n_dst * f) * sizeof *dy);
    if (dy)
        WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * f, r, {
            for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++) {
                const weft_real_t *other = x + (int64_t)g->source[i] * f;
                for (int64_t j = 0; j < f; j++) dy[r * f + j] += rate[i] * (y[r * f + j] - other[j]);
            }
        });
    weft_real_t *dp = weft_i_grad(v, 2, &add);
    bool ok = !dp || weft_i_sum_rows_to(v->tape, g->n_arcs, 1, log_rate, dz, dp, add);
    weft_i_give(v->tape, &by_arc);
    return ok;
}

weft_var_t *weft_arc_p_weight(const weft_graph_t *g, weft_var_t *x, weft_var_t *y, weft_var_t *p, double eps, bool mask)
{
    weft_var_t *in[3] = {x, y, p};
    weft_i_attr_t attr = {.f = {eps}, .i = {mask}, .p = {g}};
    return x && y && p ? weft_i_apply(&weft_i_op_arc_p_weight, x->tape, in, 3, &attr) : NULL;
}
const weft_i_op_t weft_i_op_arc_p_weight = {"arc_p_weight", 3, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2), false, infer, forward, backward};
