/* cli/circuit_train.c: weft train timing and weft finetune timing on routed circuits of one's own (without --dataset). */
#include "cli/circuit_fit.h"
#include "cli/circuit_verbs.h"
#include "cli/interrupt.h"
#include "cli/training.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct args { const char *model; cli_fit_t *fit; bool quiet; } args_t;

static bool take_model(void *a, const char *v) { return (((args_t *)a)->model = v) != NULL; }
static bool take_epochs(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("epochs", v, 1, 1000000, &n)) return false;
    ((args_t *)a)->fit->net.epochs = (int32_t)n;
    return true;
}
static bool take_lr(void *a, const char *v) { return cli_number("lr", v, 1e-9, 1, &((args_t *)a)->fit->net.lr); }
static bool take_dropout(void *a, const char *v) { return cli_number("dropout", v, 0, 0.9, &((args_t *)a)->fit->net.dropout); }
static bool take_members(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("members", v, 1, 100, &n)) return false;
    ((args_t *)a)->fit->net.members = (int32_t)n;
    return true;
}
static bool take_seed(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("seed", v, 0, INT64_MAX, &n)) return false;
    ((args_t *)a)->fit->net.seed = (uint64_t)n;
    return true;
}
static const cli_option_t train_options[] = {
    {"model", "M", "hybrid (default): message passing over the nets beside boosted trees; trees: the trees alone; mlp: a perceptron per net, to compare with", take_model},
    {"members", "N", "nets of hybrid or mlp, fitted from seeds of their own, that answer with their mean (default 4)", take_members},
    {"epochs", "N", "of the net (default 60)", take_epochs},
    {"lr", "R", "its rate at the start, run down by cosine (default 0.003)", take_lr},
    {"dropout", "P", "default 0.1", take_dropout},
    {"seed", "N", "default 0", take_seed},
    {NULL, NULL, NULL, NULL}};

static bool progress(void *context, const char *stage, double share)
{
    const args_t *a = context;
    (void)stage;
    if (!a->quiet && isatty(STDERR_FILENO)) fprintf(stderr, "\rnet: %3.0f %%%s", 100.0 * share, share >= 1.0 ? "\n" : "");
    return !cli_interrupted();
}

int cli_train_circuits(const cli_verb_t *verb, int argc, char **argv)
{
    cli_inputs_t in = {0};
    cli_fit_t fit = {.n_folds = 5, .net.dropout = -1.0};
    args_t a = {.model = "hybrid", .fit = &fit};
    static const cli_option_t *const tables[] = {train_options, cli_set_options, cli_fit_options, cli_input_options, NULL};
    void *const into[] = {&a, &fit, &fit, &in};
    char command[1024];
    cli_command_line(command, sizeof command, "weft train timing", argc, argv);
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = WEFT_EUSAGE;
        a.quiet = in.quiet;
        fit.command = command;
        fit.kind = !strcmp(a.model, "hybrid") ? CLI_FIT_HYBRID : !strcmp(a.model, "mlp") ? CLI_FIT_MLP : CLI_FIT_TREES;
        fit.net.kind = fit.kind == CLI_FIT_MLP ? WEFT_NET_MLP : WEFT_NET_HYBRID;
        fit.net.progress = progress;
        fit.net.progress_context = &a;
        if (!fit.out || !fit.n_folders) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "train timing needs --data DIR and --out FILE (or --dataset time21: weft train timing --dataset time21 --help)");
        else if (fit.kind == CLI_FIT_TREES && strcmp(a.model, "trees")) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--model %s: hybrid, trees or mlp on routed circuits (timinggcn and preroutgnn: with --dataset time21)", a.model);
        else {
            cli_interrupt_watch();
            status = cli_fit_circuits(&in, &fit, diag);
        }
        code = cli_end(status, diag, in.quiet, "weft train timing");
    }
    cli_fit_free(&fit);
    cli_inputs_free(&in);
    return code;
}
