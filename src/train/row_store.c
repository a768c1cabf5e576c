/* train/row_store.c: see blocks.h. Reading goes window by window of the file in its order, and lets each window go: what is read through a mapping is never in memory as a whole. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "train/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WINDOW = 4 << 20 };

int64_t weft_i_row_store_window(void) { return WINDOW; }

static weft_status_t failed(const char *what, weft_diag_t *diag)
{
    int why = errno;
    weft_diag_add(diag, WEFT_ERROR, "apply-scratch", NULL, 0, 0, "%s: %s (TMPDIR names another place)", what, strerror(why));
    return why == ENOSPC || why == EDQUOT || why == EFBIG ? WEFT_ELIMIT : WEFT_EIO;
}

static size_t bytes_of(const weft_i_row_store_t *s) { return (size_t)(s->n * s->cols) * sizeof *s->at + 1; }

weft_status_t weft_i_row_store_open(weft_i_row_store_t *s, int64_t n, int64_t cols, weft_diag_t *diag)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    *s = (weft_i_row_store_t){.n = n, .cols = cols, .mapped = true};
    snprintf(path, sizeof path, "%s/weft-XXXXXX", folder && *folder ? folder : "/var/tmp");
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd < 0) return failed(path, diag);
    unlink(path);
    errno = posix_fallocate(s->fd, 0, (off_t)bytes_of(s));
    void *at = errno ? MAP_FAILED : mmap(NULL, bytes_of(s), PROT_READ, MAP_SHARED, s->fd, 0);
    if (at == MAP_FAILED) return failed("hidden states", diag);
    s->at = at;
    return WEFT_OK;
}

weft_i_row_store_t weft_i_row_store_of(const weft_real_t *at, int64_t n, int64_t cols, bool mapped) { return (weft_i_row_store_t){.n = n, .cols = cols, .at = at, .mapped = mapped, .fd = -1}; }

void weft_i_row_store_close(weft_i_row_store_t *s)
{
    if (s->fd >= 0 && s->at) munmap((void *)(uintptr_t)s->at, bytes_of(s));
    if (s->fd >= 0) close(s->fd);
    *s = (weft_i_row_store_t){.fd = -1};
}

weft_status_t weft_i_row_store_write(weft_i_row_store_t *s, int64_t first, int64_t n, const weft_real_t *rows, weft_diag_t *diag)
{
    const char *from = (const char *)rows;
    size_t left = (size_t)(n * s->cols) * sizeof *rows;
    for (off_t at = (off_t)((size_t)(first * s->cols) * sizeof *rows); left;) { /* by one thread: the system lets one at a time write to a file */
        ssize_t k = pwrite(s->fd, from, left, at);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return failed("hidden states", diag);
        from += k;
        at += k;
        left -= (size_t)k;
    }
    return WEFT_OK;
}

static int64_t at_or_behind(const int32_t *row, int64_t n, int64_t wanted)
{
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (row[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    return low;
}

void weft_i_row_store_read(const weft_i_row_store_t *s, const int32_t *row, int64_t first, int64_t n, weft_real_t *to)
{
    if (n < 1) return;
    int64_t cols = s->cols, per = WINDOW / (cols * (int64_t)sizeof *to), low = row ? row[0] : first, high = row ? row[n - 1] + 1 : first + n;
    if (per < 1) per = 1;
    int64_t w0 = low / per, w1 = (high + per - 1) / per;
#pragma omp parallel for num_threads(weft_i_threads_for(n * cols)) schedule(dynamic, 1)
    for (int64_t w = w0; w < w1; w++) {
        int64_t from = w * per > low ? w * per : low, stop = (w + 1) * per < high ? (w + 1) * per : high;
        if (row) {
            int64_t end = at_or_behind(row, n, stop);
            for (int64_t i = at_or_behind(row, n, from), k; i < end; i = k) { /* neighbouring rows at once */
                for (k = i + 1; k < end && row[k] == row[i] + (k - i); k++) {}
                memcpy(to + i * cols, s->at + row[i] * cols, (size_t)((k - i) * cols) * sizeof *to);
            }
        } else memcpy(to + (from - first) * cols, s->at + from * cols, (size_t)((stop - from) * cols) * sizeof *to);
        if (s->mapped) weft_i_pages_drop(s->at + from * cols, (size_t)((stop - from) * cols) * sizeof *to);
    }
    if (s->mapped) weft_i_pages_drop(s->at, (size_t)(s->n * cols) * sizeof *to); /* also what the system read around a window */
}

static int by_key(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void weft_i_row_store_gather(const weft_i_row_store_t *s, const int32_t *row, int64_t n, int64_t *key, weft_real_t *to)
{
    enum { CHUNK = 256 };
    int64_t cols = s->cols;
    for (int64_t i = 0; i < n; i++) key[i] = (int64_t)row[i] << 32 | i;
    if (s->mapped) qsort(key, (size_t)n, sizeof *key, by_key); /* in the file's order, so that few pages are there at once */
#pragma omp parallel for num_threads(weft_i_threads_for(n * cols)) schedule(dynamic, 1)
    for (int64_t c = 0; c < (n + CHUNK - 1) / CHUNK; c++) {
        int64_t first = c * CHUNK, end = first + CHUNK < n ? first + CHUNK : n;
        for (int64_t i = first; i < end; i++) memcpy(to + (key[i] & INT32_MAX) * cols, s->at + (key[i] >> 32) * cols, (size_t)cols * sizeof *to);
        const weft_real_t *low = s->at + (key[first] >> 32) * cols;
        if (s->mapped) weft_i_pages_drop(low, (size_t)(((key[end - 1] >> 32) + 1) * cols - (low - s->at)) * sizeof *to);
    }
    if (s->mapped) weft_i_pages_drop(s->at, (size_t)(s->n * cols) * sizeof *to);
}
