/* weft/gps.h: the graph-transformer recipe (Rampasek et al. 2022): positional encodings, a local convolution and global attention side by side,
 * each exchangeable. Layers are small structs of borrowed parameters, as in weft/nn.h. */
#ifndef WEFT_GPS_H
#define WEFT_GPS_H
#include "weft/adapter.h"
#include "weft/attention.h"
#include "weft/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- global attention ---------------------------------------------------------------------------------------------------------------
 * n rows, h heads, d columns, N rows of a segment. Cost per layer beside the linear maps, O(n d^2). */
typedef enum weft_global_kind {
    WEFT_GLOBAL_NONE = 0,
    WEFT_GLOBAL_SOFTMAX,    /* softmax(q k^T / sqrt(c)) v   (Vaswani et al. 2017). O(sum N^2 d) */
    WEFT_GLOBAL_PERFORMER,  /* phi(q) (phi(k)^T v) / (phi(q) sum phi(k)), phi the positive random features, c = 64, m = floor(c ln c)   (Choromanski et al. 2021). O(n h m c) */
    WEFT_GLOBAL_SGFORMER,   /* (N v + q (k^T v)) / (N + q sum k), q and k of unit length   (Wu et al. 2023, eq. 3). O(n d^2 / h) */
    WEFT_GLOBAL_AGENT,      /* softmax(q a^T) softmax(a k^T) v, a the mean query of each of `groups` groups   (Han et al. 2024, eq. 4). O(n groups d) */
    WEFT_GLOBAL_BASED,      /* second-order Taylor features of 16-column queries and keys, plus softmax over the neighbours   (Arora et al. 2024). O(n h 273 c + arcs d) */
    WEFT_GLOBAL_LIGHTNET,   /* silu(q) (softmax_over_rows(k)^T v): the limit without an order   (Sun et al. 2024). O(n d^2 / h) */
    WEFT_GLOBAL_POLYNORMER, /* f = sigmoid(W x): relu(W_o (LN(f (f^T v) / (f sum f)) * (W_h x + beta)))   (Deng et al. 2024, eq. 8). O(n d^2 / h) */
    WEFT_GLOBAL_BIGBIRD,    /* softmax over blocks of 3 rows: the own and both next, `degree` random ones, and the first of the segment, which sees
                               and is seen as a mean   (Zaheer et al. 2020). O(n (9 + 3 degree) d) */
    WEFT_GLOBAL_EXPHORMER,  /* exp(clamp(q (k * e_type) / sqrt(c), -5, 5)) over arcs, an expander of degree 2 `degree` and a virtual node that has heard all
                               the segment, divided by its sum + 1e-6   (Shirzad et al. 2023). O((arcs + 2 n degree) d) */
    WEFT_GLOBAL_CORECONTEXT, /* one softmax over the rows of the own window of 64 and `groups` core tokens, each a mean of its group weighted by
                               significance   (Chen et al. 2025). O(n (64 + groups) d) */
    WEFT_GLOBAL_ROUTING,    /* rows whose shared query-key is nearest a centroid attend to each other: each of sqrt(N) centroids takes its N / centroids
                               best rows, rows taken by several average, by none get 0   (Roy et al. 2021). O(n^1.5 d) */
    WEFT_GLOBAL_GAUSSIAN,   /* W_o (x * N softmax_over_rows(-z^2 / 2)), z each column's z-score over the segment, scaled and shifted (weft_graph_norm): a gate by Gaussians
                               of learned mean and width; a product of several is one; N keeps its mean at 1   (after Ioannides et al. 2024). O(n d^2) */
    WEFT_GLOBAL_N,
    WEFT_GLOBAL_AUTO = WEFT_GLOBAL_N /* no kind: training chooses between sgformer and none (weft/train.h) */
} weft_global_kind_t;
WEFT_API const char *weft_global_name(weft_global_kind_t kind); /* "none", "softmax", .. */
WEFT_API weft_global_kind_t weft_global_find(const char *name); /* WEFT_GLOBAL_N: unknown */

typedef struct weft_global_options {
    weft_global_kind_t kind;
    int32_t heads;
    int32_t groups; /* agents, core tokens per segment; 0: 64 */
    int32_t degree; /* permutations of the expander, random blocks; 0: 3 */
    double drop;    /* of attention weights (softmax, agent, corecontext) */
    bool sink;      /* softmax: a learned key of value 0 per head   (Miller 2023) */
    bool gate;      /* softmax: head h of row i times heads * softmax_h(x_i W_g + b_g), logits clamped to -5 .. 5: a mixture of heads, all of them taken
                       (after Jin et al. 2024). O(n heads d) */
    int32_t top_k;  /* softmax, outside training: each 32 rows attend to the best `top_k` blocks of 64 rows, found from coarse to fine (weft_attention_top_k; Lee et al. 2024);
                       0: to all. Training attends to all. O(n 64 top_k d) */
    bool pairs;     /* softmax: the plan holds every pair of a segment as an arc, at most 2^27 of them: what a p-adapter reads */
    uint64_t seed;  /* of random features, expanders, random blocks */
} weft_global_options_t;

/* What a kind needs to know of a graph or batch, made once and shared by its layers. Borrows graph and first. */
typedef struct weft_global_plan {
    weft_segments_t segments, group_segments; /* groups: queries nodes, keys groups */
    const weft_graph_t *graph;
    weft_graph_t *pool;     /* nodes -> groups */
    weft_graph_t *sparse;   /* arcs beyond the graph's: expander, or blocks, or all pairs */
    weft_graph_t *members;  /* nodes -> segments */
    int64_t *group_first, *window_first, n_windows; /* windows: of corecontext; of routing the slots of clusters, clusters by segment in group_first */
    int64_t own_first[2];
} weft_global_plan_t;
/* first [n_segments + 1]; NULL: all nodes are one segment. Errors: those of weft_graph_new; attention-pairs (too many); attention-top-k (below 0, or of another kind
 * than softmax, or with pairs). O(nodes degree). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_global_plan_init(weft_global_plan_t *plan, const weft_global_options_t *options, const weft_graph_t *graph, int64_t n_segments, const int64_t *first, weft_diag_t *diag);
WEFT_API void weft_global_plan_destroy(weft_global_plan_t *plan);

typedef struct weft_global {
    weft_global_options_t o;
    int64_t width;
    weft_linear_t q, k, v, out, extra;
    weft_param_t *sink, *omega, *beta, *token, *type[3];
    weft_norm_t norm;
    weft_graph_norm_t score; /* gaussian */
} weft_global_t;
/* x [n, width] -> [n, width]. Parameters of softmax: 4 width^2 + 4 width. */
WEFT_API weft_global_t weft_global_init(weft_params_t *params, const char *name, int64_t width, const weft_global_options_t *options);
WEFT_API weft_var_t *weft_global(const weft_global_t *layer, const weft_global_plan_t *plan, weft_var_t *x);

/* ---- encoders of eigenvectors whose sign, or basis, says nothing -------------------------------------------------------------------------- */
/* rho([phi(v_j) + phi(-v_j)]_j): phi a GIN of `layers` layers (linear, batch norm, relu, linear; relu between layers) over the graph that sees one frequency at a
 * time, rho linear, relu, linear over them side by side, or (set) over their sum   (Lim et al. 2023, eq. 4). Both signs of all frequencies share one batch norm,
 * so that flipping any eigenvector changes nothing, in training neither; turning a repeated eigenvalue's basis does. v, there [n, k]: vectors, and 1
 * where the node's graph has the frequency, else 0 (then left out; its zeros do enter the batch norm). Result [n, width]. O(2 k (arcs hidden + n hidden^2) layers). */
enum { WEFT_SIGN_NET_MOST = 8 };
typedef struct weft_sign_net_options { int32_t k, layers; int64_t hidden, width; bool set; } weft_sign_net_options_t;
typedef struct weft_sign_net { weft_sign_net_options_t o; weft_linear_t first[WEFT_SIGN_NET_MOST], second[WEFT_SIGN_NET_MOST], rho[2]; weft_norm_t norm[WEFT_SIGN_NET_MOST]; } weft_sign_net_t;
WEFT_API weft_sign_net_t weft_sign_net_init(weft_params_t *params, const char *name, const weft_sign_net_options_t *options);
WEFT_API weft_var_t *weft_sign_net(const weft_sign_net_t *layer, const weft_graph_t *graph, weft_var_t *v, weft_var_t *there);

/* r_uv = sigmoid(MLP(|p_u - p_v|^2)), 1 -> width -> 1, for weft_gine_conv_scaled and weft_gatedgcn_conv_scaled; p = v, so that r sees no sign and no turn of
 * the basis, or (map) p = v W + b of `width` columns, as the reference has it, which sees both   (Wang et al. 2022, PEG, eq. 8; EquivStableLapPE of Rampasek et
 * al.). v [n, k]; result [n_arcs, 1]. O(n_arcs (k + width)). */
typedef struct weft_stable_position { weft_linear_t map, first, second; weft_param_t *one; } weft_stable_position_t;
WEFT_API weft_stable_position_t weft_stable_position_init(weft_params_t *params, const char *name, int32_t k, int64_t width, bool map);
WEFT_API weft_var_t *weft_stable_position(const weft_stable_position_t *layer, const weft_graph_t *graph, weft_var_t *v);

/* ---- positional encodings to columns ---------------------------------------------------------------------------------------------------- */
typedef enum weft_position_kind { WEFT_POSITION_NONE = 0, WEFT_POSITION_RWSE, WEFT_POSITION_LAPPE, WEFT_POSITION_SIGNNET, WEFT_POSITION_HKDIAG, WEFT_POSITION_ELSTATIC, WEFT_POSITION_STABLE, WEFT_POSITION_N } weft_position_kind_t;
/* rwse: batch norm over the `k` probabilities, then linear to `width`. lappe: per frequency [v, lambda] -> 2 width -> width, relu behind each,
 * summed over the block's frequencies (a set: DeepSet); in training each frequency's sign is drawn anew every step. signnet: weft_sign_net above, 3 layers of
 * `width` columns, the frequencies summed. hkdiag, elstatic: as rwse, of `k` times 1, 2, .. and of 10 statistics. stable: no
 * columns (weft_position gives NULL) but a factor of messages, weft_stable_position of lappe's vectors, layer by layer: flips and turns of the basis change nothing as
 * long as all vectors of a repeated eigenvalue are among the k. */
typedef struct weft_position { weft_position_kind_t kind; int32_t k; int64_t width; weft_norm_t norm; weft_linear_t first, second; weft_param_t *one; weft_sign_net_t sign; } weft_position_t;
WEFT_API weft_position_t weft_position_init(weft_params_t *params, const char *name, weft_position_kind_t kind, int32_t k, int64_t width);
/* Columns of what weft/encoding.h computes, per node: rwse, hkdiag k; elstatic 10; lappe, signnet, stable 3 k (vectors, then values, then 1 where the block has that frequency, else 0;
 * the others' value is then 0). */
WEFT_API int64_t weft_position_columns(weft_position_kind_t kind, int32_t k);
/* raw [n, columns], and the graph that signnet walks on (the others: NULL will do), borrowed until reset. */
WEFT_API weft_var_t *weft_position(const weft_position_t *layer, weft_tape_t *tape, const weft_graph_t *graph, const weft_real_t *raw, int64_t n);

/* ---- the layer -------------------------------------------------------------------------------------------------------------------------- */
typedef enum weft_local_kind { WEFT_LOCAL_NONE = 0, WEFT_LOCAL_GCN, WEFT_LOCAL_GIN, WEFT_LOCAL_GINE, WEFT_LOCAL_GAT, WEFT_LOCAL_GATEDGCN, WEFT_LOCAL_PNA, WEFT_LOCAL_N } weft_local_kind_t;
typedef struct weft_gps_layer {
    weft_local_kind_t local_kind;
    union { weft_gcn_conv_t gcn; weft_gin_conv_t gin; weft_gine_conv_t gine; weft_gat_conv_t gat; weft_gatedgcn_conv_t gated; weft_pna_conv_t pna; } local;
    weft_norm_t node_norm, edge_norm;  /* inside gatedgcn */
    weft_norm_t local_norm, global_norm, out_norm;
    weft_global_t global;
    weft_linear_t up, down;
    weft_adapter_t adapter;            /* behind the global attention; of kind P: softmax without a sink and with `pairs`, or bigbird */
    double drop;
    int32_t activation;                /* weft_activation_t of weft/models.h: 0 relu, 2 gelu */
} weft_gps_layer_t;
typedef struct weft_gps_layer_options {
    weft_local_kind_t local;
    weft_global_options_t global;
    weft_norm_kind_t norm;
    double drop, delta; /* delta: of pna */
    int32_t activation;
    weft_adapter_options_t adapter;
} weft_gps_layer_options_t;
/* Z = N1(X + Drop(Conv(X, E))) + N2(X + Drop(Attn(X))); Y = N3(Z + Drop(W2 Drop(act(W1 Z))))   (Rampasek et al. 2022, eq. 1-5); with gatedgcn residual,
 * norm and dropout of the convolution lie inside it, and E goes on: E + Drop(act(N(s))). x [n, width], e [n_arcs, width] or NULL; *e is replaced. */
WEFT_API weft_gps_layer_t weft_gps_layer_init(weft_params_t *params, const char *name, int64_t width, const weft_gps_layer_options_t *options);
WEFT_API weft_var_t *weft_gps_layer(const weft_gps_layer_t *layer, const weft_topology_t *topology, const weft_global_plan_t *plan, weft_var_t *x, weft_var_t **e);
/* The same with each message of the local convolution (gine or gatedgcn, *e not NULL; others fail the tape) times scale [n_arcs, 1]. NULL: 1. */
WEFT_API weft_var_t *weft_gps_layer_scaled(const weft_gps_layer_t *layer, const weft_topology_t *topology, const weft_global_plan_t *plan, weft_var_t *x, weft_var_t **e, weft_var_t *scale);

#ifdef __cplusplus
}
#endif
#endif
