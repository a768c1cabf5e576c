/* autograd/op_kernel_attention.c: attention whose weights are products of features, f(q_i) f(k_j): the keys are summed up once, so its cost is linear
 * in the rows. A segment's sum is taken on fixed lanes; backward takes it again. Rows go by blocks, whose products with a sum are those of the matrix tiles. */
#include "autograd/kernel_features.h"
#include "autograd/op_common.h"
#include "tensor/gemm.h"
#include "weft/attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { MOST_FEATURES = 4096, MOST_COLUMNS = 1024, ROWS = WEFT_I_FEATURE_ROWS };

typedef struct sums {
    const weft_real_t *q, *k, *v, *y, *dy;
    weft_real_t *out, *dq, *dk, *dv;
    weft_i_features_t f;
    weft_real_t *top;     /* exp: the largest of a segment's keys, by segment and head */
    int64_t heads, c, c1; /* c: columns of values of a head; c1 = c + 1 where a denominator is carried beside */
    weft_kernel_attention_t kind;
    weft_real_t eps;
    const int64_t *q_first, *k_first;
    int64_t n_segments, one[4];
} sums_t;

/* What one thread needs: features and their gradient [ROWS, m]; values beside 1, results [ROWS, c1]; panels of them, of a sum and of its transpose. */
typedef struct worker { weft_real_t *f, *df, *u, *t, *rows, *sum, *back; } worker_t;

static int64_t worker_size(const sums_t *a)
{
    return 2 * ROWS * a->f.m + 2 * ROWS * a->c1 + weft_i_gemm_scratch(ROWS, a->c1) + weft_i_gemm_scratch(a->f.m, a->c1) + weft_i_gemm_scratch(a->c1, a->f.m);
}

static worker_t worker_at(const sums_t *a, weft_real_t *room)
{
    worker_t w = {.f = room};
    w.df = w.f + ROWS * a->f.m;
    w.u = w.df + ROWS * a->f.m;
    w.t = w.u + ROWS * a->c1;
    w.rows = w.t + ROWS * a->c1;
    w.sum = w.rows + weft_i_gemm_scratch(ROWS, a->c1);
    w.back = w.sum + weft_i_gemm_scratch(a->f.m, a->c1);
    return w;
}

static void setup(sums_t *a, const weft_var_t *v)
{
    *a = (sums_t){.q = v->in[0]->value, .k = v->in[1]->value, .v = v->in[2]->value, .y = v->value, .dy = v->grad, .out = v->value, .heads = v->attr.i[0], .kind = (weft_kernel_attention_t)v->attr.i[2],
                  .eps = (weft_real_t)v->attr.f[0], .q_first = v->attr.p[0], .k_first = v->attr.p[1], .n_segments = v->attr.i[1]};
    int64_t w = v->in[0]->cols / a->heads;
    a->f.kind = (weft_i_feature_kind_t)v->attr.i[3];
    a->f.w = w;
    a->f.omega = a->f.kind == WEFT_I_EXP ? v->in[3]->value : NULL;
    a->f.m = a->f.kind == WEFT_I_TAYLOR ? 1 + w + w * w : a->f.kind == WEFT_I_EXP ? v->in[3]->cols : w;
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
    if (v->attr.i[3] == WEFT_I_EXP && v->in[3]->rows != q->cols / heads) return weft_i_fail_shapes(v, q, v->in[3]);
    int64_t width = q->cols / heads, n_features = v->attr.i[3] == WEFT_I_EXP ? v->in[3]->cols : v->attr.i[3] == WEFT_I_TAYLOR ? 1 + width + width * width : 0;
    if (n_features > MOST_FEATURES || width > MOST_COLUMNS || v->in[2]->cols / heads > MOST_COLUMNS) return weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: at most %d columns and %d features a head", MOST_COLUMNS, MOST_FEATURES);
    return !f || (f[0] == 0 && f[n] == q->rows && g[0] == 0 && g[n] == k->rows) || weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: the segments do not cover the rows");
}

/* A block of rows of head h: where they start, what they are apart. */
static inline const weft_real_t *row_of(const weft_real_t *x, int64_t row, int64_t heads, int64_t h, int64_t cols) { return x + (row * heads + h) * cols; }

static inline int64_t block_of(int64_t at, int64_t to) { return to - at < ROWS ? to - at : ROWS; }

static const weft_real_t *keys(const sums_t *a, const worker_t *w, int64_t at, int64_t n, int64_t s, int64_t h, int64_t *step)
{
    return weft_i_features_of(&a->f, n, row_of(a->k, at, a->heads, h, a->f.w), a->heads * a->f.w, a->top ? a->top + s * a->heads + h : NULL, w->f, step);
}

static const weft_real_t *queries(const sums_t *a, const worker_t *w, int64_t at, int64_t n, int64_t h, int64_t *step)
{
    return weft_i_features_of(&a->f, n, row_of(a->q, at, a->heads, h, a->f.w), a->heads * a->f.w, NULL, w->f, step);
}

/* w->u = (v, 1) */
static void values(const sums_t *a, const worker_t *w, int64_t at, int64_t n, int64_t h)
{
    for (int64_t r = 0; r < n; r++) {
        memcpy(w->u + r * a->c1, row_of(a->v, at + r, a->heads, h, a->c), (size_t)a->c * sizeof *w->u);
        if (a->c1 > a->c) w->u[r * a->c1 + a->c] = 1;
    }
}

/* sum [m, c1] += f^T u of n rows. */
static void add_rows(const sums_t *a, const worker_t *w, int64_t n, const weft_real_t *f, int64_t step, weft_real_t *sum)
{
    weft_i_panels(n, a->c1, w->u, a->c1, 1, w->rows);
    weft_i_panels_product(a->f.m, n, a->c1, f, 1, step, w->rows, sum, a->c1, true);
}

/* sum [m, c1] of k_j (v_j, 1) over rows from .. to. */
static void gather(const sums_t *a, const worker_t *w, int64_t from, int64_t to, int64_t s, int64_t h, weft_real_t *sum)
{
    memset(sum, 0, (size_t)(a->f.m * a->c1) * sizeof *sum);
    for (int64_t at = from; at < to; at += ROWS) {
        int64_t n = block_of(at, to), step;
        const weft_real_t *f = keys(a, w, at, n, s, h, &step);
        values(a, w, at, n, h);
        add_rows(a, w, n, f, step, sum);
    }
}

static void give(const sums_t *a, const worker_t *w, int64_t from, int64_t to, int64_t h, int64_t n_keys, const weft_real_t *sum)
{
    int64_t c = a->c, c1 = a->c1;
    bool self = a->kind == WEFT_KERNEL_SELF;
    weft_i_panels(a->f.m, c1, sum, c1, 1, w->sum);
    for (int64_t at = from; at < to; at += ROWS) {
        int64_t n = block_of(at, to), step;
        const weft_real_t *f = queries(a, w, at, n, h, &step);
        weft_i_panels_product(n, a->f.m, c1, f, step, 1, w->sum, w->t, c1, false);
        for (int64_t r = 0; r < n; r++) {
            weft_real_t *y = a->out + ((at + r) * a->heads + h) * c;
            const weft_real_t *t = w->t + r * c1, *v = row_of(a->v, at + r, a->heads, h, c);
            weft_real_t over = c1 > c ? 1 / ((self ? (weft_real_t)n_keys : a->eps) + t[c]) : 1;
            for (int64_t b = 0; b < c; b++) y[b] = self ? ((weft_real_t)n_keys * v[b] + t[b]) * over : t[b] * over;
        }
    }
}

/* Queries' gradients, and dsum [m, c1] += q_i (d numerator, d denominator). */
static void back_queries(const sums_t *a, const worker_t *w, int64_t from, int64_t to, int64_t h, int64_t n_keys, const weft_real_t *sum, weft_real_t *dsum)
{
    int64_t m = a->f.m, c = a->c, c1 = a->c1;
    bool self = a->kind == WEFT_KERNEL_SELF;
    if (c1 > c) weft_i_panels(m, 1, sum + c, c1, 1, w->sum); /* of the denominators */
    if (a->dq) weft_i_panels(c1, m, sum, 1, c1, w->back);
    for (int64_t at = from; at < to; at += ROWS) {
        int64_t n = block_of(at, to), step;
        const weft_real_t *f = queries(a, w, at, n, h, &step);
        if (c1 > c) weft_i_panels_product(n, m, 1, f, step, 1, w->sum, w->t, 1, false);
        for (int64_t r = 0; r < n; r++) {
            const weft_real_t *y = row_of(a->y, at + r, a->heads, h, c), *dy = row_of(a->dy, at + r, a->heads, h, c);
            weft_real_t *up = w->u + r * c1, over = c1 > c ? 1 / ((self ? (weft_real_t)n_keys : a->eps) + w->t[r]) : 1, down = 0;
            for (int64_t b = 0; b < c; b++) up[b] = dy[b] * over;
            for (int64_t b = 0; b < c && c1 > c; b++) down -= up[b] * y[b];
            if (c1 > c) up[c] = down;
            for (int64_t b = 0; b < c && self && a->dv; b++) a->dv[((at + r) * a->heads + h) * c + b] += (weft_real_t)n_keys * up[b];
        }
        add_rows(a, w, n, f, step, dsum);
        if (!a->dq) continue;
        weft_i_panels_product(n, c1, m, w->u, c1, 1, w->back, w->df, m, false);
        weft_i_features_back(&a->f, n, row_of(a->q, at, a->heads, h, a->f.w), a->heads * a->f.w, f, w->df, a->dq + (at * a->heads + h) * a->f.w);
    }
}

static void back_keys(const sums_t *a, const worker_t *w, int64_t from, int64_t to, int64_t s, int64_t h, const weft_real_t *dsum)
{
    int64_t m = a->f.m, c = a->c, c1 = a->c1;
    if (a->dv) weft_i_panels(m, c, dsum, c1, 1, w->sum);
    if (a->dk) weft_i_panels(c1, m, dsum, 1, c1, w->back);
    for (int64_t at = from; at < to; at += ROWS) {
        int64_t n = block_of(at, to), step;
        const weft_real_t *f = keys(a, w, at, n, s, h, &step);
        if (a->dv) weft_i_panels_product(n, m, c, f, step, 1, w->sum, a->dv + (at * a->heads + h) * c, a->heads * c, true);
        if (!a->dk) continue;
        values(a, w, at, n, h);
        weft_i_panels_product(n, c1, m, w->u, c1, 1, w->back, w->df, m, false);
        weft_i_features_back(&a->f, n, row_of(a->k, at, a->heads, h, a->f.w), a->heads * a->f.w, f, w->df, a->dk + (at * a->heads + h) * a->f.w);
    }
}

/* The largest projection of every segment's keys, by head. */
static void find_tops(const sums_t *a, weft_real_t *rooms)
{
    for (int64_t s = 0; s < a->n_segments; s++)
        for (int64_t h = 0; h < a->heads; h++) {
            int64_t k0 = a->k_first[s], k1 = a->k_first[s + 1], parts = (k1 - k0 + ROWS - 1) / ROWS;
            weft_real_t most = (weft_real_t)-INFINITY;
#pragma omp parallel for num_threads(weft_i_threads_for((k1 - k0) * a->f.w * a->f.m / 16)) schedule(static) reduction(max : most)
            for (int64_t b = 0; b < parts; b++) {
                int64_t at = k0 + b * ROWS;
                weft_real_t one = weft_i_features_top(&a->f, block_of(at, k1), row_of(a->k, at, a->heads, h, a->f.w), a->heads * a->f.w, rooms + omp_get_thread_num() * worker_size(a));
                most = one > most ? one : most;
            }
            a->top[s * a->heads + h] = most;
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
static void small(const sums_t *a, const worker_t *w, int64_t s, int64_t h, weft_real_t *sum, bool back)
{
    int64_t n = a->k_first[s + 1] - a->k_first[s], size = a->f.m * a->c1;
    gather(a, w, a->k_first[s], a->k_first[s + 1], s, h, sum);
    if (!back) {
        give(a, w, a->q_first[s], a->q_first[s + 1], h, n, sum);
        return;
    }
    memset(sum + size, 0, (size_t)size * sizeof *sum);
    back_queries(a, w, a->q_first[s], a->q_first[s + 1], h, n, sum, sum + size);
    back_keys(a, w, a->k_first[s], a->k_first[s + 1], s, h, sum + size);
}

/* One large segment, by all threads: items are lanes times heads. rooms: of the workers; room: lanes x heads x 2 x size. */
static void large(const sums_t *a, int64_t s, int32_t lanes, weft_real_t *rooms, weft_real_t *room, bool back)
{
    int64_t k0 = a->k_first[s], nk = a->k_first[s + 1] - k0, q0 = a->q_first[s], nq = a->q_first[s + 1] - q0, size = a->f.m * a->c1, heads = a->heads, items = lanes * heads;
    int threads = weft_i_threads_for((nk + nq) * size * heads);
    weft_real_t *d = room + items * size; /* item l heads + h: its own sum; lane 0's holds the whole afterwards */
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) {
        const worker_t w = worker_at(a, rooms + omp_get_thread_num() * worker_size(a));
        gather(a, &w, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), s, x % heads, room + x * size);
    }
    for (int64_t h = 0; h < heads; h++) fold(lanes, size, heads * size, room + h * size);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) {
        int64_t from = q0 + weft_i_lane_begin(nq, lanes, (int32_t)(x / heads)), to = q0 + weft_i_lane_begin(nq, lanes, (int32_t)(x / heads) + 1), h = x % heads;
        const worker_t w = worker_at(a, rooms + omp_get_thread_num() * worker_size(a));
        if (!back) give(a, &w, from, to, h, nk, room + h * size);
        else {
            memset(d + x * size, 0, (size_t)size * sizeof *d);
            back_queries(a, &w, from, to, h, nk, room + h * size, d + x * size);
        }
    }
    if (!back) return;
    for (int64_t h = 0; h < heads; h++) fold(lanes, size, heads * size, d + h * size);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) {
        const worker_t w = worker_at(a, rooms + omp_get_thread_num() * worker_size(a));
        back_keys(a, &w, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), s, x % heads, d + x % heads * size);
    }
}

/* Sums that are held at once. */
static int64_t sums_of(const sums_t *a, int32_t *most, int *threads)
{
    int64_t size = a->f.m * a->c1, rows = 0;
    *most = 1;
    for (int64_t s = 0; s < a->n_segments; s++) {
        int32_t l = lanes_of(a, s);
        if (l > *most) *most = l;
        rows += l == 1 ? a->k_first[s + 1] - a->k_first[s] + a->q_first[s + 1] - a->q_first[s] : 0;
    }
    *threads = weft_i_threads_for(rows * size * a->heads);
    return *most * a->heads > *threads ? *most * a->heads : *threads;
}

/* Panels of omega, a room for each worker, sums. */
static size_t room_of(const sums_t *a, int64_t sums) { return (size_t)(weft_i_features_room(&a->f) + weft_threads() * worker_size(a) + 2 * sums * a->f.m * a->c1 + 1) * sizeof(weft_real_t); }

void weft_i_room_kernel_attention(const weft_var_t *v, weft_i_room_t *room)
{
    sums_t a;
    int32_t most;
    int threads;
    setup(&a, v);
    if (a.f.kind == WEFT_I_EXP) room->kept[0] = (size_t)(a.n_segments * a.heads) * sizeof *a.top;
    room->forward = room->backward = room_of(&a, sums_of(&a, &most, &threads));
}

static bool run(weft_var_t *v, sums_t *a, bool back)
{
    int32_t most;
    int threads;
    int64_t size = a->f.m * a->c1, sums = sums_of(a, &most, &threads);
    weft_i_buffer_t room = weft_i_take(v->tape, room_of(a, sums));
    if (!room.data) return false;
    weft_real_t *rooms = (weft_real_t *)room.data + weft_i_features_room(&a->f), *sum = rooms + weft_threads() * worker_size(a);
    weft_i_features_pack(&a->f, room.data);
    if (a->f.kind == WEFT_I_EXP && !back) find_tops(a, rooms);
    int64_t items = a->n_segments * a->heads;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (int64_t x = 0; x < items; x++) {
        const worker_t w = worker_at(a, rooms + omp_get_thread_num() * worker_size(a));
        if (lanes_of(a, x / a->heads) == 1) small(a, &w, x / a->heads, x % a->heads, sum + 2 * size * omp_get_thread_num(), back);
    }
    for (int64_t s = 0; s < a->n_segments && most > 1; s++)
        if (lanes_of(a, s) > 1) large(a, s, lanes_of(a, s), rooms, sum, back);
    weft_i_give(v->tape, &room);
    return true;
}

static bool forward(weft_var_t *v)
{
    sums_t a;
    setup(&a, v);
    if (a.f.kind == WEFT_I_EXP && !(a.top = weft_i_keep(v, 0, (size_t)(a.n_segments * a.heads) * sizeof *a.top))) return false;
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
    return weft_i_apply(&weft_i_op_kernel_attention, q->tape, in, features_of == WEFT_I_EXP ? 4 : 3, &attr);
}

weft_var_t *weft_kernel_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, weft_kernel_attention_t kind, double eps)
{
    return attend(q, k, x, NULL, WEFT_I_PLAIN, heads, segments, kind, eps);
}

weft_var_t *weft_taylor_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, double eps)
{
    return attend(q, k, x, NULL, WEFT_I_TAYLOR, heads, segments, WEFT_KERNEL_RATIO, eps);
}

weft_var_t *weft_performer_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, weft_var_t *omega, int32_t heads, const weft_segments_t *segments)
{
    return attend(q, k, x, omega, WEFT_I_EXP, heads, segments, WEFT_KERNEL_RATIO, 0.0);
}
const weft_i_op_t weft_i_op_kernel_attention = {"kernel_attention", WEFT_I_MANY, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_IN(3) | WEFT_I_SAVE_OUT, false, infer, forward, backward};
