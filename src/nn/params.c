/* nn/params.c: named parameters. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "weft/nn.h"

#include <math.h>
#include <string.h>

struct weft_params {
    weft_param_t **param;
    int64_t capacity;
    int32_t n;
    weft_i_rng_t rng;
    weft_status_t status;
};

weft_params_t *weft_params_new(uint64_t seed)
{
    weft_params_t *p = weft_i_calloc(1, sizeof *p);
    if (p) p->rng = (weft_i_rng_t){seed, UINT64_MAX, 0}; /* a stream that no dropout has */
    return p;
}

static void free_param(weft_param_t *p)
{
    if (!p) return;
    weft_i_free(p->name);
    weft_i_free(p->value);
    weft_i_free(p->grad);
    weft_i_free(p);
}

void weft_params_free(weft_params_t *p)
{
    if (!p) return;
    for (int32_t i = 0; i < p->n; i++) free_param(p->param[i]);
    weft_i_free(p->param);
    weft_i_free(p);
}

static weft_param_t *add(weft_params_t *set, const char *name, int64_t rows, int64_t cols, bool trained)
{
    size_t size = (size_t)rows * (size_t)cols * sizeof(weft_real_t);
    weft_param_t *p = set->status == WEFT_OK ? weft_i_calloc(1, sizeof *p) : NULL;
    if (p) {
        p->rows = rows;
        p->cols = cols;
        p->decay = trained ? 1.0 : 0.0;
        p->name = weft_i_strndup(name, strlen(name));
        p->value = weft_i_aligned(size);
        p->grad = trained ? weft_i_aligned(size) : NULL;
        if (p->name && p->value && (p->grad || !trained) && WEFT_I_ROOM(set->param, set->capacity, set->n + 1)) {
            if (trained) memset(p->grad, 0, size);
            return set->param[set->n++] = p;
        }
        free_param(p);
    }
    set->status = WEFT_ENOMEM;
    return NULL;
}

weft_param_t *weft_params_add(weft_params_t *set, const char *name, int64_t rows, int64_t cols, weft_init_t init, int64_t fan)
{
    weft_param_t *p = add(set, name, rows, cols, true);
    if (!p) return NULL;
    double n = fan ? (double)fan : (double)rows;
    double bound = init == WEFT_INIT_GLOROT ? sqrt(6.0 / (n + (double)cols)) : init == WEFT_INIT_HE ? sqrt(6.0 / n) : 1.0 / sqrt(n > 0.0 ? n : 1.0);
    for (int64_t i = 0; i < rows * cols; i++)
        p->value[i] = init == WEFT_INIT_NORMAL ? (weft_real_t)weft_i_rng_normal(&set->rng) : init == WEFT_INIT_ZERO ? 0 : init == WEFT_INIT_ONE ? 1 : (weft_real_t)(bound * (2.0 * weft_i_rng_uniform(&set->rng) - 1.0));
    return p;
}

weft_param_t *weft_params_add_state(weft_params_t *set, const char *name, int64_t cols, weft_real_t value)
{
    weft_param_t *p = add(set, name, 1, cols, false);
    for (int64_t i = 0; p && i < cols; i++) p->value[i] = value;
    return p;
}

weft_status_t weft_params_status(const weft_params_t *p) { return p->status; }
int32_t weft_params_n(const weft_params_t *p) { return p->n; }
weft_param_t *weft_params_at(const weft_params_t *p, int32_t i) { return p->param[i]; }

weft_param_t *weft_params_find(const weft_params_t *p, const char *name)
{
    for (int32_t i = 0; i < p->n; i++)
        if (!strcmp(p->param[i]->name, name)) return p->param[i];
    return NULL;
}

int64_t weft_params_count(const weft_params_t *p)
{
    int64_t n = 0;
    for (int32_t i = 0; i < p->n; i++) n += p->param[i]->grad ? p->param[i]->rows * p->param[i]->cols : 0;
    return n;
}

int64_t weft_params_total(const weft_params_t *p)
{
    int64_t n = 0;
    for (int32_t i = 0; i < p->n; i++) n += p->param[i]->rows * p->param[i]->cols;
    return n;
}

void weft_params_zero_grad(weft_params_t *p)
{
    for (int32_t i = 0; i < p->n; i++)
        if (p->param[i]->grad) memset(p->param[i]->grad, 0, (size_t)(p->param[i]->rows * p->param[i]->cols) * sizeof(weft_real_t));
}

void weft_params_store(const weft_params_t *p, weft_real_t *to)
{
    for (int32_t i = 0; i < p->n; i++) {
        int64_t n = p->param[i]->rows * p->param[i]->cols;
        memcpy(to, p->param[i]->value, (size_t)n * sizeof *to);
        to += n;
    }
}

void weft_params_load(weft_params_t *p, const weft_real_t *from)
{
    for (int32_t i = 0; i < p->n; i++) {
        int64_t n = p->param[i]->rows * p->param[i]->cols;
        memcpy(p->param[i]->value, from, (size_t)n * sizeof *from);
        from += n;
    }
}

static const weft_i_dtype_t dtype = sizeof(weft_real_t) == 4 ? WEFT_I_F32 : WEFT_I_F64;

weft_status_t weft_params_write(const weft_params_t *p, const char *path, const char *const *meta, int32_t n_meta, weft_diag_t *diag)
{
    weft_i_tensor_entry_t *t = weft_i_calloc((size_t)p->n, sizeof *t);
    if (!t) return WEFT_ENOMEM;
    for (int32_t i = 0; i < p->n; i++) {
        const weft_param_t *q = p->param[i];
        t[i] = (weft_i_tensor_entry_t){.name = q->name, .dtype = dtype, .n_dims = 2, .shape = {q->rows, q->cols}, .data = q->value, .n_elements = q->rows * q->cols};
    }
    weft_status_t status = weft_i_safetensors_write(path, t, p->n, meta, n_meta, diag);
    weft_i_free(t);
    return status;
}

weft_status_t weft_params_read(weft_params_t *p, const char *path, weft_diag_t *diag)
{
    weft_i_safetensors_t *f = NULL;
    weft_status_t status;
    WEFT_TRY(weft_i_safetensors_read(&f, path, diag));
    for (int32_t i = 0; i < p->n; i++) { /* all are checked before any is taken */
        const weft_param_t *q = p->param[i];
        const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, q->name);
        if (!t) {
            weft_diag_add(diag, WEFT_ERROR, "params-missing", path, 0, 0, "there is no tensor %s", q->name);
            status = WEFT_EINPUT;
        } else if (t->dtype != dtype || t->n_elements != q->rows * q->cols || t->n_dims > 2 || (t->n_dims == 2 && t->shape[0] != q->rows)) {
            weft_diag_add(diag, WEFT_ERROR, "params-shape", path, 0, 0, "%s: not %s [%lld,%lld]", q->name, sizeof(weft_real_t) == 4 ? "F32" : "F64", (long long)q->rows, (long long)q->cols);
            status = WEFT_EINPUT;
        }
    }
    for (int32_t i = 0; status == WEFT_OK && i < p->n; i++) {
        const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, p->param[i]->name);
        memcpy(p->param[i]->value, t->data, (size_t)t->n_elements * sizeof(weft_real_t));
    }
done:
    weft_i_safetensors_free(f);
    return status;
}

weft_var_t *weft_param_var(weft_tape_t *tape, const weft_param_t *p)
{
    if (p && tape) return weft_tape_leaf(tape, p->value, p->grad, p->rows, p->cols);
    if (tape) weft_tape_fail(tape, WEFT_ENOMEM, "a parameter is missing");
    return NULL;
}
