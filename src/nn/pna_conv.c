/* nn/pna_conv.c: principal neighbourhood aggregation: four reductions, three scalings by degree. */
#include "base/alloc.h"
#include "nn/names.h"
#include "weft/nn.h"

#include <math.h>

double weft_pna_delta(const weft_graph_t *g)
{
    double sum = 0.0;
    int64_t n = weft_graph_n_dst(g);
    for (int64_t v = 0; v < n; v++) sum += log((double)weft_graph_in_degree(weft_graph_offsets(g), v) + 1.0);
    return n && sum > 0.0 ? sum / (double)n : 1.0;
}

weft_pna_conv_t weft_pna_conv_init(weft_params_t *params, const char *name, int64_t in, int64_t out, double delta)
{
    return (weft_pna_conv_t){weft_linear_init(params, weft_i_name(name, "post").text, 13 * in, out, true, WEFT_INIT_FAN_IN), delta};
}

weft_var_t *weft_pna_conv(const weft_pna_conv_t *l, const weft_topology_t *t, weft_var_t *x)
{
    const weft_graph_t *g = t->graph;
    weft_var_t *mean = weft_spmm(g, NULL, x, WEFT_MEAN), *square = weft_spmm(g, NULL, weft_mul(x, x), WEFT_MEAN);
    weft_var_t *deviation = weft_sqrt(weft_mix(1.0, square, -1.0, weft_mul(mean, mean)), 1e-5);
    weft_var_t *four[4] = {mean, weft_spmm(g, NULL, x, WEFT_MIN), weft_spmm(g, NULL, x, WEFT_MAX), deviation};
    weft_var_t *base = weft_concat(four, 4), *part[4] = {weft_topology_own(t, x), base, weft_degree_scale(g, base, l->delta, false), weft_degree_scale(g, base, l->delta, true)};
    return weft_linear(&l->out, weft_x_dense(weft_concat(part, 4)));
}
