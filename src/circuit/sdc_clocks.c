/* circuit/sdc_clocks.c: commands that make clocks and say how they behave. */
#include "circuit/sdc_call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One record per object: kind edges minmax el flag flag2 detail object-kind object object2 value. */
void weft_i_call_setting(weft_i_call_t *k, const weft_setting_t *s, const char *text, const char *kinds)
{
    if (isnan(s->value)) return;
    if (!text) { /* the design */
        weft_i_sdc_emit(k->run, "S %d %d %d %d %d %d %d %d %d %d 0 %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), s->kind, s->edges, s->minmax, s->el, s->flag, s->flag2, s->detail, WEFT_OBJ_DESIGN, s->object2, s->value);
        return;
    }
    weft_i_object_ids_t o = weft_i_call_resolve(k, text, kinds);
    for (int32_t i = 0; i < o.n; i++)
        weft_i_sdc_emit(k->run, "S %d %d %d %d %d %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), s->kind, s->edges, s->minmax, s->el, s->flag, s->flag2, s->detail, weft_i_object_kind(o.at[i].kind), o.at[i].id,
                        s->object2, s->value);
    free(o.at);
}

/* ---- making clocks ---------------------------------------------------------------------------------------------- */
/* The number of a clock of this name; one of that name from before is replaced in its place. */
static int32_t clock_number(weft_i_call_t *k, const char *name, double period, bool generated, const weft_i_object_ids_t *sources)
{
    weft_i_sdc_child_t *c = k->c;
    int32_t at = 0;
    while (at < c->n_clocks && strcmp(c->clock[at].name, name)) at++;
    if (at == c->n_clocks) {
        c->clock = weft_i_child_grown(c->clock, ((size_t)c->n_clocks + 1) * sizeof *c->clock);
        c->clock[c->n_clocks++] = (weft_i_sdc_clock_t){.name = strcpy(weft_i_child_grown(NULL, strlen(name) + 1), name)};
    }
    weft_i_sdc_clock_t *x = &c->clock[at];
    x->period = period;
    x->generated = generated;
    x->gone = false;
    x->n_sources = 0;
    x->source = weft_i_child_grown(x->source, ((size_t)sources->n + 1) * sizeof *x->source);
    for (int32_t i = 0; i < sources->n; i++)
        if (sources->at[i].kind == 'p') x->source[x->n_sources++] = sources->at[i].id;
    return at;
}

/* Without -add a clock takes its source pins over; one that loses all of them is gone. */
static void take_over(weft_i_call_t *k, int32_t self)
{
    weft_i_sdc_child_t *c = k->c;
    for (int32_t i = 0; i < c->n_clocks; i++) {
        weft_i_sdc_clock_t *x = &c->clock[i];
        int32_t kept = 0, had = x->n_sources;
        if (i == self || x->gone || !had) continue;
        for (int32_t s = 0; s < had; s++) {
            bool taken = false;
            for (int32_t m = 0; m < c->clock[self].n_sources; m++) taken |= c->clock[self].source[m] == x->source[s];
            if (!taken) x->source[kept++] = x->source[s];
        }
        if (kept == had) continue;
        x->n_sources = kept;
        if (kept) {
            weft_i_sdc_emit(k->run, "l %d", i);
            for (int32_t s = 0; s < kept; s++) weft_i_sdc_emit(k->run, "k %d %d", i, x->source[s]);
            continue;
        }
        x->gone = true;
        weft_i_sdc_emit(k->run, "x %d", i);
        weft_i_sdc_report(k->run, WEFT_NOTE, "sdc-clock-replaced", "clock %s takes the source of %s, which is gone (-add keeps both)", c->clock[self].name, x->name);
    }
}

static void send_sources(weft_i_call_t *k, int32_t number)
{
    for (int32_t i = 0; i < k->c->clock[number].n_sources; i++) weft_i_sdc_emit(k->run, "k %d %d", number, k->c->clock[number].source[i]);
}

static bool own_name(weft_i_call_t *k, const char *given, const weft_i_object_ids_t *sources, char *name, size_t size)
{
    snprintf(name, size, "%s", given ? given : sources->n ? weft_i_token_name(k->c, sources->at[0].kind, sources->at[0].id) : "");
    for (char *p = name; *p; p++)
        if (*p == '\n' || *p == '\r') *p = ' ';
    if (!*name) weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "%s needs -name or a source", k->name);
    return *name;
}

/* Numbers of a list in time units; -1 where it is none. */
static int times(weft_i_call_t *k, const char *text, double *to, int most)
{
    int n;
    const char **items;
    if (!weft_i_sdc_list(k->run, text, &n, &items)) return -1;
    for (int i = 0; i < n && i < most; i++) to[i] = weft_i_call_number(k, items[i]) * k->c->time_unit;
    weft_i_sdc_list_free(items);
    return n < most ? n : most;
}

static void create_clock(weft_i_call_t *k)
{
    char name[512];
    double wave[2] = {0};
    if (!weft_i_call_options(k, "name period waveform add!") || !k->option[1]) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "create_clock needs -period");
        return;
    }
    double period = weft_i_call_number(k, k->option[1]) * k->c->time_unit;
    weft_i_object_ids_t src = weft_i_call_resolve(k, k->n_plain ? k->plain[0] : NULL, "Pp");
    if (k->n_plain && !src.n && !k->option[0]) weft_i_call_ignored(k, "the clock has no source");
    else if (own_name(k, k->option[0], &src, name, sizeof name)) {
        wave[1] = period / 2;
        int n = k->option[2] ? times(k, k->option[2], wave, 2) : 2;
        if (!(period > 0) || n != 2 || !(wave[0] >= 0) || !(wave[1] > wave[0])) weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "clock %s: the period must be above 0, and the waveform a rise and a later fall", name);
        else {
            int32_t number = clock_number(k, name, period, false, &src);
            weft_i_sdc_emit(k->run, "K %d %d %d %.17g %d %.17g %.17g %s", number, weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), period, k->option[3] ? 1 : 0, wave[0], wave[1], name);
            send_sources(k, number);
            if (!k->option[3]) take_over(k, number);
        }
    }
    free(src.at);
}

static void create_generated_clock(weft_i_call_t *k)
{
    char name[512];
    if (!weft_i_call_options(k, "name source master_clock divide_by multiply_by duty_cycle edges edge_shift invert! combinational! add! pll_output pll_feedback")) return;
    if (!k->option[1] || !k->n_plain) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "create_generated_clock needs -source and the pins it is at");
        return;
    }
    weft_i_object_ids_t src = weft_i_call_resolve(k, k->plain[0], "Pp"), from = weft_i_call_resolve(k, k->option[1], "Pp"), master = weft_i_call_resolve(k, k->option[2], "c");
    double divide = k->option[3] ? weft_i_call_number(k, k->option[3]) : 0, multiply = k->option[4] ? weft_i_call_number(k, k->option[4]) : 0, duty = k->option[5] ? weft_i_call_number(k, k->option[5]) : -1;
    bool whole = divide == floor(divide) && multiply == floor(multiply) && divide >= 0 && multiply >= 0 && divide < 1e6 && multiply < 1e6 && (!k->option[5] || (duty > 0 && duty < 100));
    if (!whole) weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "-divide_by and -multiply_by take whole numbers from 1, -duty_cycle a part of 100");
    else if (!src.n || !from.n || from.at[0].kind != 'p') weft_i_call_ignored(k, "the clock has no pin or no source");
    else if (own_name(k, k->option[0], &src, name, sizeof name)) {
        int32_t number = clock_number(k, name, 0, true, &src);
        weft_i_sdc_emit(k->run, "J %d %d %d %d %d %d %d %d %.17g %d %d %s", number, weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), k->option[10] ? 1 : 0, k->option[8] ? 1 : 0, k->option[9] ? 1 : 0, (int)divide, (int)multiply, duty,
                        from.at[0].id, master.n ? master.at[0].id : -1, name);
        send_sources(k, number);
        int n, n_shift = 0;
        const char **edge = NULL, **shift = NULL;
        if (k->option[6] && weft_i_sdc_list(k->run, k->option[6], &n, &edge)) {
            if (k->option[7] && !weft_i_sdc_list(k->run, k->option[7], &n_shift, &shift)) n_shift = 0;
            if (n != 3 || (n_shift && n_shift != 3)) weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-clock", "clock %s: -edges and -edge_shift take three values", name);
            else
                for (int i = 0; i < 3; i++)
                    weft_i_sdc_emit(k->run, "j %d %d %.17g", number, (int)weft_i_call_number(k, edge[i]), n_shift ? weft_i_call_number(k, shift[i]) * k->c->time_unit : 0.0);
            weft_i_sdc_list_free(edge);
            if (shift) weft_i_sdc_list_free(shift);
        }
        if (!k->option[10]) take_over(k, number);
    }
    free(src.at);
    free(from.at);
    free(master.at);
}

/* ---- relations and behaviour ------------------------------------------------------------------------------------ */
static void set_clock_groups(weft_i_call_t *k)
{
    int group = 0;
    if (!weft_i_call_options(k, "name logically_exclusive! physically_exclusive! asynchronous! exclusive! allow_paths! group")) return;
    if (!k->option[1] && !k->option[2] && !k->option[3] && !k->option[4]) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-clock-groups", "set_clock_groups says none of -asynchronous, -logically_exclusive, -physically_exclusive");
    weft_i_sdc_emit(k->run, "G %d %d %d", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), k->option[5] ? 1 : 0);
    for (int i = 0; i < k->n_seen; i++) {
        if (k->seen[i].place != 6) continue;
        weft_i_object_ids_t c = weft_i_call_resolve(k, k->seen[i].value, "c");
        for (int32_t m = 0; m < c.n; m++)
            if (c.at[m].kind == 'c') weft_i_sdc_emit(k->run, "g %d %d", group, c.at[m].id);
        free(c.at);
        group++;
    }
}

static void set_propagated_clock(weft_i_call_t *k)
{
    if (weft_i_call_options(k, "") && k->n_plain) weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_PROPAGATED, .edges = 3, .minmax = 3, .el = 3, .object2 = -1, .value = 1}, k->plain[0], "cPp");
}

static void set_clock_uncertainty(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "setup! hold! from to rise_from rise_to fall_from fall_to rise! fall!") || !k->n_plain) return;
    double v = weft_i_call_number(k, k->plain[0]) * k->c->time_unit;
    int mm = weft_i_call_minmax(k->option[1], k->option[0]);
    if (k->option[2] || k->option[3] || k->option[4] || k->option[5] || k->option[6] || k->option[7]) {
        weft_i_object_ids_t f = weft_i_call_resolve(k, k->option[2] ? k->option[2] : k->option[4] ? k->option[4] : k->option[6], "c"), t = weft_i_call_resolve(k, k->option[3] ? k->option[3] : k->option[5] ? k->option[5] : k->option[7], "c");
        for (int32_t i = 0; i < f.n && !isnan(v); i++)
            for (int32_t m = 0; m < t.n; m++)
                weft_i_sdc_emit(k->run, "U %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), f.at[i].id, t.at[m].id, k->option[4] ? 1 : k->option[6] ? 2 : 3, k->option[5] ? 1 : k->option[7] ? 2 : 3, mm, v);
        free(f.at);
        free(t.at);
    } else if (k->n_plain > 1) weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_CLOCK_UNCERTAINTY, .edges = 3, .minmax = (uint8_t)mm, .el = 3, .object2 = -1, .value = v}, k->plain[1], "cPp");
}

/* Value and objects of a command of the form `name VALUE OBJECTS`, options parsed. */
static void timed(weft_i_call_t *k, weft_setting_t s, const char *kinds)
{
    s.value = weft_i_call_number(k, k->plain[0]) * k->c->time_unit;
    weft_i_call_setting(k, &s, k->plain[1], kinds);
}

static void set_clock_latency(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "source! early! late! min! max! rise! fall! clock") || k->n_plain < 2) return;
    weft_setting_t s = {.kind = WEFT_SET_CLOCK_LATENCY, .edges = (uint8_t)weft_i_call_edges(k->option[5], k->option[6]), .minmax = (uint8_t)weft_i_call_minmax(k->option[3], k->option[4]),
                        .el = (uint8_t)weft_i_call_minmax(k->option[1], k->option[2]), .flag = k->option[0] != NULL, .object2 = -1};
    if (k->option[7]) {
        weft_i_object_ids_t c = weft_i_call_resolve(k, k->option[7], "c");
        if (c.n) s.object2 = c.at[0].id;
        free(c.at);
    }
    timed(k, s, "cPp");
}

static void set_clock_transition(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "min! max! rise! fall!") || k->n_plain < 2) return;
    timed(k, (weft_setting_t){.kind = WEFT_SET_CLOCK_TRANSITION, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = (uint8_t)weft_i_call_minmax(k->option[0], k->option[1]), .el = 3, .object2 = -1}, "c");
}

static void set_sense(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "type positive! negative! stop_propagation! clock_leaf! non_unate! pulse clocks") || !k->n_plain) return;
    if (k->option[0] && strcmp(k->option[0], "clock")) {
        weft_i_call_ignored(k, "only -type clock has an effect");
        return;
    }
    if (!k->option[1] && !k->option[2] && !k->option[3]) {
        weft_i_call_ignored(k, "only -positive, -negative and -stop_propagation have an effect");
        return;
    }
    weft_setting_t s = {.kind = WEFT_SET_CLOCK_SENSE, .edges = 3, .minmax = 3, .el = 3, .object2 = -1, .value = k->option[1] ? 0 : k->option[2] ? 1 : 2};
    weft_i_object_ids_t c = weft_i_call_resolve(k, k->option[7], "c");
    if (!k->option[7]) weft_i_call_setting(k, &s, k->plain[0], "Pp");
    for (int32_t i = 0; i < c.n; i++) {
        s.object2 = c.at[i].id;
        weft_i_call_setting(k, &s, k->plain[0], "Pp");
    }
    free(c.at);
}

static void set_clock_gating_check(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "setup hold rise! fall! high! low!")) return;
    for (int hold = 0; hold < 2; hold++) {
        if (!k->option[hold]) continue;
        weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_CLOCK_GATING_CHECK, .edges = (uint8_t)weft_i_call_edges(k->option[2], k->option[3]), .minmax = hold ? 1 : 2, .el = 3, .flag = k->option[4] != NULL, .flag2 = k->option[5] != NULL,
                                                 .object2 = -1, .value = weft_i_call_number(k, k->option[hold]) * k->c->time_unit}, k->n_plain ? k->plain[0] : NULL, "icPp");
    }
    if (!k->option[0] && !k->option[1]) weft_i_call_ignored(k, "neither -setup nor -hold is given");
}

static void set_min_pulse_width(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "low! high!") || !k->n_plain) return;
    weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_MIN_PULSE_WIDTH, .edges = (uint8_t)weft_i_call_edges(k->option[1], k->option[0]), .minmax = 3, .el = 3, .object2 = -1, .value = weft_i_call_number(k, k->plain[0]) * k->c->time_unit},
                        k->n_plain > 1 ? k->plain[1] : NULL, "cPpi");
}

const weft_i_sdc_row_t weft_i_sdc_clocks[] = {
    {"create_clock", create_clock}, {"create_generated_clock", create_generated_clock}, {"set_clock_groups", set_clock_groups}, {"set_propagated_clock", set_propagated_clock},
    {"set_clock_uncertainty", set_clock_uncertainty}, {"set_clock_latency", set_clock_latency}, {"set_clock_transition", set_clock_transition}, {"set_clock_sense", set_sense}, {"set_sense", set_sense},
    {"set_clock_gating_check", set_clock_gating_check}, {"set_min_pulse_width", set_min_pulse_width}, {NULL, NULL}};
