/* data/csv_lines.h: a CSV file of numbers and names, line by line; no quotes. */
#ifndef WEFT_DATA_CSV_LINES_H
#define WEFT_DATA_CSV_LINES_H
#include "base/text_file.h"
#include "weft/base.h"

typedef struct weft_i_csv { weft_i_text_t text; const char *p, *end, *path; int32_t line; weft_diag_t *diag; } weft_i_csv_t;
enum { WEFT_I_CSV_FIELDS = 12 };
typedef struct weft_i_fields { const char *at[WEFT_I_CSV_FIELDS]; int32_t length[WEFT_I_CSV_FIELDS], n; } weft_i_fields_t;

/* The first line must be `head`. Errors: recording-syntax, those of reading. Owner: the caller, weft_i_text_destroy(&c->text). */
weft_status_t weft_i_csv_open(weft_i_csv_t *c, const char *path, const char *head, weft_diag_t *diag);
/* The next line's fields; false at the end. Empty lines are passed over; of fields beyond WEFT_I_CSV_FIELDS only the number is kept. */
bool weft_i_csv_next(weft_i_csv_t *c, weft_i_fields_t *f);
bool weft_i_field_number(const weft_i_fields_t *f, int32_t k, double *to); /* finite */
bool weft_i_field_int(const weft_i_fields_t *f, int32_t k, int64_t low, int64_t high, int64_t *to);
/* Tells of the line at hand; WEFT_EINPUT. */
weft_status_t weft_i_csv_wrong(const weft_i_csv_t *c, const char *id, const char *format, ...) WEFT_PRINTF(3, 4);
#endif
