/* autograd/plan.c: what ops take beside their results, for plan mode. A row that is missing or too small fails tests/autograd/test_gradients.c, where every op's plan is held against its run. */
#include "autograd/op_common.h"
#include "graph/graph.h"
#include "tensor/gemm.h"

static size_t reals(int64_t n) { return (size_t)n * sizeof(weft_real_t); }

static void matmul(const weft_var_t *v, weft_i_room_t *room)
{
    int64_t n = v->rows, k = v->in[0]->cols, m = v->cols, across = weft_i_gemm_scratch(m, k), down = weft_i_gemm_tn_scratch(n, k, m);
    room->forward = reals(weft_i_gemm_scratch(k, m));
    room->backward = reals(across > down ? across : down);
}

/* A sum over rows, by lanes. */
static void row_sum(const weft_var_t *v, weft_i_room_t *room) { room->backward = reals(v->in[0]->cols * WEFT_I_MAX_LANES); }

static void reduction(const weft_var_t *v, weft_i_room_t *room)
{
    if (v->attr.i[0] != WEFT_MEAN) return;
    room->forward = reals(v->rows);
    room->backward = reals(v->rows * v->cols);
}

static void extreme(const weft_var_t *v, weft_i_room_t *room) { room->kept[0] = (size_t)(v->rows * v->cols) * sizeof(int32_t); }

static void batch_norm(const weft_var_t *v, weft_i_room_t *room)
{
    room->kept[0] = reals(2 * v->cols);
    room->forward = reals(WEFT_I_MAX_LANES * v->cols);
    room->backward = reals((WEFT_I_MAX_LANES + 2) * v->cols);
}

static void layer_norm(const weft_var_t *v, weft_i_room_t *room)
{
    room->kept[0] = reals(v->rows * v->cols);
    room->kept[1] = reals(v->rows);
    room->backward = reals(WEFT_I_MAX_LANES * v->cols);
}

static void cross_entropy(const weft_var_t *v, weft_i_room_t *room)
{
    room->kept[0] = reals(v->attr.i[0] * v->in[0]->cols);
    room->kept[1] = reals(2 * v->attr.i[0]);
}

static void per_head(const weft_var_t *v, weft_i_room_t *room) { room->kept[0] = reals(v->rows * v->attr.i[0] + 1); }
static void scatter(const weft_var_t *v, weft_i_room_t *room) { room->kept[0] = reals(v->rows * v->in[1]->cols + 1); }
static void lut_attention(const weft_var_t *v, weft_i_room_t *room) { room->kept[0] = reals(v->rows * v->cols); }
static void exp_features(const weft_var_t *v, weft_i_room_t *room) { room->forward = reals(v->rows + 1); }
static void column_softmax(const weft_var_t *v, weft_i_room_t *room) { room->forward = room->backward = reals((WEFT_I_MAX_LANES + 2) * v->cols + 1); }

static void by_arc(const weft_var_t *v, weft_i_room_t *room, int64_t each)
{
    const weft_graph_t *g = v->attr.p[0];
    size_t own = reals(each * g->n_arcs + 1);
    room->backward = own + own / 4 + 2 * reals(WEFT_I_MAX_LANES) + 128; /* and a sum of one column; each rounded up by at most a quarter */
}
static void p_spmm(const weft_var_t *v, weft_i_room_t *room) { by_arc(v, room, 4); }
static void arc_p_weight(const weft_var_t *v, weft_i_room_t *room) { by_arc(v, room, 2); }

static void lstm_arcs(const weft_var_t *v, weft_i_room_t *room)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t h = v->cols, n = g->n_dst, steps = 0, across = weft_i_gemm_scratch(4 * h, h), down = weft_i_gemm_tn_scratch(n, h, 4 * h);
    for (int64_t i = 0; i < n; i++)
        if (g->offset[i + 1] - g->offset[i] > steps) steps = g->offset[i + 1] - g->offset[i];
    room->kept[0] = (size_t)(n + steps + 1) * sizeof(int64_t);
    room->kept[1] = reals((g->n_arcs + 1) * 4 * h);
    room->kept[2] = reals((g->n_arcs + 1) * h);
    room->forward = reals(n * h + weft_i_gemm_scratch(h, 4 * h)) + 64;
    room->backward = reals(3 * n * h + (across > down ? across : down)) + 64;
}

static void gated_arcs(const weft_var_t *v, weft_i_room_t *room)
{
    const weft_graph_t *g = v->attr.p[0];
    int64_t f = v->cols, k = v->in[1]->cols, tn = weft_i_gemm_tn_scratch(g->n_arcs, k, f), nt = weft_i_gemm_scratch(f, k), most = tn > nt ? tn : nt;
    if (most < WEFT_I_MAX_LANES * f) most = WEFT_I_MAX_LANES * f;
    if (v->attr.i[0] == WEFT_MAX) room->kept[0] = (size_t)(v->rows * v->cols) * sizeof(int32_t);
    room->backward = reals(2 * g->n_arcs * f + most) + 64;
}

static void arc_means(const weft_var_t *v, weft_i_room_t *room)
{
    const weft_graph_t *g = v->attr.p[0];
    room->backward = reals(g->n_arcs * v->in[0]->cols + 1);
}

static void propagate_solve(const weft_var_t *v, weft_i_room_t *room)
{
    int64_t own = v->rows * v->cols;
    room->forward = reals(3 * own + (5 + WEFT_I_MAX_LANES) * v->cols + 1);
    room->backward = room->forward + reals(own + 1);
}

static const struct { const weft_i_op_t *op; void (*room)(const weft_var_t *v, weft_i_room_t *room); } rooms[] = {
    {&weft_i_op_matmul, matmul}, {&weft_i_op_bias, row_sum}, {&weft_i_op_col_scale, row_sum}, {&weft_i_op_row_dot, row_sum}, {&weft_i_op_gatv2_score, row_sum}, {&weft_i_op_spmm, reduction},
    {&weft_i_op_spmm_arcs, reduction}, {&weft_i_op_extreme, extreme}, {&weft_i_op_batch_norm, batch_norm}, {&weft_i_op_layer_norm, layer_norm}, {&weft_i_op_cross_entropy, cross_entropy},
    {&weft_i_op_l2_normalize, per_head}, {&weft_i_op_head_scatter, scatter}, {&weft_i_op_lut_attention, lut_attention}, {&weft_i_op_exp_features, exp_features},
    {&weft_i_op_column_softmax, column_softmax}, {&weft_i_op_p_spmm, p_spmm}, {&weft_i_op_arc_p_weight, arc_p_weight}, {&weft_i_op_lstm_arcs, lstm_arcs}, {&weft_i_op_attention, weft_i_room_attention},
    {&weft_i_op_kernel_attention, weft_i_room_kernel_attention}, {&weft_i_op_mlp_rows, weft_i_room_mlp_rows}, {&weft_i_op_routes, weft_i_room_routes}, {&weft_i_op_propagate_solve, propagate_solve}, {&weft_i_op_gated_arcs, gated_arcs}, {&weft_i_op_arc_means, arc_means}};

weft_i_room_t weft_i_room(const weft_var_t *v)
{
    weft_i_room_t room = {0};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (rooms[i].op == v->op) rooms[i].room(v, &room);
    return room;
}
