/* weft/liberty.h: a Liberty file as a flat tree of items, in file order, independent of what they mean. */
#ifndef WEFT_LIBERTY_H
#define WEFT_LIBERTY_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_LIBERTY_ATTRIBUTE = 0 /* name : text ; */, WEFT_LIBERTY_COMPLEX /* name (text) ; */, WEFT_LIBERTY_GROUP /* name (text) { .. } */ };

/* Pre-order: the children of item i are i + 1, item[i + 1].end, .. below item[i].end. Slices lie in the document's text;
 * a quoted attribute's text is without its quotes; a complex attribute's or group's text is what stands between the parentheses. */
typedef struct weft_liberty_item {
    const char *name, *text;
    int32_t name_length, text_length;
    int32_t end, line;
    uint8_t kind;
} weft_liberty_item_t;

typedef struct weft_liberty {
    int32_t n_items;
    weft_liberty_item_t *item;  /* item 0 is the library group */
    int64_t n_skipped;          /* groups of power, noise, current-source and variation data that were passed over */
    uint64_t hash;              /* XXH3 of the text */
    void *private_data;
} weft_liberty_t;

/* Reads a file / parses a buffer (copied). Power, CCS, LVF and ECSM groups are passed over, counted and told once.
 * Errors: liberty-syntax, liberty-no-library, liberty-unclosed; parsing goes on at the next item. O(bytes).
 * Owner: the caller, weft_liberty_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_liberty_read(weft_liberty_t **liberty, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_liberty_parse(weft_liberty_t **liberty, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_liberty_free(weft_liberty_t *liberty);

#ifdef __cplusplus
}
#endif
#endif
