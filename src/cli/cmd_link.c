/* cli/cmd_link.c: weft link: what of each file found its place in the design, what did not, and what it may have meant; and what the constraints leave out. */
#include "cli/cli.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct job { cli_inputs_t in; const char *json; bool constraints; int32_t rows; } job_t;
static bool take_json(void *into, const char *v) { return (((job_t *)into)->json = v) != NULL; }
static bool take_constraints(void *into, const char *v) { return (void)v, ((job_t *)into)->constraints = true; }
static const cli_option_t options[] = {
    {"constraints", NULL, "also: registers without a clock, inputs without a delay, endpoints without a slack, cut loops, ideal clocks", take_constraints},
    {"json", "FILE", "the same for programs", take_json},
    {NULL, NULL, NULL, NULL}};

/* One line of the report: what a file, or the constraints, left. */
typedef struct finding { const char *kind; char *name, *nearest; const char *reason; } finding_t;
typedef struct report { finding_t *f; int32_t n, room; struct { char what[64]; char file[512]; int64_t matched, total; } part[64]; int32_t n_parts; } report_t;

static void found(report_t *r, const char *kind, const char *name, const char *nearest, const char *reason)
{
    if (r->n == r->room) {
        r->room = r->room * 2 + 64;
        finding_t *more = realloc(r->f, (size_t)r->room * sizeof *more);
        if (!more) return;
        r->f = more;
    }
    r->f[r->n++] = (finding_t){kind, strdup(name), nearest ? strdup(nearest) : NULL, reason};
}

static void part(report_t *r, const char *what, const char *file, int64_t matched, int64_t total)
{
    if (r->n_parts == 64) return;
    snprintf(r->part[r->n_parts].what, sizeof r->part[0].what, "%s", what);
    snprintf(r->part[r->n_parts].file, sizeof r->part[0].file, "%s", file);
    r->part[r->n_parts].matched = matched;
    r->part[r->n_parts++].total = total;
}

/* ---- near misses ------------------------------------------------------------------------------------------------ */
static size_t distance(const char *a, const char *b)
{
    size_t row[128], n = strlen(b), m = strlen(a);
    if (n > 120 || m > 120) return 999;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t up = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            if (up + 1 < best) best = up + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = up;
            row[j] = best;
        }
    }
    return row[n];
}

static bool alike(const char *a, const char *b) /* but for punctuation and case */
{
    for (;;) {
        while (*a && !isalnum((unsigned char)*a)) a++;
        while (*b && !isalnum((unsigned char)*b)) b++;
        if (!*a || !*b) return !*a && !*b;
        if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++)) return false;
    }
}

/* The nearest of n names; NULL: none is near. O(n); the caller asks for few. */
static const char *nearest(const char *name, int32_t n, const char *(*at)(const void *, int32_t), const void *context, const char **reason)
{
    size_t length = strlen(name), limit = length / 4 + 1, best = limit + 1;
    const char *answer = NULL;
    *reason = "nothing of a like name";
    for (int32_t i = 0; i < n; i++) {
        const char *other = at(context, i);
        if (alike(name, other)) {
            *reason = "differs in punctuation or case only";
            return other;
        }
        size_t k = strlen(other), gap = k > length ? k - length : length - k;
        if (gap >= best) continue;
        size_t d = distance(name, other);
        if (d < best) {
            best = d;
            answer = other;
            *reason = "a few letters differ";
        }
    }
    return answer;
}

static const char *net_at(const void *c, int32_t i) { const weft_design_t *d = c; return weft_names_text(d->names, d->net_name[i]); }
static const char *inst_at(const void *c, int32_t i) { const weft_design_t *d = c; return weft_names_text(d->names, d->inst_name[i]); }
static const char *cell_at(const void *c, int32_t i) { const weft_library_t *l = c; return weft_names_text(l->names, l->cell[i].name); }

enum { LOOKED_UP = 50 }; /* near misses are sought for that many names of a file */

/* ---- files ------------------------------------------------------------------------------------------------------ */
static void netlist(report_t *r, const weft_design_t *d, const cli_inputs_t *in)
{
    int32_t boxes = 0;
    for (int32_t i = 0; i < d->n_insts; i++) {
        if (d->inst_cell[i] >= 0) continue;
        const char *reason, *cell = d->inst_box_name ? weft_names_text(d->names, d->inst_box_name[i]) : "?";
        const char *near = boxes++ < LOOKED_UP ? nearest(cell, d->library->n_cells, cell_at, d->library, &reason) : (reason = "no library cell and no module", (const char *)NULL);
        found(r, "cell", cell, near, reason);
    }
    part(r, "instances with a cell", in->n_verilog ? in->verilog[0] : "", d->n_insts - boxes, d->n_insts);
}

static weft_status_t spefs(report_t *r, const weft_design_t *d, const cli_inputs_t *in)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < in->n_spef && status == WEFT_OK; i++) {
        weft_spef_t *s = NULL;
        int64_t matched = 0;
        int32_t asked = 0;
        status = weft_spef_read(&s, in->spef[i], NULL);
        for (int32_t k = 0; status == WEFT_OK && k < s->n_nets; k++) {
            const char *name = weft_names_text(s->names, s->net[k].name), *reason;
            if (weft_design_find_net(d, name, strlen(name)) >= 0) {
                matched++;
                continue;
            }
            const char *near = asked++ < LOOKED_UP ? nearest(name, d->n_nets, net_at, d, &reason) : (reason = "no such net", (const char *)NULL);
            found(r, "SPEF net", name, near, reason);
        }
        if (status == WEFT_OK) part(r, "SPEF nets in the design", in->spef[i], matched, s->n_nets);
        weft_spef_free(s);
    }
    return status;
}

static weft_status_t defs(report_t *r, const weft_design_t *d, const cli_inputs_t *in)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < in->n_defs && status == WEFT_OK; i++) {
        weft_def_t *f = NULL;
        int64_t matched = 0;
        status = weft_def_read(&f, in->def[i], NULL);
        for (int32_t k = 0; status == WEFT_OK && k < f->n_components; k++) {
            const char *name = weft_names_text(f->names, f->component[k].name);
            matched += weft_design_find_inst(d, name, strlen(name)) >= 0; /* the others: fillers and taps */
        }
        if (status == WEFT_OK) part(r, "instances placed by the DEF", in->def[i], matched, d->n_insts);
        weft_def_free(f);
    }
    int32_t asked = 0;
    for (int32_t k = 0; k < d->n_insts && d->inst_x; k++)
        if (isnan(d->inst_x[k]) && asked++ < LOOKED_UP) found(r, "unplaced instance", inst_at(d, k), NULL, "the DEF has no component of this name, or it has no place");
    return status;
}

static weft_status_t one_sdf(report_t *r, const weft_design_t *d, const struct cli_sdf *file, const weft_sdf_t *s)
{
    static const struct { const char *id, *kind, *reason; } kinds[] = {{"sdf-cell-type", "SDF cell of another type", "the netlist has another cell there"},
                                                                       {"sdf-no-pin", "SDF pin", "no such pin"},
                                                                       {"sdf-no-arc", "SDF arc, check or wire", "neither library nor netlist has it"}};
    weft_given_delays_t *given = NULL;
    weft_sdf_coverage_t cover = {0};
    weft_diag_t *told = weft_diag_new();
    weft_status_t status = WEFT_ENOMEM;
    int32_t asked = 0;
    if (told) {
        weft_diag_set_limit(told, INT32_MAX);
        status = weft_given_delays_link(&given, d, &(weft_sdf_source_t){s, file->corner}, 1, &cover, told);
    }
    for (int32_t i = 0; status == WEFT_OK && i < s->n_cells; i++) {
        if (s->cell[i].instance < 0) continue;
        const char *name = weft_names_text(s->names, s->cell[i].instance), *reason;
        if (weft_design_find_inst(d, name, strlen(name)) >= 0) continue;
        const char *near = asked++ < LOOKED_UP ? nearest(name, d->n_insts, inst_at, d, &reason) : (reason = "no such instance", (const char *)NULL);
        found(r, "SDF instance", name, near, reason);
    }
    for (size_t k = 0; status == WEFT_OK && k < sizeof kinds / sizeof *kinds; k++)
        for (int32_t i = 0; i < weft_diag_n_entries(told); i++) {
            const weft_diag_entry_t *e = weft_diag_entry(told, i);
            char name[512];
            if (strcmp(e->id, kinds[k].id)) continue;
            snprintf(name, sizeof name, "line %d: %s", e->line, e->text);
            found(r, kinds[k].kind, name, NULL, kinds[k].reason);
        }
    if (status == WEFT_OK) part(r, "SDF entries in the design", file->path, cover.n_matched, cover.n_entries);
    weft_given_delays_free(given);
    weft_diag_free(told);
    return status;
}

static weft_status_t sdfs(report_t *r, const weft_design_t *d, const cli_inputs_t *in)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < in->n_sdf && status == WEFT_OK; i++) {
        weft_sdf_t *s = NULL;
        status = weft_sdf_read(&s, in->sdf[i].path, NULL);
        if (status == WEFT_OK) status = one_sdf(r, d, &in->sdf[i], s);
        weft_sdf_free(s);
    }
    return status;
}

/* ---- constraints ------------------------------------------------------------------------------------------------ */
static void ports(report_t *r, const cli_loaded_t *l)
{
    const weft_design_t *d = l->design;
    const weft_constraints_t *c = l->constraints;
    int32_t with = 0, n = 0;
    for (int32_t p = d->n_inst_pins; p < d->n_pins; p++) {
        bool delayed = false, clock = false;
        if (d->pin_direction[p] != WEFT_INPUT) continue;
        for (int32_t i = 0; i < c->n_port_delays; i++) delayed |= c->port_delay[i].pin == p && c->port_delay[i].is_input;
        for (int32_t i = 0; i < c->n_clocks; i++)
            for (int32_t k = 0; k < c->clock[i].sources.n; k++) clock |= c->clock[i].sources.id[k] == p;
        n++;
        if (delayed || clock) with++;
        else found(r, "input without delay", weft_names_text(d->names, d->port_name[p - d->n_inst_pins]), NULL, "its paths have no slack");
    }
    part(r, "inputs with a delay or a clock", "constraints", with, n);
}

static weft_status_t clocks(report_t *r, const job_t *j, const cli_loaded_t *l, weft_diag_t *diag)
{
    const weft_design_t *d = l->design;
    weft_timer_t *t = NULL;
    weft_timing_options_t o = {.parasitics = l->parasitics, .pin_cap = j->in.pin_cap};
    weft_status_t status = weft_timer_new(&t, d, l->constraints, &o, diag);
    int32_t registers = 0, clocked = 0, ends = 0, constrained = 0, tree = 0;
    char name[4096];
    for (int32_t p = 0; p < d->n_pins && status == WEFT_OK; p++) {
        weft_pin_timing_t x = weft_timer_pin(t, 0, p, false);
        bool inside = p < d->n_inst_pins && d->pin_port[p] >= 0;
        weft_design_pin_name(d, p, name, sizeof name);
        if (inside && d->library->port[d->pin_port[p]].is_reg_clock) {
            registers++;
            if (x.is_clock) clocked++;
            else found(r, "register without clock", name, NULL, "no clock arrives at this pin");
        } else if (inside && x.is_clock && d->pin_direction[p] == WEFT_OUTPUT) tree++;
        if (!x.is_endpoint) continue;
        ends++;
        bool any = false;
        for (int k = 0; k < 4; k++) any |= !isnan(x.slack[k >> 1][k & 1]);
        if (any) constrained++;
        else {
            bool delayed = false, arrives = false;
            for (int32_t i = 0; i < l->constraints->n_port_delays; i++) delayed |= l->constraints->port_delay[i].pin == p;
            for (int k = 0; k < 4; k++) arrives |= !isnan(x.arrival[k >> 1][k & 1]);
            found(r, "endpoint without slack", name, NULL, !arrives ? "nothing arrives: constant or not driven" : p < d->n_inst_pins || delayed ? "no path with a clock ends here" : "no output delay");
        }
    }
    for (int32_t i = 0; i < l->constraints->n_clocks && tree && status == WEFT_OK; i++) {
        const weft_clock_t *k = &l->constraints->clock[i];
        bool propagated = k->propagated;
        for (int32_t s = 0; s < l->constraints->n_settings; s++) propagated |= l->constraints->setting[s].kind == WEFT_SET_PROPAGATED && l->constraints->setting[s].object.kind == WEFT_OBJ_CLOCK && l->constraints->setting[s].object.id == i;
        if (!propagated && !k->gone && k->sources.n) found(r, "ideal clock", weft_names_text(l->constraints->names, k->name), NULL, "gates stand in its tree, but its delay is not counted (set_propagated_clock)");
    }
    if (status == WEFT_OK) part(r, "registers with a clock", "constraints", clocked, registers);
    if (status == WEFT_OK) part(r, "endpoints with a slack", "constraints", constrained, ends);
    weft_timer_free(t);
    return status;
}

/* ---- output ----------------------------------------------------------------------------------------------------- */
static void text(const report_t *r, const job_t *j)
{
    const char *kind = "";
    int32_t shown = 0;
    for (int32_t i = 0; i < r->n_parts; i++)
        printf("%-34s %9lld of %9lld  %6.2f %%  %s\n", r->part[i].what, (long long)r->part[i].matched, (long long)r->part[i].total, r->part[i].total ? 100.0 * (double)r->part[i].matched / (double)r->part[i].total : 100.0, r->part[i].file);
    for (int32_t i = 0; i < r->n; i++) {
        if (strcmp(kind, r->f[i].kind)) {
            kind = r->f[i].kind;
            shown = 0;
            int32_t n = 0;
            for (int32_t k = i; k < r->n && !strcmp(r->f[k].kind, kind); k++) n++;
            printf("\n%d x %s\n", n, kind);
        }
        if (shown++ >= j->rows) continue;
        printf("  %-40s %s%s%s\n", r->f[i].name, r->f[i].reason, r->f[i].nearest ? ": " : "", r->f[i].nearest ? r->f[i].nearest : "");
    }
}

static void quoted(FILE *f, const char *s)
{
    fputc('"', f);
    for (; s && *s; s++) {
        if (*s == '"' || *s == '\\') fputc('\\', f);
        if ((unsigned char)*s < 32) fprintf(f, "\\u%04x", (unsigned)*s);
        else fputc(*s, f);
    }
    fputc('"', f);
}

static weft_status_t json(const report_t *r, const char *path)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "w") : stdout;
    if (!f) return WEFT_EIO;
    fputs("{\"schema\":\"weft-link-1\",\"coverage\":[", f);
    for (int32_t i = 0; i < r->n_parts; i++) {
        fprintf(f, "%s\n{\"what\":", i ? "," : "");
        quoted(f, r->part[i].what);
        fputs(",\"file\":", f);
        quoted(f, r->part[i].file);
        fprintf(f, ",\"matched\":%lld,\"total\":%lld}", (long long)r->part[i].matched, (long long)r->part[i].total);
    }
    fputs("],\n\"findings\":[", f);
    for (int32_t i = 0; i < r->n; i++) {
        fprintf(f, "%s\n{\"kind\":", i ? "," : "");
        quoted(f, r->f[i].kind);
        fputs(",\"name\":", f);
        quoted(f, r->f[i].name);
        fputs(",\"reason\":", f);
        quoted(f, r->f[i].reason);
        if (r->f[i].nearest) {
            fputs(",\"nearest\":", f);
            quoted(f, r->f[i].nearest);
        }
        fputc('}', f);
    }
    fputs("]}\n", f);
    return (f == stdout ? fflush(f) : fclose(f)) ? WEFT_EIO : WEFT_OK;
}

static weft_status_t run(const job_t *j, weft_diag_t *diag)
{
    cli_loaded_t l;
    report_t r = {0};
    weft_status_t status = cli_load(&j->in, NULL, &l, diag);
    if (status == WEFT_OK) netlist(&r, l.design, &j->in);
    if (status == WEFT_OK) status = spefs(&r, l.design, &j->in);
    if (status == WEFT_OK) status = sdfs(&r, l.design, &j->in);
    if (status == WEFT_OK) status = defs(&r, l.design, &j->in);
    if (status == WEFT_OK && j->constraints) {
        ports(&r, &l);
        status = clocks(&r, j, &l, diag);
    }
    if (status == WEFT_OK && !(j->json && !strcmp(j->json, "-"))) text(&r, j);
    if (status == WEFT_OK && j->json) status = json(&r, j->json);
    if (status == WEFT_OK && j->in.strict && r.n) status = WEFT_EINPUT;
    for (int32_t i = 0; i < r.n; i++) {
        free(r.f[i].name);
        free(r.f[i].nearest);
    }
    free(r.f);
    cli_unload(&l);
    return status;
}

int cmd_link(int argc, char **argv)
{
    job_t j = {.rows = 20};
    const cli_verb_t *verb = cli_verb("link");
    static const cli_option_t *const tables[] = {options, cli_input_options, cli_sdf_options, NULL};
    void *const into[] = {&j, &j.in, &j.in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = run(&j, diag);
        weft_diag_print(diag, stderr, j.in.quiet ? WEFT_ERROR : WEFT_WARNING);
        weft_diag_free(diag);
        code = cli_exit_code(status);
    }
    cli_inputs_free(&j.in);
    return code;
}
