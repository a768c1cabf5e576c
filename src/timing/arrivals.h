/* timing/arrivals.h: the arrivals of one node, between arrivals.c and the sweep that calls it. */
#ifndef WEFT_TIMING_ARRIVALS_H
#define WEFT_TIMING_ARRIVALS_H
#include "timing/timer.h"

typedef struct weft_i_bucket { /* paths of the node at hand; zero-initialise with t set, free path */
    weft_timer_t *t;
    weft_i_path_t *path;
    int64_t n, capacity;
    int32_t node;
    bool failed;  /* memory */
    bool unknown; /* a tag is new while the tags are frozen: the paths are not complete */
} weft_i_bucket_t;

/* Fills the bucket with the node's paths; those of its predecessors stand in t->path. */
void weft_i_arrivals_at(weft_i_bucket_t *bucket, int32_t node);
#endif
