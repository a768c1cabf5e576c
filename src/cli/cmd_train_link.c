/* cli/cmd_train_link.c: weft train link: which nodes are joined, over several seeds. */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/json_out.h"
#include "cli/train_watch.h"
#include "cli/training.h"
#include "weft/dataset.h"
#include "weft/link.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cli_option_t options[] = {
    {"dataset", "NAME|DIR", "a set of one graph: a folder in one of the known forms, or a name looked for in WEFT_DATASETS; no labels are needed", cli_take_dataset},
    {"model", "M", "gives every node a row of `hidden` columns: the names of weft train graph, without label_propagation (default gcn); stated defaults, without dropout and weight decay", cli_take_model},
    {"set", "KEY=VALUE", "change one option (may be repeated; weft train graph --help lists them): decoder=dot|mlp, hits_k, val_share, test_share, metric=roc_auc|ap", cli_take_set},
    {NULL, NULL, NULL, NULL}};

enum { MEASURES = 4 };
static const char *const measure[MEASURES] = {"auc", "ap", "hits", "mrr"};
static double value(const weft_link_scores_t *s, int k) { return k == 0 ? s->auc : k == 1 ? s->ap : k == 2 ? s->hits : s->mrr; }

static void mean_std(const weft_link_scores_t *s, int32_t n, int k, double *mean, double *std)
{
    double square = 0.0;
    *mean = 0.0;
    for (int32_t i = 0; i < n; i++) *mean += value(&s[i], k) / n;
    for (int32_t i = 0; i < n; i++) square += (value(&s[i], k) - *mean) * (value(&s[i], k) - *mean);
    *std = n > 1 ? sqrt(square / (n - 1)) : 0.0;
}

static void write_json(FILE *f, const cli_training_t *a, const char *set, const weft_train_options_t *o, const weft_run_t *run, const weft_link_scores_t *s)
{
    double mean, std, seconds = 0.0;
    for (int32_t i = 0; i < a->runs; i++) seconds += run[i].seconds;
    fprintf(f, "{\"task\":\"link\",\"dataset\":\"%s\",\"model\":\"%s\",\"decoder\":\"%s\",\"runs\":%d,\"seed\":%llu,\"hits_k\":%d,\"seconds\":%.3f", set, a->model, o->decoder == WEFT_DECODER_MLP ? "mlp" : "dot", a->runs,
            (unsigned long long)a->seed, o->hits_k, seconds);
    for (int k = 0; k < MEASURES; k++) {
        mean_std(s, a->runs, k, &mean, &std);
        fprintf(f, ",\"test_%s_mean\":%.9g,\"test_%s_std\":%.9g", measure[k], mean, measure[k], std);
    }
    fputs(",\"each\":[", f);
    for (int32_t i = 0; i < a->runs; i++) {
        fprintf(f, "%s\n{\"run\":%d,\"epochs\":%d,\"best_epoch\":%d,\"val\":%.9g,\"test\":%.9g", i ? "," : "", i, run[i].epochs, run[i].best_epoch, run[i].val, run[i].test);
        for (int k = 0; k < MEASURES; k++) fprintf(f, ",\"%s\":%.9g", measure[k], value(&s[i], k));
        fputc('}', f);
    }
    fputs("]}\n", f);
}

static weft_status_t run_all(const cli_training_t *a, const weft_link_task_t *link, const weft_train_options_t *o, weft_run_t *run, weft_link_scores_t *s, train_watch_t *watch, weft_diag_t *diag)
{
    for (int32_t i = 0; i < a->runs; i++) {
        weft_status_t status = weft_train_link(&run[i], &s[i], link, o, i, cli_watch_epoch, watch, diag);
        cli_watch_clear(watch);
        if (status != WEFT_OK) return watch->failed ? WEFT_EIO : status;
        if (!a->quiet) fprintf(stderr, "run %d: val %.4f, test auc %.4f ap %.4f hits@%d %.4f mrr %.4f, epoch %d of %d, %.2f s\n", i, run[i].val, s[i].auc, s[i].ap, o->hits_k, s[i].hits, s[i].mrr, run[i].best_epoch, run[i].epochs, run[i].seconds);
    }
    return WEFT_OK;
}

static weft_status_t tell_plan(const cli_training_t *a, const char *set, const weft_link_task_t *link, weft_train_options_t *o, weft_run_t *run, weft_link_scores_t *s, weft_diag_t *diag)
{
    char what[512];
    weft_plan_t p = {0};
    o->plan = &p;
    weft_status_t status = weft_train_link(run, s, link, o, 0, NULL, NULL, diag);
    o->plan = NULL;
    snprintf(what, sizeof what, "links of %s, %s", set, a->model);
    if (status == WEFT_OK || status == WEFT_ELIMIT) cli_tell_plan(what, &p);
    return fflush(stdout) ? WEFT_EIO : status;
}

static weft_status_t train(const cli_training_t *a, weft_diag_t *diag)
{
    weft_dataset_t *d = NULL;
    weft_task_data_t *task = NULL;
    weft_train_options_t o;
    weft_link_task_t link;
    weft_run_t *run = calloc((size_t)a->runs, sizeof *run);
    weft_link_scores_t *s = calloc((size_t)a->runs, sizeof *s);
    FILE *json = NULL;
    train_watch_t watch = {.bar = !a->quiet && isatty(STDERR_FILENO), .runs = a->runs, .keep = a->plot != NULL};
    char set[256], title[512];
    weft_status_t status = run && s ? weft_link_defaults(&o, a->model, diag) : WEFT_ENOMEM;
    if (status == WEFT_OK) status = cli_apply_settings(&a->settings, &o, diag);
    if (status == WEFT_OK) status = weft_dataset_read(&d, a->dataset, diag);
    if (status == WEFT_OK) status = weft_task_new(&task, d, NULL, diag);
    if (status == WEFT_OK) status = weft_link_task(&link, task, d, diag);
    if (status == WEFT_OK) status = cli_watch_open(&watch, a->log, false, 0, 0, diag);
    if (status != WEFT_OK) goto done;
    o.seed = a->seed;
    watch.epochs = weft_train_sized(&o, false, d->n_nodes + 2 * d->n_edges).epochs;
    if (watch.epochs < 1) watch.epochs = 1;
    watch.metric = o.metric == WEFT_METRIC_AP + 1 ? "ap" : "roc_auc";
    cli_base_name(a->dataset, set, sizeof set);
    o.max_memory = a->max_memory;
    if (a->plan) {
        status = tell_plan(a, set, &link, &o, run, s, diag);
        goto done;
    }
    if (a->json && !(json = cli_json_open(a->json, diag))) {
        status = WEFT_EIO;
        goto done;
    }
    cli_interrupt_watch();
    status = run_all(a, &link, &o, run, s, &watch, diag);
    snprintf(title, sizeof title, "links of %s, %s", set, a->model);
    if (status == WEFT_OK && a->plot) status = cli_watch_plot(&watch, title, a->plot, diag);
    if (status == WEFT_ECANCEL) fprintf(stderr, "weft train link: stopped\n");
    if (status != WEFT_OK) goto done;
    if (json) write_json(json, a, set, &o, run, s);
    if (json != stdout) {
        printf("links of %s, %s:", set, a->model);
        for (int k = 0; k < MEASURES; k++) {
            double mean, std;
            mean_std(s, a->runs, k, &mean, &std);
            printf("%s %s", k ? "," : "", measure[k]);
            if (k == 2) printf("@%d", o.hits_k);
            printf(" %.4f +- %.4f", mean, std);
        }
        printf(" over %d runs\n", a->runs);
    }
    if (fflush(stdout)) status = WEFT_EIO;
done:
    if (cli_watch_close(&watch) != WEFT_OK) status = WEFT_EIO;
    if (json) status = cli_json_close(json, status, diag);
    free(run);
    free(s);
    weft_task_free(task);
    weft_dataset_free(d);
    return status;
}

int cli_train_link(const cli_verb_t *verb, int argc, char **argv)
{
    cli_training_t a = {.verb = "train link", .runs = 10, .model = "gcn"};
    const cli_option_t *const tables[] = {options, cli_training_options, NULL};
    void *const into[] = {&a, &a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.dataset) {
        fprintf(stderr, "weft train link: --dataset is needed\n");
        return EXIT_USAGE;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = train(&a, diag);
    return cli_end(status, diag, false, "weft train link");
}
