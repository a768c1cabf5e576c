/* cli/circuit_fit.c: see circuit_fit.h. */
#include "cli/circuit_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool push(const char ***list, int32_t *n, const char *value)
{
    const char **more = realloc(*list, ((size_t)*n + 1) * sizeof *more);
    if (!more) return false;
    *list = more;
    more[(*n)++] = value;
    return true;
}
static bool take_out(void *into, const char *v) { return (((cli_fit_t *)into)->out = v) != NULL; }
static bool take_title(void *into, const char *v) { return (((cli_fit_t *)into)->title = v) != NULL; }
static bool take_prefix(void *into, const char *v) { return (((cli_fit_t *)into)->fold_models = v) != NULL; }
static bool take_data(void *into, const char *v) { return push(&((cli_fit_t *)into)->folder, &((cli_fit_t *)into)->n_folders, v); }
static bool take_exclude(void *into, const char *v) { return push(&((cli_fit_t *)into)->exclude, &((cli_fit_t *)into)->n_excluded, v); }
static bool take_holdout(void *into, const char *v) { return push(&((cli_fit_t *)into)->holdout, &((cli_fit_t *)into)->n_holdouts, v); }
static bool take_folds(void *into, const char *v)
{
    int64_t n;
    if (!cli_whole("folds", v, 0, 1000, &n)) return false;
    ((cli_fit_t *)into)->n_folds = (int32_t)n;
    return true;
}
const cli_option_t cli_set_options[] = {
    {"out", "FILE", "the model to write (safetensors)", take_out},
    {"data", "DIR", "a routed design, a folder of them (docs/DATA.md), or a file of weft dataset build; repeated", take_data},
    {"exclude", "NAME", "a design to leave out; repeated", take_exclude},
    {"holdout", "FAMILY", "a family (or a design) to leave out of the fit; repeated", take_holdout},
    {"title", "TEXT", "what the model is, for its file", take_title},
    {NULL, NULL, NULL, NULL}};
const cli_option_t cli_fit_options[] = {
    {"folds", "K", "cross-validation by family, for the model's intervals and the table (default 5; 0: none)", take_folds},
    {"fold-models", "PREFIX", "keep the models of the folds: PREFIX-K.safetensors, and PREFIX.csv", take_prefix},
    {NULL, NULL, NULL, NULL}};

/* ---- many designs ---------------------------------------------------------------------------------------------- */
static const double step_cap = 0.15, step_res = 0.3; /* log: how much heavier the wires are that tell a slack's slope */
typedef struct pair { double error, shift[2]; int32_t design, fold; } pair_t; /* |slack error|, |slack - slack on wires of more C, of more R| */
typedef struct many {
    const cli_inputs_t *in;
    cli_fit_t *o;
    weft_calibration_t *cal;
    cli_lender_t lender;
    weft_library_t *library;  /* names alone: what the models' files say of it */
    int32_t *index;           /* design of the data by number in the calibration */
    pair_t *pair[2];          /* of held-out endpoints; [early/late] */
    int64_t n_pairs[2], room[2];
} many_t;

static weft_status_t timer_with(weft_timer_t **t, const cli_inputs_t *in, const cli_loaded_t *l, const weft_parasitics_t *routed, const weft_wires_t *wires)
{
    weft_timing_options_t options = {.delay_model = in->delay_model, .pin_cap = in->pin_cap, .no_cppr = in->no_cppr, .parasitics = routed, .wires = wires};
    return weft_timer_new(t, l->design, l->constraints, &options, NULL);
}

static int by_pin(const void *a, const void *b)
{
    const weft_endpoint_t *x = a, *y = b;
    return x->pin != y->pin ? (x->pin > y->pin) - (x->pin < y->pin) : (x->slack > y->slack) - (x->slack < y->slack);
}

static weft_endpoint_t *worst_by_pin(const weft_timer_t *t, int32_t el, int32_t *n)
{
    const weft_endpoint_t *e = weft_timer_endpoints(t, 0, el, n);
    weft_endpoint_t *copy = malloc(((size_t)*n + 1) * sizeof *copy);
    int32_t kept = 0;
    if (!copy) return NULL;
    memcpy(copy, e, (size_t)*n * sizeof *copy);
    qsort(copy, (size_t)*n, sizeof *copy, by_pin);
    for (int32_t i = 0; i < *n; i++)
        if (!kept || copy[kept - 1].pin != copy[i].pin) copy[kept++] = copy[i];
    *n = kept;
    return copy;
}

/* Errors of one held-out design, of at most some 2,000 endpoints a side; timer: estimate, more C, more R, truth. */
static weft_status_t take_pairs(many_t *m, int32_t design, int32_t fold, weft_timer_t *const timer[4])
{
    weft_status_t status = WEFT_OK;
    for (int32_t el = 0; el < 2 && status == WEFT_OK; el++) {
        int32_t n[4];
        weft_endpoint_t *e[4];
        for (int k = 0; k < 4; k++)
            if (!(e[k] = worst_by_pin(timer[k], el, &n[k]))) status = WEFT_ENOMEM;
        pair_t *more = realloc(m->pair[el], ((size_t)m->n_pairs[el] + 2001) * sizeof *more);
        if (more) m->pair[el] = more;
        else status = WEFT_ENOMEM;
        int32_t step = n[0] / 2000 + 1;
        for (int32_t i = 0, at[4] = {0}; i < n[0] && status == WEFT_OK; i += step) {
            int32_t pin = e[0][i].pin;
            double apart[4];
            bool all = true;
            for (int k = 1; k < 4 && all; k++) {
                while (at[k] < n[k] && e[k][at[k]].pin < pin) at[k]++;
                all = at[k] < n[k] && e[k][at[k]].pin == pin;
                if (all) apart[k] = fabs(e[0][i].slack - e[k][at[k]].slack);
            }
            if (all) m->pair[el][m->n_pairs[el]++] = (pair_t){apart[3], {apart[1], apart[2]}, design, fold};
        }
        for (int k = 0; k < 4; k++) free(e[k]);
    }
    return status;
}

/* Leaves `model` with the last step as its spread; set_error gives it its own. */
static weft_status_t try_one(many_t *m, weft_wire_model_t *model, int32_t design, int32_t fold, weft_diag_t *diag)
{
    const cli_data_design_t *d = &m->o->data.design[m->index[design]];
    double off[2] = {0};
    cli_loaded_t l;
    weft_wire_model_t *mst = NULL;
    static const double nothing[2] = {0};
    weft_wires_t *wires[4] = {NULL};
    weft_timer_t *timer[5] = {NULL}; /* estimate, more C, more R, truth, spanning tree */
    weft_slack_error_t a, b;
    weft_diag_t *own = weft_diag_new(); /* its warnings were told when it was gathered */
    weft_status_t status = cli_fit_load(&m->lender, m->in, d, &l, own);
    if (status != WEFT_OK) weft_diag_append(diag, own);
    weft_diag_free(own);
    if (status == WEFT_OK) status = weft_wire_model_new(&mst, "mst:0.16,2.0", NULL, 0, diag);
    if (status == WEFT_OK) status = weft_wires_predict(&wires[0], model, l.design, 0.0, diag);
    for (int k = 1; k < 3 && status == WEFT_OK; k++) {
        weft_wire_model_set_error(model, k == 1 ? step_cap : 0.0, k == 2 ? step_res : 0.0, nothing);
        status = weft_wires_shifted(&wires[k], wires[0], 1.0);
    }
    if (status == WEFT_OK) status = weft_wires_new(&wires[3], mst, l.design, 0.0, diag);
    for (int k = 0; k < 5 && status == WEFT_OK; k++) status = timer_with(&timer[k], m->in, &l, k == 3 ? l.truth : NULL, k == 3 ? NULL : wires[k == 4 ? 3 : k]);
    if (status == WEFT_OK) status = weft_slack_errors(&a, l.design, 0, timer[0], timer[3]);
    if (status == WEFT_OK) status = weft_slack_errors(&b, l.design, 0, timer[4], timer[3]);
    if (status == WEFT_OK) status = take_pairs(m, design, fold, timer);
    if (status == WEFT_OK) status = weft_calibration_offsets(m->cal, model, design, &off[0], &off[1], diag);
    if (status == WEFT_OK && !m->in->quiet)
        printf("%-34s %9.2f %9.2f %7.2f %9.2f %9.2f %7.2f %+7.1f %+7.1f\n", d->name, a.mean[1] * 1e12, b.mean[1] * 1e12, a.mean[1] / b.mean[1], a.mean[0] * 1e12, b.mean[0] * 1e12, a.mean[0] / b.mean[0],
               100 * expm1(off[0]), 100 * expm1(off[1]));
    for (int k = 0; k < 5; k++) weft_timer_free(timer[k]);
    for (int k = 0; k < 4; k++) weft_wires_free(wires[k]);
    weft_wire_model_free(mst);
    cli_unload(&l);
    return status;
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { NONE = -1 };

/* The smallest value that at least `level` of n sorted ones do not exceed. */
static double quantile(const double *sorted, int64_t n, double level)
{
    int64_t k = (int64_t)ceil(level * (double)n - 1e-9) - 1;
    return sorted[k < 0 ? 0 : k >= n ? n - 1 : k];
}

/* Two-stage conformal: of every held-out design the q whose half-widths hold 9 of 10 of its slacks, then of the designs the q that does for 9 of 10 of n + 1.
 * Fewer than 9 designs cannot tell: their largest q, longer by one part in their number, twice over. */
static double interval_of(const many_t *m, int32_t el, int32_t without, const double spread[2])
{
    const pair_t *p = m->pair[el];
    int64_t n = m->n_pairs[el];
    int32_t n_designs = 0;
    double *v = malloc(((size_t)n + 1) * sizeof *v), *q = malloc(((size_t)weft_calibration_n_designs(m->cal) + 1) * sizeof *q), answer = 0.0;
    for (int64_t i = 0, j; i < n && v && q; i = j) { /* the pairs of a design stand together */
        int64_t k = 0;
        for (j = i; j < n && p[j].design == p[i].design; j++)
            if (p[i].fold != without) v[k++] = weft_wire_model_interval_for(p[j].error, spread[0] / step_cap * p[j].shift[0] + spread[1] / step_res * p[j].shift[1]);
        if (!k) continue;
        qsort(v, (size_t)k, sizeof *v, by_double);
        q[n_designs++] = quantile(v, k, 0.9);
    }
    if (n_designs) {
        qsort(q, (size_t)n_designs, sizeof *q, by_double);
        answer = n_designs < 9 ? q[n_designs - 1] * pow(1.0 + 1.0 / n_designs, 2) : quantile(q, n_designs, 0.9 * (1.0 + 1.0 / n_designs));
    }
    free(v);
    free(q);
    return fmax(answer, 1e-15);
}

/* What held-out designs say of the error of a model: those of every fold but `without` (NONE: of all), so that a fold's own intervals know nothing of its designs. */
static void set_error(const many_t *m, weft_wire_model_t *model, const double (*offset)[2], const int32_t *fold, int32_t without, double spread[2], double interval[2])
{
    int32_t n = 0;
    spread[0] = spread[1] = 0.0;
    for (int32_t i = 0; i < weft_calibration_n_designs(m->cal); i++) {
        if (fold[i] == without) continue;
        for (int j = 0; j < 2; j++) spread[j] += offset[i][j] * offset[i][j];
        n++;
    }
    for (int j = 0; j < 2 && n; j++) spread[j] = (j ? WEFT_RES_SPREAD : WEFT_CAP_SPREAD) * sqrt(spread[j] / n);
    for (int el = 0; el < 2; el++) interval[el] = interval_of(m, el, without, spread);
    weft_wire_model_set_error(model, spread[0], spread[1], interval);
}

static weft_status_t keep_fold(const many_t *m, const weft_wire_model_t *model, const weft_fit_report_t *fit, int32_t k, const int32_t *fold, weft_diag_t *diag)
{
    char path[4096];
    if (!m->o->fold_models) return WEFT_OK;
    snprintf(path, sizeof path, "%s.csv", m->o->fold_models);
    FILE *f = fopen(path, k ? "a" : "w"); /* fold 0 is never empty */
    if (!f) return WEFT_EIO;
    for (int32_t i = 0; i < weft_calibration_n_designs(m->cal); i++)
        if (fold[i] == k) fprintf(f, "%s,%s-%d.safetensors\n", m->o->data.design[m->index[i]].name, m->o->fold_models, k);
    if (fclose(f)) return WEFT_EIO;
    snprintf(path, sizeof path, "%s-%d.safetensors", m->o->fold_models, k);
    weft_model_story_t story = {.library = m->library, .title = "one fold of a cross-validation", .trained_on = "all but one fold", .command = m->o->command, .fit = fit};
    return weft_wire_model_write(model, &story, path, diag);
}

static weft_status_t fit_one(const many_t *m, const bool *held, weft_wire_model_t **model, weft_fit_report_t *fit, weft_diag_t *diag)
{
    weft_status_t status = (m->o->kind == CLI_FIT_MLP ? weft_calibration_fit_constants : weft_calibration_fit)(m->cal, held, model, fit, diag);
    if (status == WEFT_OK && m->o->kind != CLI_FIT_TREES) status = weft_calibration_fit_net(m->cal, held, *model, &m->o->net, diag);
    return status;
}

/* Spread and rest of `model` from designs that a fold's model never saw. */
static weft_status_t cross_validate(many_t *m, int32_t n_folds, weft_wire_model_t *model, double spread[2], double interval[2], weft_diag_t *diag)
{
    int32_t n = weft_calibration_n_designs(m->cal);
    int32_t *fold = calloc((size_t)n + 1, sizeof *fold);
    bool *held = calloc((size_t)n + 1, sizeof *held);
    double(*offset)[2] = calloc((size_t)n + 1, sizeof *offset);
    weft_wire_model_t **part = calloc((size_t)n_folds + 1, sizeof *part);
    weft_fit_report_t *fit = calloc((size_t)n_folds + 1, sizeof *fit);
    weft_status_t status = fold && held && offset && part && fit ? weft_calibration_folds(m->cal, n_folds, fold) : WEFT_ENOMEM;
    if (status == WEFT_OK && !m->in->quiet) printf("%-34s %9s %9s %7s %9s %9s %7s %7s %7s   (ps, mean over endpoints; mst: mst:0.16,2.0; truth against model, %%)\n", "held-out design", "setup", "mst", "ratio", "hold", "mst", "ratio", "C", "R");
    for (int32_t k = 0; k < n_folds && status == WEFT_OK; k++) {
        int32_t n_held = 0;
        for (int32_t i = 0; i < n; i++) n_held += held[i] = fold[i] == k;
        if (!n_held) continue;
        status = fit_one(m, held, &part[k], &fit[k], diag);
        for (int32_t i = 0; i < n && status == WEFT_OK; i++)
            if (held[i]) status = weft_calibration_offsets(m->cal, part[k], i, &offset[i][0], &offset[i][1], diag);
        for (int32_t i = 0; i < n && status == WEFT_OK; i++)
            if (held[i]) status = try_one(m, part[k], i, k, diag);
    }
    for (int32_t k = 0; k < n_folds && status == WEFT_OK; k++) {
        if (!part[k]) continue;
        set_error(m, part[k], (const double(*)[2])offset, fold, k, spread, interval);
        status = keep_fold(m, part[k], &fit[k], k, fold, diag);
    }
    if (status == WEFT_OK) set_error(m, model, (const double(*)[2])offset, fold, NONE, spread, interval);
    for (int32_t k = 0; k < n_folds && part; k++) weft_wire_model_free(part[k]);
    free(part);
    free(fit);
    free(offset);
    free(fold);
    free(held);
    return status;
}

weft_status_t cli_fit_circuits(const cli_inputs_t *in, cli_fit_t *o, weft_diag_t *diag)
{
    many_t m = {.in = in, .o = o, .cal = weft_calibration_new()};
    weft_wire_model_t *model = NULL;
    weft_fit_report_t fit = {0};
    double spread[2] = {0}, interval[2] = {0};
    weft_status_t status = m.cal ? WEFT_OK : WEFT_ENOMEM;
    if (status == WEFT_OK) status = cli_fit_gather(m.cal, &m.lender, in, o, &m.index, diag);
    if (status == WEFT_OK) status = weft_calibration_library(&m.library, m.cal);
    if (status == WEFT_OK) status = fit_one(&m, NULL, &model, &fit, diag);
    int32_t n = weft_calibration_n_designs(m.cal), n_folds = o->n_folds < n ? o->n_folds : n;
    if (status == WEFT_OK && n_folds > 1) status = cross_validate(&m, n_folds, model, spread, interval, diag);
    if (status == WEFT_OK) {
        char trained[256];
        snprintf(trained, sizeof trained, "%d routed designs, %lld nets", n, (long long)fit.n_nets);
        weft_model_story_t story = {.library = m.library, .title = o->title ? o->title : "wire model", .trained_on = trained, .command = o->command, .fit = &fit};
        status = weft_wire_model_write(model, &story, o->out, diag);
        if (status == WEFT_OK && !in->quiet)
            printf("%s: %s\n  C = %.4f fF/um, %.4f fF per pin; R = %.4f ohm/um, %.3f ohm per edge; %s: median error %.1f %% of C, %.1f %% of the Elmore delay\n"
                   "  between designs: %.1f %% of C, %.1f %% of R; intervals: q = %.1f ps (setup), %.1f ps (hold)\n",
                   o->out, trained, fit.c * 1e9, fit.c_pin * 1e15, fit.r * 1e-6, fit.r_edge, o->kind == CLI_FIT_MLP ? "these" : "trees", 100 * fit.cap_error, 100 * fit.res_error, 100 * spread[0] / WEFT_CAP_SPREAD, 100 * spread[1] / WEFT_RES_SPREAD, interval[1] * 1e12, interval[0] * 1e12);
    }
    weft_wire_model_free(model);
    weft_calibration_free(m.cal);
    weft_library_free(m.library);
    cli_unload(&m.lender.loaded);
    free(m.index);
    free(m.pair[0]);
    free(m.pair[1]);
    return status;
}

void cli_fit_free(cli_fit_t *o)
{
    cli_data_free(&o->data);
    free(o->folder);
    free(o->exclude);
    free(o->holdout);
}
