/* annotate/teach.c: the box model from the pool's labels, and its word on every box. */
#include "annotate/pool.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>

weft_status_t weft_i_pool_all(int32_t ***label, const weft_i_pool_t *p)
{
    weft_status_t status = WEFT_OK;
    WEFT_TRY_ALLOC(*label = weft_i_calloc((size_t)p->set->n + 1, sizeof **label));
    for (int32_t i = 0; i < p->set->n; i++) {
        WEFT_TRY_ALLOC((*label)[i] = weft_i_malloc((size_t)(p->set->at[i]->n_boxes + 1) * sizeof ***label));
        for (int64_t b = 0; b < p->set->at[i]->n_boxes; b++) (*label)[i][b] = weft_i_pool_label(p, i, b);
    }
done:
    return status;
}

void weft_i_labels_free(int32_t **label, int32_t n)
{
    for (int32_t i = 0; label && i < n; i++) weft_i_free(label[i]);
    weft_i_free(label);
}

weft_status_t weft_i_pool_teach(weft_box_model_t **out, const weft_i_pool_t *p, const weft_box_options_t *o, int32_t steps, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_box_model_t *m = NULL;
    weft_frame_t *frame = NULL;
    int32_t **label = NULL;
    int64_t frames = 0;
    *out = NULL;
    for (int32_t i = 0; i < p->set->n; i++) frames += p->set->at[i]->n_frames;
    WEFT_TRY_ALLOC(frame = weft_i_malloc((size_t)(frames + 1) * sizeof *frame));
    WEFT_TRY(weft_i_pool_all(&label, p));
    int64_t n = weft_i_pool_frames(p, frame), per = (n + o->batch - 1) / o->batch;
    WEFT_TRY(weft_box_model_new(&m, o, p->set, diag));
    if (n) WEFT_TRY(weft_box_model_train(m, p->set, frame, n, label, (int32_t)((steps + per - 1) / per), o->lr, o->seed, NULL, NULL, NULL, diag));
    *out = m;
    m = NULL;
done:
    weft_box_model_free(m);
    weft_i_free(frame);
    weft_i_labels_free(label, p->set->n);
    return status;
}

weft_status_t weft_i_pool_ask(weft_i_pool_t *p, const weft_box_model_t *m, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < p->set->n && status == WEFT_OK; i++) status = weft_box_model_apply(m, p->set->at[i], p->probability[i], diag);
    p->taught = status == WEFT_OK;
    return status;
}

int64_t weft_i_pool_score(const weft_i_pool_t *p, double *accuracy, double *lookalike)
{
    int64_t hit[2] = {0}, of[2] = {0};
    for (int32_t i = 0; i < p->set->n; i++) {
        const weft_recording_t *r = p->set->at[i];
        int32_t c = r->classes.n;
        for (int64_t b = 0; b < r->n_boxes; b++) {
            int32_t best = 0;
            if (r->truth[b] < 0 || p->given[i][b] >= 0) continue;
            for (int32_t k = 1; k < c; k++)
                if (p->probability[i][b * c + k] > p->probability[i][b * c + best]) best = k;
            bool alike = weft_classes_lookalike(&r->classes, r->truth[b]), good = best == r->truth[b];
            hit[0] += good;
            of[0]++;
            hit[1] += good && alike;
            of[1] += alike;
        }
    }
    *accuracy = of[0] ? (double)hit[0] / (double)of[0] : NAN;
    *lookalike = of[1] ? (double)hit[1] / (double)of[1] : NAN;
    return of[0];
}
