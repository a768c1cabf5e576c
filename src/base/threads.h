/* base/threads.h: how many threads a loop is worth. */
#ifndef WEFT_BASE_THREADS_H
#define WEFT_BASE_THREADS_H
#include "weft/base.h"

/* Threads for a loop of `work` elementary steps (a load, a sum, a store), at most weft_threads(). */
int32_t weft_i_threads_for(int64_t work);
#endif
