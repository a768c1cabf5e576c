/* data/tracks.c: boxes of one thing through the frames, by overlap and embedding. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct tail { int64_t box, frame; } tail_t; /* the last box of a track */
typedef struct pair { float cost; int32_t tail; int64_t box; } pair_t;
enum { GAP = 5 };

static float overlap(const float *a, const float *b)
{
    float w = fminf(a[2], b[2]) - fmaxf(a[0], b[0]), h = fminf(a[3], b[3]) - fmaxf(a[1], b[1]), both = w > 0.0f && h > 0.0f ? w * h : 0.0f;
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}

static float cosine(const weft_recording_t *r, int64_t a, int64_t b)
{
    const float *x = r->embedding + a * r->n_columns, *y = r->embedding + b * r->n_columns;
    float xy = 0.0f, xx = 0.0f, yy = 0.0f;
    for (int64_t j = 0; j < r->n_columns; j++) {
        xy += x[j] * y[j];
        xx += x[j] * x[j];
        yy += y[j] * y[j];
    }
    return xx > 0.0f && yy > 0.0f ? xy / sqrtf(xx * yy) : 0.0f;
}

static int by_cost(const void *pa, const void *pb)
{
    const pair_t *a = pa, *b = pb;
    if (a->cost != b->cost) return a->cost < b->cost ? -1 : 1;
    if (a->box != b->box) return a->box < b->box ? -1 : 1;
    return a->tail < b->tail ? -1 : 1;
}

weft_status_t weft_tracks(int32_t *track, int32_t *n_tracks, const weft_recording_t *r)
{
    weft_status_t status = WEFT_OK;
    tail_t *tail = NULL;
    pair_t *pair = NULL;
    int32_t *live = NULL, n_live = 0;
    int64_t tails = 0, pairs = 0, lives = 0;
    *n_tracks = 0;
    for (int64_t f = 0; f < r->n_frames; f++) {
        int64_t n = 0, first = r->frame_ptr[f], end = r->frame_ptr[f + 1];
        int32_t kept = 0;
        for (int32_t k = 0; k < n_live; k++)
            if (f - tail[live[k]].frame <= GAP + 1) live[kept++] = live[k];
        n_live = kept;
        for (int64_t b = first; b < end; b++) {
            track[b] = -1;
            for (int32_t k = 0; k < n_live; k++) {
                float iou = overlap(r->box + 4 * tail[live[k]].box, r->box + 4 * b), cost = 1.0f - 0.5f * (iou + (r->embedding ? cosine(r, tail[live[k]].box, b) : iou));
                if (cost >= 0.6f || iou <= 0.0f) continue;
                WEFT_TRY_ALLOC(WEFT_I_ROOM(pair, pairs, n + 1));
                pair[n++] = (pair_t){cost, live[k], b};
            }
        }
        if (n) qsort(pair, (size_t)n, sizeof *pair, by_cost);
        for (int64_t i = 0; i < n; i++) {
            if (track[pair[i].box] >= 0 || tail[pair[i].tail].frame == f) continue;
            track[pair[i].box] = pair[i].tail;
            tail[pair[i].tail] = (tail_t){pair[i].box, f};
        }
        for (int64_t b = first; b < end; b++) {
            if (track[b] >= 0) continue;
            WEFT_TRY_ALLOC(WEFT_I_ROOM(tail, tails, *n_tracks + 1) && WEFT_I_ROOM(live, lives, n_live + 1));
            tail[*n_tracks] = (tail_t){b, f};
            live[n_live++] = *n_tracks;
            track[b] = (*n_tracks)++;
        }
    }
done:
    weft_i_free(tail);
    weft_i_free(pair);
    weft_i_free(live);
    return status;
}
