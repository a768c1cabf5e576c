/* weft/npy.h: arrays as NumPy's npy files. */
#ifndef WEFT_NPY_H
#define WEFT_NPY_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* [rows, cols] as little-endian float32, C order; written beside and renamed. Errors: file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_npy_write_floats(const char *path, int64_t rows, int64_t cols, const float *data, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
