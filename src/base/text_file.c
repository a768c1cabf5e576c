/* base/text_file.c: a file whole in memory. Read rather than mapped: a file that is cut while we parse cannot fault. */
#include "base/text_file.h"
#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { PAD = 64 };

static size_t round_page(size_t n) { return (n + 4095) & ~(size_t)4095; }

/* Makes room for `size` bytes and the padding; fresh pages are zero. */
static bool room(weft_i_text_t *t, size_t size)
{
    size_t need = round_page(size + PAD);
    if (need <= t->map_size) return true;
    if (need < size) return false;
    void *p = t->map ? mremap(t->map, t->map_size, need, MREMAP_MAYMOVE)
                     : mmap(NULL, need, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return false;
    t->map = p;
    t->map_size = need;
    t->data = p;
    return true;
}

void weft_i_text_destroy(weft_i_text_t *t)
{
    if (t->map) munmap(t->map, t->map_size);
    *t = (weft_i_text_t){0};
}

weft_status_t weft_i_text_copy(weft_i_text_t *t, const void *data, size_t size)
{
    *t = (weft_i_text_t){0};
    if (!room(t, size)) return WEFT_ENOMEM;
    if (size) memcpy(t->map, data, size);
    t->size = size;
    return WEFT_OK;
}

static weft_status_t read_all(weft_i_text_t *t, int fd, const char *path, weft_diag_t *diag)
{
    struct stat st;
    size_t guess = 1 << 16;
    if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
        weft_diag_add(diag, WEFT_ERROR, "file-read", path, 0, 0, "is a directory");
        return WEFT_EIO;
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0) guess = (size_t)st.st_size + 1;
    for (;;) {
        size_t want = t->size + (guess > t->size ? guess - t->size : t->size / 2 + 65536);
        if (!room(t, want)) return WEFT_ENOMEM;
        ssize_t n = read(fd, (char *)t->map + t->size, want - t->size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            weft_diag_add(diag, WEFT_ERROR, "file-read", path, 0, 0, "%s", strerror(errno));
            return WEFT_EIO;
        }
        if (!n) return WEFT_OK;
        t->size += (size_t)n;
    }
}

static weft_status_t unpack_gz(weft_i_text_t *out, const weft_i_text_t *in, const char *path, weft_diag_t *diag)
{
    z_stream z = {0};
    weft_status_t status = WEFT_OK;
    if (inflateInit2(&z, 15 + 16) != Z_OK) return WEFT_ENOMEM;
    const unsigned char *p = (const unsigned char *)in->data, *end = p + in->size;
    int r = Z_OK;
    bool ended = false;
    while (status == WEFT_OK && (p < end || r == Z_OK)) {
        if (!room(out, out->size + out->size / 2 + 4 * in->size + 65536)) {
            status = WEFT_ENOMEM;
            break;
        }
        size_t have = (size_t)(end - p), free_bytes = out->map_size - PAD - out->size;
        z.next_in = (unsigned char *)(uintptr_t)p;
        z.avail_in = have > UINT_MAX ? UINT_MAX : (unsigned)have;
        z.next_out = (unsigned char *)out->map + out->size;
        z.avail_out = free_bytes > UINT_MAX ? UINT_MAX : (unsigned)free_bytes;
        unsigned in0 = z.avail_in, out0 = z.avail_out;
        r = inflate(&z, Z_NO_FLUSH);
        p += in0 - z.avail_in;
        out->size += out0 - z.avail_out;
        ended = r == Z_STREAM_END;
        if (ended) { /* another member may follow; other trailing bytes are padding */
            if (end - p < 2 || p[0] != 0x1f || p[1] != 0x8b) break;
            inflateReset(&z);
            r = Z_OK;
        } else if (r != Z_OK || (in0 == z.avail_in && out0 == z.avail_out)) break;
    }
    inflateEnd(&z);
    if (status == WEFT_OK && !ended) {
        weft_diag_add(diag, WEFT_ERROR, "file-unpack", path, 0, 0, "gzip data is cut short or damaged after %zu bytes", out->size);
        status = WEFT_EINPUT;
    }
    return status;
}

static weft_status_t unpack_zst(weft_i_text_t *out, const weft_i_text_t *in, const char *path, weft_diag_t *diag)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    if (!z) return WEFT_ENOMEM;
    ZSTD_inBuffer src = {in->data, in->size, 0};
    weft_status_t status = WEFT_OK;
    size_t r = 1;
    while (status == WEFT_OK && (src.pos < src.size || r)) {
        if (!room(out, out->size + out->size / 2 + 4 * in->size + 65536)) {
            status = WEFT_ENOMEM;
            break;
        }
        ZSTD_outBuffer dst = {out->map, out->map_size - PAD, out->size};
        size_t before = src.pos;
        r = ZSTD_decompressStream(z, &dst, &src);
        bool stuck = src.pos == before && dst.pos == out->size;
        out->size = dst.pos;
        if (ZSTD_isError(r) || (stuck && r)) {
            weft_diag_add(diag, WEFT_ERROR, "file-unpack", path, 0, 0, "zstd data is cut short or damaged after %zu bytes", out->size);
            status = WEFT_EINPUT;
        }
    }
    ZSTD_freeDStream(z);
    return status;
}

static weft_status_t read_file(weft_i_text_t *text, bool unpack, const char *path, weft_diag_t *diag)
{
    *text = (weft_i_text_t){0};
    weft_i_text_t raw = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        weft_diag_add(diag, WEFT_ERROR, "file-open", path, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    weft_status_t status = read_all(&raw, fd, path, diag);
    close(fd);
    const unsigned char *m = (const unsigned char *)raw.data;
    bool gz = unpack && raw.size >= 2 && m[0] == 0x1f && m[1] == 0x8b;
    bool zst = unpack && raw.size >= 4 && m[0] == 0x28 && m[1] == 0xb5 && m[2] == 0x2f && m[3] == 0xfd;
    if (status == WEFT_OK && (gz || zst)) {
        status = gz ? unpack_gz(text, &raw, path, diag) : unpack_zst(text, &raw, path, diag);
        weft_i_text_destroy(&raw);
    } else *text = raw;
    if (status == WEFT_OK && !room(text, text->size)) status = WEFT_ENOMEM;
    if (status == WEFT_OK) memset((char *)text->map + text->size, 0, PAD);
    if (status == WEFT_ENOMEM) weft_diag_add(diag, WEFT_ERROR, "file-memory", path, 0, 0, "not enough memory for the file");
    if (status != WEFT_OK) weft_i_text_destroy(text);
    return status;
}

weft_status_t weft_i_text_read(weft_i_text_t *text, const char *path, weft_diag_t *diag) { return read_file(text, true, path, diag); }
weft_status_t weft_i_text_read_raw(weft_i_text_t *text, const char *path, weft_diag_t *diag) { return read_file(text, false, path, diag); }

weft_status_t weft_i_text_read_by(weft_i_text_reader_fn reader, void *document, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = reader(document, &text, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

weft_status_t weft_i_text_parse_by(weft_i_text_reader_fn reader, void *document, const void *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_i_text_t text;
    weft_status_t status = weft_i_text_copy(&text, data, size);
    if (status != WEFT_OK) return status;
    status = reader(document, &text, file, diag);
    weft_i_text_destroy(&text);
    return status;
}
