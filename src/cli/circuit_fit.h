/* cli/circuit_fit.h: wire models from folders of routed designs, as weft calibrate and weft train timing fit them, with cross-validation by family. */
#ifndef WEFT_CLI_CIRCUIT_FIT_H
#define WEFT_CLI_CIRCUIT_FIT_H
#include "cli/cli.h"
#include "weft/net_model.h"

typedef struct cli_fit {
    const char *out, *title, *fold_models, *command;
    cli_data_t data;
    const char **folder, **exclude, **holdout;
    int32_t n_folders, n_excluded, n_holdouts, n_folds;
    enum { CLI_FIT_TREES, CLI_FIT_HYBRID, CLI_FIT_MLP } kind; /* trees; a net beside them; a net alone, whose nets know nothing of each other */
    weft_net_options_t net;
} cli_fit_t;
extern const cli_option_t cli_set_options[], cli_fit_options[]; /* into cli_fit_t: which designs and where to; folds */
/* The designs of a set one after the other, their library and LEFs read once per folder. */
typedef struct cli_lender { cli_loaded_t loaded; const char *of; } cli_lender_t;
weft_status_t cli_fit_load(cli_lender_t *lender, const cli_inputs_t *in, const cli_data_design_t *design, cli_loaded_t *out, weft_diag_t *diag); /* with the truth */
/* Adds a design to the calibration; timed: its slacks will be asked for, so that the folder of a sample must be there. */
weft_status_t cli_fit_add(weft_calibration_t *cal, cli_lender_t *lender, const cli_inputs_t *in, const cli_data_design_t *design, bool timed, weft_diag_t *diag);
/* Opens o->folder and adds every design that is not left out; (*index)[design of the calibration]: its place in o->data (free). Where a design of a folder cannot
 * be used it is told and left out. */
weft_status_t cli_fit_gather(weft_calibration_t *cal, cli_lender_t *lender, const cli_inputs_t *in, cli_fit_t *o, int32_t **index, weft_diag_t *diag);
bool cli_fit_leaves_out(const cli_fit_t *fit, const cli_data_design_t *design); /* by --exclude or --holdout */
weft_status_t cli_fit_circuits(const cli_inputs_t *in, cli_fit_t *fit, weft_diag_t *diag);
/* A known model (in->model, else the one that suits the library) moved to the designs of --data, or to the one of the usual options and --truth-spef. */
weft_status_t cli_refit_circuits(const cli_inputs_t *in, cli_fit_t *fit, weft_diag_t *diag);
void cli_fit_free(cli_fit_t *fit);
#endif
