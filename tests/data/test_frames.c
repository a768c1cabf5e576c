/* Boxes of frames as graphs: the detector's order does not count, frames without boxes and with one, the same bits for any number of threads, learning, tracks. */
#include "weft/boxes_model.h"
#include "weft/scenes.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static weft_recording_t *make(int32_t index)
{
    weft_recording_t *r = NULL;
    cr_assert_eq(weft_scenes_recording(&r, &(weft_scenes_options_t){4, 40, 106}, index, NULL), WEFT_OK);
    return r;
}

static weft_box_model_t *model_of(weft_recording_t *r, weft_aggregator_t aggregator, const char *name)
{
    weft_recordings_t one = {&r, 1};
    weft_box_options_t o = weft_box_defaults(name);
    weft_box_model_t *m = NULL;
    o.model.aggregator = aggregator;
    o.model.hidden = 16;
    cr_assert_eq(weft_box_model_new(&m, &o, &one, NULL), WEFT_OK);
    return m;
}

static void swap_rows(void *data, size_t row, int64_t a, int64_t b)
{
    char keep[512], *p = data;
    memcpy(keep, p + (size_t)a * row, row);
    memcpy(p + (size_t)a * row, p + (size_t)b * row, row);
    memcpy(p + (size_t)b * row, keep, row);
}

Test(frames, the_detectors_order_does_not_count)
{
    for (int a = WEFT_AGGREGATE_MEAN; a <= WEFT_AGGREGATE_LSTM; a++) {
        weft_recording_t *r = make(0);
        weft_box_model_t *m = model_of(r, (weft_aggregator_t)a, "impn");
        int64_t c = r->classes.n, x = r->frame_ptr[3], y = r->frame_ptr[4] - 1;
        float *p = malloc((size_t)(r->n_boxes * c) * sizeof *p), *q = malloc((size_t)(r->n_boxes * c) * sizeof *q);
        cr_assert_eq(weft_box_model_apply(m, r, p, NULL), WEFT_OK);
        cr_assert_gt(y, x);
        swap_rows(r->box, 4 * sizeof(float), x, y);
        swap_rows(r->score, sizeof(float), x, y);
        swap_rows(r->embedding, (size_t)r->n_columns * sizeof(float), x, y);
        swap_rows(r->probability, (size_t)c * sizeof(float), x, y);
        cr_assert_eq(weft_box_model_apply(m, r, q, NULL), WEFT_OK);
        swap_rows(q, (size_t)c * sizeof(float), x, y);
        for (int64_t i = 0; i < r->n_boxes * c; i++) cr_assert_float_eq(p[i], q[i], 1e-6, "aggregator %d, element %lld", a, (long long)i);
        free(p);
        free(q);
        weft_box_model_free(m);
        weft_recording_free(r);
    }
}

/* All boxes of frame 0 but `left` are taken out. */
Test(frames, none_and_one_box)
{
    for (int64_t left = 0; left < 2; left++)
        for (int a = WEFT_AGGREGATE_MEAN; a <= WEFT_AGGREGATE_LSTM; a++) {
            weft_recording_t *r = make(1);
            weft_box_model_t *m = model_of(r, (weft_aggregator_t)a, "impn");
            r->n_frames = 1;
            r->n_boxes = r->frame_ptr[1] = left;
            float p[WEFT_SCENES_CLASSES] = {-1}, sum = 0;
            cr_assert_eq(weft_box_model_apply(m, r, p, NULL), WEFT_OK);
            for (int k = 0; k < WEFT_SCENES_CLASSES && left; k++) sum += p[k];
            if (left) cr_assert_float_eq(sum, 1.0f, 1e-5);
            weft_box_model_free(m);
            weft_recording_free(r);
        }
}

Test(frames, same_bits_for_any_threads_and_it_learns)
{
    weft_recording_t *r = make(2);
    weft_recordings_t one = {&r, 1};
    int64_t c = r->classes.n, hit = 0;
    float *p[2];
    weft_frame_t frame[40];
    for (int64_t k = 0; k < 40; k++) frame[k] = (weft_frame_t){0, k};
    for (int t = 0; t < 2; t++) {
        weft_box_model_t *m = model_of(r, WEFT_AGGREGATE_MEAN, "impn");
        double loss = 0.0;
        weft_threads_set(t + 1);
        cr_assert_eq(weft_box_model_train(m, &one, frame, 40, &r->truth, 100, 2e-2, 5, &loss, NULL, NULL, NULL), WEFT_OK);
        p[t] = malloc((size_t)(r->n_boxes * c) * sizeof *p[t]);
        cr_assert_eq(weft_box_model_apply(m, r, p[t], NULL), WEFT_OK);
        cr_assert(isfinite(loss) && loss < 1.0, "loss %g", loss);
        weft_box_model_free(m);
    }
    cr_assert_arr_eq(p[0], p[1], (size_t)(r->n_boxes * c) * sizeof(float));
    for (int64_t b = 0; b < r->n_boxes; b++) {
        int32_t best = 0;
        for (int32_t k = 1; k < c; k++)
            if (p[0][b * c + k] > p[0][b * c + best]) best = k;
        hit += best == r->truth[b];
    }
    cr_assert(hit > r->n_boxes * 80 / 100, "%lld of %lld", (long long)hit, (long long)r->n_boxes);
    free(p[0]);
    free(p[1]);
    weft_recording_free(r);
}

Test(frames, tracks_follow_things)
{
    weft_recording_t *r = make(3);
    int32_t n = 0, *track = malloc((size_t)r->n_boxes * sizeof *track);
    int64_t same = 0, pairs = 0;
    cr_assert_eq(weft_tracks(track, &n, r), WEFT_OK);
    for (int64_t f = 1; f < r->n_frames; f++)
        for (int64_t a = r->frame_ptr[f - 1]; a < r->frame_ptr[f]; a++)
            for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
                if (track[a] != track[b] || r->object[a] < 0) continue;
                pairs++;
                same += r->object[a] == r->object[b];
            }
    cr_assert(pairs > r->n_boxes / 2 && same > pairs * 90 / 100, "%lld of %lld, %d tracks", (long long)same, (long long)pairs, n);
    for (int64_t f = 0; f < r->n_frames; f++) /* a track holds one box of a frame */
        for (int64_t a = r->frame_ptr[f]; a < r->frame_ptr[f + 1]; a++)
            for (int64_t b = a + 1; b < r->frame_ptr[f + 1]; b++) cr_assert_neq(track[a], track[b]);
    free(track);
    weft_recording_free(r);
}
