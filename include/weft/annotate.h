/* weft/annotate.h: labelling boxes with a model in the loop: a session on disk, what is worth a look, learning from few labels; and the loop with the truth in a person's place.
 *
 * A session is a folder: recordings/ (a copy), session.json (which model), journal (every answer; see below), lock, model.safetensors (after the first update). The journal is only ever appended to: a
 * record is synced before the call that wrote it returns, so what was acknowledged outlives a kill or a power cut at any moment; the state is what replaying it gives. One process at a time has a
 * session open. A session belongs to one thread at a time. */
#ifndef WEFT_ANNOTATE_H
#define WEFT_ANNOTATE_H
#include "weft/boxes_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which boxes are worth a person's look; src/annotate/select.c states the rules. */
typedef enum weft_select { WEFT_SELECT_RANDOM = 0, WEFT_SELECT_UNCERTAINTY, WEFT_SELECT_WEFT } weft_select_t;
WEFT_API bool weft_select_by_name(weft_select_t *select, const char *name);
WEFT_API const char *weft_select_name(weft_select_t select);
typedef struct weft_asked { int32_t recording; int64_t box; double worth; } weft_asked_t;

/* ---- sessions ------------------------------------------------------------------------------------------------------------------------------ */
typedef struct weft_session weft_session_t;
typedef struct weft_session_options { const char *model; uint64_t seed; } weft_session_options_t; /* model: impn, mlp or another of weft_box_defaults; NULL: impn */

/* Makes the folder (it must not be there, or be empty; its parent must be there), whole or not at all. Errors: session-exists, session-name (a recording's name with a control character, or two of one
 * name), session-model, file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_init(const char *folder, const weft_recordings_t *set, const weft_session_options_t *options, weft_diag_t *diag);
/* Owner: the caller, by weft_session_free. Errors: session-none (no session there), session-locked (another process has it open), session-file, journal-head, journal-corrupt (with the offset; nothing is
 * changed), journal-content, those of weft_recordings_read. Warning: journal-torn (the beginning of a record that was never acknowledged was cut off). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_open(weft_session_t **session, const char *folder, weft_diag_t *diag);
WEFT_API void weft_session_free(weft_session_t *session);
/* Takes damage out of a journal: whole records are kept, the damaged file stays as journal.damaged. *kept, *lost: records, bytes. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_recover(const char *folder, int64_t *kept, int64_t *lost, weft_diag_t *diag);

/* Borrowed from the session. */
WEFT_API const weft_recordings_t *weft_session_recordings(const weft_session_t *session);
WEFT_API int32_t weft_session_given(const weft_session_t *session, int32_t recording, int64_t box);  /* a person's class, -1: none */
WEFT_API int32_t weft_session_flowed(const weft_session_t *session, int32_t recording, int64_t box); /* one that came along a track */
WEFT_API int64_t weft_session_n_given(const weft_session_t *session);
WEFT_API int64_t weft_session_n_flowed(const weft_session_t *session);
/* Every box's classes as the model (before the first update the detector) sees them: [boxes][classes], borrowed; NULL before weft_session_ask. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_ask(weft_session_t *session, weft_diag_t *diag);
WEFT_API const float *weft_session_probability(const weft_session_t *session, int32_t recording);

/* recording NULL: the only one; frame: its number; box: its place in the frame. Errors: label-recording, label-frame, label-box, label-class (each says what there is). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_find(const weft_session_t *session, const char *recording, int64_t frame, int64_t box, int32_t *recording_at, int64_t *box_at, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_class(const weft_session_t *session, const char *name, int32_t *c, weft_diag_t *diag); /* a name, or its number */
typedef struct weft_answer { int32_t recording; int64_t box; int32_t label; } weft_answer_t;
/* One record: all of them or none. The later answer of a box counts. Errors: file-write; ELIMIT where the disk is full (nothing is lost then). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_label(weft_session_t *session, const weft_answer_t *answer, int64_t n, weft_diag_t *diag);
/* Labels of an edited file: frames by the picture's name, else by number (frame >= 0: all the file is of that frame); each box of it to the box of the frame that overlaps most, by half or more. One
 * record. *n: labels taken. Errors: those of find and class, with the file's line. recording NULL: the only one, else the one that has a picture of that name. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_label_doc(weft_session_t *session, const char *recording, int64_t frame, const weft_boxes_doc_t *doc, const char *file, int64_t *n, weft_diag_t *diag);
/* Takes the last record of labels (or the last switch of propagation) back. *n: boxes changed. Errors: session-undo (there is none). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_undo(weft_session_t *session, int64_t *n, weft_diag_t *diag);

/* At most `most` boxes (asked has room for so many), the worthiest first. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_suggest(weft_session_t *session, weft_select_t select, int64_t most, uint64_t seed, weft_asked_t *asked, int64_t *n, weft_diag_t *diag);
/* From now on labels flow along still pieces of tracks (or no longer); two answers of different classes on one piece are told. */
typedef void (*weft_conflict_fn)(void *context, int32_t recording, int64_t box_a, int64_t box_b);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_propagate(weft_session_t *session, bool on, weft_conflict_fn conflict, void *context, weft_diag_t *diag);

/* The model after `steps` steps more (0: 200 of mlp, 150 of others; the first time twice as many): half of every pass are frames answered since the last update, half old ones. Accuracy is of
 * boxes with truth that no person has labelled, NaN: there are none. Errors: session-update (no label yet). */
typedef struct weft_update { int64_t labels, flowed, of; int32_t steps; double loss, accuracy, lookalike, seconds; } weft_update_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_update(weft_session_t *session, int32_t steps, weft_update_t *update, weft_diag_t *diag);
/* Every update so far: borrowed until the next. */
WEFT_API const weft_update_t *weft_session_updates(const weft_session_t *session, int64_t *n);

/* A document per recording under `out` (made where missing): a person's labels, else what flowed, else (guesses) the model's. Errors: boxes-format, file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_export(weft_session_t *session, const char *format, const char *out, bool guesses, weft_diag_t *diag);
/* One HTML file: frames (those that a person labelled in and `most` more per recording, evenly taken; 0: all) drawn as boxes with predicted and corrected labels and confidence. All text is escaped; nothing is fetched. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_session_page(weft_session_t *session, const char *path, int64_t most, weft_diag_t *diag);

/* ---- the loop with the truth in a person's place --------------------------------------------------------------------------------------------- */
typedef struct weft_simulate_options {
    weft_select_t select;
    bool flow;           /* labels flow along still pieces of tracks, for nothing */
    uint64_t seed;
    int64_t budget, batch; /* labels at most; per round, at least. A label is one box answered */
    double grow;           /* a round asks for this part of the labels so far where that is more than the batch: long runs stay short, labels_to_target is known to so much */
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
