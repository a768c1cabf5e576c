/* parsers/def_words.c: what statements of a DEF are made of: names, points, orientations. */
#include "parsers/def_parser.h"
#include "base/alloc.h"
#include "weft/design.h"

#include <math.h>

int32_t weft_i_def_intern(weft_i_def_parser_t *p, const weft_i_word_t *w)
{
    const char *a = w->p;
    int64_t n = w->n;
    if (memchr(a, '\\', (size_t)n)) { /* the backslash quotes the next character */
        if (!WEFT_I_ROOM(p->text, p->text_cap, n + 1)) {
            p->out_of_memory = true;
            return -1;
        }
        int64_t k = 0;
        for (int64_t i = 0; i < n; i++) {
            if (a[i] == '\\' && i + 1 < n) i++;
            p->text[k++] = a[i];
        }
        a = p->text;
        n = k;
    }
    int32_t id = weft_names_add(p->doc->names, a, (size_t)n);
    if (id < 0) p->out_of_memory = true;
    return id;
}

bool weft_i_def_next(weft_i_def_parser_t *p, weft_i_word_t *w)
{
    if (p->ended || weft_i_def_stop(p)) return false;
    if (!weft_i_word_next(&p->s, w)) {
        weft_i_scan_error(&p->s, NULL, "def-unclosed", "the file ends inside a statement");
        p->ended = true;
        return false;
    }
    if (weft_i_def_is_char(w, ';')) {
        p->ended = true;
        return false;
    }
    return true;
}

void weft_i_def_finish(weft_i_def_parser_t *p)
{
    weft_i_word_t w;
    while (weft_i_def_next(p, &w)) {}
    p->ended = false;
}

static bool coordinate(weft_i_def_parser_t *p, const weft_i_word_t *w, int32_t previous, int32_t *out)
{
    if (weft_i_def_is_char(w, '*')) {
        *out = previous;
        return true;
    }
    double v;
    if (!weft_i_word_number(w, &v) || !(fabs(v) < 2e9)) {
        weft_i_scan_error(&p->s, w->p, "def-number", "a coordinate expected, not '%.*s'", w->n > 40 ? 40 : w->n, w->p);
        return false;
    }
    *out = (int32_t)lrint(v);
    return true;
}

bool weft_i_def_point(weft_i_def_parser_t *p, int32_t *x, int32_t *y)
{
    weft_i_word_t w;
    int32_t a = 0, b = 0;
    if (!weft_i_def_next(p, &w) || !coordinate(p, &w, *x, &a) || !weft_i_def_next(p, &w) || !coordinate(p, &w, *y, &b)) return false;
    while (weft_i_def_next(p, &w) && !weft_i_def_is_char(&w, ')')) {}
    *x = a;
    *y = b;
    return true;
}

bool weft_i_def_point_at(weft_i_def_parser_t *p, int32_t *x, int32_t *y)
{
    weft_i_word_t w;
    if (!weft_i_def_next(p, &w)) return false;
    if (!weft_i_def_is_char(&w, '(')) {
        weft_i_scan_error(&p->s, w.p, "def-syntax", "'(' expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
        return false;
    }
    return weft_i_def_point(p, x, y);
}

uint8_t weft_i_def_orientation(const weft_i_word_t *w)
{
    static const char *const names[] = {"N", "S", "W", "E", "FN", "FS", "FW", "FE"};
    static const char *const other[] = {"R0", "R180", "R90", "R270", "MY", "MX", "MX90", "MY90"};
    for (uint8_t i = 0; i < 8; i++)
        if (weft_i_word_is(w, names[i]) || weft_i_word_is(w, other[i])) return i;
    return WEFT_N;
}
