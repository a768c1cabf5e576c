/* autograd/op_kernel_attention.c: attention whose weights are products of features, q_i k_j: the keys are summed up once, so its cost is linear in
 * the rows. A segment's sum is taken on fixed lanes; backward takes it again. */
#include "autograd/op_common.h"
#include "weft/attention.h"

#include <omp.h>
#include <string.h>

#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

typedef struct sums {
    const weft_real_t *q, *k, *v, *y, *dy;
    weft_real_t *out, *dq, *dk, *dv;
    int64_t heads, m, c, c1; /* features and columns of a head; c1 = c + 1 where a denominator is carried beside */
    weft_kernel_attention_t kind;
    weft_real_t eps;
    const int64_t *q_first, *k_first;
    int64_t n_segments, one[4];
} sums_t;

static void setup(sums_t *a, const weft_var_t *v)
{
    *a = (sums_t){.q = v->in[0]->value, .k = v->in[1]->value, .v = v->in[2]->value, .y = v->value, .dy = v->grad, .out = v->value, .heads = v->attr.i[0], .kind = (weft_kernel_attention_t)v->attr.i[2],
                  .eps = (weft_real_t)v->attr.f[0], .q_first = v->attr.p[0], .k_first = v->attr.p[1], .n_segments = v->attr.i[1]};
    a->m = v->in[0]->cols / a->heads;
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
    return !f || (f[0] == 0 && f[n] == q->rows && g[0] == 0 && g[n] == k->rows) || weft_i_fail(v->tape, WEFT_EUSAGE, "kernel_attention: the segments do not cover the rows");
}

/* sum [m, c1] of k_j (v_j, 1) over rows from .. to. */
WIDE static void gather(const sums_t *a, int64_t from, int64_t to, int64_t h, weft_real_t *restrict sum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, ks = a->heads * m, vs = a->heads * c;
    memset(sum, 0, (size_t)(m * c1) * sizeof *sum);
    for (int64_t j = from; j < to; j++) {
        const weft_real_t *restrict k = a->k + j * ks + h * m, *restrict v = a->v + j * vs + h * c;
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

WIDE static void give(const sums_t *a, int64_t from, int64_t to, int64_t h, int64_t n, const weft_real_t *restrict sum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, qs = a->heads * m, vs = a->heads * c;
    for (int64_t i = from; i < to; i++) {
        const weft_real_t *restrict q = a->q + i * qs + h * m;
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
WIDE static void back_queries(const sums_t *a, int64_t from, int64_t to, int64_t h, int64_t n, const weft_real_t *restrict sum, weft_real_t *restrict dsum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, qs = a->heads * m, vs = a->heads * c;
    weft_real_t up[1024 + 1];
    for (int64_t i = from; i < to; i++) {
        const weft_real_t *restrict q = a->q + i * qs + h * m, *restrict y = a->y + i * vs + h * c, *restrict dy = a->dy + i * vs + h * c;
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
            if (!a->dq) continue;
            for (int64_t b = 0; b < c1; b++) g += s[b] * up[b];
            a->dq[i * qs + h * m + x] += g;
        }
    }
}

WIDE static void back_keys(const sums_t *a, int64_t from, int64_t to, int64_t h, const weft_real_t *restrict dsum)
{
    int64_t m = a->m, c = a->c, c1 = a->c1, ks = a->heads * m, vs = a->heads * c;
    for (int64_t j = from; j < to; j++) {
        const weft_real_t *restrict k = a->k + j * ks + h * m, *restrict v = a->v + j * vs + h * c;
        for (int64_t x = 0; x < m && a->dk; x++) {
            const weft_real_t *restrict d = dsum + x * c1;
            weft_real_t g = c1 > c ? d[c] : 0;
            for (int64_t b = 0; b < c; b++) g += d[b] * v[b];
            a->dk[j * ks + h * m + x] += g;
        }
        for (int64_t x = 0; x < m && a->dv; x++) {
            const weft_real_t *restrict d = dsum + x * c1;
            weft_real_t *restrict g = a->dv + j * vs + h * c, f = k[x];
            for (int64_t b = 0; b < c; b++) g[b] += f * d[b];
        }
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
    gather(a, a->k_first[s], a->k_first[s + 1], h, sum);
    if (!back) {
        give(a, a->q_first[s], a->q_first[s + 1], h, n, sum);
        return;
    }
    memset(sum + size, 0, (size_t)size * sizeof *sum);
    back_queries(a, a->q_first[s], a->q_first[s + 1], h, n, sum, sum + size);
    back_keys(a, a->k_first[s], a->k_first[s + 1], h, sum + size);
}

/* One large segment, by all threads: items are lanes times heads. room: lanes x heads x 2 x size. */
static void large(const sums_t *a, int64_t s, int32_t lanes, weft_real_t *room, bool back)
{
    int64_t k0 = a->k_first[s], nk = a->k_first[s + 1] - k0, q0 = a->q_first[s], nq = a->q_first[s + 1] - q0, size = a->m * a->c1, heads = a->heads, items = lanes * heads;
    int threads = weft_i_threads_for((nk + nq) * size * heads);
    weft_real_t *d = room + items * size; /* item l heads + h: its own sum; lane 0's holds the whole afterwards */
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t x = 0; x < items; x++) gather(a, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), x % heads, room + x * size);
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
        back_keys(a, k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads)), k0 + weft_i_lane_begin(nk, lanes, (int32_t)(x / heads) + 1), x % heads, d + x % heads * size);
}

static bool run(weft_var_t *v, const sums_t *a, bool back)
{
    int64_t size = a->m * a->c1, rows = 0;
    int32_t most = 1;
    for (int64_t s = 0; s < a->n_segments; s++) {
        int32_t l = lanes_of(a, s);
        if (l > most) most = l;
        rows += l == 1 ? a->k_first[s + 1] - a->k_first[s] + a->q_first[s + 1] - a->q_first[s] : 0;
    }
    int threads = weft_i_threads_for(rows * size * a->heads);
    int64_t sums = most * a->heads > threads ? most * a->heads : threads;
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

weft_var_t *weft_kernel_attention(weft_var_t *q, weft_var_t *k, weft_var_t *x, int32_t heads, const weft_segments_t *segments, weft_kernel_attention_t kind, double eps)
{
    weft_var_t *in[3] = {q, k, x};
    if (!q) return NULL;
    if (x && heads > 0 && weft_var_cols(x) / heads > 1024) {
        weft_tape_fail(q->tape, WEFT_EUSAGE, "kernel_attention: at most 1024 columns a head");
        return NULL;
    }
    weft_i_attr_t attr = {.f = {eps}, .i = {heads, segments ? segments->n : 0, kind}, .p = {segments ? segments->first : NULL, segments ? segments->key_first ? segments->key_first : segments->first : NULL}};
    return weft_i_apply(&weft_i_op_kernel_attention, q->tape, in, 3, &attr);
}
const weft_i_op_t weft_i_op_kernel_attention = {"kernel_attention", 3, 1, WEFT_I_SAVE_IN(0) | WEFT_I_SAVE_IN(1) | WEFT_I_SAVE_IN(2) | WEFT_I_SAVE_OUT, false, infer, forward, backward};
