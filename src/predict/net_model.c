/* predict/net_model.c: see net_model.h. */
#include "predict/net_model.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "weft/net_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { F = WEFT_I_N_NET_COLUMNS, H = WEFT_I_NET_WIDTH };
static const char prefix[] = "net.";

weft_status_t weft_i_net_model_init(weft_i_net_model_t *n, uint64_t seed, bool alone)
{
    *n = (weft_i_net_model_t){.params = weft_params_new(seed), .alone = alone};
    if (!n->params) return WEFT_ENOMEM;
    n->mean = weft_params_add_state(n->params, "mean", F, 0);
    n->deviation = weft_params_add_state(n->params, "deviation", F, 1);
    n->in = weft_linear_init(n->params, "in", F, H, true, WEFT_INIT_GLOROT);
    for (int32_t k = 0; k < WEFT_I_NET_LAYERS; k++) {
        char name[32];
        for (int32_t j = 0; j < (alone ? 1 : 4); j++) {
            snprintf(name, sizeof name, "mix%d.%d", k, j);
            n->mix[k][j] = weft_linear_init(n->params, name, H, H, !j, WEFT_INIT_GLOROT);
        }
        snprintf(name, sizeof name, "back%d", k);
        n->back[k] = weft_linear_init(n->params, name, H, H, true, WEFT_INIT_GLOROT);
    }
    n->head = weft_linear_init(n->params, "head", H, WEFT_I_NET_OUT, true, WEFT_INIT_GLOROT);
    return weft_params_status(n->params);
}

void weft_i_net_model_destroy(weft_i_net_model_t *n)
{
    weft_params_free(n->params);
    *n = (weft_i_net_model_t){0};
}

int32_t weft_i_net_model_input(const weft_i_net_model_t *n, const weft_i_net_graph_t *g, int64_t first, int64_t rows, float *x)
{
    int32_t beyond = 0;
#pragma omp parallel for schedule(static) num_threads(weft_i_threads_for(rows * F * 4)) reduction(+ : beyond)
    for (int64_t i = 0; i < rows; i++) {
        bool cut = false;
        for (int64_t k = i * F; k < (i + 1) * F; k++) {
            float v = (g->x[first * F + k] - (float)n->mean->value[k % F]) / (float)n->deviation->value[k % F];
            cut = cut || fabsf(v) > 5.0f;
            x[k] = v > 5.0f ? 5.0f : v < -5.0f ? -5.0f : v;
        }
        beyond += cut;
    }
    return beyond;
}

/* Linear maps and means commute: mapped first, the gathered rows are never wider than the state. */
weft_var_t *weft_i_net_model(const weft_i_net_model_t *n, weft_tape_t *t, const weft_i_net_graph_t *g, const float *x, double dropout)
{
    weft_var_t *h = weft_relu(weft_linear(&n->in, weft_x_dense(weft_tape_constant(t, x, g->n, F))));
    for (int32_t k = 0; k < WEFT_I_NET_LAYERS; k++) {
        const weft_linear_t *mix = n->mix[k];
        weft_var_t *z = weft_linear(&mix[0], weft_x_dense(h));
        if (!n->alone) {
            weft_var_t *all = weft_linear(&mix[3], weft_x_dense(weft_spmm(g->all, NULL, h, WEFT_MEAN)));
            z = weft_add(z, weft_spmm(g->fanin, NULL, weft_linear(&mix[1], weft_x_dense(h)), WEFT_MEAN));
            z = weft_add(z, weft_spmm(g->fanout, NULL, weft_linear(&mix[2], weft_x_dense(h)), WEFT_MEAN));
            z = weft_add(z, weft_spmm(g->spread, NULL, all, WEFT_SUM));
        }
        z = weft_dropout(weft_relu(z), dropout);
        h = weft_add(h, weft_linear(&n->back[k], weft_x_dense(z)));
    }
    return weft_linear(&n->head, weft_x_dense(weft_relu(h)));
}

/* ---- within a wire model --------------------------------------------------------------------------------------- */
typedef struct tensor_name { char text[96]; } tensor_name_t;
static tensor_name_t tensor_name(int32_t member, const char *param)
{
    tensor_name_t n;
    if (member) snprintf(n.text, sizeof n.text, "%s%d.%s", prefix, member, param);
    else snprintf(n.text, sizeof n.text, "%s%s", prefix, param);
    return n;
}

static const weft_i_kept_tensor_t *find(const weft_wire_model_t *m, int32_t member, const char *param)
{
    tensor_name_t name = tensor_name(member, param);
    for (int32_t k = 0; k < m->n_kept; k++)
        if (!strcmp(m->kept[k].name, name.text)) return &m->kept[k];
    return NULL;
}

int32_t weft_i_net_model_members(const weft_wire_model_t *m)
{
    int32_t n = m->n_kept > 0; /* a first one that lacks its tensors is refused when it is taken */
    while (n && find(m, n, "head.weight")) n++;
    return n;
}

weft_status_t weft_i_net_model_keep(const weft_i_net_model_t *n, int32_t member, weft_wire_model_t *m)
{
    weft_status_t status = WEFT_OK;
    int32_t count = weft_params_n(n->params), all = m->n_kept + count, i = 0;
    weft_i_kept_tensor_t *kept = weft_i_calloc((size_t)all + 1, sizeof *kept);
    if (!kept) return WEFT_ENOMEM;
    for (; i < count; i++) {
        const weft_param_t *p = weft_params_at(n->params, i);
        tensor_name_t name = tensor_name(member, p->name);
        kept[i].rows = p->rows;
        kept[i].cols = p->cols;
        WEFT_TRY_ALLOC(kept[i].name = weft_i_strndup(name.text, strlen(name.text)));
        WEFT_TRY_ALLOC(kept[i].value = weft_i_malloc((size_t)(p->rows * p->cols) * sizeof(float)));
        for (int64_t k = 0; k < p->rows * p->cols; k++) kept[i].value[k] = (float)p->value[k];
    }
    memmove(kept + m->n_kept, kept, (size_t)count * sizeof *kept);
    if (m->n_kept) memcpy(kept, m->kept, (size_t)m->n_kept * sizeof *kept);
    weft_i_free(m->kept);
    m->kept = kept;
    m->n_kept = all;
    return WEFT_OK;
done:
    weft_i_kept_free(kept, count);
    return status;
}

weft_status_t weft_i_net_model_take(weft_i_net_model_t *n, int32_t member, const weft_wire_model_t *m, weft_diag_t *diag)
{
    weft_status_t status = weft_i_net_model_init(n, 0, m->net_alone);
    for (int32_t i = 0; i < weft_params_n(n->params) && status == WEFT_OK; i++) {
        weft_param_t *p = weft_params_at(n->params, i);
        const weft_i_kept_tensor_t *of = find(m, member, p->name);
        bool good = of && of->rows * of->cols == p->rows * p->cols;
        for (int64_t k = 0; good && k < p->rows * p->cols; k++) {
            good = isfinite(of->value[k]) && (p != n->deviation || of->value[k] > 0.0f);
            p->value[k] = (weft_real_t)of->value[k];
        }
        if (good) continue;
        weft_diag_add(diag, WEFT_ERROR, "model-content", m->name, 0, 0, "not a hybrid of this version: tensor %s", tensor_name(member, p->name).text);
        status = WEFT_EINPUT;
    }
    if (status != WEFT_OK) weft_i_net_model_destroy(n);
    return status;
}

int64_t weft_wire_model_n_parameters(const weft_wire_model_t *m)
{
    int64_t count = 0;
    for (int32_t k = 0; k < weft_i_net_model_members(m); k++) {
        weft_i_net_model_t n;
        if (weft_i_net_model_take(&n, k, m, NULL) != WEFT_OK) return 0;
        count += weft_params_count(n.params);
        weft_i_net_model_destroy(&n);
    }
    return count;
}

/* ---- use ------------------------------------------------------------------------------------------------------- */
static weft_status_t add_member(float *sum, float *own, int32_t *beyond, int32_t member, const weft_wire_model_t *m, const weft_i_net_graph_t *g, weft_diag_t *diag)
{
    weft_i_net_model_t net = {0};
    weft_status_t status = weft_i_net_model_take(&net, member, m, diag);
    if (status != WEFT_OK) return status;
    status = weft_i_net_infer(own, beyond, &net, g, WEFT_I_NET_BLOCK);
    for (int64_t i = 0; i < (int64_t)g->n * WEFT_I_NET_OUT; i++) sum[i] += own[i];
    weft_i_net_model_destroy(&net);
    return status;
}

weft_status_t weft_i_net_model_answer(float **answer, int32_t *beyond, const weft_wire_model_t *m, const weft_i_net_graph_t *g, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t n = weft_i_net_model_members(m), cut = 0;
    int64_t size = (int64_t)g->n * WEFT_I_NET_OUT;
    float *sum = weft_i_calloc((size_t)size + 1, sizeof *sum), *own = weft_i_calloc((size_t)size + 1, sizeof *own);
    *answer = NULL;
    WEFT_TRY_ALLOC(sum && own);
    for (int32_t k = 0; k < n; k++) WEFT_TRY(add_member(sum, own, &cut, k, m, g, diag));
    for (int64_t i = 0; i < size; i++) sum[i] /= (float)n;
    if (beyond) *beyond = cut;
    *answer = sum;
    sum = NULL;
done:
    weft_i_free(sum);
    weft_i_free(own);
    return status;
}

static void blend(float *scale, bool alone, double offset, float net) { *scale = (float)exp(offset + weft_i_with_net(alone, log((double)*scale) - offset, net)); }

static weft_status_t correct(weft_wires_t *w, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_wire_model_t *m = w->model;
    weft_i_net_graph_t g = {0};
    float *answer = NULL;
    WEFT_TRY(weft_i_net_graph_init(&g, w->design, w->layout, diag));
    weft_i_free(w->layout->feature);
    w->layout->feature = NULL;
    int32_t beyond = 0;
    WEFT_TRY(weft_i_net_model_answer(&answer, &beyond, m, &g, diag));
    w->beyond = g.n ? (double)beyond / g.n : 0.0;
    for (int32_t i = 0; i < g.n; i++) {
        blend(&w->cap_scale[g.net[i]], m->net_alone, m->cap_offset, answer[WEFT_I_NET_OUT * i]);
        blend(&w->res_scale[g.net[i]], m->net_alone, m->res_offset, answer[WEFT_I_NET_OUT * i + 1]);
    }
done:
    weft_i_free(answer);
    weft_i_net_graph_destroy(&g);
    return status;
}

weft_status_t weft_wires_predict(weft_wires_t **wires, const weft_wire_model_t *m, const weft_design_t *d, double shift, weft_diag_t *diag)
{
    weft_status_t status = weft_wires_new(wires, m, d, shift, diag);
    if (status != WEFT_OK || !m->n_kept || !(*wires)->cap_scale) return status;
    status = correct(*wires, diag);
    if (status == WEFT_OK) return status;
    weft_wires_free(*wires);
    *wires = NULL;
    return status;
}
