/* cli/inputs.c: the inputs all timing commands share, as options and as loaded objects. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static bool push(const char ***list, int32_t *n, const char *value)
{
    const char **more = realloc(*list, ((size_t)*n + 1) * sizeof *more);
    if (!more) return false;
    *list = more;
    more[(*n)++] = value;
    return true;
}

static bool take_lib(void *into, const char *v)
{
    cli_inputs_t *in = into;
    weft_lib_source_t s = {v, in->corner, true, true};
    if (!strncmp(v, "early:", 6)) s = (weft_lib_source_t){v + 6, in->corner, true, false};
    if (!strncmp(v, "late:", 5)) s = (weft_lib_source_t){v + 5, in->corner, false, true};
    weft_lib_source_t *more = realloc(in->lib, ((size_t)in->n_libs + 1) * sizeof *more);
    if (!more) return false;
    in->lib = more;
    more[in->n_libs++] = s;
    return true;
}
static bool take_verilog(void *into, const char *v) { return push(&((cli_inputs_t *)into)->verilog, &((cli_inputs_t *)into)->n_verilog, v); }
static bool take_sdc(void *into, const char *v) { return push(&((cli_inputs_t *)into)->sdc, &((cli_inputs_t *)into)->n_sdc, v); }
static bool take_spef(void *into, const char *v) { return push(&((cli_inputs_t *)into)->spef, &((cli_inputs_t *)into)->n_spef, v); }
static bool take_top(void *into, const char *v) { return (((cli_inputs_t *)into)->top = v) != NULL; }
static bool take_corner(void *into, const char *v) { return (((cli_inputs_t *)into)->corner = v) != NULL; }
static bool take_model(void *into, const char *v) { return (((cli_inputs_t *)into)->delay_model = v) != NULL; }
static bool take_no_cppr(void *into, const char *v) { return (void)v, ((cli_inputs_t *)into)->no_cppr = true; }
static bool take_strict(void *into, const char *v) { return (void)v, ((cli_inputs_t *)into)->strict = true; }
static bool take_quiet(void *into, const char *v) { return (void)v, ((cli_inputs_t *)into)->quiet = true; }

static bool take_pin_cap(void *into, const char *v)
{
    static const char *const name[] = {"nominal", "range-min", "range-max"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(v, name[i])) {
            ((cli_inputs_t *)into)->pin_cap = (weft_pin_cap_t)i;
            return true;
        }
    fprintf(stderr, "weft: --pin-cap is nominal, range-min or range-max, not %s\n", v);
    return false;
}

static bool take_threads(void *into, const char *v)
{
    (void)into;
    char *end;
    long n = strtol(v, &end, 10);
    if (*end || end == v || n < 1 || n > 4096) {
        fprintf(stderr, "weft: --threads needs a number from 1 to 4096, not %s\n", v);
        return false;
    }
    weft_threads_set((int32_t)n);
    return true;
}

const cli_option_t cli_input_options[] = {
    {"lib", "FILE", "Liberty, repeated; early:FILE and late:FILE feed one side only", take_lib},
    {"corner", "NAME", "the --lib that follow belong to this corner", take_corner},
    {"verilog", "FILE", "gate-level netlist, repeated", take_verilog},
    {"top", "MODULE", "top module (default: the only one nobody instantiates)", take_top},
    {"sdc", "FILE", "constraints, repeated, in order", take_sdc},
    {"spef", "FILE", "routed parasitics, repeated; a later file wins net by net", take_spef},
    {"delay-model", "NAME", "ceff (default) or lumped", take_model},
    {"pin-cap", "WHICH", "nominal (default), range-min or range-max", take_pin_cap},
    {"no-cppr", NULL, "keep the clock reconvergence pessimism", take_no_cppr},
    {"strict", NULL, "an ignored constraint or an unmatched name is an error", take_strict},
    {"threads", "N", "default: WEFT_THREADS, OMP_NUM_THREADS, the cgroup's quota", take_threads},
    {"quiet", NULL, "errors only", take_quiet},
    {NULL, NULL, NULL, NULL}};

static weft_status_t load_netlist(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag)
{
    weft_verilog_t **docs = calloc((size_t)in->n_verilog + 1, sizeof *docs);
    weft_status_t status = docs ? WEFT_OK : WEFT_ENOMEM;
    for (int32_t i = 0; i < in->n_verilog && status == WEFT_OK; i++) status = weft_verilog_read(&docs[i], in->verilog[i], diag);
    if (status == WEFT_OK) status = weft_design_link(&out->design, out->library, (const weft_verilog_t *const *)docs, in->n_verilog, in->top, diag);
    for (int32_t i = 0; docs && i < in->n_verilog; i++) weft_verilog_free(docs[i]);
    free(docs);
    return status;
}

static weft_status_t load_spef(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag)
{
    if (!in->n_spef) return WEFT_OK;
    weft_spef_t **docs = calloc((size_t)in->n_spef, sizeof *docs);
    weft_status_t status = docs ? WEFT_OK : WEFT_ENOMEM;
    for (int32_t i = 0; i < in->n_spef && status == WEFT_OK; i++) status = weft_spef_read(&docs[i], in->spef[i], diag);
    if (status == WEFT_OK) status = weft_parasitics_link(&out->parasitics, out->design, (const weft_spef_t *const *)docs, in->n_spef, &out->coverage, diag);
    for (int32_t i = 0; docs && i < in->n_spef; i++) weft_spef_free(docs[i]);
    free(docs);
    bool missing = out->coverage.n_matched < out->coverage.n_nets || out->coverage.n_pins_matched < out->coverage.n_pins;
    return status == WEFT_OK && in->strict && missing ? WEFT_EINPUT : status;
}

weft_status_t cli_load(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag)
{
    *out = (cli_loaded_t){0};
    if (!in->n_libs || !in->n_verilog) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--lib and --verilog are needed");
        return WEFT_EUSAGE;
    }
    weft_status_t status = weft_library_read(&out->library, in->lib, in->n_libs, diag);
    if (status == WEFT_OK) status = load_netlist(in, out, diag);
    if (status == WEFT_OK) status = load_spef(in, out, diag);
    if (status != WEFT_OK) return status;
    out->constraints = weft_constraints_new();
    if (!out->constraints) return WEFT_ENOMEM;
    return weft_constraints_read(out->constraints, out->design, in->sdc, in->n_sdc, in->strict, NULL, diag);
}

void cli_unload(cli_loaded_t *l)
{
    weft_parasitics_free(l->parasitics);
    weft_constraints_free(l->constraints);
    weft_design_free(l->design);
    weft_library_free(l->library);
}

void cli_inputs_free(cli_inputs_t *in)
{
    free(in->lib);
    free(in->verilog);
    free(in->sdc);
    free(in->spef);
}
