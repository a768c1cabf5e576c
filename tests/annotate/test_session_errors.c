/* What is wrong with a session's folder: each id, and that nothing of it was touched. */
#include "annotate/journal.h"
#include "weft/annotate.h"
#include "weft/scenes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static weft_recordings_t set;
static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/weft-session-errors-%ld", (long)getpid());
    set = (weft_recordings_t){calloc(2, sizeof *set.at), 2};
    for (int32_t i = 0; i < 2; i++) cr_assert_eq(weft_scenes_recording(&set.at[i], &(weft_scenes_options_t){2, 5, 9}, i, NULL), WEFT_OK);
}
static void unmake(void)
{
    char command[128];
    for (int32_t i = 0; i < 2; i++) weft_recording_free(set.at[i]);
    free(set.at);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static void init_says(const weft_recordings_t *of, const char *model, weft_status_t want, const char *id)
{
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_session_init(folder, of, &(weft_session_options_t){model, 1}, diag), want, "%s", id);
    cr_assert_eq(weft_diag_n_of_id(diag, id), 1, "%s", id);
    cr_assert(access(folder, F_OK), "%s: something was made", id);
    weft_diag_free(diag);
}
static void open_says(const char *id)
{
    weft_diag_t *diag = weft_diag_new();
    weft_session_t *s = NULL;
    cr_assert_eq(weft_session_open(&s, folder, diag), WEFT_EINPUT, "%s", id);
    cr_assert(!s && weft_diag_n_of_id(diag, id) == 1, "%s", id);
    weft_diag_free(diag);
}

Test(session_errors, of_making_one, .init = make, .fini = unmake)
{
    weft_recording_t *twice[2] = {set.at[0], set.at[0]};
    int64_t kept, lost;
    weft_diag_t *diag = weft_diag_new();
    init_says(&set, "nix", WEFT_EUSAGE, "session-model");
    init_says(&(weft_recordings_t){twice, 2}, "mlp", WEFT_EINPUT, "session-name");
    init_says(&(weft_recordings_t){twice, 0}, "mlp", WEFT_EINPUT, "session-name");
    char *name = set.at[1]->name;
    for (const char *const *bad = (const char *const[]){"a/b", "a\tb", "", "..", NULL}; *bad; bad++) {
        set.at[1]->name = (char *)*bad;
        init_says(&set, "mlp", WEFT_EINPUT, "session-name");
    }
    set.at[1]->name = name;
    open_says("session-none");
    cr_assert_eq(weft_session_recover(folder, &kept, &lost, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "session-none"), 1);
    weft_diag_free(diag);
}

Test(session_errors, of_its_file, .init = make, .fini = unmake)
{
    char path[96];
    cr_assert_eq(weft_session_init(folder, &set, NULL, NULL), WEFT_OK);
    snprintf(path, sizeof path, "%s/session.json", folder);
    for (const char *const *bad = (const char *const[]){"", "{", "[]", "{\"kind\":\"weft-annotate-1\"}", "{\"kind\":\"weft-annotate-9\",\"model\":\"mlp\"}", "{\"kind\":\"weft-annotate-1\",\"model\":\"nix\"}", NULL}; *bad; bad++) {
        FILE *f = fopen(path, "w");
        fputs(*bad, f);
        fclose(f);
        open_says("session-file");
    }
}

static weft_status_t take(void *context, const char *text, size_t n, int64_t offset, weft_diag_t *diag)
{
    (void)context, (void)text, (void)n, (void)offset, (void)diag;
    return WEFT_OK;
}

/* Whole records that say what cannot be: a label of a frame, box, class or recording that does not exist, undoing nothing, what only a later version knows. */
Test(session_errors, of_its_records, .init = make, .fini = unmake)
{
    static const char *const bad[] = {"label\nrecording-0000\t99\t0\t1\n", "label\nrecording-0000\t1\t99\t1\n", "label\nrecording-0000\t1\t0\tnix\n", "label\nnix\t1\t0\t1\n", "label\nrecording-0000\t1\n", "label", "undo\n", "flow\tmaybe\n", "update 1 2\n", "", "later 7\n"};
    char path[96], command[256], line[64];
    snprintf(path, sizeof path, "%s/journal", folder);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        weft_i_journal_t j;
        snprintf(command, sizeof command, "rm -rf %s", folder);
        cr_assert_eq(system(command), 0);
        cr_assert_eq(weft_session_init(folder, &set, NULL, NULL), WEFT_OK);
        cr_assert_eq(weft_i_journal_open(&j, path, take, NULL, NULL), WEFT_OK);
        snprintf(line, sizeof line, "%s", bad[k]);
        cr_assert_eq(weft_i_journal_add(&j, line, strlen(line), NULL), WEFT_OK);
        int64_t size = j.size;
        weft_i_journal_close(&j);
        open_says("journal-content");
        cr_assert_eq(weft_i_journal_open(&j, path, take, NULL, NULL), WEFT_OK);
        cr_assert(j.size == size && j.n_records == 1, "record %zu is gone", k);
        weft_i_journal_close(&j);
    }
}
