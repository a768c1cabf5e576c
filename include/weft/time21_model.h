/* weft/time21_model.h: the timing models of the 21-design set as rows of one table, behind one call.
 *
 *   sta         the engine on Steiner wires, 0.16 fF/um and 2 ohm/um: nothing learned
 *   hybrid      weft/hybrid.h: a message-passing net corrects wires, the engine carries it on
 *   timinggcn   weft/level_net.h
 *   preroutgnn  weft/level_net.h */
#ifndef WEFT_TIME21_MODEL_H
#define WEFT_TIME21_MODEL_H
#include "weft/hybrid.h"
#include "weft/level_net.h"
#include "weft/time21.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_time21_model weft_time21_model_t;
typedef struct weft_time21_training {
    weft_hybrid_options_t hybrid;
    weft_level_net_options_t net;
    const char *command; /* told in the file; NULL: none */
} weft_time21_training_t;

/* Name and a line on the i-th row; false beyond the last. */
WEFT_API bool weft_time21_model_row(int32_t i, const char **name, const char **what);
/* Errors: train-model, time21-file (labels), WEFT_ECANCEL. `sta` has nothing to train. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_model_train(weft_time21_model_t **model, const char *name, const weft_time21_t *const *designs, int32_t n, const weft_time21_training_t *training, weft_diag_t *diag);
/* `sta`; a file; or a row's name, which means the shipped weights (models/time21-NAME.safetensors). The library that the designs are read with must
 * hold the cells the weights know: model-library where the file names another. Errors: model-file, model-kind, safetensors-*, params-*. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_model_read(weft_time21_model_t **model, const char *spec, const weft_library_t *library, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_model_write(const weft_time21_model_t *model, const char *path, weft_diag_t *diag);
/* run (NULL: as it comes): for the networks of weft/level_net.h, by blocks or on true states. Errors: train-model (another model is asked so). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_model_answer(const weft_time21_model_t *model, const weft_time21_t *design, const weft_level_run_t *run, weft_time21_answer_t *answer, int64_t *peak, weft_diag_t *diag);
WEFT_API const weft_level_net_t *weft_time21_model_net(const weft_time21_model_t *model); /* NULL: not such a network; borrowed */
/* preroutgnn's auto-encoder as a file. Errors of reading: model-kind, safetensors-*, params-*. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_coder_write(const weft_level_coder_t *coder, const weft_time21_t *const *designs, int32_t n, const char *command, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_coder_read(weft_level_coder_t **coder, const char *path, weft_diag_t *diag);
WEFT_API const char *weft_time21_model_name(const weft_time21_model_t *model);
WEFT_API int64_t weft_time21_model_n_parameters(const weft_time21_model_t *model);
WEFT_API void weft_time21_model_free(weft_time21_model_t *model);

#ifdef __cplusplus
}
#endif
#endif
