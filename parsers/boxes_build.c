/* parsers/boxes_build.c: see parsers/boxes.h. */
#include "parsers/boxes.h"
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

weft_status_t weft_i_boxes_begin(weft_i_boxes_build_t *b)
{
    *b = (weft_i_boxes_build_t){0};
    b->doc = weft_i_calloc(1, sizeof *b->doc);
    b->key = weft_names_new();
    if (b->doc) b->doc->labels = weft_names_new();
    if (b->doc && b->doc->labels && b->key) return WEFT_OK;
    weft_i_boxes_drop(b);
    return WEFT_ENOMEM;
}

void weft_i_boxes_drop(weft_i_boxes_build_t *b)
{
    weft_boxes_free(b->doc);
    weft_names_free(b->key);
    weft_i_free(b->of);
    *b = (weft_i_boxes_build_t){0};
}

weft_status_t weft_i_boxes_frame(weft_i_boxes_build_t *b, const char *key, const char *name, int64_t number, int32_t line, int64_t *frame, bool *made)
{
    weft_boxes_doc_t *d = b->doc;
    int32_t at = weft_names_add(b->key, key, strlen(key));
    char *own = NULL;
    if (made) *made = at == d->n_frames;
    *frame = -1;
    if (at < 0) return WEFT_ENOMEM;
    if (at == d->n_frames) {
        if (!WEFT_I_ROOM(d->frame, b->frame_room, at + 1) || (name && !(own = weft_i_strndup(name, strlen(name))))) return WEFT_ENOMEM;
        d->frame[d->n_frames++] = (weft_boxes_frame_t){.name = own, .number = number, .line = line};
    }
    *frame = at;
    return WEFT_OK;
}

weft_status_t weft_i_boxes_add(weft_i_boxes_build_t *b, int64_t frame, const char *label, const weft_box_t *box)
{
    weft_boxes_doc_t *d = b->doc;
    if (label && !strcmp(label, "unlabelled")) label = NULL; /* how writers of formats that must name a class say so */
    int32_t l = label ? weft_names_add(d->labels, label, strlen(label)) : -1;
    if ((label && l < 0) || !WEFT_I_ROOM(d->box, b->box_room, d->n_boxes + 1) || !WEFT_I_ROOM(b->of, b->of_room, d->n_boxes + 1)) return WEFT_ENOMEM;
    d->box[d->n_boxes] = *box;
    d->box[d->n_boxes].label = l;
    d->box[d->n_boxes].place = d->n_boxes;
    b->of[d->n_boxes++] = frame;
    d->frame[frame].n++;
    return WEFT_OK;
}

typedef struct place { int64_t number, at; } place_t;
static int by_number_then_place(const void *pa, const void *pb)
{
    const place_t *a = pa, *b = pb;
    return a->number != b->number ? (a->number < b->number ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

weft_status_t weft_i_boxes_end(weft_i_boxes_build_t *b, bool by_number, weft_boxes_doc_t **doc)
{
    weft_status_t status = WEFT_OK;
    weft_boxes_doc_t *d = b->doc;
    int64_t at = 0;
    place_t *order = weft_i_malloc((size_t)(d->n_frames + 1) * sizeof *order);
    weft_boxes_frame_t *frame = weft_i_malloc((size_t)(d->n_frames + 1) * sizeof *frame);
    weft_box_t *box = weft_i_malloc((size_t)(d->n_boxes + 1) * sizeof *box);
    WEFT_TRY_ALLOC(order && frame && box);
    for (int64_t i = 0; i < d->n_frames; i++) order[i] = (place_t){by_number ? d->frame[i].number : 0, i};
    if (d->n_frames) qsort(order, (size_t)d->n_frames, sizeof *order, by_number_then_place);
    for (int64_t i = 0; i < d->n_frames; i++) {
        weft_boxes_frame_t *f = &d->frame[order[i].at];
        f->first = at;
        at += f->n;
        frame[i] = *f;
    }
    for (int64_t i = 0; i < d->n_boxes; i++) box[d->frame[b->of[i]].first++] = d->box[i]; /* keeps the order within a frame */
    weft_i_free(d->frame);
    weft_i_free(d->box);
    d->frame = frame;
    d->box = box;
    frame = NULL;
    box = NULL;
    *doc = d;
    b->doc = NULL;
done:
    weft_i_free(order);
    weft_i_free(frame);
    weft_i_free(box);
    return status;
}

/* ---- numbers and text ---------------------------------------------------------------------------------------------------------------------- */
bool weft_i_boxes_number(const char *text, size_t n, double *to)
{
    const char *p = text, *end = text + n;
    while (p < end && strchr(" \t\r\n", *p) && *p) p++;
    while (end > p && strchr(" \t\r\n", end[-1]) && end[-1]) end--;
    if (p < end && *p == '+') p++;
    return p < end && weft_i_parse_double(&p, end, to) && p == end && isfinite(*to) && fabs(*to) <= 1e9;
}

bool weft_i_boxes_whole(const char *text, size_t n, int64_t low, int64_t high, int64_t *to)
{
    double x = 0.0;
    if (!weft_i_boxes_number(text, n, &x) || x != floor(x) || x < (double)low || x > (double)high) return false;
    *to = (int64_t)x;
    return true;
}

bool weft_i_boxes_good(const weft_box_t *b) { return b->right > b->left && b->bottom > b->top; }

void weft_i_boxes_print(FILE *to, double x)
{
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x) break;
    }
    fputs(text, to);
}

void weft_i_boxes_xml_text(FILE *to, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '<') fputs("&lt;", to);
        else if (*p == '>') fputs("&gt;", to);
        else if (*p == '&') fputs("&amp;", to);
        else if (*p == '"') fputs("&quot;", to);
        else fputc(*p < 0x20 ? '?' : *p, to);
}
