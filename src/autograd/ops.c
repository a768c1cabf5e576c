/* autograd/ops.c: every op there is; the tests fail where one lacks a gradient case. */
#include "autograd/tape.h"

const weft_i_op_t *const weft_i_ops[] = {
    &weft_i_op_matmul, &weft_i_op_add, &weft_i_op_mix, &weft_i_op_mul, &weft_i_op_divide, &weft_i_op_degree_scale, &weft_i_op_bias, &weft_i_op_row_scale, &weft_i_op_col_scale,
    &weft_i_op_scalar_scale, &weft_i_op_affine, &weft_i_op_concat, &weft_i_op_columns, &weft_i_op_row_dot, &weft_i_op_reshape, &weft_i_op_lut_outer, &weft_i_op_lut_attention, &weft_i_op_mlp_rows, &weft_i_op_relu, &weft_i_op_elu,
    &weft_i_op_leaky_relu, &weft_i_op_gelu, &weft_i_op_sigmoid, &weft_i_op_tanh, &weft_i_op_softplus, &weft_i_op_sqrt, &weft_i_op_dropout,
    &weft_i_op_propagate_solve, &weft_i_op_spmm, &weft_i_op_spmm_weighted, &weft_i_op_spmm_arcs, &weft_i_op_extreme, &weft_i_op_arc_dot, &weft_i_op_arc_ends, &weft_i_op_arc_p_weight, &weft_i_op_p_spmm,
    &weft_i_op_row_softmax,
    &weft_i_op_segment_softmax, &weft_i_op_gatv2_score, &weft_i_op_batch_norm, &weft_i_op_layer_norm, &weft_i_op_attention, &weft_i_op_kernel_attention,
    &weft_i_op_l2_normalize, &weft_i_op_taylor_features, &weft_i_op_exp_features, &weft_i_op_column_softmax, &weft_i_op_exp_clamp, &weft_i_op_routes, &weft_i_op_head_gather, &weft_i_op_head_scatter, &weft_i_op_cross_entropy, &weft_i_op_bce,
    &weft_i_op_lstm_arcs, &weft_i_op_gated_arcs, &weft_i_op_arc_means, &weft_i_op_regression, NULL};
