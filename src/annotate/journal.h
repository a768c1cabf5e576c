/* annotate/journal.h: an append-only file of records that are there whole or not at all.
 *
 * The file: "WEFTJ001", then records: "WREC", length (u32), CRC-32 of the payload (u32), CRC-32 of those twelve bytes (u32), payload; numbers little-endian. A record is written with one write and
 * synced before weft_i_journal_add returns. A kill at any moment leaves a whole journal and perhaps the beginning of a record, which opening cuts off (its bytes are kept in PATH.cut). */
#ifndef WEFT_ANNOTATE_JOURNAL_H
#define WEFT_ANNOTATE_JOURNAL_H
#include "weft/base.h"

typedef struct weft_i_journal { int fd; char *path; int64_t size, n_records; bool broken; } weft_i_journal_t;

/* Makes the file, synced. Errors: file-create, file-write. */
WEFT_MUST_CHECK weft_status_t weft_i_journal_make(const char *path, weft_diag_t *diag);

/* Gives every record in its order to `take`, which says OK or why not, then is ready to add. Notice journal-torn: a tail was cut off. Errors: journal-head; journal-corrupt (a record that is damaged with
 * whole ones behind it: its offset; the records before it have been given); file-open; what take said. Nothing is changed after an error. */
typedef weft_status_t (*weft_i_journal_fn)(void *context, const char *payload, size_t size, int64_t offset, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_journal_open(weft_i_journal_t *journal, const char *path, weft_i_journal_fn take, void *context, weft_diag_t *diag);
/* ELIMIT where the disk is full; the file is then as before. Errors: file-write. At most 256 MB. */
WEFT_MUST_CHECK weft_status_t weft_i_journal_add(weft_i_journal_t *journal, const void *payload, size_t size, weft_diag_t *diag);
extern const char weft_i_journal_head[8];
/* The whole record that begins here: its bytes; -1: there is none. */
int64_t weft_i_journal_record(const void *bytes, size_t left);
void weft_i_journal_close(weft_i_journal_t *journal);
#endif
