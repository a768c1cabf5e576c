/* base/text_file.h: a whole file in memory, unpacked. */
#ifndef WEFT_BASE_TEXT_FILE_H
#define WEFT_BASE_TEXT_FILE_H
#include "weft/base.h"

typedef struct weft_i_text {
    const char *data; /* size bytes, then at least 64 zero bytes */
    size_t size;
    void *map;        /* what destroy unmaps */
    size_t map_size;
} weft_i_text_t;

/* Reads path whole; gzip and zstd are sniffed by content (several members / frames too). Works on pipes.
 * Errors: file-open, file-read, file-unpack. */
WEFT_MUST_CHECK weft_status_t weft_i_text_read(weft_i_text_t *text, const char *path, weft_diag_t *diag);
/* The same bytes as they stand, packed or not: for files that are written to again. */
WEFT_MUST_CHECK weft_status_t weft_i_text_read_raw(weft_i_text_t *text, const char *path, weft_diag_t *diag);
/* A copy of a buffer in the same form (tests, fuzzers). */
WEFT_MUST_CHECK weft_status_t weft_i_text_copy(weft_i_text_t *text, const void *data, size_t size);
void weft_i_text_destroy(weft_i_text_t *text);
/* What makes a document of a text: *document is the caller's pointer to it, which stays NULL where it fails. */
typedef weft_status_t (*weft_i_text_reader_fn)(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag);
/* `reader` over a file, or over a copy of a buffer; the text is gone when it returns. */
WEFT_MUST_CHECK weft_status_t weft_i_text_read_by(weft_i_text_reader_fn reader, void *document, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_text_parse_by(weft_i_text_reader_fn reader, void *document, const void *data, size_t size, const char *file, weft_diag_t *diag);

/* Output beside and renamed: opens PATH.tmp.PID; commit flushes, syncs and renames; abort removes. A path of "-"
 * is stdout. Packs by gzip where the path ends in .gz. Errors: file-create, file-write. */
typedef struct weft_i_out {
    FILE *file;
    char *path, *temporary;
    void *gz; /* zlib gzFile behind file, or NULL */
} weft_i_out_t;
WEFT_MUST_CHECK weft_status_t weft_i_out_open(weft_i_out_t *out, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_out_commit(weft_i_out_t *out, weft_diag_t *diag);
void weft_i_out_abort(weft_i_out_t *out);
#endif
