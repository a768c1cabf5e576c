/* parsers/coco.c: COCO JSON: images, annotations, categories, joined by their ids. */
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/boxes.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

typedef struct coco {
    weft_i_boxes_build_t b;
    weft_names_t *category; /* by id as text */
    char **category_name;   /* [categories] */
    int64_t names, n_names;
    int32_t *line;          /* of every element of the array that is read */
    int64_t lines, n_lines;
    const char *data, *end, *file;
    weft_diag_t *diag;
    int32_t n_errors;
} coco_t;

static weft_status_t wrong(coco_t *c, int32_t line, const char *id, const char *format, ...) WEFT_PRINTF(4, 5);
static weft_status_t wrong(coco_t *c, int32_t line, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(c->diag, WEFT_ERROR, id, c->file, line, 0, format, args);
    va_end(args);
    return ++c->n_errors < 20 ? WEFT_OK : WEFT_EINPUT;
}

/* Lines of the elements of the top object's array `name`: jansson keeps none. The text is known to be JSON. A name written with escapes is not found: its elements then have no line. */
static weft_status_t find_lines(coco_t *c, const char *name)
{
    int32_t line = 1, depth = 0;
    bool in = false, next = false, value = false;
    size_t n = strlen(name);
    c->n_lines = 0;
    for (const char *p = c->data; p < c->end; p++) {
        if (*p == '\n') line++;
        if (strchr(" \t\r\n", *p) && *p) continue;
        if (in && depth == 2 && next && *p != ',' && *p != ']') {
            if (!WEFT_I_ROOM(c->line, c->lines, c->n_lines + 1)) return WEFT_ENOMEM;
            c->line[c->n_lines++] = line;
            next = false;
        }
        if (*p == '"') {
            const char *from = ++p;
            for (; p < c->end && *p != '"'; p++)
                if (*p == '\\') p++;
            if (depth == 1 && !value) in = (size_t)(p - from) == n && !memcmp(from, name, n);
        } else if (*p == '{' || *p == '[') {
            if (++depth == 2) next = *p == '[';
        } else if (*p == '}' || *p == ']') depth--;
        else if (depth == 1 && *p == ':') value = true;
        else if (depth == 1 && *p == ',') value = false;
        else if (depth == 2 && *p == ',') next = true;
    }
    return WEFT_OK;
}

static int32_t line_of(const coco_t *c, size_t i) { return (int64_t)i < c->n_lines ? c->line[i] : 0; }

static bool number(const json_t *j, double *to)
{
    if (!json_is_number(j)) return false;
    *to = json_number_value(j);
    return isfinite(*to) && fabs(*to) <= 1e9;
}

/* Ids are whole numbers; *to in 0..2^53. */
static bool id_of(const json_t *o, const char *name, int64_t *to)
{
    const json_t *j = json_object_get(o, name);
    if (!json_is_integer(j)) return false;
    *to = json_integer_value(j);
    return *to >= 0 && *to <= (int64_t)1 << 53;
}

static weft_status_t read_categories(coco_t *c, const json_t *list)
{
    weft_status_t status = find_lines(c, "categories");
    size_t i;
    json_t *o;
    json_array_foreach((json_t *)list, i, o)
    {
        int64_t id;
        char key[32];
        const char *name = json_string_value(json_object_get(o, "name"));
        if (status != WEFT_OK) break;
        if (!id_of(o, "id", &id) || !name || !*name) {
            status = wrong(c, line_of(c, i), "coco-category", "categories[%zu] needs an id and a name", i);
            continue;
        }
        snprintf(key, sizeof key, "%lld", (long long)id);
        int32_t at = weft_names_add(c->category, key, strlen(key));
        if (at >= 0 && at < c->n_names) status = wrong(c, line_of(c, i), "coco-category", "category %s stands twice", key);
        else if (at < 0 || !WEFT_I_ROOM(c->category_name, c->names, c->n_names + 1) || !(c->category_name[c->n_names] = weft_i_strndup(name, strlen(name)))) status = WEFT_ENOMEM;
        else {
            c->n_names++;
            if (strcmp(name, "unlabelled") && weft_names_add(c->b.doc->labels, name, strlen(name)) < 0) status = WEFT_ENOMEM; /* categories without boxes are labels too, in their order */
        }
    }
    return status;
}

static weft_status_t read_images(coco_t *c, const json_t *list)
{
    weft_status_t status = find_lines(c, "images");
    size_t i;
    json_t *o;
    json_array_foreach((json_t *)list, i, o)
    {
        int64_t id, frame;
        bool made;
        double w = 0.0, h = 0.0;
        char key[32];
        const json_t *jw = json_object_get(o, "width"), *jh = json_object_get(o, "height");
        if (status != WEFT_OK) break;
        if (!id_of(o, "id", &id) || (jw && !number(jw, &w)) || (jh && !number(jh, &h)) || w < 0.0 || h < 0.0 || w > 1e6 || h > 1e6) {
            status = wrong(c, line_of(c, i), "coco-image", "images[%zu] needs an id; width and height are sizes", i);
            continue;
        }
        snprintf(key, sizeof key, "%lld", (long long)id);
        status = weft_i_boxes_frame(&c->b, key, json_string_value(json_object_get(o, "file_name")), id, line_of(c, i), &frame, &made);
        if (status == WEFT_OK && !made) status = wrong(c, line_of(c, i), "coco-image", "image %s stands twice", key);
        else if (status == WEFT_OK) {
            c->b.doc->frame[frame].width = (int32_t)w;
            c->b.doc->frame[frame].height = (int32_t)h;
        }
    }
    return status;
}

static bool box_of(const json_t *o, weft_box_t *box)
{
    const json_t *b = json_object_get(o, "bbox"), *score = json_object_get(o, "score");
    double x[4];
    int64_t track = -1;
    if (!json_is_array(b) || json_array_size(b) != 4) return false;
    for (size_t k = 0; k < 4; k++)
        if (!number(json_array_get(b, k), &x[k])) return false;
    if (score && !number(score, &box->score)) return false;
    if (json_object_get(o, "track_id") && (!id_of(o, "track_id", &track) || track > INT32_MAX)) return false;
    box->left = x[0];
    box->top = x[1];
    box->right = x[0] + x[2];
    box->bottom = x[1] + x[3];
    box->track = (int32_t)track;
    return weft_i_boxes_good(box);
}

static weft_status_t read_annotations(coco_t *c, const json_t *list)
{
    weft_status_t status = find_lines(c, "annotations");
    size_t i;
    json_t *o;
    json_array_foreach((json_t *)list, i, o)
    {
        int64_t image = -1, category = -1;
        char key[2][32];
        weft_box_t box = {.score = NAN, .line = line_of(c, i)};
        if (status != WEFT_OK) break;
        bool ids = id_of(o, "image_id", &image) && id_of(o, "category_id", &category);
        snprintf(key[0], sizeof key[0], "%lld", (long long)image);
        snprintf(key[1], sizeof key[1], "%lld", (long long)category);
        int32_t frame = weft_names_find(c->b.key, key[0], strlen(key[0])), label = weft_names_find(c->category, key[1], strlen(key[1]));
        if (!ids || frame < 0 || label < 0)
            status = wrong(c, box.line, "coco-annotation", "annotations[%zu]: there is no %s %s", i, frame < 0 ? "image" : "category", !ids ? "(an id is missing)" : frame < 0 ? key[0] : key[1]);
        else if (!box_of(o, &box)) status = wrong(c, box.line, "coco-annotation", "annotations[%zu] needs a bbox of four numbers, width and height above 0; score and track_id are numbers", i);
        else status = weft_i_boxes_add(&c->b, frame, c->category_name[label], &box);
    }
    return status;
}

weft_status_t weft_i_coco_parse(weft_boxes_doc_t **doc, const char *data, size_t n, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    coco_t c = {.data = data, .end = data + n, .file = file, .diag = diag};
    json_error_t at;
    json_t *root = json_loadb(data, n, 0, &at);
    if (!root) {
        weft_diag_add(diag, WEFT_ERROR, "coco-json", file, at.line > 0 ? at.line : 0, 0, "%s", at.text);
        return json_error_code(&at) == json_error_out_of_memory ? WEFT_ENOMEM : WEFT_EINPUT;
    }
    const json_t *part[3] = {json_object_get(root, "categories"), json_object_get(root, "images"), json_object_get(root, "annotations")};
    WEFT_TRY(weft_i_boxes_begin(&c.b));
    WEFT_TRY_ALLOC(c.category = weft_names_new());
    if (!json_is_array(part[0]) || !json_is_array(part[1]) || !json_is_array(part[2])) {
        weft_diag_add(diag, WEFT_ERROR, "coco-shape", file, 1, 0, "an object with the arrays images, annotations and categories is needed");
        WEFT_TRY(WEFT_EINPUT);
    }
    WEFT_TRY(read_categories(&c, part[0]));
    WEFT_TRY(read_images(&c, part[1]));
    WEFT_TRY(read_annotations(&c, part[2]));
    if (c.n_errors) WEFT_TRY(WEFT_EINPUT);
    WEFT_TRY(weft_i_boxes_end(&c.b, false, doc));
done:
    json_decref(root);
    for (int64_t i = 0; i < c.n_names; i++) weft_i_free(c.category_name[i]);
    weft_i_free(c.category_name);
    weft_i_free(c.line);
    weft_names_free(c.category);
    weft_i_boxes_drop(&c.b);
    return status;
}

static void json_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '"' || *p == '\\') fprintf(to, "\\%c", *p);
        else if (*p < 0x20) fprintf(to, "\\u%04x", *p);
        else fputc(*p, to);
    fputc('"', to);
}

weft_status_t weft_i_coco_write(const weft_boxes_doc_t *d, int64_t unused, FILE *to)
{
    const char *comma = "";
    (void)unused;
    fputs("{\"images\":[", to);
    for (int64_t i = 0; i < d->n_frames; i++) {
        const weft_boxes_frame_t *f = &d->frame[i];
        fprintf(to, "%s\n {\"id\":%lld,\"width\":%d,\"height\":%d", i ? "," : "", (long long)(f->number >= 0 ? f->number : i), f->width, f->height);
        if (f->name) {
            fputs(",\"file_name\":", to);
            json_text(to, f->name);
        }
        fputc('}', to);
    }
    fputs("\n],\"annotations\":[", to);
    for (int64_t i = 0; i < d->n_frames; i++)
        for (int64_t k = d->frame[i].first; k < d->frame[i].first + d->frame[i].n; k++) {
            const weft_box_t *b = &d->box[k];
            const double x[] = {b->left, b->top, b->right - b->left, b->bottom - b->top};
            fprintf(to, "%s\n {\"id\":%lld,\"image_id\":%lld,\"category_id\":%d,\"bbox\":[", comma, (long long)k + 1, (long long)(d->frame[i].number >= 0 ? d->frame[i].number : i), b->label + 1);
            for (int q = 0; q < 4; q++) {
                if (q) fputc(',', to);
                weft_i_boxes_print(to, x[q]);
            }
            fputs("],\"area\":", to);
            weft_i_boxes_print(to, x[2] * x[3]);
            fputs(",\"iscrowd\":0", to);
            if (!isnan(b->score)) {
                fputs(",\"score\":", to);
                weft_i_boxes_print(to, b->score);
            }
            if (b->track >= 0) fprintf(to, ",\"track_id\":%d", b->track);
            fputc('}', to);
            comma = ",";
        }
    fputs("\n],\"categories\":[", to);
    bool none = false;
    for (int64_t i = 0; i < d->n_boxes; i++) none |= d->box[i].label < 0;
    if (none) fputs("\n {\"id\":0,\"name\":\"unlabelled\"}", to);
    for (int32_t i = 0; i < weft_names_n(d->labels); i++) {
        fprintf(to, "%s\n {\"id\":%d,\"name\":", i || none ? "," : "", i + 1);
        json_text(to, weft_names_text(d->labels, i));
        fputc('}', to);
    }
    fputs("\n]}\n", to);
    return WEFT_OK;
}
