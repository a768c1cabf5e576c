/* annotate/pool.h: what the loop knows of recordings: labels given and flowed, the model's probabilities, pieces of tracks. */
#ifndef WEFT_ANNOTATE_POOL_H
#define WEFT_ANNOTATE_POOL_H
#include "weft/annotate.h"
#include "weft/frames.h"

typedef struct weft_i_pool {
    const weft_recordings_t *set; /* borrowed */
    int32_t **given;              /* [recording][box] a person's class, -1: none */
    int32_t **flowed;             /* [recording][box] class that came along a piece, -1: none; a person's box has none */
    int32_t **piece;              /* [recording][box] still piece of a track, -1: none (the thing moves) */
    int32_t *n_pieces;            /* [recording] */
    float **probability;          /* [recording][box][class]; the detector's (else its guess) before a model has spoken */
    bool taught;                  /* a model has spoken */
    int64_t n_given, n_flowed;
} weft_i_pool_t;

WEFT_MUST_CHECK weft_status_t weft_i_pool_init(weft_i_pool_t *pool, const weft_recordings_t *set);
void weft_i_pool_destroy(weft_i_pool_t *pool);
/* The label that is learned from: a person's, else one that flowed; -1. */
static inline int32_t weft_i_pool_label(const weft_i_pool_t *p, int32_t r, int64_t b) { return p->given[r][b] >= 0 ? p->given[r][b] : p->flowed[r][b]; }

/* Still pieces (ours): tracks (weft_tracks), cut where a thing moves against the others. Over REACH frames the middles of all tracked boxes are fitted by one similarity (trimmed least squares); a box that
 * ends up farther from where the fit puts it than its own size and the frame's usual residual allow is moving. What lies still keeps its class, whatever the head does. O(boxes). */
WEFT_MUST_CHECK weft_status_t weft_i_pieces(int32_t *piece, int32_t *n_pieces, const weft_recording_t *recording);

/* Labels flow over their piece: to every box the nearest given label in time (the earlier of equal ones). Fills pool->flowed; pieces with two classes are told to `conflict` (may be NULL). */
WEFT_MUST_CHECK weft_status_t weft_i_pool_flow(weft_i_pool_t *pool, weft_conflict_fn conflict, void *context);

/* Chooses at most `most` boxes that have no label of a person: boxes[] filled, how many. `seed` decides random and ties. */
WEFT_MUST_CHECK weft_status_t weft_i_pool_select(weft_asked_t *asked, int64_t *n, const weft_i_pool_t *pool, weft_select_t select, int64_t most, uint64_t seed);

/* The frames that hold a label, into frame (room for all frames): how many. */
int64_t weft_i_pool_frames(const weft_i_pool_t *pool, weft_frame_t *frame);

/* A model of the pool's labels from nothing: `steps` steps of its batch. Owner: the caller. */
WEFT_MUST_CHECK weft_status_t weft_i_pool_teach(weft_box_model_t **model, const weft_i_pool_t *pool, const weft_box_options_t *options, int32_t steps, weft_diag_t *diag);
/* The label of every box as rows of their own (weft_i_labels_free). */
WEFT_MUST_CHECK weft_status_t weft_i_pool_all(int32_t ***label, const weft_i_pool_t *pool);
void weft_i_labels_free(int32_t **label, int32_t n);
/* Accuracy on boxes with truth that no person has labelled, as the pool's probabilities have it: boxes counted; NaN where there are none. */
int64_t weft_i_pool_score(const weft_i_pool_t *pool, double *accuracy, double *lookalike);
double weft_i_margin(const float *p, int32_t classes); /* between the two likeliest */
/* The model's word on every box, into pool->probability. */
WEFT_MUST_CHECK weft_status_t weft_i_pool_ask(weft_i_pool_t *pool, const weft_box_model_t *model, weft_diag_t *diag);
#endif
