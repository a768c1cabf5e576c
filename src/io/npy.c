/* io/npy.c: the header is a Python dict of three known keys; the rest is the array. */
#include "io/npy.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "base/threads.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEHIND = 1 << 20 }; /* values after which pages of a mapping are let go */

typedef struct header { const char *at, *end; bool fortran, swap; } header_t;

static const char *value_of(const header_t *h, const char *key)
{
    size_t n = strlen(key);
    for (const char *p = h->at; p + n < h->end; p++)
        if ((*p == '\'' || *p == '"') && !strncmp(p + 1, key, n) && p + n + 2 < h->end && p[n + 1] == *p) {
            p += n + 2;
            while (p < h->end && (*p == ' ' || *p == ':')) p++;
            return p < h->end ? p : NULL;
        }
    return NULL;
}

static bool type_of(weft_i_npy_t *a, header_t *h)
{
    const char *p = value_of(h, "descr");
    if (!p || (*p != '\'' && *p != '"') || h->end - p < 5) return false;
    char order = p[1], size = p[3];
    a->kind = p[2];
    if (p[4] != p[0] || (order != '<' && order != '>' && order != '|' && order != '=')) return false;
    a->size = size - '0';
    h->swap = order == '>';
    if (a->kind == 'b') return a->size == 1;
    if (a->kind == 'f') return a->size == 4 || a->size == 8;
    return (a->kind == 'i' || a->kind == 'u') && (a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);
}

static bool shape_of(weft_i_npy_t *a, const header_t *h)
{
    const char *p = value_of(h, "shape");
    if (!p || *p != '(') return false;
    a->n = 1;
    for (p++; p < h->end && *p != ')';) {
        int64_t v = 0;
        if (*p == ' ' || *p == ',') {
            p++;
            continue;
        }
        if (*p < '0' || *p > '9' || a->n_dims == WEFT_I_NPY_MAX_DIMS) return false;
        for (; p < h->end && *p >= '0' && *p <= '9'; p++) {
            if (v > INT64_MAX / 100) return false;
            v = 10 * v + (*p - '0');
        }
        if (v && a->n > INT64_MAX / 16 / v) return false;
        a->shape[a->n_dims++] = v;
        a->n *= v;
    }
    return p < h->end;
}

static void copy_values(weft_i_npy_t *a, const header_t *h, const char *from)
{
    size_t size = (size_t)a->size;
    char *to = a->data;
    if (!h->fortran || a->n_dims < 2) memcpy(to, from, (size_t)a->n * size);
    else {
        int64_t at[WEFT_I_NPY_MAX_DIMS] = {0};
        for (int64_t i = 0; i < a->n; i++) { /* i-th value in C order: where it stands in Fortran order */
            int64_t k = 0;
            for (int32_t d = a->n_dims - 1; d >= 0; d--) k = k * a->shape[d] + at[d];
            memcpy(to + (size_t)i * size, from + (size_t)k * size, size);
            for (int32_t d = a->n_dims - 1; d >= 0 && ++at[d] == a->shape[d]; d--) at[d] = 0;
        }
    }
    for (int64_t i = 0; h->swap && i < a->n; i++)
        for (size_t k = 0; k < size / 2; k++) {
            char *p = to + (size_t)i * size, t = p[k];
            p[k] = p[size - 1 - k];
            p[size - 1 - k] = t;
        }
}

static weft_status_t wrong(weft_diag_t *diag, const char *path, const char *id, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, id, path, 0, 0, "%s", text);
    return WEFT_EINPUT;
}

/* The header of `size` bytes that are all there; the values begin at h->end. */
static weft_status_t parse_head(weft_i_npy_t *a, header_t *h, const void *bytes, size_t size, const char *path, weft_diag_t *diag)
{
    const unsigned char *b = bytes;
    *a = (weft_i_npy_t){0};
    if (size < 10 || memcmp(b, "\x93NUMPY", 6)) return wrong(diag, path, "npy-header", "this is no .npy file");
    size_t start = b[6] == 1 ? 10 : 12, length = (size_t)b[8] | (size_t)b[9] << 8;
    if (b[6] < 1 || b[6] > 3 || size < start) return wrong(diag, path, "npy-header", "an .npy version that is not known");
    if (start == 12) length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (length > size - start) return wrong(diag, path, "npy-header", "the header is cut off");
    *h = (header_t){.at = (const char *)b + start, .end = (const char *)b + start + length};
    if (!type_of(a, h)) return wrong(diag, path, "npy-type", "a type that is not read: booleans, integers, 4 and 8 byte floats are");
    const char *order = value_of(h, "fortran_order");
    h->fortran = order && *order == 'T';
    if (!order || !shape_of(a, h)) return wrong(diag, path, "npy-header", "no shape of at most 4 dimensions in the header");
    if ((uint64_t)a->n * (uint64_t)a->size != size - start - length) return wrong(diag, path, "npy-size", "the file's length is not that of its shape");
    return WEFT_OK;
}

weft_status_t weft_i_npy_parse(weft_i_npy_t *a, const void *bytes, size_t size, const char *path, weft_diag_t *diag)
{
    header_t h;
    weft_status_t status = parse_head(a, &h, bytes, size, path, diag);
    if (status != WEFT_OK) return status;
    a->data = weft_i_malloc((size_t)a->n * (size_t)a->size + 1);
    if (!a->data) return WEFT_ENOMEM;
    copy_values(a, &h, h.end);
    return WEFT_OK;
}

weft_status_t weft_i_npy_read(weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *a = (weft_i_npy_t){0};
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = weft_i_npy_parse(a, text.data, text.size, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

weft_status_t weft_i_npy_map(weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    struct stat st;
    header_t h;
    void *map = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size >= WEFT_I_NPY_MAP) map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0) close(fd);
    if (map != MAP_FAILED) {
        bool as_it_is = !memcmp(map, "\x93NUMPY", 6) && parse_head(a, &h, map, (size_t)st.st_size, path, NULL) == WEFT_OK && !h.swap && !h.fortran && (uintptr_t)h.end % (uintptr_t)a->size == 0;
        if (as_it_is) {
            a->data = (void *)(uintptr_t)h.end;
            a->map = map;
            a->map_size = (size_t)st.st_size;
            return WEFT_OK;
        }
        munmap(map, (size_t)st.st_size);
    }
    return weft_i_npy_read(a, path, diag);
}

void weft_i_npy_destroy(weft_i_npy_t *a)
{
    if (a->map) munmap(a->map, a->map_size);
    else weft_i_free(a->data);
    *a = (weft_i_npy_t){0};
}

/* ---- conversions ------------------------------------------------------------------------------------------------ */
static int64_t integer_at(const weft_i_npy_t *a, int64_t i)
{
    switch (a->size) {
    case 1: return a->kind == 'i' ? (int64_t)((const int8_t *)a->data)[i] : (int64_t)((const uint8_t *)a->data)[i];
    case 2: return a->kind == 'i' ? (int64_t)((const int16_t *)a->data)[i] : (int64_t)((const uint16_t *)a->data)[i];
    case 4: return a->kind == 'i' ? (int64_t)((const int32_t *)a->data)[i] : (int64_t)((const uint32_t *)a->data)[i];
    default: return ((const int64_t *)a->data)[i]; /* beyond 2^63 it reads negative, which every caller refuses or has no use for */
    }
}

static double float_at(const weft_i_npy_t *a, int64_t i)
{
    return a->kind != 'f' ? (double)integer_at(a, i) : a->size == 4 ? (double)((const float *)a->data)[i] : ((const double *)a->data)[i];
}

/* The value as an integer within low..high; false: it is none. */
static bool whole(const weft_i_npy_t *a, int64_t i, int64_t low, int64_t high, int64_t *v)
{
    if (a->kind == 'f') {
        double d = float_at(a, i);
        if (!(d >= -9e15 && d <= 9e15) || d != floor(d)) return false;
        *v = (int64_t)d;
    } else *v = integer_at(a, i);
    return *v >= low && *v <= high;
}

static weft_status_t out_of_range(const weft_i_npy_t *a, int64_t i, const char *path, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "npy-range", path, 0, 0, "value %lld, %g, does not fit where it is needed", (long long)i, float_at(a, i));
    return WEFT_EINPUT;
}

weft_status_t weft_i_npy_int32(int32_t **to, const weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    int64_t v;
    *to = weft_i_malloc((size_t)a->n * sizeof **to + 1);
    if (!*to) return WEFT_ENOMEM;
    for (int64_t i = 0; i < a->n; i++) {
        if (!whole(a, i, INT32_MIN, INT32_MAX, &v)) return out_of_range(a, i, path, diag);
        (*to)[i] = (int32_t)v;
        if (a->map && (i + 1) % BEHIND == 0) weft_i_pages_drop((const char *)a->data + (i + 1 - BEHIND) * a->size, (size_t)(BEHIND * a->size));
    }
    return WEFT_OK;
}

weft_status_t weft_i_npy_int64(int64_t **to, const weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    *to = weft_i_malloc((size_t)a->n * sizeof **to + 1);
    if (!*to) return WEFT_ENOMEM;
    for (int64_t i = 0; i < a->n; i++)
        if (!whole(a, i, INT64_MIN, INT64_MAX, &(*to)[i])) return out_of_range(a, i, path, diag);
    return WEFT_OK;
}

weft_status_t weft_i_npy_bytes(uint8_t **to, const weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    int64_t v;
    *to = weft_i_malloc((size_t)a->n + 1);
    if (!*to) return WEFT_ENOMEM;
    for (int64_t i = 0; i < a->n; i++) {
        if (!whole(a, i, 0, UINT8_MAX, &v)) return out_of_range(a, i, path, diag);
        (*to)[i] = (uint8_t)v;
    }
    return WEFT_OK;
}

weft_status_t weft_i_npy_float(float **to, const weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    *to = weft_i_malloc((size_t)a->n * sizeof **to + 1);
    if (!*to) return WEFT_ENOMEM;
    for (int64_t i = 0; i < a->n; i++) {
        (*to)[i] = (float)float_at(a, i);
        if (!isfinite((*to)[i])) return out_of_range(a, i, path, diag);
    }
    return WEFT_OK;
}

weft_status_t weft_i_npy_take_float(float **to, void **map, size_t *map_size, weft_i_npy_t *a, const char *path, weft_diag_t *diag)
{
    *map = NULL;
    *map_size = 0;
    if (a->kind != 'f' || a->size != 4) return weft_i_npy_float(to, a, path, diag);
    const float *v = a->data;
    int64_t bad = a->n;
#pragma omp parallel for num_threads(weft_i_threads_for(a->n)) schedule(static) reduction(min : bad)
    for (int64_t c = 0; c < (a->n + BEHIND - 1) / BEHIND; c++) {
        int64_t i = c * BEHIND, end = i + BEHIND < a->n ? i + BEHIND : a->n;
        while (i < end && isfinite(v[i])) i++;
        if (i < end && i < bad) bad = i;
        if (a->map) weft_i_pages_drop(v + c * BEHIND, (size_t)(end - c * BEHIND) * sizeof *v);
    }
    if (bad < a->n) return out_of_range(a, bad, path, diag);
    *to = a->data;
    *map = a->map;
    *map_size = a->map_size;
    a->data = a->map = NULL;
    return WEFT_OK;
}

size_t weft_i_npy_head(char to[WEFT_I_NPY_HEAD], char kind, int32_t size, int32_t n_dims, const int64_t *shape)
{
    int at = snprintf(to + 10, WEFT_I_NPY_HEAD - 10, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (", size == 1 ? '|' : '<', kind, (int)size);
    for (int32_t d = 0; d < n_dims; d++) at += snprintf(to + 10 + at, (size_t)(WEFT_I_NPY_HEAD - 10 - at), "%lld,%s", (long long)shape[d], d + 1 < n_dims ? " " : "");
    at += snprintf(to + 10 + at, (size_t)(WEFT_I_NPY_HEAD - 10 - at), "), }");
    size_t whole_head = ((size_t)at + 1 + 10 + 63) / 64 * 64 - 10;
    memcpy(to, "\x93NUMPY\x01\x00", 8);
    to[8] = (char)(whole_head & 255);
    to[9] = (char)(whole_head >> 8);
    memset(to + 10 + at, ' ', whole_head - (size_t)at - 1);
    to[10 + whole_head - 1] = '\n';
    return 10 + whole_head;
}

weft_status_t weft_i_npy_write(const char *path, char kind, int32_t size, int32_t n_dims, const int64_t *shape, const void *data, weft_diag_t *diag)
{
    char head[WEFT_I_NPY_HEAD];
    int64_t n = 1;
    for (int32_t d = 0; d < n_dims; d++) n *= shape[d];
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fwrite(head, 1, weft_i_npy_head(head, kind, size, n_dims, shape), out.file);
    fwrite(data, (size_t)size, (size_t)n, out.file);
    return weft_i_out_commit(&out, diag);
}

weft_status_t weft_npy_write_floats(const char *path, int64_t rows, int64_t cols, const float *data, weft_diag_t *diag)
{
    const int64_t shape[2] = {rows, cols};
    return weft_i_npy_write(path, 'f', 4, 2, shape, data, diag);
}
