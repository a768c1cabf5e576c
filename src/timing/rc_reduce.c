/* timing/rc_reduce.c: one walk out from the driver orders the tree, one back sums admittance moments, one out again sums
 * delays. Pin capacitances of all variants go along. */
#include "timing/rc_reduce.h"
#include "base/alloc.h"

#include <math.h>
#include <string.h>

void weft_i_rc_scratch_destroy(weft_i_rc_scratch_t *s)
{
    weft_i_free(s->data);
    *s = (weft_i_rc_scratch_t){0};
}

typedef struct tree { /* arrays over nodes in the scratch block */
    int32_t *first, *next, *edge_to; /* adjacency: first[node] -> half edge, next[half edge] */
    int32_t *order, *parent;
    float *up_res;
    double *cap;                     /* [node * nv + v] */
    double *y2, *y3;                 /* moments of the admittance below a node */
    double *m1, *m2;
} tree_t;

static bool layout(weft_i_rc_scratch_t *s, tree_t *t, int32_t n, int32_t n_res, int32_t nv)
{
    size_t nodes = (size_t)n, k = nodes * (size_t)nv;
    size_t bytes = 6 * k * sizeof(double) + (3 * nodes + 4 * (size_t)n_res + 4) * sizeof(int32_t) + nodes * sizeof(float) + 64;
    if ((int64_t)bytes > s->capacity) {
        void *p = weft_i_malloc(bytes * 2);
        if (!p) return false;
        weft_i_free(s->data);
        s->data = p;
        s->capacity = (int64_t)bytes * 2;
    }
    double *d = s->data;
    t->cap = d;
    t->y2 = d + k;
    t->y3 = d + 2 * k;
    t->m1 = d + 3 * k;
    t->m2 = d + 4 * k;
    int32_t *i = (int32_t *)(d + 6 * k);
    t->first = i;
    t->order = i + nodes;
    t->parent = i + 2 * nodes;
    t->next = i + 3 * nodes;
    t->edge_to = t->next + 2 * (size_t)n_res;
    t->up_res = (float *)(t->edge_to + 2 * (size_t)n_res);
    return true;
}

/* Breadth-first from the root; an edge to a node that is reached already closes a loop and is left out. */
static int32_t walk(const weft_rc_net_t *net, tree_t *t, int32_t root, int32_t *n_cut)
{
    for (int32_t i = 0; i < net->n_nodes; i++) t->first[i] = t->parent[i] = -1;
    for (int32_t r = net->n_res - 1; r >= 0; r--) {
        t->edge_to[2 * r] = net->b[r];
        t->next[2 * r] = t->first[net->a[r]];
        t->first[net->a[r]] = 2 * r;
        t->edge_to[2 * r + 1] = net->a[r];
        t->next[2 * r + 1] = t->first[net->b[r]];
        t->first[net->b[r]] = 2 * r + 1;
    }
    int32_t n = 0, cut = 0;
    t->order[n++] = root;
    t->parent[root] = root;
    t->up_res[root] = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        int32_t u = t->order[i];
        for (int32_t h = t->first[u]; h >= 0; h = t->next[h]) {
            int32_t v = t->edge_to[h];
            if (t->parent[v] < 0) {
                t->parent[v] = u;
                t->up_res[v] = net->res[h >> 1];
                t->order[n++] = v;
                t->edge_to[h ^ 1] = v; /* spent: a loop back to itself is skipped below */
            } else if (v != u) cut++;
        }
    }
    if (n_cut) *n_cut = cut / 2;
    return n;
}

static void lumped(int32_t n_loads, int32_t nv, const float *pin_cap, double wire, weft_i_pi_t *pi, float *elmore, float *beta)
{
    for (int32_t v = 0; v < nv; v++) {
        double c = wire;
        for (int32_t i = 0; i < n_loads; i++) {
            c += (double)pin_cap[i * nv + v];
            elmore[i * nv + v] = 0.0f;
            if (beta) beta[i * nv + v] = 0.0f;
        }
        pi[v] = (weft_i_pi_t){.c_near = (float)c};
    }
}

/* Upward: y1 = sum of capacitances below; through R: y2' = y2 - R y1^2, y3' = y3 - 2 R y1 y2 + R^2 y1^3. */
static void admittance(tree_t *t, int32_t n, int32_t nv, double *y1)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t v = 0; v < nv; v++) {
            int64_t k = (int64_t)t->order[i] * nv + v;
            t->y2[k] = t->y3[k] = 0.0;
            y1[k] = t->cap[k];
        }
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t u = t->order[i], p = t->parent[u];
        double r = (double)t->up_res[u];
        for (int32_t v = 0; v < nv; v++) {
            int64_t k = (int64_t)u * nv + v, q = (int64_t)p * nv + v;
            y1[q] += y1[k];
            t->y2[q] += t->y2[k] - r * y1[k] * y1[k];
            t->y3[q] += t->y3[k] - 2.0 * r * y1[k] * t->y2[k] + r * r * y1[k] * y1[k] * y1[k];
        }
    }
}

/* Downward: m1(v) = m1(p) + R sum C below; second moment likewise with sum C m1 below. */
static void delays(tree_t *t, int32_t n, int32_t nv, const double *y1)
{
    int32_t root = t->order[0];
    for (int32_t v = 0; v < nv; v++) t->m1[(int64_t)root * nv + v] = 0.0;
    for (int32_t i = 1; i < n; i++)
        for (int32_t v = 0; v < nv; v++) {
            int64_t k = (int64_t)t->order[i] * nv + v;
            t->m1[k] = t->m1[(int64_t)t->parent[t->order[i]] * nv + v] + (double)t->up_res[t->order[i]] * y1[k];
        }
}

static void second_moments(tree_t *t, int32_t n, int32_t nv)
{
    double *below = t->y2; /* no longer needed */
    for (int32_t i = 0; i < n; i++)
        for (int32_t v = 0; v < nv; v++) {
            int64_t k = (int64_t)t->order[i] * nv + v;
            below[k] = t->cap[k] * t->m1[k];
        }
    for (int32_t i = n - 1; i > 0; i--)
        for (int32_t v = 0; v < nv; v++) below[(int64_t)t->parent[t->order[i]] * nv + v] += below[(int64_t)t->order[i] * nv + v];
    for (int32_t v = 0; v < nv; v++) t->m2[(int64_t)t->order[0] * nv + v] = 0.0;
    for (int32_t i = 1; i < n; i++)
        for (int32_t v = 0; v < nv; v++) {
            int64_t k = (int64_t)t->order[i] * nv + v;
            t->m2[k] = t->m2[(int64_t)t->parent[t->order[i]] * nv + v] + (double)t->up_res[t->order[i]] * below[k];
        }
}

weft_status_t weft_i_rc_reduce(weft_i_rc_scratch_t *scratch, const weft_rc_net_t *net, int32_t driver_pin, int32_t n_loads,
                               const int32_t *load_pin, int32_t nv, const float *pin_cap, weft_i_pi_t *pi, float *elmore,
                               float *beta, int32_t *n_cut)
{
    tree_t t;
    int32_t root = -1;
    if (n_cut) *n_cut = 0;
    for (int32_t i = 0; net->present && i < net->n_nodes && root < 0; i++)
        if (net->pin[i] == driver_pin) root = i;
    if (root < 0) {
        double wire = (double)net->extra_cap;
        for (int32_t i = 0; net->present && i < net->n_nodes; i++) wire += (double)net->cap[i];
        lumped(n_loads, nv, pin_cap, net->present ? wire : 0.0, pi, elmore, beta);
        return WEFT_OK;
    }
    if (!layout(scratch, &t, net->n_nodes, net->n_res, nv)) return WEFT_ENOMEM;
    double *y1 = t.m2 + (int64_t)net->n_nodes * nv;
    int32_t n = walk(net, &t, root, n_cut);
    double stray = (double)net->extra_cap; /* what hangs on nodes that no resistor reaches counts at the driver */
    for (int32_t i = 0; i < net->n_nodes; i++) {
        if (t.parent[i] < 0) stray += (double)net->cap[i];
        for (int32_t v = 0; v < nv; v++) t.cap[(int64_t)i * nv + v] = (double)net->cap[i];
    }
    for (int32_t v = 0; v < nv; v++) t.cap[(int64_t)root * nv + v] += stray;
    for (int32_t k = 0; k < n_loads; k++) { /* where each load sits: remembered in elmore as a node number for a moment */
        int32_t at = -1;
        for (int32_t i = 0; i < net->n_nodes && at < 0; i++)
            if (net->pin[i] == load_pin[k] && t.parent[i] >= 0) at = i;
        if (at < 0) at = root;
        for (int32_t v = 0; v < nv; v++) t.cap[(int64_t)at * nv + v] += (double)pin_cap[k * nv + v];
        memcpy(&elmore[(int64_t)k * nv], &at, sizeof at);
    }
    admittance(&t, n, nv, y1);
    for (int32_t v = 0; v < nv; v++) {
        int64_t k = (int64_t)root * nv + v;
        double c = y1[k], y2 = t.y2[k], y3 = t.y3[k];
        if (y2 == 0.0 || y3 == 0.0 || !isfinite(y2 * y2 / y3)) pi[v] = (weft_i_pi_t){.c_near = (float)c};
        else {
            double far = y2 * y2 / y3;
            pi[v] = (weft_i_pi_t){.c_near = (float)(c - far), .c_far = (float)far, .r = (float)(-y3 * y3 / (y2 * y2 * y2))};
        }
    }
    delays(&t, n, nv, y1);
    if (beta) second_moments(&t, n, nv);
    for (int32_t k = 0; k < n_loads; k++) {
        int32_t at;
        memcpy(&at, &elmore[(int64_t)k * nv], sizeof at);
        for (int32_t v = 0; v < nv; v++) {
            elmore[(int64_t)k * nv + v] = (float)t.m1[(int64_t)at * nv + v];
            if (beta) beta[(int64_t)k * nv + v] = (float)t.m2[(int64_t)at * nv + v];
        }
    }
    return WEFT_OK;
}
