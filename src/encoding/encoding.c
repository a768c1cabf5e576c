/* encoding/encoding.c: the table of encodings, behind one door. */
#include "base/alloc.h"
#include "base/status.h"
#include "encoding/cache.h"
#include "graph/graph.h"

#include <string.h>

typedef struct call {
    const weft_graph_t *g;
    int64_t n_blocks;
    const int64_t *first;
    const weft_encoding_options_t *o;
    weft_diag_t *diag;
} call_t;

static weft_status_t rwse(const call_t *c, float *out) { return weft_encoding_rwse(out, c->g, c->n_blocks, c->first, c->o->k, c->o->budget, c->diag); }
static weft_status_t elstatic(const call_t *c, float *out) { return weft_encoding_elstatic(out, c->g, c->n_blocks, c->first, c->diag); }

static weft_status_t lappe(const call_t *c, float *out)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)c->g->n_dst, k = (size_t)c->o->k;
    float *vector = NULL, *value = NULL;
    WEFT_TRY_ALLOC(vector = weft_i_malloc(n * k * sizeof *vector + 1));
    WEFT_TRY_ALLOC(value = weft_i_malloc(n * k * sizeof *value + 1));
    WEFT_TRY(weft_encoding_lappe(vector, value, c->g, c->n_blocks, c->first, c->o->k, c->o->laplacian, c->diag));
    for (size_t i = 0; i < n; i++) {
        memcpy(out + 2 * i * k, vector + i * k, k * sizeof *out);
        memcpy(out + 2 * i * k + k, value + i * k, k * sizeof *out);
    }
done:
    weft_i_free(vector);
    weft_i_free(value);
    return status;
}

static weft_status_t hkdiag(const call_t *c, float *out)
{
    double *time = weft_i_malloc((size_t)c->o->k * sizeof *time);
    if (!time) return WEFT_ENOMEM;
    for (int32_t t = 0; t < c->o->k; t++) time[t] = t + 1;
    weft_status_t status = weft_encoding_hkdiag(out, c->g, c->n_blocks, c->first, c->o->k, time, c->diag);
    weft_i_free(time);
    return status;
}

static weft_status_t level(const call_t *c, float *out)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)c->g->n_dst;
    int32_t *depth = NULL;
    float *position = NULL;
    if (c->o->k % 2) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(depth = weft_i_malloc(n * sizeof *depth + 1));
    WEFT_TRY_ALLOC(position = weft_i_malloc(n * sizeof *position + 1));
    WEFT_TRY(weft_encoding_level(depth, c->g, c->diag));
    for (size_t i = 0; i < n; i++) position[i] = (float)depth[i];
    weft_encoding_sinusoid(out, (int64_t)n, position, c->o->k);
done:
    weft_i_free(depth);
    weft_i_free(position);
    return status;
}

static const struct { const char *name; weft_status_t (*run)(const call_t *c, float *out); } rows[] = {
    [WEFT_ENCODING_RWSE] = {"rwse", rwse}, [WEFT_ENCODING_LAPPE] = {"lappe", lappe}, [WEFT_ENCODING_HKDIAG] = {"hkdiag", hkdiag}, [WEFT_ENCODING_ELSTATIC] = {"elstatic", elstatic},
    [WEFT_ENCODING_LEVEL] = {"level", level}};

const char *weft_encoding_name(weft_encoding_kind_t kind) { return kind < WEFT_ENCODING_N ? rows[kind].name : "?"; }

weft_encoding_kind_t weft_encoding_find(const char *name)
{
    int k = 0;
    while (k < WEFT_ENCODING_N && strcmp(rows[k].name, name)) k++;
    return (weft_encoding_kind_t)k;
}

int64_t weft_encoding_columns(const weft_encoding_options_t *o) { return o->kind == WEFT_ENCODING_ELSTATIC ? WEFT_ELSTATIC_COLUMNS : o->kind == WEFT_ENCODING_LAPPE ? 2 * (int64_t)o->k : o->k; }

weft_status_t weft_encoding(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, const weft_encoding_options_t *o, bool *hit, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const call_t c = {g, n_blocks, first, o, diag};
    weft_i_cache_t cache = {0};
    if (hit) *hit = false;
    if (o->kind >= WEFT_ENCODING_N || (o->k < 1 && o->kind != WEFT_ENCODING_ELSTATIC) || g->n_src != g->n_dst) return WEFT_EUSAGE;
    if (o->cache) WEFT_TRY(weft_i_cache_init(&cache, g, n_blocks, first, o));
    if (o->cache && weft_i_cache_read(&cache, out)) {
        if (hit) *hit = true;
        goto done;
    }
    WEFT_TRY(rows[o->kind].run(&c, out));
    if (o->cache) weft_i_cache_write(&cache, out, diag);
done:
    weft_i_free(cache.path);
    return status;
}
