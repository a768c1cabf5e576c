/* timing/levels.c: topological levels; loops are cut at the edge that closes them in a depth-first walk by node order. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <string.h>

/* Edges that order the levels: everything that carries an arrival; those through latches only where asked. */
static bool orders(const weft_timer_t *t, int32_t e, bool latches)
{
    uint8_t k = t->edge_kind[e];
    return !t->edge_off[e] && !weft_i_edge_is_check(k) && (latches || k != WEFT_I_EDGE_D_Q);
}

typedef struct frame { int32_t node, edge; } frame_t;

static void tell_cut(weft_timer_t *t, int32_t e, weft_diag_t *diag)
{
    char from[512], to[512];
    weft_design_pin_name(t->design, t->node_pin[t->edge_from[e]], from, sizeof from);
    weft_design_pin_name(t->design, t->node_pin[t->edge_to[e]], to, sizeof to);
    weft_diag_add(diag, WEFT_WARNING, "timing-loop", NULL, 0, 0,
                  t->edge_kind[e] == WEFT_I_EDGE_D_Q ? "loop through latches cut at %s -> %s: no time is borrowed there"
                                                     : "combinational loop cut at %s -> %s; set_disable_timing chooses another place", from, to);
    t->counts.n_cut_edges++;
}

/* The edge to cut in the loop that e closes: D to Q of a latch where there is one on the way, else e. */
static int32_t where_to_cut(const weft_timer_t *t, const frame_t *stack, int64_t depth, int32_t e)
{
    for (int64_t i = depth - 1; i > 0 && stack[i].node != t->edge_to[e]; i--) {
        int32_t into = stack[i - 1].edge - 1;
        if (t->edge_kind[into] == WEFT_I_EDGE_D_Q) return into;
    }
    return e;
}

/* Iterative depth-first walk; colour 1 open, 2 done; finish order is a reverse topological order of what it does not cut.
 * *n_cut: cuts that leave the order untrue, so that the walk must be made again. */
static weft_status_t walk(weft_timer_t *t, int32_t *finish, bool latches, int32_t *n_cut, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    uint8_t *colour = NULL;
    frame_t *stack = NULL;
    int64_t capacity = 0;
    int32_t n_finished = 0;
    *n_cut = 0;
    WEFT_TRY_ALLOC(colour = weft_i_calloc((size_t)t->n_nodes, 1));
    for (int32_t pass = 0; pass < 2; pass++) { /* roots first, so that cuts lie inside loops seen from the inputs */
        for (int32_t root = 0; root < t->n_nodes; root++) {
            if (colour[root]) continue;
            bool is_root = true;
            for (int32_t i = t->in_first[root]; i < t->in_first[root + 1] && is_root; i++) is_root = !orders(t, t->in_edge[i], latches);
            if (!pass && !is_root) continue;
            int64_t depth = 0;
            if (!WEFT_I_ROOM(stack, capacity, 1)) WEFT_TRY(WEFT_ENOMEM);
            stack[depth++] = (frame_t){root, t->out_first[root]};
            colour[root] = 1;
            while (depth) {
                frame_t *f = &stack[depth - 1];
                if (f->edge == t->out_first[f->node + 1]) {
                    colour[f->node] = 2;
                    finish[n_finished++] = f->node;
                    depth--;
                    continue;
                }
                int32_t e = f->edge++;
                if (!orders(t, e, latches)) continue;
                int32_t to = t->edge_to[e];
                if (colour[to] == 1) {
                    int32_t cut = where_to_cut(t, stack, depth, e);
                    *n_cut += cut != e;
                    if (!t->edge_off[cut]) tell_cut(t, cut, diag);
                    t->edge_off[cut] |= WEFT_I_OFF_LOOP;
                } else if (!colour[to]) {
                    colour[to] = 1;
                    if (!WEFT_I_ROOM(stack, capacity, depth + 1)) WEFT_TRY(WEFT_ENOMEM);
                    stack[depth++] = (frame_t){to, t->out_first[to]};
                }
            }
        }
    }
done:
    weft_i_free(colour);
    weft_i_free(stack);
    return status;
}

weft_status_t weft_i_timer_levels(weft_timer_t *t, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *finish = NULL;
    size_t n = (size_t)t->n_nodes;
    WEFT_TRY_ALLOC(finish = weft_i_malloc(n * sizeof *finish));
    WEFT_TRY_ALLOC(t->level = weft_i_calloc(n, sizeof *t->level));
    WEFT_TRY_ALLOC(t->order = weft_i_malloc(n * sizeof *t->order));
    WEFT_TRY_ALLOC(t->position = weft_i_malloc(n * sizeof *t->position));
    int32_t n_cut = 1;
    bool latches = t->n_edges && memchr(t->edge_kind, WEFT_I_EDGE_D_Q, (size_t)t->n_edges);
    if (latches) WEFT_TRY(walk(t, finish, false, &n_cut, diag)); /* loops without a latch first, so that the rest can be cut at latches */
    for (n_cut = 1; n_cut;) WEFT_TRY(walk(t, finish, true, &n_cut, diag)); /* each round cuts at least one latch */
    int32_t top = 0;
    for (int32_t i = t->n_nodes - 1; i >= 0; i--) {
        int32_t u = finish[i];
        if (t->level[u] > top) top = t->level[u];
        for (int32_t e = t->out_first[u]; e < t->out_first[u + 1]; e++)
            if (orders(t, e, true) && t->level[t->edge_to[e]] <= t->level[u]) t->level[t->edge_to[e]] = t->level[u] + 1;
    }
    t->n_levels = t->n_nodes ? top + 1 : 0;
    t->counts.n_levels = t->n_levels;
    WEFT_TRY_ALLOC(t->level_first = weft_i_calloc((size_t)t->n_levels + 2, sizeof *t->level_first));
    for (int32_t i = 0; i < t->n_nodes; i++) t->level_first[t->level[i] + 1]++;
    for (int32_t l = 0; l < t->n_levels; l++) t->level_first[l + 1] += t->level_first[l];
    for (int32_t i = 0; i < t->n_nodes; i++) finish[i] = 0;
    for (int32_t i = 0; i < t->n_nodes; i++) {
        int32_t at = t->level_first[t->level[i]] + finish[t->level[i]]++;
        t->order[at] = i;
        t->position[i] = at;
    }
done:
    weft_i_free(finish);
    return status;
}
