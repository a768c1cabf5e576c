/* Classifies the boxes of 10,000 made-up frames of 12 boxes, profile and hidden 64 columns, two rounds, by weft_box_model_apply: seconds, the best of five and its processor
 * seconds, beside the goals: 0.3 s for mean and max, 3 s for the LSTM. Built and run by impn_speed.sh. usage: impn_speed [threads] [landmarks] */
#include "weft/boxes_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FRAMES = 10000, BOXES = 12, EMBEDDING = 45, CLASSES = 11 };

static double clock_of(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float uniform(void)
{
    static uint64_t s = 1;
    s = s * 6364136223846793005ull + 1442695040888963407ull;
    return (float)(s >> 40) * 0x1p-24f;
}

static weft_recording_t *made_up(void)
{
    static char *name[CLASSES];
    static int32_t group[CLASSES];
    static weft_recording_t r = {.name = (char *)"made-up", .width = 960, .height = 720, .n_frames = FRAMES, .n_boxes = FRAMES * BOXES, .n_columns = EMBEDDING, .classes = {CLASSES, name, group}};
    size_t n = FRAMES * BOXES;
    r.frame_ptr = malloc((FRAMES + 1) * sizeof *r.frame_ptr);
    r.box = malloc(4 * n * sizeof *r.box);
    r.score = malloc(n * sizeof *r.score);
    r.embedding = malloc(n * EMBEDDING * sizeof *r.embedding);
    r.probability = malloc(n * CLASSES * sizeof *r.probability);
    if (!r.frame_ptr || !r.box || !r.score || !r.embedding || !r.probability) exit(1);
    for (int c = 0; c < CLASSES; c++) {
        name[c] = malloc(16);
        snprintf(name[c], 16, "class-%d", c);
        group[c] = c;
    }
    for (int64_t f = 0; f <= FRAMES; f++) r.frame_ptr[f] = f * BOXES;
    for (size_t b = 0; b < n; b++) {
        float x = 900.0f * uniform(), y = 650.0f * uniform();
        float box[4] = {x, y, x + 10.0f + 100.0f * uniform(), y + 10.0f + 100.0f * uniform()};
        for (int k = 0; k < 4; k++) r.box[4 * b + k] = box[k];
        r.score[b] = uniform();
        for (int k = 0; k < EMBEDDING; k++) r.embedding[b * EMBEDDING + k] = 2.0f * uniform() - 1.0f;
        for (int k = 0; k < CLASSES; k++) r.probability[b * CLASSES + k] = uniform();
    }
    return &r;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"mean", "max", "lstm"};
    static const double goal[] = {0.3, 0.3, 3.0};
    weft_recording_t *r = made_up();
    weft_recordings_t set = {&r, 1};
    float *p = malloc((size_t)FRAMES * BOXES * CLASSES * sizeof *p);
    if (!p) return 1;
    weft_threads_set(argc > 1 ? atoi(argv[1]) : 2);
    printf("%d threads\n%-10s %9s %10s %14s %10s %12s\n", weft_threads(), "aggregator", "wall s", "cpu s", "frames per s", "goal s", "wall / goal");
    for (int a = 0; a < 3; a++) {
        weft_box_options_t o = weft_box_defaults("impn");
        weft_box_model_t *m = NULL;
        double wall = 1e9, cpu = 1e9;
        o.model.aggregator = (weft_aggregator_t)a;
        o.model.layers = 2;
        o.model.hidden = 64;
        if (argc > 2) o.model.landmarks = atoi(argv[2]);
        if (weft_box_model_new(&m, &o, &set, NULL) != WEFT_OK) return 1;
        for (int k = 0; k < 6; k++) {
            double w = clock_of(CLOCK_MONOTONIC), c = clock_of(CLOCK_PROCESS_CPUTIME_ID);
            if (weft_box_model_apply(m, r, p, NULL) != WEFT_OK) return 1;
            w = clock_of(CLOCK_MONOTONIC) - w;
            c = clock_of(CLOCK_PROCESS_CPUTIME_ID) - c;
            if (k && w < wall) wall = w;
            if (k && c < cpu) cpu = c;
        }
        printf("%-10s %9.3f %10.3f %14.0f %10.1f %12.2f\n", names[a], wall, cpu, FRAMES / wall, goal[a], wall / goal[a]);
        fflush(stdout);
        weft_box_model_free(m);
    }
    free(p);
    return 0;
}
