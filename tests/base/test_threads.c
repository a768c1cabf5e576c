/* The number of threads: told, or found once. */
#include "weft/base.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(threads, the_default_is_asked_for_once)
{
    setenv("WEFT_THREADS", "3", 1);
    weft_threads_set(0);
    cr_expect_eq(weft_threads(), 3);
    setenv("WEFT_THREADS", "5", 1); /* it would cost files and calls at every kernel to see this */
    cr_expect_eq(weft_threads(), 3);
    cr_expect_eq(weft_threads_default(), 5);
    weft_threads_set(2);
    cr_expect_eq(weft_threads(), 2);
    weft_threads_set(0);
    cr_expect_eq(weft_threads(), 5);
    setenv("WEFT_THREADS", "none", 1);
    setenv("OMP_NUM_THREADS", "4", 1);
    cr_expect_eq(weft_threads_default(), 4);
    unsetenv("WEFT_THREADS");
    unsetenv("OMP_NUM_THREADS");
    weft_threads_set(0);
    cr_expect_geq(weft_threads(), 1);
}
