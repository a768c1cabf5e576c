/* weft/ops.h: what a tape computes. Shapes are [rows, cols]; every result is owned by the tape and NULL once the tape has failed (the
 * rules of weft/autograd.h). Costs are of the forward pass; backward costs about twice that. */
#ifndef WEFT_OPS_H
#define WEFT_OPS_H
#include "weft/autograd.h"
#include "weft/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- dense ---------------------------------------------------------------------------------------------------- */
WEFT_API weft_var_t *weft_matmul(weft_var_t *a, weft_var_t *b);             /* a [n,k] b [k,m]: [n,m], O(n k m) */
WEFT_API weft_var_t *weft_add(weft_var_t *a, weft_var_t *b);                /* a + b, equal shapes */
WEFT_API weft_var_t *weft_mix(double p, weft_var_t *a, double q, weft_var_t *b); /* p a + q b, equal shapes */
WEFT_API weft_var_t *weft_mul(weft_var_t *a, weft_var_t *b);                /* a_ij b_ij, equal shapes */
WEFT_API weft_var_t *weft_divide(weft_var_t *a, weft_var_t *b);             /* a_ij / b_ij, equal shapes */
WEFT_API weft_var_t *weft_bias(weft_var_t *x, weft_var_t *b);               /* x_ij + b_j, b [1,cols] */
WEFT_API weft_var_t *weft_col_scale(weft_var_t *x, weft_var_t *s);          /* x_ij s_j, s [1,cols] */
WEFT_API weft_var_t *weft_row_scale(weft_var_t *x, weft_var_t *s);          /* x_ij s_i, s [rows,1] */
WEFT_API weft_var_t *weft_scalar_scale(weft_var_t *x, weft_var_t *s);       /* x_ij s, s [1,1] */
WEFT_API weft_var_t *weft_affine(weft_var_t *x, double factor, double shift); /* factor x + shift, constants */
WEFT_API weft_var_t *weft_concat(weft_var_t *const *x, int32_t n);          /* side by side, equal rows */
WEFT_API weft_var_t *weft_columns(weft_var_t *x, int64_t from, int64_t n);  /* columns from .. from + n */
/* Per head h: sum over its cols / heads columns of x_ij a_j, a [1,cols]: [rows, heads]. */
WEFT_API weft_var_t *weft_row_dot(weft_var_t *x, weft_var_t *a, int32_t heads);

/* e^x_ij / sum over j of e^x_ij, row by row. */
WEFT_API weft_var_t *weft_row_softmax(weft_var_t *x);

/* The same numbers in rows of `cols`. */
WEFT_API weft_var_t *weft_reshape(weft_var_t *x, int64_t cols);

/* ---- look-up tables: constants of n1 x n2 values, row-major, borrowed until reset ---------------------------------- */
/* y_r = sum_ij a_i b_j T_ij, row r = [a (n1), b (n2)], T the table of row r / rows_per_table: [rows, 1]   (Guo et al. 2022, sec. 3.3). O(rows n1 n2). */
WEFT_API weft_var_t *weft_lut_outer(weft_var_t *x, const weft_real_t *table, int64_t n1, int64_t n2, int64_t rows_per_table);
/* y_rh = sum_ij softmax_ij(x_rh key_ij) T_ij with key_ij = axis1_i axis2_j; table r and axes r = [axis1, axis2] belong to row r: [rows, heads].
 * Attention over a table's entries whose keys and values are numbers: a query enters as one number per head   (Zhong et al. 2024). O(rows heads n1 n2). */
WEFT_API weft_var_t *weft_lut_attention(weft_var_t *x, const weft_real_t *table, const weft_real_t *axes, int64_t n1, int64_t n2);
/* Linear layers with a leaky relu (slope from 0, a relu, to 1) between and none behind the last: x [n, f_0], weight_bias: w_1 [f_0, f_1], b_1 [1, f_1], w_2, ..; 1 to 8
 * layers. The bits of matmul, bias and leaky_relu, one after another, in one pass over blocks of rows: hidden layers are never stored, backward
 * finds them again. O(n sum f_i f_i+1), memory O(threads * sum f_i f_i+1) beside x and the result. */
WEFT_API weft_var_t *weft_mlp_rows(weft_var_t *x, weft_var_t *const *weight_bias, int32_t n_layers, double slope);

WEFT_API weft_var_t *weft_relu(weft_var_t *x);
WEFT_API weft_var_t *weft_elu(weft_var_t *x, double alpha);                 /* x > 0: x, else alpha (e^x - 1) */
WEFT_API weft_var_t *weft_leaky_relu(weft_var_t *x, double slope);
WEFT_API weft_var_t *weft_gelu(weft_var_t *x);                              /* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) */
WEFT_API weft_var_t *weft_sigmoid(weft_var_t *x);
WEFT_API weft_var_t *weft_tanh(weft_var_t *x);
WEFT_API weft_var_t *weft_softplus(weft_var_t *x);                          /* log(1 + e^x) */
WEFT_API weft_var_t *weft_sqrt(weft_var_t *x, double least);                /* sqrt(max(x, least)); 0 and no gradient where x <= least */
/* Training: 0 with probability p, else x / (1 - p); otherwise x itself. p in steps of 2^-16. */
WEFT_API weft_var_t *weft_dropout(weft_var_t *x, double p);

/* ---- graphs: x [n_src, f] in, [n_dst, f] out; per-arc values [n_arcs, ..] in the graph's own order -------------- */
typedef enum weft_reduce { WEFT_SUM = 0, WEFT_MEAN, WEFT_MAX, WEFT_MIN } weft_reduce_t;

/* Constant weights per arc with the same in the order of the reverse index, so that the way back reads them in order. */
typedef struct weft_weights weft_weights_t;
WEFT_API weft_weights_t *weft_weights_new(const weft_graph_t *graph, const weft_real_t *weight); /* copied; NULL: out of memory */
WEFT_API void weft_weights_free(weft_weights_t *weights);
WEFT_API const weft_real_t *weft_weights_data(const weft_weights_t *weights);

/* y_v = reduce over u -> v of w_uv x_u; weights NULL: 1. SUM and MEAN; MAX and MIN without weights. A v without arcs has 0.
 * O(n_arcs f). Max and min send their gradient to the first arc that attains them. */
WEFT_API weft_var_t *weft_spmm(const weft_graph_t *graph, const weft_weights_t *weights, weft_var_t *x, weft_reduce_t reduce);
/* x of (I - a W) x = b, W the weights on a symmetric graph with w_uv = w_vu and eigenvalues within -1 .. 1 (gcn weights), 0 <= a < 1: what x <- a W x + b comes to, and
 * for b = (1 - a) h APPNP of endless steps, or the p = 2 Laplacian's ((1 - W) + mu) f = mu h at a = 1 / (1 + mu)   (Gasteiger et al. 2019, eq. 3). Conjugate gradients, all
 * columns at once, until each residual is at most tolerance (0: 1e-6) of |b_j| or `rounds` (0: 200) are over; the gradient solves the same system (the implicit
 * function's), to the same tolerance. O(n_arcs cols) a round, some sqrt(2 / (1 - a)) log(1 / tolerance) of them. A graph that is not symmetric, or weights that are not
 * (w_uv and w_vu apart by more than 1e-5 of them), fail the tape: walk those by steps of weft_spmm. */
WEFT_API weft_var_t *weft_propagate_solve(const weft_graph_t *graph, const weft_weights_t *weights, weft_var_t *b, double a, double tolerance, int32_t rounds);
/* y_v = sum over u -> v of w_uv x_u with learned weights w [n_arcs, heads]; column j of x has head j / (f / heads); heads == f is a
 * weight per column. */
WEFT_API weft_var_t *weft_spmm_weighted(const weft_graph_t *graph, weft_var_t *w, weft_var_t *x);
/* y_v = reduce of relu?(x_u + e_uv), e [n_arcs, f]; x NULL: of e alone. SUM and MEAN; MAX and MIN with relu false. */
WEFT_API weft_var_t *weft_spmm_arcs(const weft_graph_t *graph, weft_var_t *x, weft_var_t *e, bool relu, weft_reduce_t reduce);

/* x_v log(d_v + 1) / delta, or (attenuate) x_v delta / log(max(d_v, 1) + 1); d_v arcs into v; x [n_dst, f]. */
WEFT_API weft_var_t *weft_degree_scale(const weft_graph_t *graph, weft_var_t *x, double delta, bool attenuate);

typedef enum weft_ends { WEFT_ENDS_ADD = 0, WEFT_ENDS_SUB, WEFT_ENDS_MUL } weft_ends_t;
/* z_uv = x_u op y_v: [n_arcs, f]; x [n_src, f], y [n_dst, f]; one of them may be NULL for ADD: x_u or y_v alone. */
WEFT_API weft_var_t *weft_arc_ends(const weft_graph_t *graph, weft_ends_t op, weft_var_t *x, weft_var_t *y);
/* z_uv,h = sum over the columns of head h of x_u y_v: [n_arcs, heads]. */
WEFT_API weft_var_t *weft_arc_dot(const weft_graph_t *graph, weft_var_t *x, weft_var_t *y, int32_t heads);
/* z_uv,h = sum over the columns of head h of a leaky_relu(x_u + y_v), a [1, f]: the score of GATv2 without arcs x f in memory. */
WEFT_API weft_var_t *weft_gatv2_score(const weft_graph_t *graph, weft_var_t *x, weft_var_t *y, weft_var_t *a, int32_t heads, double slope);
/* z_uv = (|x_u - y_v|^2 + eps^2)^((p - 2) / 2), p [1,1]: [n_arcs, 1]: the weight of an arc under the p-norm of the gradient along it. mask: without
 * eps, and 0 (value and gradient) where |x_u - y_v| <= eps. O(n_arcs f), nothing of size n_arcs f is stored. */
WEFT_API weft_var_t *weft_arc_p_weight(const weft_graph_t *graph, weft_var_t *x, weft_var_t *y, weft_var_t *p, double eps, bool mask);
/* [sum over u -> v of m_uv x_u, sum of m_uv]: [n_dst, f + 1], m_uv = w_uv (w_uv |x_u - y_v|^2 + eps^2)^((p - 2) / 2), w [n_arcs, 1] or NULL: 1; mask: without eps,
 * and m = 0 where w |x_u - y_v|^2 <= eps^2   (Fu et al. 2022, eq. 11: M). detach: m counts as a constant; the gradient goes to the x that is summed up alone, and is 0
 * for y, p and w. One pass over the arcs; O(n_arcs f), nothing of the arcs is stored. */
WEFT_API weft_var_t *weft_p_spmm(const weft_graph_t *graph, weft_var_t *x, weft_var_t *y, weft_var_t *p, weft_var_t *w, double eps, bool mask, bool detach);
/* softmax over the arcs of one destination, per column. */
WEFT_API weft_var_t *weft_segment_softmax(const weft_graph_t *graph, weft_var_t *x);

/* The last state of an LSTM that reads the arcs of each destination one after another, in the graph's own order (sources ascending), so the result
 * depends on how sources are numbered   (Hochreiter and Schmidhuber 1997; as an aggregator Hamilton et al. 2017, sec. 3.3):
 *   (i, f, g, o) = z_uv + h W,  c <- sigmoid(f) c + sigmoid(i) tanh(g),  h <- sigmoid(o) tanh(c),  h = c = 0 at first.
 * z [n_arcs, 4 h]: the inputs' share of the gates, bias included; w [h, 4 h]; result [n_dst, h], 0 for a destination without arcs. O(n_arcs h^2); keeps 5 h numbers per arc. */
WEFT_API weft_var_t *weft_lstm_arcs(const weft_graph_t *graph, weft_var_t *z, weft_var_t *w);

/* y_v = reduce over u -> v of m_u * sigmoid(r_uv w + b): m [n_src, f], r [n_arcs, k], w [k, f], b [1, f]; SUM, MEAN or MAX (its gradient goes to the first arc that
 * attains it); a v without arcs has 0. O(n_arcs k f), forward keeps nothing of the arcs; backward takes 2 n_arcs f numbers for its time. */
WEFT_API weft_var_t *weft_gated_arcs(const weft_graph_t *graph, weft_var_t *m, weft_var_t *r, weft_var_t *w, weft_var_t *b, weft_reduce_t reduce);
/* Means of the arcs' first n columns by a softmax of scores of the sources, per head: y_v,(c h) = sum over u -> v of softmax_u(s_uh) r_uv,c: s [n_src, heads], r [n_arcs, k >= n],
 * result [n_dst, n heads], the heads of column 0 first; 0 for a v without arcs. O(n_arcs n heads). */
WEFT_API weft_var_t *weft_arc_means(const weft_graph_t *graph, weft_var_t *score, weft_var_t *r, int64_t n);

/* ---- norms -------------------------------------------------------------------------------------------------------- */
/* Per column: (x - mean) / sqrt(variance + 1e-5) gamma + beta; statistics of the rows in training (which also move running_*, momentum
 * 0.1, unbiased variance), else the running ones. gamma, beta [1,cols]; running_* [cols], borrowed. */
WEFT_API weft_var_t *weft_batch_norm(weft_var_t *x, weft_var_t *gamma, weft_var_t *beta, weft_real_t *running_mean, weft_real_t *running_variance);
/* The same per row; no running statistics. */
WEFT_API weft_var_t *weft_layer_norm(weft_var_t *x, weft_var_t *gamma, weft_var_t *beta);

/* ---- losses: [1,1], over the rows named in row[n] (NULL: all rows, n ignored) ------------------------------------ */
/* Mean of -log softmax(x_i)[label_i], weighted by class_weight[label] where given (the mean by the weights' sum). label[rows] in
 * 0..cols-1; a negative label is skipped. */
WEFT_API weft_var_t *weft_cross_entropy(weft_var_t *x, const int32_t *label, const int32_t *row, int64_t n, const weft_real_t *class_weight);
/* Mean over the named rows and all columns of log(1 + e^x) - y x; y [rows, cols]; a NaN target is skipped. */
WEFT_API weft_var_t *weft_bce(weft_var_t *x, const weft_real_t *target, const int32_t *row, int64_t n);
typedef enum weft_regression { WEFT_MSE = 0, WEFT_MAE, WEFT_HUBER } weft_regression_t;
/* Mean over the named rows and all columns of d^2, |d| or Huber(d, delta), d = x - y; a NaN target is skipped. */
WEFT_API weft_var_t *weft_regression_loss(weft_var_t *x, const weft_real_t *target, const int32_t *row, int64_t n, weft_regression_t kind, double delta);

#ifdef __cplusplus
}
#endif
#endif
