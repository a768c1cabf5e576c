/* weft/safetensors.h: what a safetensors file says of itself. */
#ifndef WEFT_SAFETENSORS_H
#define WEFT_SAFETENSORS_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_safetensors_about {
    int32_t n_tensors;
    int64_t n_numbers;      /* in all of them */
    char kind[80];          /* of a file that weft wrote, cut where it is longer; "": another program's */
    char trained_on[200], command[200]; /* "": not told */
} weft_safetensors_about_t;
/* Reads the whole file and checks every tensor's place. Errors: file-open, safetensors-*. O(size). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_safetensors_about(weft_safetensors_about_t *about, const char *path, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
