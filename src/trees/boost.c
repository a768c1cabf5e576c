/* trees/boost.c: see boost.h. */
#include "trees/boost.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct sums { double w, g; } sums_t;
typedef struct split { double gain; int32_t feature, bin; } split_t;

typedef struct fit {
    weft_i_boost_t *m;
    int32_t n, n_features, n_bins;
    const float *y, *weight;
    uint8_t *bin;        /* [feature][row] */
    float *edge;         /* [feature][n_bins]: upper edge of a bin */
    int32_t *n_edges;    /* [feature] */
    float *residual;
    int32_t *node;       /* [row]: place in the level, -1: in a leaf */
    sums_t *histogram;   /* [feature][places][n_bins] */
    split_t *best;       /* [feature][places] */
    double rate, lambda, min_weight;
    int32_t depth;
    int64_t node_cap[4];
} fit_t;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Edges at equal counts of a bounded, evenly spaced sample. */
static weft_status_t make_bins(fit_t *f, const float *x)
{
    int32_t most = f->n < 100000 ? f->n : 100000;
    weft_status_t status = WEFT_OK;
    float *column = weft_i_malloc((size_t)most * sizeof *column + 1);
    if (!column) return WEFT_ENOMEM;
    for (int32_t k = 0; k < f->n_features; k++) {
        for (int32_t i = 0; i < most; i++) column[i] = x[(int64_t)((int64_t)i * f->n / most) * f->n_features + k];
        qsort(column, (size_t)most, sizeof *column, by_value);
        float *edge = f->edge + (int64_t)k * f->n_bins;
        int32_t m = 0;
        for (int32_t b = 1; b < f->n_bins; b++) {
            float v = column[(int64_t)b * most / f->n_bins];
            if (v < column[most - 1] && (!m || v > edge[m - 1])) edge[m++] = v;
        }
        f->n_edges[k] = m;
    }
    weft_i_free(column);
#pragma omp parallel for num_threads(weft_threads()) schedule(dynamic, 1)
    for (int32_t k = 0; k < f->n_features; k++) {
        const float *edge = f->edge + (int64_t)k * f->n_bins;
        for (int32_t i = 0; i < f->n; i++) {
            float v = x[(int64_t)i * f->n_features + k];
            int32_t low = 0, high = f->n_edges[k]; /* first edge >= v */
            while (low < high) {
                int32_t mid = (low + high) / 2;
                if (edge[mid] < v) low = mid + 1;
                else high = mid;
            }
            f->bin[(int64_t)k * f->n + i] = (uint8_t)low;
        }
    }
    return status;
}

static double score(double g, double w, double lambda) { return g * g / (w + lambda); }

static void feature_splits(fit_t *f, int32_t k, int32_t n_places)
{
    sums_t *h = f->histogram + (int64_t)k * n_places * f->n_bins;
    const uint8_t *bin = f->bin + (int64_t)k * f->n;
    memset(h, 0, (size_t)n_places * (size_t)f->n_bins * sizeof *h);
    for (int32_t i = 0; i < f->n; i++) {
        if (f->node[i] < 0) continue;
        sums_t *s = &h[(int64_t)f->node[i] * f->n_bins + bin[i]];
        double w = f->weight ? (double)f->weight[i] : 1.0;
        s->w += w;
        s->g += w * (double)f->residual[i];
    }
    for (int32_t p = 0; p < n_places; p++) {
        const sums_t *s = h + (int64_t)p * f->n_bins;
        double w = 0.0, g = 0.0, wl = 0.0, gl = 0.0;
        for (int32_t b = 0; b <= f->n_edges[k]; b++) {
            w += s[b].w;
            g += s[b].g;
        }
        split_t best = {0.0, k, -1};
        for (int32_t b = 0; b < f->n_edges[k]; b++) {
            wl += s[b].w;
            gl += s[b].g;
            if (wl < f->min_weight || w - wl < f->min_weight) continue;
            double gain = score(gl, wl, f->lambda) + score(g - gl, w - wl, f->lambda) - score(g, w, f->lambda);
            if (gain > best.gain) best = (split_t){gain, k, b};
        }
        f->best[(int64_t)k * n_places + p] = best;
    }
}

static bool put_nodes(fit_t *f, int32_t n)
{
    weft_i_boost_t *m = f->m;
    int64_t need = (int64_t)m->n_nodes + n;
    if (!WEFT_I_ROOM(m->feature, f->node_cap[0], need) || !WEFT_I_ROOM(m->threshold, f->node_cap[1], need)
        || !WEFT_I_ROOM(m->left, f->node_cap[2], need) || !WEFT_I_ROOM(m->value, f->node_cap[3], need)) return false;
    for (int32_t i = 0; i < n; i++, m->n_nodes++) {
        m->feature[m->n_nodes] = -1;
        m->threshold[m->n_nodes] = 0.0f;
        m->left[m->n_nodes] = -1;
        m->value[m->n_nodes] = 0.0f;
    }
    return true;
}

/* One tree, level by level. `place_node`: node of the model at each place of the level. */
static bool grow(fit_t *f, int32_t *place_node, int32_t *next_node, int32_t *leaf_of)
{
    weft_i_boost_t *m = f->m;
    int32_t n_places = 1, root = m->n_nodes;
    if (!put_nodes(f, 1)) return false;
    place_node[0] = root;
    for (int32_t i = 0; i < f->n; i++) {
        f->node[i] = 0;
        leaf_of[i] = root;
    }
    for (int32_t level = 0; level < f->depth && n_places; level++) {
#pragma omp parallel for num_threads(weft_threads()) schedule(dynamic, 1)
        for (int32_t k = 0; k < f->n_features; k++) feature_splits(f, k, n_places);
        int32_t n_next = 0;
        for (int32_t p = 0; p < n_places; p++) {
            split_t best = {1e-9, -1, -1};
            for (int32_t k = 0; k < f->n_features; k++)
                if (f->best[(int64_t)k * n_places + p].bin >= 0 && f->best[(int64_t)k * n_places + p].gain > best.gain) best = f->best[(int64_t)k * n_places + p];
            int32_t at = place_node[p];
            if (best.feature < 0) continue;
            int32_t child = m->n_nodes;
            if (!put_nodes(f, 2)) return false;
            m->feature[at] = best.feature;
            m->threshold[at] = f->edge[(int64_t)best.feature * f->n_bins + best.bin];
            m->left[at] = child;
            next_node[n_next++] = child;
            next_node[n_next++] = child + 1;
        }
        int32_t place_of_child = 0; /* children stand in the order of their parents */
        int32_t *first_place = f->n_edges + f->n_features; /* [places] scratch behind the edge counts */
        for (int32_t p = 0; p < n_places; p++) {
            first_place[p] = m->feature[place_node[p]] < 0 ? -1 : place_of_child;
            if (first_place[p] >= 0) place_of_child += 2;
        }
        for (int32_t i = 0; i < f->n; i++) {
            int32_t p = f->node[i];
            if (p < 0) continue;
            int32_t at = place_node[p];
            if (first_place[p] < 0) {
                f->node[i] = -1;
                continue;
            }
            const float *edge = f->edge + (int64_t)m->feature[at] * f->n_bins;
            int32_t b = f->bin[(int64_t)m->feature[at] * f->n + i];
            bool right = b >= f->n_edges[m->feature[at]] || edge[b] > m->threshold[at];
            f->node[i] = first_place[p] + right;
            leaf_of[i] = m->left[at] + right;
        }
        memcpy(place_node, next_node, (size_t)n_next * sizeof *next_node);
        n_places = n_next;
    }
    return true;
}

static bool set_leaves(fit_t *f, int32_t root, const int32_t *leaf_of)
{
    weft_i_boost_t *m = f->m;
    int32_t n = m->n_nodes - root;
    sums_t *s = weft_i_calloc((size_t)n, sizeof *s);
    if (!s) return false;
    for (int32_t i = 0; i < f->n; i++) {
        double w = f->weight ? (double)f->weight[i] : 1.0;
        s[leaf_of[i] - root].w += w;
        s[leaf_of[i] - root].g += w * (double)f->residual[i];
    }
    for (int32_t k = 0; k < n; k++)
        if (m->feature[root + k] < 0) m->value[root + k] = (float)(f->rate * s[k].g / (s[k].w + f->lambda));
    for (int32_t i = 0; i < f->n; i++) f->residual[i] -= m->value[leaf_of[i]];
    weft_i_free(s);
    return true;
}

weft_status_t weft_i_boost_fit(weft_i_boost_t **model, int32_t n, int32_t n_features, const float *x, const float *y, const float *weight,
                               const weft_i_boost_options_t *o)
{
    weft_status_t status = WEFT_OK;
    weft_i_boost_options_t z = {0};
    if (!o) o = &z;
    fit_t f = {.n = n, .n_features = n_features, .y = y, .weight = weight, .n_bins = o->n_bins > 1 && o->n_bins <= 256 ? o->n_bins : 64,
               .rate = o->rate > 0 ? o->rate : 0.1, .depth = o->depth > 0 && o->depth <= 12 ? o->depth : 5};
    int32_t n_trees = o->n_trees > 0 ? o->n_trees : 120, places = 1 << f.depth;
    int32_t *place_node = NULL, *next_node = NULL, *leaf_of = NULL;
    double sum_w = 0.0, sum = 0.0;
    *model = NULL;
    WEFT_TRY_ALLOC(f.m = weft_i_calloc(1, sizeof *f.m));
    f.m->n_features = n_features;
    WEFT_TRY_ALLOC(f.m->first = weft_i_calloc((size_t)n_trees + 1, sizeof *f.m->first));
    WEFT_TRY_ALLOC(f.bin = weft_i_malloc((size_t)n * (size_t)n_features + 1));
    WEFT_TRY_ALLOC(f.edge = weft_i_malloc((size_t)n_features * (size_t)f.n_bins * sizeof *f.edge));
    WEFT_TRY_ALLOC(f.n_edges = weft_i_malloc(((size_t)n_features + (size_t)places) * sizeof *f.n_edges));
    WEFT_TRY_ALLOC(f.residual = weft_i_malloc((size_t)n * sizeof *f.residual + 1));
    WEFT_TRY_ALLOC(f.node = weft_i_malloc((size_t)n * sizeof *f.node + 1));
    WEFT_TRY_ALLOC(leaf_of = weft_i_malloc((size_t)n * sizeof *leaf_of + 1));
    WEFT_TRY_ALLOC(place_node = weft_i_malloc((size_t)places * 2 * sizeof *place_node));
    WEFT_TRY_ALLOC(next_node = weft_i_malloc((size_t)places * 2 * sizeof *next_node));
    WEFT_TRY_ALLOC(f.histogram = weft_i_malloc((size_t)n_features * (size_t)places * (size_t)f.n_bins * sizeof *f.histogram));
    WEFT_TRY_ALLOC(f.best = weft_i_malloc((size_t)n_features * (size_t)places * sizeof *f.best));
    for (int32_t i = 0; i < n; i++) {
        double w = weight ? (double)weight[i] : 1.0;
        sum_w += w;
        sum += w * (double)y[i];
    }
    f.m->base = sum_w > 0 ? sum / sum_w : 0.0;
    double mean_w = n ? sum_w / n : 1.0;
    f.lambda = (o->lambda > 0 ? o->lambda : 1.0) * mean_w;
    f.min_weight = (o->min_weight > 0 ? o->min_weight : 20.0) * mean_w;
    for (int32_t i = 0; i < n; i++) f.residual[i] = (float)((double)y[i] - f.m->base);
    if (n) WEFT_TRY(make_bins(&f, x));
    for (int32_t t = 0; n && t < n_trees; t++) {
        f.m->first[t] = f.m->n_nodes;
        if (!grow(&f, place_node, next_node, leaf_of) || !set_leaves(&f, f.m->first[t], leaf_of)) WEFT_TRY(WEFT_ENOMEM);
        f.m->n_trees = t + 1;
        f.m->first[t + 1] = f.m->n_nodes;
    }
    *model = f.m;
    f.m = NULL;
done:
    weft_i_boost_free(f.m);
    WEFT_I_FREE_ALL(f.bin, f.edge, f.n_edges, f.residual, f.node, leaf_of, place_node, next_node, f.histogram, f.best);
    return status;
}

double weft_i_boost_at(const weft_i_boost_t *m, const float *x)
{
    double sum = m->base;
    for (int32_t t = 0; t < m->n_trees; t++) {
        int32_t at = m->first[t];
        while (m->feature[at] >= 0) at = m->left[at] + (x[m->feature[at]] > m->threshold[at]);
        sum += (double)m->value[at];
    }
    return sum;
}

void weft_i_boost_free(weft_i_boost_t *m)
{
    if (!m) return;
    weft_i_free(m->first);
    weft_i_free(m->feature);
    weft_i_free(m->threshold);
    weft_i_free(m->left);
    weft_i_free(m->value);
    weft_i_free(m);
}
