/* parsers/scan.h: the one scanner every parser shares: a cursor over bytes in memory, lines counted, numbers read
 * exactly and without a locale, errors told with file:line:column. */
#ifndef WEFT_PARSERS_SCAN_H
#define WEFT_PARSERS_SCAN_H
#include "weft/base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct weft_i_scan {
    const char *p, *end;    /* end is readable and 0 (weft_i_text_t pads) */
    const char *line_start;
    int32_t line;
    const char *file;
    weft_diag_t *diag;
    int32_t n_errors;
    int32_t max_errors;     /* after these the parser gives up; default 100 */
} weft_i_scan_t;

void weft_i_scan_init(weft_i_scan_t *s, const char *data, size_t size, const char *file, weft_diag_t *diag);
/* Tells an error or warning at position `at` of the current line (NULL: the cursor). Errors count. */
void weft_i_scan_error(weft_i_scan_t *s, const char *at, const char *id, const char *format, ...) WEFT_PRINTF(4, 5);
void weft_i_scan_warn(weft_i_scan_t *s, const char *at, const char *id, const char *format, ...) WEFT_PRINTF(4, 5);

/* Parses a decimal number at *p (no leading blanks), not past end; correctly rounded. False: no number, *p unmoved. */
bool weft_i_parse_double(const char **p, const char *end, double *value);
bool weft_i_parse_int(const char **p, const char *end, int64_t *value); /* saturates at +-2^62 */

/* The first of the bytes a, b, c at or behind p, or end. */
static inline const char *weft_i_scan_find(const char *p, const char *end, char a, char b, char c)
{
#ifdef __SSE2__
    const __m128i va = _mm_set1_epi8(a), vb = _mm_set1_epi8(b), vc = _mm_set1_epi8(c);
    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)p);
        int found = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, va), _mm_cmpeq_epi8(x, vb)), _mm_cmpeq_epi8(x, vc)));
        if (found) return p + __builtin_ctz((unsigned)found);
    }
#endif
    while (p < end && *p != a && *p != b && *p != c) p++;
    return p;
}

static inline bool weft_i_scan_done(const weft_i_scan_t *s) { return s->p >= s->end; }
static inline void weft_i_scan_newline(weft_i_scan_t *s) /* call with p just after '\n' */
{
    s->line++;
    s->line_start = s->p;
}
#endif
