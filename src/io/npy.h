/* io/npy.h: NumPy's .npy files, versions 1 to 3: one array of numbers. Little and big endian, C and Fortran order (turned to C);
 * booleans, integers of 1 to 8 bytes, floats of 4 and 8. No objects, no structures. Sizes are checked against the file's before anything is allocated. */
#ifndef WEFT_IO_NPY_H
#define WEFT_IO_NPY_H
#include "weft/npy.h"

enum { WEFT_I_NPY_MAX_DIMS = 4 };
typedef struct weft_i_npy {
    char kind;      /* 'b' boolean, 'i' integer, 'u' unsigned, 'f' float */
    int32_t size;   /* bytes of one value */
    int32_t n_dims;
    int64_t shape[WEFT_I_NPY_MAX_DIMS], n; /* n: values in all */
    void *data;     /* C order, this machine's byte order; owned, or in: */
    void *map;      /* a read-only mapping of the file, or NULL */
    size_t map_size;
} weft_i_npy_t;

/* Errors: npy-header, npy-type, npy-size. */
WEFT_MUST_CHECK weft_status_t weft_i_npy_read(weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_npy_parse(weft_i_npy_t *npy, const void *bytes, size_t size, const char *path, weft_diag_t *diag);
/* As weft_i_npy_read; a file of WEFT_I_NPY_MAP bytes or more whose values stand as they are needed is mapped, not copied (who cuts such a file while it is in use ends the program). */
enum { WEFT_I_NPY_MAP = 1 << 20 };
WEFT_MUST_CHECK weft_status_t weft_i_npy_map(weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
void weft_i_npy_destroy(weft_i_npy_t *npy);

/* The values as another type, allocated anew (owner: the caller). Errors: npy-range (a value that does not fit, a NaN for an integer). */
WEFT_MUST_CHECK weft_status_t weft_i_npy_int32(int32_t **to, const weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_npy_int64(int64_t **to, const weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_npy_float(float **to, const weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
/* The same without a copy where they are of 4 bytes already: then npy has none any more, and *map, where it is not NULL, is what is to be unmapped in place of freeing *to. */
WEFT_MUST_CHECK weft_status_t weft_i_npy_take_float(float **to, void **map, size_t *map_size, weft_i_npy_t *npy, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_npy_bytes(uint8_t **to, const weft_i_npy_t *npy, const char *path, weft_diag_t *diag);

/* What stands before the values: version 1.0, C order, padded to 64 bytes. Returns its length. */
enum { WEFT_I_NPY_HEAD = 256 };
size_t weft_i_npy_head(char to[WEFT_I_NPY_HEAD], char kind, int32_t size, int32_t n_dims, const int64_t *shape);
/* That and the values, beside and renamed. */
WEFT_MUST_CHECK weft_status_t weft_i_npy_write(const char *path, char kind, int32_t size, int32_t n_dims, const int64_t *shape, const void *data, weft_diag_t *diag);
#endif
