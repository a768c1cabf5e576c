/* weft/boxes_model.h: a model (I-MPN or a peer) that learns from labelled boxes of frames to classify boxes. */
#ifndef WEFT_BOXES_MODEL_H
#define WEFT_BOXES_MODEL_H
#include "weft/frames.h"
#include "weft/models.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_box_options {
    weft_model_options_t model; /* in, out and edge_in are set from the recordings */
    weft_frame_graph_t graph;
    double lr, weight_decay;
    double turn, jitter;           /* in training: each frame is turned by up to so many radians either way; noise of so many deviations on embeddings and probabilities */
    int32_t epochs, batch;         /* batch: frames per step */
    uint64_t seed;
    double drop;                   /* in training each box is left out with this probability */
    bool mirror;                   /* in training every other frame is seen in a mirror: classes that weft_classes_mirrored pairs change places. Nothing where no two are a pair */
} weft_box_options_t;
/* The defaults of a model (impn, mlp, gcn, gat or any of weft_model_names): one schedule, mirror and jitter for all, chosen on the develop seeds of the scene generator; impn
 * has landmarks and full turns besides, graph models other than it a residual (where the frame's own up means something, set turn to less). 8 epochs are for some 1,000 frames or more: see 14,400 frames at least. */
WEFT_API weft_box_options_t weft_box_defaults(const char *model);

typedef struct weft_box_model weft_box_model_t;
/* Columns are brought to mean 0, deviation 1 by the boxes of `like` (labels are not looked at). Errors: those of weft_model_new. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_box_model_new(weft_box_model_t **model, const weft_box_options_t *options, const weft_recordings_t *like, weft_diag_t *diag);
WEFT_API void weft_box_model_free(weft_box_model_t *model);
WEFT_API weft_params_t *weft_box_model_params(const weft_box_model_t *model);
/* label[recording][box]: class, or negative: not labelled. Goes over the frames `epochs` times in an order by the seed, Adam with a cosine from lr to 0; parameters go on from
 * where they stand. *loss (may be NULL): the last epoch's mean. ECANCEL where progress says so. O(epochs boxes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_box_model_train(weft_box_model_t *model, const weft_recordings_t *set, const weft_frame_t *frame, int64_t n_frames, int32_t *const *label, int32_t epochs, double lr, uint64_t seed,
                                                            double *loss, weft_progress_fn progress, void *context, weft_diag_t *diag);
/* probability [n_boxes of the recording][classes], every frame; many threads, each with a tape of its own; the same bits for any number of them. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_box_model_apply(const weft_box_model_t *model, const weft_recording_t *recording, float *probability, weft_diag_t *diag);
/* Parameters and scales as safetensors, and back into a model of the same options. Errors: params-*, safetensors-*. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_box_model_write(const weft_box_model_t *model, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_box_model_read(weft_box_model_t *model, const char *path, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
