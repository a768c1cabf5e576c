/* encoding/rwse.c: return probabilities of random walks. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "graph/graph.h"
#include "weft/encoding.h"

#include <omp.h>
#include <string.h>

enum { DENSE = 2048, WALKS = 512 };

/* Exactly, from one node: the distribution of the walk as a sparse vector; O(arcs in reach) per step. */
typedef struct reach { float *p, *next; int32_t *at, *new_at; } reach_t;

/* A step of the walk from v goes to a neighbour u with probability 1 / d_v. Arcs are by destination, so steps go along the reverse index, d_v arcs
 * out of v. Returns the arcs passed. */
static int64_t from_node(const weft_graph_t *g, int32_t node, int32_t steps, reach_t *r, float *out, int64_t most)
{
    int64_t n = 1, passed = 0;
    bool whole = true;
    r->at[0] = node;
    r->p[node] = 1.0f;
    for (int32_t t = 0; t < steps && whole; t++) {
        int64_t m = 0;
        for (int64_t i = 0; i < n && whole; i++) {
            int32_t v = r->at[i];
            int64_t d = g->r_offset[v + 1] - g->r_offset[v];
            float share = d ? r->p[v] / (float)d : 0.0f;
            passed += d;
            whole = passed <= most;
            for (int64_t e = g->r_offset[v]; e < g->r_offset[v + 1]; e++) {
                int32_t u = g->r_target[e];
                if (r->next[u] == 0.0f && share > 0.0f) r->new_at[m++] = u;
                r->next[u] += share;
            }
        }
        for (int64_t i = 0; i < n; i++) r->p[r->at[i]] = 0.0f;
        if (whole) out[t] = r->next[node];
        float *p = r->p;
        r->p = r->next;
        r->next = p;
        int32_t *at = r->at;
        r->at = r->new_at;
        r->new_at = at;
        n = m;
    }
    for (int64_t i = 0; i < n; i++) r->p[r->at[i]] = 0.0f;
    return whole ? passed : -1;
}

/* The same where every arc has its reverse: with q_t the row of P^t, (P^s+t)_vv = sum_u q_s(u) q_t(u) d_v / d_u, so half the steps do. */
static int64_t from_node_mirrored(const weft_graph_t *g, int32_t node, int32_t steps, reach_t *r, float *out, int64_t most)
{
    int64_t n = 1, passed = 0;
    double own = (double)(g->r_offset[node + 1] - g->r_offset[node]);
    bool whole = true;
    r->at[0] = node;
    r->p[node] = 1.0f;
    for (int32_t t = 0; 2 * t < steps && whole; t++) {
        int64_t m = 0;
        double odd = 0.0, even = 0.0;
        for (int64_t i = 0; i < n && whole; i++) {
            int32_t v = r->at[i];
            int64_t d = g->r_offset[v + 1] - g->r_offset[v];
            float share = d ? r->p[v] / (float)d : 0.0f;
            passed += d;
            whole = passed <= most;
            for (int64_t e = g->r_offset[v]; e < g->r_offset[v + 1]; e++) {
                int32_t u = g->r_target[e];
                if (r->next[u] == 0.0f && share > 0.0f) r->new_at[m++] = u;
                r->next[u] += share;
            }
        }
        for (int64_t i = 0; i < n; i++) {
            int32_t u = r->at[i];
            double d = (double)(g->r_offset[u + 1] - g->r_offset[u]);
            if (d > 0.0) odd += (double)r->p[u] * (double)r->next[u] * own / d;
        }
        for (int64_t i = 0; i < m; i++) {
            int32_t u = r->new_at[i];
            even += (double)r->next[u] * (double)r->next[u] * own / (double)(g->r_offset[u + 1] - g->r_offset[u]);
        }
        for (int64_t i = 0; i < n; i++) r->p[r->at[i]] = 0.0f;
        if (whole) {
            out[2 * t] = (float)odd;
            if (2 * t + 1 < steps) out[2 * t + 1] = (float)even;
        }
        float *p = r->p;
        r->p = r->next;
        r->next = p;
        int32_t *at = r->at;
        r->at = r->new_at;
        r->new_at = at;
        n = m;
    }
    for (int64_t i = 0; i < n; i++) r->p[r->at[i]] = 0.0f;
    return whole ? passed : -1;
}

static void by_walks(const weft_graph_t *g, int32_t node, int32_t steps, float *out)
{
    weft_i_rng_t rng = {0x72777365, (uint64_t)(uint32_t)node, 0};
    for (int32_t t = 0; t < steps; t++) out[t] = 0.0f;
    for (int w = 0; w < WALKS; w++) {
        int32_t v = node;
        for (int32_t t = 0; t < steps; t++) {
            int64_t d = g->r_offset[v + 1] - g->r_offset[v];
            if (!d) break;
            v = g->r_target[g->r_offset[v] + weft_i_rng_below(&rng, d)];
            if (v == node) out[t] += 1.0f / WALKS;
        }
    }
}

weft_status_t weft_encoding_rwse(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, int32_t steps, double budget, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = g->n_dst, most = INT64_MAX, estimated = 0;
    int32_t n_threads = weft_threads();
    reach_t *reach = NULL;
    if (g->n_src != g->n_dst || steps < 0) return WEFT_EUSAGE;
    if (!n) return WEFT_OK;
    bool small = first != NULL;
    for (int64_t s = 0; s < n_blocks && first; s++) small &= first[s + 1] - first[s] <= DENSE;
    if (!small) { /* every node may pass its share of the budget; one that would pass more is estimated */
        double share = (budget > 0.0 ? budget : 5e9) / (double)n;
        most = share < 1e18 ? (int64_t)share : INT64_MAX;
    }
    WEFT_TRY_ALLOC(reach = weft_i_calloc((size_t)n_threads, sizeof *reach));
    for (int32_t i = 0; i < n_threads; i++) {
        WEFT_TRY_ALLOC(reach[i].p = weft_i_calloc((size_t)n, sizeof(float)));
        WEFT_TRY_ALLOC(reach[i].next = weft_i_calloc((size_t)n, sizeof(float)));
        WEFT_TRY_ALLOC(reach[i].at = weft_i_malloc((size_t)n * sizeof(int32_t)));
        WEFT_TRY_ALLOC(reach[i].new_at = weft_i_malloc((size_t)n * sizeof(int32_t)));
    }
#pragma omp parallel for schedule(dynamic, 64) num_threads(n_threads) reduction(+ : estimated)
    for (int64_t v = 0; v < n; v++) {
        reach_t *r = &reach[omp_get_thread_num()];
        int64_t passed = g->mirrored ? from_node_mirrored(g, (int32_t)v, steps, r, out + v * steps, most) : from_node(g, (int32_t)v, steps, r, out + v * steps, most);
        if (passed >= 0) continue;
        by_walks(g, (int32_t)v, steps, out + v * steps);
        estimated++;
    }
    if (estimated)
        weft_diag_add(diag, WEFT_NOTE, "encoding-estimated", NULL, 0, 0, "return probabilities of %lld of %lld nodes are estimates from %d walks each (more than %lld arcs in reach)", (long long)estimated, (long long)n, WALKS,
                      (long long)most);
done:
    for (int32_t i = 0; reach && i < n_threads; i++) {
        weft_i_free(reach[i].p);
        weft_i_free(reach[i].next);
        weft_i_free(reach[i].at);
        weft_i_free(reach[i].new_at);
    }
    weft_i_free(reach);
    return status;
}
