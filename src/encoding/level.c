/* encoding/level.c: how deep a node lies, and a number as waves. */
#include "base/alloc.h"
#include "base/status.h"
#include "graph/graph.h"
#include "weft/encoding.h"

#include <math.h>

weft_status_t weft_encoding_level(int32_t *level, const weft_graph_t *g, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst, top = 0;
    int32_t *waits = NULL, *ready = NULL;
    if (g->n_src != n) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(waits = weft_i_calloc((size_t)n + 1, sizeof *waits));
    WEFT_TRY_ALLOC(ready = weft_i_malloc((size_t)n * sizeof *ready + 1));
    for (int64_t v = 0; v < n; v++) {
        for (int64_t e = g->offset[v]; e < g->offset[v + 1]; e++) waits[v] += g->source[e] != v;
        level[v] = waits[v] ? -1 : 0;
        if (!waits[v]) ready[top++] = (int32_t)v;
    }
    for (int64_t at = 0; at < top; at++) { /* a node's last arc comes from its deepest source: sources leave in order of level */
        int32_t u = ready[at];
        for (int64_t e = g->r_offset[u]; e < g->r_offset[u + 1]; e++) {
            int32_t v = g->r_target[e];
            if (v == u || --waits[v]) continue;
            level[v] = level[u] + 1;
            ready[top++] = v;
        }
    }
done:
    weft_i_free(waits);
    weft_i_free(ready);
    return status;
}

void weft_encoding_sinusoid(float *out, int64_t n, const float *position, int32_t width)
{
    for (int64_t i = 0; i < n; i++)
        for (int32_t j = 0; j + 1 < width; j += 2) {
            double angle = (double)position[i] / pow(10000.0, (double)j / width);
            out[i * width + j] = (float)sin(angle);
            out[i * width + j + 1] = (float)cos(angle);
        }
}
