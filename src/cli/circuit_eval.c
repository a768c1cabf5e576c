/* cli/circuit_eval.c: weft eval timing on routed circuits: predicted slacks against the routed ones, beside plainer estimates. */
#include "cli/circuit_fit.h"
#include "cli/circuit_verbs.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool cli_names_dataset(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strncmp(argv[i], "--dataset", 9) && (!argv[i][9] || argv[i][9] == '=')) return true;
    return false;
}

/* The estimates of a design, from plain to learned. */
enum { ZERO = 0, SPANNING, CONSTANTS, MODEL, N_ESTIMATES };
static const char *const estimate_name[N_ESTIMATES] = {"zero wire", "mst:0.16,2.0", "constants", "model"};

enum { MOST_BESIDE = 6 };
typedef struct args { const char *json, *folds; const char **only; int32_t n_only, n_beside; struct { char name[32]; const char *file; } beside[MOST_BESIDE]; } args_t;
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_folds(void *a, const char *v) { return (((args_t *)a)->folds = v) != NULL; }
static bool take_design(void *p, const char *v)
{
    args_t *a = p;
    const char **more = realloc(a->only, ((size_t)a->n_only + 1) * sizeof *more);
    if (!more) return false;
    a->only = more;
    more[a->n_only++] = v;
    return true;
}
static bool take_beside(void *p, const char *v)
{
    args_t *a = p;
    const char *equals = strchr(v, '=');
    size_t n = equals ? (size_t)(equals - v) : 0;
    bool good = n && n < sizeof a->beside->name && equals[1] && a->n_beside < MOST_BESIDE;
    if (good) {
        char *name = a->beside[a->n_beside].name;
        memcpy(name, v, n); /* the rest is 0 */
        a->beside[a->n_beside].file = equals + 1;
        for (int k = 0; k < N_ESTIMATES; k++) good = good && strcmp(name, estimate_name[k]);
        for (int k = 0; k < a->n_beside; k++) good = good && strcmp(name, a->beside[k].name);
        a->n_beside += good;
    }
    if (!good) fprintf(stderr, "weft eval timing: --beside %s: NAME=FILE, a name of its own of at most %zu letters, at most %d of them\n", v, sizeof a->beside->name - 1, MOST_BESIDE);
    return good;
}
static const cli_option_t eval_options[] = {
    {"design", "NAME", "this design alone; repeated", take_design},
    {"fold-models", "FILE", "PREFIX.csv of weft train timing --fold-models: every design by the model that never saw its family", take_folds},
    {"beside", "NAME=FILE", "another model, or another PREFIX.csv of fold models, to stand beside it in summary and JSON; repeated", take_beside},
    {"json", "FILE", "every score as JSON; - is stdout, which then holds nothing else", take_json},
    {NULL, NULL, NULL, NULL}};

typedef struct result { weft_slack_score_t score[N_ESTIMATES + MOST_BESIDE][2]; double beyond; } result_t;
typedef struct table { const args_t *args; result_t *row; int32_t n; json_t *designs; } table_t;

static weft_status_t estimate(weft_timer_t **timer, weft_wires_t **wires, const weft_wire_model_t *m, const cli_inputs_t *in, const cli_loaded_t *l, weft_diag_t *diag)
{
    weft_status_t status = weft_wires_predict(wires, m, l->design, 0.0, diag);
    weft_timing_options_t o = {.delay_model = in->delay_model, .pin_cap = in->pin_cap, .no_cppr = in->no_cppr, .wires = *wires};
    return status == WEFT_OK ? weft_timer_new(timer, l->design, l->constraints, &o, NULL) : status;
}

/* model: of MODEL and those beside it, n in all. */
static weft_status_t score_design(result_t *r, const cli_inputs_t *in, const cli_loaded_t *l, const weft_wire_model_t *const *model, int n, weft_diag_t *diag)
{
    enum { MOST = N_ESTIMATES + MOST_BESIDE };
    weft_wire_model_t *plain[MODEL] = {NULL};
    weft_wires_t *wires[MOST] = {NULL}, *heavier = NULL;
    weft_timer_t *timer[MOST] = {NULL}, *shifted = NULL, *truth = NULL;
    double interval[2];
    weft_timing_options_t o = {.delay_model = in->delay_model, .pin_cap = in->pin_cap, .no_cppr = in->no_cppr, .parasitics = l->truth};
    weft_status_t status = weft_timer_new(&truth, l->design, l->constraints, &o, NULL);
    if (status == WEFT_OK) status = weft_wire_model_new(&plain[ZERO], "zero", NULL, 0, diag);
    if (status == WEFT_OK) status = weft_wire_model_new(&plain[SPANNING], estimate_name[SPANNING], NULL, 0, diag);
    if (status == WEFT_OK) status = weft_wire_model_plain(&plain[CONSTANTS], model[0]);
    for (int k = 0; k < MODEL + n && status == WEFT_OK; k++) status = estimate(&timer[k], &wires[k], k < MODEL ? plain[k] : model[k - MODEL], in, l, diag);
    if (status == WEFT_OK) status = weft_wires_shifted(&heavier, wires[MODEL], 1.0);
    if (status == WEFT_OK) r->beyond = weft_wires_beyond(wires[MODEL]);
    weft_wire_model_interval(model[0], interval);
    bool bounds = interval[0] > 0.0 || interval[1] > 0.0;
    o = (weft_timing_options_t){.delay_model = in->delay_model, .pin_cap = in->pin_cap, .no_cppr = in->no_cppr, .wires = heavier};
    if (status == WEFT_OK && bounds) status = weft_timer_new(&shifted, l->design, l->constraints, &o, NULL);
    for (int k = 0; k < MODEL + n && status == WEFT_OK; k++)
        status = weft_slack_scores(r->score[k], l->design, 0, timer[k], k == MODEL ? shifted : NULL, k == MODEL && bounds ? interval : NULL, truth);
    for (int k = 0; k < MODEL + n; k++) {
        weft_timer_free(timer[k]);
        weft_wires_free(wires[k]);
        if (k < MODEL) weft_wire_model_free(plain[k]);
    }
    weft_timer_free(shifted);
    weft_timer_free(truth);
    weft_wires_free(heavier);
    return status;
}

/* ---- output ------------------------------------------------------------------------------------------------------ */
static json_t *number(double v, double unit) { return isfinite(v) ? json_real(v * unit) : json_null(); }

static json_t *score_json(const weft_slack_score_t *s)
{
    return json_pack("{s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "endpoints", s->n, "r2", number(s->r2, 1.0), "mae_ps", number(s->mean, 1e12), "max_ps", number(s->worst, 1e12), "wns_error_ps", number(s->wns, 1e12), "tns_error_ps",
                     number(s->tns, 1e12), "rank_worst_100", number(s->rank, 1.0), "coverage", number(s->covered, 1.0), "interval_ps", number(s->width, 1e12));
}

static json_t *design_json(const args_t *a, const cli_data_design_t *d, const cli_loaded_t *l, const char *model, const result_t *r)
{
    json_t *all = json_object();
    for (int k = 0; k < N_ESTIMATES + a->n_beside; k++) json_object_set_new(all, k < N_ESTIMATES ? estimate_name[k] : a->beside[k - N_ESTIMATES].name, json_pack("{s:o,s:o}", "setup", score_json(&r->score[k][1]), "hold", score_json(&r->score[k][0])));
    return json_pack("{s:s,s:s,s:i,s:s,s:f,s:o}", "design", d->name, "family", d->family, "pins", l->design->n_pins, "model", model, "beyond", r->beyond, "estimates", all);
}

static void print_head(FILE *to)
{
    fprintf(to, "ps, mean over endpoints; constants: the model's least-squares Steiner tree and Elmore delay without what is learned; ratio: model to constants\n%-30s %8s %8s %8s %8s %6s %7s %7s %7s %6s %6s %8s | %8s %8s %6s %6s\n",
            "design", "zero", "mst", "const.", "model", "ratio", "R2", "wns", "tns", "rank", "cover", "interval", "hold", "const.", "ratio", "cover");
}

static void print_row(FILE *to, const char *name, const result_t *r)
{
    const weft_slack_score_t *s = &r->score[MODEL][1], *h = &r->score[MODEL][0];
    fprintf(to, "%-30s %8.2f %8.2f %8.2f %8.2f %6.2f %7.4f %7.1f %7.0f %6.3f %6.2f %8.1f | %8.2f %8.2f %6.2f %6.2f\n", name, r->score[ZERO][1].mean * 1e12, r->score[SPANNING][1].mean * 1e12, r->score[CONSTANTS][1].mean * 1e12, s->mean * 1e12,
            s->mean / r->score[CONSTANTS][1].mean, s->r2, s->wns * 1e12, s->tns * 1e12, s->rank, s->covered, s->width * 1e12, h->mean * 1e12, r->score[CONSTANTS][0].mean * 1e12, h->mean / r->score[CONSTANTS][0].mean, h->covered);
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct spread { double median, p90, worst; int32_t n, above, above_110; double pooled; } spread_t;
enum { MAE = 0, WNS, RATIO, RATIO_SPANNING, COVER, MAE_BESIDE, RATIO_BESIDE = MAE_BESIDE + MOST_BESIDE };
static double value_of(const result_t *r, int what, int el)
{
    const weft_slack_score_t *s = &r->score[MODEL][el];
    if (what >= RATIO_BESIDE) return s->mean / r->score[N_ESTIMATES + what - RATIO_BESIDE][el].mean;
    if (what >= MAE_BESIDE) return r->score[N_ESTIMATES + what - MAE_BESIDE][el].mean * 1e12;
    return what == MAE ? s->mean * 1e12 : what == WNS ? s->wns * 1e12 : what == COVER ? s->covered : s->mean / r->score[what == RATIO ? CONSTANTS : SPANNING][el].mean;
}
static spread_t spread_of(const table_t *t, int what, int el)
{
    spread_t s = {.median = NAN, .p90 = NAN, .worst = NAN, .pooled = NAN};
    double *v = malloc(((size_t)t->n + 1) * sizeof *v), sum = 0.0, weight = 0.0;
    for (int32_t i = 0; i < t->n && v; i++) {
        double x = value_of(&t->row[i], what, el);
        if (!isfinite(x)) continue;
        sum += x * t->row[i].score[MODEL][el].n;
        weight += t->row[i].score[MODEL][el].n;
        s.above += x > 1.0;
        s.above_110 += x > 1.1;
        v[s.n++] = x;
    }
    if (s.n) {
        qsort(v, (size_t)s.n, sizeof *v, by_double);
        s.median = s.n % 2 ? v[s.n / 2] : 0.5 * (v[s.n / 2 - 1] + v[s.n / 2]);
        s.p90 = v[(int32_t)(0.9 * (s.n - 1) + 0.5)];
        s.worst = v[s.n - 1];
        s.pooled = sum / weight;
    }
    free(v);
    return s;
}

static void summary_line(const table_t *t, int what, int el, const char *text, const char *key, json_t *side, FILE *to)
{
    spread_t s = spread_of(t, what, el);
    char name[96];
    snprintf(name, sizeof name, "%s %s", el ? "setup" : "hold", text);
    if (to) fprintf(to, "%-32s %8.3f %8.3f %8.3f %8.3f", name, s.median, s.p90, s.worst, s.pooled);
    if (to && (what == RATIO || what == RATIO_SPANNING || what >= RATIO_BESIDE)) fprintf(to, " %6d %6d", s.above, s.above_110);
    if (to) fputc('\n', to);
    json_object_set_new(side, key, json_pack("{s:o,s:o,s:o,s:o,s:i,s:i}", "median", number(s.median, 1.0), "p90", number(s.p90, 1.0), "worst", number(s.worst, 1.0), "pooled", number(s.pooled, 1.0), "above_1", s.above, "above_1_1", s.above_110));
}

static json_t *summarise(const table_t *t, FILE *to)
{
    static const struct { int what; const char *text, *key; } line[] = {{MAE, "MAE, ps", "mae_ps"}, {WNS, "WNS error, ps", "wns_error_ps"}, {RATIO, "ratio to constants", "ratio_constants"}, {RATIO_SPANNING, "ratio to mst:0.16,2.0", "ratio_mst"}, {COVER, "coverage", "coverage"}};
    json_t *all = json_object();
    if (to) fprintf(to, "\n%-32s %8s %8s %8s %8s %6s %6s\n", "over the designs", "median", "p90", "worst", "pooled", "> 1", "> 1.1");
    for (int el = 1; el >= 0; el--) {
        json_t *side = json_object();
        for (size_t k = 0; k < sizeof line / sizeof *line; k++) summary_line(t, line[k].what, el, line[k].text, line[k].key, side, to);
        for (int k = 0; k < t->args->n_beside; k++)
            for (int ratio = 0; ratio < 2; ratio++) {
                char text[64], key[64];
                snprintf(text, sizeof text, ratio ? "ratio to %s" : "MAE of %s, ps", t->args->beside[k].name);
                snprintf(key, sizeof key, ratio ? "ratio_%s" : "mae_ps_%s", t->args->beside[k].name);
                summary_line(t, (ratio ? RATIO_BESIDE : MAE_BESIDE) + k, el, text, key, side, to);
            }
        json_object_set_new(all, el ? "setup" : "hold", side);
    }
    return all;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */
typedef struct models { const char *path; char fold[4096]; weft_wire_model_t *model; char words[4400]; } models_t;

/* The file that PREFIX.csv names for a design. */
static weft_status_t fold_of(const char *csv, const char *design, char path[4096], weft_diag_t *diag)
{
    char line[8192];
    FILE *f = fopen(csv, "r");
    size_t n = strlen(design);
    *path = 0;
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (!strncmp(line, design, n) && line[n] == ',') snprintf(path, 4096, "%.4095s", line + n + 1);
    }
    if (f) fclose(f);
    if (*path) return WEFT_OK;
    weft_diag_add(diag, f ? WEFT_WARNING : WEFT_ERROR, "eval-fold", csv, 0, 0, f ? "no fold left %s out; it is passed over" : "cannot be read: %s", f ? design : strerror(errno));
    return f ? WEFT_OK : WEFT_EINPUT;
}

/* A model of fold models' table (*.csv) for a design; NULL: none left it out. One that serves the next design too stays. */
static weft_status_t model_of_fold(models_t *m, const char *csv, const char *design, weft_diag_t *diag)
{
    char path[4096] = "";
    weft_status_t status = fold_of(csv, design, path, diag);
    if (status == WEFT_OK && m->model && !strcmp(path, m->fold)) return status;
    weft_wire_model_free(m->model);
    m->model = NULL;
    snprintf(m->fold, sizeof m->fold, "%s", path);
    if (status == WEFT_OK && *path) status = weft_wire_model_new(&m->model, path, NULL, 0, diag);
    snprintf(m->words, sizeof m->words, "%s", path);
    return status;
}

/* The model of a design; NULL: it has none. */
static weft_status_t model_for(models_t *m, const args_t *a, const cli_inputs_t *in, const cli_data_design_t *d, const cli_loaded_t *l, weft_diag_t *diag)
{
    if (a->folds) return model_of_fold(m, a->folds, d->name, diag);
    if (m->model && in->model) return WEFT_OK;
    weft_wire_model_free(m->model);
    m->model = NULL;
    return cli_choose_model(in, l, &m->model, m->words, sizeof m->words, diag);
}

static weft_status_t model_beside(models_t *m, const char *file, const char *design, const cli_loaded_t *l, weft_diag_t *diag)
{
    size_t n = strlen(file);
    if (n > 4 && !strcmp(file + n - 4, ".csv")) return model_of_fold(m, file, design, diag);
    return m->model ? WEFT_OK : weft_wire_model_new(&m->model, file, (const weft_lef_t *const *)l->lef, l->n_lefs, diag);
}

static bool wanted(const args_t *a, const cli_fit_t *set, const cli_data_design_t *d)
{
    bool in = !a->n_only;
    for (int32_t i = 0; i < a->n_only; i++) in = in || !strcmp(a->only[i], d->name);
    return in && !cli_fit_leaves_out(set, d);
}

static weft_status_t eval_all(const cli_inputs_t *in, cli_fit_t *set, const args_t *a, FILE *text, json_t **out, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    cli_lender_t lender = {0};
    models_t *m = calloc(1 + MOST_BESIDE, sizeof *m);
    table_t t = {.args = a, .designs = json_array()};
    for (int32_t i = 0; i < set->n_folders && status == WEFT_OK; i++) status = cli_data_add(&set->data, set->folder[i], diag);
    t.row = calloc((size_t)set->data.n + 1, sizeof *t.row);
    if (!t.row || !t.designs || !m) status = WEFT_ENOMEM;
    if (status == WEFT_OK && text) print_head(text);
    for (int32_t i = 0; i < set->data.n && status == WEFT_OK; i++) {
        const cli_data_design_t *d = &set->data.design[i];
        cli_loaded_t l = {0};
        if (!wanted(a, set, d)) continue;
        weft_diag_t *own = weft_diag_new(); /* told only where the design is left out */
        status = cli_fit_load(&lender, in, d, &l, own);
        const weft_wire_model_t *model[1 + MOST_BESIDE] = {NULL};
        bool all = status == WEFT_OK;
        for (int k = 0; k <= a->n_beside && status == WEFT_OK; k++) {
            status = k ? model_beside(&m[k], a->beside[k - 1].file, d->name, &l, diag) : model_for(m, a, in, d, &l, diag);
            all = all && (model[k] = m[k].model);
        }
        if (status == WEFT_OK && all) status = score_design(&t.row[t.n], in, &l, model, 1 + a->n_beside, own);
        if (status == WEFT_OK && all) {
            if (text) print_row(text, d->name, &t.row[t.n]);
            if (text) fflush(text);
            json_array_append_new(t.designs, design_json(a, d, &l, m->words, &t.row[t.n]));
            t.n++;
        } else if (status == WEFT_EINPUT && weft_diag_n_of(own, WEFT_ERROR)) {
            weft_diag_append(diag, own);
            weft_diag_add(diag, WEFT_WARNING, "eval-left-out", d->folder, 0, 0, "this design could not be used and is left out");
            status = WEFT_OK;
        }
        weft_diag_free(own);
        cli_unload(&l);
    }
    if (status == WEFT_OK && !t.n) {
        weft_diag_add(diag, WEFT_ERROR, "eval-none", NULL, 0, 0, "no design is left to evaluate");
        status = WEFT_EINPUT;
    }
    if (status == WEFT_OK) *out = json_pack("{s:O,s:o}", "designs", t.designs, "summary", summarise(&t, t.n > 1 ? text : NULL));
    json_decref(t.designs);
    free(t.row);
    for (int k = 0; k <= a->n_beside && m; k++) weft_wire_model_free(m[k].model);
    free(m);
    cli_unload(&lender.loaded);
    return status;
}

int cli_eval_circuits(const cli_verb_t *verb, int argc, char **argv)
{
    cli_inputs_t in = {0};
    cli_fit_t set = {0};
    args_t a = {0};
    static const cli_option_t *const tables[] = {eval_options, cli_set_options, cli_input_options, NULL};
    void *const into[] = {&a, &set, &in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = WEFT_EUSAGE;
        bool only_json = a.json && !strcmp(a.json, "-");
        json_t *out = NULL;
        if (!set.n_folders) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "eval timing needs --data DIR: routed designs (or --dataset time21: weft eval timing --dataset time21 --help)");
        else status = eval_all(&in, &set, &a, only_json ? NULL : stdout, &out, diag);
        if (status == WEFT_OK && a.json && (only_json ? json_dumpf(out, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) || putchar('\n') == EOF : json_dump_file(out, a.json, JSON_INDENT(1) | JSON_REAL_PRECISION(9)))) {
            weft_diag_add(diag, WEFT_ERROR, "file-write", a.json, 0, 0, "cannot be written");
            status = WEFT_EIO;
        }
        if (fflush(stdout)) status = WEFT_EIO;
        json_decref(out);
        code = cli_end(status, diag, in.quiet, "weft eval timing");
    }
    free(a.only);
    cli_fit_free(&set);
    cli_inputs_free(&in);
    return code;
}
