/* autograd/op_boxes.c: two passes over the arcs of small dense graphs that leave nothing of arcs x width behind: messages gated by a map of the arc's relation, and
 * means of the arc's vectors under a softmax of the sources' scores. Backward does keep such, for a step. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "graph/graph.h"
#include "graph/spmm.h"
#include "tensor/gemm.h"

#include <string.h>

enum { BLOCK = 32, HEADS = 16, LANES = 32 / sizeof(weft_real_t), PARTS = BLOCK / LANES }; /* columns at a time, in vectors that stay in registers */
typedef weft_real_t vector_t __attribute__((vector_size(32), aligned(sizeof(weft_real_t)), may_alias));

/* ---- gated_arcs ------------------------------------------------------------------------------------------------------------ */
typedef struct gated { weft_i_rows_t rows; const weft_real_t *m, *r, *w, *b, *dy; const int32_t *arg; int64_t k, f; weft_reduce_t reduce; weft_real_t *y, *dz, *dm; int32_t *to_arg; } gated_t;

static bool gated_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_var_t *m = v->in[0], *r = v->in[1], *w = v->in[2], *b = v->in[3];
    v->rows = g->n_dst;
    v->cols = m->cols;
    if (w->rows != r->cols || w->cols != m->cols) return weft_i_fail_shapes(v, r, w);
    if (b->rows != 1 || b->cols != m->cols) return weft_i_fail_shapes(v, m, b);
    return (m->rows == g->n_src && r->rows == g->n_arcs)
        || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: %lld messages and %lld relations for %lld nodes and %lld arcs", v->op->name, (long long)m->rows, (long long)r->rows, (long long)g->n_src, (long long)g->n_arcs);
}

static inline weft_real_t sigmoid(weft_real_t z) { return 1 / (1 + weft_i_exp_within(z > 80 ? -80 : z < -80 ? 80 : -z)); }

/* The gate of arc i in columns j0 .. j0 + n: 1 / (1 + exp(-(r_i w + b))). */
static inline __attribute__((always_inline)) void gate_of(const gated_t *a, int64_t i, int64_t j0, int64_t n, weft_real_t *restrict to)
{
    const weft_real_t *r = a->r + i * a->k, *w = a->w + j0, *b = a->b + j0;
    if (n == BLOCK) {
        vector_t z[PARTS];
#pragma GCC unroll 8
        for (int p = 0; p < PARTS; p++) z[p] = *(const vector_t *)(b + p * LANES);
        for (int64_t q = 0; q < a->k; q++)
#pragma GCC unroll 8
            for (int p = 0; p < PARTS; p++) z[p] += r[q] * *(const vector_t *)(w + q * a->f + p * LANES);
#pragma GCC unroll 8
        for (int p = 0; p < PARTS; p++) *(vector_t *)(to + p * LANES) = z[p];
    } else {
        for (int64_t j = 0; j < BLOCK; j++) to[j] = j < n ? b[j] : 0;
        for (int64_t q = 0; q < a->k; q++)
            for (int64_t j = 0; j < n; j++) to[j] += r[q] * w[q * a->f + j];
    }
#pragma omp simd
    for (int j = 0; j < BLOCK; j++) to[j] = sigmoid(to[j]);
}

/* Columns j0 .. j0 + n of one destination, n a constant where that is BLOCK. */
static inline __attribute__((always_inline)) void gated_block(const gated_t *a, int64_t v, int64_t j0, const int64_t n)
{
    int64_t first = a->rows.offset[v], last = a->rows.offset[v + 1];
    weft_real_t gate[BLOCK], y[BLOCK] = {0}, scale = a->reduce == WEFT_MEAN && last > first ? 1 / (weft_real_t)(last - first) : 1;
    int32_t arg[BLOCK];
    for (int j = 0; j < BLOCK; j++) arg[j] = -1;
    for (int64_t i = first; i < last; i++) {
        const weft_real_t *m = a->m + (int64_t)a->rows.col[i] * a->f + j0;
        gate_of(a, i, j0, n, gate);
        if (a->reduce != WEFT_MAX)
            for (int64_t j = 0; j < n; j++) y[j] += m[j] * gate[j];
        else if (!a->to_arg)
            for (int64_t j = 0; j < n; j++) y[j] = i == first || m[j] * gate[j] > y[j] ? m[j] * gate[j] : y[j];
        else
            for (int64_t j = 0; j < n; j++)
                if (i == first || m[j] * gate[j] > y[j]) {
                    y[j] = m[j] * gate[j];
                    arg[j] = (int32_t)i;
                }
    }
    for (int64_t j = 0; j < n; j++) a->y[v * a->f + j0 + j] = scale * y[j];
    for (int64_t j = 0; a->to_arg && j < n; j++) a->to_arg[v * a->f + j0 + j] = arg[j];
}

WEFT_I_WIDE static void gated_row(const gated_t *a, int64_t v)
{
    int64_t j0 = 0;
    for (; j0 + BLOCK <= a->f; j0 += BLOCK) gated_block(a, v, j0, BLOCK);
    if (j0 < a->f) gated_block(a, v, j0, a->f - j0);
}

static gated_t gated_of(const weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    return (gated_t){.rows = weft_i_graph_in(g), .m = v->in[0]->value, .r = v->in[1]->value, .w = v->in[2]->value, .b = v->in[3]->value, .k = v->in[1]->cols, .f = v->cols, .reduce = (weft_reduce_t)v->attr.i[0], .y = v->value};
}

static int64_t work_of(const weft_graph_t *g, int64_t each) { return g->n_dst ? (g->n_arcs / g->n_dst + 1) * each : 0; }

static bool gated_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    gated_t a = gated_of(v);
    if (a.reduce == WEFT_MAX && v->needs_grad && !(a.to_arg = weft_i_keep(v, 0, (size_t)(v->rows * v->cols) * sizeof *a.to_arg))) return false;
    WEFT_I_EACH_ROW(g->n_dst, work_of(g, a.f * (a.k + 16)), i, gated_row(&a, i));
    return true;
}

/* Arc i of destination v, columns j0 .. j0 + n, n a constant where that is BLOCK. */
static inline __attribute__((always_inline)) void gated_block_back(const gated_t *a, int64_t v, int64_t i, int64_t j0, const int64_t n, weft_real_t scale)
{
    weft_real_t gate[BLOCK], d[BLOCK];
    const weft_real_t *m = a->m + (int64_t)a->rows.col[i] * a->f + j0, *dy = a->dy + v * a->f + j0;
    weft_real_t *restrict dm = a->dm + i * a->f + j0, *restrict dz = a->dz + i * a->f + j0;
    gate_of(a, i, j0, n, gate);
    for (int64_t j = 0; j < n; j++) d[j] = scale * dy[j];
    for (int64_t j = 0; a->arg && j < n; j++) d[j] = a->arg[v * a->f + j0 + j] != i ? 0 : d[j];
    for (int64_t j = 0; j < n; j++) dm[j] = d[j] * gate[j];
    for (int64_t j = 0; j < n; j++) dz[j] = d[j] * m[j] * gate[j] * (1 - gate[j]);
}

/* Per arc: dz, the gradient at the gate's map, and dm, what the source's message gets. */
WEFT_I_WIDE static void gated_row_back(const gated_t *a, int64_t v)
{
    int64_t first = a->rows.offset[v], last = a->rows.offset[v + 1], j0;
    weft_real_t scale = a->reduce == WEFT_MEAN && last > first ? 1 / (weft_real_t)(last - first) : 1;
    for (int64_t i = first; i < last; i++) {
        for (j0 = 0; j0 + BLOCK <= a->f; j0 += BLOCK) gated_block_back(a, v, i, j0, BLOCK, scale);
        if (j0 < a->f) gated_block_back(a, v, i, j0, a->f - j0, scale);
    }
}

static bool gated_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    gated_t a = gated_of(v);
    int64_t e = g->n_arcs, f = a.f, k = a.k, tn = weft_i_gemm_tn_scratch(e, k, f), nt = weft_i_gemm_scratch(f, k), most = tn > nt ? tn : nt;
    if (most < WEFT_I_MAX_LANES * f) most = WEFT_I_MAX_LANES * f;
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(2 * e * f + most) * sizeof(weft_real_t) + 64);
    if (!b.data) return false;
    a.dz = b.data;
    a.dm = a.dz + e * f;
    a.dy = v->grad;
    a.arg = a.reduce == WEFT_MAX ? v->kept[0].data : NULL;
    WEFT_I_EACH_ROW(g->n_dst, work_of(g, f * (k + 24)), i, gated_row_back(&a, i));
    weft_real_t *scratch = a.dm + e * f;
    bool add;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (d) {
        weft_i_spmm_t s = {.rows = weft_i_graph_out(g), .e = a.dm, .width = f, .add = add, .y = d};
        weft_i_spmm(&s);
    }
    if ((d = weft_i_grad(v, 1, &add))) weft_i_gemm_nt(e, f, k, a.dz, a.w, d, add, scratch);
    if ((d = weft_i_grad(v, 2, &add))) weft_i_gemm_tn(e, k, f, a.r, a.dz, d, add, scratch);
    if ((d = weft_i_grad(v, 3, &add))) weft_i_sum_rows(e, f, a.dz, d, add, scratch);
    weft_i_give(v->tape, &b);
    return true;
}

const weft_i_op_t weft_i_op_gated_arcs = {"gated_arcs", 4, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3), false, gated_infer, gated_forward, gated_backward};

weft_var_t *weft_gated_arcs(const weft_graph_t *g, weft_var_t *m, weft_var_t *r, weft_var_t *w, weft_var_t *b, weft_reduce_t reduce)
{
    weft_var_t *in[4] = {m, r, w, b};
    weft_i_attr_t attr = {.i = {reduce}, .p = {g}};
    if (!m || !r || !w || !b) return NULL;
    if (reduce == WEFT_MIN) {
        weft_tape_fail(m->tape, WEFT_EUSAGE, "gated_arcs: sum, mean or max");
        return NULL;
    }
    return weft_i_apply(&weft_i_op_gated_arcs, m->tape, in, 4, &attr);
}

/* ---- arc_means --------------------------------------------------------------------------------------------------------------- */
typedef struct means { weft_i_rows_t rows; const weft_real_t *s, *r, *y, *dy; int64_t k, h, n; weft_real_t *to, *ds, *dr; bool add; } means_t;

static bool means_infer(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    const weft_var_t *s = v->in[0], *r = v->in[1];
    v->rows = g->n_dst;
    v->cols = v->attr.i[0] * s->cols;
    if (v->attr.i[0] < 1 || v->attr.i[0] > r->cols) return weft_i_fail(v->tape, WEFT_EUSAGE, "%s: %lld of %lld columns", v->op->name, (long long)v->attr.i[0], (long long)r->cols);
    return (s->rows == g->n_src && r->rows == g->n_arcs)
        || weft_i_fail(v->tape, WEFT_EUSAGE, "%s: %lld scores and %lld rows for %lld nodes and %lld arcs", v->op->name, (long long)s->rows, (long long)r->rows, (long long)g->n_src, (long long)g->n_arcs);
}

/* Largest score of the row's sources, columns h0 .. h0 + n. */
static inline __attribute__((always_inline)) void highest(const means_t *a, int64_t first, int64_t last, int64_t h0, int64_t n, weft_real_t *restrict most)
{
    for (int64_t i = first; i < last; i++) {
        const weft_real_t *s = a->s + (int64_t)a->rows.col[i] * a->h + h0;
        for (int64_t j = 0; j < n; j++) most[j] = i == first || s[j] > most[j] ? s[j] : most[j];
    }
}

/* That, and the sum of exp(score - it). */
static inline __attribute__((always_inline)) void totals(const means_t *a, int64_t first, int64_t last, int64_t h0, int64_t n, weft_real_t *restrict most, weft_real_t *restrict sum)
{
    for (int j = 0; j < HEADS; j++) sum[j] = 0;
    highest(a, first, last, h0, n, most);
    for (int64_t i = first; i < last; i++) {
        const weft_real_t *s = a->s + (int64_t)a->rows.col[i] * a->h + h0;
#pragma omp simd
        for (int64_t j = 0; j < n; j++) sum[j] += weft_i_exp(s[j] - most[j]);
    }
}

static inline __attribute__((always_inline)) void means_block(const means_t *a, int64_t v, int64_t h0, const int64_t n)
{
    int64_t first = a->rows.offset[v], last = a->rows.offset[v + 1];
    weft_real_t *restrict to = a->to + v * a->n * a->h + h0;
    weft_real_t most[HEADS] = {0}, sum[HEADS] = {0}, weight[HEADS];
    highest(a, first, last, h0, n, most);
    for (int64_t i = first; i < last; i++) {
        const weft_real_t *s = a->s + (int64_t)a->rows.col[i] * a->h + h0, *r = a->r + i * a->k;
#pragma omp simd
        for (int64_t j = 0; j < n; j++) weight[j] = weft_i_exp(s[j] - most[j]);
        for (int64_t j = 0; j < n; j++) sum[j] += weight[j];
        if (n == HEADS)
            for (int64_t c = 0; c < a->n; c++)
#pragma GCC unroll 8
                for (int p = 0; p < HEADS / LANES; p++) *(vector_t *)(to + c * a->h + p * LANES) += r[c] * *(const vector_t *)(weight + p * LANES);
        else
            for (int64_t c = 0; c < a->n; c++)
                for (int64_t j = 0; j < n; j++) to[c * a->h + j] += weight[j] * r[c];
    }
    for (int64_t c = 0; c < a->n; c++)
        for (int64_t j = 0; j < n; j++) to[c * a->h + j] /= sum[j];
}

WEFT_I_WIDE static void means_row(const means_t *a, int64_t v)
{
    int64_t h0 = 0;
    memset(a->to + v * a->n * a->h, 0, (size_t)(a->n * a->h) * sizeof *a->to);
    if (a->rows.offset[v] == a->rows.offset[v + 1]) return;
    for (; h0 + HEADS <= a->h; h0 += HEADS) means_block(a, v, h0, HEADS);
    if (h0 < a->h) means_block(a, v, h0, a->h - h0);
}

static means_t means_of(const weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    return (means_t){.rows = weft_i_graph_in(g), .s = v->in[0]->value, .r = v->in[1]->value, .k = v->in[1]->cols, .h = v->in[0]->cols, .n = v->attr.i[0], .to = v->value, .y = v->value, .dy = v->grad};
}

static bool means_forward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    means_t a = means_of(v);
    WEFT_I_EACH_ROW(g->n_dst, work_of(g, a.h * (a.n + 16)), i, means_row(&a, i));
    return true;
}

/* With weight p of an arc: d score = p sum over c of dy_c (r_c - y_c), d r_c = sum over heads of p dy_c. */
WEFT_I_WIDE static void means_row_back(const means_t *a, int64_t v)
{
    int64_t first = a->rows.offset[v], last = a->rows.offset[v + 1];
    const weft_real_t *y = a->y + v * a->n * a->h, *dy = a->dy + v * a->n * a->h;
    for (int64_t i = first; a->dr && !a->add && i < last; i++) memset(a->dr + i * a->k, 0, (size_t)a->k * sizeof *a->dr);
    for (int64_t h0 = 0; h0 < a->h && first < last; h0 += HEADS) {
        int64_t n = a->h - h0 < HEADS ? a->h - h0 : HEADS;
        weft_real_t most[HEADS] = {0}, sum[HEADS], weight[HEADS];
        totals(a, first, last, h0, n, most, sum);
        for (int64_t i = first; i < last; i++) {
            const weft_real_t *s = a->s + (int64_t)a->rows.col[i] * a->h + h0, *r = a->r + i * a->k;
            weft_real_t d[HEADS] = {0};
            for (int64_t j = 0; j < n; j++) weight[j] = weft_i_exp(s[j] - most[j]) / sum[j];
            for (int64_t c = 0; c < a->n; c++) {
                weft_real_t back = 0;
                for (int64_t j = 0; j < n; j++) {
                    d[j] += dy[c * a->h + h0 + j] * (r[c] - y[c * a->h + h0 + j]);
                    back += weight[j] * dy[c * a->h + h0 + j];
                }
                if (a->dr) a->dr[i * a->k + c] += back;
            }
            for (int64_t j = 0; j < n; j++) a->ds[i * a->h + h0 + j] = weight[j] * d[j];
        }
    }
}

static bool means_backward(weft_var_t *v)
{
    const weft_graph_t *g = v->attr.p[0];
    means_t a = means_of(v);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)(g->n_arcs * a.h + 1) * sizeof(weft_real_t));
    if (!b.data) return false;
    a.ds = b.data;
    a.dr = weft_i_grad(v, 1, &a.add);
    WEFT_I_EACH_ROW(g->n_dst, work_of(g, a.h * (2 * a.n + 24)), i, means_row_back(&a, i));
    bool add;
    weft_real_t *d = weft_i_grad(v, 0, &add);
    if (d) {
        weft_i_spmm_t s = {.rows = weft_i_graph_out(g), .e = a.ds, .width = a.h, .add = add, .y = d};
        weft_i_spmm(&s);
    }
    weft_i_give(v->tape, &b);
    return true;
}

const weft_i_op_t weft_i_op_arc_means = {"arc_means", 2, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_OUT, false, means_infer, means_forward, means_backward};

weft_var_t *weft_arc_means(const weft_graph_t *g, weft_var_t *score, weft_var_t *r, int64_t n)
{
    weft_i_attr_t attr = {.i = {n}, .p = {g}};
    return weft_i_apply2(&weft_i_op_arc_means, score, r, &attr);
}
