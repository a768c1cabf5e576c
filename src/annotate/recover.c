/* annotate/recover.c: a journal without its damage: every whole record, in its order. */
#include "annotate/journal.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "weft/annotate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

weft_status_t weft_session_recover(const char *folder, int64_t *kept, int64_t *lost, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096], copy[4096];
    weft_i_text_t text = {0};
    weft_i_out_t out = {0};
    *kept = *lost = 0;
    snprintf(path, sizeof path, "%s/journal", folder);
    if (access(path, F_OK)) {
        weft_diag_add(diag, WEFT_ERROR, "session-none", folder, 0, 0, "there is no session (weft annotate init makes one)");
        return WEFT_EINPUT;
    }
    snprintf(path, sizeof path, "%s/lock", folder);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB)) {
        weft_diag_add(diag, WEFT_ERROR, lock < 0 ? "session-none" : "session-locked", folder, 0, 0, "%s", lock < 0 ? strerror(errno) : "another process has this session open");
        WEFT_TRY(WEFT_EINPUT);
    }
    snprintf(path, sizeof path, "%s/journal", folder);
    snprintf(copy, sizeof copy, "%s/journal.damaged", folder);
    WEFT_TRY(weft_i_text_read_raw(&text, path, diag));
    WEFT_TRY(weft_i_out_open(&out, copy, diag));
    fwrite(text.data, 1, text.size, out.file);
    WEFT_TRY(weft_i_out_commit(&out, diag));
    WEFT_TRY(weft_i_out_open(&out, path, diag));
    fwrite(weft_i_journal_head, 1, sizeof weft_i_journal_head, out.file);
    for (size_t at = sizeof weft_i_journal_head < text.size ? sizeof weft_i_journal_head : text.size; at < text.size;) {
        int64_t n = weft_i_journal_record(text.data + at, text.size - at);
        if (n >= 0) {
            fwrite(text.data + at, 1, (size_t)n, out.file);
            (*kept)++;
            at += (size_t)n;
        } else {
            (*lost)++;
            at++;
        }
    }
    WEFT_TRY(weft_i_out_commit(&out, diag));
done:
    if (out.file) weft_i_out_abort(&out);
    weft_i_text_destroy(&text);
    if (lock >= 0) close(lock);
    return status;
}
