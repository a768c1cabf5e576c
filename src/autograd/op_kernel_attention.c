/* autograd/op_kernel_attention.c: attention whose weights are products of features, f(q_i) f(k_j): the keys are summed up once, so its cost is linear
 * in the rows. A segment's sum is taken on fixed lanes; backward takes it again. Features are made row by row where they are used and are never
 * stored: there may be many more of them than columns. */
#include "autograd/op_common.h"
#include "base/isa.h"
#include "base/real.h"
#include "weft/attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { PLAIN = 0, TAYLOR, EXP, MOST_FEATURES = 4096, MOST_COLUMNS = 1024 };

typedef struct sums {
    const weft_real_t *q, *k, *v, *y, *dy;
    weft_real_t *out, *dq, *dk, *dv;
    int32_t features;
    const weft_real_t *omega; /* EXP: [w, m] */
    weft_real_t *top;         /* EXP: the largest of a segment's keys, by segment and head */
    int64_t heads, w, m, c, c1; /* columns of queries and keys, features, columns of values of a head; c1 = c + 1 where a denominator is carried beside */
    weft_kernel_attention_t kind;
    weft_real_t eps;
    const int64_t *q_first, *k_first;
    int64_t n_segments, one[4];
} sums_t;

static void setup(sums_t *a, const weft_var_t *v)
{
    *a = (sums_t){.q = v->in[0]->value, .k = v->in[1]->value, .v = v->in[2]->value, .y = v->value, .dy = v->grad, .out = v->value, .heads = v->attr.i[0], .kind = (weft_kernel_attention_t)v->attr.i[2],
                  .eps = (weft_real_t)v->attr.f[0], .q_first = v->attr.p[0], .k_first = v->attr.p[1], .n_segments = v->attr.i[1]};
    a->w = v->in[0]->cols / a->heads;
    a->features = (int32_t)v->attr.i[3];
    a->omega = a->features == EXP ? v->in[3]->value : NULL;
    a->m = a->features == TAYLOR ? 1 + a->w + a->w * a->w : a->features == EXP ? v->in[3]->cols : a->w;
    a->top = v->kept[0].data;
    a->c = v->in[2]->cols / a->heads;
    a->c1 = a->kind == WEFT_KERNEL_SUM ? a->c : a->c + 1;
    if (!a->q_first) {
        a->one[1] = v->in[0]->rows;
        a->one[3] = v->in[1]->rows;
        a->q_first = a->one;
        a->k_first = a->one + 2;
        a->n_segments = 1;
    }
}

static bool infer(weft_var_t *v)
{
    const weft_var_t *q = v->in[0], *k = v->in[1], *w = v->in[2];
    int64_t heads = v->attr.i[0], n = v->attr.i[1];
    const int64_t *f = v->attr.p[0], *g = v->attr.p[1];
    v->rows = q->rows;
    v->cols = w->cols;
    if (q->cols != k->cols) return weft_i_fail_shapes(v, q, k);
    if (k->rows != w->rows || (v->attr.i[2] == WEFT_KERNEL_SELF && q->rows != k->rows)) return weft_i_fail_shapes(v, k, w);
    if (heads < 1 || q->cols % heads || w->cols % heads) return weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: %lld heads of %lld and %lld columns", (long long)heads, (long long)q->cols, (long long)w->cols);
    if (v->attr.i[3] == EXP && v->in[3]->rows != q->cols / heads) return weft_i_fail_shapes(v, q, v->in[3]);
    int64_t width = q->cols / heads, n_features = v->attr.i[3] == EXP ? v->in[3]->cols : v->attr.i[3] == TAYLOR ? 1 + width + width * width : 0;
    if (n_features > MOST_FEATURES || width > MOST_COLUMNS || v->in[2]->cols / heads > MOST_COLUMNS) return weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: at most %d columns and %d features a head", MOST_COLUMNS, MOST_FEATURES);
    return !f || (f[0] == 0 && f[n] == q->rows && g[0] == 0 && g[n] == k->rows) || weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: the segments do not cover the rows");
}

#define EPSILON ((weft_real_t)1e-4)

/* Projections of a row x (scaled by w^-1/4) on omega, and half its square. */
static inline __attribute__((always_inline)) weft_real_t project(const sums_t *a, const weft_real_t *x, weft_real_t *restrict p)
{
    weft_real_t scale = 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)a->w)), half = 0;
    for (int64_t j = 0; j < a->m; j++) p[j] = 0;
    for (int64_t b = 0; b < a->w; b++) {
        const weft_real_t *restrict o = a->omega + b * a->m, z = x[b] * scale;
        for (int64_t j = 0; j < a->m; j++) p[j] += z * o[j];
        half += z * z;
    }
    return half / 2;
}

static inline __attribute__((always_inline)) weft_real_t largest(const weft_real_t *p, int64_t m)
{
    weft_real_t most = p[0];
    for (int64_t j = 1; j < m; j++) most = p[j] > most ? p[j] : most;
    return most;
}

/* The features of a row; `room` holds them unless they are the row itself. top: of keys, else NULL. */
static inline __attribute__((always_inline)) const weft_real_t *features(const sums_t *a, const weft_real_t *x, const weft_real_t *top, weft_real_t *restrict room)
{
    if (a->features == PLAIN) return x;
    int64_t w = a->w;
    if (a->features == TAYLOR) {
        weft_real_t one = 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)w)), two = 1 / weft_i_sqrt(2 * (weft_real_t)w);
        room[0] = 1;
        for (int64_t i = 0; i < w; i++) room[1 + i] = x[i] * one;
        for (int64_t i = 0; i < w; i++)
            for (int64_t j = 0; j < w; j++) room[1 + w + i * w + j] = x[i] * x[j] * two;
        return room;
    }
    weft_real_t off = project(a, x, room), r = 1 / weft_i_sqrt((weft_real_t)a->m);
    off += top ? *top : largest(room, a->m);
    for (int64_t j = 0; j < a->m; j++) room[j] = r * (weft_i_exp(room[j] - off) + EPSILON);
    return room;
}

/* dx += what the gradient d of the features f gives; d is overwritten. */
static inline __attribute__((always_inline)) void back_features(const sums_t *a, const weft_real_t *x, const weft_real_t *f, weft_real_t *restrict d, weft_real_t *restrict dx)
{
    int64_t w = a->w;
    if (a->features == PLAIN) {
        for (int64_t b = 0; b < w; b++) dx[b] += d[b];
        return;
    }
    weft_real_t one = 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)w));
    if (a->features == TAYLOR) {
        weft_real_t two = 1 / weft_i_sqrt(2 * (weft_real_t)w);
        for (int64_t i = 0; i < w; i++) {
            weft_real_t s = d[1 + i] * one;
            for (int64_t j = 0; j < w; j++) s += two * x[j] * (d[1 + w + i * w + j] + d[1 + w + j * w + i]);
            dx[i] += s;
        }
        return;
    }
    weft_real_t floor_of = EPSILON / weft_i_sqrt((weft_real_t)a->m), all = 0;
    for (int64_t j = 0; j < a->m; j++) {
        d[j] *= f[j] - floor_of;
        all += d[j];
    }
    for (int64_t b = 0; b < w; b++) {
        const weft_real_t *restrict o = a->omega + b * a->m;
        weft_real_t s = 0;
        for (int64_t j = 0; j < a->m; j++) s += o[j] * d[j];
        dx[b] += one * (s - all * x[b] * one);
    }
}

/* The largest projection of the keys from .. to. */
WEFT_I_WIDE static weft_real_t top_of(const sums_t *a, int64_t from, int64_t to, int64_t h)
{
    weft_real_t room[MOST_FEATURES], most = (weft_real_t)-INFINITY;
    for (int64_t j = from; j < to; j++) {
        project(a, a->k + (j * a->heads + h) * a->w, room);
        weft_real_t one = largest(room, a->m);
        most = one > most ? one : most;
    }
    return most;
}

static void find_tops(const sums_t *a)
{
    enum { ROWS = 256 };
    for (int64_t s = 0; s < a->n_segments; s++)
        for (int64_t h = 0; h < a->heads; h++) {
            int64_t k0 = a->k_first[s], n = a->k_first[s + 1] - k0, parts = (n + ROWS - 1) / ROWS;
            weft_real_t most = (weft_real_t)-INFINITY;
#pragma omp parallel for num_threads(weft_i_threads_for(n * a->w * a->m)) schedule(static) reduction(max : most)
            for (int64_t b = 0; b < parts; b++) {
                weft_real_t one = top_of(a, k0 + b * ROWS, k0 + (b + 1) * ROWS < k0 + n ? k0 + (b + 1) * ROWS : k0 + n, h);
                most = one > most ? one : most;
            }
            a->top[s * a->heads + h] = most;
        }
}

/* sum [m, c1] of k_j (v_j, 1) over rows from .. to. */
WEFT_I_WIDE static void gather(const sums_t *a, int64_t from, int64_t to, int64_t s_of, int64_t h, weft_real_t *restrict sum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, ks = a->heads * a->w, vs = a->heads * c;
    weft_real_t room[MOST_FEATURES];
    const weft_real_t *top = a->top ? a->top + s_of * a->heads + h : NULL;
    memset(sum, 0, (size_t)(m * c1) * sizeof *sum);
    for (int64_t j = from; j < to; j++) {
        const weft_real_t *k = features(a, a->k + j * ks + h * a->w, top, room), *restrict v = a->v + j * vs + h * c;
        for (int64_t x = 0; x < m; x++) {
            weft_real_t *restrict s = sum + x * c1, f = k[x];
            for (int64_t b = 0; b < c; b++) s[b] += f * v[b];
            if (c1 > c) s[c] += f;
        }
    }
}

static weft_real_t below(const sums_t *a, const weft_real_t *q, const weft_real_t *sum, int64_t n)
{
    weft_real_t den = a->kind == WEFT_KERNEL_SELF ? (weft_real_t)n : a->eps;
    for (int64_t x = 0; x < a->m; x++) den += q[x] * sum[x * a->c1 + a->c];
    return den;
}

WEFT_I_WIDE static void give(const sums_t *a, int64_t from, int64_t to, int64_t h, int64_t n, const weft_real_t *restrict sum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, qs = a->heads * a->w, vs = a->heads * c;
    weft_real_t room[MOST_FEATURES];
    for (int64_t i = from; i < to; i++) {
        const weft_real_t *q = features(a, a->q + i * qs + h * a->w, NULL, room);
        weft_real_t *restrict y = a->out + i * vs + h * c;
        for (int64_t b = 0; b < c; b++) y[b] = a->kind == WEFT_KERNEL_SELF ? (weft_real_t)n * a->v[i * vs + h * c + b] : 0;
        for (int64_t x = 0; x < m; x++) {
            const weft_real_t *restrict s = sum + x * c1, f = q[x];
            for (int64_t b = 0; b < c; b++) y[b] += f * s[b];
        }
        if (c1 == c) continue;
        weft_real_t over = 1 / below(a, q, sum, n);
        for (int64_t b = 0; b < c; b++) y[b] *= over;
    }
}

/* Queries' gradients, and dsum [m, c1] (+)= q_i (d numerator, d denominator). */
WEFT_I_WIDE static void back_queries(const sums_t *a, int64_t from, int64_t to, int64_t h, int64_t n, const weft_real_t *restrict sum, weft_real_t *restrict dsum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, qs = a->heads * a->w, vs = a->heads * c;
    weft_real_t up[MOST_COLUMNS + 1], room[MOST_FEATURES], df[MOST_FEATURES];
    for (int64_t i = from; i < to; i++) {
        const weft_real_t *raw = a->q + i * qs + h * a->w, *q = features(a, raw, NULL, room), *restrict y = a->y + i * vs + h * c, *restrict dy = a->dy + i * vs + h * c;
        weft_real_t over = c1 > c ? 1 / below(a, q, sum, n) : 1, down = 0;
        for (int64_t b = 0; b < c; b++) up[b] = dy[b] * over;
        for (int64_t b = 0; b < c && c1 > c; b++) down -= up[b] * y[b];
        up[c] = down;
        if (a->kind == WEFT_KERNEL_SELF && a->dv)
            for (int64_t b = 0; b < c; b++) a->dv[i * vs + h * c + b] += (weft_real_t)n * up[b];
        for (int64_t x = 0; x < m; x++) {
            const weft_real_t *restrict s = sum + x * c1;
            weft_real_t *restrict d = dsum + x * c1, f = q[x], g = 0;
            for (int64_t b = 0; b < c1; b++) d[b] += f * up[b];
            for (int64_t b = 0; b < c1 && a->dq; b++) g += s[b] * up[b];
            df[x] = g;
        }
        if (a->dq) back_features(a, raw, q, df, a->dq + i * qs + h * a->w);
    }
}

WEFT_I_WIDE static void back_keys(const sums_t *a, int64_t from, int64_t to, int64_t s_of, int64_t h, const weft_real_t *restrict dsum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, ks = a->heads * a->w, vs = a->heads * c;
    weft_real_t room[MOST_FEATURES], df[MOST_FEATURES];
    const weft_real_t *top = a->top ? a->top + s_of * a->heads + h : NULL;
    for (int64_t j = from; j < to; j++) {
        const weft_real_t *raw = a->k + j * ks + h * a->w, *k = features(a, raw, top, room), *restrict v = a->v + j * vs + h * c;
        for (int64_t x = 0; x < m && a->dk; x++) {
            const weft_real_t *restrict d = dsum + x * c1;
            weft_real_t g = c1 > c ? d[c] : 0;
            for (int64_t b = 0; b < c; b++) g += d[b] * v[b];
            df[x] = g;
        }
        for (int64_t x = 0; x < m && a->dv; x++) {
            const weft_real_t *restrict d = dsum + x * c1;
            weft_real_t *restrict g = a->dv + j * vs + h * c, f = k[x];
            for (int64_t b = 0; b < c; b++) g[b] += f * d[b];
        }
        if (a->dk) back_features(a, raw, k, df, a->dk + j * ks + h * a->w);
    }
}

/* sum[size] of lanes that stand `stride` apart, in lane order. */
static void fold(int32_t lanes, int64_t size, int64_t stride, weft_real_t *sum)
{
    for (int32_t l = 1; l < lanes; l++)
        for (int64_t x = 0; x < size; x++) sum[x] += sum[l * stride + x];
}

static int32_t lanes_of(const sums_t *a, int64_t s)
{
    int32_t k = weft_i_n_lanes(a->k_first[s + 1] - a->k_first[s]), q = weft_i_n_lanes(a->q_first[s + 1] - a->q_first[s]);
    return k > q ? k : q > 0 ? q : 1;
}

/* One small segment and head, by one thread. */
static void small(const sums_t *a, int64_t s, int64_t h, weft_real_t *sum, bool back)
{
    int64_t n = a->k_first[s + 1] - a->k_first[s], size = a->m * a->c1;
    gather(a, a->k_first[s], a->k_first[s + 1], s, h, sum);
    if (!back) {
        give(a, a->q_first[s], a->q_first[s + 1], h, n, sum);
        return;
    }
    memset(sum + size, 0, (size_t)size * sizeof *sum);
    back_queries(a, a->q_first[s], a->q_first[s + 1], h, n, sum, sum + size);
    back_keys(a, a->k_first[s], a->k_first[s + 1], s, h, sum + size);
}

/* One large segment, by all threads: items are lanes times heads. room: lanes x heads x 2 x size. */
static void large(const sums_t *a, int64_t s, int32_t lanes, weft_real_t *room, bool back)
{
    int64_t k0 = a->k_first[s], nk = a->k_first[s + 1] - k0, q0 = a->q_first[s], nq = a->q_first[s + 1] - q0, size = a->m * a->c1, heads = a->heads, items = lanes * heads;
    int threads = weft_i_threads_for((nk + nq) * size * heads);
    weft_real_t *d = room + items * size; /* item l heads + h: its own sum; lane 0's holds the whole afterwards */
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) gather(a, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), s, x % heads, room + x * size);
    for (int64_t h = 0; h < heads; h++) fold(lanes, size, heads * size, room + h * size);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) {
        int64_t from = q0 + weft_i_lane_begin(nq, lanes, (int32_t)(x / heads)), to = q0 + weft_i_lane_begin(nq, lanes, (int32_t)(x / heads) + 1), h = x % heads;
        if (!back) give(a, from, to, h, nk, room + h * size);
        else {
            memset(d + x * size, 0, (size_t)size * sizeof *d);
            back_queries(a, from, to, h, nk, room + h * size, d + x * size);
        }
    }
    if (!back) return;
    for (int64_t h = 0; h < heads; h++) fold(lanes, size, heads * size, d + h * size);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++)
        back_keys(a, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), s, x % heads, d + x % heads * size);
}

/* Sums that are held at once. */
static int64_t sums_of(const sums_t *a, int32_t *most, int *threads)
{
    int64_t size = a->m * a->c1, rows = 0;
    *most = 1;
    for (int64_t s = 0; s < a->n_segments; s++) {
        int32_t l = lanes_of(a, s);
        if (l > *most) *most = l;
        rows += l == 1 ? a->k_first[s + 1] - a->k_first[s] + a->q_first[s + 1] - a->q_first[s] : 0;
    }
    *threads = weft_i_threads_for(rows * size * a->heads);
    return *most * a->heads > *threads ? *most * a->heads : *threads;
}

void weft_i_room_kernel_attention(const weft_var_t *v, weft_i_room_t *room)
{
    sums_t a;
    int32_t most;
    int threads;
    setup(&a, v);
    if (a.features == EXP) room->kept[0] = (size_t)(a.n_segments * a.heads) * sizeof *a.top;
    room->forward = room->backward = (size_t)(2 * sums_of(&a, &most, &threads) * a.m * a.c1 + 1) * sizeof(weft_real_t);
}

static bool run(weft_var_t *v, const sums_t *a, bool back)
{
    int32_t most;
    int threads;
    int64_t size = a->m * a->c1, sums = sums_of(a, &most, &threads);
    weft_i_buffer_t room = weft_i_take(v->tape, (size_t)(2 * sums * size + 1) * sizeof(weft_real_t));
    weft_real_t *sum = room.data;
    if (!sum) return false;
    int64_t items = a->n_segments * a->heads;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (int64_t x = 0; x < items; x++)
        if (lanes_of(a, x / a->heads) == 1) small(a, x / a->heads, x % a->heads, sum + 2 * size * omp_get_thread_num(), back);
    for (int64_t s = 0; s < a->n_segments && most > 1; s++)
        if (lanes_of(a, s) > 1) large(a, s, lanes_of(a, s), sum, back);
    weft_i_give(v->tape, &room);
    return true;
}

static bool forward(weft_var_t *v)
{
    sums_t a;
    setup(&a, v);
    if (a.features == EXP) {
        if (!(a.top = weft_i_keep(v, 0, (size_t)(a.n_segments * a.heads) * sizeof *a.top))) return false;
        find_tops(&a);
    }
    return run(v, &a, false);
}

static bool backward(weft_var_t *v)
{
    sums_t a;
    weft_real_t **d[3] = {&a.dq, &a.dk, &a.dv};
    setup(&a, v);
    for (int32_t k = 0; k < 3; k++) {
        bool add;
        *d[k] = weft_i_grad(v, k, &add);
        if (*d[k] && !add) memset(*d[k], 0, (size_t)(v->in[k]->rows * v->in[k]->cols) * sizeof **d[k]);
    }
    return run(v, &a, true);
}

static weft_var_t *attend(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *omega, int32_t features_of, int32_t heads, const weft_segments_t *segments, weft_kernel_attention_t kind, double eps)
{
    weft_var_t *in[4] = {q, k, x, omega};
    if (!q) return NULL;
    weft_i_attr_t attr = {.f = {eps}, .i = {heads, segments ? segments->n : 0, kind, features_of}, .p = {segments ? segments->first : NULL, segments ? segments->key_first ? segments->key_first : segments->first : NULL}};
    return weft_i_apply(&weft_i_op_kernel_attention, q->tape, in, features_of == EXP ? 4 : 3, &attr);
}

weft_var_t *weft_kernel_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, weft_kernel_attention_t kind, double eps)
{
    return attend(q, k, x, NULL, PLAIN, heads, segments, kind, eps);
}

weft_var_t *weft_taylor_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, double eps)
{
    return attend(q, k, x, NULL, TAYLOR, heads, segments, WEFT_KERNEL_RATIO, eps);
}

weft_var_t *weft_performer_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *omega, int32_t heads, const weft_segments_t *segments)
{
    return attend(q, k, x, omega, EXP, heads, segments, WEFT_KERNEL_RATIO, 0.0);
}
const weft_i_op_t weft_i_op_kernel_attention = {"kernel_attention", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3) | WEFT_I_SAVE_OUT, false, infer, forward, backward};
