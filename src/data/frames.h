/* data/frames.h: frames of recordings as one batch of graphs: a node per box, arcs among the boxes of a frame. */
#ifndef WEFT_DATA_FRAMES_H
#define WEFT_DATA_FRAMES_H
#include "weft/frames.h"
#include "weft/graph.h"

typedef struct weft_i_frames {
    int64_t n;             /* nodes, frame after frame; within a frame from left to right, so that the detector's order does not count */
    int32_t *recording;    /* [n] */
    int64_t *box;          /* [n] within its recording */
    bool *mirrored;        /* [n] of the node's frame */
    weft_graph_t *graph;
    float *x;              /* [n][weft_profile_columns] */
    float *relation;       /* [arcs][WEFT_RELATION_COLUMNS] or NULL */
} weft_i_frames_t;

/* How a frame is looked at in training: seen in a mirror (left for right), then its plane turned about its middle by an angle before positions and offsets are taken; boxes fall
 * out with probability `drop`, by the generator `seed`. */
typedef struct weft_i_view { float turn, drop; bool mirror; uint64_t seed; } weft_i_view_t;

/* view [n_frames] or NULL: as they are. back: with the reverse index that a way back needs. Owner: the caller, by destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_frames_init(weft_i_frames_t *f, const weft_recordings_t *set, const weft_frame_t *frame, int64_t n_frames, const weft_frame_graph_t *form, const weft_i_view_t *view, bool back, weft_diag_t *diag);
void weft_i_frames_destroy(weft_i_frames_t *f);
#endif
