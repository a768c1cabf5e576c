/* Encodings of all eigenvalues against closed forms; walks between nodes; levels; waves. */
#include "weft/encoding.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static weft_graph_t *graph(int64_t n, int64_t m, const int32_t *s, const int32_t *t, unsigned flags)
{
    weft_graph_t *g = NULL;
    cr_assert_eq(weft_graph_new(&g, n, n, m, s, t, flags, NULL), WEFT_OK);
    return g;
}

/* Of a pair: lambda 0 and 2, G = [1, -1; -1, 1] / 4. Of K3: 0, 3, 3. A node alone has nothing. */
Test(encoding, heat_and_potentials_of_small_graphs)
{
    static const int32_t s[] = {0, 2, 2, 3}, t[] = {1, 3, 4, 4};
    static const int64_t first[] = {0, 2, 5, 6};
    static const double time[] = {0.5, 1.0};
    float heat[6 * 2], e[6 * WEFT_ELSTATIC_COLUMNS];
    weft_graph_t *g = graph(6, 4, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE);
    cr_assert_eq(weft_encoding_hkdiag(heat, g, 3, first, 2, time, NULL), WEFT_OK);
    for (int j = 0; j < 2; j++) {
        for (int i = 0; i < 2; i++) cr_expect_float_eq((double)heat[i * 2 + j], exp(-2.0 * time[j]) / 2.0, 1e-6);
        for (int i = 2; i < 5; i++) cr_expect_float_eq((double)heat[i * 2 + j], exp(-3.0 * time[j]) * 2.0 / 3.0, 1e-6);
        cr_expect_eq(heat[5 * 2 + j], 0.0f);
    }
    cr_assert_eq(weft_encoding_elstatic(e, g, 3, first, NULL), WEFT_OK);
    /* the pair: Q = [0, -1/2; -1/2, 0] */
    static const double pair[] = {-0.5, 0, -0.25, 0.353553391, -0.5, 0, -0.25, 0.353553391, -0.5, -0.5};
    /* K3: G = (I - 1/3) / 3, so Q = -1/3 off the diagonal; D^-1 A Q: two neighbours of weight 1/2 */
    static const double three[] = {-1.0 / 3, 0, -2.0 / 9, 0.192450090, -1.0 / 3, 0, -2.0 / 9, 0.192450090, -1.0 / 3, -1.0 / 3};
    for (int c = 0; c < WEFT_ELSTATIC_COLUMNS; c++) {
        for (int i = 0; i < 2; i++) cr_expect_float_eq((double)e[i * WEFT_ELSTATIC_COLUMNS + c], pair[c], 1e-6, "pair, column %d: %g", c, (double)e[i * WEFT_ELSTATIC_COLUMNS + c]);
        for (int i = 2; i < 5; i++) cr_expect_float_eq((double)e[i * WEFT_ELSTATIC_COLUMNS + c], three[c], 1e-6, "three, column %d: %g", c, (double)e[i * WEFT_ELSTATIC_COLUMNS + c]);
        cr_expect_eq(e[5 * WEFT_ELSTATIC_COLUMNS + c], 0.0f);
    }
    weft_graph_free(g);
}

/* A path of three, uneven: rows and columns differ. Q by hand from G of the path 0 - 1 - 2: G = [5, -1, -4; -1, 2, -1; -4, -1, 5] / 9. */
Test(encoding, potentials_tell_rows_from_columns)
{
    static const int32_t s[] = {0, 1}, t[] = {1, 2};
    float e[3 * WEFT_ELSTATIC_COLUMNS];
    weft_graph_t *g = graph(3, 2, s, t, WEFT_GRAPH_BOTH_WAYS);
    cr_assert_eq(weft_encoding_elstatic(e, g, 1, NULL, NULL), WEFT_OK);
    /* Q_ij = G_ij - G_jj: [0, -3, -9; -6, 0, -6; -9, -3, 0] / 9 */
    cr_expect_float_eq((double)e[0], -1.0, 1e-6);
    cr_expect_float_eq((double)e[2], -15.0 / 27, 1e-6);
    cr_expect_float_eq((double)e[6], -12.0 / 27, 1e-6);
    cr_expect_float_eq((double)e[8], -6.0 / 9 / 2, 1e-6, "column sum of D^-1 A Q at an end: %g", (double)e[8]);
    cr_expect_float_eq((double)e[9], -3.0 / 9, 1e-6, "row sum at an end: %g", (double)e[9]);
    cr_expect_float_eq((double)e[10 + 8], -3.0 / 9 * 2, 1e-6);
    cr_expect_float_eq((double)e[10 + 9], -6.0 / 9, 1e-6);
    weft_graph_free(g);
}

Test(encoding, all_eigenvalues_of_a_large_graph_are_refused)
{
    float out[1];
    double time[1] = {1.0};
    weft_diag_t *diag = weft_diag_new();
    weft_graph_t *g = graph(4001, 0, NULL, NULL, 0);
    cr_assert_eq(weft_encoding_hkdiag(out, g, 1, NULL, 1, time, diag), WEFT_ELIMIT);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "encoding-size");
    cr_assert_eq(weft_encoding_elstatic(out, g, 1, NULL, NULL), WEFT_ELIMIT);
    weft_diag_free(diag);
    weft_graph_free(g);
}

/* The diagonal of relative walks is rwse; rows sum to 1; the cap keeps the likeliest and the node itself. */
Test(encoding, relative_walks_hold_return_probabilities)
{
    enum { N = 40, K = 5 };
    int32_t s[2 * N], t[2 * N];
    for (int32_t i = 0; i < N; i++) {
        s[2 * i] = s[2 * i + 1] = i;
        t[2 * i] = (i + 1) % N;
        t[2 * i + 1] = (i * 7 + 3) % N;
    }
    weft_graph_t *g = graph(N, 2 * N, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE), *pairs = NULL;
    float *value = NULL, home[N * (K - 1)];
    cr_assert_eq(weft_encoding_rwse(home, g, 0, NULL, K - 1, 0.0, NULL), WEFT_OK);
    for (int cap = 0; cap < 2; cap++) {
        cr_assert_eq(weft_encoding_rrwp(&pairs, &value, g, K, cap ? 6 : N, NULL), WEFT_OK);
        const int64_t *offset = weft_graph_offsets(pairs);
        for (int64_t v = 0; v < N; v++) {
            double sum[K] = {0};
            bool own = false;
            if (cap) cr_assert_leq(offset[v + 1] - offset[v], 6);
            for (int64_t e = offset[v]; e < offset[v + 1]; e++)
                for (int j = 0; j < K; j++) {
                    sum[j] += (double)value[e * K + j];
                    if (weft_graph_sources(pairs)[e] != v) continue;
                    own = true;
                    cr_expect_float_eq((double)value[e * K + j], j ? (double)home[v * (K - 1) + j - 1] : 1.0, 1e-6, "node %lld step %d", (long long)v, j);
                }
            cr_expect(own, "node %lld has lost itself", (long long)v);
            for (int j = 0; j < K; j++) cr_expect(cap ? sum[j] <= 1.0 + 1e-6 : fabs(sum[j] - 1.0) < 1e-6, "node %lld step %d sums to %g", (long long)v, j, sum[j]);
        }
        weft_graph_free(pairs);
        free(value);
    }
    weft_graph_free(g);
}

/* 0 -> 1 -> 2, 0 -> 2, a loop at 1; 3 <-> 4 -> 5 are on and behind a cycle. */
Test(encoding, levels_and_waves)
{
    static const int32_t s[] = {0, 1, 0, 1, 3, 4, 4}, t[] = {1, 2, 2, 1, 4, 3, 5}, want[] = {0, 1, 2, -1, -1, -1};
    int32_t level[6];
    float out[2 * 4];
    static const float position[] = {0.0f, 3.0f};
    weft_graph_t *g = graph(6, 7, s, t, 0);
    cr_assert_eq(weft_encoding_level(level, g, NULL), WEFT_OK);
    for (int i = 0; i < 6; i++) cr_expect_eq(level[i], want[i], "node %d: %d", i, level[i]);
    weft_encoding_sinusoid(out, 2, position, 4);
    cr_expect(out[0] == 0.0f && out[1] == 1.0f && out[2] == 0.0f && out[3] == 1.0f);
    cr_expect_float_eq((double)out[4], sin(3.0), 1e-6);
    cr_expect_float_eq((double)out[7], cos(0.03), 1e-6);
    weft_graph_free(g);
}
