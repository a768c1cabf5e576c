/* circuit/sdc_commands.c: commands and collections. A collection is a Tcl list of tokens "@p12" (pin or port), "@i3", "@n4", "@c0";
 * plain names are accepted wherever objects are. Runs in the child only, so memory is left to the system. */
#include "circuit/sdc_commands.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct call {
    weft_i_sdc_child_t *c;
    weft_i_sdc_run_t *run;
    const char *name;
    int argc;
    const char *const *argv;
    const char *option[24]; /* values of the options asked for, by place; "" for a flag that is there */
    const char *plain[8];
    int n_plain;
} call_t;

/* options: words separated by blanks; a flag ends in '!'. Unique prefixes count. */
static bool parse_options(call_t *k, const char *options)
{
    bool ok = true;
    for (int i = 1; i < k->argc; i++) {
        const char *a = k->argv[i];
        bool number = a[0] == '-' && (a[1] == '.' || (a[1] >= '0' && a[1] <= '9'));
        if (a[0] != '-' || number || !a[1]) {
            if (k->n_plain < 8) k->plain[k->n_plain++] = a;
            continue;
        }
        int place = 0, found = -1, n_found = 0;
        bool flag = false;
        for (const char *o = options; *o; place++) {
            size_t n = strcspn(o, " "), m = strlen(a + 1), w = o[n - 1] == '!' ? n - 1 : n;
            if (m <= w && !strncmp(o, a + 1, m)) {
                if (m == w) n_found = 0;
                if (m == w || n_found == 0 || found < 0) {
                    found = place;
                    flag = w != n;
                }
                n_found++;
                if (m == w) {
                    n_found = 1;
                    break;
                }
            }
            o += n;
            while (*o == ' ') o++;
        }
        if (!strcmp(a, "-comment")) {
            i++;
            continue;
        }
        if (n_found != 1) {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-option", "%s: %s option %s", k->name, n_found ? "ambiguous" : "unknown", a);
            ok = false;
        } else if (flag) k->option[found] = "";
        else if (i + 1 < k->argc) k->option[found] = k->argv[++i];
        else {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-option", "%s: %s needs a value", k->name, a);
            ok = false;
        }
    }
    return ok;
}

static bool glob(const char *p, const char *s)
{
    const char *star = NULL, *back = NULL;
    while (*s) {
        if (*p == '*') {
            star = ++p;
            back = s;
        } else if (*p == '\\' && p[1] && p[1] == *s) {
            p += 2;
            s++;
        } else if (*p == '?' || (*p == *s && *p)) {
            p++;
            s++;
        } else if (star) {
            p = star;
            s = ++back;
        } else return false;
    }
    while (*p == '*') p++;
    return !*p;
}

typedef struct list { char *text; size_t n, room; int32_t count; } list_t;

static void put_token(list_t *l, char kind, int32_t id)
{
    if (l->n + 24 > l->room) {
        l->room = l->room * 2 + 256;
        l->text = realloc(l->text, l->room);
        if (!l->text) abort(); /* the child has no memory left: the parent tells */
    }
    l->n += (size_t)sprintf(l->text + l->n, "%s@%c%d", l->n ? " " : "", kind, id);
    l->count++;
}

static bool plain_name(const char *p) { return !strpbrk(p, "*?\\"); }

static void match_ports(call_t *k, const char *pattern, list_t *out)
{
    const weft_design_t *d = k->c->design;
    size_t n = strlen(pattern);
    int32_t one = plain_name(pattern) ? weft_design_find_port(d, pattern, n) : -1;
    if (one >= 0) {
        put_token(out, 'p', one);
        return;
    }
    for (int32_t i = 0; i < d->n_ports; i++) {
        const char *name = weft_names_text(d->names, d->port_name[i]);
        bool whole_bus = !strncmp(name, pattern, n) && name[n] == '[' && !strchr(name + n + 1, '[');
        if (whole_bus || glob(pattern, name)) put_token(out, 'p', d->n_inst_pins + i);
    }
}

static void match_pins(call_t *k, const char *pattern, list_t *out)
{
    const weft_design_t *d = k->c->design;
    char name[4096], bare[4096];
    if (plain_name(pattern) || strchr(pattern, '\\')) { /* exact, also with escapes taken out */
        size_t n = 0;
        for (const char *p = pattern; *p && n < sizeof bare - 1; p++)
            if (*p != '\\') bare[n++] = *p;
        bare[n] = 0;
        int32_t pin = weft_design_find_pin(d, bare, n);
        if (pin >= 0 && pin < d->n_inst_pins) {
            put_token(out, 'p', pin);
            return;
        }
        if (plain_name(pattern)) return;
    }
    for (int32_t p = 0; p < d->n_inst_pins; p++) {
        weft_design_pin_name(d, p, name, sizeof name);
        if (glob(pattern, name)) put_token(out, 'p', p);
    }
}

static void match_named(call_t *k, const char *pattern, list_t *out, char kind)
{
    const weft_design_t *d = k->c->design;
    int32_t n = kind == 'i' ? d->n_insts : kind == 'n' ? d->n_nets : k->c->n_clocks;
    size_t length = strlen(pattern);
    if (kind != 'c' && plain_name(pattern)) {
        int32_t id = kind == 'i' ? weft_design_find_inst(d, pattern, length) : weft_design_find_net(d, pattern, length);
        if (id >= 0) put_token(out, kind, id);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        const char *name = kind == 'c' ? k->c->clock[i] : weft_names_text(d->names, kind == 'i' ? d->inst_name[i] : d->net_name[i]);
        if (glob(pattern, name)) put_token(out, kind, i);
    }
}

static void match(call_t *k, const char *pattern, const char *kinds, list_t *out)
{
    int32_t before = out->count;
    for (const char *x = kinds; *x && out->count == before; x++) {
        if (*x == 'P') match_ports(k, pattern, out);
        else if (*x == 'p') match_pins(k, pattern, out);
        else match_named(k, pattern, out, *x);
    }
}

/* Objects of an argument: tokens, and names looked up in the kinds given (P port, p pin, i, n, c), nested lists too. */
static void objects(call_t *k, const char *text, const char *kinds, list_t *out, int depth)
{
    int n;
    const char **items;
    if (!text || depth > 20 || !weft_i_sdc_list(k->run, text, &n, &items)) return;
    for (int i = 0; i < n; i++) {
        char kind;
        int id;
        if (sscanf(items[i], "@%c%d", &kind, &id) == 2) put_token(out, kind, id);
        else if (n > 1 || strpbrk(items[i], " \t\n")) objects(k, items[i], kinds, out, depth + 1);
        else {
            int32_t before = out->count;
            match(k, items[i], kinds, out);
            if (out->count == before) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-empty", "%s: nothing matches '%s'", k->name, items[i]);
        }
    }
    weft_i_sdc_list_free(items);
}

typedef struct ids { int32_t n; struct { char kind; int32_t id; } *at; } ids_t;

static ids_t resolve(call_t *k, const char *text, const char *kinds)
{
    list_t l = {0};
    objects(k, text, kinds, &l, 0);
    ids_t r = {0, calloc((size_t)l.count + 1, sizeof *r.at)};
    for (char *p = l.text; p && *p && r.at;) {
        r.at[r.n].kind = p[1];
        r.at[r.n++].id = (int32_t)strtol(p + 2, &p, 10);
        while (*p == ' ') p++;
    }
    free(l.text);
    return r;
}

static double number(call_t *k, const char *text)
{
    char *end;
    double v = text ? strtod(text, &end) : NAN;
    if (!text || end == text || *end) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-number", "%s: '%s' is no number", k->name, text ? text : "");
        return NAN;
    }
    return v;
}

static int edges(const char *rise, const char *fall) { return (rise ? 1 : 0) | (fall ? 2 : 0) ? (rise ? 1 : 0) | (fall ? 2 : 0) : 3; }

static void get_collection(call_t *k, const char *kinds)
{
    list_t l = {0};
    if (!parse_options(k, "hierarchical! regexp! nocase! quiet! filter of_objects")) return;
    if (k->option[1] || k->option[4] || k->option[5]) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s: -regexp, -filter and -of_objects are not supported", k->name);
    for (int i = 0; i < k->n_plain; i++) {
        int n;
        const char **items;
        if (!weft_i_sdc_list(k->run, k->plain[i], &n, &items)) continue;
        for (int m = 0; m < n; m++) {
            int32_t before = l.count;
            char kind;
            int id;
            if (sscanf(items[m], "@%c%d", &kind, &id) == 2) put_token(&l, kind, id);
            else match(k, items[m], kinds, &l);
            if (l.count == before && !k->option[3]) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-empty", "%s: nothing matches '%s'", k->name, items[m]);
        }
        weft_i_sdc_list_free(items);
    }
    weft_i_sdc_result(k->run, l.text ? l.text : "");
    free(l.text);
}

static void get_ports(call_t *k) { get_collection(k, "P"); }
static void get_pins(call_t *k) { get_collection(k, "p"); }
static void get_cells(call_t *k) { get_collection(k, "i"); }
static void get_nets(call_t *k) { get_collection(k, "n"); }
static void get_clocks(call_t *k) { get_collection(k, "c"); }

static void all_ports(call_t *k, uint8_t direction)
{
    const weft_design_t *d = k->c->design;
    list_t l = {0};
    for (int32_t p = d->n_inst_pins; p < d->n_pins; p++)
        if (d->pin_direction[p] == direction || d->pin_direction[p] == WEFT_INOUT) put_token(&l, 'p', p);
    weft_i_sdc_result(k->run, l.text ? l.text : "");
    free(l.text);
}
static void all_inputs(call_t *k) { all_ports(k, WEFT_INPUT); }
static void all_outputs(call_t *k) { all_ports(k, WEFT_OUTPUT); }
static void all_clocks(call_t *k)
{
    list_t l = {0};
    for (int32_t i = 0; i < k->c->n_clocks; i++) put_token(&l, 'c', i);
    weft_i_sdc_result(k->run, l.text ? l.text : "");
    free(l.text);
}

static void create_clock(call_t *k)
{
    if (!parse_options(k, "name period waveform add!") || !k->option[1]) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "create_clock needs -period");
        return;
    }
    double period = number(k, k->option[1]) * k->c->time_unit;
    ids_t src = resolve(k, k->n_plain ? k->plain[0] : NULL, "Pp");
    char name[512];
    if (k->option[0]) snprintf(name, sizeof name, "%s", k->option[0]);
    else if (src.n) weft_design_pin_name(k->c->design, src.at[0].id, name, sizeof name);
    else {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "create_clock needs -name or a source");
        return;
    }
    double wave[16] = {0, period / 2};
    int n_wave = 2, n;
    const char **items;
    if (k->option[2] && weft_i_sdc_list(k->run, k->option[2], &n, &items)) {
        for (int i = 0; i < n && i < 16; i++) wave[i] = number(k, items[i]) * k->c->time_unit;
        n_wave = n < 16 ? n : 16;
        weft_i_sdc_list_free(items);
    }
    if (!(period > 0) || n_wave < 2) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "clock %s: period and waveform must be positive", name);
        return;
    }
    k->c->clock = realloc(k->c->clock, ((size_t)k->c->n_clocks + 1) * sizeof *k->c->clock);
    if (!k->c->clock) abort();
    k->c->clock[k->c->n_clocks++] = strdup(name);
    weft_i_sdc_emit(k->run, "K %d %d %.17g %d %.17g %.17g %s", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), period, k->option[3] ? 1 : 0, wave[0], wave[1], name);
    for (int32_t i = 0; i < src.n; i++)
        if (src.at[i].kind == 'p') weft_i_sdc_emit(k->run, "k %d %d", k->c->n_clocks - 1, src.at[i].id);
    free(src.at);
}

static void set_clock_groups(call_t *k)
{
    int group = 0;
    bool allow = false;
    for (int i = 1; i < k->argc; i++) allow |= !strcmp(k->argv[i], "-allow_paths");
    weft_i_sdc_emit(k->run, "G %d %d %d", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), allow ? 1 : 0);
    for (int i = 1; i + 1 < k->argc; i++) {
        if (strncmp(k->argv[i], "-group", 6)) continue;
        ids_t c = resolve(k, k->argv[++i], "c");
        for (int32_t m = 0; m < c.n; m++)
            if (c.at[m].kind == 'c') weft_i_sdc_emit(k->run, "g %d %d", group, c.at[m].id);
        free(c.at);
        group++;
    }
}

/* One record per object: kind edges minmax el flag flag2 object-kind object value. */
static void setting(call_t *k, int kind, int e, int mm, int el, bool flag, bool flag2, double value, const char *text, const char *kinds)
{
    ids_t o = resolve(k, text, kinds);
    if (isnan(value)) return;
    for (int32_t i = 0; i < o.n; i++) {
        int object = o.at[i].kind == 'p' ? WEFT_OBJ_PIN : o.at[i].kind == 'i' ? WEFT_OBJ_INST : o.at[i].kind == 'n' ? WEFT_OBJ_NET : WEFT_OBJ_CLOCK;
        weft_i_sdc_emit(k->run, "S %d %d %d %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), kind, e, mm, el, flag, flag2, object, o.at[i].id, value);
    }
    free(o.at);
}

static int minmax(const char *min, const char *max) { return edges(min, max); }

static void set_propagated_clock(call_t *k)
{
    if (parse_options(k, "") && k->n_plain) setting(k, WEFT_SET_PROPAGATED, 3, 3, 3, false, false, 1, k->plain[0], "cPp");
}

static void set_clock_uncertainty(call_t *k)
{
    if (!parse_options(k, "setup! hold! from to rise_from rise_to fall_from fall_to rise! fall!") || !k->n_plain) return;
    if (k->option[2] || k->option[3] || k->option[4] || k->option[5] || k->option[6] || k->option[7]) {
        ids_t f = resolve(k, k->option[2] ? k->option[2] : k->option[4] ? k->option[4] : k->option[6], "c"), t = resolve(k, k->option[3] ? k->option[3] : k->option[5] ? k->option[5] : k->option[7], "c");
        double v = number(k, k->plain[0]) * k->c->time_unit;
        for (int32_t i = 0; i < f.n; i++)
            for (int32_t m = 0; m < t.n; m++)
                weft_i_sdc_emit(k->run, "U %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), f.at[i].id, t.at[m].id, k->option[4] ? 1 : k->option[6] ? 2 : 3,
                                k->option[5] ? 1 : k->option[7] ? 2 : 3, minmax(k->option[1], k->option[0]), v);
        return;
    }
    if (k->n_plain > 1) setting(k, WEFT_SET_CLOCK_UNCERTAINTY, 3, minmax(k->option[1], k->option[0]), 3, false, false, number(k, k->plain[0]) * k->c->time_unit, k->plain[1], "cPp");
}

static void set_clock_latency(call_t *k)
{
    if (!parse_options(k, "source! early! late! min! max! rise! fall! clock") || k->n_plain < 2) return;
    setting(k, WEFT_SET_CLOCK_LATENCY, edges(k->option[5], k->option[6]), minmax(k->option[3], k->option[4]), edges(k->option[1], k->option[2]), k->option[0] != NULL, false,
            number(k, k->plain[0]) * k->c->time_unit, k->plain[1], "cPp");
}

static void set_clock_transition(call_t *k)
{
    if (!parse_options(k, "min! max! rise! fall!") || k->n_plain < 2) return;
    setting(k, WEFT_SET_CLOCK_TRANSITION, edges(k->option[2], k->option[3]), minmax(k->option[0], k->option[1]), 3, false, false, number(k, k->plain[0]) * k->c->time_unit, k->plain[1], "c");
}

static void set_input_transition(call_t *k)
{
    if (!parse_options(k, "min! max! rise! fall!") || k->n_plain < 2) return;
    setting(k, WEFT_SET_INPUT_TRANSITION, edges(k->option[2], k->option[3]), minmax(k->option[0], k->option[1]), 3, false, false, number(k, k->plain[0]) * k->c->time_unit, k->plain[1], "P");
}

static void set_load(call_t *k)
{
    if (!parse_options(k, "min! max! rise! fall! pin_load! wire_load! subtract_pin_load!") || k->n_plain < 2) return;
    setting(k, WEFT_SET_LOAD, edges(k->option[2], k->option[3]), minmax(k->option[0], k->option[1]), 3, k->option[5] != NULL, k->option[6] != NULL, number(k, k->plain[0]) * k->c->cap_unit, k->plain[1], "Pn");
}

static void set_case_analysis(call_t *k)
{
    if (!parse_options(k, "") || k->n_plain < 2) return;
    const char *v = k->plain[0];
    double value = !strcmp(v, "1") || !strcmp(v, "one") ? 1 : !strcmp(v, "0") || !strcmp(v, "zero") ? 0 : !strcmp(v, "rising") || !strcmp(v, "rise") ? 2 : 3;
    setting(k, WEFT_SET_CASE, 3, 3, 3, false, false, value, k->plain[1], "Pp");
}

static void port_delay(call_t *k, bool input)
{
    if (!parse_options(k, "clock clock_fall! rise! fall! min! max! add_delay! source_latency_included! network_latency_included! level_sensitive! reference_pin") || k->n_plain < 2) return;
    double v = number(k, k->plain[0]) * k->c->time_unit;
    int32_t clock = -1;
    if (k->option[0]) {
        ids_t c = resolve(k, k->option[0], "c");
        if (c.n) clock = c.at[0].id;
        free(c.at);
        if (clock < 0) {
            weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s: no clock '%s'; ignored", k->name, k->option[0]);
            return;
        }
    }
    ids_t p = resolve(k, k->plain[1], "Pp");
    for (int32_t i = 0; i < p.n && !isnan(v); i++)
        if (p.at[i].kind == 'p')
            weft_i_sdc_emit(k->run, "P %d %d %d %d %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), p.at[i].id, clock, input, k->option[1] != NULL, k->option[6] != NULL,
                            k->option[7] != NULL, k->option[8] != NULL, edges(k->option[2], k->option[3]), minmax(k->option[4], k->option[5]), v);
    free(p.at);
}
static void set_input_delay(call_t *k) { port_delay(k, true); }
static void set_output_delay(call_t *k) { port_delay(k, false); }

static void set_disable_timing(call_t *k)
{
    if (!parse_options(k, "from to") || !k->n_plain) return;
    ids_t o = resolve(k, k->plain[0], "Ppi");
    for (int32_t i = 0; i < o.n; i++)
        weft_i_sdc_emit(k->run, "X %d %d %d %d %s %s", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), o.at[i].kind == 'i' ? WEFT_OBJ_INST : WEFT_OBJ_PIN, o.at[i].id, k->option[0] ? k->option[0] : "*",
                        k->option[1] ? k->option[1] : "*");
    free(o.at);
}

static void no_effect(call_t *k) { weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s is read but has no effect here", k->name); }
static void nothing(call_t *k) { (void)k; }

static const struct { const char *name; void (*run)(call_t *); } commands[] = {
    {"get_ports", get_ports}, {"get_pins", get_pins}, {"get_cells", get_cells}, {"get_nets", get_nets}, {"get_clocks", get_clocks}, {"get_clock", get_clocks},
    {"get_port", get_ports}, {"get_pin", get_pins}, {"get_cell", get_cells}, {"all_inputs", all_inputs}, {"all_outputs", all_outputs}, {"all_clocks", all_clocks},
    {"create_clock", create_clock}, {"set_clock_groups", set_clock_groups}, {"set_propagated_clock", set_propagated_clock},
    {"set_clock_uncertainty", set_clock_uncertainty}, {"set_clock_latency", set_clock_latency}, {"set_clock_transition", set_clock_transition},
    {"set_input_transition", set_input_transition}, {"set_load", set_load}, {"set_case_analysis", set_case_analysis}, {"set_input_delay", set_input_delay},
    {"set_output_delay", set_output_delay}, {"set_disable_timing", set_disable_timing}, {"current_design", nothing}, {"set_units", nothing},
    {"set_false_path", no_effect}, {"set_multicycle_path", no_effect}, {"set_max_delay", no_effect}, {"set_min_delay", no_effect}, {"group_path", no_effect},
    {"set_timing_derate", no_effect}, {"set_max_transition", no_effect}, {"set_max_capacitance", no_effect}, {"set_max_fanout", no_effect},
    {"create_generated_clock", no_effect}, {"set_driving_cell", no_effect}, {"set_data_check", no_effect}, {"set_clock_gating_check", no_effect},
    {"set_wire_load_model", no_effect}, {"set_wire_load_mode", no_effect}, {"set_clock_sense", no_effect}, {"set_sense", no_effect}, {"set_drive", no_effect},
    {"set_min_pulse_width", no_effect}, {"set_logic_zero", no_effect}, {"set_logic_one", no_effect}, {"set_logic_dc", no_effect},
    {"set_max_area", nothing}, {"set_dont_touch", nothing}, {"set_ideal_network", no_effect}, {"set_operating_conditions", no_effect}};

bool weft_i_sdc_command(void *context, weft_i_sdc_run_t *run, int argc, const char *const *argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[0], commands[i].name)) {
            call_t k = {.c = context, .run = run, .name = argv[0], .argc = argc, .argv = argv};
            commands[i].run(&k);
            return true;
        }
    return false;
}
