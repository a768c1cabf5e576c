/* Softmax attention in float, on segments below, at and beyond a tile: against its equations in double, the same bits for any number of threads, and masks. */
#include "weft/attention.h"
#include "weft/base.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SEGMENTS = 6, ROWS = 1 + 7 + 32 + 33 + 70 + 130, HEADS = 2, MOST = 16 };
static const int64_t first[SEGMENTS + 1] = {0, 1, 8, 40, 73, 143, ROWS};

typedef struct case_t {
    int64_t w;                                 /* columns of a head */
    float in[3][ROWS * HEADS * MOST], r[ROWS * HEADS * MOST]; /* q, k, v; what the gradients are of: sum r y */
    float y[ROWS * HEADS * MOST], grad[3][ROWS * HEADS * MOST];
} case_t;

static void fill(case_t *c, int64_t w)
{
    uint32_t z = 1;
    *c = (case_t){.w = w};
    for (int k = 0; k < 4; k++)
        for (int64_t i = 0; i < ROWS * HEADS * w; i++) {
            z = z * 1664525u + 1013904223u;
            (k < 3 ? c->in[k] : c->r)[i] = (float)(z >> 8) * 0x1p-23f - 1.0f;
        }
}

static void run(case_t *c, double drop)
{
    int64_t cols = HEADS * c->w;
    weft_segments_t segments = {SEGMENTS, first, NULL};
    weft_tape_t *t = weft_tape_new();
    weft_var_t *in[3];
    float ones[ROWS];
    for (int i = 0; i < ROWS; i++) ones[i] = 1.0f;
    for (int k = 0; k < 3; k++) {
        memset(c->grad[k], 0, sizeof c->grad[k]);
        in[k] = weft_tape_leaf(t, c->in[k], c->grad[k], ROWS, cols);
    }
    weft_tape_set_seed(t, 5, 9);
    weft_var_t *y = weft_var_keep(weft_attention(in[0], in[1], in[2], NULL, HEADS, &segments, drop));
    weft_var_t *product = weft_mul(y, weft_tape_constant(t, c->r, ROWS, cols)), *down = weft_tape_constant(t, ones, 1, ROWS), *across = weft_tape_constant(t, ones, cols, 1);
    cr_assert_eq(weft_tape_backward(t, weft_matmul(weft_matmul(down, product), across), NULL), WEFT_OK);
    memcpy(c->y, weft_var_data(y), (size_t)(ROWS * cols) * sizeof *c->y);
    weft_tape_free(t);
}

/* One head of one segment by the equations. */
static void check_head(const case_t *c, int64_t begin, int64_t n, int64_t h)
{
    int64_t w = c->w, s = HEADS * w;
    double *p = calloc((size_t)(n * n), sizeof *p), *d = calloc((size_t)(n * n), sizeof *d), scale = 1.0 / sqrt((double)w);
#define AT(m, i, x) ((double)(m)[(begin + (i)) * s + h * w + (x)])
    for (int64_t i = 0; i < n; i++) {
        double sum = 0.0, own = 0.0;
        for (int64_t j = 0; j < n; j++) {
            double dot = 0.0;
            for (int64_t x = 0; x < w; x++) {
                dot += AT(c->in[0], i, x) * AT(c->in[1], j, x);
                d[i * n + j] += AT(c->r, i, x) * AT(c->in[2], j, x);
            }
            sum += p[i * n + j] = exp(dot * scale);
        }
        for (int64_t j = 0; j < n; j++) own += (p[i * n + j] /= sum) * d[i * n + j];
        for (int64_t j = 0; j < n; j++) d[i * n + j] = p[i * n + j] * (d[i * n + j] - own) * scale;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t x = 0; x < w; x++) {
            double y = 0.0, dq = 0.0, dk = 0.0, dv = 0.0;
            for (int64_t j = 0; j < n; j++) {
                y += p[i * n + j] * AT(c->in[2], j, x);
                dq += d[i * n + j] * AT(c->in[1], j, x);
                dk += d[j * n + i] * AT(c->in[0], j, x);
                dv += p[j * n + i] * AT(c->r, j, x);
            }
            cr_assert_float_eq(AT(c->y, i, x), y, 3e-6, "y of %lld nodes: %g, %g", (long long)n, AT(c->y, i, x), y);
            cr_assert_float_eq(AT(c->grad[0], i, x), dq, 3e-6, "dq of %lld nodes", (long long)n);
            cr_assert_float_eq(AT(c->grad[1], i, x), dk, 3e-6, "dk of %lld nodes", (long long)n);
            cr_assert_float_eq(AT(c->grad[2], i, x), dv, 3e-6, "dv of %lld nodes", (long long)n);
        }
#undef AT
    free(p);
    free(d);
}

Test(attention, tiles_by_the_equations)
{
    static case_t c;
    for (int64_t w = 13; w <= 16; w += 3) {
        fill(&c, w);
        run(&c, 0.0);
        for (int s = 0; s < SEGMENTS; s++)
            for (int64_t h = 0; h < HEADS; h++) check_head(&c, first[s], first[s + 1] - first[s], h);
    }
}

Test(attention, same_bits_for_threads)
{
    static case_t one, more;
    for (int drop = 0; drop < 3; drop++) {
        for (int threads = 1; threads <= 4; threads *= 2) {
            case_t *c = threads > 1 ? &more : &one;
            weft_threads_set(threads);
            fill(c, MOST);
            run(c, 0.25 * drop);
            if (threads > 1) cr_assert_eq(memcmp(&one, &more, sizeof one), 0, "drop %g, %d threads", 0.25 * drop, threads);
        }
    }
    weft_threads_set(0);
}

/* Of equal weights and values 1 a result is the share of what was kept over 1 - drop: its mean is 1, and its spread that of independent draws. Thresholds of one, two and sixteen bits. */
Test(attention, masks_drop_what_they_should)
{
    static case_t c;
    static const double drop[] = {0.5, 0.25, 0.3};
    for (int k = 0; k < 3; k++) {
        fill(&c, MOST);
        memset(c.in[0], 0, sizeof c.in[0]);
        for (int64_t i = 0; i < ROWS * HEADS * MOST; i++) c.in[2][i] = 1.0f;
        run(&c, drop[k]);
        double sum = 0.0, square = 0.0;
        for (int64_t i = first[SEGMENTS - 1]; i < ROWS; i++)
            for (int64_t h = 0; h < HEADS; h++) {
                double y = c.y[(i * HEADS + h) * MOST];
                sum += y / 260;
                square += 130 * (y - 1) * (y - 1) * (1 - drop[k]) / drop[k] / 260;
            }
        cr_assert_float_eq(sum, 1.0, 0.03, "drop %g: mean %g", drop[k], sum);
        cr_assert_float_eq(square, 1.0, 0.35, "drop %g: spread %g of that of independent draws", drop[k], square);
    }
}
