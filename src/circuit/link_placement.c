/* circuit/link_placement.c: DEF components and pins onto instances and ports; LEF pin shapes onto pins. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/turn.h"
#include "weft/placement.h"

#include <math.h>
#include <string.h>

typedef weft_i_spot_t spot_t;

typedef struct linker {
    weft_design_t *d;
    const weft_lef_t *const *lefs;
    int32_t n_lefs;
    spot_t *port_spot;             /* [library ports] middle of the pin in the macro's frame, from its lower-left corner */
    spot_t *port_size;             /* width and height of the box about its shapes, in that frame */
    double *width, *height;        /* [library cells]; NaN: no macro */
    weft_placement_report_t report;
} linker_t;

static const weft_lef_macro_t *find_macro(const linker_t *k, const char *name, size_t n, const weft_lef_t **lef)
{
    for (int32_t i = k->n_lefs - 1; i >= 0; i--) {
        int32_t m = weft_lef_find_macro(k->lefs[i], name, n);
        if (m < 0) continue;
        *lef = k->lefs[i];
        return &k->lefs[i]->macro[m];
    }
    return NULL;
}

static void port_spot(linker_t *k, int32_t port, const weft_lef_t *lef, const weft_lef_macro_t *m)
{
    const weft_library_t *l = k->d->library;
    int32_t id = weft_names_find(lef->names, weft_names_text(l->names, l->port[port].name), (size_t)weft_names_length(l->names, l->port[port].name));
    k->port_spot[port] = (spot_t){m->width / 2, m->height / 2};
    for (int32_t p = m->first_pin; id >= 0 && p < m->first_pin + m->n_pins; p++) {
        const weft_lef_pin_t *pin = &lef->pin[p];
        if (pin->name != id || !pin->n_shapes) continue;
        const weft_lef_shape_t *s = &lef->shape[pin->first_shape];
        double box[4] = {s->x0, s->y0, s->x1, s->y1};
        for (int32_t i = 1; i < pin->n_shapes; i++) {
            box[0] = fmin(box[0], s[i].x0);
            box[1] = fmin(box[1], s[i].y0);
            box[2] = fmax(box[2], s[i].x1);
            box[3] = fmax(box[3], s[i].y1);
        }
        k->port_spot[port] = (spot_t){(box[0] + box[2]) / 2 + m->origin_x, (box[1] + box[3]) / 2 + m->origin_y};
        k->port_size[port] = (spot_t){box[2] - box[0], box[3] - box[1]};
        return;
    }
}

static weft_status_t index_macros(linker_t *k)
{
    weft_status_t status = WEFT_OK;
    const weft_library_t *l = k->d->library;
    WEFT_TRY_ALLOC(k->port_spot = weft_i_calloc((size_t)l->n_ports + 1, sizeof *k->port_spot));
    WEFT_TRY_ALLOC(k->port_size = weft_i_calloc((size_t)l->n_ports + 1, sizeof *k->port_size));
    WEFT_TRY_ALLOC(k->width = weft_i_malloc(((size_t)l->n_cells + 1) * sizeof *k->width));
    WEFT_TRY_ALLOC(k->height = weft_i_malloc(((size_t)l->n_cells + 1) * sizeof *k->height));
    for (int32_t c = 0; c < l->n_cells; c++) {
        const weft_lef_t *lef = NULL;
        const weft_lef_macro_t *m = find_macro(k, weft_names_text(l->names, l->cell[c].name), (size_t)weft_names_length(l->names, l->cell[c].name), &lef);
        k->width[c] = m ? m->width : NAN;
        k->height[c] = m ? m->height : NAN;
        for (int32_t p = l->cell[c].first_port; m && p < l->cell[c].first_port + l->cell[c].n_ports; p++) port_spot(k, p, lef, m);
    }
done:
    return status;
}

/* The box of a pin; lying orientations change its sides. */
static void set_size(weft_design_t *d, int32_t pin, spot_t size, uint8_t orient)
{
    bool lies = orient == WEFT_W || orient == WEFT_E || orient == WEFT_FW || orient == WEFT_FE;
    d->pin_w[pin] = (float)(lies ? size.y : size.x);
    d->pin_h[pin] = (float)(lies ? size.x : size.y);
}

static void place_inst(linker_t *k, int32_t inst, double x, double y, uint8_t orient)
{
    weft_design_t *d = k->d;
    d->inst_x[inst] = x;
    d->inst_y[inst] = y;
    d->inst_orient[inst] = orient;
    int32_t cell = d->inst_cell[inst];
    bool known = cell >= 0 && !isnan(k->width[cell]);
    for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1]; p++) {
        spot_t s = known ? weft_i_turn(k->port_spot[d->pin_port[p]], k->width[cell], k->height[cell], orient) : (spot_t){0, 0};
        d->pin_x[p] = x + s.x;
        d->pin_y[p] = y + s.y;
        set_size(d, p, known ? k->port_size[d->pin_port[p]] : (spot_t){0, 0}, orient);
    }
}

/* By the name as it stands, else with <> read as []. */
static int32_t find(const weft_design_t *d, const char *name, size_t n, bool port)
{
    int32_t id = port ? weft_design_find_port(d, name, n) : weft_design_find_inst(d, name, n);
    char other[512];
    if (id >= 0 || n >= sizeof other || !memchr(name, '<', n)) return id;
    for (size_t i = 0; i < n; i++) other[i] = name[i] == '<' ? '[' : name[i] == '>' ? ']' : name[i];
    return port ? weft_design_find_port(d, other, n) : weft_design_find_inst(d, other, n);
}

static void components(linker_t *k, const weft_def_t *def, weft_diag_t *diag)
{
    weft_design_t *d = k->d;
    double unit = 1e-6 / def->dbu;
    for (int32_t i = 0; i < def->n_components; i++) {
        const weft_def_component_t *c = &def->component[i];
        int32_t inst = find(d, weft_names_text(def->names, c->name), (size_t)weft_names_length(def->names, c->name), false);
        k->report.n_components++;
        if (inst < 0) {
            k->report.n_unmatched++;
            continue;
        }
        const char *macro = weft_names_text(def->names, c->macro);
        int32_t cell = d->inst_cell[inst];
        if (cell >= 0 && strcmp(macro, weft_names_text(d->library->names, d->library->cell[cell].name)) && !k->report.n_other_cell++)
            weft_diag_add(diag, WEFT_WARNING, "place-other-cell", def->file, c->line, 0, "%s is %s here and %s in the netlist",
                          weft_names_text(def->names, c->name), macro, weft_names_text(d->library->names, d->library->cell[cell].name));
        if (c->placed) place_inst(k, inst, c->x * unit, c->y * unit, c->orient);
    }
}

static spot_t turn_about(double x, double y, uint8_t orient)
{
    switch (orient) {
    case WEFT_S: return (spot_t){-x, -y};
    case WEFT_W: return (spot_t){-y, x};
    case WEFT_E: return (spot_t){y, -x};
    case WEFT_FN: return (spot_t){-x, y};
    case WEFT_FS: return (spot_t){x, -y};
    case WEFT_FW: return (spot_t){y, x};
    case WEFT_FE: return (spot_t){-y, -x};
    default: return (spot_t){x, y};
    }
}

static void ports(linker_t *k, const weft_def_t *def)
{
    weft_design_t *d = k->d;
    double unit = 1e-6 / def->dbu;
    for (int32_t i = 0; i < def->n_pins; i++) {
        const weft_def_pin_t *p = &def->pin[i];
        if (!p->placed) continue;
        int32_t pin = find(d, weft_names_text(def->names, p->name), (size_t)weft_names_length(def->names, p->name), true);
        if (pin < 0) continue; /* supplies */
        spot_t s = turn_about(0.5 * ((double)p->x0 + p->x1), 0.5 * ((double)p->y0 + p->y1), p->orient);
        d->pin_x[pin] = (p->x + s.x) * unit;
        d->pin_y[pin] = (p->y + s.y) * unit;
        set_size(d, pin, (spot_t){fabs((double)p->x1 - p->x0) * unit, fabs((double)p->y1 - p->y0) * unit}, p->orient);
    }
}

static weft_status_t allocate(weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    if (d->inst_x) return WEFT_OK;
    WEFT_TRY_ALLOC(d->inst_x = weft_i_malloc((size_t)d->n_insts * sizeof *d->inst_x + 1));
    WEFT_TRY_ALLOC(d->inst_y = weft_i_malloc((size_t)d->n_insts * sizeof *d->inst_y + 1));
    WEFT_TRY_ALLOC(d->inst_orient = weft_i_calloc((size_t)d->n_insts + 1, 1));
    WEFT_TRY_ALLOC(d->pin_x = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_x + 1));
    WEFT_TRY_ALLOC(d->pin_y = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_y + 1));
    WEFT_TRY_ALLOC(d->pin_w = weft_i_calloc((size_t)d->n_pins + 1, sizeof *d->pin_w));
    WEFT_TRY_ALLOC(d->pin_h = weft_i_calloc((size_t)d->n_pins + 1, sizeof *d->pin_h));
    for (int32_t i = 0; i < d->n_insts; i++) d->inst_x[i] = d->inst_y[i] = NAN;
    for (int32_t i = 0; i < d->n_pins; i++) d->pin_x[i] = d->pin_y[i] = NAN;
    for (int32_t i = 0; i < 4; i++) d->die[i] = NAN;
done:
    return status;
}

static weft_status_t take_blockages(weft_design_t *d, const weft_def_t *def)
{
    if (!def->n_blockages) return WEFT_OK;
    double *more = weft_i_realloc(d->blockage, ((size_t)d->n_blockages + (size_t)def->n_blockages) * 4 * sizeof *more);
    if (!more) return WEFT_ENOMEM;
    d->blockage = more;
    for (int32_t i = 0; i < def->n_blockages; i++, d->n_blockages++) {
        double *b = d->blockage + 4 * (int64_t)d->n_blockages, unit = 1e-6 / def->dbu;
        b[0] = def->blockage[i].x0 * unit;
        b[1] = def->blockage[i].y0 * unit;
        b[2] = def->blockage[i].x1 * unit;
        b[3] = def->blockage[i].y1 * unit;
    }
    return WEFT_OK;
}

static void account(linker_t *k, weft_diag_t *diag)
{
    weft_design_t *d = k->d;
    weft_placement_report_t *r = &k->report;
    const char *unplaced = "", *no_macro = "", *port = "";
    r->n_insts = d->n_insts;
    r->n_ports = d->n_ports;
    for (int32_t i = 0; i < d->n_insts; i++) {
        if (isnan(d->inst_x[i])) unplaced = weft_names_text(d->names, d->inst_name[i]);
        else r->n_placed++;
        int32_t cell = d->inst_cell[i];
        if (!isnan(d->inst_x[i]) && (cell < 0 || isnan(k->width[cell]))) {
            r->n_no_macro++;
            no_macro = weft_names_text(d->names, d->inst_name[i]);
        }
    }
    for (int32_t i = 0; i < d->n_ports; i++) {
        if (isnan(d->pin_x[d->n_inst_pins + i])) port = weft_names_text(d->names, d->port_name[i]);
        else r->n_ports_placed++;
    }
    if (r->n_placed < r->n_insts)
        weft_diag_add(diag, WEFT_WARNING, "place-unplaced", NULL, 0, 0, "%d of %d instances have no place, such as %s; their nets are estimated from the other pins",
                      r->n_insts - r->n_placed, r->n_insts, unplaced);
    if (r->n_ports_placed < r->n_ports)
        weft_diag_add(diag, WEFT_WARNING, "place-port", NULL, 0, 0, "%d of %d ports have no place, such as %s", r->n_ports - r->n_ports_placed, r->n_ports, port);
    if (r->n_no_macro)
        weft_diag_add(diag, WEFT_WARNING, "place-no-macro", NULL, 0, 0, "%d placed instances are of cells no LEF describes, such as %s: their pins are taken to lie at the corner", r->n_no_macro, no_macro);
}

weft_status_t weft_design_place(weft_design_t *design, const weft_lef_t *const *lefs, int32_t n_lefs, const weft_def_t *const *defs,
                                int32_t n_defs, weft_placement_report_t *report, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    linker_t k = {.d = design, .lefs = lefs, .n_lefs = n_lefs};
    WEFT_TRY(allocate(design));
    WEFT_TRY(index_macros(&k));
    for (int32_t i = 0; i < n_defs; i++) {
        components(&k, defs[i], diag);
        ports(&k, defs[i]);
        WEFT_TRY(take_blockages(design, defs[i]));
        if (!defs[i]->has_die) continue;
        double unit = 1e-6 / defs[i]->dbu;
        design->die[0] = defs[i]->die.x0 * unit;
        design->die[1] = defs[i]->die.y0 * unit;
        design->die[2] = defs[i]->die.x1 * unit;
        design->die[3] = defs[i]->die.y1 * unit;
    }
    account(&k, diag);
    if (report) *report = k.report;
done:
    weft_i_free(k.port_spot);
    weft_i_free(k.port_size);
    weft_i_free(k.width);
    weft_i_free(k.height);
    return status;
}
