/* timing/exceptions.h: false paths, multicycle paths, path delays and groups as states of tags.
 *
 * State (x, k): k of the -through points of exception x are passed. A tag holds the set of states in flight, interned: 0 is the empty set.
 * An exception without -from begins at its first -through, one without both is met at its -to alone. */
#ifndef WEFT_TIMING_EXCEPTIONS_H
#define WEFT_TIMING_EXCEPTIONS_H
#include "weft/constraints.h"
#include "weft/design.h"

typedef struct weft_i_exception_entry { int32_t exception; uint8_t role /* 0 from, 1 through, 2 to */, edges; int16_t k; } weft_i_exception_entry_t;

/* Instead of an id, while the tables of ids are frozen for reading by many threads: this content has none yet. */
enum { WEFT_I_UNKNOWN = -3 };

typedef struct weft_i_exceptions {
    bool frozen;
    const weft_constraints_t *sdc;
    int32_t n;                    /* 0: nothing below is there */
    int32_t *first_state;         /* [n + 1] */
    int32_t *priority;            /* [n] */
    int64_t *pin_first;           /* [n_pins + 1] into entry */
    int64_t *clock_first;         /* [n_clocks + 1], likewise, behind the pins' */
    weft_i_exception_entry_t *entry;
    int32_t n_sets; int64_t set_cap, pool_cap, pool_n;
    int64_t *set_first;           /* [n_sets + 1] into pool; states ascending */
    int32_t *pool;
    int32_t n_slots; int32_t *slot;
} weft_i_exceptions_t;

WEFT_MUST_CHECK weft_status_t weft_i_exceptions_init(weft_i_exceptions_t *x, const weft_constraints_t *sdc, const weft_design_t *d);
void weft_i_exceptions_destroy(weft_i_exceptions_t *x);

/* States of a path that starts at `pin` (edge pin_edge) with a clock edge (clock -1: none), late or early. -1: a false path starts
 * here; -2: memory; or WEFT_I_UNKNOWN. `states`: those of the clock path that launches. */
int32_t weft_i_exceptions_start(weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t pin_edge, int32_t clock, int32_t clock_edge, int32_t late);
/* States after reaching `pin` with `edge`. -1: a false path is complete, unless is_clock; -2: memory; or WEFT_I_UNKNOWN. */
int32_t weft_i_exceptions_pass(weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t edge, int32_t late, bool is_clock);

/* What holds for a path with these states that ends at pin with edge, captured by a clock edge (-1: none). Indices or -1. */
typedef struct weft_i_verdict { int32_t exception; int32_t setup_multi, hold_multi; int32_t group; } weft_i_verdict_t;
weft_i_verdict_t weft_i_exceptions_end(const weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t edge, int32_t clock, int32_t clock_edge, int32_t late);
#endif
