/* The scene generator: a function of its seed, a rule that holds, look-alikes that look alike; recordings on disk; malformed ones. */
#include "weft/scenes.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static weft_recording_t *make(int32_t recordings, int32_t frames, uint64_t seed, int32_t index)
{
    weft_recording_t *r = NULL;
    cr_assert_eq(weft_scenes_recording(&r, &(weft_scenes_options_t){recordings, frames, seed}, index, NULL), WEFT_OK);
    return r;
}

Test(scenes, same_seed_same_scene)
{
    weft_recording_t *a = make(4, 60, 101, 2), *b = make(4, 60, 101, 2), *c = make(4, 60, 102, 2), *longer = make(4, 90, 101, 2);
    cr_assert_eq(a->n_boxes, b->n_boxes);
    cr_assert_arr_eq(a->box, b->box, (size_t)a->n_boxes * 4 * sizeof(float));
    cr_assert_arr_eq(a->embedding, b->embedding, (size_t)(a->n_boxes * a->n_columns) * sizeof(float));
    cr_assert_arr_eq(a->truth, b->truth, (size_t)a->n_boxes * sizeof(int32_t));
    cr_assert(a->n_boxes != c->n_boxes || memcmp(a->box, c->box, (size_t)a->n_boxes * 4 * sizeof(float)));
    cr_assert_arr_eq(a->box, longer->box, (size_t)a->n_boxes * 4 * sizeof(float)); /* more frames go on from there */
    weft_recording_free(a);
    weft_recording_free(b);
    weft_recording_free(c);
    weft_recording_free(longer);
}

Test(scenes, counts_and_ranges)
{
    int64_t boxes = 0, of[WEFT_SCENES_CLASSES] = {0}, swapped = 0, look = 0, right_by_rule = 0;
    for (int32_t i = 0; i < 8; i++) {
        weft_recording_t *r = make(8, 300, 103, i);
        int32_t *rule = malloc((size_t)r->n_boxes * sizeof *rule), last[32];
        for (int k = 0; k < 32; k++) last[k] = -1;
        weft_scenes_oracle(r, rule);
        for (int64_t b = 0; b < r->n_boxes; b++) {
            const float *x = r->box + 4 * b;
            double sum = 0.0;
            cr_assert(x[0] >= 0 && x[1] >= 0 && x[2] <= 960 && x[3] <= 720 && x[2] > x[0] && x[3] > x[1]);
            for (int32_t c = 0; c < WEFT_SCENES_CLASSES; c++) sum += (double)r->probability[b * WEFT_SCENES_CLASSES + c];
            cr_assert_float_eq(sum, 1.0, 1e-5);
            of[r->truth[b]]++;
            if (weft_classes_lookalike(&r->classes, r->truth[b])) {
                look++;
                right_by_rule += rule[b] == r->truth[b];
                if (last[r->object[b]] >= 0) swapped += last[r->object[b]] != r->truth[b];
                last[r->object[b]] = r->truth[b];
            } else cr_assert_eq(rule[b], r->truth[b]);
        }
        boxes += r->n_boxes;
        free(rule);
        weft_recording_free(r);
    }
    cr_assert(boxes > 2400 * 9 && boxes < 2400 * 13, "%lld boxes in 2400 frames", (long long)boxes);
    for (int32_t c = 0; c < WEFT_SCENES_CLASSES; c++) cr_assert(of[c] > boxes / 60, "class %d: %lld of %lld", c, (long long)of[c], (long long)boxes);
    cr_assert(swapped >= 4, "%lld", (long long)swapped); /* carried to the other side */
    cr_assert(right_by_rule > look * 90 / 100 && right_by_rule < look, "the rule on boxes: %lld of %lld", (long long)right_by_rule, (long long)look);
}

/* Nearest class mean on half the recordings tells a tablet from a cup, but not a left one from a right one. */
Test(scenes, lookalikes_look_alike)
{
    static double mean[WEFT_SCENES_CLASSES][WEFT_SCENES_COLUMNS], n[WEFT_SCENES_CLASSES];
    int64_t look = 0, side = 0, type = 0, guess_side = 0, guess_type = 0;
    for (int32_t i = 0; i < 40; i++) {
        weft_recording_t *r = make(40, 60, 104, i);
        for (int64_t b = 0; b < r->n_boxes; b++) {
            const float *e = r->embedding + b * WEFT_SCENES_COLUMNS;
            int32_t t = r->truth[b], best = 0;
            double least = 1e300;
            if (i < 20) {
                n[t] += 1.0;
                for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) mean[t][j] += (double)e[j];
                continue;
            }
            if (!weft_classes_lookalike(&r->classes, t)) continue;
            for (int32_t c = 0; c < WEFT_SCENES_CLASSES; c++) {
                double d = 0.0;
                for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) d += pow((double)e[j] - mean[c][j] / n[c], 2);
                if (d < least) least = d, best = c;
            }
            look++;
            type += r->classes.group[best] == r->classes.group[t];
            side += best == t;
            guess_type += r->guess[b] > 0 && r->classes.group[r->guess[b]] == r->classes.group[t];
            guess_side += r->guess[b] == t;
        }
        weft_recording_free(r);
    }
    cr_assert(type > look * 80 / 100 && guess_type > look * 75 / 100, "type %lld, by probability %lld of %lld", (long long)type, (long long)guess_type, (long long)look);
    cr_assert(side < type * 60 / 100 && side > type * 40 / 100, "side %lld of type %lld", (long long)side, (long long)type);
    cr_assert(guess_side < guess_type * 55 / 100 && guess_side > guess_type * 45 / 100, "side %lld of type %lld", (long long)guess_side, (long long)guess_type);
}

Test(scenes, options_are_checked)
{
    weft_recording_t *r;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_scenes_recording(&r, &(weft_scenes_options_t){0, 10, 1}, 0, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_scenes_recording(&r, &(weft_scenes_options_t){4, 10, 1}, 4, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "scenes-options"), 2);
    weft_diag_free(diag);
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    cr_assert(f);
    fputs(text, f);
    fclose(f);
}

static void sweep(const char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

Test(recording, written_and_read_again)
{
    char folder[] = "/tmp/weft-recording-XXXXXX", path[512];
    cr_assert(mkdtemp(folder));
    weft_recording_t *a = make(2, 40, 105, 0), *b = NULL;
    snprintf(path, sizeof path, "%s/one", folder);
    cr_assert_eq(weft_recording_write(a, path, NULL), WEFT_OK);
    char classes[512];
    snprintf(classes, sizeof classes, "%s/classes.txt", folder);
    cr_assert_eq(weft_classes_write(&a->classes, classes, NULL), WEFT_OK);
    weft_recordings_t set;
    cr_assert_eq(weft_recordings_read(&set, folder, NULL), WEFT_OK);
    cr_assert_eq(set.n, 1);
    b = set.at[0];
    cr_assert_str_eq(b->name, "one");
    cr_assert(a->n_boxes == b->n_boxes && a->n_frames == b->n_frames && a->width == b->width && a->height == b->height && a->n_columns == b->n_columns);
    cr_assert_arr_eq(a->frame_ptr, b->frame_ptr, (size_t)(a->n_frames + 1) * sizeof(int64_t));
    cr_assert_arr_eq(a->truth, b->truth, (size_t)a->n_boxes * sizeof(int32_t));
    cr_assert_arr_eq(a->object, b->object, (size_t)a->n_boxes * sizeof(int32_t));
    cr_assert_arr_eq(a->guess, b->guess, (size_t)a->n_boxes * sizeof(int32_t));
    cr_assert_arr_eq(a->classes.group, b->classes.group, (size_t)a->classes.n * sizeof(int32_t));
    cr_assert_arr_eq(a->embedding, b->embedding, (size_t)(a->n_boxes * a->n_columns) * sizeof(float));
    for (int64_t i = 0; i < 4 * a->n_boxes; i++) cr_assert_float_eq(a->box[i], b->box[i], 0.02);
    weft_recordings_destroy(&set);
    weft_recording_free(a);
    sweep(folder);
}

#define HEAD "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class\n"
static const struct { const char *classes, *detections, *frames, *truth, *id; int line; } wrongs[] = {
    {"bg\n", HEAD, NULL, NULL, "recording-syntax", 2},
    {"bg\na\na\n", HEAD, NULL, NULL, "recording-syntax", 3},
    {"bg\na\n", "frame,id\n", NULL, NULL, "recording-syntax", 1},
    {"bg\na\n", HEAD "0,-1,1,1,5,5,0.5,a\n0,-1,1,1,5,0,0.5,a\n", NULL, NULL, "recording-syntax", 3},
    {"bg\na\n", HEAD "0,-1,1,1,5,5,nan,a\n", NULL, NULL, "recording-syntax", 2},
    {"bg\na\n", HEAD "0,-1,1,1,5,5,0.5,b\n", NULL, NULL, "recording-class", 2},
    {"bg\na\n", HEAD "3,-1,1,1,5,5,0.5,a\n2,-1,1,1,5,5,0.5,a\n", NULL, NULL, "recording-order", 3},
    {"bg\na\n", HEAD "3,-1,1,1,5,5,0.5,a\n", "frame,width,height,gaze_x,gaze_y\n2,9,9,,\n", NULL, "recording-order", 2},
    {"bg\na\n", HEAD, "frame,width,height,gaze_x,gaze_y\n2,9,9,,\n1,9,9,,\n", NULL, "recording-order", 3},
    {"bg\na\n", HEAD, "frame,width,height,gaze_x,gaze_y\n2,9,9,,\n3,9,8,,\n", NULL, "recording-shape", 3},
    {"bg\na\n", HEAD "0,-1,1,1,5,5,0.5,a\n", NULL, "frame,box,class,object\n0,1,a,-1\n", "recording-truth", 2},
    {"bg\na\n", HEAD "0,-1,1,1,5,5,0.5,a\n", NULL, "frame,box,class,object\n0,0,c,-1\n", "recording-class", 2}};

Test(recording, every_error_with_its_line)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        char folder[] = "/tmp/weft-recording-XXXXXX";
        weft_recording_t *r;
        weft_diag_t *diag = weft_diag_new();
        cr_assert(mkdtemp(folder));
        put(folder, "classes.txt", wrongs[i].classes);
        put(folder, "detections.csv", wrongs[i].detections);
        if (wrongs[i].frames) put(folder, "frames.csv", wrongs[i].frames);
        if (wrongs[i].truth) put(folder, "truth.csv", wrongs[i].truth);
        cr_assert_eq(weft_recording_read(&r, folder, diag), WEFT_EINPUT, "row %zu", i);
        cr_assert_null(r);
        cr_assert_str_eq(weft_diag_entry(diag, 0)->id, wrongs[i].id, "row %zu: %s", i, weft_diag_entry(diag, 0)->text);
        cr_assert_eq(weft_diag_entry(diag, 0)->line, wrongs[i].line, "row %zu: line %d", i, weft_diag_entry(diag, 0)->line);
        weft_diag_free(diag);
        sweep(folder);
    }
}

Test(recording, empty_frames_and_none)
{
    char folder[] = "/tmp/weft-recording-XXXXXX";
    weft_recording_t *r;
    cr_assert(mkdtemp(folder));
    put(folder, "classes.txt", "bg\na\n");
    put(folder, "detections.csv", HEAD "2,7,1,1,5,5,0.5,a\n");
    put(folder, "frames.csv", "frame,width,height,gaze_x,gaze_y\n1,10,10,,\n2,10,10,3,4\n5,10,10,,\n");
    cr_assert_eq(weft_recording_read(&r, folder, NULL), WEFT_OK);
    cr_assert(r->n_frames == 3 && r->n_boxes == 1 && r->frame_ptr[0] == 0 && r->frame_ptr[1] == 0 && r->frame_ptr[2] == 1 && r->frame_ptr[3] == 1);
    cr_assert(isnan(r->gaze[0]) && r->gaze[3] == 4.0f && r->track[0] == 7 && r->truth[0] == -1);
    weft_recording_free(r);
    put(folder, "detections.csv", HEAD);
    unlink("frames.csv");
    cr_assert_eq(weft_recording_read(&r, folder, NULL), WEFT_OK);
    cr_assert_eq(r->n_boxes, 0);
    weft_recording_free(r);
    weft_recordings_t set;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_recordings_read(&set, "/tmp/no-such-folder-here", diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "recording-none"), 1);
    weft_diag_free(diag);
    sweep(folder);
}
