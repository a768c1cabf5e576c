/* nn/attention_plan.c: what a kind of global attention needs to know of a graph. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "nn/attention_kinds.h"

#include <math.h>

/* Groups of consecutive rows, at most `most` of a segment. */
static weft_status_t groups(weft_global_plan_t *p, int64_t n, int64_t most, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *group = NULL;
    WEFT_TRY_ALLOC(group = weft_i_malloc((size_t)n * sizeof *group + 1));
    WEFT_TRY_ALLOC(p->group_first = weft_i_malloc(((size_t)p->segments.n + 1) * sizeof *p->group_first));
    p->group_first[0] = 0;
    for (int64_t s = 0; s < p->segments.n; s++) {
        int64_t from = p->segments.first[s], rows = p->segments.first[s + 1] - from, g = rows < most ? rows : most;
        for (int64_t i = 0; i < rows; i++) group[from + i] = (int32_t)(p->group_first[s] + i * g / rows);
        p->group_first[s + 1] = p->group_first[s] + g;
    }
    WEFT_TRY(weft_graph_from_lookup(&p->pool, p->group_first[p->segments.n], n, group, true, diag));
    p->group_segments = (weft_segments_t){p->segments.n, p->segments.first, p->group_first};
done:
    weft_i_free(group);
    return status;
}

static weft_status_t windows(weft_global_plan_t *p)
{
    for (int64_t s = 0; s < p->segments.n; s++) p->n_windows += (p->segments.first[s + 1] - p->segments.first[s] + WEFT_I_WINDOW - 1) / WEFT_I_WINDOW;
    int64_t *first = p->window_first = weft_i_malloc(((size_t)p->n_windows + 1) * sizeof *first), k = 0;
    if (!first) return WEFT_ENOMEM;
    for (int64_t s = 0; s < p->segments.n; s++)
        for (int64_t i = p->segments.first[s]; i < p->segments.first[s + 1]; i += WEFT_I_WINDOW) first[k++] = i;
    first[k] = p->segments.first[p->segments.n];
    return WEFT_OK;
}

/* sqrt(N) clusters of N / clusters slots each. */
static weft_status_t clusters(weft_global_plan_t *p)
{
    weft_status_t status = WEFT_OK;
    int64_t k = 0;
    WEFT_TRY_ALLOC(p->group_first = weft_i_malloc(((size_t)p->segments.n + 1) * sizeof *p->group_first));
    p->group_first[0] = 0;
    for (int64_t s = 0; s < p->segments.n; s++) p->group_first[s + 1] = p->group_first[s] + (int64_t)ceil(sqrt((double)(p->segments.first[s + 1] - p->segments.first[s])));
    p->n_windows = p->group_first[p->segments.n];
    WEFT_TRY_ALLOC(p->window_first = weft_i_malloc(((size_t)p->n_windows + 1) * sizeof *p->window_first));
    p->window_first[0] = 0;
    for (int64_t s = 0; s < p->segments.n; s++) {
        int64_t n = p->segments.first[s + 1] - p->segments.first[s], c = p->group_first[s + 1] - p->group_first[s];
        for (int64_t i = 0; i < c; i++, k++) p->window_first[k + 1] = p->window_first[k] + (n + c - 1) / c;
    }
done:
    return status;
}

typedef struct arcs { int32_t *source, *target; int64_t n, s_cap, t_cap; bool failed; } arcs_t;

static void arc(arcs_t *a, int64_t from, int64_t to)
{
    if (a->failed || !WEFT_I_ROOM(a->source, a->s_cap, a->n + 1) || !WEFT_I_ROOM(a->target, a->t_cap, a->n + 1)) {
        a->failed = true;
        return;
    }
    a->source[a->n] = (int32_t)from;
    a->target[a->n++] = (int32_t)to;
}

static void block_to_block(arcs_t *a, int64_t from, int64_t to, int64_t first, int64_t last)
{
    for (int64_t v = first + to * WEFT_I_BLOCK; v < last && v < first + (to + 1) * WEFT_I_BLOCK; v++)
        for (int64_t u = first + from * WEFT_I_BLOCK; u < last && u < first + (from + 1) * WEFT_I_BLOCK; u++) arc(a, u, v);
}

/* The own block, both next ones, random ones, and the segment's first, which hears all. */
static void blocks(arcs_t *a, int64_t first, int64_t last, int32_t random, weft_i_rng_t *rng)
{
    int64_t n = (last - first + WEFT_I_BLOCK - 1) / WEFT_I_BLOCK;
    for (int64_t b = 0; b < n; b++) {
        for (int64_t c = b > 0 ? b - 1 : 0; c <= b + 1 && c < n; c++) block_to_block(a, c, b, first, last);
        for (int32_t k = 0; k < random; k++) block_to_block(a, weft_i_rng_below(rng, n), b, first, last);
        block_to_block(a, 0, b, first, last);
        if (b) block_to_block(a, b, 0, first, last);
    }
}

/* Both ways along `degree` random permutations: a regular graph of degree 2 `degree`, an expander with high probability. */
static bool expander(arcs_t *a, int64_t first, int64_t last, int32_t degree, weft_i_rng_t *rng, int32_t *order)
{
    int64_t n = last - first;
    for (int32_t k = 0; k < degree; k++) {
        for (int64_t i = 0; i < n; i++) order[i] = (int32_t)i;
        for (int64_t i = n - 1; i > 0; i--) {
            int64_t j = weft_i_rng_below(rng, i + 1);
            int32_t keep = order[i];
            order[i] = order[j];
            order[j] = keep;
        }
        for (int64_t i = 0; i < n; i++) {
            if (order[i] == i) continue;
            arc(a, first + i, first + order[i]);
            arc(a, first + order[i], first + i);
        }
    }
    return !a->failed;
}

static weft_status_t sparse(weft_global_plan_t *p, const weft_global_options_t *o, unsigned what, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    arcs_t a = {0};
    weft_i_rng_t rng = {o->seed, 0x706c616e, 0};
    int32_t *order = weft_i_malloc((size_t)n * sizeof *order + 1), degree = o->degree ? o->degree : 3;
    WEFT_TRY_ALLOC(order);
    for (int64_t s = 0; s < p->segments.n; s++)
        if (what == WEFT_I_PLAN_BLOCKS) blocks(&a, p->segments.first[s], p->segments.first[s + 1], degree, &rng);
        else expander(&a, p->segments.first[s], p->segments.first[s + 1], degree, &rng, order);
    if (a.failed) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY(weft_graph_new(&p->sparse, n, n, a.n, a.source, a.target, WEFT_GRAPH_MERGE, diag));
done:
    weft_i_free(order);
    weft_i_free(a.source);
    weft_i_free(a.target);
    return status;
}

/* Every pair of a segment. */
static weft_status_t pairs(weft_global_plan_t *p, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t *offset = NULL, arcs = 0;
    int32_t *source = NULL;
    for (int64_t s = 0; s < p->segments.n && arcs <= WEFT_I_MOST_PAIRS; s++) {
        int64_t rows = p->segments.first[s + 1] - p->segments.first[s];
        arcs += rows < 1 << 20 ? rows * rows : WEFT_I_MOST_PAIRS + 1;
    }
    if (arcs > WEFT_I_MOST_PAIRS) {
        weft_diag_add(diag, WEFT_ERROR, "attention-pairs", NULL, 0, 0, "more than 2^27 pairs of nodes attend to each other; a p-adapter on so large a graph needs an attention along few arcs (bigbird)");
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(offset = weft_i_malloc(((size_t)n + 1) * sizeof *offset));
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)arcs * sizeof *source + 1));
    offset[0] = arcs = 0;
    for (int64_t s = 0; s < p->segments.n; s++)
        for (int64_t i = p->segments.first[s]; i < p->segments.first[s + 1]; i++) {
            for (int64_t j = p->segments.first[s]; j < p->segments.first[s + 1]; j++) source[arcs++] = (int32_t)j;
            offset[i + 1] = arcs;
        }
    WEFT_TRY(weft_graph_from_rows(&p->sparse, n, n, offset, source, diag));
done:
    weft_i_free(offset);
    weft_i_free(source);
    return status;
}

static weft_status_t members(weft_global_plan_t *p, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *segment = NULL;
    WEFT_TRY_ALLOC(segment = weft_i_malloc((size_t)n * sizeof *segment + 1));
    WEFT_TRY_ALLOC(p->group_first = weft_i_malloc(((size_t)p->segments.n + 1) * sizeof *p->group_first));
    for (int64_t s = 0; s <= p->segments.n; s++) p->group_first[s] = s;
    for (int64_t s = 0; s < p->segments.n; s++)
        for (int64_t i = p->segments.first[s]; i < p->segments.first[s + 1]; i++) segment[i] = (int32_t)s;
    WEFT_TRY(weft_graph_from_lookup(&p->pool, p->segments.n, n, segment, true, diag));
    WEFT_TRY(weft_graph_from_lookup(&p->members, p->segments.n, n, segment, false, diag));
    p->group_segments = (weft_segments_t){p->segments.n, p->group_first, p->segments.first};
done:
    weft_i_free(segment);
    return status;
}

weft_status_t weft_global_plan_init(weft_global_plan_t *p, const weft_global_options_t *o, const weft_graph_t *graph, int64_t n_segments, const int64_t *first, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = weft_graph_n_dst(graph);
    unsigned plan = weft_i_globals[o->kind].plan;
    *p = (weft_global_plan_t){.graph = graph, .own_first = {0, n}};
    if (o->top_k < 0 || (o->top_k && (o->kind != WEFT_GLOBAL_SOFTMAX || o->pairs))) {
        weft_diag_add(diag, WEFT_ERROR, "attention-top-k", NULL, 0, 0, "top_k %d: blocks of keys, 1 or more, are kept by softmax attention alone, without a p-adapter", o->top_k);
        return WEFT_EUSAGE;
    }
    p->segments = first ? (weft_segments_t){n_segments, first, NULL} : (weft_segments_t){1, p->own_first, NULL};
    if (plan & WEFT_I_PLAN_GROUPS) WEFT_TRY(groups(p, n, o->groups ? o->groups : 64, diag));
    if (plan & WEFT_I_PLAN_WINDOWS) WEFT_TRY(windows(p));
    if (plan & WEFT_I_PLAN_CLUSTERS) WEFT_TRY(clusters(p));
    if (plan & (WEFT_I_PLAN_BLOCKS | WEFT_I_PLAN_EXPANDER)) WEFT_TRY(sparse(p, o, plan & (WEFT_I_PLAN_BLOCKS | WEFT_I_PLAN_EXPANDER), n, diag));
    if (plan & WEFT_I_PLAN_MEMBERS) WEFT_TRY(members(p, n, diag));
    if (o->pairs && o->kind == WEFT_GLOBAL_SOFTMAX) WEFT_TRY(pairs(p, n, diag));
done:
    if (status != WEFT_OK) weft_global_plan_destroy(p);
    return status;
}

void weft_global_plan_destroy(weft_global_plan_t *p)
{
    weft_graph_free(p->pool);
    weft_graph_free(p->sparse);
    weft_graph_free(p->members);
    weft_i_free(p->group_first);
    weft_i_free(p->window_first);
    *p = (weft_global_plan_t){0};
}
