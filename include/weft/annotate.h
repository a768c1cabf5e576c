/* weft/annotate.h: labelling boxes with a model in the loop. */
#ifndef WEFT_ANNOTATE_H
#define WEFT_ANNOTATE_H
#include "weft/frames.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which boxes are worth a person's look; src/annotate/select.c states the rules. */
typedef enum weft_select { WEFT_SELECT_RANDOM = 0, WEFT_SELECT_UNCERTAINTY, WEFT_SELECT_WEFT } weft_select_t;
WEFT_API bool weft_select_by_name(weft_select_t *select, const char *name);

/* ---- the loop with the truth in a person's place --------------------------------------------------------------------------------------------- */
typedef struct weft_simulate_options {
    weft_select_t select;
    bool flow;           /* labels flow along still pieces of tracks, for nothing */
    uint64_t seed;
    int64_t budget, batch; /* labels at most; per round. A label is one box answered */
    int32_t steps;       /* of every training, that on all labels too */
    weft_box_options_t model;
} weft_simulate_options_t;
WEFT_API weft_simulate_options_t weft_simulate_defaults(void);

typedef struct weft_learned { int64_t labels, flowed; double accuracy, lookalike; } weft_learned_t;
typedef struct weft_simulation {
    double full_accuracy, full_lookalike; /* from every label */
    int64_t boxes;
    weft_learned_t *curve; int64_t n_curve;
    int64_t labels_to_target;             /* to within a point of full_accuracy; -1: not within the budget */
} weft_simulation_t;
/* Rounds of: choose, answer, train anew from nothing, score on the last quarter of the recordings, until within a point of the accuracy from every label. Owner: the caller, by destroy.
 * Errors: simulate-data. ECANCEL where progress says so. O(rounds x steps). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_simulate(weft_simulation_t *out, const weft_recordings_t *set, const weft_simulate_options_t *options, weft_progress_fn progress, void *context, weft_diag_t *diag);
WEFT_API void weft_simulation_destroy(weft_simulation_t *simulation);

#ifdef __cplusplus
}
#endif
#endif
