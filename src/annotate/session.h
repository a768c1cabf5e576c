/* annotate/session.h: a session's state: the pool, the journal behind it, what undo needs. */
#ifndef WEFT_ANNOTATE_SESSION_H
#define WEFT_ANNOTATE_SESSION_H
#include "annotate/journal.h"
#include "annotate/pool.h"

typedef struct weft_i_change { int32_t recording, before; int64_t box; } weft_i_change_t;
typedef struct weft_i_done { int64_t first, n; int flow_before; } weft_i_done_t; /* a record that can be taken back: its changes; flow_before -1: labels */

struct weft_session {
    char *folder;
    int lock;
    weft_recordings_t set;
    weft_i_pool_t pool;
    weft_i_journal_t journal;
    weft_names_t *names;       /* recording i has the i-th name */
    weft_box_options_t options;
    bool flow, asked;          /* labels flow; pool.probability is the model's word */
    uint8_t **fresh;           /* [recording][box] answered since the last update */
    weft_i_change_t *change;
    weft_i_done_t *done;
    int64_t n_changes, n_done, change_room, done_room;
    weft_update_t *update;
    int64_t n_updates, update_room;
};

void weft_i_session_path(const weft_session_t *s, const char *name, char to[4096]);
/* Applies one record of the journal. Errors: journal-content. */
WEFT_MUST_CHECK weft_status_t weft_i_session_replay(void *session, const char *payload, size_t size, int64_t offset, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_session_apply(weft_session_t *s, const weft_answer_t *answer, int64_t n);
WEFT_MUST_CHECK weft_status_t weft_i_session_switch(weft_session_t *s, bool on);
int64_t weft_i_session_take_back(weft_session_t *s);
WEFT_MUST_CHECK weft_status_t weft_i_session_updated(weft_session_t *s, const weft_update_t *update);
/* A model of the session's options with its stored weights, if any (*stored). Owner: the caller. */
WEFT_MUST_CHECK weft_status_t weft_i_session_model(weft_session_t *s, weft_box_model_t **model, bool *stored, weft_diag_t *diag);
#endif
