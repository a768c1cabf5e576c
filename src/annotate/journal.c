/* annotate/journal.c: see annotate/journal.h. */
#include "annotate/journal.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

const char weft_i_journal_head[8] = {'W', 'E', 'F', 'T', 'J', '0', '0', '1'};
enum { FRONT = 16, MOST = 256 << 20 };

static uint32_t crc(const void *p, size_t n) { return (uint32_t)crc32_z(0, p, n); }

static void put32(unsigned char *to, uint32_t v)
{
    for (int k = 0; k < 4; k++) to[k] = (unsigned char)(v >> 8 * k);
}

static uint32_t get32(const unsigned char *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

int64_t weft_i_journal_record(const void *bytes, size_t left)
{
    const unsigned char *p = bytes;
    if (left < FRONT || memcmp(p, "WREC", 4) || get32(p + 12) != crc(p, 12)) return -1;
    uint32_t n = get32(p + 4);
    return n <= left - FRONT && get32(p + 8) == crc(p + FRONT, n) ? FRONT + (int64_t)n : -1;
}

static weft_status_t refused(const char *path, const char *id, weft_diag_t *diag)
{
    int why = errno;
    weft_diag_add(diag, WEFT_ERROR, id, path, 0, 0, "%s", strerror(why));
    return why == ENOSPC || why == EDQUOT || why == EFBIG ? WEFT_ELIMIT : WEFT_EIO;
}

static bool write_whole(int fd, const void *data, size_t size)
{
    ssize_t n;
    do n = write(fd, data, size);
    while (n < 0 && errno == EINTR);
    if (n >= 0 && (size_t)n < size) errno = ENOSPC; /* a short write of a regular file: no room */
    return n == (ssize_t)size;
}

weft_status_t weft_i_journal_make(const char *path, weft_diag_t *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return refused(path, "file-create", diag);
    weft_status_t status = write_whole(fd, weft_i_journal_head, sizeof weft_i_journal_head) && !fsync(fd) ? WEFT_OK : refused(path, "file-write", diag);
    close(fd);
    return status;
}

/* The bytes that are cut stay readable beside the journal; where even that fails, the journal is left alone. */
static weft_status_t cut(weft_i_journal_t *j, const char *data, size_t size, size_t good, weft_diag_t *diag)
{
    char beside[4096];
    weft_i_out_t out;
    snprintf(beside, sizeof beside, "%s.cut", j->path);
    weft_status_t status = weft_i_out_open(&out, beside, diag);
    if (status != WEFT_OK) return status;
    fwrite(data + good, 1, size - good, out.file);
    status = weft_i_out_commit(&out, diag);
    if (status != WEFT_OK) return status;
    if (ftruncate(j->fd, (off_t)good) || fsync(j->fd)) return refused(j->path, "file-write", diag);
    weft_diag_add(diag, WEFT_WARNING, "journal-torn", j->path, 0, 0, "the last %zu bytes, from offset %zu, are the beginning of a record that was never acknowledged: cut off (kept in %s)", size - good, good, beside);
    return WEFT_OK;
}

weft_status_t weft_i_journal_open(weft_i_journal_t *j, const char *path, weft_i_journal_fn take, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    *j = (weft_i_journal_t){.fd = -1};
    WEFT_TRY_ALLOC(j->path = weft_i_strndup(path, strlen(path)));
    if ((j->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC)) < 0) WEFT_TRY(refused(path, "file-open", diag));
    WEFT_TRY(weft_i_text_read_raw(&text, path, diag));
    if (text.size < sizeof weft_i_journal_head || memcmp(text.data, weft_i_journal_head, sizeof weft_i_journal_head)) {
        weft_diag_add(diag, WEFT_ERROR, "journal-head", path, 0, 0, "not a journal of weft annotate");
        WEFT_TRY(WEFT_EINPUT);
    }
    const unsigned char *p = (const unsigned char *)text.data;
    size_t at = sizeof weft_i_journal_head;
    for (int64_t n; at < text.size && (n = weft_i_journal_record(p + at, text.size - at)) >= 0; at += (size_t)n) {
        WEFT_TRY(take(context, text.data + at + FRONT, (size_t)n - FRONT, (int64_t)at, diag));
        j->n_records++;
    }
    for (size_t k = at + 1; k < text.size; k++) { /* a whole record behind the damage: no torn tail */
        const unsigned char *next = memmem(p + k, text.size - k, "WREC", 4);
        if (!next) break;
        k = (size_t)(next - p);
        if (weft_i_journal_record(next, text.size - k) < 0) continue;
        weft_diag_add(diag, WEFT_ERROR, "journal-corrupt", path, 0, 0, "damaged at offset %zu: %lld records before it are whole, and more from offset %zu on; nothing was changed (weft annotate recover takes out the damage)", at,
                      (long long)j->n_records, k);
        WEFT_TRY(WEFT_EINPUT);
    }
    /* A last record whose front is whole and whose length fits was written to its end: damage, not a tear. */
    if (text.size - at >= FRONT && get32(p + at + 12) == crc(p + at, 12) && get32(p + at + 4) <= text.size - at - FRONT) {
        weft_diag_add(diag, WEFT_ERROR, "journal-corrupt", path, 0, 0, "damaged at offset %zu, the last record: %lld records before it are whole; nothing was changed (weft annotate recover takes out the damage)", at, (long long)j->n_records);
        WEFT_TRY(WEFT_EINPUT);
    }
    if (at < text.size) WEFT_TRY(cut(j, text.data, text.size, at, diag));
    j->size = (int64_t)at;
done:
    weft_i_text_destroy(&text);
    if (status != WEFT_OK) weft_i_journal_close(j);
    return status;
}

weft_status_t weft_i_journal_add(weft_i_journal_t *j, const void *payload, size_t size, weft_diag_t *diag)
{
    if (size > MOST || j->broken) {
        weft_diag_add(diag, WEFT_ERROR, "file-write", j->path, 0, 0, j->broken ? "an earlier write failed and could not be taken back: open the session anew" : "a record of more than 256 MB");
        return j->broken ? WEFT_EIO : WEFT_ELIMIT;
    }
    unsigned char *bytes = weft_i_malloc(FRONT + size);
    if (!bytes) return WEFT_ENOMEM;
    memcpy(bytes, "WREC", 4);
    put32(bytes + 4, (uint32_t)size);
    put32(bytes + 8, crc(payload, size));
    put32(bytes + 12, crc(bytes, 12));
    if (size) memcpy(bytes + FRONT, payload, size);
    bool good = write_whole(j->fd, bytes, FRONT + size) && !fsync(j->fd);
    weft_i_free(bytes);
    if (good) {
        j->size += FRONT + (int64_t)size;
        j->n_records++;
        return WEFT_OK;
    }
    weft_status_t status = refused(j->path, "file-write", diag);
    if (ftruncate(j->fd, (off_t)j->size) || fsync(j->fd)) j->broken = true; /* the next opening cuts it */
    return status;
}

void weft_i_journal_close(weft_i_journal_t *j)
{
    if (j->fd >= 0) close(j->fd);
    weft_i_free(j->path);
    *j = (weft_i_journal_t){.fd = -1};
}
