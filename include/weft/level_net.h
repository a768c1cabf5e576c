/* weft/level_net.h: the published timing networks, which propagate learned states over the levels of the pin graph, on the 21-design set.
 *
 * timinggcn (Guo et al., DAC 2022; 224,838 parameters): three net convolutions give every pin an embedding and every sink its net delay; states
 * (arrival, log slew, 4 columns each) go level by level, through nets by an MLP and through gates by tables that learned outer products look up.
 * preroutgnn (Zhong et al., AAAI 2024; 1.09 million, and 131,048 in its encoder): level encoding, a graph auto-encoder trained before on reconstructing the pins
 * (its latent values and their mean over the graph join the input), residual net steps, attention over table entries.
 * Losses, joint: mean squares of states, log net delays and cell delays. Training feeds every step the true states of the level before (teacher
 * forcing); an answer runs on its own states from the primary inputs on, or, to measure the gap, on the true ones. Gates' preset and clear arcs, switched
 * off in the set, carry nothing.
 *
 * Departures from the published code: inputs and targets are normed by the training set; designs are cut into blocks of levels that keep what they
 * read from before (weft/partition.h; the published padded windows by choice) and every block is a step of Adam; an epoch draws the same number
 * of blocks from every design; parameters are averaged over steps; first weights
 * make a step hand on the state that it reads (src/predict/level_init.c); the epoch that counts is chosen by the arrival R2 (free-running) of validation
 * designs, never of test designs. */
#ifndef WEFT_LEVEL_NET_H
#define WEFT_LEVEL_NET_H
#include "weft/time21.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_level_net weft_level_net_t;
typedef struct weft_level_coder weft_level_coder_t; /* preroutgnn's auto-encoder */

/* After every epoch; value: R2 of the arrival on the validation designs, free-running (pre-training: minus the reconstruction's loss); NaN: none. False stops. */
typedef bool (*weft_level_epoch_fn)(void *context, int32_t epoch, double loss, double value, double seconds);

typedef struct weft_level_net_options {
    int32_t epochs;            /* at most; 0: 400 */
    int32_t patience;          /* epochs without a better validation value; 0: 20 */
    double lr;                 /* 0: 1e-3 */
    bool cosine;               /* run down to 0 over the epochs */
    double average;            /* decay of averaged parameters, per step; 0: 0.998; below 0: none */
    int64_t budget;            /* nodes of a block; 0: 4000 */
    int32_t draws;             /* blocks of each design in an epoch; 0: 2 */
    bool padded;               /* the published windows: 4 levels around each block */
    uint64_t seed;
    const weft_time21_t *const *validation; /* free-running after every epoch; none: the last epoch counts */
    int32_t n_validation;
    const weft_level_net_t *start; /* weights and norms to begin with, of the same model; NULL: new ones */
    const weft_level_coder_t *coder; /* preroutgnn: trained before; NULL: an untrained encoder */
    bool freeze_encoder;       /* its latent values, of the whole design, stay as they are; else it is trained on, on blocks, as published */
    const char *checkpoint;    /* the state of the training, NULL: none */
    double checkpoint_every;   /* seconds; 0: 60 */
    bool resume;               /* go on from it: the same bits as without the stop */
    weft_level_epoch_fn progress;
    void *progress_context;
} weft_level_net_options_t;

/* model: "timinggcn" or "preroutgnn". Errors: train-model, time21-file (labels), train-diverged, checkpoint-*, WEFT_ECANCEL. The same bits for any number of threads. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_train(weft_level_net_t **net, const char *model, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options,
                                                            weft_diag_t *diag);
/* The auto-encoder, trained to reconstruct the ten columns of every pin from four latent values: pre-training without labels. Options: epochs (0: 100), lr
 * (0: 5e-4), budget, draws, seed, validation, patience, checkpoint. The same errors. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_coder_train(weft_level_coder_t **coder, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options, weft_diag_t *diag);

typedef struct weft_level_run {
    bool forced;               /* every step reads the labels' states */
    int64_t max_nodes;         /* of a block; 0: no limit */
    int64_t max_bytes;         /* of the whole pass; 0: no limit. Errors: partition-budget */
} weft_level_run_t;
/* How an answer would be worked off, and its memory: nothing runs. Owner: the caller (weft_partition_free). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_plan(const weft_level_net_t *net, const weft_time21_t *design, const weft_level_run_t *run, weft_partition_t **plan, weft_diag_t *diag);
/* run NULL: free-running, in one block. Block by block by that plan; the bits do not depend on it. *peak (may be NULL): bytes that the
 * tape held at most. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_answer(const weft_level_net_t *net, const weft_time21_t *design, const weft_level_run_t *run, weft_time21_answer_t *answer, int64_t *peak,
                                                             weft_diag_t *diag);

/* Trained numbers; parts: the network, its encoder. */
WEFT_API int64_t weft_level_net_n_parameters(const weft_level_net_t *net, int64_t parts[2]);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_new(weft_level_net_t **net, const char *model, uint64_t seed, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_write(const weft_level_net_t *net, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_read(weft_level_net_t **net, const char *model, const char *path, weft_diag_t *diag);
WEFT_API void weft_level_net_free(weft_level_net_t *net);

/* parts: encoder, decoder. */
WEFT_API int64_t weft_level_coder_n_parameters(const weft_level_coder_t *coder, int64_t parts[2]);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_coder_new(weft_level_coder_t **coder, uint64_t seed);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_coder_write(const weft_level_coder_t *coder, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_coder_read(weft_level_coder_t **coder, const char *path, weft_diag_t *diag);
WEFT_API void weft_level_coder_free(weft_level_coder_t *coder);

#ifdef __cplusplus
}
#endif
#endif
