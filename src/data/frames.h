/* data/frames.h: frames of recordings as one batch of graphs: a node per box, arcs among the boxes of a frame. */
#ifndef WEFT_DATA_FRAMES_H
#define WEFT_DATA_FRAMES_H
#include "weft/frames.h"
#include "weft/graph.h"

typedef struct weft_i_frames {
    int64_t n;             /* nodes, frame after frame; within a frame from left to right, so that the detector's order does not count */
    int32_t *recording;    /* [n] */
    int64_t *box;          /* [n] within its recording */
    weft_graph_t *graph;
    float *x;              /* [n][weft_profile_columns] */
    float *relation;       /* [arcs][WEFT_RELATION_COLUMNS] or NULL */
} weft_i_frames_t;

/* turn [n_frames] or NULL: each frame's plane is turned by so much (radians) about its middle before positions and offsets are taken. Owner: the caller, by destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_frames_init(weft_i_frames_t *f, const weft_recordings_t *set, const weft_frame_t *frame, int64_t n_frames, const weft_frame_graph_t *form, const float *turn, weft_diag_t *diag);
void weft_i_frames_destroy(weft_i_frames_t *f);
#endif
