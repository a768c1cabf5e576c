/* autograd/op_graph.c: the sparse primitives; each one's way back is another of them. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/alloc.h"
#include "graph/sddmm.h"
#include "graph/spmm.h"

#include <math.h>
#include <string.h>

struct weft_weights { weft_real_t *forward, *reverse; }; /* reverse: NULL for graphs without a reverse index */

weft_weights_t *weft_weights_new(const weft_graph_t *g, const weft_real_t *weight)
{
    weft_weights_t *w = weft_i_calloc(1, sizeof *w);
    if (!w) return NULL;
    w->forward = weft_i_aligned((size_t)g->n_arcs * sizeof *w->forward);
    if (g->r_place) w->reverse = weft_i_aligned((size_t)g->n_arcs * sizeof *w->reverse);
    if (!w->forward || (g->r_place && !w->reverse)) {
        weft_weights_free(w);
        return NULL;
    }
    memcpy(w->forward, weight, (size_t)g->n_arcs * sizeof *weight);
    for (int64_t i = 0; i < g->n_arcs && w->reverse; i++) w->reverse[i] = weight[g->r_place[i]];
    return w;
}

void weft_weights_free(weft_weights_t *w)
{
    if (!w) return;
    weft_i_free(w->forward);
    weft_i_free(w->reverse);
    weft_i_free(w);
}

const weft_real_t *weft_weights_data(const weft_weights_t *w) { return w->forward; }

static bool fail_rows(const weft_var_t *v, const weft_var_t *x, int64_t want)
{
    return x->rows == want
        || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: [%lld,%lld] where %lld rows are needed", v->op->name, (long long)x->rows, (long long)x->cols, (long long)want);
}

static bool mean_scale(const weft_graph_t *g, weft_tape_t *t, weft_i_buffer_t *b)
{
    *b = weft_i_take(t, (size_t)g->n_dst * sizeof(weft_real_t));
    weft_real_t *s = b->data;
    for (int64_t v = 0; s && v < g->n_dst; v++) {
        int64_t d = g->offset[v + 1] - g->offset[v];
        s[v] = d ? 1 / (weft_real_t)d : 0;
    }
    return s != NULL;
}

/* A gradient of destinations divided by their degrees: the way back of a mean. */
static const weft_real_t *scaled(const weft_graph_t *g, const weft_var_t *v, weft_i_buffer_t *b)
{
    *b = weft_i_take(v->tape, (size_t)(v->rows * v->cols) * sizeof(weft_real_t));
    weft_real_t *s = b->data;
    const weft_real_t *dy = v->grad;
    int64_t c = v->cols;
    if (s) WEFT_I_EACH_ROW(v->rows, c, i, {
        int64_t d = g->offset[i + 1] - g->offset[i];
        weft_real_t f = d ? 1 / (weft_real_t)d : 0;
        for (int64_t j = 0; j < c; j++) s[i * c + j] = f * dy[i * c + j];
    });
    return s;
}

/* ---- spmm: constant weights or none ------------------------------------------------------------------------------------ */
static bool spmm_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    v->rows = g->n_dst;
    v->cols = v->in[0]->cols;
    return fail_rows(v, v->in[0], g->n_src);
}

static bool spmm_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_weights_t *w = v->attr.p[1];
    weft_i_buffer_t scale = {NULL, 0};
    if (v->attr.i[0] == WEFT_MEAN && !mean_scale(g, v->tape, &scale)) return false;
    weft_i_spmm_t s = {.rows = weft_i_graph_in(g), .x = v->in[0]->value, .w = w ? w->forward : NULL, .heads = 1, .row_scale = scale.data, .width = v->cols, .y = v->value};
    weft_i_spmm(&s);
    weft_i_give(v->tape, &scale);
    return true;
}

static bool spmm_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_weights_t *w = v->attr.p[1];
    weft_i_buffer_t b = {NULL, 0};
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (!dx) return true;
    weft_i_rows_t rows = weft_i_graph_out(g);
    rows.place = NULL; /* weights stand in this order */
    if (g->mirrored) { /* one copy of the index serves both ways and stays in the cache */
        rows.offset = g->offset;
        rows.col = g->source;
    }
    weft_i_spmm_t s = {.rows = rows, .x = v->grad, .w = w ? w->reverse : NULL, .heads = 1, .width = v->cols, .add = add, .y = dx};
    if (v->attr.i[0] == WEFT_MEAN && !(s.x = scaled(g, v, &b))) return false;
    weft_i_spmm(&s);
    weft_i_give(v->tape, &b);
    return true;
}

const weft_i_op_t weft_i_op_spmm = {"spmm", 1, 1, 0, false, spmm_infer, spmm_forward, spmm_backward};

/* ---- extreme: max and min, of rows or of arcs ----------------------------------------------------------------------------- */
static bool extreme_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    int32_t *arg = weft_i_keep(v, 0, (size_t)(v->rows * v->cols) * sizeof *arg);
    const weft_real_t *x = v->attr.i[1] & 1 ? v->in[0]->value : NULL, *e = v->attr.i[1] & 2 ? v->in[v->n_in - 1]->value : NULL;
    weft_i_rows_t rows = weft_i_graph_in(g);
    if (arg) weft_i_extreme(&rows, x, e, v->cols, v->attr.i[0] == WEFT_MAX ? 1 : -1, v->value, arg);
    return arg;
}

static bool arcs_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *last = v->in[v->n_in - 1];
    v->rows = g->n_dst;
    v->cols = last->cols;
    if (v->attr.i[1] & 1 && (!fail_rows(v, v->in[0], g->n_src) || (v->in[0]->cols != v->cols && !weft_i_fail_shapes(v, v->in[0], last)))) return false;
    return !(v->attr.i[1] & 2) || fail_rows(v, last, g->n_arcs);
}

static bool extreme_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const int32_t *arg = v->kept[0].data;
    bool add;
    weft_real_t *d;
    weft_i_rows_t in = weft_i_graph_in(g), out = weft_i_graph_out(g);
    if (v->attr.i[1] & 1 && (d = weft_i_grad(v, 0, &add))) weft_i_extreme_back(&out, v->grad, arg, v->cols, d, add);
    if (v->attr.i[1] & 2 && (d = weft_i_grad(v, v->n_in - 1, &add))) weft_i_extreme_back_arcs(&in, v->grad, arg, v->cols, d, add);
    return true;
}
const weft_i_op_t weft_i_op_extreme = {"extreme", WEFT_I_MANY, 1, 0, false, arcs_infer, extreme_forward, extreme_backward};

static weft_var_t *extreme(const weft_graph_t *g, weft_var_t *x, weft_var_t *e, weft_reduce_t reduce)
{
    weft_var_t *in[2] = {x ? x : e, e};
    weft_i_attr_t attr = {.i = {reduce, (x ? 1 : 0) | (e ? 2 : 0)}, .p = {g}};
    return weft_i_apply(&weft_i_op_extreme, in[0]->tape, in, x && e ? 2 : 1, &attr);
}

weft_var_t *weft_spmm(const weft_graph_t *g, const weft_weights_t *w, weft_var_t *x, weft_reduce_t reduce)
{
    weft_i_attr_t attr = {.i = {reduce}, .p = {g, w}};
    if (!x) return NULL;
    if (reduce == WEFT_MAX || reduce == WEFT_MIN) return extreme(g, x, NULL, reduce);
    return weft_i_apply1(&weft_i_op_spmm, x, &attr);
}

/* ---- spmm_weighted: learned weights ------------------------------------------------------------------------------------------ */
static bool weighted_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *w = v->in[0], *x = v->in[1];
    v->rows = g->n_dst;
    v->cols = x->cols;
    return fail_rows(v, x, g->n_src) && fail_rows(v, w, g->n_arcs) && ((w->cols > 0 && x->cols % w->cols == 0) || weft_i_fail_shapes(v, w, x));
}

static bool weighted_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_i_spmm_t s = {.rows = weft_i_graph_in(g), .x = v->in[1]->value, .w = v->in[0]->value, .heads = (int32_t)v->in[0]->cols, .width = v->cols, .y = v->value};
    weft_i_spmm(&s);
    return true;
}

static bool weighted_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_var_t *w = v->in[0], *x = v->in[1];
    bool add;
    weft_i_rows_t in = weft_i_graph_in(g);
    weft_real_t *dw = weft_i_grad(v, 0, &add);
    if (dw && w->cols == v->cols) weft_i_sddmm(WEFT_I_ENDS_MUL, &in, x->value, v->grad, v->cols, dw, add);
    else if (dw) weft_i_sddmm_dot(&in, x->value, v->grad, v->cols, (int32_t)w->cols, dw, add);
    weft_real_t *dx = weft_i_grad(v, 1, &add);
    if (!dx) return true;
    weft_i_spmm_t s = {.rows = weft_i_graph_out(g), .x = v->grad, .w = w->value, .heads = (int32_t)w->cols, .width = v->cols, .add = add, .y = dx};
    weft_i_spmm(&s);
    return true;
}

weft_var_t *weft_spmm_weighted(const weft_graph_t *g, weft_var_t *w, weft_var_t *x)
{
    weft_i_attr_t attr = {.p = {g}};
    return weft_i_apply2(&weft_i_op_spmm_weighted, w, x, &attr);
}
const weft_i_op_t weft_i_op_spmm_weighted = {"spmm_weighted", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, weighted_infer, weighted_forward, weighted_backward};

/* ---- spmm_arcs: messages x_u + e_uv ------------------------------------------------------------------------------------------- */
static bool arcs_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    weft_i_buffer_t scale = {NULL, 0};
    if (v->attr.i[0] == WEFT_MEAN && !mean_scale(g, v->tape, &scale)) return false;
    weft_i_spmm_t s = {.rows = weft_i_graph_in(g), .x = v->attr.i[1] & 1 ? v->in[0]->value : NULL, .e = v->in[v->n_in - 1]->value, .row_scale = scale.data,
                       .width = v->cols, .relu = v->attr.i[2], .y = v->value};
    weft_i_spmm(&s);
    weft_i_give(v->tape, &scale);
    return true;
}

/* One arc's gradient is dy_v where the message was not cut off. */
typedef struct arcs_back { const weft_i_rows_t *rows; bool by_source, relu, add; const weft_real_t *x, *e, *dy; int64_t f; weft_real_t *to; } arcs_back_t;

WEFT_I_WIDE static void arcs_row_back(const arcs_back_t *b, int64_t r)
{
    int64_t f = b->f;
    weft_real_t *sum = b->to + r * f;
    if (b->by_source && !b->add) memset(sum, 0, (size_t)f * sizeof *sum);
    for (int64_t i = b->rows->offset[r]; i < b->rows->offset[r + 1]; i++) {
        int64_t arc = b->rows->place ? b->rows->place[i] : i, other = b->rows->col[i];
        const weft_real_t *restrict xs = b->x ? b->x + (b->by_source ? r : other) * f : NULL, *restrict es = b->e + arc * f, *restrict d = b->dy + (b->by_source ? other : r) * f;
        weft_real_t *restrict z = b->by_source ? sum : b->to + arc * f;
        bool more = b->by_source || b->add;
        if (b->relu && xs && more) for (int64_t j = 0; j < f; j++) z[j] += xs[j] + es[j] > 0 ? d[j] : 0;
        else if (b->relu && xs) for (int64_t j = 0; j < f; j++) z[j] = xs[j] + es[j] > 0 ? d[j] : 0;
        else if (b->relu) for (int64_t j = 0; j < f; j++) z[j] = (more ? z[j] : 0) + (es[j] > 0 ? d[j] : 0);
        else for (int64_t j = 0; j < f; j++) z[j] = (more ? z[j] : 0) + d[j];
    }
}

static void arcs_back(const weft_i_rows_t *rows, bool by_source, const weft_real_t *x, const weft_real_t *e, const weft_real_t *dy, int64_t f, bool relu,
                      weft_real_t *to, bool add)
{
    const arcs_back_t b = {rows, by_source, relu, add, x, e, dy, f, to};
    WEFT_I_EACH_ROW(rows->n_rows, rows->offset[rows->n_rows] / (rows->n_rows ? rows->n_rows : 1) * f, r, arcs_row_back(&b, r));
}

static bool arcs_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_real_t *x = v->attr.i[1] & 1 ? v->in[0]->value : NULL, *e = v->in[v->n_in - 1]->value, *dy = v->grad;
    weft_i_buffer_t b = {NULL, 0};
    bool add, relu = v->attr.i[2];
    if (v->attr.i[0] == WEFT_MEAN && !(dy = scaled(g, v, &b))) return false;
    weft_i_rows_t in = weft_i_graph_in(g), out = weft_i_graph_out(g);
    weft_real_t *de = weft_i_grad(v, v->n_in - 1, &add);
    if (de) arcs_back(&in, false, x, e, dy, v->cols, relu, de, add);
    weft_real_t *dx = x ? weft_i_grad(v, 0, &add) : NULL;
    if (dx) arcs_back(&out, true, x, e, dy, v->cols, relu, dx, add);
    weft_i_give(v->tape, &b);
    return true;
}

weft_var_t *weft_spmm_arcs(const weft_graph_t *g, weft_var_t *x, weft_var_t *e, bool relu, weft_reduce_t reduce)
{
    weft_var_t *in[2] = {x ? x : e, e};
    weft_i_attr_t attr = {.i = {reduce, x ? 3 : 2, relu}, .p = {g}};
    if (!e) return NULL;
    if (reduce == WEFT_MAX || reduce == WEFT_MIN) return extreme(g, x, e, reduce);
    return weft_i_apply(&weft_i_op_spmm_arcs, e->tape, in, x ? 2 : 1, &attr);
}
const weft_i_op_t weft_i_op_spmm_arcs = {"spmm_arcs", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1), false, arcs_infer, arcs_forward, arcs_backward};

/* ---- degree_scale --------------------------------------------------------------------------------------------------------------- */
static bool degree_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    v->rows = v->in[0]->rows;
    v->cols = v->in[0]->cols;
    return fail_rows(v, v->in[0], g->n_dst);
}

static void scale_by_degree(const weft_var_t *v, const weft_real_t *x, weft_real_t *y, bool add)
{
    const weft_graph_t *g = v->attr.p[0];
    double delta = v->attr.f[0];
    bool attenuate = v->attr.i[0];
    int64_t c = v->cols;
    WEFT_I_EACH_ROW(v->rows, c, i, {
        double d = (double)(g->offset[i + 1] - g->offset[i]);
        weft_real_t f = (weft_real_t)(attenuate ? delta / log((d > 1.0 ? d : 1.0) + 1.0) : log(d + 1.0) / delta);
        for (int64_t j = 0; j < c; j++) y[i * c + j] = (add ? y[i * c + j] : 0) + f * x[i * c + j];
    });
}

static bool degree_forward(weft_var_t *v)
{
    scale_by_degree(v, v->in[0]->value, v->value, false);
    return true;
}

static bool degree_backward(weft_var_t *v)
{
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) scale_by_degree(v, v->grad, dx, add);
    return true;
}

weft_var_t *weft_degree_scale(const weft_graph_t *g, weft_var_t *x, double delta, bool attenuate)
{
    weft_i_attr_t attr = {.f = {delta}, .i = {attenuate}, .p = {g}};
    return weft_i_apply1(&weft_i_op_degree_scale, x, &attr);
}
const weft_i_op_t weft_i_op_degree_scale = {"degree_scale", 1, 1, 0, true, degree_infer, degree_forward, degree_backward};
