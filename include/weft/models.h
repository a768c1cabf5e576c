/* weft/models.h: named assemblies of layers from one options struct. */
#ifndef WEFT_MODELS_H
#define WEFT_MODELS_H
#include "weft/gps.h"
#include "weft/impn.h"
#include "weft/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_activation { WEFT_ACT_RELU = 0, WEFT_ACT_ELU, WEFT_ACT_GELU, WEFT_ACT_LEAKY, WEFT_ACT_NONE } weft_activation_t;
typedef enum weft_jump { WEFT_JUMP_LAST = 0, WEFT_JUMP_SUM, WEFT_JUMP_CAT, WEFT_JUMP_MAX, WEFT_JUMP_LSTM, WEFT_JUMP_AUTO } weft_jump_t; /* AUTO: training chooses (pgnn: LAST or CAT); else LAST */
typedef enum weft_pooling { WEFT_POOL_SUM = 0, WEFT_POOL_MEAN, WEFT_POOL_MAX, WEFT_POOL_ATTENTION } weft_pooling_t;

typedef struct weft_model_options {
    const char *model;        /* a name of weft_model_names */
    int64_t in, edge_in, out; /* columns of features, of edge features (0: none), of the result */
    int32_t layers, hidden, heads, out_heads; /* hidden: columns in all (gat: heads x hidden / heads, see per_head) */
    int32_t k;                /* steps of appnp, sgc, dagnn, gprgnn, pgnn; rounds of h2gcn */
    double dropout, input_dropout, attention_dropout;
    double alpha, lambda;     /* appnp, gcnii: teleport; gcnii: strength of the maps */
    double p, mu, beta_scale, eps; /* pgnn: see weft_plaplacian */
    bool mask, learn_p, learn_mu, detach;
    weft_norm_kind_t norm;
    weft_activation_t activation;
    weft_jump_t jump;
    weft_reduce_t reduce;     /* sage */
    bool lstm;                /* sage: an LSTM over the neighbours instead */
    weft_aggregator_t aggregator; /* impn */
    weft_pooling_t pooling;   /* graph tasks */
    bool residual;            /* each layer adds a linear map of its input */
    bool skip;                /* each hidden layer adds its input itself: x + act(norm(conv(x))), after an input map */
    bool head;                /* the last layer is hidden and a linear map follows; always for graph tasks */
    bool decay_first;         /* weight decay on the first layer alone */
    bool graph_task;
    bool train_eps;           /* gin, gine */
    double delta;             /* pna: see weft_pna_delta */
    int32_t relations;        /* rgcn: of the topology, see weft_model_topology */
    double conv_decay;        /* gcnii: factor of the weight decay in its convolutions */
    /* gps (layers, hidden, heads, dropout, attention_dropout, norm, activation relu or gelu, pooling as elsewhere): */
    weft_local_kind_t local;
    weft_global_kind_t global;
    weft_position_kind_t position;
    int32_t position_k, position_width; /* frequencies or steps; columns beside the features' hidden - position_width */
    int32_t groups, degree, top_k; /* see weft_global_options_t; top_k: with softmax */
    bool sink, gate;          /* likewise; gate: with softmax */
    bool embed;               /* features are one-hot codes: their maps have no bias */
    weft_adapter_kind_t adapter; /* behind global attention; p: with softmax or bigbird */
    weft_adapter_rule_t adapter_rule;
    int32_t adapter_width;
    int32_t landmarks;        /* impn: pairs of landmarks per round, see weft_landmarks; they need relation vectors */
    int32_t head_layers;      /* 0: hidden -> hidden/2 -> hidden/4 -> out, relu between; else so many maps, relu and rows of unit length between */
} weft_model_options_t;
WEFT_API weft_model_options_t weft_model_defaults(void);
WEFT_API const char *const *weft_model_names(void); /* ended by NULL */

/* What a model looks at; everything borrowed. */
typedef struct weft_batch {
    const weft_topology_t *topology;
    const weft_topology_t *const *layers; /* NULL: topology is that of every layer; else layer l has layers[l], whose destinations are the sources of the next (weft/sample.h): sage, without jump and graph norm */
    const weft_real_t *x;          /* dense [n, in]; NULL: */
    const weft_graph_t *x_rows;    /* sparse: rows of features, */
    const weft_real_t *x_value;    /* their values */
    int64_t n_nodes;
    const weft_real_t *edge_x;     /* [n_arcs, edge_in] in the order of topology->graph, or NULL */
    const weft_graph_t *members;   /* nodes -> graphs, for graph tasks and graph norm */
    const weft_graph_t *spread;    /* graphs -> nodes, for graph norm */
    const weft_global_plan_t *global; /* gps */
    const weft_real_t *position;   /* gps: [n_nodes, weft_position_columns] */
    const weft_graph_t *x_own;     /* sparse, with layers: the first rows of x_rows that are layer 0's destinations, as a graph; their values are the first of x_value. NULL: none */
} weft_batch_t;

/* The forms of a graph that a model by this name looks at. relation [n_arcs] in 0..n_relations-1 (rgcn; NULL: the three by degree of
 * weft_topology_add_degree_relations). Owner: the caller, by weft_topology_destroy. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_model_topology(weft_topology_t *topology, const weft_graph_t *graph, const char *model, int32_t n_relations, const int32_t *relation, weft_diag_t *diag);

/* What gps asks of a graph: the options of its plan. The random features and expanders of a model are a function of its options alone. */
WEFT_API weft_global_options_t weft_model_global_options(const weft_model_options_t *options);

typedef struct weft_model weft_model_t;
/* Errors: model-unknown, model-option. Owner: the caller. Parameters are a function of the seed. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_model_new(weft_model_t **model, const weft_model_options_t *options, uint64_t seed, weft_diag_t *diag);
WEFT_API void weft_model_free(weft_model_t *model);
WEFT_API weft_params_t *weft_model_params(const weft_model_t *model);
/* [n_nodes, out], or [graphs, out] for graph tasks; owned by the tape. The model is const: many tapes may use it at once in evaluation. */
WEFT_API weft_var_t *weft_model_forward(const weft_model_t *model, weft_tape_t *tape, const weft_batch_t *batch);
/* *last: the rows that the last linear map sees (embeddings); may be NULL where a model has none. */
WEFT_API weft_var_t *weft_model_embed(const weft_model_t *model, weft_tape_t *tape, const weft_batch_t *batch, weft_var_t **last);

#ifdef __cplusplus
}
#endif
#endif
