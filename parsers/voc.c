/* parsers/voc.c: Pascal VOC XML: <annotation> with <filename>, <size>, and per box an <object> with <name> and <bndbox>. */
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/boxes.h"
#include "parsers/xml.h"

#include <math.h>
#include <string.h>

typedef struct voc { weft_i_boxes_build_t b; int64_t frame; bool root; weft_box_t box; char *name; int have; } voc_t;

/* Numbers by their place; corners are bits of `have`. */
static const char *const corner[] = {"annotation/object/bndbox/xmin", "annotation/object/bndbox/ymin", "annotation/object/bndbox/xmax", "annotation/object/bndbox/ymax"};

static void number(weft_i_xml_t *x, const char *id, double *to, int *have, int bit)
{
    char *text = weft_i_xml_text(x);
    if (text && weft_i_boxes_number(text, strlen(text), to)) *have |= bit;
    else if (text) weft_i_xml_wrong(x, id, "%s is not a number: %s", x->name[x->depth], text);
    weft_i_free(text);
}

static void size(weft_i_xml_t *x, int32_t *to)
{
    char *text = weft_i_xml_text(x);
    int64_t n = 0;
    if (text && !weft_i_boxes_whole(text, strlen(text), 0, 1000000, &n)) weft_i_xml_wrong(x, "voc-size", "the picture's %s is not a size: %s", x->name[x->depth], text);
    *to = (int32_t)n;
    weft_i_free(text);
}

static void opened(weft_i_xml_t *x)
{
    voc_t *v = x->context;
    int unused = 0;
    double track = -1.0;
    if (!x->depth) {
        v->root = weft_i_xml_at(x, "annotation");
        if (!v->root) weft_i_xml_wrong(x, "voc-root", "the root is %s, not annotation", x->name[0]);
        if (v->root) x->status = weft_i_boxes_frame(&v->b, "", NULL, -1, weft_i_xml_line(x), &v->frame, NULL);
    }
    if (!v->root || x->depth < 1 || x->status != WEFT_OK) return;
    weft_boxes_frame_t *f = &v->b.doc->frame[0];
    if (weft_i_xml_at(x, "annotation/filename") && !f->name) f->name = weft_i_xml_text(x);
    else if (weft_i_xml_at(x, "annotation/size/width")) size(x, &f->width);
    else if (weft_i_xml_at(x, "annotation/size/height")) size(x, &f->height);
    else if (weft_i_xml_at(x, "annotation/object")) {
        v->box = (weft_box_t){.track = -1, .score = NAN, .line = weft_i_xml_line(x)};
        v->have = 0;
    } else if (weft_i_xml_at(x, "annotation/object/name") && !v->name) v->name = weft_i_xml_text(x);
    else if (weft_i_xml_at(x, "annotation/object/score")) number(x, "voc-object", &v->box.score, &unused, 0);
    else if (weft_i_xml_at(x, "annotation/object/track_id")) {
        number(x, "voc-object", &track, &unused, 1);
        if (unused && (track != floor(track) || track < -1 || track > INT32_MAX)) weft_i_xml_wrong(x, "voc-object", "track_id is a whole number");
        else if (unused) v->box.track = (int32_t)track;
    } else
        for (int k = 0; k < 4; k++)
            if (weft_i_xml_at(x, corner[k])) number(x, "voc-box", (double *[]){&v->box.left, &v->box.top, &v->box.right, &v->box.bottom}[k], &v->have, 1 << k);
}

static void closed(weft_i_xml_t *x)
{
    voc_t *v = x->context;
    if (!weft_i_xml_at(x, "annotation/object")) return;
    if (!v->name || !*v->name) weft_i_xml_wrong(x, "voc-object", "an object without a name");
    else if (v->have != 15 || !weft_i_boxes_good(&v->box)) weft_i_xml_wrong(x, "voc-box", "%s: a bndbox has xmin, ymin, xmax, ymax, with xmin < xmax and ymin < ymax", v->name);
    else x->status = weft_i_boxes_add(&v->b, v->frame, v->name, &v->box);
    weft_i_free(v->name);
    v->name = NULL;
}

weft_status_t weft_i_voc_parse(weft_boxes_doc_t **doc, const char *data, size_t n, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    voc_t v = {0};
    weft_i_xml_t x = {.id_xml = "voc-xml", .id_doctype = "voc-doctype", .open = opened, .close = closed, .context = &v, .file = file, .diag = diag};
    WEFT_TRY(weft_i_boxes_begin(&v.b));
    WEFT_TRY(weft_i_xml_walk(&x, data, n));
    WEFT_TRY(weft_i_boxes_end(&v.b, false, doc));
done:
    weft_i_free(v.name);
    weft_i_boxes_drop(&v.b);
    return status;
}

weft_status_t weft_i_voc_write(const weft_boxes_doc_t *d, int64_t at, FILE *to)
{
    const weft_boxes_frame_t *f = &d->frame[at];
    fputs("<annotation>\n", to);
    if (f->name) {
        fputs("  <filename>", to);
        weft_i_boxes_xml_text(to, f->name);
        fputs("</filename>\n", to);
    }
    fprintf(to, "  <size><width>%d</width><height>%d</height><depth>3</depth></size>\n  <segmented>0</segmented>\n", f->width, f->height);
    for (int64_t i = f->first; i < f->first + f->n; i++) {
        const weft_box_t *b = &d->box[i];
        static const char *const name[] = {"xmin", "ymin", "xmax", "ymax"};
        const double corners[] = {b->left, b->top, b->right, b->bottom};
        fputs("  <object>\n    <name>", to);
        weft_i_boxes_xml_text(to, b->label < 0 ? "unlabelled" : weft_names_text(d->labels, b->label));
        fputs("</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>\n    <bndbox>", to);
        for (int k = 0; k < 4; k++) {
            fprintf(to, "<%s>", name[k]);
            weft_i_boxes_print(to, corners[k]);
            fprintf(to, "</%s>", name[k]);
        }
        fputs("</bndbox>\n", to);
        if (!isnan(b->score)) {
            fputs("    <score>", to);
            weft_i_boxes_print(to, b->score);
            fputs("</score>\n", to);
        }
        if (b->track >= 0) fprintf(to, "    <track_id>%d</track_id>\n", b->track);
        fputs("  </object>\n", to);
    }
    fputs("</annotation>\n", to);
    return WEFT_OK;
}
