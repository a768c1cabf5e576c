/* cli/annotate_label.c: weft annotate suggest, label: questions and answers. */
#include "cli/annotate.h"

#include <stdlib.h>
#include <string.h>

static int64_t frame_at(const weft_recording_t *r, int64_t b)
{
    int64_t low = 0, high = r->n_frames;
    while (high - low > 1) {
        int64_t mid = (low + high) / 2;
        if (r->frame_ptr[mid] <= b) low = mid;
        else high = mid;
    }
    return low;
}

static int32_t likeliest(const weft_session_t *s, int32_t i, int64_t b, float *p)
{
    int32_t c = weft_session_recordings(s)->at[i]->classes.n, best = 0;
    const float *x = weft_session_probability(s, i) + b * c;
    for (int32_t k = 1; k < c; k++)
        if (x[k] > x[best]) best = k;
    *p = x[best];
    return best;
}

/* By recording, then frame: a person opens a picture once. */
static int by_place(const void *pa, const void *pb)
{
    const weft_asked_t *a = pa, *b = pb;
    return a->recording != b->recording ? (a->recording < b->recording ? -1 : 1) : a->box < b->box ? -1 : a->box > b->box;
}

static weft_status_t choose(weft_session_t *s, const annotate_args_t *a, weft_asked_t **asked, int64_t *n, weft_diag_t *diag)
{
    if (!(*asked = malloc((size_t)a->batch * sizeof **asked))) return WEFT_ENOMEM;
    weft_status_t status = weft_session_suggest(s, a->select, a->batch, (uint64_t)a->seed + (uint64_t)weft_session_n_given(s), *asked, n, diag);
    if (status == WEFT_OK && *n) qsort(*asked, (size_t)*n, sizeof **asked, by_place);
    return status;
}

weft_status_t annotate_suggest(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    weft_asked_t *asked = NULL;
    int64_t n = 0;
    FILE *json = NULL;
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = choose(s, a, &asked, &n, diag);
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) fprintf(json, "{\"select\":\"%s\",\"boxes\":[", weft_select_name(a->select));
    for (int64_t k = 0; k < n && status == WEFT_OK; k++) {
        const weft_recording_t *r = weft_session_recordings(s)->at[asked[k].recording];
        float p = 0.0f;
        int64_t f = frame_at(r, asked[k].box);
        int32_t c = likeliest(s, asked[k].recording, asked[k].box, &p);
        const char *picture = r->frame_name && r->frame_name[f] ? r->frame_name[f] : "";
        if (annotate_speaks(a)) printf("%s frame %lld box %lld: %s (%.2f)%s%s\n", r->name, (long long)r->frame[f], (long long)(asked[k].box - r->frame_ptr[f]), r->classes.name[c], (double)p, *picture ? " " : "", picture);
        if (!json) continue;
        fprintf(json, "%s{\"recording\":", k ? "," : "");
        cli_json_text(json, r->name);
        fprintf(json, ",\"frame\":%lld,\"box\":%lld,\"guess\":", (long long)r->frame[f], (long long)(asked[k].box - r->frame_ptr[f]));
        cli_json_text(json, r->classes.name[c]);
        fprintf(json, ",\"confidence\":%.4f,\"worth\":%.4f}", (double)p, asked[k].worth);
    }
    if (json) {
        fputs("]}\n", json);
        status = cli_json_end(json, diag);
    }
    free(asked);
    weft_session_free(s);
    return status;
}

/* ---- answers ------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t from_file(weft_session_t *s, const annotate_args_t *a, int64_t *n, weft_diag_t *diag)
{
    weft_boxes_doc_t *doc = NULL;
    weft_status_t status = weft_boxes_read(&doc, a->format, a->from, diag);
    if (status == WEFT_OK) status = weft_session_label_doc(s, a->recording, a->frame, doc, a->from, n, diag);
    weft_boxes_free(doc);
    return status;
}

static weft_status_t from_options(weft_session_t *s, const annotate_args_t *a, int64_t *n, weft_diag_t *diag)
{
    weft_answer_t answer[ANNOTATE_MOST_SET];
    weft_status_t status = WEFT_OK;
    if (a->frame < 0) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--set needs --frame");
        return WEFT_EUSAGE;
    }
    for (int32_t k = 0; k < a->n_set && status == WEFT_OK; k++) {
        char *end;
        long long box = strtoll(a->set[k], &end, 10);
        if (end == a->set[k] || *end != '=') {
            weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--set %s: BOX=CLASS is needed, BOX a number", a->set[k]);
            return WEFT_EUSAGE;
        }
        status = weft_session_find(s, a->recording, a->frame, box, &answer[k].recording, &answer[k].box, diag);
        if (status == WEFT_OK) status = weft_session_class(s, end + 1, &answer[k].label, diag);
    }
    if (status == WEFT_OK) status = weft_session_label(s, answer, a->n_set, diag);
    if (status == WEFT_OK) *n = a->n_set;
    return status;
}

/* A question per line of standard input: a class or its number; nothing: the guess is right; s: pass over; u: take the last back; q: enough. Every answer is on disk before the next question. */
static weft_status_t by_talk(weft_session_t *s, const annotate_args_t *a, int64_t *n, weft_diag_t *diag)
{
    weft_asked_t *asked = NULL;
    int64_t asks = 0;
    char line[512];
    weft_status_t status = choose(s, a, &asked, &asks, diag);
    FILE *to = annotate_speaks(a) ? stdout : stderr;
    if (status == WEFT_OK && asks) {
        const weft_classes_t *c = &weft_session_recordings(s)->at[0]->classes;
        for (int32_t k = 0; k < c->n; k++) fprintf(to, "%s%d %s", k ? ", " : "classes: ", k, c->name[k]);
        fprintf(to, "\nenter: the guess is right; s: pass over; u: take the last back; q: enough\n");
    }
    for (int64_t k = 0; k < asks && status == WEFT_OK;) {
        const weft_recording_t *r = weft_session_recordings(s)->at[asked[k].recording];
        int64_t f = frame_at(r, asked[k].box), changed;
        float p = 0.0f;
        weft_answer_t answer = {.recording = asked[k].recording, .box = asked[k].box, .label = likeliest(s, asked[k].recording, asked[k].box, &p)};
        fprintf(to, "%s frame %lld box %lld [%s %.2f] > ", r->name, (long long)r->frame[f], (long long)(asked[k].box - r->frame_ptr[f]), r->classes.name[answer.label], (double)p);
        fflush(to);
        if (!fgets(line, sizeof line, stdin)) break;
        line[strcspn(line, "\r\n")] = 0;
        if (!strcmp(line, "q")) break;
        if (!strcmp(line, "u")) {
            weft_diag_t *words = weft_diag_new();
            if (*n && weft_session_undo(s, &changed, words) == WEFT_OK) k -= k > 0, --*n;
            else fprintf(to, "nothing to take back\n");
            weft_diag_free(words);
            continue;
        }
        if (strcmp(line, "s")) {
            weft_diag_t *words = weft_diag_new();
            bool known = !*line || weft_session_class(s, line, &answer.label, words) == WEFT_OK;
            if (!known) weft_diag_print(words, stderr, WEFT_WARNING); /* asked again */
            weft_diag_free(words);
            if (!known) continue;
            status = weft_session_label(s, &answer, 1, diag);
            *n += status == WEFT_OK;
        }
        k++;
    }
    if (to == stdout) fputc('\n', to);
    free(asked);
    return status;
}

weft_status_t annotate_label(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    int64_t n = 0;
    FILE *json = NULL;
    if (a->from && a->n_set) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "either --from or --set");
        return WEFT_EUSAGE;
    }
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = a->from ? from_file(s, a, &n, diag) : a->n_set ? from_options(s, a, &n, diag) : by_talk(s, a, &n, diag);
    if (status == WEFT_OK && annotate_speaks(a)) printf("%lld label%s taken, %lld in all\n", (long long)n, annotate_s(n), (long long)weft_session_n_given(s));
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) {
        fprintf(json, "{\"taken\":%lld,\"labels\":%lld,\"flowed\":%lld}\n", (long long)n, (long long)weft_session_n_given(s), (long long)weft_session_n_flowed(s));
        status = cli_json_end(json, diag);
    }
    weft_session_free(s);
    return status;
}
