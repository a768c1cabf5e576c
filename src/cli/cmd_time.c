/* cli/cmd_time.c: weft time: the slacks of a routed design. */
#include "cli/cli.h"

#include <math.h>
#include <string.h>

typedef struct out { const char *pins_csv, *arcs_csv; int32_t n_paths; bool fail; } out_t;

static bool take_pins(void *into, const char *v) { return (((out_t *)into)->pins_csv = v) != NULL; }
static bool take_arcs(void *into, const char *v) { return (((out_t *)into)->arcs_csv = v) != NULL; }
static bool take_fail(void *into, const char *v) { return (void)v, ((out_t *)into)->fail = true; }
static const cli_option_t out_options[] = {
    {"pins-csv", "FILE", "slew, arrival and slack of every pin (ns)", take_pins},
    {"arcs-csv", "FILE", "delay of every net and cell arc, value of every check (ns)", take_arcs},
    {"fail-on-violation", NULL, "exit 4 where a slack is negative", take_fail},
    {NULL, NULL, NULL, NULL}};

static void table(const weft_timer_t *t, const cli_loaded_t *in, int32_t corner, int32_t el)
{
    int32_t n;
    const weft_endpoint_t *e = weft_timer_endpoints(t, corner, el, &n);
    printf("\n%s: %d endpoints, worst slack %.4f ns, total negative slack %.4f ns\n", el ? "setup" : "hold", n, weft_timer_wns(t, corner, el) * 1e9, weft_timer_tns(t, corner, el) * 1e9);
    if (n) printf("  %10s %10s %10s  %-14s %s\n", "slack", "arrival", "required", "check", "endpoint");
    for (int32_t i = 0; i < n && i < 10; i++) {
        char name[256];
        weft_design_pin_name(in->design, e[i].pin, name, sizeof name);
        printf("  %10.4f %10.4f %10.4f  %-14s %s\n", e[i].slack * 1e9, e[i].arrival * 1e9, e[i].required * 1e9, weft_check_kind_text((weft_check_kind_t)e[i].kind), name);
    }
}

/* FILE, or FILE.CORNER for each of several corners. */
static weft_status_t write_csv(const weft_timer_t *t, const cli_loaded_t *in, const out_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t c = 0; c < in->library->n_corners && status == WEFT_OK; c++) {
        char path[4096];
        const char *corner = weft_names_text(in->library->names, in->library->corner_name[c]);
        const char *want[2] = {o->pins_csv, o->arcs_csv};
        for (int k = 0; k < 2 && status == WEFT_OK; k++) {
            if (!want[k]) continue;
            snprintf(path, sizeof path, "%s%s%s", want[k], in->library->n_corners > 1 ? "." : "", in->library->n_corners > 1 ? corner : "");
            status = k ? weft_timer_write_arcs_csv(t, c, path, diag) : weft_timer_write_pins_csv(t, c, path, diag);
        }
    }
    return status;
}

int cmd_time(int argc, char **argv)
{
    cli_inputs_t in = {0};
    out_t o = {0};
    cli_loaded_t loaded = {0};
    weft_timer_t *timer = NULL;
    static const cli_option_t *const tables[] = {cli_input_options, out_options, NULL};
    void *const into[] = {&in, &o};
    const cli_verb_t *self = cli_verbs;
    int code = cli_parse(self, tables, into, argc, argv);
    if (code >= 0) {
        cli_inputs_free(&in);
        return code;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = cli_load(&in, &loaded, diag);
    if (status == WEFT_OK) {
        weft_timing_options_t options = {.delay_model = in.delay_model, .pin_cap = in.pin_cap, .no_cppr = in.no_cppr, .parasitics = loaded.parasitics};
        status = weft_timer_new(&timer, loaded.design, loaded.constraints, &options, diag);
    }
    if (status == WEFT_OK) {
        weft_timer_counts_t n = weft_timer_counts(timer);
        bool csv_on_stdout = (o.pins_csv && !strcmp(o.pins_csv, "-")) || (o.arcs_csv && !strcmp(o.arcs_csv, "-"));
        for (int32_t c = 0; c < loaded.library->n_corners && !csv_on_stdout; c++) {
            printf("%s, corner %s: %d instances, %d pins, %lld of %d nets with parasitics\n", weft_names_text(loaded.design->names, loaded.design->name),
                   weft_names_text(loaded.library->names, loaded.library->corner_name[c]), loaded.design->n_insts, loaded.design->n_pins, (long long)n.n_annotated_nets, loaded.design->n_nets);
            table(timer, &loaded, c, WEFT_LATE);
            table(timer, &loaded, c, WEFT_EARLY);
            for (int32_t el = 0; el < 2 && o.fail; el++)
                if (weft_timer_wns(timer, c, el) < 0) status = WEFT_ECHECK;
        }
        weft_status_t written = write_csv(timer, &loaded, &o, diag);
        if (written != WEFT_OK) status = written;
    }
    weft_diag_print(diag, stderr, in.quiet ? WEFT_ERROR : WEFT_WARNING);
    if (status != WEFT_OK && status != WEFT_ECHECK && !weft_diag_n_of(diag, WEFT_ERROR)) fprintf(stderr, "weft time: %s\n", weft_status_text(status));
    weft_timer_free(timer);
    cli_unload(&loaded);
    weft_diag_free(diag);
    cli_inputs_free(&in);
    return cli_exit_code(status);
}
