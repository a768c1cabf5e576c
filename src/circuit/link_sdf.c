/* circuit/link_sdf.c: SDF entries onto the arcs and wires of a design. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/sdf.h"

#include <math.h>
#include <string.h>

typedef struct link {
    weft_given_delays_t *given;
    const weft_design_t *d;
    const weft_sdf_t *s;
    weft_diag_t *diag;
    int32_t corner;
    int64_t delay_cap, pulse_cap, text_cap;
    char *text;
    bool out_of_memory;
} link_t;

static const char *text_of(const link_t *l, int32_t name) { return name < 0 ? "" : weft_names_text(l->s->names, name); }

/* ---- values --------------------------------------------------------------------------------------------------------- */
/* Where in its list the value of an output edge stands: rise and fall first; of tri-state arcs (to_z, from_z) their own fields, where there are any. */
static int32_t value_index(int32_t n, int32_t edge, bool to_z, bool from_z)
{
    if (n == 1) return 0;
    if (to_z) return n == 2 ? edge : n == 3 ? 2 : edge == WEFT_RISE ? 2 : 4;
    return from_z && n > 3 ? (edge == WEFT_RISE ? 3 : 5) : edge;
}

/* [early, late]; what binds a hold early is its greater value. */
static void sides(const weft_sdf_triple_t *t, bool hold, float out[2])
{
    bool only_typ = isnan(t->min) && isnan(t->max);
    out[hold] = only_typ ? t->typ : t->min;
    out[!hold] = only_typ ? t->typ : t->max;
}

static uint8_t pairs_of(uint8_t from_edges, uint8_t to_edges)
{
    uint8_t pairs = 0;
    for (int32_t k = 0; k < 4; k++)
        if ((from_edges >> (k >> 1) & 1) && (to_edges >> (k & 1) & 1)) pairs |= (uint8_t)(1 << k);
    return pairs;
}

/* One record; arc -1: a wire, which keeps its edge. */
static void put(link_t *l, const weft_sdf_entry_t *e, int32_t from, int32_t to, int32_t arc)
{
    uint8_t type = arc >= 0 ? l->d->library->arc[arc].type : 0;
    weft_given_delay_t g = {.from = from, .to = to, .arc = arc, .corner = l->corner, .increment = e->increment};
    g.pairs = arc < 0 ? 0x9 : pairs_of(e->from_edges, e->to_edges) & l->d->library->arc[arc].edges;
    if (!g.pairs) return;
    for (int32_t edge = 0; edge < 2; edge++) {
        float v[2];
        int32_t i = value_index(e->n_values, edge, arc >= 0 && type == WEFT_ARC_TRI_DISABLE, arc >= 0 && type == WEFT_ARC_TRI_ENABLE);
        sides(&l->s->value[e->first_value + (i < e->n_values ? i : 0)], e->kind == WEFT_SDF_HOLD || e->kind == WEFT_SDF_REMOVAL, v);
        g.value[WEFT_EARLY][edge] = v[0];
        g.value[WEFT_LATE][edge] = v[1];
    }
    if (!WEFT_I_ROOM(l->given->delay, l->delay_cap, l->given->n_delays + 1)) l->out_of_memory = true;
    else l->given->delay[l->given->n_delays++] = g;
}

/* ---- arcs ----------------------------------------------------------------------------------------------------------- */
static bool same_but_blanks(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ' || *a == '\t') a++;
        while (*b == ' ' || *b == '\t') b++;
        if (*a != *b) return false;
        if (!*a) return true;
    }
}

static bool cond_fits(const link_t *l, const weft_sdf_entry_t *e, const weft_arc_t *a)
{
    if (e->is_else) return a->sdf_text < 0 && !a->has_when;
    if (e->cond < 0) return true;
    const weft_names_t *n = l->d->library->names;
    int32_t text = a->sdf_text >= 0 ? a->sdf_text : a->sdf_cond;
    return text >= 0 && same_but_blanks(text_of(l, e->cond), weft_names_text(n, text));
}

static bool kind_fits(uint8_t kind, uint8_t type)
{
    bool check = weft_arc_type_is_check((weft_arc_type_t)type);
    switch (type) {
    case WEFT_ARC_SETUP_RISING: case WEFT_ARC_SETUP_FALLING: case WEFT_ARC_NON_SEQ_SETUP_RISING: case WEFT_ARC_NON_SEQ_SETUP_FALLING: return kind == WEFT_SDF_SETUP;
    case WEFT_ARC_HOLD_RISING: case WEFT_ARC_HOLD_FALLING: case WEFT_ARC_NON_SEQ_HOLD_RISING: case WEFT_ARC_NON_SEQ_HOLD_FALLING: return kind == WEFT_SDF_HOLD;
    case WEFT_ARC_RECOVERY_RISING: case WEFT_ARC_RECOVERY_FALLING: return kind == WEFT_SDF_RECOVERY;
    case WEFT_ARC_REMOVAL_RISING: case WEFT_ARC_REMOVAL_FALLING: return kind == WEFT_SDF_REMOVAL;
    default: return !check && type <= WEFT_ARC_TRI_DISABLE && (kind == WEFT_SDF_IOPATH || kind == WEFT_SDF_DEVICE);
    }
}

/* The pin of a port of an instance; -1: there is none, and that was told. */
static int32_t pin_of(link_t *l, const weft_sdf_entry_t *e, int32_t inst, int32_t name)
{
    const weft_library_t *lib = l->d->library;
    int32_t cell = l->d->inst_cell[inst], port = weft_library_find_port(lib, cell, text_of(l, name), (size_t)weft_names_length(l->s->names, name));
    for (int32_t p = l->d->inst_first_pin[inst]; p < l->d->inst_first_pin[inst + 1] && port >= 0; p++)
        if (l->d->pin_port[p] == port) return p;
    weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-pin", l->s->file, e->line, 0, "cell %s has no pin %s", weft_names_text(lib->names, lib->cell[cell].name), text_of(l, name));
    return -1;
}

static bool inst_entry(link_t *l, const weft_sdf_entry_t *e, int32_t inst)
{
    const weft_library_t *lib = l->d->library;
    const weft_lib_cell_t *c = &lib->cell[l->d->inst_cell[inst]];
    int32_t from = -1, to = -1, n = 0;
    if (e->from >= 0 && (from = pin_of(l, e, inst, e->from)) < 0) return false;
    if (e->to >= 0 && (to = pin_of(l, e, inst, e->to)) < 0) return false;
    if (e->kind == WEFT_SDF_WIDTH || e->kind == WEFT_SDF_PERIOD) {
        float v[2];
        sides(&l->s->value[e->first_value], false, v);
        for (uint8_t edge = e->kind == WEFT_SDF_PERIOD ? 2 : 0; edge < (e->kind == WEFT_SDF_PERIOD ? 3 : 2); edge++) {
            if (edge < 2 && !(e->to_edges >> edge & 1)) continue;
            if (!WEFT_I_ROOM(l->given->pulse, l->pulse_cap, l->given->n_pulses + 1)) return (l->out_of_memory = true, false);
            l->given->pulse[l->given->n_pulses++] = (weft_given_pulse_t){to, l->corner, edge, isnan(v[WEFT_LATE]) ? v[WEFT_EARLY] : v[WEFT_LATE]};
        }
        return true;
    }
    for (int32_t a = c->first_arc; a < c->first_arc + c->n_arcs; a++) {
        const weft_arc_t *arc = &lib->arc[a];
        if (!kind_fits(e->kind, arc->type) || !cond_fits(l, e, arc)) continue;
        if ((from >= 0 && arc->from != l->d->pin_port[from]) || (to >= 0 && arc->to != l->d->pin_port[to])) continue;
        int32_t at[2] = {from, to}, port[2] = {arc->from, arc->to};
        for (int32_t k = 0; k < 2; k++)
            for (int32_t p = l->d->inst_first_pin[inst]; p < l->d->inst_first_pin[inst + 1] && at[k] < 0; p++)
                if (l->d->pin_port[p] == port[k]) at[k] = p;
        if (at[0] < 0 || at[1] < 0) continue;
        put(l, e, at[0], at[1], a);
        n++;
    }
    if (!n)
        weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-arc", l->s->file, e->line, 0, "cell %s has no such arc or check: %s -> %s%s%s", weft_names_text(lib->names, c->name), text_of(l, e->from),
                      text_of(l, e->to), e->cond >= 0 ? " if " : "", text_of(l, e->cond));
    return n > 0;
}

/* ---- wires ---------------------------------------------------------------------------------------------------------- */
static int32_t wire_pin(link_t *l, const weft_sdf_cell_t *c, const weft_sdf_entry_t *e, int32_t name)
{
    const char *prefix = c->instance >= 0 ? text_of(l, c->instance) : "", *tail = text_of(l, name);
    size_t n = strlen(prefix), m = strlen(tail);
    if (!WEFT_I_ROOM(l->text, l->text_cap, (int64_t)(n + m + 2))) return (l->out_of_memory = true, -1);
    memcpy(l->text, prefix, n);
    if (n) l->text[n++] = '/';
    memcpy(l->text + n, tail, m + 1);
    int32_t pin = weft_design_find_pin(l->d, l->text, n + m);
    if (pin < 0) weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-pin", l->s->file, e->line, 0, "the design has no pin or port %s", l->text);
    return pin;
}

static bool wire_entry(link_t *l, const weft_sdf_cell_t *c, const weft_sdf_entry_t *e)
{
    const weft_design_t *d = l->d;
    int32_t from = -1, n = 0;
    if (e->kind == WEFT_SDF_INTERCONNECT && (from = wire_pin(l, c, e, e->from)) < 0) return false;
    int32_t to = wire_pin(l, c, e, e->to), net = to < 0 ? -1 : d->pin_net[to];
    if (to < 0) return false;
    for (int32_t i = 0; net >= 0 && i < d->net_n_drivers[net]; i++) {
        int32_t p = d->net_pin[d->net_first[net] + i];
        if (p == to || (from >= 0 && p != from)) continue;
        put(l, e, p, to, -1);
        n++;
    }
    if (!n) weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-arc", l->s->file, e->line, 0, "no wire leads from %s to %s", e->from < 0 ? "a driver" : text_of(l, e->from), text_of(l, e->to));
    return n > 0;
}

static bool is_wire(const weft_sdf_entry_t *e) { return e->kind == WEFT_SDF_INTERCONNECT || e->kind == WEFT_SDF_PORT; }

/* Every entry of a cell at one instance (-1: the top); how many of them found something. */
static int32_t entries(link_t *l, const weft_sdf_cell_t *c, int32_t inst)
{
    int32_t matched = 0;
    for (int32_t i = c->first_entry; i < c->first_entry + c->n_entries && !l->out_of_memory; i++) {
        const weft_sdf_entry_t *e = &l->s->entry[i];
        if (is_wire(e)) matched += wire_entry(l, c, e);
        else if (inst >= 0) matched += inst_entry(l, e, inst);
        else weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-arc", l->s->file, e->line, 0, "the top has wires only; arcs and checks belong to cells");
    }
    return matched;
}

static int32_t one_cell(link_t *l, const weft_sdf_cell_t *c)
{
    const weft_design_t *d = l->d;
    const char *type = c->type >= 0 ? text_of(l, c->type) : NULL;
    if (c->instance == -2) { /* every instance of the type */
        int32_t cell = type ? weft_library_find_cell(d->library, type, strlen(type)) : -1, n = 0;
        for (int32_t i = 0; i < d->n_insts && cell >= 0; i++)
            if (d->inst_cell[i] == cell) n = entries(l, c, i);
        return n;
    }
    if (c->instance == -1) return entries(l, c, -1);
    bool any_arc = false;
    for (int32_t i = c->first_entry; i < c->first_entry + c->n_entries; i++) any_arc |= !is_wire(&l->s->entry[i]);
    int32_t inst = weft_design_find_inst(d, text_of(l, c->instance), (size_t)weft_names_length(l->s->names, c->instance));
    if (inst < 0 && any_arc) {
        weft_diag_add(l->diag, WEFT_WARNING, "sdf-no-instance", l->s->file, c->line, 0, "the design has no instance %s", text_of(l, c->instance));
        return 0;
    }
    if (inst >= 0 && d->inst_cell[inst] < 0) return 0; /* a black box has no arcs */
    const char *is = inst >= 0 ? weft_names_text(d->library->names, d->library->cell[d->inst_cell[inst]].name) : "";
    if (inst >= 0 && type && strcmp(type, is)) weft_diag_add(l->diag, WEFT_WARNING, "sdf-cell-type", l->s->file, c->line, 0, "%s is a %s, not a %s", text_of(l, c->instance), is, type);
    return entries(l, c, inst);
}

static weft_status_t corner_of(link_t *l, const char *name)
{
    const weft_library_t *lib = l->d->library;
    l->corner = -1;
    for (int32_t c = 0; c < lib->n_corners && name; c++)
        if (!strcmp(weft_names_text(lib->names, lib->corner_name[c]), name)) l->corner = c;
    if (!name || l->corner >= 0) return WEFT_OK;
    weft_diag_add(l->diag, WEFT_ERROR, "sdf-no-corner", l->s->file, 0, 0, "no library belongs to corner %s", name);
    return WEFT_EUSAGE;
}

weft_status_t weft_given_delays_link(weft_given_delays_t **given, const weft_design_t *design, const weft_sdf_source_t *sources, int32_t n_sources, weft_sdf_coverage_t *coverage,
                                     weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    link_t l = {.d = design, .diag = diag};
    *given = NULL;
    if (coverage) *coverage = (weft_sdf_coverage_t){0};
    WEFT_TRY_ALLOC(l.given = weft_i_calloc(1, sizeof *l.given));
    for (int32_t k = 0; k < n_sources; k++) {
        l.s = sources[k].sdf;
        WEFT_TRY(corner_of(&l, sources[k].corner));
        for (int32_t i = 0; i < l.s->n_cells; i++) {
            int32_t matched = one_cell(&l, &l.s->cell[i]);
            if (l.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
            if (coverage) {
                coverage->n_entries += l.s->cell[i].n_entries;
                coverage->n_matched += matched;
            }
        }
    }
    *given = l.given;
    l.given = NULL;
done:
    weft_given_delays_free(l.given);
    weft_i_free(l.text);
    return status;
}

void weft_given_delays_free(weft_given_delays_t *g)
{
    if (!g) return;
    weft_i_free(g->delay);
    weft_i_free(g->pulse);
    weft_i_free(g);
}
