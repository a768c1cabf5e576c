/* timing/derate.c: tables of derating factors by object. */
#include "timing/derate.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

static bool new_table(weft_i_derates_t *x)
{
    if (!WEFT_I_ROOM(x->table, x->capacity, x->n + 1)) return false;
    float *f = &x->table[x->n++].factor[0][0][0][0];
    for (size_t i = 0; i < sizeof(weft_i_derate_table_t) / sizeof *f; i++) f[i] = NAN;
    return true;
}

/* The table of entry `id` of an index of n, made where it is missing. */
static weft_i_derate_table_t *table_of(weft_i_derates_t *x, int32_t **index, int32_t n, int32_t id)
{
    if (!*index) {
        *index = weft_i_malloc((size_t)n * sizeof **index);
        if (!*index) return NULL;
        memset(*index, -1, (size_t)n * sizeof **index);
    }
    if ((*index)[id] < 0) {
        if (!new_table(x)) return NULL;
        (*index)[id] = x->n - 1;
    }
    return &x->table[(*index)[id]];
}

static void write(weft_i_derate_table_t *t, const weft_setting_t *s)
{
    for (int type = 0; type < WEFT_I_N_DERATES; type++)
        for (int data = 0; data < 2; data++)
            for (int edge = 0; edge < 2; edge++)
                for (int el = 0; el < 2; el++) {
                    bool named = s->detail ? s->detail >> type & 1 : type != WEFT_I_DERATE_CHECK; /* checks only where named */
                    if (named && (data ? s->flag2 : s->flag) && (s->edges >> edge & 1) && (s->el >> el & 1)) t->factor[type][data][edge][el] = (float)s->value;
                }
}

weft_status_t weft_i_derates_init(weft_i_derates_t *x, const weft_constraints_t *sdc, const weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    *x = (weft_i_derates_t){0};
    for (int32_t i = 0; i < sdc->n_settings; i++) {
        const weft_setting_t *s = &sdc->setting[i];
        weft_i_derate_table_t *t = NULL;
        if (s->kind != WEFT_SET_DERATE) continue;
        if (!x->n && !new_table(x)) WEFT_TRY(WEFT_ENOMEM);
        switch (s->object.kind) {
        case WEFT_OBJ_DESIGN: t = &x->table[0]; break;
        case WEFT_OBJ_INST: t = table_of(x, &x->of_inst, d->n_insts, s->object.id); break;
        case WEFT_OBJ_NET: t = table_of(x, &x->of_net, d->n_nets, s->object.id); break;
        case WEFT_OBJ_LIB_CELL: t = table_of(x, &x->of_cell, d->library->n_cells, s->object.id); break;
        default: continue;
        }
        WEFT_TRY_ALLOC(t);
        write(t, s);
    }
done:
    return status;
}

void weft_i_derates_destroy(weft_i_derates_t *x)
{
    weft_i_free(x->table);
    weft_i_free(x->of_inst);
    weft_i_free(x->of_net);
    weft_i_free(x->of_cell);
    *x = (weft_i_derates_t){0};
}

double weft_i_derate(const weft_i_derates_t *x, const weft_design_t *d, int32_t inst, int32_t net, int32_t type, bool data, int32_t edge, int32_t el)
{
    int32_t cell = inst >= 0 ? d->inst_cell[inst] : -1;
    int32_t at[] = {inst >= 0 && x->of_inst ? x->of_inst[inst] : -1, net >= 0 && x->of_net ? x->of_net[net] : -1, cell >= 0 && x->of_cell ? x->of_cell[cell] : -1, 0};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        if (at[i] < 0) continue;
        float f = x->table[at[i]].factor[type][data][edge][el];
        if (!isnan(f)) return (double)f;
    }
    return 1.0;
}
