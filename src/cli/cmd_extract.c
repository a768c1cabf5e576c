/* cli/cmd_extract.c: weft extract: SPEF from routed wires. */
#include "cli/cli.h"
#include "weft/extract.h"

#include <stdlib.h>
#include <string.h>

typedef struct job { cli_inputs_t in; const char *spef; double via_ohm; } job_t;

static bool take_spef(void *into, const char *v) { return (((job_t *)into)->spef = v) != NULL; }
static bool take_via(void *into, const char *v)
{
    char *end;
    double r = strtod(v, &end);
    if (end == v || *end || !(r > 0.0) || !(r < 1e9)) {
        fprintf(stderr, "weft: --via-ohm needs a resistance above 0, not %s\n", v);
        return false;
    }
    ((job_t *)into)->via_ohm = r;
    return true;
}
static bool take_lef(void *into, const char *v) { return cli_take_input(&((job_t *)into)->in, "lef", v); }
static bool take_def(void *into, const char *v) { return cli_take_input(&((job_t *)into)->in, "def", v); }
static bool take_quiet(void *into, const char *v) { return (void)v, ((job_t *)into)->in.quiet = true; }
static const cli_option_t options[] = {
    {"lef", "FILE", "layers, vias and pin shapes; repeated", take_lef},
    {"def", "FILE", "the routed design", take_def},
    {"write-spef", "FILE", "the parasitics to write", take_spef},
    {"via-ohm", "OHM", "resistance of a via of which the LEF says none (default 4.5)", take_via},
    {"quiet", NULL, "errors only", take_quiet},
    {NULL, NULL, NULL, NULL}};

static weft_status_t run(const job_t *j, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_def_t *def = NULL;
    weft_lef_t **lef = calloc((size_t)j->in.n_lefs + 1, sizeof *lef);
    weft_spef_t *spef = NULL;
    char *directions = NULL;
    weft_extract_report_t r;
    weft_extract_options_t o = {.via_ohm = j->via_ohm};
    int32_t n = 0;
    if (!lef) return WEFT_ENOMEM;
    if (!j->in.n_lefs || j->in.n_defs != 1 || !j->spef) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "extract needs --lef, one --def and --write-spef");
        status = WEFT_EUSAGE;
    }
    for (int32_t i = 0; i < j->in.n_lefs && status == WEFT_OK; i++) {
        status = weft_lef_read(&lef[i], j->in.lef[i], diag);
        if (status == WEFT_OK) n = i + 1;
    }
    if (status == WEFT_OK) status = weft_def_read(&def, j->in.def[0], diag);
    if (status == WEFT_OK) status = weft_extract(&spef, &directions, def, (const weft_lef_t *const *)lef, n, &o, &r, diag);
    if (status == WEFT_OK) status = weft_spef_write(spef, directions, j->spef, diag);
    if (status == WEFT_OK && !j->in.quiet && strcmp(j->spef, "-"))
        printf("%s: %lld nets, %.0f um of wire, %.3f pF; %lld loops cut, %lld nets open, %lld without wires\n", j->spef, (long long)r.n_nets, r.length * 1e6, r.cap * 1e12, (long long)r.n_loops, (long long)r.n_open, (long long)r.n_unrouted);
    weft_extract_free(spef, directions);
    weft_def_free(def);
    for (int32_t i = 0; i < n; i++) weft_lef_free(lef[i]);
    free(lef);
    return status;
}

int cmd_extract(int argc, char **argv)
{
    job_t j = {.via_ohm = 0.0};
    const cli_verb_t *verb = cli_verb("extract");
    static const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&j};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = run(&j, diag);
        code = cli_end(status, diag, j.in.quiet, "weft extract");
    }
    cli_inputs_free(&j.in);
    return code;
}
