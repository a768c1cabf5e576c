/* circuit/link_sdc.c: records of the child, checked field by field, become constraints. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/sdc_commands.h"

#include <math.h>
#include <string.h>

typedef struct private { /* room of the arrays, and what the structures point into */
    weft_i_arena_t arena;
    int64_t file_cap, clock_cap, groups_cap, delay_cap, setting_cap, pair_cap, disable_cap;
} private_t;

weft_constraints_t *weft_constraints_new(void)
{
    weft_constraints_t *c = weft_i_calloc(1, sizeof *c);
    if (!c) return NULL;
    c->names = weft_names_new();
    c->private_data = weft_i_calloc(1, sizeof(private_t));
    c->wire_load_model = c->wire_load_mode = -1;
    if (c->names && c->private_data) return c;
    weft_constraints_free(c);
    return NULL;
}

void weft_constraints_free(weft_constraints_t *c)
{
    if (!c) return;
    if (c->private_data) weft_i_arena_destroy(&((private_t *)c->private_data)->arena);
    void *owned[] = {c->private_data, c->file, c->clock, c->clock_groups, c->port_delay, c->setting, c->pair_uncertainty, c->driving_cell, c->disable, c->exception, c->data_check};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    weft_names_free(c->names);
    weft_i_free(c);
}

typedef struct reader { weft_constraints_t *c; const weft_design_t *d; private_t *x; int32_t first_file, n_files, first_clock; bool bad; } reader_t;

static bool push_id(weft_i_arena_t *arena, weft_ids_t *ids, int32_t id)
{
    if ((ids->n & (ids->n - 1)) == 0) { /* room doubles at powers of two */
        int32_t *p = weft_i_arena_alloc(arena, (size_t)(ids->n ? 2 * ids->n : 1) * sizeof *p);
        if (!p) return false;
        if (ids->n) memcpy(p, ids->id, (size_t)ids->n * sizeof *p);
        ids->id = p;
    }
    ids->id[ids->n++] = id;
    return true;
}

static bool in(int32_t v, int32_t n) { return v >= 0 && v < n; }

static weft_status_t clock_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, add, at = 0;
    double period, rise, fall;
    if (sscanf(p, "K %d %d %lf %d %lf %lf %n", &file, &line, &period, &add, &rise, &fall, &at) != 6 || !at || !in(file, r->n_files)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->clock, r->x->clock_cap, c->n_clocks + 1)) return WEFT_ENOMEM;
    double *edge = weft_i_arena_alloc(&r->x->arena, 2 * sizeof *edge);
    int32_t name = weft_names_add(c->names, p + at, strlen(p + at));
    if (!edge || name < 0) return WEFT_ENOMEM;
    edge[0] = rise;
    edge[1] = fall;
    c->clock[c->n_clocks++] = (weft_clock_t){.name = name, .period = period, .n_edges = 2, .edge = edge, .add = add != 0, .master_pin = -1, .master_clock = -1, .duty_cycle = NAN,
                                             .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

weft_status_t weft_constraints_add_clock(weft_constraints_t *c, const weft_design_t *d, const char *port, double period, weft_diag_t *diag)
{
    private_t *x = c->private_data;
    int32_t pin = weft_design_find_port(d, port, strlen(port));
    if (pin < 0) pin = weft_design_find_pin(d, port, strlen(port));
    if (pin < 0 || !(period > 0.0) || !isfinite(period)) {
        weft_diag_add(diag, WEFT_ERROR, pin < 0 ? "clock-no-port" : "clock-period", NULL, 0, 0, pin < 0 ? "no port or pin %s for a clock" : "the clock at %s needs a period above 0", port);
        return WEFT_EINPUT;
    }
    if (!WEFT_I_ROOM(c->clock, x->clock_cap, c->n_clocks + 1)) return WEFT_ENOMEM;
    double *edge = weft_i_arena_alloc(&x->arena, 2 * sizeof *edge);
    weft_clock_t clock = {.name = weft_names_add(c->names, port, strlen(port)), .period = period, .n_edges = 2, .edge = edge, .propagated = true,
                          .master_pin = -1, .master_clock = -1, .duty_cycle = NAN, .file = -1};
    if (!edge || clock.name < 0 || !push_id(&x->arena, &clock.sources, pin)) return WEFT_ENOMEM;
    edge[0] = 0.0;
    edge[1] = period / 2;
    c->clock[c->n_clocks++] = clock;
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
    if (sscanf(p, "g %d %d", &group, &clock) != 2 || !c->n_clock_groups || !in(clock + r->first_clock, c->n_clocks) || !in(group, 10000)) return WEFT_EINPUT;
    weft_clock_groups_t *g = &c->clock_groups[c->n_clock_groups - 1];
    if (group >= g->n_groups) {
        weft_ids_t *more = weft_i_arena_alloc(&r->x->arena, (size_t)(group + 1) * sizeof *more);
        if (!more) return WEFT_ENOMEM;
        if (g->n_groups) memcpy(more, g->group, (size_t)g->n_groups * sizeof *more);
        g->group = more;
        g->n_groups = group + 1;
    }
    return push_id(&r->x->arena, &g->group[group], clock + r->first_clock) ? WEFT_OK : WEFT_ENOMEM;
}

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
    if (!in(file, r->n_files) || !in(pin, r->d->n_pins) || (clock >= 0 && !in(clock + r->first_clock, c->n_clocks))) return WEFT_EINPUT;
    weft_port_delay_t n = {.pin = pin, .clock = clock < 0 ? -1 : clock + r->first_clock, .is_input = input != 0, .clock_fall = fall != 0, .add = add != 0, .source_latency_included = source != 0,
                           .network_latency_included = network != 0, .reference_pin = -1, .edges = (uint8_t)(e & 3), .minmax = (uint8_t)(mm & 3), .delay = v, .file = r->first_file + file, .line = line};
    replace_delay(c, &n);
    if (!WEFT_I_ROOM(c->port_delay, r->x->delay_cap, c->n_port_delays + 1)) return WEFT_ENOMEM;
    c->port_delay[c->n_port_delays++] = n;
    return WEFT_OK;
}

static weft_status_t setting_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, kind, e, mm, el, flag, flag2, object, id;
    double v;
    if (sscanf(p, "S %d %d %d %d %d %d %d %d %d %d %lf", &file, &line, &kind, &e, &mm, &el, &flag, &flag2, &object, &id, &v) != 11) return WEFT_EINPUT;
    if (object == WEFT_OBJ_CLOCK) id += r->first_clock;
    int32_t most = object == WEFT_OBJ_PIN ? r->d->n_pins : object == WEFT_OBJ_INST ? r->d->n_insts : object == WEFT_OBJ_NET ? r->d->n_nets : object == WEFT_OBJ_CLOCK ? c->n_clocks : 0;
    if (!in(file, r->n_files) || !in(kind, WEFT_N_SETTING_KINDS) || !in(id, most)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->setting, r->x->setting_cap, c->n_settings + 1)) return WEFT_ENOMEM;
    c->setting[c->n_settings++] = (weft_setting_t){.kind = (uint8_t)kind, .edges = (uint8_t)(e & 3), .minmax = (uint8_t)(mm & 3), .el = (uint8_t)(el & 3), .flag = flag != 0, .flag2 = flag2 != 0,
                                                   .object = {(uint8_t)object, id}, .object2 = -1, .value = v, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t pair_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, from, to, fe, te, mm;
    double v;
    if (sscanf(p, "U %d %d %d %d %d %d %d %lf", &file, &line, &from, &to, &fe, &te, &mm, &v) != 8) return WEFT_EINPUT;
    from += r->first_clock;
    to += r->first_clock;
    if (!in(file, r->n_files) || !in(from, c->n_clocks) || !in(to, c->n_clocks)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->pair_uncertainty, r->x->pair_cap, c->n_pair_uncertainties + 1)) return WEFT_ENOMEM;
    c->pair_uncertainty[c->n_pair_uncertainties++] = (weft_clock_pair_uncertainty_t){from, to, (uint8_t)(fe & 3), (uint8_t)(te & 3), (uint8_t)(mm & 3), v, r->first_file + file, line};
    return WEFT_OK;
}

static weft_status_t disable_record(reader_t *r, const char *p)
{
    weft_constraints_t *c = r->c;
    int32_t file, line, object, id;
    char from[256], to[256];
    if (sscanf(p, "X %d %d %d %d %255s %255s", &file, &line, &object, &id, from, to) != 6 || !in(file, r->n_files)) return WEFT_EINPUT;
    if ((object != WEFT_OBJ_PIN && object != WEFT_OBJ_INST) || !in(id, object == WEFT_OBJ_PIN ? r->d->n_pins : r->d->n_insts)) return WEFT_EINPUT;
    if (!WEFT_I_ROOM(c->disable, r->x->disable_cap, c->n_disables + 1)) return WEFT_ENOMEM;
    c->disable[c->n_disables++] = (weft_disable_t){.object = {(uint8_t)object, id}, .from_port = strcmp(from, "*") ? weft_names_add(c->names, from, strlen(from)) : -1,
                                                   .to_port = strcmp(to, "*") ? weft_names_add(c->names, to, strlen(to)) : -1, .file = r->first_file + file, .line = line};
    return WEFT_OK;
}

static weft_status_t source_record(reader_t *r, const char *p)
{
    int32_t clock, pin;
    if (sscanf(p, "k %d %d", &clock, &pin) != 2 || !in(clock + r->first_clock, r->c->n_clocks) || !in(pin, r->d->n_pins)) return WEFT_EINPUT;
    return push_id(&r->x->arena, &r->c->clock[clock + r->first_clock].sources, pin) ? WEFT_OK : WEFT_ENOMEM;
}

static const struct { char letter; weft_status_t (*read)(reader_t *, const char *); } record[] = {
    {'K', clock_record}, {'k', source_record}, {'G', group_record}, {'g', member_record}, {'P', delay_record}, {'S', setting_record}, {'U', pair_record}, {'X', disable_record}};

weft_status_t weft_i_sdc_records(weft_constraints_t *c, const weft_design_t *d, char *data, int32_t n_files, weft_diag_t *diag);
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

weft_status_t weft_constraints_read(weft_constraints_t *c, const weft_design_t *d, const char *const *paths, int32_t n_paths, bool strict, const weft_sdc_limits_t *limits, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_lib_file_t *f = &d->library->file[0];
    weft_i_sdc_child_t child = {.design = d, .time_unit = f->time_unit, .cap_unit = f->cap_unit, .res_unit = f->res_unit};
    weft_i_sdc_handler_t handler = {&child, weft_i_sdc_command, NULL};
    weft_i_sdc_out_t out = {0};
    private_t *x = c->private_data;
    static const char *const ignored[] = {"sdc-ignored", "sdc-empty", "sdc-unknown-command"};
    int64_t errors = weft_diag_n_of(diag, WEFT_ERROR);
    if (n_paths < 1) return WEFT_OK;
    WEFT_TRY(weft_i_sdc_run(paths, n_paths, &handler, limits && limits->cpu_seconds > 0 ? limits->cpu_seconds : 60,
                            limits && limits->memory_bytes > 0 ? limits->memory_bytes : (int64_t)2 << 30, &out, diag));
    if (!WEFT_I_ROOM(c->file, x->file_cap, c->n_files + n_paths)) WEFT_TRY(WEFT_ENOMEM);
    for (int32_t i = 0; i < n_paths; i++) c->file[c->n_files++] = weft_names_add(c->names, paths[i], strlen(paths[i]));
    WEFT_TRY(weft_i_sdc_records(c, d, out.data, n_paths, diag));
    int64_t n = 0;
    for (size_t i = 0; i < 3; i++) n += weft_diag_n_of_id(diag, ignored[i]);
    c->n_ignored = (int32_t)n;
    if (weft_diag_n_of(diag, WEFT_ERROR) > errors || (strict && n)) status = WEFT_EINPUT;
done:
    weft_i_free(out.data);
    return status;
}
