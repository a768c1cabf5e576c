/* encoding/spectral.c: encodings that ask for all eigenvalues of small graphs: the heat that stays at a node, and potentials. */
#include "base/alloc.h"
#include "base/status.h"
#include "encoding/lappe.h"
#include "graph/graph.h"
#include "tensor/lapack.h"

#include <math.h>

typedef struct spectral {
    const weft_graph_t *graph;
    const double *time;
    int32_t n_times;
    float *out;
} spectral_t;
/* One block of n nodes from `from` on: eigenvalues w[n], vectors in the rows of z [n, n], a [n, n] and degree[n] of scratch. */
typedef void block_fn(const spectral_t *s, int64_t from, int64_t n, const double *w, const double *z, double *a, double *degree);

static weft_status_t each_block(const spectral_t *s, block_fn *run, int64_t n_blocks, const int64_t *first, weft_diag_t *diag)
{
    const int64_t all[2] = {0, s->graph->n_dst};
    int64_t failed = -1, most = 1;
    if (s->graph->n_src != s->graph->n_dst) return WEFT_EUSAGE;
    if (!first) first = all, n_blocks = 1;
    for (int64_t k = 0; k < n_blocks; k++) {
        int64_t n = first[k + 1] - first[k];
        if (n > WEFT_I_DENSE_MOST) {
            weft_diag_add(diag, WEFT_ERROR, "encoding-size", NULL, 0, 0, "graph %lld has %lld nodes; this encoding needs all eigenvalues, for up to %d", (long long)k, (long long)n, WEFT_I_DENSE_MOST);
            return WEFT_ELIMIT;
        }
        if (n > most) most = n;
    }
#pragma omp parallel num_threads(weft_threads())
    {
        double *a = weft_i_malloc((size_t)(2 * most * most + 2 * most) * sizeof *a), *z = a ? a + most * most : NULL, *degree = a ? z + most * most : NULL, *w = a ? degree + most : NULL;
#pragma omp for schedule(dynamic, 8)
        for (int64_t k = 0; k < n_blocks; k++) {
            int64_t n = first[k + 1] - first[k];
            bool good = a != NULL;
            if (!n) continue;
            if (good) {
                weft_i_laplacian_dense(s->graph, first[k], n, WEFT_LAPLACIAN_PLAIN, a, degree);
                good = weft_i_eigen_smallest((int32_t)n, a, (int32_t)n, w, z);
            }
            if (good) run(s, first[k], n, w, z, a, degree);
            else {
#pragma omp critical(weft_spectral)
                failed = k > failed ? k : failed;
            }
        }
        weft_i_free(a);
    }
    if (failed < 0) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "encoding-eigen", NULL, 0, 0, "graph %lld: no eigenvectors (out of memory, no convergence, or OpenBLAS is not installed)", (long long)failed);
    return WEFT_ENOMEM;
}

static void heat(const spectral_t *s, int64_t from, int64_t n, const double *w, const double *z, double *a, double *degree)
{
    (void)a;
    (void)degree;
    for (int64_t i = 0; i < n; i++)
        for (int32_t t = 0; t < s->n_times; t++) {
            double sum = 0.0;
            for (int64_t k = 0; k < n; k++)
                if (w[k] > 1e-8) sum += exp(-s->time[t] * w[k]) * z[k * n + i] * z[k * n + i];
            s->out[(from + i) * s->n_times + t] = (float)sum;
        }
}

weft_status_t weft_encoding_hkdiag(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, int32_t n_times, const double *time, weft_diag_t *diag)
{
    const spectral_t s = {g, time, n_times, out};
    return n_times < 1 ? WEFT_EUSAGE : each_block(&s, heat, n_blocks, first, diag);
}

/* Least, largest, mean and deviation of n numbers, `step` apart. */
static void statistics(int64_t n, const double *x, int64_t step, float *out)
{
    double low = x[0], high = x[0], sum = 0.0, square = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double v = x[i * step];
        low = v < low ? v : low;
        high = v > high ? v : high;
        sum += v;
    }
    for (int64_t i = 0; i < n; i++) square += (x[i * step] - sum / (double)n) * (x[i * step] - sum / (double)n);
    out[0] = (float)low;
    out[1] = (float)high;
    out[2] = (float)(sum / (double)n);
    out[3] = n > 1 ? (float)sqrt(square / (double)(n - 1)) : 0.0f;
}

static void potentials(const spectral_t *s, int64_t from, int64_t n, const double *w, const double *z, double *a, double *degree)
{
    double top = n ? w[n - 1] : 0.0;
    for (int64_t i = 0; i < n * n; i++) a[i] = 0.0;
    for (int64_t k = 0; k < n; k++) {
        if (w[k] <= 1e-10 * (top > 1.0 ? top : 1.0) * (double)n) continue;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) a[i * n + j] += z[k * n + i] / w[k] * z[k * n + j];
    }
    for (int64_t j = 0; j < n; j++) {
        double own = a[j * n + j];
        for (int64_t i = 0; i < n; i++) a[i * n + j] -= own;
    }
    for (int64_t i = 0; i < n; i++) {
        float *out = s->out + (from + i) * WEFT_ELSTATIC_COLUMNS;
        statistics(n, a + i, n, out);
        statistics(n, a + i * n, 1, out + 4);
        out[8] = out[9] = 0.0f;
    }
    const weft_graph_t *g = s->graph; /* neighbours once, either direction: the arcs of i and those reverse ones that are not among them */
    for (int64_t i = 0; i < n; i++) {
        double row = 0.0;
        if (degree[i] <= 0.0) continue;
        for (int both = 0; both < 2; both++) {
            const int64_t *offset = both ? g->r_offset : g->offset;
            const int32_t *end = both ? g->r_target : g->source;
            for (int64_t e = offset[from + i]; e < offset[from + i + 1]; e++) {
                int64_t j = end[e] - from;
                bool repeated = e > offset[from + i] && end[e - 1] == end[e];
                if (j < 0 || j >= n || j == i || repeated) continue;
                if (both) {
                    bool there = false;
                    for (int64_t f = g->offset[from + i]; f < g->offset[from + i + 1] && !there; f++) there = g->source[f] == end[e];
                    if (there) continue;
                }
                row += a[i * n + j];
                s->out[(from + j) * WEFT_ELSTATIC_COLUMNS + 8] += (float)(a[i * n + j] / degree[i]);
            }
        }
        s->out[(from + i) * WEFT_ELSTATIC_COLUMNS + 9] = (float)(row / degree[i]);
    }
}

weft_status_t weft_encoding_elstatic(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, weft_diag_t *diag)
{
    const spectral_t s = {.graph = g, .out = out};
    return each_block(&s, potentials, n_blocks, first, diag);
}
