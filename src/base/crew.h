/* base/crew.h: a barrier and a shared counter for the threads of one OpenMP region. Waiting threads give their processor away after a short
 * spin, so that a crew on too few processors loses little (libgomp's own barrier spins for milliseconds). */
#ifndef WEFT_BASE_CREW_H
#define WEFT_BASE_CREW_H
#include <stdatomic.h>
#include <stdint.h>

typedef struct weft_i_crew { atomic_int arrived, turn; atomic_llong next; } weft_i_crew_t; /* zero-initialise */

/* Every one of n_threads calls it; none returns before all have. The counter is back at 0 then. */
void weft_i_crew_wait(weft_i_crew_t *crew, int n_threads);
/* The next `step` numbers: the first of them. */
static inline int64_t weft_i_crew_take(weft_i_crew_t *crew, int64_t step) { return atomic_fetch_add_explicit(&crew->next, step, memory_order_relaxed); }
#endif
