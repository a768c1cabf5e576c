/* io/npz.c: see npz.h. */
#include "io/npz.h"
#include "base/alloc.h"
#include "base/status.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

typedef struct zip { const uint8_t *bytes; size_t size; const char *path; weft_diag_t *diag; } zip_t;

static uint64_t little(const uint8_t *p, int n)
{
    uint64_t v = 0;
    for (int i = n - 1; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

static weft_status_t wrong(const zip_t *z, const char *id, const char *text, const char *name)
{
    weft_diag_add(z->diag, WEFT_ERROR, id, z->path, 0, 0, "%s%s%s", text, *name ? ": " : "", name);
    return WEFT_EINPUT;
}

/* The end record stands within the last 65,557 bytes. */
static const uint8_t *end_record(const zip_t *z)
{
    size_t least = z->size > 65557 ? z->size - 65557 : 0;
    for (size_t i = z->size < 22 ? 0 : z->size - 22; z->size >= 22; i--) {
        if (little(z->bytes + i, 4) == 0x06054b50) return z->bytes + i;
        if (i <= least) break;
    }
    return NULL;
}

typedef struct member { uint64_t packed, whole, at; uint32_t crc; int method; char name[256]; } member_t;

/* 64-bit sizes of the extra field, where the plain ones are full. */
static void zip64(member_t *m, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i + 4 <= n;) {
        size_t id = little(p + i, 2), size = little(p + i + 2, 2), at = i + 4;
        i = at + size;
        if (id != 1 || i > n) continue;
        if (m->whole == 0xffffffff && at + 8 <= i) m->whole = little(p + at, 8), at += 8;
        if (m->packed == 0xffffffff && at + 8 <= i) m->packed = little(p + at, 8), at += 8;
        if (m->at == 0xffffffff && at + 8 <= i) m->at = little(p + at, 8);
    }
}

/* A deflated stream to exactly `whole` bytes. Memory grows with what comes out, not by what the directory says. */
static weft_status_t unpack(const zip_t *z, const member_t *m, const uint8_t *from, uint8_t **to)
{
    weft_status_t status = WEFT_OK;
    size_t room = 0, have = 0;
    z_stream s = {.next_in = (Bytef *)from, .avail_in = 0};
    uint64_t left = m->packed;
    *to = NULL;
    if (inflateInit2(&s, -15) != Z_OK) return WEFT_ENOMEM;
    int r = Z_OK;
    while (r == Z_OK) {
        if (have == room) {
            size_t more = room ? 2 * room : 65536;
            if (more > m->whole + 1) more = (size_t)m->whole + 1;
            uint8_t *p = more > room ? weft_i_realloc(*to, more) : NULL;
            if (!p) {
                status = more > room ? WEFT_ENOMEM : wrong(z, "npz-data", "more bytes than the archive says", m->name);
                break;
            }
            *to = p;
            room = more;
        }
        if (!s.avail_in && left) {
            s.avail_in = left > 1 << 30 ? 1 << 30 : (uInt)left;
            left -= s.avail_in;
        }
        size_t space = room - have > 1 << 30 ? 1 << 30 : room - have;
        s.next_out = *to + have;
        s.avail_out = (uInt)space;
        r = inflate(&s, Z_NO_FLUSH);
        have += space - s.avail_out;
        if (r == Z_BUF_ERROR && s.avail_out == 0) r = Z_OK;
    }
    inflateEnd(&s);
    if (status == WEFT_OK && (r != Z_STREAM_END || have != m->whole)) status = wrong(z, "npz-data", "the packed stream does not end where it should", m->name);
    if (status != WEFT_OK) {
        weft_i_free(*to);
        *to = NULL;
    }
    return status;
}

static weft_status_t read_member(weft_i_npz_t *npz, const zip_t *z, const member_t *m)
{
    weft_status_t status = WEFT_OK;
    uint8_t *own = NULL;
    size_t n = strlen(m->name);
    char *name = NULL;
    if (n < 5 || strcmp(m->name + n - 4, ".npy")) return WEFT_OK;
    if (m->at > z->size || z->size - m->at < 30 || little(z->bytes + m->at, 4) != 0x04034b50) return wrong(z, "npz-zip", "a member does not stand where the directory says", m->name);
    uint64_t data = m->at + 30 + little(z->bytes + m->at + 26, 2) + little(z->bytes + m->at + 28, 2);
    if (data > z->size || m->packed > z->size - data) return wrong(z, "npz-zip", "a member goes beyond the file's end", m->name);
    const uint8_t *bytes = z->bytes + data;
    if (m->method == 8) {
        WEFT_TRY(unpack(z, m, bytes, &own));
        bytes = own;
    } else if (m->method != 0) return wrong(z, "npz-method", "packed in a way that is neither stored nor deflated", m->name);
    else if (m->packed != m->whole) return wrong(z, "npz-zip", "two sizes for stored bytes", m->name);
    if ((uint32_t)crc32_z(0, bytes, m->whole) != m->crc) WEFT_TRY(wrong(z, "npz-data", "the checksum does not fit", m->name));
    weft_i_npz_entry_t *more = weft_i_realloc(npz->entry, ((size_t)npz->n + 1) * sizeof *more);
    WEFT_TRY_ALLOC(more);
    npz->entry = more;
    WEFT_TRY_ALLOC(name = weft_i_strndup(m->name, n - 4));
    more[npz->n] = (weft_i_npz_entry_t){.name = name};
    WEFT_TRY(weft_i_npy_parse(&more[npz->n].array, bytes, (size_t)m->whole, z->path, z->diag));
    npz->n++;
    name = NULL;
done:
    weft_i_free(name);
    weft_i_free(own);
    return status;
}

weft_status_t weft_i_npz_parse(weft_i_npz_t *npz, const void *bytes, size_t size, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const zip_t z = {bytes, size, path, diag};
    const uint8_t *end = end_record(&z);
    *npz = (weft_i_npz_t){0};
    if (!end) return wrong(&z, "npz-zip", "this is no zip archive, or its end is missing", "");
    uint64_t count = little(end + 10, 2), at = little(end + 16, 4), end_at = (uint64_t)(end - z.bytes);
    if (end_at >= 20 && little(end - 20, 4) == 0x07064b50) { /* zip64: its own end record */
        uint64_t e = little(end - 20 + 8, 8);
        if (e > size || size - e < 56 || little(z.bytes + e, 4) != 0x06064b50) return wrong(&z, "npz-zip", "the zip64 record does not stand where it should", "");
        count = little(z.bytes + e + 32, 8);
        at = little(z.bytes + e + 48, 8);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (at > size || size - at < 46 || little(z.bytes + at, 4) != 0x02014b50) WEFT_TRY(wrong(&z, "npz-zip", "the directory is cut off", ""));
        const uint8_t *p = z.bytes + at;
        size_t name = little(p + 28, 2), extra = little(p + 30, 2), comment = little(p + 32, 2);
        if (size - at - 46 < name + extra + comment) WEFT_TRY(wrong(&z, "npz-zip", "the directory is cut off", ""));
        member_t m = {.packed = little(p + 20, 4), .whole = little(p + 24, 4), .at = little(p + 42, 4), .crc = (uint32_t)little(p + 16, 4), .method = (int)little(p + 10, 2)};
        memcpy(m.name, p + 46, name < sizeof m.name - 1 ? name : sizeof m.name - 1);
        zip64(&m, p + 46 + name, extra);
        if (little(p + 8, 2) & 1) WEFT_TRY(wrong(&z, "npz-method", "encrypted", m.name));
        WEFT_TRY(read_member(npz, &z, &m));
        at += 46 + name + extra + comment;
    }
done:
    if (status != WEFT_OK) weft_i_npz_destroy(npz);
    return status;
}

weft_status_t weft_i_npz_read(weft_i_npz_t *npz, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    struct stat st;
    uint8_t *bytes = NULL;
    size_t have = 0;
    *npz = (weft_i_npz_t){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        weft_diag_add(diag, WEFT_ERROR, "file-open", path, 0, 0, "cannot be opened as a file");
        if (fd >= 0) close(fd);
        return WEFT_EIO;
    }
    WEFT_TRY_ALLOC(bytes = weft_i_malloc((size_t)st.st_size + 1));
    while (have < (size_t)st.st_size) {
        ssize_t n = read(fd, bytes + have, (size_t)st.st_size - have);
        if (n <= 0) break;
        have += (size_t)n;
    }
    WEFT_TRY(weft_i_npz_parse(npz, bytes, have, path, diag));
done:
    close(fd);
    weft_i_free(bytes);
    return status;
}

void weft_i_npz_destroy(weft_i_npz_t *npz)
{
    for (int32_t i = 0; i < npz->n; i++) {
        weft_i_free(npz->entry[i].name);
        weft_i_npy_destroy(&npz->entry[i].array);
    }
    weft_i_free(npz->entry);
    *npz = (weft_i_npz_t){0};
}

const weft_i_npy_t *weft_i_npz_find(const weft_i_npz_t *npz, const char *name)
{
    for (int32_t i = 0; i < npz->n; i++)
        if (!strcmp(npz->entry[i].name, name)) return &npz->entry[i].array;
    return NULL;
}
