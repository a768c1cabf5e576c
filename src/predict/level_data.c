/* predict/level_data.c: see level_data.h. */
#include "predict/level_data.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

enum { LUTS = WEFT_I_LUTS, SIDE = WEFT_I_LUT_SIDE, CELLS = WEFT_I_LUT_CELLS };

weft_status_t weft_i_arc_luts(const weft_library_t *l, int32_t arc, float *table, float *axes, float *valid, weft_diag_t *diag)
{
    memset(table, 0, LUTS * CELLS * sizeof *table);
    memset(axes, 0, LUTS * 2 * SIDE * sizeof *axes);
    for (int32_t k = 0; k < LUTS; k++) {
        int32_t id = l->arc_table[l->arc[arc].table_at + k]; /* 4 * ap + rise, fall delay, rise, fall transition */
        valid[k] = id >= 0;
        if (id < 0) continue;
        const weft_table_t *t = &l->table[id];
        bool slew_first = t->axis[0] == WEFT_AXIS_SLEW;
        if (t->n_axes != 2 || t->n[0] != SIDE || t->n[1] != SIDE) {
            weft_diag_add(diag, WEFT_ERROR, "time21-lut", NULL, 0, 0, "a table of cell %s is not 7 x 7", weft_names_text(l->names, l->cell[l->port[l->arc[arc].to].cell].name));
            return WEFT_EINPUT;
        }
        for (int32_t i = 0; i < SIDE; i++) {
            axes[k * 2 * SIDE + i] = (float)((double)l->pool[t->axis_at[slew_first ? 0 : 1] + i] * 1e9);
            axes[k * 2 * SIDE + SIDE + i] = (float)((double)l->pool[t->axis_at[slew_first ? 1 : 0] + i] * 1e12);
            for (int32_t j = 0; j < SIDE; j++) table[k * CELLS + i * SIDE + j] = (float)((double)l->pool[t->value_at + (slew_first ? i * SIDE + j : j * SIDE + i)] * 1e9);
        }
    }
    return WEFT_OK;
}

void weft_i_level_placed(const weft_time21_t *t, const weft_time21_t *whole, float *placed)
{
    float low[4], high[4];
    for (int32_t k = 0; k < 4; k++) {
        low[k] = high[k] = whole->node[2 + k];
        for (int32_t i = 0; i < whole->n_nodes; i++) {
            low[k] = fminf(low[k], whole->node[10 * (int64_t)i + 2 + k]);
            high[k] = fmaxf(high[k], whole->node[10 * (int64_t)i + 2 + k]);
        }
    }
    for (int32_t i = 0; i < t->n_nodes; i++) {
        float *p = placed + (int64_t)i * 19;
        memcpy(p, t->node + 10 * (int64_t)i, 10 * sizeof *p);
        for (int32_t k = 0; k < 4; k++) p[2 + k] = high[k] > low[k] ? (p[2 + k] - low[k]) / (high[k] - low[k]) : 0.0f;
        p[10] = (float)t->level[i];
        for (int32_t k = 0; k < 4; k++) {
            double phase = 3.14159265358979 * (double)(1 << k) * (double)t->level[i] / 200.0;
            p[11 + k] = (float)sin(phase);
            p[15 + k] = (float)cos(phase);
        }
    }
}

/* ---- norms ------------------------------------------------------------------------------------------------------- */
static float normed(float v, const float *mean, const float *deviation, int32_t k) { return (v - mean[k]) / deviation[k]; }

void weft_i_level_norm_none(weft_i_level_norm_t *n)
{
    float *v = (float *)n;
    for (int32_t i = 0; i < WEFT_I_LEVEL_NORM; i++) v[i] = 1.0f;
    memset(n->node[0], 0, sizeof n->node[0]);
    memset(n->placed[0], 0, sizeof n->placed[0]);
    memset(n->axes[0], 0, sizeof n->axes[0]);
    memset(n->state[0], 0, sizeof n->state[0]);
    memset(n->net[0], 0, sizeof n->net[0]);
    memset(n->cell[0], 0, sizeof n->cell[0]);
}

typedef struct moments { double n, sum[19], square[19]; } moments_t;
static void see(moments_t *m, const float *v, int32_t cols)
{
    m->n += 1.0;
    for (int32_t k = 0; k < cols; k++) {
        m->sum[k] += (double)v[k];
        m->square[k] += (double)v[k] * (double)v[k];
    }
}
static void tell(const moments_t *m, float *mean, float *deviation, int32_t cols)
{
    for (int32_t k = 0; k < cols && m->n > 0.0; k++) {
        double a = m->sum[k] / m->n, variance = m->square[k] / m->n - a * a;
        if (mean) mean[k] = (float)a;
        else variance = m->square[k] / m->n;
        deviation[k] = variance > 1e-10 ? (float)sqrt(variance) : 1.0f;
    }
}

weft_status_t weft_i_level_norm_of(weft_i_level_norm_t *norm, const weft_time21_t *const *designs, int32_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    moments_t node = {0}, placed = {0}, e = {0}, axes = {0}, table = {0}, state = {0}, net = {0}, cell = {0};
    float *p = NULL, lut[LUTS * CELLS], axis[LUTS * 2 * SIDE], valid[LUTS];
    weft_i_level_norm_none(norm);
    for (int32_t k = 0; k < n; k++) {
        const weft_time21_t *t = designs[k];
        WEFT_TRY_ALLOC(p = weft_i_malloc((size_t)t->n_nodes * 19 * sizeof *p));
        weft_i_level_placed(t, t, p);
        for (int64_t i = 0; i < t->n_nodes; i++) {
            see(&node, t->node + 10 * i, 10);
            see(&placed, p + 19 * i, 19);
            if (t->invalid[i]) continue;
            see(&state, t->at_slew + 8 * i, 8);
            if (t->net_delay) see(&net, t->net_delay + 4 * i, 4);
        }
        for (int64_t i = 0; i < t->n_net; i++) {
            float d[2] = {t->node[10 * (int64_t)t->to[i] + 2] - t->node[10 * (int64_t)t->from[i] + 2], t->node[10 * (int64_t)t->to[i] + 4] - t->node[10 * (int64_t)t->from[i] + 4]};
            see(&e, d, 2);
        }
        for (int64_t i = 0; i < t->n_cell; i++) {
            if (t->arc_kind[i] >= WEFT_TIME21_ASYNC_OFF) continue;
            WEFT_TRY(weft_i_arc_luts(t->library, t->arc[i], lut, axis, valid, diag));
            for (int32_t q = 0; q < LUTS; q++) {
                if (!(valid[q] > 0.0f)) continue;
                see(&axes, axis + q * 2 * SIDE, 2 * SIDE);
                for (int32_t c = 0; c < CELLS; c++) see(&table, lut + q * CELLS + c, 1);
            }
            if (t->cell_delay) see(&cell, t->cell_delay + 4 * i, 4);
        }
        weft_i_free(p);
        p = NULL;
    }
    tell(&node, norm->node[0], norm->node[1], 10);
    tell(&placed, norm->placed[0], norm->placed[1], 19);
    tell(&e, NULL, norm->e, 2);
    tell(&axes, norm->axes[0], norm->axes[1], 2 * SIDE);
    tell(&table, NULL, &norm->table, 1);
    tell(&state, norm->state[0], norm->state[1], 8);
    tell(&net, norm->net[0], norm->net[1], 4);
    tell(&cell, norm->cell[0], norm->cell[1], 4);
done:
    weft_i_free(p);
    return status;
}

static weft_status_t lookup(weft_graph_t **g, int64_t n_rows, int64_t n, const int32_t *row, bool transpose, weft_diag_t *diag) { return weft_graph_from_lookup(g, n_rows, n, row, transpose, diag); }

weft_status_t weft_i_level_step_fill(weft_i_level_step_t *s, const weft_i_level_data_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_time21_t *t = d->t;
    size_t most = (size_t)(s->n_net > s->n_cell ? s->n_net : s->n_cell) + 1;
    int32_t *a = NULL, *b = NULL, *place = NULL;
    float valid[LUTS];
    WEFT_TRY_ALLOC(a = weft_i_malloc(most * sizeof *a));
    WEFT_TRY_ALLOC(b = weft_i_malloc(most * sizeof *b));
    for (int32_t i = 0; i < s->n_net; i++) {
        a[i] = t->from[s->net[i]];
        b[i] = t->to[s->net[i]];
    }
    WEFT_TRY(lookup(&s->net_from, d->n, s->n_net, a, false, diag));
    WEFT_TRY(lookup(&s->net_to, d->n, s->n_net, b, false, diag));
    WEFT_TRY_ALLOC(place = weft_i_malloc(((size_t)s->n_cell + 1) * sizeof *place));
    WEFT_TRY_ALLOC(s->dst = weft_i_malloc(((size_t)s->n_cell + 1) * sizeof *s->dst));
    for (int32_t i = 0; i < s->n_cell; i++) { /* edges stand by their output, so each output's stand together */
        a[i] = t->from[t->n_net + s->cell[i]];
        b[i] = t->to[t->n_net + s->cell[i]];
        if (!i || b[i] != b[i - 1]) s->dst[s->n_dst++] = b[i];
        place[i] = s->n_dst - 1;
    }
    WEFT_TRY(lookup(&s->cell_from, d->n, s->n_cell, a, false, diag));
    WEFT_TRY(lookup(&s->cell_to, d->n, s->n_cell, b, false, diag));
    WEFT_TRY(lookup(&s->into, s->n_dst, s->n_cell, place, true, diag));
    WEFT_TRY(lookup(&s->at_dst, d->n, s->n_dst, s->dst, false, diag));
    WEFT_TRY_ALLOC(s->table = weft_i_aligned((size_t)s->n_cell * LUTS * CELLS * sizeof *s->table + 64));
    WEFT_TRY_ALLOC(s->axes = weft_i_aligned((size_t)s->n_cell * LUTS * 2 * SIDE * sizeof *s->axes + 64));
    WEFT_TRY_ALLOC(s->query_axes = weft_i_aligned((size_t)s->n_cell * LUTS * 4 * (2 * SIDE + 1) * sizeof *s->query_axes + 64));
    for (int32_t i = 0; i < s->n_cell; i++) {
        float *axes = s->axes + (int64_t)i * LUTS * 2 * SIDE;
        float *table = s->table + (int64_t)i * LUTS * CELLS;
        WEFT_TRY(weft_i_arc_luts(t->library, t->arc[s->cell[i]], table, axes, valid, diag));
        for (int32_t k = 0; k < LUTS * CELLS; k++) table[k] /= d->norm->table;
        for (int32_t k = 0; k < LUTS * 4; k++) {
            float *q = s->query_axes + ((int64_t)i * LUTS * 4 + k) * (2 * SIDE + 1);
            q[0] = valid[k / 4];
            for (int32_t c = 0; c < 2 * SIDE; c++) q[1 + c] = valid[k / 4] > 0.0f ? normed(axes[k / 4 * 2 * SIDE + c], d->norm->axes[0], d->norm->axes[1], c) : 0.0f;
        }
        for (int32_t c = 0; c < LUTS * 2 * SIDE; c++) axes[c] /= d->norm->axes[1][c % (2 * SIDE) < SIDE ? SIDE - 1 : 2 * SIDE - 1];
    }
done:
    weft_i_free(a);
    weft_i_free(b);
    weft_i_free(place);
    return status;
}

void weft_i_level_step_destroy(weft_i_level_step_t *s)
{
    weft_graph_t *graph[] = {s->net_from, s->net_to, s->cell_from, s->cell_to, s->into, s->at_dst};
    void *owned[] = {s->net, s->cell, s->dst, s->table, s->axes, s->query_axes};
    for (size_t i = 0; i < sizeof graph / sizeof *graph; i++) weft_graph_free(graph[i]);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    *s = (weft_i_level_step_t){0};
}

/* A cell edge that propagates, to a node that is not mere context. */
static bool counts(const weft_time21_t *t, int32_t i) { return t->arc_kind[i] < WEFT_TIME21_ASYNC_OFF && t->invalid[t->to[t->n_net + i]] < 2; }

/* Such edges, by output node. */
static weft_status_t by_output(const weft_time21_t *t, int32_t **order, int32_t *n)
{
    int32_t *first = weft_i_calloc((size_t)t->n_nodes + 2, sizeof *first);
    *order = weft_i_malloc(((size_t)t->n_cell + 1) * sizeof **order);
    *n = 0;
    if (first && *order) {
        for (int32_t i = 0; i < t->n_cell; i++)
            if (counts(t, i)) first[t->to[t->n_net + i] + 1]++, (*n)++;
        for (int32_t i = 0; i < t->n_nodes; i++) first[i + 1] += first[i];
        for (int32_t i = 0; i < t->n_cell; i++)
            if (counts(t, i)) (*order)[first[t->to[t->n_net + i]]++] = i;
    }
    bool ok = first && *order;
    weft_i_free(first);
    return ok ? WEFT_OK : WEFT_ENOMEM;
}

/* Edges of one step of an answer: what bounds its memory. */
enum { MOST_NET = 16384, MOST_CELL = 2048 };

static int32_t *by_level(const weft_time21_t *t, const int32_t *edge, int32_t n, int32_t first_edge)
{
    int32_t *at = weft_i_calloc((size_t)t->n_levels + 2, sizeof *at), *order = weft_i_malloc(((size_t)n + 1) * sizeof *order);
    for (int32_t i = 0; at && order && i < n; i++) at[t->level[t->to[first_edge + edge[i]]] + 1]++;
    for (int32_t l = 0; at && order && l < t->n_levels; l++) at[l + 1] += at[l];
    for (int32_t i = 0; at && order && i < n; i++) order[at[t->level[t->to[first_edge + edge[i]]]]++] = edge[i];
    if (!at) weft_i_free(order);
    weft_i_free(at);
    return at ? order : NULL;
}

static int32_t *copy(const int32_t *from, int32_t n)
{
    int32_t *to = weft_i_malloc(((size_t)n + 1) * sizeof *to);
    if (to) memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

/* Level by level, in parts; an output's edges stay together. A level has nets or cells, in graphs of pins, but either is served. */
static weft_status_t steps(weft_i_level_data_t *d, const int32_t *net, int32_t n_net, const int32_t *cell, int32_t n_cell)
{
    weft_status_t status = WEFT_OK;
    const weft_time21_t *t = d->t;
    int64_t room = 0;
    int32_t *nets = NULL, *cells = NULL, a = 0, b = 0;
    WEFT_TRY_ALLOC(nets = by_level(t, net, n_net, 0));
    WEFT_TRY_ALLOC(cells = by_level(t, cell, n_cell, t->n_net));
    while (a < n_net || b < n_cell) {
        int32_t net_level = a < n_net ? t->level[t->to[nets[a]]] : INT32_MAX, cell_level = b < n_cell ? t->level[t->to[t->n_net + cells[b]]] : INT32_MAX, n = 0, m = 0;
        if (!WEFT_I_ROOM(d->step, room, d->n_steps + 1)) WEFT_TRY(WEFT_ENOMEM);
        weft_i_level_step_t *s = &d->step[d->n_steps++];
        *s = (weft_i_level_step_t){0};
        while (net_level <= cell_level && a + n < n_net && n < MOST_NET && t->level[t->to[nets[a + n]]] == net_level) n++;
        for (; cell_level <= net_level && b + m < n_cell && t->level[t->to[t->n_net + cells[b + m]]] == cell_level; m++)
            if (m >= MOST_CELL && t->to[t->n_net + cells[b + m]] != t->to[t->n_net + cells[b + m - 1]]) break;
        s->n_net = n;
        s->n_cell = m;
        WEFT_TRY_ALLOC(s->net = copy(nets + a, n));
        WEFT_TRY_ALLOC(s->cell = copy(cells + b, m));
        a += n;
        b += m;
    }
done:
    weft_i_free(nets);
    weft_i_free(cells);
    return status;
}

static weft_status_t edge_columns(const weft_time21_t *t, const weft_i_level_norm_t *norm, int64_t i, float *e, weft_diag_t *diag)
{
    float table[LUTS * CELLS], axes[LUTS * 2 * SIDE], valid[LUTS];
    memset(e, 0, 12 * sizeof *e);
    if (i < t->n_net) {
        e[1] = 1.0f;
        for (int32_t k = 0; k < 2; k++) e[10 + k] = (t->node[10 * (int64_t)t->to[i] + 2 + 2 * k] - t->node[10 * (int64_t)t->from[i] + 2 + 2 * k]) / norm->e[k];
        return WEFT_OK;
    }
    e[0] = 1.0f;
    weft_status_t status = weft_i_arc_luts(t->library, t->arc[i - t->n_net], table, axes, valid, diag);
    for (int32_t k = 0; k < LUTS && status == WEFT_OK; k++) {
        for (int32_t q = 0; q < CELLS; q++) e[2 + k] += table[k * CELLS + q];
        e[2 + k] /= CELLS;
    }
    return status;
}

weft_status_t weft_i_level_both_init(weft_i_level_both_t *b, const weft_time21_t *t, const weft_i_level_norm_t *norm, int32_t first, int32_t last, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t m = (int64_t)t->n_net + t->n_cell, n = 0;
    int32_t *from = NULL, *to = NULL, *place = NULL;
    *b = (weft_i_level_both_t){0};
    for (int32_t back = 0; back < 2; back++)
        for (int64_t i = 0; i < m; i++) {
            int32_t v = back ? t->from[i] : t->to[i];
            b->n_edges += v >= first && v < last;
        }
    WEFT_TRY_ALLOC(from = weft_i_malloc(((size_t)b->n_edges + 1) * sizeof *from));
    WEFT_TRY_ALLOC(to = weft_i_malloc(((size_t)b->n_edges + 1) * sizeof *to));
    WEFT_TRY_ALLOC(place = weft_i_malloc(((size_t)b->n_edges + 1) * sizeof *place));
    WEFT_TRY_ALLOC(b->e = weft_i_aligned((size_t)b->n_edges * 12 * sizeof *b->e + 64));
    for (int32_t back = 0; back < 2; back++) /* the order of a target's edges does not depend on first and last */
        for (int64_t i = 0; i < m; i++) {
            int32_t v = back ? t->from[i] : t->to[i];
            if (v < first || v >= last) continue;
            from[n] = back ? t->to[i] : t->from[i];
            to[n] = v;
            place[n] = v - first;
            float *e = b->e + 12 * n++;
            WEFT_TRY(edge_columns(t, norm, i, e, diag));
            for (int32_t k = 0; k < 12 && back; k++) e[k] = -e[k];
        }
    WEFT_TRY(lookup(&b->from, t->n_nodes, n, from, false, diag));
    WEFT_TRY(lookup(&b->to, t->n_nodes, n, to, false, diag));
    WEFT_TRY(lookup(&b->into, last - first, n, place, true, diag));
done:
    weft_i_free(from);
    weft_i_free(to);
    weft_i_free(place);
    return status;
}

void weft_i_level_both_destroy(weft_i_level_both_t *b)
{
    weft_graph_free(b->from);
    weft_graph_free(b->to);
    weft_graph_free(b->into);
    weft_i_free(b->e);
    *b = (weft_i_level_both_t){0};
}

weft_status_t weft_i_level_data_init(weft_i_level_data_t *d, const weft_time21_t *t, const weft_time21_t *whole, const weft_i_level_norm_t *norm, unsigned flags, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *order = NULL, *zero = NULL, n_cell = 0;
    *d = (weft_i_level_data_t){.t = t, .n = t->n_nodes, .norm = norm};
    WEFT_TRY_ALLOC(d->driver = weft_i_malloc(((size_t)d->n + 1) * sizeof *d->driver));
    WEFT_TRY_ALLOC(d->net_e = weft_i_malloc(((size_t)t->n_net * 2 + 1) * sizeof *d->net_e));
    WEFT_TRY_ALLOC(d->net_e_back = weft_i_malloc(((size_t)t->n_net * 2 + 1) * sizeof *d->net_e_back));
    WEFT_TRY_ALLOC(d->state = weft_i_aligned((size_t)d->n * 8 * sizeof *d->state));
    WEFT_TRY_ALLOC(zero = weft_i_calloc((size_t)d->n + 1, sizeof *zero));
    WEFT_TRY_ALLOC(d->node = weft_i_aligned((size_t)d->n * 10 * sizeof *d->node));
    WEFT_TRY_ALLOC(d->placed = weft_i_aligned((size_t)d->n * 19 * sizeof *d->placed));
    weft_i_level_placed(t, whole, d->placed);
    for (int64_t i = 0; i < (int64_t)d->n * 8; i++) d->state[i] = normed(t->at_slew[i], norm->state[0], norm->state[1], (int32_t)(i % 8));
    for (int64_t i = 0; i < (int64_t)d->n * 10; i++) d->node[i] = normed(t->node[i], norm->node[0], norm->node[1], (int32_t)(i % 10));
    for (int64_t i = 0; i < (int64_t)d->n * 19; i++) d->placed[i] = normed(d->placed[i], norm->placed[0], norm->placed[1], (int32_t)(i % 19));
    for (int32_t i = 0; i < d->n; i++)
        if (t->node[10 * (int64_t)i + 1] > 0.5f) d->driver[d->n_drivers++] = i;
    for (int32_t i = 0; i < t->n_net; i++)
        for (int32_t k = 0; k < 2; k++) {
            d->net_e[2 * i + k] = (t->node[10 * (int64_t)t->to[i] + 2 + 2 * k] - t->node[10 * (int64_t)t->from[i] + 2 + 2 * k]) / norm->e[k];
            d->net_e_back[2 * i + k] = -d->net_e[2 * i + k];
        }
    WEFT_TRY(lookup(&d->from, d->n, t->n_net, t->from, false, diag));
    WEFT_TRY(lookup(&d->to, d->n, t->n_net, t->to, false, diag));
    WEFT_TRY(lookup(&d->into_sink, d->n, t->n_net, t->to, true, diag));
    WEFT_TRY(lookup(&d->into_driver, d->n, t->n_net, t->from, true, diag));
    WEFT_TRY(lookup(&d->at_driver, d->n, d->n_drivers, d->driver, false, diag));
    WEFT_TRY(lookup(&d->put_driver, d->n, d->n_drivers, d->driver, true, diag));
    WEFT_TRY(lookup(&d->mean, 1, d->n, zero, true, diag));
    if (flags & WEFT_I_LEVEL_CODER) WEFT_TRY(weft_i_level_both_init(&d->all, t, norm, 0, t->n_nodes, diag));
    WEFT_TRY(by_output(t, &order, &n_cell));
    WEFT_TRY_ALLOC(d->whole.net = weft_i_malloc(((size_t)t->n_net + 1) * sizeof *d->whole.net));
    for (int32_t i = 0; i < t->n_net; i++)
        if (t->invalid[t->to[i]] < 2) d->whole.net[d->whole.n_net++] = i;
    if (flags & WEFT_I_LEVEL_STEPS) {
        WEFT_TRY(steps(d, d->whole.net, d->whole.n_net, order, n_cell));
        weft_i_level_step_destroy(&d->whole);
    } else {
        WEFT_TRY_ALLOC(d->whole.cell = copy(order, n_cell));
        d->whole.n_cell = n_cell;
        WEFT_TRY(weft_i_level_step_fill(&d->whole, d, diag));
    }
done:
    weft_i_free(order);
    weft_i_free(zero);
    if (status != WEFT_OK) weft_i_level_data_destroy(d);
    return status;
}

void weft_i_level_data_destroy(weft_i_level_data_t *d)
{
    weft_graph_t *graph[] = {d->from, d->to, d->into_sink, d->into_driver, d->at_driver, d->put_driver, d->mean};
    void *owned[] = {d->driver, d->node, d->placed, d->net_e, d->net_e_back, d->state};
    for (size_t i = 0; i < sizeof graph / sizeof *graph; i++) weft_graph_free(graph[i]);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    weft_i_level_both_destroy(&d->all);
    weft_i_level_step_destroy(&d->whole);
    for (int32_t l = 0; d->step && l < d->n_steps; l++) weft_i_level_step_destroy(&d->step[l]);
    weft_i_free(d->step);
    *d = (weft_i_level_data_t){0};
}
