/* autograd/op_p_spmm.c: one step of p-Laplacian message passing in one pass over the arcs: an arc's weight from the difference of its ends, the weighted
 * sum and the sum of weights while the rows are near. Nothing of arcs x columns is stored, and forward stores nothing of the arcs. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "graph/graph.h"

#include <string.h>

enum { CHUNK = 32, AHEAD = 24 }; /* arcs whose weights are worked out together; whose rows are asked for ahead */

typedef struct step {
    const weft_graph_t *g;
    const weft_real_t *x, *y, *w, *dz; /* of sources, of destinations, of arcs (NULL: 1); the gradient */
    int64_t f;
    weft_real_t eps2, power; /* (p - 2) / 2 */
    bool mask, detach;
    weft_real_t *z, *m, *rate, *log_rate, *dw; /* backward, by arcs */
} step_t;

static step_t step_of(const weft_var_t *v)
{
    return (step_t){.g = v->attr.p[0], .x = v->in[0]->value, .y = v->in[1]->value, .w = v->n_in > 3 ? v->in[3]->value : NULL, .dz = v->grad, .f = v->in[0]->cols,
                    .eps2 = (weft_real_t)(v->attr.f[0] * v->attr.f[0]), .power = (v->in[2]->value[0] - 2) / 2, .mask = v->attr.i[0] != 0, .detach = v->attr.i[1] != 0, .z = v->value};
}

static bool infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = v->in[0], *y = v->in[1], *p = v->in[2];
    v->rows = g->n_dst;
    v->cols = x->cols + 1;
    if (x->rows != g->n_src || y->rows != g->n_dst || x->cols != y->cols) return weft_i_fail_shapes(v, x, y);
    if (v->n_in > 3 && (v->in[3]->rows != g->n_arcs || v->in[3]->cols != 1)) return weft_i_fail_shapes(v, x, v->in[3]);
    return (p->rows == 1 && p->cols == 1) || weft_i_fail_shapes(v, x, p);
}

/* |a - b|^2 in eight sums, folded in a fixed tree. */
static inline __attribute__((always_inline)) weft_real_t square(const weft_real_t *restrict a, const weft_real_t *restrict b, int64_t f)
{
    weft_real_t s[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= f; j += 8)
        for (int k = 0; k < 8; k++) {
            weft_real_t d = a[j + k] - b[j + k];
            s[k] += d * d;
        }
    for (int k = 0; j + k < f; k++) {
        weft_real_t d = a[j + k] - b[j + k];
        s[k] += d * d;
    }
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* Of the arcs i0 .. i0 + n into row r: q, what is raised to the power, and m, the weight: w q^power, q = w |x - y|^2 + eps^2; with mask 0 where w |x - y|^2 is
 * at most eps^2. */
static inline __attribute__((always_inline)) void weights(const step_t *s, int64_t r, int64_t i0, int64_t n, weft_real_t *restrict q, weft_real_t *restrict m)
{
    const weft_real_t *y = s->y + r * s->f, most = (weft_real_t)1e30, least = (weft_real_t)1e-30;
    for (int64_t k = 0; k < n; k++) q[k] = square(s->x + (int64_t)s->g->source[i0 + k] * s->f, y, s->f);
    for (int64_t k = 0; k < n && s->w; k++) q[k] *= s->w[i0 + k];
    for (int64_t k = n; k < CHUNK; k++) q[k] = 1;
    for (int64_t k = 0; k < CHUNK; k++) m[k] = s->mask && !(q[k] > s->eps2) ? 0 : 1;
    for (int64_t k = 0; k < CHUNK; k++) {
        weft_real_t a = s->mask ? q[k] : q[k] + s->eps2;
        a = a > least ? a : least;
        q[k] = a < most ? a : most;
    }
    for (int64_t k = 0; k < CHUNK; k++) m[k] *= weft_i_power(q[k], s->power);
    for (int64_t k = 0; k < n && s->w; k++) m[k] *= s->w[i0 + k];
}

WEFT_I_WIDE static void forward_row(const step_t *s, int64_t r)
{
    int64_t f = s->f;
    weft_real_t q[CHUNK], m[CHUNK], *restrict z = s->z + r * (f + 1), sum = 0;
    memset(z, 0, (size_t)f * sizeof *z);
    for (int64_t i0 = s->g->offset[r]; i0 < s->g->offset[r + 1]; i0 += CHUNK) {
        int64_t n = s->g->offset[r + 1] - i0 < CHUNK ? s->g->offset[r + 1] - i0 : CHUNK;
        for (int64_t k = 0; k < n && i0 + k + AHEAD < s->g->n_arcs; k++) { /* as many as are used now, further on */
            const char *row = (const char *)(s->x + (int64_t)s->g->source[i0 + k + AHEAD] * f);
            for (int64_t line = 0; line < f * (int64_t)sizeof *s->x; line += 64) __builtin_prefetch(row + line);
        }
        weights(s, r, i0, n, q, m);
        for (int64_t k = 0; k < n; k++) {
            const weft_real_t *restrict x = s->x + (int64_t)s->g->source[i0 + k] * f, w = m[k];
            for (int64_t j = 0; j < f; j++) z[j] += w * x[j];
            sum += w;
        }
    }
    z[f] = sum;
}

static bool forward(weft_var_t *v)
{
    const step_t s = step_of(v);
    WEFT_I_EACH_ROW(s.g->n_dst, s.g->n_arcs / (s.g->n_dst ? s.g->n_dst : 1) * s.f, r, forward_row(&s, r));
    return true;
}

/* By destination: each arc's weight again, what its change is worth (rate: of |x - y|^2), and the destinations' gradient; detached, the weight alone. */
WEFT_I_WIDE static void back_row(const step_t *s, int64_t r, weft_real_t *restrict dy)
{
    int64_t f = s->f;
    weft_real_t q[CHUNK], m[CHUNK], up[CHUNK];
    const weft_real_t *restrict dz = s->dz + r * (f + 1), *restrict y = s->y + r * f;
    for (int64_t i0 = s->g->offset[r]; i0 < s->g->offset[r + 1]; i0 += CHUNK) {
        int64_t n = s->g->offset[r + 1] - i0 < CHUNK ? s->g->offset[r + 1] - i0 : CHUNK;
        weights(s, r, i0, n, q, m);
        if (s->detach) {
            memcpy(s->m + i0, m, (size_t)n * sizeof *m);
            continue;
        }
        for (int64_t k = 0; k < n; k++) {
            const weft_real_t *restrict x = s->x + (int64_t)s->g->source[i0 + k] * f;
            weft_real_t t[8] = {0};
            int64_t j = 0;
            for (; j + 8 <= f; j += 8)
                for (int l = 0; l < 8; l++) t[l] += dz[j + l] * x[j + l];
            for (int l = 0; j + l < f; l++) t[l] += dz[j + l] * x[j + l];
            up[k] = dz[f] + (((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7])));
        }
        for (int64_t k = 0; k < n; k++) { /* m = w q^power, q = w d + eps^2 */
            weft_real_t w = s->w ? s->w[i0 + k] : 1, slope = 2 * s->power * m[k] / q[k] * w;
            s->m[i0 + k] = m[k];
            s->rate[i0 + k] = up[k] * slope;
            s->log_rate[i0 + k] = m[k] == 0 ? 0 : up[k] * m[k] * weft_i_log(q[k]) / 2;
            if (s->dw) {
                weft_real_t d = w != 0 ? (q[k] - (s->mask ? 0 : s->eps2)) / w : 0;
                s->dw[i0 + k] = m[k] == 0 ? 0 : up[k] * (m[k] / (w != 0 ? w : 1) + s->power * m[k] / q[k] * d);
            }
        }
        for (int64_t k = 0; k < n && dy; k++) {
            const weft_real_t *restrict x = s->x + (int64_t)s->g->source[i0 + k] * f, c = s->rate[i0 + k];
            for (int64_t j = 0; j < f; j++) dy[j] += c * (y[j] - x[j]);
        }
    }
}

WEFT_I_WIDE static void back_source(const step_t *s, int64_t u, weft_real_t *restrict dx)
{
    int64_t f = s->f;
    const weft_real_t *restrict x = s->x + u * f;
    for (int64_t i = s->g->r_offset[u]; i < s->g->r_offset[u + 1]; i++) {
        int64_t r = s->g->r_target[i], arc = s->g->r_place[i];
        const weft_real_t *restrict y = s->y + r * f, *restrict dz = s->dz + r * (f + 1), m = s->m[arc], c = s->rate[arc];
        for (int64_t j = 0; j < f; j++) dx[j] += m * dz[j] + c * (x[j] - y[j]);
    }
}

static bool backward(weft_var_t *v)
{
    step_t s = step_of(v);
    const weft_graph_t *g = s.g;
    bool add;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(4 * g->n_arcs + 1) * sizeof(weft_real_t));
    if (!b.data) return false;
    if (s.detach) memset(b.data, 0, (size_t)(4 * g->n_arcs + 1) * sizeof(weft_real_t)); /* all changes of weights are worth 0 */
    s.m = b.data;
    s.rate = s.m + g->n_arcs;
    s.log_rate = s.rate + g->n_arcs;
    weft_real_t *dw = v->n_in > 3 ? weft_i_grad(v, 3, &add) : NULL;
    bool add_w = dw && add;
    s.dw = dw ? s.log_rate + g->n_arcs : NULL;
    weft_real_t *dy = weft_i_grad(v, 1, &add);
    if (dy && !add) memset(dy, 0, (size_t)(g->n_dst * s.f) * sizeof *dy);
    WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * s.f, r, back_row(&s, r, dy ? dy + r * s.f : NULL));
    weft_real_t *dx = weft_i_grad(v, 0, &add); /* may be dy itself: then it goes on top */
    if (dx && !add) memset(dx, 0, (size_t)(g->n_src * s.f) * sizeof *dx);
    if (dx) WEFT_I_EACH_ROW(g->n_src, g->n_arcs / (g->n_src ? g->n_src : 1) * s.f, u, back_source(&s, u, dx + u * s.f));
    for (int64_t i = 0; dw && i < g->n_arcs; i++) dw[i] = (add_w ? dw[i] : 0) + s.dw[i];
    weft_real_t *dp = weft_i_grad(v, 2, &add);
    bool ok = !dp || weft_i_sum_rows_to(v->tape, g->n_arcs, 1, s.log_rate, NULL, dp, add);
    weft_i_give(v->tape, &b);
    return ok;
}

weft_var_t *weft_p_spmm(const weft_graph_t *g, weft_var_t *x, weft_var_t *y, weft_var_t *p, weft_var_t *w, double eps, bool mask, bool detach)
{
    weft_var_t *in[4] = {x, y, p, w};
    weft_i_attr_t attr = {.f = {eps}, .i = {mask, detach}, .p = {g}};
    return x && y && p ? weft_i_apply(&weft_i_op_p_spmm, x->tape, in, w ? 4 : 3, &attr) : NULL;
}
const weft_i_op_t weft_i_op_p_spmm = {"p_spmm", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3), false, infer, forward, backward};
