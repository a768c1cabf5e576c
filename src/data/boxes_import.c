/* data/boxes_import.c: annotation files as a set of recordings. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/recording.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct source { char *path, *name, *embeddings; weft_boxes_doc_t *doc; } source_t;
typedef struct list { source_t *at; int64_t n, room; } list_t;

static bool is(const char *path, mode_t kind)
{
    struct stat st;
    return !stat(path, &st) && (st.st_mode & S_IFMT) == kind;
}

static bool ends(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n > k && !strcmp(name + n - k, suffix);
}

/* A file, or (whole) a folder of frames. */
static weft_status_t add(list_t *l, const char *path, bool whole)
{
    char beside[4096];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    const char *slash = memrchr(path, '/', n), *base = slash ? slash + 1 : path, *dot = whole ? NULL : strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : (size_t)(path + n - base);
    if (!WEFT_I_ROOM(l->at, l->room, l->n + 1)) return WEFT_ENOMEM;
    source_t *s = &l->at[l->n++];
    *s = (source_t){.path = weft_i_strndup(path, n), .name = weft_i_strndup(base, length)};
    if (whole) snprintf(beside, sizeof beside, "%.*s/embeddings.npy", (int)n, path);
    else snprintf(beside, sizeof beside, "%.*s.npy", (int)(base + length - path), path);
    bool there = is(beside, S_IFREG);
    if (there) s->embeddings = weft_i_strndup(beside, strlen(beside));
    return s->path && s->name && (!there || s->embeddings) ? WEFT_OK : WEFT_ENOMEM;
}

static int by_path(const void *a, const void *b) { return strcmp(((const source_t *)a)->path, ((const source_t *)b)->path); }

static bool folder_has(const char *folder, const char *suffix)
{
    DIR *d = opendir(folder);
    bool has = false;
    for (struct dirent *e; d && !has && (e = readdir(d));) has = e->d_name[0] != '.' && ends(e->d_name, suffix);
    if (d) closedir(d);
    return has;
}

static weft_status_t find(list_t *l, const char *path, const weft_boxes_format_t *f, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char sub[4096];
    if (!is(path, S_IFDIR)) return add(l, path, false);
    if (f->per_frame && folder_has(path, f->suffix)) return add(l, path, true);
    DIR *d = opendir(path);
    for (struct dirent *e; status == WEFT_OK && d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || !strcmp(e->d_name, "classes.txt") || snprintf(sub, sizeof sub, "%s/%s", path, e->d_name) >= (int)sizeof sub) continue;
        if (f->per_frame ? is(sub, S_IFDIR) && folder_has(sub, f->suffix) : is(sub, S_IFREG) && ends(sub, f->suffix)) status = add(l, sub, f->per_frame);
    }
    if (d) closedir(d);
    if (status == WEFT_OK && !l->n) {
        weft_diag_add(diag, WEFT_ERROR, "recording-none", path, 0, 0, "no %s file in it", f->suffix);
        status = WEFT_EINPUT;
    }
    if (l->n) qsort(l->at, (size_t)l->n, sizeof *l->at, by_path);
    return status;
}

/* classes.txt in the folder itself or above the first file; found says so. */
static weft_status_t find_classes(weft_classes_t *c, bool *found, const char *path, const char *first, weft_diag_t *diag)
{
    char at[4096];
    const char *slash = strrchr(first, '/');
    int n = slash ? (int)(slash - first) : 1;
    for (int k = 0; k < 3; k++) {
        if (k == 0) snprintf(at, sizeof at, "%s/classes.txt", path);
        else snprintf(at, sizeof at, "%.*s%s/classes.txt", n, slash ? first : ".", k == 2 ? "/.." : "");
        if (!is(at, S_IFREG)) continue;
        *found = true;
        return weft_classes_read(c, at, diag);
    }
    return WEFT_OK;
}

/* Every label of every file, in their order, so that all recordings have the same classes. */
static weft_status_t classes_of_all(weft_classes_t *c, const list_t *l)
{
    weft_names_t *names = weft_names_new();
    weft_recording_t *r = NULL;
    weft_status_t status = names ? WEFT_OK : WEFT_ENOMEM;
    for (int64_t i = 0; i < l->n; i++)
        for (int32_t k = 0; status == WEFT_OK && k < weft_names_n(l->at[i].doc->labels); k++)
            if (weft_names_add(names, weft_names_text(l->at[i].doc->labels, k), (size_t)weft_names_length(l->at[i].doc->labels, k)) < 0) status = WEFT_ENOMEM;
    const weft_boxes_doc_t none = {.labels = names};
    if (status == WEFT_OK && weft_names_n(names)) status = weft_recording_from_boxes(&r, &none, "", NULL, false, NULL, NULL, NULL);
    if (r) {
        *c = r->classes;
        r->classes = (weft_classes_t){0};
    }
    weft_recording_free(r);
    weft_names_free(names);
    return status;
}

static bool alike(const weft_recordings_t *set, weft_diag_t *diag)
{
    for (int32_t i = 1; i < set->n; i++)
        if (set->at[i]->n_columns != set->at[0]->n_columns) {
            weft_diag_add(diag, WEFT_ERROR, "recording-shape", NULL, 0, 0, "%s and %s differ in embeddings", set->at[0]->name, set->at[i]->name);
            return false;
        }
    return true;
}

weft_status_t weft_recordings_import(weft_recordings_t *set, const char *path, const char *format, bool truth, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    list_t l = {0};
    weft_classes_t classes = {0};
    bool found = false;
    *set = (weft_recordings_t){0};
    if (format ? !strcmp(format, "recording") : is(path, S_IFDIR)) return weft_recordings_read(set, path, diag);
    const weft_boxes_format_t *f = weft_boxes_format_by_name(format ? format : "csv");
    if (!f) {
        weft_diag_add(diag, WEFT_ERROR, "boxes-format", NULL, 0, 0, "no format %s; there are voc, cvat, coco, mot, csv and recording", format);
        return WEFT_EUSAGE;
    }
    WEFT_TRY(find(&l, path, f, diag));
    for (int64_t i = 0; i < l.n; i++) WEFT_TRY(weft_boxes_read(&l.at[i].doc, format, l.at[i].path, diag));
    WEFT_TRY(find_classes(&classes, &found, path, l.at[0].path, diag));
    if (!found) WEFT_TRY(classes_of_all(&classes, &l));
    WEFT_TRY_ALLOC(set->at = weft_i_calloc((size_t)l.n, sizeof *set->at));
    for (int64_t i = 0; i < l.n; i++) {
        WEFT_TRY(weft_recording_from_boxes(&set->at[i], l.at[i].doc, l.at[i].name, classes.n ? &classes : NULL, truth, l.at[i].embeddings, l.at[i].path, diag));
        set->n++;
    }
    if (!alike(set, diag)) WEFT_TRY(WEFT_EINPUT);
done:
    for (int64_t i = 0; i < l.n; i++) {
        weft_i_free(l.at[i].path);
        weft_i_free(l.at[i].name);
        weft_i_free(l.at[i].embeddings);
        weft_boxes_free(l.at[i].doc);
    }
    weft_i_free(l.at);
    weft_classes_destroy(&classes);
    if (status != WEFT_OK) weft_recordings_destroy(set);
    return status;
}
