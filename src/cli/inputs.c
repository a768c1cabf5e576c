/* cli/inputs.c: the inputs all timing commands share, as options and as loaded objects. */
#include "cli/cli.h"

#include <pthread.h>
#include <stdatomic.h>
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
static bool take_sdf(void *into, const char *v)
{
    cli_inputs_t *in = into;
    struct cli_sdf *more = realloc(in->sdf, ((size_t)in->n_sdf + 1) * sizeof *more);
    if (!more) return false;
    in->sdf = more;
    more[in->n_sdf++] = (struct cli_sdf){v, in->corner};
    return true;
}
static bool take_sdc(void *into, const char *v) { return push(&((cli_inputs_t *)into)->sdc, &((cli_inputs_t *)into)->n_sdc, v); }
static bool take_spef(void *into, const char *v) { return push(&((cli_inputs_t *)into)->spef, &((cli_inputs_t *)into)->n_spef, v); }
static bool take_lef(void *into, const char *v) { return push(&((cli_inputs_t *)into)->lef, &((cli_inputs_t *)into)->n_lefs, v); }
static bool take_def(void *into, const char *v) { return push(&((cli_inputs_t *)into)->def, &((cli_inputs_t *)into)->n_defs, v); }
static bool take_clock(void *into, const char *v) { return push(&((cli_inputs_t *)into)->clock, &((cli_inputs_t *)into)->n_clocks, v); }
static bool take_wires(void *into, const char *v) { return (((cli_inputs_t *)into)->model = v) != NULL; }
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


bool cli_take_input(cli_inputs_t *in, const char *option, const char *value)
{
    return !strcmp(option, "lef") ? take_lef(in, value) : !strcmp(option, "def") ? take_def(in, value) : false;
}

const cli_option_t cli_input_options[] = {
    {"lib", "FILE", "Liberty, repeated; early:FILE and late:FILE feed one side only", take_lib},
    {"corner", "NAME", "the --lib that follow belong to this corner", take_corner},
    {"verilog", "FILE", "gate-level netlist, repeated", take_verilog},
    {"top", "MODULE", "top module (default: the only one nobody instantiates)", take_top},
    {"sdc", "FILE", "constraints, repeated, in order", take_sdc},
    {"clock", "PORT:NS", "a clock of this period, for a first look without an SDC; repeated", take_clock},
    {"spef", "FILE", "routed parasitics, repeated; a later file wins net by net", take_spef},
    {"lef", "FILE", "pin shapes of the cells, and layers; repeated", take_lef},
    {"def", "FILE", "placement, repeated", take_def},
    {"model", "MODEL", "wires before routing: zero, lef, mst:C,R, steiner:C,R (fF/um, ohm/um), a file or a shipped name", take_wires},
    {"delay-model", "NAME", "ceff (default) or lumped", take_model},
    {"pin-cap", "WHICH", "nominal (default), range-min or range-max", take_pin_cap},
    {"no-cppr", NULL, "keep the clock reconvergence pessimism", take_no_cppr},
    {"strict", NULL, "an ignored constraint or an unmatched name is an error", take_strict},
    {"threads", "N", "default: WEFT_THREADS, OMP_NUM_THREADS, the cgroup's quota", cli_take_threads},
    {"quiet", NULL, "errors only", take_quiet},
    {NULL, NULL, NULL, NULL}};

static bool take_truth(void *into, const char *v) { return push(&((cli_inputs_t *)into)->truth_spef, &((cli_inputs_t *)into)->n_truth_spef, v); }
const cli_option_t cli_truth_options[] = {{"truth-spef", "FILE", "routed parasitics to compare with, repeated", take_truth}, {NULL, NULL, NULL, NULL}};

const cli_option_t cli_sdf_options[] = {{"sdf", "FILE", "delays and checks to take instead of calculated ones, repeated; behind --corner NAME: of that corner", take_sdf}, {NULL, NULL, NULL, NULL}};

/* ---- documents: read side by side, linked one after the other ---------------------------------------------------- */
enum { DOC_LIBRARY = 0, DOC_VERILOG, DOC_SPEF, DOC_SDF, DOC_LEF, DOC_DEF };
enum { MOST_HELPERS = 8 };
typedef struct doc { int kind; const char *path; void *read; weft_diag_t *diag; weft_status_t status; atomic_bool done; } doc_t;
typedef struct docs { const cli_inputs_t *in; doc_t *doc; int32_t n, n_helpers; atomic_int next; pthread_t helper[MOST_HELPERS]; } docs_t;

static void read_doc(const cli_inputs_t *in, doc_t *d)
{
    switch (d->kind) {
    case DOC_LIBRARY: d->status = weft_library_read((weft_library_t **)&d->read, in->lib, in->n_libs, d->diag); break;
    case DOC_VERILOG: d->status = weft_verilog_read((weft_verilog_t **)&d->read, d->path, d->diag); break;
    case DOC_SPEF: d->status = weft_spef_read((weft_spef_t **)&d->read, d->path, d->diag); break;
    case DOC_SDF: d->status = weft_sdf_read((weft_sdf_t **)&d->read, d->path, d->diag); break;
    case DOC_LEF: d->status = weft_lef_read((weft_lef_t **)&d->read, d->path, d->diag); break;
    default: d->status = weft_def_read((weft_def_t **)&d->read, d->path, d->diag); break;
    }
    atomic_store(&d->done, true);
}

static void *read_docs(void *argument)
{
    docs_t *l = argument;
    for (int i; (i = atomic_fetch_add(&l->next, 1)) < l->n;) read_doc(l->in, &l->doc[i]);
    return NULL;
}

static void doc_free(doc_t *d)
{
    switch (d->kind) {
    case DOC_LIBRARY: weft_library_free(d->read); break;
    case DOC_VERILOG: weft_verilog_free(d->read); break;
    case DOC_SPEF: weft_spef_free(d->read); break;
    case DOC_SDF: weft_sdf_free(d->read); break;
    case DOC_LEF: weft_lef_free(d->read); break;
    default: weft_def_free(d->read); break;
    }
    d->read = NULL;
}

static void docs_free(docs_t *l)
{
    for (int32_t i = 0; i < l->n; i++) {
        doc_free(&l->doc[i]);
        weft_diag_free(l->doc[i].diag);
    }
    free(l->doc);
    *l = (docs_t){0};
}

static void add_docs(docs_t *l, int kind, const char *const *path, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        doc_t *d = &l->doc[l->n++]; /* zero from calloc */
        d->kind = kind;
        d->path = path ? path[i] : NULL;
        d->diag = weft_diag_new();
        d->status = WEFT_EIO;
    }
}

/* All at once, on as many threads as were asked for. Returns when none is left to take: helpers may still be at work on theirs. */
static void docs_read(docs_t *l)
{
    int32_t most = weft_threads() - 1;
    for (int32_t i = 0; i < l->n; i++)
        if (!l->doc[i].diag) return; /* docs_end tells */
    while (l->n_helpers < most && l->n_helpers < MOST_HELPERS && l->n_helpers < l->n - 1 && !pthread_create(&l->helper[l->n_helpers], NULL, read_docs, l)) l->n_helpers++;
    read_docs(l);
}

/* Messages in the order of the list. The first failure is the answer. */
static weft_status_t docs_end(docs_t *l, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < l->n_helpers; i++) pthread_join(l->helper[i], NULL);
    l->n_helpers = 0;
    for (int32_t i = 0; i < l->n; i++) {
        if (!l->doc[i].diag) return WEFT_ENOMEM;
        weft_diag_append(diag, l->doc[i].diag);
        if (status == WEFT_OK) status = l->doc[i].status;
    }
    return status;
}

/* Every document of the kind is read, and good. */
static bool docs_ready(docs_t *l, int kind)
{
    for (int32_t i = 0; i < l->n; i++)
        if (l->doc[i].kind == kind && !(atomic_load(&l->doc[i].done) && l->doc[i].status == WEFT_OK)) return false;
    return true;
}

/* The documents of a kind as an array of pointers; free it. */
static void **of_kind(const docs_t *l, int kind, int32_t *n)
{
    void **list = calloc((size_t)l->n + 1, sizeof *list);
    *n = 0;
    for (int32_t i = 0; i < l->n && list; i++)
        if (l->doc[i].kind == kind) list[(*n)++] = l->doc[i].read;
    return list;
}

static weft_status_t link_netlist(const cli_inputs_t *in, const docs_t *l, cli_loaded_t *out, weft_diag_t *diag)
{
    int32_t n;
    void **docs = of_kind(l, DOC_VERILOG, &n);
    weft_status_t status = docs ? weft_design_link(&out->design, out->library, (const weft_verilog_t *const *)docs, n, in->top, diag) : WEFT_ENOMEM;
    free(docs);
    return status;
}

static weft_status_t link_spef(const docs_t *l, bool strict, weft_parasitics_t **to, cli_loaded_t *out, weft_diag_t *diag)
{
    int32_t n;
    void **docs = of_kind(l, DOC_SPEF, &n);
    weft_status_t status = !docs ? WEFT_ENOMEM : n ? weft_parasitics_link(to, out->design, (const weft_spef_t *const *)docs, n, &out->coverage, diag) : WEFT_OK;
    free(docs);
    bool missing = out->coverage.n_matched < out->coverage.n_nets || out->coverage.n_pins_matched < out->coverage.n_pins;
    return status == WEFT_OK && strict && n && missing ? WEFT_EINPUT : status;
}

static weft_status_t link_sdf(const cli_inputs_t *in, const docs_t *l, cli_loaded_t *out, weft_diag_t *diag)
{
    weft_sdf_source_t *source = calloc((size_t)in->n_sdf + 1, sizeof *source);
    weft_sdf_coverage_t coverage = {0};
    int32_t n = 0;
    for (int32_t i = 0; i < l->n && source; i++)
        if (l->doc[i].kind == DOC_SDF) source[n] = (weft_sdf_source_t){l->doc[i].read, in->sdf[n].corner}, n++;
    weft_status_t status = !source ? WEFT_ENOMEM : n ? weft_given_delays_link(&out->given, out->design, source, n, &coverage, diag) : WEFT_OK;
    free(source);
    return status == WEFT_OK && in->strict && coverage.n_matched < coverage.n_entries ? WEFT_EINPUT : status;
}

weft_status_t cli_load_truth(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag)
{
    docs_t l = {.in = in, .doc = calloc((size_t)in->n_truth_spef + 1, sizeof *l.doc)};
    if (!l.doc) return WEFT_ENOMEM;
    add_docs(&l, DOC_SPEF, in->truth_spef, in->n_truth_spef);
    docs_read(&l);
    weft_status_t status = docs_end(&l, diag);
    if (status == WEFT_OK) status = link_spef(&l, in->strict, &out->truth, out, diag);
    docs_free(&l);
    return status;
}

/* The LEFs go from the list to `out`, which keeps them. */
static weft_status_t link_placement(docs_t *l, cli_loaded_t *out, weft_diag_t *diag)
{
    int32_t n, n_lefs;
    void **defs = of_kind(l, DOC_DEF, &n);
    weft_status_t status = defs ? WEFT_OK : WEFT_ENOMEM;
    if (!out->borrowed) {
        out->lef = (weft_lef_t **)of_kind(l, DOC_LEF, &n_lefs);
        if (!out->lef) status = WEFT_ENOMEM;
        else out->n_lefs = n_lefs;
        for (int32_t i = 0; i < l->n && out->lef; i++)
            if (l->doc[i].kind == DOC_LEF) l->doc[i].read = NULL;
    }
    if (status == WEFT_OK && n) status = weft_design_place(out->design, (const weft_lef_t *const *)out->lef, out->n_lefs, (const weft_def_t *const *)defs, n, &out->placement, diag);
    free(defs);
    return status;
}

/* PORT:NS; a port's name may itself hold a colon. */
static weft_status_t add_clock(const char *text, cli_loaded_t *out, weft_diag_t *diag)
{
    const char *colon = strrchr(text, ':');
    char port[4096], *end = NULL;
    double period = colon ? strtod(colon + 1, &end) : 0.0;
    if (!colon || end == colon + 1 || *end || colon - text >= (long)sizeof port) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--clock takes PORT:NS, not %s", text);
        return WEFT_EUSAGE;
    }
    memcpy(port, text, (size_t)(colon - text));
    port[colon - text] = 0;
    return weft_constraints_add_clock(out->constraints, out->design, port, period * 1e-9, diag);
}

/* ---- constraints: read by a thread of their own while wires and places are linked -------------------------------------------- */
typedef struct reading { const cli_inputs_t *in; cli_loaded_t *out; weft_diag_t *diag; weft_status_t status; pthread_t thread; bool apart; } reading_t;

static void *read_constraints(void *argument)
{
    reading_t *r = argument;
    const cli_inputs_t *in = r->in;
    if (!r->diag || !(r->out->constraints = weft_constraints_new())) r->status = WEFT_ENOMEM;
    else r->status = weft_constraints_read(r->out->constraints, r->out->design, in->sdc, in->n_sdc, in->strict, NULL, r->diag);
    for (int32_t i = 0; i < in->n_clocks && r->status == WEFT_OK; i++) r->status = add_clock(in->clock[i], r->out, r->diag);
    return NULL;
}

/* Reading forks. The C library's locks are handed on to a child; those of the address sanitizer are not, and a child that finds one held waits for ever (1 in 80 runs). */
#ifdef __SANITIZE_ADDRESS__
static const bool may_read_apart = false;
#else
static const bool may_read_apart = true;
#endif

static void constraints_begin(reading_t *r, const cli_inputs_t *in, cli_loaded_t *out)
{
    *r = (reading_t){.in = in, .out = out, .diag = weft_diag_new()};
    r->apart = may_read_apart && weft_threads() > 1 && !pthread_create(&r->thread, NULL, read_constraints, r);
}

/* status: of what went on beside it; where that failed, nothing is said of constraints. */
static weft_status_t constraints_end(reading_t *r, weft_status_t status, weft_diag_t *diag)
{
    if (r->apart) pthread_join(r->thread, NULL);
    else if (status == WEFT_OK) read_constraints(r);
    if (status == WEFT_OK && r->diag) weft_diag_append(diag, r->diag);
    weft_diag_free(r->diag);
    return status == WEFT_OK ? r->status : status;
}

static weft_status_t link_docs(const cli_inputs_t *in, docs_t *l, cli_loaded_t *out, weft_diag_t *diag)
{
    reading_t constraints;
    weft_diag_t *early = weft_diag_new();
    bool linked = false;
    docs_read(l);
    weft_status_t status = early ? WEFT_OK : WEFT_ENOMEM;
    if (!out->library && l->n && docs_ready(l, DOC_LIBRARY)) {
        out->library = l->doc[0].read;
        l->doc[0].read = NULL;
    }
    if (status == WEFT_OK && out->library && docs_ready(l, DOC_VERILOG)) { /* while others are still being read */
        status = link_netlist(in, l, out, early);
        linked = true;
    }
    weft_status_t read = docs_end(l, diag);
    if (read != WEFT_OK) status = read;
    else if (linked) weft_diag_append(diag, early);
    weft_diag_free(early);
    if (status == WEFT_OK && !out->library) {
        out->library = l->doc[0].read;
        l->doc[0].read = NULL;
    }
    if (status == WEFT_OK && !linked) status = link_netlist(in, l, out, diag);
    if (status != WEFT_OK) return status;
    constraints_begin(&constraints, in, out);
    status = link_placement(l, out, diag);
    if (status == WEFT_OK) status = link_spef(l, in->strict, &out->parasitics, out, diag);
    if (status == WEFT_OK) status = link_sdf(in, l, out, diag);
    return constraints_end(&constraints, status, diag);
}

weft_status_t cli_load(const cli_inputs_t *in, const cli_loaded_t *lender, cli_loaded_t *out, weft_diag_t *diag)
{
    *out = (cli_loaded_t){0};
    if (lender) *out = (cli_loaded_t){.library = lender->library, .lef = lender->lef, .n_lefs = lender->n_lefs, .borrowed = true};
    if (!in->n_libs || !in->n_verilog) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--lib and --verilog are needed");
        return WEFT_EUSAGE;
    }
    docs_t l = {.in = in, .doc = calloc((size_t)in->n_verilog + (size_t)in->n_spef + (size_t)in->n_sdf + (size_t)in->n_lefs + (size_t)in->n_defs + 2, sizeof *l.doc)};
    if (!l.doc) return WEFT_ENOMEM;
    if (!out->library) add_docs(&l, DOC_LIBRARY, NULL, 1);
    add_docs(&l, DOC_VERILOG, in->verilog, in->n_verilog);
    add_docs(&l, DOC_SPEF, in->spef, in->n_spef);
    for (int32_t i = 0; i < in->n_sdf; i++) add_docs(&l, DOC_SDF, &in->sdf[i].path, 1);
    if (!out->borrowed) add_docs(&l, DOC_LEF, in->lef, in->n_lefs);
    add_docs(&l, DOC_DEF, in->def, in->n_defs);
    weft_status_t status = link_docs(in, &l, out, diag);
    docs_free(&l);
    if (status == WEFT_OK && !out->constraints->n_clocks) weft_diag_add(diag, WEFT_WARNING, "no-clock", NULL, 0, 0, "no clock is defined: give --sdc, or --clock PORT:NS for a first look");
    return status;
}

void cli_unload(cli_loaded_t *l)
{
    weft_parasitics_free(l->parasitics);
    weft_parasitics_free(l->truth);
    weft_given_delays_free(l->given);
    for (int32_t i = 0; i < l->n_lefs && !l->borrowed; i++) weft_lef_free(l->lef[i]);
    if (!l->borrowed) free(l->lef);
    weft_constraints_free(l->constraints);
    weft_design_free(l->design);
    if (!l->borrowed) weft_library_free(l->library);
}

void cli_inputs_free(cli_inputs_t *in)
{
    free(in->lib);
    free(in->sdf);
    free(in->verilog);
    free(in->sdc);
    free(in->spef);
    free(in->lef);
    free(in->def);
    free(in->clock);
    free(in->truth_spef);
}
