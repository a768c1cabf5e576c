/* io/safetensors.h: the safetensors file format: 8 bytes header length, a JSON header, tensors. The writer is strict
 * (header padded to 64 bytes, tensors contiguous, widest type first), the reader tolerant but safe: every offset, shape and
 * size is checked before use. */
#ifndef WEFT_IO_SAFETENSORS_H
#define WEFT_IO_SAFETENSORS_H
#include "weft/base.h"

typedef enum weft_i_dtype { WEFT_I_F64 = 0, WEFT_I_I64, WEFT_I_F32, WEFT_I_I32, WEFT_I_F16, WEFT_I_BF16, WEFT_I_I16, WEFT_I_I8, WEFT_I_U8, WEFT_I_BOOL, WEFT_I_N_DTYPES } weft_i_dtype_t;
enum { WEFT_I_MAX_DIMS = 8 };
size_t weft_i_dtype_size(weft_i_dtype_t dtype);

typedef struct weft_i_tensor_entry {
    const char *name;
    weft_i_dtype_t dtype;
    int32_t n_dims;
    int64_t shape[WEFT_I_MAX_DIMS];
    const void *data; /* of the reader: inside the file, not aligned to more than 1 byte */
    int64_t n_elements;
} weft_i_tensor_entry_t;

typedef struct weft_i_safetensors {
    int32_t n; weft_i_tensor_entry_t *tensor;
    int32_t n_meta; char **meta_key, **meta_value;
    void *text; /* the file, weft_i_text_t */
} weft_i_safetensors_t;

/* Errors: safetensors-header, safetensors-tensor (a shape, type or offset that does not fit). Owner: the caller. */
WEFT_MUST_CHECK weft_status_t weft_i_safetensors_read(weft_i_safetensors_t **file, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_safetensors_parse(weft_i_safetensors_t **file, const void *data, size_t size, const char *path, weft_diag_t *diag);
void weft_i_safetensors_free(weft_i_safetensors_t *file);
const weft_i_tensor_entry_t *weft_i_safetensors_find(const weft_i_safetensors_t *file, const char *name);
const char *weft_i_safetensors_meta(const weft_i_safetensors_t *file, const char *key); /* NULL: none */
/* Writes beside and renames. meta: key, value, key, value, .. */
WEFT_MUST_CHECK weft_status_t weft_i_safetensors_write(const char *path, const weft_i_tensor_entry_t *tensor, int32_t n,
                                                       const char *const *meta, int32_t n_meta, weft_diag_t *diag);
#endif
