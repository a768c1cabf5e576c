/* train/node_block.c: see blocks.h. Rows keep the order of their numbers, so that every sum of a block runs over the same rows in the same order as on the whole graph. */
#include "base/alloc.h"
#include "base/isa.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/blocks.h"

#include <math.h>
#include <string.h>

enum { MOST_THREADS = 8 };

weft_status_t weft_i_node_block_marks_init(weft_i_node_block_marks_t *m, const weft_graph_t *g)
{
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst;
    *m = (weft_i_node_block_marks_t){.graph = g, .n_words = n / 64 + 1, .n_threads = weft_i_threads_for(g->n_arcs)};
    if (m->n_threads > MOST_THREADS) m->n_threads = MOST_THREADS;
    WEFT_TRY_ALLOC(m->word = weft_i_malloc((size_t)(m->n_words * m->n_threads) * sizeof *m->word));
    WEFT_TRY_ALLOC(m->before = weft_i_malloc((size_t)m->n_words * sizeof *m->before));
    WEFT_TRY_ALLOC(m->degree = weft_i_malloc((size_t)n * sizeof *m->degree + 1));
#pragma omp parallel for num_threads(m->n_threads) schedule(static)
    for (int64_t v = 0; v < n; v++) {
        int64_t d = g->offset[v + 1] - g->offset[v] + 1;
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) d -= g->source[e] == v;
        m->degree[v] = (int32_t)d;
    }
done:
    return status;
}

void weft_i_node_block_marks_destroy(weft_i_node_block_marks_t *m)
{
    WEFT_I_FREE_ALL(m->word, m->before, m->degree);
    *m = (weft_i_node_block_marks_t){0};
}

int64_t weft_i_node_block_marks_bytes(const weft_i_node_block_marks_t *m) { return m->n_words * (m->n_threads * (int64_t)sizeof *m->word + (int64_t)sizeof *m->before) + m->graph->n_dst * (int64_t)sizeof *m->degree; }

static void mark(uint64_t *word, const weft_graph_t *g, int64_t first, int64_t end)
{
    for (int64_t v = first; v < end; v++) word[v >> 6] |= (uint64_t)1 << (v & 63);
    for (int64_t e = g->offset[first]; e < g->offset[end]; e++) word[g->source[e] >> 6] |= (uint64_t)1 << (g->source[e] & 63);
}

/* Counts of each word's bits, all threads' marks taken together in the first one's. */
WEFT_I_WIDE static void gather_words(const weft_i_node_block_marks_t *m, int64_t first, int64_t end)
{
    for (int64_t w = first; w < end; w++) {
        uint64_t all = m->word[w];
        for (int32_t t = 1; t < m->n_threads; t++) all |= m->word[t * m->n_words + w];
        m->word[w] = all;
        m->before[w] = __builtin_popcountll(all);
    }
}

weft_i_node_block_shape_t weft_i_node_block_count(weft_i_node_block_marks_t *m, int64_t first, int64_t n)
{
    const weft_graph_t *g = m->graph;
    weft_i_node_block_shape_t s = {.first = first, .n = n, .arcs = g->offset[first + n] - g->offset[first]};
    int64_t looped = 0;
    int32_t rows = 0;
#pragma omp parallel for num_threads(m->n_threads) schedule(static, 1) reduction(+ : looped)
    for (int32_t t = 0; t < m->n_threads; t++) {
        int64_t from = first + n * t / m->n_threads, end = first + n * (t + 1) / m->n_threads;
        memset(m->word + t * m->n_words, 0, (size_t)m->n_words * sizeof *m->word);
        mark(m->word + t * m->n_words, g, from, end);
        for (int64_t v = from; v < end; v++) looped += m->degree[v];
    }
#pragma omp parallel for num_threads(m->n_threads) schedule(static, 1)
    for (int32_t t = 0; t < m->n_threads; t++) gather_words(m, m->n_words * t / m->n_threads, m->n_words * (t + 1) / m->n_threads);
    for (int64_t w = 0; w < m->n_words; w++) {
        int32_t k = m->before[w];
        m->before[w] = rows;
        rows += k;
    }
    s.n_rows = rows;
    s.looped = looped;
    return s;
}

static void list_rows(int32_t *row, const weft_i_node_block_marks_t *m, int64_t first, int64_t end)
{
    for (int64_t w = first; w < end; w++) {
        int64_t n = m->before[w];
        for (uint64_t b = m->word[w]; b; b &= b - 1) row[n++] = (int32_t)(w * 64 + __builtin_ctzll(b));
    }
}

static inline __attribute__((always_inline)) int32_t place_of(const weft_i_node_block_marks_t *m, int64_t v)
{
    return m->before[v >> 6] + (int32_t)__builtin_popcountll(m->word[v >> 6] & (((uint64_t)1 << (v & 63)) - 1));
}

/* The lists of one block: arcs as they are, arcs with a loop in its order in place of those there are, the nodes' own rows. */
typedef struct lists { int64_t *start, *looped_start, *own_start; int32_t *from, *looped, *own; weft_real_t *w; } lists_t;

WEFT_I_WIDE static void fill(const lists_t *l, const weft_i_node_block_marks_t *m, const weft_i_node_block_shape_t *s, int64_t begin, int64_t end)
{
    const weft_graph_t *g = m->graph;
    for (int64_t i = begin; i < end; i++) {
        int64_t v = s->first + i, n = l->start[i], k = l->looped_start[i];
        bool own = false;
        double dv = (double)m->degree[v];
        l->own[i] = place_of(m, v);
        for (int64_t e = g->offset[v]; e <= g->offset[v + 1]; e++) {
            bool more = e < g->offset[v + 1];
            if (!own && (!more || g->source[e] >= v)) {
                own = true;
                l->w[k] = (weft_real_t)(1.0 / sqrt(dv * dv));
                l->looped[k++] = l->own[i];
            }
            if (!more) break;
            int32_t at = place_of(m, g->source[e]);
            l->from[n++] = at;
            if (g->source[e] == v) continue;
            l->w[k] = (weft_real_t)(1.0 / sqrt((double)m->degree[g->source[e]] * dv));
            l->looped[k++] = at;
        }
    }
}

static weft_status_t lists_init(lists_t *l, const weft_i_node_block_marks_t *m, const weft_i_node_block_shape_t *s)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)s->n + 1;
    const int64_t *offset = m->graph->offset + s->first;
    WEFT_TRY_ALLOC(l->start = weft_i_malloc(n * sizeof *l->start));
    WEFT_TRY_ALLOC(l->looped_start = weft_i_malloc(n * sizeof *l->looped_start));
    WEFT_TRY_ALLOC(l->own_start = weft_i_malloc(n * sizeof *l->own_start));
    WEFT_TRY_ALLOC(l->from = weft_i_malloc((size_t)s->arcs * sizeof *l->from + 1));
    WEFT_TRY_ALLOC(l->looped = weft_i_malloc((size_t)s->looped * sizeof *l->looped + 1));
    WEFT_TRY_ALLOC(l->own = weft_i_malloc(n * sizeof *l->own));
    WEFT_TRY_ALLOC(l->w = weft_i_malloc((size_t)s->looped * sizeof *l->w + 1));
    l->looped_start[0] = 0;
    for (int64_t i = 0; i <= s->n; i++) {
        l->start[i] = offset[i] - offset[0];
        l->own_start[i] = i;
        if (i) l->looped_start[i] = l->looped_start[i - 1] + m->degree[s->first + i - 1];
    }
done:
    return status;
}

weft_status_t weft_i_node_block_init(weft_i_node_block_t *b, const weft_i_node_block_marks_t *m, const weft_i_node_block_shape_t *s)
{
    weft_status_t status = WEFT_OK;
    lists_t l = {0};
    int32_t parts = m->n_threads;
    *b = (weft_i_node_block_t){.shape = *s};
    WEFT_TRY_ALLOC(b->row = weft_i_malloc((size_t)s->n_rows * sizeof *b->row + 1));
    WEFT_TRY(lists_init(&l, m, s));
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int32_t t = 0; t < parts; t++) {
        list_rows(b->row, m, m->n_words * t / parts, m->n_words * (t + 1) / parts);
        fill(&l, m, s, s->n * t / parts, s->n * (t + 1) / parts);
    }
    status = weft_i_graph_of_rows(&b->graph, s->n_rows, s->n, l.start, l.from, false); /* which take them */
    l.start = NULL;
    l.from = NULL;
    WEFT_TRY(status);
    status = weft_i_graph_of_rows(&b->topology.looped, s->n_rows, s->n, l.looped_start, l.looped, false);
    l.looped_start = NULL;
    l.looped = NULL;
    WEFT_TRY(status);
    status = weft_i_graph_of_rows(&b->topology.own, s->n_rows, s->n, l.own_start, l.own, false);
    l.own_start = NULL;
    l.own = NULL;
    WEFT_TRY(status);
    WEFT_TRY_ALLOC(b->topology.gcn = weft_weights_new(b->topology.looped, l.w));
    b->topology.graph = b->graph;
done:
    WEFT_I_FREE_ALL(l.start, l.looped_start, l.own_start, l.from, l.looped, l.own, l.w);
    return status;
}

void weft_i_node_block_destroy(weft_i_node_block_t *b)
{
    weft_topology_destroy(&b->topology);
    weft_graph_free(b->graph);
    weft_i_free(b->row);
    *b = (weft_i_node_block_t){0};
}

int64_t weft_i_node_block_bytes(const weft_i_node_block_shape_t *s)
{
    int64_t place = (int64_t)sizeof(int32_t), real = (int64_t)sizeof(weft_real_t);
    return place * (s->n_rows + s->arcs + s->looped + s->n) + 2 * real * s->looped + 3 * (s->n + 1) * (int64_t)sizeof(int64_t); /* weights for a moment twice */
}

void weft_i_node_block_outline(weft_i_node_block_outline_t *to, const weft_i_node_block_shape_t *s)
{
    *to = (weft_i_node_block_outline_t){.graph = {.n_src = s->n_rows, .n_dst = s->n, .n_arcs = s->arcs}, .looped = {.n_src = s->n_rows, .n_dst = s->n, .n_arcs = s->looped}, .own = {.n_src = s->n_rows, .n_dst = s->n, .n_arcs = s->n}};
    to->topology = (weft_topology_t){.graph = &to->graph, .looped = &to->looped, .own = &to->own};
}
