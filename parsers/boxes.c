/* parsers/boxes.c: the document of boxes and the table of its formats. */
#include "parsers/boxes.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const weft_boxes_format_t formats[] = {{"voc", ".xml", "Pascal VOC XML, a file per frame", true, weft_i_voc_parse, weft_i_voc_write},
                                              {"cvat", ".xml", "CVAT XML 1.1 for images and video", false, weft_i_cvat_parse, weft_i_cvat_write},
                                              {"coco", ".json", "COCO JSON", false, weft_i_coco_parse, weft_i_coco_write},
                                              {"mot", ".txt", "MOT CSV, classes as numbers", false, weft_i_mot_parse, weft_i_mot_write},
                                              {"csv", ".csv", "a head line, then frame,id,bb_left,bb_top,bb_width,bb_height,conf,class", false, weft_i_csv_parse, weft_i_csv_write}};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const weft_boxes_format_t *weft_boxes_format(int32_t i) { return i >= 0 && i < N_FORMATS ? &formats[i] : NULL; }

const weft_boxes_format_t *weft_boxes_format_by_name(const char *name)
{
    for (int i = 0; i < N_FORMATS; i++)
        if (!strcmp(formats[i].name, name)) return &formats[i];
    return NULL;
}

const weft_boxes_format_t *weft_boxes_sniff(const char *data, size_t size)
{
    const char *p = data, *end = data + size;
    if (size >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) p += 3;
    while (p < end && strchr(" \t\r\n", *p) && *p) p++;
    if (p < end && *p == '<') {
        const char *root = memmem(p, (size_t)(end - p), "<annotation", 11);
        return weft_boxes_format_by_name(root && root + 11 < end && root[11] == 's' ? "cvat" : "voc");
    }
    if (p < end && *p == '{') return weft_boxes_format_by_name("coco");
    return weft_boxes_format_by_name(p < end && *p == 'f' ? "csv" : "mot");
}

void weft_boxes_free(weft_boxes_doc_t *d)
{
    if (!d) return;
    for (int64_t i = 0; i < d->n_frames; i++) weft_i_free(d->frame[i].name);
    weft_i_free(d->frame);
    weft_i_free(d->box);
    weft_names_free(d->labels);
    weft_i_free(d);
}

static weft_status_t known(const char *name, const weft_boxes_format_t **format, weft_diag_t *diag)
{
    if ((*format = weft_boxes_format_by_name(name))) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "boxes-format", NULL, 0, 0, "no format %s; there are voc, cvat, coco, mot, csv", name);
    return WEFT_EUSAGE;
}

weft_status_t weft_boxes_parse(weft_boxes_doc_t **doc, const char *name, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    const weft_boxes_format_t *format = name ? NULL : weft_boxes_sniff(data, size);
    weft_status_t status = name ? known(name, &format, diag) : WEFT_OK;
    *doc = NULL;
    return status == WEFT_OK ? format->parse(doc, data, size, file, diag) : status;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t read_file(weft_boxes_doc_t **doc, const char *format, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = weft_boxes_parse(doc, format, text.data, text.size, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

/* The frames of `from` behind those that are there. */
static weft_status_t append(weft_i_boxes_build_t *b, const weft_boxes_doc_t *from, const char *path)
{
    for (int64_t f = 0; f < from->n_frames; f++) {
        const weft_boxes_frame_t *x = &from->frame[f];
        char key[64];
        int64_t at;
        snprintf(key, sizeof key, "%lld", (long long)b->doc->n_frames);
        const char *base = strrchr(path, '/'), *name = x->name ? x->name : base ? base + 1 : path;
        weft_status_t status = weft_i_boxes_frame(b, key, name, x->number, x->line, &at, NULL);
        if (status != WEFT_OK) return status;
        b->doc->frame[at].width = x->width;
        b->doc->frame[at].height = x->height;
        for (int64_t i = x->first; i < x->first + x->n; i++) {
            const weft_box_t *box = &from->box[i];
            status = weft_i_boxes_add(b, at, box->label < 0 ? NULL : weft_names_text(from->labels, box->label), box);
            if (status != WEFT_OK) return status;
        }
    }
    return WEFT_OK;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static weft_status_t read_folder(weft_boxes_doc_t **doc, const char *format, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_boxes_build_t b = {0};
    const weft_boxes_format_t *f = weft_boxes_format_by_name(format ? format : "voc");
    char **name = NULL, file[4096];
    int64_t n = 0, room = 0;
    DIR *d = opendir(path);
    for (struct dirent *e; d && f && (e = readdir(d));) {
        size_t have = strlen(e->d_name), tail = strlen(f->suffix);
        if (e->d_name[0] == '.' || have <= tail || strcmp(e->d_name + have - tail, f->suffix)) continue;
        WEFT_TRY_ALLOC(WEFT_I_ROOM(name, room, n + 1));
        WEFT_TRY_ALLOC(name[n] = weft_i_strndup(e->d_name, have));
        n++;
    }
    if (!n) {
        weft_diag_add(diag, WEFT_ERROR, "boxes-none", path, 0, 0, "no %s file in this folder", f ? f->suffix : "such");
        WEFT_TRY(WEFT_EINPUT);
    }
    qsort(name, (size_t)n, sizeof *name, by_text);
    WEFT_TRY(weft_i_boxes_begin(&b));
    for (int64_t i = 0; i < n; i++) {
        weft_boxes_doc_t *one = NULL;
        snprintf(file, sizeof file, "%s/%s", path, name[i]);
        WEFT_TRY(read_file(&one, f->name, file, diag));
        status = append(&b, one, file);
        weft_boxes_free(one);
        if (status != WEFT_OK) goto done;
    }
    WEFT_TRY(weft_i_boxes_end(&b, false, doc));
done:
    weft_i_boxes_drop(&b);
    for (int64_t i = 0; i < n; i++) weft_i_free(name[i]);
    weft_i_free(name);
    if (d) closedir(d);
    return status;
}

weft_status_t weft_boxes_read(weft_boxes_doc_t **doc, const char *format, const char *path, weft_diag_t *diag)
{
    struct stat st;
    const weft_boxes_format_t *f;
    *doc = NULL;
    weft_status_t status = format ? known(format, &f, diag) : WEFT_OK;
    if (status != WEFT_OK) return status;
    return !stat(path, &st) && S_ISDIR(st.st_mode) ? read_folder(doc, format, path, diag) : read_file(doc, format, path, diag);
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t write_file(const weft_boxes_doc_t *doc, const weft_boxes_format_t *f, int64_t frame, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    status = f->write(doc, frame, out.file);
    if (status == WEFT_OK) return weft_i_out_commit(&out, diag);
    weft_i_out_abort(&out);
    return status;
}

/* A picture's name without folder and suffix; a name that would leave the folder is not taken. */
static void stem(const weft_boxes_frame_t *f, int64_t place, char *to, size_t size)
{
    const char *name = f->name, *slash = name ? strrchr(name, '/') : NULL;
    if (slash) name = slash + 1;
    const char *dot = name ? strrchr(name, '.') : NULL;
    int n = name ? (int)(dot && dot > name ? dot - name : (long)strlen(name)) : 0;
    if (n > 0 && n < 200 && name[0] != '.') snprintf(to, size, "%.*s", n, name);
    else snprintf(to, size, "frame_%06lld", (long long)(f->number >= 0 ? f->number : place));
}

weft_status_t weft_boxes_write(const weft_boxes_doc_t *doc, const char *format, const char *path, weft_diag_t *diag)
{
    const weft_boxes_format_t *f;
    char file[4096], name[256];
    weft_status_t status = known(format, &f, diag);
    if (status != WEFT_OK) return status;
    if (!f->per_frame) return write_file(doc, f, 0, path, diag);
    if (mkdir(path, 0777) && errno != EEXIST) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", path, 0, 0, "%s", strerror(errno));
        return errno == ENOSPC || errno == EDQUOT ? WEFT_ELIMIT : WEFT_EIO;
    }
    for (int64_t i = 0; i < doc->n_frames && status == WEFT_OK; i++) {
        stem(&doc->frame[i], i, name, sizeof name);
        snprintf(file, sizeof file, "%s/%s%s", path, name, f->suffix);
        status = write_file(doc, f, i, file, diag);
    }
    return status;
}
