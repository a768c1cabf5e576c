/* The half-width of an interval and its inverse. */
#include "weft/wire_model.h"

#include <criterion/criterion.h>
#include <math.h>

Test(interval, inverse_of_the_half_width)
{
    for (double shift = 0.0; shift < 1e-9; shift = shift > 0.0 ? 3 * shift : 1e-15)
        for (double error = 1e-16; error < 1e-8; error *= 2.7) {
            double q = weft_wire_model_interval_for(error, shift);
            cr_expect_float_eq(weft_wire_model_half_width(q, shift) / error, 1.0, 1e-9, "error %g, shift %g: q %g", error, shift, q);
        }
}

Test(interval, grows_with_both)
{
    double q = 2.5e-9, least = weft_wire_model_half_width(q, 0.0);
    cr_expect_float_eq(least / q, pow(1200, -0.8), 1e-12);
    cr_expect(weft_wire_model_half_width(q, 1e-12) > least && weft_wire_model_half_width(q, -2e-12) > weft_wire_model_half_width(q, 1e-12));
    cr_expect(weft_wire_model_half_width(2 * q, 1e-12) > weft_wire_model_half_width(q, 1e-12));
    cr_expect_eq(weft_wire_model_half_width(0.0, 1e-12), 0.0); /* a model without a measure of its error */
    cr_expect_eq(weft_wire_model_interval_for(0.0, 1e-12), 0.0);
}
