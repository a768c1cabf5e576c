/* parsers/cvat.c: CVAT XML 1.1: <image> with boxes, or <track> with a box per frame. Other shapes are told and left out. */
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/boxes.h"
#include "parsers/xml.h"

#include <math.h>
#include <string.h>

typedef struct cvat {
    weft_i_boxes_build_t b;
    int64_t frame;       /* of the open image, -1: none */
    int32_t track;       /* of the open track, -1: none */
    char *label;         /* of the open track */
    char *box_label;     /* of the open box */
    weft_box_t box;
    bool box_good, by_number, told;
    int32_t width, height; /* of a video, from its meta */
} cvat_t;

static bool whole(weft_i_xml_t *x, const char *name, int64_t high, int64_t *to, bool *there)
{
    double v = 0.0;
    int got = weft_i_xml_number(x, name, &v);
    *there = got != 0;
    if (got == 1 && v == floor(v) && v >= 0.0 && v <= (double)high) *to = (int64_t)v;
    else if (got) return false;
    return true;
}

static void image(weft_i_xml_t *x, cvat_t *c)
{
    int64_t id = -1, size[2] = {0, 0};
    bool has_id, there[2], made = false, good = whole(x, "id", INT32_MAX, &id, &has_id);
    good &= whole(x, "width", 1000000, &size[0], &there[0]);
    good &= whole(x, "height", 1000000, &size[1], &there[1]);
    char *name = weft_i_xml_attribute(x, "name"), key[32];
    snprintf(key, sizeof key, "%lld", (long long)(has_id ? id : c->b.doc->n_frames));
    c->frame = -1;
    if (x->status != WEFT_OK) {
    } else if (!good || (!has_id && !name)) weft_i_xml_wrong(x, "cvat-image", "an image needs an id or a name; id, width and height are whole numbers");
    else if ((x->status = weft_i_boxes_frame(&c->b, has_id ? key : name, name, id, weft_i_xml_line(x), &c->frame, &made)) == WEFT_OK && !made) {
        weft_i_xml_wrong(x, "cvat-image", "image %s stands twice", has_id ? key : name);
        c->frame = -1;
    }
    if (c->frame >= 0) {
        c->b.doc->frame[c->frame].width = (int32_t)size[0];
        c->b.doc->frame[c->frame].height = (int32_t)size[1];
    }
    weft_i_free(name);
}

static void track(weft_i_xml_t *x, cvat_t *c)
{
    int64_t id = -1;
    bool there;
    bool good = whole(x, "id", INT32_MAX, &id, &there) && there;
    weft_i_free(c->label);
    c->label = weft_i_xml_attribute(x, "label");
    if (x->status == WEFT_OK && (!good || !c->label)) weft_i_xml_wrong(x, "cvat-track", "a track needs an id and a label");
    c->track = (int32_t)id;
    c->by_number = true;
}

static bool corners(weft_i_xml_t *x, weft_box_t *b)
{
    static const char *const name[] = {"xtl", "ytl", "xbr", "ybr"};
    double *const to[] = {&b->left, &b->top, &b->right, &b->bottom};
    for (int k = 0; k < 4; k++)
        if (weft_i_xml_number(x, name[k], to[k]) != 1) return false;
    return weft_i_boxes_good(b);
}

static void box(weft_i_xml_t *x, cvat_t *c, bool tracked)
{
    int64_t number = -1, outside = 0, frame = c->frame;
    bool there, is_outside;
    c->box = (weft_box_t){.track = tracked ? c->track : -1, .score = NAN, .line = weft_i_xml_line(x)};
    c->box_good = false;
    if (tracked) {
        bool good = whole(x, "frame", INT32_MAX, &number, &there) && there && whole(x, "outside", 1, &outside, &is_outside);
        char key[32];
        snprintf(key, sizeof key, "%lld", (long long)number);
        if (!good) weft_i_xml_wrong(x, "cvat-box", "a box of a track needs its frame");
        if (!good || outside) return;
        if (x->status == WEFT_OK) x->status = weft_i_boxes_frame(&c->b, key, NULL, number, c->box.line, &frame, NULL);
    }
    if (x->status != WEFT_OK || frame < 0) return; /* of an image that was refused */
    if (!tracked) {
        weft_i_free(c->box_label);
        c->box_label = weft_i_xml_attribute(x, "label");
    }
    if (x->status != WEFT_OK) return;
    if (!corners(x, &c->box) || (!tracked && !c->box_label)) weft_i_xml_wrong(x, "cvat-box", "a box needs a label and xtl, ytl, xbr, ybr with xtl < xbr and ytl < ybr");
    else if (tracked && !c->label) return; /* told with the track */
    else if ((x->status = weft_i_boxes_add(&c->b, frame, tracked ? c->label : c->box_label, &c->box)) == WEFT_OK) c->box_good = true;
}

/* Ours, as attributes of a box: what a detector and a tracker said. */
static void attribute_of_box(weft_i_xml_t *x, cvat_t *c)
{
    char *name = weft_i_xml_attribute(x, "name"), *text = name ? weft_i_xml_text(x) : NULL;
    weft_box_t *b = c->box_good ? &c->b.doc->box[c->b.doc->n_boxes - 1] : NULL;
    int64_t n = -1;
    if (b && text && !strcmp(name, "score") && !weft_i_boxes_number(text, strlen(text), &b->score)) weft_i_xml_wrong(x, "cvat-box", "score is not a number: %s", text);
    if (b && text && !strcmp(name, "track")) {
        if (!weft_i_boxes_whole(text, strlen(text), -1, INT32_MAX, &n)) weft_i_xml_wrong(x, "cvat-box", "track is not a whole number: %s", text);
        b->track = (int32_t)n;
    }
    weft_i_free(name);
    weft_i_free(text);
}

static void meta_size(weft_i_xml_t *x, int32_t *to)
{
    char *text = weft_i_xml_text(x);
    int64_t n = 0;
    if (text && weft_i_boxes_whole(text, strlen(text), 0, 1000000, &n)) *to = (int32_t)n;
    weft_i_free(text);
}

static void opened(weft_i_xml_t *x)
{
    cvat_t *c = x->context;
    const char *name = x->name[x->depth];
    if (!x->depth && strcmp(name, "annotations")) weft_i_xml_wrong(x, "cvat-root", "the root is %s, not annotations", name);
    if (strcmp(x->name[0], "annotations")) return;
    if (weft_i_xml_at(x, "annotations/image")) image(x, c);
    else if (weft_i_xml_at(x, "annotations/track")) track(x, c);
    else if (weft_i_xml_at(x, "annotations/image/box")) box(x, c, false);
    else if (weft_i_xml_at(x, "annotations/track/box")) box(x, c, true);
    else if (weft_i_xml_at(x, "annotations/image/box/attribute") || weft_i_xml_at(x, "annotations/track/box/attribute")) attribute_of_box(x, c);
    else if (x->depth > 1 && !strcmp(x->name[1], "meta") && x->depth > 2 && !strcmp(x->name[x->depth - 1], "original_size")) {
        if (!strcmp(name, "width")) meta_size(x, &c->width);
        if (!strcmp(name, "height")) meta_size(x, &c->height);
    } else if (x->depth == 2 && strcmp(x->name[1], "meta") && strcmp(name, "tag") && !c->told) {
        weft_diag_add(x->diag, WEFT_WARNING, "cvat-shape", x->file, weft_i_xml_line(x), 0, "a %s is left out: boxes only", name);
        c->told = true;
    }
}

static void closed(weft_i_xml_t *x)
{
    cvat_t *c = x->context;
    if (weft_i_xml_at(x, "annotations/image")) c->frame = -1;
}

weft_status_t weft_i_cvat_parse(weft_boxes_doc_t **doc, const char *data, size_t n, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    cvat_t c = {.frame = -1, .track = -1};
    weft_i_xml_t x = {.id_xml = "cvat-xml", .id_doctype = "cvat-doctype", .open = opened, .close = closed, .context = &c, .file = file, .diag = diag};
    WEFT_TRY(weft_i_boxes_begin(&c.b));
    WEFT_TRY(weft_i_xml_walk(&x, data, n));
    for (int64_t i = 0; i < c.b.doc->n_frames; i++)
        if (!c.b.doc->frame[i].width && !c.b.doc->frame[i].height) {
            c.b.doc->frame[i].width = c.width;
            c.b.doc->frame[i].height = c.height;
        }
    WEFT_TRY(weft_i_boxes_end(&c.b, c.by_number, doc));
done:
    weft_i_free(c.label);
    weft_i_free(c.box_label);
    weft_i_boxes_drop(&c.b);
    return status;
}

weft_status_t weft_i_cvat_write(const weft_boxes_doc_t *d, int64_t unused, FILE *to)
{
    (void)unused;
    fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta><task><labels>\n", to);
    for (int32_t i = 0; i < weft_names_n(d->labels); i++) {
        fputs("    <label><name>", to);
        weft_i_boxes_xml_text(to, weft_names_text(d->labels, i));
        fputs("</name><attributes><attribute><name>score</name><mutable>True</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>"
              "<attribute><name>track</name><mutable>True</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute></attributes></label>\n", to);
    }
    fputs("  </labels></task></meta>\n", to);
    for (int64_t i = 0; i < d->n_frames; i++) {
        const weft_boxes_frame_t *f = &d->frame[i];
        fprintf(to, "  <image id=\"%lld\" name=\"", (long long)(f->number >= 0 ? f->number : i));
        if (f->name) weft_i_boxes_xml_text(to, f->name);
        else fprintf(to, "frame_%06lld", (long long)(f->number >= 0 ? f->number : i));
        fprintf(to, "\" width=\"%d\" height=\"%d\">\n", f->width, f->height);
        for (int64_t k = f->first; k < f->first + f->n; k++) {
            static const char *const name[] = {"xtl", "ytl", "xbr", "ybr"};
            const weft_box_t *b = &d->box[k];
            const double corner[] = {b->left, b->top, b->right, b->bottom};
            fputs("    <box label=\"", to);
            weft_i_boxes_xml_text(to, b->label < 0 ? "unlabelled" : weft_names_text(d->labels, b->label));
            fputs("\" occluded=\"0\"", to);
            for (int q = 0; q < 4; q++) {
                fprintf(to, " %s=\"", name[q]);
                weft_i_boxes_print(to, corner[q]);
                fputc('"', to);
            }
            fputs(">", to);
            if (!isnan(b->score)) {
                fputs("<attribute name=\"score\">", to);
                weft_i_boxes_print(to, b->score);
                fputs("</attribute>", to);
            }
            if (b->track >= 0) fprintf(to, "<attribute name=\"track\">%d</attribute>", b->track);
            fputs("</box>\n", to);
        }
        fputs("  </image>\n", to);
    }
    fputs("</annotations>\n", to);
    return WEFT_OK;
}
