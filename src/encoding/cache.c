/* encoding/cache.c: see cache.h. A file is a header, then the numbers in this machine's order of bytes; the checksum covers them. */
#include "encoding/cache.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

typedef struct header { char magic[8]; uint64_t key[2]; int64_t rows, cols; uint64_t sum; } header_t;
static const char magic[9] = "WEFTENC1";

/* Two lanes of multiply and rotate over words of eight bytes. */
typedef struct hash { uint64_t a, b; } hash_t;

static void word(hash_t *h, uint64_t x)
{
    h->a = (h->a ^ x) * 0x9e3779b97f4a7c15ull;
    h->a ^= h->a >> 29;
    h->b = ((h->b << 23 | h->b >> 41) + x) * 0xc2b2ae3d27d4eb4full;
    h->b ^= h->b >> 31;
}

static void bytes(hash_t *h, const void *data, size_t n)
{
    const char *p = data;
    uint64_t x;
    word(h, n);
    for (; n >= sizeof x; n -= sizeof x, p += sizeof x) {
        memcpy(&x, p, sizeof x);
        word(h, x);
    }
    x = 0;
    if (n) memcpy(&x, p, n);
    word(h, x);
}

static uint64_t checksum(const float *x, int64_t n)
{
    hash_t h = {1, 2};
    bytes(&h, x, (size_t)n * sizeof *x);
    return h.a ^ h.b;
}

weft_status_t weft_i_cache_init(weft_i_cache_t *c, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, const weft_encoding_options_t *o)
{
    hash_t h = {0x77656674, 0x656e6331};
    const int64_t about[] = {o->kind, o->k, o->kind == WEFT_ENCODING_LAPPE ? (int64_t)o->laplacian : 0, first ? n_blocks : -1, g->n_dst, g->n_arcs};
    double budget = o->kind == WEFT_ENCODING_RWSE && o->budget > 0.0 ? o->budget : 0.0;
    bytes(&h, about, sizeof about);
    bytes(&h, &budget, sizeof budget);
    bytes(&h, g->offset, (size_t)(g->n_dst + 1) * sizeof *g->offset);
    bytes(&h, g->source, (size_t)g->n_arcs * sizeof *g->source);
    if (first) bytes(&h, first, (size_t)(n_blocks + 1) * sizeof *first);
    size_t room = strlen(o->cache) + 64;
    *c = (weft_i_cache_t){.path = weft_i_malloc(room), .key = {h.a, h.b}, .rows = g->n_dst, .cols = weft_encoding_columns(o)};
    if (!c->path) return WEFT_ENOMEM;
    snprintf(c->path, room, "%s/%016llx%016llx.weftenc", o->cache, (unsigned long long)h.a, (unsigned long long)h.b);
    return WEFT_OK;
}

bool weft_i_cache_read(const weft_i_cache_t *c, float *out)
{
    weft_i_text_t text = {0};
    header_t h;
    size_t size = (size_t)(c->rows * c->cols) * sizeof *out;
    if (weft_i_text_read(&text, c->path, NULL) != WEFT_OK) return false;
    bool good = text.size == sizeof h + size;
    if (good) {
        memcpy(&h, text.data, sizeof h);
        good = !memcmp(h.magic, magic, sizeof h.magic) && h.key[0] == c->key[0] && h.key[1] == c->key[1] && h.rows == c->rows && h.cols == c->cols;
    }
    if (good) {
        memcpy(out, text.data + sizeof h, size);
        good = checksum(out, c->rows * c->cols) == h.sum;
    }
    weft_i_text_destroy(&text);
    return good;
}

void weft_i_cache_write(const weft_i_cache_t *c, const float *out, weft_diag_t *diag)
{
    weft_i_out_t file;
    header_t h = {.key = {c->key[0], c->key[1]}, .rows = c->rows, .cols = c->cols, .sum = checksum(out, c->rows * c->cols)};
    size_t n = (size_t)(c->rows * c->cols);
    memcpy(h.magic, magic, sizeof h.magic);
    bool open = weft_i_out_open(&file, c->path, NULL) == WEFT_OK, good = open && fwrite(&h, sizeof h, 1, file.file) == 1 && fwrite(out, sizeof *out, n, file.file) == n;
    if (open && !good) weft_i_out_abort(&file);
    if (!good || weft_i_out_commit(&file, NULL) != WEFT_OK) weft_diag_add(diag, WEFT_WARNING, "encoding-cache", c->path, 0, 0, "the encoding could not be kept");
}
