/* annotate/simulate.c: the loop with the truth in a person's place. */
#include "annotate/pool.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

weft_simulate_options_t weft_simulate_defaults(void)
{
    weft_simulate_options_t o = {.select = WEFT_SELECT_WEFT, .seed = 1, .budget = 4000, .batch = 10, .grow = 0.1, .steps = 800, .model = weft_box_defaults("impn")};
    return o;
}

static weft_status_t score(double *all, double *look, const weft_recordings_t *test, const weft_box_model_t *m, weft_diag_t *diag)
{
    int64_t hit[2] = {0}, of[2] = {0};
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < test->n && status == WEFT_OK; i++) {
        const weft_recording_t *r = test->at[i];
        int64_t c = r->classes.n;
        float *p = weft_i_malloc((size_t)(r->n_boxes * c + 1) * sizeof *p);
        status = p ? weft_box_model_apply(m, r, p, diag) : WEFT_ENOMEM;
        for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++) {
            int32_t best = 0;
            if (r->truth[b] < 0) continue;
            for (int32_t k = 1; k < c; k++)
                if (p[b * c + k] > p[b * c + best]) best = k;
            bool alike = weft_classes_lookalike(&r->classes, r->truth[b]), good = best == r->truth[b];
            hit[0] += good;
            of[0]++;
            hit[1] += good && alike;
            of[1] += alike;
        }
        weft_i_free(p);
    }
    *all = of[0] ? (double)hit[0] / (double)of[0] : 0.0;
    *look = of[1] ? (double)hit[1] / (double)of[1] : 0.0;
    return status;
}

/* One training and its score on the test part. */
static weft_status_t learn(weft_i_pool_t *p, const weft_recordings_t *test, const weft_simulate_options_t *o, weft_learned_t *to, weft_diag_t *diag)
{
    weft_box_options_t m = o->model;
    weft_box_model_t *model = NULL;
    m.seed = o->seed;
    weft_status_t status = weft_i_pool_teach(&model, p, &m, o->steps, diag);
    if (status == WEFT_OK) status = weft_i_pool_ask(p, model, diag);
    if (status == WEFT_OK) status = score(&to->accuracy, &to->lookalike, test, model, diag);
    to->labels = p->n_given;
    to->flowed = p->n_flowed;
    weft_box_model_free(model);
    return status;
}

static void answer(weft_i_pool_t *p, int32_t i, int64_t b)
{
    if (p->given[i][b] < 0 && p->set->at[i]->truth[b] >= 0) p->n_given++;
    p->given[i][b] = p->set->at[i]->truth[b];
}

static weft_status_t split(weft_recordings_t *train, weft_recordings_t *test, const weft_recordings_t *set, weft_diag_t *diag)
{
    int32_t n = (set->n + 3) / 4;
    bool truth = false, whole = true;
    for (int32_t i = 0; i < set->n; i++)
        for (int64_t b = 0; b < set->at[i]->n_boxes; b++) {
            truth |= set->at[i]->truth[b] >= 0;
            whole &= set->at[i]->truth[b] >= 0;
        }
    if (set->n - n < 1 || !truth || !whole) {
        weft_diag_add(diag, WEFT_ERROR, "simulate-data", NULL, 0, 0, "%s", !truth ? "the recordings have no truth to answer with" : !whole ? "a box without truth cannot be asked for" : "the last quarter of the recordings is held out, at least one must be left");
        return WEFT_EINPUT;
    }
    *train = (weft_recordings_t){set->at, set->n - n};
    *test = (weft_recordings_t){set->at + (set->n - n), n};
    return WEFT_OK;
}

/* How many a round asks after `given` labels of `boxes`. */
static int64_t round_of(const weft_simulate_options_t *o, int64_t given, int64_t boxes)
{
    int64_t most = o->budget < boxes ? o->budget : boxes, grown = (int64_t)(o->grow * (double)given), n = grown > o->batch ? grown : o->batch;
    return n < most - given ? n : most - given;
}

weft_status_t weft_simulate(weft_simulation_t *out, const weft_recordings_t *set, const weft_simulate_options_t *o, weft_progress_fn progress, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_recordings_t train, test;
    weft_i_pool_t pool = {0};
    weft_asked_t *asked = NULL;
    weft_learned_t full = {0};
    int64_t room = 0, boxes = 0;
    *out = (weft_simulation_t){.labels_to_target = -1};
    WEFT_TRY(split(&train, &test, set, diag));
    WEFT_TRY(weft_i_pool_init(&pool, &train));
    for (int32_t i = 0; i < train.n; i++)
        for (int64_t b = 0; b < train.at[i]->n_boxes; b++, boxes++) answer(&pool, i, b);
    WEFT_TRY_ALLOC(asked = weft_i_malloc((size_t)(boxes + 1) * sizeof *asked));
    WEFT_TRY(learn(&pool, &test, o, &full, diag));
    out->full_accuracy = full.accuracy;
    out->full_lookalike = full.lookalike;
    out->boxes = boxes;
    weft_i_pool_destroy(&pool);
    WEFT_TRY(weft_i_pool_init(&pool, &train));
    while (pool.n_given < o->budget && pool.n_given < boxes && out->labels_to_target < 0) {
        int64_t n = 0, most = round_of(o, pool.n_given, boxes);
        WEFT_TRY(weft_i_pool_select(asked, &n, &pool, o->select, most, o->seed + (uint64_t)out->n_curve));
        if (!n) break;
        for (int64_t k = 0; k < n; k++) answer(&pool, asked[k].recording, asked[k].box);
        if (o->flow) WEFT_TRY(weft_i_pool_flow(&pool, NULL, NULL));
        WEFT_TRY_ALLOC(WEFT_I_ROOM(out->curve, room, out->n_curve + 1));
        weft_learned_t *at = &out->curve[out->n_curve++];
        *at = (weft_learned_t){0};
        WEFT_TRY(learn(&pool, &test, o, at, diag));
        if (at->accuracy >= full.accuracy - 0.01) out->labels_to_target = at->labels;
        if (progress && !progress(context, "labelling", (double)pool.n_given / (double)(o->budget < boxes ? o->budget : boxes))) WEFT_TRY(WEFT_ECANCEL);
    }
done:
    weft_i_pool_destroy(&pool);
    weft_i_free(asked);
    if (status != WEFT_OK) weft_simulation_destroy(out);
    return status;
}

void weft_simulation_destroy(weft_simulation_t *s)
{
    weft_i_free(s->curve);
    *s = (weft_simulation_t){0};
}
