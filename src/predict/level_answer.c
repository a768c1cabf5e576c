/* predict/level_answer.c: answers of the networks of level_net.h, block by block. What goes from block to block is the carried state: state and embedding
 * of the nodes that later blocks read. Every row's bits depend on that row alone and sums go in the order of the design, so blocks change no bit. */
#include "base/alloc.h"
#include "base/status.h"
#include "predict/level_net.h"

#include <math.h>
#include <string.h>

enum { STATE = WEFT_I_STATE, LATENT_BLOCK = 4096 };

typedef struct pass {
    const weft_level_net_t *m;
    const weft_time21_t *t;
    weft_time21_answer_t *a;
    weft_tape_t *tape;
    bool forced;
    int64_t h;                /* columns of the embedding */
    float *state, *latent;    /* [n, 8] each; latent: NULL without an auto-encoder */
    int32_t *last, *slot;     /* [n] level of a node's last reader; its row in `carried`, -1: none */
    float *carried;           /* [n_slots, h] */
    int32_t *spare, n_spare, n_slots;
} pass_t;

static int64_t embedding_columns(const weft_level_net_t *m) { return m->kind->attention ? WEFT_I_PLACED + 2 * WEFT_I_LATENT + 64 : WEFT_I_RAW + 16; }

static void put_states(const weft_time21_t *w, const weft_i_level_step_t *s, const weft_i_level_state_t *y, float *state)
{
    for (int32_t i = 0; i < s->n_net; i++) memcpy(state + STATE * (int64_t)w->node_pin[w->to[s->net[i]]], weft_var_data(y->sinks) + STATE * (int64_t)i, STATE * sizeof *state);
    for (int32_t i = 0; i < s->n_dst; i++) memcpy(state + STATE * (int64_t)w->node_pin[s->dst[i]], weft_var_data(y->outputs) + STATE * (int64_t)i, STATE * sizeof *state);
}

/* One step of a block: `local` are the states that it reads, by node of the block. */
static weft_status_t one_step(pass_t *p, weft_i_level_step_t *s, const weft_i_level_data_t *d, const float *embedding, float *local, const int32_t *cell_edge, weft_diag_t *diag)
{
    const weft_i_level_norm_t *norm = weft_i_level_norm(p->m);
    weft_status_t status = weft_i_level_step_fill(s, d, diag);
    if (status != WEFT_OK) return status;
    weft_i_level_state_t y = weft_i_level_step(p->m, p->tape, s, weft_tape_constant(p->tape, local, d->n, STATE), weft_tape_constant(p->tape, embedding, d->n, p->h));
    WEFT_TRY(weft_tape_status(p->tape, diag));
    put_states(d->t, s, &y, p->state);
    for (int32_t i = 0; i < s->n_net && !p->forced; i++) memcpy(local + STATE * (int64_t)d->t->to[s->net[i]], weft_var_data(y.sinks) + STATE * (int64_t)i, STATE * sizeof *local);
    for (int32_t i = 0; i < s->n_dst && !p->forced; i++) memcpy(local + STATE * (int64_t)s->dst[i], weft_var_data(y.outputs) + STATE * (int64_t)i, STATE * sizeof *local);
    for (int64_t i = 0; i < (int64_t)s->n_cell * 4; i++)
        p->a->cell_delay[4 * (int64_t)cell_edge[s->cell[i / 4]] + i % 4] = weft_var_data(y.cell_delay)[i] * norm->cell[1][i % 4] + norm->cell[0][i % 4];
done:
    weft_tape_reset(p->tape);
    weft_i_level_step_destroy(s);
    return status;
}

/* Rows for what a later block reads; those that none reads any more are free again. */
static weft_status_t carry(pass_t *p, const weft_time21_t *w, const weft_block_t *b, const float *embedding)
{
    for (int32_t k = 0; k < w->n_nodes; k++) {
        int32_t v = w->node_pin[k];
        if (p->last[v] >= b->last || p->slot[v] < 0) continue;
        p->spare[p->n_spare++] = p->slot[v];
        p->slot[v] = -1;
    }
    for (int32_t k = 0; k < w->n_nodes; k++) {
        int32_t v = w->node_pin[k];
        if (w->invalid[k] == 2 || p->last[v] < b->last) continue;
        p->slot[v] = p->n_spare ? p->spare[--p->n_spare] : p->n_slots++;
        memcpy(p->carried + p->slot[v] * p->h, embedding + k * p->h, (size_t)p->h * sizeof *embedding);
    }
    return WEFT_OK;
}

/* The numbers of the design's cell edges that stand in the window, in its order. */
static int32_t *cell_edges(const weft_time21_t *t, const weft_time21_t *w, const weft_block_t *b)
{
    int32_t *edge = weft_i_malloc(((size_t)w->n_cell + 1) * sizeof *edge), n = 0;
    for (int32_t i = 0; edge && i < t->n_cell; i++) {
        int32_t l = t->level[t->to[t->n_net + i]];
        if (l >= b->first && l < b->last) edge[n++] = i;
    }
    return edge;
}

static weft_status_t one_block(pass_t *p, const weft_block_t *b, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_level_norm_t *norm = weft_i_level_norm(p->m);
    weft_time21_t *w = NULL;
    weft_i_level_data_t d = {0};
    float *latent = NULL, *embedding = NULL, *local = NULL;
    int32_t *edge = NULL;
    WEFT_TRY(weft_time21_window(&w, p->t, b->first, b->last, WEFT_CONTEXT_READ, 0, false));
    WEFT_TRY(weft_i_level_data_init(&d, w, p->t, norm, WEFT_I_LEVEL_STEPS, diag));
    WEFT_TRY_ALLOC(edge = cell_edges(p->t, w, b));
    WEFT_TRY_ALLOC(local = weft_i_aligned((size_t)w->n_nodes * STATE * sizeof *local + 64));
    WEFT_TRY_ALLOC(embedding = weft_i_aligned((size_t)(w->n_nodes * p->h) * sizeof *embedding + 64));
    if (p->latent) {
        WEFT_TRY_ALLOC(latent = weft_i_aligned((size_t)w->n_nodes * 8 * sizeof *latent + 64));
        for (int32_t k = 0; k < w->n_nodes; k++) memcpy(latent + 8 * (int64_t)k, p->latent + 8 * (int64_t)w->node_pin[k], 8 * sizeof *latent);
        d.latent = latent;
    }
    weft_i_level_out_t o = weft_i_level_embed(p->m, p->tape, &d);
    WEFT_TRY(weft_tape_status(p->tape, diag));
    memcpy(embedding, weft_var_data(o.embedding), (size_t)(w->n_nodes * p->h) * sizeof *embedding);
    for (int32_t k = 0; k < w->n_nodes; k++) {
        int32_t v = w->node_pin[k];
        memcpy(local + STATE * (int64_t)k, (p->forced ? d.state + STATE * (int64_t)k : p->state + STATE * (int64_t)v), STATE * sizeof *local);
        if (w->invalid[k] == 2) {
            memcpy(embedding + k * p->h, p->carried + p->slot[v] * p->h, (size_t)p->h * sizeof *embedding);
            continue;
        }
        for (int32_t i = 0; i < 4; i++)
            p->a->net_delay[4 * (int64_t)v + i] = w->node[10 * (int64_t)k + 1] > 0.5f ? 0.0f : (float)fmax(exp((double)(weft_var_data(o.net_delay)[4 * (int64_t)k + i] * norm->net[1][i] + norm->net[0][i]) - 7.6) - 1e-4, 0.0);
    }
    weft_tape_reset(p->tape);
    for (int32_t l = 0; l < d.n_steps; l++) WEFT_TRY(one_step(p, &d.step[l], &d, embedding, local, edge, diag));
    WEFT_TRY(carry(p, w, b, embedding));
done:
    weft_tape_reset(p->tape);
    weft_i_level_data_destroy(&d);
    weft_time21_free(w);
    weft_i_free(latent);
    weft_i_free(embedding);
    weft_i_free(local);
    weft_i_free(edge);
    return status;
}

/* Prices of a pass. Per node and edge of a block: its window, look-ups and the widest moment of the embedding, rounded up from resident sets
 * (bench/time21_partition.py holds plans against them). Fixed: states, readers and slots of all nodes, marks; latent values and two layers of the encoder; a step,
 * and the encoder's block. */
weft_status_t weft_level_net_plan(const weft_level_net_t *m, const weft_time21_t *t, const weft_level_run_t *run, weft_partition_t **plan, weft_diag_t *diag)
{
    weft_level_run_t r = run ? *run : (weft_level_run_t){0};
    weft_levels_t levels = weft_time21_levels(t);
    bool deep = m->kind->attention;
    int64_t per_node = 4 * WEFT_I_STATE + 4 * 4 + 1 + (deep ? 4 * (2 * WEFT_I_LATENT + WEFT_I_PLACED + 2 * 32) : 0);
    weft_partition_options_t o = {.step = 2, .max_nodes = r.max_nodes, .max_bytes = r.max_bytes, .node_bytes = deep ? 20000 : 6500, .edge_bytes = deep ? 7000 : 2600, .carried_bytes = 4 * embedding_columns(m),
                                  .fixed_bytes = t->n_nodes * per_node + ((int64_t)t->n_net + t->n_cell) * 4 + (deep ? 80 : 48) * (INT64_C(1) << 20)};
    return weft_partition_new(plan, &levels, &o, diag);
}

static weft_status_t pass_init(pass_t *p, const weft_partition_t *plan, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_time21_t *t = p->t;
    const weft_i_level_norm_t *norm = weft_i_level_norm(p->m);
    p->h = embedding_columns(p->m);
    WEFT_TRY_ALLOC(p->tape = weft_tape_new());
    weft_tape_set_training(p->tape, false);
    WEFT_TRY_ALLOC(p->state = weft_i_aligned((size_t)t->n_nodes * STATE * sizeof *p->state + 64));
    WEFT_TRY_ALLOC(p->last = weft_i_malloc(((size_t)t->n_nodes + 1) * sizeof *p->last));
    WEFT_TRY_ALLOC(p->slot = weft_i_malloc(((size_t)t->n_nodes + 1) * sizeof *p->slot));
    WEFT_TRY_ALLOC(p->spare = weft_i_malloc(((size_t)t->n_nodes + 1) * sizeof *p->spare));
    WEFT_TRY_ALLOC(p->carried = weft_i_aligned((size_t)((plan->most_carried + 1) * p->h) * sizeof *p->carried + 64));
    for (int32_t v = 0; v < t->n_nodes; v++) p->last[v] = p->slot[v] = -1;
    for (int64_t e = 0; e < (int64_t)t->n_net + t->n_cell; e++)
        if (t->level[t->to[e]] > p->last[t->from[e]]) p->last[t->from[e]] = t->level[t->to[e]];
    for (int64_t i = 0; i < (int64_t)t->n_nodes * STATE; i++) { /* the labels of primary inputs are given, all other states come from the network */
        float none = i % STATE < 4 ? 0.0f : -6.2103f, v = t->is_input[i / STATE] ? t->at_slew[i] : none;
        p->state[i] = (v - norm->state[0][i % STATE]) / norm->state[1][i % STATE];
    }
    if (p->m->kind->attention) {
        WEFT_TRY_ALLOC(p->latent = weft_i_aligned((size_t)t->n_nodes * 2 * WEFT_I_LATENT * sizeof *p->latent + 64));
        WEFT_TRY(weft_i_level_latents(p->m, p->tape, t, plan->n_blocks > 1 ? LATENT_BLOCK : 0, p->latent, diag));
        weft_tape_free(p->tape); /* with the buffers that the blocks have no use for */
        WEFT_TRY_ALLOC(p->tape = weft_tape_new());
        weft_tape_set_training(p->tape, false);
    }
done:
    return status;
}

weft_status_t weft_level_net_answer(const weft_level_net_t *m, const weft_time21_t *t, const weft_level_run_t *run, weft_time21_answer_t *a, int64_t *peak, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    pass_t p = {.m = m, .t = t, .a = a, .forced = run && run->forced};
    weft_partition_t *plan = NULL;
    const weft_i_level_norm_t *norm = weft_i_level_norm(m);
    WEFT_TRY(weft_level_net_plan(m, t, run, &plan, diag));
    WEFT_TRY(pass_init(&p, plan, diag));
    for (int32_t k = 0; k < plan->n_blocks; k++) WEFT_TRY(one_block(&p, &plan->block[k], diag));
    for (int64_t i = 0; i < (int64_t)t->n_nodes * STATE; i++) {
        float v = p.state[i] * norm->state[1][i % STATE] + norm->state[0][i % STATE];
        if (i % STATE < 4) a->arrival[4 * (i / STATE) + i % STATE] = t->invalid[i / STATE] ? 0.0f : v;
        else a->slew[4 * (i / STATE) + i % STATE - 4] = t->invalid[i / STATE] ? 0.0f : (float)fmax(exp((double)v - 3.0) - 1e-4, 0.0);
    }
    if (peak) *peak = weft_tape_peak(p.tape, false);
done:
    weft_partition_free(plan);
    weft_tape_free(p.tape);
    weft_i_free(p.state);
    weft_i_free(p.latent);
    weft_i_free(p.last);
    weft_i_free(p.slot);
    weft_i_free(p.carried);
    weft_i_free(p.spare);
    return status;
}
