/* timing/model_file.c: see model_file.h. Tensors: {cap,res}.{first,feature,left} i32, {cap,res}.{threshold,value} f32; all else
 * in the metadata key `weft`, a JSON text. Tensors net.* belong to a room above (predict/net_model.c). */
#include "timing/model_file.h"
#include "base/alloc.h"
#include "base/model_path.h"
#include "base/status.h"
#include "circuit/library_names.h"
#include "io/safetensors.h"
#include "timing/wire_scales.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static weft_status_t misfit(const char *path, const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "model-content", path, 0, 0, "not a wire model of this version: %s", what);
    return WEFT_EINPUT;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */
static const void *column(const weft_i_safetensors_t *f, const char *part, const char *name, weft_i_dtype_t dtype, int64_t *n)
{
    char full[32];
    snprintf(full, sizeof full, "%s.%s", part, name);
    const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, full);
    if (!t || t->dtype != dtype || t->n_dims != 1 || t->n_elements > INT32_MAX) return NULL;
    *n = t->n_elements;
    return t->data;
}

/* Children lie behind their parent, so that every walk ends. */
static bool trees_sound(const weft_i_boost_t *m)
{
    for (int32_t t = 0; t < m->n_trees; t++) {
        if (m->first[t] < 0 || m->first[t] >= m->first[t + 1] || m->first[t + 1] > m->n_nodes) return false;
        for (int32_t i = m->first[t]; i < m->first[t + 1]; i++) {
            if (m->feature[i] < -1 || m->feature[i] >= m->n_features) return false;
            if (m->feature[i] >= 0 && (m->left[i] <= i || m->left[i] >= m->first[t + 1] - 1)) return false;
            if (!isfinite(m->value[i]) || isnan(m->threshold[i])) return false;
        }
    }
    return true;
}

static weft_status_t read_trees(weft_i_boost_t **out, const weft_i_safetensors_t *f, const char *part, double base, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_boost_t *m = NULL;
    int64_t n[5] = {0};
    const void *first = column(f, part, "first", WEFT_I_I32, &n[0]), *feature = column(f, part, "feature", WEFT_I_I32, &n[1]),
               *left = column(f, part, "left", WEFT_I_I32, &n[2]), *threshold = column(f, part, "threshold", WEFT_I_F32, &n[3]),
               *value = column(f, part, "value", WEFT_I_F32, &n[4]);
    if (!first || !feature || !left || !threshold || !value || n[0] < 1 || n[1] != n[2] || n[1] != n[3] || n[1] != n[4])
        return misfit(path, "a tensor of the trees is missing or of another size", diag);
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    m->n_features = WEFT_I_N_WIRE_FEATURES;
    m->n_trees = (int32_t)n[0] - 1;
    m->n_nodes = (int32_t)n[1];
    m->base = base;
    WEFT_TRY_ALLOC(m->first = weft_i_malloc((size_t)n[0] * 4));
    WEFT_TRY_ALLOC(m->feature = weft_i_malloc((size_t)n[1] * 4 + 1));
    WEFT_TRY_ALLOC(m->left = weft_i_malloc((size_t)n[1] * 4 + 1));
    WEFT_TRY_ALLOC(m->threshold = weft_i_malloc((size_t)n[1] * 4 + 1));
    WEFT_TRY_ALLOC(m->value = weft_i_malloc((size_t)n[1] * 4 + 1));
    memcpy(m->first, first, (size_t)n[0] * 4);
    memcpy(m->feature, feature, (size_t)n[1] * 4);
    memcpy(m->left, left, (size_t)n[1] * 4);
    memcpy(m->threshold, threshold, (size_t)n[1] * 4);
    memcpy(m->value, value, (size_t)n[1] * 4);
    if (!trees_sound(m)) WEFT_TRY(misfit(path, "the trees are damaged", diag));
    *out = m;
    m = NULL;
done:
    weft_i_boost_free(m);
    return status;
}

static const char kept_prefix[] = "net.";

/* Tensors for a room above: f32, one or two dimensions. */
static weft_status_t read_kept(weft_wire_model_t *m, const weft_i_safetensors_t *f, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t n = 0;
    for (int32_t i = 0; i < f->n; i++) n += !strncmp(f->tensor[i].name, kept_prefix, sizeof kept_prefix - 1);
    if (!n) return WEFT_OK;
    WEFT_TRY_ALLOC(m->kept = weft_i_calloc((size_t)n, sizeof *m->kept));
    for (int32_t i = 0; i < f->n; i++) {
        const weft_i_tensor_entry_t *t = &f->tensor[i];
        if (strncmp(t->name, kept_prefix, sizeof kept_prefix - 1)) continue;
        if (t->dtype != WEFT_I_F32 || t->n_dims < 1 || t->n_dims > 2 || t->n_elements < 1) WEFT_TRY(misfit(path, "a tensor of the net is of another type", diag));
        weft_i_kept_tensor_t *k = &m->kept[m->n_kept++];
        k->rows = t->n_dims == 2 ? t->shape[0] : 1;
        k->cols = t->shape[t->n_dims - 1];
        WEFT_TRY_ALLOC(k->name = weft_i_strndup(t->name, strlen(t->name)));
        WEFT_TRY_ALLOC(k->value = weft_i_malloc((size_t)t->n_elements * sizeof *k->value));
        memcpy(k->value, t->data, (size_t)t->n_elements * sizeof *k->value);
    }
done:
    return status;
}

/* A finite number of the card within sane bounds. */
static bool get(json_t *card, const char *key, double low, double high, double *out)
{
    json_t *v = json_object_get(card, key);
    if (!json_is_number(v)) return false;
    *out = json_number_value(v);
    return *out >= low && *out <= high;
}

static weft_status_t take_card(weft_wire_model_t *m, json_t *card, const weft_i_safetensors_t *f, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    double c, r, c_pin, r_edge, cap_base, res_base;
    const char *kind = json_string_value(json_object_get(card, "kind"));
    json_t *names = json_object_get(card, "features");
    if (!kind || strcmp(kind, "wire-model-2")) return misfit(path, "`kind` is not wire-model-2", diag);
    if (json_array_size(names) != WEFT_I_N_WIRE_FEATURES) return misfit(path, "other features", diag);
    for (int32_t i = 0; i < WEFT_I_N_WIRE_FEATURES; i++) {
        const char *name = json_string_value(json_array_get(names, (size_t)i));
        if (!name || strcmp(name, weft_i_wire_feature_name(i))) return misfit(path, "other features", diag);
    }
    if (!get(card, "c_fF_per_um", 0, 1e3, &c) || !get(card, "r_ohm_per_um", 0, 1e6, &r) || !get(card, "c_fF_per_pin", 0, 1e3, &c_pin)
        || !get(card, "r_ohm_per_edge", 0, 1e6, &r_edge) || !get(card, "cap_base", -5, 5, &cap_base) || !get(card, "res_base", -5, 5, &res_base)
        || !get(card, "cap_spread", 0, 5, &m->cap_spread) || !get(card, "res_spread", 0, 5, &m->res_spread)
        || !get(card, "hold_interval_ps", 0, 1e9, &m->interval[0]) || !get(card, "setup_interval_ps", 0, 1e9, &m->interval[1])
        || !get(card, "cap_offset", -5, 5, &m->cap_offset) || !get(card, "res_offset", -5, 5, &m->res_offset))
        return misfit(path, "a constant is missing or absurd", diag);
    m->net_alone = json_is_true(json_object_get(card, "net_alone"));
    m->c = c * 1e-9;
    m->r = r * 1e6;
    m->c_pin = c_pin * 1e-15;
    m->r_edge = r_edge;
    m->interval[0] *= 1e-12;
    m->interval[1] *= 1e-12;
    WEFT_TRY(read_trees(&m->cap_trees, f, "cap", cap_base, path, diag));
    WEFT_TRY(read_trees(&m->res_trees, f, "res", res_base, path, diag));
    WEFT_TRY(read_kept(m, f, path, diag));
done:
    return status;
}

static weft_status_t read_card(const weft_i_safetensors_t *f, const char *path, json_t **card, weft_diag_t *diag)
{
    const char *text = weft_i_safetensors_meta(f, "weft");
    json_error_t error;
    *card = text ? json_loads(text, 0, &error) : NULL;
    return *card ? WEFT_OK : misfit(path, "no metadata key `weft` with JSON in it", diag);
}

weft_status_t weft_i_model_file_read(weft_wire_model_t *m, const char *spec, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_safetensors_t *f = NULL;
    json_t *card = NULL;
    char path[4096];
    if (!weft_i_model_find(spec, path, sizeof path)) {
        weft_diag_add(diag, WEFT_ERROR, "model-file", NULL, 0, 0, "no wire model %s: not zero, lef, mst:C,R, steiner:C,R, a file, or a name in the model folder", spec);
        return WEFT_EINPUT;
    }
    WEFT_TRY(weft_i_safetensors_read(&f, path, diag));
    WEFT_TRY(read_card(f, path, &card, diag));
    WEFT_TRY(take_card(m, card, f, path, diag));
    const char *text = weft_i_safetensors_meta(f, "weft");
    WEFT_TRY_ALLOC(m->json = weft_i_strndup(text, strlen(text)));
    weft_i_free(m->name);
    WEFT_TRY_ALLOC(m->name = weft_i_strndup(path, strlen(path)));
done:
    json_decref(card);
    weft_i_safetensors_free(f);
    return status;
}

/* ---- choosing ----------------------------------------------------------------------------------------------- */
typedef struct candidate { char path[4096]; double share; bool same_library; } candidate_t;

static void consider(candidate_t *best, const char *path, const weft_library_t *l)
{
    weft_i_safetensors_t *f = NULL;
    json_t *card = NULL;
    candidate_t c = {.share = 0.0};
    snprintf(c.path, sizeof c.path, "%s", path);
    if (weft_i_safetensors_read(&f, path, NULL) == WEFT_OK && read_card(f, path, &card, NULL) == WEFT_OK) {
        char hash[20];
        size_t i;
        json_t *h;
        int32_t n = 0;
        snprintf(hash, sizeof hash, "%016" PRIx64, l->hash);
        json_array_foreach(json_object_get(card, "library_hashes"), i, h)
            if (json_is_string(h) && !strcmp(json_string_value(h), hash)) c.same_library = true;
        const char *cells = json_string_value(json_object_get(card, "cells"));
        while (cells && *cells) { /* names parted by blanks */
            const char *end = strchrnul(cells, ' ');
            n += weft_library_find_cell(l, cells, (size_t)(end - cells)) >= 0;
            cells = *end ? end + 1 : end;
        }
        c.share = l->n_cells ? (double)n / l->n_cells : 0.0;
        bool better = c.same_library != best->same_library ? c.same_library : c.share > best->share || (c.share == best->share && strcmp(path, best->path) < 0);
        if ((c.same_library || c.share >= 0.5) && (!*best->path || better)) *best = c;
    }
    json_decref(card);
    weft_i_safetensors_free(f);
}

weft_status_t weft_wire_model_choose(weft_wire_model_t **model, const weft_library_t *library, char *reason, size_t size, weft_diag_t *diag)
{
    candidate_t best = {.share = 0.0};
    *model = NULL;
    if (reason && size) *reason = 0;
    for (int32_t i = 0; weft_i_model_folder(i) && !*best.path; i++) {
        DIR *dir = opendir(weft_i_model_folder(i));
        for (struct dirent *e; dir && (e = readdir(dir));) {
            size_t n = strlen(e->d_name);
            char path[4096];
            if (n < 12 || strcmp(e->d_name + n - 12, ".safetensors")) continue;
            if (snprintf(path, sizeof path, "%s/%s", weft_i_model_folder(i), e->d_name) < (int)sizeof path) consider(&best, path, library);
        }
        if (dir) closedir(dir);
    }
    if (!*best.path) return WEFT_OK;
    const char *base = strrchr(best.path, '/');
    if (reason && best.same_library) snprintf(reason, size, "%s: fitted with this very library", base ? base + 1 : best.path);
    else if (reason) snprintf(reason, size, "%s: it shares %.0f %% of the library's cell names", base ? base + 1 : best.path, 100.0 * best.share);
    return weft_wire_model_new(model, best.path, NULL, 0, diag);
}

/* ---- writing ------------------------------------------------------------------------------------------------ */
static void put_trees(weft_i_tensor_entry_t *t, const weft_i_boost_t *m, const char names[5][16])
{
    const void *data[5] = {m->first, m->feature, m->left, m->threshold, m->value};
    for (int32_t k = 0; k < 5; k++) {
        int64_t n = k ? m->n_nodes : m->n_trees + 1;
        t[k] = (weft_i_tensor_entry_t){.name = names[k], .dtype = k < 3 ? WEFT_I_I32 : WEFT_I_F32, .n_dims = 1, .shape = {n}, .data = data[k], .n_elements = n};
    }
}

static char *make_card(const weft_wire_model_t *m, const weft_i_model_story_t *s)
{
    char hash[20], *cells = weft_i_library_cell_names(s->library), *text = NULL;
    json_t *card = json_object(), *features = json_array();
    snprintf(hash, sizeof hash, "%016" PRIx64, s->library->hash);
    for (int32_t i = 0; i < WEFT_I_N_WIRE_FEATURES; i++) json_array_append_new(features, json_string(weft_i_wire_feature_name(i)));
    if (cells) {
        json_object_set_new(card, "kind", json_string("wire-model-2"));
        json_object_set_new(card, "title", json_string(s->title ? s->title : ""));
        json_object_set_new(card, "trained_on", json_string(s->trained_on ? s->trained_on : ""));
        json_object_set_new(card, "command", json_string(s->command ? s->command : ""));
        json_object_set_new(card, "nets", json_integer(s->n_nets));
        json_object_set_new(card, "median_abs_log_cap", json_real(s->cap_error));
        json_object_set_new(card, "median_abs_log_res", json_real(s->res_error));
        json_object_set(card, "features", features);
        json_object_set_new(card, "c_fF_per_um", json_real(m->c * 1e9));
        json_object_set_new(card, "r_ohm_per_um", json_real(m->r * 1e-6));
        json_object_set_new(card, "c_fF_per_pin", json_real(m->c_pin * 1e15));
        json_object_set_new(card, "r_ohm_per_edge", json_real(m->r_edge));
        json_object_set_new(card, "cap_base", json_real(m->cap_trees->base));
        json_object_set_new(card, "res_base", json_real(m->res_trees->base));
        json_object_set_new(card, "cap_offset", json_real(m->cap_offset));
        json_object_set_new(card, "res_offset", json_real(m->res_offset));
        json_object_set_new(card, "cap_spread", json_real(m->cap_spread));
        json_object_set_new(card, "res_spread", json_real(m->res_spread));
        json_object_set_new(card, "hold_interval_ps", json_real(m->interval[0] * 1e12));
        json_object_set_new(card, "setup_interval_ps", json_real(m->interval[1] * 1e12));
        if (m->net_alone) json_object_set_new(card, "net_alone", json_true());
        json_object_set_new(card, "library_hashes", json_pack("[s]", hash));
        json_object_set_new(card, "cells", json_string(cells));
        text = json_dumps(card, JSON_COMPACT | JSON_REAL_PRECISION(9));
    }
    json_decref(features);
    json_decref(card);
    weft_i_free(cells);
    return text;
}

weft_status_t weft_i_model_file_write(const weft_wire_model_t *m, const weft_i_model_story_t *story, const char *path, weft_diag_t *diag)
{
    static const char names[2][5][16] = {{"cap.first", "cap.feature", "cap.left", "cap.threshold", "cap.value"},
                                         {"res.first", "res.feature", "res.left", "res.threshold", "res.value"}};
    weft_i_tensor_entry_t *t = weft_i_calloc(10 + (size_t)m->n_kept, sizeof *t);
    char *card = t ? make_card(m, story) : NULL;
    if (!card) {
        weft_i_free(t);
        return WEFT_ENOMEM;
    }
    put_trees(t, m->cap_trees, names[0]);
    put_trees(t + 5, m->res_trees, names[1]);
    for (int32_t i = 0; i < m->n_kept; i++) {
        const weft_i_kept_tensor_t *k = &m->kept[i];
        t[10 + i] = (weft_i_tensor_entry_t){.name = k->name, .dtype = WEFT_I_F32, .n_dims = 2, .shape = {k->rows, k->cols}, .data = k->value, .n_elements = k->rows * k->cols};
    }
    const char *const meta[] = {"weft", card};
    weft_status_t status = weft_i_safetensors_write(path, t, 10 + m->n_kept, meta, 1, diag);
    free(card);
    weft_i_free(t);
    return status;
}
