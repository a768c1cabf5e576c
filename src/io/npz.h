/* io/npz.h: NumPy's .npz: a zip archive of npy arrays, stored or deflated (numpy.savez, savez_compressed). Zip64 sizes are understood; what the directory
 * claims is checked against the file and against what is unpacked, and nothing is allocated by a claim alone. */
#ifndef WEFT_IO_NPZ_H
#define WEFT_IO_NPZ_H
#include "io/npy.h"

typedef struct weft_i_npz_entry { char *name; weft_i_npy_t array; } weft_i_npz_entry_t; /* name without .npy */
typedef struct weft_i_npz { int32_t n; weft_i_npz_entry_t *entry; } weft_i_npz_t;

/* Errors: npz-zip (no archive, a directory that lies), npz-method (packed otherwise), npz-data (a stream that does not unpack), and those of npy for its arrays.
 * Members that are no .npy are passed over. Owner: the caller, weft_i_npz_destroy. */
WEFT_MUST_CHECK weft_status_t weft_i_npz_read(weft_i_npz_t *npz, const char *path, weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_npz_parse(weft_i_npz_t *npz, const void *bytes, size_t size, const char *path, weft_diag_t *diag);
void weft_i_npz_destroy(weft_i_npz_t *npz);

/* An array to be written: name without .npy, at most 200 bytes. data borrowed. */
typedef struct weft_i_npz_member { const char *name; char kind; int32_t size, n_dims; int64_t shape[WEFT_I_NPY_MAX_DIMS]; const void *data; } weft_i_npz_member_t;
/* Stored, or deflated where `packed`; without times, so that equal arrays give equal bytes; beside and renamed. Errors: npz-size (a member or the whole of 4 GiB or more: WEFT_ELIMIT),
 * file-create, file-write (also where the place is a pipe: sizes are filled in behind the data). */
WEFT_MUST_CHECK weft_status_t weft_i_npz_write(const char *path, const weft_i_npz_member_t *member, int32_t n, bool packed, weft_diag_t *diag);
const weft_i_npy_t *weft_i_npz_find(const weft_i_npz_t *npz, const char *name); /* NULL: none */
#endif
