/* parsers/mot.c: boxes as lines of numbers: MOT's CSV without a head line, and ours with one and class names. */
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/boxes.h"

#include <math.h>
#include <string.h>

enum { MOST_FIELDS = 12 };
typedef struct line { const char *at[MOST_FIELDS]; size_t length[MOST_FIELDS]; int32_t n, number; } line_t;
typedef struct ids { const char *fields, *number, *box; } ids_t;

/* The next line's fields; false at the end. Empty lines are passed over. */
static bool next_line(const char **p, const char *end, line_t *l)
{
    while (*p < end) {
        const char *eol = memchr(*p, '\n', (size_t)(end - *p)), *q = *p, *stop = eol ? eol : end;
        l->number++;
        l->n = 0;
        *p = eol ? eol + 1 : end;
        while (stop > q && (stop[-1] == '\r' || stop[-1] == ' ')) stop--;
        if (q == stop) continue;
        for (;; q++) {
            const char *from = q;
            while (q < stop && *q != ',') q++;
            if (l->n < MOST_FIELDS) {
                l->at[l->n] = from;
                l->length[l->n] = (size_t)(q - from);
            }
            l->n++;
            if (q >= stop) return true;
        }
    }
    return false;
}

/* frame, id, left, top, width, height, conf: the columns that both have. False: told. */
static bool box_of(const line_t *l, const ids_t *id, const char *file, weft_diag_t *diag, int64_t *frame, weft_box_t *b)
{
    double x[5] = {0};
    int64_t track = -1;
    bool good = weft_i_boxes_whole(l->at[0], l->length[0], 0, INT32_MAX, frame) && weft_i_boxes_whole(l->at[1], l->length[1], -1, INT32_MAX, &track);
    for (int k = 0; k < 4 && good; k++) good = weft_i_boxes_number(l->at[2 + k], l->length[2 + k], &x[k]);
    bool scored = l->n > 6 && l->length[6];
    if (good && scored) good = weft_i_boxes_number(l->at[6], l->length[6], &x[4]);
    if (!good) {
        weft_diag_add(diag, WEFT_ERROR, id->number, file, l->number, 0, "frame, id, left, top, width, height, conf are numbers, frame and id whole ones");
        return false;
    }
    *b = (weft_box_t){.track = (int32_t)track, .left = x[0], .top = x[1], .right = x[0] + x[2], .bottom = x[1] + x[3], .score = scored ? x[4] : NAN, .line = l->number};
    if (weft_i_boxes_good(b)) return true;
    weft_diag_add(diag, WEFT_ERROR, id->box, file, l->number, 0, "a box needs a width and a height above 0");
    return false;
}

static weft_status_t parse(weft_boxes_doc_t **doc, const char *p, const char *end, int32_t before, bool named, const ids_t *id, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_boxes_build_t b = {0};
    line_t l = {.number = before};
    int32_t errors = 0;
    WEFT_TRY(weft_i_boxes_begin(&b));
    while (errors < 20 && next_line(&p, end, &l)) {
        int64_t number = 0, frame, class = 0;
        weft_box_t box;
        char key[32], label[256];
        if (named ? l.n != 8 : l.n < 6 || l.n > 10) {
            weft_diag_add(diag, WEFT_ERROR, id->fields, file, l.number, 0, "%d fields; %s are needed", l.n, named ? "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class" : "frame,id,left,top,width,height and up to four more");
            errors++;
            continue;
        }
        if (!box_of(&l, id, file, diag, &number, &box)) {
            errors++;
            continue;
        }
        /* MOT: a whole number of 0 or more in the eighth column is a class; detections have -1 or a place in the world there */
        size_t n = named && l.length[7] < sizeof label ? l.length[7] : 0;
        memcpy(label, named ? l.at[7] : "", n);
        label[n] = 0;
        if (!named && l.n > 7 && l.n < 10 && weft_i_boxes_whole(l.at[7], l.length[7], 0, INT32_MAX, &class)) snprintf(label, sizeof label, "%lld", (long long)class);
        snprintf(key, sizeof key, "%lld", (long long)number);
        WEFT_TRY(weft_i_boxes_frame(&b, key, NULL, number, l.number, &frame, NULL));
        WEFT_TRY(weft_i_boxes_add(&b, frame, *label ? label : NULL, &box));
    }
    if (errors) WEFT_TRY(WEFT_EINPUT);
    WEFT_TRY(weft_i_boxes_end(&b, true, doc));
done:
    weft_i_boxes_drop(&b);
    return status;
}

weft_status_t weft_i_mot_parse(weft_boxes_doc_t **doc, const char *data, size_t n, const char *file, weft_diag_t *diag)
{
    static const ids_t id = {"mot-fields", "mot-number", "mot-box"};
    return parse(doc, data, data + n, 0, false, &id, file, diag);
}

static const char head[] = "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class";

weft_status_t weft_i_csv_parse(weft_boxes_doc_t **doc, const char *data, size_t n, const char *file, weft_diag_t *diag)
{
    static const ids_t id = {"csv-fields", "csv-number", "csv-box"};
    size_t k = sizeof head - 1;
    if (n < k || memcmp(data, head, k) || (n > k && data[k] != '\n' && data[k] != '\r')) {
        weft_diag_add(diag, WEFT_ERROR, "csv-head", file, 1, 0, "the head line must be %s", head);
        return WEFT_EINPUT;
    }
    const char *eol = memchr(data, '\n', n);
    return parse(doc, eol ? eol + 1 : data + n, data + n, 1, true, &id, file, diag);
}

static void write_line(const weft_boxes_doc_t *d, const weft_boxes_frame_t *f, int64_t place, const weft_box_t *b, bool named, FILE *to)
{
    const double x[] = {b->left, b->top, b->right - b->left, b->bottom - b->top};
    const char *label = b->label < 0 ? "" : weft_names_text(d->labels, b->label);
    int64_t class = -1;
    fprintf(to, "%lld,%d", (long long)(f->number >= 0 ? f->number : place), b->track);
    for (int k = 0; k < 4; k++) {
        fputc(',', to);
        weft_i_boxes_print(to, x[k]);
    }
    fputc(',', to);
    if (!isnan(b->score)) weft_i_boxes_print(to, b->score);
    if (!named) {
        if (b->label >= 0 && !weft_i_boxes_whole(label, strlen(label), 0, INT32_MAX, &class)) class = b->label + (strcmp(weft_names_text(d->labels, 0), "background") ? 1 : 0);
        fprintf(to, ",%lld,-1\n", (long long)class);
        return;
    }
    fputc(',', to);
    for (; *label; label++) fputc(*label == ',' || (unsigned char)*label < 0x20 ? '_' : *label, to); /* CSV without quotes */
    fputc('\n', to);
}

static void write_lines(const weft_boxes_doc_t *d, bool named, FILE *to)
{
    for (int64_t i = 0; i < d->n_frames; i++)
        for (int64_t k = d->frame[i].first; k < d->frame[i].first + d->frame[i].n; k++) write_line(d, &d->frame[i], i, &d->box[k], named, to);
}

weft_status_t weft_i_mot_write(const weft_boxes_doc_t *d, int64_t unused, FILE *to)
{
    (void)unused;
    write_lines(d, false, to);
    return WEFT_OK;
}

weft_status_t weft_i_csv_write(const weft_boxes_doc_t *d, int64_t unused, FILE *to)
{
    (void)unused;
    fprintf(to, "%s\n", head);
    write_lines(d, true, to);
    return WEFT_OK;
}
