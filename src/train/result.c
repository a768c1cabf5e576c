/* train/result.c: results row after row, into memory or into an .npy file beside its place. */
#include "base/alloc.h"
#include "io/npy.h"
#include "train/train.h"

#include <string.h>

weft_status_t weft_i_result_open(weft_i_result_t *r, int64_t rows, int64_t cols, weft_diag_t *diag)
{
    char head[WEFT_I_NPY_HEAD];
    const int64_t shape[2] = {rows, cols};
    r->rows = rows;
    r->cols = cols;
    r->open = true;
    if (r->to) {
        *r->to = weft_i_malloc((size_t)(rows * cols) * sizeof **r->to + 1);
        return *r->to ? WEFT_OK : WEFT_ENOMEM;
    }
    if (!r->path) return WEFT_OK;
    weft_status_t status = weft_i_out_open(&r->out, r->path, diag);
    if (status == WEFT_OK) fwrite(head, 1, weft_i_npy_head(head, 'f', (int32_t)sizeof(weft_real_t), 2, shape), r->out.file);
    return status;
}

void weft_i_result_put(weft_i_result_t *r, int64_t n, const weft_real_t *rows)
{
    size_t cells = (size_t)(n * r->cols);
    if (r->to) memcpy(*r->to + r->at * r->cols, rows, cells * sizeof *rows);
    else if (r->path) fwrite(rows, sizeof *rows, cells, r->out.file); /* an error waits for the end */
    r->at += n;
}

int64_t weft_i_result_bytes(const weft_i_result_t *r, int64_t rows, int64_t cols) { return r && r->to ? rows * cols * (int64_t)sizeof(weft_real_t) : 0; }

weft_status_t weft_i_result_close(weft_i_result_t *r, weft_status_t status, weft_diag_t *diag)
{
    if (r->out.file && status == WEFT_OK) return weft_i_out_commit(&r->out, diag);
    if (r->out.file) weft_i_out_abort(&r->out);
    return status;
}
