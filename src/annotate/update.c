/* annotate/update.c: the session's model: warm from its stored weights, a few steps on, written beside and renamed. */
#include "annotate/session.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

weft_status_t weft_i_session_model(weft_session_t *s, weft_box_model_t **model, bool *stored, weft_diag_t *diag)
{
    char path[4096];
    weft_i_session_path(s, "model.safetensors", path);
    *stored = !access(path, F_OK);
    weft_status_t status = weft_box_model_new(model, &s->options, &s->set, diag);
    return status == WEFT_OK && *stored ? weft_box_model_read(*model, path, diag) : status;
}

weft_status_t weft_session_ask(weft_session_t *s, weft_diag_t *diag)
{
    weft_box_model_t *m = NULL;
    bool stored = false;
    weft_status_t status = WEFT_OK;
    if (s->asked) return WEFT_OK;
    WEFT_TRY(weft_i_session_model(s, &m, &stored, diag));
    if (stored) WEFT_TRY(weft_i_pool_ask(&s->pool, m, diag));
    s->asked = true;
done:
    weft_box_model_free(m);
    return status;
}

/* Frames to learn from: those with a fresh answer as often as the others together, at least once each. */
static weft_status_t frames_of(const weft_session_t *s, weft_frame_t **out, int64_t *n)
{
    weft_status_t status = WEFT_OK;
    int64_t frames = 0, fresh = 0, old = 0;
    weft_frame_t *all = NULL, *list = NULL;
    uint8_t *is_fresh = NULL;
    for (int32_t i = 0; i < s->set.n; i++) frames += s->set.at[i]->n_frames;
    WEFT_TRY_ALLOC(all = weft_i_malloc((size_t)(frames + 1) * sizeof *all));
    WEFT_TRY_ALLOC(is_fresh = weft_i_calloc((size_t)frames + 1, 1));
    frames = weft_i_pool_frames(&s->pool, all);
    for (int64_t k = 0; k < frames; k++) {
        const weft_recording_t *r = s->set.at[all[k].recording];
        for (int64_t b = r->frame_ptr[all[k].frame]; b < r->frame_ptr[all[k].frame + 1]; b++) is_fresh[k] |= s->fresh[all[k].recording][b];
        fresh += is_fresh[k];
    }
    old = frames - fresh;
    int64_t times = fresh && old > fresh ? old / fresh : 1;
    WEFT_TRY_ALLOC(list = weft_i_malloc((size_t)(old + times * fresh + 1) * sizeof *list));
    *n = 0;
    for (int64_t k = 0; k < frames; k++)
        for (int64_t t = is_fresh[k] ? times : 1; t > 0; t--) list[(*n)++] = all[k];
    *out = list;
done:
    weft_i_free(all);
    weft_i_free(is_fresh);
    return status;
}

/* As many frames as the steps see: chosen by chance of a longer list, a shorter one again and again. */
static weft_status_t fill(weft_frame_t **list, int64_t n, int64_t want, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 41, 0};
    weft_frame_t *from = *list, *to = weft_i_malloc((size_t)want * sizeof *to);
    if (!to) return WEFT_ENOMEM;
    for (int64_t k = 0; k < n && k < want; k++) {
        int64_t j = k + weft_i_rng_below(&rng, n - k);
        weft_frame_t swap = from[k];
        from[k] = from[j];
        from[j] = swap;
    }
    for (int64_t k = 0; k < want; k++) to[k] = from[k % n];
    weft_i_free(from);
    *list = to;
    return WEFT_OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

weft_status_t weft_session_update(weft_session_t *s, int32_t steps, weft_update_t *u, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_box_model_t *m = NULL;
    weft_frame_t *frame = NULL;
    int32_t **label = NULL;
    int64_t n = 0;
    bool stored = false;
    char path[4096], line[400];
    double start = now();
    *u = (weft_update_t){.labels = s->pool.n_given, .flowed = weft_session_n_flowed(s), .accuracy = NAN, .lookalike = NAN};
    if (!s->pool.n_given) {
        weft_diag_add(diag, WEFT_ERROR, "session-update", NULL, 0, 0, "no label yet to learn from");
        return WEFT_EINPUT;
    }
    WEFT_TRY(weft_i_session_model(s, &m, &stored, diag));
    WEFT_TRY(frames_of(s, &frame, &n));
    WEFT_TRY(weft_i_pool_all(&label, &s->pool));
    u->steps = steps > 0 ? steps : (strcmp(s->options.model.model, "mlp") ? 150 : 200) * (stored ? 1 : 2);
    WEFT_TRY(fill(&frame, n, (int64_t)u->steps * s->options.batch, s->options.seed + (uint64_t)s->n_updates));
    WEFT_TRY(weft_box_model_train(m, &s->set, frame, (int64_t)u->steps * s->options.batch, label, 1, s->options.lr * (stored ? 0.5 : 1.0), s->options.seed + (uint64_t)s->n_updates, &u->loss, NULL, NULL, diag));
    WEFT_TRY(weft_i_pool_ask(&s->pool, m, diag));
    s->asked = true;
    u->of = weft_i_pool_score(&s->pool, &u->accuracy, &u->lookalike);
    weft_i_session_path(s, "model.safetensors", path);
    WEFT_TRY(weft_box_model_write(m, path, diag));
    u->seconds = now() - start;
    int length = snprintf(line, sizeof line, "update %lld %lld %lld %d %.17g %.17g %.17g %.3f\n", (long long)u->labels, (long long)u->flowed, (long long)u->of, u->steps, u->loss, u->accuracy, u->lookalike, u->seconds);
    WEFT_TRY(weft_i_journal_add(&s->journal, line, (size_t)length, diag));
    WEFT_TRY(weft_i_session_updated(s, u));
done:
    weft_box_model_free(m);
    weft_i_free(frame);
    weft_i_labels_free(label, s->set.n);
    return status;
}
