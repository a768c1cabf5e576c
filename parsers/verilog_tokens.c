/* parsers/verilog_tokens.c: Verilog's tokens: names, numbers, strings, signs; comments, attributes and directives are passed over. */
#include "parsers/verilog_parser.h"

static void skip_blank(weft_i_scan_t *s)
{
    while (s->p < s->end) {
        char c = *s->p;
        if (c == '\n') {
            s->p++;
            weft_i_scan_newline(s);
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0) s->p++;
        else if (c == '/' && s->p[1] == '/') {
            const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
            s->p = n ? n : s->end;
        } else if ((c == '/' && s->p[1] == '*') || (c == '(' && s->p[1] == '*' && s->p[2] != ')')) {
            char close = c == '/' ? '/' : ')';
            for (s->p += 2; s->p < s->end && !(s->p[0] == '*' && s->p[1] == close); s->p++)
                if (*s->p == '\n') {
                    s->line++;
                    s->line_start = s->p + 1;
                }
            s->p = s->p + 2 < s->end ? s->p + 2 : s->end;
        } else if (c == '`') { /* a directive is one line */
            const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
            if (!memcmp(s->p, "`include", 8)) weft_i_scan_warn(s, s->p, "verilog-include", "`include is not followed: name the file itself");
            s->p = n ? n : s->end;
        } else return;
    }
}

static inline bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

void weft_i_verilog_next(weft_i_verilog_parser_t *p)
{
    weft_i_scan_t *s = &p->s;
    skip_blank(s);
    p->at = s->p;
    p->line = s->line;
    p->escaped = false;
    if (s->p >= s->end) {
        p->kind = 0;
        p->length = 0;
        return;
    }
    char c = *s->p;
    if (c == '\\') {
        p->at = ++s->p;
        while (s->p < s->end && (unsigned char)*s->p > ' ') s->p++;
        p->kind = 'n';
        p->escaped = true;
    } else if ((c >= '0' && c <= '9') || c == '\'') {
        while (s->p < s->end && (name_char(*s->p) || *s->p == '\'' || *s->p == '?' || *s->p == '.')) s->p++;
        p->kind = '0';
    } else if (name_char(c)) {
        while (s->p < s->end && name_char(*s->p)) s->p++;
        p->kind = 'n';
    } else if (c == '"') {
        for (s->p++; s->p < s->end && *s->p != '"' && *s->p != '\n'; s->p++)
            if (*s->p == '\\' && s->p + 1 < s->end) s->p++;
        if (s->p < s->end && *s->p == '"') s->p++;
        p->kind = 's';
    } else {
        s->p++;
        p->kind = c;
    }
    p->length = (int32_t)(s->p - p->at);
}

int32_t weft_i_verilog_intern(weft_i_verilog_parser_t *p)
{
    int32_t id = weft_names_add(p->doc->names, p->at, (size_t)p->length);
    if (id < 0) p->out_of_memory = true;
    return id;
}

void weft_i_verilog_complain(weft_i_verilog_parser_t *p, const char *id, const char *what)
{
    int32_t line = p->s.line;
    p->s.line = p->line;
    if (p->kind) weft_i_scan_error(&p->s, p->at, id, "%s at '%.*s'", what, p->length > 60 ? 60 : p->length, p->at);
    else weft_i_scan_error(&p->s, p->at, id, "%s at the end of the file", what);
    p->s.line = line;
}

void weft_i_verilog_resync(weft_i_verilog_parser_t *p)
{
    while (p->kind && p->kind != ';' && !weft_i_verilog_is(p, "endmodule")) weft_i_verilog_next(p);
    if (p->kind == ';') weft_i_verilog_next(p);
}

bool weft_i_verilog_expect(weft_i_verilog_parser_t *p, char c, const char *what)
{
    if (p->kind == c) {
        weft_i_verilog_next(p);
        return true;
    }
    weft_i_verilog_complain(p, "verilog-syntax", what);
    return false;
}

bool weft_i_verilog_number(weft_i_verilog_parser_t *p, int64_t *v)
{
    bool minus = p->kind == '-';
    if (minus) weft_i_verilog_next(p);
    const char *q = p->at;
    if (p->kind != '0' || !weft_i_parse_int(&q, p->at + p->length, v) || *v > WEFT_I_VERILOG_MOST_BITS) {
        weft_i_verilog_complain(p, "verilog-syntax", "a number up to 1048576 expected");
        return false;
    }
    if (minus) *v = -*v;
    weft_i_verilog_next(p);
    return true;
}
