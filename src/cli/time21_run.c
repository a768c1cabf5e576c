/* cli/time21_run.c: designs of the 21-design set, and weft eval timing on them. */
#include "cli/time21_run.h"
#include "cli/measure.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
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
bool cli_time21_names(cli_time21_t *t, const char *v) { return take_names(t, v, t->design, &t->n_designs); }
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

weft_status_t cli_time21_read(const cli_time21_t *t, const char *const *name, int32_t n, weft_time21_t **design, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < n && status == WEFT_OK; i++) status = weft_time21_read(&design[i], t->data, name[i], t->library, diag);
    return status;
}



int cli_time21_finish(const char *what, weft_status_t status, weft_diag_t *diag)
{
    return cli_end(status, diag, false, "weft %s", what);
}

/* ---- eval --------------------------------------------------------------------------------------------------------- */
typedef struct eval_args { const char *model, *out, *json; int64_t max_memory, max_nodes; bool forced; } eval_args_t;
static bool take_eval_model(void *a, const char *v) { return (((eval_args_t *)a)->model = v) != NULL; }
static bool take_eval_out(void *a, const char *v) { return (((eval_args_t *)a)->out = v) != NULL; }
static bool take_eval_json(void *a, const char *v) { return (((eval_args_t *)a)->json = v) != NULL; }
static bool take_forced(void *a, const char *v) { return (void)v, ((eval_args_t *)a)->forced = true; }
static bool take_max_nodes(void *a, const char *v) { return cli_whole("max-nodes", v, 1, 1000000000000, &((eval_args_t *)a)->max_nodes); }
static bool take_max_memory(void *a, const char *v) { return cli_take_bytes("eval", "max-memory", v, &((eval_args_t *)a)->max_memory); }
static const cli_option_t eval_options[] = {
    {"model", "M", "sta, hybrid, timinggcn, preroutgnn (the shipped weights) or a file", take_eval_model},
    {"out", "DIR", "write DIR/DESIGN/at_slew.csv, netdelay.csv, celldelay.csv", take_eval_out},
    {"json", "FILE", "the scores as JSON; - is stdout, which then holds nothing else", take_eval_json},
    {"max-memory", "BYTES", "timinggcn, preroutgnn: go by blocks of levels that keep the pass within so much (1500M, 2G); the plan is printed before it runs; results do not depend on it", take_max_memory},
    {"max-nodes", "N", "timinggcn, preroutgnn: blocks of so many nodes at most", take_max_nodes},
    {"teacher-forcing", NULL, "timinggcn, preroutgnn: a third row, with the true states fed to every step as in training: what running free costs", take_forced},
    {"threads", "N", "threads; results do not depend on it", cli_take_threads},
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

static void print_plan(FILE *f, const char *design, const weft_partition_t *p)
{
    fprintf(f, "%s: %d block%s, at most %lld nodes and %lld carried into one, %.1f MB\n", design, p->n_blocks, p->n_blocks == 1 ? "" : "s", (long long)p->most_nodes, (long long)p->most_carried, (double)p->bytes * 1e-6);
}

/* One design by the model, by the engine with two constants, and (forced) by the model on true states. */
static weft_status_t eval_one(const cli_time21_t *t, const eval_args_t *a, const weft_time21_model_t *model, const weft_time21_model_t *sta, int32_t i, FILE *table, double (*v)[N_SCORES], double *seconds, weft_diag_t *diag)
{
    weft_time21_t *d = NULL;
    weft_time21_answer_t answer = {0};
    weft_partition_t *plan = NULL;
    const weft_level_run_t blocks = {.max_bytes = a->max_memory, .max_nodes = a->max_nodes}, forced = {.forced = true, .max_bytes = blocks.max_bytes, .max_nodes = blocks.max_nodes};
    const weft_level_run_t *run = blocks.max_bytes > 0 || blocks.max_nodes > 0 ? &blocks : NULL;
    double start = cli_now();
    weft_status_t status = weft_time21_read(&d, t->data, t->design[i], t->library, diag);
    if (status == WEFT_OK) status = weft_time21_answer_init(&answer, d);
    if (status == WEFT_OK && run && weft_time21_model_net(model)) status = weft_level_net_plan(weft_time21_model_net(model), d, run, &plan, diag);
    if (status == WEFT_OK && plan) print_plan(table ? table : stderr, t->design[i], plan);
    weft_partition_free(plan);
    for (int32_t k = 0; k < (a->forced ? 3 : 2) && status == WEFT_OK; k++) {
        status = weft_time21_model_answer(k == 1 ? sta : model, d, k == 2 ? &forced : k == 0 ? run : NULL, &answer, NULL, k == 1 ? NULL : diag);
        if (status != WEFT_OK) break;
        weft_time21_score_t s = weft_time21_score(d, &answer);
        scores_of(&s, v[k]);
        if (k == 0) *seconds = cli_now() - start;
        if (k || !a->out) continue;
        char dir[4096];
        snprintf(dir, sizeof dir, "%s/%s", a->out, t->design[i]);
        status = weft_time21_answer_write(&answer, d, dir, diag);
    }
    weft_time21_answer_destroy(&answer);
    weft_time21_free(d);
    return status;
}

static weft_status_t eval(cli_time21_t *t, const eval_args_t *a, weft_diag_t *diag)
{
    weft_time21_model_t *model = NULL, *sta = NULL;
    FILE *json = NULL, *table = stdout;
    double mean[3][N_SCORES] = {{0}}, v[3][N_SCORES], seconds = 0.0;
    static const char *const row[3] = {"mean", "  sta", "  true states fed"};
    int32_t n_rows = a->forced ? 3 : 2;
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
                (long long)weft_time21_model_n_parameters(model), "design");
        for (int32_t k = 0; k < N_SCORES; k++) fprintf(table, " %12s", score_name[k]);
        fputc('\n', table);
    }
    if (status == WEFT_OK && json) fprintf(json, "{\"dataset\":\"time21\",\"model\":\"%s\",\"parameters\":%lld,\"designs\":[", weft_time21_model_name(model), (long long)weft_time21_model_n_parameters(model));
    for (int32_t i = 0; i < t->n_designs && status == WEFT_OK; i++) {
        status = eval_one(t, a, model, sta, i, table, v, &seconds, diag);
        if (status != WEFT_OK) break;
        for (int32_t k = 0; k < n_rows * N_SCORES; k++) mean[k / N_SCORES][k % N_SCORES] += v[k / N_SCORES][k % N_SCORES] / t->n_designs;
        for (int32_t k = 0; k < n_rows && table; k++) print_row(table, k ? row[k] : t->design[i], v[k]);
        if (!json) continue;
        fprintf(json, "%s\n{\"design\":\"%s\",", i ? "," : "", t->design[i]);
        print_json(json, v[0], seconds);
        fputs(",\"sta\":{", json);
        print_json(json, v[1], 0.0);
        fputs("}", json);
        if (a->forced) {
            fputs(",\"true_states_fed\":{", json);
            print_json(json, v[2], 0.0);
            fputs("}", json);
        }
        fputs("}", json);
    }
    for (int32_t k = 0; k < n_rows && status == WEFT_OK && table; k++) print_row(table, row[k], mean[k]);
    if (status == WEFT_OK && json) {
        fputs("],\n\"mean\":{", json);
        print_json(json, mean[0], 0.0);
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
        code = cli_time21_finish("eval timing", eval(&t, &a, diag), diag);
    }
    cli_time21_close(&t);
    return code;
}
