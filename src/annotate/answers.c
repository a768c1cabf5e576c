/* annotate/answers.c: a person's answers: finding what they name, taking them, taking them back; propagation and suggestions. */
#include "annotate/session.h"
#include "base/alloc.h"
#include "base/status.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const weft_recordings_t *weft_session_recordings(const weft_session_t *s) { return &s->set; }
int32_t weft_session_given(const weft_session_t *s, int32_t i, int64_t b) { return s->pool.given[i][b]; }
int32_t weft_session_flowed(const weft_session_t *s, int32_t i, int64_t b) { return s->flow && s->pool.given[i][b] < 0 ? s->pool.flowed[i][b] : -1; }
int64_t weft_session_n_given(const weft_session_t *s) { return s->pool.n_given; }
int64_t weft_session_n_flowed(const weft_session_t *s) { return s->flow ? s->pool.n_flowed : 0; }
const float *weft_session_probability(const weft_session_t *s, int32_t i) { return s->asked ? s->pool.probability[i] : NULL; }

/* ---- names to places ----------------------------------------------------------------------------------------------------------------------- */
static int32_t recording_of(const weft_session_t *s, const char *name, weft_diag_t *diag)
{
    int32_t i = name ? weft_names_find(s->names, name, strlen(name)) : s->set.n == 1 ? 0 : -1;
    if (i < 0) weft_diag_add(diag, WEFT_ERROR, "label-recording", NULL, 0, 0, name ? "there is no recording %s%s%s" : "%swhich recording? There are %s .. %s", name ? name : "", name ? "" : s->set.at[0]->name, name ? "" : s->set.at[s->set.n - 1]->name);
    return i;
}

/* The frame's place by its number; -1. */
static int64_t frame_of(const weft_recording_t *r, int64_t number)
{
    int64_t low = 0, high = r->n_frames;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        if (r->frame[mid] < number) low = mid + 1;
        else high = mid;
    }
    return low < r->n_frames && r->frame[low] == number ? low : -1;
}

weft_status_t weft_session_find(const weft_session_t *s, const char *name, int64_t frame, int64_t box, int32_t *recording_at, int64_t *box_at, weft_diag_t *diag)
{
    int32_t i = recording_of(s, name, diag);
    if (i < 0) return WEFT_EINPUT;
    const weft_recording_t *r = s->set.at[i];
    int64_t f = frame_of(r, frame);
    if (f < 0) {
        weft_diag_add(diag, WEFT_ERROR, "label-frame", NULL, 0, 0, "%s has no frame %lld (it has %lld frames, %lld .. %lld)", r->name, (long long)frame, (long long)r->n_frames, (long long)(r->n_frames ? r->frame[0] : 0),
                      (long long)(r->n_frames ? r->frame[r->n_frames - 1] : 0));
        return WEFT_EINPUT;
    }
    int64_t n = r->frame_ptr[f + 1] - r->frame_ptr[f];
    if (box < 0 || box >= n) {
        weft_diag_add(diag, WEFT_ERROR, "label-box", NULL, 0, 0, "frame %lld of %s has no box %lld (it has %lld, from 0)", (long long)frame, r->name, (long long)box, (long long)n);
        return WEFT_EINPUT;
    }
    *recording_at = i;
    *box_at = r->frame_ptr[f] + box;
    return WEFT_OK;
}

weft_status_t weft_session_class(const weft_session_t *s, const char *name, int32_t *c, weft_diag_t *diag)
{
    const weft_classes_t *classes = &s->set.at[0]->classes;
    char *end, all[400] = "";
    for (*c = 0; *c < classes->n; (*c)++)
        if (!strcmp(classes->name[*c], name)) return WEFT_OK;
    errno = 0;
    long n = strtol(name, &end, 10);
    if (end != name && !*end && !errno && n >= 0 && n < classes->n) {
        *c = (int32_t)n;
        return WEFT_OK;
    }
    for (int32_t k = 0; k < classes->n; k++) {
        size_t have = strlen(all);
        snprintf(all + have, sizeof all - have, "%s%s", k ? ", " : "", classes->name[k]);
    }
    weft_diag_add(diag, WEFT_ERROR, "label-class", NULL, 0, 0, "there is no class %s; there are %s", name, all);
    return WEFT_EINPUT;
}

/* ---- answers ------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t flow(weft_session_t *s) { return s->flow ? weft_i_pool_flow(&s->pool, NULL, NULL) : WEFT_OK; }

weft_status_t weft_session_label(weft_session_t *s, const weft_answer_t *a, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    WEFT_TRY_ALLOC(f);
    fputs("label\n", f);
    for (int64_t k = 0; k < n; k++) {
        const weft_recording_t *r = s->set.at[a[k].recording];
        int64_t low = 0, high = r->n_frames;
        while (high - low > 1) {
            int64_t mid = (low + high) / 2;
            if (r->frame_ptr[mid] <= a[k].box) low = mid;
            else high = mid;
        }
        fprintf(f, "%s\t%lld\t%lld\t%s\n", r->name, (long long)r->frame[low], (long long)(a[k].box - r->frame_ptr[low]), r->classes.name[a[k].label]);
    }
    if (fclose(f)) WEFT_TRY(WEFT_ENOMEM);
    if (n) {
        WEFT_TRY(weft_i_journal_add(&s->journal, text, size, diag));
        WEFT_TRY(weft_i_session_apply(s, a, n));
        WEFT_TRY(flow(s));
    }
done:
    free(text);
    return status;
}

weft_status_t weft_session_undo(weft_session_t *s, int64_t *n, weft_diag_t *diag)
{
    *n = 0;
    if (!s->n_done) {
        weft_diag_add(diag, WEFT_ERROR, "session-undo", NULL, 0, 0, "nothing to take back");
        return WEFT_EINPUT;
    }
    weft_status_t status = weft_i_journal_add(&s->journal, "undo\n", 5, diag);
    if (status != WEFT_OK) return status;
    *n = weft_i_session_take_back(s);
    return flow(s);
}

static double overlap(const float *a, const weft_box_t *b)
{
    double w = fmin((double)a[2], b->right) - fmax((double)a[0], b->left), h = fmin((double)a[3], b->bottom) - fmax((double)a[1], b->top), both = w > 0.0 && h > 0.0 ? w * h : 0.0;
    return both / ((double)((a[2] - a[0]) * (a[3] - a[1])) + (b->right - b->left) * (b->bottom - b->top) - both);
}

static const char *base_of(const char *name)
{
    const char *slash = name ? strrchr(name, '/') : NULL;
    return slash ? slash + 1 : name;
}

/* Which frame a file's frame is: said outright, by picture's name, by number, by the last digits of the name that the exporter gave. */
static bool place_of(const weft_session_t *s, const char *recording, int64_t frame, const weft_boxes_frame_t *f, int32_t *i, int64_t *at)
{
    int32_t first = recording || s->set.n == 1 ? (recording ? weft_names_find(s->names, recording, strlen(recording)) : 0) : 0, end = recording || s->set.n == 1 ? first + 1 : s->set.n;
    bool one = end - first == 1;
    *at = -1;
    for (*i = first; *i < end && f->name && frame < 0; (*i)++) {
        const weft_recording_t *r = s->set.at[*i];
        for (int64_t k = 0; k < r->n_frames && r->frame_name; k++)
            if (r->frame_name[k] && !strcmp(base_of(r->frame_name[k]), base_of(f->name))) return *at = k, true;
    }
    *i = first;
    if (!one) return false;
    int64_t number = frame >= 0 ? frame : f->number;
    const char *base = base_of(f->name);
    if (number < 0 && base && !strncmp(base, "frame_", 6)) number = strtoll(base + 6, NULL, 10);
    *at = number >= 0 ? frame_of(s->set.at[*i], number) : -1;
    return *at >= 0;
}

weft_status_t weft_session_label_doc(weft_session_t *s, const char *recording, int64_t frame, const weft_boxes_doc_t *doc, const char *file, int64_t *n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t room = 0;
    weft_answer_t *a = NULL;
    *n = 0;
    if (recording && recording_of(s, recording, diag) < 0) return WEFT_EINPUT;
    for (int64_t f = 0; f < doc->n_frames; f++) {
        weft_boxes_frame_t one = doc->frame[f];
        const weft_boxes_frame_t *from = &one;
        int32_t i;
        int64_t at, first = *n;
        if (!from->n) continue;
        if (!one.name && doc->n_frames == 1) one.name = (char *)file; /* borrowed: the file may be named after its frame */
        if (!place_of(s, recording, frame, from, &i, &at)) {
            weft_diag_add(diag, WEFT_ERROR, "label-frame", file, from->line, 0, "no frame for picture %s, number %lld%s", from->name ? from->name : "(no name)", (long long)(frame >= 0 ? frame : from->number),
                          recording || s->set.n == 1 ? "" : " (which recording? Say --recording)");
            WEFT_TRY(WEFT_EINPUT);
        }
        const weft_recording_t *r = s->set.at[i];
        for (int64_t k = from->first; k < from->first + from->n; k++) {
            const weft_box_t *b = &doc->box[k];
            int64_t best = -1;
            double most = 0.5;
            for (int64_t q = r->frame_ptr[at]; q < r->frame_ptr[at + 1]; q++) {
                double o = overlap(r->box + 4 * q, b);
                bool taken = false;
                for (int64_t m = first; m < *n && !taken; m++) taken = a[m].box == q;
                if (o >= most && !taken) most = o, best = q;
            }
            if (best < 0) {
                weft_diag_add(diag, WEFT_ERROR, "label-box", file, b->line, 0, "no box of frame %lld of %s overlaps this one by half", (long long)r->frame[at], r->name);
                WEFT_TRY(WEFT_EINPUT);
            }
            if (b->label < 0) continue;
            WEFT_TRY_ALLOC(WEFT_I_ROOM(a, room, *n + 1));
            a[*n] = (weft_answer_t){.recording = i, .box = best};
            WEFT_TRY(weft_session_class(s, weft_names_text(doc->labels, b->label), &a[*n].label, diag));
            ++*n;
        }
    }
    WEFT_TRY(weft_session_label(s, a, *n, diag));
done:
    weft_i_free(a);
    if (status != WEFT_OK) *n = 0;
    return status;
}

/* ---- what follows from them ---------------------------------------------------------------------------------------------------------------- */
weft_status_t weft_session_propagate(weft_session_t *s, bool on, weft_conflict_fn conflict, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    if (on != s->flow) {
        WEFT_TRY(weft_i_journal_add(&s->journal, on ? "flow\ton\n" : "flow\toff\n", on ? 8 : 9, diag));
        WEFT_TRY(weft_i_session_switch(s, on));
    }
    if (on) WEFT_TRY(weft_i_pool_flow(&s->pool, conflict, context));
done:
    return status;
}

weft_status_t weft_session_suggest(weft_session_t *s, weft_select_t select, int64_t most, uint64_t seed, weft_asked_t *asked, int64_t *n, weft_diag_t *diag)
{
    *n = 0;
    weft_status_t status = weft_session_ask(s, diag);
    return status == WEFT_OK ? weft_i_pool_select(asked, n, &s->pool, select, most, seed) : status;
}
