/* encoding/lappe.c: eigenvectors of the Laplacian, block by block: small blocks densely, large ones (lappe_large.c) by their components. */
#include "base/alloc.h"
#include "base/status.h"
#include "encoding/lappe.h"
#include "graph/graph.h"
#include "tensor/lapack.h"
#include "weft/encoding.h"

#include <math.h>

void weft_i_laplacian_dense(const weft_graph_t *g, int64_t from, int64_t n, weft_laplacian_t kind, double *a, double *degree)
{
    for (int64_t i = 0; i < n * n; i++) a[i] = 0.0;
    for (int64_t v = 0; v < n; v++)
        for (int64_t e = g->offset[from + v]; e < g->offset[from + v + 1]; e++) {
            int64_t u = g->source[e] - from;
            if (u < 0 || u >= n || u == v) continue;
            a[v * n + u] = a[u * n + v] = -1.0;
        }
    for (int64_t v = 0; v < n; v++) {
        degree[v] = 0.0;
        for (int64_t u = 0; u < n; u++) degree[v] -= u == v ? 0.0 : a[v * n + u];
    }
    for (int64_t v = 0; v < n; v++) {
        a[v * n + v] = kind == WEFT_LAPLACIAN_PLAIN ? degree[v] : degree[v] > 0.0 ? 1.0 : 0.0;
        for (int64_t u = 0; u < n && kind == WEFT_LAPLACIAN_SYMMETRIC; u++)
            if (u != v && a[v * n + u] != 0.0) a[v * n + u] = -1.0 / sqrt(degree[u] * degree[v]);
    }
}

void weft_i_lappe_put(float *vector, float *value, int64_t from, int64_t n, int32_t k, int32_t have, const double *w, const double *z)
{
    for (int32_t j = 0; j < k; j++) {
        double sign = 1.0, most = 0.0;
        for (int64_t i = 0; i < n && j < have; i++)
            if (fabs(z[j * n + i]) > most * (1.0 + 1e-9)) {
                most = fabs(z[j * n + i]);
                sign = z[j * n + i] < 0.0 ? -1.0 : 1.0;
            }
        for (int64_t i = 0; i < n; i++) {
            vector[(from + i) * k + j] = j < have ? (float)(sign * z[j * n + i]) : 0.0f;
            value[(from + i) * k + j] = j < have ? (float)(w[j] > 0.0 ? w[j] : 0.0) : NAN;
        }
    }
}

weft_status_t weft_encoding_lappe(float *vector, float *value, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, int32_t k, weft_laplacian_t kind, weft_diag_t *diag)
{
    const int64_t all[2] = {0, g->n_dst};
    if (g->n_src != g->n_dst || k < 1) return WEFT_EUSAGE;
    if (!first) first = all, n_blocks = 1;
    weft_status_t status = WEFT_OK;
    int64_t failed = -1, most = 1;
    for (int64_t s = 0; s < n_blocks; s++) {
        int64_t n = first[s + 1] - first[s];
        if (n > WEFT_I_LAPPE_DENSE && k > WEFT_I_LAPPE_MOST) {
            weft_diag_add(diag, WEFT_ERROR, "encoding-size", NULL, 0, 0, "graph %lld has %lld nodes; of graphs above %d nodes at most %d eigenvectors are computed, not %d", (long long)s, (long long)n, WEFT_I_LAPPE_DENSE,
                          WEFT_I_LAPPE_MOST, k);
            return WEFT_ELIMIT;
        }
        if (n > most && n <= WEFT_I_LAPPE_DENSE) most = n;
    }
#pragma omp parallel num_threads(weft_threads())
    {
        int64_t have = k < most ? k : most;
        double *a = weft_i_malloc((size_t)(most * most + 2 * most + have * most + 1) * sizeof *a), *degree = a ? a + most * most : NULL, *w = a ? degree + most : NULL, *z = a ? w + most : NULL;
#pragma omp for schedule(dynamic, 8)
        for (int64_t s = 0; s < n_blocks; s++) {
            int64_t n = first[s + 1] - first[s];
            if (!n || n > WEFT_I_LAPPE_DENSE) continue;
            int32_t m = (int32_t)(k < n ? k : n);
            bool good = a != NULL;
            if (good) {
                weft_i_laplacian_dense(g, first[s], n, kind, a, degree);
                good = weft_i_eigen_smallest((int32_t)n, a, m, w, z);
                if (good) weft_i_lappe_put(vector, value, first[s], n, k, m, w, z);
            }
            if (!good) {
#pragma omp critical(weft_lappe)
                failed = s > failed ? s : failed;
            }
        }
        weft_i_free(a);
    }
    for (int64_t s = 0; s < n_blocks && failed < 0; s++)
        if (first[s + 1] - first[s] > WEFT_I_LAPPE_DENSE) {
            status = weft_i_lappe_large(vector, value, g, first[s], first[s + 1] - first[s], s, k, kind, diag);
            if (status != WEFT_OK) goto done;
        }
    if (failed >= 0) {
        weft_diag_add(diag, WEFT_ERROR, "encoding-eigen", NULL, 0, 0, "graph %lld: no eigenvectors (out of memory, no convergence, or OpenBLAS is not installed)", (long long)failed);
        WEFT_TRY(WEFT_ENOMEM);
    }
done:
    return status;
}
