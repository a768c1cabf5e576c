/* annotate/pool.c: labels over recordings, and their flow along still pieces; see annotate/pool.h. */
#include "annotate/pool.h"
#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

static void free_rows(void *rows, int32_t n)
{
    void **p = rows;
    for (int32_t i = 0; p && i < n; i++) weft_i_free(p[i]);
    weft_i_free(p);
}

void weft_i_pool_destroy(weft_i_pool_t *p)
{
    int32_t n = p->set ? p->set->n : 0;
    free_rows(p->given, n);
    free_rows(p->flowed, n);
    free_rows(p->piece, n);
    free_rows(p->probability, n);
    weft_i_free(p->n_pieces);
    *p = (weft_i_pool_t){0};
}

weft_status_t weft_i_pool_init(weft_i_pool_t *p, const weft_recordings_t *set)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)set->n;
    *p = (weft_i_pool_t){.set = set};
    WEFT_TRY_ALLOC(p->given = weft_i_calloc(n + 1, sizeof *p->given));
    WEFT_TRY_ALLOC(p->flowed = weft_i_calloc(n + 1, sizeof *p->flowed));
    WEFT_TRY_ALLOC(p->piece = weft_i_calloc(n + 1, sizeof *p->piece));
    WEFT_TRY_ALLOC(p->probability = weft_i_calloc(n + 1, sizeof *p->probability));
    WEFT_TRY_ALLOC(p->n_pieces = weft_i_calloc(n + 1, sizeof *p->n_pieces));
    for (int32_t i = 0; i < set->n; i++) {
        const weft_recording_t *r = set->at[i];
        size_t boxes = (size_t)r->n_boxes + 1, c = (size_t)r->classes.n;
        WEFT_TRY_ALLOC(p->given[i] = weft_i_malloc(boxes * sizeof **p->given));
        WEFT_TRY_ALLOC(p->flowed[i] = weft_i_malloc(boxes * sizeof **p->flowed));
        WEFT_TRY_ALLOC(p->piece[i] = weft_i_malloc(boxes * sizeof **p->piece));
        WEFT_TRY_ALLOC(p->probability[i] = weft_i_calloc(boxes * c, sizeof **p->probability));
        for (int64_t b = 0; b < r->n_boxes; b++) {
            p->given[i][b] = p->flowed[i][b] = -1;
            if (!r->probability && r->guess[b] >= 0) p->probability[i][b * (int64_t)c + r->guess[b]] = r->score[b] < 0.0f ? 0.0f : r->score[b] > 1.0f ? 1.0f : r->score[b];
        }
        if (r->probability && r->n_boxes) memcpy(p->probability[i], r->probability, (size_t)r->n_boxes * c * sizeof **p->probability);
        WEFT_TRY(weft_i_pieces(p->piece[i], &p->n_pieces[i], r));
    }
done:
    if (status != WEFT_OK) weft_i_pool_destroy(p);
    return status;
}

/* The given label before (step 1) or behind (step -1) each box on its piece: its distance in frames decides. */
typedef struct last { int64_t frame, box; } last_t;

static weft_status_t flow_one(weft_i_pool_t *p, int32_t i, weft_conflict_fn conflict, void *context)
{
    const weft_recording_t *r = p->set->at[i];
    const int32_t *given = p->given[i], *piece = p->piece[i];
    int32_t n = p->n_pieces[i];
    last_t *last = weft_i_malloc((size_t)(n + 1) * sizeof *last);
    int64_t *far = weft_i_malloc((size_t)(r->n_boxes + 1) * sizeof *far);
    if (!last || !far) {
        weft_i_free(last);
        weft_i_free(far);
        return WEFT_ENOMEM;
    }
    for (int32_t k = 0; k < n; k++) last[k].box = -1;
    for (int64_t f = 0; f < r->n_frames; f++)
        for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
            p->flowed[i][b] = -1;
            if (piece[b] < 0) continue;
            last_t *l = &last[piece[b]];
            if (given[b] >= 0) {
                if (conflict && l->box >= 0 && given[l->box] != given[b]) conflict(context, i, l->box, b);
                *l = (last_t){f, b};
            } else if (l->box >= 0) {
                p->flowed[i][b] = given[l->box];
                far[b] = f - l->frame;
            }
        }
    for (int32_t k = 0; k < n; k++) last[k].box = -1;
    for (int64_t f = r->n_frames - 1; f >= 0; f--)
        for (int64_t b = r->frame_ptr[f + 1] - 1; b >= r->frame_ptr[f]; b--) {
            if (piece[b] < 0) continue;
            last_t *l = &last[piece[b]];
            if (given[b] >= 0) *l = (last_t){f, b};
            else if (l->box >= 0 && (p->flowed[i][b] < 0 || l->frame - f < far[b])) p->flowed[i][b] = given[l->box];
            if (given[b] < 0) p->n_flowed += p->flowed[i][b] >= 0;
        }
    weft_i_free(last);
    weft_i_free(far);
    return WEFT_OK;
}

weft_status_t weft_i_pool_flow(weft_i_pool_t *p, weft_conflict_fn conflict, void *context)
{
    weft_status_t status = WEFT_OK;
    p->n_flowed = 0;
    for (int32_t i = 0; i < p->set->n && status == WEFT_OK; i++) status = flow_one(p, i, conflict, context);
    return status;
}

int64_t weft_i_pool_frames(const weft_i_pool_t *p, weft_frame_t *frame)
{
    int64_t n = 0;
    for (int32_t i = 0; i < p->set->n; i++)
        for (int64_t f = 0; f < p->set->at[i]->n_frames; f++) {
            bool has = false;
            for (int64_t b = p->set->at[i]->frame_ptr[f]; b < p->set->at[i]->frame_ptr[f + 1] && !has; b++) has = weft_i_pool_label(p, i, b) >= 0;
            if (has) frame[n++] = (weft_frame_t){i, f};
        }
    return n;
}
