/* data/csv_lines.c: see csv_lines.h. */
#include "data/csv_lines.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

weft_status_t weft_i_csv_wrong(const weft_i_csv_t *c, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(c->diag, WEFT_ERROR, id, c->path, c->line, 0, format, args);
    va_end(args);
    return WEFT_EINPUT;
}

weft_status_t weft_i_csv_open(weft_i_csv_t *c, const char *path, const char *head, weft_diag_t *diag)
{
    *c = (weft_i_csv_t){.path = path, .line = 1, .diag = diag};
    weft_status_t status = weft_i_text_read(&c->text, path, diag);
    if (status != WEFT_OK) return status;
    c->p = c->text.data;
    c->end = c->p + c->text.size;
    size_t n = strlen(head);
    if (c->text.size < n || memcmp(c->p, head, n) || (c->p[n] != '\n' && c->p[n] != '\r')) {
        status = weft_i_csv_wrong(c, "recording-syntax", "the head line must be %s", head);
        weft_i_text_destroy(&c->text);
        return status;
    }
    while (c->p < c->end && *c->p != '\n') c->p++;
    return WEFT_OK;
}

bool weft_i_csv_next(weft_i_csv_t *c, weft_i_fields_t *f)
{
    while (c->p < c->end) {
        if (*c->p == '\n') c->line++;
        if (*c->p != '\n' && *c->p != '\r') break;
        c->p++;
    }
    if (c->p >= c->end) return false;
    f->n = 0;
    for (;;) {
        const char *from = c->p;
        while (c->p < c->end && *c->p != ',' && *c->p != '\n' && *c->p != '\r') c->p++;
        if (f->n < WEFT_I_CSV_FIELDS) {
            f->at[f->n] = from;
            f->length[f->n] = (int32_t)(c->p - from);
        }
        f->n++;
        if (c->p >= c->end || *c->p != ',') return true;
        c->p++;
    }
}

bool weft_i_field_number(const weft_i_fields_t *f, int32_t k, double *to)
{
    char text[48], *end;
    if (f->length[k] < 1 || f->length[k] >= (int32_t)sizeof text) return false;
    memcpy(text, f->at[k], (size_t)f->length[k]);
    text[f->length[k]] = 0;
    *to = strtod(text, &end);
    return end != text && !*end && isfinite(*to);
}

bool weft_i_field_int(const weft_i_fields_t *f, int32_t k, int64_t low, int64_t high, int64_t *to)
{
    double x;
    if (!weft_i_field_number(f, k, &x) || x != floor(x) || x < (double)low || x > (double)high) return false;
    *to = (int64_t)x;
    return true;
}
