/* parsers/words.h: LEF and DEF are words between blanks, with # comments and "strings"; statements end at a word ';'. */
#ifndef WEFT_PARSERS_WORDS_H
#define WEFT_PARSERS_WORDS_H
#include "parsers/scan.h"

#include <string.h>

typedef struct weft_i_word { const char *p; int32_t n; } weft_i_word_t;

/* The next word, or false at the end. A string keeps its quotes; a ';' glued to a word's end is a word of its own. */
static inline bool weft_i_word_next(weft_i_scan_t *s, weft_i_word_t *w)
{
    for (;;) {
        while (*s->p == ' ' || *s->p == '\t' || *s->p == '\r') s->p++;
        if (s->p >= s->end) return false;
        if (*s->p == '\n') {
            s->p++;
            weft_i_scan_newline(s);
        } else if (*s->p == '#') {
            const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
            s->p = n ? n : s->end;
        } else if ((unsigned char)*s->p < ' ') s->p++; /* stray control bytes */
        else break;
    }
    w->p = s->p;
    if (*s->p == '"') {
        for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
            if (*s->p == '\n') {
                s->line++;
                s->line_start = s->p + 1;
            }
        if (s->p < s->end) s->p++;
    } else {
        while ((unsigned char)*s->p > ' ') s->p++;
        if (s->p > s->end) s->p = s->end;
        if (s->p[-1] == ';' && s->p - w->p > 1) s->p--;
    }
    w->n = (int32_t)(s->p - w->p);
    return true;
}
static inline bool weft_i_word_is(const weft_i_word_t *w, const char *text)
{
    size_t n = strlen(text);
    return (size_t)w->n == n && !memcmp(w->p, text, n);
}
/* Skips to behind the next ';'. */
static inline void weft_i_word_skip(weft_i_scan_t *s)
{
    weft_i_word_t w;
    while (weft_i_word_next(s, &w))
        if (w.n == 1 && *w.p == ';') return;
}
/* A number; false leaves *value. */
static inline bool weft_i_word_number(const weft_i_word_t *w, double *value)
{
    const char *p = w->p;
    double v;
    if (!weft_i_parse_double(&p, w->p + w->n, &v) || p != w->p + w->n) return false;
    *value = v;
    return true;
}
#endif
