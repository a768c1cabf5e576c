/* autograd/tape.h: the inside of the tape: ops as table rows. */
#ifndef WEFT_AUTOGRAD_TAPE_H
#define WEFT_AUTOGRAD_TAPE_H
#include "weft/autograd.h"

enum { WEFT_I_SAVE_OUT = 1u << 15, WEFT_I_N_KEPT = 3, WEFT_I_MANY = -1 };
#define WEFT_I_SAVE_IN(k) (1u << (k))

typedef struct weft_i_attr {
    double f[3];
    int64_t i[4];
    const void *p[3];
} weft_i_attr_t;

typedef struct weft_i_buffer { void *data; size_t size; } weft_i_buffer_t;

typedef struct weft_i_op {
    const char *name;
    int32_t n_in;   /* WEFT_I_MANY: any number */
    int32_t n_out;
    unsigned saves; /* what backward reads: WEFT_I_SAVE_IN(k), WEFT_I_SAVE_OUT */
    bool in_place;  /* forward may write over input 0, backward the gradient of an input over the output's */
    /* Sets rows and cols of v from its inputs and attributes, or fails the tape. */
    bool (*infer)(weft_var_t *v);
    /* Fills v->value; false: failed (the tape knows why). */
    bool (*forward)(weft_var_t *v);
    bool (*backward)(weft_var_t *v);
} weft_i_op_t;

struct weft_var {
    weft_tape_t *tape;
    const weft_i_op_t *op; /* NULL: constant or leaf */
    weft_var_t **in;
    int32_t n_in;
    int64_t rows, cols;
    weft_real_t *value, *grad;
    bool needs_grad, leaf, keep, saved, once;
    weft_i_attr_t attr;
    weft_i_buffer_t kept[WEFT_I_N_KEPT]; /* what forward leaves for backward */
    int64_t number;
};

/* Runs one row of the table; NULL inputs (optional ones excepted by the op's own wrapper) fail through. */
weft_var_t *weft_i_apply(const weft_i_op_t *op, weft_tape_t *tape, weft_var_t *const *in, int32_t n_in, const weft_i_attr_t *attr);
bool weft_i_fail(weft_tape_t *tape, weft_status_t status, const char *format, ...) WEFT_PRINTF(3, 4); /* always false */

/* Where backward writes the gradient of input k: NULL: none wanted (or out of memory: the tape has failed). *add: it holds a sum
 * already. For an in_place op the buffer may be v->grad itself. */
weft_real_t *weft_i_grad(weft_var_t *v, int32_t k, bool *add);

/* Scratch from the tape's free list; NULL: out of memory, the tape has failed. */
weft_i_buffer_t weft_i_take(weft_tape_t *tape, size_t size);
void weft_i_give(weft_tape_t *tape, weft_i_buffer_t *buffer);
/* A buffer that backward will find in v->kept[k]; freed with v. */
void *weft_i_keep(weft_var_t *v, int32_t k, size_t size);

/* What an op takes beside its result: buffers kept for backward, scratch of forward and of backward; in bytes. For plan mode (plan.c has the table; an op without a row takes none). */
typedef struct weft_i_room { size_t kept[WEFT_I_N_KEPT], forward, backward; } weft_i_room_t;
weft_i_room_t weft_i_room(const weft_var_t *v);
void weft_i_room_attention(const weft_var_t *v, weft_i_room_t *room);
void weft_i_room_kernel_attention(const weft_var_t *v, weft_i_room_t *room);
void weft_i_room_mlp_rows(const weft_var_t *v, weft_i_room_t *room);
void weft_i_room_routes(const weft_var_t *v, weft_i_room_t *room);
bool weft_i_tape_plans(const weft_tape_t *tape); /* values are not there: infer may not look at them */

uint64_t weft_i_tape_seed(const weft_tape_t *tape);
uint64_t weft_i_tape_stream(const weft_var_t *v); /* of this op in this step */

/* Every op there is, ended by NULL: the tests walk it. */
extern const weft_i_op_t *const weft_i_ops[];
extern const weft_i_op_t weft_i_op_lstm_arcs, weft_i_op_gated_arcs, weft_i_op_arc_means;
extern const weft_i_op_t weft_i_op_matmul, weft_i_op_add, weft_i_op_mul, weft_i_op_divide, weft_i_op_degree_scale, weft_i_op_bias, weft_i_op_row_scale, weft_i_op_col_scale, weft_i_op_scalar_scale,
    weft_i_op_mix, weft_i_op_concat, weft_i_op_columns, weft_i_op_relu, weft_i_op_elu, weft_i_op_leaky_relu, weft_i_op_gelu, weft_i_op_sigmoid,
    weft_i_op_tanh, weft_i_op_softplus, weft_i_op_affine, weft_i_op_sqrt, weft_i_op_dropout, weft_i_op_propagate_solve, weft_i_op_spmm, weft_i_op_spmm_weighted, weft_i_op_spmm_arcs,
    weft_i_op_extreme, weft_i_op_arc_dot, weft_i_op_arc_ends, weft_i_op_arc_p_weight, weft_i_op_p_spmm, weft_i_op_segment_softmax, weft_i_op_gatv2_score, weft_i_op_batch_norm, weft_i_op_layer_norm,
    weft_i_op_row_softmax,
    weft_i_op_row_dot, weft_i_op_reshape, weft_i_op_lut_outer, weft_i_op_lut_attention, weft_i_op_mlp_rows, weft_i_op_attention, weft_i_op_kernel_attention, weft_i_op_l2_normalize,
    weft_i_op_taylor_features, weft_i_op_exp_features, weft_i_op_column_softmax, weft_i_op_exp_clamp, weft_i_op_routes, weft_i_op_head_gather, weft_i_op_head_scatter, weft_i_op_cross_entropy, weft_i_op_bce, weft_i_op_regression;
#endif
