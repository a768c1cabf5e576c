/* timing/model_file.h: calibrated wire models as safetensors files, and which one suits a library. */
#ifndef WEFT_TIMING_MODEL_FILE_H
#define WEFT_TIMING_MODEL_FILE_H
#include "timing/wire_model.h"
#include "weft/library.h"

/* `spec`: a path, or a name to be found as NAME.safetensors in the model folders. Fills the model. Errors: model-file (not
 * found), model-content (something the file says does not fit), and those of io/safetensors.h. */
WEFT_MUST_CHECK weft_status_t weft_i_model_file_read(weft_wire_model_t *model, const char *spec, weft_diag_t *diag);

typedef struct weft_i_model_story { /* what a model file says of itself, besides the numbers */
    const weft_library_t *library;  /* its hash and cell names are kept */
    const char *title, *trained_on, *command;
    int64_t n_nets;
    double cap_error, res_error;    /* median |log| on the training nets */
} weft_i_model_story_t;
WEFT_MUST_CHECK weft_status_t weft_i_model_file_write(const weft_wire_model_t *model, const weft_i_model_story_t *story, const char *path,
                                                      weft_diag_t *diag);
#endif
