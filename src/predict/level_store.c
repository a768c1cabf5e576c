/* predict/level_store.c: networks of level_net.h as files. */
#include "predict/level_net.h"

weft_status_t weft_level_net_write(const weft_level_net_t *m, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag) { return weft_params_write(m->params, path, meta, n_meta, diag); }

weft_status_t weft_level_net_read(weft_level_net_t **net, const char *model, const char *path, weft_diag_t *diag)
{
    weft_status_t status = weft_level_net_new(net, model, 0, diag);
    if (status == WEFT_OK) status = weft_params_read((*net)->params, path, diag);
    if (status == WEFT_OK) return status;
    weft_level_net_free(*net);
    *net = NULL;
    return status;
}

weft_status_t weft_level_coder_write(const weft_level_coder_t *c, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag) { return weft_params_write(c->params, path, meta, n_meta, diag); }

weft_status_t weft_level_coder_read(weft_level_coder_t **coder, const char *path, weft_diag_t *diag)
{
    weft_status_t status = weft_level_coder_new(coder, 0);
    if (status == WEFT_OK) status = weft_params_read((*coder)->params, path, diag);
    if (status == WEFT_OK) return status;
    weft_level_coder_free(*coder);
    *coder = NULL;
    return status;
}
