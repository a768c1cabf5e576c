/* base/crew.c: a barrier that spins shortly and then yields. */
#include "base/crew.h"

#include <sched.h>

static inline void rest(int *spun)
{
    if (++*spun > 200) sched_yield();
#if defined(__x86_64__) || defined(__i386__)
    else __builtin_ia32_pause();
#endif
}

void weft_i_crew_wait(weft_i_crew_t *c, int n)
{
    int turn = atomic_load(&c->turn), spun = 0;
    if (n < 2) {
        atomic_store(&c->next, 0);
        return;
    }
    if (atomic_fetch_add(&c->arrived, 1) == n - 1) {
        atomic_store(&c->arrived, 0);
        atomic_store(&c->next, 0);
        atomic_store(&c->turn, turn + 1);
        return;
    }
    while (atomic_load_explicit(&c->turn, memory_order_acquire) == turn) rest(&spun);
}
