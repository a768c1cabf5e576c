/* io/safetensors.c: see safetensors.h. */
#include "io/safetensors.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <jansson.h>
#include <string.h>

static const struct { const char *name; size_t size; } dtypes[WEFT_I_N_DTYPES] = {
    {"F64", 8}, {"I64", 8}, {"F32", 4}, {"I32", 4}, {"F16", 2}, {"BF16", 2}, {"I16", 2}, {"I8", 1}, {"U8", 1}, {"BOOL", 1}};

size_t weft_i_dtype_size(weft_i_dtype_t dtype) { return dtypes[dtype].size; }

static weft_status_t wrong(const char *path, const char *id, const char *name, const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, id, path, 0, 0, "%s%s%s", name ? name : "", name ? ": " : "", what);
    return WEFT_EINPUT;
}

static weft_status_t read_metadata(weft_i_safetensors_t *f, json_t *meta)
{
    weft_status_t status = WEFT_OK;
    const char *key;
    json_t *value;
    size_t n = json_object_size(meta);
    WEFT_TRY_ALLOC(f->meta_key = weft_i_calloc(n + 1, sizeof *f->meta_key));
    WEFT_TRY_ALLOC(f->meta_value = weft_i_calloc(n + 1, sizeof *f->meta_value));
    json_object_foreach(meta, key, value) {
        const char *text = json_string_value(value);
        if (!text) continue;
        WEFT_TRY_ALLOC(f->meta_key[f->n_meta] = weft_i_strndup(key, strlen(key)));
        f->n_meta++;
        WEFT_TRY_ALLOC(f->meta_value[f->n_meta - 1] = weft_i_strndup(text, strlen(text)));
    }
done:
    return status;
}

static weft_status_t read_tensor(weft_i_tensor_entry_t *t, const char *name, json_t *x, const char *data, int64_t size, const char *path, weft_diag_t *diag)
{
    const char *type = json_string_value(json_object_get(x, "dtype"));
    json_t *shape = json_object_get(x, "shape"), *offsets = json_object_get(x, "data_offsets");
    int32_t k = 0;
    while (type && k < WEFT_I_N_DTYPES && strcmp(type, dtypes[k].name)) k++;
    if (!type || k == WEFT_I_N_DTYPES) return wrong(path, "safetensors-tensor", name, "no known dtype", diag);
    if (!json_is_array(shape) || json_array_size(shape) > WEFT_I_MAX_DIMS || json_array_size(offsets) != 2)
        return wrong(path, "safetensors-tensor", name, "shape and data_offsets are needed", diag);
    t->dtype = (weft_i_dtype_t)k;
    t->n_dims = (int32_t)json_array_size(shape);
    t->n_elements = 1;
    for (int32_t i = 0; i < t->n_dims; i++) {
        json_t *d = json_array_get(shape, (size_t)i);
        int64_t v = json_is_integer(d) ? json_integer_value(d) : -1;
        if (v < 0 || (v > 0 && t->n_elements > size / v)) return wrong(path, "safetensors-tensor", name, "the shape does not fit the file", diag);
        t->shape[i] = v;
        t->n_elements *= v;
    }
    json_t *a = json_array_get(offsets, 0), *b = json_array_get(offsets, 1);
    int64_t begin = json_is_integer(a) ? json_integer_value(a) : -1, end = json_is_integer(b) ? json_integer_value(b) : -1;
    if (begin < 0 || end < begin || end > size || end - begin != t->n_elements * (int64_t)dtypes[k].size)
        return wrong(path, "safetensors-tensor", name, "the data offsets do not fit shape and file", diag);
    t->data = data + begin;
    return WEFT_OK;
}

static weft_status_t parse(weft_i_safetensors_t **file, weft_i_text_t *text, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_safetensors_t *f = NULL;
    json_t *header = NULL, *x;
    const char *name;
    json_error_t error;
    uint64_t n = 0;
    *file = NULL;
    for (int i = 0; i < 8 && text->size >= 8; i++) n |= (uint64_t)(unsigned char)text->data[i] << (8 * i);
    if (text->size < 8 || n > text->size - 8 || n > 100u << 20) {
        weft_i_text_destroy(text);
        return wrong(path, "safetensors-header", NULL, "not a safetensors file: the header's length does not fit the file", diag);
    }
    header = json_loadb(text->data + 8, (size_t)n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(header)) {
        status = wrong(path, "safetensors-header", NULL, header ? "the header is no JSON object" : error.text, diag);
        goto done;
    }
    WEFT_TRY_ALLOC(f = weft_i_calloc(1, sizeof *f));
    WEFT_TRY_ALLOC(f->text = weft_i_malloc(sizeof *text));
    memcpy(f->text, text, sizeof *text);
    text->data = NULL;
    const weft_i_text_t *own = f->text;
    WEFT_TRY_ALLOC(f->tensor = weft_i_calloc(json_object_size(header) + 1, sizeof *f->tensor));
    json_object_foreach(header, name, x) {
        if (!strcmp(name, "__metadata__")) {
            if (json_is_object(x) && !f->meta_key) WEFT_TRY(read_metadata(f, x));
            continue;
        }
        weft_i_tensor_entry_t *t = &f->tensor[f->n];
        WEFT_TRY(read_tensor(t, name, x, own->data + 8 + n, (int64_t)(own->size - 8 - n), path, diag));
        WEFT_TRY_ALLOC(t->name = weft_i_strndup(name, strlen(name)));
        f->n++;
    }
    *file = f;
    f = NULL;
done:
    json_decref(header);
    weft_i_safetensors_free(f);
    if (text->data) weft_i_text_destroy(text);
    return status;
}

weft_status_t weft_i_safetensors_read(weft_i_safetensors_t **file, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *file = NULL;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    return status == WEFT_OK ? parse(file, &text, path, diag) : status;
}

weft_status_t weft_i_safetensors_parse(weft_i_safetensors_t **file, const void *data, size_t size, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *file = NULL;
    weft_status_t status = weft_i_text_copy(&text, data, size);
    return status == WEFT_OK ? parse(file, &text, path, diag) : status;
}

void weft_i_safetensors_free(weft_i_safetensors_t *f)
{
    if (!f) return;
    for (int32_t i = 0; i < f->n_meta; i++) {
        weft_i_free(f->meta_key[i]);
        weft_i_free(f->meta_value[i]);
    }
    for (int32_t i = 0; i < f->n; i++) weft_i_free((void *)f->tensor[i].name);
    weft_i_free(f->meta_key);
    weft_i_free(f->meta_value);
    weft_i_free(f->tensor);
    if (f->text) weft_i_text_destroy(f->text);
    weft_i_free(f->text);
    weft_i_free(f);
}

const weft_i_tensor_entry_t *weft_i_safetensors_find(const weft_i_safetensors_t *f, const char *name)
{
    for (int32_t i = 0; i < f->n; i++)
        if (!strcmp(f->tensor[i].name, name)) return &f->tensor[i];
    return NULL;
}

const char *weft_i_safetensors_meta(const weft_i_safetensors_t *f, const char *key)
{
    for (int32_t i = 0; i < f->n_meta; i++)
        if (!strcmp(f->meta_key[i], key)) return f->meta_value[i];
    return NULL;
}

/* The header as text, padded with blanks so that the data start at a multiple of 64. */
static char *make_header(const weft_i_tensor_entry_t *t, int32_t n, const int32_t *order, const char *const *meta, int32_t n_meta, size_t *size)
{
    json_t *root = json_object(), *m = json_object();
    int64_t at = 0;
    for (int32_t i = 0; i < n_meta; i++) json_object_set_new(m, meta[2 * i], json_string(meta[2 * i + 1]));
    json_object_set_new(root, "__metadata__", m);
    for (int32_t i = 0; i < n; i++) {
        const weft_i_tensor_entry_t *e = &t[order[i]];
        json_t *shape = json_array();
        for (int32_t k = 0; k < e->n_dims; k++) json_array_append_new(shape, json_integer(e->shape[k]));
        int64_t bytes = e->n_elements * (int64_t)dtypes[e->dtype].size;
        json_object_set_new(root, e->name, json_pack("{s:s, s:o, s:[I,I]}", "dtype", dtypes[e->dtype].name, "shape", shape, "data_offsets", (json_int_t)at, (json_int_t)(at + bytes)));
        at += bytes;
    }
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (!text) return NULL;
    size_t length = strlen(text);
    *size = (length + 8 + 63) / 64 * 64 - 8;
    char *padded = weft_i_malloc(*size);
    if (padded) {
        memcpy(padded, text, length);
        memset(padded + length, ' ', *size - length);
    }
    free(text);
    return padded;
}

weft_status_t weft_i_safetensors_write(const char *path, const weft_i_tensor_entry_t *t, int32_t n, const char *const *meta, int32_t n_meta, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_out_t out = {0};
    size_t size = 0;
    char *header = NULL;
    int32_t *order = weft_i_malloc((size_t)n * sizeof *order + 1), k = 0;
    bool open = false;
    WEFT_TRY_ALLOC(order);
    for (int32_t d = 0; d < WEFT_I_N_DTYPES; d++) /* dtypes stand widest first */
        for (int32_t i = 0; i < n; i++)
            if ((int32_t)t[i].dtype == d) order[k++] = i;
    WEFT_TRY_ALLOC(header = make_header(t, n, order, meta, n_meta, &size));
    WEFT_TRY(weft_i_out_open(&out, path, diag));
    open = true;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)size >> (8 * i));
    fwrite(length, 1, 8, out.file);
    fwrite(header, 1, size, out.file);
    for (int32_t i = 0; i < n; i++) fwrite(t[order[i]].data, dtypes[t[order[i]].dtype].size, (size_t)t[order[i]].n_elements, out.file);
    open = false;
    WEFT_TRY(weft_i_out_commit(&out, diag)); /* write errors are seen here */
done:
    if (open) weft_i_out_abort(&out);
    weft_i_free(order);
    weft_i_free(header);
    return status;
}
