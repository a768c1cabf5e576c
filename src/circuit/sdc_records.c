/* circuit/sdc_records.c: one reader per kind of record; the child is not trusted: every id is checked. */
#include "circuit/sdc_records.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

typedef struct reader {
    weft_constraints_t *c;
    const weft_design_t *d;
    weft_i_constraints_private_t *x;
    int32_t first_file, n_files, first_clock;
} reader_t;

bool weft_i_ids_push(weft_i_arena_t *arena, weft_ids_t *ids, int32_t id)
{
    if ((ids->n & (ids->n - 1)) == 0) { /* room doubles at powers of two */
        int32_t *p = weft_i_arena_alloc(arena, (size_t)(ids->n ? 2 * (int64_t)ids->n : 1) * sizeof *p);
        if (!p) return false;
        if (ids->n) memcpy(p, ids->id, (size_t)ids->n * sizeof *p);
        ids->id = p;
    }
    ids->id[ids->n++] = id;
    return true;
}

static bool in(int32_t v, int32_t n) { return v >= 0 && v < n; }

/* How many objects of a kind there are; 0 for kinds that have none. */
static int32_t n_of(const reader_t *r, int32_t kind)
{
    switch (kind) {
    case WEFT_OBJ_PIN: return r->d->n_pins;
    case WEFT_OBJ_INST: return r->d->n_insts;
    case WEFT_OBJ_NET: return r->d->n_nets;
    case WEFT_OBJ_CLOCK: return r->c->n_clocks - r->first_clock;
    case WEFT_OBJ_LIB_CELL: return r->d->library->n_cells;
    case WEFT_OBJ_LIB_PORT: return r->d->library->n_ports;
    case WEFT_OBJ_DESIGN: return 1;
    default: return 0;
    }
}
static bool object(const reader_t *r, int32_t kind, int32_t id, weft_object_t *to)
{
    if (!in(id, n_of(r, kind))) return false;
    *to = (weft_object_t){(uint8_t)kind, kind == WEFT_OBJ_CLOCK ? id + r->first_clock : id};
    return true;
}
static bool clock_id(const reader_t *r, int32_t *id) /* -1 stays */
{
    if (*id == -1) return true;
    if (!in(*id, r->c->n_clocks - r->first_clock)) return false;
    *id += r->first_clock;
    return true;
}

/* ---- clocks ----------------------------------------------------------------------------------------------------- */
/* The place of clock `number` of this run: a new one, or that of an earlier one of the same name, emptied. */
static weft_status_t clock_place(reader_t *r, int32_t number, const char *name, weft_clock_t **to)
{
    weft_constraints_t *c = r->c;
    int32_t at = number + r->first_clock;
    if (number < 0 || at > c->n_clocks) return WEFT_EINPUT;
    if (at == c->n_clocks) {
        if (!WEFT_I_ROOM(c->clock, r->x->clock_cap, c->n_clocks + 1)) return WEFT_ENOMEM;
        c->n_clocks++;
    }
    double *edge = weft_i_arena_alloc(&r->x->arena, 2 * sizeof *edge);
    int32_t id = weft_names_add(c->names, name, strlen(name));
    if (!edge || id < 0) return WEFT_ENOMEM;
    edge[0] = edge[1] = 0.0;
    c->clock[at] = (weft_clock_t){.name = id, .n_edges = 2, .edge = edge, .master_pin = -1, .master_clock = -1, .duty_cycle = NAN};
    *to = &c->clock[at];
    return WEFT_OK;
}

static weft_status_t clock_record(reader_t *r, const char *p)
{
    int32_t number, file, line, add, at = 0;
    double period, rise, fall;
    weft_clock_t *k;
    if (sscanf(p, "K %d %d %d %lf %d %lf %lf %n", &number, &file, &line, &period, &add, &rise, &fall, &at) != 7 || !at || !in(file, r->n_files)) return WEFT_EINPUT;
    if (!(period > 0.0) || !isfinite(period) || !isfinite(rise) || !isfinite(fall)) return WEFT_EINPUT;
    weft_status_t status = clock_place(r, number, p + at, &k);
    if (status != WEFT_OK) return status;
    k->period = period;
    k->edge[0] = rise;
    k->edge[1] = fall;
    k->add = add != 0;
    k->file = r->first_file + file;
    k->line = line;
    return WEFT_OK;
}

static weft_status_t generated_record(reader_t *r, const char *p)
{
    int32_t number, file, line, add, invert, comb, divide, multiply, pin, master, at = 0;
    double duty;
    weft_clock_t *k;
    if (sscanf(p, "J %d %d %d %d %d %d %d %d %lf %d %d %n", &number, &file, &line, &add, &invert, &comb, &divide, &multiply, &duty, &pin, &master, &at) != 11 || !at) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(pin, r->d->n_pins) || !clock_id(r, &master) || !in(divide, 1000001) || !in(multiply, 1000001)) return WEFT_EINPUT;
    weft_status_t status = clock_place(r, number, p + at, &k);
    if (status != WEFT_OK) return status;
    k->generated = true;
    k->add = add != 0;
    k->invert = invert != 0;
    k->combinational = comb != 0;
    k->divide_by = divide;
    k->multiply_by = multiply;
    k->duty_cycle = duty > 0.0 && duty < 100.0 ? duty : NAN;
    k->master_pin = pin;
    k->master_clock = master;
    k->file = r->first_file + file;
    k->line = line;
    return WEFT_OK;
}

static weft_status_t generated_edge_record(reader_t *r, const char *p)
{
    int32_t number, edge;
    double shift;
    if (sscanf(p, "j %d %d %lf", &number, &edge, &shift) != 3 || number < 0 || !in(number + r->first_clock, r->c->n_clocks) || !in(edge, 1 << 20) || edge < 1 || !isfinite(shift)) return WEFT_EINPUT;
    weft_clock_t *k = &r->c->clock[number + r->first_clock];
    if (!k->generated_edge) {
        k->generated_edge = weft_i_arena_alloc(&r->x->arena, 3 * sizeof *k->generated_edge);
        k->edge_shift = weft_i_arena_alloc(&r->x->arena, 3 * sizeof *k->edge_shift);
        if (!k->generated_edge || !k->edge_shift) return WEFT_ENOMEM;
    }
    if (k->n_generated_edges >= 3) return WEFT_EINPUT;
    k->generated_edge[k->n_generated_edges] = edge;
    k->edge_shift[k->n_generated_edges++] = shift;
    return WEFT_OK;
}

static weft_status_t source_record(reader_t *r, const char *p)
{
    int32_t clock, pin;
    if (sscanf(p, "k %d %d", &clock, &pin) != 2 || !clock_id(r, &clock) || clock < 0 || !in(pin, r->d->n_pins)) return WEFT_EINPUT;
    return weft_i_ids_push(&r->x->arena, &r->c->clock[clock].sources, pin) ? WEFT_OK : WEFT_ENOMEM;
}

static weft_status_t no_source_record(reader_t *r, const char *p) /* l: sources follow anew; x: the clock is gone */
{
    int32_t clock;
    if (sscanf(p + 1, " %d", &clock) != 1 || !clock_id(r, &clock) || clock < 0) return WEFT_EINPUT;
    r->c->clock[clock].sources = (weft_ids_t){0};
    if (*p == 'x') r->c->clock[clock].gone = true;
    return WEFT_OK;
}

static weft_status_t group_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, allow;
    if (sscanf(p, "G %d %d %d", &file, &line, &allow) != 3 || !in(file, r->n_files)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->clock_groups, r->x->groups_cap, c->n_clock_groups + 1)) return WEFT_ENOMEM;
    c->clock_groups[c->n_clock_groups++] = (weft_clock_groups_t){.name = -1, .allow_paths = allow != 0, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t member_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t group, clock;
    if (sscanf(p, "g %d %d", &group, &clock) != 2 || !c->n_clock_groups || !clock_id(r, &clock) || clock < 0 || !in(group, 10000)) return WEFT_EINPUT;
    weft_clock_groups_t *g = &c->clock_groups[c->n_clock_groups - 1];
    if (group >= g->n_groups) {
        weft_ids_t *more = weft_i_arena_alloc(&r->x->arena, (size_t)(group + 1) * sizeof *more);
        if (!more) return WEFT_ENOMEM;
        memset(more, 0, (size_t)(group + 1) * sizeof *more);
        if (g->n_groups) memcpy(more, g->group, (size_t)g->n_groups * sizeof *more);
        g->group = more;
        g->n_groups = group + 1;
    }
    return weft_i_ids_push(&r->x->arena, &g->group[group], clock) ? WEFT_OK : WEFT_ENOMEM;
}

/* ---- ports and settings ----------------------------------------------------------------------------------------- */
/* Without -add_delay, what the pin had on these edges and sides goes. */
static void replace_delay(weft_constraints_t *c, const weft_port_delay_t *n)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < c->n_port_delays; i++) {
        weft_port_delay_t *o = &c->port_delay[i];
        bool same = o->pin == n->pin && o->is_input == n->is_input, drop = false;
        if (same && (o->edges & n->edges) && (o->minmax & n->minmax)) {
            if (n->add && (o->clock != n->clock || o->clock_fall != n->clock_fall)) drop = false;
            else if (!(o->edges & ~n->edges) && !(o->minmax & ~n->minmax)) drop = true;
            else if (!(o->minmax & ~n->minmax)) o->edges &= (uint8_t)~n->edges;
            else if (!(o->edges & ~n->edges)) o->minmax &= (uint8_t)~n->minmax;
        }
        if (!drop) c->port_delay[kept++] = *o;
    }
    c->n_port_delays = kept;
}

static weft_status_t delay_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, pin, clock, input, fall, add, source, network, e, mm;
    double v;
    if (sscanf(p, "P %d %d %d %d %d %d %d %d %d %d %d %lf", &file, &line, &pin, &clock, &input, &fall, &add, &source, &network, &e, &mm, &v) != 12) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(pin, r->d->n_pins) || !clock_id(r, &clock) || !isfinite(v)) return WEFT_EINPUT;
    weft_port_delay_t n = {.pin = pin, .clock = clock, .is_input = input != 0, .clock_fall = fall != 0, .add = add != 0, .source_latency_included = source != 0,
                           .network_latency_included = network != 0, .reference_pin = -1, .edges = (uint8_t)(e & 3), .minmax = (uint8_t)(mm & 3), .delay = v, .file = r->first_file + file, .line = line};
    replace_delay(c, &n);
    if (!WEFT_I_ROOM(c->port_delay, r->x->delay_cap, c->n_port_delays + 1)) return WEFT_ENOMEM;
    c->port_delay[c->n_port_delays++] = n;
    return WEFT_OK;
}

static weft_status_t setting_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, kind, e, mm, el, flag, flag2, detail, what, id, clock;
    double v;
    weft_object_t o;
    if (sscanf(p, "S %d %d %d %d %d %d %d %d %d %d %d %d %lf", &file, &line, &kind, &e, &mm, &el, &flag, &flag2, &detail, &what, &id, &clock, &v) != 13) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(kind, WEFT_N_SETTING_KINDS) || !object(r, what, id, &o) || !clock_id(r, &clock) || !isfinite(v)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->setting, r->x->setting_cap, c->n_settings + 1)) return WEFT_ENOMEM;
    c->setting[c->n_settings++] = (weft_setting_t){.kind = (uint8_t)kind, .edges = (uint8_t)(e & 3), .minmax = (uint8_t)(mm & 3), .el = (uint8_t)(el & 3), .detail = (uint8_t)(detail & 7), .flag = flag != 0, .flag2 = flag2 != 0,
                                                   .object = o, .object2 = clock, .value = v, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t pair_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, from, to, fe, te, mm;
    double v;
    if (sscanf(p, "U %d %d %d %d %d %d %d %lf", &file, &line, &from, &to, &fe, &te, &mm, &v) != 8) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !clock_id(r, &from) || !clock_id(r, &to) || from < 0 || to < 0 || !isfinite(v)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->pair_uncertainty, r->x->pair_cap, c->n_pair_uncertainties + 1)) return WEFT_ENOMEM;
    c->pair_uncertainty[c->n_pair_uncertainties++] = (weft_clock_pair_uncertainty_t){from, to, (uint8_t)(fe & 3), (uint8_t)(te & 3), (uint8_t)(mm & 3), v, r->first_file + file, line};
    return WEFT_OK;
}

static weft_status_t driving_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, pin, cell, from, to, e, mm, dont, no;
    double rise, fall;
    if (sscanf(p, "R %d %d %d %d %d %d %d %d %d %d %lf %lf", &file, &line, &pin, &cell, &from, &to, &e, &mm, &dont, &no, &rise, &fall) != 12) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(pin, r->d->n_pins) || !in(cell, r->d->library->n_cells) || !isfinite(rise) || !isfinite(fall)) return WEFT_EINPUT;
    if ((from != -1 && !in(from, r->d->library->n_ports)) || (to != -1 && !in(to, r->d->library->n_ports))) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->driving_cell, r->x->driving_cap, c->n_driving_cells + 1)) return WEFT_ENOMEM;
    c->driving_cell[c->n_driving_cells++] = (weft_driving_cell_t){.pin = pin, .lib_cell = cell, .from_port = from, .to_port = to, .edges = (uint8_t)(e & 3), .minmax = (uint8_t)(mm & 3), .dont_scale = dont != 0, .no_design_rule = no != 0,
                                                                  .from_slew = {rise, fall}, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t disable_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, what, id;
    char from[256], to[256];
    weft_object_t o;
    if (sscanf(p, "X %d %d %d %d %255s %255s", &file, &line, &what, &id, from, to) != 6 || !in(file, r->n_files)) return WEFT_EINPUT;
    if ((what != WEFT_OBJ_PIN && what != WEFT_OBJ_INST && what != WEFT_OBJ_LIB_CELL && what != WEFT_OBJ_LIB_PORT) || !object(r, what, id, &o)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->disable, r->x->disable_cap, c->n_disables + 1)) return WEFT_ENOMEM;
    c->disable[c->n_disables++] = (weft_disable_t){.object = o, .from_port = strcmp(from, "*") ? weft_names_add(c->names, from, strlen(from)) : -1,
                                                   .to_port = strcmp(to, "*") ? weft_names_add(c->names, to, strlen(to)) : -1, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t check_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, from, to, fe, te, mm, clock;
    double v;
    if (sscanf(p, "V %d %d %d %d %d %d %d %d %lf", &file, &line, &from, &to, &fe, &te, &mm, &clock, &v) != 9) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(from, r->d->n_pins) || !in(to, r->d->n_pins) || !clock_id(r, &clock) || !isfinite(v)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->data_check, r->x->check_cap, c->n_data_checks + 1)) return WEFT_ENOMEM;
    c->data_check[c->n_data_checks++] = (weft_data_check_t){.from = {WEFT_OBJ_PIN, from}, .to = {WEFT_OBJ_PIN, to}, .from_edges = (uint8_t)(fe & 3), .to_edges = (uint8_t)(te & 3), .minmax = (uint8_t)(mm & 3), .clock = clock, .margin = v,
                                                            .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t wire_load_record(reader_t *r, const char *p)
{
    int32_t v;
    if (sscanf(p + 1, " %d", &v) != 1 || !in(v, *p == 'W' ? r->d->library->n_wire_loads : 3)) return WEFT_EINPUT;
    if (*p == 'W') r->c->wire_load_model = v;
    else r->c->wire_load_mode = (int8_t)v;
    return WEFT_OK;
}

/* ---- exceptions ------------------------------------------------------------------------------------------------- */
static weft_status_t exception_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, kind, mm, end, multiplier, start, ignore, at = 0;
    double delay, weight;
    if (sscanf(p, "E %d %d %d %d %d %d %d %lf %d %lf %n", &file, &line, &kind, &mm, &end, &multiplier, &start, &delay, &ignore, &weight, &at) != 10 || !at) return WEFT_EINPUT;
    if (!in(file, r->n_files) || !in(kind, WEFT_GROUP_PATH + 1) || !isfinite(delay)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->exception, r->x->exception_cap, c->n_exceptions + 1)) return WEFT_ENOMEM;
    int32_t group = kind == WEFT_GROUP_PATH && p[at] ? weft_names_add(c->names, p + at, strlen(p + at)) : -1;
    if (group < 0 && kind == WEFT_GROUP_PATH && p[at]) return WEFT_ENOMEM;
    c->exception[c->n_exceptions++] = (weft_exception_t){.kind = (uint8_t)kind, .minmax = (uint8_t)(mm & 3), .to_end_edges = (uint8_t)(end & 3), .multiplier = multiplier, .use_start = start != 0, .delay = delay, .ignore_latency = ignore != 0,
                                                         .group = group, .weight = weight, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t point_record(reader_t *r, const char *p)
{
    int32_t where, edges;
    if (sscanf(p, "e %d %d", &where, &edges) != 2 || !in(where, 3) || !r->c->n_exceptions) return WEFT_EINPUT;
    weft_exception_t *x = &r->c->exception[r->c->n_exceptions - 1];
    weft_exception_point_t point = {.edges = (uint8_t)(edges & 3)};
    x->last_point = (uint8_t)where;
    if (where == 0) {
        x->has_from = true;
        x->from = point;
    } else if (where == 2) {
        x->has_to = true;
        x->to = point;
    } else {
        if (x->n_throughs >= 1000) return WEFT_EINPUT;
        weft_exception_point_t *more = weft_i_arena_alloc(&r->x->arena, ((size_t)x->n_throughs + 1) * sizeof *more);
        if (!more) return WEFT_ENOMEM;
        if (x->n_throughs) memcpy(more, x->through, (size_t)x->n_throughs * sizeof *more);
        more[x->n_throughs++] = point;
        x->through = more;
    }
    return WEFT_OK;
}

static weft_status_t point_object_record(reader_t *r, const char *p)
{
    int32_t what, id;
    weft_object_t o;
    if (sscanf(p, "o %d %d", &what, &id) != 2 || !object(r, what, id, &o) || !r->c->n_exceptions) return WEFT_EINPUT;
    weft_exception_t *x = &r->c->exception[r->c->n_exceptions - 1];
    weft_exception_point_t *point = x->last_point == 0 ? &x->from : x->last_point == 2 ? &x->to : x->n_throughs ? &x->through[x->n_throughs - 1] : NULL;
    if (!point) return WEFT_EINPUT;
    weft_objects_t *l = &point->objects;
    if ((l->n & (l->n - 1)) == 0) {
        weft_object_t *more = weft_i_arena_alloc(&r->x->arena, (size_t)(l->n ? 2 * (int64_t)l->n : 1) * sizeof *more);
        if (!more) return WEFT_ENOMEM;
        if (l->n) memcpy(more, l->object, (size_t)l->n * sizeof *more);
        l->object = more;
    }
    l->object[l->n++] = o;
    return WEFT_OK;
}

static weft_status_t withdraw_record(reader_t *r, const char *p)
{
    (void)p;
    if (!r->c->n_exceptions) return WEFT_EINPUT;
    r->c->n_exceptions--;
    return WEFT_OK;
}

static const struct { char letter; weft_status_t (*read)(reader_t *, const char *); } record[] = {
    {'K', clock_record}, {'J', generated_record}, {'j', generated_edge_record}, {'k', source_record}, {'l', no_source_record}, {'x', no_source_record}, {'G', group_record}, {'g', member_record},
    {'P', delay_record}, {'S', setting_record}, {'U', pair_record}, {'R', driving_record}, {'X', disable_record}, {'V', check_record}, {'W', wire_load_record}, {'w', wire_load_record},
    {'E', exception_record}, {'e', point_record}, {'o', point_object_record}, {'q', withdraw_record}};

weft_status_t weft_i_sdc_records(weft_constraints_t *c, const weft_design_t *d, char *data, int32_t n_files, weft_diag_t *diag)
{
    reader_t r = {.c = c, .d = d, .x = c->private_data, .first_file = c->n_files - n_files, .n_files = n_files, .first_clock = c->n_clocks};
    for (char *p = data, *nl; p && *p && (nl = strchr(p, '\n')); p = nl + 1) {
        weft_status_t status = WEFT_EINPUT;
        *nl = 0;
        for (size_t i = 0; i < sizeof record / sizeof *record; i++)
            if (record[i].letter == *p) status = record[i].read(&r, p);
        if (status == WEFT_EINPUT) weft_diag_add(diag, WEFT_ERROR, "sdc-record", NULL, 0, 0, "the interpreter sent a record that does not hold: %.60s", p);
        if (status != WEFT_OK) return status;
    }
    return WEFT_OK;
}
