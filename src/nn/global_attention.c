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
}

static weft_var_t *softmax(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    if (!x || (l->o.sink && !l->sink)) return NULL;
    weft_var_t *sink = l->sink ? weft_param_var(weft_var_tape(x), l->sink) : NULL;
    return weft_i_map(&l->out, weft_attention(weft_i_map(&l->q, x), weft_i_map(&l->k, x), weft_i_map(&l->v, x), sink, l->o.heads, &p->segments, l->o.drop));
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
