/* autograd/op_lstm.c: an LSTM over the arcs of every destination. Destinations are walked by falling degree, so that those with a k-th arc stand in front and
 * step k is one product of all of them. What backward reads is kept step after step. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "graph/graph.h"
#include "tensor/gemm.h"

#include <string.h>

/* kept[0]: int64: order[n_dst] (destinations by falling degree, then number), active[steps]. kept[1]: per (step, place) the gates after their maps [4 h]; kept[2]: c [h]. */
static int64_t steps_of(const weft_graph_t *g)
{
    int64_t most = 0;
    for (int64_t v = 0; v < g->n_dst; v++) {
        int64_t d = g->offset[v + 1] - g->offset[v];
        if (d > most) most = d;
    }
    return most;
}

static bool order_of(weft_var_t *v, const weft_graph_t *g, int64_t steps)
{
    int64_t *order = weft_i_keep(v, 0, (size_t)(g->n_dst + steps + 1) * sizeof *order), *active = order ? order + g->n_dst : NULL;
    if (!order) return false;
    memset(active, 0, (size_t)(steps + 1) * sizeof *active);
    for (int64_t i = 0; i < g->n_dst; i++) active[g->offset[i + 1] - g->offset[i]]++; /* of this degree; then: of a higher one */
    int64_t above = 0;
    for (int64_t d = steps; d >= 0; d--) {
        int64_t n = active[d];
        active[d] = above;
        above += n;
    }
    for (int64_t i = 0; i < g->n_dst; i++) order[active[g->offset[i + 1] - g->offset[i]]++] = i;
    for (int64_t k = 0; k < steps; k++) active[k] = active[k + 1]; /* each has moved to the end of its degree: places 0..active[k]-1 have more than k arcs */
    return true;
}

static bool infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *z = v->in[0], *w = v->in[1];
    v->rows = g->n_dst;
    v->cols = w->rows;
    if (w->cols != 4 * w->rows || z->cols != w->cols) return weft_i_fail_shapes(v, z, w);
    return z->rows == g->n_arcs || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: %lld rows for %lld arcs", v->op->name, (long long)z->rows, (long long)g->n_arcs);
}

/* One row: gates z -> (i, f, g, o) in place, c and h of before (NULL: 0) to after. */
WEFT_I_WIDE static void cell(int64_t h, weft_real_t *restrict z, const weft_real_t *restrict c0, weft_real_t *restrict c, weft_real_t *restrict y)
{
#pragma omp simd
    for (int64_t j = 0; j < 2 * h; j++) z[j] = 1 / (1 + weft_i_exp(-z[j]));
#pragma omp simd
    for (int64_t j = 2 * h; j < 3 * h; j++) z[j] = weft_i_tanh(z[j]);
#pragma omp simd
    for (int64_t j = 3 * h; j < 4 * h; j++) z[j] = 1 / (1 + weft_i_exp(-z[j]));
#pragma omp simd
    for (int64_t j = 0; j < h; j++) {
        c[j] = z[h + j] * (c0 ? c0[j] : 0) + z[j] * z[2 * h + j];
        y[j] = z[3 * h + j] * weft_i_tanh(c[j]);
    }
}

static bool forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t h = v->cols, steps = steps_of(g), n = g->n_dst;
    size_t arcs = (size_t)g->n_arcs + 1, real = sizeof(weft_real_t);
    if (!order_of(v, g, steps)) return false;
    const int64_t *order = v->kept[0].data, *active = order + n;
    weft_real_t *gates = weft_i_keep(v, 1, arcs * 4 * (size_t)h * real), *c = weft_i_keep(v, 2, arcs * (size_t)h * real);
    if (!gates || !c) return false;
    weft_i_buffer_t b = weft_i_take(v->tape, ((size_t)(n * h) + (size_t)weft_i_gemm_scratch(h, 4 * h)) * real + 64);
    if (!b.data) return false;
    weft_real_t *y = b.data, *scratch = y + n * h;
    const weft_real_t *z = v->in[0]->value, *w = v->in[1]->value;
    int64_t at = 0, before = 0; /* rows of this step and of the one before */
    for (int64_t k = 0; k < steps; k++) {
        int64_t m = active[k];
        weft_real_t *zk = gates + at * 4 * h;
        if (k) weft_i_gemm_nn(m, h, 4 * h, y, w, zk, false, scratch);
        WEFT_I_EACH_ROW(m, 64 * h, i, {
            const weft_real_t *from = z + (g->offset[order[i]] + k) * 4 * h;
            weft_real_t *row = zk + i * 4 * h;
            if (k)
                for (int64_t j = 0; j < 4 * h; j++) row[j] += from[j];
            else memcpy(row, from, (size_t)(4 * h) * sizeof *row);
            cell(h, row, k ? c + (before + i) * h : NULL, c + (at + i) * h, y + i * h);
        });
        before = at;
        at += m;
    }
    memset(v->value, 0, (size_t)(n * h) * real);
    int64_t heard = steps ? active[0] : 0;
    WEFT_I_EACH_ROW(heard, h, i, memcpy(v->value + order[i] * h, y + i * h, (size_t)h * sizeof *y));
    weft_i_give(v->tape, &b);
    return true;
}

/* Back through the steps: dh, dc by place; the gates' buffer becomes dz of the step. */
static bool backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t h = v->cols, steps = steps_of(g), n = g->n_dst, at = g->n_arcs;
    size_t real = sizeof(weft_real_t);
    const int64_t *order = v->kept[0].data, *active = order + n;
    weft_real_t *gates = v->kept[1].data;
    const weft_real_t *c = v->kept[2].data, *w = v->in[1]->value, *dy = v->grad;
    int64_t need = weft_i_gemm_scratch(4 * h, h), tn = weft_i_gemm_tn_scratch(n, h, 4 * h);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(3 * n * h + (need > tn ? need : tn)) * real + 64);
    if (!b.data) return false;
    bool add_z, add_w;
    weft_real_t *dz = weft_i_grad(v, 0, &add_z), *dw = weft_i_grad(v, 1, &add_w), *dh = b.data, *dc = dh + n * h, *last = dc + n * h, *scratch = last + n * h;
    if (dw && !add_w) memset(dw, 0, (size_t)(4 * h * h) * real);
    memset(dc, 0, (size_t)(n * h) * real);
    int64_t heard = steps ? active[0] : 0;
    WEFT_I_EACH_ROW(heard, h, i, memcpy(dh + i * h, dy + order[i] * h, (size_t)h * sizeof *dh));
    for (int64_t k = steps - 1; k >= 0; k--) {
        int64_t m = active[k], before = k ? at - m - active[k - 1] : 0;
        at -= m;
        weft_real_t *zk = gates + at * 4 * h;
        WEFT_I_EACH_ROW(m, 32 * h, i, {
            weft_real_t *z = zk + i * 4 * h;
            weft_real_t *ci = dc + i * h;
            const weft_real_t *hi = dh + i * h;
            const weft_real_t *now = c + (at + i) * h;
            const weft_real_t *was = k ? c + (before + i) * h : NULL;
            for (int64_t j = 0; j < h; j++) {
                weft_real_t in = z[j];
                weft_real_t keep = z[h + j];
                weft_real_t fresh = z[2 * h + j];
                weft_real_t out = z[3 * h + j];
                weft_real_t t = weft_i_tanh(now[j]);
                weft_real_t d = ci[j] + hi[j] * out * (1 - t * t);
                z[j] = d * fresh * in * (1 - in);
                z[h + j] = d * (was ? was[j] : 0) * keep * (1 - keep);
                z[2 * h + j] = d * in * (1 - fresh * fresh);
                z[3 * h + j] = hi[j] * t * out * (1 - out);
                ci[j] = d * keep;
            }
        });
        if (dz) WEFT_I_EACH_ROW(m, 4 * h, i, {
            weft_real_t *to = dz + (g->offset[order[i]] + k) * 4 * h;
            for (int64_t j = 0; j < 4 * h; j++) to[j] = add_z ? to[j] + zk[i * 4 * h + j] : zk[i * 4 * h + j];
        });
        if (!k) break;
        /* h of the step before is out tanh(c); its gates still stand */
        const weft_real_t *gb = gates + before * 4 * h;
        if (dw) {
            WEFT_I_EACH_ROW(m, 8 * h, i, for (int64_t j = 0; j < h; j++) last[i * h + j] = gb[i * 4 * h + 3 * h + j] * weft_i_tanh(c[(before + i) * h + j]));
            weft_i_gemm_tn(m, h, 4 * h, last, zk, dw, true, scratch);
        }
        weft_i_gemm_nt(m, 4 * h, h, zk, w, dh, false, scratch); /* rows behind m are ends of shorter rows: theirs is dy still */
    }
    weft_i_give(v->tape, &b);
    return true;
}

const weft_i_op_t weft_i_op_lstm_arcs = {"lstm_arcs", 2, 1, WEFT_I_SAVE_IN(1), false, infer, forward, backward};

weft_var_t *weft_lstm_arcs(const weft_graph_t *g, weft_var_t *z, weft_var_t *w)
{
    weft_i_attr_t attr = {.p = {g}};
    return weft_i_apply2(&weft_i_op_lstm_arcs, z, w, &attr);
}
