/* features/time21_window.c: a block of levels of a design with what it needs around it. */
#include "base/alloc.h"
#include "base/status.h"
#include "features/time21.h"

#include <string.h>

weft_levels_t weft_time21_levels(const weft_time21_t *t)
{
    return (weft_levels_t){.n_nodes = t->n_nodes, .n_edges = (int64_t)t->n_net + t->n_cell, .from = t->from, .to = t->to, .level = t->level, .n_levels = t->n_levels};
}

static float *rows(const float *from, const int32_t *row, int64_t n, int64_t cols)
{
    float *to = from ? weft_i_malloc((size_t)(n * cols + 1) * sizeof *to) : NULL;
    for (int64_t i = 0; to && i < n; i++) memcpy(to + i * cols, from + row[i] * cols, (size_t)cols * sizeof *to);
    return to;
}

/* The drivers of context sinks, then the sinks of context drivers. */
static void complete_nets(const weft_time21_t *t, uint8_t *mark)
{
    for (int32_t e = 0; e < t->n_net; e++)
        if (mark[t->to[e]] && !mark[t->from[e]]) mark[t->from[e]] = 2;
    for (int32_t e = 0; e < t->n_net; e++)
        if (mark[t->from[e]] && !mark[t->to[e]]) mark[t->to[e]] = 2;
}

weft_status_t weft_time21_window(weft_time21_t **window, const weft_time21_t *t, int32_t first, int32_t last, weft_context_t context, int32_t pad, bool whole_nets)
{
    weft_status_t status = WEFT_OK;
    weft_time21_t *w = NULL;
    int32_t *place = NULL, *edge = NULL, n = 0, m = 0;
    uint8_t *mark = NULL;
    weft_levels_t levels = weft_time21_levels(t);
    *window = NULL;
    WEFT_TRY_ALLOC(w = weft_i_calloc(1, sizeof *w));
    WEFT_TRY_ALLOC(w->name = weft_i_strndup(t->name, strlen(t->name)));
    WEFT_TRY_ALLOC(place = weft_i_malloc(((size_t)t->n_nodes + 1) * sizeof *place));
    WEFT_TRY_ALLOC(edge = weft_i_malloc(((size_t)t->n_net + (size_t)t->n_cell + 1) * sizeof *edge));
    WEFT_TRY_ALLOC(mark = weft_i_malloc((size_t)t->n_nodes + 1));
    weft_partition_mark(mark, &levels, first, last, context, pad);
    if (context == WEFT_CONTEXT_READ && whole_nets) complete_nets(t, mark);
    for (int32_t i = 0; i < t->n_nodes; i++) place[i] = mark[i] ? n++ : -1;
    size_t room = (size_t)n + 1;
    w->n_nodes = n;
    w->library = t->library;
    w->period = t->period;
    w->n_levels = t->n_levels;
    w->clock_node = -1;
    WEFT_TRY_ALLOC(w->node_pin = weft_i_malloc(room * sizeof *w->node_pin));
    WEFT_TRY_ALLOC(w->level = weft_i_malloc(room * sizeof *w->level));
    WEFT_TRY_ALLOC(w->invalid = weft_i_calloc(room, 1));
    WEFT_TRY_ALLOC(w->endpoint = weft_i_calloc(room, 1));
    WEFT_TRY_ALLOC(w->is_input = weft_i_calloc(room, 1));
    for (int32_t i = 0; i < t->n_nodes; i++) {
        int32_t k = place[i];
        if (k < 0) continue;
        w->node_pin[k] = i;
        w->level[k] = t->level[i];
        w->invalid[k] = mark[i] == 2 ? 2 : t->invalid[i];
        w->endpoint[k] = t->endpoint[i];
        w->is_input[k] = t->is_input[i];
    }
    for (int32_t e = 0; e < t->n_net + t->n_cell; e++) {
        if (place[t->from[e]] < 0 || place[t->to[e]] < 0 || (context == WEFT_CONTEXT_READ && e >= t->n_net && mark[t->to[e]] != 1)) continue;
        edge[m++] = e;
        *(e < t->n_net ? &w->n_net : &w->n_cell) += 1;
    }
    room = (size_t)m + 1;
    WEFT_TRY_ALLOC(w->from = weft_i_malloc(room * sizeof *w->from));
    WEFT_TRY_ALLOC(w->to = weft_i_malloc(room * sizeof *w->to));
    WEFT_TRY_ALLOC(w->arc = weft_i_malloc(room * sizeof *w->arc));
    WEFT_TRY_ALLOC(w->label_arc = weft_i_malloc(room * sizeof *w->label_arc));
    WEFT_TRY_ALLOC(w->arc_kind = weft_i_malloc(room));
    for (int32_t i = 0; i < m; i++) {
        w->from[i] = place[t->from[edge[i]]];
        w->to[i] = place[t->to[edge[i]]];
        if (i < w->n_net) continue;
        edge[i] -= t->n_net; /* from here on a cell edge's number */
        w->arc[i - w->n_net] = t->arc[edge[i]];
        w->label_arc[i - w->n_net] = t->label_arc[edge[i]];
        w->arc_kind[i - w->n_net] = t->arc_kind[edge[i]];
    }
    WEFT_TRY_ALLOC(w->node = rows(t->node, w->node_pin, n, 10));
    WEFT_TRY_ALLOC(w->at_slew = rows(t->at_slew, w->node_pin, n, 8));
    w->net_delay = rows(t->net_delay, w->node_pin, n, 4);
    w->cell_delay = rows(t->cell_delay, edge + w->n_net, w->n_cell, 4);
    w->slack = rows(t->slack, w->node_pin, n, 2);
    if ((t->net_delay && !w->net_delay) || (t->cell_delay && !w->cell_delay) || (t->slack && !w->slack)) status = WEFT_ENOMEM;
    *window = w;
    w = NULL;
done:
    weft_i_free(mark);
    weft_i_free(place);
    weft_i_free(edge);
    if (status != WEFT_OK) weft_time21_free(*window);
    if (status != WEFT_OK) *window = NULL;
    weft_time21_free(w);
    return status;
}
