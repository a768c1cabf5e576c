/* timing/steiner.c: see steiner.h. */
#include "timing/steiner.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT = 4, STRIP = 1024, PRIM_MOST = 4096 };

static double span(const weft_i_tree_t *t, int32_t a, int32_t b) { return fabs(t->x[a] - t->x[b]) + fabs(t->y[a] - t->y[b]); }

bool weft_i_tree_room(weft_i_tree_t *t, int64_t nodes, int64_t edges)
{
    return WEFT_I_ROOM(t->x, t->x_cap, nodes) && WEFT_I_ROOM(t->y, t->y_cap, nodes) && WEFT_I_ROOM(t->a, t->a_cap, edges) && WEFT_I_ROOM(t->b, t->b_cap, edges);
}

static void put_edge(weft_i_tree_t *t, int32_t a, int32_t b)
{
    t->a[t->n_edges] = a;
    t->b[t->n_edges++] = b;
}

typedef struct reach { double d, key; int32_t from, node; } reach_t; /* d: to the tree; key: with the way there counted too */

static reach_t *scratch(weft_i_tree_t *t, int64_t n)
{
    int64_t bytes = n * (int64_t)sizeof(reach_t);
    if (bytes > t->scratch_cap) {
        void *p = weft_i_realloc(t->scratch, (size_t)(bytes + bytes / 2));
        if (!p) return NULL;
        t->scratch = p;
        t->scratch_cap = bytes + bytes / 2;
    }
    return t->scratch;
}

/* Over nodes list[0..n), or 0..n where list is NULL; starts at the first. The next node is the one with the least distance + alpha x way from the start to
 * the tree's end of it: alpha 0 is Prim's spanning tree, 1 Dijkstra's. */
static bool grow(weft_i_tree_t *t, const int32_t *list, int32_t n, double alpha)
{
    double way = 0.0; /* from the start to `last` */
    reach_t *r = scratch(t, n);
    if (!r) return false;
    int32_t last = list ? list[0] : 0, left = n - 1;
    for (int32_t i = 0; i < left; i++) r[i] = (reach_t){INFINITY, INFINITY, last, list ? list[i + 1] : i + 1};
    while (left) {
        int32_t best = 0;
        for (int32_t i = 0; i < left; i++) {
            double d = span(t, last, r[i].node);
            if (d + alpha * way < r[i].key) {
                r[i].key = d + alpha * way;
                r[i].d = d;
                r[i].from = last;
            }
            if (r[i].key < r[best].key) best = i;
        }
        put_edge(t, r[best].from, r[best].node);
        t->length += r[best].d;
        last = r[best].node;
        if (alpha > 0.0) way = (r[best].key - r[best].d) / alpha + r[best].d;
        memmove(&r[best], &r[best + 1], (size_t)(left - best - 1) * sizeof *r); /* keeps the order: ties stay stable */
        left--;
    }
    return true;
}

typedef struct order { double x; int32_t node; } order_t;
static int by_x(const void *p, const void *q)
{
    const order_t *a = p, *b = q;
    return a->x != b->x ? (a->x < b->x ? -1 : 1) : a->node - b->node;
}

/* Very large nets: strips by x, each spanned, neighbours joined at their nearest pair. */
static bool strips(weft_i_tree_t *t, int32_t n)
{
    order_t *o = weft_i_malloc((size_t)n * sizeof *o);
    int32_t *list = weft_i_malloc((size_t)n * sizeof *list);
    bool ok = o && list;
    for (int32_t i = 0; ok && i < n; i++) o[i] = (order_t){t->x[i], i};
    if (ok) qsort(o, (size_t)n, sizeof *o, by_x);
    for (int32_t i = 0; ok && i < n; i++) list[i] = o[i].node;
    for (int32_t s = 0; ok && s < n; s += STRIP) {
        int32_t size = n - s < STRIP ? n - s : STRIP;
        ok = grow(t, list + s, size, 0.0);
        if (!s || !ok) continue;
        double best = INFINITY;
        int32_t a = 0, b = 0;
        for (int32_t i = s - STRIP; i < s; i++)
            for (int32_t j = s; j < s + size; j++) {
                double d = span(t, list[i], list[j]);
                if (d < best) best = d, a = list[i], b = list[j];
            }
        put_edge(t, a, b);
        t->length += best;
    }
    weft_i_free(o);
    weft_i_free(list);
    return ok;
}

static weft_status_t span_with(weft_i_tree_t *t, int32_t n, const double *x, const double *y, double alpha)
{
    t->n_nodes = t->n_edges = 0;
    t->length = 0.0;
    if (n <= 0) return WEFT_OK;
    if (!weft_i_tree_room(t, 2 * (int64_t)n, 2 * (int64_t)n)) return WEFT_ENOMEM;
    memcpy(t->x, x, (size_t)n * sizeof *x);
    memcpy(t->y, y, (size_t)n * sizeof *y);
    t->n_nodes = n;
    return n == 1 || (n > PRIM_MOST ? strips(t, n) : grow(t, NULL, n, alpha)) ? WEFT_OK : WEFT_ENOMEM;
}

weft_status_t weft_i_tree_span(weft_i_tree_t *t, int32_t n, const double *x, const double *y) { return span_with(t, n, x, y, 0.0); }

static double median(double a, double b, double c) { return a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b); }

/* Length of the spanning tree of few points. */
static double small_span(int32_t n, const double *x, const double *y)
{
    double reach[EXACT + 2], sum = 0.0;
    bool in[EXACT + 2] = {true};
    for (int32_t i = 1; i < n; i++) reach[i] = fabs(x[i] - x[0]) + fabs(y[i] - y[0]);
    for (int32_t k = 1; k < n; k++) {
        int32_t best = -1;
        for (int32_t i = 1; i < n; i++)
            if (!in[i] && (best < 0 || reach[i] < reach[best])) best = i;
        in[best] = true;
        sum += reach[best];
        for (int32_t i = 1; i < n; i++) {
            double d = fabs(x[i] - x[best]) + fabs(y[i] - y[best]);
            if (!in[i] && d < reach[i]) reach[i] = d;
        }
    }
    return sum;
}

/* Four pins: at most two points of the Hanan grid; every choice is tried. */
static bool four(weft_i_tree_t *t)
{
    double px[6], py[6], best = t->length * (1.0 - 1e-12), chosen[2][2] = {{0}};
    int32_t n_chosen = 0;
    memcpy(px, t->x, 4 * sizeof *px);
    memcpy(py, t->y, 4 * sizeof *py);
    for (int32_t i = 0; i < 16; i++) {
        px[4] = t->x[i & 3];
        py[4] = t->y[i >> 2];
        double one = small_span(5, px, py);
        if (one < best) {
            best = one * (1.0 - 1e-12);
            n_chosen = 1;
            chosen[0][0] = px[4];
            chosen[0][1] = py[4];
        }
        for (int32_t j = i + 1; j < 16; j++) {
            px[5] = t->x[j & 3];
            py[5] = t->y[j >> 2];
            double two = small_span(6, px, py);
            if (two >= best) continue;
            best = two * (1.0 - 1e-12);
            n_chosen = 2;
            for (int32_t k = 0; k < 2; k++) {
                chosen[k][0] = px[4 + k];
                chosen[k][1] = py[4 + k];
            }
        }
    }
    if (!n_chosen) return true;
    for (int32_t k = 0; k < n_chosen; k++) {
        t->x[4 + k] = chosen[k][0];
        t->y[4 + k] = chosen[k][1];
    }
    t->n_nodes = 4 + n_chosen;
    t->n_edges = 0;
    t->length = 0.0;
    return grow(t, NULL, t->n_nodes, 0.0);
}

/* Adjacency of the growing tree: edges of a node in a linked list. */
typedef struct links { int32_t *head, *next; } links_t; /* head per node; next per half edge 2e (at a), 2e + 1 (at b) */

static int32_t other_end(const weft_i_tree_t *t, int32_t half) { return half & 1 ? t->a[half >> 1] : t->b[half >> 1]; }

/* The best pair of edges at u to bend over their median; gain 0: none. */
static double best_bend(const weft_i_tree_t *t, const links_t *k, int32_t u, int32_t *half_v, int32_t *half_w)
{
    double gain = 0.0;
    for (int32_t i = k->head[u]; i >= 0; i = k->next[i])
        for (int32_t j = k->next[i]; j >= 0; j = k->next[j]) {
            int32_t v = other_end(t, i), w = other_end(t, j);
            double x = median(t->x[u], t->x[v], t->x[w]), y = median(t->y[u], t->y[v], t->y[w]);
            double saved = fabs(x - t->x[u]) + fabs(y - t->y[u]); /* both edges share the way from u to the median */
            if (saved > gain) {
                gain = saved;
                *half_v = i;
                *half_w = j;
            }
        }
    return gain;
}

static void unlink_half(links_t *k, int32_t node, int32_t half)
{
    int32_t *at = &k->head[node];
    while (*at != half) at = &k->next[*at];
    *at = k->next[half];
}

static void link_half(links_t *k, int32_t node, int32_t half)
{
    k->next[half] = k->head[node];
    k->head[node] = half;
}

/* Bends edges until nothing is gained. Each bend adds a node and an edge and takes `gain` off the length. */
static bool bend(weft_i_tree_t *t, int32_t n_pins)
{
    int32_t most = 2 * n_pins;
    links_t k = {weft_i_malloc((size_t)most * sizeof *k.head), weft_i_malloc((size_t)most * 2 * sizeof *k.next)};
    bool ok = k.head && k.next, again = true;
    for (int32_t i = 0; ok && i < most; i++) k.head[i] = -1;
    for (int32_t e = 0; ok && e < t->n_edges; e++) {
        link_half(&k, t->a[e], 2 * e);
        link_half(&k, t->b[e], 2 * e + 1);
    }
    double least = 1e-9 * t->length;
    while (ok && again && t->n_nodes < most) {
        again = false;
        for (int32_t u = 0; u < t->n_nodes && t->n_nodes < most; u++) {
            int32_t i = -1, j = -1;
            double gain = best_bend(t, &k, u, &i, &j);
            if (gain <= least) continue;
            int32_t v = other_end(t, i), w = other_end(t, j), m = t->n_nodes++, e = t->n_edges++;
            t->x[m] = median(t->x[u], t->x[v], t->x[w]);
            t->y[m] = median(t->y[u], t->y[v], t->y[w]);
            unlink_half(&k, u, i); /* edges i and j now start at m */
            unlink_half(&k, u, j);
            if (i & 1) t->b[i >> 1] = m;
            else t->a[i >> 1] = m;
            if (j & 1) t->b[j >> 1] = m;
            else t->a[j >> 1] = m;
            link_half(&k, m, i);
            link_half(&k, m, j);
            t->a[e] = u;
            t->b[e] = m;
            link_half(&k, u, 2 * e);
            link_half(&k, m, 2 * e + 1);
            t->length -= gain;
            again = true;
        }
    }
    weft_i_free(k.head);
    weft_i_free(k.next);
    return ok;
}

weft_status_t weft_i_tree_steiner(weft_i_tree_t *t, int32_t n, const double *x, const double *y, double alpha)
{
    weft_status_t status = span_with(t, n, x, y, n > EXACT ? alpha : 0.0);
    if (status != WEFT_OK || n < 3) return status;
    if (n == 4) return four(t) ? WEFT_OK : WEFT_ENOMEM;
    return bend(t, n) ? WEFT_OK : WEFT_ENOMEM; /* with three pins the median is the optimum */
}

void weft_i_tree_destroy(weft_i_tree_t *t)
{
    weft_i_free(t->x);
    weft_i_free(t->y);
    weft_i_free(t->a);
    weft_i_free(t->b);
    weft_i_free(t->scratch);
    *t = (weft_i_tree_t){0};
}
