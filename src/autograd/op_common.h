/* autograd/op_common.h: what the op files share. */
#ifndef WEFT_AUTOGRAD_OP_COMMON_H
#define WEFT_AUTOGRAD_OP_COMMON_H
#include "autograd/tape.h"
#include "tensor/lanes.h"
#include "weft/ops.h"

/* statement for i in 0..count-1, shared out over threads where that pays; each i must stand for itself. */
#define WEFT_I_EACH(count, i, ...)                                                                                \
    do {                                                                                                          \
        int64_t count_ = (count);                                                                                 \
        _Pragma("omp parallel for simd num_threads(weft_i_threads_for(count_)) schedule(static)") for (int64_t i = 0; i < count_; i++) \
        {                                                                                                         \
            __VA_ARGS__;                                                                                          \
        }                                                                                                         \
    } while (0)
#define WEFT_I_EACH_ROW(count, cols, i, ...)                                                                      \
    do {                                                                                                          \
        int64_t count_ = (count), work_ = count_ * (cols);                                                        \
        _Pragma("omp parallel for num_threads(weft_i_threads_for(work_)) schedule(static)") for (int64_t i = 0; i < count_; i++) \
        {                                                                                                         \
            __VA_ARGS__;                                                                                          \
        }                                                                                                         \
    } while (0)

static inline bool weft_i_fail_shapes(const weft_var_t *v, const weft_var_t *a, const weft_var_t *b)
{
    return weft_i_fail(v->tape, WEFT_EUSAGE, "%s: shape mismatch [%lld,%lld] x [%lld,%lld]", v->op->name, (long long)a->rows,
                       (long long)a->cols, (long long)b->rows, (long long)b->cols);
}

static inline weft_var_t *weft_i_apply1(const weft_i_op_t *op, weft_var_t *x, const weft_i_attr_t *attr)
{
    return x ? weft_i_apply(op, x->tape, &x, 1, attr) : NULL;
}

static inline weft_var_t *weft_i_apply2(const weft_i_op_t *op, weft_var_t *a, weft_var_t *b, const weft_i_attr_t *attr)
{
    weft_var_t *in[2] = {a, b};
    return a || b ? weft_i_apply(op, a ? a->tape : b->tape, in, 2, attr) : NULL;
}

/* out (+)= column sums of x (or of x * y) with scratch from the tape. */
bool weft_i_sum_rows_to(weft_tape_t *tape, int64_t n, int64_t cols, const weft_real_t *x, const weft_real_t *y, weft_real_t *out, bool add);
#endif
