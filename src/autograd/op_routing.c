/* autograd/op_routing.c: rows chosen by content, head by head: who belongs to which cluster, and the way to the clusters and back. */
#include "autograd/op_common.h"
#include "autograd/pick.h"
#include "base/real.h"
#include "weft/attention.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 3 };

/* ---- routes: x [n, heads c] -> row numbers [slots, heads]; clusters of segment s: cluster[s] .. cluster[s + 1], slots of a cluster: slot[k] ..
 * slot[k + 1]. No gradient. ------------------------------------------------------------------------------------------------------------- */
static bool routes_infer(weft_var_t *v)
{
    const int64_t *first = v->attr.p[0], *cluster = v->attr.p[1], *slot = v->attr.p[2];
    int64_t heads = v->attr.i[0], n = v->attr.i[1];
    v->rows = slot[cluster[n]];
    v->cols = heads;
    if (first[n] != v->in[0]->rows || v->in[0]->cols % heads) return weft_i_fail(v->tape, WEFT_EUSAGE, "routes: the segments do not cover the rows, or heads the columns");
    return v->in[0]->rows < 1 << 24 || weft_i_fail(v->tape, WEFT_EUSAGE, "routes: at most 2^24 rows");
}

static double dot_of(const weft_real_t *a, const double *b, int64_t c)
{
    double s = 0.0;
    for (int64_t j = 0; j < c; j++) s += (double)a[j] * b[j];
    return s;
}

/* Spherical k-means from evenly spaced rows, then each centroid takes its best rows. */
static void route(const weft_real_t *x, int64_t stride, int64_t from, int64_t n, int64_t c, int64_t clusters, int64_t width, double *centre, double *sum, weft_i_pick_t *pick, weft_real_t *out, int64_t heads)
{
    for (int64_t k = 0; k < clusters; k++)
        for (int64_t j = 0; j < c; j++) centre[k * c + j] = (double)x[(from + k * n / clusters) * stride + j];
    for (int round = 0; round < ROUNDS; round++) {
        memset(sum, 0, (size_t)(clusters * c) * sizeof *sum);
        for (int64_t i = 0; i < n; i++) {
            const weft_real_t *row = x + (from + i) * stride;
            int64_t best = 0;
            double most = -INFINITY;
            for (int64_t k = 0; k < clusters; k++) {
                double s = dot_of(row, centre + k * c, c);
                if (s > most) most = s, best = k;
            }
            for (int64_t j = 0; j < c; j++) sum[best * c + j] += (double)row[j];
        }
        for (int64_t k = 0; k < clusters; k++) {
            double length = 0.0;
            for (int64_t j = 0; j < c; j++) length += sum[k * c + j] * sum[k * c + j];
            for (int64_t j = 0; j < c && length > 0.0; j++) centre[k * c + j] = sum[k * c + j] / sqrt(length);
        }
    }
    for (int64_t k = 0; k < clusters; k++) {
        for (int64_t i = 0; i < n; i++) pick[i] = (weft_i_pick_t){dot_of(x + (from + i) * stride, centre + k * c, c), (int32_t)(from + i)};
        weft_i_pick_first(pick, n, width);
        for (int64_t i = 0; i < width; i++) out[(k * width + i) * heads] = (weft_real_t)pick[i].row;
    }
}

static void widest(const weft_var_t *v, int64_t *rows, int64_t *clusters)
{
    const int64_t *first = v->attr.p[0], *cluster = v->attr.p[1];
    *rows = *clusters = 0;
    for (int64_t s = 0; s < v->attr.i[1]; s++) {
        if (first[s + 1] - first[s] > *rows) *rows = first[s + 1] - first[s];
        if (cluster[s + 1] - cluster[s] > *clusters) *clusters = cluster[s + 1] - cluster[s];
    }
}

void weft_i_room_routes(const weft_var_t *v, weft_i_room_t *room)
{
    int64_t rows, clusters, heads = v->attr.i[0], c = v->in[0]->cols / heads;
    widest(v, &rows, &clusters);
    room->forward = (size_t)heads * (2 * (size_t)(clusters * c) * sizeof(double) + (size_t)rows * sizeof(weft_i_pick_t)) + 8;
}

static bool routes_forward(weft_var_t *v)
{
    const int64_t *first = v->attr.p[0], *cluster = v->attr.p[1], *slot = v->attr.p[2];
    int64_t heads = v->attr.i[0], n = v->attr.i[1], c = v->in[0]->cols / heads, most_rows, most_clusters;
    const weft_real_t *x = v->in[0]->value;
    weft_real_t *y = v->value;
    bool ok = true;
    widest(v, &most_rows, &most_clusters);
    size_t centres = (size_t)(most_clusters * c) * sizeof(double), room = 2 * centres + (size_t)most_rows * sizeof(weft_i_pick_t);
    weft_i_buffer_t b = weft_i_take(v->tape, (size_t)heads * room + 8);
    if (!b.data) return false;
    /* By heads: a head's clusters depend on that head alone. */
#pragma omp parallel for num_threads(weft_i_threads_for(v->rows * most_rows)) schedule(dynamic, 1)
    for (int64_t h = 0; h < heads; h++) {
        double *centre = (double *)((char *)b.data + (size_t)h * room), *sum = centre + most_clusters * c;
        for (int64_t s = 0; s < n; s++) {
            int64_t clusters = cluster[s + 1] - cluster[s], at = slot[cluster[s]];
            if (clusters) route(x + h * c, heads * c, first[s], first[s + 1] - first[s], c, clusters, slot[cluster[s] + 1] - at, centre, sum, (weft_i_pick_t *)(sum + most_clusters * c), y + at * heads + h, heads);
        }
    }
    weft_i_give(v->tape, &b);
    return ok;
}

static bool no_gradient(weft_var_t *v)
{
    (void)v;
    return true;
}

weft_var_t *weft_routes(weft_var_t *x, int32_t heads, const weft_segments_t *segments, const int64_t *cluster, const int64_t *slot)
{
    weft_i_attr_t attr = {.i = {heads, segments->n}, .p = {segments->first, cluster, slot}};
    return weft_i_apply1(&weft_i_op_routes, x, &attr);
}
const weft_i_op_t weft_i_op_routes = {"routes", 1, 1, 0, false, routes_infer, routes_forward, no_gradient};

/* ---- head_gather: y_rh = x_{row[r, h], h} ------------------------------------------------------------------------------------------------ */
static bool gather_infer(weft_var_t *v)
{
    const weft_var_t *x = v->in[0], *row = v->in[1];
    v->rows = row->rows;
    v->cols = x->cols;
    if (row->cols < 1 || x->cols % row->cols) return weft_i_fail_shapes(v, x, row);
    for (int64_t i = 0; !weft_i_tape_plans(v->tape) && i < row->rows * row->cols; i++)
        if (!(row->value[i] >= 0 && row->value[i] < (weft_real_t)x->rows)) return weft_i_fail(v->tape, WEFT_EUSAGE, "head_gather: row %g of %lld", (double)row->value[i], (long long)x->rows);
    return true;
}

static bool gather_forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *row = v->in[1]->value;
    int64_t heads = v->in[1]->cols, c = v->cols / heads;
    weft_real_t *y = v->value;
    WEFT_I_EACH_ROW(v->rows * heads, c, r, memcpy(y + r * c, x + (int64_t)row[r] * heads * c + r % heads * c, (size_t)c * sizeof *y));
    return true;
}

/* Heads stand for themselves; within one the slots come in order. */
static bool gather_backward(weft_var_t *v)
{
    const weft_real_t *row = v->in[1]->value, *dy = v->grad;
    int64_t heads = v->in[1]->cols, c = v->cols / heads;
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (!dx) return true;
    if (!add) memset(dx, 0, (size_t)(v->in[0]->rows * v->cols) * sizeof *dx);
    WEFT_I_EACH_ROW(heads, v->rows * c, h, {
        for (int64_t r = 0; r < v->rows; r++) {
            weft_real_t *d = dx + (int64_t)row[r * heads + h] * heads * c + h * c;
            for (int64_t j = 0; j < c; j++) d[j] += dy[(r * heads + h) * c + j];
        }
    });
    return true;
}

weft_var_t *weft_head_gather(weft_var_t *x, weft_var_t *row) { return weft_i_apply2(&weft_i_op_head_gather, x, row, NULL); }
const weft_i_op_t weft_i_op_head_gather = {"head_gather", 2, 1, WEFT_I_SAVE_IN(1), false, gather_infer, gather_forward, gather_backward};

/* ---- head_scatter: y_ih = mean of x_rh over the r with row[r, h] = i, 0 where there is none; kept[0]: 1 / how many ------------------------------ */
static bool scatter_infer(weft_var_t *v)
{
    const weft_var_t *x = v->in[0], *row = v->in[1];
    v->rows = v->attr.i[0];
    v->cols = x->cols;
    if (x->rows != row->rows || row->cols < 1 || x->cols % row->cols) return weft_i_fail_shapes(v, x, row);
    for (int64_t i = 0; !weft_i_tape_plans(v->tape) && i < row->rows * row->cols; i++)
        if (!(row->value[i] >= 0 && row->value[i] < (weft_real_t)v->rows)) return weft_i_fail(v->tape, WEFT_EUSAGE, "head_scatter: row %g of %lld", (double)row->value[i], (long long)v->rows);
    return true;
}

static bool scatter_forward(weft_var_t *v)
{
    const weft_real_t *x = v->in[0]->value, *row = v->in[1]->value;
    int64_t heads = v->in[1]->cols, c = v->cols / heads, slots = v->in[0]->rows;
    weft_real_t *y = v->value, *over = weft_i_keep(v, 0, (size_t)(v->rows * heads + 1) * sizeof *over);
    if (!over) return false;
    memset(y, 0, (size_t)(v->rows * v->cols) * sizeof *y);
    memset(over, 0, (size_t)(v->rows * heads) * sizeof *over);
    WEFT_I_EACH_ROW(heads, slots * c, h, {
        for (int64_t r = 0; r < slots; r++) {
            int64_t i = (int64_t)row[r * heads + h] * heads + h;
            over[i] += 1;
            for (int64_t j = 0; j < c; j++) y[i * c + j] += x[(r * heads + h) * c + j];
        }
    });
    WEFT_I_EACH_ROW(v->rows * heads, c, i, {
        over[i] = over[i] > 0 ? 1 / over[i] : 0;
        for (int64_t j = 0; j < c; j++) y[i * c + j] *= over[i];
    });
    return true;
}

static bool scatter_backward(weft_var_t *v)
{
    const weft_real_t *row = v->in[1]->value, *dy = v->grad, *over = v->kept[0].data;
    int64_t heads = v->in[1]->cols, c = v->cols / heads;
    bool add;
    weft_real_t *dx = weft_i_grad(v, 0, &add);
    if (dx) WEFT_I_EACH_ROW(v->in[0]->rows * heads, c, r, {
        int64_t i = (int64_t)row[r] * heads + r % heads;
        for (int64_t j = 0; j < c; j++) {
            weft_real_t z = over[i] * dy[i * c + j];
            dx[r * c + j] = add ? dx[r * c + j] + z : z;
        }
    });
    return true;
}

weft_var_t *weft_head_scatter(weft_var_t *x, weft_var_t *row, int64_t n)
{
    weft_i_attr_t attr = {.i = {n}};
    return weft_i_apply2(&weft_i_op_head_scatter, x, row, &attr);
}
const weft_i_op_t weft_i_op_head_scatter = {"head_scatter", 2, 1, WEFT_I_SAVE_IN(1), false, scatter_infer, scatter_forward, scatter_backward};
