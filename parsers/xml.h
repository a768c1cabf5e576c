/* parsers/xml.h: walking an XML text with libxml2's streaming reader: no network, no entity, no document type, elements by their path. xml.c is the only file that calls
 * libxml2. */
#ifndef WEFT_PARSERS_XML_H
#define WEFT_PARSERS_XML_H
#include "weft/base.h"

enum { WEFT_I_XML_DEPTH = 8 };
typedef struct weft_i_xml {
    /* the caller's: */
    const char *id_xml, *id_doctype;  /* of errors */
    void (*open)(struct weft_i_xml *x);
    void (*close)(struct weft_i_xml *x); /* of empty elements too; NULL: not asked for */
    bool deep;                        /* elements deeper than the path goes, too (they have weft_i_xml_name alone) */
    void *context;
    const char *file;
    weft_diag_t *diag;
    weft_status_t status;             /* set it to stop */
    int32_t n_errors;                 /* 20 stop */
    /* the walk's: */
    struct _xmlTextReader *r;
    int depth;                        /* of the open element; the root's is 0 */
    const char *name[WEFT_I_XML_DEPTH], *own; /* down to it; its own, however deep */
} weft_i_xml_t;

/* EINPUT where an error was told. A file of 2 GB or more is refused (ELIMIT), as is any where libxml2 cannot be loaded (EUSAGE; xml-absent). */
WEFT_MUST_CHECK weft_status_t weft_i_xml_walk(weft_i_xml_t *x, const char *data, size_t size);
int32_t weft_i_xml_line(const weft_i_xml_t *x);
void weft_i_xml_wrong(weft_i_xml_t *x, const char *id, const char *format, ...) WEFT_PRINTF(3, 4);
static inline const char *weft_i_xml_name(const weft_i_xml_t *x) { return x->own; } /* of the open element, without its namespace's prefix */
bool weft_i_xml_at(const weft_i_xml_t *x, const char *path); /* "a/b/c": the open element and all above it */
/* A copy (weft_i_free); NULL: not there, or out of memory (then the status says so). */
char *weft_i_xml_attribute(weft_i_xml_t *x, const char *name);
/* 1: a number, 0: not there, -1: not a number. */
int weft_i_xml_number(weft_i_xml_t *x, const char *name, double *to);
char *weft_i_xml_text(weft_i_xml_t *x); /* of the open element, blanks around it gone; NULL: out of memory */
#endif
