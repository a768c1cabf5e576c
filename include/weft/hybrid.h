/* weft/hybrid.h: physics and a net: a message-passing net over placement and netlist says what physics cannot know before routing
 * (how much wire, how much delay in it), and the timing engine carries it through exact tables over the levels.
 *
 * For the 21-design set (weft/time21.h): Steiner wires with two constants and the engine give a first answer; from it the net reads, per net,
 * the logarithms of the factors of capacitance and resistance, and per pin corrections of net delay and slew; the engine then runs again
 * with these wires and net delays. Trained on what the labels say of each (the factors are sought, see src/features/time21_fit.c). */
#ifndef WEFT_HYBRID_H
#define WEFT_HYBRID_H
#include "weft/time21.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_hybrid weft_hybrid_t;
typedef struct weft_hybrid_options {
    int32_t epochs;      /* 0: 200 */
    double lr;           /* 0: 3e-3, by cosine to 0 */
    double dropout;      /* 0: none */
    uint64_t seed;
    weft_progress_fn progress; /* after every epoch */
    void *progress_context;
} weft_hybrid_options_t;

/* Trains on these designs, which need all labels. The same bits for any number of threads. Errors: time21-file (labels), WEFT_ECANCEL. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_hybrid_train_time21(weft_hybrid_t **model, const weft_time21_t *const *designs, int32_t n, const weft_hybrid_options_t *options, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_hybrid_time21(const weft_hybrid_t *model, const weft_time21_t *design, weft_time21_answer_t *answer, weft_diag_t *diag);
/* meta: key, value, .. as in weft_params_write. Errors of reading: safetensors-*, params-*, model-kind. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_hybrid_write(const weft_hybrid_t *model, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_hybrid_read(weft_hybrid_t **model, const char *path, weft_diag_t *diag);
WEFT_API int64_t weft_hybrid_n_parameters(const weft_hybrid_t *model);
WEFT_API void weft_hybrid_free(weft_hybrid_t *model);

#ifdef __cplusplus
}
#endif
#endif
