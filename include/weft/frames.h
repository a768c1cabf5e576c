/* weft/frames.h: classifying the boxes of frames: node profiles, graphs of frames, and a box model (I-MPN or a peer) that learns from labelled boxes.
 *
 * Profile of a box: [embedding, class probabilities (else the guess as 0/1), geometry]. Geometry (ours): middle x, y in quarters of the frame from its middle, log w / W,
 * log h / H, log w / h, score, gaze minus middle in quarters of W (0 without gaze).
 * Relation of an arc u -> v (ours): (x_u - x_v) / s, (y_u - y_v) / s with s the root of the frame's mean box area, log w_u / w_v, log h_u / h_v, overlap (IoU), sine and cosine of
 * the angle of the offset (0 for equal middles). */
#ifndef WEFT_FRAMES_H
#define WEFT_FRAMES_H
#include "weft/models.h"
#include "weft/recording.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_RELATION_COLUMNS = 7, WEFT_GEOMETRY_COLUMNS = 8 };
WEFT_API int64_t weft_profile_columns(const weft_recording_t *recording);

typedef struct weft_frame { int32_t recording; int64_t frame; } weft_frame_t; /* places in the set and in the recording */
typedef struct weft_frame_graph {
    int32_t nearest;  /* 0: complete; k: each box hears of its k nearest by middles */
    bool no_relation;
} weft_frame_graph_t;

typedef struct weft_box_options {
    weft_model_options_t model; /* in, out and edge_in are set from the recordings */
    weft_frame_graph_t graph;
    double lr, weight_decay;
    double turn, jitter;           /* in training: each frame is turned by up to so many radians either way; noise of so many deviations on embeddings and probabilities */
    int32_t epochs, batch;         /* batch: frames per step */
    uint64_t seed;
} weft_box_options_t;
/* The defaults of a model (impn, mlp, gcn, gat or any of weft_model_names). Not tuned. */
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

/* Tracks by greedy matching from frame to frame: cost 1 - (IoU + cosine of embeddings) / 2 below 0.6, gaps of up to 5 frames: track[n_boxes], numbers from 0. O(frames boxes^2). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_tracks(int32_t *track, int32_t *n_tracks, const weft_recording_t *recording);

#ifdef __cplusplus
}
#endif
#endif
