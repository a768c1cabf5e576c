/* models/model.h: one table row per name. */
#ifndef WEFT_MODELS_MODEL_H
#define WEFT_MODELS_MODEL_H
#include "weft/models.h"

enum { WEFT_I_MAX_LAYERS = 64 };

typedef union weft_i_conv {
    weft_linear_t linear;
    weft_gcn_conv_t gcn;
    weft_sage_conv_t sage;
    weft_gat_conv_t gat;
    weft_gatv2_conv_t gatv2;
    weft_gin_conv_t gin;
    weft_gine_conv_t gine;
    weft_gatedgcn_conv_t gatedgcn;
    weft_pna_conv_t pna;
    weft_transformer_conv_t transformer;
    weft_gcnii_conv_t gcnii;
    weft_rgcn_conv_t rgcn;
    struct { weft_impn_conv_t conv; weft_landmarks_t landmarks; } impn;
} weft_i_conv_t;

struct weft_model {
    weft_model_options_t o;
    const struct weft_i_model_kind *kind;
    weft_params_t *params;
    int32_t n_layers;
    weft_i_conv_t conv[WEFT_I_MAX_LAYERS];
    weft_linear_t residual[WEFT_I_MAX_LAYERS];
    weft_norm_t norm[WEFT_I_MAX_LAYERS], edge_norm[WEFT_I_MAX_LAYERS];
    weft_graph_norm_t graph_norm[WEFT_I_MAX_LAYERS];
    weft_attention_pool_t pool;
    weft_jump_lstm_t jump;
    weft_linear_t before, head, head_hidden;
    weft_dagnn_t dagnn;
    weft_plaplacian_t plaplacian;
    weft_gpr_t gpr;
    struct weft_i_gps *gps; /* gps.c */
};

typedef enum weft_i_needs { WEFT_I_PLAIN = 0, WEFT_I_TWO_STEPS, WEFT_I_RELATIONS } weft_i_needs_t; /* beyond weft_topology_init */

typedef struct weft_i_model_kind {
    const char *name;
    /* A stack of convolutions: layer l from in to out columns. NULL: build and run do it all. */
    void (*conv_init)(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last);
    weft_var_t *(*conv)(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e);
    void (*build)(weft_model_t *m);
    weft_var_t *(*run)(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
    weft_i_needs_t needs;
} weft_i_model_kind_t;
extern const weft_i_model_kind_t weft_i_model_kinds[];

void weft_i_stack_build(weft_model_t *m);
weft_var_t *weft_i_stack_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
/* Its parts, for who runs them on rows of their own: the map before the layers (x itself where there is none); layer l, with what stands behind it; what the head sees of all layers. */
weft_x_t weft_i_stack_first(const weft_model_t *m, weft_x_t x);
weft_var_t *weft_i_stack_layer(const weft_model_t *m, int32_t l, const weft_batch_t *at, weft_x_t x, weft_var_t **e);
/* A layer in two steps, the same bits: where the first is true, its convolution sums rows of a map of x (weft_i_stack_map), which can be made of each row once; then the rest of the layer, of
 * mapped rows, and of the nodes' own rows of x where weft_i_stack_sees_own (NULL else). */
bool weft_i_stack_maps_first(const weft_model_t *m, int32_t l);
bool weft_i_stack_sees_own(const weft_model_t *m, int32_t l);
weft_var_t *weft_i_stack_map(const weft_model_t *m, int32_t l, weft_var_t *x);
weft_var_t *weft_i_stack_rest(const weft_model_t *m, int32_t l, const weft_batch_t *at, weft_var_t *mapped, weft_var_t *own);
weft_var_t *weft_i_stack_jump(const weft_model_t *m, weft_var_t *const *each);
weft_var_t *weft_i_activate(weft_activation_t a, weft_var_t *x);

void weft_i_propagate_build(weft_model_t *m); /* appnp, dagnn, sgc: a network, then steps (sgc: steps, then a map) */
weft_var_t *weft_i_appnp_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
weft_var_t *weft_i_dagnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
weft_var_t *weft_i_sgc_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
void weft_i_pgnn_build(weft_model_t *m);
weft_var_t *weft_i_pgnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
weft_var_t *weft_i_gprgnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
void weft_i_h2gcn_build(weft_model_t *m);
weft_var_t *weft_i_h2gcn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
weft_var_t *weft_i_pooled(const weft_model_t *m, const weft_batch_t *b, weft_var_t *h); /* from nodes to graphs */
void weft_i_gps_build(weft_model_t *m);
weft_var_t *weft_i_gps_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
void weft_i_gcnii_build(weft_model_t *m);
weft_var_t *weft_i_gcnii_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last);
#endif
