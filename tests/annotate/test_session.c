/* Sessions: answers outlive closing, later ones count, undo, answers to what is not there; one process at a time; files back in; updates; escaping. */
#include "weft/annotate.h"
#include "weft/scenes.h"

#include "support/effort.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], side[80];
static weft_recordings_t set;
static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/weft-session-%ld", (long)getpid());
    snprintf(side, sizeof side, "%s-out", folder);
    set = (weft_recordings_t){calloc(2, sizeof *set.at), 2};
    for (int32_t i = 0; i < 2; i++) cr_assert_eq(weft_scenes_recording(&set.at[i], &(weft_scenes_options_t){2, 30, 9}, i, NULL), WEFT_OK);
    cr_assert_eq(weft_session_init(folder, &set, NULL, NULL), WEFT_OK);
}
static void unmake(void)
{
    char command[256];
    for (int32_t i = 0; i < 2; i++) weft_recording_free(set.at[i]);
    free(set.at);
    snprintf(command, sizeof command, "rm -rf %s %s", folder, side);
    cr_assert_eq(system(command), 0);
}
static weft_session_t *again(weft_session_t *s)
{
    weft_session_free(s);
    s = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = weft_session_open(&s, folder, diag);
    weft_diag_print(diag, stderr, WEFT_NOTE);
    cr_assert_eq(status, WEFT_OK);
    cr_assert_eq(weft_diag_n_entries(diag), 0);
    weft_diag_free(diag);
    return s;
}

Test(session, answers_stay, .init = make, .fini = unmake)
{
    weft_session_t *s = again(NULL), *other = NULL;
    weft_diag_t *diag = weft_diag_new();
    int64_t n = 0;
    cr_assert_eq(weft_session_open(&other, folder, diag), WEFT_EINPUT); /* one at a time */
    cr_assert_eq(weft_diag_n_of_id(diag, "session-locked"), 1);
    cr_assert_eq(weft_session_init(folder, &set, NULL, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "session-exists"), 1);
    const weft_answer_t a[] = {{0, 3, 5}, {1, 7, 2}}, b[] = {{0, 3, 6}};
    cr_assert_eq(weft_session_label(s, a, 2, NULL), WEFT_OK);
    cr_assert_eq(weft_session_label(s, b, 1, NULL), WEFT_OK);
    s = again(s);
    cr_assert(weft_session_given(s, 0, 3) == 6 && weft_session_given(s, 1, 7) == 2 && weft_session_n_given(s) == 2);
    cr_assert_eq(weft_session_undo(s, &n, NULL), WEFT_OK);
    s = again(s);
    cr_assert(n == 1 && weft_session_given(s, 0, 3) == 5);
    cr_assert_eq(weft_session_undo(s, &n, NULL), WEFT_OK);
    s = again(s);
    cr_assert(n == 2 && weft_session_n_given(s) == 0);
    cr_assert_eq(weft_session_undo(s, &n, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "session-undo"), 1);
    /* what is not there */
    int32_t i, c;
    int64_t at;
    cr_assert_eq(weft_session_find(s, "nix", 0, 0, &i, &at, diag), WEFT_EINPUT);
    cr_assert_eq(weft_session_find(s, NULL, 0, 0, &i, &at, diag), WEFT_EINPUT);
    cr_assert_eq(weft_session_find(s, set.at[1]->name, 30, 0, &i, &at, diag), WEFT_EINPUT);
    cr_assert_eq(weft_session_find(s, set.at[1]->name, 29, 99, &i, &at, diag), WEFT_EINPUT);
    cr_assert_eq(weft_session_class(s, "nix", &c, diag), WEFT_EINPUT);
    cr_assert_eq(weft_session_class(s, "cup", &c, diag), WEFT_OK);
    cr_assert(weft_diag_n_of_id(diag, "label-recording") == 2 && weft_diag_n_of_id(diag, "label-frame") == 1 && weft_diag_n_of_id(diag, "label-box") == 1 && weft_diag_n_of_id(diag, "label-class") == 1);
    cr_assert_eq(weft_session_find(s, set.at[1]->name, 29, 0, &i, &at, diag), WEFT_OK);
    cr_assert(i == 1 && at == set.at[1]->frame_ptr[29]);
    weft_diag_free(diag);
    weft_session_free(s);
    cr_assert_eq(weft_session_open(&s, "/tmp/nix-nix", NULL), WEFT_EINPUT);
}

Test(session, files_come_back, .init = make, .fini = unmake)
{
    weft_session_t *s = again(NULL);
    for (int i = 0; weft_boxes_format(i); i++) {
        const weft_boxes_format_t *f = weft_boxes_format(i);
        char path[256];
        weft_boxes_doc_t *doc = NULL;
        int64_t n = 0;
        weft_diag_t *diag = weft_diag_new();
        cr_assert_eq(weft_session_export(s, f->name, side, true, NULL), WEFT_OK);
        snprintf(path, sizeof path, "%s/%s%s", side, set.at[1]->name, f->per_frame ? "" : f->suffix);
        cr_assert_eq(weft_boxes_read(&doc, f->name, path, diag), WEFT_OK);
        weft_status_t status = weft_session_label_doc(s, set.at[1]->name, -1, doc, path, &n, diag);
        weft_diag_print(diag, stderr, WEFT_NOTE);
        cr_assert_eq(status, WEFT_OK, "%s", f->name);
        cr_assert(n == set.at[1]->n_boxes && weft_session_n_given(s) == n, "%s: %lld", f->name, (long long)n);
        for (int64_t b = 0; b < n; b++) { /* what was exported: the detector's likeliest class */
            const float *p = set.at[1]->probability + b * WEFT_SCENES_CLASSES;
            cr_assert(p[weft_session_given(s, 1, b)] > 0.0f && p[weft_session_given(s, 1, b)] >= p[0] - 1e-3f, "%s", f->name);
        }
        /* a box that no box of the frame overlaps: told, nothing taken */
        int64_t before = weft_session_n_given(s);
        doc->box[5].left += 5000.0;
        doc->box[5].right += 5000.0;
        cr_assert_eq(weft_session_label_doc(s, set.at[1]->name, -1, doc, path, &n, diag), WEFT_EINPUT);
        cr_assert(weft_diag_n_of_id(diag, "label-box") > 0 && n == 0 && weft_session_n_given(s) == before);
        weft_diag_free(diag);
        weft_boxes_free(doc);
        cr_assert_eq(weft_session_undo(s, &n, NULL), WEFT_OK);
    }
    weft_session_free(s);
}

Test(session, learns_from_answers, .init = make, .fini = unmake)
{
    weft_session_t *s = again(NULL);
    weft_asked_t asked[10];
    weft_update_t u = {0};
    weft_diag_t *diag = weft_diag_new();
    int64_t n = 0, updates = 0;
    double first = 0.0;
    cr_assert_eq(weft_session_update(s, 0, &u, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "session-update"), 1);
    weft_diag_free(diag);
    cr_assert_eq(weft_session_propagate(s, true, NULL, NULL, NULL), WEFT_OK);
    for (int round = 0; round < 4; round++) {
        cr_assert_eq(weft_session_suggest(s, WEFT_SELECT_WEFT, 10, 1, asked, &n, NULL), WEFT_OK);
        cr_assert_eq(n, 10);
        for (int64_t k = 0; k < n; k++) {
            cr_assert_eq(weft_session_given(s, asked[k].recording, asked[k].box), -1);
            cr_assert_eq(weft_session_label(s, &(weft_answer_t){asked[k].recording, asked[k].box, set.at[asked[k].recording]->truth[asked[k].box]}, 1, NULL), WEFT_OK);
        }
        cr_assert_eq(weft_session_update(s, EFFORT(100, 15), &u, NULL), WEFT_OK);
        if (!round) first = u.accuracy;
        s = again(s); /* the next process goes on from the stored model */
    }
    cr_assert(weft_session_n_given(s) == 40 && weft_session_n_flowed(s) > 100, "%lld", (long long)weft_session_n_flowed(s));
    const weft_update_t *all = weft_session_updates(s, &updates);
    cr_assert(updates == 4 && all[3].labels == 40 && all[3].accuracy == u.accuracy && all[0].accuracy == first);
    if (EFFORT(1, 0)) cr_assert(u.accuracy > first && u.accuracy > 0.8, "%g, then %g", first, u.accuracy);
    int64_t right = 0, of = 0;
    for (int32_t i = 0; i < 2; i++)
        for (int64_t b = 0; b < set.at[i]->n_boxes; b++)
            if (weft_session_flowed(s, i, b) >= 0) of++, right += weft_session_flowed(s, i, b) == set.at[i]->truth[b];
    cr_assert(right >= of * 98 / 100, "%lld of %lld that flowed are right", (long long)right, (long long)of);
    cr_assert_eq(weft_session_propagate(s, false, NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_session_n_flowed(s), 0);
    weft_session_free(s);
}

Test(session, the_page_escapes_and_stands_alone)
{
    static const char text[] = "{\"images\":[{\"id\":1,\"width\":64,\"height\":48,\"file_name\":\"<script>alert(1)</script>.png\"}],\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,9,9],\"score\":0.5}],"
                               "\"categories\":[{\"id\":1,\"name\":\"<img src=x onerror=y>&\"}]}";
    weft_boxes_doc_t *doc = NULL;
    weft_recording_t *r = NULL;
    weft_session_t *s = NULL;
    char command[256], *page = NULL;
    size_t size = 0;
    snprintf(folder, sizeof folder, "/tmp/weft-session-%ld", (long)getpid());
    snprintf(side, sizeof side, "%s-page.html", folder);
    cr_assert_eq(weft_boxes_parse(&doc, "coco", text, sizeof text - 1, "t", NULL), WEFT_OK);
    cr_assert_eq(weft_recording_from_boxes(&r, doc, "a<b>\"c", NULL, false, NULL, "t", NULL), WEFT_OK);
    weft_recordings_t one = {&r, 1};
    cr_assert_eq(weft_session_init(folder, &one, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_session_open(&s, folder, NULL), WEFT_OK);
    cr_assert_eq(weft_session_label(s, &(weft_answer_t){0, 0, 0}, 1, NULL), WEFT_OK);
    cr_assert_eq(weft_session_page(s, side, 0, NULL), WEFT_OK);
    FILE *f = fopen(side, "r");
    cr_assert(f && getdelim(&page, &size, 0, f) > 0);
    fclose(f);
    cr_assert(!strstr(page, "<script") && !strstr(page, "<img") && strstr(page, "&lt;script&gt;") && strstr(page, "&lt;img"));
    cr_assert(strstr(page, "<rect class=\"g\"") && strstr(page, "<tr class=\"w\"") && strstr(page, "1 box labelled"), "a person's label, and that it is not the detector's");
    cr_assert(!strstr(page, "src=\"") && !strstr(page, "href") && !strstr(page, "url("));
    free(page);
    weft_session_free(s);
    weft_recording_free(r);
    weft_boxes_free(doc);
    snprintf(command, sizeof command, "rm -rf %s %s", folder, side);
    cr_assert_eq(system(command), 0);
}

static int64_t frames_on(const weft_session_t *s, int64_t most)
{
    char *page = NULL;
    size_t size = 0;
    int64_t n = 0;
    cr_assert_eq(weft_session_page((weft_session_t *)s, side, most, NULL), WEFT_OK);
    FILE *f = fopen(side, "r");
    cr_assert(f && getdelim(&page, &size, 0, f) > 0);
    fclose(f);
    for (const char *p = page; (p = strstr(p, "<figure>")); p++) n++;
    free(page);
    return n;
}

Test(session, the_page_shows_what_was_labelled, .init = make, .fini = unmake)
{
    weft_session_t *s = again(NULL);
    cr_assert_eq(frames_on(s, 0), 60);
    cr_assert_eq(frames_on(s, 100), 60);
    cr_assert_eq(frames_on(s, 7), 14);
    cr_assert_eq(frames_on(s, 1), 2); /* the first of each */
    cr_assert_eq(weft_session_label(s, &(weft_answer_t){1, set.at[1]->frame_ptr[29], 0}, 1, NULL), WEFT_OK);
    cr_assert_eq(frames_on(s, 1), 3);
    weft_session_free(s);
}

/* As many steps as asked for, of a short list too: the report tells the truth about what an update cost. */
Test(session, steps_are_exact, .init = make, .fini = unmake)
{
    weft_session_t *s = again(NULL);
    weft_update_t u;
    cr_assert_eq(weft_session_label(s, &(weft_answer_t){0, 0, 1}, 1, NULL), WEFT_OK);
    for (int32_t steps = 1; steps < 4; steps++) {
        cr_assert_eq(weft_session_update(s, steps, &u, NULL), WEFT_OK);
        cr_assert(u.steps == steps && u.loss > 0.0);
    }
    weft_session_free(s);
}
