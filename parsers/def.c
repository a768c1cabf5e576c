/* parsers/def.c: DEF by statements. Components, pins, nets and blockages are kept; other sections are skipped. */
#include "weft/def.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/words.h"
#include "weft/design.h"

#include <math.h>

typedef weft_i_word_t word_t;

typedef struct parser {
    weft_i_scan_t s;
    weft_def_t *doc;
    int64_t component_cap, pin_cap, block_cap, net_cap, conn_cap, wire_cap, text_cap;
    char *text;
    bool out_of_memory, ended; /* ended: the statement's ';' was seen */
} parser_t;

static bool is(const word_t *w, const char *text) { return weft_i_word_is(w, text); }
static bool is_char(const word_t *w, char c) { return w->n == 1 && *w->p == c; }
static bool stop(const parser_t *p) { return p->out_of_memory || p->s.n_errors >= p->s.max_errors; }

static int32_t intern(parser_t *p, const word_t *w)
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

/* The next word of the statement; false at its ';' or (told) at the end of the file. */
static bool next(parser_t *p, word_t *w)
{
    if (p->ended || stop(p)) return false;
    if (!weft_i_word_next(&p->s, w)) {
        weft_i_scan_error(&p->s, NULL, "def-unclosed", "the file ends inside a statement");
        p->ended = true;
        return false;
    }
    if (is_char(w, ';')) {
        p->ended = true;
        return false;
    }
    return true;
}

static void finish(parser_t *p)
{
    word_t w;
    while (next(p, &w)) {}
    p->ended = false;
}

static bool coordinate(parser_t *p, const word_t *w, int32_t previous, int32_t *out)
{
    if (is_char(w, '*')) {
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

/* After '(' was read: x y [extension] ')'. */
static bool point(parser_t *p, int32_t *x, int32_t *y)
{
    word_t w;
    int32_t a = 0, b = 0;
    if (!next(p, &w) || !coordinate(p, &w, *x, &a) || !next(p, &w) || !coordinate(p, &w, *y, &b)) return false;
    while (next(p, &w) && !is_char(&w, ')')) {}
    *x = a;
    *y = b;
    return true;
}

static bool point_at(parser_t *p, int32_t *x, int32_t *y)
{
    word_t w;
    if (!next(p, &w)) return false;
    if (!is_char(&w, '(')) {
        weft_i_scan_error(&p->s, w.p, "def-syntax", "'(' expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
        return false;
    }
    return point(p, x, y);
}

static uint8_t orientation(const word_t *w)
{
    static const char *const names[] = {"N", "S", "W", "E", "FN", "FS", "FW", "FE"};
    static const char *const other[] = {"R0", "R180", "R90", "R270", "MY", "MX", "MX90", "MY90"};
    for (uint8_t i = 0; i < 8; i++)
        if (is(w, names[i]) || is(w, other[i])) return i;
    return WEFT_N;
}

static bool is_placement(const word_t *w) { return is(w, "PLACED") || is(w, "FIXED") || is(w, "COVER"); }

static void component(parser_t *p)
{
    word_t name, macro, w;
    weft_def_t *d = p->doc;
    if (!next(p, &name) || !next(p, &macro)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a component needs a name and a macro");
        return;
    }
    if (!WEFT_I_ROOM(d->component, p->component_cap, d->n_components + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_component_t c = {.name = intern(p, &name), .macro = intern(p, &macro), .line = p->s.line};
    while (next(p, &w)) {
        if (!is_placement(&w) || c.placed) continue;
        c.placed = point_at(p, &c.x, &c.y);
        if (c.placed && next(p, &w)) c.orient = orientation(&w);
    }
    if (c.name >= 0 && c.macro >= 0) d->component[d->n_components++] = c;
}

static void widen(weft_def_pin_t *k, int32_t x, int32_t y)
{
    if (!k->has_shape) {
        k->x0 = k->x1 = x;
        k->y0 = k->y1 = y;
        k->has_shape = true;
        return;
    }
    if (x < k->x0) k->x0 = x;
    if (x > k->x1) k->x1 = x;
    if (y < k->y0) k->y0 = y;
    if (y > k->y1) k->y1 = y;
}

/* A pin keeps the shapes and the place of its first placed port. */
static void pin(parser_t *p)
{
    word_t name, w;
    weft_def_t *d = p->doc;
    if (!next(p, &name)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a pin needs a name");
        return;
    }
    if (!WEFT_I_ROOM(d->pin, p->pin_cap, d->n_pins + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_pin_t k = {.name = intern(p, &name), .net = -1, .layer = -1, .line = p->s.line};
    while (next(p, &w)) {
        if (is(&w, "NET") && next(p, &w)) k.net = intern(p, &w);
        else if ((is(&w, "LAYER") || is(&w, "POLYGON")) && !k.placed) {
            if (!next(p, &w)) break;
            if (k.layer < 0) k.layer = intern(p, &w);
            while (next(p, &w)) {
                int32_t x = 0, y = 0;
                if (is_char(&w, '+')) break;
                if (is_char(&w, '(') && point(p, &x, &y)) widen(&k, x, y);
            }
        } else if (is_placement(&w) && !k.placed) {
            k.placed = point_at(p, &k.x, &k.y);
            if (k.placed && next(p, &w)) k.orient = orientation(&w);
        }
    }
    if (k.name >= 0) d->pin[d->n_pins++] = k;
}

static void blockage(parser_t *p)
{
    word_t w;
    weft_def_t *d = p->doc;
    while (next(p, &w)) {
        weft_def_rect_t r = {0};
        if (!is(&w, "RECT") || !point_at(p, &r.x0, &r.y0) || !point_at(p, &r.x1, &r.y1)) continue;
        if (!WEFT_I_ROOM(d->blockage, p->block_cap, d->n_blockages + 1)) {
            p->out_of_memory = true;
            return;
        }
        d->blockage[d->n_blockages++] = r;
    }
}

static bool put_wire(parser_t *p, weft_def_wire_t w)
{
    if (!WEFT_I_ROOM(p->doc->wire, p->wire_cap, (int64_t)p->doc->n_wires + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->wire[p->doc->n_wires++] = w;
    return true;
}

/* One wiring from its layer on; returns true where NEW begins the next, false at '+' or the end. */
static bool wiring(parser_t *p)
{
    word_t w;
    int32_t x = 0, y = 0, width = 0;
    bool has_point = false, jump = false, first = true;
    if (!next(p, &w)) return false;
    int32_t layer = intern(p, &w);
    while (next(p, &w)) {
        if (is(&w, "NEW")) return true;
        if (is_char(&w, '+')) return false;
        if (is_char(&w, '(')) {
            int32_t x1 = x, y1 = y;
            if (!point(p, &x1, &y1)) continue;
            if (has_point && !jump && (x1 != x || y1 != y)
                && !put_wire(p, (weft_def_wire_t){.layer = layer, .via = -1, .x0 = x, .y0 = y, .x1 = x1, .y1 = y1, .width = width, .first = first})) return false;
            else if (has_point && !jump && (x1 != x || y1 != y)) first = false;
            x = x1;
            y = y1;
            has_point = true;
            jump = false;
        } else if (is(&w, "TAPERRULE") || is(&w, "STYLE") || is(&w, "MASK")) {
            if (!next(p, &w)) return false;
        } else if (is(&w, "TAPER")) continue;
        else if (is(&w, "VIRTUAL")) jump = true;
        else if (is(&w, "RECT")) { /* a patch: no length */
            while (next(p, &w) && !is_char(&w, ')')) {}
        } else if (has_point) { /* a via by name, perhaps with an orientation behind it */
            word_t o = w;
            if (orientation(&o) || is(&o, "N")) continue;
            if (!put_wire(p, (weft_def_wire_t){.layer = layer, .via = intern(p, &w), .x0 = x, .y0 = y, .x1 = x, .y1 = y, .first = first})) return false;
            first = false;
        }
    }
    return false;
}

static void net(parser_t *p)
{
    word_t name, w;
    weft_def_t *d = p->doc;
    if (!next(p, &name)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a net needs a name");
        return;
    }
    if (!WEFT_I_ROOM(d->net, p->net_cap, d->n_nets + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_net_t n = {.name = intern(p, &name), .line = p->s.line, .first_conn = d->n_conns, .first_wire = d->n_wires};
    bool options = false;
    while (next(p, &w)) {
        if (is_char(&w, '+')) options = true;
        else if (!options && is_char(&w, '(')) {
            word_t a, b;
            if (!next(p, &a) || !next(p, &b)) break;
            if (!WEFT_I_ROOM(d->conn, p->conn_cap, (int64_t)d->n_conns + 1)) {
                p->out_of_memory = true;
                return;
            }
            d->conn[d->n_conns++] = (weft_def_conn_t){is(&a, "PIN") ? -1 : intern(p, &a), intern(p, &b)};
            while (next(p, &w) && !is_char(&w, ')')) {}
        } else if (options && (is(&w, "ROUTED") || is(&w, "FIXED") || is(&w, "COVER")))
            while (wiring(p)) {}
    }
    n.n_conns = d->n_conns - n.first_conn;
    n.n_wires = d->n_wires - n.first_wire;
    if (n.name >= 0) d->net[d->n_nets++] = n;
}

static void count_special(parser_t *p) { p->doc->n_special_nets++; }
static void count_region(parser_t *p) { p->doc->n_regions++; }

static const struct { const char *name; void (*item)(parser_t *); bool is_list; } sections[] = {
    {"COMPONENTS", component, true}, {"PINS", pin, true}, {"NETS", net, true}, {"BLOCKAGES", blockage, true},
    {"SPECIALNETS", count_special, true}, {"REGIONS", count_region, true}, {"VIAS", NULL, true}, {"GROUPS", NULL, true},
    {"NONDEFAULTRULES", NULL, true}, {"STYLES", NULL, true}, {"FILLS", NULL, true}, {"SLOTS", NULL, true}, {"SCANCHAINS", NULL, true},
    {"PINPROPERTIES", NULL, true}, {"PROPERTYDEFINITIONS", NULL, false}};

/* Items "- .. ;" up to END and the section's name. */
static void section(parser_t *p, size_t k)
{
    word_t w;
    if (sections[k].is_list) finish(p); /* the count */
    while (!stop(p)) {
        if (!weft_i_word_next(&p->s, &w)) {
            weft_i_scan_error(&p->s, NULL, "def-unclosed", "the file ends inside %s", sections[k].name);
            return;
        }
        if (is(&w, "END")) {
            if (weft_i_word_next(&p->s, &w) && is(&w, sections[k].name)) return;
            weft_i_scan_error(&p->s, w.p, "def-syntax", "END %s expected", sections[k].name);
            return;
        }
        if (is_char(&w, '-') && sections[k].item) sections[k].item(p);
        else if (!is_char(&w, '-') && sections[k].is_list && !is_char(&w, ';'))
            weft_i_scan_error(&p->s, w.p, "def-syntax", "'-' expected in %s, not '%.*s'", sections[k].name, w.n > 40 ? 40 : w.n, w.p);
        finish(p);
    }
}

static void die_area(parser_t *p)
{
    word_t w;
    int32_t x = 0, y = 0;
    weft_def_t *d = p->doc;
    while (next(p, &w)) {
        if (!is_char(&w, '(') || !point(p, &x, &y)) continue;
        if (!d->has_die) d->die = (weft_def_rect_t){x, y, x, y};
        d->has_die = true;
        if (x < d->die.x0) d->die.x0 = x;
        if (x > d->die.x1) d->die.x1 = x;
        if (y < d->die.y0) d->die.y0 = y;
        if (y > d->die.y1) d->die.y1 = y;
    }
}

static void parse(parser_t *p)
{
    word_t w;
    while (!stop(p) && weft_i_word_next(&p->s, &w)) {
        size_t k = 0, n = sizeof sections / sizeof *sections;
        while (k < n && !is(&w, sections[k].name)) k++;
        if (k < n) {
            section(p, k);
            continue;
        }
        if (is(&w, "END")) {
            if (!weft_i_word_next(&p->s, &w) || is(&w, "DESIGN")) return;
            weft_i_scan_error(&p->s, w.p, "def-syntax", "END %.*s closes nothing", w.n > 40 ? 40 : w.n, w.p);
            continue;
        }
        if (is(&w, "BEGINEXT")) {
            while (weft_i_word_next(&p->s, &w) && !is(&w, "ENDEXT")) {}
            continue;
        }
        if (is_char(&w, ';')) continue;
        if (is(&w, "DESIGN") && next(p, &w)) p->doc->design = intern(p, &w);
        else if (is(&w, "DIEAREA")) die_area(p);
        else if (is(&w, "ROW")) p->doc->n_rows++;
        else if (is(&w, "TRACKS")) p->doc->n_tracks++;
        else if (is(&w, "UNITS")) {
            double v;
            if (next(p, &w) && next(p, &w) && next(p, &w) && weft_i_word_number(&w, &v) && v > 0) p->doc->dbu = v;
            else weft_i_scan_error(&p->s, w.p, "def-number", "UNITS DISTANCE MICRONS needs a positive number");
        } else if (!(*w.p >= 'A' && *w.p <= 'Z')) weft_i_scan_error(&p->s, w.p, "def-syntax", "a statement expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
        finish(p);
    }
    if (!stop(p)) weft_i_scan_error(&p->s, NULL, "def-unclosed", "END DESIGN is missing");
}

static weft_status_t parse_text(weft_def_t **def, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parser_t p = {0};
    *def = NULL;
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    p.doc->design = -1;
    p.doc->dbu = 1000.0;
    WEFT_TRY_ALLOC(p.doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p.doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
    weft_i_scan_init(&p.s, text->data, text->size, file, diag);
    parse(&p);
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    *def = p.doc;
    p.doc = NULL;
done:
    weft_i_free(p.text);
    weft_def_free(p.doc);
    return status;
}

weft_status_t weft_def_read(weft_def_t **def, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *def = NULL;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = parse_text(def, &text, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

weft_status_t weft_def_parse(weft_def_t **def, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_i_text_t text;
    *def = NULL;
    weft_status_t status = weft_i_text_copy(&text, data, size);
    if (status != WEFT_OK) return status;
    status = parse_text(def, &text, file, diag);
    weft_i_text_destroy(&text);
    return status;
}

void weft_def_free(weft_def_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    weft_i_free(d->file);
    weft_i_free(d->component);
    weft_i_free(d->pin);
    weft_i_free(d->blockage);
    weft_i_free(d->net);
    weft_i_free(d->conn);
    weft_i_free(d->wire);
    weft_i_free(d);
}
