/* nn/sign_net.c: eigenvectors through a network that does not see their sign. Both signs of all frequencies go through it side by side. */
#include "nn/names.h"
#include "weft/gps.h"

#include <stdio.h>

weft_sign_net_t weft_sign_net_init(weft_params_t *params, const char *name, const weft_sign_net_options_t *o)
{
    weft_sign_net_t l = {.o = *o};
    int64_t in = 1, sum = o->set ? o->hidden : o->k * o->hidden;
    if (l.o.layers > WEFT_SIGN_NET_MOST) l.o.layers = WEFT_SIGN_NET_MOST;
    for (int32_t i = 0; i < l.o.layers; i++, in = o->hidden) {
        char part[32];
        snprintf(part, sizeof part, "phi.%d", i);
        const weft_i_name_t phi = weft_i_name(name, part);
        l.first[i] = weft_linear_init(params, weft_i_name(phi.text, "0").text, in, o->hidden, true, WEFT_INIT_FAN_IN);
        l.norm[i] = weft_norm_init(params, weft_i_name(phi.text, "norm").text, o->hidden, WEFT_NORM_BATCH);
        l.second[i] = weft_linear_init(params, weft_i_name(phi.text, "1").text, o->hidden, o->hidden, true, WEFT_INIT_FAN_IN);
    }
    l.rho[0] = weft_linear_init(params, weft_i_name(name, "rho.0").text, sum, o->hidden, true, WEFT_INIT_FAN_IN);
    l.rho[1] = weft_linear_init(params, weft_i_name(name, "rho.1").text, o->hidden, o->width, true, WEFT_INIT_FAN_IN);
    return l;
}

weft_var_t *weft_sign_net(const weft_sign_net_t *l, const weft_graph_t *graph, weft_var_t *v, weft_var_t *there)
{
    int64_t k = l->o.k, c = l->o.hidden;
    if (!v || !there) return NULL;
    weft_var_t *both[2] = {v, weft_affine(v, -1.0, 0.0)}, *h = weft_concat(both, 2);
    for (int32_t i = 0; i < l->o.layers; i++) {
        int64_t in = i ? c : 1;
        weft_var_t *z = weft_reshape(weft_add(weft_spmm(graph, NULL, h, WEFT_SUM), h), in);
        z = weft_relu(weft_once(weft_norm(&l->norm[i], weft_linear(&l->first[i], weft_x_dense(z)))));
        z = weft_linear(&l->second[i], weft_x_dense(z));
        h = weft_reshape(i + 1 < l->o.layers ? weft_relu(weft_once(z)) : z, 2 * k * c);
    }
    h = weft_add(weft_columns(h, 0, k * c), weft_columns(h, k * c, k * c));
    h = weft_reshape(weft_row_scale(weft_reshape(h, c), weft_reshape(there, 1)), k * c); /* frequencies that a small graph has not */
    weft_var_t *sum = l->o.set ? NULL : h;
    for (int64_t j = 0; j < k && l->o.set; j++) {
        weft_var_t *one = weft_columns(h, j * c, c);
        sum = sum ? weft_add(weft_once(sum), weft_once(one)) : one;
    }
    return weft_linear(&l->rho[1], weft_x_dense(weft_relu(weft_once(weft_linear(&l->rho[0], weft_x_dense(sum))))));
}
