/* tests/nn/check_parameters.h: finite differences of a layer's parameters against the tape, in double. */
#ifndef CHECK_PARAMETERS_H
#define CHECK_PARAMETERS_H
#include "autograd/check_gradient.h"
#include "weft/nn.h"

/* |tape - numeric| <= tolerance (1 + |numeric|) for the elements of every trained parameter; of those with more than `most` elements every 37th. */
static inline void check_parameters(const char *name, inputs_t *in, build_fn *build, void *context, weft_params_t *params, int64_t most, double tolerance)
{
    weft_tape_t *tape = weft_tape_new();
    weft_params_zero_grad(params);
    run_once(tape, in, build, context, true, name);
    for (int32_t i = 0; i < weft_params_n(params); i++) {
        weft_param_t *p = weft_params_at(params, i);
        for (int64_t k = 0; p->grad && k < p->rows * p->cols; k += p->rows * p->cols > most ? 37 : 1) {
            weft_real_t keep = p->value[k], h = (weft_real_t)1e-5;
            p->value[k] = keep + h;
            double up = run_once(tape, in, build, context, false, name);
            p->value[k] = keep - h;
            double down = run_once(tape, in, build, context, false, name), numeric = (up - down) / (2.0 * (double)h);
            p->value[k] = keep;
            cr_assert(fabs(numeric - (double)p->grad[k]) <= tolerance * (1.0 + fabs(numeric)), "%s: %s element %lld: tape %.9g, differences %.9g", name, p->name, (long long)k, (double)p->grad[k], numeric);
        }
    }
    weft_tape_free(tape);
}
#endif
