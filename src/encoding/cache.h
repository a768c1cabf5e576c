/* encoding/cache.h: encodings on disk, by what they are of. */
#ifndef WEFT_ENCODING_CACHE_H
#define WEFT_ENCODING_CACHE_H
#include "weft/encoding.h"

typedef struct weft_i_cache { char *path; uint64_t key[2]; int64_t rows, cols; } weft_i_cache_t; /* path: the owner's to free */
/* Hashes graph, blocks and options. O(arcs). */
weft_status_t weft_i_cache_init(weft_i_cache_t *cache, const weft_graph_t *graph, int64_t n_blocks, const int64_t *first, const weft_encoding_options_t *options);
/* False where there is no such file, or one that is not whole; out is then undefined. */
bool weft_i_cache_read(const weft_i_cache_t *cache, float *out);
/* Beside its place and renamed. A failure is a warning: encoding-cache. */
void weft_i_cache_write(const weft_i_cache_t *cache, const float *out, weft_diag_t *diag);
#endif
