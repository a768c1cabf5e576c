/* cli/cmd_apply.c: a stored graph model on data: weft apply (results as npy) and weft eval graph (its metric). */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "weft/train.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct args { const char *model, *graph, *out, *embeddings, *split, *json; int64_t max_memory, top_k; } args_t;
static bool take_model(void *a, const char *v) { return (((args_t *)a)->model = v) != NULL; }
static bool take_graph(void *a, const char *v) { return (((args_t *)a)->graph = v) != NULL; }
static bool take_out(void *a, const char *v) { return (((args_t *)a)->out = v) != NULL; }
static bool take_embeddings(void *a, const char *v) { return (((args_t *)a)->embeddings = v) != NULL; }
static bool take_split(void *a, const char *v) { return (((args_t *)a)->split = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_max_memory(void *a, const char *v) { return cli_take_bytes("apply", "max-memory", v, &((args_t *)a)->max_memory); }
static bool take_top_k(void *a, const char *v) { return cli_whole("top-k", v, 0, INT32_MAX, &((args_t *)a)->top_k); }
#define TOP_K {"top-k", "K", "softmax attention of gps keeps K blocks of 64 nodes for every 32 (0: all), instead of what the model says: graphs too large to attend to in full", take_top_k}
#define MAX_MEMORY {"max-memory", "SIZE", "keep what applying plans to hold within SIZE, as 500M or 2G: dense features of one graph go through gcn, sage, gat, gatv2, gin, jknet and transformer by blocks of nodes, hidden states through files under TMPDIR (/var/tmp), with the same results; else, and below the floor, exit code 3", take_max_memory}
static const cli_option_t apply_options[] = {
    {"model", "W", "a model of weft train graph --out", take_model},
    {"graph", "NAME|DIR", "the data, in a form that weft dataset knows; labels are not needed", take_graph},
    {"out", "FILE", "results as npy: a row per node (per graph) with a score per class, or the value", take_out},
    {"embeddings", "FILE", "the rows that the last linear map sees, as npy", take_embeddings},
    TOP_K,
    MAX_MEMORY,
    {"threads", "N", "threads; results do not depend on it", cli_take_threads},
    {NULL, NULL, NULL, NULL}};
static const cli_option_t eval_options[] = {
    {"model", "W", "a model of weft train graph --out", take_model},
    {"dataset", "NAME|DIR", "the data", take_graph},
    {"split", "NAME", "split by name (default: the one it was trained on, where it is there)", take_split},
    TOP_K,
    MAX_MEMORY,
    {"json", "FILE", "the result as JSON; - is stdout, which then holds nothing else", take_json},
    {"threads", "N", "threads; results do not depend on it", cli_take_threads},
    {NULL, NULL, NULL, NULL}};

typedef struct run { weft_stored_t *stored; weft_dataset_t *data; weft_task_data_t *task; const weft_split_t *split; float *out; int64_t items, cols, planned; time_t begin; } run_t;

static void run_free(run_t *r)
{
    weft_task_free(r->task);
    weft_dataset_free(r->data);
    weft_stored_free(r->stored);
    free(r->out);
}

/* The most memory that was held so far, in MiB; 0: nobody says. (getrusage would count what a parent held before it started us.) */
static double most_held(void)
{
    char line[256];
    long long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "VmHWM: %lld", &kib) != 1) {}
    if (f) fclose(f);
    return (double)kib / 1024.0;
}

/* Reading the set and making its graph may have taken more than the limit and the program's own 64 MiB already: then that is the floor. */
static weft_status_t check_read(const args_t *a, weft_diag_t *diag)
{
    double limit = (double)a->max_memory / 1048576.0, held = most_held();
    if (a->max_memory <= 0 || held <= limit + 64.0) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-memory", a->graph, 0, 0, "reading the data and making the graph took %.1f MiB, %.1f are allowed", held, limit);
    return WEFT_ELIMIT;
}

/* A bar with what is left on a terminal; Ctrl-C ends at the next block, and no file is left. */
static bool progress(void *context, const char *stage, double share)
{
    run_t *r = context;
    (void)stage;
    if (!r->begin) r->begin = time(NULL);
    double left = share > 0.0 ? difftime(time(NULL), r->begin) * (1.0 - share) / share : 0.0;
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[Kapply: %3.0f %%, %.0f s left%s", 100.0 * share, left, share >= 1.0 ? "\r\033[K" : "");
    return !cli_interrupted();
}

static weft_status_t start(run_t *r, const args_t *a, bool score, weft_diag_t *diag)
{
    weft_status_t status = weft_stored_read(&r->stored, a->model, diag);
    if (status == WEFT_OK && a->top_k >= 0) status = weft_stored_set_top_k(r->stored, (int32_t)a->top_k, diag);
    if (status == WEFT_OK) {
        weft_stored_set_max_memory(r->stored, a->max_memory);
        weft_stored_on_progress(r->stored, progress, r);
    }
    if (status == WEFT_OK) status = weft_dataset_read(&r->data, a->graph, diag);
    if (status == WEFT_OK && r->data->task != WEFT_TASK_NODE_CLASS) status = weft_dataset_degree_codes(r->data);
    if (status == WEFT_OK && score) {
        const char *name = a->split ? a->split : weft_stored_text(r->stored, "split");
        for (int32_t i = 0; i < r->data->n_splits && name; i++)
            if (!strcmp(r->data->split[i].name, name)) r->split = &r->data->split[i];
        if (!r->split && !(r->split = weft_dataset_split(r->data, a->split, diag))) status = WEFT_EUSAGE;
    }
    if (status == WEFT_OK) status = weft_stored_task(&r->task, r->stored, r->data, r->split, diag);
    if (status == WEFT_OK && r->data->task == WEFT_TASK_NODE_CLASS) weft_dataset_free_edges(r->data); /* the task has a graph of its own */
    if (status == WEFT_OK) status = check_read(a, diag);
    return status;
}

/* One line before anything is computed, unless results go where it would. Of many graphs the first block of them and larger ones. */
static void tell_plan(void *context, const weft_plan_t *plan)
{
    run_t *r = context;
    const double mib = (double)plan->total / 1048576.0;
    if (plan->total <= r->planned) return;
    r->planned = plan->total;
    if (plan->blocks) printf("%lld blocks of nodes over all layers, at most %.1f MiB planned\n", (long long)plan->blocks, mib);
    else printf("all at once, at most %.1f MiB planned\n", mib);
    fflush(stdout);
}

static int finish(const char *what, weft_status_t status, weft_diag_t *diag)
{
    return cli_end(status, diag, false, "weft %s", what);
}

int cmd_apply(int argc, char **argv)
{
    args_t a = {.top_k = -1};
    const cli_option_t *const tables[] = {apply_options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(cli_verb("apply"), tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.model || !a.graph || !a.out) {
        fprintf(stderr, "weft apply: --%s is needed\n", !a.model ? "model" : !a.graph ? "graph" : "out");
        return EXIT_USAGE;
    }
    run_t r = {0};
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = start(&r, &a, false, diag);
    if (status == WEFT_OK) {
        if (a.max_memory > 0) cli_interrupt_watch();
        if (strcmp(a.out, "-") && (!a.embeddings || strcmp(a.embeddings, "-"))) weft_stored_on_plan(r.stored, tell_plan, &r);
        status = weft_stored_apply_files(r.stored, r.task, a.out, a.embeddings, diag);
    }
    if (status == WEFT_ECANCEL) fprintf(stderr, "%sweft apply: stopped; nothing was written\n", isatty(STDERR_FILENO) ? "\r\033[K" : "");
    run_free(&r);
    return finish("apply", status, diag);
}

static weft_status_t scores(const run_t *r, const args_t *a, weft_diag_t *diag)
{
    static const char *const part[4] = {NULL, "train", "val", "test"};
    double v[4];
    int32_t variant = weft_stored_run(r->stored) % r->split->n;
    FILE *json = a->json ? strcmp(a->json, "-") ? fopen(a->json, "w") : stdout : NULL;
    if (a->json && !json) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", a->json, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    const char *metric = weft_stored_text(r->stored, "metric");
    weft_metric_t by = WEFT_ACCURACY;
    if (metric && !weft_metric_by_name(&by, metric)) metric = NULL;
    if (!metric) metric = weft_metric_name(by);
    for (int32_t k = 1; k < 4; k++)
        if (weft_task_score(&v[k], r->task, by, r->out, variant, k, diag) != WEFT_OK) v[k] = NAN;
    if (json) fprintf(json, "{\"dataset\":\"%s\",\"model\":\"%s\",\"split\":\"%s\",\"variant\":%d,\"metric\":\"%s\"", r->data->name, weft_stored_text(r->stored, "model"), r->split->name, variant, metric);
    for (int32_t k = 1; k < 4 && json; k++) {
        if (isfinite(v[k])) fprintf(json, ",\"%s\":%.9g", part[k], v[k]);
        else fprintf(json, ",\"%s\":null", part[k]);
    }
    if (json) fputs("}\n", json);
    if (json != stdout) printf("%s %s, split %s (%d): %s train %.4f, validation %.4f, test %.4f\n", r->data->name, weft_stored_text(r->stored, "model"), r->split->name, variant, metric, v[1], v[2], v[3]);
    bool bad = json && json != stdout && fclose(json);
    return fflush(stdout) || bad ? WEFT_EIO : WEFT_OK;
}

int cli_eval_graph(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.top_k = -1};
    const cli_option_t *const tables[] = {eval_options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.model || !a.graph) {
        fprintf(stderr, "weft eval graph: --%s is needed\n", a.model ? "dataset" : "model");
        return EXIT_USAGE;
    }
    run_t r = {0};
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = start(&r, &a, true, diag);
    if (status == WEFT_OK) status = weft_stored_apply(r.stored, r.task, &r.out, &r.items, &r.cols, NULL, NULL, diag);
    if (status == WEFT_OK) status = scores(&r, &a, diag);
    run_free(&r);
    return finish("eval graph", status, diag);
}
