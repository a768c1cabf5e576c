/* circuit/library_cell.c: one cell: its ports, buses, state and limits, joined from every file that has it. */
#include "base/alloc.h"
#include "circuit/library_build.h"

#include <math.h>
#include <string.h>

#define ROOM(array, cap, n) (WEFT_I_ROOM(array, cap, n) ? true : (b->out_of_memory = true, false))

static bool text_is(const weft_liberty_item_t *x, const char *s)
{
    return (size_t)x->text_length == strlen(s) && !memcmp(x->text, s, (size_t)x->text_length);
}

static bool flag(const weft_liberty_t *doc, int32_t item, const char *name)
{
    int32_t c = weft_i_lib_child(doc, item, name);
    return c >= 0 && (text_is(&doc->item[c], "true") || text_is(&doc->item[c], "TRUE") || text_is(&doc->item[c], "1"));
}

static void blank_values(weft_i_lib_build_t *b, int32_t port)
{
    for (int32_t ap = 0; ap < b->lib->n_aps; ap++) {
        float *v = (float *)&b->lib->port_value[(int64_t)port * b->lib->n_aps + ap];
        for (size_t i = 0; i < sizeof(weft_lib_port_value_t) / sizeof(float); i++) v[i] = NAN;
    }
}

/* The port of that name in the cell being built (it is the last cell, so its ports end the array). */
static int32_t put_port(weft_i_lib_build_t *b, int32_t cell, int32_t name, int32_t line)
{
    weft_library_t *l = b->lib;
    for (int32_t p = l->cell[cell].first_port; p < l->n_ports; p++)
        if (l->port[p].name == name) return p;
    if (!ROOM(l->port, b->port_cap, l->n_ports + 1) || !ROOM(l->port_value, b->value_cap, (int64_t)(l->n_ports + 1) * l->n_aps)) return -1;
    l->port[l->n_ports] = (weft_lib_port_t){.name = name, .cell = cell, .direction = WEFT_UNKNOWN_DIRECTION, .function = -1, .three_state = -1,
                                            .bus = -1, .line = line};
    blank_values(b, l->n_ports);
    l->cell[cell].n_ports++;
    return l->n_ports++;
}

static void set_direction(weft_library_t *l, int32_t port, const weft_liberty_item_t *x)
{
    l->port[port].direction = text_is(x, "input") ? WEFT_INPUT : text_is(x, "output") ? WEFT_OUTPUT : text_is(x, "inout") ? WEFT_INOUT
                            : text_is(x, "internal") ? WEFT_INTERNAL : WEFT_UNKNOWN_DIRECTION;
}

/* capacitance, its two edges and their ranges "low, high". */
static void set_caps(const weft_i_lib_doc_t *d, int32_t item, weft_lib_port_value_t *v, uint8_t direction)
{
    static const char *const edge_name[2] = {"rise_capacitance", "fall_capacitance"}, *const range_name[2] = {"rise_capacitance_range", "fall_capacitance_range"};
    double unit = d->file->cap_unit, both = weft_i_lib_number(d->doc, item, "capacitance", NAN);
    if (isnan(both) && direction <= WEFT_INOUT && !isnan(d->default_cap[direction])) both = (double)d->default_cap[direction];
    for (int32_t e = 0; e < 2; e++) {
        double own = weft_i_lib_number(d->doc, item, edge_name[e], both);
        if (!isnan(own)) v->cap[e] = v->cap_min[e] = v->cap_max[e] = (float)(own * unit);
        int32_t c = weft_i_lib_child(d->doc, item, range_name[e]);
        if (c < 0) continue;
        weft_liberty_item_t x = d->doc->item[c];
        double low, high;
        const char *comma = memchr(x.text, ',', (size_t)x.text_length);
        if (!comma || !weft_i_lib_number_of(&x, &low)) continue;
        x.text_length -= (int32_t)(comma + 1 - x.text);
        x.text = comma + 1;
        if (!weft_i_lib_number_of(&x, &high)) continue;
        v->cap_min[e] = (float)(low * unit);
        v->cap_max[e] = (float)(high * unit);
    }
}

static void set_limits(const weft_i_lib_doc_t *d, int32_t item, weft_lib_port_value_t *v)
{
    double c = d->file->cap_unit, t = d->file->time_unit;
    const struct { const char *name; double unit; float *at; } row[] = {
        {"max_capacitance", c, &v->max_cap}, {"min_capacitance", c, &v->min_cap}, {"max_transition", t, &v->max_slew},
        {"max_fanout", 1.0, &v->max_fanout}, {"fanout_load", 1.0, &v->fanout_load}, {"min_pulse_width_high", t, &v->min_pulse_width[0]},
        {"min_pulse_width_low", t, &v->min_pulse_width[1]}, {"min_period", t, &v->min_period}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double x = weft_i_lib_number(d->doc, item, row[i].name, NAN);
        if (!isnan(x)) *row[i].at = (float)(x * row[i].unit);
    }
}

/* One pin group for one port, for the aps the file feeds. */
static void read_port(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t item, int32_t port, int32_t outer)
{
    weft_library_t *l = b->lib;
    int32_t c = weft_i_lib_child(d->doc, item, "direction");
    if (c < 0 && outer >= 0) c = weft_i_lib_child(d->doc, outer, "direction");
    if (c >= 0) set_direction(l, port, &d->doc->item[c]);
    weft_lib_port_t *p = &l->port[port];
    p->is_clock |= flag(d->doc, item, "clock");
    p->is_clock_gate_clock |= flag(d->doc, item, "clock_gate_clock_pin");
    p->is_clock_gate_enable |= flag(d->doc, item, "clock_gate_enable_pin");
    p->is_clock_gate_out |= flag(d->doc, item, "clock_gate_out_pin");
    for (int32_t el = 0; el < 2; el++) {
        if (!(el ? d->file->late : d->file->early)) continue;
        weft_lib_port_value_t *v = &l->port_value[(int64_t)port * l->n_aps + 2 * d->file->corner + el];
        if (outer >= 0) {
            set_caps(d, outer, v, p->direction);
            set_limits(d, outer, v);
        }
        set_caps(d, item, v, p->direction);
        set_limits(d, item, v);
    }
}

/* Calls read_port for every name in "A, B". */
static void pin_group(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, int32_t outer)
{
    const weft_liberty_item_t *x = &d->doc->item[item];
    const char *p = x->text, *end = p + x->text_length;
    while (p < end && !b->out_of_memory) {
        const char *a = p;
        while (p < end && *p != ',') p++;
        int32_t name = weft_i_lib_name(b, a, (int32_t)(p - a));
        if (p < end) p++;
        if (name < 0) return;
        int32_t port = put_port(b, cell, name, x->line);
        if (port >= 0) read_port(b, d, item, port, outer);
    }
}

static void bus_group(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item)
{
    weft_library_t *l = b->lib;
    const weft_liberty_item_t *x = &d->doc->item[item];
    int32_t type = weft_i_lib_child(d->doc, item, "bus_type"), from = 0, to = 0;
    bool found = false;
    for (int32_t round = 0; round < 2 && type >= 0 && !found; round++) { /* type groups of the cell, then of the library */
        int32_t parent = round ? 0 : -1;
        for (int32_t i = item; !round && i > 0 && parent < 0; i--)
            if (weft_i_lib_is(&d->doc->item[i], "cell") && d->doc->item[i].end > item) parent = i;
        for (int32_t c = parent + 1; parent >= 0 && c < d->doc->item[parent].end; c = d->doc->item[c].end) {
            const weft_liberty_item_t *g = &d->doc->item[c], *want = &d->doc->item[type];
            if (!weft_i_lib_is(g, "type") || g->text_length != want->text_length || memcmp(g->text, want->text, (size_t)g->text_length)) continue;
            from = (int32_t)weft_i_lib_number(d->doc, c, "bit_from", 0);
            to = (int32_t)weft_i_lib_number(d->doc, c, "bit_to", 0);
            found = true;
        }
    }
    int32_t width = (from > to ? from - to : to - from) + 1;
    if (!found || width > 65536) {
        weft_diag_add(b->diag, WEFT_WARNING, "liberty-bus-type", d->path, x->line, 0, "bus %.*s has no type with a width", x->text_length, x->text);
        return;
    }
    int32_t bus_name = weft_i_lib_name(b, x->text, x->text_length), bus = -1;
    for (int32_t i = 0; i < l->n_buses; i++)
        if (l->bus[i].cell == cell && l->bus[i].name == bus_name) bus = i;
    if (bus < 0) {
        if (!ROOM(l->bus, b->bus_cap, l->n_buses + 1)) return;
        bus = l->n_buses++;
        l->bus[bus] = (weft_lib_bus_t){bus_name, cell, from, to, l->n_ports};
    }
    for (int32_t k = 0; k < width; k++) {
        char text[256];
        int n = snprintf(text, sizeof text, "%.*s[%d]", x->text_length > 200 ? 200 : x->text_length, x->text, from + (to >= from ? k : -k));
        int32_t name = weft_i_lib_name(b, text, n), port = name < 0 ? -1 : put_port(b, cell, name, x->line);
        if (port < 0) return;
        l->port[port].bus = bus;
        l->port[port].bit = from + (to >= from ? k : -k);
        read_port(b, d, item, port, -1);
    }
    for (int32_t c = item + 1; c < d->doc->item[item].end; c = d->doc->item[c].end)
        if (weft_i_lib_is(&d->doc->item[c], "pin") && d->doc->item[c].text_length < 200 && !memchr(d->doc->item[c].text, ':', (size_t)d->doc->item[c].text_length))
            pin_group(b, d, cell, c, item);
}

/* ff (IQ, IQN) { .. }: the state variables become internal ports. */
static void seq_group(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, uint8_t kind)
{
    weft_library_t *l = b->lib;
    const weft_liberty_item_t *x = &d->doc->item[item];
    if (l->cell[cell].seq_kind == WEFT_SEQ_NONE) l->cell[cell].seq_kind = kind;
    if (kind == WEFT_SEQ_STATETABLE || !ROOM(l->seq, b->seq_cap, l->n_seqs + 1)) return;
    weft_lib_seq_t *s = &l->seq[l->n_seqs++];
    *s = (weft_lib_seq_t){.cell = cell, .kind = kind, .clock = -1, .data = -1, .clear = -1, .preset = -1, .state = {-1, -1}};
    const char *p = x->text, *end = p + x->text_length;
    for (int32_t k = 0; k < 2 && p < end; k++) {
        const char *a = p;
        while (p < end && *p != ',') p++;
        int32_t name = weft_i_lib_name(b, a, (int32_t)(p - a));
        if (p < end) p++;
        int32_t port = name < 0 ? -1 : put_port(b, cell, name, x->line);
        if (port >= 0 && l->port[port].direction == WEFT_UNKNOWN_DIRECTION) l->port[port].direction = WEFT_INTERNAL;
        s->state[k] = port;
    }
    l->cell[cell].n_seqs++;
}

static void seq_functions(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, weft_lib_seq_t *s)
{
    static const char *const name[2][4] = {{"clocked_on", "next_state", "clear", "preset"}, {"enable", "data_in", "clear", "preset"}};
    int32_t got[4];
    for (int32_t k = 0; k < 4; k++) {
        int32_t c = weft_i_lib_child(d->doc, item, name[s->kind == WEFT_SEQ_LATCH][k]);
        got[k] = c < 0 ? -1 : weft_i_lib_expr(b, d, cell, &d->doc->item[c]);
    }
    s->clock = got[0];
    s->data = got[1];
    s->clear = got[2];
    s->preset = got[3];
}

static uint8_t seq_kind(const weft_liberty_item_t *x)
{
    if (weft_i_lib_is(x, "ff") || weft_i_lib_is(x, "ff_bank")) return WEFT_SEQ_FF;
    if (weft_i_lib_is(x, "latch") || weft_i_lib_is(x, "latch_bank")) return WEFT_SEQ_LATCH;
    return weft_i_lib_is(x, "statetable") ? WEFT_SEQ_STATETABLE : WEFT_SEQ_NONE;
}

static void cell_flags(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item)
{
    weft_lib_cell_t *k = &b->lib->cell[cell];
    k->area = (float)weft_i_lib_number(d->doc, item, "area", 0);
    k->leakage = (float)weft_i_lib_number(d->doc, item, "cell_leakage_power", 0);
    k->is_macro = flag(d->doc, item, "is_macro_cell");
    k->is_pad = flag(d->doc, item, "pad_cell");
    k->dont_use = flag(d->doc, item, "dont_use");
    k->interface_timing = flag(d->doc, item, "interface_timing");
    k->is_memory = weft_i_lib_child(d->doc, item, "memory") >= 0;
    int32_t g = weft_i_lib_child(d->doc, item, "clock_gating_integrated_cell");
    if (g < 0) return;
    const weft_liberty_item_t *x = &d->doc->item[g];
    k->is_clock_gate = true;
    k->clock_gate = x->text_length >= 13 && !memcmp(x->text, "latch_posedge", 13) ? 1 : x->text_length >= 13 && !memcmp(x->text, "latch_negedge", 13) ? 2 : 3;
}

/* Functions and arcs of one pin group (also inside a bus or bundle), once all ports are there. */
static void pin_arcs(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item)
{
    weft_library_t *l = b->lib;
    const weft_liberty_item_t *x = &d->doc->item[item];
    const char *p = x->text, *end = p + x->text_length;
    while (p < end && !b->out_of_memory) {
        const char *a = p;
        while (p < end && *p != ',') p++;
        const char *z = p;
        while (a < z && (*a == ' ' || *a == '"' || *a == '\t')) a++;
        while (z > a && (z[-1] == ' ' || z[-1] == '"' || z[-1] == '\t')) z--;
        int32_t port = weft_library_find_port(l, cell, a, (size_t)(z - a));
        if (p < end) p++;
        int32_t first = port, last = port + 1;
        if (port < 0) { /* a bus name stands for all its bits */
            for (int32_t k = 0; k < l->n_buses; k++)
                if (l->bus[k].cell == cell && weft_names_length(l->names, l->bus[k].name) == z - a && !memcmp(weft_names_text(l->names, l->bus[k].name), a, (size_t)(z - a))) {
                    first = l->bus[k].first_port;
                    last = first + (l->bus[k].msb > l->bus[k].lsb ? l->bus[k].msb - l->bus[k].lsb : l->bus[k].lsb - l->bus[k].msb) + 1;
                }
        }
        for (int32_t q = first; q >= 0 && q < last; q++) {
            int32_t f = weft_i_lib_child(d->doc, item, "function"), z3 = weft_i_lib_child(d->doc, item, "three_state");
            if (f >= 0 && l->port[q].function < 0) {
                int32_t e = weft_i_lib_expr(b, d, cell, &d->doc->item[f]);
                l->port[q].function = e;
            }
            if (z3 >= 0 && l->port[q].three_state < 0) {
                int32_t e = weft_i_lib_expr(b, d, cell, &d->doc->item[z3]);
                l->port[q].three_state = e;
            }
            for (int32_t c = item + 1; c < x->end; c = d->doc->item[c].end)
                if (weft_i_lib_is(&d->doc->item[c], "timing")) weft_i_lib_arc(b, d, cell, c, q);
        }
    }
}

static void inside(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, bool arcs)
{
    for (int32_t c = item + 1; c < d->doc->item[item].end && !b->out_of_memory; c = d->doc->item[c].end) {
        const weft_liberty_item_t *x = &d->doc->item[c];
        if (x->kind != WEFT_LIBERTY_GROUP) continue;
        bool bus = weft_i_lib_is(x, "bus"), bundle = weft_i_lib_is(x, "bundle");
        if (weft_i_lib_is(x, "pin")) arcs ? pin_arcs(b, d, cell, c) : pin_group(b, d, cell, c, -1);
        else if (bus && !arcs) bus_group(b, d, cell, c);
        else if (bus || bundle) {
            if (arcs) pin_arcs(b, d, cell, c);
            for (int32_t k = c + 1; k < x->end; k = d->doc->item[k].end)
                if (weft_i_lib_is(&d->doc->item[k], "pin")) arcs ? pin_arcs(b, d, cell, k) : pin_group(b, d, cell, k, c);
        }
    }
}

static void finish_cell(weft_library_t *l, int32_t cell)
{
    weft_lib_cell_t *k = &l->cell[cell];
    int32_t inputs = 0, outputs = 0, out = -1, in = -1;
    for (int32_t p = k->first_port; p < k->first_port + k->n_ports; p++) {
        k->is_tristate |= l->port[p].three_state >= 0;
        if (l->port[p].direction == WEFT_INPUT) inputs++, in = p;
        if (l->port[p].direction == WEFT_OUTPUT) outputs++, out = p;
    }
    for (int32_t a = k->first_arc; a < k->first_arc + k->n_arcs; a++) {
        const weft_arc_t *x = &l->arc[a];
        if (x->from < 0) continue;
        bool clock = x->type == WEFT_ARC_RISING_EDGE || x->type == WEFT_ARC_FALLING_EDGE || x->type == WEFT_ARC_LATCH_EN;
        if (clock) l->port[x->from].is_reg_clock = true;
        if (weft_arc_type_is_check((weft_arc_type_t)x->type)) l->port[x->from].is_check_clock = true;
    }
    if (inputs == 1 && outputs == 1 && l->port[out].function >= 0 && !k->seq_kind) {
        uint8_t s = weft_i_expr_sense(l, l->port[out].function, in, k->first_port, k->n_ports);
        k->is_buffer = s == WEFT_POSITIVE_UNATE;
        k->is_inverter = s == WEFT_NEGATIVE_UNATE;
    }
}

void weft_i_lib_cell(weft_i_lib_build_t *b, int32_t name, const int32_t *doc_of, const int32_t *item_of, int32_t n)
{
    weft_library_t *l = b->lib;
    if (!ROOM(l->cell, b->cell_cap, l->n_cells + 1)) return;
    int32_t cell = l->n_cells++;
    const weft_i_lib_doc_t *first = &b->doc[doc_of[0]];
    l->cell[cell] = (weft_lib_cell_t){.name = name, .first_port = l->n_ports, .first_arc = l->n_arcs, .first_seq = l->n_seqs,
                                      .line = first->doc->item[item_of[0]].line, .file = doc_of[0]};
    for (int32_t i = 0; i < n; i++) {
        const weft_i_lib_doc_t *d = &b->doc[doc_of[i]];
        inside(b, d, cell, item_of[i], false);
        if (i) continue;
        cell_flags(b, d, cell, item_of[i]);
        for (int32_t c = item_of[i] + 1; c < d->doc->item[item_of[i]].end; c = d->doc->item[c].end)
            if (d->doc->item[c].kind == WEFT_LIBERTY_GROUP && seq_kind(&d->doc->item[c])) seq_group(b, d, cell, c, seq_kind(&d->doc->item[c]));
        int32_t s = l->cell[cell].first_seq;
        for (int32_t c = item_of[i] + 1; c < d->doc->item[item_of[i]].end; c = d->doc->item[c].end) {
            uint8_t kind = d->doc->item[c].kind == WEFT_LIBERTY_GROUP ? seq_kind(&d->doc->item[c]) : 0;
            if ((kind == WEFT_SEQ_FF || kind == WEFT_SEQ_LATCH) && s < l->n_seqs) {
                seq_functions(b, d, cell, c, &l->seq[s]);
                s++;
            }
        }
    }
    for (int32_t i = 0; i < n && !b->out_of_memory; i++) inside(b, &b->doc[doc_of[i]], cell, item_of[i], true);
    l->cell[cell].n_arcs = l->n_arcs - l->cell[cell].first_arc;
    finish_cell(l, cell);
}
