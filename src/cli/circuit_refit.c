/* cli/circuit_refit.c: a known wire model moved to one flow: weft calibrate with one design, weft finetune timing. */
#include "cli/circuit_fit.h"
#include "cli/circuit_verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct refit { weft_calibration_t *cal; cli_lender_t lender; cli_loaded_t one; weft_library_t *library; } refit_t; /* library: names alone */

/* The design of the usual options. */
static weft_status_t gather_one(refit_t *r, const cli_inputs_t *in, const cli_fit_t *o, weft_diag_t *diag)
{
    weft_status_t status = cli_load(in, NULL, &r->one, diag);
    if (status == WEFT_OK && (!in->n_truth_spef || !in->n_defs)) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "%s needs --data, or one design with --lef, --def and --truth-spef", o->command);
        status = WEFT_EUSAGE;
    }
    if (status == WEFT_OK) status = cli_load_truth(in, &r->one, diag);
    if (status == WEFT_OK) status = weft_calibration_add(r->cal, r->one.design, r->one.truth, "design", "design", diag);
    return status;
}

static weft_status_t gather_many(refit_t *r, const cli_inputs_t *in, cli_fit_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < o->n_folders && status == WEFT_OK; i++) status = cli_data_add(&o->data, o->folder[i], diag);
    for (int32_t i = 0; i < o->data.n && status == WEFT_OK; i++) {
        const cli_data_design_t *d = &o->data.design[i];
        if (!cli_fit_leaves_out(o, d)) status = cli_fit_add(r->cal, &r->lender, in, d, false, diag);
    }
    if (status == WEFT_OK && !weft_calibration_n_designs(r->cal)) {
        weft_diag_add(diag, WEFT_ERROR, "calibrate-few", NULL, 0, 0, "no design is left to learn from");
        status = WEFT_EINPUT;
    }
    return status;
}

weft_status_t cli_refit_circuits(const cli_inputs_t *in, cli_fit_t *o, weft_diag_t *diag)
{
    refit_t r = {.cal = weft_calibration_new()};
    weft_wire_model_t *base = NULL, *model = NULL;
    weft_fit_report_t fit;
    double a = 0.0, b = 0.0;
    char reason[4400] = "";
    weft_status_t status = !r.cal ? WEFT_ENOMEM : o->n_folders ? gather_many(&r, in, o, diag) : gather_one(&r, in, o, diag);
    if (status == WEFT_OK) status = weft_calibration_library(&r.library, r.cal);
    if (status == WEFT_OK) status = in->model ? weft_wire_model_new(&base, in->model, NULL, 0, diag) : weft_wire_model_choose(&base, r.library, reason, sizeof reason, diag);
    if (status == WEFT_OK && !base) status = weft_calibration_fit(r.cal, NULL, &model, &fit, diag); /* nothing knows the library */
    else if (status == WEFT_OK) {
        status = weft_calibration_offsets(r.cal, base, 0, &a, &b, diag);
        if (status == WEFT_OK) status = weft_calibration_refit(r.cal, base, &model, &fit, diag);
    }
    if (status == WEFT_OK) {
        weft_model_story_t story = {.library = r.library, .title = o->title ? o->title : "wire model", .trained_on = base ? weft_wire_model_name(base) : "one flow", .command = o->command, .fit = &fit};
        status = weft_wire_model_write(model, &story, o->out, diag);
    }
    if (status == WEFT_OK && !in->quiet)
        printf("%s: %s, %lld nets of %d design%s; C %+.1f %%, R %+.1f %% against it%s\n", o->out, base ? weft_wire_model_name(base) : "fitted from scratch", (long long)fit.n_nets, weft_calibration_n_designs(r.cal),
               weft_calibration_n_designs(r.cal) == 1 ? "" : "s", 100 * expm1(a), 100 * expm1(b), weft_calibration_n_designs(r.cal) == 1 ? "" : " (first design)");
    weft_wire_model_free(base);
    weft_wire_model_free(model);
    weft_calibration_free(r.cal);
    weft_library_free(r.library);
    cli_unload(&r.one);
    cli_unload(&r.lender.loaded);
    return status;
}

int cli_finetune_circuits(const cli_verb_t *verb, int argc, char **argv)
{
    cli_inputs_t in = {0};
    cli_fit_t fit = {.command = "weft finetune timing"};
    static const cli_option_t *const tables[] = {cli_set_options, cli_input_options, cli_truth_options, NULL};
    void *const into[] = {&fit, &in, &in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = WEFT_EUSAGE;
        if (!fit.out) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "finetune timing needs --out FILE, and --data DIR or one routed design");
        else status = cli_refit_circuits(&in, &fit, diag);
        code = cli_end(status, diag, in.quiet, "weft finetune timing");
    }
    cli_fit_free(&fit);
    cli_inputs_free(&in);
    return code;
}
