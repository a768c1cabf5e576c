/* weft/boxes.h: boxes of frames as the usual annotation tools write them, one document for all formats.
 *
 *   voc    Pascal VOC XML: a file per frame, a folder of them is a document; <score> and <track_id> of an object are ours
 *   cvat   CVAT XML 1.1, for images (<image><box>) and for video (<track><box frame>); written for images, attributes "score" and "track" ours
 *   coco   COCO JSON: images, annotations, categories; score and track_id kept
 *   mot    MOT CSV without a head line: frame,id,left,top,width,height,conf[,class,visibility or x,y,z]; classes are numbers
 *   csv    frame,id,bb_left,bb_top,bb_width,bb_height,conf,class with that head line (a recording's detections.csv)
 *
 * Corners are pixels as the file has them: left, top, right, bottom, a width being right - left. Nothing is fetched, no entity is expanded, a document type is refused.
 * A box without a label is "unlabelled" in the formats that must name one, and read back as what it is. */
#ifndef WEFT_BOXES_H
#define WEFT_BOXES_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_box {
    int32_t label;  /* number in labels, -1: none */
    int32_t track;  /* -1: none */
    double left, top, right, bottom;
    double score;   /* NaN: none */
    int32_t line;   /* where it stands in its file */
    int64_t place;  /* the how manieth box of the text it was, from 0: rows of embeddings beside the file follow this */
} weft_box_t;

typedef struct weft_boxes_frame {
    char *name;             /* of the picture; NULL: none */
    int64_t number;         /* -1: none */
    int32_t width, height;  /* 0: not said */
    int64_t first, n;       /* its boxes: box[first .. first + n) */
    int32_t line;
} weft_boxes_frame_t;

/* Plain data. Boxes stand frame after frame, within a frame as in the file; frames as in the file (mot, csv, cvat tracks: by number). */
typedef struct weft_boxes_doc {
    weft_names_t *labels;
    int64_t n_frames, n_boxes;
    weft_boxes_frame_t *frame;
    weft_box_t *box;
} weft_boxes_doc_t;

typedef struct weft_boxes_format {
    const char *name, *suffix, *summary;
    bool per_frame; /* a file holds one frame */
    weft_status_t (*parse)(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
    weft_status_t (*write)(const weft_boxes_doc_t *doc, int64_t frame, FILE *to); /* frame: which, where per_frame */
} weft_boxes_format_t;
/* The i-th format; NULL beyond the last. */
WEFT_API const weft_boxes_format_t *weft_boxes_format(int32_t i);
WEFT_API const weft_boxes_format_t *weft_boxes_format_by_name(const char *name); /* NULL: there is none */
/* What the text looks like, by its first bytes; never NULL (anything else is mot). */
WEFT_API const weft_boxes_format_t *weft_boxes_sniff(const char *data, size_t size);

/* Owner: the caller, by weft_boxes_free. Errors (with line): voc-xml, voc-doctype, voc-root, voc-size, voc-object, voc-box; cvat-xml, cvat-doctype, cvat-root, cvat-image, cvat-track,
 * cvat-box; coco-json, coco-shape, coco-image, coco-category, coco-annotation; mot-fields, mot-number, mot-box; csv-head, csv-fields, csv-number, csv-box. O(bytes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_boxes_parse(weft_boxes_doc_t **doc, const char *format, const char *data, size_t size, const char *file, weft_diag_t *diag);
/* path: a file, or a folder of files of the format's suffix (in the order of their names; frames go one after the other). format NULL: by content. Errors also: file-open,
 * boxes-format (no such format), boxes-none (a folder without such files). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_boxes_read(weft_boxes_doc_t **doc, const char *format, const char *path, weft_diag_t *diag);
/* path: a file; a folder (made where missing) where the format has a file per frame, then named after the frame's picture or number. A document that is read back is the same, but for: frames
 * without a number are numbered by coco and csv/mot; labels of mot are numbers (where one is not: its place, from 0 where the first label is background, else from 1). Errors: file-create, file-write, boxes-format. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_boxes_write(const weft_boxes_doc_t *doc, const char *format, const char *path, weft_diag_t *diag);
WEFT_API void weft_boxes_free(weft_boxes_doc_t *doc);

#ifdef __cplusplus
}
#endif
#endif
