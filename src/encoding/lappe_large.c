/* encoding/lappe_large.c: eigenvectors of a large block. Each component has one eigenvalue 0; the others are looked for in every component, and the smallest of all
 * are kept. */
#include "base/alloc.h"
#include "base/status.h"
#include "encoding/laplacian.h"
#include "encoding/lappe.h"
#include "graph/graph.h"
#include "tensor/lapack.h"

#include <math.h>
#include <string.h>

/* The block as an undirected graph, and its components: nodes of component c are node[begin[c]] .. node[begin[c + 1]], ascending. */
typedef struct parts {
    int64_t n, *offset, *begin, n_parts;
    int32_t *at, *part, *node, *local;
} parts_t;

static void parts_destroy(parts_t *p)
{
    weft_i_free(p->offset);
    weft_i_free(p->begin);
    weft_i_free(p->at);
    weft_i_free(p->part);
    weft_i_free(p->node);
    weft_i_free(p->local);
}

/* The ends of v's arcs of both directions within the block, joined: both lists ascend. */
static int64_t neighbours(const weft_graph_t *g, int64_t from, int64_t n, int64_t v, int32_t *out)
{
    int64_t i = g->offset[from + v], j = g->r_offset[from + v], i_end = g->offset[from + v + 1], j_end = g->r_offset[from + v + 1], d = 0, last = -1;
    while (i < i_end || j < j_end) {
        int64_t u = j == j_end || (i < i_end && g->source[i] <= g->r_target[j]) ? g->source[i++] : g->r_target[j++];
        u -= from;
        if (u < 0 || u >= n || u == v || u == last) continue;
        last = u;
        if (out) out[d] = (int32_t)u;
        d++;
    }
    return d;
}

static weft_status_t find_parts(parts_t *p, const weft_graph_t *g, int64_t from, int64_t n)
{
    weft_status_t status = WEFT_OK;
    p->n = n;
    WEFT_TRY_ALLOC(p->offset = weft_i_malloc(((size_t)n + 1) * sizeof *p->offset));
    WEFT_TRY_ALLOC(p->begin = weft_i_calloc((size_t)n + 2, sizeof *p->begin));
    WEFT_TRY_ALLOC(p->part = weft_i_malloc((size_t)n * sizeof *p->part));
    WEFT_TRY_ALLOC(p->node = weft_i_malloc((size_t)n * sizeof *p->node));
    WEFT_TRY_ALLOC(p->local = weft_i_malloc((size_t)n * sizeof *p->local));
    p->offset[0] = 0;
    for (int64_t v = 0; v < n; v++) p->offset[v + 1] = p->offset[v] + neighbours(g, from, n, v, NULL);
    WEFT_TRY_ALLOC(p->at = weft_i_malloc((size_t)p->offset[n] * sizeof *p->at + 1));
    for (int64_t v = 0; v < n; v++) neighbours(g, from, n, v, p->at + p->offset[v]);
    for (int64_t v = 0; v < n; v++) p->part[v] = -1;
    for (int64_t v = 0; v < n; v++) { /* p->node is the stack */
        int64_t top = 0;
        if (p->part[v] >= 0) continue;
        p->node[top++] = (int32_t)v;
        p->part[v] = (int32_t)p->n_parts;
        while (top) {
            int32_t u = p->node[--top];
            for (int64_t e = p->offset[u]; e < p->offset[u + 1]; e++)
                if (p->part[p->at[e]] < 0) {
                    p->part[p->at[e]] = (int32_t)p->n_parts;
                    p->node[top++] = p->at[e];
                }
        }
        p->n_parts++;
    }
    for (int64_t v = 0; v < n; v++) p->local[v] = (int32_t)p->begin[p->part[v] + 1]++;
    for (int64_t c = 0; c < p->n_parts; c++) p->begin[c + 1] += p->begin[c];
    for (int64_t v = 0; v < n; v++) p->node[p->begin[p->part[v]] + p->local[v]] = (int32_t)v;
done:
    return status;
}

/* The k smallest so far, ascending; of equal ones the earlier component first. */
typedef struct found { double value; int64_t part; double *vector; } found_t;

static void insert(found_t *f, int32_t k, int32_t *n, double value, int64_t part, double *vector)
{
    int32_t at = *n;
    while (at && f[at - 1].value > value) at--;
    if (at == k) {
        weft_i_free(vector);
        return;
    }
    if (*n == k) weft_i_free(f[--*n].vector);
    memmove(f + at + 1, f + at, (size_t)(*n - at) * sizeof *f);
    f[at] = (found_t){value, part, vector};
    ++*n;
}

typedef struct component { int64_t n, *offset; int32_t *at; double *root, *value, *vector, *residual, *dense; } component_t;

static void component_destroy(component_t *c)
{
    weft_i_free(c->offset);
    weft_i_free(c->at);
    weft_i_free(c->root);
    weft_i_free(c->value);
    weft_i_free(c->vector);
    weft_i_free(c->dense);
    *c = (component_t){0};
}

static weft_status_t component_init(component_t *c, const parts_t *p, int64_t part, int32_t k, weft_laplacian_t kind)
{
    weft_status_t status = WEFT_OK;
    int64_t from = p->begin[part], n = c->n = p->begin[part + 1] - from, ends = 0;
    for (int64_t i = 0; i < n; i++) ends += p->offset[p->node[from + i] + 1] - p->offset[p->node[from + i]];
    WEFT_TRY_ALLOC(c->offset = weft_i_malloc(((size_t)n + 1) * sizeof *c->offset));
    WEFT_TRY_ALLOC(c->at = weft_i_malloc((size_t)ends * sizeof *c->at + 1));
    WEFT_TRY_ALLOC(c->value = weft_i_malloc(2 * (size_t)k * sizeof *c->value));
    WEFT_TRY_ALLOC(c->vector = weft_i_aligned((size_t)k * (size_t)n * sizeof *c->vector));
    if (kind == WEFT_LAPLACIAN_SYMMETRIC) WEFT_TRY_ALLOC(c->root = weft_i_malloc((size_t)n * sizeof *c->root));
    if (n <= WEFT_I_LAPPE_DENSE) WEFT_TRY_ALLOC(c->dense = weft_i_calloc((size_t)(n * n), sizeof *c->dense));
    c->residual = c->value + k;
    c->offset[0] = ends = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t v = p->node[from + i];
        for (int64_t e = p->offset[v]; e < p->offset[v + 1]; e++) c->at[ends++] = p->local[p->at[e]];
        c->offset[i + 1] = ends;
        if (c->root) c->root[i] = sqrt((double)(ends - c->offset[i]));
    }
done:
    return status;
}

static bool solve(component_t *c, int32_t k)
{
    const weft_i_laplacian_t l = {c->n, c->offset, c->at, c->root};
    if (!c->dense) return weft_i_laplacian_eigen(&l, k, c->value, c->vector, c->residual);
    for (int64_t v = 0; v < c->n; v++) {
        c->dense[v * c->n + v] = c->root ? 1.0 : (double)(c->offset[v + 1] - c->offset[v]);
        for (int64_t e = c->offset[v]; e < c->offset[v + 1]; e++) c->dense[v * c->n + c->at[e]] = c->root ? -1.0 / (c->root[v] * c->root[c->at[e]]) : -1.0;
    }
    for (int32_t j = 0; j < k; j++) c->residual[j] = 0.0;
    return weft_i_eigen_smallest((int32_t)c->n, c->dense, k, c->value, c->vector);
}

/* A bound of |L|. */
static double norm(const component_t *c)
{
    double most = 2.0;
    for (int64_t v = 0; v < c->n && !c->root; v++)
        for (int64_t e = c->offset[v]; e < c->offset[v + 1]; e++) most = fmax(most, (double)(c->offset[v + 1] - c->offset[v] + c->offset[c->at[e] + 1] - c->offset[c->at[e]]));
    return most;
}

static weft_status_t search(found_t *f, int32_t *n_found, const parts_t *p, int64_t index, int32_t k, weft_laplacian_t kind, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    component_t c = {0};
    for (int64_t part = 0; part < p->n_parts; part++) {
        int64_t n = p->begin[part + 1] - p->begin[part];
        int32_t want = (int32_t)(k + 1 < n ? k + 1 : n); /* with its 0 */
        if (n < 2) continue;
        WEFT_TRY(component_init(&c, p, part, want, kind));
        if (!solve(&c, want)) {
            weft_diag_add(diag, WEFT_ERROR, "encoding-eigen", NULL, 0, 0, "graph %lld: no eigenvectors (out of memory, no convergence, or OpenBLAS is not installed)", (long long)index);
            WEFT_TRY(WEFT_ENOMEM);
        }
        for (int32_t j = 1; j < want; j++) {
            if (c.residual[j] > 1e-4 * norm(&c)) {
                weft_diag_add(diag, WEFT_ERROR, "encoding-eigen", NULL, 0, 0, "graph %lld: eigenvector %d of a component of %lld nodes did not converge (residual %.3g)", (long long)index, j, (long long)n, c.residual[j]);
                WEFT_TRY(WEFT_ELIMIT);
            }
            if (c.residual[j] > 1e-4 * fmax(c.value[want - 1], 1e-9 * norm(&c)))
                weft_diag_add(diag, WEFT_WARNING, "encoding-residual", NULL, 0, 0, "graph %lld: eigenvector %d (%.6g) of a component of %lld nodes has a residual of %.3g", (long long)index, j, c.value[j], (long long)n,
                              c.residual[j]);
            double *v = weft_i_malloc((size_t)n * sizeof *v);
            WEFT_TRY_ALLOC(v);
            memcpy(v, c.vector + (size_t)j * (size_t)n, (size_t)n * sizeof *v);
            insert(f, k, n_found, c.value[j], part, v);
        }
        component_destroy(&c);
    }
done:
    component_destroy(&c);
    return status;
}

weft_status_t weft_i_lappe_large(float *vector, float *value, const weft_graph_t *g, int64_t from, int64_t n, int64_t index, int32_t k, weft_laplacian_t kind, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parts_t p = {0};
    found_t *f = NULL;
    double *z = NULL, w[WEFT_I_LAPPE_MOST];
    int32_t n_found = 0;
    WEFT_TRY(find_parts(&p, g, from, n));
    WEFT_TRY_ALLOC(f = weft_i_calloc((size_t)k + 1, sizeof *f));
    WEFT_TRY_ALLOC(z = weft_i_calloc((size_t)k * (size_t)n, sizeof *z));
    int32_t zeros = (int32_t)(p.n_parts < k ? p.n_parts : k);
    for (int32_t j = 0; j < zeros; j++) {
        double all = 0.0;
        for (int64_t i = p.begin[j]; i < p.begin[j + 1]; i++) {
            int32_t v = p.node[i];
            double d = (double)(p.offset[v + 1] - p.offset[v]), x = kind == WEFT_LAPLACIAN_SYMMETRIC && d > 0.0 ? sqrt(d) : 1.0;
            z[j * n + v] = x;
            all += x * x;
        }
        for (int64_t i = p.begin[j]; i < p.begin[j + 1]; i++) z[j * n + p.node[i]] /= sqrt(all);
        w[j] = 0.0;
    }
    if (zeros < k) WEFT_TRY(search(f, &n_found, &p, index, k - zeros, kind, diag));
    for (int32_t j = 0; j < n_found; j++) {
        const int32_t *node = p.node + p.begin[f[j].part];
        w[zeros + j] = f[j].value;
        for (int64_t i = 0; i < p.begin[f[j].part + 1] - p.begin[f[j].part]; i++) z[(zeros + j) * n + node[i]] = f[j].vector[i];
    }
    weft_i_lappe_put(vector, value, from, n, k, zeros + n_found, w, z);
done:
    for (int32_t j = 0; j < n_found; j++) weft_i_free(f[j].vector);
    weft_i_free(f);
    weft_i_free(z);
    parts_destroy(&p);
    return status;
}
