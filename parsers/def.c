/* parsers/def.c: DEF by statements. Components, pins, nets and blockages are kept; other sections are skipped. */
#include "parsers/def_parser.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

static bool is_placement(const weft_i_word_t *w) { return weft_i_word_is(w, "PLACED") || weft_i_word_is(w, "FIXED") || weft_i_word_is(w, "COVER"); }

static void component(weft_i_def_parser_t *p)
{
    weft_i_word_t name, macro, w;
    weft_def_t *d = p->doc;
    if (!weft_i_def_next(p, &name) || !weft_i_def_next(p, &macro)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a component needs a name and a macro");
        return;
    }
    if (!WEFT_I_ROOM(d->component, p->component_cap, d->n_components + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_component_t c = {.name = weft_i_def_intern(p, &name), .macro = weft_i_def_intern(p, &macro), .line = p->s.line};
    while (weft_i_def_next(p, &w)) {
        if (!is_placement(&w) || c.placed) continue;
        c.placed = weft_i_def_point_at(p, &c.x, &c.y);
        if (c.placed && weft_i_def_next(p, &w)) c.orient = weft_i_def_orientation(&w);
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
static void pin(weft_i_def_parser_t *p)
{
    weft_i_word_t name, w;
    weft_def_t *d = p->doc;
    if (!weft_i_def_next(p, &name)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a pin needs a name");
        return;
    }
    if (!WEFT_I_ROOM(d->pin, p->pin_cap, d->n_pins + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_pin_t k = {.name = weft_i_def_intern(p, &name), .net = -1, .layer = -1, .line = p->s.line};
    while (weft_i_def_next(p, &w)) {
        if (weft_i_word_is(&w, "NET") && weft_i_def_next(p, &w)) k.net = weft_i_def_intern(p, &w);
        else if ((weft_i_word_is(&w, "LAYER") || weft_i_word_is(&w, "POLYGON")) && !k.placed) {
            if (!weft_i_def_next(p, &w)) break;
            if (k.layer < 0) k.layer = weft_i_def_intern(p, &w);
            while (weft_i_def_next(p, &w)) {
                int32_t x = 0, y = 0;
                if (weft_i_def_is_char(&w, '+')) break;
                if (weft_i_def_is_char(&w, '(') && weft_i_def_point(p, &x, &y)) widen(&k, x, y);
            }
        } else if (is_placement(&w) && !k.placed) {
            k.placed = weft_i_def_point_at(p, &k.x, &k.y);
            if (k.placed && weft_i_def_next(p, &w)) k.orient = weft_i_def_orientation(&w);
        }
    }
    if (k.name >= 0) d->pin[d->n_pins++] = k;
}

static void blockage(weft_i_def_parser_t *p)
{
    weft_i_word_t w;
    weft_def_t *d = p->doc;
    while (weft_i_def_next(p, &w)) {
        weft_def_rect_t r = {0};
        if (!weft_i_word_is(&w, "RECT") || !weft_i_def_point_at(p, &r.x0, &r.y0) || !weft_i_def_point_at(p, &r.x1, &r.y1)) continue;
        if (!WEFT_I_ROOM(d->blockage, p->block_cap, d->n_blockages + 1)) {
            p->out_of_memory = true;
            return;
        }
        d->blockage[d->n_blockages++] = r;
    }
}

static void count_special(weft_i_def_parser_t *p) { p->doc->n_special_nets++; }
static void count_region(weft_i_def_parser_t *p) { p->doc->n_regions++; }

static const struct { const char *name; void (*item)(weft_i_def_parser_t *); bool is_list; } sections[] = {
    {"COMPONENTS", component, true}, {"PINS", pin, true}, {"NETS", weft_i_def_net, true}, {"BLOCKAGES", blockage, true},
    {"SPECIALNETS", count_special, true}, {"REGIONS", count_region, true}, {"VIAS", NULL, true}, {"GROUPS", NULL, true},
    {"NONDEFAULTRULES", NULL, true}, {"STYLES", NULL, true}, {"FILLS", NULL, true}, {"SLOTS", NULL, true}, {"SCANCHAINS", NULL, true},
    {"PINPROPERTIES", NULL, true}, {"PROPERTYDEFINITIONS", NULL, false}};

/* Items "- .. ;" up to END and the section's name. */
static void section(weft_i_def_parser_t *p, size_t k)
{
    weft_i_word_t w;
    if (sections[k].is_list) weft_i_def_finish(p); /* the count */
    while (!weft_i_def_stop(p)) {
        if (!weft_i_word_next(&p->s, &w)) {
            weft_i_scan_error(&p->s, NULL, "def-unclosed", "the file ends inside %s", sections[k].name);
            return;
        }
        if (weft_i_word_is(&w, "END")) {
            if (weft_i_word_next(&p->s, &w) && weft_i_word_is(&w, sections[k].name)) return;
            weft_i_scan_error(&p->s, w.p, "def-syntax", "END %s expected", sections[k].name);
            return;
        }
        if (weft_i_def_is_char(&w, '-') && sections[k].item) sections[k].item(p);
        else if (!weft_i_def_is_char(&w, '-') && sections[k].is_list && !weft_i_def_is_char(&w, ';'))
            weft_i_scan_error(&p->s, w.p, "def-syntax", "'-' expected in %s, not '%.*s'", sections[k].name, w.n > 40 ? 40 : w.n, w.p);
        weft_i_def_finish(p);
    }
}

static void die_area(weft_i_def_parser_t *p)
{
    weft_i_word_t w;
    int32_t x = 0, y = 0;
    weft_def_t *d = p->doc;
    while (weft_i_def_next(p, &w)) {
        if (!weft_i_def_is_char(&w, '(') || !weft_i_def_point(p, &x, &y)) continue;
        if (!d->has_die) d->die = (weft_def_rect_t){x, y, x, y};
        d->has_die = true;
        if (x < d->die.x0) d->die.x0 = x;
        if (x > d->die.x1) d->die.x1 = x;
        if (y < d->die.y0) d->die.y0 = y;
        if (y > d->die.y1) d->die.y1 = y;
    }
}

static void parse(weft_i_def_parser_t *p)
{
    weft_i_word_t w;
    while (!weft_i_def_stop(p) && weft_i_word_next(&p->s, &w)) {
        size_t k = 0, n = sizeof sections / sizeof *sections;
        while (k < n && !weft_i_word_is(&w, sections[k].name)) k++;
        if (k < n) {
            section(p, k);
            continue;
        }
        if (weft_i_word_is(&w, "END")) {
            if (!weft_i_word_next(&p->s, &w) || weft_i_word_is(&w, "DESIGN")) return;
            weft_i_scan_error(&p->s, w.p, "def-syntax", "END %.*s closes nothing", w.n > 40 ? 40 : w.n, w.p);
            continue;
        }
        if (weft_i_word_is(&w, "BEGINEXT")) {
            while (weft_i_word_next(&p->s, &w) && !weft_i_word_is(&w, "ENDEXT")) {}
            continue;
        }
        if (weft_i_def_is_char(&w, ';')) continue;
        if (weft_i_word_is(&w, "DESIGN") && weft_i_def_next(p, &w)) p->doc->design = weft_i_def_intern(p, &w);
        else if (weft_i_word_is(&w, "DIEAREA")) die_area(p);
        else if (weft_i_word_is(&w, "ROW")) p->doc->n_rows++;
        else if (weft_i_word_is(&w, "TRACKS")) p->doc->n_tracks++;
        else if (weft_i_word_is(&w, "UNITS")) {
            double v;
            if (weft_i_def_next(p, &w) && weft_i_def_next(p, &w) && weft_i_def_next(p, &w) && weft_i_word_number(&w, &v) && v > 0) p->doc->dbu = v;
            else weft_i_scan_error(&p->s, w.p, "def-number", "UNITS DISTANCE MICRONS needs a positive number");
        } else if (!(*w.p >= 'A' && *w.p <= 'Z')) weft_i_scan_error(&p->s, w.p, "def-syntax", "a statement expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
        weft_i_def_finish(p);
    }
    if (!weft_i_def_stop(p)) weft_i_scan_error(&p->s, NULL, "def-unclosed", "END DESIGN is missing");
}

static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_def_t **def = document;
    weft_status_t status = WEFT_OK;
    weft_i_def_parser_t p = {0};
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
    *def = NULL;
    return weft_i_text_read_by(parse_text, def, path, diag);
}

weft_status_t weft_def_parse(weft_def_t **def, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *def = NULL;
    return weft_i_text_parse_by(parse_text, def, data, size, file, diag);
}

void weft_def_free(weft_def_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    WEFT_I_FREE_ALL(d->file, d->component, d->pin, d->blockage, d->net, d->conn, d->wire, d);
}
