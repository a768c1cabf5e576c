/* encoding/elimination.c: see laplacian.h. Live neighbours are linked lists over one pool; the node to go next is found by degree in buckets. */
#include "base/alloc.h"
#include "base/rng.h"
#include "encoding/laplacian.h"

#include <stdlib.h>

typedef struct link { int32_t to, next; double w; } link_t;
typedef struct near { int32_t node, count; double w; } near_t;
typedef struct work {
    int64_t n;
    link_t *pool;
    int64_t pool_n, pool_cap;
    int32_t free_link;                                 /* links that are done with; -1: none */
    int32_t *first, *degree, *place;                   /* lists; their lengths; where a node stands in `near`, -1: nowhere */
    int32_t *bucket, *before, *after, lowest;          /* nodes by degree */
    bool *gone;
    near_t *near;
    double *sum;
    int64_t near_cap, sum_cap;
} work_t;

static void unqueue(work_t *w, int32_t v)
{
    if (w->before[v] >= 0) w->after[w->before[v]] = w->after[v];
    else w->bucket[w->degree[v]] = w->after[v];
    if (w->after[v] >= 0) w->before[w->after[v]] = w->before[v];
}

static void queue(work_t *w, int32_t v, int32_t degree)
{
    if (degree > (int32_t)w->n - 1) degree = (int32_t)w->n - 1;
    w->degree[v] = degree;
    w->before[v] = -1;
    w->after[v] = w->bucket[degree];
    if (w->after[v] >= 0) w->before[w->after[v]] = v;
    w->bucket[degree] = v;
    if (degree < w->lowest) w->lowest = degree;
}

static bool push(work_t *w, int32_t from, int32_t to, double weight)
{
    int32_t k = w->free_link;
    if (k >= 0) w->free_link = w->pool[k].next;
    else {
        if (w->pool_n >= INT32_MAX || !WEFT_I_ROOM(w->pool, w->pool_cap, w->pool_n + 1)) return false;
        k = (int32_t)w->pool_n++;
    }
    w->pool[k] = (link_t){to, w->first[from], weight};
    w->first[from] = k;
    return true;
}

/* Takes v's list apart into `near`, repeats joined; returns their number. */
static int64_t take_list(work_t *w, int32_t v)
{
    int64_t d = 0;
    for (int32_t k = w->first[v], next; k >= 0; k = next) {
        link_t *l = &w->pool[k];
        next = l->next;
        if (!w->gone[l->to]) {
            if (w->place[l->to] < 0) {
                if (!WEFT_I_ROOM(w->near, w->near_cap, d + 1) || !WEFT_I_ROOM(w->sum, w->sum_cap, d + 2)) return -1;
                w->place[l->to] = (int32_t)d;
                w->near[d++] = (near_t){l->to, 0, 0.0};
            }
            w->near[w->place[l->to]].w += l->w;
            w->near[w->place[l->to]].count++;
        }
        l->next = w->free_link;
        w->free_link = k;
    }
    w->first[v] = -1;
    for (int64_t i = 0; i < d; i++) w->place[w->near[i].node] = -1;
    return d;
}

/* Every pair of neighbours gets w_a w_b / total, on the link that is there or a new one. Returns the steps it took, -1: out of memory. */
static int64_t add_clique(work_t *w, int64_t d, double total)
{
    int64_t steps = 0;
    for (int64_t i = 0; i < d; i++) {
        int32_t a = w->near[i].node, length = 0;
        for (int64_t j = 0; j < d; j++) w->place[w->near[j].node] = (int32_t)j;
        for (int32_t *at = &w->first[a]; *at >= 0;) {
            int32_t k = *at;
            link_t *l = &w->pool[k];
            steps++;
            if (w->gone[l->to]) {
                *at = l->next;
                l->next = w->free_link;
                w->free_link = k;
                continue;
            }
            if (w->place[l->to] >= 0) {
                l->w += w->near[i].w * w->near[w->place[l->to]].w / total;
                w->place[l->to] = -1;
            }
            length++;
            at = &l->next;
        }
        w->place[a] = -1;
        for (int64_t j = 0; j < d; j++) {
            if (w->place[w->near[j].node] < 0) continue;
            w->place[w->near[j].node] = -1;
            if (!push(w, a, w->near[j].node, w->near[i].w * w->near[j].w / total)) return -1;
            length++;
        }
        steps += 2 * d;
        unqueue(w, a);
        queue(w, a, length);
    }
    return steps;
}

static int by_weight(const void *a, const void *b)
{
    const near_t *x = a, *y = b;
    return x->w != y->w ? (x->w > y->w) - (x->w < y->w) : (x->node > y->node) - (x->node < y->node);
}

/* Each neighbour, lightest first, gets one link to a heavier one drawn by weight, of the weight that its part of the clique has. */
static bool add_tree(work_t *w, int64_t d, double total, weft_i_rng_t *rng)
{
    for (int64_t i = 0; i < d; i++) {
        unqueue(w, w->near[i].node);
        queue(w, w->near[i].node, w->degree[w->near[i].node] > w->near[i].count ? w->degree[w->near[i].node] - w->near[i].count : 0);
    }
    w->sum[0] = 0.0;
    for (int64_t i = 0; i < d; i++) w->sum[i + 1] = w->sum[i] + w->near[i].w;
    for (int64_t i = 0; i + 1 < d; i++) {
        double rest = w->sum[d] - w->sum[i + 1], aim = w->sum[i + 1] + rest * weft_i_rng_uniform(rng);
        int64_t low = i + 1, high = d - 1;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            if (w->sum[middle + 1] > aim) high = middle;
            else low = middle + 1;
        }
        int32_t a = w->near[i].node, b = w->near[low].node;
        double weight = w->near[i].w * rest / total;
        if (!push(w, a, b, weight) || !push(w, b, a, weight)) return false;
        unqueue(w, a);
        queue(w, a, w->degree[a] + 1);
        unqueue(w, b);
        queue(w, b, w->degree[b] + 1);
    }
    return true;
}

static bool run(weft_i_elimination_t *e, work_t *w, double budget)
{
    weft_i_rng_t rng = {0x656c696d, 1, 0};
    const int64_t most = 24 * e->n + 500 * 1000; /* parts of an exact factor, and half the links of what is left, that are worth it */
    for (int64_t k = 0; k < e->n; k++) {
        while (w->bucket[w->lowest] < 0) w->lowest++;
        int32_t v = w->bucket[w->lowest];
        unqueue(w, v);
        int64_t d = take_list(w, v);
        double total = 0.0;
        if (d < 0 || !WEFT_I_ROOM(e->at, e->at_cap, e->n_parts + d) || !WEFT_I_ROOM(e->part, e->part_cap, e->n_parts + d)) return false;
        w->gone[v] = true;
        if (budget <= 0.0 || e->n_parts + w->pool_n / 2 > most) e->exact = false;
        if (!e->exact) qsort(w->near, (size_t)d, sizeof *w->near, by_weight);
        for (int64_t i = 0; i < d; i++) total += w->near[i].w;
        for (int64_t i = 0; i < d; i++) {
            e->at[e->n_parts + i] = w->near[i].node;
            e->part[e->n_parts + i] = w->near[i].w / total;
        }
        e->order[k] = v;
        e->pivot[k] = total;
        e->n_parts += d;
        e->offset[k + 1] = e->n_parts;
        if (e->exact) {
            int64_t steps = add_clique(w, d, total);
            if (steps < 0) return false;
            budget -= (double)steps;
        } else if (!add_tree(w, d, total, &rng)) return false;
    }
    return true;
}

bool weft_i_eliminate(weft_i_elimination_t *e, const weft_i_laplacian_t *l, double budget)
{
    size_t n = (size_t)l->n;
    *e = (weft_i_elimination_t){.n = l->n, .exact = true};
    work_t w = {.n = l->n, .free_link = -1, .lowest = 0};
    e->offset = weft_i_malloc((n + 1) * sizeof *e->offset);
    e->order = weft_i_malloc(n * sizeof *e->order + 1);
    e->pivot = weft_i_malloc(n * sizeof *e->pivot + 1);
    int32_t *all = weft_i_malloc(6 * n * sizeof *all + 1);
    w.gone = weft_i_calloc(n + 1, sizeof *w.gone);
    bool good = e->offset && e->order && e->pivot && all && w.gone;
    if (good) {
        int32_t **part[] = {&w.first, &w.degree, &w.place, &w.bucket, &w.before, &w.after};
        for (int i = 0; i < 6; i++) *part[i] = all + (size_t)i * n;
        for (size_t v = 0; v < n; v++) w.first[v] = w.place[v] = w.bucket[v] = -1;
        e->offset[0] = 0;
    }
    for (int64_t v = l->n - 1; v >= 0 && good; v--) { /* of equal degree the first node goes first */
        for (int64_t i = l->offset[v + 1] - 1; i >= l->offset[v] && good; i--) good = push(&w, (int32_t)v, l->at[i], 1.0);
        queue(&w, (int32_t)v, (int32_t)(l->offset[v + 1] - l->offset[v]));
    }
    w.lowest = 0;
    if (good) good = run(e, &w, budget);
    weft_i_free(all);
    weft_i_free(w.gone);
    weft_i_free(w.pool);
    weft_i_free(w.near);
    weft_i_free(w.sum);
    return good;
}

void weft_i_elimination_destroy(weft_i_elimination_t *e)
{
    weft_i_free(e->offset);
    weft_i_free(e->order);
    weft_i_free(e->at);
    weft_i_free(e->part);
    weft_i_free(e->pivot);
    *e = (weft_i_elimination_t){0};
}

void weft_i_elimination_solve(const weft_i_elimination_t *e, double *x)
{
    enum { C = WEFT_I_ELIMINATION_COLUMNS };
    for (int64_t k = 0; k < e->n; k++) {
        const double *y = x + (int64_t)e->order[k] * C;
        for (int64_t i = e->offset[k]; i < e->offset[k + 1]; i++)
            for (int c = 0; c < C; c++) x[(int64_t)e->at[i] * C + c] += e->part[i] * y[c];
    }
    for (int64_t k = e->n - 1; k >= 0; k--) {
        double y[C], *to = x + (int64_t)e->order[k] * C, over = e->offset[k + 1] > e->offset[k] ? 1.0 / e->pivot[k] : 0.0; /* the last one is the ground */
        for (int c = 0; c < C; c++) y[c] = to[c] * over;
        for (int64_t i = e->offset[k]; i < e->offset[k + 1]; i++)
            for (int c = 0; c < C; c++) y[c] += e->part[i] * x[(int64_t)e->at[i] * C + c];
        for (int c = 0; c < C; c++) to[c] = y[c];
    }
}
