/* base/model_path.h: where model files are looked for: $WEFT_MODELS, else the installed folder, then the source tree's. */
#ifndef WEFT_BASE_MODEL_PATH_H
#define WEFT_BASE_MODEL_PATH_H
#include "weft/base.h"

/* The folders in the order they are looked at; NULL: no more. */
const char *weft_i_model_folder(int32_t i);
/* The path of a model: `spec` itself where it is one or has a '/', else FOLDER/SPEC.safetensors. False: not there. */
bool weft_i_model_find(const char *spec, char *path, size_t size);
#endif
