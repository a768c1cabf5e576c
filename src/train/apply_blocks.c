/* train/apply_blocks.c: a trained model on a large graph, layer by layer and by blocks of nodes. What a layer made of all nodes lies in a file; a block reads the rows of its nodes and of
 * their neighbours, in the order of their numbers, so that every sum runs over the same rows in the same order as on the whole graph: the same bits for any block. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "models/model.h"
#include "train/train.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows of all nodes: in a file without a name, or (the features) in memory. */
typedef struct rows { int fd; const weft_real_t *at; int64_t cols; } rows_t;

typedef struct block {
    int64_t first, n, n_rows;        /* nodes first .. first + n; rows they need */
    int32_t *row, *place;            /* [n_rows] ascending; [n] where the block's own stand among them */
    weft_graph_t *graph;
    weft_topology_t topology;
    weft_real_t *x;                  /* [n_rows, cols] */
} block_t;

typedef struct blocks {
    const weft_node_task_t *task;
    const weft_train_options_t *o;
    const weft_model_t *model;
    weft_normalize_t scale;          /* of each row of features as it is read */
    rows_t layer[WEFT_I_MAX_LAYERS + 1]; /* [0]: what the first layer sees */
    uint64_t *mark;                  /* a bit per node */
    weft_tape_t *tape;               /* of one block */
    int64_t held, size, n_blocks, peak; /* bytes that stand beside a block; nodes of the next block; most bytes planned */
    int32_t base;                    /* the first layer that the end sees */
} blocks_t;

bool weft_i_by_blocks(const weft_train_options_t *o)
{
    static const char *const local[] = {"gcn", "sage", "gat", "gatv2", "gin", "jknet", "transformer"}; /* a layer sees a node and its neighbours, no state of arcs, no types */
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (!strcmp(o->model.model, local[i])) return o->model.norm != WEFT_NORM_GRAPH && !o->model.lstm && !o->sample[0];
    return false;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t failed(const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "apply-scratch", NULL, 0, 0, "%s: %s (TMPDIR names another place)", what, strerror(errno));
    return WEFT_EIO;
}

/* Room is taken at once, so that a full disk is told here. */
static weft_status_t rows_open(rows_t *r, int64_t n, int64_t cols, weft_diag_t *diag)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    r->cols = cols;
    snprintf(path, sizeof path, "%s/weft-XXXXXX", folder && *folder ? folder : "/var/tmp");
    r->fd = mkostemp(path, O_CLOEXEC);
    if (r->fd < 0) return failed(path, diag);
    unlink(path);
    errno = posix_fallocate(r->fd, 0, (off_t)(n * cols * (int64_t)sizeof(weft_real_t) + 1));
    return errno ? failed("hidden states", diag) : WEFT_OK;
}

static void rows_close(rows_t *r)
{
    if (r->fd >= 0) close(r->fd);
    *r = (rows_t){.fd = -1};
}

static bool move(int fd, void *data, size_t n, int64_t at, bool write)
{
    for (char *p = data; n;) {
        ssize_t k = write ? pwrite(fd, p, n, (off_t)at) : pread(fd, p, n, (off_t)at);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return false;
        p += k, n -= (size_t)k, at += k;
    }
    return true;
}

/* Rows row[0..n) to `to`; NULL: rows first .. first + n. Neighbouring ones in one call. */
static bool rows_read(const rows_t *r, const int32_t *row, int64_t first, int64_t n, weft_real_t *to)
{
    enum { CHUNK = 1024 };
    size_t size = (size_t)r->cols * sizeof *to;
    bool good = true;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_i_threads_for(n * r->cols * 8)) reduction(&& : good)
    for (int64_t c = 0; c < (n + CHUNK - 1) / CHUNK; c++)
        for (int64_t i = c * CHUNK, end = i + CHUNK < n ? i + CHUNK : n, k; i < end && good; i = k) {
            int64_t from = row ? row[i] : first + i;
            for (k = i + 1; k < end && (row ? row[k] : first + k) == from + (k - i); k++) {}
            if (r->at) memcpy(to + i * r->cols, r->at + from * r->cols, (size_t)(k - i) * size);
            else good = move(r->fd, to + i * r->cols, (size_t)(k - i) * size, from * (int64_t)size, false);
        }
    return good;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------------------------------- */
static void block_destroy(block_t *b)
{
    weft_topology_destroy(&b->topology);
    weft_graph_free(b->graph);
    weft_i_free(b->row);
    weft_i_free(b->place);
    weft_i_free(b->x);
    *b = (block_t){0};
}

/* Arcs of node v with its loop: the given loops dropped, one in its order. */
static int64_t looped_degree(const int64_t *offset, const int32_t *source, int64_t v)
{
    int64_t n = offset[v + 1] - offset[v] + 1;
    for (int64_t e = offset[v]; e < offset[v + 1]; e++) n -= source[e] == v;
    return n;
}

/* Which rows the block needs, ascending: marks, then a count over the words. */
static weft_status_t find_rows(block_t *b, uint64_t *mark, const weft_graph_t *g)
{
    weft_status_t status = WEFT_OK;
    const int64_t *offset = weft_graph_offsets(g), words = (weft_graph_n_dst(g) + 63) / 64;
    const int32_t *source = weft_graph_sources(g);
    memset(mark, 0, (size_t)words * sizeof *mark);
    for (int64_t v = b->first; v < b->first + b->n; v++) mark[v >> 6] |= (uint64_t)1 << (v & 63);
    for (int64_t e = offset[b->first]; e < offset[b->first + b->n]; e++) mark[source[e] >> 6] |= (uint64_t)1 << (source[e] & 63);
    for (int64_t w = 0; w < words; w++)
        for (uint64_t m = mark[w]; m; m &= m - 1) b->n_rows++;
    WEFT_TRY_ALLOC(b->row = weft_i_malloc((size_t)b->n_rows * sizeof *b->row + 1));
    int64_t n = 0;
    for (int64_t w = 0; w < words; w++)
        for (uint64_t m = mark[w]; m; m &= m - 1) b->row[n++] = (int32_t)(w * 64 + __builtin_ctzll(m));
done:
    return status;
}

static int32_t find(const block_t *b, int32_t row)
{
    int64_t low = 0, high = b->n_rows;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (b->row[middle] <= row) low = middle;
        else high = middle;
    }
    return (int32_t)low;
}

/* The arcs of the block's nodes among its rows, as they are and with loops; the weights of graph convolution by the degrees of the whole graph. */
static weft_status_t block_graphs(block_t *b, const weft_graph_t *g, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const int64_t *offset = weft_graph_offsets(g), arcs = offset[b->first + b->n] - offset[b->first];
    const int32_t *source = weft_graph_sources(g);
    int64_t *start = NULL, *looped_start = NULL, n = 0, m = 0;
    int32_t *from = NULL, *looped = NULL;
    weft_real_t *w = NULL;
    WEFT_TRY_ALLOC(b->place = weft_i_malloc((size_t)b->n * sizeof *b->place + 1));
    WEFT_TRY_ALLOC(start = weft_i_malloc(((size_t)b->n + 1) * sizeof *start));
    WEFT_TRY_ALLOC(looped_start = weft_i_malloc(((size_t)b->n + 1) * sizeof *looped_start));
    WEFT_TRY_ALLOC(from = weft_i_malloc((size_t)arcs * sizeof *from + 1));
    WEFT_TRY_ALLOC(looped = weft_i_malloc((size_t)(arcs + b->n) * sizeof *looped + 1));
    WEFT_TRY_ALLOC(w = weft_i_malloc((size_t)(arcs + b->n) * sizeof *w + 1));
    start[0] = looped_start[0] = 0;
    for (int64_t i = 0; i < b->n; i++) {
        int64_t v = b->first + i;
        bool own = false;
        double dv = (double)looped_degree(offset, source, v);
        b->place[i] = find(b, (int32_t)v);
        for (int64_t e = offset[v]; e <= offset[v + 1]; e++) {
            bool more = e < offset[v + 1];
            if (!own && (!more || source[e] >= v)) {
                own = true;
                w[m] = (weft_real_t)(1.0 / sqrt(dv * dv));
                looped[m++] = b->place[i];
            }
            if (!more) break;
            from[n] = find(b, source[e]);
            if (source[e] != v) {
                w[m] = (weft_real_t)(1.0 / sqrt((double)looped_degree(offset, source, source[e]) * dv));
                looped[m++] = from[n];
            }
            n++;
        }
        start[i + 1] = n;
        looped_start[i + 1] = m;
    }
    WEFT_TRY(weft_graph_from_rows(&b->graph, b->n_rows, b->n, start, from, diag));
    WEFT_TRY(weft_graph_from_rows(&b->topology.looped, b->n_rows, b->n, looped_start, looped, diag));
    WEFT_TRY(weft_graph_from_lookup(&b->topology.own, b->n_rows, b->n, b->place, false, diag));
    WEFT_TRY_ALLOC(b->topology.gcn = weft_weights_new(b->topology.looped, w));
    b->topology.graph = b->graph;
done:
    weft_i_free(start);
    weft_i_free(looped_start);
    weft_i_free(from);
    weft_i_free(looped);
    weft_i_free(w);
    return status;
}

/* What block_graphs will hold at least, told before it runs; as weft_i_plan_graph counts. */
static int64_t graphs_bytes(const block_t *b, const weft_graph_t *g)
{
    const int64_t *offset = weft_graph_offsets(g), arcs = offset[b->first + b->n] - offset[b->first], place = (int64_t)sizeof(int32_t), real = (int64_t)sizeof(weft_real_t);
    int64_t graphs = 3 * (b->n_rows + b->n) * (int64_t)sizeof(int64_t) + 4 * place * (2 * arcs + b->n) + 2 * real * arcs, lists = arcs * (2 * place + real);
    return graphs + lists;
}

/* A block with all that is not its tape, once its rows are found. */
static weft_status_t block_fill(block_t *b, blocks_t *s, int64_t cols, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    WEFT_TRY(block_graphs(b, s->task->graph, diag));
    WEFT_TRY_ALLOC(b->x = weft_i_aligned((size_t)(b->n_rows * cols) * sizeof *b->x));
done:
    return status;
}

static int64_t block_bytes(const block_t *b, int64_t cols)
{
    int64_t x = b->n_rows * cols * (int64_t)sizeof(weft_real_t), lists = weft_graph_n_arcs(b->topology.looped) * (2 * (int64_t)sizeof(int32_t) + (int64_t)sizeof(weft_real_t)) + 2 * b->n * (int64_t)sizeof(int64_t);
    return (b->n_rows + b->n) * (int64_t)sizeof(int32_t) + (x > lists ? x : lists) + weft_i_plan_topology(&b->topology); /* the lists are gone when x comes */
}

/* ---- the passes ---------------------------------------------------------------------------------------------------------------------------- */
typedef enum pass { MAP_FIRST, LAYER, FINISH } pass_t;

static weft_var_t *ops(blocks_t *s, pass_t pass, int32_t l, const block_t *b, const weft_real_t *const *each, weft_var_t **last)
{
    const weft_model_t *m = s->model;
    weft_batch_t batch = {.topology = &b->topology, .n_nodes = b->n_rows};
    weft_var_t *e = NULL, *all[WEFT_I_MAX_LAYERS];
    weft_tape_reset(s->tape);
    weft_tape_set_training(s->tape, false);
    if (pass == MAP_FIRST) return weft_i_stack_first(m, weft_x_dense(weft_tape_constant(s->tape, each[0], b->n, m->o.in))).dense;
    if (pass == LAYER) return weft_i_stack_layer(m, l, &batch, weft_x_dense(weft_tape_constant(s->tape, b->x, b->n_rows, s->layer[l].cols)), &e);
    for (int32_t k = s->base; k < m->n_layers; k++) all[k] = weft_tape_constant(s->tape, each[k - s->base], b->n, s->layer[k + 1].cols);
    *last = weft_i_stack_jump(m, all);
    return m->o.head ? weft_linear(&m->head, weft_x_dense(*last)) : *last;
}

static weft_status_t planned(blocks_t *s, pass_t pass, int32_t l, const block_t *b, int64_t beside, const weft_real_t *const *each, int64_t *bytes, int64_t *cols, weft_diag_t *diag)
{
    weft_var_t *last = NULL;
    weft_tape_plan(s->tape, true);
    weft_var_t *y = ops(s, pass, l, b, each, &last);
    weft_status_t status = weft_tape_status(s->tape, diag);
    *bytes = s->held + beside + weft_tape_peak(s->tape, false);
    *cols = y ? weft_var_cols(y) : 0;
    weft_tape_plan(s->tape, false);
    return status;
}

static weft_status_t too_little(const blocks_t *s, int64_t bytes, weft_diag_t *diag)
{
    const double mib = 1024.0 * 1024.0;
    weft_diag_add(diag, WEFT_ERROR, "train-memory", NULL, 0, 0, "%.1f MiB are needed for the smallest block of nodes, %.1f are allowed: %.1f of them are the graph, features, results and parameters", (double)bytes / mib,
                  (double)s->o->max_memory / mib, (double)s->held / mib);
    return WEFT_ELIMIT;
}

/* A block's ops for real, on a tape of its own, so that no buffers of an earlier block stay. */
static weft_status_t computed(blocks_t *s, pass_t pass, int32_t l, const block_t *b, const weft_real_t *const *each, weft_var_t **y, weft_var_t **last, weft_diag_t *diag)
{
    weft_tape_free(s->tape);
    s->tape = weft_tape_new();
    if (!s->tape) return WEFT_ENOMEM;
    *y = ops(s, pass, l, b, each, last);
    return weft_tape_status(s->tape, diag);
}

static bool keep(rows_t *to, weft_var_t *y, int64_t first)
{
    int64_t cols = weft_var_cols(y);
    return move(to->fd, (void *)(uintptr_t)weft_var_data(y), (size_t)(weft_var_rows(y) * cols) * sizeof(weft_real_t), first * cols * (int64_t)sizeof(weft_real_t), true);
}

/* False, and blocks are half as large from now on: this one does not fit. */
static weft_status_t fits(bool *fit, blocks_t *s, int64_t m, int64_t bytes, weft_diag_t *diag)
{
    *fit = s->o->max_memory <= 0 || bytes <= s->o->max_memory;
    if (!*fit && m == 1) return too_little(s, bytes, diag);
    if (!*fit) s->size = (m + 1) / 2;
    else if (bytes > s->peak) s->peak = bytes;
    return WEFT_OK;
}

/* One layer over all nodes. */
static weft_status_t layer(blocks_t *s, int32_t l, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    block_t b = {0};
    const rows_t *from = &s->layer[l];
    rows_t *to = &s->layer[l + 1];
    bool fit;
    for (int64_t first = 0, n = s->task->n_nodes; first < n; first += fit ? b.n : 0) {
        int64_t bytes, cols, m = s->size < n - first ? s->size : n - first;
        weft_var_t *last = NULL, *y;
        block_destroy(&b);
        b = (block_t){.first = first, .n = m};
        WEFT_TRY(find_rows(&b, s->mark, s->task->graph));
        WEFT_TRY(fits(&fit, s, m, s->held + graphs_bytes(&b, s->task->graph), diag));
        if (!fit) continue;
        WEFT_TRY(block_fill(&b, s, from->cols, diag));
        WEFT_TRY(planned(s, LAYER, l, &b, block_bytes(&b, from->cols), NULL, &bytes, &cols, diag));
        WEFT_TRY(fits(&fit, s, m, bytes, diag));
        if (!fit) continue;
        s->n_blocks++;
        if (to->fd < 0) WEFT_TRY(rows_open(to, n, cols, diag));
        if (!rows_read(from, b.row, 0, b.n_rows, b.x)) WEFT_TRY(failed("hidden states", diag));
        if (from->at) weft_i_normalize(b.x, b.n_rows, from->cols, s->scale);
        WEFT_TRY(computed(s, LAYER, l, &b, NULL, &y, &last, diag));
        if (!keep(to, y, first)) WEFT_TRY(failed("hidden states", diag));
    }
done:
    block_destroy(&b);
    return status;
}

/* What needs a node's own rows alone: the map before the layers, into layer[0]; or what stands behind them, into out and embedding. */
static weft_status_t by_row(blocks_t *s, pass_t pass, const rows_t *from, int32_t n_from, rows_t *to, weft_real_t *out, weft_real_t **embedding, int64_t *width, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    static const weft_real_t nothing[1]; /* a plan reads no values */
    weft_real_t *each[WEFT_I_MAX_LAYERS] = {NULL};
    const weft_real_t *blank[WEFT_I_MAX_LAYERS];
    bool fit;
    block_t b = {0};
    for (int64_t first = 0, n = s->task->n_nodes; first < n; first += fit ? b.n : 0) {
        int64_t bytes, cols, beside = 0, m = s->size < n - first ? s->size : n - first;
        weft_var_t *last = NULL, *y;
        b = (block_t){.first = first, .n = m};
        for (int32_t k = 0; k < n_from; k++) {
            blank[k] = nothing;
            beside += m * from[k].cols * (int64_t)sizeof(weft_real_t);
        }
        WEFT_TRY(planned(s, pass, 0, &b, beside, blank, &bytes, &cols, diag));
        WEFT_TRY(fits(&fit, s, m, bytes, diag));
        if (!fit) continue;
        s->n_blocks++;
        for (int32_t k = 0; k < n_from; k++) {
            weft_i_free(each[k]);
            WEFT_TRY_ALLOC(each[k] = weft_i_aligned((size_t)(m * from[k].cols) * sizeof *each[k]));
            if (!rows_read(&from[k], NULL, first, m, each[k])) WEFT_TRY(failed("hidden states", diag));
            if (from[k].at) weft_i_normalize(each[k], m, from[k].cols, s->scale);
        }
        WEFT_TRY(computed(s, pass, 0, &b, (const weft_real_t *const *)each, &y, &last, diag));
        if (to && to->fd < 0) WEFT_TRY(rows_open(to, n, cols, diag));
        if (to && !keep(to, y, first)) WEFT_TRY(failed("hidden states", diag));
        if (out) memcpy(out + first * cols, weft_var_data(y), (size_t)(m * cols) * sizeof *out);
        if (!embedding || !last) continue;
        *width = weft_var_cols(last);
        if (!*embedding) WEFT_TRY_ALLOC(*embedding = weft_i_malloc((size_t)(n * *width) * sizeof **embedding + 1));
        memcpy(*embedding + first * *width, weft_var_data(last), (size_t)(m * *width) * sizeof **embedding);
    }
done:
    for (int32_t k = 0; k < n_from; k++) weft_i_free(each[k]);
    return status;
}

weft_status_t weft_i_apply_blocks(const weft_node_task_t *task, const weft_train_options_t *options, weft_model_t *model, const weft_real_t *x, weft_normalize_t scale, weft_real_t **out, weft_real_t **embedding,
                                  int64_t *width, int64_t *n_blocks, int64_t *peak, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = task->n_nodes, f = task->n_features;
    blocks_t s = {.task = task, .o = options, .model = model, .scale = scale, .size = n};
    s.held = weft_params_total(weft_model_params(model)) * (int64_t)sizeof(weft_real_t) + weft_i_plan_graph(task->graph) + n * (f + model->o.out) * (int64_t)sizeof(weft_real_t) + n / 8;
    for (int32_t l = 0; l <= WEFT_I_MAX_LAYERS; l++) s.layer[l].fd = -1;
    WEFT_TRY_ALLOC(s.mark = weft_i_malloc((size_t)(n / 64 + 1) * sizeof *s.mark));
    WEFT_TRY_ALLOC(s.tape = weft_tape_new());
    WEFT_TRY_ALLOC(*out = weft_i_malloc((size_t)(n * model->o.out) * sizeof **out + 1));
    rows_t features = {.fd = -1, .at = x, .cols = f};
    if (model->before.w) {
        s.layer[0].cols = model->before.w->cols;
        WEFT_TRY(by_row(&s, MAP_FIRST, &features, 1, &s.layer[0], NULL, NULL, NULL, diag));
    } else s.layer[0] = features;
    s.base = model->o.jump == WEFT_JUMP_LAST || model->o.jump == WEFT_JUMP_AUTO ? model->n_layers - 1 : 0;
    for (int32_t l = 0; l < model->n_layers; l++) {
        WEFT_TRY(layer(&s, l, diag));
        bool last = l + 1 == model->n_layers && embedding && !model->o.head; /* what the last layer saw is asked for */
        if (last) {
            *width = s.layer[l].cols;
            WEFT_TRY_ALLOC(*embedding = weft_i_malloc((size_t)(n * *width) * sizeof **embedding + 1));
            if (!rows_read(&s.layer[l], NULL, 0, n, *embedding)) WEFT_TRY(failed("hidden states", diag));
            if (s.layer[l].at) weft_i_normalize(*embedding, n, *width, scale);
        }
        if (l <= s.base) rows_close(&s.layer[l]);
    }
    WEFT_TRY(by_row(&s, FINISH, s.layer + s.base + 1, model->n_layers - s.base, NULL, *out, model->o.head ? embedding : NULL, width, diag));
    *n_blocks = s.n_blocks;
    *peak = s.peak;
done:
    for (int32_t l = 0; l <= WEFT_I_MAX_LAYERS; l++) rows_close(&s.layer[l]);
    weft_tape_free(s.tape);
    weft_i_free(s.mark);
    return status;
}
