/* timing/arrival_sweep.c: arrivals level by level. The nodes of a large level are shared among threads while the tables of tags are frozen; a node
 * that needs a new tag, or writes more than its own paths, is left to one thread afterwards. Which nodes those are does not depend on the number of
 * threads, so neither do the ids of tags nor anything else. */
#include "base/alloc.h"
#include "base/crew.h"
#include "base/status.h"
#include "timing/arrivals.h"

#include <omp.h>
#include <string.h>

enum { CHUNK = 16, FEW = 64 }; /* nodes taken at once; below FEW a level is one thread's */

typedef struct worker {
    weft_i_bucket_t bucket;
    weft_i_path_t *path; /* of the level's nodes that this thread took, until they move to the timer */
    int64_t n, capacity;
    bool failed;
} worker_t;

/* Where a node's paths of this level lie until then. */
typedef struct place { int64_t at; int32_t n; int16_t worker; bool later; } place_t;

typedef struct sweep {
    weft_timer_t *t;
    worker_t *worker;
    place_t *place; /* of the level's nodes, by their number in it */
    weft_i_crew_t crew;
    bool failed;    /* written by thread 0 between barriers */
} sweep_t;

static weft_status_t index_port_delays(weft_timer_t *t)
{
    weft_status_t status = WEFT_OK;
    const weft_design_t *d = t->design;
    int32_t n = t->sdc->n_port_delays;
    WEFT_TRY_ALLOC(t->port_delay_first = weft_i_calloc((size_t)d->n_ports + 2, sizeof *t->port_delay_first));
    WEFT_TRY_ALLOC(t->port_delay_of = weft_i_malloc((size_t)n * sizeof *t->port_delay_of));
    for (int32_t i = 0; i < n; i++)
        if (t->sdc->port_delay[i].pin >= d->n_inst_pins) t->port_delay_first[t->sdc->port_delay[i].pin - d->n_inst_pins + 2]++;
    for (int32_t i = 0; i < d->n_ports; i++) t->port_delay_first[i + 2] += t->port_delay_first[i + 1];
    for (int32_t i = 0; i < n; i++)
        if (t->sdc->port_delay[i].pin >= d->n_inst_pins)
            t->port_delay_of[t->port_delay_first[t->sdc->port_delay[i].pin - d->n_inst_pins + 1]++] = i;
done:
    return status;
}

static bool holds_clock(const weft_timer_t *t, const weft_i_path_t *path, int64_t n)
{
    bool clock = false;
    for (int64_t i = 0; i < n; i++) clock |= t->tags.tag[path[i].tag].is_clock;
    return clock;
}

static void alone(sweep_t *s, int32_t first, int32_t last)
{
    weft_timer_t *t = s->t;
    weft_i_bucket_t *b = &s->worker[0].bucket;
    for (int32_t p = first; p < last && !s->failed; p++) {
        weft_i_arrivals_at(b, t->order[p]);
        if (b->failed || t->n_paths + b->n > INT32_MAX || !WEFT_I_ROOM(t->path, t->path_capacity, t->n_paths + b->n)) {
            s->failed = true;
            return;
        }
        if (b->n) memcpy(t->path + t->n_paths, b->path, (size_t)b->n * sizeof *b->path);
        t->n_paths += b->n;
        t->path_first[p + 1] = t->n_paths;
        t->is_clock[t->order[p]] = holds_clock(t, b->path, b->n);
    }
}

/* A node's paths into the worker's own store. */
static void evaluate(sweep_t *s, int me, int32_t node, place_t *place)
{
    worker_t *w = &s->worker[me];
    *place = (place_t){.at = w->n, .worker = (int16_t)me, .later = s->t->tags.frozen && s->t->clock_source[node]};
    if (place->later) return;
    w->bucket.unknown = false;
    weft_i_arrivals_at(&w->bucket, node);
    if (w->bucket.unknown) {
        place->later = true;
        return;
    }
    if (w->bucket.failed || w->bucket.n > INT32_MAX || !WEFT_I_ROOM(w->path, w->capacity, w->n + w->bucket.n)) {
        w->failed = true;
        return;
    }
    if (w->bucket.n) memcpy(w->path + w->n, w->bucket.path, (size_t)w->bucket.n * sizeof *w->path);
    place->n = (int32_t)w->bucket.n;
    w->n += w->bucket.n;
}

/* Thread 0, the others waiting: what was left over, then room in the timer for all. */
static void gather(sweep_t *s, int32_t first, int32_t last, int n)
{
    weft_timer_t *t = s->t;
    weft_i_tags_freeze(t, false);
    for (int32_t p = first; p < last; p++)
        if (s->place[p - first].later) evaluate(s, 0, t->order[p], &s->place[p - first]);
    for (int i = 0; i < n; i++) s->failed |= s->worker[i].failed;
    for (int32_t p = first; p < last && !s->failed; p++) t->path_first[p + 1] = t->path_first[p] + s->place[p - first].n;
    if (!s->failed && (t->path_first[last] > INT32_MAX || !WEFT_I_ROOM(t->path, t->path_capacity, t->path_first[last]))) s->failed = true;
    t->n_paths = s->failed ? 0 : t->path_first[last];
}

/* Every thread passes every barrier, also after a failure, which all see between the same two. */
static void together(sweep_t *s, int me, int n, int32_t first, int32_t last)
{
    weft_timer_t *t = s->t;
    s->worker[me].n = 0;
    if (me == 0) weft_i_tags_freeze(t, true);
    weft_i_crew_wait(&s->crew, n);
    if (!s->failed)
        for (int64_t at; (at = first + weft_i_crew_take(&s->crew, CHUNK)) < last;)
            for (int64_t p = at; p < last && p < at + CHUNK; p++) evaluate(s, me, t->order[p], &s->place[p - first]);
    weft_i_crew_wait(&s->crew, n);
    if (me == 0 && !s->failed) gather(s, first, last, n);
    weft_i_crew_wait(&s->crew, n);
    if (!s->failed)
        for (int64_t at; (at = first + weft_i_crew_take(&s->crew, 4 * CHUNK)) < last;)
            for (int64_t p = at; p < last && p < at + 4 * CHUNK; p++) {
                const place_t *q = &s->place[p - first];
                weft_i_path_t *to = t->path + t->path_first[p];
                if (q->n) memcpy(to, s->worker[q->worker].path + q->at, (size_t)q->n * sizeof *to);
                t->is_clock[t->order[p]] = holds_clock(t, to, q->n);
            }
    weft_i_crew_wait(&s->crew, n);
}

static void sweep(sweep_t *s, int me, int n)
{
    const weft_timer_t *t = s->t;
    for (int32_t l = 0; l < t->n_levels; l++) {
        int32_t first = t->level_first[l], last = t->level_first[l + 1];
        if (last - first >= FEW) together(s, me, n, first, last);
        else if (me == 0) alone(s, first, last);
    }
}

weft_status_t weft_i_timer_arrivals(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    int32_t n_workers = weft_threads(), widest = 0;
    sweep_t s = {.t = t};
    if (!t->path_first) {
        WEFT_TRY_ALLOC(t->path_first = weft_i_calloc((size_t)t->n_nodes + 1, sizeof *t->path_first));
        WEFT_TRY(index_port_delays(t));
    }
    for (int32_t l = 0; l < t->n_levels; l++)
        if (t->level_first[l + 1] - t->level_first[l] > widest) widest = t->level_first[l + 1] - t->level_first[l];
    WEFT_TRY_ALLOC(s.place = weft_i_malloc(((size_t)widest + 1) * sizeof *s.place));
    WEFT_TRY_ALLOC(s.worker = weft_i_calloc((size_t)n_workers, sizeof *s.worker));
    for (int32_t i = 0; i < n_workers; i++) s.worker[i].bucket.t = t;
    t->n_paths = 0;
#pragma omp parallel num_threads(n_workers)
    sweep(&s, omp_get_thread_num(), omp_get_num_threads());
    weft_i_tags_freeze(t, false);
    if (s.failed) status = WEFT_ENOMEM;
done:
    for (int32_t i = 0; s.worker && i < n_workers; i++) {
        weft_i_free(s.worker[i].bucket.path);
        weft_i_free(s.worker[i].path);
    }
    weft_i_free(s.worker);
    weft_i_free(s.place);
    return status;
}
