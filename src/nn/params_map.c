/* nn/params_map.c: parameters from another program's safetensors (a PyTorch state dict, say) by a file that says which tensor is which parameter. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "io/safetensors.h"
#include "weft/nn.h"

#include <string.h>

/* For each tensor of the file the parameter it goes to: its number, SKIP, or NOWHERE as long as no line names it. */
enum { NOWHERE = -1, SKIP = -2 };
typedef struct mapping { int32_t *to; int32_t *from; bool *transpose; } mapping_t; /* to [tensors]; from [params]: NOWHERE or the tensor; transpose [tensors] */

static weft_status_t at_line(const char *path, int32_t line, const char *id, weft_diag_t *diag, const char *text, const char *name)
{
    weft_diag_add(diag, WEFT_ERROR, id, path, line, 0, "%s%s%.200s", text, *name ? " " : "", name);
    return WEFT_EINPUT;
}

static int32_t tensor_of(const weft_i_safetensors_t *f, const char *name)
{
    const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, name);
    return t ? (int32_t)(t - f->tensor) : NOWHERE;
}

static int32_t param_of(const weft_params_t *p, const char *name)
{
    for (int32_t i = 0; i < weft_params_n(p); i++)
        if (!strcmp(weft_params_at(p, i)->name, name)) return i;
    return NOWHERE;
}

/* One line: tensor parameter [transpose]; all lines are looked at before the reading fails. */
static weft_status_t take_line(mapping_t *m, const weft_params_t *p, const weft_i_safetensors_t *f, char *line, const char *path, int32_t number, weft_diag_t *diag)
{
    char *rest = NULL, *tensor = strtok_r(line, " \t\r", &rest), *param = strtok_r(NULL, " \t\r", &rest), *how = strtok_r(NULL, " \t\r", &rest);
    if (!tensor || *tensor == '#') return WEFT_OK;
    if (!param || (how && strcmp(how, "transpose")) || strtok_r(NULL, " \t\r", &rest)) return at_line(path, number, "map-line", diag, "a line is: tensor parameter [transpose], or: tensor -", "");
    int32_t t = tensor_of(f, tensor), q = strcmp(param, "-") ? param_of(p, param) : SKIP;
    if (t < 0) return at_line(path, number, "map-tensor", diag, "the file has no tensor", tensor);
    if (q == NOWHERE) return at_line(path, number, "map-parameter", diag, "the model has no parameter", param);
    if (m->to[t] != NOWHERE || (q >= 0 && m->from[q] != NOWHERE)) return at_line(path, number, "map-twice", diag, "named before:", m->to[t] != NOWHERE ? tensor : param);
    m->to[t] = q;
    m->transpose[t] = how != NULL;
    if (q >= 0) m->from[q] = t;
    return WEFT_OK;
}

static weft_status_t read_map(mapping_t *m, const weft_params_t *p, const weft_i_safetensors_t *f, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK, first = WEFT_OK;
    weft_i_text_t text = {0};
    char *copy = NULL;
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    WEFT_TRY_ALLOC(copy = weft_i_malloc(text.size + 1));
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    int32_t number = 1;
    for (char *line = copy, *end; line < copy + text.size; line = end + 1, number++) {
        end = line + strcspn(line, "\n");
        *end = 0;
        status = take_line(m, p, f, line, path, number, diag);
        if (first == WEFT_OK) first = status;
    }
    status = first;
done:
    weft_i_free(copy);
    weft_i_text_destroy(&text);
    return status;
}

/* [rows, cols] as a tensor may say it: so; turned, where the line says transpose; without a dimension of 1; or [1, heads, columns] for [1, heads columns]. */
static bool fits(const weft_i_tensor_entry_t *t, const weft_param_t *q, bool transpose)
{
    if (t->n_elements != q->rows * q->cols) return false;
    if (t->n_dims == 2) return transpose ? t->shape[0] == q->cols && t->shape[1] == q->rows : t->shape[0] == q->rows && t->shape[1] == q->cols;
    if (transpose) return false;
    return t->n_dims < 2 ? q->rows == 1 || q->cols == 1 : t->n_dims == 3 && t->shape[0] == 1 && q->rows == 1;
}

static bool is_float(weft_i_dtype_t d) { return d == WEFT_I_F32 || d == WEFT_I_F64 || d == WEFT_I_F16 || d == WEFT_I_BF16; }

static float half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h >> 15) << 31, e = h >> 10 & 31, m = h & 1023, bits;
    float v;
    if (!e) { /* a multiple of 2^-24 */
        v = (float)m * 0x1p-24f;
        return sign ? -v : v;
    }
    bits = sign | (e == 31 ? 255u : e + 112u) << 23 | m << 13;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double value_at(const weft_i_tensor_entry_t *t, int64_t i)
{
    const char *p = (const char *)t->data + (size_t)i * weft_i_dtype_size(t->dtype);
    double d;
    float f;
    uint16_t h;
    uint32_t bits;
    switch (t->dtype) {
    case WEFT_I_F64: return memcpy(&d, p, sizeof d), d;
    case WEFT_I_F32: return memcpy(&f, p, sizeof f), (double)f;
    case WEFT_I_F16: return memcpy(&h, p, sizeof h), (double)half(h);
    default: /* BF16: the upper half of a float */
        memcpy(&h, p, sizeof h);
        bits = (uint32_t)h << 16;
        memcpy(&f, &bits, sizeof f);
        return (double)f;
    }
}

static weft_status_t check(const mapping_t *m, const weft_params_t *p, const weft_i_safetensors_t *f, const char *path, const char *map, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t k = 0; k < weft_params_n(p); k++) {
        const weft_param_t *q = weft_params_at(p, k);
        if (m->from[k] == NOWHERE) {
            weft_diag_add(diag, WEFT_ERROR, "params-missing", map, 0, 0, "no line gives parameter %s [%lld,%lld] its values", q->name, (long long)q->rows, (long long)q->cols);
            status = WEFT_EINPUT;
            continue;
        }
        const weft_i_tensor_entry_t *t = &f->tensor[m->from[k]];
        if (is_float(t->dtype) && fits(t, q, m->transpose[m->from[k]])) continue;
        char shape[128] = "";
        for (int32_t d = 0; d < t->n_dims && strlen(shape) < 96; d++) snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%lld", d ? "," : "", (long long)t->shape[d]);
        weft_diag_add(diag, WEFT_ERROR, "params-shape", path, 0, 0, "tensor %s [%s]%s does not fit parameter %s [%lld,%lld]%s", t->name, shape, m->transpose[m->from[k]] ? " transposed" : "", q->name, (long long)q->rows,
                      (long long)q->cols, is_float(t->dtype) ? "" : ": no floating-point numbers");
        status = WEFT_EINPUT;
    }
    for (int32_t t = 0; t < f->n; t++)
        if (m->to[t] == NOWHERE) {
            weft_diag_add(diag, WEFT_ERROR, "params-left", path, 0, 0, "tensor %s goes nowhere; a line \"%s -\" would say that it need not", f->tensor[t].name, f->tensor[t].name);
            status = WEFT_EINPUT;
        }
    return status;
}

weft_status_t weft_params_read_mapped(weft_params_t *p, const char *path, const char *map, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_safetensors_t *f = NULL;
    mapping_t m = {0};
    WEFT_TRY(weft_i_safetensors_read(&f, path, diag));
    WEFT_TRY_ALLOC(m.to = weft_i_malloc(((size_t)f->n + 1) * sizeof *m.to));
    WEFT_TRY_ALLOC(m.from = weft_i_malloc(((size_t)weft_params_n(p) + 1) * sizeof *m.from));
    WEFT_TRY_ALLOC(m.transpose = weft_i_calloc((size_t)f->n + 1, sizeof *m.transpose));
    for (int32_t t = 0; t < f->n; t++) m.to[t] = NOWHERE;
    for (int32_t k = 0; k < weft_params_n(p); k++) m.from[k] = NOWHERE;
    WEFT_TRY(read_map(&m, p, f, map, diag));
    WEFT_TRY(check(&m, p, f, path, map, diag));
    for (int32_t k = 0; k < weft_params_n(p); k++) { /* all were checked before any is taken */
        weft_param_t *q = weft_params_at(p, k);
        const weft_i_tensor_entry_t *t = &f->tensor[m.from[k]];
        for (int64_t i = 0; i < q->rows; i++)
            for (int64_t j = 0; j < q->cols; j++) q->value[i * q->cols + j] = (weft_real_t)value_at(t, m.transpose[m.from[k]] ? j * q->rows + i : i * q->cols + j);
    }
done:
    weft_i_free(m.to);
    weft_i_free(m.from);
    weft_i_free(m.transpose);
    weft_i_safetensors_free(f);
    return status;
}
