/* cli/eval_scenes.c: weft eval scenes: classifying boxes of new recordings, I-MPN beside its peers. */
#include "cli/cli.h"
#include "cli/json_out.h"
#include "cli/measure.h"
#include "weft/boxes_model.h"
#include "weft/scenes.h"
#include "weft/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct args { const char *data, *model, *json, *form, *set[32]; int32_t n_set, runs, nearest, epochs; uint64_t seed; bool no_relation, validate, threads; double turn, lr, jitter, drop, mirror; } args_t;

#define TAKE(name, field, low, high, type, read) \
    static bool take_##field(void *a, const char *v) \
    { \
        type x = 0; \
        bool good = read(name, v, low, high, &x); \
        ((args_t *)a)->field = (__typeof__(((args_t *)a)->field))x; \
        return good; \
    }
TAKE("runs", runs, 1, 1000, int64_t, cli_whole)
TAKE("nearest", nearest, 0, 1000, int64_t, cli_whole)
TAKE("epochs", epochs, 1, 100000, int64_t, cli_whole)
TAKE("seed", seed, 0, INT64_MAX, int64_t, cli_whole)
TAKE("turn", turn, 0, 3.15, double, cli_number)
TAKE("jitter", jitter, 0, 10, double, cli_number)
TAKE("drop", drop, 0, 0.9, double, cli_number)
TAKE("mirror", mirror, 0, 1, int64_t, cli_whole)
TAKE("lr", lr, 1e-7, 10, double, cli_number)
static bool take_data(void *a, const char *v) { return (((args_t *)a)->data = v) != NULL; }
static bool take_model(void *a, const char *v) { return (((args_t *)a)->model = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_no_relation(void *a, const char *v) { return (((args_t *)a)->no_relation = v != NULL); }
static bool take_validate(void *a, const char *v) { return (((args_t *)a)->validate = v != NULL); }
static bool take_set(void *p, const char *v)
{
    args_t *a = p;
    if (a->n_set == 32) {
        fprintf(stderr, "weft eval scenes: --set at most 32 times\n");
        return false;
    }
    a->set[a->n_set++] = v;
    return true;
}
static bool take_threads(void *a, const char *v)
{
    return ((args_t *)a)->threads = cli_take_threads(NULL, v);
}
static const cli_option_t options[] = {
    {"data", "DIR", "recordings, as weft dataset scenes writes them (weft/recording.h says what is in a folder)", take_data},
    {"model", "M", "impn, mlp, gcn, gat (or another graph model); tracks: the mlp's majority over a track; oracle: the generator's rule (default impn)", take_model},
    {"runs", "N", "runs, run i with seed + i (default 3)", take_runs},
    {"seed", "S", "first seed (default 1)", take_seed},
    {"nearest", "K", "a box hears of its K nearest; 0: of all boxes of its frame (default 0)", take_nearest},
    {"no-relation", NULL, "impn without the relation vectors", take_no_relation},
    {"epochs", "N", "epochs (default 8, more where there are few frames, fewer where there are many)", take_epochs},
    {"lr", "R", "learning rate at the start, cosine to 0 (default 0.01)", take_lr},
    {"turn", "RADIANS", "in training each frame is turned by up to so much either way (default pi for impn, 0 for others)", take_turn},
    {"jitter", "D", "in training, noise of so many deviations on embeddings and probabilities (default 0.8)", take_jitter},
    {"drop", "P", "in training each box is left out with this probability (default 0)", take_drop},
    {"mirror", "0|1", "1: in training every other frame is seen in a mirror, *-left for *-right; 0: none (default 1)", take_mirror},
    {"set", "KEY=VALUE", "an option of the model, as of weft train graph: layers, hidden, dropout, aggregator ..; repeatable", take_set},
    {"validate", NULL, "leaves the test recordings aside: trains on all but the last quarter of the others and scores on that", take_validate},
    {"threads", "N", "threads (default: one where a model learns, else all); results do not depend on it", take_threads},
    {"json", "FILE", "results as JSON; - is stdout, which then holds nothing else", take_json},
    {NULL, NULL, NULL, NULL}};

enum { FEWEST_SEEN = 14400, MOST_SEEN = 57600 }; /* frames times epochs, unless --epochs says otherwise; no less than one epoch */
typedef struct score { double all, look, seconds, per_second, train_seconds, loss; int64_t frames; } score_t;
typedef struct parts { weft_recordings_t train, test; } parts_t;

/* Class of the most summed probability over the track of each box. */
static weft_status_t by_track(const weft_recording_t *r, float *probability)
{
    int64_t c = r->classes.n;
    int32_t n = 0, *track = malloc(((size_t)r->n_boxes + 1) * sizeof *track);
    weft_status_t status = track ? weft_tracks(track, &n, r) : WEFT_ENOMEM;
    double *sum = status == WEFT_OK ? calloc((size_t)(n * c + 1), sizeof *sum) : NULL;
    if (status == WEFT_OK && !sum) status = WEFT_ENOMEM;
    for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++)
        for (int64_t k = 0; k < c; k++) sum[track[b] * c + k] += (double)probability[b * c + k];
    for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++)
        for (int64_t k = 0; k < c; k++) probability[b * c + k] = (float)sum[track[b] * c + k];
    free(sum);
    free(track);
    return status;
}

static weft_status_t score_one(const weft_recording_t *r, const weft_box_model_t *model, const char *name, int64_t hit[2], int64_t of[2], double *seconds, weft_diag_t *diag)
{
    int64_t c = r->classes.n;
    weft_status_t status = WEFT_OK;
    float *p = calloc((size_t)(r->n_boxes * c + 1), sizeof *p);
    int32_t *rule = calloc((size_t)r->n_boxes + 1, sizeof *rule);
    double start = cli_now();
    if (!p || !rule) status = WEFT_ENOMEM;
    else if (!strcmp(name, "oracle")) weft_scenes_oracle(r, rule);
    else status = weft_box_model_apply(model, r, p, diag);
    if (status == WEFT_OK && !strcmp(name, "tracks")) status = by_track(r, p);
    for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++)
        for (int64_t k = 1; k < c && strcmp(name, "oracle"); k++)
            if (p[b * c + k] > p[b * c + rule[b]]) rule[b] = (int32_t)k;
    *seconds += cli_now() - start;
    for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++) {
        if (r->truth[b] < 0) continue;
        bool look = weft_classes_lookalike(&r->classes, r->truth[b]), good = rule[b] == r->truth[b];
        hit[0] += good;
        of[0]++;
        hit[1] += good && look;
        of[1] += look;
    }
    free(p);
    free(rule);
    return status;
}

static weft_status_t one_run(const parts_t *part, const args_t *a, int32_t run, score_t *s, weft_diag_t *diag)
{
    bool plain = !strcmp(a->model, "oracle");
    weft_box_options_t o = weft_box_defaults(strcmp(a->model, "tracks") ? a->model : "mlp");
    weft_train_options_t t = {.model = o.model};
    weft_box_model_t *model = NULL;
    weft_status_t status = WEFT_OK;
    int64_t n = 0, hit[2] = {0}, of[2] = {0};
    *s = (score_t){0};
    for (int32_t k = 0; k < a->n_set && status == WEFT_OK; k++) status = weft_train_set(&t, a->set[k], diag);
    o.model = t.model;
    o.graph = (weft_frame_graph_t){a->nearest, a->no_relation};
    o.seed = a->seed + (uint64_t)run;
    if (a->lr > 0.0) o.lr = a->lr;
    if (a->turn >= 0.0) o.turn = a->turn;
    if (a->jitter >= 0.0) o.jitter = a->jitter;
    if (a->drop >= 0.0) o.drop = a->drop;
    if (a->mirror >= 0.0) o.mirror = a->mirror > 0.0;
    for (int32_t i = 0; i < part->train.n; i++) n += part->train.at[i]->n_frames;
    if (n && n * o.epochs < FEWEST_SEEN) o.epochs = (int32_t)((FEWEST_SEEN + n - 1) / n);
    if (n * o.epochs > MOST_SEEN) o.epochs = n < MOST_SEEN ? (int32_t)(MOST_SEEN / n) : 1;
    if (a->epochs) o.epochs = a->epochs;
    weft_frame_t *frame = malloc((size_t)(n + 1) * sizeof *frame);
    int32_t **label = malloc((size_t)part->train.n * sizeof *label);
    if (!frame || !label) status = WEFT_ENOMEM;
    n = 0;
    for (int32_t i = 0; i < part->train.n && status == WEFT_OK; i++) {
        label[i] = part->train.at[i]->truth;
        for (int64_t k = 0; k < part->train.at[i]->n_frames; k++) frame[n++] = (weft_frame_t){i, k};
    }
    double start = cli_now();
    int32_t threads = weft_threads();
    bool told = a->threads || getenv("WEFT_THREADS");
    if (!told) weft_threads_set(1); /* matrices so small that threads wait for one another longer than they work */
    if (status == WEFT_OK && !plain) status = weft_box_model_new(&model, &o, &part->train, diag);
    if (status == WEFT_OK && !plain) status = weft_box_model_train(model, &part->train, frame, n, label, o.epochs, o.lr, o.seed, &s->loss, NULL, NULL, diag);
    s->train_seconds = cli_now() - start;
    if (!told) weft_threads_set(threads);
    for (int32_t i = 0; i < part->test.n && status == WEFT_OK; i++) {
        status = score_one(part->test.at[i], model, a->model, hit, of, &s->seconds, diag);
        s->frames += part->test.at[i]->n_frames;
    }
    s->all = of[0] ? (double)hit[0] / (double)of[0] : 0.0;
    s->look = of[1] ? (double)hit[1] / (double)of[1] : 0.0;
    s->per_second = s->seconds > 0.0 ? (double)s->frames / s->seconds : 0.0;
    weft_box_model_free(model);
    free(frame);
    free(label);
    return status;
}

static weft_status_t split(const weft_recordings_t *set, bool validate, parts_t *part, weft_diag_t *diag)
{
    int32_t test = (set->n + 3) / 4, n = set->n - test;
    bool truth = false;
    for (int32_t i = 0; i < set->n; i++)
        for (int64_t b = 0; b < set->at[i]->n_boxes && !truth; b++) truth = set->at[i]->truth[b] >= 0;
    if (n < 1 + validate || !truth) {
        weft_diag_add(diag, WEFT_ERROR, "scenes-split", NULL, 0, 0, "%s", truth ? "too few recordings: the last quarter (by name) is for testing, at least one must be left" : "the recordings have no truth.csv");
        return WEFT_EINPUT;
    }
    *part = (parts_t){{set->at, n}, {set->at + n, test}};
    if (validate) *part = (parts_t){{set->at, n - (n + 3) / 4}, {set->at + n - (n + 3) / 4, (n + 3) / 4}};
    return WEFT_OK;
}

static void write_json(FILE *f, const args_t *a, const parts_t *part, const score_t *run, int32_t runs, const score_t *mean, const double deviation[2])
{
    fputs("{\"data\":", f);
    cli_json_text(f, a->data);
    fputs(",\"model\":", f);
    cli_json_text(f, a->model);
    fputs(",\"runs\":[", f);
    for (int32_t k = 0; k < runs; k++)
        fprintf(f, "%s{\"seed\":%llu,\"accuracy\":%.6f,\"lookalike_accuracy\":%.6f,\"frames_per_s\":%.0f,\"train_seconds\":%.2f,\"loss\":%.5f}", k ? "," : "", (unsigned long long)(a->seed + (uint64_t)k), run[k].all, run[k].look,
                run[k].per_second, run[k].train_seconds, run[k].loss);
    fprintf(f, "],\"accuracy\":%.6f,\"accuracy_std\":%.6f,\"lookalike_accuracy\":%.6f,\"lookalike_std\":%.6f,\"frames_per_s\":%.0f,\"train_recordings\":%d,\"test_recordings\":%d}\n", mean->all, deviation[0], mean->look,
            deviation[1], mean->per_second, part->train.n, part->test.n);
}

/* Mean over the runs and, of both accuracies, their deviation. */
static score_t mean_of(const score_t *run, int32_t runs, double deviation[2])
{
    score_t mean = {0};
    double all2 = 0.0, look2 = 0.0;
    for (int32_t k = 0; k < runs; k++) {
        mean.all += run[k].all / runs;
        mean.look += run[k].look / runs;
        mean.per_second += run[k].per_second / runs;
        all2 += run[k].all * run[k].all / runs;
        look2 += run[k].look * run[k].look / runs;
    }
    deviation[0] = sqrt(fmax(0.0, all2 - mean.all * mean.all));
    deviation[1] = sqrt(fmax(0.0, look2 - mean.look * mean.look));
    return mean;
}

static weft_status_t eval(const args_t *a, weft_diag_t *diag)
{
    weft_recordings_t set = {0};
    parts_t part;
    FILE *json = NULL;
    bool speaks = !a->json || strcmp(a->json, "-");
    int32_t runs = strcmp(a->model, "oracle") ? a->runs : 1;
    double deviation[2];
    score_t mean, *run = malloc((size_t)runs * sizeof *run);
    if (!run) return WEFT_ENOMEM;
    weft_status_t status = weft_recordings_read(&set, a->data, diag);
    if (status == WEFT_OK) status = split(&set, a->validate, &part, diag);
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    for (int32_t k = 0; k < runs && status == WEFT_OK; k++) {
        status = one_run(&part, a, k, &run[k], diag);
        if (status != WEFT_OK || !speaks) continue;
        printf("%-10s seed %llu: accuracy %.4f, look-alikes %.4f, %.0f frames/s, trained in %.1f s (loss %.4f)\n", a->model, (unsigned long long)(a->seed + (uint64_t)k), run[k].all, run[k].look, run[k].per_second, run[k].train_seconds,
               run[k].loss);
        fflush(stdout);
    }
    if (status == WEFT_OK) {
        mean = mean_of(run, runs, deviation);
        if (speaks) printf("%-10s mean of %d: accuracy %.4f (%.4f), look-alikes %.4f (%.4f)\n", a->model, runs, mean.all, deviation[0], mean.look, deviation[1]);
        if (json) write_json(json, a, &part, run, runs, &mean, deviation);
    }
    if (json || status == WEFT_OK) {
        weft_status_t end = WEFT_OK;
        if (json && json != stdout) end = cli_json_end(json, diag);
        if (end == WEFT_OK) end = cli_json_end(stdout, diag);
        if (status == WEFT_OK) status = end;
    }
    free(run);
    weft_recordings_destroy(&set);
    return status;
}

int cli_eval_scenes(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.model = "impn", .runs = 3, .seed = 1, .turn = -1.0, .jitter = -1.0, .drop = -1.0, .mirror = -1.0};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.data) {
        fprintf(stderr, "weft eval scenes: --data is needed\n");
        return EXIT_USAGE;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = eval(&a, diag);
    return cli_end(status, diag, false, "weft eval scenes");
}
