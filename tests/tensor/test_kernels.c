/* Dense and sparse kernels against their plain twins; same bits for threads and vector widths. */
#include "base/isa.h"
#include "base/rng.h"
#include "graph/sddmm.h"
#include "graph/spmm.h"
#include "tensor/gemm.h"
#include "tensor/lanes.h"
#include "weft/base.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *numbers(int64_t n, uint64_t stream)
{
    weft_i_rng_t rng = {1, stream, 0};
    float *x = aligned_alloc(64, (size_t)(n * 4 + 127) / 64 * 64);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(weft_i_rng_uniform(&rng) - 0.5);
    return x;
}

typedef void product_fn(int64_t n, int64_t k, int64_t m, const float *a, const float *b, float *c, bool add, float *scratch);
typedef void plain_fn(int64_t n, int64_t k, int64_t m, const float *a, const float *b, float *c, bool add);

static void product(product_fn *fast, plain_fn *plain, int64_t n, int64_t k, int64_t m, bool tn)
{
    float *a = numbers(n * k, 1), *b = numbers((tn ? n : k) * m, 2);
    int64_t size = (tn ? k : n) * m, scratch = tn ? weft_i_gemm_tn_scratch(n, k, m) : weft_i_gemm_scratch(k, m);
    float *c = numbers(size, 3), *want = numbers(size, 3), *first = numbers(size, 3), *s;
    weft_threads_set(4);
    if (tn) scratch = weft_i_gemm_tn_scratch(n, k, m);
    s = numbers(scratch, 4);
    plain(n, k, m, a, b, want, true);
    for (int isa = 0; isa < WEFT_I_N_ISAS; isa++)
        for (int threads = 1; threads <= 4; threads *= 2) {
            weft_i_isa_limit((weft_i_isa_t)isa);
            weft_threads_set(threads);
            memcpy(c, first, (size_t)size * sizeof *c);
            float *keep = numbers(size, 3);
            memcpy(c, keep, (size_t)size * sizeof *c);
            free(keep);
            fast(n, k, m, a, b, c, true, s);
            for (int64_t i = 0; i < size; i++)
                cr_assert_float_eq(c[i], want[i], 1e-5 * sqrt((double)(tn ? n : k) + 1.0), "[%lld,%lld,%lld] isa %d threads %d element %lld", (long long)n, (long long)k, (long long)m, isa, threads, (long long)i);
            if ((isa == 0 || isa == 1) && threads == 1) memcpy(first, c, (size_t)size * sizeof *c);
            else cr_assert_eq(memcmp(first, c, (size_t)size * sizeof *c), 0, "[%lld,%lld,%lld] isa %d threads %d: other bits", (long long)n, (long long)k, (long long)m, isa, threads);
        }
    weft_threads_set(0);
    weft_i_isa_limit(WEFT_I_N_ISAS);
    free(a);
    free(b);
    free(c);
    free(want);
    free(first);
    free(s);
}

Test(gemm, every_edge_of_the_blocks)
{
    static const int64_t size[] = {0, 1, 3, 7, 16, 17, 31, 40, 100};
    for (int i = 1; i < 9; i++)
        for (int j = 1; j < 9; j++) {
            product(weft_i_gemm_nn, weft_i_gemm_nn_ref, size[i], size[j], size[9 - i], false);
            product(weft_i_gemm_nt, weft_i_gemm_nt_ref, size[i], size[j], size[9 - j], false);
            product(weft_i_gemm_tn, weft_i_gemm_tn_ref, size[i], size[j], size[9 - i], true);
        }
}

Test(gemm, long_sums_and_many_lanes)
{
    product(weft_i_gemm_nn, weft_i_gemm_nn_ref, 300, 1100, 33, false);
    product(weft_i_gemm_nt, weft_i_gemm_nt_ref, 300, 1100, 33, false);
    product(weft_i_gemm_tn, weft_i_gemm_tn_ref, 5000, 70, 33, true);
}

Test(gemm, a_rows_bits_do_not_depend_on_the_batch)
{
    float *a = numbers(50 * 200, 1), *b = numbers(200 * 48, 2), *s = numbers(weft_i_gemm_scratch(200, 48), 3), all[50 * 48], one[48];
    weft_i_gemm_nn(50, 200, 48, a, b, all, false, s);
    for (int i = 0; i < 50; i++) {
        weft_i_gemm_nn(1, 200, 48, a + i * 200, b, one, false, s);
        cr_assert_eq(memcmp(one, all + i * 48, sizeof one), 0, "row %d", i);
    }
    free(a);
    free(b);
    free(s);
}

static weft_graph_t *random_graph(int64_t n_src, int64_t n_dst, int64_t arcs, int64_t hub)
{
    weft_i_rng_t rng = {4, 4, 0};
    int32_t *source = malloc((size_t)(arcs + hub) * 4), *target = malloc((size_t)(arcs + hub) * 4);
    for (int64_t e = 0; e < arcs + hub; e++) {
        source[e] = (int32_t)weft_i_rng_below(&rng, n_src);
        target[e] = e < arcs ? (int32_t)weft_i_rng_below(&rng, n_dst) : 1;
    }
    weft_graph_t *g;
    cr_assert_eq(weft_graph_new(&g, n_src, n_dst, arcs + hub, source, target, 0, NULL), WEFT_OK);
    free(source);
    free(target);
    return g;
}

/* All forms of the gathered sum, on a graph with a row longer than a chunk, against the plain twin; with a third cache that holds some columns of x (slabs), and without one. */
Test(spmm, forms_widths_threads_and_vectors)
{
    static const int64_t width[] = {1, 3, 8, 16, 24, 40, 64, 130, 256, 300};
    weft_graph_t *g = random_graph(700, 500, 3000, 9000);
    for (int i = 0; i < 10; i++)
        for (int form = 0; form < 8; form++) {
            int64_t f = width[i], rows = form & 4 ? g->n_src : g->n_dst, cols = form & 4 ? g->n_dst : g->n_src;
            int32_t heads = form & 2 && f % 8 == 0 ? 8 : 1;
            float *x = numbers(cols * f, 1), *w = numbers(g->n_arcs * heads, 2), *want = numbers(rows * f, 3), *y = numbers(rows * f, 3), *first = numbers(rows * f, 3), *again = numbers(rows * f, 3);
            weft_i_spmm_t s = {.rows = form & 4 ? weft_i_graph_out(g) : weft_i_graph_in(g), .x = x, .w = form & 1 || heads > 1 ? w : NULL, .heads = heads, .width = f, .add = form == 3, .y = want};
            weft_i_spmm_ref(&s);
            s.y = y;
            for (int isa = 0; isa < WEFT_I_N_ISAS; isa++)
                for (int threads = 1; threads <= 4; threads++) {
                    weft_i_isa_limit((weft_i_isa_t)isa);
                    weft_threads_set(threads);
                    weft_i_third_cache_is(threads % 2 ? 0 : cols * (i % 2 ? 40 : 20) * 4 * 10 / 7);
                    memcpy(y, again, (size_t)(rows * f) * 4);
                    weft_i_spmm(&s);
                    for (int64_t j = 0; j < rows * f; j++) cr_assert_float_eq(y[j], want[j], 2e-4, "width %lld form %d isa %d element %lld", (long long)f, form, isa, (long long)j);
                    if (isa <= 1 && threads == 1) memcpy(first, y, (size_t)(rows * f) * 4);
                    else cr_assert_eq(memcmp(first, y, (size_t)(rows * f) * 4), 0, "width %lld form %d isa %d threads %d: other bits", (long long)f, form, isa, threads);
                }
            free(x);
            free(w);
            free(want);
            free(y);
            free(first);
            free(again);
        }
    weft_threads_set(0);
    weft_i_isa_limit(WEFT_I_N_ISAS);
    weft_i_third_cache_is(-1);
    weft_graph_free(g);
}

Test(lanes, sums_do_not_depend_on_threads)
{
    int64_t n = 70001, c = 5;
    float *x = numbers(n * c, 1), *s = numbers(WEFT_I_MAX_LANES * c, 2), one[5], more[5];
    weft_threads_set(1);
    weft_i_sum_rows(n, c, x, one, false, s);
    for (int t = 2; t <= 4; t++) {
        weft_threads_set(t);
        weft_i_sum_rows(n, c, x, more, false, s);
        cr_assert_eq(memcmp(one, more, sizeof one), 0);
    }
    weft_threads_set(0);
    for (int j = 0; j < 5; j++) {
        double sum = 0.0;
        for (int64_t i = 0; i < n; i++) sum += (double)x[i * c + j];
        cr_assert_float_eq(one[j], sum, 2e-3);
    }
    free(x);
    free(s);
}

Test(random, eight_at_once_are_the_same_numbers)
{
    uint64_t first[] = {0, 5, UINT32_MAX - 3};
    uint64_t step[] = {1, 4ull << 24, 3};
    for (int i = 0; i < 9; i++) {
        weft_i_random32_t many;
        weft_i_random_eight(0x123456789abcdefull, 77ull << 33, first[i % 3], step[i / 3], &many);
        for (int k = 0; k < 8; k++) {
            weft_i_random4_t one = weft_i_random(0x123456789abcdefull, 77ull << 33, first[i % 3] + (uint64_t)k * step[i / 3]);
            for (int w = 0; w < 4; w++) cr_assert_eq(many.v[w][k], one.v[w]);
        }
    }
}

static double square_of(const void *x, int64_t i) { return (double)((const float *)x)[i] * (double)((const float *)x)[i]; }

Test(lanes, squares_are_the_same_sum)
{
    static float x[70000];
    static const int64_t n[] = {0, 1, 1023, 4097, 9000, 70000};
    for (int64_t i = 0; i < 70000; i++) x[i] = (float)(i * 7919 % 1009) * 0.01f - 5.0f;
    for (int t = 1; t <= 4; t *= 2) {
        weft_threads_set(t);
        for (size_t i = 0; i < sizeof n / sizeof *n; i++) cr_assert(weft_i_sum_squares(n[i], x) == weft_i_sum(n[i], square_of, x), "%lld", (long long)n[i]);
    }
    weft_threads_set(0);
}
