/* cli/time21_train.c: weft train timing and weft pretrain timing on the 21-design set. */
#include "cli/time21_run.h"
#include "cli/training.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct train_args {
    cli_time21_t validation;  /* its design list alone */
    const char *model, *out, *checkpoint, *pretrained, *start, *log;
    double epochs, lr, seed, dropout, patience, budget, draws, average, every;
    bool quiet, resume, cosine, padded, freeze, pretrain;
    char beside[4096];        /* the checkpoint where none is named */
    FILE *curve;
} train_args_t;

static bool take_model(void *a, const char *v) { return (((train_args_t *)a)->model = v) != NULL; }
static bool take_out(void *a, const char *v) { return (((train_args_t *)a)->out = v) != NULL; }
static bool take_checkpoint(void *a, const char *v) { return (((train_args_t *)a)->checkpoint = v) != NULL; }
static bool take_pretrained(void *a, const char *v) { return (((train_args_t *)a)->pretrained = v) != NULL; }
static bool take_start(void *a, const char *v) { return (((train_args_t *)a)->start = v) != NULL; }
static bool take_log(void *a, const char *v) { return (((train_args_t *)a)->log = v) != NULL; }
static bool take_epochs(void *a, const char *v) { return cli_number("epochs", v, 1, 1e6, &((train_args_t *)a)->epochs); }
static bool take_patience(void *a, const char *v) { return cli_number("patience", v, 1, 1e6, &((train_args_t *)a)->patience); }
static bool take_lr(void *a, const char *v) { return cli_number("lr", v, 1e-9, 1, &((train_args_t *)a)->lr); }
static bool take_average(void *a, const char *v) { return cli_number("average", v, 0, 0.999999, &((train_args_t *)a)->average); }
static bool take_budget(void *a, const char *v) { return cli_number("budget", v, 1, 1e9, &((train_args_t *)a)->budget); }
static bool take_draws(void *a, const char *v) { return cli_number("draws", v, 1, 1e6, &((train_args_t *)a)->draws); }
static bool take_every(void *a, const char *v) { return cli_number("checkpoint-every", v, 1, 1e6, &((train_args_t *)a)->every); }
static bool take_dropout(void *a, const char *v) { return cli_number("dropout", v, 0, 0.9, &((train_args_t *)a)->dropout); }
static bool take_seed(void *a, const char *v) { return cli_number("seed", v, 0, 4294967295.0, &((train_args_t *)a)->seed); }
static bool take_quiet(void *a, const char *v) { return (void)v, ((train_args_t *)a)->quiet = true; }
static bool take_resume(void *a, const char *v) { return (void)v, ((train_args_t *)a)->resume = true; }
static bool take_cosine(void *a, const char *v) { return (void)v, ((train_args_t *)a)->cosine = true; }
static bool take_padded(void *a, const char *v) { return (void)v, ((train_args_t *)a)->padded = true; }
static bool take_freeze(void *a, const char *v) { return (void)v, ((train_args_t *)a)->freeze = true; }
static bool take_validation(void *a, const char *v) { return cli_time21_names(&((train_args_t *)a)->validation, v); }

#define SHARED \
    {"out", "FILE", "the weights, safetensors", take_out}, \
    {"validation", "A[,B..]", "designs that are left out of training; the epoch counts in which they do best", take_validation}, \
    {"patience", "N", "with --validation: stop after so many epochs without a better value (default 20)", take_patience}, \
    {"cosine", NULL, "the rate is run down to 0 over --epochs (always so for the hybrid)", take_cosine}, \
    {"budget", "N", "nodes of a block of levels, each a step of Adam (default 4000)", take_budget}, \
    {"draws", "N", "blocks of every design in an epoch (default 2)", take_draws}, \
    {"average", "D", "decay of averaged parameters, per step; 0: none (default 0.998)", take_average}, \
    {"checkpoint", "FILE", "the state of the training, for --resume; removed at the end (default: the file of --out with .checkpoint behind)", take_checkpoint}, \
    {"checkpoint-every", "S", "seconds (default 60); it is also written on Ctrl-C", take_every}, \
    {"resume", NULL, "go on from the checkpoint where there is one, to the same bits as a training that was never stopped", take_resume}, \
    {"log", "FILE", "a line per epoch: epoch, loss, validation value, seconds", take_log}, \
    {"seed", "N", "default 0", take_seed}, \
    {"threads", "N", "threads; results do not depend on it", cli_take_threads}, \
    {"quiet", NULL, "no line per epoch", take_quiet}, \
    {NULL, NULL, NULL, NULL}
static const cli_option_t train_options[] = {
    {"model", "M", "hybrid, timinggcn or preroutgnn", take_model},
    {"epochs", "N", "default 200 (hybrid); at most (default 400)", take_epochs},
    {"lr", "R", "the rate (default 3e-3, run down by cosine: hybrid; 1e-3)", take_lr},
    {"dropout", "P", "of the hybrid (default 0.1)", take_dropout},
    {"start", "FILE", "timinggcn, preroutgnn: begin with these weights (default: new ones)", take_start},
    {"pretrained", "FILE", "preroutgnn: the auto-encoder of weft pretrain timing (default: an untrained encoder)", take_pretrained},
    {"freeze-encoder", NULL, "preroutgnn: its latent values, of the whole design, stay as they are (default: it is trained on, on blocks)", take_freeze},
    {"padded", NULL, "published windows: 4 levels around each block (default: blocks with what they read from before)", take_padded},
    SHARED};
static const cli_option_t pretrain_options[] = {{"epochs", "N", "at most (default 100)", take_epochs}, {"lr", "R", "the rate (default 5e-4)", take_lr}, SHARED};

static volatile sig_atomic_t interrupted;
static void on_signal(int s) { (void)s, interrupted = 1; }
static bool net_epoch(void *context, int32_t epoch, double loss, double value, double seconds)
{
    const train_args_t *a = context;
    if (a->curve) {
        fprintf(a->curve, "%d %.6f %.6f %.3f\n", epoch, loss, value, seconds);
        fflush(a->curve);
    }
    if (!a->quiet) fprintf(stderr, "epoch %d: loss %.6f, validation %.6f, %.0f s\n", epoch, loss, value, seconds);
    return !interrupted;
}
static bool hybrid_epoch(void *context, const char *stage, double fraction)
{
    (void)stage;
    if (!((const train_args_t *)context)->quiet && isatty(2)) fprintf(stderr, "\r%3.0f %%%s", 100 * fraction, fraction >= 1.0 ? "\n" : "");
    return !interrupted;
}

/* Validation designs are not trained on. */
static void leave_out(cli_time21_t *t, const cli_time21_t *v)
{
    for (int32_t i = 0; i < v->n_designs && t->n_holdouts < CLI_MOST_DESIGNS; i++) t->holdout[t->n_holdouts++] = v->design[i];
}

static weft_status_t fit(const train_args_t *a, const weft_time21_training_t *how, const weft_time21_t *const *design, int32_t n, const char *command, weft_diag_t *diag)
{
    weft_time21_model_t *model = NULL;
    weft_level_coder_t *coder = NULL;
    int64_t parameters = 0;
    weft_status_t status;
    if (a->pretrain) {
        status = weft_level_coder_train(&coder, design, n, &how->net, diag);
        if (status == WEFT_OK) status = weft_time21_coder_write(coder, design, n, command, a->out, diag);
        if (status == WEFT_OK) parameters = weft_level_coder_n_parameters(coder, NULL);
    } else {
        status = weft_time21_model_train(&model, a->model, design, n, how, diag);
        if (status == WEFT_OK) status = weft_time21_model_write(model, a->out, diag);
        if (status == WEFT_OK) parameters = weft_time21_model_n_parameters(model);
    }
    if (status == WEFT_OK && !a->quiet) fprintf(stderr, "%s: %s, %lld parameters, %d designs\n", a->out, a->pretrain ? "auto-encoder of preroutgnn" : a->model, (long long)parameters, n);
    weft_time21_model_free(model);
    weft_level_coder_free(coder);
    return status;
}

static weft_status_t train(cli_time21_t *t, train_args_t *a, const char *command, weft_diag_t *diag)
{
    weft_time21_t *design[CLI_MOST_DESIGNS] = {NULL}, *validation[CLI_MOST_DESIGNS] = {NULL};
    weft_level_coder_t *coder = NULL;
    weft_time21_model_t *start = NULL;
    bool net = a->pretrain || strcmp(a->model, "hybrid");
    leave_out(t, &a->validation);
    weft_status_t status = cli_time21_open(t, diag);
    if (status == WEFT_OK) status = cli_time21_read(t, t->design, t->n_designs, design, diag);
    if (status == WEFT_OK) status = cli_time21_read(t, a->validation.design, a->validation.n_designs, validation, diag);
    if (status == WEFT_OK && a->pretrained) status = weft_time21_coder_read(&coder, a->pretrained, diag);
    if (status == WEFT_OK && a->start) status = weft_time21_model_read(&start, a->start, t->library, diag);
    if (status == WEFT_OK && a->log && !(a->curve = fopen(a->log, a->resume ? "a" : "w"))) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", a->log, 0, 0, "%s", strerror(errno));
        status = WEFT_EIO;
    }
    const weft_time21_training_t how = {.command = command,
                                        .hybrid = {.epochs = (int32_t)a->epochs, .lr = a->lr, .dropout = a->dropout, .seed = (uint64_t)a->seed, .progress = hybrid_epoch, .progress_context = a},
                                        .net = {.epochs = (int32_t)a->epochs, .patience = (int32_t)a->patience, .lr = a->lr, .cosine = a->cosine, .average = a->average, .budget = (int64_t)a->budget, .draws = (int32_t)a->draws, .padded = a->padded,
                                                .seed = (uint64_t)a->seed, .validation = (const weft_time21_t *const *)validation, .n_validation = a->validation.n_designs, .coder = coder, .start = start ? weft_time21_model_net(start) : NULL, .freeze_encoder = a->freeze,
                                                .checkpoint = net ? a->checkpoint : NULL, .checkpoint_every = a->every, .resume = a->resume && !access(a->checkpoint, F_OK), .progress = net_epoch, .progress_context = a}};
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    if (status == WEFT_OK) status = fit(a, &how, (const weft_time21_t *const *)design, t->n_designs, command, diag);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (status == WEFT_ECANCEL && net) fprintf(stderr, "weft: stopped; --resume goes on from %s\n", a->checkpoint);
    if (status == WEFT_OK && net && unlink(a->checkpoint) && errno != ENOENT) status = WEFT_EIO;
    if (a->curve && fclose(a->curve)) status = WEFT_EIO;
    weft_level_coder_free(coder);
    weft_time21_model_free(start);
    for (int32_t i = 0; i < t->n_designs; i++) weft_time21_free(design[i]);
    for (int32_t i = 0; i < a->validation.n_designs; i++) weft_time21_free(validation[i]);
    return status;
}

static int begin(const cli_verb_t *verb, const char *name, const cli_option_t *options, bool pretrain, int argc, char **argv)
{
    cli_time21_t t = {0};
    train_args_t a = {.dropout = 0.1, .average = 0.998, .pretrain = pretrain};
    const cli_option_t *const tables[] = {cli_time21_options, options, NULL};
    void *const into[] = {&t, &a};
    char command[2048], head[64];
    snprintf(head, sizeof head, "weft %s", name);
    cli_command_line(command, sizeof command, head, argc, argv);
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0 && ((!pretrain && !a.model) || !a.out)) {
        fprintf(stderr, "weft %s: --%s is needed\n", name, pretrain || a.model ? "out" : "model");
        code = EXIT_USAGE;
    }
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        if (!a.checkpoint) {
            snprintf(a.beside, sizeof a.beside, "%s.checkpoint", a.out);
            a.checkpoint = a.beside;
        }
        if (!(a.average > 0.0)) a.average = -1.0;
        code = cli_time21_finish(name, train(&t, &a, command, diag), diag);
    }
    cli_time21_close(&t);
    cli_time21_close(&a.validation);
    return code;
}

int cli_train_timing(const cli_verb_t *verb, int argc, char **argv) { return begin(verb, "train timing", train_options, false, argc, argv); }

int cmd_pretrain(int argc, char **argv)
{
    const cli_verb_t *verb = cli_verb("pretrain");
    if (argc > 1 && !strcmp(argv[1], "timing")) return begin(verb, "pretrain timing", pretrain_options, true, argc - 1, argv + 1);
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) return begin(verb, "pretrain timing", pretrain_options, true, argc, argv);
    fprintf(stderr, "weft pretrain: what to pre-train must follow: weft pretrain timing\n");
    return EXIT_USAGE;
}
