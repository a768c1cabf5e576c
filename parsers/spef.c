/* parsers/spef.c: SPEF by lines of words. Mapped names are resolved once, so that a node costs two integers. */
#include "parsers/spef_parser.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <string.h>

typedef weft_i_spef_parser_t parser_t;

/* To the next word on this line or a later one; false at the end. *new_line: a line break was passed. */
static bool next_word(parser_t *p, const char **a, const char **b, bool *new_line)
{
    weft_i_scan_t *s = &p->s;
    *new_line = false;
    for (;;) {
        while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r')) s->p++;
        if (s->p >= s->end || *s->p == 0) return false;
        if (*s->p == '\n') {
            s->p++;
            weft_i_scan_newline(s);
            *new_line = true;
        } else if (*s->p == '/' && s->p[1] == '/') {
            const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
            s->p = n ? n : s->end;
        } else if (*s->p == '/' && s->p[1] == '*') {
            p->commented = true;
            for (s->p += 2; s->p < s->end && !(*s->p == '*' && s->p[1] == '/'); s->p++)
                if (*s->p == '\n') {
                    s->line++;
                    s->line_start = s->p + 1;
                }
            s->p = s->p + 2 < s->end ? s->p + 2 : s->end;
        } else break;
    }
    *a = s->p;
    if (*s->p == '"') {
        for (s->p++; s->p < s->end && *s->p != '"' && *s->p != '\n'; s->p++) {}
        if (s->p < s->end && *s->p == '"') s->p++;
    } else
        while (s->p < s->end && (unsigned char)*s->p > ' ') s->p++;
    *b = s->p;
    return true;
}

static bool word_is(const char *a, const char *b, const char *w)
{
    size_t n = strlen(w);
    return (size_t)(b - a) == n && !memcmp(a, w, n);
}

/* Interned without backslashes. */
static int32_t name_id(parser_t *p, const char *a, const char *b)
{
    if (memchr(a, '\\', (size_t)(b - a))) {
        if (!WEFT_I_ROOM(p->text, p->text_cap, b - a + 1)) {
            p->out_of_memory = true;
            return -1;
        }
        int64_t n = 0;
        for (; a < b; a++)
            if (*a != '\\' || (a + 1 < b && a[1] == '\\')) p->text[n++] = *a;
        a = p->text;
        b = a + n;
    }
    int32_t id = weft_names_add(p->doc->names, a, (size_t)(b - a));
    if (id < 0) p->out_of_memory = true;
    return id;
}

/* A mapped (*12) or plain name. In a part, whose map is still being read: the index, or -1 - id of a name of its own. */
static bool net_name(parser_t *p, const char *a, const char *b, int32_t *name)
{
    if (a < b && *a == '*') {
        const char *q = a + 1;
        int64_t k;
        if (weft_i_parse_int(&q, b, &k) && q == b) {
            if (p->is_part && k >= 0 && k < INT32_MAX) return (*name = (int32_t)k, true);
            if (k >= 0 && k < p->n_map && p->map[k] >= 0) return (*name = p->map[k], true);
            weft_i_scan_error(&p->s, a, "spef-name-map", "%.*s is not in the name map", (int)(b - a), a);
            return false;
        }
    }
    int32_t id = name_id(p, a, b);
    *name = p->is_part ? -1 - id : id;
    return id >= 0;
}

static bool node(parser_t *p, const char *a, const char *b, weft_spef_node_t *out)
{
    const char *cut = b;
    while (cut > a && cut[-1] != p->delimiter) cut--;
    out->suffix = -1;
    const char *name_end = b;
    if (cut > a && !(cut - 2 >= a && cut[-2] == '\\')) {
        const char *q = cut;
        int64_t k;
        name_end = cut - 1;
        if (weft_i_parse_int(&q, b, &k) && q == b && k >= 0 && k < INT32_MAX) out->suffix = (int32_t)k;
        else {
            int32_t id = name_id(p, cut, b);
            if (id < 0) return false;
            out->suffix = -2 - id;
        }
    }
    return net_name(p, a, name_end, &out->name);
}

/* A number or triplet, scaled. */
static bool value(parser_t *p, const char *a, const char *b, double unit, float *out)
{
    double v;
    const char *q = a;
    bool ok = weft_i_parse_double(&q, b, &v);
    if (ok && q < b && *q == ':') {
        q++;
        ok = weft_i_parse_double(&q, b, &v);
    }
    if (!ok) {
        weft_i_scan_error(&p->s, a, "spef-number", "'%.*s' is no number", (int)(b - a > 40 ? 40 : b - a), a);
        return false;
    }
    *out = (float)(v * unit);
    return true;
}

static double unit_word(const char *a, const char *b)
{
    switch (a < b ? *a | 32 : 0) {
    case 'f': return 1e-15;
    case 'p': return 1e-12;
    case 'n': return 1e-9;
    case 'u': return 1e-6;
    case 'k': return 1e3;
    case 'm': return b - a > 1 && (a[1] | 32) == 'o' ? 1e6 : 1e-3;
    default: return 1.0;
    }
}

static void put_map(parser_t *p, const char *a, const char *b, const char *c, const char *d)
{
    const char *q = a + 1;
    int64_t k;
    if (!weft_i_parse_int(&q, b, &k) || q != b || k < 0 || k > 100000000) {
        weft_i_scan_error(&p->s, a, "spef-syntax", "*NUMBER expected in the name map");
        return;
    }
    if (k >= p->n_map) {
        if (k > 65536 + 64 * (int64_t)p->n_map) { /* an index far beyond what the file can hold */
            weft_i_scan_error(&p->s, a, "spef-name-map", "index %lld is out of proportion", (long long)k);
            return;
        }
        if (!WEFT_I_ROOM(p->map, p->map_cap, k + 1)) {
            p->out_of_memory = true;
            return;
        }
        while (p->n_map <= k) p->map[p->n_map++] = -1;
    }
    p->map[k] = name_id(p, c, d);
}

enum { TOP = 0, MAP, PORTS, CONN, CAP, RES, OTHER };

/* One keyword line outside of sections that hold data. Returns the section it opens. */
static int32_t keyword(parser_t *p, const char *a, const char *b, int32_t section)
{
    weft_spef_t *d = p->doc;
    weft_i_scan_t *s = &p->s;
    bool nl;
    const char *c, *e;
    if (word_is(a, b, "*CONN")) return CONN;
    if (word_is(a, b, "*CAP")) return CAP;
    if (word_is(a, b, "*RES")) return RES;
    if (word_is(a, b, "*INDUC")) return OTHER;
    if (word_is(a, b, "*END")) return TOP;
    if (word_is(a, b, "*D_NET") || word_is(a, b, "*R_NET")) {
        bool reduced = a[1] == 'R';
        weft_spef_net_t n = {.line = s->line, .first_conn = d->n_conns, .first_cap = d->n_caps, .first_res = d->n_res, .reduced = reduced};
        if (!next_word(p, &c, &e, &nl) || nl) {
            weft_i_scan_error(s, a, "spef-syntax", "net name expected");
            return OTHER;
        }
        bool named = net_name(p, c, e, &n.name);
        if (!next_word(p, &c, &e, &nl) || nl || !value(p, c, e, d->cap_unit, &n.total)) return OTHER;
        if (!named) return OTHER;
        if (!WEFT_I_ROOM(d->net, p->net_cap, d->n_nets + 1)) p->out_of_memory = true;
        else d->net[d->n_nets++] = n;
        return reduced ? OTHER : CONN;
    }
    if (word_is(a, b, "*NAME_MAP")) return MAP;
    if (word_is(a, b, "*PORTS") || word_is(a, b, "*PHYSICAL_PORTS")) return PORTS;
    p->foreign = true; /* what follows speaks of the whole file */
    static const char *const unit[] = {"*C_UNIT", "*R_UNIT", "*T_UNIT"};
    for (int32_t i = 0; i < 3; i++)
        if (word_is(a, b, unit[i])) {
            float v;
            if (next_word(p, &c, &e, &nl) && value(p, c, e, 1.0, &v) && next_word(p, &c, &e, &nl)) {
                double *at = i == 0 ? &d->cap_unit : i == 1 ? &d->res_unit : &d->time_unit;
                *at = (double)v * unit_word(c, e);
            }
            return TOP;
        }
    if (word_is(a, b, "*DELIMITER") && next_word(p, &c, &e, &nl)) {
        p->delimiter = *c;
        return TOP;
    }
    if (word_is(a, b, "*DESIGN") && next_word(p, &c, &e, &nl)) {
        if (e - c >= 2 && *c == '"') c++, e--;
        weft_i_free(d->design);
        d->design = weft_i_strndup(c, (size_t)(e - c));
        return TOP;
    }
    const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p)); /* other header lines */
    if (section == TOP || section == OTHER) s->p = n ? n : s->end;
    return section == MAP || section == PORTS ? TOP : section;
}

static void rest_of_line(weft_i_scan_t *s)
{
    const char *n = memchr(s->p, '\n', (size_t)(s->end - s->p));
    s->p = n ? n : s->end;
}

static void conn_line(parser_t *p, const char *a, const char *b)
{
    weft_spef_t *d = p->doc;
    const char *c, *e;
    bool nl;
    weft_spef_node_t x;
    (void)b;
    if (a[1] != 'N' && next_word(p, &c, &e, &nl) && !nl && node(p, c, e, &x)) {
        if (!WEFT_I_ROOM(d->conn, p->conn_cap, d->n_conns + 1)) p->out_of_memory = true;
        else {
            d->conn[d->n_conns++] = x;
            d->net[d->n_nets - 1].n_conns++;
        }
    }
    rest_of_line(&p->s);
}

/* 1 node value | 1 node node value */
static void cap_line(parser_t *p)
{
    weft_spef_t *d = p->doc;
    const char *c, *e, *f, *g, *h, *i;
    bool nl;
    weft_spef_cap_t x;
    if (!next_word(p, &c, &e, &nl) || nl || !next_word(p, &f, &g, &nl) || nl) {
        weft_i_scan_error(&p->s, NULL, "spef-syntax", "capacitor: node and value expected");
        return;
    }
    const char *here = p->s.p;
    while (here < p->s.end && (*here == ' ' || *here == '\t')) here++;
    if (here < p->s.end && *here != '\n' && *here != '\r' && *here != '/' && next_word(p, &h, &i, &nl) && !nl) { /* a coupling */
        f = h;
        g = i;
        d->n_couplings++;
    }
    if (!node(p, c, e, &x.node) || !value(p, f, g, d->cap_unit, &x.value)) {
        rest_of_line(&p->s);
        return;
    }
    if (!WEFT_I_ROOM(d->cap, p->cap_cap, d->n_caps + 1)) {
        p->out_of_memory = true;
        return;
    }
    d->cap[d->n_caps++] = x;
    d->net[d->n_nets - 1].n_caps++;
}

static void res_line(parser_t *p)
{
    weft_spef_t *d = p->doc;
    const char *c, *e, *f, *g, *h, *i;
    bool nl;
    weft_spef_res_t x;
    if (!next_word(p, &c, &e, &nl) || nl || !next_word(p, &f, &g, &nl) || nl || !next_word(p, &h, &i, &nl) || nl) {
        weft_i_scan_error(&p->s, NULL, "spef-syntax", "resistor: two nodes and a value expected");
        return;
    }
    if (!node(p, c, e, &x.a) || !node(p, f, g, &x.b) || !value(p, h, i, d->res_unit, &x.value)) return;
    if (!WEFT_I_ROOM(d->res, p->res_cap, d->n_res + 1)) {
        p->out_of_memory = true;
        return;
    }
    d->res[d->n_res++] = x;
    d->net[d->n_nets - 1].n_res++;
}

void weft_i_spef_lines(parser_t *p)
{
    const char *a, *b, *c, *e;
    bool nl;
    int32_t section = p->section;
    while (!p->out_of_memory && p->s.n_errors < p->s.max_errors && next_word(p, &a, &b, &nl)) {
        bool star = *a == '*' && b - a > 1, letter = star && ((a[1] >= 'A' && a[1] <= 'Z'));
        bool in_net = p->doc->n_nets > 0 && section >= CONN;
        if (in_net && section == CONN && letter && b - a == 2) conn_line(p, a, b);
        else if (letter) section = keyword(p, a, b, section);
        else if (section == MAP && star) {
            if (next_word(p, &c, &e, &nl) && !nl) put_map(p, a, b, c, e);
            else weft_i_scan_error(&p->s, a, "spef-syntax", "a name expected in the name map");
        } else if (section == CAP && in_net) cap_line(p);
        else if (section == RES && in_net) res_line(p);
        else if (section == PORTS || section == OTHER) rest_of_line(&p->s);
        else {
            weft_i_scan_error(&p->s, a, "spef-syntax", "unexpected '%.*s'", (int)(b - a > 40 ? 40 : b - a), a);
            rest_of_line(&p->s);
        }
    }
    p->section = section;
}

void weft_i_spef_end(parser_t *p)
{
    if (p->section >= CONN && !p->out_of_memory && p->s.n_errors < p->s.max_errors) weft_i_scan_error(&p->s, NULL, "spef-unclosed", "*END expected before the end of the file");
}

weft_status_t weft_i_spef_start(parser_t *p, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *p = (parser_t){.delimiter = ':'};
    weft_i_scan_init(&p->s, data, size, file, diag);
    WEFT_TRY_ALLOC(p->doc = weft_i_calloc(1, sizeof *p->doc));
    p->doc->cap_unit = 1e-12;
    p->doc->res_unit = 1.0;
    p->doc->time_unit = 1e-9;
    WEFT_TRY_ALLOC(p->doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p->doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
done:
    return status;
}

void weft_i_spef_done(parser_t *p)
{
    weft_spef_free(p->doc);
    weft_i_free(p->map);
    weft_i_free(p->text);
}

enum { PART_BYTES = 1 << 18 }; /* a part below this is not worth its own names */

/* In parts where there are threads for them; what they cannot read is told, with its lines in order, by one parser over the whole text. */
static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_spef_t **spef = document;
    weft_status_t status = WEFT_OK;
    parser_t p = {0};
    int32_t n = weft_threads() > 1 && text->size / PART_BYTES < 1 << 20 ? (int32_t)(text->size / PART_BYTES) : 0, most = 4 * weft_threads();
    if (n > 1 && (*spef = weft_i_spef_parts(text->data, text->size, file, n < most ? n : most))) return WEFT_OK;
    WEFT_TRY(weft_i_spef_start(&p, text->data, text->size, file, diag));
    weft_i_spef_lines(&p);
    weft_i_spef_end(&p);
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    *spef = p.doc;
    p.doc = NULL;
done:
    weft_i_spef_done(&p);
    return status;
}

weft_status_t weft_spef_read(weft_spef_t **spef, const char *path, weft_diag_t *diag)
{
    *spef = NULL;
    return weft_i_text_read_by(parse_text, spef, path, diag);
}

weft_status_t weft_spef_parse(weft_spef_t **spef, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *spef = NULL;
    return weft_i_text_parse_by(parse_text, spef, data, size, file, diag);
}

void weft_spef_free(weft_spef_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    WEFT_I_FREE_ALL(d->file, d->design, d->net, d->conn, d->cap, d->res, d);
}
