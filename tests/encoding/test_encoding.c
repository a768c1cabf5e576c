/* Encodings against what is known of complete, cyclic, disconnected and empty graphs; walks against exact probabilities; blocks alone and together. */
#include "weft/encoding.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static weft_graph_t *graph(int64_t n, int64_t m, const int32_t *s, const int32_t *t)
{
    weft_graph_t *g = NULL;
    cr_assert_eq(weft_graph_new(&g, n, n, m, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    return g;
}

static weft_graph_t *ring(int64_t n)
{
    int32_t *s = malloc((size_t)n * sizeof *s), *t = malloc((size_t)n * sizeof *t);
    for (int64_t i = 0; i < n; i++) s[i] = (int32_t)i, t[i] = (int32_t)((i + 1) % n);
    weft_graph_t *g = graph(n, n, s, t);
    free(s);
    free(t);
    return g;
}

/* |L v - lambda v| over the block from .. from + n, plain Laplacian. */
static double residual(const weft_graph_t *g, int64_t from, int64_t n, const float *v, const float *w, int32_t k, int32_t j)
{
    const int64_t *offset = weft_graph_offsets(g);
    const int32_t *source = weft_graph_sources(g);
    double sum = 0.0;
    for (int64_t i = from; i < from + n; i++) {
        double y = (double)(offset[i + 1] - offset[i]) * (double)v[i * k + j];
        for (int64_t e = offset[i]; e < offset[i + 1]; e++) y -= (double)v[(int64_t)source[e] * k + j];
        y -= (double)w[i * k + j] * (double)v[i * k + j];
        sum += y * y;
    }
    return sqrt(sum);
}

Test(encoding, complete_cyclic_and_lone_blocks)
{
    /* K4 on 0..3, a ring of 6 on 4..9, two pairs on 10..13, a node alone: 14 */
    static const int32_t s[] = {0, 0, 0, 1, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12}, t[] = {1, 2, 3, 2, 3, 3, 5, 6, 7, 8, 9, 4, 11, 13};
    static const int64_t first[] = {0, 4, 10, 14, 15};
    static const double value_of[4][5] = {{0, 4, 4, 4, NAN}, {0, 1, 1, 3, 3}, {0, 0, 2, 2, NAN}, {0, NAN, NAN, NAN, NAN}};
    enum { N = 15, K = 5 };
    float v[N * K], w[N * K], alone_v[6 * K], alone_w[6 * K];
    weft_graph_t *g = graph(N, 14, s, t), *six = ring(6);
    cr_assert_eq(weft_encoding_lappe(v, w, g, 4, first, K, WEFT_LAPLACIAN_PLAIN, NULL), WEFT_OK);
    for (int b = 0; b < 4; b++)
        for (int j = 0; j < K; j++)
            for (int64_t i = first[b]; i < first[b + 1]; i++) {
                if (isnan(value_of[b][j])) {
                    cr_expect(isnan(w[i * K + j]) && v[i * K + j] == 0.0f);
                    continue;
                }
                cr_expect_float_eq((double)w[i * K + j], value_of[b][j], 1e-5, "block %d value %d", b, j);
                cr_expect(residual(g, first[b], first[b + 1] - first[b], v, w, K, j) <= 1e-4 * 4.0, "block %d vector %d", b, j);
                double length = 0.0;
                for (int64_t u = first[b]; u < first[b + 1]; u++) length += (double)v[u * K + j] * (double)v[u * K + j];
                cr_expect_float_eq(length, 1.0, 1e-5);
            }
    cr_assert_eq(weft_encoding_lappe(alone_v, alone_w, six, 1, NULL, K, WEFT_LAPLACIAN_PLAIN, NULL), WEFT_OK);
    for (int i = 0; i < 6 * K; i++) cr_expect(alone_v[i] == v[4 * K + i] && alone_w[i] == w[4 * K + i], "a block alone and among others, element %d", i);
    weft_graph_free(g);
    weft_graph_free(six);
}

Test(encoding, symmetric_laplacian_ends_at_two_for_a_bipartite_ring)
{
    float v[8 * 8], w[8 * 8];
    weft_graph_t *g = ring(8);
    cr_assert_eq(weft_encoding_lappe(v, w, g, 1, NULL, 8, WEFT_LAPLACIAN_SYMMETRIC, NULL), WEFT_OK);
    cr_expect_float_eq((double)w[0], 0.0, 1e-6);
    cr_expect_float_eq((double)w[7], 2.0, 1e-6);
    weft_graph_free(g);
}

Test(encoding, refuses_what_is_too_large_for_it)
{
    weft_diag_t *diag = weft_diag_new();
    weft_graph_t *g = ring(1001);
    float v[1];
    cr_assert_eq(weft_encoding_lappe(v, v, g, 1, NULL, 127, WEFT_LAPLACIAN_PLAIN, diag), WEFT_ELIMIT);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "encoding-size");
    weft_diag_free(diag);
    weft_graph_free(g);
}

static void expect_large(const weft_graph_t *g, weft_laplacian_t kind, const double *want, double within)
{
    enum { K = 6 };
    int64_t n = weft_graph_n_dst(g);
    float *v = malloc((size_t)n * K * sizeof *v), *w = malloc((size_t)n * K * sizeof *w), *again = malloc((size_t)n * K * sizeof *again);
    weft_threads_set(1);
    cr_assert_eq(weft_encoding_lappe(v, w, g, 1, NULL, K, kind, NULL), WEFT_OK);
    weft_threads_set(2);
    cr_assert_eq(weft_encoding_lappe(again, w, g, 1, NULL, K, kind, NULL), WEFT_OK);
    weft_threads_set(0);
    cr_expect(!memcmp(v, again, (size_t)n * K * sizeof *v), "two threads and one differ");
    for (int j = 0; j < K; j++) {
        double length = 0.0;
        for (int64_t i = 0; i < n; i++) length += (double)v[i * K + j] * (double)v[i * K + j];
        cr_expect_float_eq(length, 1.0, 1e-4, "vector %d has length^2 %g", j, length);
        cr_expect_float_eq((double)w[j], want[j], within, "value %d: %.9g, not %.9g", j, (double)w[j], want[j]);
        if (kind == WEFT_LAPLACIAN_PLAIN) cr_expect(residual(g, 0, n, v, w, K, j) <= 1e-4 * 4.0 + 1e-6 * (double)w[j], "vector %d: residual %g", j, residual(g, 0, n, v, w, K, j));
    }
    free(v);
    free(w);
    free(again);
}

/* Eigenvalues of a ring are 2 - 2 cos(2 pi j / n), each but 0 twice; a grid's are sums of those of two paths, 2 - 2 cos(pi j / n). */
Test(encoding, large_rings_grids_and_forests_have_their_known_values)
{
    const double pi = acos(-1.0);
    enum { N = 3000, A = 60, B = 50, M = 2000 };
    double want[6] = {0};
    for (int j = 1; j < 6; j++) want[j] = 2.0 - 2.0 * cos(2.0 * pi * ((j + 1) / 2) / N);
    weft_graph_t *g = ring(N);
    expect_large(g, WEFT_LAPLACIAN_PLAIN, want, 1e-9);
    for (int j = 0; j < 6; j++) want[j] /= 2.0;
    expect_large(g, WEFT_LAPLACIAN_SYMMETRIC, want, 1e-9);
    weft_graph_free(g);

    static int32_t s[2 * A * B], t[2 * A * B];
    int64_t m = 0, n = 0;
    for (int32_t x = 0; x < A; x++)
        for (int32_t y = 0; y < B; y++) {
            if (x + 1 < A) s[m] = x * B + y, t[m++] = (x + 1) * B + y;
            if (y + 1 < B) s[m] = x * B + y, t[m++] = x * B + y + 1;
        }
    double all[36];
    for (int x = 0; x < 6; x++)
        for (int y = 0; y < 6; y++) {
            double z = 4.0 - 2.0 * cos(pi * x / A) - 2.0 * cos(pi * y / B);
            int64_t at = n++;
            for (; at && all[at - 1] > z; at--) all[at] = all[at - 1];
            all[at] = z;
        }
    g = graph(A * B, m, s, t);
    expect_large(g, WEFT_LAPLACIAN_PLAIN, all, 1e-7);
    weft_graph_free(g);

    /* a path of 1,200, a path of 798, two nodes alone: values of the paths in one order */
    m = 0;
    for (int32_t i = 0; i + 1 < 1998; i++)
        if (i != 1199) s[m] = i, t[m++] = i + 1;
    const double forest[6] = {0, 0, 0, 0, 2.0 - 2.0 * cos(pi / 1200), 2.0 - 2.0 * cos(pi / 798)};
    g = graph(M, m, s, t);
    expect_large(g, WEFT_LAPLACIAN_PLAIN, forest, 1e-9);
    weft_graph_free(g);
}

/* A complete graph and a star have one eigenvalue many times over: any vectors will do whose residual is small. */
Test(encoding, large_graphs_of_one_repeated_value)
{
    enum { N = 1100 };
    int32_t *s = malloc(N * N / 2 * sizeof *s), *t = malloc(N * N / 2 * sizeof *t);
    int64_t m = 0;
    for (int32_t i = 0; i < N; i++)
        for (int32_t j = 0; j < i; j++) s[m] = i, t[m++] = j;
    const double complete[6] = {0, N, N, N, N, N}, star[6] = {0, 1, 1, 1, 1, 1};
    weft_graph_t *g = graph(N, m, s, t);
    expect_large(g, WEFT_LAPLACIAN_PLAIN, complete, 1e-3);
    weft_graph_free(g);
    for (int32_t i = 1; i < N; i++) s[i - 1] = 0, t[i - 1] = i;
    g = graph(N, N - 1, s, t);
    expect_large(g, WEFT_LAPLACIAN_PLAIN, star, 1e-6);
    weft_graph_free(g);
    free(s);
    free(t);
}

Test(encoding, walks_come_home_as_counted)
{
    static const int32_t s[] = {0, 0, 1, 3}, t[] = {1, 2, 2, 4}; /* a triangle, a pair, a node alone */
    float p[6 * 4];
    weft_graph_t *g = graph(6, 4, s, t);
    cr_assert_eq(weft_encoding_rwse(p, g, 0, NULL, 4, 0.0, NULL), WEFT_OK);
    static const double triangle[] = {0, 0.5, 0.25, 0.375}, pair[] = {0, 1, 0, 1};
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 3; i++) cr_expect_float_eq((double)p[i * 4 + j], triangle[j], 1e-6);
        for (int i = 3; i < 5; i++) cr_expect_float_eq((double)p[i * 4 + j], pair[j], 1e-6);
        cr_expect_eq(p[5 * 4 + j], 0.0f);
    }
    weft_graph_free(g);
}

/* A ring long enough that the exact way goes over a tiny budget: 256 walks a node, off by 0.031 or a few times that at most, and by far less on the mean. */
Test(encoding, estimates_keep_their_stated_error_and_ignore_threads)
{
    enum { N = 3000, K = 6 };
    float *exact = malloc(N * K * sizeof *exact), *walked = malloc(N * K * sizeof *walked), *again = malloc(N * K * sizeof *again);
    weft_graph_t *g = ring(N);
    cr_assert_eq(weft_encoding_rwse(exact, g, 0, NULL, K, 0.0, NULL), WEFT_OK);
    weft_threads_set(1);
    cr_assert_eq(weft_encoding_rwse(walked, g, 0, NULL, K, 1.0, NULL), WEFT_OK);
    weft_threads_set(2);
    cr_assert_eq(weft_encoding_rwse(again, g, 0, NULL, K, 1.0, NULL), WEFT_OK);
    weft_threads_set(0);
    double mean[K] = {0};
    for (int i = 0; i < N * K; i++) {
        cr_assert_eq(walked[i], again[i]);
        cr_assert(fabsf(walked[i] - exact[i]) < 6 * 0.03125f, "element %d: %g for %g", i, (double)walked[i], (double)exact[i]);
        mean[i % K] += (double)(walked[i] - exact[i]) / N;
    }
    for (int j = 0; j < K; j++) cr_assert(fabs(mean[j]) < 2e-3, "step %d: %g off on the mean", j, mean[j]);
    free(exact);
    free(walked);
    free(again);
    weft_graph_free(g);
}
