/* weft/frames.h: frames of recordings as graphs of their boxes: node profiles, relation vectors, forms of the graph; tracks. What learns on them: weft/boxes_model.h.
 *
 * Profile of a box: [embedding, class probabilities (else the guess as 0/1), geometry]. Geometry (ours): middle x, y in quarters of the frame from its middle, log w / W,
 * log h / H, log w / h, score, gaze minus middle in quarters of W (0 without gaze).
 * Relation of an arc u -> v (ours): (x_u - x_v) / s, (y_u - y_v) / s with s the root of the frame's mean box area, log w_u / w_v, log h_u / h_v, overlap (IoU), sine and cosine of
 * the angle of the offset (0 for equal middles). */
#ifndef WEFT_FRAMES_H
#define WEFT_FRAMES_H
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

/* Tracks by greedy matching from frame to frame: cost 1 - (IoU + cosine of embeddings) / 2 below 0.6, gaps of up to 5 frames: track[n_boxes], numbers from 0. O(frames boxes^2). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_tracks(int32_t *track, int32_t *n_tracks, const weft_recording_t *recording);

#ifdef __cplusplus
}
#endif
#endif
