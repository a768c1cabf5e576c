/* weft/autograd.h: the tape. Ops compute at once and note themselves; weft_tape_backward walks the notes back.
 *
 * Errors: a wrong shape or a failed allocation fails the tape once and for good (until reset): the op returns NULL, ops take NULL
 * through, and weft_tape_backward or weft_tape_status give the first error, so that layers read as expressions.
 * Owner: every weft_var_t and its numbers belong to the tape until weft_tape_reset or _free. What is handed in (constants, leaves,
 * graphs, labels) is borrowed until then.
 * Thread safety: one tape, one thread at a time; const parameters and graphs may be shared by many tapes. */
#ifndef WEFT_AUTOGRAD_H
#define WEFT_AUTOGRAD_H
#include "weft/base.h"
#include "weft/real.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_tape weft_tape_t;
typedef struct weft_var weft_var_t; /* a matrix [rows, cols], row-major */

WEFT_API weft_tape_t *weft_tape_new(void); /* NULL where memory is out */
WEFT_API void weft_tape_free(weft_tape_t *tape);
/* Forgets every var; buffers go to a free list, where the next step finds them warm. */
WEFT_API void weft_tape_reset(weft_tape_t *tape);
/* Training: gradients are noted, dropout and batch statistics are on. The default. Takes effect for vars made later. */
WEFT_API void weft_tape_set_training(weft_tape_t *tape, bool training);
WEFT_API bool weft_tape_training(const weft_tape_t *tape);
/* Dropout masks are a function of (seed, step, number of the op in the step, element). */
WEFT_API void weft_tape_set_seed(weft_tape_t *tape, uint64_t seed, uint64_t step);
/* Bytes held by the tape's vars: now, and the most since new or the last call with `restart`. */
WEFT_API int64_t weft_tape_bytes(const weft_tape_t *tape);
WEFT_API int64_t weft_tape_peak(weft_tape_t *tape, bool restart);
/* Plan mode, on a tape that it resets: ops infer their shapes and the tape counts the bytes that they would hold, backward too; nothing is computed or allocated, parameters and statistics
 * stay as they are, weft_var_data is NULL but for leaves. weft_tape_peak then tells what the same step would take at most; scratch that depends on threads is that of weft_threads().
 * Switching it off resets the tape and the peak. */
WEFT_API void weft_tape_plan(weft_tape_t *tape, bool on);
/* The first error; entry [tape] in diag. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_tape_status(const weft_tape_t *tape, weft_diag_t *diag);

/* For layers: fails the tape as an op would; only the first error is kept. */
WEFT_API void weft_tape_fail(weft_tape_t *tape, weft_status_t status, const char *text);

/* data [rows, cols] borrowed; no gradient. */
WEFT_API weft_var_t *weft_tape_constant(weft_tape_t *tape, const weft_real_t *data, int64_t rows, int64_t cols);
/* As a constant, and backward ADDS its gradient to grad [rows, cols] (borrowed; NULL: a constant). */
WEFT_API weft_var_t *weft_tape_leaf(weft_tape_t *tape, const weft_real_t *data, weft_real_t *grad, int64_t rows, int64_t cols);
/* Gradients of `loss` [1, 1]. Values and gradients are given back at their last use: afterwards only leaves, the loss and vars
 * marked by weft_var_keep have numbers. Once per step. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_tape_backward(weft_tape_t *tape, weft_var_t *loss, weft_diag_t *diag);

WEFT_API int64_t weft_var_rows(const weft_var_t *var);
WEFT_API int64_t weft_var_cols(const weft_var_t *var);
WEFT_API const weft_real_t *weft_var_data(const weft_var_t *var); /* NULL: var is NULL, or given back */
WEFT_API weft_tape_t *weft_var_tape(const weft_var_t *var);
WEFT_API weft_var_t *weft_var_keep(weft_var_t *var);
/* Says that the next op to use var is the last: that op computes in its buffer where it can, or gives it back. A further use fails the
 * tape. Returns var; NULL for NULL. Without effect on leaves and on what backward reads. */
WEFT_API weft_var_t *weft_once(weft_var_t *var);

#ifdef __cplusplus
}
#endif
#endif
