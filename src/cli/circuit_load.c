/* cli/circuit_load.c: the designs of a set one after the other: from folders, or from sample files (weft/net_samples.h), which hold all that a fit sees. */
#include "cli/circuit_fit.h"

#include <stdlib.h>
#include <string.h>

bool cli_fit_leaves_out(const cli_fit_t *o, const cli_data_design_t *d)
{
    for (int32_t i = 0; i < o->n_holdouts; i++)
        if (!strcmp(o->holdout[i], d->name) || !strcmp(o->holdout[i], d->family)) return true;
    for (int32_t i = 0; i < o->n_excluded; i++)
        if (!strcmp(o->exclude[i], d->name)) return true;
    return false;
}

/* The library of a design's folder stays for the designs after it. */
static weft_status_t lend(cli_lender_t *m, const cli_inputs_t *in, const cli_data_design_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    if (m->of && !strcmp(m->of, d->parent)) return WEFT_OK;
    cli_unload(&m->loaded);
    m->loaded = (cli_loaded_t){0};
    m->of = d->parent;
    status = weft_library_read(&m->loaded.library, in->n_libs ? in->lib : d->in.lib, in->n_libs ? in->n_libs : d->in.n_libs, diag);
    const char *const *lef = in->n_lefs ? in->lef : d->in.lef;
    int32_t n = in->n_lefs ? in->n_lefs : d->in.n_lefs;
    m->loaded.lef = calloc((size_t)n + 1, sizeof *m->loaded.lef);
    if (!m->loaded.lef) return WEFT_ENOMEM;
    for (int32_t i = 0; i < n && status == WEFT_OK; i++) {
        status = weft_lef_read(&m->loaded.lef[i], lef[i], diag);
        if (status == WEFT_OK) m->loaded.n_lefs = i + 1;
    }
    return status;
}

/* A design of a sample file is timed from its folder, which must still be there. */
static weft_status_t folder_there(const cli_data_design_t *d, weft_diag_t *diag)
{
    if (d->in.n_verilog) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "samples-folder", d->folder, 0, 0, "%s is timed from this folder, where it is no more (weft train timing --folds 0 fits without)", d->name);
    return WEFT_EINPUT;
}

weft_status_t cli_fit_load(cli_lender_t *lender, const cli_inputs_t *of, const cli_data_design_t *d, cli_loaded_t *l, weft_diag_t *diag)
{
    cli_inputs_t in = d->in;
    in.top = of->top;
    *l = (cli_loaded_t){0};
    weft_status_t status = folder_there(d, diag);
    if (status == WEFT_OK) status = lend(lender, of, d, diag);
    if (!in.n_libs) in.n_libs = of->n_libs;
    if (status == WEFT_OK) status = cli_load(&in, &lender->loaded, l, diag);
    if (status == WEFT_OK) status = cli_load_truth(&in, l, diag);
    if (status == WEFT_OK && d->sample && (l->library->hash != d->sample->library_hash || l->design->n_nets != d->sample->n_all)) {
        weft_diag_add(diag, WEFT_ERROR, "samples-stale", d->folder, 0, 0, "%s is not what the sample file was built from: another %s", d->name, l->library->hash != d->sample->library_hash ? "library" : "netlist");
        status = WEFT_EINPUT;
    }
    return status;
}

weft_status_t cli_fit_add(weft_calibration_t *cal, cli_lender_t *lender, const cli_inputs_t *in, const cli_data_design_t *d, bool timed, weft_diag_t *diag)
{
    cli_loaded_t l = {0};
    if (d->sample) {
        weft_status_t status = timed ? folder_there(d, diag) : WEFT_OK;
        return status == WEFT_OK ? weft_calibration_add_sample(cal, d->samples, d->at, diag) : status;
    }
    weft_status_t status = cli_fit_load(lender, in, d, &l, diag);
    if (status == WEFT_OK) status = weft_calibration_add(cal, l.design, l.truth, d->name, d->family, diag);
    cli_unload(&l);
    return status;
}

weft_status_t cli_fit_gather(weft_calibration_t *cal, cli_lender_t *lender, const cli_inputs_t *in, cli_fit_t *o, int32_t **index, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < o->n_folders && status == WEFT_OK; i++) status = cli_data_add(&o->data, o->folder[i], diag);
    bool timed = o->n_folds > 1 && o->data.n > 1;
    *index = calloc((size_t)o->data.n + 1, sizeof **index);
    if (!*index) return WEFT_ENOMEM;
    for (int32_t i = 0; i < o->data.n && status == WEFT_OK; i++) {
        const cli_data_design_t *d = &o->data.design[i];
        if (cli_fit_leaves_out(o, d)) continue;
        weft_diag_t *own = weft_diag_new(); /* told only where the design is left out */
        status = cli_fit_add(cal, lender, in, d, timed, own);
        if (status == WEFT_OK) (*index)[weft_calibration_n_designs(cal) - 1] = i;
        else weft_diag_append(diag, own);
        if (status == WEFT_EINPUT && !d->sample) {
            weft_diag_add(diag, WEFT_WARNING, "calibrate-left-out", d->folder, 0, 0, "this design could not be used and is left out");
            status = WEFT_OK;
        }
        weft_diag_free(own);
    }
    return status;
}
