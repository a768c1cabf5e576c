/* Boxes in every format: what is written reads back; every malformed text is told by its id and line; entities, document types and cut texts do no harm; recordings and back. */
#include "base/alloc.h"
#include "weft/recording.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOX "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
#define COCO(images, annotations, categories) "{\"images\":[" images "],\n\"annotations\":[" annotations "],\n\"categories\":[" categories "]}\n"
#define IMAGE "{\"id\":1,\"width\":10,\"height\":10,\"file_name\":\"a.png\"}"
#define CATEGORY "{\"id\":1,\"name\":\"cup\"}"
static const struct { const char *format, *text, *id; int line; } rows[] = {
    {"voc", "<annotation>\n<object>\n</annotation>\n", "voc-xml", 2},
    {"voc", "<annotation>\n<object>", "voc-xml", 0},
    {"voc", "", "voc-xml", 0},
    {"voc", "<!-- a -->\n<!DOCTYPE a [<!ENTITY x \"y\">]>\n<annotation>&x;</annotation>", "voc-doctype", 2},
    {"voc", "<annotations/>", "voc-root", 1},
    {"voc", "<annotation>\n<size>\n<width>wide</width></size></annotation>", "voc-size", 3},
    {"voc", "<annotation>\n<object>" BOX "</object></annotation>", "voc-object", 2},
    {"voc", "<annotation>\n<object><name>a</name>" BOX "\n<score>high</score></object></annotation>", "voc-object", 3},
    {"voc", "<annotation>\n<object><name>a</name></object></annotation>", "voc-box", 2},
    {"voc", "<annotation>\n<object><name>a</name>\n<bndbox><xmin>x</xmin></bndbox></object></annotation>", "voc-box", 3},
    {"voc", "<annotation><object><name>a</name><bndbox>\n<xmin>5</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>", "voc-box", 0},
    {"cvat", "<annotations>\n<image", "cvat-xml", 0},
    {"cvat", "<?xml version=\"1.0\"?>\n\n<!DOCTYPE a SYSTEM \"file:///etc/passwd\">\n<annotations/>", "cvat-doctype", 3},
    {"cvat", "<annotation/>", "cvat-root", 1},
    {"cvat", "<annotations>\n<image width=\"1\"/></annotations>", "cvat-image", 2},
    {"cvat", "<annotations>\n<image id=\"1\"/>\n<image id=\"1\"/></annotations>", "cvat-image", 3},
    {"cvat", "<annotations>\n<track label=\"a\"/></annotations>", "cvat-track", 2},
    {"cvat", "<annotations>\n<image id=\"1\">\n<box label=\"a\" xtl=\"1\" ytl=\"1\" xbr=\"x\" ybr=\"2\"/></image></annotations>", "cvat-box", 3},
    {"cvat", "<annotations>\n<track id=\"1\" label=\"a\">\n<box xtl=\"1\" ytl=\"1\" xbr=\"2\" ybr=\"2\"/></track></annotations>", "cvat-box", 3},
    {"coco", "{\"images\":\n[,]}", "coco-json", 2},
    {"coco", "{\"images\":[]}", "coco-shape", 1},
    {"coco", COCO("\n{\"width\":1}", "", CATEGORY), "coco-image", 2},
    {"coco", COCO(IMAGE ",\n" IMAGE, "", CATEGORY), "coco-image", 2},
    {"coco", COCO(IMAGE, "", CATEGORY ",\n\n{\"id\":1,\"name\":\"b\"}"), "coco-category", 5},
    {"coco", COCO(IMAGE, "\n{\"image_id\":7,\"category_id\":1,\"bbox\":[1,1,1,1]}", CATEGORY), "coco-annotation", 3},
    {"coco", COCO(IMAGE, "{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,1,1]},\n{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,0,1]}", CATEGORY), "coco-annotation", 3},
    {"mot", "1,-1,1,1,5,5,0.5\n1,2,3\n", "mot-fields", 2},
    {"mot", "1,-1,1,1,5,5,0.5\n\none,-1,1,1,5,5,0.5\n", "mot-number", 3},
    {"mot", "1,-1,1,1,nan,5,0.5\n", "mot-number", 1},
    {"mot", "1,-1,1,1,5,-5,0.5\n", "mot-box", 1},
    {"csv", "frame,id\n", "csv-head", 1},
    {"csv", "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class\n1,1,1\n", "csv-fields", 2},
    {"csv", "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class\n1,1,1,x,1,1,1,a\n", "csv-number", 2},
    {"csv", "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class\n1,1,1,1,0,1,1,a\n", "csv-box", 2},
    {"nix", "", "boxes-format", 0},
};

Test(boxes, every_id_is_told_with_its_line)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        weft_diag_t *diag = weft_diag_new();
        weft_boxes_doc_t *doc = NULL;
        weft_status_t status = weft_boxes_parse(&doc, rows[i].format, rows[i].text, strlen(rows[i].text), "test", diag);
        bool told = false;
        char all[600] = "";
        for (int32_t k = 0; k < weft_diag_n_entries(diag); k++) {
            const weft_diag_entry_t *e = weft_diag_entry(diag, k);
            told |= !strcmp(e->id, rows[i].id) && (!rows[i].line || e->line == rows[i].line);
            snprintf(all + strlen(all), sizeof all - strlen(all), " %s:%d", e->id, e->line);
        }
        cr_expect(told, "row %zu: %s at line %d, got%s", i, rows[i].id, rows[i].line, all);
        cr_expect(status != WEFT_OK && !doc, "row %zu", i);
        weft_diag_free(diag);
    }
}

/* A document whose parts are hard: names with markup, a frame without boxes, no label, no score, a track. */
static weft_boxes_doc_t *sample(void)
{
    static const char text[] = "{\"images\":[{\"id\":3,\"width\":640,\"height\":480,\"file_name\":\"a <b> & \\\"c\\\".png\"},{\"id\":5,\"width\":640,\"height\":480,\"file_name\":\"e_5.png\"},"
                               "{\"id\":9,\"width\":640,\"height\":480,\"file_name\":\"f_9.png\"}],\n"
                               "\"annotations\":[{\"image_id\":9,\"category_id\":2,\"bbox\":[1.5,2.25,10.125,20],\"score\":0.7071,\"track_id\":4},{\"image_id\":3,\"category_id\":1,\"bbox\":[0,0,1e3,7]},\n"
                               "{\"image_id\":9,\"category_id\":0,\"bbox\":[100,200,30,40],\"score\":0.25}],\n"
                               "\"categories\":[{\"id\":1,\"name\":\"cup & <saucer>\"},{\"id\":2,\"name\":\"12\"},{\"id\":0,\"name\":\"unlabelled\"}]}";
    weft_boxes_doc_t *doc = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = weft_boxes_parse(&doc, "coco", text, sizeof text - 1, "sample", diag);
    weft_diag_print(diag, stderr, WEFT_NOTE);
    cr_assert_eq(status, WEFT_OK);
    weft_diag_free(diag);
    cr_assert_eq(doc->n_frames, 3);
    cr_assert_eq(doc->n_boxes, 3);
    cr_assert_eq(doc->frame[2].n, 2);
    cr_assert_eq(doc->box[doc->frame[2].first].line, 2);
    cr_assert_eq(doc->box[doc->frame[2].first + 1].line, 3);
    return doc;
}

static const char *label_of(const weft_boxes_doc_t *d, int64_t b) { return d->box[b].label < 0 ? "" : weft_names_text(d->labels, d->box[b].label); }

Test(boxes, written_and_read_back)
{
    weft_boxes_doc_t *doc = sample();
    char path[64];
    for (int i = 0; weft_boxes_format(i); i++) {
        const weft_boxes_format_t *f = weft_boxes_format(i);
        bool lines = !strcmp(f->name, "mot") || !strcmp(f->name, "csv"); /* no names, no frames without boxes */
        snprintf(path, sizeof path, "/tmp/weft-boxes-%ld%s", (long)getpid(), f->per_frame ? "" : f->suffix);
        cr_assert_eq(weft_boxes_write(doc, f->name, path, NULL), WEFT_OK, "%s", f->name);
        weft_boxes_doc_t *back = NULL;
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = weft_boxes_read(&back, f->per_frame ? f->name : NULL, path, diag); /* found by content */
        weft_diag_print(diag, stderr, WEFT_NOTE);
        cr_assert_eq(status, WEFT_OK, "%s", f->name);
        weft_diag_free(diag);
        cr_assert_eq(back->n_boxes, doc->n_boxes, "%s", f->name);
        cr_assert_eq(back->n_frames, lines ? 2 : 3, "%s", f->name);
        for (int64_t k = 0, to = 0; k < doc->n_frames; k++) {
            const weft_boxes_frame_t *x = &doc->frame[k], *y = &back->frame[to];
            if (lines && !x->n) continue;
            to++;
            cr_assert_eq(x->n, y->n);
            if (!lines) cr_assert_str_eq(x->name, y->name);
            if (!lines) cr_assert(x->width == y->width && x->height == y->height);
            if (!f->per_frame) cr_assert_eq(x->number, y->number);
            for (int64_t b = 0; b < x->n; b++) {
                const weft_box_t *p = &doc->box[x->first + b], *q = &back->box[y->first + b];
                const double u[] = {p->left, p->top, p->right, p->bottom}, v[] = {q->left, q->top, q->right, q->bottom};
                for (int c = 0; c < 4; c++) cr_assert_float_eq(u[c], v[c], 1e-9, "%s", f->name);
                cr_assert(isnan(p->score) ? isnan(q->score) : p->score == q->score, "%s: %g, %g", f->name, p->score, q->score);
                cr_assert_eq(p->track, q->track, "%s", f->name);
                const char *label = label_of(doc, x->first + b);
                if (!strcmp(f->name, "mot") && *label && strcmp(label, "12")) label = "1"; /* its place + 1 */
                cr_assert_str_eq(label, label_of(back, y->first + b), "%s", f->name);
            }
        }
        weft_boxes_free(back);
        if (f->per_frame) snprintf(path, sizeof path, "rm -rf /tmp/weft-boxes-%ld", (long)getpid());
        if (f->per_frame ? system(path) : unlink(path)) cr_assert_fail();
    }
    weft_boxes_free(doc);
}

/* Entities that would grow to gigabytes, and one that would read a file: refused before anything is expanded, in another encoding too. */
Test(boxes, entities_are_refused, .timeout = 20)
{
    static const char bomb[] = "<!DOCTYPE a [<!ENTITY a \"0123456789\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
                               "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">]>"
                               "<annotation><filename>&g;&g;</filename></annotation>";
    static const char outer[] = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><annotation><filename>&x;</filename></annotation>";
    const char *const text[] = {bomb, outer};
    for (int i = 0; i < 2; i++)
        for (int wide = 0; wide < 2; wide++) {
            size_t n = strlen(text[i]);
            char *bytes = calloc(2 * n + 2, 1);
            if (wide) memcpy(bytes, "\xff\xfe", 2);
            for (size_t k = 0; k < n; k++) bytes[wide ? 2 + 2 * k : k] = text[i][k];
            weft_boxes_doc_t *doc = NULL;
            weft_diag_t *diag = weft_diag_new();
            cr_expect_eq(weft_boxes_parse(&doc, "voc", bytes, wide ? 2 * n + 2 : n, "test", diag), WEFT_EINPUT);
            cr_expect(weft_diag_n_of_id(diag, "voc-doctype") > 0 || weft_diag_n_of_id(diag, "voc-xml") > 0);
            cr_expect_null(doc);
            weft_diag_free(diag);
            free(bytes);
        }
    static const char unknown[] = "<annotation><filename>&nix;</filename></annotation>";
    weft_boxes_doc_t *doc = NULL;
    cr_expect_eq(weft_boxes_parse(&doc, "voc", unknown, sizeof unknown - 1, "test", NULL), WEFT_EINPUT);
}

Test(boxes, cut_off_texts)
{
    weft_boxes_doc_t *doc = sample();
    for (int i = 0; weft_boxes_format(i); i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        cr_assert_eq(weft_boxes_format(i)->write(doc, 2, f), WEFT_OK);
        fclose(f);
        for (size_t n = 0; n < size; n++) {
            weft_boxes_doc_t *part = NULL;
            weft_diag_t *diag = weft_diag_new();
            char *exact = malloc(n + 1);
            memcpy(exact, text, n);
            exact[n] = 0;
            weft_status_t status = weft_boxes_parse(&part, weft_boxes_format(i)->name, exact, n, "cut", diag);
            cr_expect((status == WEFT_OK) == (weft_diag_n_of(diag, WEFT_ERROR) == 0) && (status == WEFT_OK) == (part != NULL), "%s cut at %zu", weft_boxes_format(i)->name, n);
            weft_boxes_free(part);
            free(exact);
            weft_diag_free(diag);
        }
        free(text);
    }
    weft_boxes_free(doc);
}

/* Each allocation fails once: an error, nothing leaks. */
Test(boxes, memory_runs_out)
{
    weft_boxes_doc_t *doc = sample();
    for (int i = 0; weft_boxes_format(i); i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        cr_assert_eq(weft_boxes_format(i)->write(doc, 2, f), WEFT_OK);
        fclose(f);
        for (int64_t n = 1;; n++) {
            weft_boxes_doc_t *part = NULL;
            weft_recording_t *r = NULL;
            weft_i_alloc_fail(n, true);
            weft_status_t status = weft_boxes_parse(&part, weft_boxes_format(i)->name, text, size, "short", NULL);
            if (status == WEFT_OK) status = weft_recording_from_boxes(&r, part, "r", NULL, true, NULL, "short", NULL);
            bool failed = weft_i_alloc_count() >= n;
            weft_i_alloc_fail(0, false);
            cr_assert_eq(status, failed ? WEFT_ENOMEM : WEFT_OK, "%s, allocation %lld: %d", weft_boxes_format(i)->name, (long long)n, (int)status);
            weft_recording_free(r);
            weft_boxes_free(part);
            if (!failed) break;
        }
        free(text);
    }
    weft_boxes_free(doc);
}

Test(boxes, cvat_tracks_go_by_frames)
{
    static const char text[] = "<annotations><meta><job><original_size><width>640</width><height>480</height></original_size></job></meta>\n"
                               "<track id=\"2\" label=\"cup\"><box frame=\"4\" outside=\"0\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/><box frame=\"5\" outside=\"1\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/></track>\n"
                               "<track id=\"3\" label=\"pen\"><box frame=\"1\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/><box frame=\"4\" xtl=\"2\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/><polygon frame=\"1\"/></track></annotations>";
    weft_boxes_doc_t *doc = NULL;
    cr_assert_eq(weft_boxes_parse(&doc, NULL, text, sizeof text - 1, "test", NULL), WEFT_OK);
    cr_assert_eq(doc->n_frames, 2);
    cr_assert(doc->frame[0].number == 1 && doc->frame[1].number == 4 && doc->frame[1].n == 2 && doc->frame[0].width == 640);
    cr_assert(doc->box[doc->frame[1].first].track == 2 && doc->box[doc->frame[0].first].track == 3);
    weft_boxes_free(doc);
}

/* ---- recordings ---------------------------------------------------------------------------------------------------------------------------- */
Test(boxes, as_a_recording_and_back)
{
    weft_boxes_doc_t *doc = sample(), *back = NULL;
    weft_recording_t *r = NULL;
    cr_assert_eq(weft_recording_from_boxes(&r, doc, "r", NULL, true, NULL, "sample", NULL), WEFT_OK);
    cr_assert(r->n_frames == 3 && r->n_boxes == 3 && r->classes.n == 3 && r->frame[2] == 9 && r->width == 640);
    cr_assert_str_eq(r->classes.name[1], "cup_&_<saucer>"); /* one word: it goes into classes.txt */
    cr_assert(r->truth[0] == 1 && r->truth[1] == 2 && r->truth[2] == -1 && r->guess[1] == 2 && r->track[1] == 4 && r->score[0] == 1.0f);
    cr_assert_str_eq(r->frame_name[1], "e_5.png");
    /* to disk and back, names of pictures too */
    char folder[64], path[96];
    snprintf(folder, sizeof folder, "/tmp/weft-recording-%ld", (long)getpid());
    cr_assert_eq(weft_recording_write(r, folder, NULL), WEFT_OK);
    snprintf(path, sizeof path, "%s/classes.txt", folder);
    cr_assert_eq(weft_classes_write(&r->classes, path, NULL), WEFT_OK);
    weft_recording_t *again = NULL;
    cr_assert_eq(weft_recording_read(&again, folder, NULL), WEFT_OK);
    cr_assert_str_eq(again->frame_name[0], r->frame_name[0]);
    cr_assert_arr_eq(again->truth, r->truth, 3 * sizeof(int32_t));
    cr_assert_eq(weft_boxes_from_recording(&back, again, NULL, NULL), WEFT_OK);
    cr_assert(back->n_boxes == 3 && back->box[1].left == 1.5 && back->box[1].label == 2 && back->box[2].label == -1);
    weft_boxes_free(back);
    weft_recording_free(again);
    weft_recording_free(r);
    snprintf(path, sizeof path, "rm -rf %s", folder);
    cr_assert_eq(system(path), 0);
    /* sizes that differ, a label that classes.txt has not */
    doc->frame[1].width = 320;
    cr_assert_eq(weft_recording_from_boxes(&r, doc, "r", NULL, true, NULL, "sample", NULL), WEFT_EINPUT);
    doc->frame[1].width = 640;
    char *name[] = {"background", "cup"};
    int32_t group[] = {0, 1};
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_recording_from_boxes(&r, doc, "r", &(weft_classes_t){2, name, group}, true, NULL, "sample", diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_entry(diag, 0)->line, 2);
    cr_assert_eq(weft_diag_n_of_id(diag, "recording-class"), 1);
    weft_diag_free(diag);
    weft_boxes_free(doc);
}

/* Told, though the rest is read. */
Test(boxes, what_is_left_out_is_told)
{
    static const char polygon[] = "<annotations>\n<image id=\"1\" width=\"9\" height=\"9\" name=\"a\">\n<polygon label=\"a\" points=\"1,1;2,2;3,1\"/>\n</image></annotations>";
    weft_boxes_doc_t *doc = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_boxes_parse(&doc, "cvat", polygon, sizeof polygon - 1, "test", diag), WEFT_OK);
    cr_expect_eq(doc->n_frames, 1);
    cr_expect_eq(doc->n_boxes, 0);
    cr_assert_eq(weft_diag_n_entries(diag), 1);
    cr_expect_str_eq(weft_diag_entry(diag, 0)->id, "cvat-shape");
    cr_expect_eq(weft_diag_entry(diag, 0)->line, 3);
    weft_boxes_free(doc);
    weft_diag_free(diag);
}

Test(boxes, a_folder_without_any)
{
    char folder[] = "/tmp/weft-boxes-XXXXXX";
    weft_boxes_doc_t *doc = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert(mkdtemp(folder));
    cr_expect_eq(weft_boxes_read(&doc, "voc", folder, diag), WEFT_EINPUT);
    cr_expect_eq(weft_diag_n_of_id(diag, "boxes-none"), 1);
    rmdir(folder);
    weft_diag_free(diag);
}
