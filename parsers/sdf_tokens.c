/* parsers/sdf_tokens.c: SDF's tokens: parentheses, words with escapes, strings, values. */
#include "parsers/sdf_parser.h"
#include "base/alloc.h"

#include <math.h>

static void skip_blank(weft_i_scan_t *s)
{
    while (s->p < s->end) {
        char c = *s->p;
        if (c == '\n') {
            s->p++;
            weft_i_scan_newline(s);
        } else if ((unsigned char)c <= ' ') s->p++; /* stray control bytes, too */
        else if (c == '/' && s->p[1] == '/') {
            const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
            s->p = n ? n : s->end;
        } else if (c == '/' && s->p[1] == '*') {
            for (s->p += 2; s->p < s->end && !(s->p[0] == '*' && s->p[1] == '/'); s->p++)
                if (*s->p == '\n') {
                    s->line++;
                    s->line_start = s->p + 1;
                }
            s->p = s->p + 2 < s->end ? s->p + 2 : s->end;
        } else return;
    }
}

static bool ends_word(char c) { return (unsigned char)c <= ' ' || c == '(' || c == ')' || c == '"'; }

void weft_i_sdf_next(weft_i_sdf_parser_t *p)
{
    weft_i_scan_t *s = &p->s;
    skip_blank(s);
    p->at = s->p;
    p->line = s->line;
    if (s->p >= s->end) p->kind = 0;
    else if (*s->p == '(' || *s->p == ')') {
        p->kind = *s->p++;
        p->depth += p->kind == '(' ? 1 : -1;
    } else if (*s->p == '"') {
        p->kind = 's';
        for (s->p++; s->p < s->end && *s->p != '"' && *s->p != '\n'; s->p++)
            if (*s->p == '\\' && s->p + 1 < s->end && s->p[1] != '\n') s->p++;
        if (s->p < s->end && *s->p == '"') s->p++;
    } else {
        p->kind = 'w';
        for (; s->p < s->end && !ends_word(*s->p); s->p++)
            if (*s->p == '\\' && s->p + 1 < s->end && (unsigned char)s->p[1] > ' ') s->p++;
    }
    p->length = (int32_t)(s->p - p->at);
}

void weft_i_sdf_complain(weft_i_sdf_parser_t *p, const char *id, const char *what)
{
    int32_t line = p->s.line;
    if (!p->kind) {
        if (!p->ended) weft_i_scan_error(&p->s, p->at, "sdf-unclosed", "%s at the end of the file", what);
        p->ended = true;
        return;
    }
    p->s.line = p->line;
    weft_i_scan_error(&p->s, p->at, id, "%s at '%.*s'", what, p->length > 60 ? 60 : p->length, p->at);
    p->s.line = line;
}

void weft_i_sdf_leave(weft_i_sdf_parser_t *p, int32_t group)
{
    while (p->kind && !(p->kind == ')' && p->depth < group)) weft_i_sdf_next(p);
    if (p->kind) weft_i_sdf_next(p);
    else weft_i_sdf_complain(p, "", ") expected");
}

bool weft_i_sdf_group(weft_i_sdf_parser_t *p, int32_t *group)
{
    while (weft_i_sdf_more(p)) {
        bool opens = p->kind == '(';
        if (opens || p->kind == ')') {
            *group = p->depth;
            weft_i_sdf_next(p);
            return opens;
        }
        weft_i_sdf_complain(p, "sdf-syntax", "( or ) expected");
        while (p->kind && p->kind != '(' && p->kind != ')') weft_i_sdf_next(p);
    }
    return false;
}

bool weft_i_sdf_text(weft_i_sdf_parser_t *p, int64_t *n, const char *a, int32_t length)
{
    if (!WEFT_I_ROOM(p->text, p->text_cap, *n + length + 1)) return (p->out_of_memory = true, false);
    for (const char *b = a + length; a < b; a++) {
        if (*a == '\\' && a + 1 < b) a++;
        p->text[(*n)++] = *a;
    }
    return true;
}

int32_t weft_i_sdf_name(weft_i_sdf_parser_t *p, bool is_path)
{
    const char *a = p->at;
    int64_t n = 0;
    bool divided = is_path && p->divider != '/' && memchr(a, p->divider, (size_t)p->length);
    if (p->kind == 's') {
        bool closed = p->length > 1 && a[p->length - 1] == '"';
        a++;
        n = p->length - 1 - closed;
    } else if (!divided && !memchr(a, '\\', (size_t)p->length)) n = p->length;
    else {
        if (!WEFT_I_ROOM(p->text, p->text_cap, p->length)) return (p->out_of_memory = true, -1);
        for (const char *q = a; q < a + p->length; q++) {
            if (*q == '\\' && q + 1 < a + p->length) p->text[n++] = *++q;
            else p->text[n++] = divided && *q == p->divider ? '/' : *q;
        }
        a = p->text;
    }
    int32_t id = weft_names_add(p->doc->names, a, (size_t)n);
    p->out_of_memory |= id < 0;
    return id;
}

/* min:typ:max at the cursor, any of them empty. False: something else stands there. */
static bool triple(weft_i_scan_t *s, double unit, weft_sdf_triple_t *t)
{
    float v[3] = {NAN, NAN, NAN};
    int32_t n = 0;
    for (;; n++, s->p++) {
        double x;
        skip_blank(s);
        if (weft_i_parse_double(&s->p, s->end, &x)) v[n] = (float)(x * unit);
        skip_blank(s);
        if (n == 2 || *s->p != ':' || s->p >= s->end) break;
    }
    if (n == 0) v[1] = v[2] = v[0];
    if (isinf(v[0]) || isinf(v[1]) || isinf(v[2])) return false;
    *t = (weft_sdf_triple_t){v[0], v[1], v[2]};
    return s->p < s->end && *s->p == ')';
}

/* A value in parentheses, whose '(' is the current token, or a bare number. Of a value with pulse limits, "((..) (..))", the first. */
static bool value(weft_i_sdf_parser_t *p, weft_sdf_triple_t *t)
{
    int32_t outer = 0;
    if (p->kind == 'w') {
        const char *q = p->at;
        double x;
        if (!weft_i_parse_double(&q, p->at + p->length, &x) || q != p->at + p->length) return false;
        t->min = t->typ = t->max = (float)(x * p->doc->time_unit);
        weft_i_sdf_next(p);
        return !isinf(t->min);
    }
    skip_blank(&p->s);
    if (p->s.p < p->s.end && *p->s.p == '(') {
        outer = p->depth;
        weft_i_sdf_next(p);
    }
    if (!triple(&p->s, p->doc->time_unit, t)) return false;
    weft_i_sdf_next(p); /* the ')' */
    weft_i_sdf_next(p);
    if (outer) weft_i_sdf_leave(p, outer);
    return true;
}

bool weft_i_sdf_values(weft_i_sdf_parser_t *p, uint8_t *n)
{
    weft_sdf_t *d = p->doc;
    for (*n = 0; p->kind != ')';) {
        int32_t group = p->depth;
        weft_sdf_triple_t t;
        skip_blank(&p->s);
        if (p->kind == '(' && p->s.end - p->s.p > 6 && !strncasecmp(p->s.p, "RETAIN", 6)) {
            weft_i_sdf_leave(p, group);
            d->n_skipped++;
            continue;
        }
        if ((p->kind != '(' && p->kind != 'w') || *n >= 12) return (weft_i_sdf_complain(p, "sdf-syntax", "a value or ) expected"), false);
        if (!value(p, &t)) return (weft_i_sdf_complain(p, "sdf-number", "a number, (min:typ:max) or () expected"), false);
        if (!WEFT_I_ROOM(d->value, p->value_cap, d->n_values + 1)) return (p->out_of_memory = true, false);
        d->value[d->n_values++] = t;
        ++*n;
    }
    return true;
}
