/* nn/global_attention.c: the table of global attention. */
#include "nn/attention_kinds.h"

#include <string.h>

void weft_i_global_plain_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    static const char *const part[3][2] = {{"q.weight", "q.bias"}, {"k.weight", "k.bias"}, {"v.weight", "v.bias"}};
    weft_linear_t *map[3] = {&l->q, &l->k, &l->v};
    for (int i = 0; i < 3; i++) {
        map[i]->w = weft_params_add(params, weft_i_name(name, part[i][0]).text, l->width, l->width, WEFT_INIT_HE, 4 * l->width);
        map[i]->b = weft_params_add(params, weft_i_name(name, part[i][1]).text, 1, l->width, WEFT_INIT_ZERO, 0);
    }
    l->out.w = weft_params_add(params, weft_i_name(name, "out.weight").text, l->width, l->width, WEFT_INIT_FAN_IN, 0);
    l->out.b = weft_params_add(params, weft_i_name(name, "out.bias").text, 1, l->width, WEFT_INIT_ZERO, 0);
}

static void softmax_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    weft_i_global_plain_init(l, params, name);
    if (l->o.sink) l->sink = weft_params_add(params, weft_i_name(name, "sink").text, 1, l->o.heads, WEFT_INIT_ZERO, 0);
    if (l->o.gate) l->extra = weft_linear_init(params, weft_i_name(name, "gate").text, l->width, l->o.heads, true, WEFT_INIT_FAN_IN);
}

/* Each head of y [n, width] times its share of the row's gate. */
static weft_var_t *gated(const weft_global_t *l, weft_var_t *x, weft_var_t *y)
{
    enum { MOST_HEADS = 64 };
    weft_var_t *e = weft_exp_clamp(weft_i_map(&l->extra, x), 5.0), *sum = NULL, *part[MOST_HEADS];
    const int32_t heads = l->o.heads;
    const int64_t c = l->width / heads;
    if (!e || !y || heads > MOST_HEADS) return NULL;
    for (int32_t h = 0; h < heads; h++) sum = sum ? weft_add(sum, weft_columns(e, h, 1)) : weft_columns(e, 0, 1);
    for (int32_t h = 0; h < heads; h++) part[h] = weft_row_scale(weft_columns(y, h * c, c), weft_affine(weft_divide(weft_columns(e, h, 1), sum), heads, 0.0));
    return heads > 1 ? weft_concat(part, heads) : part[0];
}

static weft_var_t *softmax(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    if (!x || (l->o.sink && !l->sink)) return NULL;
    weft_var_t *sink = l->sink ? weft_param_var(weft_var_tape(x), l->sink) : NULL;
    weft_var_t *q = weft_i_map(&l->q, x), *k = weft_i_map(&l->k, x), *v = weft_i_map(&l->v, x);
    bool prune = l->o.top_k && !weft_tape_training(weft_var_tape(x));
    weft_var_t *y = prune ? weft_attention_top_k(q, k, v, sink, l->o.heads, &p->segments, l->o.top_k) : weft_attention(q, k, v, sink, l->o.heads, &p->segments, l->o.drop);
    return weft_i_map(&l->out, l->o.gate ? gated(l, x, y) : y);
}

/* ---- gaussian -------------------------------------------------------------------------------------------------------------------------- */
static void gaussian_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    l->score = weft_graph_norm_init(params, weft_i_name(name, "score").text, l->width);
    l->out = weft_linear_init(params, weft_i_name(name, "out").text, l->width, l->width, true, WEFT_INIT_FAN_IN);
}

static weft_var_t *gaussian(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    weft_var_t *z = weft_graph_norm(&l->score, p->pool, p->members, x), *ones = weft_affine(weft_columns(x, 0, 1), 0.0, 1.0);
    weft_var_t *rows = weft_spmm(p->members, NULL, weft_spmm(p->pool, NULL, ones, WEFT_SUM), WEFT_SUM); /* of its segment */
    if (!z || !rows) return NULL;
    return weft_i_map(&l->out, weft_mul(x, weft_row_scale(weft_column_softmax(weft_affine(weft_mul(z, z), -0.5, 0.0), &p->segments), rows)));
}

const weft_i_global_row_t weft_i_globals[] = {
    [WEFT_GLOBAL_NONE] = {"none", 0, NULL, NULL},
    [WEFT_GLOBAL_SOFTMAX] = {"softmax", 0, softmax_init, softmax},
    [WEFT_GLOBAL_PERFORMER] = {"performer", 0, weft_i_performer_init, weft_i_performer},
    [WEFT_GLOBAL_SGFORMER] = {"sgformer", 0, weft_i_sgformer_init, weft_i_sgformer},
    [WEFT_GLOBAL_AGENT] = {"agent", WEFT_I_PLAN_GROUPS, weft_i_global_plain_init, weft_i_agent},
    [WEFT_GLOBAL_BASED] = {"based", 0, weft_i_based_init, weft_i_based},
    [WEFT_GLOBAL_LIGHTNET] = {"lightnet", 0, weft_i_global_plain_init, weft_i_lightnet},
    [WEFT_GLOBAL_POLYNORMER] = {"polynormer", 0, weft_i_polynormer_init, weft_i_polynormer},
    [WEFT_GLOBAL_BIGBIRD] = {"bigbird", WEFT_I_PLAN_BLOCKS, weft_i_global_plain_init, weft_i_bigbird},
    [WEFT_GLOBAL_EXPHORMER] = {"exphormer", WEFT_I_PLAN_EXPANDER | WEFT_I_PLAN_MEMBERS, weft_i_exphormer_init, weft_i_exphormer},
    [WEFT_GLOBAL_CORECONTEXT] = {"corecontext", WEFT_I_PLAN_GROUPS | WEFT_I_PLAN_WINDOWS, weft_i_corecontext_init, weft_i_corecontext},
    [WEFT_GLOBAL_ROUTING] = {"routing", WEFT_I_PLAN_CLUSTERS, weft_i_global_plain_init, weft_i_routing},
    [WEFT_GLOBAL_GAUSSIAN] = {"gaussian", WEFT_I_PLAN_MEMBERS, gaussian_init, gaussian},
};

const char *weft_global_name(weft_global_kind_t kind) { return kind < WEFT_GLOBAL_N ? weft_i_globals[kind].name : "?"; }

weft_global_kind_t weft_global_find(const char *name)
{
    int k = 0;
    while (k < WEFT_GLOBAL_N && strcmp(weft_i_globals[k].name, name)) k++;
    return (weft_global_kind_t)k;
}

weft_global_t weft_global_init(weft_params_t *params, const char *name, int64_t width, const weft_global_options_t *options)
{
    weft_global_t l = {.o = *options, .width = width};
    if (weft_i_globals[l.o.kind].init) weft_i_globals[l.o.kind].init(&l, params, name);
    return l;
}

weft_var_t *weft_global(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    return x && weft_i_globals[l->o.kind].run ? weft_i_globals[l->o.kind].run(l, p, x) : NULL;
}
