/* cli/cmd_calibrate.c: weft calibrate: a wire model from many routed designs, or a known model's offsets from one. */
#include "cli/circuit_fit.h"


int cmd_calibrate(int argc, char **argv)
{
    cli_inputs_t in = {0};
    cli_fit_t o = {.n_folds = 5, .command = "weft calibrate --data"};
    const cli_verb_t *verb = cli_verb("calibrate");
    static const cli_option_t *const tables[] = {cli_set_options, cli_fit_options, cli_input_options, cli_truth_options, NULL};
    void *const into[] = {&o, &o, &in, &in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = WEFT_OK;
        if (!o.out) {
            weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "calibrate needs --out");
            status = WEFT_EUSAGE;
        } else status = o.n_folders ? cli_fit_circuits(&in, &o, diag) : cli_refit_circuits(&in, &o, diag);
        code = cli_end(status, diag, in.quiet, "weft calibrate");
    }
    cli_fit_free(&o);
    cli_inputs_free(&in);
    return code;
}
