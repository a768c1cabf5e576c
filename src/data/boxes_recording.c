/* data/boxes_recording.c: a document of boxes as a recording, and back. */
#include "base/alloc.h"
#include "base/status.h"
#include "io/npy.h"
#include "weft/recording.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static weft_status_t copy_classes(weft_classes_t *to, const weft_classes_t *from, const weft_names_t *labels)
{
    weft_status_t status = WEFT_OK;
    int32_t n = from ? from->n : weft_names_n(labels) + 1;
    WEFT_TRY_ALLOC(to->name = weft_i_calloc((size_t)n, sizeof *to->name));
    WEFT_TRY_ALLOC(to->group = weft_i_malloc((size_t)n * sizeof *to->group));
    for (int32_t i = 0; i < n; i++) {
        const char *text = from ? from->name[i] : i ? weft_names_text(labels, i - 1) : "background";
        if (!from && i && !strcmp(text, "background")) continue;
        to->group[to->n] = from ? from->group[i] : to->n;
        WEFT_TRY_ALLOC(to->name[to->n] = weft_i_strndup(text, strlen(text)));
        for (char *p = to->name[to->n]; *p && !from; p++) /* classes.txt and the CSV files keep a class in one word */
            if (*p == ',' || isspace((unsigned char)*p)) *p = '_';
        to->n++;
    }
done:
    return status;
}

/* A label's class: by name (blanks and commas as above), else by number; -1. */
static int32_t class_of(const weft_classes_t *c, const char *label)
{
    for (int32_t i = 0; i < c->n; i++) {
        const char *p = label, *q = c->name[i];
        while (*p && *q && (*p == *q || (*q == '_' && (*p == ',' || isspace((unsigned char)*p))))) p++, q++;
        if (!*p && !*q) return i;
    }
    char *end;
    long n = strtol(label, &end, 10);
    return end != label && !*end && n >= 0 && n < c->n ? (int32_t)n : -1;
}

/* ---- frames in order ----------------------------------------------------------------------------------------------------------------------- */
typedef struct place { int64_t number, at; } place_t;
static int by_number(const void *pa, const void *pb)
{
    const place_t *a = pa, *b = pb;
    return a->number != b->number ? (a->number < b->number ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

static int64_t last_digits(const char *name)
{
    int64_t n = -1;
    for (const char *p = name; p && *p;) {
        if (!isdigit((unsigned char)*p)) {
            p++;
            continue;
        }
        for (n = 0; isdigit((unsigned char)*p); p++)
            if (n < INT32_MAX) n = 10 * n + (*p - '0');
    }
    return n;
}

static void order_frames(const weft_boxes_doc_t *d, place_t *order)
{
    for (int rule = 0; rule < 3; rule++) {
        bool good = true;
        for (int64_t i = 0; i < d->n_frames; i++) {
            order[i] = (place_t){rule == 0 ? d->frame[i].number : rule == 1 ? last_digits(d->frame[i].name) : i, i};
            good &= order[i].number >= 0 && order[i].number <= INT32_MAX;
        }
        if (d->n_frames) qsort(order, (size_t)d->n_frames, sizeof *order, by_number);
        for (int64_t i = 1; i < d->n_frames; i++) good &= order[i].number != order[i - 1].number;
        if (good) return;
    }
}

static weft_status_t room_for(weft_recording_t *r, int64_t frames, int64_t boxes)
{
    size_t n = (size_t)boxes + 1;
    r->frame_ptr = weft_i_calloc((size_t)frames + 1, sizeof *r->frame_ptr);
    r->frame = weft_i_malloc(((size_t)frames + 1) * sizeof *r->frame);
    r->box = weft_i_malloc(4 * n * sizeof *r->box);
    r->score = weft_i_malloc(n * sizeof *r->score);
    r->guess = weft_i_malloc(n * sizeof *r->guess);
    r->track = weft_i_malloc(n * sizeof *r->track);
    r->truth = weft_i_malloc(n * sizeof *r->truth);
    r->object = weft_i_malloc(n * sizeof *r->object);
    return r->frame_ptr && r->frame && r->box && r->score && r->guess && r->track && r->truth && r->object ? WEFT_OK : WEFT_ENOMEM;
}

static weft_status_t take_frame(weft_recording_t *r, const weft_boxes_frame_t *f, const char *file, weft_diag_t *diag)
{
    if (f->width > 0 && f->height > 0) {
        if (r->width && (r->width != f->width || r->height != f->height)) {
            weft_diag_add(diag, WEFT_ERROR, "recording-shape", file, f->line, 0, "pictures of two sizes in one recording: %d x %d and %d x %d", r->width, r->height, f->width, f->height);
            return WEFT_EINPUT;
        }
        r->width = f->width;
        r->height = f->height;
    }
    if (!f->name) return WEFT_OK;
    char *own = weft_i_strndup(f->name, strlen(f->name));
    if (!own) return WEFT_ENOMEM;
    for (char *p = own; *p; p++)
        if ((unsigned char)*p < 0x20) *p = '_'; /* it goes to the end of a line */
    r->frame_name[r->n_frames] = own;
    return WEFT_OK;
}

static weft_status_t read_embeddings(weft_recording_t *r, const int64_t *row, const char *path, weft_diag_t *diag)
{
    weft_i_npy_t a = {0};
    float *raw = NULL;
    weft_status_t status = weft_i_npy_read(&a, path, diag);
    if (status == WEFT_OK && (a.n_dims != 2 || a.shape[0] != r->n_boxes || a.shape[1] < 1)) {
        weft_diag_add(diag, WEFT_ERROR, "recording-shape", path, 0, 0, "[%lld, %lld] for %lld boxes", (long long)a.shape[0], (long long)(a.n_dims > 1 ? a.shape[1] : 0), (long long)r->n_boxes);
        status = WEFT_EINPUT;
    }
    WEFT_TRY(status);
    WEFT_TRY(weft_i_npy_float(&raw, &a, path, diag));
    for (int64_t i = 0; i < a.n; i++)
        if (!isfinite(raw[i])) {
            weft_diag_add(diag, WEFT_ERROR, "recording-shape", path, 0, 0, "row %lld has a value that is not finite", (long long)(i / a.shape[1]));
            WEFT_TRY(WEFT_EINPUT);
        }
    r->n_columns = a.shape[1];
    WEFT_TRY_ALLOC(r->embedding = weft_i_malloc((size_t)(a.n + 1) * sizeof *r->embedding));
    for (int64_t b = 0; b < r->n_boxes; b++) memcpy(r->embedding + b * r->n_columns, raw + row[b] * r->n_columns, (size_t)r->n_columns * sizeof *raw);
done:
    weft_i_free(raw);
    weft_i_npy_destroy(&a);
    return status;
}

weft_status_t weft_recording_from_boxes(weft_recording_t **out, const weft_boxes_doc_t *d, const char *name, const weft_classes_t *classes, bool truth, const char *embeddings, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_recording_t *r = NULL;
    place_t *order = NULL;
    int64_t *row = NULL;
    bool named = false;
    *out = NULL;
    WEFT_TRY_ALLOC(r = weft_i_calloc(1, sizeof *r));
    WEFT_TRY_ALLOC(r->name = weft_i_strndup(name, strlen(name)));
    WEFT_TRY_ALLOC(order = weft_i_malloc((size_t)(d->n_frames + 1) * sizeof *order));
    WEFT_TRY_ALLOC(row = weft_i_malloc((size_t)(d->n_boxes + 1) * sizeof *row));
    WEFT_TRY(copy_classes(&r->classes, classes, d->labels));
    if (r->classes.n < 2) {
        weft_diag_add(diag, WEFT_ERROR, "recording-class", file, 0, 0, "no box has a label: a classes.txt is needed");
        WEFT_TRY(WEFT_EINPUT);
    }
    WEFT_TRY(room_for(r, d->n_frames, d->n_boxes));
    for (int64_t i = 0; i < d->n_frames; i++) named |= d->frame[i].name != NULL;
    if (named) WEFT_TRY_ALLOC(r->frame_name = weft_i_calloc((size_t)d->n_frames + 1, sizeof *r->frame_name));
    order_frames(d, order);
    for (int64_t i = 0; i < d->n_frames; i++) {
        const weft_boxes_frame_t *f = &d->frame[order[i].at];
        WEFT_TRY(take_frame(r, f, file, diag));
        r->frame[i] = order[i].number;
        r->n_frames = i + 1;
        for (int64_t k = f->first; k < f->first + f->n; k++) {
            const weft_box_t *b = &d->box[k];
            int64_t to = r->n_boxes++;
            int32_t c = b->label < 0 ? -1 : class_of(&r->classes, weft_names_text(d->labels, b->label));
            if (b->label >= 0 && c < 0) {
                weft_diag_add(diag, WEFT_ERROR, "recording-class", file, b->line, 0, "there is no class %s in classes.txt", weft_names_text(d->labels, b->label));
                WEFT_TRY(WEFT_EINPUT);
            }
            const double x[] = {b->left, b->top, b->right, b->bottom};
            for (int q = 0; q < 4; q++) r->box[4 * to + q] = (float)x[q];
            if (r->box[4 * to + 2] - r->box[4 * to] < 0.01f || r->box[4 * to + 3] - r->box[4 * to + 1] < 0.01f || fmax(fmax(fabs(x[0]), fabs(x[1])), fmax(fabs(x[2]), fabs(x[3]))) >= 1e6) {
                weft_diag_add(diag, WEFT_ERROR, "recording-shape", file, b->line, 0, "a box smaller than a hundredth of a pixel, or a million pixels away");
                WEFT_TRY(WEFT_EINPUT);
            }
            r->score[to] = isnan(b->score) ? 1.0f : (float)b->score;
            r->guess[to] = c;
            r->track[to] = b->track;
            r->truth[to] = truth ? c : -1;
            r->object[to] = -1;
            row[to] = b->place;
        }
        r->frame_ptr[i + 1] = r->n_boxes;
    }
    if (!r->width || !r->height) { /* where no size is said: what the boxes need */
        r->width = r->height = 1;
        for (int64_t b = 0; b < r->n_boxes; b++) {
            r->width = (int32_t)fmax(r->width, ceil((double)r->box[4 * b + 2]));
            r->height = (int32_t)fmax(r->height, ceil((double)r->box[4 * b + 3]));
        }
    }
    if (embeddings) WEFT_TRY(read_embeddings(r, row, embeddings, diag));
    *out = r;
    r = NULL;
done:
    weft_recording_free(r);
    weft_i_free(order);
    weft_i_free(row);
    return status;
}

weft_status_t weft_boxes_from_recording(weft_boxes_doc_t **out, const weft_recording_t *r, const int32_t *label, const float *score)
{
    weft_status_t status = WEFT_OK;
    weft_boxes_doc_t *d = weft_i_calloc(1, sizeof *d);
    *out = NULL;
    WEFT_TRY_ALLOC(d);
    WEFT_TRY_ALLOC(d->labels = weft_names_new());
    WEFT_TRY_ALLOC(d->frame = weft_i_calloc((size_t)r->n_frames + 1, sizeof *d->frame));
    WEFT_TRY_ALLOC(d->box = weft_i_calloc((size_t)r->n_boxes + 1, sizeof *d->box));
    for (int32_t c = 0; c < r->classes.n; c++) WEFT_TRY_ALLOC(weft_names_add(d->labels, r->classes.name[c], strlen(r->classes.name[c])) == c);
    for (int64_t f = 0; f < r->n_frames; f++) {
        weft_boxes_frame_t *to = &d->frame[f];
        *to = (weft_boxes_frame_t){.number = r->frame[f], .width = r->width, .height = r->height, .first = r->frame_ptr[f], .n = r->frame_ptr[f + 1] - r->frame_ptr[f]};
        d->n_frames = f + 1;
        if (r->frame_name && r->frame_name[f]) WEFT_TRY_ALLOC(to->name = weft_i_strndup(r->frame_name[f], strlen(r->frame_name[f])));
    }
    for (int64_t b = 0; b < r->n_boxes; b++) {
        const float *x = r->box + 4 * b;
        /* hundredths of a pixel are what a recording keeps on disk: the text stays short */
        d->box[b] = (weft_box_t){.label = label ? label[b] : r->truth[b], .track = r->track[b], .left = round((double)x[0] * 100.0) / 100.0, .top = round((double)x[1] * 100.0) / 100.0,
                                 .right = round((double)x[2] * 100.0) / 100.0, .bottom = round((double)x[3] * 100.0) / 100.0, .score = round((double)(score ? score[b] : r->score[b]) * 1e4) / 1e4, .place = b};
        if (d->box[b].label < 0) d->box[b].label = -1;
    }
    d->n_boxes = r->n_boxes;
    *out = d;
    d = NULL;
done:
    weft_boxes_free(d);
    return status;
}
