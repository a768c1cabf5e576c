/* nn/attention_kinds.h: one row per kind of global attention. */
#ifndef WEFT_NN_ATTENTION_KINDS_H
#define WEFT_NN_ATTENTION_KINDS_H
#include "nn/names.h"
#include "weft/gps.h"

enum { WEFT_I_PLAN_GROUPS = 1, WEFT_I_PLAN_WINDOWS = 2, WEFT_I_PLAN_BLOCKS = 4, WEFT_I_PLAN_EXPANDER = 8, WEFT_I_PLAN_MEMBERS = 16, WEFT_I_PLAN_CLUSTERS = 32 };
enum { WEFT_I_WINDOW = 64, WEFT_I_BLOCK = 3, WEFT_I_MOST_PAIRS = 1 << 27 };

typedef struct weft_i_global_row {
    const char *name;
    unsigned plan; /* what its plan holds */
    void (*init)(weft_global_t *l, weft_params_t *params, const char *name);
    weft_var_t *(*run)(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
} weft_i_global_row_t;
extern const weft_i_global_row_t weft_i_globals[];

/* attention_kernel.c */
void weft_i_performer_init(weft_global_t *l, weft_params_t *params, const char *name);
void weft_i_sgformer_init(weft_global_t *l, weft_params_t *params, const char *name);
void weft_i_based_init(weft_global_t *l, weft_params_t *params, const char *name);
void weft_i_polynormer_init(weft_global_t *l, weft_params_t *params, const char *name);
weft_var_t *weft_i_performer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_sgformer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_based(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_lightnet(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_polynormer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
/* attention_sparse.c */
void weft_i_exphormer_init(weft_global_t *l, weft_params_t *params, const char *name);
weft_var_t *weft_i_bigbird(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_exphormer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
/* attention_grouped.c */
void weft_i_corecontext_init(weft_global_t *l, weft_params_t *params, const char *name);
weft_var_t *weft_i_agent(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_corecontext(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);
weft_var_t *weft_i_routing(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x);

/* q, k, v and out with biases, width to width: Xavier over the packed map of three, biases 0. */
void weft_i_global_plain_init(weft_global_t *l, weft_params_t *params, const char *name);
static inline weft_var_t *weft_i_map(const weft_linear_t *l, weft_var_t *x) { return x ? weft_linear(l, weft_x_dense(x)) : NULL; }
#endif
