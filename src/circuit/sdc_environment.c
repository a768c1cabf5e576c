/* circuit/sdc_environment.c: what lies outside the design or is laid over all of it: delays, drives and loads at ports, limits,
 * derating, wire loads, units. */
#include "circuit/sdc_call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void port_delay(weft_i_call_t *k, bool input)
{
    if (!weft_i_call_options(k, "clock clock_fall! rise! fall! min! max! add_delay! source_latency_included! network_latency_included! level_sensitive! reference_pin") || k->n_plain < 2) return;
    double v = weft_i_call_number(k, k->plain[0]) * k->c->time_unit;
    int32_t clock = -1;
    if (k->option[0]) {
        weft_i_object_ids_t c = weft_i_call_resolve(k, k->option[0], "c");
        if (c.n && c.at[0].kind == 'c') clock = c.at[0].id;
        free(c.at);
        if (clock < 0) {
            weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s: no clock '%s'; ignored", k->name, k->option[0]);
            return;
        }
    }
    if (k->option[10]) weft_i_call_ignored(k, "-reference_pin has no effect");
    weft_i_object_ids_t p = weft_i_call_resolve(k, k->plain[1], "Pp");
    for (int32_t i = 0; i < p.n && !isnan(v); i++)
        if (p.at[i].kind == 'p')
            weft_i_sdc_emit(k->run, "P %d %d %d %d %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), p.at[i].id, clock, input, k->option[1] != NULL, k->option[6] != NULL, k->option[7] != NULL, k->option[8] != NULL,
                            weft_i_call_edges(k->option[2], k->option[3]), weft_i_call_minmax(k->option[4], k->option[5]), v);
    free(p.at);
}
static void set_input_delay(weft_i_call_t *k) { port_delay(k, true); }
static void set_output_delay(weft_i_call_t *k) { port_delay(k, false); }

/* Commands of the form `name [-min -max -rise -fall] VALUE OBJECTS`. */
static void plain_setting(weft_i_call_t *k, int kind, double unit, const char *kinds)
{
    if (!weft_i_call_options(k, "min! max! rise! fall!") || k->n_plain < 2) return;
    weft_i_call_setting(k, &(weft_setting_t){.kind = (uint8_t)kind, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = (uint8_t)weft_i_call_minmax(k->option[0], k->option[1]), .el = 3, .object2 = -1,
                                             .value = weft_i_call_number(k, k->plain[0]) * unit}, k->plain[1], kinds);
}
static void set_input_transition(weft_i_call_t *k) { plain_setting(k, WEFT_SET_INPUT_TRANSITION, k->c->time_unit, "P"); }
static void set_drive(weft_i_call_t *k) { plain_setting(k, WEFT_SET_DRIVE, k->c->res_unit, "P"); }
static void set_fanout_load(weft_i_call_t *k) { plain_setting(k, WEFT_SET_FANOUT_LOAD, 1.0, "P"); }

static void set_load(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "min! max! rise! fall! pin_load! wire_load! subtract_pin_load!") || k->n_plain < 2) return;
    weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_LOAD, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = (uint8_t)weft_i_call_minmax(k->option[0], k->option[1]), .el = 3, .flag = k->option[5] != NULL,
                                             .flag2 = k->option[6] != NULL, .object2 = -1, .value = weft_i_call_number(k, k->plain[0]) * k->c->cap_unit}, k->plain[1], "Pn");
}

static int32_t port_of(const weft_library_t *l, int32_t cell, const char *name)
{
    return name ? weft_library_find_port(l, cell, name, strlen(name)) : -1;
}

static void set_driving_cell(weft_i_call_t *k)
{
    const weft_library_t *l = k->c->design->library;
    if (!weft_i_call_options(k, "lib_cell library pin from_pin input_transition_rise input_transition_fall multiply_by dont_scale! no_design_rule! rise! fall! min! max! clock clock_fall!") || !k->n_plain) return;
    weft_i_object_ids_t cell = weft_i_call_resolve(k, k->option[0], "l");
    double slew[2] = {0, 0};
    for (int e = 0; e < 2; e++)
        if (k->option[4 + e]) slew[e] = weft_i_call_number(k, k->option[4 + e]) * k->c->time_unit;
    int32_t id = cell.n && cell.at[0].kind == 'l' ? cell.at[0].id : -1;
    free(cell.at);
    if (id < 0 || isnan(slew[0]) || isnan(slew[1])) {
        weft_i_call_ignored(k, "no library cell is named");
        return;
    }
    int32_t from = port_of(l, id, k->option[3]), to = port_of(l, id, k->option[2]);
    if ((k->option[3] && from < 0) || (k->option[2] && to < 0)) {
        weft_i_call_ignored(k, "the cell has no such pin");
        return;
    }
    weft_i_object_ids_t p = weft_i_call_resolve(k, k->plain[0], "P");
    for (int32_t i = 0; i < p.n; i++)
        if (p.at[i].kind == 'p')
            weft_i_sdc_emit(k->run, "R %d %d %d %d %d %d %d %d %d %d %.17g %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), p.at[i].id, id, from, to, weft_i_call_edges(k->option[9], k->option[10]), weft_i_call_minmax(k->option[11], k->option[12]),
                            k->option[7] != NULL, k->option[8] != NULL, slew[0], slew[1]);
    free(p.at);
}

/* ---- limits ----------------------------------------------------------------------------------------------------- */
/* `current_design` and the like as an object mean the whole design. */
static const char *object_or_design(weft_i_call_t *k, int at)
{
    const char *name = weft_names_text(k->c->design->names, k->c->design->name);
    if (k->n_plain <= at) return NULL;
    return !strcmp(k->plain[at], name) || !*k->plain[at] ? NULL : k->plain[at];
}

static void limit(weft_i_call_t *k, int kind, double unit)
{
    if (!weft_i_call_options(k, "clock_path! data_path! rise! fall!") || !k->n_plain) return;
    weft_i_call_setting(k, &(weft_setting_t){.kind = (uint8_t)kind, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = 3, .el = 3, .flag = k->option[1] || !k->option[0], .flag2 = k->option[0] || !k->option[1], .object2 = -1,
                                             .value = weft_i_call_number(k, k->plain[0]) * unit}, object_or_design(k, 1), "cPpi");
}
static void set_max_transition(weft_i_call_t *k) { limit(k, WEFT_SET_MAX_TRANSITION, k->c->time_unit); }
static void set_max_capacitance(weft_i_call_t *k) { limit(k, WEFT_SET_MAX_CAPACITANCE, k->c->cap_unit); }
static void set_min_capacitance(weft_i_call_t *k) { limit(k, WEFT_SET_MIN_CAPACITANCE, k->c->cap_unit); }
static void set_max_fanout(weft_i_call_t *k) { limit(k, WEFT_SET_MAX_FANOUT, 1.0); }

static void set_timing_derate(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "early! late! rise! fall! clock! data! net_delay! cell_delay! cell_check!") || !k->n_plain) return;
    uint8_t detail = (uint8_t)((k->option[7] ? 1 : 0) | (k->option[8] ? 2 : 0) | (k->option[6] ? 4 : 0));
    if (!k->option[0] && !k->option[1]) weft_i_call_ignored(k, "neither -early nor -late is given");
    else
        weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_DERATE, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = 3, .el = (uint8_t)weft_i_call_minmax(k->option[0], k->option[1]),
                                                 .flag = k->option[4] || !k->option[5], .flag2 = k->option[5] || !k->option[4], .detail = detail, .object2 = -1, .value = weft_i_call_number(k, k->plain[0])}, object_or_design(k, 1), "inl");
}

static void set_wire_load_model(weft_i_call_t *k)
{
    const weft_library_t *l = k->c->design->library;
    int32_t found = -1;
    if (!weft_i_call_options(k, "name library min! max!")) return;
    const char *name = k->option[0] ? k->option[0] : k->n_plain ? k->plain[0] : "";
    for (int32_t i = 0; i < l->n_wire_loads && found < 0; i++)
        if (!strcmp(weft_names_text(l->names, l->wire_load[i].name), name)) found = i;
    if (found < 0) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-empty", "set_wire_load_model: the library has no wire_load \"%s\"", name);
    else weft_i_sdc_emit(k->run, "W %d", found);
}

static void set_wire_load_mode(weft_i_call_t *k)
{
    static const char *const mode[] = {"top", "enclosed", "segmented"};
    for (int i = 0; i < 3 && k->argc > 1; i++)
        if (!strcmp(k->argv[1], mode[i])) weft_i_sdc_emit(k->run, "w %d", i);
    if (k->argc > 1 && strcmp(k->argv[1], "top")) weft_i_sdc_report(k->run, WEFT_NOTE, "sdc-wire-load-mode", "the netlist is flat here: wire loads go by the top module");
}

/* Units are those of the first Liberty; a file that says others is told so. */
static void set_units(weft_i_call_t *k)
{
    static const struct { char letter; double factor; } prefix[] = {{'f', 1e-15}, {'p', 1e-12}, {'n', 1e-9}, {'u', 1e-6}, {'m', 1e-3}, {'k', 1e3}, {'M', 1e6}};
    static const char *const what[] = {"s", "F", "Ohm"};
    if (!weft_i_call_options(k, "time capacitance resistance voltage current power distance")) return;
    const double own[] = {k->c->time_unit, k->c->cap_unit, k->c->res_unit};
    for (int i = 0; i < 3; i++) {
        char *end;
        if (!k->option[i]) continue;
        double v = strtod(k->option[i], &end);
        if (end == k->option[i]) v = 1.0;
        for (size_t m = 0; m < sizeof prefix / sizeof *prefix; m++)
            if (*end == prefix[m].letter && end[1]) {
                v *= prefix[m].factor;
                break;
            }
        if (fabs(v / own[i] - 1.0) > 1e-6) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-units", "set_units says %s for %s, but the numbers of this file are taken in the first library's unit, %g %s", k->option[i], i == 0 ? "time" : i == 1 ? "capacitance" : "resistance", own[i], what[i]);
    }
}

static void current_design(weft_i_call_t *k)
{
    const char *name = weft_names_text(k->c->design->names, k->c->design->name);
    if (k->argc > 1 && strcmp(k->argv[1], name)) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-design", "these constraints are for %s, the design is %s", k->argv[1], name);
    weft_i_sdc_result(k->run, name);
}

static void no_effect(weft_i_call_t *k) { weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s is read but has no effect here", k->name); }
static void nothing(weft_i_call_t *k) { (void)k; }

const weft_i_sdc_row_t weft_i_sdc_environment[] = {
    {"set_input_delay", set_input_delay}, {"set_output_delay", set_output_delay}, {"set_input_transition", set_input_transition}, {"set_drive", set_drive}, {"set_fanout_load", set_fanout_load},
    {"set_load", set_load}, {"set_driving_cell", set_driving_cell}, {"set_max_transition", set_max_transition}, {"set_max_capacitance", set_max_capacitance}, {"set_min_capacitance", set_min_capacitance},
    {"set_max_fanout", set_max_fanout}, {"set_timing_derate", set_timing_derate}, {"set_wire_load_model", set_wire_load_model}, {"set_wire_load_mode", set_wire_load_mode}, {"set_units", set_units},
    {"current_design", current_design}, {"set_max_area", nothing}, {"set_dont_touch", nothing}, {"set_dont_use", nothing}, {"set_hierarchy_separator", nothing}, {"set_dont_touch_network", nothing}, {"set_size_only", nothing},
    {"set_max_dynamic_power", nothing}, {"set_max_leakage_power", nothing}, {"puts", nothing}, {"set_operating_conditions", no_effect}, {"set_wire_load_min_block_size", no_effect},
    {"set_wire_load_selection_group", no_effect}, {"set_ideal_network", no_effect}, {"set_ideal_net", no_effect}, {"set_ideal_latency", no_effect}, {"set_ideal_transition", no_effect}, {"set_resistance", no_effect},
    {"set_port_fanout_number", no_effect}, {"set_annotated_delay", no_effect}, {"set_annotated_transition", no_effect}, {"set_annotated_check", no_effect}, {"reset_path", no_effect}, {"unset_clock_groups", no_effect},
    {"unset_propagated_clock", no_effect}, {NULL, NULL}};
