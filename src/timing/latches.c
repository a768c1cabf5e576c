/* timing/latches.c: transparent latches. Data that arrives while the enable is open borrows: it goes on to Q with the time
 * it has, and its own slack is 0 (then the path is judged behind Q); data before the opening edge has the slack to it, and
 * what comes after the closing edge fails there. Outputs of latches may lie anywhere in the levels, so arrivals are swept
 * again until no start at a latch output moves. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/checks.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

int32_t weft_i_latch_of_data(const weft_timer_t *t, int32_t node)
{
    for (int32_t e = t->out_first[node]; e < t->out_first[node + 1]; e++)
        if (t->edge_kind[e] == WEFT_I_EDGE_D_Q) return e;
    return -1;
}
