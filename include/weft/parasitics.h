/* weft/parasitics.h: an RC network per net, from SPEF or from a wire model, in F and ohm. */
#ifndef WEFT_PARASITICS_H
#define WEFT_PARASITICS_H
#include "weft/base.h"
#include "weft/design.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One net as a network of nodes. Node capacitances are wire only (no pin capacitance). Borrowed. */
typedef struct weft_rc_net {
    int32_t n_nodes, n_res;
    const float *cap;               /* [n_nodes] F */
    const int32_t *pin;             /* [n_nodes] design pin at this node or -1 */
    const int32_t *a, *b;           /* [n_res] local node numbers */
    const float *res;               /* [n_res] ohm */
    float extra_cap;                /* capacitance without a place (a *D_NET total without *CAP, *R_NET), F */
    bool present;                   /* false: the net has no parasitics */
} weft_rc_net_t;

/* Stored networks of a whole design: CSR over nets. Owned arrays, read-only. */
typedef struct weft_parasitics {
    const weft_design_t *design;    /* borrowed */
    int64_t *net_node, *net_res;    /* [n_nets + 1] */
    uint8_t *net_present;           /* [n_nets] */
    float *net_extra;               /* [n_nets] or NULL */
    float *cap; int32_t *pin;       /* nodes */
    int32_t *a, *b; float *res;     /* resistors, nodes local to the net */
    int32_t n_annotated;            /* nets with parasitics */
} weft_parasitics_t;
WEFT_API void weft_parasitics_free(weft_parasitics_t *parasitics);
static inline weft_rc_net_t weft_parasitics_net(const weft_parasitics_t *p, int32_t net)
{
    weft_rc_net_t v;
    int64_t n0 = p->net_node[net], r0 = p->net_res[net];
    v.n_nodes = (int32_t)(p->net_node[net + 1] - n0);
    v.n_res = (int32_t)(p->net_res[net + 1] - r0);
    v.cap = p->cap + n0;
    v.pin = p->pin + n0;
    v.a = p->a + r0;
    v.b = p->b + r0;
    v.res = p->res + r0;
    v.extra_cap = p->net_extra ? p->net_extra[net] : 0.0f;
    v.present = p->net_present[net] != 0;
    return v;
}

#ifdef __cplusplus
}
#endif
#endif
