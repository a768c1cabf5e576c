/* weft/nn.h: parameters, inputs and the layers that are made of ops. A layer is a small struct of borrowed parameters, filled by its
 * *_init from a parameter set and called on vars; it holds no other state, so a const layer may serve many tapes at once.
 * Once memory is out while layers are set up, their parameters are NULL and every call returns NULL; weft_params_status tells. */
#ifndef WEFT_NN_H
#define WEFT_NN_H
#include "weft/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- parameters ---------------------------------------------------------------------------------------------- */
typedef struct weft_param {
    char *name;
    int64_t rows, cols;
    weft_real_t *value, *grad; /* [rows, cols]; grad NULL: not trained (running statistics) */
    double decay;              /* factor of the optimiser's weight decay, 1 by default */
} weft_param_t;
typedef struct weft_params weft_params_t;

typedef enum weft_init {
    WEFT_INIT_ZERO = 0,
    WEFT_INIT_ONE,
    WEFT_INIT_GLOROT, /* uniform within sqrt(6 / (rows + cols)) */
    WEFT_INIT_FAN_IN, /* uniform within 1 / sqrt(fan) */
    WEFT_INIT_HE,     /* uniform within sqrt(6 / rows) */
    WEFT_INIT_NORMAL  /* mean 0, deviation 1 */
} weft_init_t;

/* Owner: the caller, by weft_params_free; every weft_param_t belongs to the set and stays where it is. Values are a function of the
 * seed and of the order of the calls. */
WEFT_API weft_params_t *weft_params_new(uint64_t seed);
WEFT_API void weft_params_free(weft_params_t *params);
/* name is copied; NULL where memory is out. `fan`: see WEFT_INIT_FAN_IN; 0: rows. */
WEFT_API weft_param_t *weft_params_add(weft_params_t *params, const char *name, int64_t rows, int64_t cols, weft_init_t init, int64_t fan);
WEFT_API weft_param_t *weft_params_add_state(weft_params_t *params, const char *name, int64_t cols, weft_real_t value); /* [1, cols], not trained */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_params_status(const weft_params_t *params);
WEFT_API int32_t weft_params_n(const weft_params_t *params);
WEFT_API weft_param_t *weft_params_at(const weft_params_t *params, int32_t i);
WEFT_API weft_param_t *weft_params_find(const weft_params_t *params, const char *name); /* NULL: none */
WEFT_API int64_t weft_params_count(const weft_params_t *params); /* numbers that are trained */
WEFT_API void weft_params_zero_grad(weft_params_t *params);
/* All values, one after another, as weft_params_load takes them back; count of weft_params_total. */
WEFT_API int64_t weft_params_total(const weft_params_t *params);
WEFT_API void weft_params_store(const weft_params_t *params, weft_real_t *to);
WEFT_API void weft_params_load(weft_params_t *params, const weft_real_t *from);
/* Safetensors, one F32 tensor per parameter under its name; meta: key, value, key, value, .. Errors of reading: safetensors-*, and
 * params-missing, params-shape (name, wanted, found). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_params_write(const weft_params_t *params, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_params_read(weft_params_t *params, const char *path, weft_diag_t *diag);
/* From another program's safetensors, such as a PyTorch state dict: `map` is a file of lines "tensor parameter [transpose]" (torch's Linear stores [out, in], weft [in, out]: transpose), or
 * "tensor -" for one that goes nowhere; # begins a comment. F32, F64, F16 and BF16 are taken; dimensions must be those of the parameter (a vector for [1, n] or [n, 1], and [1, heads, n] for
 * [1, heads n], are). All or nothing. Errors: map-line, map-tensor (not in the file), map-parameter (not in the model), map-twice, each with its line; params-missing (a parameter that no line
 * names), params-left (a tensor that no line names), params-shape (names, both shapes); safetensors-*. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_params_read_mapped(weft_params_t *params, const char *path, const char *map, weft_diag_t *diag);
/* The parameter as a leaf of this tape; NULL for NULL. */
WEFT_API weft_var_t *weft_param_var(weft_tape_t *tape, const weft_param_t *param);

/* ---- inputs: dense, or sparse as a graph of columns to rows with a value per arc -------------------------------- */
typedef struct weft_x {
    weft_tape_t *tape;
    weft_var_t *dense;          /* [n, f]; else: */
    const weft_graph_t *sparse; /* n_dst = n, n_src = f */
    weft_var_t *value;          /* [n_arcs, 1] */
    const weft_graph_t *own;    /* sparse, for a topology with n_dst < n_src: its first n_dst rows, so that a node's own map need not compute the others (weft_x_own); else NULL. Dropout draws for them anew */
    weft_var_t *own_value;
} weft_x_t;
WEFT_API weft_x_t weft_x_dense(weft_var_t *x);
WEFT_API weft_x_t weft_x_sparse(weft_tape_t *tape, const weft_graph_t *rows, const weft_real_t *value);
WEFT_API weft_x_t weft_x_dropout(weft_x_t x, double p); /* sparse: of the stored values */
WEFT_API weft_var_t *weft_x_matmul(weft_x_t x, weft_var_t *w);
WEFT_API int64_t weft_x_rows(weft_x_t x);

/* ---- a graph in the forms that layers ask for ---------------------------------------------------------------------- */
enum { WEFT_MAX_RELATIONS = 16 };
typedef struct weft_topology {
    const weft_graph_t *graph;  /* borrowed: as given */
    weft_graph_t *looped;       /* loops dropped, then one added per node; NULL for n_src != n_dst */
    weft_weights_t *gcn;        /* of `looped`, or (n_src != n_dst) of `graph` */
    weft_graph_t *own;          /* n_dst < n_src: destination i is source i; looks its row up. NULL for n_src == n_dst */
    weft_graph_t *one_step, *two_steps; /* asked for by weft_topology_add_two_steps: neighbours without loops, and the nodes at distance 2 exactly */
    weft_weights_t *one_gcn, *two_gcn;  /* d_u^-1/2 d_v^-1/2 of those two */
    weft_graph_t *relation[WEFT_MAX_RELATIONS]; /* asked for by weft_topology_add_relations */
    int32_t n_relations;
} weft_topology_t;
/* A graph with n_dst < n_src (a sampled block, say) has the convention that its destinations are its first sources; layers that look at a node's own row
 * then look there. With n_dst > n_src such layers fail. Loops are the caller's there: attention and gcn take the arcs as they are. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_topology_init(weft_topology_t *topology, const weft_graph_t *graph, weft_diag_t *diag);
/* What the destinations were as sources: x itself, or its first n_dst rows. */
WEFT_API weft_var_t *weft_topology_own(const weft_topology_t *topology, weft_var_t *x);
/* The same of an input, before a map of it: x itself where n_src == n_dst. Sparse without `own` fails the shapes of what comes next where n_dst < n_src. */
WEFT_API weft_x_t weft_x_own(weft_x_t x, const weft_topology_t *topology);
/* For H2GCN. O(sum over arcs u -> v of the degree of u); the second steps may be many times the arcs. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_topology_add_two_steps(weft_topology_t *topology, weft_diag_t *diag);
/* One graph per relation; relation[n_arcs] in 0..n_relations-1 in the order of the arcs (others are left out). O(n_relations arcs). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_topology_add_relations(weft_topology_t *topology, int32_t n_relations, const int32_t *relation, weft_diag_t *diag);
/* For graphs without types of edges: three relations, by whether the source has fewer, as many or more arcs than the destination. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_topology_add_degree_relations(weft_topology_t *topology, weft_diag_t *diag);
WEFT_API void weft_topology_destroy(weft_topology_t *topology);

/* ---- layers ------------------------------------------------------------------------------------------------------------
 * x is [n_src, in], the result [n_dst, out], owned by the tape. Costs: one matmul O(n in out) per weight and O(n_arcs out) per reduction. */

/* y = x W + b. Glorot or fan-in weights, zero (Glorot) or fan-in bias. */
typedef struct weft_linear { weft_param_t *w, *b; } weft_linear_t;
WEFT_API weft_linear_t weft_linear_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool bias, weft_init_t init);
WEFT_API weft_var_t *weft_linear(const weft_linear_t *layer, weft_x_t x);

/* width[0] -> width[1] -> .. -> width[n_layers], leaky_relu_slope between, none behind the last. He weights before a relu, fan-in before none. */
enum { WEFT_MLP_MOST = 8 };
typedef struct weft_mlp { weft_linear_t layer[WEFT_MLP_MOST]; int32_t n; double slope; } weft_mlp_t;
WEFT_API weft_mlp_t weft_mlp_init(weft_params_t *params, const char *name, const int64_t *width, int32_t n_layers, double slope);
WEFT_API weft_var_t *weft_mlp(const weft_mlp_t *mlp, weft_var_t *x);

/* Norms with their parameters. GRAPH (see weft_graph_norm) and AUTO (LAYER for nodes, BATCH for graphs) are a matter of models; here they are none. */
typedef enum weft_norm_kind { WEFT_NORM_NONE = 0, WEFT_NORM_BATCH, WEFT_NORM_LAYER, WEFT_NORM_GRAPH, WEFT_NORM_AUTO } weft_norm_kind_t;
typedef struct weft_norm { weft_norm_kind_t kind; weft_param_t *gamma, *beta, *mean, *variance; } weft_norm_t;
WEFT_API weft_norm_t weft_norm_init(weft_params_t *params, const char *name, int64_t width, weft_norm_kind_t kind);
WEFT_API weft_var_t *weft_norm(const weft_norm_t *norm, weft_var_t *x);

/* Per graph and column: (x - alpha mean) / sqrt(mean (x - alpha mean)^2 + 1e-5) gamma + beta   (Cai et al. 2021, eq. 6). members: nodes -> graphs,
 * spread: graphs -> nodes (weft_graph_from_lookup both ways). */
typedef struct weft_graph_norm { weft_param_t *gamma, *beta, *alpha; } weft_graph_norm_t;
WEFT_API weft_graph_norm_t weft_graph_norm_init(weft_params_t *params, const char *name, int64_t width);
WEFT_API weft_var_t *weft_graph_norm(const weft_graph_norm_t *norm, const weft_graph_t *members, const weft_graph_t *spread, weft_var_t *x);

/* Row code_i of a table [n_values, width]; codes: weft_graph_from_lookup(.., n_values, n, code, false). O(n width). */
typedef struct weft_embedding { weft_param_t *table; } weft_embedding_t;
WEFT_API weft_embedding_t weft_embedding_init(weft_params_t *params, const char *name, int64_t n_values, int64_t width);
WEFT_API weft_var_t *weft_embedding(const weft_embedding_t *layer, weft_tape_t *tape, const weft_graph_t *codes);

/* [graphs, width]: sum over the nodes of a graph of a_i x_i, a = softmax over them of w x_i + b   (Li et al. 2016, eq. 7). */
typedef struct weft_attention_pool { weft_linear_t gate; } weft_attention_pool_t;
WEFT_API weft_attention_pool_t weft_attention_pool_init(weft_params_t *params, const char *name, int64_t width);
WEFT_API weft_var_t *weft_attention_pool(const weft_attention_pool_t *layer, const weft_graph_t *members, weft_var_t *x);

/* Jumping knowledge (Xu et al. 2018, sec. 4.1) over layers of one width: the largest of each element (of equal ones the first has the gradient); or sum a_l x_l,
 * a the softmax over layers of a linear map of what an LSTM forth and one back over the layers say, each of layers width / 2 columns. */
enum { WEFT_JUMP_MOST = 64 };
WEFT_API weft_var_t *weft_jump_max(weft_var_t *const *each, int32_t n);
typedef struct weft_lstm { weft_param_t *in, *hidden, *bias; } weft_lstm_t;
typedef struct weft_jump_lstm { weft_lstm_t forth, back; weft_linear_t score; } weft_jump_lstm_t;
WEFT_API weft_jump_lstm_t weft_jump_lstm_init(weft_params_t *params, const char *name, int64_t width, int32_t layers);
WEFT_API weft_var_t *weft_jump_lstm(const weft_jump_lstm_t *jump, weft_var_t *const *each, int32_t n);

/* y_v = sum over u -> v and v of (d_u d_v)^-1/2 W x_u + b, d with loops   (Kipf and Welling 2017, eq. 2). Glorot, b = 0. */
typedef struct weft_gcn_conv { weft_param_t *w, *b; } weft_gcn_conv_t;
WEFT_API weft_gcn_conv_t weft_gcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool bias);
WEFT_API weft_var_t *weft_gcn_conv(const weft_gcn_conv_t *layer, const weft_topology_t *t, weft_x_t x);

/* y_v = W_nbr reduce_{u -> v} x_u + b + W_self x_v   (Hamilton et al. 2017, eq. 2); reduce MEAN, SUM or MAX; MAX over relu(W_pool x + b).
 * A node without arcs has reduce 0. */
typedef struct weft_sage_conv { weft_linear_t nbr, self, pool, lstm_in; weft_param_t *lstm_hidden; weft_reduce_t reduce; } weft_sage_conv_t;
WEFT_API weft_sage_conv_t weft_sage_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, weft_reduce_t reduce);
/* The same with an LSTM of `out` columns over relu(W_pool x_u + b), [in, out], in the order of the sources; the result depends on how nodes are numbered. */
WEFT_API weft_sage_conv_t weft_sage_lstm_init(weft_params_t *params, const char *name, int64_t in, int64_t out);
WEFT_API weft_var_t *weft_sage_conv(const weft_sage_conv_t *layer, const weft_topology_t *t, weft_x_t x);

/* Per head: a_uv = softmax_u(leaky_relu_0.2(a_s W x_u + a_t W x_v)) over u -> v and v, y_v = sum a_uv W x_u + b; heads side by side or
 * (concat false) averaged   (Velickovic et al. 2018, eq. 1-6). `drop` on the softmax in training. out: columns per head. Glorot, b = 0. */
typedef struct weft_gat_conv { weft_param_t *w, *source, *target, *b; int32_t heads; bool concat, loops; } weft_gat_conv_t;
WEFT_API weft_gat_conv_t weft_gat_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads, bool concat);
WEFT_API weft_var_t *weft_gat_conv(const weft_gat_conv_t *layer, const weft_topology_t *t, weft_x_t x, double drop);

/* The same with a_uv = softmax_u(a leaky_relu_0.2(W_s x_u + W_t x_v)), values W_s x_u   (Brody et al. 2022, eq. 7). */
typedef struct weft_gatv2_conv { weft_linear_t source, target; weft_param_t *a, *b; int32_t heads; bool concat; } weft_gatv2_conv_t;
WEFT_API weft_gatv2_conv_t weft_gatv2_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads, bool concat);
WEFT_API weft_var_t *weft_gatv2_conv(const weft_gatv2_conv_t *layer, const weft_topology_t *t, weft_x_t x, double drop);

/* y_v = MLP((1 + eps) x_v + sum_{u -> v} x_u), MLP = linear, batch norm (where `norm`), relu, linear   (Xu et al. 2019, eq. 4.1). */
typedef struct weft_gin_conv { weft_linear_t first, second; weft_norm_t norm; weft_param_t *eps; } weft_gin_conv_t;
WEFT_API weft_gin_conv_t weft_gin_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, bool norm, bool train_eps);
WEFT_API weft_var_t *weft_gin_conv(const weft_gin_conv_t *layer, const weft_topology_t *t, weft_x_t x);

/* y_v = MLP((1 + eps) x_v + sum relu(x_u + W_e e_uv))   (Hu et al. 2020, eq. A.1); e [n_arcs, edge_in] or NULL: relu(x_u + b). x dense. */
typedef struct weft_gine_conv { weft_gin_conv_t gin; weft_linear_t edge; weft_param_t *no_edge; } weft_gine_conv_t;
WEFT_API weft_gine_conv_t weft_gine_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t edge_in, bool norm, bool train_eps);
WEFT_API weft_var_t *weft_gine_conv(const weft_gine_conv_t *layer, const weft_topology_t *t, weft_x_t x, weft_var_t *e);

/* The same with each message times scale_uv, [n_arcs, 1]; e [n_arcs, in] after its map, or with one. Arcs x in are stored. */
WEFT_API weft_var_t *weft_gine_conv_scaled(const weft_gine_conv_t *layer, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t *scale);

/* s_uv = D x_v + E x_u + C e_uv; y_v = A x_v + (sum sigmoid(s_uv) * B x_u) / (sum sigmoid(s_uv) + 1e-6); *e_out = s   (Bresson and Laurent
 * 2018, eq. 11). e [n_arcs, edge_in] or NULL. Norm, activation and residual are the caller's. */
typedef struct weft_gatedgcn_conv { weft_linear_t a, b, c, d, e; } weft_gatedgcn_conv_t;
WEFT_API weft_gatedgcn_conv_t weft_gatedgcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t edge_in);
WEFT_API weft_var_t *weft_gatedgcn_conv(const weft_gatedgcn_conv_t *layer, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t **e_out);
/* The same with sigmoid(s_uv) scale_uv for sigmoid(s_uv), above and below; scale [n_arcs, 1]. */
WEFT_API weft_var_t *weft_gatedgcn_conv_scaled(const weft_gatedgcn_conv_t *layer, const weft_topology_t *t, weft_x_t x, weft_var_t *e, weft_var_t *scale, weft_var_t **e_out);

/* y_v = U [x_v, {mean, min, max, std} x {1, log(d+1)/delta, delta/log(d+1)} of x_u]   (Corso et al. 2020, eq. 8); delta: the mean of
 * log(d + 1) over the training graphs' nodes. std = sqrt(max(E x^2 - (E x)^2, 1e-5)), 0 below. */
typedef struct weft_pna_conv { weft_linear_t out; double delta; } weft_pna_conv_t;
WEFT_API weft_pna_conv_t weft_pna_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, double delta);
WEFT_API weft_var_t *weft_pna_conv(const weft_pna_conv_t *layer, const weft_topology_t *t, weft_var_t *x);
WEFT_API double weft_pna_delta(const weft_graph_t *graph);

/* Per head of c columns: a_uv = softmax_u(q_v k_u / sqrt(c)), y_v = sum a_uv v_u + W_skip x_v, side by side   (Shi et al. 2021, eq. 3-5). */
typedef struct weft_transformer_conv { weft_linear_t q, k, v, skip; int32_t heads; } weft_transformer_conv_t;
WEFT_API weft_transformer_conv_t weft_transformer_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t heads);
WEFT_API weft_var_t *weft_transformer_conv(const weft_transformer_conv_t *layer, const weft_topology_t *t, weft_x_t x, double drop);

/* z <- (1 - alpha) A z + alpha h, k times from z = h, A the GCN matrix with `drop` on its entries   (Klicpera et al. 2019, eq. 4). */
WEFT_API weft_var_t *weft_appnp(const weft_topology_t *t, weft_var_t *h, int32_t k, double alpha, double drop);
/* A^k x   (Wu et al. 2019, eq. 7). */
WEFT_API weft_var_t *weft_sgc(const weft_topology_t *t, weft_var_t *x, int32_t k);
/* sum over l = 0..k of sigmoid(A^l z s + b) A^l z   (Liu et al. 2020, eq. 8). */
typedef struct weft_dagnn { weft_linear_t gate; int32_t k; } weft_dagnn_t;
WEFT_API weft_dagnn_t weft_dagnn_init(weft_params_t *params, const char *name, int64_t width, int32_t k);
WEFT_API weft_var_t *weft_dagnn(const weft_dagnn_t *layer, const weft_topology_t *t, weft_var_t *z);
/* sum over l = 0..k of gamma_l A^l z, gamma learned from alpha (1 - alpha)^l (the last: (1 - alpha)^k) on, without weight decay
 * (Chien et al. 2021, eq. 1). */
typedef struct weft_gpr { weft_param_t *gamma; int32_t k; } weft_gpr_t;
WEFT_API weft_gpr_t weft_gpr_init(weft_params_t *params, const char *name, int32_t k, double alpha);
WEFT_API weft_var_t *weft_gpr(const weft_gpr_t *layer, const weft_topology_t *t, weft_var_t *z);
/* [r_0, r_1, .., r_rounds] with r_0 = x, r_i = [A_1 r_{i-1}, A_2 r_{i-1}], A_1 and A_2 the normalised neighbours at distance 1 and 2
 * (Zhu et al. 2020, eq. 5 and 6); no parameters. Needs weft_topology_add_two_steps. Columns: weft_h2gcn_width. */
enum { WEFT_H2GCN_MOST = 6 };
WEFT_API int64_t weft_h2gcn_width(int64_t width, int32_t rounds);
WEFT_API weft_var_t *weft_h2gcn(const weft_topology_t *t, weft_var_t *x, int32_t rounds);
/* p-Laplacian message passing (Fu et al. 2022): k steps towards the minimum of sum |g_uv|^p + mu sum |f_v - x_v|^2,
 * g_uv = sqrt w_uv (f_u / sqrt d_u - f_v / sqrt d_v), w the arcs' weights (1), d_v the sum of those into v:
 *   M_uv = w_uv |g_uv|^(p-2),  alpha_v = 1 / (sum_u M_uv / d_v + 2 mu / p),
 *   f_v <- alpha_v (sum_u M_uv f_u / sqrt(d_u d_v) + beta_scale mu / p x_v),  f = x at first.
 * beta_scale 2 solves the problem stated (4 is what older published code had). eps: M is smoothed by it, or (mask) arcs with |g| <= eps get
 * weight 0. p = 2 is APPNP without loops, teleport mu / (1 + mu). Where p starts above 2, every step goes 1 / (p - 1) of its way: the whole way would
 * overshoot. Learned p stays above 1, learned mu above 0. The gradient is that of all of it, or (detach) M is a constant in backward, as in iteratively reweighted
 * least squares: f, p and w then learn through what else they enter (w: the degrees). Needs n_src == n_dst.
 * O(k (n_arcs + n) columns); no arcs x columns is stored. */
typedef struct weft_plaplacian {
    int32_t k;
    weft_real_t p, mu;           /* fixed, or where learning starts */
    double beta_scale, eps;
    bool mask, learn_p, learn_mu, detach;
    weft_param_t *p_free, *mu_free; /* of init */
} weft_plaplacian_t;
WEFT_API weft_plaplacian_t weft_plaplacian_init(weft_params_t *params, const char *name, const weft_plaplacian_t *options);
WEFT_API weft_var_t *weft_plaplacian(const weft_plaplacian_t *layer, const weft_topology_t *t, weft_var_t *x);
/* The same with w [n_arcs, 1], all above 0 and equal both ways (the caller sees to both); gates of edges are learned through it. NULL: 1. */
WEFT_API weft_var_t *weft_plaplacian_gated(const weft_plaplacian_t *layer, const weft_topology_t *t, weft_var_t *x, weft_var_t *w);

/* h = (1 - alpha) A x + alpha x0; y = (1 - beta) h + beta h W   (Chen et al. 2020, eq. 5). */
typedef struct weft_gcnii_conv { weft_param_t *w; double alpha, beta; } weft_gcnii_conv_t;
WEFT_API weft_gcnii_conv_t weft_gcnii_conv_init(weft_params_t *params, const char *name, int64_t width, double alpha, double beta);
WEFT_API weft_var_t *weft_gcnii_conv(const weft_gcnii_conv_t *layer, const weft_topology_t *t, weft_var_t *x, weft_var_t *x0);

/* y_v = sum over relations r of mean_{u -r-> v} W_r x_u + W_0 x_v + b   (Schlichtkrull et al. 2018, eq. 2, c = degree). One graph per relation. */
typedef struct weft_rgcn_conv { weft_linear_t self; weft_param_t *w[WEFT_MAX_RELATIONS]; int32_t n_relations; } weft_rgcn_conv_t;
WEFT_API weft_rgcn_conv_t weft_rgcn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int32_t n_relations);
WEFT_API weft_var_t *weft_rgcn_conv(const weft_rgcn_conv_t *layer, const weft_topology_t *t, const weft_graph_t *const *relation, weft_x_t x);

#ifdef __cplusplus
}
#endif
#endif
