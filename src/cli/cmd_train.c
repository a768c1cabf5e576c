/* cli/cmd_train.c: weft train graph: a model on a public data set or a folder, over several seeds. */
#include "cli/circuit_verbs.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/json_out.h"
#include "cli/time21_run.h"
#include "cli/train_report.h"
#include "cli/train_watch.h"
#include "cli/training.h"
#include "weft/dataset.h"
#include "weft/train.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct train_args {
    cli_training_t t; /* first: common options are read into it; verb train or finetune */
    const char *from, *adapter, *init, *map, *preset, *split, *out, *checkpoint;
    char beside[4096]; /* the checkpoint where none is named */
    double every;
    char own[4][72]; /* settings that other options mean */
    int32_t n_own;
    bool all, resume, sampled;
    char command[1024];
} train_args_t;

static bool take_preset(void *a, const char *v) { return (((train_args_t *)a)->preset = v) != NULL; }
static bool take_split(void *a, const char *v) { return (((train_args_t *)a)->split = v) != NULL; }
static bool take_out(void *a, const char *v) { return (((train_args_t *)a)->out = v) != NULL; }
static bool take_checkpoint(void *a, const char *v) { return (((train_args_t *)a)->checkpoint = v) != NULL; }
static bool take_resume(void *a, const char *v) { return (void)v, ((train_args_t *)a)->resume = true; }
static bool take_every(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("checkpoint-every", v, 0, 1000000, &n)) return false;
    ((train_args_t *)a)->every = (double)n;
    return true;
}
static bool take_init(void *a, const char *v) { return (((train_args_t *)a)->init = v) != NULL; }
static bool take_map(void *a, const char *v) { return (((train_args_t *)a)->map = v) != NULL; }
/* --sample and --batch are settings too, kept in the order given; text behind. */
static bool take_key(train_args_t *t, const char *key, const char *v)
{
    if (strlen(v) > 60) {
        fprintf(stderr, "weft train: --%s %s: too long\n", key, v);
        return false;
    }
    char *text = t->own[t->n_own < 4 ? t->n_own++ : 3];
    snprintf(text, sizeof t->own[0], "%s=%s", key, v);
    return cli_take_set(t, text);
}
static bool take_batch(void *a, const char *v) { return take_key(a, "batch", v); }
static bool take_sample(void *a, const char *v) { return take_key(a, "sample", v) && (((train_args_t *)a)->sampled = true); }

static bool take_from(void *a, const char *v) { return (((train_args_t *)a)->from = v) != NULL; }
static bool take_adapter(void *a, const char *v) { return (((train_args_t *)a)->adapter = v) != NULL; }
static bool take_all(void *a, const char *v) { return (void)v, ((train_args_t *)a)->all = true; }

static const cli_option_t finetune_options[] = {
    {"from", "FILE", "the trained gps model to start from (weft train graph --model gps --out FILE)", take_from},
    {"adapter", "KIND", "none: only the input's maps and the head learn (default); plain: a bottleneck behind every attention too; p: the p-adapter (attention softmax or bigbird)", take_adapter},
    {"all", NULL, "everything learns: full fine-tuning", take_all},
    {NULL, NULL, NULL, NULL}};

static const cli_option_t options[] = {
    {"dataset", "NAME|DIR", "the data: a folder in one of the known forms, or a name looked for in WEFT_DATASETS", cli_take_dataset},
    {"model", "M", "gcn sage gat gatv2 gin gine gatedgcn pna appnp sgc dagnn jknet transformer gcnii rgcn gprgnn h2gcn pgnn gps impn mlp label_propagation", cli_take_model},
    {"preset", "NAME", "published: the numbers of the papers (default); tuned: deeper, with norm and residuals", take_preset},
    {"split", "NAME", "split by name; default public, then tuned, then the only one", take_split},
    {"set", "KEY=VALUE", "change one option of model or training (may be repeated; see below)", cli_take_set},
    {"out", "FILE", "parameters of the best run by validation, safetensors", take_out},
    {"init", "FILE", "parameters to start from: safetensors of another program (a PyTorch state dict); with --set epochs=0 they are only taken, told and written to --out", take_init},
    {"map", "FILE", "which tensor of --init is which parameter: lines \"tensor parameter [transpose]\", \"tensor -\" for none (docs/TRAINING.md)", take_map},
    {"sample", "F1,F2", "mini-batches: so many neighbours per node and layer, the layer next to the result first (15,10); sage, gat, gatv2, transformer (as --set sample=F1,F2, with --set batch=512 where none is said); within --max-memory rows of dense features are read as they are drawn and evaluations go by blocks of nodes", take_sample},
    {"batch", "N", "as --set batch=N: nodes per step of --sample, graphs per step of a graph task", take_batch},
    {"checkpoint", "FILE", "state of the training, for --resume: written every --checkpoint-every seconds and on Ctrl-C, removed at the end (default: the file of --out with .checkpoint behind)", take_checkpoint},
    {"checkpoint-every", "S", "seconds between checkpoints (default 60; 0: every evaluated epoch)", take_every},
    {"resume", NULL, "go on from the checkpoint where there is one, to the same bits as a training that was never stopped", take_resume},
    {NULL, NULL, NULL, NULL}};

static bool better(const weft_run_t *run, int32_t i, bool small)
{
    for (int32_t k = 0; k < i; k++)
        if (small ? run[i].val >= run[k].val : run[i].val <= run[k].val) return false;
    return true;
}

/* Runs one after another; the parameters of the best by validation go to a->out. */
static weft_status_t train_all(const train_args_t *a, const char *set, const char *split, const weft_task_data_t *task, weft_train_options_t *o, weft_run_t *run, int32_t first, train_watch_t *watch,
                               weft_diag_t *diag)
{
    bool small = weft_metric_smaller_is_better(weft_task_metric(task, o));
    for (int32_t i = first; i < a->t.runs; i++) {
        weft_model_t *model = NULL;
        const weft_checkpoint_t checkpoint = {.path = a->checkpoint, .every = a->every, .resume = a->resume && i == first && !access(a->checkpoint, F_OK), .done = run, .n_done = i};
        o->checkpoint = a->checkpoint ? &checkpoint : NULL;
        weft_status_t status = weft_train_run(&run[i], a->out ? &model : NULL, task, o, i, cli_watch_epoch, watch, diag);
        o->checkpoint = NULL;
        cli_watch_clear(watch);
        if (status != WEFT_OK) return watch->failed ? WEFT_EIO : status;
        if (!a->t.quiet) fprintf(stderr, "run %d: val %.4f test %.4f, epoch %d of %d, %.2f s\n", i, run[i].val, run[i].test, run[i].best_epoch, run[i].epochs, run[i].seconds);
        if (model && better(run, i, small)) {
            const weft_stored_about_t about = {.dataset = set, .split = split, .command = a->command, .run = i, .seed = o->seed + (uint64_t)i, .result = &run[i]};
            status = weft_stored_write(model, o, task, &about, a->out, diag);
        }
        weft_model_free(model);
        if (status != WEFT_OK) return status;
    }
    return WEFT_OK;
}

/* Finished runs from the checkpoint, where there is one to resume. */
static weft_status_t take_up(const train_args_t *a, weft_run_t *run, int32_t *first, int32_t *epoch, weft_diag_t *diag)
{
    *first = *epoch = 0;
    if (!a->resume || access(a->checkpoint, F_OK)) return WEFT_OK;
    weft_status_t status = weft_checkpoint_about(a->checkpoint, run, a->t.runs, first, epoch, diag);
    if (status != WEFT_OK || *first < a->t.runs) return status;
    weft_diag_add(diag, WEFT_ERROR, "checkpoint-options", a->checkpoint, 0, 0, "%d runs are done there, --runs is %d", *first, a->t.runs);
    return WEFT_EUSAGE;
}

static weft_status_t tell_plan(const train_args_t *a, const char *set, const weft_task_data_t *task, weft_train_options_t *o, weft_run_t *run, weft_diag_t *diag)
{
    char what[512];
    weft_plan_t p = {0};
    o->plan = &p;
    weft_status_t status = weft_train_run(run, NULL, task, o, 0, NULL, NULL, diag);
    o->plan = NULL;
    snprintf(what, sizeof what, "%s %s", set, a->t.model);
    if (status == WEFT_OK || status == WEFT_ELIMIT) cli_tell_plan(what, &p);
    return fflush(stdout) ? WEFT_EIO : status;
}

static weft_status_t train_graph(train_args_t *a, weft_diag_t *diag)
{
    weft_dataset_t *d = NULL;
    weft_task_data_t *task = NULL;
    weft_train_options_t o;
    weft_run_t *run = NULL;
    FILE *json = NULL;
    train_watch_t watch = {.bar = !a->t.quiet && isatty(STDERR_FILENO), .runs = a->t.runs, .keep = a->t.plot != NULL};
    int32_t first, epoch;
    char set[256], title[512];
    weft_stored_t *start = NULL;
    cli_base_name(a->t.dataset, set, sizeof set);
    weft_status_t status = a->from ? weft_stored_read(&start, a->from, diag) : weft_train_defaults(&o, a->t.model, set, a->preset, diag);
    if (status == WEFT_OK) status = weft_dataset_read(&d, a->t.dataset, diag);
    if (status == WEFT_OK && !a->from) status = weft_train_defaults_for(&o, a->t.model, set, a->preset, d->task != WEFT_TASK_NODE_CLASS, diag);
    if (status == WEFT_OK && a->from) {
        o = *weft_stored_options(start); /* what the data say is said anew */
        o.normalize = WEFT_NORMALIZE_AUTO;
        o.metric = 0;
        o.start = start;
        o.freeze = !a->all;
        char adapter[64];
        snprintf(adapter, sizeof adapter, "adapter=%s", a->adapter ? a->adapter : "none");
        status = weft_train_set(&o, adapter, diag);
        a->t.model = o.model.model;
    }
    if (status == WEFT_OK && a->sampled) o.batch = 512;
    if (status == WEFT_OK) status = cli_apply_settings(&a->t.settings, &o, diag);
    if (status == WEFT_OK && d->task != WEFT_TASK_NODE_CLASS) status = weft_dataset_degree_codes(d);
    if (status != WEFT_OK) goto done;
    o.seed = a->t.seed;
    o.init = a->init;
    o.init_map = a->map;
    o.max_memory = a->t.max_memory;
    watch.epochs = weft_train_sized(&o, d->task != WEFT_TASK_NODE_CLASS, d->n_nodes + 2 * d->n_edges).epochs;
    if (watch.epochs < 1) watch.epochs = 1;
    const weft_split_t *split = weft_dataset_split(d, a->split, diag);
    status = split ? weft_train_task(&task, &o, d, split, diag) : WEFT_EUSAGE;
    if (status != WEFT_OK) goto done;
    if (d->task == WEFT_TASK_NODE_CLASS) weft_dataset_free_edges(d); /* the task has a graph of its own */
    const char *metric = watch.metric = weft_metric_name(weft_task_metric(task, &o));
    if (!(run = calloc((size_t)a->t.runs, sizeof *run))) {
        status = WEFT_ENOMEM;
        goto done;
    }
    if (a->t.plan) {
        status = tell_plan(a, set, task, &o, run, diag);
        goto done;
    }
    status = take_up(a, run, &first, &epoch, diag);
    if (status == WEFT_OK) status = cli_watch_open(&watch, a->t.log, a->resume, first, epoch, diag);
    if (status != WEFT_OK) goto done;
    if (a->t.json && !(json = cli_json_open(a->t.json, diag))) {
        status = WEFT_EIO;
        goto done;
    }
    cli_interrupt_watch();
    status = train_all(a, set, split->name, task, &o, run, first, &watch, diag);
    snprintf(title, sizeof title, "%s, %s", set, a->t.model);
    if (a->t.plot && watch.n && (status == WEFT_OK || status == WEFT_ECANCEL)) {
        weft_status_t drawn = cli_watch_plot(&watch, title, a->t.plot, diag);
        if (status == WEFT_OK) status = drawn;
    }
    if (status == WEFT_ECANCEL) fprintf(stderr, "weft %s graph: stopped; %s%s\n", a->t.verb, a->checkpoint ? "--resume goes on from " : "nothing was kept (--checkpoint FILE keeps the state)", a->checkpoint ? a->checkpoint : "");
    if (status != WEFT_OK) goto done;
    if (a->checkpoint && unlink(a->checkpoint) && errno != ENOENT) status = WEFT_EIO;
    const train_total_t r = cli_train_total(run, a->t.runs);
    const train_report_t report = {set, a->t.model, split->name, metric, a->t.runs, a->t.seed, r};
    if (json) cli_train_json(json, &report, &o, run);
    if (!json || json != stdout) printf("%s %s: %s %.4f +- %.4f over %d runs (validation %.4f), %.1f s\n", set, a->t.model, metric, r.mean, r.std, a->t.runs, r.val, r.seconds);
    if (fflush(stdout)) status = WEFT_EIO;
done:
    if (cli_watch_close(&watch) != WEFT_OK) status = WEFT_EIO;
    if (json) status = cli_json_close(json, status, diag);
    free(run);
    weft_task_free(task);
    weft_dataset_free(d);
    weft_stored_free(start);
    return status;
}

static void print_keys(void)
{
    weft_train_options_t o;
    const char *key, *meaning;
    char value[64];
    if (weft_train_defaults(&o, "gcn", NULL, NULL, NULL) != WEFT_OK) return;
    printf("\nkeys of --set, with the defaults for a data set that no table knows:\n");
    for (int32_t i = 0; weft_train_key(&o, i, &key, &meaning, value, sizeof value); i++) printf("  %-18s %-9s %s\n", key, value, meaning);
    printf("\n%s\n", weft_train_defaults_text());
}

/* What follows `graph`. */
static int graph_verb(const char *name, const cli_option_t *const *tables, int argc, char **argv)
{
    train_args_t a = {.t = {.verb = name, .runs = 10}, .every = 60.0};
    void *const into[] = {&a, &a, &a};
    char head[64];
    bool help = false, tuning = !strcmp(name, "finetune");
    for (int i = 1; i < argc; i++) help |= !strcmp(argv[i], "--help") || !strcmp(argv[i], "-h");
    int code = cli_parse(cli_verb(name), tables, into, argc, argv);
    if (help && code == EXIT_DONE) print_keys();
    if (code >= 0) return code;
    const char *missing = !a.t.dataset ? "dataset" : tuning && !a.from ? "from" : !tuning && !a.t.model ? "model" : NULL;
    if (missing) {
        fprintf(stderr, "weft %s graph: --%s is needed\n", name, missing);
        return EXIT_USAGE;
    }
    if (tuning && (a.t.model || a.preset)) {
        fprintf(stderr, "weft finetune graph: model and options are those of --from; --set changes one\n");
        return EXIT_USAGE;
    }
    if (!a.init != !a.map || (a.init && tuning)) {
        fprintf(stderr, "weft %s graph: %s\n", name, tuning ? "--init is for weft train graph" : "--init and --map need each other");
        return EXIT_USAGE;
    }
    if (!a.checkpoint && a.out) {
        snprintf(a.beside, sizeof a.beside, "%s.checkpoint", a.out);
        a.checkpoint = a.beside;
    }
    if (a.resume && !a.checkpoint) {
        fprintf(stderr, "weft %s graph: --resume needs --checkpoint or --out\n", name);
        return EXIT_USAGE;
    }
    snprintf(head, sizeof head, "weft %s graph", name);
    cli_command_line(a.command, sizeof a.command, head, argc, argv);
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = train_graph(&a, diag);
    return cli_end(status, diag, false, "weft %s graph", name);
}

static bool asks_help(int argc, char **argv) { return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")); }

int cmd_train(int argc, char **argv)
{
    static const cli_option_t *const tables[] = {options, cli_training_options, NULL};
    const cli_verb_t *verb = cli_verb("train");
    if (argc > 1 && !strcmp(argv[1], "link")) return cli_train_link(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "timing")) return (cli_names_dataset(argc, argv) ? cli_train_timing : cli_train_circuits)(verb, argc - 1, argv + 1);
    if (asks_help(argc, argv)) return graph_verb("train", tables, argc, argv);
    if (argc > 1 && !strcmp(argv[1], "graph")) return graph_verb("train", tables, argc - 1, argv + 1);
    fprintf(stderr, "weft train: what to train on must follow: weft train graph, weft train link, weft train timing\n");
    return EXIT_USAGE;
}

int cmd_finetune(int argc, char **argv)
{
    static const cli_option_t *const tables[] = {finetune_options, options, cli_training_options, NULL};
    if (asks_help(argc, argv)) return graph_verb("finetune", tables, argc, argv);
    if (argc > 1 && !strcmp(argv[1], "graph")) return graph_verb("finetune", tables, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "timing")) return cli_finetune_circuits(cli_verb("finetune"), argc - 1, argv + 1);
    fprintf(stderr, "weft finetune: what to fine-tune must follow: weft finetune graph, weft finetune timing\n");
    return EXIT_USAGE;
}
