/* cli/cmd_bench_graph.c: weft bench graph: data sets x models, every result stored as it comes, the table beside what others published. */
#include "cli/cli.h"
#include "cli/graph_suites.h"
#include "cli/interrupt.h"
#include "cli/result_store.h"
#include "cli/training.h"
#include "weft/dataset.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 1024 };
typedef struct table_args {
    const char *suite, *sets, *models, *preset, *split, *store, *data, *json;
    cli_settings_t settings;
    int32_t runs;
    int64_t seed;
    double rewire;
    bool report, quiet;
} table_args_t;

typedef struct cell {
    char set[64], model[32], split[64], preset[32], settings[256];
    int32_t runs;
    bool failed;
    weft_train_options_t options;
} cell_t;

/* One data set with one of its splits, kept while the table is worked on. */
typedef struct loaded { char set[64], split[64]; weft_dataset_t *d; weft_task_data_t *task; bool failed; } loaded_t;

typedef struct table {
    const table_args_t *a;
    cell_t *cell;
    int32_t n_cells, n_loaded;
    loaded_t *loaded;
    result_store_t store;
} table_t;

static bool take_suite(void *a, const char *v) { return (((table_args_t *)a)->suite = v) != NULL; }
static bool take_sets(void *a, const char *v) { return (((table_args_t *)a)->sets = v) != NULL; }
static bool take_models(void *a, const char *v) { return (((table_args_t *)a)->models = v) != NULL; }
static bool take_preset(void *a, const char *v) { return (((table_args_t *)a)->preset = v) != NULL; }
static bool take_split(void *a, const char *v) { return (((table_args_t *)a)->split = v) != NULL; }
static bool take_store(void *a, const char *v) { return (((table_args_t *)a)->store = v) != NULL; }
static bool take_data(void *a, const char *v) { return (((table_args_t *)a)->data = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((table_args_t *)a)->json = v) != NULL; }
static bool take_report(void *a, const char *v) { return (void)v, ((table_args_t *)a)->report = true; }
static bool take_quiet(void *a, const char *v) { return (void)v, ((table_args_t *)a)->quiet = true; }
static bool take_seed(void *a, const char *v) { return cli_whole("seed", v, 0, UINT32_MAX, &((table_args_t *)a)->seed); }
static bool take_runs(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("runs", v, 0, 100000, &n)) return false;
    ((table_args_t *)a)->runs = (int32_t)n;
    return true;
}
static bool take_set(void *a, const char *v) { return cli_take_setting(&((table_args_t *)a)->settings, "bench graph", v); }
static bool take_rewire(void *a, const char *v) { return cli_number("rewire", v, 0.0, 1.0, &((table_args_t *)a)->rewire); }

static const cli_option_t options[] = {
    {"suite", "NAME", "classic (default), tuned, graphs, heterophily; own: every one of --sets with every one of --models", take_suite},
    {"sets", "A,B,..", "these data sets alone", take_sets},
    {"models", "A,B,..", "these models alone", take_models},
    {"runs", "N", "at most N runs of each row (default: what the suite says; own: 10)", take_runs},
    {"seed", "S", "first seed (default 0); run i uses seed S + i and split i mod n", take_seed},
    {"store", "FILE", "where every result goes as it comes, and whence a stopped table goes on (default weft-results.tsv)", take_store},
    {"data", "DIR", "folder of the data sets (default: WEFT_DATASETS, datasets/)", take_data},
    {"preset", "NAME", "own: preset of the options", take_preset},
    {"split", "NAME", "own: split by name", take_split},
    {"set", "KEY=VALUE", "change one option in every row (may be repeated; weft train graph --help lists them)", take_set},
    {"rewire", "SHARE", "robustness: so many of the edges, drawn by --seed, join two nodes at random instead; rows say so under settings", take_rewire},
    {"report", NULL, "train nothing: the table of what is stored", take_report},
    {"json", "FILE", "the table as JSON; - is stdout, which then holds nothing else", take_json},
    {"threads", "N", "threads; results do not depend on it", cli_take_threads},
    {"quiet", NULL, "no line per run", take_quiet},
    {NULL, NULL, NULL, NULL}};

/* The next name of a list of names; NULL at its end. */
static const char *next_name(const char **list, char *to, size_t size)
{
    *list += strspn(*list, " ,");
    size_t n = strcspn(*list, " ,");
    if (!n) return NULL;
    snprintf(to, size, "%.*s", (int)n, *list);
    *list += n;
    return to;
}

static bool listed(const char *list, const char *name)
{
    char one[64];
    if (!list) return true;
    while (next_name(&list, one, sizeof one))
        if (!strcmp(one, name)) return true;
    return false;
}

static weft_status_t apply(weft_train_options_t *o, const char *settings, weft_diag_t *diag)
{
    char one[256];
    weft_status_t status = WEFT_OK;
    while (status == WEFT_OK && next_name(&settings, one, sizeof one)) status = weft_train_set(o, one, diag);
    return status;
}

/* The set with the split, read once; NULL where it cannot be had (told once). */
static loaded_t *load(table_t *t, const cell_t *c, weft_diag_t *diag)
{
    char path[4096];
    for (int32_t i = 0; i < t->n_loaded; i++)
        if (!strcmp(t->loaded[i].set, c->set) && !strcmp(t->loaded[i].split, c->split)) return t->loaded[i].failed ? NULL : &t->loaded[i];
    loaded_t *l = &t->loaded[t->n_loaded++];
    *l = (loaded_t){.failed = true};
    snprintf(l->set, sizeof l->set, "%s", c->set);
    snprintf(l->split, sizeof l->split, "%s", c->split);
    snprintf(path, sizeof path, "%s%s%s", t->a->data ? t->a->data : "", t->a->data ? "/" : "", c->set);
    if (weft_dataset_read(&l->d, path, diag) != WEFT_OK) return NULL;
    if (t->a->rewire > 0.0) weft_dataset_rewire(l->d, t->a->rewire, t->a->seed);
    if (l->d->task != WEFT_TASK_NODE_CLASS && weft_dataset_degree_codes(l->d) != WEFT_OK) return NULL;
    const weft_split_t *split = weft_dataset_split(l->d, *c->split ? c->split : NULL, diag);
    if (!split || weft_task_new(&l->task, l->d, split, diag) != WEFT_OK) return NULL;
    l->failed = false;
    return l;
}

static weft_status_t add_cell(table_t *t, const suite_row_t *row, const char *set, const char *model, weft_diag_t *diag)
{
    if (!listed(t->a->sets, set) || !listed(t->a->models, model)) return WEFT_OK;
    if (t->n_cells == MOST_CELLS) {
        weft_diag_add(diag, WEFT_ERROR, "bench-rows", NULL, 0, 0, "more than %d rows", MOST_CELLS);
        return WEFT_EUSAGE;
    }
    cell_t *c = &t->cell[t->n_cells++];
    *c = (cell_t){.runs = t->a->runs && t->a->runs < row->runs ? t->a->runs : row->runs};
    snprintf(c->set, sizeof c->set, "%s", set);
    snprintf(c->model, sizeof c->model, "%s", model);
    snprintf(c->split, sizeof c->split, "%s", row->split ? row->split : "");
    snprintf(c->preset, sizeof c->preset, "%s", row->stated ? "stated" : row->preset ? row->preset : "");
    snprintf(c->settings, sizeof c->settings, "%s", row->settings ? row->settings : "");
    for (int32_t i = 0; i < t->a->settings.n; i++) {
        size_t n = strlen(c->settings);
        snprintf(c->settings + n, sizeof c->settings - n, "%s%s", n ? " " : "", t->a->settings.key[i]);
    }
    const loaded_t *own = strcmp(row->suite, "own") ? NULL : load(t, c, diag); /* what any set is trained by depends on its form; rows of tables say all themselves */
    weft_status_t status = weft_train_defaults_for(&c->options, model, row->stated ? NULL : set, row->preset, own && own->d->task != WEFT_TASK_NODE_CLASS, diag);
    if (status == WEFT_OK) status = apply(&c->options, c->settings, diag);
    size_t n = strlen(c->settings);
    if (t->a->rewire > 0.0) snprintf(c->settings + n, sizeof c->settings - n, "%srewire=%g", n ? " " : "", t->a->rewire);
    return status;
}

static weft_status_t make_cells(table_t *t, weft_diag_t *diag)
{
    const suite_row_t own = {"own", t->a->sets, t->a->models, t->a->split, t->a->preset, NULL, t->a->runs ? t->a->runs : 10, false};
    bool is_own = !strcmp(t->a->suite, "own"), found = is_own;
    weft_status_t status = WEFT_OK;
    if (is_own && (!own.sets || !own.models)) {
        weft_diag_add(diag, WEFT_ERROR, "bench-rows", NULL, 0, 0, "--suite own needs --sets and --models");
        return WEFT_EUSAGE;
    }
    if (!is_own && (t->a->preset || t->a->split)) {
        weft_diag_add(diag, WEFT_ERROR, "bench-rows", NULL, 0, 0, "--preset and --split are for --suite own");
        return WEFT_EUSAGE;
    }
    for (const suite_row_t *row = is_own ? &own : suite_rows; row->suite && status == WEFT_OK; row++) {
        if (!is_own && strcmp(row->suite, t->a->suite)) continue;
        char set[64], model[32];
        found = true;
        for (const char *sets = row->sets; status == WEFT_OK && next_name(&sets, set, sizeof set);)
            for (const char *models = row->models; status == WEFT_OK && next_name(&models, model, sizeof model);) status = add_cell(t, row, set, model, diag);
        if (is_own) break;
    }
    if (status == WEFT_OK && !t->n_cells) {
        weft_diag_add(diag, WEFT_ERROR, "bench-rows", NULL, 0, 0, found ? "no row of suite %s is left" : "there is no suite %s: classic, tuned, graphs, heterophily, own", t->a->suite);
        status = WEFT_EUSAGE;
    }
    return status;
}

static stored_result_t result_of(const table_t *t, const cell_t *c, int32_t run)
{
    stored_result_t r = {.run = run, .seed = t->a->seed + (uint64_t)run};
    snprintf(r.set, sizeof r.set, "%s", c->set);
    snprintf(r.split, sizeof r.split, "%s", c->split);
    snprintf(r.model, sizeof r.model, "%s", c->model);
    snprintf(r.preset, sizeof r.preset, "%s", c->preset);
    snprintf(r.settings, sizeof r.settings, "%s", c->settings);
    cli_options_hash(&c->options, r.options);
    return r;
}

static bool go_on(void *context, const weft_epoch_t *e) { return (void)context, (void)e, !cli_interrupted(); }

/* One run of one row, unless it is stored. */
static weft_status_t work(table_t *t, cell_t *c, int32_t run, weft_diag_t *diag)
{
    stored_result_t r = result_of(t, c, run);
    if (cli_store_find(&t->store, &r)) return WEFT_OK;
    loaded_t *l = load(t, c, diag);
    weft_train_options_t o = c->options;
    o.seed = t->a->seed;
    weft_status_t status = l ? weft_train_run(&r.result, NULL, l->task, &o, run, go_on, NULL, diag) : WEFT_EINPUT;
    c->failed = status != WEFT_OK && status != WEFT_ECANCEL;
    if (status != WEFT_OK) return status;
    snprintf(r.metric, sizeof r.metric, "%s", weft_metric_name(weft_task_metric(l->task, &o)));
    status = cli_store_add(&t->store, &r, diag);
    if (status == WEFT_OK && !t->a->quiet)
        fprintf(stderr, "%s %s %s %s run %d: val %.4f test %.4f, epoch %d of %d, %.1f s\n", c->set, c->model, c->preset, c->settings, run, r.result.val, r.result.test, r.result.best_epoch, r.result.epochs, r.result.seconds);
    return status;
}

/* Run after run over all rows, so that a table that is stopped early is broad. A row that fails is left out, the others go on. */
static weft_status_t work_all(table_t *t, weft_diag_t *diag)
{
    weft_status_t first = WEFT_OK;
    int32_t most = 0;
    for (int32_t i = 0; i < t->n_cells; i++) most = t->cell[i].runs > most ? t->cell[i].runs : most;
    for (int32_t run = 0; run < most; run++)
        for (int32_t i = 0; i < t->n_cells; i++) {
            cell_t *c = &t->cell[i];
            if (run >= c->runs || c->failed) continue;
            weft_status_t status = work(t, c, run, diag);
            if (status == WEFT_ECANCEL) return status;
            if (first == WEFT_OK) first = status;
        }
    return first;
}

typedef struct summary { int32_t n; double mean, std, val, seconds; const char *metric; } summary_t;

static summary_t summary_of(const table_t *t, const cell_t *c)
{
    summary_t s = {.metric = "accuracy"};
    double square = 0.0;
    for (int32_t pass = 0; pass < 2; pass++)
        for (int32_t run = 0; run < c->runs; run++) {
            stored_result_t like = result_of(t, c, run);
            const stored_result_t *r = cli_store_find(&t->store, &like);
            if (!r) continue;
            if (pass) square += (r->result.test - s.mean / s.n) * (r->result.test - s.mean / s.n);
            else {
                s.n++;
                s.mean += r->result.test;
                s.val += r->result.val;
                s.seconds += r->result.seconds;
                s.metric = r->metric;
            }
        }
    if (s.n) {
        s.mean /= s.n;
        s.val /= s.n;
    }
    s.std = s.n > 1 ? sqrt(square / (s.n - 1)) : 0.0;
    return s;
}

static void print_text(const table_t *t, FILE *f)
{
    fprintf(f, "weft bench graph --suite %s: test value of the epoch with the best validation value, mean +- std over runs (seed and split of run i: %llu + i, i mod n)\n"
               "stated: the defaults for a set that no table knows. mark: what this project asks of itself. Percent; MAE and RMSE as they are.\n",
            t->a->suite, (unsigned long long)t->a->seed);
    fprintf(f, "%-20s %-8s %-18s %-8s %-14s %6s  %-15s %8s  %-15s %6s %-8s %s\n", "set", "split", "model", "preset", "settings", "runs", "test", "val", "published", "mark", "", "source");
    for (int32_t i = 0; i < t->n_cells; i++) {
        const cell_t *c = &t->cell[i];
        summary_t s = summary_of(t, c);
        const published_t *p = cli_published(c->set, c->split, c->model, strcmp(c->preset, "stated") ? c->preset : NULL);
        double scale = strcmp(s.metric, "mae") && strcmp(s.metric, "rmse") ? 100.0 : 1.0;
        char test[32] = "-", val[16] = "-", known[32] = "-", mark[16] = "", runs[16];
        snprintf(runs, sizeof runs, "%d/%d", s.n, c->runs);
        if (s.n) snprintf(test, sizeof test, s.n > 1 ? "%.2f +- %.2f" : "%.2f", scale * s.mean, scale * s.std);
        if (s.n) snprintf(val, sizeof val, "%.2f", scale * s.val);
        if (p && p->mean > 0.0) snprintf(known, sizeof known, p->std > 0.0 ? "%.1f +- %.1f" : "%.1f", p->mean, p->std);
        bool asked = p && p->mark > 0.0 && strcmp(c->preset, "stated");
        if (asked) snprintf(mark, sizeof mark, "%.1f", p->mark);
        fprintf(f, "%-20s %-8s %-18s %-8s %-14s %6s  %-15s %8s  %-15s %6s %-8s %s\n", c->set, *c->split ? c->split : "-", c->model, *c->preset ? c->preset : "-", *c->settings ? c->settings : "-", runs, test, val, known,
                mark, !asked || !s.n ? "" : s.n < c->runs ? "partial" : scale * s.mean > p->mark - 1e-9 ? "reached" : "short", p && p->mean > 0.0 ? p->source : "");
    }
    if (t->store.broken) fprintf(f, "%d line(s) of the store were not whole and are left out\n", t->store.broken);
}

static void print_json(const table_t *t, FILE *f)
{
    fprintf(f, "{\"suite\":\"%s\",\"seed\":%llu,\"rows\":[", t->a->suite, (unsigned long long)t->a->seed);
    for (int32_t i = 0; i < t->n_cells; i++) {
        const cell_t *c = &t->cell[i];
        summary_t s = summary_of(t, c);
        const published_t *p = cli_published(c->set, c->split, c->model, strcmp(c->preset, "stated") ? c->preset : NULL);
        fprintf(f, "%s\n{\"dataset\":\"%s\",\"split\":\"%s\",\"model\":\"%s\",\"preset\":\"%s\",\"settings\":\"%s\",\"metric\":\"%s\",\"runs\":%d,\"runs_wanted\":%d", i ? "," : "", c->set, c->split, c->model, c->preset,
                c->settings, s.metric, s.n, c->runs);
        if (s.n) fprintf(f, ",\"test_mean\":%.9g,\"test_std\":%.9g,\"val_mean\":%.9g,\"seconds\":%.3f", s.mean, s.std, s.val, s.seconds);
        if (p && p->mean > 0.0) fprintf(f, ",\"published_percent\":%.9g,\"published_std\":%.9g,\"source\":\"%s\"", p->mean, p->std, p->source);
        fputc('}', f);
    }
    fputs("]}\n", f);
}

static weft_status_t print(const table_t *t, weft_diag_t *diag)
{
    if (!t->a->json || strcmp(t->a->json, "-")) print_text(t, stdout);
    FILE *f = !t->a->json ? NULL : strcmp(t->a->json, "-") ? fopen(t->a->json, "w") : stdout;
    if (t->a->json && !f) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", t->a->json, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    if (f) print_json(t, f);
    if (f && f != stdout && fclose(f)) return WEFT_EIO;
    return fflush(stdout) ? WEFT_EIO : WEFT_OK;
}

int cli_bench_graph(const cli_verb_t *verb, int argc, char **argv)
{
    table_args_t a = {.suite = "classic", .store = "weft-results.tsv"};
    table_t t = {.a = &a};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = WEFT_ENOMEM;
    t.cell = calloc(MOST_CELLS, sizeof *t.cell);
    t.loaded = calloc(MOST_CELLS, sizeof *t.loaded);
    if (t.cell && t.loaded) status = make_cells(&t, diag);
    if (status == WEFT_OK) status = cli_store_open(&t.store, a.store, diag);
    if (status == WEFT_OK) {
        cli_interrupt_watch();
        weft_status_t worked = a.report ? WEFT_OK : work_all(&t, diag);
        status = print(&t, diag);
        if (status == WEFT_OK) status = worked;
        if (worked == WEFT_ECANCEL) fprintf(stderr, "weft bench graph: stopped; the same command goes on from here\n");
    }
    for (int32_t i = 0; i < t.n_loaded; i++) {
        weft_task_free(t.loaded[i].task);
        weft_dataset_free(t.loaded[i].d);
    }
    cli_store_close(&t.store);
    free(t.cell);
    free(t.loaded);
    return cli_end(status, diag, false, "weft bench graph");
}
