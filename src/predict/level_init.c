/* predict/level_init.c: first weights with which a step of the networks of level_net.h hands on the state that it reads: through a net as it is, through a
 * gate the largest late and the smallest early one. What is left to learn is what a step adds. Shapes and counts are not touched. */
#include "predict/level_net.h"

/* Columns of x that an MLP gives out again, times a factor. */
typedef struct pass { int64_t in, out; double factor; } pass_t;

/* Two units of every hidden layer hold +x and -x: leaky(x) - leaky(-x) = (1 + slope) x. What else reaches the outputs is scaled by `rest`. */
static void hand_on(const weft_mlp_t *m, const pass_t *pass, int32_t n, double rest)
{
    double half = 1.0 / (1.0 + m->slope);
    for (int32_t l = 0; l < m->n; l++) {
        weft_param_t *w = m->layer[l].w, *b = m->layer[l].b;
        bool last = l == m->n - 1;
        for (int32_t i = 0; i < n; i++)
            for (int32_t s = 0; s < (last ? 1 : 2); s++) {
                int64_t to = last ? pass[i].out : 2 * i + s;
                double sign = s ? -1.0 : 1.0;
                for (int64_t r = 0; r < w->rows; r++) w->value[r * w->cols + to] *= (weft_real_t)(last ? rest : 0.0);
                b->value[to] = 0;
                if (!l) w->value[pass[i].in * w->cols + to] = (weft_real_t)(sign * pass[i].factor);
                for (int32_t q = 0; l && q < 2; q++) w->value[(2 * i + q) * w->cols + to] = (weft_real_t)(sign * half * (q ? -1.0 : 1.0));
            }
    }
}

void weft_i_level_init(weft_level_net_t *m, int64_t h, int64_t half)
{
    enum { REST = 10 };
    pass_t net[WEFT_I_STATE], message[WEFT_I_STATE], reduce[WEFT_I_STATE];
    for (int32_t k = 0; k < WEFT_I_STATE; k++) {
        double sign = k % 4 < 2 ? -1.0 : 1.0; /* the smallest early one is the largest of what is negated */
        net[k] = (pass_t){k, k, 1.0};
        message[k] = (pass_t){k, 1 + half + k, 2.0 * sign}; /* a gate begins near 1/2 */
        reduce[k] = (pass_t){h + half + k, k, sign};
    }
    weft_linear_t *gate = &m->message.layer[m->message.n - 1];
    for (int64_t r = 0; r < gate->w->rows; r++) gate->w->value[r * gate->w->cols] /= REST;
    gate->b->value[0] = 0;
    hand_on(&m->message, message, WEFT_I_STATE, 1.0 / REST);
    hand_on(&m->reduce, reduce, WEFT_I_STATE, 1.0 / REST);
    if (!m->kind->attention) hand_on(&m->net_step, net, WEFT_I_STATE, 1.0 / REST);
    else { /* residual as it is */
        weft_param_t *w = m->net_step.layer[m->net_step.n - 1].w;
        for (int64_t i = 0; i < w->rows * w->cols; i++) w->value[i] /= REST;
    }
}
