/* weft/adapter.h: small trained parts behind the attention of a frozen model: the plain bottleneck (Houlsby et al. 2019) and the p-adapter (Wu et al.
 * 2024), which reads attention as a graph and passes its values once more by the p-Laplacian of that graph before the bottleneck. */
#ifndef WEFT_ADAPTER_H
#define WEFT_ADAPTER_H
#include "weft/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_adapter_kind { WEFT_ADAPTER_NONE = 0, WEFT_ADAPTER_PLAIN, WEFT_ADAPTER_P, WEFT_ADAPTER_N } weft_adapter_kind_t;
/* PAPER: as the paper's equations have it. CODE: as the authors' code does: the norm among down-projected values, no degrees, a gated way up. */
typedef enum weft_adapter_rule { WEFT_ADAPTER_PAPER = 0, WEFT_ADAPTER_CODE } weft_adapter_rule_t;

typedef struct weft_adapter_options {
    weft_adapter_kind_t kind;
    weft_adapter_rule_t rule;
    int64_t width;     /* of the bottleneck; CODE: a multiple of heads */
    int32_t heads;
    double p, mu, eps; /* where p > 1 and mu > 0 start (both are learned); eps smooths the norm, or (mask) cuts below it */
    bool mask;
} weft_adapter_options_t;

typedef struct weft_adapter {
    weft_adapter_options_t o;
    weft_linear_t down, up, gate;
    weft_param_t *p_free, *mu_free;
} weft_adapter_t;

/* `columns` of the attention's result. Parameters: PLAIN 2 columns width + width + columns; P, PAPER: two more; P, CODE: columns width + width more
 * than that. W_up starts at 0: a plain adapter starts as the model without one. */
WEFT_API weft_adapter_t weft_adapter_init(weft_params_t *params, const char *name, int64_t columns, const weft_adapter_options_t *options);

/* PLAIN: u + relu(u W_down) W_up, u [n, columns]. */
WEFT_API weft_var_t *weft_adapter_plain(const weft_adapter_t *adapter, weft_var_t *u);

/* An attention graph: the arcs along which destination i attends to source j. self: queries, keys and values are the same nodes, and the graph of the
 * attention is the graph of the p-Laplacian. Else the two sides are joined as the bipartite graph [0 M; M^T 0], whose degrees scale both ends. */
typedef struct weft_attention_graph {
    const weft_graph_t *graph;     /* borrowed */
    weft_graph_t *by_source;       /* not self: arcs -> sources */
} weft_attention_graph_t;
/* Errors: those of weft_graph_new. O(arcs). Owner: the caller, by weft_attention_graph_destroy. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_attention_graph_init(weft_attention_graph_t *a, const weft_graph_t *graph, bool self, weft_diag_t *diag);
WEFT_API void weft_attention_graph_destroy(weft_attention_graph_t *a);

/* Softmax attention along arcs with the adapter P behind it: q [n_dst, columns], k and v [n_src, columns], own [n_dst, columns]: the destinations' own
 * row among the values (self: v). M = softmax of q k^T / sqrt(columns / heads), heads apart; D: row sums of the attention graph's matrix (of a
 * destination 1, of a source, where not self, its column sum).
 *   m_ij = M_ij |sqrt(M_ij / D_i) o_i - sqrt(M_ij / D_j) v_j|^(p-2)
 *   alpha_i = 1 / (sum_j m_ij / D_i + 2 mu / p), beta_i = 2 mu / p alpha_i
 *   PAPER: U = (alpha D^-1/2 m D^-1/2 v + beta o) W_out, result U + relu(U W_down) W_up   (eq. 10-13; the norm is taken among values of a head before W_out)
 *   CODE: the same with D = 1 among v W_out W_down, its result F: u + (gelu(u W_gate) * F) W_up, u = M v W_out + b; mu in (mu0, 3 mu0)
 * out NULL: no W_out. drop: of attention weights. O(arcs columns); nothing of size arcs x columns is stored. */
WEFT_API weft_var_t *weft_p_attention(const weft_adapter_t *adapter, const weft_attention_graph_t *graph, weft_var_t *q, weft_var_t *k, weft_var_t *v, weft_var_t *own, const weft_linear_t *out, double drop);

#ifdef __cplusplus
}
#endif
#endif
