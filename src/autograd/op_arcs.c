/* autograd/op_arcs.c: values on arcs from their ends: op, dot, softmax, and the score of GATv2. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "graph/sddmm.h"
#include "graph/spmm.h"

#include <string.h>

static bool fail_rows(const weft_var_t *v, const weft_var_t *x, int64_t want)
{
    return x->rows == want
        || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: [%lld,%lld] where %lld rows are needed", v->op->name, (long long)x->rows, (long long)x->cols, (long long)want);
}

/* ---- arc_ends ------------------------------------------------------------------------------------------------------------ */
enum { HAS_X = 1, HAS_Y = 2 };
static weft_var_t *x_of(const weft_var_t *v) { return v->attr.i[1] & HAS_X ? v->in[0] : NULL; }
static weft_var_t *y_of(const weft_var_t *v) { return v->attr.i[1] & HAS_Y ? v->in[v->n_in - 1] : NULL; }

static bool ends_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = x_of(v), *y = y_of(v);
    v->rows = g->n_arcs;
    v->cols = v->in[0]->cols;
    if (x && y && x->cols != y->cols) return weft_i_fail_shapes(v, x, y);
    return (!x || fail_rows(v, x, g->n_src)) && (!y || fail_rows(v, y, g->n_dst));
}

static bool ends_forward(weft_var_t *v)
{
    weft_i_rows_t rows = weft_i_graph_in(v->attr.p[0]);
    weft_var_t *x = x_of(v), *y = y_of(v);
    weft_i_sddmm((weft_i_ends_t)v->attr.i[0], &rows, x ? x->value : NULL, y ? y->value : NULL, v->cols, v->value, false);
    return true;
}

static bool ends_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = x_of(v), *y = y_of(v);
    int64_t f = v->cols;
    bool add = false, mul = v->attr.i[0] == WEFT_ENDS_MUL;
    weft_real_t *dx = x ? weft_i_grad(v, 0, &add) : NULL;
    /* Sums of dz over the arcs of each end; for mul weighted, column by column, by the other end. */
    weft_i_spmm_t s = {.rows = weft_i_graph_out(g), .width = f, .add = add, .y = dx, .e = v->grad};
    if (mul && y) s.e = NULL, s.x = y->value, s.w = v->grad, s.heads = (int32_t)f;
    if (dx) weft_i_spmm(&s);
    weft_real_t *dy = y ? weft_i_grad(v, v->n_in - 1, &add) : NULL;
    if (!dy) return true;
    s = (weft_i_spmm_t){.rows = weft_i_graph_in(g), .width = f, .add = add, .y = dy, .e = v->grad};
    if (mul && x) s.e = NULL, s.x = x->value, s.w = v->grad, s.heads = (int32_t)f;
    if (v->attr.i[0] == WEFT_ENDS_SUB) {
        if (!add) memset(dy, 0, (size_t)(y->rows * f) * sizeof *dy);
        WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * f, r,
                        for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++) for (int64_t j = 0; j < f; j++) dy[r * f + j] -= v->grad[i * f + j]);
    } else weft_i_spmm(&s);
    return true;
}

weft_var_t *weft_arc_ends(const weft_graph_t *g, weft_ends_t op, weft_var_t *x, weft_var_t *y)
{
    weft_var_t *in[2] = {x ? x : y, y};
    weft_i_attr_t attr = {.i = {op, (x ? HAS_X : 0) | (y ? HAS_Y : 0)}, .p = {g}};
    return x || y ? weft_i_apply(&weft_i_op_arc_ends, in[0]->tape, in, x && y ? 2 : 1, &attr) : NULL;
}
const weft_i_op_t weft_i_op_arc_ends = {"arc_ends", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, ends_infer, ends_forward, ends_backward};

/* ---- arc_dot --------------------------------------------------------------------------------------------------------------- */
static bool dot_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = v->in[0], *y = v->in[1];
    v->rows = g->n_arcs;
    v->cols = v->attr.i[0];
    return fail_rows(v, x, g->n_src) && fail_rows(v, y, g->n_dst) && ((x->cols == y->cols && v->cols > 0 && x->cols % v->cols == 0) || weft_i_fail_shapes(v, x, y));
}

static bool dot_forward(weft_var_t *v)
{
    weft_i_rows_t rows = weft_i_graph_in(v->attr.p[0]);
    weft_i_sddmm_dot(&rows, v->in[0]->value, v->in[1]->value, v->in[0]->cols, (int32_t)v->cols, v->value, false);
    return true;
}

static bool dot_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = v->in[0], *y = v->in[1];
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    weft_i_spmm_t s = {.rows = weft_i_graph_out(g), .x = y->value, .w = v->grad, .heads = (int32_t)v->cols, .width = x->cols, .add = add, .y = dx};
    if (dx) weft_i_spmm(&s);
    weft_real_t *dy = weft_i_grad(v, 1, &add);
    s = (weft_i_spmm_t){.rows = weft_i_graph_in(g), .x = x->value, .w = v->grad, .heads = (int32_t)v->cols, .width = x->cols, .add = add, .y = dy};
    if (dy) weft_i_spmm(&s);
    return true;
}

weft_var_t *weft_arc_dot(const weft_graph_t *g, weft_var_t *x, weft_var_t *y, int32_t heads)
{
    weft_i_attr_t attr = {.i = {heads}, .p = {g}};
    return weft_i_apply2(&weft_i_op_arc_dot, x, y, &attr);
}
const weft_i_op_t weft_i_op_arc_dot = {"arc_dot", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, dot_infer, dot_forward, dot_backward};

/* ---- segment_softmax ------------------------------------------------------------------------------------------------------- */
static bool softmax_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return fail_rows(v, v->in[0], g->n_arcs);
}

static bool softmax_forward(weft_var_t *v)
{
    weft_i_rows_t rows = weft_i_graph_in(v->attr.p[0]);
    weft_i_segment_softmax(&rows, v->in[0]->value, v->cols, v->value);
    return true;
}

static bool softmax_backward(weft_var_t *v)
{
    weft_i_rows_t rows = weft_i_graph_in(v->attr.p[0]);
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) weft_i_segment_softmax_back(&rows, v->value, v->grad, v->cols, dx, add);
    return true;
}

weft_var_t *weft_segment_softmax(const weft_graph_t *g, weft_var_t *x)
{
    weft_i_attr_t attr = {.p = {g}};
    return weft_i_apply1(&weft_i_op_segment_softmax, x, &attr);
}
const weft_i_op_t weft_i_op_segment_softmax = {"segment_softmax", 1, 1, WEFT_I_SAVE_OUT, true, softmax_infer, softmax_forward, softmax_backward};

/* ---- gatv2_score ------------------------------------------------------------------------------------------------------------ */
static bool score_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *x = v->in[0], *y = v->in[1], *a = v->in[2];
    v->rows = g->n_arcs;
    v->cols = v->attr.i[0];
    if (x->cols != y->cols || v->cols <= 0 || x->cols % v->cols) return weft_i_fail_shapes(v, x, y);
    return fail_rows(v, x, g->n_src) && fail_rows(v, y, g->n_dst) && ((a->rows == 1 && a->cols == x->cols) || weft_i_fail_shapes(v, x, a));
}

typedef struct score { const weft_real_t *x, *y, *a, *dz; int64_t f, heads; weft_real_t slope; } score_t; /* x, y: of sources, of destinations */

static score_t score_of(const weft_var_t *v)
{
    return (score_t){v->in[0]->value, v->in[1]->value, v->in[2]->value, v->grad, v->in[0]->cols, v->cols, (weft_real_t)v->attr.f[0]};
}

/* Eight sums, folded in a fixed tree. */
WEFT_I_WIDE static void score_row(const score_t *s, const weft_graph_t *g, int64_t r, weft_real_t *z)
{
    int64_t c = s->f / s->heads;
    for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++)
        for (int64_t h = 0; h < s->heads; h++) {
            const weft_real_t *x = s->x + (int64_t)g->source[i] * s->f + h * c, *y = s->y + r * s->f + h * c, *a = s->a + h * c;
            weft_real_t t[8] = {0};
            int64_t j = 0;
            for (; j + 8 <= c; j += 8)
                for (int k = 0; k < 8; k++) {
                    weft_real_t m = x[j + k] + y[j + k], l = s->slope * m;
                    t[k] += a[j + k] * (m > 0 ? m : l);
                }
            for (int k = 0; j + k < c; k++) {
                weft_real_t m = x[j + k] + y[j + k];
                t[k] += a[j + k] * (m > 0 ? m : s->slope * m);
            }
            z[i * s->heads + h] = ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7]));
        }
}

static bool score_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const score_t s = score_of(v);
    weft_real_t *z = v->value;
    WEFT_I_EACH_ROW(g->n_dst, g->n_arcs / (g->n_dst ? g->n_dst : 1) * s.f, r, score_row(&s, g, r, z));
    return true;
}

/* To one end: row r of `rows` sums over its arcs; `mine` is that end's matrix, `far` the other's. */
WEFT_I_WIDE static void score_row_back(const score_t *s, const weft_i_rows_t *rows, int64_t r, const weft_real_t *mine, const weft_real_t *far, weft_real_t *d, bool add)
{
    int64_t c = s->f / s->heads;
    weft_real_t *restrict to = d + r * s->f;
    if (!add) memset(to, 0, (size_t)s->f * sizeof *d);
    for (int64_t i = rows->offset[r]; i < rows->offset[r + 1]; i++) {
        int64_t arc = rows->place ? rows->place[i] : i;
        for (int64_t h = 0; h < s->heads; h++) {
            const weft_real_t *restrict o = far + (int64_t)rows->col[i] * s->f + h * c, *restrict m = mine + r * s->f + h * c, *restrict a = s->a + h * c, k = s->dz[arc * s->heads + h];
            for (int64_t j = 0; j < c; j++) {
                weft_real_t one = k * a[j], low = one * s->slope;
                to[h * c + j] += m[j] + o[j] > 0 ? one : low;
            }
        }
    }
}

static void score_back(const weft_i_rows_t *rows, const weft_var_t *v, const weft_real_t *mine, const weft_real_t *far, weft_real_t *d, bool add)
{
    const score_t s = score_of(v);
    WEFT_I_EACH_ROW(rows->n_rows, rows->offset[rows->n_rows] / (rows->n_rows ? rows->n_rows : 1) * s.f, r, score_row_back(&s, rows, r, mine, far, d, add));
}

/* What the arcs into the nodes from .. to say of a. */
WEFT_I_WIDE static void score_lane(const score_t *s, const weft_graph_t *g, int64_t from, int64_t to, weft_real_t *restrict p)
{
    int64_t c = s->f / s->heads;
    memset(p, 0, (size_t)s->f * sizeof *p);
    for (int64_t r = from; r < to; r++)
        for (int64_t i = g->offset[r]; i < g->offset[r + 1]; i++)
            for (int64_t h = 0; h < s->heads; h++) {
                const weft_real_t *restrict x = s->x + (int64_t)g->source[i] * s->f + h * c, *restrict y = s->y + r * s->f + h * c, k = s->dz[i * s->heads + h];
                for (int64_t j = 0; j < c; j++) {
                    weft_real_t m = x[j] + y[j], l = s->slope * m;
                    p[h * c + j] += k * (m > 0 ? m : l);
                }
            }
}

static bool score_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const score_t s = score_of(v);
    weft_i_rows_t in = weft_i_graph_in(g), out = weft_i_graph_out(g);
    bool add;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (d) score_back(&out, v, s.x, s.y, d, add);
    d = weft_i_grad(v, 1, &add);
    if (d) score_back(&in, v, s.y, s.x, d, add);
    weft_real_t *da = weft_i_grad(v, 2, &add);
    if (!da) return true;
    int32_t lanes = weft_i_n_lanes(g->n_dst);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(lanes * s.f) * sizeof *da);
    weft_real_t *part = b.data;
    if (!part) return false;
    WEFT_I_EACH_ROW(lanes, g->n_arcs / (lanes ? lanes : 1) * s.f, l, score_lane(&s, g, weft_i_lane_begin(g->n_dst, lanes, (int32_t)l), weft_i_lane_begin(g->n_dst, lanes, (int32_t)l + 1), part + l * s.f));
    for (int64_t j = 0; j < s.f; j++) {
        weft_real_t sum = 0;
        for (int32_t l = 0; l < lanes; l++) sum += part[l * s.f + j];
        da[j] = add ? da[j] + sum : sum;
    }
    weft_i_give(v->tape, &b);
    return true;
}

weft_var_t *weft_gatv2_score(const weft_graph_t *g, weft_var_t *x, weft_var_t *y, weft_var_t *a, int32_t heads, double slope)
{
    weft_var_t *in[3] = {x, y, a};
    weft_i_attr_t attr = {.f = {slope}, .i = {heads}, .p = {g}};
    return x ? weft_i_apply(&weft_i_op_gatv2_score, x->tape, in, 3, &attr) : NULL;
}
const weft_i_op_t weft_i_op_gatv2_score = {"gatv2_score", 3, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2), false, score_infer, score_forward, score_backward};
