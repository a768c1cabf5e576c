/* cli/time21_run.c: weft train timing and weft eval timing on the 21-design set. */
#include "cli/time21_run.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool take_dataset(void *a, const char *v) { return (((cli_time21_t *)a)->dataset = v) != NULL; }
static bool take_data(void *a, const char *v) { return (((cli_time21_t *)a)->data = v) != NULL; }
static bool take_lib_dir(void *a, const char *v) { return (((cli_time21_t *)a)->lib_dir = v) != NULL; }

/* A name, or several with commas between. */
static bool take_names(cli_time21_t *t, const char *v, const char **list, int32_t *n)
{
    char *copy = t->n_texts < CLI_MOST_DESIGNS ? strdup(v) : NULL;
    if (!copy) return false;
    t->text[t->n_texts++] = copy;
    for (char *save = NULL, *s = strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
        if (*n == CLI_MOST_DESIGNS) return false;
        list[(*n)++] = s;
    }
    return true;
}
static bool take_design(void *a, const char *v) { return take_names(a, v, ((cli_time21_t *)a)->design, &((cli_time21_t *)a)->n_designs); }
static bool take_holdout(void *a, const char *v) { return take_names(a, v, ((cli_time21_t *)a)->holdout, &((cli_time21_t *)a)->n_holdouts); }
const cli_option_t cli_time21_options[] = {
    {"dataset", "time21", "the 21-design sky130 set as graphs (docs/TIME21.md)", take_dataset},
    {"data", "DIR", "its folder: one folder per design", take_data},
    {"lib-dir", "DIR", "the folder of the two Liberty files (default DATA/lib)", take_lib_dir},
    {"design", "A[,B..]", "these designs (default: all in DIR; may be repeated)", take_design},
    {"holdout", "A[,B..]", "leave these designs out", take_holdout},
    {NULL, NULL, NULL, NULL}};

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

weft_status_t cli_time21_open(cli_time21_t *t, weft_diag_t *diag)
{
    char path[4096];
    if (!t->dataset || strcmp(t->dataset, "time21") || !t->data) {
        weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, t->data ? "--dataset time21 is needed: what the folder holds" : "--data DIR is needed");
        return WEFT_EUSAGE;
    }
    if (!t->n_designs) {
        struct dirent **entry = NULL;
        int n = scandir(t->data, &entry, NULL, by_name);
        for (int i = 0; i < n; i++) {
            snprintf(path, sizeof path, "%s/%s/meta.json", t->data, entry[i]->d_name);
            if (entry[i]->d_name[0] != '.' && !access(path, R_OK) && t->n_designs < CLI_MOST_DESIGNS) take_design(t, entry[i]->d_name);
            free(entry[i]);
        }
        free(entry);
    }
    int32_t kept = 0;
    for (int32_t i = 0; i < t->n_designs; i++) {
        bool out = false;
        for (int32_t k = 0; k < t->n_holdouts; k++) out |= !strcmp(t->design[i], t->holdout[k]);
        if (!out) t->design[kept++] = t->design[i];
    }
    t->n_designs = kept;
    if (!kept) {
        weft_diag_add(diag, WEFT_ERROR, "time21-file", t->data, 0, 0, "no design (a folder with meta.json) here, or all are held out");
        return WEFT_EINPUT;
    }
    snprintf(path, sizeof path, "%s/lib", t->data);
    return weft_time21_library(&t->library, t->lib_dir ? t->lib_dir : path, diag);
}

void cli_time21_close(cli_time21_t *t)
{
    weft_library_free(t->library);
    for (int32_t i = 0; i < t->n_texts; i++) free(t->text[i]);
}

static bool real(const char *name, const char *v, double low, double high, double *to)
{
    char *end;
    *to = strtod(v, &end);
    if (end != v && !*end && *to >= low && *to <= high) return true;
    fprintf(stderr, "weft: --%s %s: a number from %g to %g is needed\n", name, v, low, high);
    return false;
}

static bool take_threads(void *a, const char *v)
{
    double n;
    (void)a;
    if (!real("threads", v, 1, 4096, &n)) return false;
    weft_threads_set((int32_t)n);
    return true;
}

/* ---- train -------------------------------------------------------------------------------------------------------- */
typedef struct train_args { const char *model, *out, *checkpoint; double epochs, lr, seconds, seed, dropout, pretrain; bool quiet; } train_args_t;
static bool take_model(void *a, const char *v) { return (((train_args_t *)a)->model = v) != NULL; }
static bool take_out(void *a, const char *v) { return (((train_args_t *)a)->out = v) != NULL; }
static bool take_checkpoint(void *a, const char *v) { return (((train_args_t *)a)->checkpoint = v) != NULL; }
static bool take_epochs(void *a, const char *v) { return real("epochs", v, 1, 1e6, &((train_args_t *)a)->epochs); }
static bool take_pretrain(void *a, const char *v) { return real("pretrain-epochs", v, 1, 1e6, &((train_args_t *)a)->pretrain); }
static bool take_lr(void *a, const char *v) { return real("lr", v, 1e-9, 1, &((train_args_t *)a)->lr); }
static bool take_dropout(void *a, const char *v) { return real("dropout", v, 0, 0.9, &((train_args_t *)a)->dropout); }
static bool take_seconds(void *a, const char *v) { return real("seconds", v, 1, 1e7, &((train_args_t *)a)->seconds); }
static bool take_seed(void *a, const char *v) { return real("seed", v, 0, 4294967295.0, &((train_args_t *)a)->seed); }
static bool take_quiet(void *a, const char *v) { return (void)v, ((train_args_t *)a)->quiet = true; }
static const cli_option_t train_options[] = {
    {"model", "M", "hybrid, timinggcn or preroutgnn", take_model},
    {"out", "FILE", "the weights, safetensors", take_out},
    {"epochs", "N", "default 200 (hybrid), 400", take_epochs},
    {"pretrain-epochs", "N", "of preroutgnn's auto-encoder (default 200)", take_pretrain},
    {"lr", "R", "first rate, run down by cosine (default 3e-3 hybrid, 1e-3)", take_lr},
    {"dropout", "P", "of the hybrid (default 0.1)", take_dropout},
    {"seconds", "S", "timinggcn, preroutgnn: end after so long, the rate run down by then", take_seconds},
    {"checkpoint", "FILE", "timinggcn, preroutgnn: weights every minute; begun from where it is there", take_checkpoint},
    {"seed", "N", "default 0", take_seed},
    {"threads", "N", "threads; results do not depend on it", take_threads},
    {"quiet", NULL, "no line per epoch", take_quiet},
    {NULL, NULL, NULL, NULL}};

static volatile sig_atomic_t interrupted;
static void on_signal(int s) { (void)s, interrupted = 1; }
static bool net_epoch(void *context, int32_t epoch, double loss, double seconds)
{
    if (!((const train_args_t *)context)->quiet) fprintf(stderr, epoch < 0 ? "pre-training %d: loss %.6f, %.0f s\n" : "epoch %d: loss %.6f, %.0f s\n", epoch, loss, seconds);
    return !interrupted;
}
static bool hybrid_epoch(void *context, const char *stage, double fraction)
{
    (void)stage;
    if (!((const train_args_t *)context)->quiet && isatty(2)) fprintf(stderr, "\r%3.0f %%%s", 100 * fraction, fraction >= 1.0 ? "\n" : "");
    return !interrupted;
}

static weft_status_t train(cli_time21_t *t, train_args_t *a, const char *command, weft_diag_t *diag)
{
    weft_time21_t *design[CLI_MOST_DESIGNS] = {NULL};
    weft_time21_model_t *model = NULL;
    weft_status_t status = cli_time21_open(t, diag);
    weft_time21_training_t how = {.command = command,
                                  .hybrid = {.epochs = (int32_t)a->epochs, .lr = a->lr, .dropout = a->dropout, .seed = (uint64_t)a->seed, .progress = hybrid_epoch, .progress_context = a},
                                  .net = {.epochs = (int32_t)a->epochs, .pretrain_epochs = (int32_t)a->pretrain, .lr = a->lr, .seed = (uint64_t)a->seed, .seconds = a->seconds, .checkpoint = a->checkpoint,
                                          .progress = net_epoch, .progress_context = a}};
    for (int32_t i = 0; i < t->n_designs && status == WEFT_OK; i++) status = weft_time21_read(&design[i], t->data, t->design[i], t->library, diag);
    signal(SIGINT, on_signal);
    if (status == WEFT_OK) status = weft_time21_model_train(&model, a->model, (const weft_time21_t *const *)design, t->n_designs, &how, diag);
    signal(SIGINT, SIG_DFL);
    if (status == WEFT_OK) status = weft_time21_model_write(model, a->out, diag);
    if (status == WEFT_OK && !a->quiet) fprintf(stderr, "%s: %s, %lld parameters, %d designs\n", a->out, a->model, (long long)weft_time21_model_n_parameters(model, NULL), t->n_designs);
    weft_time21_model_free(model);
    for (int32_t i = 0; i < t->n_designs; i++) weft_time21_free(design[i]);
    return status;
}

static int finish(const char *what, weft_status_t status, weft_diag_t *diag)
{
    weft_diag_print(diag, stderr, WEFT_WARNING);
    if (status != WEFT_OK && !weft_diag_n_of(diag, WEFT_ERROR)) fprintf(stderr, "weft %s: %s\n", what, weft_status_text(status));
    weft_diag_free(diag);
    return cli_exit_code(status);
}

int cli_train_timing(const cli_verb_t *verb, int argc, char **argv)
{
    cli_time21_t t = {0};
    train_args_t a = {.dropout = 0.1};
    const cli_option_t *const tables[] = {cli_time21_options, train_options, NULL};
    void *const into[] = {&t, &a};
    char command[2048] = "weft train timing";
    for (int i = 1; i < argc; i++) snprintf(command + strlen(command), sizeof command - strlen(command), " %s", strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i]);
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0 && (!a.model || !a.out)) {
        fprintf(stderr, "weft train timing: --%s is needed\n", a.model ? "out" : "model");
        code = EXIT_USAGE;
    }
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        code = finish("train timing", train(&t, &a, command, diag), diag);
    }
    cli_time21_close(&t);
    return code;
}

/* ---- eval --------------------------------------------------------------------------------------------------------- */
typedef struct eval_args { const char *model, *out, *json; } eval_args_t;
static bool take_eval_model(void *a, const char *v) { return (((eval_args_t *)a)->model = v) != NULL; }
static bool take_eval_out(void *a, const char *v) { return (((eval_args_t *)a)->out = v) != NULL; }
static bool take_eval_json(void *a, const char *v) { return (((eval_args_t *)a)->json = v) != NULL; }
static const cli_option_t eval_options[] = {
    {"model", "M", "sta, hybrid, timinggcn, preroutgnn (the shipped weights) or a file", take_eval_model},
    {"out", "DIR", "write DIR/DESIGN/at_slew.csv, netdelay.csv, celldelay.csv", take_eval_out},
    {"json", "FILE", "the scores as JSON; - is stdout, which then holds nothing else", take_eval_json},
    {"threads", "N", "threads; results do not depend on it", take_threads},
    {NULL, NULL, NULL, NULL}};

enum { N_SCORES = 9 };
static const char *const score_name[N_SCORES] = {"at_r2", "logslew_r2", "lognet_r2", "cell_r2", "setup_r2", "hold_r2", "at_mae_ns", "setup_mae_ns", "hold_mae_ns"};
static void scores_of(const weft_time21_score_t *s, double *v)
{
    const double all[N_SCORES] = {s->arrival, s->log_slew, s->log_net_delay, s->cell_delay, s->setup, s->hold, s->arrival_mae, s->setup_mae, s->hold_mae};
    memcpy(v, all, sizeof all);
}

static void print_json(FILE *f, const double *v, double seconds)
{
    for (int32_t k = 0; k < N_SCORES; k++) {
        if (isfinite(v[k])) fprintf(f, "%s\"%s\":%.6f", k ? "," : "", score_name[k], v[k]);
        else fprintf(f, "%s\"%s\":null", k ? "," : "", score_name[k]);
    }
    fprintf(f, ",\"seconds\":%.3f", seconds);
}

static void print_row(FILE *f, const char *name, const double *v)
{
    fprintf(f, "%-16s", name);
    for (int32_t k = 0; k < N_SCORES; k++) fprintf(f, " %12.4f", v[k]);
    fputc('\n', f);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One design by the model and, beside it, by the engine with two constants. */
static weft_status_t eval_one(const cli_time21_t *t, const eval_args_t *a, const weft_time21_model_t *model, const weft_time21_model_t *sta, int32_t i, double *v, double *plain, double *seconds, weft_diag_t *diag)
{
    weft_time21_t *d = NULL;
    weft_time21_answer_t answer = {0};
    double start = now();
    weft_status_t status = weft_time21_read(&d, t->data, t->design[i], t->library, diag);
    if (status == WEFT_OK) status = weft_time21_answer_init(&answer, d);
    if (status == WEFT_OK) status = weft_time21_model_answer(model, d, &answer, diag);
    if (status == WEFT_OK) {
        weft_time21_score_t s = weft_time21_score(d, &answer);
        scores_of(&s, v);
        *seconds = now() - start;
    }
    if (status == WEFT_OK && a->out) {
        char dir[4096];
        snprintf(dir, sizeof dir, "%s/%s", a->out, t->design[i]);
        status = weft_time21_answer_write(&answer, d, dir, diag);
    }
    if (status == WEFT_OK) status = weft_time21_model_answer(sta, d, &answer, NULL);
    if (status == WEFT_OK) {
        weft_time21_score_t s = weft_time21_score(d, &answer);
        scores_of(&s, plain);
    }
    weft_time21_answer_destroy(&answer);
    weft_time21_free(d);
    return status;
}

static weft_status_t eval(cli_time21_t *t, const eval_args_t *a, weft_diag_t *diag)
{
    weft_time21_model_t *model = NULL, *sta = NULL;
    FILE *json = NULL, *table = stdout;
    double mean[N_SCORES] = {0}, plain_mean[N_SCORES] = {0}, v[N_SCORES], plain[N_SCORES], seconds = 0.0;
    weft_status_t status = cli_time21_open(t, diag);
    if (status == WEFT_OK) status = weft_time21_model_read(&model, a->model, t->library, diag);
    if (status == WEFT_OK) status = weft_time21_model_read(&sta, "sta", NULL, diag);
    if (status == WEFT_OK && a->json) {
        json = strcmp(a->json, "-") ? fopen(a->json, "w") : stdout;
        if (json == stdout) table = NULL;
        if (!json) {
            weft_diag_add(diag, WEFT_ERROR, "file-create", a->json, 0, 0, "%s", strerror(errno));
            status = WEFT_EIO;
        }
    }
    if (status == WEFT_OK && table) {
        fprintf(table, "%s, %lld parameters; R2 with the truth's variance below; second row: the timing engine on Steiner wires with two constants\n%-16s", weft_time21_model_name(model),
                (long long)weft_time21_model_n_parameters(model, NULL), "design");
        for (int32_t k = 0; k < N_SCORES; k++) fprintf(table, " %12s", score_name[k]);
        fputc('\n', table);
    }
    if (status == WEFT_OK && json) fprintf(json, "{\"dataset\":\"time21\",\"model\":\"%s\",\"parameters\":%lld,\"designs\":[", weft_time21_model_name(model), (long long)weft_time21_model_n_parameters(model, NULL));
    for (int32_t i = 0; i < t->n_designs && status == WEFT_OK; i++) {
        status = eval_one(t, a, model, sta, i, v, plain, &seconds, diag);
        if (status != WEFT_OK) break;
        for (int32_t k = 0; k < N_SCORES; k++) {
            mean[k] += v[k] / t->n_designs;
            plain_mean[k] += plain[k] / t->n_designs;
        }
        if (table) {
            print_row(table, t->design[i], v);
            print_row(table, "  sta", plain);
        }
        if (!json) continue;
        fprintf(json, "%s\n{\"design\":\"%s\",", i ? "," : "", t->design[i]);
        print_json(json, v, seconds);
        fputs(",\"sta\":{", json);
        print_json(json, plain, 0.0);
        fputs("}}", json);
    }
    if (status == WEFT_OK && table) {
        print_row(table, "mean", mean);
        print_row(table, "  sta", plain_mean);
    }
    if (status == WEFT_OK && json) {
        fputs("],\n\"mean\":{", json);
        print_json(json, mean, 0.0);
        fputs("}}\n", json);
    }
    if (json && json != stdout && fclose(json)) status = WEFT_EIO;
    if (fflush(stdout)) status = WEFT_EIO;
    weft_time21_model_free(model);
    weft_time21_model_free(sta);
    return status;
}

int cli_eval_timing(const cli_verb_t *verb, int argc, char **argv)
{
    cli_time21_t t = {0};
    eval_args_t a = {.model = "hybrid"};
    const cli_option_t *const tables[] = {cli_time21_options, eval_options, NULL};
    void *const into[] = {&t, &a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        code = finish("eval timing", eval(&t, &a, diag), diag);
    }
    cli_time21_close(&t);
    return code;
}
