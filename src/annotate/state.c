/* annotate/state.c: what the journal's records do. A record is text: its kind, then lines.
 *   label                      and per line: recording, frame's number, box's place in it, class (parted by tabs)
 *   undo
 *   flow  on|off
 *   update labels flowed of steps loss accuracy lookalike seconds                                                                            */
#include "annotate/session.h"
#include "base/alloc.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

static weft_status_t remember(weft_session_t *s, int64_t n, int flow_before)
{
    if (!WEFT_I_ROOM(s->done, s->done_room, s->n_done + 1) || !WEFT_I_ROOM(s->change, s->change_room, s->n_changes + n + 1)) return WEFT_ENOMEM;
    s->done[s->n_done++] = (weft_i_done_t){s->n_changes, n, flow_before};
    return WEFT_OK;
}

static void set(weft_session_t *s, int32_t i, int64_t b, int32_t to)
{
    s->pool.n_given += (to >= 0) - (s->pool.given[i][b] >= 0);
    s->pool.given[i][b] = to;
    s->fresh[i][b] = to >= 0;
}

weft_status_t weft_i_session_apply(weft_session_t *s, const weft_answer_t *a, int64_t n)
{
    weft_status_t status = remember(s, n, -1);
    for (int64_t k = 0; k < n && status == WEFT_OK; k++) {
        s->change[s->n_changes++] = (weft_i_change_t){a[k].recording, s->pool.given[a[k].recording][a[k].box], a[k].box};
        set(s, a[k].recording, a[k].box, a[k].label);
    }
    return status;
}

weft_status_t weft_i_session_switch(weft_session_t *s, bool on)
{
    weft_status_t status = remember(s, 0, s->flow);
    if (status == WEFT_OK) s->flow = on;
    return status;
}

int64_t weft_i_session_take_back(weft_session_t *s)
{
    if (!s->n_done) return -1;
    weft_i_done_t d = s->done[--s->n_done];
    if (d.flow_before >= 0) s->flow = d.flow_before;
    for (int64_t k = d.first + d.n - 1; k >= d.first; k--) set(s, s->change[k].recording, s->change[k].box, s->change[k].before);
    s->n_changes = d.first;
    return d.n;
}

weft_status_t weft_i_session_updated(weft_session_t *s, const weft_update_t *u)
{
    if (!WEFT_I_ROOM(s->update, s->update_room, s->n_updates + 1)) return WEFT_ENOMEM;
    s->update[s->n_updates++] = *u;
    for (int32_t i = 0; i < s->set.n; i++) memset(s->fresh[i], 0, (size_t)s->set.at[i]->n_boxes);
    return WEFT_OK;
}

const weft_update_t *weft_session_updates(const weft_session_t *s, int64_t *n)
{
    *n = s->n_updates;
    return s->update;
}

static weft_status_t strange(const weft_session_t *s, int64_t offset, const char *what, weft_diag_t *diag)
{
    char path[4096];
    weft_i_session_path(s, "journal", path);
    weft_diag_add(diag, WEFT_ERROR, "journal-content", path, 0, 0, "the record at offset %lld %s", (long long)offset, what);
    return WEFT_EINPUT;
}

static weft_status_t replay_labels(weft_session_t *s, char *p, int64_t offset, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_answer_t *a = NULL;
    int64_t n = 0, room = 0;
    for (char *line, *field[4]; (line = strsep(&p, "\n"));) {
        if (!*line) continue;
        for (int k = 0; k < 4; k++) field[k] = strsep(&line, "\t");
        WEFT_TRY_ALLOC(WEFT_I_ROOM(a, room, n + 1));
        if (!field[3] || weft_session_find(s, field[0], strtoll(field[1], NULL, 10), strtoll(field[2], NULL, 10), &a[n].recording, &a[n].box, NULL) != WEFT_OK || weft_session_class(s, field[3], &a[n].label, NULL) != WEFT_OK)
            WEFT_TRY(strange(s, offset, "names a box or class that the session does not have", diag));
        n++;
    }
    WEFT_TRY(weft_i_session_apply(s, a, n));
done:
    weft_i_free(a);
    return status;
}

weft_status_t weft_i_session_replay(void *session, const char *payload, size_t size, int64_t offset, weft_diag_t *diag)
{
    weft_session_t *s = session;
    char *text = weft_i_strndup(payload, size), *p = text;
    if (!text) return WEFT_ENOMEM;
    const char *head = strsep(&p, "\n");
    weft_status_t status = WEFT_OK;
    weft_update_t u = {0};
    long long labels, flowed, of;
    if (!strcmp(head, "label") && p) status = replay_labels(s, p, offset, diag);
    else if (!strcmp(head, "undo")) {
        if (weft_i_session_take_back(s) < 0) status = strange(s, offset, "takes back what is not there", diag);
    } else if (!strcmp(head, "flow\ton") || !strcmp(head, "flow\toff")) status = weft_i_session_switch(s, head[6] == 'n');
    else if (sscanf(head, "update %lld %lld %lld %d %lf %lf %lf %lf", &labels, &flowed, &of, &u.steps, &u.loss, &u.accuracy, &u.lookalike, &u.seconds) == 8) {
        u.labels = labels;
        u.flowed = flowed;
        u.of = of;
        status = weft_i_session_updated(s, &u);
    } else status = strange(s, offset, "is of a kind that this version does not know", diag);
    weft_i_free(text);
    return status;
}
