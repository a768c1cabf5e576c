/* parsers/boxes.h: building a document of boxes, numbers and text as its readers and writers share them. */
#ifndef WEFT_PARSERS_BOXES_H
#define WEFT_PARSERS_BOXES_H
#include "weft/boxes.h"

typedef struct weft_i_boxes_build {
    weft_boxes_doc_t *doc;
    weft_names_t *key;     /* frame i by the i-th key */
    int64_t *of;           /* [n_boxes] frame */
    int64_t frame_room, box_room, of_room;
} weft_i_boxes_build_t;

WEFT_MUST_CHECK weft_status_t weft_i_boxes_begin(weft_i_boxes_build_t *b);
/* The frame with this key, made where new: *frame; *made (may be NULL) says so. name NULL: none. */
WEFT_MUST_CHECK weft_status_t weft_i_boxes_frame(weft_i_boxes_build_t *b, const char *key, const char *name, int64_t number, int32_t line, int64_t *frame, bool *made);
/* label NULL: none. */
WEFT_MUST_CHECK weft_status_t weft_i_boxes_add(weft_i_boxes_build_t *b, int64_t frame, const char *label, const weft_box_t *box);
/* Boxes in the order of frames, frames by number where asked; hands the document over. */
WEFT_MUST_CHECK weft_status_t weft_i_boxes_end(weft_i_boxes_build_t *b, bool by_number, weft_boxes_doc_t **doc);
void weft_i_boxes_drop(weft_i_boxes_build_t *b); /* after an error, and after the end */

/* The whole text (blanks around it aside) as a finite number of at most 1e9; as a whole one in low..high. */
bool weft_i_boxes_number(const char *text, size_t n, double *to);
bool weft_i_boxes_whole(const char *text, size_t n, int64_t low, int64_t high, int64_t *to);
bool weft_i_boxes_good(const weft_box_t *box); /* a width and a height above 0 */
/* The shortest decimal text that reads back as x. */
void weft_i_boxes_print(FILE *to, double x);
/* Text in XML; what XML cannot hold becomes a question mark. */
void weft_i_boxes_xml_text(FILE *to, const char *text);

weft_status_t weft_i_voc_parse(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
weft_status_t weft_i_voc_write(const weft_boxes_doc_t *doc, int64_t frame, FILE *to);
weft_status_t weft_i_cvat_parse(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
weft_status_t weft_i_cvat_write(const weft_boxes_doc_t *doc, int64_t frame, FILE *to);
weft_status_t weft_i_coco_parse(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
weft_status_t weft_i_coco_write(const weft_boxes_doc_t *doc, int64_t frame, FILE *to);
weft_status_t weft_i_mot_parse(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
weft_status_t weft_i_mot_write(const weft_boxes_doc_t *doc, int64_t frame, FILE *to);
weft_status_t weft_i_csv_parse(weft_boxes_doc_t **doc, const char *data, size_t size, const char *file, weft_diag_t *diag);
weft_status_t weft_i_csv_write(const weft_boxes_doc_t *doc, int64_t frame, FILE *to);
#endif
