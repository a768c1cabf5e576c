/* Walks of sixteen nodes at once against dense powers: arcs one way and both, dead ends, another block beside; estimates behind exact steps; no memory. */
#include "base/alloc.h"
#include "weft/encoding.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 75, K = 9, SHIFT = 5 };

/* N nodes after `shift` nodes alone; some have no arc out. */
static weft_graph_t *graph(int32_t shift, unsigned flags)
{
    int32_t s[3 * N], t[3 * N], m = 0;
    for (int32_t i = 0; i < N; i++)
        for (int32_t k = 0; k < 3 && i % 7; k++) s[m] = shift + i, t[m++] = shift + (i * (k + 2) + 5 * k + 1) % N;
    weft_graph_t *g = NULL;
    cr_assert_eq(weft_graph_new(&g, N + shift, N + shift, m, s, t, flags | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    return g;
}

static void powers(const weft_graph_t *g, double *home)
{
    static double p[N][N], row[N], next[N];
    const int64_t *offset = weft_graph_offsets(g);
    const int32_t *source = weft_graph_sources(g);
    double d[N] = {0};
    memset(p, 0, sizeof p);
    for (int64_t e = 0; e < weft_graph_n_arcs(g); e++) d[source[e]] += 1.0;
    for (int v = 0; v < N; v++)
        for (int64_t e = offset[v]; e < offset[v + 1]; e++) p[source[e]][v] = 1.0 / d[source[e]];
    for (int v = 0; v < N; v++) {
        memset(row, 0, sizeof row);
        row[v] = 1.0;
        for (int k = 0; k < K; k++) {
            memset(next, 0, sizeof next);
            for (int u = 0; u < N; u++)
                for (int w = 0; w < N; w++) next[w] += row[u] * p[u][w];
            memcpy(row, next, sizeof row);
            home[v * K + k] = row[v];
        }
    }
}

Test(walks, equal_dense_powers_wherever_the_nodes_stand)
{
    static double want[N * K];
    static float out[N * K], moved[(N + SHIFT) * K];
    static const unsigned flags[] = {0, WEFT_GRAPH_BOTH_WAYS};
    for (int way = 0; way < 2; way++) {
        weft_graph_t *g = graph(0, flags[way]), *h = graph(SHIFT, flags[way]);
        powers(g, want);
        cr_assert_eq(weft_encoding_rwse(out, g, 1, NULL, K, 0.0, NULL), WEFT_OK);
        cr_assert_eq(weft_encoding_rwse(moved, h, 1, NULL, K, 0.0, NULL), WEFT_OK);
        for (int i = 0; i < N * K; i++) cr_expect_float_eq((double)out[i], want[i], 1e-6, "way %d element %d: %g for %g", way, i, (double)out[i], want[i]);
        cr_expect_arr_eq(out, moved + SHIFT * K, sizeof out, "other neighbours in the block changed bits");
        for (int i = 0; i < SHIFT * K; i++) cr_expect_eq(moved[i], 0.0f);
        weft_graph_free(g);
        weft_graph_free(h);
    }
}

/* A budget for some steps: those are exact, and the others within five standard errors of the worst case, 0.5 / sqrt(256). */
Test(walks, what_the_budget_does_not_reach_is_estimated)
{
    static float exact[N * K], part[N * K], again[N * K];
    for (unsigned way = 0; way < 2; way++) {
        weft_graph_t *g = graph(0, way ? WEFT_GRAPH_BOTH_WAYS : 0);
        weft_diag_t *diag = weft_diag_new();
        int same = 0;
        cr_assert_eq(weft_encoding_rwse(exact, g, 1, NULL, K, 0.0, NULL), WEFT_OK);
        cr_assert_eq(weft_encoding_rwse(part, g, 1, NULL, K, 1500.0, diag), WEFT_OK);
        cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "encoding-estimated");
        weft_threads_set(3);
        cr_assert_eq(weft_encoding_rwse(again, g, 1, NULL, K, 1500.0, NULL), WEFT_OK);
        weft_threads_set(0);
        cr_expect_arr_eq(part, again, sizeof part);
        for (int i = 0; i < N * K; i++) {
            if (i % K < 2) cr_expect_eq(part[i], exact[i], "way %u element %d", way, i);
            cr_expect(fabsf(part[i] - exact[i]) < 5 * 0.03125f, "way %u element %d: %g for %g", way, i, (double)part[i], (double)exact[i]);
            same += part[i] == exact[i];
        }
        cr_expect_lt(same, N * K, "nothing was estimated");
        weft_diag_free(diag);
        weft_graph_free(g);
    }
}

Test(walks, every_allocation_may_fail)
{
    weft_graph_t *g = graph(0, 0), *pairs = NULL;
    float out[N * K], *value = NULL;
    int64_t failed[2] = {0};
    weft_threads_set(2);
    for (int which = 0; which < 2; which++)
        for (int64_t nth = 1;; nth++) {
            weft_i_alloc_fail(nth, false);
            weft_status_t status = which ? weft_encoding_rrwp(&pairs, &value, g, K, 0, NULL) : weft_encoding_rwse(out, g, 1, NULL, K, 0.0, NULL);
            weft_i_alloc_fail(0, false);
            if (status == WEFT_OK) break;
            cr_assert_eq(status, WEFT_ENOMEM);
            cr_assert_null(value);
            failed[which]++;
        }
    weft_threads_set(0);
    cr_expect(failed[0] >= 13 && failed[1] >= 20, "%lld and %lld", (long long)failed[0], (long long)failed[1]);
    weft_graph_free(pairs);
    weft_graph_free(g);
    free(value);
}
