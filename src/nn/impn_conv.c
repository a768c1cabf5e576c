/* nn/impn_conv.c: gated messages among boxes; see weft/impn.h. */
#include "nn/names.h"
#include "weft/attention.h"
#include "weft/impn.h"

weft_impn_conv_t weft_impn_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, int64_t relation, weft_aggregator_t aggregator)
{
    weft_impn_conv_t l = {.aggregator = aggregator};
    l.message = weft_linear_init(params, weft_i_name(name, "message").text, in, out, true, WEFT_INIT_FAN_IN);
    if (relation) l.gate = weft_linear_init(params, weft_i_name(name, "gate").text, relation, out, true, WEFT_INIT_FAN_IN);
    if (aggregator == WEFT_AGGREGATE_LSTM) {
        l.lstm_in = weft_linear_init(params, weft_i_name(name, "lstm").text, out, 4 * out, true, WEFT_INIT_FAN_IN);
        l.lstm_hidden = weft_params_add(params, weft_i_name(name, "lstm.hidden").text, out, 4 * out, WEFT_INIT_FAN_IN, out);
    }
    l.update = weft_linear_init(params, weft_i_name(name, "update").text, in + out, out, true, WEFT_INIT_FAN_IN);
    return l;
}

static weft_var_t *aggregated(const weft_impn_conv_t *l, const weft_graph_t *g, weft_var_t *m, weft_var_t *r)
{
    weft_reduce_t reduce = l->aggregator == WEFT_AGGREGATE_MAX ? WEFT_MAX : WEFT_MEAN;
    bool gated = r && l->gate.w;
    if (!m) return NULL;
    if (l->aggregator != WEFT_AGGREGATE_LSTM && gated) return weft_gated_arcs(g, m, r, weft_param_var(weft_var_tape(m), l->gate.w), weft_param_var(weft_var_tape(m), l->gate.b), reduce);
    if (l->aggregator != WEFT_AGGREGATE_LSTM) return weft_spmm(g, NULL, m, reduce);
    weft_var_t *gate = gated ? weft_sigmoid(weft_once(weft_linear(&l->gate, weft_x_dense(r)))) : NULL;
    if (gated && !gate) return NULL;
    weft_var_t *z = gate ? weft_linear(&l->lstm_in, weft_x_dense(weft_mul(weft_arc_ends(g, WEFT_ENDS_ADD, m, NULL), gate)))
                         : weft_arc_ends(g, WEFT_ENDS_ADD, weft_linear(&l->lstm_in, weft_x_dense(m)), NULL); /* maps of nodes are fewer than of arcs */
    return weft_lstm_arcs(g, weft_once(z), weft_param_var(weft_var_tape(m), l->lstm_hidden));
}

weft_var_t *weft_impn_conv(const weft_impn_conv_t *l, const weft_topology_t *t, weft_x_t x, weft_var_t *r)
{
    if (!x.dense || !l->update.w) return NULL;
    weft_var_t *m = weft_relu(weft_once(weft_linear(&l->message, x)));
    weft_var_t *both[2] = {x.dense, aggregated(l, t->graph, m, r)};
    if (!both[1]) return NULL;
    return weft_l2_normalize(weft_relu(weft_once(weft_linear(&l->update, weft_x_dense(weft_concat(both, 2))))), 1);
}
