/* parsers/lef.c: LEF by statements. Layers, vias and macros are kept; everything else is skipped to its end. */
#include "weft/lef.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/words.h"
#include "weft/library.h"

#include <math.h>

typedef weft_i_word_t word_t;

typedef struct parser {
    weft_i_scan_t s;
    weft_lef_t *doc;
    int64_t layer_cap, via_cap, macro_cap, pin_cap, shape_cap;
    bool out_of_memory;
} parser_t;

static const double micron = 1e-6;

static int32_t intern(parser_t *p, const word_t *w)
{
    int32_t id = weft_names_add(p->doc->names, w->p, (size_t)w->n);
    if (id < 0) p->out_of_memory = true;
    return id;
}

static bool stop(const parser_t *p) { return p->out_of_memory || p->s.n_errors >= p->s.max_errors; }

/* The next word inside something that needs an end; false (told) at the end of the file. */
static bool need(parser_t *p, word_t *w, const char *inside)
{
    if (stop(p)) return false;
    if (weft_i_word_next(&p->s, w)) return true;
    weft_i_scan_error(&p->s, NULL, "lef-unclosed", "the file ends inside %s", inside);
    return false;
}

static bool is(const word_t *w, const char *text) { return weft_i_word_is(w, text); }

/* A number, scaled. What is no number is told and the statement skipped. */
static bool number(parser_t *p, double scale, double *out)
{
    word_t w;
    double v;
    if (!need(p, &w, "a statement")) return false;
    if (!weft_i_word_number(&w, &v)) {
        weft_i_scan_error(&p->s, w.p, "lef-number", "a number expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
        if (w.n == 1 && *w.p == ';') p->s.p = w.p; /* the ';' still ends the statement */
        return false;
    }
    *out = v * scale;
    return true;
}

/* After END: the name is eaten where there is one on the line. */
static void end_name(parser_t *p)
{
    while (*p->s.p == ' ' || *p->s.p == '\t') p->s.p++;
    while ((unsigned char)*p->s.p > ' ') p->s.p++;
    if (p->s.p > p->s.end) p->s.p = p->s.end;
}

/* Skips a block that ends with END and its name (or END at all, where name is NULL). */
static void skip_block(parser_t *p, const char *name, int32_t n, const char *what)
{
    word_t w;
    while (need(p, &w, what)) {
        if (!is(&w, "END")) continue;
        if (!name) return;
        if (!need(p, &w, what)) return;
        if (w.n == n && !memcmp(w.p, name, (size_t)n)) return;
    }
}

static void layer(parser_t *p)
{
    word_t name, w;
    if (!need(p, &name, "LAYER")) return;
    weft_lef_t *d = p->doc;
    if (!WEFT_I_ROOM(d->layer, p->layer_cap, d->n_layers + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_lef_layer_t l = {.name = intern(p, &name), .line = p->s.line, .resistance = NAN, .area_cap = NAN, .edge_cap = NAN};
    while (need(p, &w, "LAYER")) {
        if (is(&w, "END")) {
            end_name(p);
            break;
        }
        if (is(&w, "TYPE")) {
            if (!need(p, &w, "LAYER")) return;
            l.kind = is(&w, "ROUTING") ? WEFT_LAYER_ROUTING : is(&w, "CUT") ? WEFT_LAYER_CUT : WEFT_LAYER_OTHER;
        } else if (is(&w, "DIRECTION")) {
            if (!need(p, &w, "LAYER")) return;
            l.vertical = is(&w, "VERTICAL");
        } else if (is(&w, "WIDTH")) number(p, micron, &l.width);
        else if (is(&w, "PITCH")) number(p, micron, &l.pitch);
        else if (is(&w, "THICKNESS")) number(p, micron, &l.thickness);
        else if (is(&w, "EDGECAPACITANCE")) number(p, 1e-12 / micron, &l.edge_cap);
        else if (is(&w, "CAPACITANCE")) {
            if (!need(p, &w, "LAYER")) return;
            if (is(&w, "CPERSQDIST")) number(p, 1e-12 / (micron * micron), &l.area_cap);
        } else if (is(&w, "RESISTANCE")) {
            const char *at = p->s.p;
            int32_t line = p->s.line;
            if (!need(p, &w, "LAYER")) return;
            if (!is(&w, "RPERSQ")) {
                p->s.p = at;
                p->s.line = line;
            }
            number(p, 1.0, &l.resistance);
        }
        weft_i_word_skip(&p->s);
    }
    if (l.name >= 0) d->layer[d->n_layers++] = l;
}

static void put_shape(parser_t *p, int32_t on, const double *xy, int32_t n)
{
    weft_lef_t *d = p->doc;
    if (n < 2) return;
    if (!WEFT_I_ROOM(d->shape, p->shape_cap, d->n_shapes + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_lef_shape_t r = {.layer = on, .x0 = xy[0], .y0 = xy[1], .x1 = xy[0], .y1 = xy[1]};
    for (int32_t i = 0; i + 1 < n; i += 2) {
        if (xy[i] < r.x0) r.x0 = xy[i];
        if (xy[i] > r.x1) r.x1 = xy[i];
        if (xy[i + 1] < r.y0) r.y0 = xy[i + 1];
        if (xy[i + 1] > r.y1) r.y1 = xy[i + 1];
    }
    d->shape[d->n_shapes++] = r;
}

/* RECT, POLYGON or PATH: every number to the ';', as one bounding box. Corners are kept two at a time: no limit. */
static void geometry(parser_t *p, int32_t on)
{
    word_t w;
    double box[4] = {0}, pair[2];
    int32_t n = 0, seen = 0;
    while (need(p, &w, "a shape")) {
        double v;
        if (w.n == 1 && *w.p == ';') break;
        if (is(&w, "MASK")) {
            if (!need(p, &w, "a shape")) return;
            continue;
        }
        if (!weft_i_word_number(&w, &v)) continue; /* parentheses, ITERATE, DO, BY, STEP */
        pair[n++ & 1] = v * micron;
        if (n & 1) continue;
        if (!seen++) {
            box[0] = box[2] = pair[0];
            box[1] = box[3] = pair[1];
        } else
            for (int32_t k = 0; k < 2; k++) {
                if (pair[k] < box[k]) box[k] = pair[k];
                if (pair[k] > box[2 + k]) box[2 + k] = pair[k];
            }
    }
    if (seen) put_shape(p, on, box, 4);
}

/* Shapes up to END: the inside of a PORT, an OBS or a VIA. */
static void shapes(parser_t *p, const char *what)
{
    word_t w;
    int32_t on = -1;
    while (need(p, &w, what)) {
        if (is(&w, "END")) return;
        if (is(&w, "LAYER")) {
            if (!need(p, &w, what)) return;
            on = intern(p, &w);
            weft_i_word_skip(&p->s);
        } else if (is(&w, "RECT") || is(&w, "POLYGON") || is(&w, "PATH")) geometry(p, on);
        else if (!(w.n == 1 && *w.p == ';')) weft_i_word_skip(&p->s);
    }
}

static void via(parser_t *p)
{
    word_t name, w;
    weft_lef_t *d = p->doc;
    if (!need(p, &name, "VIA")) return;
    if (!WEFT_I_ROOM(d->via, p->via_cap, d->n_vias + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_lef_via_t v = {.name = intern(p, &name), .first_shape = d->n_shapes, .resistance = NAN};
    int32_t on = -1;
    while (need(p, &w, "VIA")) {
        if (is(&w, "END")) {
            end_name(p);
            break;
        }
        if (is(&w, "LAYER")) {
            if (!need(p, &w, "VIA")) return;
            on = intern(p, &w);
            weft_i_word_skip(&p->s);
        } else if (is(&w, "RECT") || is(&w, "POLYGON")) geometry(p, on);
        else if (is(&w, "RESISTANCE")) {
            number(p, 1.0, &v.resistance);
            weft_i_word_skip(&p->s);
        } else if (is(&w, "DEFAULT") || is(&w, "TOPOFSTACKONLY") || (w.n == 1 && *w.p == ';')) continue;
        else weft_i_word_skip(&p->s);
    }
    v.n_shapes = d->n_shapes - v.first_shape;
    if (v.name >= 0) d->via[d->n_vias++] = v;
}

static void macro_pin(parser_t *p)
{
    word_t name, w;
    weft_lef_t *d = p->doc;
    if (!need(p, &name, "PIN")) return;
    if (!WEFT_I_ROOM(d->pin, p->pin_cap, d->n_pins + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_lef_pin_t k = {.name = intern(p, &name), .first_shape = d->n_shapes, .direction = WEFT_UNKNOWN_DIRECTION};
    while (need(p, &w, "PIN")) {
        if (is(&w, "END")) {
            end_name(p);
            break;
        }
        if (is(&w, "PORT")) {
            shapes(p, "PORT");
            continue;
        }
        if (is(&w, "DIRECTION")) {
            if (!need(p, &w, "PIN")) return;
            k.direction = is(&w, "INPUT") ? WEFT_INPUT : is(&w, "OUTPUT") ? WEFT_OUTPUT : is(&w, "INOUT") ? WEFT_INOUT : WEFT_UNKNOWN_DIRECTION;
        } else if (is(&w, "USE")) {
            if (!need(p, &w, "PIN")) return;
            k.is_supply = is(&w, "POWER") || is(&w, "GROUND");
        }
        if (!(w.n == 1 && *w.p == ';')) weft_i_word_skip(&p->s);
    }
    k.n_shapes = d->n_shapes - k.first_shape;
    if (k.name >= 0) d->pin[d->n_pins++] = k;
}

static void macro(parser_t *p)
{
    word_t name, w;
    weft_lef_t *d = p->doc;
    if (!need(p, &name, "MACRO")) return;
    if (!WEFT_I_ROOM(d->macro, p->macro_cap, d->n_macros + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_lef_macro_t m = {.name = intern(p, &name), .line = p->s.line, .first_pin = d->n_pins};
    while (need(p, &w, "MACRO")) {
        if (is(&w, "END")) {
            end_name(p);
            break;
        }
        if (is(&w, "PIN")) {
            macro_pin(p);
            continue;
        }
        if (is(&w, "OBS")) {
            m.first_obs = d->n_shapes;
            shapes(p, "OBS");
            m.n_obs = d->n_shapes - m.first_obs;
            continue;
        }
        if (is(&w, "DENSITY")) {
            skip_block(p, NULL, 0, "DENSITY");
            continue;
        }
        if (is(&w, "CLASS")) {
            if (!need(p, &w, "MACRO")) return;
            m.is_block = is(&w, "BLOCK");
        } else if (is(&w, "SIZE")) {
            if (number(p, micron, &m.width) && need(p, &w, "SIZE")) number(p, micron, &m.height);
        } else if (is(&w, "ORIGIN")) {
            if (number(p, micron, &m.origin_x)) number(p, micron, &m.origin_y);
        }
        if (!(w.n == 1 && *w.p == ';')) weft_i_word_skip(&p->s);
    }
    m.n_pins = d->n_pins - m.first_pin;
    if (m.name >= 0) d->macro[d->n_macros++] = m;
}

static void parse(parser_t *p)
{
    static const char *const blocks[] = {"SITE", "VIARULE", "NONDEFAULTRULE", "ARRAY"};
    word_t w, name;
    while (!stop(p) && weft_i_word_next(&p->s, &w)) {
        bool done = false;
        if (is(&w, "MACRO")) macro(p);
        else if (is(&w, "LAYER")) layer(p);
        else if (is(&w, "VIA")) via(p);
        else if (is(&w, "UNITS") || is(&w, "PROPERTYDEFINITIONS") || is(&w, "SPACING")) skip_block(p, w.p, w.n, "a section");
        else if (is(&w, "BEGINEXT")) {
            while (need(p, &w, "BEGINEXT") && !is(&w, "ENDEXT")) {}
        } else if (is(&w, "END")) {
            if (!weft_i_word_next(&p->s, &w)) break;
            if (is(&w, "LIBRARY")) continue; /* files may be joined */
            weft_i_scan_error(&p->s, w.p, "lef-syntax", "END %.*s closes nothing", w.n > 40 ? 40 : w.n, w.p);
        } else if (!(w.n == 1 && *w.p == ';')) {
            for (size_t i = 0; i < sizeof blocks / sizeof *blocks && !done; i++)
                if (is(&w, blocks[i]) && (done = true) && need(p, &name, blocks[i])) skip_block(p, name.p, name.n, blocks[i]);
            if (done) continue;
            if (!(*w.p >= 'A' && *w.p <= 'Z')) weft_i_scan_error(&p->s, w.p, "lef-syntax", "a statement expected, not '%.*s'", w.n > 40 ? 40 : w.n, w.p);
            weft_i_word_skip(&p->s);
        }
    }
}

static weft_status_t index_macros(weft_lef_t *d)
{
    int32_t n = weft_names_n(d->names);
    d->macro_of_name = weft_i_malloc((size_t)n * sizeof *d->macro_of_name + 1);
    if (!d->macro_of_name) return WEFT_ENOMEM;
    for (int32_t i = 0; i < n; i++) d->macro_of_name[i] = -1;
    for (int32_t i = 0; i < d->n_macros; i++) d->macro_of_name[d->macro[i].name] = i;
    return WEFT_OK;
}

static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_lef_t **lef = document;
    weft_status_t status = WEFT_OK;
    parser_t p = {0};
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    WEFT_TRY_ALLOC(p.doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p.doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
    weft_i_scan_init(&p.s, text->data, text->size, file, diag);
    parse(&p);
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    WEFT_TRY(index_macros(p.doc));
    *lef = p.doc;
    p.doc = NULL;
done:
    weft_lef_free(p.doc);
    return status;
}

weft_status_t weft_lef_read(weft_lef_t **lef, const char *path, weft_diag_t *diag)
{
    *lef = NULL;
    return weft_i_text_read_by(parse_text, lef, path, diag);
}

weft_status_t weft_lef_parse(weft_lef_t **lef, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *lef = NULL;
    return weft_i_text_parse_by(parse_text, lef, data, size, file, diag);
}

void weft_lef_free(weft_lef_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    WEFT_I_FREE_ALL(d->file, d->layer, d->via, d->macro, d->pin, d->shape, d->macro_of_name, d);
}

int32_t weft_lef_find_macro(const weft_lef_t *lef, const char *name, size_t length)
{
    int32_t id = weft_names_find(lef->names, name, length);
    return id < 0 ? -1 : lef->macro_of_name[id];
}
