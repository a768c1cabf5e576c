/* data/recording_write.c: recordings as folders of CSV and npy files, written. */
#include "base/status.h"
#include "base/text_file.h"
#include "io/npy.h"
#include "weft/recording.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

weft_status_t weft_classes_write(const weft_classes_t *c, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    for (int32_t i = 0; i < c->n; i++) fprintf(out.file, "%s %s\n", c->name[i], c->name[c->group[i]]);
    return weft_i_out_commit(&out, diag);
}

static weft_status_t write_table(const weft_recording_t *r, const char *folder, const char *name, int what, weft_diag_t *diag)
{
    static const char *const head[] = {"frame,id,bb_left,bb_top,bb_width,bb_height,conf,class", "frame,width,height,gaze_x,gaze_y", "frame,box,class,object", "frame,name"};
    char path[4096];
    weft_i_out_t out;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fprintf(out.file, "%s\n", head[what]);
    for (int64_t f = 0; f < r->n_frames; f++) {
        if (what == 3) {
            if (r->frame_name[f]) fprintf(out.file, "%lld,%s\n", (long long)r->frame[f], r->frame_name[f]);
            continue;
        }
        if (what == 1) {
            fprintf(out.file, "%lld,%d,%d,", (long long)r->frame[f], r->width, r->height);
            if (r->gaze && !isnan(r->gaze[2 * f])) fprintf(out.file, "%.2f,%.2f\n", (double)r->gaze[2 * f], (double)r->gaze[2 * f + 1]);
            else fputs(",\n", out.file);
            continue;
        }
        for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
            const float *x = r->box + 4 * b;
            if (what == 0)
                fprintf(out.file, "%lld,%d,%.2f,%.2f,%.2f,%.2f,%.4f,%s\n", (long long)r->frame[f], r->track[b], (double)x[0], (double)x[1], (double)x[2] - (double)x[0], (double)x[3] - (double)x[1], (double)r->score[b],
                        r->guess[b] < 0 ? "" : r->classes.name[r->guess[b]]);
            else if (r->truth[b] >= 0) fprintf(out.file, "%lld,%lld,%s,%d\n", (long long)r->frame[f], (long long)(b - r->frame_ptr[f]), r->classes.name[r->truth[b]], r->object[b]);
        }
    }
    return weft_i_out_commit(&out, diag);
}

weft_status_t weft_recording_write(const weft_recording_t *r, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    bool truth = false;
    if (mkdir(folder, 0777) && errno != EEXIST) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", folder, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    for (int64_t b = 0; b < r->n_boxes && !truth; b++) truth = r->truth[b] >= 0;
    WEFT_TRY(write_table(r, folder, "detections.csv", 0, diag));
    WEFT_TRY(write_table(r, folder, "frames.csv", 1, diag));
    if (truth) WEFT_TRY(write_table(r, folder, "truth.csv", 2, diag));
    if (r->frame_name) WEFT_TRY(write_table(r, folder, "names.csv", 3, diag));
    snprintf(path, sizeof path, "%s/embeddings.npy", folder);
    if (r->embedding) WEFT_TRY(weft_npy_write_floats(path, r->n_boxes, r->n_columns, r->embedding, diag));
    snprintf(path, sizeof path, "%s/probabilities.npy", folder);
    if (r->probability) WEFT_TRY(weft_npy_write_floats(path, r->n_boxes, r->classes.n, r->probability, diag));
done:
    return status;
}
