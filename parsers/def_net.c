/* parsers/def_net.c: a net of a DEF: what it joins and its wires. */
#include "parsers/def_parser.h"
#include "base/alloc.h"

static bool put_wire(weft_i_def_parser_t *p, weft_def_wire_t w)
{
    if (!WEFT_I_ROOM(p->doc->wire, p->wire_cap, (int64_t)p->doc->n_wires + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->wire[p->doc->n_wires++] = w;
    return true;
}

/* One wiring from its layer on; returns true where NEW begins the next, false at '+' or the end. */
static bool wiring(weft_i_def_parser_t *p)
{
    weft_i_word_t w;
    int32_t x = 0, y = 0, width = 0;
    bool has_point = false, jump = false, first = true;
    if (!weft_i_def_next(p, &w)) return false;
    int32_t layer = weft_i_def_intern(p, &w);
    while (weft_i_def_next(p, &w)) {
        if (weft_i_word_is(&w, "NEW")) return true;
        if (weft_i_def_is_char(&w, '+')) return false;
        if (weft_i_def_is_char(&w, '(')) {
            int32_t x1 = x, y1 = y;
            if (!weft_i_def_point(p, &x1, &y1)) continue;
            if (has_point && !jump && (x1 != x || y1 != y)
                && !put_wire(p, (weft_def_wire_t){.layer = layer, .via = -1, .x0 = x, .y0 = y, .x1 = x1, .y1 = y1, .width = width, .first = first})) return false;
            else if (has_point && !jump && (x1 != x || y1 != y)) first = false;
            x = x1;
            y = y1;
            has_point = true;
            jump = false;
        } else if (weft_i_word_is(&w, "TAPERRULE") || weft_i_word_is(&w, "STYLE") || weft_i_word_is(&w, "MASK")) {
            if (!weft_i_def_next(p, &w)) return false;
        } else if (weft_i_word_is(&w, "TAPER")) continue;
        else if (weft_i_word_is(&w, "VIRTUAL")) jump = true;
        else if (weft_i_word_is(&w, "RECT")) { /* a patch: no length */
            while (weft_i_def_next(p, &w) && !weft_i_def_is_char(&w, ')')) {}
        } else if (has_point) { /* a via by name, perhaps with an orientation behind it */
            weft_i_word_t o = w;
            if (weft_i_def_orientation(&o) || weft_i_word_is(&o, "N")) continue;
            if (!put_wire(p, (weft_def_wire_t){.layer = layer, .via = weft_i_def_intern(p, &w), .x0 = x, .y0 = y, .x1 = x, .y1 = y, .first = first})) return false;
            first = false;
        }
    }
    return false;
}

void weft_i_def_net(weft_i_def_parser_t *p)
{
    weft_i_word_t name, w;
    weft_def_t *d = p->doc;
    if (!weft_i_def_next(p, &name)) {
        weft_i_scan_error(&p->s, NULL, "def-syntax", "a net needs a name");
        return;
    }
    if (!WEFT_I_ROOM(d->net, p->net_cap, d->n_nets + 1)) {
        p->out_of_memory = true;
        return;
    }
    weft_def_net_t n = {.name = weft_i_def_intern(p, &name), .line = p->s.line, .first_conn = d->n_conns, .first_wire = d->n_wires};
    bool options = false;
    while (weft_i_def_next(p, &w)) {
        if (weft_i_def_is_char(&w, '+')) options = true;
        else if (!options && weft_i_def_is_char(&w, '(')) {
            weft_i_word_t a, b;
            if (!weft_i_def_next(p, &a) || !weft_i_def_next(p, &b)) break;
            if (!WEFT_I_ROOM(d->conn, p->conn_cap, (int64_t)d->n_conns + 1)) {
                p->out_of_memory = true;
                return;
            }
            d->conn[d->n_conns++] = (weft_def_conn_t){weft_i_word_is(&a, "PIN") ? -1 : weft_i_def_intern(p, &a), weft_i_def_intern(p, &b)};
            while (weft_i_def_next(p, &w) && !weft_i_def_is_char(&w, ')')) {}
        } else if (options && (weft_i_word_is(&w, "ROUTED") || weft_i_word_is(&w, "FIXED") || weft_i_word_is(&w, "COVER")))
            while (wiring(p)) {}
    }
    n.n_conns = d->n_conns - n.first_conn;
    n.n_wires = d->n_wires - n.first_wire;
    if (n.name >= 0) d->net[d->n_nets++] = n;
}
