/* data/recording.c: recordings as folders of CSV and npy files, read. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/csv_lines.h"
#include "io/npy.h"
#include "weft/recording.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void weft_classes_destroy(weft_classes_t *c)
{
    for (int32_t i = 0; i < c->n; i++) weft_i_free(c->name[i]);
    weft_i_free(c->name);
    weft_i_free(c->group);
    *c = (weft_classes_t){0};
}

void weft_recording_free(weft_recording_t *r)
{
    if (!r) return;
    weft_i_free(r->name);
    weft_i_free(r->frame_ptr);
    weft_i_free(r->frame);
    weft_i_free(r->gaze);
    weft_i_free(r->box);
    weft_i_free(r->score);
    weft_i_free(r->guess);
    weft_i_free(r->track);
    weft_i_free(r->truth);
    weft_i_free(r->object);
    weft_i_free(r->embedding);
    weft_i_free(r->probability);
    for (int64_t f = 0; r->frame_name && f < r->n_frames; f++) weft_i_free(r->frame_name[f]);
    weft_i_free(r->frame_name);
    weft_classes_destroy(&r->classes);
    weft_i_free(r);
}

bool weft_classes_lookalike(const weft_classes_t *classes, int32_t c)
{
    for (int32_t i = 0; i < classes->n; i++)
        if (i != c && classes->group[i] == classes->group[c]) return true;
    return false;
}

/* True where b is a with every "left" and "right" exchanged, and there is one. */
static bool other_hand(const char *a, const char *b)
{
    bool any = false;
    while (*a) {
        bool left = !strncmp(a, "left", 4), right = !strncmp(a, "right", 5);
        if (left || right) {
            if (strncmp(b, left ? "right" : "left", left ? 5 : 4)) return false;
            a += left ? 4 : 5;
            b += left ? 5 : 4;
            any = true;
        } else if (*a++ != *b++) return false;
    }
    return any && !*b;
}

int32_t weft_classes_mirrored(const weft_classes_t *k, int32_t c)
{
    for (int32_t i = 0; i < k->n; i++)
        if (k->group[i] == k->group[c] && other_hand(k->name[c], k->name[i])) return i;
    return c;
}

static bool file_there(char path[4096], const char *folder, const char *name)
{
    struct stat st;
    int n = snprintf(path, 4096, "%s/%s", folder, name);
    return n < 4096 && !stat(path, &st) && S_ISREG(st.st_mode);
}

static int32_t field_class(const weft_i_fields_t *f, int32_t k, const weft_classes_t *c)
{
    for (int32_t i = 0; i < c->n; i++)
        if (!strncmp(c->name[i], f->at[k], (size_t)f->length[k]) && !c->name[i][f->length[k]]) return i;
    return -1;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------- */
weft_status_t weft_classes_read(weft_classes_t *classes, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *classes = (weft_classes_t){0};
    weft_i_csv_t c = {.path = path, .diag = diag, .line = 1};
    int64_t names = 0, groups = 0;
    weft_names_t *group = weft_names_new();
    int32_t *first = NULL;
    int64_t firsts = 0;
    WEFT_TRY_ALLOC(group);
    WEFT_TRY(weft_i_text_read(&c.text, path, diag));
    for (const char *p = c.text.data, *end = p + c.text.size; p < end; c.line++) {
        const char *eol = memchr(p, '\n', (size_t)(end - p)), *word[2];
        int32_t length[2] = {0}, n = 0;
        if (!eol) eol = end;
        for (const char *q = p; q < eol;) {
            while (q < eol && strchr(" \t\r", *q)) q++;
            if (q >= eol) break;
            const char *from = q;
            while (q < eol && !strchr(" \t\r", *q)) q++;
            if (n < 2) word[n] = from, length[n] = (int32_t)(q - from);
            n++;
        }
        p = eol + 1;
        if (!n) continue;
        if (n > 2 || memchr(word[0], ',', (size_t)length[0])) WEFT_TRY(weft_i_csv_wrong(&c, "recording-syntax", "a line is a class and, where others look alike, its group"));
        if (n == 1) word[1] = word[0], length[1] = length[0];
        int32_t i = classes->n, before = weft_names_n(group), g = weft_names_add(group, word[1], (size_t)length[1]);
        WEFT_TRY_ALLOC(WEFT_I_ROOM(classes->name, names, i + 1) && WEFT_I_ROOM(classes->group, groups, i + 1) && WEFT_I_ROOM(first, firsts, g + 1) && g >= 0);
        for (int32_t k = 0; k < i; k++)
            if (!strncmp(classes->name[k], word[0], (size_t)length[0]) && !classes->name[k][length[0]]) WEFT_TRY(weft_i_csv_wrong(&c, "recording-syntax", "class %s is there twice", classes->name[k]));
        if (g == before) first[g] = i;
        classes->group[i] = first[g];
        WEFT_TRY_ALLOC(classes->name[i] = weft_i_strndup(word[0], (size_t)length[0]));
        classes->n++;
    }
    if (classes->n < 2) WEFT_TRY(weft_i_csv_wrong(&c, "recording-syntax", "two classes at least (the first is background)"));
done:
    weft_i_text_destroy(&c.text);
    weft_names_free(group);
    weft_i_free(first);
    if (status != WEFT_OK) weft_classes_destroy(classes);
    return status;
}

typedef struct room { int64_t box, score, guess, track, truth, object, frame, ptr; } room_t;

static weft_status_t add_frame(weft_recording_t *r, room_t *room, int64_t number)
{
    if (!WEFT_I_ROOM(r->frame, room->frame, r->n_frames + 1) || !WEFT_I_ROOM(r->frame_ptr, room->ptr, r->n_frames + 2)) return WEFT_ENOMEM;
    r->frame[r->n_frames] = number;
    r->frame_ptr[r->n_frames] = r->n_boxes;
    r->frame_ptr[++r->n_frames] = r->n_boxes;
    return WEFT_OK;
}

/* frames.csv says which frames there are, also those without boxes. */
static weft_status_t read_frames(weft_recording_t *r, room_t *room, const char *path, weft_diag_t *diag)
{
    weft_i_csv_t c;
    weft_i_fields_t f;
    int64_t gaze = 0, number, width, height;
    double g[2];
    weft_status_t status = weft_i_csv_open(&c, path, "frame,width,height,gaze_x,gaze_y", diag);
    while (status == WEFT_OK && weft_i_csv_next(&c, &f)) {
        if (f.n != 5 || !weft_i_field_int(&f, 0, 0, INT32_MAX, &number) || !weft_i_field_int(&f, 1, 1, 1000000, &width) || !weft_i_field_int(&f, 2, 1, 1000000, &height)) status = weft_i_csv_wrong(&c, "recording-syntax", "frame, width, height, gaze_x, gaze_y are needed");
        else if (r->n_frames && number <= r->frame[r->n_frames - 1]) status = weft_i_csv_wrong(&c, "recording-order", "frame %lld behind frame %lld", (long long)number, (long long)r->frame[r->n_frames - 1]);
        else if (r->n_frames && (width != r->width || height != r->height)) status = weft_i_csv_wrong(&c, "recording-shape", "frames of two sizes in one recording");
        else if ((status = add_frame(r, room, number)) == WEFT_OK && !WEFT_I_ROOM(r->gaze, gaze, 2 * r->n_frames)) status = WEFT_ENOMEM;
        if (status != WEFT_OK) break;
        r->width = (int32_t)width;
        r->height = (int32_t)height;
        for (int k = 0; k < 2; k++) r->gaze[2 * (r->n_frames - 1) + k] = weft_i_field_number(&f, 3 + k, &g[k]) ? (float)g[k] : NAN;
    }
    weft_i_text_destroy(&c.text);
    return status;
}

static weft_status_t one_box(weft_recording_t *r, room_t *room, const weft_i_csv_t *c, const weft_i_fields_t *f, bool framed, int64_t *at)
{
    int64_t number, track, b = r->n_boxes;
    double x[5];
    int32_t guess = f->n == 8 && f->length[7] ? field_class(f, 7, &r->classes) : -1;
    bool good = f->n == 8 && weft_i_field_int(f, 0, 0, INT32_MAX, &number) && weft_i_field_int(f, 1, -1, INT32_MAX, &track);
    for (int k = 0; k < 5 && good; k++) good = weft_i_field_number(f, 2 + k, &x[k]);
    if (!good) return weft_i_csv_wrong(c, "recording-syntax", "frame, id, bb_left, bb_top, bb_width, bb_height, conf, class are needed");
    if (guess < 0 && f->length[7]) return weft_i_csv_wrong(c, "recording-class", "there is no class %.*s in classes.txt", f->length[7], f->at[7]);
    if (!(x[2] > 0.0 && x[3] > 0.0 && fabs(x[0]) < 1e7 && fabs(x[1]) < 1e7 && x[2] < 1e7 && x[3] < 1e7)) return weft_i_csv_wrong(c, "recording-syntax", "a box needs a width and a height above 0");
    if (!framed && (!r->n_frames || number > r->frame[r->n_frames - 1])) {
        weft_status_t status = add_frame(r, room, number);
        if (status != WEFT_OK) return status;
        *at = r->n_frames - 1;
    }
    while (*at + 1 < r->n_frames && r->frame[*at] < number) r->frame_ptr[++*at] = b;
    if (!r->n_frames || r->frame[*at] != number) return weft_i_csv_wrong(c, "recording-order", "frame %lld is not in its order, or not in frames.csv", (long long)number);
    if (!WEFT_I_ROOM(r->box, room->box, 4 * (b + 1)) || !WEFT_I_ROOM(r->score, room->score, b + 1) || !WEFT_I_ROOM(r->guess, room->guess, b + 1) || !WEFT_I_ROOM(r->track, room->track, b + 1)
        || !WEFT_I_ROOM(r->truth, room->truth, b + 1) || !WEFT_I_ROOM(r->object, room->object, b + 1))
        return WEFT_ENOMEM;
    r->box[4 * b] = (float)x[0];
    r->box[4 * b + 1] = (float)x[1];
    r->box[4 * b + 2] = (float)(x[0] + x[2]);
    r->box[4 * b + 3] = (float)(x[1] + x[3]);
    r->score[b] = (float)x[4];
    r->guess[b] = guess;
    r->track[b] = (int32_t)track;
    r->truth[b] = r->object[b] = -1;
    r->n_boxes = b + 1;
    return WEFT_OK;
}

static weft_status_t read_detections(weft_recording_t *r, const char *folder, weft_diag_t *diag)
{
    char path[4096];
    weft_i_csv_t c = {0};
    weft_i_fields_t f;
    room_t room = {0};
    int64_t at = 0;
    bool framed = file_there(path, folder, "frames.csv");
    weft_status_t status = framed ? read_frames(r, &room, path, diag) : WEFT_OK;
    if (status == WEFT_OK) {
        snprintf(path, sizeof path, "%s/detections.csv", folder);
        status = weft_i_csv_open(&c, path, "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class", diag);
    }
    while (status == WEFT_OK && weft_i_csv_next(&c, &f)) status = one_box(r, &room, &c, &f, framed, &at);
    weft_i_text_destroy(&c.text);
    if (status == WEFT_OK && !r->frame_ptr) {
        if (!(r->frame_ptr = weft_i_calloc(1, sizeof *r->frame_ptr))) status = WEFT_ENOMEM;
    }
    for (int64_t k = at + 1; status == WEFT_OK && k <= r->n_frames; k++) r->frame_ptr[k] = r->n_boxes;
    for (int64_t i = 0; status == WEFT_OK && !framed && i < r->n_boxes; i++) { /* without frames.csv: what the boxes need */
        if (r->width < (double)r->box[4 * i + 2]) r->width = (int32_t)ceil((double)r->box[4 * i + 2]);
        if (r->height < (double)r->box[4 * i + 3]) r->height = (int32_t)ceil((double)r->box[4 * i + 3]);
    }
    return status;
}

static weft_status_t read_truth(weft_recording_t *r, const char *path, weft_diag_t *diag)
{
    weft_i_csv_t c;
    weft_i_fields_t f;
    int64_t number, box, object, at = 0;
    weft_status_t status = weft_i_csv_open(&c, path, "frame,box,class,object", diag);
    while (status == WEFT_OK && weft_i_csv_next(&c, &f)) {
        if (f.n != 4 || !weft_i_field_int(&f, 0, 0, INT32_MAX, &number) || !weft_i_field_int(&f, 1, 0, INT32_MAX, &box) || !weft_i_field_int(&f, 3, -1, INT32_MAX, &object)) {
            status = weft_i_csv_wrong(&c, "recording-syntax", "frame, box, class, object are needed");
            break;
        }
        while (at + 1 < r->n_frames && r->frame[at] < number) at++;
        int32_t k = field_class(&f, 2, &r->classes);
        if (k < 0) status = weft_i_csv_wrong(&c, "recording-class", "there is no class %.*s in classes.txt", f.length[2], f.at[2]);
        else if (!r->n_frames || r->frame[at] != number || box >= r->frame_ptr[at + 1] - r->frame_ptr[at]) status = weft_i_csv_wrong(&c, "recording-truth", "frame %lld has no box %lld (or frames do not ascend)", (long long)number, (long long)box);
        else {
            r->truth[r->frame_ptr[at] + box] = k;
            r->object[r->frame_ptr[at] + box] = (int32_t)object;
        }
    }
    weft_i_text_destroy(&c.text);
    return status;
}

static weft_status_t read_names(weft_recording_t *r, const char *path, weft_diag_t *diag)
{
    weft_i_csv_t c;
    weft_i_fields_t f;
    int64_t number, at = 0;
    weft_status_t status = weft_i_csv_open(&c, path, "frame,name", diag);
    if (status == WEFT_OK && !(r->frame_name = weft_i_calloc((size_t)r->n_frames + 1, sizeof *r->frame_name))) status = WEFT_ENOMEM;
    while (status == WEFT_OK && weft_i_csv_next(&c, &f)) {
        bool good = f.n >= 2 && weft_i_field_int(&f, 0, 0, INT32_MAX, &number);
        while (good && at + 1 < r->n_frames && r->frame[at] < number) at++;
        if (!good || at >= r->n_frames || r->frame[at] != number || r->frame_name[at]) status = weft_i_csv_wrong(&c, "recording-syntax", "a frame that is there (in order, once) and its name are needed");
        else if (!(r->frame_name[at] = weft_i_strndup(f.at[1], (size_t)(c.p - f.at[1])))) status = WEFT_ENOMEM; /* commas belong to it */
    }
    weft_i_text_destroy(&c.text);
    return status;
}

static weft_status_t read_columns(float **to, int64_t *columns, const char *path, int64_t rows, weft_diag_t *diag)
{
    weft_i_npy_t a = {0};
    weft_status_t status = weft_i_npy_read(&a, path, diag);
    if (status == WEFT_OK && (a.n_dims != 2 || a.shape[0] != rows || (*columns && a.shape[1] != *columns))) {
        weft_diag_add(diag, WEFT_ERROR, "recording-shape", path, 0, 0, "[%lld, %lld] for %lld boxes%s", (long long)a.shape[0], (long long)(a.n_dims > 1 ? a.shape[1] : 0), (long long)rows,
                      *columns ? " and as many columns as classes" : "");
        status = WEFT_EINPUT;
    }
    if (status == WEFT_OK) status = weft_i_npy_float(to, &a, path, diag);
    if (status == WEFT_OK) *columns = a.shape[1];
    for (int64_t i = 0; status == WEFT_OK && i < a.n; i++)
        if (!isfinite((*to)[i])) {
            weft_diag_add(diag, WEFT_ERROR, "recording-shape", path, 0, 0, "box %lld has a value that is not finite", (long long)(i / *columns));
            status = WEFT_EINPUT;
        }
    weft_i_npy_destroy(&a);
    return status;
}

weft_status_t weft_recording_read(weft_recording_t **out, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_recording_t *r = NULL;
    char path[4096], parent[4096];
    size_t n = strlen(folder);
    *out = NULL;
    while (n > 1 && folder[n - 1] == '/') n--;
    const char *slash = memrchr(folder, '/', n), *name = slash ? slash + 1 : folder;
    WEFT_TRY_ALLOC(r = weft_i_calloc(1, sizeof *r));
    WEFT_TRY_ALLOC(r->name = weft_i_strndup(name, (size_t)(folder + n - name)));
    snprintf(parent, sizeof parent, "%.*s/..", (int)n, folder);
    if (!file_there(path, folder, "classes.txt") && !file_there(path, parent, "classes.txt")) snprintf(path, sizeof path, "%s/classes.txt", folder);
    WEFT_TRY(weft_classes_read(&r->classes, path, diag));
    WEFT_TRY(read_detections(r, folder, diag));
    if (file_there(path, folder, "truth.csv")) WEFT_TRY(read_truth(r, path, diag));
    if (file_there(path, folder, "embeddings.npy")) WEFT_TRY(read_columns(&r->embedding, &r->n_columns, path, r->n_boxes, diag));
    if (file_there(path, folder, "names.csv")) WEFT_TRY(read_names(r, path, diag));
    int64_t classes = r->classes.n;
    if (file_there(path, folder, "probabilities.npy")) WEFT_TRY(read_columns(&r->probability, &classes, path, r->n_boxes, diag));
    *out = r;
    r = NULL;
done:
    weft_recording_free(r);
    return status;
}

static int by_name(const void *a, const void *b) { return strcmp((*(weft_recording_t *const *)a)->name, (*(weft_recording_t *const *)b)->name); }

weft_status_t weft_recordings_read(weft_recordings_t *set, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096], sub[4096];
    int64_t room = 0;
    *set = (weft_recordings_t){0};
    DIR *d = NULL;
    if (file_there(path, folder, "detections.csv")) {
        WEFT_TRY_ALLOC(WEFT_I_ROOM(set->at, room, 1));
        WEFT_TRY(weft_recording_read(&set->at[0], folder, diag));
        set->n = 1;
        goto done;
    }
    d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || snprintf(sub, sizeof sub, "%s/%s", folder, e->d_name) >= (int)sizeof sub || !file_there(path, sub, "detections.csv")) continue;
        WEFT_TRY_ALLOC(WEFT_I_ROOM(set->at, room, set->n + 1));
        WEFT_TRY(weft_recording_read(&set->at[set->n], sub, diag));
        set->n++;
    }
    if (!set->n) {
        weft_diag_add(diag, WEFT_ERROR, "recording-none", folder, 0, 0, d ? "no folder in it has a detections.csv" : "%s", d ? "" : strerror(errno));
        status = WEFT_EINPUT;
        goto done;
    }
    qsort(set->at, (size_t)set->n, sizeof *set->at, by_name);
    for (int32_t i = 1; i < set->n; i++) {
        const weft_recording_t *a = set->at[0], *b = set->at[i];
        bool same = a->classes.n == b->classes.n && a->n_columns == b->n_columns && !a->embedding == !b->embedding && !a->probability == !b->probability;
        for (int32_t c = 0; same && c < a->classes.n; c++) same = !strcmp(a->classes.name[c], b->classes.name[c]) && a->classes.group[c] == b->classes.group[c];
        if (same) continue;
        weft_diag_add(diag, WEFT_ERROR, "recording-shape", folder, 0, 0, "%s and %s differ in classes, embeddings or probabilities", a->name, b->name);
        status = WEFT_EINPUT;
        goto done;
    }
done:
    if (d) closedir(d);
    if (status != WEFT_OK) weft_recordings_destroy(set);
    return status;
}

void weft_recordings_destroy(weft_recordings_t *set)
{
    for (int32_t i = 0; i < set->n; i++) weft_recording_free(set->at[i]);
    weft_i_free(set->at);
    *set = (weft_recordings_t){0};
}
