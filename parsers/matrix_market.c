/* parsers/matrix_market.c: the text of MatrixMarket. Lines matter here: the banner, comments, the sizes, then an entry a line. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/scan.h"
#include "weft/matrix_market.h"

#include <math.h>
#include <string.h>
#include <strings.h>

void weft_matrix_free(weft_matrix_t *m)
{
    if (!m) return;
    weft_i_free(m->row);
    weft_i_free(m->col);
    weft_i_free(m->value);
    weft_i_free(m);
}

static weft_status_t wrong(weft_i_scan_t *s, const char *id, const char *text)
{
    weft_i_scan_error(s, NULL, id, "%s", text);
    return WEFT_EINPUT;
}

static void blanks(weft_i_scan_t *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r')) s->p++;
}

static bool line_ends(weft_i_scan_t *s) { return blanks(s), s->p >= s->end || *s->p == '\n'; }

/* To the next line that is neither empty nor a comment; false at the end. */
static bool next_line(weft_i_scan_t *s)
{
    while (s->p < s->end) {
        if (*s->p == '%') s->p = weft_i_scan_find(s->p, s->end, '\n', '\n', '\n');
        else if (!line_ends(s)) return true;
        if (s->p < s->end) {
            s->p++;
            weft_i_scan_newline(s);
        }
    }
    return false;
}

/* The next word of the line, at most 31 bytes. */
static const char *word(weft_i_scan_t *s, char to[32])
{
    size_t n = 0;
    for (blanks(s); s->p < s->end && !strchr(" \t\r\n", *s->p) && n < 31; s->p++) to[n++] = *s->p;
    to[n] = 0;
    return to;
}

static weft_status_t banner(weft_i_scan_t *s, weft_matrix_t *m, bool *pattern)
{
    char w[32];
    if (strcasecmp(word(s, w), "%%MatrixMarket") || strcasecmp(word(s, w), "matrix")) return wrong(s, "mtx-header", "the file must begin with %%MatrixMarket matrix");
    if (!strcasecmp(word(s, w), "array")) return wrong(s, "mtx-kind", "a dense matrix (array); the coordinate form is read");
    if (strcasecmp(w, "coordinate")) return wrong(s, "mtx-header", "coordinate expected");
    if (!strcasecmp(word(s, w), "complex")) return wrong(s, "mtx-kind", "complex values; real, integer and pattern are read");
    *pattern = !strcasecmp(w, "pattern");
    if (!*pattern && strcasecmp(w, "real") && strcasecmp(w, "integer") && strcasecmp(w, "double")) return wrong(s, "mtx-header", "real, integer or pattern expected");
    if (!strcasecmp(word(s, w), "hermitian")) return wrong(s, "mtx-kind", "a hermitian matrix; general, symmetric and skew-symmetric are read");
    m->form = !strcasecmp(w, "symmetric") ? WEFT_MATRIX_SYMMETRIC : !strcasecmp(w, "skew-symmetric") ? WEFT_MATRIX_SKEW : WEFT_MATRIX_GENERAL;
    if ((!m->form && strcasecmp(w, "general")) || !line_ends(s) || (m->form == WEFT_MATRIX_SKEW && *pattern)) return wrong(s, "mtx-header", "general, symmetric or (of values) skew-symmetric expected");
    return WEFT_OK;
}

static bool integer(weft_i_scan_t *s, int64_t low, int64_t high, int64_t *to)
{
    blanks(s);
    return weft_i_parse_int(&s->p, s->end, to) && (s->p == s->end || strchr(" \t\r\n", *s->p)) && *to >= low && *to <= high;
}

static weft_status_t sizes(weft_i_scan_t *s, weft_matrix_t *m)
{
    if (!next_line(s) || !integer(s, 0, INT32_MAX, &m->n_rows) || !integer(s, 0, INT32_MAX, &m->n_cols) || !integer(s, 0, INT32_MAX, &m->n_entries) || !line_ends(s))
        return wrong(s, "mtx-size", "rows, columns and entries expected, each below 2^31");
    if (m->form && m->n_rows != m->n_cols) return wrong(s, "mtx-size", "a symmetric matrix must be square");
    if (m->n_entries > (s->end - s->p) / 4) return wrong(s, "mtx-count", "the file is too short for so many entries");
    return WEFT_OK;
}

static weft_status_t entries(weft_i_scan_t *s, weft_matrix_t *m)
{
    for (int64_t e = 0; e < m->n_entries; e++) {
        int64_t i, j;
        if (!next_line(s)) return wrong(s, "mtx-count", "fewer entries than the sizes say");
        if (!integer(s, 1, m->n_rows, &i) || !integer(s, 1, m->n_cols, &j)) return wrong(s, "mtx-entry", "row and column expected, from 1 to the matrix's sizes");
        if (m->form && (j > i || (m->form == WEFT_MATRIX_SKEW && i == j))) return wrong(s, "mtx-entry", "of a symmetric matrix the lower triangle stands in the file (of a skew one without the diagonal)");
        m->row[e] = (int32_t)(i - 1);
        m->col[e] = (int32_t)(j - 1);
        blanks(s);
        if (m->value && (!weft_i_parse_double(&s->p, s->end, &m->value[e]) || !isfinite(m->value[e]))) return wrong(s, "mtx-value", "a finite number expected");
        if (!line_ends(s)) return wrong(s, m->value ? "mtx-value" : "mtx-entry", "more than an entry in this line");
    }
    return next_line(s) ? wrong(s, "mtx-count", "more entries than the sizes say") : WEFT_OK;
}

/* data[size] is 0, as weft_i_text_t has it. */
static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_matrix_t **matrix = document;
    weft_status_t status = WEFT_OK;
    weft_matrix_t *m = NULL;
    weft_i_scan_t s;
    bool pattern = false;
    weft_i_scan_init(&s, text->data, text->size, file, diag);
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    WEFT_TRY(banner(&s, m, &pattern));
    WEFT_TRY(sizes(&s, m));
    WEFT_TRY_ALLOC(m->row = weft_i_malloc((size_t)m->n_entries * sizeof *m->row + 1));
    WEFT_TRY_ALLOC(m->col = weft_i_malloc((size_t)m->n_entries * sizeof *m->col + 1));
    if (!pattern) WEFT_TRY_ALLOC(m->value = weft_i_malloc((size_t)m->n_entries * sizeof *m->value + 1));
    WEFT_TRY(entries(&s, m));
    *matrix = m;
    m = NULL;
done:
    weft_matrix_free(m);
    return status;
}

weft_status_t weft_matrix_parse(weft_matrix_t **matrix, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *matrix = NULL;
    return weft_i_text_parse_by(parse_text, matrix, data, size, file, diag);
}

weft_status_t weft_matrix_read(weft_matrix_t **matrix, const char *path, weft_diag_t *diag)
{
    *matrix = NULL;
    return weft_i_text_read_by(parse_text, matrix, path, diag);
}

weft_status_t weft_matrix_write(const weft_matrix_t *m, const char *path, weft_diag_t *diag)
{
    static const char *const form[] = {"general", "symmetric", "skew-symmetric"};
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fprintf(out.file, "%%%%MatrixMarket matrix coordinate %s %s\n%lld %lld %lld\n", m->value ? "real" : "pattern", form[m->form], (long long)m->n_rows, (long long)m->n_cols, (long long)m->n_entries);
    for (int64_t e = 0; e < m->n_entries; e++) {
        if (m->value) fprintf(out.file, "%d %d %.17g\n", m->row[e] + 1, m->col[e] + 1, m->value[e]);
        else fprintf(out.file, "%d %d\n", m->row[e] + 1, m->col[e] + 1);
    }
    return weft_i_out_commit(&out, diag);
}
