/* io/npz_write.c: arrays as numpy.savez and savez_compressed write them: a zip archive, member by member, then its directory. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "io/npz.h"

#include <string.h>
#include <zlib.h>

enum { CHUNK = 65536, NAME = 208 };
typedef struct record { uint32_t crc; uint64_t packed, whole, at; char name[NAME]; } record_t;
typedef struct writer { FILE *file; uint64_t at; bool packed; z_stream z; uint8_t *buffer; } writer_t;

static void put(uint8_t **p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) *(*p)++ = (uint8_t)(v >> 8 * i);
}

static void emit(writer_t *w, const void *bytes, size_t n)
{
    fwrite(bytes, 1, n, w->file);
    w->at += n;
}

/* What the local header and the directory's entry have in common: version, flags, method, time, checksum, sizes, length of the name. */
static void common(uint8_t **p, const writer_t *w, const record_t *r)
{
    put(p, 20, 2);
    put(p, 0, 2);
    put(p, w->packed ? 8 : 0, 2);
    put(p, 0, 2);
    put(p, 0x21, 2); /* 1 January 1980 */
    put(p, r->crc, 4);
    put(p, r->packed, 4);
    put(p, r->whole, 4);
    put(p, strlen(r->name), 2);
    put(p, 0, 2);
}

static void local_header(writer_t *w, const record_t *r)
{
    uint8_t bytes[30], *p = bytes;
    put(&p, 0x04034b50, 4);
    common(&p, w, r);
    emit(w, bytes, sizeof bytes);
    emit(w, r->name, strlen(r->name));
}

static void entry(writer_t *w, const record_t *r)
{
    uint8_t bytes[46], *p = bytes;
    put(&p, 0x02014b50, 4);
    put(&p, 20, 2);
    common(&p, w, r);
    put(&p, 0, 6); /* comment, disk, attributes */
    put(&p, 0, 4);
    put(&p, r->at, 4);
    emit(w, bytes, sizeof bytes);
    emit(w, r->name, strlen(r->name));
}

/* Bytes of a member; `last`: the stream ends. */
static weft_status_t feed(writer_t *w, record_t *r, const void *bytes, size_t n, bool last)
{
    const uint8_t *from = bytes;
    r->crc = (uint32_t)crc32_z(r->crc, from, n);
    if (!w->packed) return emit(w, from, n), WEFT_OK;
    do {
        size_t part = n > CHUNK ? CHUNK : n;
        bool end = last && part == n;
        w->z.next_in = (Bytef *)from;
        w->z.avail_in = (uInt)part;
        from += part;
        n -= part;
        do {
            w->z.next_out = w->buffer;
            w->z.avail_out = CHUNK;
            if (deflate(&w->z, end ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) return WEFT_ENOMEM;
            emit(w, w->buffer, CHUNK - w->z.avail_out);
        } while (!w->z.avail_out);
    } while (n);
    return WEFT_OK;
}

static weft_status_t too_large(const char *path, const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "npz-size", path, 0, 0, "%s of 4 GiB or more", what);
    return WEFT_ELIMIT;
}

static weft_status_t write_member(writer_t *w, record_t *r, const weft_i_npz_member_t *m, const char *path, weft_diag_t *diag)
{
    char head[WEFT_I_NPY_HEAD];
    weft_status_t status = WEFT_OK;
    uint64_t values = (uint64_t)m->size;
    for (int32_t d = 0; d < m->n_dims; d++) values = m->shape[d] && values > UINT64_MAX / 2 / (uint64_t)m->shape[d] ? UINT64_MAX / 2 : values * (uint64_t)m->shape[d];
    size_t n = weft_i_npy_head(head, m->kind, m->size, m->n_dims, m->shape);
    if (values > UINT32_MAX - n) return too_large(path, m->name, diag);
    r->at = w->at;
    if (r->at > UINT32_MAX) return too_large(path, "an archive", diag);
    r->whole = values + n;
    snprintf(r->name, sizeof r->name, "%.200s.npy", m->name);
    local_header(w, r);
    uint64_t data = w->at;
    WEFT_TRY(feed(w, r, head, n, !values));
    if (values) WEFT_TRY(feed(w, r, m->data, (size_t)values, true));
    r->packed = w->at - data;
    if (r->packed > UINT32_MAX) return too_large(path, m->name, diag);
    if (w->packed && deflateReset(&w->z) != Z_OK) return WEFT_ENOMEM;
    uint64_t end = w->at; /* the header again, now that checksum and sizes are known */
    if (fseek(w->file, (long)r->at, SEEK_SET)) goto seek;
    local_header(w, r);
    w->at = end;
    if (fseek(w->file, (long)end, SEEK_SET)) goto seek;
done:
    return status;
seek:
    weft_diag_add(diag, WEFT_ERROR, "file-write", path, 0, 0, "an archive needs a file, not a pipe");
    return WEFT_EIO;
}

weft_status_t weft_i_npz_write(const char *path, const weft_i_npz_member_t *member, int32_t n, bool packed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_out_t out = {0};
    record_t *record = NULL;
    writer_t w = {.packed = packed};
    bool stream = false;
    WEFT_TRY_ALLOC(record = weft_i_calloc((size_t)n + 1, sizeof *record));
    WEFT_TRY_ALLOC(w.buffer = weft_i_malloc(CHUNK));
    if (packed) WEFT_TRY(deflateInit2(&w.z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK ? WEFT_OK : WEFT_ENOMEM);
    stream = packed;
    WEFT_TRY(weft_i_out_open(&out, path, diag));
    w.file = out.file;
    for (int32_t i = 0; i < n; i++) WEFT_TRY(write_member(&w, &record[i], &member[i], path, diag));
    uint64_t directory = w.at;
    if (directory > UINT32_MAX) WEFT_TRY(too_large(path, "an archive", diag));
    for (int32_t i = 0; i < n; i++) entry(&w, &record[i]);
    uint8_t end[22] = {0}, *p = end;
    uint64_t length = w.at - directory;
    put(&p, 0x06054b50, 4);
    put(&p, 0, 4);
    put(&p, (uint64_t)n, 2);
    put(&p, (uint64_t)n, 2);
    put(&p, length, 4);
    put(&p, directory, 4);
    emit(&w, end, sizeof end);
    status = weft_i_out_commit(&out, diag);
done:
    if (status != WEFT_OK && out.path) weft_i_out_abort(&out);
    if (stream) deflateEnd(&w.z);
    weft_i_free(w.buffer);
    weft_i_free(record);
    return status;
}
