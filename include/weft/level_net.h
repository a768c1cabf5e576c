/* weft/level_net.h: the published timing networks, which propagate learned states over the levels of the pin graph, on the 21-design set.
 *
 * timinggcn (Guo et al., DAC 2022; 224,838 parameters): three net convolutions give every pin an embedding and every sink its net delay; states
 * (arrival, log slew, 4 columns each) go level by level, through nets by an MLP and through gates by tables that learned outer products look up.
 * preroutgnn (Zhong et al., AAAI 2024): level encoding, a graph auto-encoder trained before on reconstructing the pins (its latent values and
 * their mean over the graph join the input), residual net steps, attention over table entries.
 * Training feeds every step the true states of the level before; an answer runs on its own states from the primary inputs on. Gates' preset
 * and clear arcs, switched off in the set, carry nothing. Departures: inputs and targets are normed by the
 * training set, which is partitioned for one Adam step per part; cosine rate; the last epoch counts. */
#ifndef WEFT_LEVEL_NET_H
#define WEFT_LEVEL_NET_H
#include "weft/time21.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_level_net weft_level_net_t;
typedef struct weft_level_net_options {
    int32_t epochs;            /* 0: 400 */
    int32_t pretrain_epochs;   /* of the auto-encoder, preroutgnn; 0: 200 */
    double lr;                 /* 0: 1e-3, by cosine to 0 */
    int64_t budget;            /* nodes of a part in training (weft_time21_partition); 0: 4000 */
    uint64_t seed;
    double seconds;            /* stop training after so long, with the rate run down by then; 0: no limit */
    const char *checkpoint;    /* continued where it is there, written every minute and at a stop; NULL: none */
    bool (*progress)(void *context, int32_t epoch, double loss, double seconds); /* after every epoch; false stops */
    void *progress_context;
} weft_level_net_options_t;

/* model: "timinggcn" or "preroutgnn". Errors: train-model, time21-file (labels), WEFT_ECANCEL. The same bits for any number of threads. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_train(weft_level_net_t **net, const char *model, const weft_time21_t *const *designs, int32_t n, const weft_level_net_options_t *options,
                                                            weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_answer(const weft_level_net_t *net, const weft_time21_t *design, weft_time21_answer_t *answer, weft_diag_t *diag);
/* Trained numbers; preroutgnn: the network, its encoder, its decoder in parts[0..2]. */
WEFT_API int64_t weft_level_net_n_parameters(const weft_level_net_t *net, int64_t parts[3]);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_new(weft_level_net_t **net, const char *model, uint64_t seed, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_write(const weft_level_net_t *net, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_level_net_read(weft_level_net_t **net, const char *model, const char *path, weft_diag_t *diag);
WEFT_API void weft_level_net_free(weft_level_net_t *net);

#ifdef __cplusplus
}
#endif
#endif
