/* predict/level_net.h: the networks of weft/level_net.h as layers. Widths: facts of the published code, see the table in level_net.c. */
#ifndef WEFT_PREDICT_LEVEL_NET_H
#define WEFT_PREDICT_LEVEL_NET_H
#include "predict/level_data.h"
#include "weft/level_net.h"
#include "weft/nn.h"

enum { WEFT_I_MOST_CONVS = 4, WEFT_I_STATE = 8, WEFT_I_RAW = 10, WEFT_I_PLACED = 19, WEFT_I_LATENT = 4, WEFT_I_CODER_LAYERS = 4 };

typedef struct weft_i_net_conv { weft_mlp_t to_sink, to_driver, reduce; } weft_i_net_conv_t;
typedef struct weft_i_coder { weft_mlp_t message[WEFT_I_CODER_LAYERS], update[WEFT_I_CODER_LAYERS]; } weft_i_coder_t;

typedef struct weft_i_level_kind {
    const char *name;
    int32_t width, n_convs;
    bool attention; /* preroutgnn: level encoding, auto-encoder, residual steps, attention over tables */
} weft_i_level_kind_t;

/* The auto-encoder of pre-training; a network has an encoder of its own. */
struct weft_level_coder {
    weft_params_t *params;
    weft_param_t *norm;
    weft_i_coder_t encoder, decoder;
    int64_t n_encoder;
};

struct weft_level_net {
    const weft_i_level_kind_t *kind;
    weft_params_t *params;
    weft_linear_t up;
    weft_i_net_conv_t conv[WEFT_I_MOST_CONVS];
    weft_mlp_t head, net_step, query, lut, message, reduce;
    weft_linear_t q, out;                   /* of the attention; keys and values are numbers */
    weft_param_t *k, *v, *v_bias;           /* [1, 32] */
    weft_i_coder_t encoder;
    int64_t n_encoder;
    weft_param_t *norm;                     /* weft_i_level_norm_t as a row */
};

typedef struct weft_i_level_out { weft_var_t *embedding, *net_delay; } weft_i_level_out_t; /* [n, h] and [n, 4], log net delay */
typedef struct weft_i_level_state { weft_var_t *sinks, *outputs, *cell_delay; } weft_i_level_state_t; /* [n_net, 8], [n_dst, 8], [n_cell, 4] */

/* First weights with which steps hand on states (level_init.c): h columns of the embedding, `half` of the summed messages. */
void weft_i_level_init(weft_level_net_t *net, int64_t h, int64_t half);
/* Everything before the propagation. */
weft_i_level_out_t weft_i_level_embed(const weft_level_net_t *net, weft_tape_t *tape, const weft_i_level_data_t *d);
/* One step: states [n, 8] and embedding [n, h] of all nodes. Parts without edges are NULL. */
weft_i_level_state_t weft_i_level_step(const weft_level_net_t *net, weft_tape_t *tape, const weft_i_level_step_t *s, weft_var_t *state, weft_var_t *embedding);
/* Auto-encoder: mean squared error of the reconstructed raw columns. */
weft_var_t *weft_i_level_reconstruct(const weft_level_coder_t *coder, weft_tape_t *tape, const weft_i_level_data_t *d);
/* latent [n_nodes, 8]: the latent values of every node and their mean over the design, layer by layer in blocks of `block` nodes, from which no bit
 * depends. Memory: 2 x 32 reals per node, and what a block takes. */
weft_status_t weft_i_level_latents(const weft_level_net_t *net, weft_tape_t *tape, const weft_time21_t *t, int64_t block, float *latent, weft_diag_t *diag);
const weft_i_level_norm_t *weft_i_level_norm(const weft_level_net_t *net);
#endif
