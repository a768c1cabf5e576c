/* train/apply_blocks.c: a trained model on a large graph, layer by layer and by blocks of nodes, with the bits of the whole graph. All blocks are counted and planned before the first of
 * them is computed; what a layer made of all nodes lies in a file. */
#include "base/alloc.h"
#include "base/isa.h"
#include "base/status.h"
#include "models/model.h"
#include "train/blocks.h"
#include "train/train.h"

#include <string.h>

enum { MOST_ROWS = 1 << 16 }; /* of what needs a node's own row alone: more at once gain nothing */

/* What is done to a block's rows. By row: the map before the layers, a layer's map of its inputs, the end. With neighbours: a layer, or what is left of it behind its map. */
typedef enum pass { MAP_FIRST, MAP_LAYER, FINISH, LAYER, REST } pass_t;

/* Where blocks begin, and the end of the last; the most rows that one reads, nodes that one has, and whether all may have room for that many. */
typedef struct cuts { int64_t *first, n, room, most_rows, most; bool shared; } cuts_t;

typedef struct blocks {
    const weft_node_task_t *task;
    const weft_train_options_t *o;
    const weft_model_t *model;
    const weft_i_scaled_t *features; /* rows of which are scaled as they are read */
    weft_i_row_store_t layer[WEFT_I_MAX_LAYERS + 1], mapped; /* [0]: what the first layer sees */
    int64_t map_cols[WEFT_I_MAX_LAYERS]; /* of a layer that maps first */
    cuts_t cut[WEFT_I_MAX_LAYERS];
    weft_i_node_block_marks_t marks;
    weft_tape_t *tape;      /* of one block */
    int64_t done, all;      /* rows, those with neighbours four times */
    int64_t held, peak, n_blocks; /* bytes that stand beside a block; most bytes planned */
    int32_t base;           /* the first layer that the end sees */
} blocks_t;

bool weft_i_by_blocks(const weft_train_options_t *o)
{
    static const char *const local[] = {"gcn", "sage", "gat", "gatv2", "gin", "jknet", "transformer"}; /* a layer sees a node and its neighbours, no state of arcs, no types */
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (!strcmp(o->model.model, local[i])) return o->model.norm != WEFT_NORM_GRAPH && !o->model.lstm;
    return false;
}

static pass_t layer_pass(const blocks_t *s, int32_t l) { return weft_i_stack_maps_first(s->model, l) ? REST : LAYER; }
static int64_t reals(int64_t n) { return n * (int64_t)sizeof(weft_real_t); }

/* ---- one block --------------------------------------------------------------------------------------------------------------------------------- */
/* Inputs: LAYER: x of all its rows; REST: mapped rows, and x of its nodes where the layer sees them; by row: one for each store it reads. */
static weft_var_t *ops(blocks_t *s, pass_t pass, int32_t l, const weft_topology_t *t, int64_t n_rows, int64_t n, const weft_real_t *const *in, weft_var_t **last)
{
    const weft_model_t *m = s->model;
    weft_batch_t batch = {.topology = t, .n_nodes = n_rows};
    weft_var_t *e = NULL, *all[WEFT_I_MAX_LAYERS];
    weft_tape_reset(s->tape);
    weft_tape_set_training(s->tape, false);
    if (pass == MAP_FIRST) return weft_i_stack_first(m, weft_x_dense(weft_tape_constant(s->tape, in[0], n, m->o.in))).dense;
    if (pass == MAP_LAYER) return weft_i_stack_map(m, l, weft_tape_constant(s->tape, in[0], n, s->layer[l].cols));
    if (pass == LAYER) return weft_i_stack_layer(m, l, &batch, weft_x_dense(weft_tape_constant(s->tape, in[0], n_rows, s->layer[l].cols)), &e);
    if (pass == REST) return weft_i_stack_rest(m, l, &batch, weft_tape_constant(s->tape, in[0], n_rows, s->map_cols[l]), weft_i_stack_sees_own(m, l) ? weft_tape_constant(s->tape, in[1], n, s->layer[l].cols) : NULL);
    for (int32_t k = s->base; k < m->n_layers; k++) all[k] = weft_tape_constant(s->tape, in[k - s->base], n, s->layer[k + 1].cols);
    *last = weft_i_stack_jump(m, all);
    return m->o.head ? weft_linear(&m->head, weft_x_dense(*last)) : *last;
}

/* Bytes that the tape will hold, columns of what it makes. */
static weft_status_t tape_bytes(blocks_t *s, pass_t pass, int32_t l, const weft_topology_t *t, int64_t n_rows, int64_t n, int64_t *bytes, int64_t *cols, int64_t *last_cols, weft_diag_t *diag)
{
    static const weft_real_t nothing[1]; /* a plan reads no values */
    const weft_real_t *blank[WEFT_I_MAX_LAYERS];
    weft_var_t *last = NULL;
    for (int32_t k = 0; k < WEFT_I_MAX_LAYERS; k++) blank[k] = nothing;
    weft_tape_plan(s->tape, true);
    weft_var_t *y = ops(s, pass, l, t, n_rows, n, blank, &last);
    weft_status_t status = weft_tape_status(s->tape, diag);
    *bytes = weft_tape_peak(s->tape, false);
    *cols = y ? weft_var_cols(y) : 0;
    if (last_cols) *last_cols = last ? weft_var_cols(last) : 0;
    weft_tape_plan(s->tape, false);
    return status;
}

/* No buffers of an earlier block stay. */
static weft_status_t fresh_tape(blocks_t *s)
{
    weft_tape_free(s->tape);
    s->tape = weft_tape_new();
    return s->tape ? WEFT_OK : WEFT_ENOMEM;
}

/* A block's ops for real. */
static weft_status_t computed(blocks_t *s, pass_t pass, int32_t l, const weft_topology_t *t, int64_t n_rows, int64_t n, weft_real_t *const *in, weft_var_t **y, weft_var_t **last, weft_diag_t *diag)
{
    *y = ops(s, pass, l, t, n_rows, n, (const weft_real_t *const *)in, last);
    return weft_tape_status(s->tape, diag);
}

static void read_rows(const blocks_t *s, const weft_i_row_store_t *from, const int32_t *row, int64_t first, int64_t n, weft_real_t *to)
{
    weft_i_row_store_read(from, row, first, n, to);
    if (from->at == s->features->x) weft_i_scale_rows(to, n, from->cols, s->features->how, &s->features->columns);
}

/* ---- plans ------------------------------------------------------------------------------------------------------------------------------------- */
static bool fits(blocks_t *s, int64_t bytes)
{
    bool fit = s->o->max_memory <= 0 || bytes <= s->o->max_memory;
    if (fit && bytes > s->peak) s->peak = bytes;
    return fit;
}

static weft_status_t too_little(const blocks_t *s, int64_t bytes, weft_diag_t *diag)
{
    const double mib = 1024.0 * 1024.0;
    weft_diag_add(diag, WEFT_ERROR, "train-memory", NULL, 0, 0, "%.1f MiB are needed for the smallest block of nodes, %.1f are allowed: %.1f of them are the graph, results and parameters, and the features where they are no file that can be mapped",
                  (double)bytes / mib, (double)s->o->max_memory / mib, (double)s->held / mib);
    return WEFT_ELIMIT;
}

static bool sees_own(const blocks_t *s, int32_t l) { return layer_pass(s, l) == REST && weft_i_stack_sees_own(s->model, l); }
static int64_t input_columns(const blocks_t *s, int32_t l) { return layer_pass(s, l) == REST ? s->map_cols[l] : s->layer[l].cols; }
static int64_t input_bytes(const blocks_t *s, int32_t l, int64_t n_rows, int64_t n) { return reals(n_rows * input_columns(s, l) + (sees_own(s, l) ? n * s->layer[l].cols : 0)); }

/* Bytes of a block with neighbours. */
static weft_status_t block_cost(blocks_t *s, int32_t l, const weft_i_node_block_shape_t *shape, int64_t *bytes, weft_diag_t *diag)
{
    int64_t cols;
    weft_i_node_block_outline_t outline;
    weft_i_node_block_outline(&outline, shape);
    weft_status_t status = tape_bytes(s, layer_pass(s, l), l, &outline.topology, shape->n_rows, shape->n, bytes, &cols, NULL, diag);
    *bytes += s->held + weft_i_node_block_bytes(shape) + input_bytes(s, l, shape->n_rows, shape->n);
    return status;
}

/* What the node with the most neighbours needs alone: no limit below it can be kept. */
static weft_status_t check_floor(blocks_t *s, int32_t l, weft_diag_t *diag)
{
    const weft_graph_t *g = s->task->graph;
    int64_t most = 0, bytes;
    for (int64_t v = 0; v < g->n_dst; v++)
        if (g->offset[v + 1] - g->offset[v] > g->offset[most + 1] - g->offset[most]) most = v;
    const weft_i_node_block_shape_t shape = weft_i_node_block_count(&s->marks, most, 1);
    weft_status_t status = block_cost(s, l, &shape, &bytes, diag);
    return status == WEFT_OK && !fits(s, bytes) ? too_little(s, bytes, diag) : status;
}

/* Blocks as large as they may be: an eighth smaller until one fits, an eighth larger where much is left. */
static weft_status_t cut_layer(blocks_t *s, int32_t l, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    cuts_t *c = &s->cut[l];
    int64_t n = s->task->n_nodes, size = n, bytes, m, beside = 0;
    WEFT_TRY(check_floor(s, l, diag));
    for (int64_t first = 0; first < n;) {
        m = size < n - first ? size : n - first;
        const weft_i_node_block_shape_t shape = weft_i_node_block_count(&s->marks, first, m);
        WEFT_TRY(block_cost(s, l, &shape, &bytes, diag));
        if (!fits(s, bytes)) {
            if (m == 1) return too_little(s, bytes, diag);
            size = m - (m > 8 ? m / 8 : 1);
            continue;
        }
        WEFT_TRY_ALLOC(WEFT_I_ROOM(c->first, c->room, c->n + 2));
        c->first[c->n++] = first;
        first += m;
        c->first[c->n] = first;
        bytes -= input_bytes(s, l, shape.n_rows, m);
        if (bytes > beside) beside = bytes;
        if (m > c->most) c->most = m;
        if (shape.n_rows > c->most_rows) c->most_rows = shape.n_rows;
        if (s->o->max_memory > 0 && bytes + input_bytes(s, l, shape.n_rows, m) < s->o->max_memory / 4 * 3) size += size / 8;
    }
    c->shared = fits(s, beside + input_bytes(s, l, c->most_rows, c->most));
    s->n_blocks += c->n;
done:
    return status;
}

/* Rows at once of what needs a node's own row alone, reading `columns` in all. */
static weft_status_t rows_at_once(blocks_t *s, pass_t pass, int32_t l, int64_t columns, int64_t *size, weft_diag_t *diag)
{
    int64_t bytes, cols;
    for (*size = s->task->n_nodes < MOST_ROWS ? s->task->n_nodes : MOST_ROWS;; *size = (*size + 1) / 2) {
        weft_status_t status = tape_bytes(s, pass, l, NULL, *size, *size, &bytes, &cols, NULL, diag);
        bytes += s->held + reals(*size * columns);
        if (status != WEFT_OK || fits(s, bytes)) return status;
        if (*size == 1) return too_little(s, bytes, diag);
    }
}

/* What readers hold of a mapping, and products of columns that they copy (graph/spmm.c). */
static int64_t windows(const blocks_t *s)
{
    int64_t most = s->task->n_features, window = weft_i_row_store_window();
    for (int32_t l = 0; l <= s->model->n_layers; l++)
        if (s->layer[l].cols > most) most = s->layer[l].cols;
    int64_t file = reals(s->task->n_nodes * most), slab = weft_i_third_cache() / 10 * 7;
    return (file < window ? file : weft_threads() * window) + (2 * file < slab ? 0 : slab);
}

/* Columns of every layer, and of what the last map sees: from a plan of one row. */
static weft_status_t columns_of(blocks_t *s, int64_t *width, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_node_block_shape_t one = {.n = 1, .n_rows = 1, .arcs = 1, .looped = 1};
    weft_i_node_block_outline_t outline;
    int64_t bytes, cols;
    weft_i_node_block_outline(&outline, &one);
    s->layer[0].cols = s->task->n_features;
    if (s->model->before.w) WEFT_TRY(tape_bytes(s, MAP_FIRST, 0, NULL, 1, 1, &bytes, &s->layer[0].cols, NULL, diag));
    for (int32_t l = 0; l < s->model->n_layers; l++) {
        if (layer_pass(s, l) == REST) WEFT_TRY(tape_bytes(s, MAP_LAYER, l, NULL, 1, 1, &bytes, &s->map_cols[l], NULL, diag));
        WEFT_TRY(tape_bytes(s, layer_pass(s, l), l, &outline.topology, 1, 1, &bytes, &s->layer[l + 1].cols, NULL, diag));
    }
    WEFT_TRY(tape_bytes(s, FINISH, 0, NULL, 1, 1, &bytes, &cols, width, diag));
    if (!s->model->o.head) *width = s->layer[s->model->n_layers - 1].cols;
done:
    return status;
}

static int64_t finish_columns(const blocks_t *s)
{
    int64_t sum = 0;
    for (int32_t l = s->base; l < s->model->n_layers; l++) sum += s->layer[l + 1].cols;
    return sum;
}

/* All blocks of all layers. */
static weft_status_t plan(blocks_t *s, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t size;
    if (s->model->before.w) WEFT_TRY(rows_at_once(s, MAP_FIRST, 0, s->task->n_features, &size, diag));
    for (int32_t l = 0; l < s->model->n_layers; l++) {
        if (layer_pass(s, l) == REST) WEFT_TRY(rows_at_once(s, MAP_LAYER, l, s->layer[l].cols, &size, diag));
        WEFT_TRY(cut_layer(s, l, diag));
    }
    WEFT_TRY(rows_at_once(s, FINISH, 0, finish_columns(s), &size, diag));
done:
    return status;
}

static weft_status_t went_on(blocks_t *s, int64_t rows)
{
    s->done += rows;
    return !s->o->on_progress || s->o->on_progress(s->o->on_progress_context, "apply", (double)s->done / (double)s->all) ? WEFT_OK : WEFT_ECANCEL;
}

/* ---- passes over all nodes ------------------------------------------------------------------------------------------------------------------------- */
/* By row, from n_from stores into `to`, or into out and embedding. */
static weft_status_t by_row(blocks_t *s, pass_t pass, int32_t l, const weft_i_row_store_t *from, int32_t n_from, weft_i_row_store_t *to, weft_i_result_t *out, weft_i_result_t *embedding, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_real_t *in[WEFT_I_MAX_LAYERS] = {NULL};
    int64_t n = s->task->n_nodes, size, columns = 0;
    for (int32_t k = 0; k < n_from; k++) columns += from[k].cols;
    WEFT_TRY(fresh_tape(s));
    WEFT_TRY(rows_at_once(s, pass, l, columns, &size, diag));
    for (int32_t k = 0; k < n_from; k++) WEFT_TRY_ALLOC(in[k] = weft_i_aligned((size_t)(size * from[k].cols) * sizeof *in[k]));
    for (int64_t first = 0; first < n; first += size) {
        int64_t m = size < n - first ? size : n - first;
        weft_var_t *last = NULL, *y;
        for (int32_t k = 0; k < n_from; k++) read_rows(s, &from[k], NULL, first, m, in[k]);
        if (m < size) WEFT_TRY(fresh_tape(s)); /* else the buffers fit */
        WEFT_TRY(computed(s, pass, l, NULL, m, m, in, &y, &last, diag));
        if (to) {
            if (!first) WEFT_TRY(weft_i_row_store_open(to, n, weft_var_cols(y), diag));
            WEFT_TRY(weft_i_row_store_write(to, first, m, weft_var_data(y), diag));
            WEFT_TRY(went_on(s, m));
            continue;
        }
        if (!first) WEFT_TRY(weft_i_result_open(out, n, weft_var_cols(y), diag));
        weft_i_result_put(out, m, weft_var_data(y));
        WEFT_TRY(went_on(s, m));
        if (!embedding || !last) continue;
        if (!first) WEFT_TRY(weft_i_result_open(embedding, n, weft_var_cols(last), diag));
        weft_i_result_put(embedding, m, weft_var_data(last));
    }
done:
    for (int32_t k = 0; k < n_from; k++) weft_i_free(in[k]);
    return status;
}

static weft_status_t make_room(weft_real_t *in[2], const blocks_t *s, int32_t l, int64_t n_rows, int64_t n)
{
    WEFT_I_FREE_ALL(in[0], in[1]);
    in[0] = weft_i_aligned((size_t)reals(n_rows * input_columns(s, l)));
    in[1] = in[0] && sees_own(s, l) ? weft_i_aligned((size_t)reals(n * s->layer[l].cols)) : NULL;
    return in[0] && (in[1] || !sees_own(s, l)) ? WEFT_OK : WEFT_ENOMEM;
}

/* One block of a layer that has neighbours. */
static weft_status_t block(blocks_t *s, int32_t l, int64_t first, int64_t n, weft_real_t *in[2], weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_node_block_t b = {0};
    weft_var_t *y, *last = NULL;
    pass_t pass = layer_pass(s, l);
    const weft_i_node_block_shape_t shape = weft_i_node_block_count(&s->marks, first, n);
    WEFT_TRY(weft_i_node_block_init(&b, &s->marks, &shape));
    WEFT_TRY(fresh_tape(s));
    if (!s->cut[l].shared) WEFT_TRY(make_room(in, s, l, shape.n_rows, n));
    read_rows(s, pass == REST ? &s->mapped : &s->layer[l], b.row, 0, shape.n_rows, in[0]);
    if (in[1]) read_rows(s, &s->layer[l], NULL, first, n, in[1]);
    WEFT_TRY(computed(s, pass, l, &b.topology, shape.n_rows, n, in, &y, &last, diag));
    WEFT_TRY(weft_i_row_store_write(&s->layer[l + 1], first, n, weft_var_data(y), diag));
    WEFT_TRY(went_on(s, 4 * n));
done:
    weft_tape_free(s->tape);
    s->tape = NULL;
    weft_i_node_block_destroy(&b);
    return status;
}

static weft_status_t layer(blocks_t *s, int32_t l, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const cuts_t *c = &s->cut[l];
    weft_real_t *in[2] = {NULL, NULL};
    if (layer_pass(s, l) == REST) WEFT_TRY(by_row(s, MAP_LAYER, l, &s->layer[l], 1, &s->mapped, NULL, NULL, diag));
    WEFT_TRY(weft_i_row_store_open(&s->layer[l + 1], s->task->n_nodes, s->layer[l + 1].cols, diag));
    if (c->shared) WEFT_TRY(make_room(in, s, l, c->most_rows, c->most));
    for (int64_t k = 0; k < c->n; k++) WEFT_TRY(block(s, l, c->first[k], c->first[k + 1] - c->first[k], in, diag));
done:
    WEFT_I_FREE_ALL(in[0], in[1]);
    weft_i_row_store_close(&s->mapped);
    return status;
}

/* What the last layer saw, as the embedding where no map stands behind it. */
static weft_status_t copy_out(blocks_t *s, const weft_i_row_store_t *from, weft_i_result_t *to, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = s->task->n_nodes, size = n < MOST_ROWS ? n : MOST_ROWS;
    weft_real_t *rows = NULL;
    WEFT_TRY_ALLOC(rows = weft_i_malloc((size_t)(size * from->cols) * sizeof *rows + 1));
    WEFT_TRY(weft_i_result_open(to, n, from->cols, diag));
    for (int64_t first = 0; first < n; first += size) {
        int64_t m = size < n - first ? size : n - first;
        read_rows(s, from, NULL, first, m, rows);
        weft_i_result_put(to, m, rows);
    }
done:
    weft_i_free(rows);
    return status;
}

weft_status_t weft_i_apply_blocks(const weft_node_task_t *task, const weft_train_options_t *o, weft_model_t *model, const weft_i_scaled_t *x, weft_i_result_t *out, weft_i_result_t *embedding, int64_t *planned,
                                  weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = task->n_nodes, width = 0, parameters = reals(weft_params_total(weft_model_params(model)));
    blocks_t s = {.task = task, .o = o, .model = model, .features = x, .mapped = {.fd = -1}};
    const weft_i_row_store_t features = weft_i_row_store_of(x->x, n, x->cols, x->mapped);
    for (int32_t l = 0; l <= WEFT_I_MAX_LAYERS; l++) s.layer[l].fd = -1;
    s.base = model->o.jump == WEFT_JUMP_LAST || model->o.jump == WEFT_JUMP_AUTO ? model->n_layers - 1 : 0;
    WEFT_TRY_ALLOC(s.tape = weft_tape_new());
    WEFT_TRY(weft_i_node_block_marks_init(&s.marks, task->graph));
    WEFT_TRY(columns_of(&s, &width, diag));
    s.held = parameters + weft_i_plan_task(task, x->x) + weft_i_result_bytes(out, n, model->o.out) + weft_i_result_bytes(embedding, n, width) + weft_i_node_block_marks_bytes(&s.marks)
        + windows(&s);
    s.held += weft_i_plan_program(o, weft_i_plan_task(task, x->x) + weft_i_node_block_marks_bytes(&s.marks));
    WEFT_TRY(plan(&s, diag));
    if (planned) *planned = s.peak;
    s.all = n * (1 + (model->before.w ? 1 : 0) + 4 * (int64_t)model->n_layers);
    for (int32_t l = 0; l < model->n_layers; l++) s.all += layer_pass(&s, l) == REST ? n : 0;
    if (!out) goto done;
    if (o->on_plan) {
        const weft_plan_t told = {.evaluation = s.peak - s.held, .parameters = parameters, .data = s.held - parameters, .total = s.peak, .blocks = s.n_blocks};
        o->on_plan(o->on_plan_context, &told);
    }
    if (model->before.w) WEFT_TRY(by_row(&s, MAP_FIRST, 0, &features, 1, &s.layer[0], NULL, NULL, diag));
    else s.layer[0] = features;
    for (int32_t l = 0; l < model->n_layers; l++) {
        WEFT_TRY(layer(&s, l, diag));
        if (l + 1 == model->n_layers && embedding && !model->o.head) WEFT_TRY(copy_out(&s, &s.layer[l], embedding, diag));
        if (l <= s.base) weft_i_row_store_close(&s.layer[l]);
    }
    WEFT_TRY(by_row(&s, FINISH, 0, s.layer + s.base + 1, model->n_layers - s.base, NULL, out, model->o.head ? embedding : NULL, diag));
done:
    for (int32_t l = 0; l <= WEFT_I_MAX_LAYERS; l++) weft_i_row_store_close(&s.layer[l]);
    for (int32_t l = 0; l < WEFT_I_MAX_LAYERS; l++) weft_i_free(s.cut[l].first);
    weft_i_row_store_close(&s.mapped);
    weft_i_node_block_marks_destroy(&s.marks);
    weft_tape_free(s.tape);
    return status;
}
