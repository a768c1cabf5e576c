/* cli/timing_run.c: what time and predict share: inputs to wires to timers to reports. */
#include "cli/cli.h"
#include "weft/net_model.h"
#include "weft/extract.h"

#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

typedef struct out { const char *pins_csv, *arcs_csv, *endpoints_csv, *json, *spef, *sdf; int64_t n_rows, n_paths; int32_t n_points; weft_path_point_t *point; bool fail, no_bounds, limits; } out_t;

static bool take_pins(void *into, const char *v) { return (((out_t *)into)->pins_csv = v) != NULL; }
static bool take_arcs(void *into, const char *v) { return (((out_t *)into)->arcs_csv = v) != NULL; }
static bool take_endpoints(void *into, const char *v) { return (((out_t *)into)->endpoints_csv = v) != NULL; }
static bool take_spef_out(void *into, const char *v) { return (((out_t *)into)->spef = v) != NULL; }
static bool take_sdf(void *into, const char *v) { return (((out_t *)into)->sdf = v) != NULL; }
static bool take_limits(void *into, const char *v) { return (void)v, ((out_t *)into)->limits = true; }
static bool take_json(void *into, const char *v) { return (((out_t *)into)->json = v) != NULL; }
static bool take_fail(void *into, const char *v) { return (void)v, ((out_t *)into)->fail = true; }
static bool take_no_bounds(void *into, const char *v) { return (void)v, ((out_t *)into)->no_bounds = true; }
static bool take_rows(void *into, const char *v) { return cli_whole("endpoints", v, 0, 1000000000, &((out_t *)into)->n_rows); }
static bool take_paths(void *into, const char *v) { return cli_whole("paths", v, 0, 1000000000, &((out_t *)into)->n_paths); }
static bool take_point(void *into, int32_t where, const char *v)
{
    out_t *o = into;
    weft_path_point_t *more = realloc(o->point, ((size_t)o->n_points + 1) * sizeof *more);
    if (!more) return false;
    o->point = more;
    more[o->n_points++] = (weft_path_point_t){where, v};
    return true;
}
static bool take_from(void *into, const char *v) { return take_point(into, 0, v); }
static bool take_through(void *into, const char *v) { return take_point(into, 1, v); }
static bool take_to(void *into, const char *v) { return take_point(into, 2, v); }
static const cli_option_t out_options[] = {
    {"endpoints", "N", "rows of each slack table (default 10)", take_rows},
    {"paths", "N", "print the N worst paths of each side, gate by gate", take_paths},
    {"from", "NAME", "only paths from these ports, registers or clocks (a pattern; repeated: any of them)", take_from},
    {"through", "NAME", "only paths through these pins, instances or nets (repeated: one after the other)", take_through},
    {"to", "NAME", "only paths to these ports, registers or clocks", take_to},
    {"json", "FILE", "the report for programs (docs/JSON.md)", take_json},
    {"endpoints-csv", "FILE", "slack of every endpoint with its interval, and routed where --truth-spef is given (ns)", take_endpoints},
    {"pins-csv", "FILE", "slew, arrival and slack of every pin (ns)", take_pins},
    {"arcs-csv", "FILE", "delay of every net and cell arc, value of every check (ns)", take_arcs},
    {"write-spef", "FILE", "the parasitics in use, read or estimated", take_spef_out},
    {"write-sdf", "FILE", "delays and checks as SDF 3.0, early::late", take_sdf},
    {"limits", NULL, "slew, capacitance, fan-out, pulse width and period against their limits", take_limits},
    {"no-bounds", NULL, "no interval around the slacks: half the work", take_no_bounds},
    {"fail-on-violation", NULL, "exit 4 where a slack is negative", take_fail},
    {NULL, NULL, NULL, NULL}};

/* FILE, or FILE.CORNER for each of several corners. */
static weft_status_t write_tables(const weft_report_t *r, const weft_library_t *l, const out_t *o, weft_diag_t *diag)
{
    const weft_timer_t *t = r->timer;
    weft_status_t status = WEFT_OK;
    for (int32_t c = 0; c < l->n_corners && status == WEFT_OK; c++) {
        char path[4096];
        const char *corner = weft_names_text(l->names, l->corner_name[c]);
        const char *want[4] = {o->pins_csv, o->arcs_csv, o->sdf, o->endpoints_csv};
        for (int k = 0; k < 4 && status == WEFT_OK; k++) {
            if (!want[k]) continue;
            snprintf(path, sizeof path, "%s%s%s", want[k], l->n_corners > 1 ? "." : "", l->n_corners > 1 ? corner : "");
            status = k == 3 ? weft_report_write_endpoints_csv(r, c, path, diag) : k == 2 ? weft_timer_write_sdf(t, c, path, diag) : k ? weft_timer_write_arcs_csv(t, c, path, diag) : weft_timer_write_pins_csv(t, c, path, diag);
        }
    }
    return status;
}

/* One estimate: a model, its wires, a timer on them. */
typedef struct estimate { weft_wire_model_t *model; weft_wires_t *wires; weft_timer_t *timer; } estimate_t;

static void estimate_free(estimate_t *e)
{
    weft_timer_free(e->timer);
    weft_wires_free(e->wires);
    weft_wire_model_free(e->model);
}

typedef struct run {
    cli_inputs_t in;
    out_t out;
    cli_loaded_t loaded;
    estimate_t main, shifted, rival[3];
    weft_timer_t *query; /* of the paths asked for; NULL: all */
    weft_timer_t *truth;
    char wires[4600];
} run_t;

static weft_timing_options_t options_of(const run_t *r, const weft_parasitics_t *routed, const weft_wires_t *wires)
{
    return (weft_timing_options_t){.delay_model = r->in.delay_model, .pin_cap = r->in.pin_cap, .no_cppr = r->in.no_cppr, .parasitics = routed, .wires = wires, .given = r->loaded.given};
}

/* What to expect of a wire where no model knows the library: 0.18 fF/um and 2 ohm/um, the middle of the 180 to 45 nm
 * technologies the shipped models are fitted on. */
static const char *const unknown_wires = "steiner:0.18,2.0";

weft_status_t cli_choose_model(const cli_inputs_t *in, const cli_loaded_t *loaded, weft_wire_model_t **model, char *words, size_t size, weft_diag_t *diag)
{
    const weft_lef_t *const *lefs = (const weft_lef_t *const *)loaded->lef;
    char reason[4400];
    weft_status_t status = WEFT_OK;
    if (in->model) {
        status = weft_wire_model_new(model, in->model, lefs, loaded->n_lefs, diag);
        if (status == WEFT_OK) snprintf(words, size, "%s", weft_wire_model_name(*model));
        return status;
    }
    status = weft_wire_model_choose(model, loaded->library, reason, sizeof reason, diag);
    if (status != WEFT_OK || *model) {
        snprintf(words, size, "%s", reason);
        return status;
    }
    weft_diag_add(diag, WEFT_WARNING, "model-unknown-library", NULL, 0, 0, "no model knows this library: wires by %s (fF/um, ohm/um); weft calibrate makes a model", unknown_wires);
    snprintf(words, size, "%s", unknown_wires);
    return weft_wire_model_new(model, unknown_wires, NULL, 0, diag);
}

/* Of 86 designs of 30 families, 84 have 0 to 13 % of their nets beyond; the two above are the worst predicted. */
static const double beyond_training = 0.2;

/* Routed wires, else a model's, else none; and the timer on them. */
static weft_status_t time_main(run_t *r, bool predict, weft_report_t *report, weft_diag_t *diag)
{
    const cli_loaded_t *l = &r->loaded;
    bool estimate = r->in.n_defs > 0 && (predict || !l->parasitics || r->in.model);
    weft_status_t status = WEFT_OK;
    if (predict && !r->in.n_defs) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "predict needs a placement: --lef and --def");
        return WEFT_EUSAGE;
    }
    if (r->in.model && !r->in.n_defs && strcmp(r->in.model, "zero")) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--model %s needs a placement: --lef and --def", r->in.model);
        return WEFT_EUSAGE;
    }
    snprintf(r->wires, sizeof r->wires, "%s", l->parasitics ? "routed (SPEF)" : "none: neither SPEF nor placement");
    if (estimate || r->in.model) {
        status = cli_choose_model(&r->in, l, &r->main.model, r->wires, sizeof r->wires, diag);
        if (status == WEFT_OK) status = weft_wires_predict(&r->main.wires, r->main.model, l->design, 0.0, diag);
        if (status == WEFT_OK && weft_wires_beyond(r->main.wires) > beyond_training)
            weft_diag_add(diag, WEFT_WARNING, "model-beyond", NULL, 0, 0, "%.0f %% of the nets lie beyond what %s was fitted on: errors may be several times what the intervals say; weft finetune timing with one routed design helps",
                          100.0 * weft_wires_beyond(r->main.wires), weft_wire_model_name(r->main.model));
        if (status == WEFT_OK && l->parasitics)
            weft_diag_add(diag, WEFT_WARNING, "spef-wins", NULL, 0, 0, "SPEF wins over the placement: %d nets are routed, the model serves the others", l->parasitics->n_annotated);
    } else if (l->parasitics && r->in.n_defs) weft_diag_add(diag, WEFT_NOTE, "spef-wins", NULL, 0, 0, "wires come from SPEF; the placement is not used");
    if (status != WEFT_OK) return status;
    if (l->given) {
        size_t n = strlen(r->wires);
        snprintf(r->wires + n, sizeof r->wires - n, "; delays given by SDF");
    }
    bool bounds = false;
    if (r->main.model && !r->out.no_bounds) {
        weft_wire_model_interval(r->main.model, report->interval);
        bounds = report->interval[0] > 0.0 || report->interval[1] > 0.0;
    }
    if (bounds) status = weft_wires_shifted(&r->shifted.wires, r->main.wires, 1.0);
    weft_timing_options_t options[2] = {options_of(r, l->parasitics, r->main.wires), options_of(r, l->parasitics, r->shifted.wires)};
    weft_timer_t *timers[2] = {NULL, NULL};
    if (status == WEFT_OK) status = weft_timers_new(timers, bounds ? 2 : 1, l->design, l->constraints, options, diag);
    r->main.timer = timers[0];
    report->shifted = r->shifted.timer = timers[1];
    return status;
}

/* The truth, and the plain estimates that stand beside ours. */
static weft_status_t time_truth(run_t *r, weft_report_t *report, weft_rival_t *rival, weft_diag_t *diag)
{
    static const char *const spec[] = {"zero", "lef", "mst:0.16,2.0"};
    static const char *const name[] = {"zero wire", "LEF constants", "mst:0.16,2.0"};
    weft_status_t status = cli_load_truth(&r->in, &r->loaded, diag);
    weft_timing_options_t options[4] = {options_of(r, r->loaded.truth, NULL)};
    weft_timer_t *timers[4] = {NULL};
    estimate_t *of[4] = {NULL};
    int32_t n = 1;
    for (int32_t i = 0; i < 3 && status == WEFT_OK; i++) {
        estimate_t *e = &r->rival[i];
        if (weft_wire_model_new(&e->model, spec[i], (const weft_lef_t *const *)r->loaded.lef, r->loaded.n_lefs, NULL) != WEFT_OK) continue; /* LEF without constants */
        status = weft_wires_new(&e->wires, e->model, r->loaded.design, 0.0, diag);
        rival[report->n_rivals++].name = name[i];
        of[n] = e;
        options[n++] = options_of(r, NULL, e->wires);
    }
    if (status == WEFT_OK) status = weft_timers_new(timers, n, r->loaded.design, r->loaded.constraints, options, NULL);
    report->truth = r->truth = timers[0];
    for (int32_t i = 1; i < n; i++) rival[i - 1].timer = of[i]->timer = timers[i];
    report->rivals = rival;
    return status;
}

/* --paths, of the main timer, or of one that keeps only the paths named. */
static weft_status_t print_paths(run_t *r, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t index = 0, n = r->out.n_paths ? (int32_t)r->out.n_paths : r->out.n_points ? 1 : 0;
    const cli_loaded_t *l = &r->loaded;
    if (r->out.n_points) {
        weft_timing_options_t options = options_of(r, r->main.wires ? NULL : l->parasitics, r->main.wires);
        status = weft_constraints_add_path_group(l->constraints, l->design, "asked", r->out.point, r->out.n_points, &index, diag);
        options.only_group = index + 1;
        if (status == WEFT_OK) status = weft_timer_new(&r->query, l->design, l->constraints, &options, NULL);
    }
    const weft_timer_t *t = r->out.n_points ? r->query : r->main.timer;
    for (int32_t c = 0; c < l->library->n_corners && n && status == WEFT_OK; c++)
        for (int32_t late = 1; late >= 0 && status == WEFT_OK; late--) {
            int32_t any;
            weft_timer_endpoints(t, c, late, &any);
            printf("\n");
            if (!any) printf("%s: no path\n", late ? "setup" : "hold");
            status = weft_timer_print_paths(t, c, late, n, stdout);
        }
    return status;
}

/* Estimated wires, or the ones that were read. */
static weft_status_t write_spef(const run_t *r, weft_diag_t *diag)
{
    weft_parasitics_t *stored = NULL;
    weft_spef_t *spef = NULL;
    char *directions = NULL;
    weft_status_t status = WEFT_OK;
    if (r->main.wires) status = weft_wires_store(&stored, r->main.wires);
    const weft_parasitics_t *p = stored ? stored : r->loaded.parasitics;
    if (status == WEFT_OK && !p) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--write-spef: there are no parasitics, neither read nor estimated");
        status = WEFT_EUSAGE;
    }
    if (status == WEFT_OK) status = weft_spef_from_parasitics(&spef, &directions, p);
    if (status == WEFT_OK) status = weft_spef_write(spef, directions, r->out.spef, diag);
    weft_extract_free(spef, directions);
    weft_parasitics_free(stored);
    return status;
}

/* --limits: what was checked, and the worst of what is violated. */
static weft_status_t print_limits(const run_t *r, int32_t corner)
{
    static const double unit[WEFT_N_LIMIT_KINDS] = {1e9, 1e12, 1e12, 1.0, 1e9, 1e9};
    static const char *const unit_text[WEFT_N_LIMIT_KINDS] = {"ns", "pF", "pF", "", "ns", "ns"};
    weft_limits_t l;
    weft_status_t status = weft_timer_limits(&l, r->main.timer, corner);
    if (status != WEFT_OK) return status;
    printf("\n%-16s %9s %9s %12s %12s %12s  worst\n", "limits", "checked", "violated", "value", "limit", "slack");
    for (int32_t k = 0, i = 0; k < WEFT_N_LIMIT_KINDS; k++) {
        char name[512];
        printf("%-16s %9d %9d", weft_limit_kind_text((weft_limit_kind_t)k), l.n_checked[k], l.n_violated[k]);
        if (l.worst[k].pin >= 0) weft_design_pin_name(r->loaded.design, l.worst[k].pin, name, sizeof name);
        if (l.worst[k].pin >= 0) printf(" %12.5g %12.5g %12.5g  %s%s%s", l.worst[k].value * unit[k], l.worst[k].limit * unit[k], l.worst[k].slack * unit[k], name, *unit_text[k] ? ", " : "", unit_text[k]);
        printf("\n");
        for (int32_t row = 0; i < l.n && l.limit[i].kind == k; i++, row++) {
            if (!row || row >= r->out.n_rows) continue; /* the first stands above */
            weft_design_pin_name(r->loaded.design, l.limit[i].pin, name, sizeof name);
            printf("%36s %12.5g %12.5g %12.5g  %s\n", "", l.limit[i].value * unit[k], l.limit[i].limit * unit[k], l.limit[i].slack * unit[k], name);
        }
    }
    weft_limits_destroy(&l);
    return WEFT_OK;
}

static bool on_stdout(const char *path) { return path && !strcmp(path, "-"); }

static weft_status_t write_all(run_t *r, const weft_report_t *report, weft_diag_t *diag)
{
    const out_t *o = &r->out;
    weft_status_t status = WEFT_OK;
    bool busy = on_stdout(o->spef) || on_stdout(o->sdf) || on_stdout(o->pins_csv) || on_stdout(o->arcs_csv) || on_stdout(o->endpoints_csv) || on_stdout(o->json);
    for (int32_t c = 0; c < r->loaded.library->n_corners && !busy && status == WEFT_OK; c++) {
        if (c) printf("\n");
        status = weft_report_print(report, c, (int32_t)o->n_rows, stdout);
        if (status == WEFT_OK && o->limits) status = print_limits(r, c);
    }
    if (status == WEFT_OK && !busy) status = print_paths(r, diag);
    if (status == WEFT_OK) status = write_tables(report, r->loaded.library, o, diag);
    if (status == WEFT_OK && o->spef) status = write_spef(r, diag);
    if (status == WEFT_OK && o->json) status = weft_report_write_json(report, o->json, diag);
    for (int32_t c = 0; c < r->loaded.library->n_corners && o->fail && status == WEFT_OK; c++)
        for (int32_t el = 0; el < 2; el++)
            if (weft_timer_wns(r->main.timer, c, el) < 0.0) status = WEFT_ECHECK;
    return status;
}

/* A heap that grows by 4 MiB makes fewer calls and page faults (3 to 5 % of timing a small design). Setting that alone would fix the size from which arrays are mapped apart at 128 KiB. */
static void grow_in_steps(void)
{
#ifdef __GLIBC__
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int cli_timing_run(const cli_verb_t *verb, bool predict, int argc, char **argv)
{
    grow_in_steps();
    run_t *r = calloc(1, sizeof *r);
    if (!r) return EXIT_RESOURCES;
    r->out.n_rows = 10;
    const cli_option_t *const tables[] = {cli_input_options, out_options, predict ? cli_truth_options : cli_sdf_options, NULL};
    void *const into[] = {&r->in, &r->out, &r->in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_rival_t rival[3];
        weft_diag_t *diag = weft_diag_new();
        weft_report_t report = {.diag = diag};
        weft_status_t status = diag ? cli_load(&r->in, NULL, &r->loaded, diag) : WEFT_ENOMEM;
        if (status == WEFT_OK) status = time_main(r, predict, &report, diag);
        if (status == WEFT_OK && r->in.n_truth_spef) status = time_truth(r, &report, rival, diag);
        if (status == WEFT_OK && weft_diag_n_lost(diag)) status = WEFT_ENOMEM; /* a report without its warnings would look better than it is */
        report.design = r->loaded.design;
        report.constraints = r->loaded.constraints;
        report.timer = r->main.timer;
        report.wires = r->wires;
        report.limits = r->out.limits;
        if (status == WEFT_OK) status = write_all(r, &report, diag);
        code = cli_end(status, diag, r->in.quiet, "weft %s", verb->name);
    }
    weft_timer_free(r->truth);
    weft_timer_free(r->query);
    free(r->out.point);
    estimate_free(&r->main);
    estimate_free(&r->shifted);
    for (int32_t i = 0; i < 3; i++) estimate_free(&r->rival[i]);
    cli_unload(&r->loaded);
    cli_inputs_free(&r->in);
    free(r);
    return code;
}
