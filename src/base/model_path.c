/* base/model_path.c: see model_path.h. */
#include "base/model_path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *weft_i_model_folder(int32_t i)
{
    const char *own = getenv("WEFT_MODELS");
    if (own && *own) return i ? NULL : own;
    return i == 0 ? WEFT_MODELS_DIR : i == 1 ? WEFT_SOURCE_MODELS_DIR : NULL;
}

bool weft_i_model_find(const char *spec, char *path, size_t size)
{
    snprintf(path, size, "%s", spec);
    if (strchr(spec, '/') || access(path, R_OK) == 0) return true;
    for (int32_t i = 0; weft_i_model_folder(i); i++) {
        snprintf(path, size, "%s/%s.safetensors", weft_i_model_folder(i), spec);
        if (access(path, R_OK) == 0) return true;
    }
    return false;
}
