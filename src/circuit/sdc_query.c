/* circuit/sdc_query.c: get_* and all_*: collections by name, regular expression, filter and neighbourhood; properties. */
#include "circuit/sdc_call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- properties ------------------------------------------------------------------------------------------------ */
static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static const char *cell_name(const weft_i_sdc_child_t *c, int32_t inst)
{
    const weft_design_t *d = c->design;
    if (d->inst_cell[inst] >= 0) return weft_names_text(d->library->names, d->library->cell[d->inst_cell[inst]].name);
    return d->inst_box_name ? weft_names_text(d->names, d->inst_box_name[inst]) : "";
}

static const char *yes(bool b) { return b ? "true" : "false"; }

static bool is_sequential(const weft_design_t *d, int32_t inst) { return d->inst_cell[inst] >= 0 && d->library->cell[d->inst_cell[inst]].seq_kind != WEFT_SEQ_NONE; }

/* The value of a property; NULL: this kind of object has none of that name. */
static const char *property(const weft_i_sdc_child_t *c, char kind, int32_t id, const char *what)
{
    static const char *const direction[] = {"input", "output", "bidirect", "internal", "power", "unknown"};
    static char number[40];
    const weft_design_t *d = c->design;
    const char *name = weft_i_token_name(c, kind, id);
    if (*what == '@') what++;
    if (!strcmp(what, "full_name")) return name;
    if (!strcmp(what, "object_type") || !strcmp(what, "object_class")) return kind == 'p' ? id < d->n_inst_pins ? "pin" : "port" : kind == 'i' ? "cell" : kind == 'n' ? "net" : kind == 'c' ? "clock" : kind == 'l' ? "lib_cell" : "lib_pin";
    if (!strcmp(what, "name") || !strcmp(what, "base_name")) return kind == 'p' && id < d->n_inst_pins ? last_part(name) : kind == 'i' || kind == 'L' ? last_part(name) : name;
    if (kind == 'p' && id < d->n_pins) {
        int32_t port = id < d->n_inst_pins ? d->pin_port[id] : -1;
        if (!strcmp(what, "direction") || !strcmp(what, "pin_direction") || !strcmp(what, "port_direction")) return d->pin_direction[id] <= WEFT_UNKNOWN_DIRECTION ? direction[d->pin_direction[id]] : "unknown";
        if (!strcmp(what, "lib_pin_name")) return port >= 0 ? weft_names_text(d->library->names, d->library->port[port].name) : last_part(name);
        if (!strcmp(what, "is_clock") || !strcmp(what, "is_register_clock") || !strcmp(what, "is_clock_pin")) return yes(port >= 0 && d->library->port[port].is_reg_clock);
        if (!strcmp(what, "is_port")) return yes(id >= d->n_inst_pins);
        if (!strcmp(what, "is_hierarchical")) return "false";
    }
    if (kind == 'i' && id < d->n_insts) {
        if (!strcmp(what, "ref_name") || !strcmp(what, "lib_cell") || !strcmp(what, "liberty_cell")) return cell_name(c, id);
        if (!strcmp(what, "is_sequential")) return yes(is_sequential(d, id));
        if (!strcmp(what, "is_combinational")) return yes(!is_sequential(d, id));
        if (!strcmp(what, "is_hierarchical")) return "false";
        if (!strcmp(what, "is_macro") || !strcmp(what, "is_memory_cell")) return yes(d->inst_cell[id] >= 0 && d->library->cell[d->inst_cell[id]].is_macro);
        if (!strcmp(what, "is_buffer")) return yes(d->inst_cell[id] >= 0 && d->library->cell[d->inst_cell[id]].is_buffer);
        if (!strcmp(what, "is_inverter")) return yes(d->inst_cell[id] >= 0 && d->library->cell[d->inst_cell[id]].is_inverter);
        if (!strcmp(what, "is_clock_gate") || !strcmp(what, "is_integrated_clock_gating_cell")) return yes(d->inst_cell[id] >= 0 && d->library->cell[d->inst_cell[id]].is_clock_gate);
    }
    if (kind == 'c' && id < c->n_clocks) {
        if (!strcmp(what, "period")) return snprintf(number, sizeof number, "%.9g", c->clock[id].period / c->time_unit), number;
        if (!strcmp(what, "is_generated")) return yes(c->clock[id].generated);
        if (!strcmp(what, "is_virtual")) return yes(!c->clock[id].n_sources);
    }
    return NULL;
}

/* ---- filters: ATTR OP VALUE joined by && and ||, in parentheses; OP: == != =~ !~; a bare attribute asks for true ------------- */
typedef struct filter { const weft_i_sdc_child_t *c; const char *p; char kind; int32_t id; bool bad; int depth; } filter_t;

static void skip(filter_t *f)
{
    while (*f->p == ' ' || *f->p == '\t' || *f->p == '\n') f->p++;
}

static void word(filter_t *f, char *out, size_t size)
{
    size_t n = 0;
    skip(f);
    char quote = *f->p == '"' || *f->p == '\'' ? *f->p++ : 0;
    while (*f->p && (quote ? *f->p != quote : !strchr(" \t\n()=!~&|<>", *f->p))) {
        if (n + 1 < size) out[n++] = *f->p;
        f->p++;
    }
    if (quote && *f->p == quote) f->p++;
    out[n] = 0;
    f->bad |= !n && !quote;
}

static bool either(filter_t *f);

static bool term(filter_t *f)
{
    char name[128], value[1024];
    skip(f);
    if (*f->p == '(' && f->depth < 50) {
        f->p++;
        f->depth++;
        bool r = either(f);
        f->depth--;
        skip(f);
        f->bad |= *f->p != ')';
        if (*f->p) f->p++;
        return r;
    }
    if (*f->p == '!' && f->depth < 50) {
        f->p++;
        f->depth++;
        bool r = !term(f);
        f->depth--;
        return r;
    }
    word(f, name, sizeof name);
    const char *has = property(f->c, f->kind, f->id, name);
    skip(f);
    static const char *const ops[] = {"==", "!=", "=~", "!~"};
    int op = -1;
    for (int i = 0; i < 4; i++)
        if (!strncmp(f->p, ops[i], 2)) op = i;
    if (op < 0) return has && (!strcmp(has, "true") || !strcmp(has, "1"));
    f->p += 2;
    word(f, value, sizeof value);
    if (!has) return false;
    bool truth = (!strcmp(has, "true") && !strcmp(value, "1")) || (!strcmp(has, "false") && !strcmp(value, "0"));
    bool same = op < 2 ? truth || !strcmp(has, value) : weft_i_glob(value, has);
    return op & 1 ? !same : same;
}

static bool both(filter_t *f)
{
    bool r = term(f);
    for (skip(f); f->p[0] == '&' && f->p[1] == '&'; skip(f)) {
        f->p += 2;
        r = term(f) && r;
    }
    return r;
}

static bool either(filter_t *f)
{
    bool r = both(f);
    for (skip(f); f->p[0] == '|' && f->p[1] == '|'; skip(f)) {
        f->p += 2;
        r = both(f) || r;
    }
    return r;
}

static void keep_filtered(weft_i_call_t *k, weft_i_tokens_t *l, const char *text)
{
    weft_i_tokens_t kept = {0};
    bool told = false;
    for (char *p = l->text; p && *p;) {
        char kind = p[1];
        int32_t id = (int32_t)strtol(p + 2, &p, 10);
        filter_t f = {.c = k->c, .p = text, .kind = kind, .id = id};
        bool yes_it_is = either(&f);
        skip(&f);
        if ((f.bad || *f.p) && !told) {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-filter", "%s: the filter '%s' cannot be read", k->name, text);
            told = true;
        }
        if (yes_it_is && !told) weft_i_tokens_put(&kept, kind, id);
        while (*p == ' ') p++;
    }
    free(l->text);
    *l = kept;
}

/* ---- neighbours: -of_objects ----------------------------------------------------------------------------------- */
static void net_neighbours(const weft_design_t *d, int32_t net, char want, weft_i_tokens_t *out)
{
    if (net < 0) return;
    if (want == 'n') weft_i_tokens_put(out, 'n', net);
    for (int32_t i = d->net_first[net]; want != 'n' && i < d->net_first[net + 1]; i++) {
        int32_t pin = d->net_pin[i];
        bool port = pin >= d->n_inst_pins;
        if ((want == 'P' && port) || (want == 'p' && !port)) weft_i_tokens_put(out, 'p', pin);
        else if (want == 'i' && !port) weft_i_tokens_put(out, 'i', d->pin_inst[pin]);
    }
}

static void neighbours(weft_i_call_t *k, char kind, int32_t id, char want, weft_i_tokens_t *out)
{
    const weft_i_sdc_child_t *c = k->c;
    const weft_design_t *d = c->design;
    if (kind == 'n' && id < d->n_nets) net_neighbours(d, id, want, out);
    else if (kind == 'p' && id < d->n_pins) {
        if (want == 'i' && id < d->n_inst_pins) weft_i_tokens_put(out, 'i', d->pin_inst[id]);
        else if (want == 'L' && id < d->n_inst_pins && d->pin_port[id] >= 0) weft_i_tokens_put(out, 'L', d->pin_port[id]);
        else if (want == 'c') {
            for (int32_t i = 0; i < c->n_clocks; i++)
                for (int32_t s = 0; s < c->clock[i].n_sources && !c->clock[i].gone; s++)
                    if (c->clock[i].source[s] == id) weft_i_tokens_put(out, 'c', i);
        } else if (want != 'L') net_neighbours(d, d->pin_net[id], want, out);
    } else if (kind == 'i' && id < d->n_insts) {
        if (want == 'l') {
            if (d->inst_cell[id] >= 0) weft_i_tokens_put(out, 'l', d->inst_cell[id]);
            return;
        }
        for (int32_t p = d->inst_first_pin[id]; p < d->inst_first_pin[id + 1]; p++) {
            if (want == 'p') weft_i_tokens_put(out, 'p', p);
            else if (want == 'n' && d->pin_net[p] >= 0) weft_i_tokens_put(out, 'n', d->pin_net[p]);
        }
    } else if (kind == 'c' && id < c->n_clocks) {
        for (int32_t s = 0; s < c->clock[id].n_sources; s++)
            if ((c->clock[id].source[s] < d->n_inst_pins) == (want == 'p')) weft_i_tokens_put(out, 'p', c->clock[id].source[s]);
    } else if (kind == 'l' && want == 'L') {
        for (int32_t p = 0; p < d->library->cell[id].n_ports; p++) weft_i_tokens_put(out, 'L', d->library->cell[id].first_port + p);
    }
}

static int by_id(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* One kind only, so ids suffice; each once, in order of id. */
static void without_doubles(weft_i_tokens_t *l)
{
    int32_t *id = weft_i_child_grown(NULL, ((size_t)l->count + 1) * sizeof *id), n = 0;
    char kind = l->text ? l->text[1] : 'p';
    for (char *p = l->text; p && *p;) {
        id[n++] = (int32_t)strtol(p + 2, &p, 10);
        while (*p == ' ') p++;
    }
    qsort(id, (size_t)n, sizeof *id, by_id);
    free(l->text);
    *l = (weft_i_tokens_t){0};
    for (int32_t i = 0; i < n; i++)
        if (!i || id[i] != id[i - 1]) weft_i_tokens_put(l, kind, id[i]);
    free(id);
}

/* ---- get_* ----------------------------------------------------------------------------------------------------- */
static void give(weft_i_call_t *k, weft_i_tokens_t *l)
{
    weft_i_sdc_result(k->run, l->text ? l->text : "");
    free(l->text);
}

static void get_collection(weft_i_call_t *k, const char *kind)
{
    weft_i_tokens_t l = {0};
    if (!weft_i_call_options(k, "hierarchical! regexp! nocase! quiet! filter of_objects hsc exact! leaf! physical_context!")) return;
    const weft_i_match_t how = {.regexp = k->option[1] != NULL, .nocase = k->option[2] != NULL, .hierarchical = k->option[0] != NULL};
    if (k->option[5]) {
        weft_i_object_ids_t of = weft_i_call_resolve(k, k->option[5], "Pinc");
        for (int32_t i = 0; i < of.n; i++) neighbours(k, of.at[i].kind, of.at[i].id, *kind, &l);
        free(of.at);
        without_doubles(&l);
    } else if (!k->n_plain) k->plain[k->n_plain++] = "*";
    for (int i = 0; i < k->n_plain && !k->option[5]; i++) {
        int n;
        const char **items;
        if (how.regexp) { /* a regular expression is no Tcl list */
            weft_i_call_match(k, k->plain[i], kind, &how, &l);
            continue;
        }
        if (!weft_i_sdc_list(k->run, k->plain[i], &n, &items)) continue;
        for (int m = 0; m < n; m++) {
            int32_t before = l.count, id;
            char token;
            if (weft_i_token_parse(items[m], &token, &id) && *weft_i_token_name(k->c, token, id)) weft_i_tokens_put(&l, token, id);
            else weft_i_call_match(k, items[m], kind, &how, &l);
            if (l.count == before && !k->option[3]) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-empty", "%s: nothing matches '%s'", k->name, items[m]);
        }
        weft_i_sdc_list_free(items);
    }
    if (k->option[4]) keep_filtered(k, &l, k->option[4]);
    give(k, &l);
}

static void get_ports(weft_i_call_t *k) { get_collection(k, "P"); }
static void get_pins(weft_i_call_t *k) { get_collection(k, "p"); }
static void get_cells(weft_i_call_t *k) { get_collection(k, "i"); }
static void get_nets(weft_i_call_t *k) { get_collection(k, "n"); }
static void get_clocks(weft_i_call_t *k) { get_collection(k, "c"); }
static void get_lib_cells(weft_i_call_t *k) { get_collection(k, "l"); }
static void get_lib_pins(weft_i_call_t *k) { get_collection(k, "L"); }

static void all_ports(weft_i_call_t *k, uint8_t direction)
{
    const weft_design_t *d = k->c->design;
    weft_i_tokens_t l = {0};
    if (!weft_i_call_options(k, "no_clocks!")) return;
    for (int32_t p = d->n_inst_pins; p < d->n_pins; p++) {
        bool clock = false;
        for (int32_t i = 0; i < k->c->n_clocks && k->option[0]; i++)
            for (int32_t s = 0; s < k->c->clock[i].n_sources; s++) clock |= k->c->clock[i].source[s] == p && !k->c->clock[i].gone;
        if (!clock && (d->pin_direction[p] == direction || d->pin_direction[p] == WEFT_INOUT)) weft_i_tokens_put(&l, 'p', p);
    }
    give(k, &l);
}
static void all_inputs(weft_i_call_t *k) { all_ports(k, WEFT_INPUT); }
static void all_outputs(weft_i_call_t *k) { all_ports(k, WEFT_OUTPUT); }
static void all_clocks(weft_i_call_t *k)
{
    weft_i_tokens_t l = {0};
    for (int32_t i = 0; i < k->c->n_clocks; i++)
        if (!k->c->clock[i].gone) weft_i_tokens_put(&l, 'c', i);
    give(k, &l);
}

/* Which pins of a register are asked for: 0 cells, 1 data, 2 clock, 3 asynchronous, 4 outputs. */
static bool register_pin(const weft_library_t *l, int32_t cell, int32_t port, int what)
{
    const weft_lib_cell_t *c = &l->cell[cell];
    if (what == 2) return l->port[port].is_reg_clock;
    if (what == 4) return l->port[port].direction == WEFT_OUTPUT;
    for (int32_t a = c->first_arc; a < c->first_arc + c->n_arcs; a++) {
        uint8_t t = l->arc[a].type;
        bool setup = t == WEFT_ARC_SETUP_RISING || t == WEFT_ARC_SETUP_FALLING, clears = t == WEFT_ARC_PRESET || t == WEFT_ARC_CLEAR;
        if (what == 1 && setup && l->arc[a].to == port) return true;
        if (what == 3 && clears && l->arc[a].from == port) return true;
    }
    return false;
}

static void all_registers(weft_i_call_t *k)
{
    const weft_design_t *d = k->c->design;
    weft_i_tokens_t l = {0};
    if (!weft_i_call_options(k, "clock rise_clock fall_clock cells! data_pins! clock_pins! async_pins! output_pins! level_sensitive! edge_triggered!")) return;
    if (k->option[0] || k->option[1] || k->option[2]) weft_i_call_ignored(k, "-clock is not known before timing; registers of all clocks are taken");
    int what = k->option[4] ? 1 : k->option[5] ? 2 : k->option[6] ? 3 : k->option[7] ? 4 : 0;
    for (int32_t i = 0; i < d->n_insts; i++) {
        if (!is_sequential(d, i)) continue;
        bool latch = d->library->cell[d->inst_cell[i]].seq_kind == WEFT_SEQ_LATCH;
        if ((k->option[8] && !k->option[9] && !latch) || (k->option[9] && !k->option[8] && latch)) continue;
        if (!what) weft_i_tokens_put(&l, 'i', i);
        for (int32_t p = d->inst_first_pin[i]; what && p < d->inst_first_pin[i + 1]; p++)
            if (register_pin(d->library, d->inst_cell[i], d->pin_port[p], what)) weft_i_tokens_put(&l, 'p', p);
    }
    give(k, &l);
}

/* ---- what scripts do with collections -------------------------------------------------------------------------- */
static void get_object_name(weft_i_call_t *k)
{
    weft_i_object_ids_t o = weft_i_call_resolve(k, k->argc > 1 ? k->argv[1] : NULL, "Pinc");
    size_t room = 1, n = 0;
    for (int32_t i = 0; i < o.n; i++) room += strlen(weft_i_token_name(k->c, o.at[i].kind, o.at[i].id)) + 3;
    char *text = weft_i_child_grown(NULL, room);
    text[0] = 0;
    for (int32_t i = 0; i < o.n; i++) {
        const char *name = weft_i_token_name(k->c, o.at[i].kind, o.at[i].id);
        bool braces = o.n > 1 && strpbrk(name, " []$;\"") && !strpbrk(name, "{}\\");
        n += (size_t)sprintf(text + n, "%s%s%s%s", n ? " " : "", braces ? "{" : "", name, braces ? "}" : "");
    }
    weft_i_sdc_result(k->run, text);
    free(text);
    free(o.at);
}

static void get_property(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "object_type") || k->n_plain < 2) return;
    weft_i_object_ids_t o = weft_i_call_resolve(k, k->plain[0], "Pinc");
    const char *value = o.n ? property(k->c, o.at[0].kind, o.at[0].id, k->plain[1]) : NULL;
    if (!value) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-property", "%s: no property %s", k->name, k->plain[1]);
    weft_i_sdc_result(k->run, value ? value : "");
    free(o.at);
}

static void filter_collection(weft_i_call_t *k)
{
    weft_i_tokens_t l = {0};
    if (!weft_i_call_options(k, "regexp! nocase!") || k->n_plain < 2) return;
    weft_i_object_ids_t o = weft_i_call_resolve(k, k->plain[0], "Pinc");
    for (int32_t i = 0; i < o.n; i++) weft_i_tokens_put(&l, o.at[i].kind, o.at[i].id);
    free(o.at);
    keep_filtered(k, &l, k->plain[1]);
    give(k, &l);
}

const weft_i_sdc_row_t weft_i_sdc_queries[] = {
    {"get_ports", get_ports}, {"get_port", get_ports}, {"get_pins", get_pins}, {"get_pin", get_pins}, {"get_cells", get_cells}, {"get_cell", get_cells},
    {"get_nets", get_nets}, {"get_net", get_nets}, {"get_clocks", get_clocks}, {"get_clock", get_clocks}, {"get_lib_cells", get_lib_cells}, {"get_lib_cell", get_lib_cells},
    {"get_lib_pins", get_lib_pins}, {"get_lib_pin", get_lib_pins}, {"all_inputs", all_inputs}, {"all_outputs", all_outputs}, {"all_clocks", all_clocks},
    {"all_registers", all_registers}, {"get_object_name", get_object_name}, {"get_name", get_object_name}, {"get_full_name", get_object_name},
    {"get_property", get_property}, {"get_attribute", get_property}, {"filter_collection", filter_collection}, {NULL, NULL}};

const char weft_i_sdc_prelude[] =
    "proc foreach_in_collection {name collection body} { uplevel 1 [list foreach $name $collection $body] }\n"
    "proc sizeof_collection {collection} { llength $collection }\n"
    "proc index_collection {collection index} { lindex $collection $index }\n"
    "proc add_to_collection {args} { set all {}; foreach a $args { if {$a ne {-unique}} { foreach x $a { if {[lsearch -exact $all $x] < 0} { lappend all $x } } } }; return $all }\n"
    "proc append_to_collection {name args} { upvar 1 $name v; if {![info exists v]} { set v {} }; set v [eval [list add_to_collection $v] $args] }\n"
    "proc remove_from_collection {from what} { set all {}; foreach x $from { if {[lsearch -exact $what $x] < 0} { lappend all $x } }; return $all }\n"
    "proc copy_collection {collection} { return $collection }\n"
    "proc getenv {name} { error {the environment is out of reach here} }\n"
    "set sdc_version 2.1\n";
