/* parsers/verilog.c: structural Verilog, one pass of recursive descent without recursion on input (nested concatenations are
 * flattened with a counter). */
#include "weft/verilog.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/scan.h"

#include <string.h>

typedef struct parser {
    weft_i_scan_t s;
    weft_verilog_t *doc;
    int64_t module_cap, port_cap, net_cap, inst_cap, conn_cap, ref_cap, assign_cap;
    bool out_of_memory;
    /* the current token */
    const char *at;
    int32_t length, line;
    char kind; /* 'n' name, '0' number, 's' string, 0 end, else the character */
    bool escaped;
} parser_t;

enum { MOST_BITS = 1 << 20 };

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

static void next(parser_t *p)
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

static bool is(const parser_t *p, const char *word)
{
    return p->kind == 'n' && !p->escaped && (size_t)p->length == strlen(word) && !memcmp(p->at, word, (size_t)p->length);
}

static int32_t intern(parser_t *p)
{
    int32_t id = weft_names_add(p->doc->names, p->at, (size_t)p->length);
    if (id < 0) p->out_of_memory = true;
    return id;
}

static void complain(parser_t *p, const char *id, const char *what)
{
    int32_t line = p->s.line;
    p->s.line = p->line;
    if (p->kind) weft_i_scan_error(&p->s, p->at, id, "%s at '%.*s'", what, p->length > 60 ? 60 : p->length, p->at);
    else weft_i_scan_error(&p->s, p->at, id, "%s at the end of the file", what);
    p->s.line = line;
}

/* Behind the next ';' (or before endmodule). */
static void resync(parser_t *p)
{
    while (p->kind && p->kind != ';' && !is(p, "endmodule")) next(p);
    if (p->kind == ';') next(p);
}

static bool expect(parser_t *p, char c, const char *what)
{
    if (p->kind == c) {
        next(p);
        return true;
    }
    complain(p, "verilog-syntax", what);
    return false;
}

static bool number(parser_t *p, int64_t *v)
{
    bool minus = p->kind == '-';
    if (minus) next(p);
    const char *q = p->at;
    if (p->kind != '0' || !weft_i_parse_int(&q, p->at + p->length, v) || *v > MOST_BITS) {
        complain(p, "verilog-syntax", "a number up to 1048576 expected");
        return false;
    }
    if (minus) *v = -*v;
    next(p);
    return true;
}

static bool put_ref(parser_t *p, int32_t name, int32_t msb, int32_t lsb)
{
    if (!WEFT_I_ROOM(p->doc->ref, p->ref_cap, p->doc->n_refs + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->ref[p->doc->n_refs++] = (weft_verilog_ref_t){name, msb, lsb};
    return true;
}

static int32_t digit_bits(char c, int32_t base_bits, int32_t *bits)
{
    int32_t v = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    bool x = (c | 32) == 'x' || (c | 32) == 'z' || c == '?';
    if (!x && (v < 0 || v >= 1 << base_bits)) return 0;
    for (int32_t i = 0; i < base_bits; i++) bits[i] = x ? WEFT_VERILOG_X : v >> (base_bits - 1 - i) & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO;
    return base_bits;
}

/* 8'hA5, 1'b0, 'd12, 3: bits, most significant first. */
static bool constant(parser_t *p)
{
    const char *q = p->at, *end = p->at + p->length;
    int64_t width = 32;
    if (*q != '\'' && !weft_i_parse_int(&q, end, &width)) goto bad;
    if (q < end && *q == '_') goto bad;
    if (q == end) { /* a plain decimal: the value, 32 bits */
        int64_t v = width;
        for (int32_t i = 31; i >= 0; i--)
            if (!put_ref(p, v >> i & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO, 0, 0)) return false;
        next(p);
        return true;
    }
    if (*q != '\'' || width < 1 || width > 65536) goto bad;
    q++;
    if (q < end && (*q | 32) == 's') q++;
    if (q >= end) goto bad;
    char base = *q++ | 32;
    int32_t per = base == 'b' ? 1 : base == 'o' ? 3 : base == 'h' ? 4 : base == 'd' ? 0 : -1;
    if (per < 0) goto bad;
    if (q == end) { /* blanks may stand between base and digits */
        next(p);
        q = p->at;
        end = q + p->length;
        if (p->kind != '0' && p->kind != 'n') goto bad;
    }
    int32_t first = p->doc->n_refs;
    if (per == 0) {
        int64_t v;
        bool x = (*q | 32) == 'x' || (*q | 32) == 'z';
        if (!x && !weft_i_parse_int(&q, end, &v)) goto bad;
        for (int64_t i = width - 1; i >= 0; i--)
            if (!put_ref(p, x ? WEFT_VERILOG_X : i < 62 && v >> i & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO, 0, 0)) return false;
        next(p);
        return true;
    }
    int64_t n_bits = 0;
    for (const char *c = q; c < end; c++) n_bits += *c == '_' ? 0 : per;
    for (int64_t i = n_bits; i < width; i++)
        if (!put_ref(p, WEFT_VERILOG_ZERO, 0, 0)) return false;
    int64_t drop = n_bits > width ? n_bits - width : 0;
    for (; q < end; q++) {
        int32_t bits[4];
        if (*q == '_') continue;
        int32_t n = digit_bits(*q, per, bits);
        if (!n) {
            p->doc->n_refs = first;
            goto bad;
        }
        for (int32_t i = 0; i < n; i++) {
            if (drop) drop--;
            else if (!put_ref(p, bits[i], 0, 0)) return false;
        }
    }
    next(p);
    return true;
bad:
    complain(p, "verilog-constant", "cannot read the constant");
    return false;
}

static bool net_ref(parser_t *p)
{
    int32_t name = intern(p);
    int64_t msb, lsb;
    next(p);
    if (p->kind != '[') return put_ref(p, name, WEFT_VERILOG_WHOLE, WEFT_VERILOG_WHOLE);
    next(p);
    if (!number(p, &msb)) return false;
    lsb = msb;
    if (p->kind == ':') {
        next(p);
        if (!number(p, &lsb)) return false;
    }
    return expect(p, ']', "']' expected") && put_ref(p, name, (int32_t)msb, (int32_t)lsb);
}

/* An expression made of nets, constants, {..} and n{..}; refs are appended. */
static bool expression(parser_t *p)
{
    enum { DEEPEST = 64 };
    struct { int32_t start, times; } open[DEEPEST];
    int32_t depth = 0;
    for (;;) {
        if (p->kind == '{') {
            if (depth == DEEPEST) {
                complain(p, "verilog-syntax", "concatenations nested too deep");
                return false;
            }
            open[depth].start = p->doc->n_refs;
            open[depth++].times = 1;
            next(p);
            if (p->kind == '0') { /* maybe a replication */
                const char *q = p->at;
                int64_t n;
                weft_i_scan_t saved = p->s;
                parser_t before = *p;
                if (weft_i_parse_int(&q, p->at + p->length, &n) && q == p->at + p->length) {
                    next(p);
                    if (p->kind == '{') {
                        if (depth == DEEPEST || n > 65536) {
                            complain(p, "verilog-syntax", "replication too large");
                            return false;
                        }
                        open[depth].start = p->doc->n_refs;
                        open[depth++].times = (int32_t)n;
                        next(p);
                    } else {
                        p->s = saved;
                        p->at = before.at;
                        p->length = before.length;
                        p->line = before.line;
                        p->kind = before.kind;
                        p->escaped = before.escaped;
                    }
                }
            }
            continue;
        }
        if (p->kind == 'n') {
            if (!net_ref(p)) return false;
        } else if (p->kind == '0') {
            if (!constant(p)) return false;
        } else {
            complain(p, "verilog-syntax", "a net, a constant or '{' expected");
            return false;
        }
        while (depth && p->kind == '}') {
            int32_t start = open[--depth].start, n = p->doc->n_refs - start;
            if ((int64_t)n * open[depth].times > MOST_BITS) {
                complain(p, "verilog-syntax", "replication too large");
                return false;
            }
            for (int32_t k = 1; k < open[depth].times; k++)
                for (int32_t i = 0; i < n; i++) {
                    weft_verilog_ref_t r = p->doc->ref[start + i];
                    if (!put_ref(p, r.name, r.msb, r.lsb)) return false;
                }
            next(p);
        }
        if (!depth) return true;
        if (!expect(p, ',', "',' or '}' expected")) return false;
    }
}

static bool put_net(parser_t *p, int32_t name, uint8_t kind, bool bus, int64_t msb, int64_t lsb, int32_t line)
{
    if (!WEFT_I_ROOM(p->doc->net, p->net_cap, p->doc->n_nets + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->net[p->doc->n_nets++] = (weft_verilog_net_t){name, (int32_t)msb, (int32_t)lsb, line, kind, bus};
    return true;
}

static bool put_port(parser_t *p, int32_t name)
{
    if (!WEFT_I_ROOM(p->doc->port, p->port_cap, p->doc->n_ports + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->port[p->doc->n_ports++] = name;
    return true;
}

static bool range(parser_t *p, bool *bus, int64_t *msb, int64_t *lsb)
{
    *bus = p->kind == '[';
    *msb = *lsb = 0;
    if (!*bus) return true;
    next(p);
    return number(p, msb) && expect(p, ':', "':' expected") && number(p, lsb) && expect(p, ']', "']' expected");
}

static int32_t direction(const parser_t *p)
{
    return is(p, "input") ? WEFT_VERILOG_INPUT : is(p, "output") ? WEFT_VERILOG_OUTPUT : is(p, "inout") ? WEFT_VERILOG_INOUT : -1;
}

static bool is_wire_word(const parser_t *p)
{
    static const char *const word[] = {"wire", "tri", "wand", "wor", "tri0", "tri1", "reg", "logic", "signed", "uwire"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (is(p, word[i])) return true;
    return false;
}

/* input [3:0] a, b; also in a module header, where it ends before ')' or the next direction. */
static bool declaration(parser_t *p, uint8_t kind, bool header)
{
    bool bus;
    int64_t msb, lsb;
    while (is_wire_word(p)) next(p);
    if (!range(p, &bus, &msb, &lsb)) return false;
    for (;;) {
        if (p->kind != 'n') {
            complain(p, "verilog-syntax", "a name expected");
            return false;
        }
        int32_t name = intern(p), line = p->line;
        next(p);
        if (!put_net(p, name, kind, bus, msb, lsb, line)) return false;
        if (header && !put_port(p, name)) return false;
        if (!header && p->kind == '=') { /* wire a = b; is an assign too */
            next(p);
            weft_verilog_assign_t a = {.first_left = p->doc->n_refs, .n_left = 1, .line = line};
            if (!put_ref(p, name, WEFT_VERILOG_WHOLE, WEFT_VERILOG_WHOLE)) return false;
            a.first_right = p->doc->n_refs;
            if (!expression(p)) return false;
            a.n_right = p->doc->n_refs - a.first_right;
            if (!WEFT_I_ROOM(p->doc->assign, p->assign_cap, p->doc->n_assigns + 1)) {
                p->out_of_memory = true;
                return false;
            }
            p->doc->assign[p->doc->n_assigns++] = a;
        }
        if (p->kind != ',') break;
        next(p);
        if (header && direction(p) >= 0) return true;
    }
    return header || expect(p, ';', "';' expected");
}

static bool header_ports(parser_t *p)
{
    if (p->kind == '#') { /* #(parameter ..) */
        int32_t depth = 0;
        do {
            next(p);
            depth += p->kind == '(' ? 1 : p->kind == ')' ? -1 : 0;
        } while (depth && p->kind);
        next(p);
    }
    if (p->kind == ';') {
        next(p);
        return true;
    }
    if (!expect(p, '(', "'(' or ';' expected")) return false;
    while (p->kind && p->kind != ')') {
        int32_t d = direction(p);
        if (d >= 0) {
            next(p);
            if (!declaration(p, (uint8_t)d, true)) return false;
        } else if (p->kind == 'n') {
            if (!put_port(p, intern(p))) return false;
            next(p);
            if (p->kind == ',') next(p);
        } else {
            complain(p, "verilog-syntax", "a port expected");
            return false;
        }
    }
    return expect(p, ')', "')' expected") && expect(p, ';', "';' expected");
}

static bool connection(parser_t *p, bool named)
{
    weft_verilog_conn_t c = {.port = -1, .line = p->line};
    if (named) {
        next(p);
        if (p->kind != 'n') {
            complain(p, "verilog-syntax", "a port name expected");
            return false;
        }
        c.port = intern(p);
        next(p);
        if (!expect(p, '(', "'(' expected")) return false;
    }
    c.first_ref = p->doc->n_refs;
    if (p->kind != ')' && p->kind != ',' && !expression(p)) return false;
    c.n_refs = p->doc->n_refs - c.first_ref;
    if (named && !expect(p, ')', "')' expected")) return false;
    if (!WEFT_I_ROOM(p->doc->conn, p->conn_cap, p->doc->n_conns + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->conn[p->doc->n_conns++] = c;
    return true;
}

/* CELL #(..) name (connections), name2 (..); */
static bool instances(parser_t *p)
{
    int32_t module = intern(p);
    next(p);
    if (p->kind == '#') {
        int32_t depth = 0;
        do {
            next(p);
            depth += p->kind == '(' ? 1 : p->kind == ')' ? -1 : 0;
        } while (depth > 0 && p->kind);
        next(p);
    }
    for (;;) {
        if (p->kind != 'n') {
            complain(p, "verilog-syntax", "an instance name expected");
            return false;
        }
        weft_verilog_inst_t x = {.module = module, .name = intern(p), .first_conn = p->doc->n_conns, .line = p->line};
        next(p);
        if (p->kind == '[') {
            complain(p, "verilog-syntax", "arrays of instances are not read");
            return false;
        }
        if (!expect(p, '(', "'(' expected")) return false;
        while (p->kind && p->kind != ')') {
            if (!connection(p, p->kind == '.')) return false;
            if (p->kind == ',') next(p);
            else if (p->kind != ')') {
                complain(p, "verilog-syntax", "',' or ')' expected");
                return false;
            }
        }
        if (!expect(p, ')', "')' expected")) return false;
        x.n_conns = p->doc->n_conns - x.first_conn;
        if (!WEFT_I_ROOM(p->doc->inst, p->inst_cap, p->doc->n_insts + 1)) {
            p->out_of_memory = true;
            return false;
        }
        p->doc->inst[p->doc->n_insts++] = x;
        if (p->kind != ',') break;
        next(p);
    }
    return expect(p, ';', "';' expected");
}

static bool assign(parser_t *p)
{
    next(p);
    for (;;) {
        weft_verilog_assign_t a = {.first_left = p->doc->n_refs, .line = p->line};
        if (!expression(p)) return false;
        a.n_left = p->doc->n_refs - a.first_left;
        if (!expect(p, '=', "'=' expected")) return false;
        a.first_right = p->doc->n_refs;
        if (!expression(p)) return false;
        a.n_right = p->doc->n_refs - a.first_right;
        if (!WEFT_I_ROOM(p->doc->assign, p->assign_cap, p->doc->n_assigns + 1)) {
            p->out_of_memory = true;
            return false;
        }
        p->doc->assign[p->doc->n_assigns++] = a;
        if (p->kind != ',') break;
        next(p);
    }
    return expect(p, ';', "';' expected");
}

/* Words that open what is not structure, and the word that ends it (NULL: the next ';'). */
static const struct { const char *open, *close; } behaviour[] = {
    {"always", NULL}, {"initial", NULL}, {"function", "endfunction"}, {"task", "endtask"}, {"specify", "endspecify"}, {"generate", "endgenerate"},
    {"primitive", "endprimitive"}, {"table", "endtable"}};
static const char *const primitive[] = {"and", "nand", "or", "nor", "xor", "xnor", "buf", "not", "bufif0", "bufif1", "notif0", "notif1", "nmos", "pmos", "tran"};

static void skip_behaviour(parser_t *p, size_t row)
{
    complain(p, "verilog-behaviour", "not structural");
    int32_t depth = 0;
    next(p);
    while (p->kind && !is(p, "endmodule")) {
        if (behaviour[row].close ? is(p, behaviour[row].close) : false) {
            next(p);
            return;
        }
        if (!behaviour[row].close) {
            depth += is(p, "begin") || is(p, "case") ? 1 : is(p, "end") || is(p, "endcase") ? -1 : 0;
            if ((p->kind == ';' && depth <= 0) || (is(p, "end") && depth <= 0)) {
                next(p);
                return;
            }
        }
        next(p);
    }
}

static void item(parser_t *p)
{
    int32_t d = direction(p);
    bool ok = true;
    if (p->kind == ';') next(p);
    else if (d >= 0) {
        next(p);
        ok = declaration(p, (uint8_t)d, false);
    } else if (is_wire_word(p)) ok = declaration(p, WEFT_VERILOG_WIRE, false);
    else if (is(p, "supply0") || is(p, "supply1")) {
        uint8_t kind = is(p, "supply0") ? WEFT_VERILOG_SUPPLY0 : WEFT_VERILOG_SUPPLY1;
        next(p);
        ok = declaration(p, kind, false);
    } else if (is(p, "assign")) ok = assign(p);
    else if (is(p, "parameter") || is(p, "localparam") || is(p, "defparam") || is(p, "genvar") || is(p, "integer")) resync(p);
    else {
        for (size_t i = 0; i < sizeof behaviour / sizeof *behaviour; i++)
            if (is(p, behaviour[i].open)) {
                skip_behaviour(p, i);
                return;
            }
        for (size_t i = 0; i < sizeof primitive / sizeof *primitive; i++)
            if (is(p, primitive[i])) {
                complain(p, "verilog-gate", "gate primitives are not library cells");
                resync(p);
                return;
            }
        if (p->kind == 'n') ok = instances(p);
        else {
            complain(p, "verilog-syntax", "a declaration or an instance expected");
            ok = false;
        }
    }
    if (!ok) resync(p);
}

static void module(parser_t *p)
{
    next(p);
    if (p->kind != 'n') {
        complain(p, "verilog-syntax", "a module name expected");
        return;
    }
    weft_verilog_t *d = p->doc;
    weft_verilog_module_t m = {.name = intern(p), .line = p->line, .first_port = d->n_ports, .first_net = d->n_nets, .first_inst = d->n_insts, .first_assign = d->n_assigns};
    next(p);
    if (!header_ports(p)) resync(p);
    m.n_ports = d->n_ports - m.first_port;
    while (p->kind && !is(p, "endmodule") && !is(p, "module") && p->s.n_errors < p->s.max_errors && !p->out_of_memory) item(p);
    if (is(p, "endmodule")) next(p);
    else if (!p->out_of_memory) complain(p, "verilog-unclosed", "endmodule expected");
    m.n_nets = d->n_nets - m.first_net;
    m.n_insts = d->n_insts - m.first_inst;
    m.n_assigns = d->n_assigns - m.first_assign;
    if (!WEFT_I_ROOM(d->module, p->module_cap, d->n_modules + 1)) p->out_of_memory = true;
    else d->module[d->n_modules++] = m;
}

static weft_status_t parse_text(weft_verilog_t **verilog, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parser_t p = {0};
    *verilog = NULL;
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    WEFT_TRY_ALLOC(p.doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p.doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
    weft_i_scan_init(&p.s, text->data, text->size, file, diag);
    next(&p);
    while (p.kind && p.s.n_errors < p.s.max_errors && !p.out_of_memory) {
        if (is(&p, "module") || is(&p, "macromodule")) module(&p);
        else {
            complain(&p, "verilog-syntax", "module expected");
            while (p.kind && !is(&p, "module")) next(&p);
        }
    }
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    *verilog = p.doc;
    p.doc = NULL;
done:
    weft_verilog_free(p.doc);
    return status;
}

weft_status_t weft_verilog_read(weft_verilog_t **verilog, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *verilog = NULL;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = parse_text(verilog, &text, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

weft_status_t weft_verilog_parse(weft_verilog_t **verilog, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_i_text_t text;
    *verilog = NULL;
    weft_status_t status = weft_i_text_copy(&text, data, size);
    if (status != WEFT_OK) return status;
    status = parse_text(verilog, &text, file, diag);
    weft_i_text_destroy(&text);
    return status;
}

void weft_verilog_free(weft_verilog_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    weft_i_free(d->file);
    weft_i_free(d->module);
    weft_i_free(d->port);
    weft_i_free(d->net);
    weft_i_free(d->inst);
    weft_i_free(d->conn);
    weft_i_free(d->ref);
    weft_i_free(d->assign);
    weft_i_free(d);
}
