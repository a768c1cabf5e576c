/* timing/exceptions.c: exceptions indexed by pin and clock, their states interned as sets, and the one that wins at an end. */
#include "timing/exceptions.h"
#include "base/alloc.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* ---- index ------------------------------------------------------------------------------------------------------ */
typedef struct builder { weft_i_exceptions_t *x; const weft_design_t *d; bool counting; } builder_t;

static void put(builder_t *b, int64_t *first, int32_t at, weft_i_exception_entry_t e)
{
    if (b->counting) first[at + 1]++;
    else b->x->entry[first[at]++] = e;
}

/* A net is passed where a path arrives at one of its loads; an instance at any of its pins. */
static void put_point(builder_t *b, const weft_exception_point_t *p, weft_i_exception_entry_t e)
{
    const weft_design_t *d = b->d;
    e.edges = p->edges;
    for (int32_t i = 0; i < p->objects.n; i++) {
        int32_t id = p->objects.object[i].id;
        switch (p->objects.object[i].kind) {
        case WEFT_OBJ_PIN: put(b, b->x->pin_first, id, e); break;
        case WEFT_OBJ_INST:
            for (int32_t k = d->inst_first_pin[id]; k < d->inst_first_pin[id + 1]; k++) put(b, b->x->pin_first, k, e);
            break;
        case WEFT_OBJ_NET:
            for (int32_t k = d->net_first[id]; k < d->net_first[id + 1]; k++)
                if (weft_design_pin_loads(d, d->net_pin[k])) put(b, b->x->pin_first, d->net_pin[k], e);
            break;
        case WEFT_OBJ_CLOCK: put(b, b->x->clock_first, id, e); break;
        default: break;
        }
    }
}

static void put_all(builder_t *b)
{
    const weft_constraints_t *c = b->x->sdc;
    for (int32_t i = 0; i < b->x->n; i++) {
        const weft_exception_t *q = &c->exception[i];
        if (q->has_from) put_point(b, &q->from, (weft_i_exception_entry_t){.exception = i, .role = 0});
        for (int32_t k = 0; k < q->n_throughs; k++) put_point(b, &q->through[k], (weft_i_exception_entry_t){.exception = i, .role = 1, .k = (int16_t)k});
        if (q->has_to) put_point(b, &q->to, (weft_i_exception_entry_t){.exception = i, .role = 2});
    }
}

static bool of_clocks(const weft_exception_point_t *p) { return p->objects.n && p->objects.object[0].kind == WEFT_OBJ_CLOCK; }

/* Kind first, then how narrowly the path is named: pins before clocks, the start before the end before the way. */
static int32_t priority_of(const weft_exception_t *q)
{
    static const int32_t kind[] = {[WEFT_FALSE_PATH] = 4000, [WEFT_MAX_DELAY] = 3000, [WEFT_MIN_DELAY] = 3000, [WEFT_MULTICYCLE] = 2000, [WEFT_GROUP_PATH] = 1000};
    int32_t p = kind[q->kind];
    if (q->has_from) p += of_clocks(&q->from) ? 4 : 32;
    if (q->n_throughs) p += 8;
    if (q->has_to) p += of_clocks(&q->to) ? 2 : 16;
    return p;
}

weft_status_t weft_i_exceptions_init(weft_i_exceptions_t *x, const weft_constraints_t *sdc, const weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    *x = (weft_i_exceptions_t){.sdc = sdc};
    if (!sdc->n_exceptions) return WEFT_OK;
    int32_t n = sdc->n_exceptions, clocks = sdc->n_clocks;
    int64_t total;
    WEFT_TRY_ALLOC(x->first_state = weft_i_calloc((size_t)n + 1, sizeof *x->first_state));
    WEFT_TRY_ALLOC(x->priority = weft_i_calloc((size_t)n, sizeof *x->priority));
    WEFT_TRY_ALLOC(x->pin_first = weft_i_calloc((size_t)d->n_pins + 2, sizeof *x->pin_first));
    WEFT_TRY_ALLOC(x->clock_first = weft_i_calloc((size_t)clocks + 2, sizeof *x->clock_first));
    x->n = n;
    for (int32_t i = 0; i < n; i++) {
        x->first_state[i + 1] = x->first_state[i] + sdc->exception[i].n_throughs + 1;
        x->priority[i] = priority_of(&sdc->exception[i]);
    }
    builder_t b = {.x = x, .d = d, .counting = true};
    put_all(&b);
    for (int32_t i = 0; i < d->n_pins; i++) x->pin_first[i + 1] += x->pin_first[i];
    x->clock_first[0] = x->pin_first[d->n_pins];
    for (int32_t i = 0; i < clocks; i++) x->clock_first[i + 1] += x->clock_first[i];
    total = x->clock_first[clocks];
    WEFT_TRY_ALLOC(x->entry = weft_i_malloc(((size_t)total + 1) * sizeof *x->entry));
    b.counting = false;
    put_all(&b); /* moves every `first` to the next one's place */
    memmove(x->pin_first + 1, x->pin_first, (size_t)d->n_pins * sizeof *x->pin_first);
    memmove(x->clock_first + 1, x->clock_first, (size_t)clocks * sizeof *x->clock_first);
    x->pin_first[0] = 0;
    x->clock_first[0] = x->pin_first[d->n_pins];
    if (!WEFT_I_ROOM(x->set_first, x->set_cap, 2)) WEFT_TRY(WEFT_ENOMEM);
    x->set_first[0] = x->set_first[1] = 0;
    x->n_sets = 1; /* the empty one */
done:
    return status;
}

void weft_i_exceptions_destroy(weft_i_exceptions_t *x)
{
    WEFT_I_FREE_ALL(x->first_state, x->priority, x->pin_first, x->clock_first, x->entry, x->set_first, x->pool, x->slot);
    *x = (weft_i_exceptions_t){0};
}

/* ---- sets ------------------------------------------------------------------------------------------------------- */
enum { MOST = 256 }; /* states in flight on one path; more are not followed */
typedef struct set { int32_t n, state[MOST]; } set_t;

static void load(const weft_i_exceptions_t *x, int32_t id, set_t *s)
{
    s->n = (int32_t)(x->set_first[id + 1] - x->set_first[id]);
    if (s->n) memcpy(s->state, x->pool + x->set_first[id], (size_t)s->n * sizeof *s->state);
}

static bool has(const set_t *s, int32_t state)
{
    for (int32_t i = 0; i < s->n; i++)
        if (s->state[i] == state) return true;
    return false;
}

static void insert(set_t *s, int32_t state)
{
    int32_t at = s->n;
    if (s->n == MOST || has(s, state)) return;
    for (; at > 0 && s->state[at - 1] > state; at--) s->state[at] = s->state[at - 1];
    s->state[at] = state;
    s->n++;
}

static void erase(set_t *s, int32_t state)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < s->n; i++)
        if (s->state[i] != state) s->state[kept++] = s->state[i];
    s->n = kept;
}

static uint32_t hash(const int32_t *state, int32_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (int32_t i = 0; i < n; i++) h = (h ^ (uint32_t)state[i]) * 0xc2b2ae3d27d4eb4fu;
    return (uint32_t)(h >> 32);
}

static bool widen(weft_i_exceptions_t *x)
{
    int32_t n = x->n_slots ? 2 * x->n_slots : 64;
    int32_t *slot = weft_i_malloc((size_t)n * sizeof *slot);
    if (!slot) return false;
    memset(slot, -1, (size_t)n * sizeof *slot);
    for (int32_t i = 1; i < x->n_sets; i++) {
        uint32_t at = hash(x->pool + x->set_first[i], (int32_t)(x->set_first[i + 1] - x->set_first[i])) & (uint32_t)(n - 1);
        while (slot[at] >= 0) at = (at + 1) & (uint32_t)(n - 1);
        slot[at] = i;
    }
    weft_i_free(x->slot);
    x->slot = slot;
    x->n_slots = n;
    return true;
}

static int32_t intern(weft_i_exceptions_t *x, const set_t *s)
{
    if (!s->n) return 0;
    if (x->frozen ? !x->n_slots : 2 * (x->n_sets + 1) > x->n_slots && !widen(x)) return x->frozen ? WEFT_I_UNKNOWN : -2;
    uint32_t at = hash(s->state, s->n) & (uint32_t)(x->n_slots - 1);
    for (; x->slot[at] >= 0; at = (at + 1) & (uint32_t)(x->n_slots - 1)) {
        int32_t id = x->slot[at];
        if (x->set_first[id + 1] - x->set_first[id] == s->n && !memcmp(x->pool + x->set_first[id], s->state, (size_t)s->n * sizeof *s->state)) return id;
    }
    if (x->frozen) return WEFT_I_UNKNOWN;
    if (!WEFT_I_ROOM(x->set_first, x->set_cap, x->n_sets + 2) || !WEFT_I_ROOM(x->pool, x->pool_cap, x->pool_n + s->n)) return -2;
    memcpy(x->pool + x->pool_n, s->state, (size_t)s->n * sizeof *s->state);
    x->pool_n += s->n;
    x->set_first[x->n_sets + 1] = x->pool_n;
    x->slot[at] = x->n_sets;
    return x->n_sets++;
}

/* ---- paths ------------------------------------------------------------------------------------------------------ */
/* A setup multicycle also moves the hold check behind it. */
static bool concerns(const weft_exception_t *q, int32_t late) { return (q->minmax >> late & 1) || (q->kind == WEFT_MULTICYCLE && !late && (q->minmax & 2)); }

static bool ends_path(const weft_exception_t *q, int32_t k) { return q->kind == WEFT_FALSE_PATH && k == q->n_throughs && !q->has_to && q->to_end_edges == 3; }

/* The -through points at pin, those not begun by a -from too. True: a false path is complete. */
static bool throughs(weft_i_exceptions_t *x, set_t *s, int32_t pin, int32_t edge, int32_t late)
{
    bool complete = false;
    for (int64_t i = x->pin_first[pin]; i < x->pin_first[pin + 1]; i++) {
        const weft_i_exception_entry_t *e = &x->entry[i];
        const weft_exception_t *q = &x->sdc->exception[e->exception];
        int32_t state = x->first_state[e->exception] + e->k;
        if (e->role != 1 || !(e->edges >> edge & 1) || !concerns(q, late)) continue;
        bool begins = e->k == 0 && !q->has_from;
        if (!begins && !has(s, state)) continue;
        erase(s, state);
        insert(s, state + 1);
        complete |= ends_path(q, e->k + 1);
    }
    return complete;
}

int32_t weft_i_exceptions_pass(weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t edge, int32_t late, bool is_clock)
{
    set_t s;
    if (!x->n || x->pin_first[pin] == x->pin_first[pin + 1]) return states;
    load(x, states, &s);
    if (throughs(x, &s, pin, edge, late) && !is_clock) return -1;
    return intern(x, &s);
}

static bool begin(weft_i_exceptions_t *x, set_t *s, int64_t first, int64_t last, int32_t edge, int32_t late)
{
    bool complete = false;
    for (int64_t i = first; i < last; i++) {
        const weft_i_exception_entry_t *e = &x->entry[i];
        const weft_exception_t *q = &x->sdc->exception[e->exception];
        if (e->role || !(e->edges >> edge & 1) || !concerns(q, late)) continue;
        insert(s, x->first_state[e->exception]);
        complete |= ends_path(q, 0);
    }
    return complete;
}

int32_t weft_i_exceptions_start(weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t pin_edge, int32_t clock, int32_t clock_edge, int32_t late)
{
    set_t s;
    if (!x->n) return states;
    load(x, states, &s);
    bool complete = begin(x, &s, x->pin_first[pin], x->pin_first[pin + 1], pin_edge, late);
    if (clock >= 0) complete |= begin(x, &s, x->clock_first[clock], x->clock_first[clock + 1], clock_edge, late);
    for (int32_t i = 0; i < s.n && !complete; i++) /* also those that the clock path completed on its way */
        for (int32_t k = 0; k < x->n; k++)
            if (s.state[i] == x->first_state[k + 1] - 1) complete |= ends_path(&x->sdc->exception[k], x->sdc->exception[k].n_throughs) && (x->sdc->exception[k].minmax >> late & 1);
    complete |= throughs(x, &s, pin, pin_edge, late);
    return complete ? -1 : intern(x, &s);
}

/* ---- ends ------------------------------------------------------------------------------------------------------- */
static bool arrives(const weft_i_exceptions_t *x, int32_t q, int64_t first, int64_t last, int32_t edge)
{
    for (int64_t i = first; i < last; i++)
        if (x->entry[i].exception == q && x->entry[i].role == 2 && (x->entry[i].edges >> edge & 1)) return true;
    return false;
}

typedef struct judge { const weft_i_exceptions_t *x; weft_i_verdict_t v; int32_t pin, edge, clock, clock_edge, late; } judge_t;

/* Between equals the tighter one wins. */
static bool tighter(const weft_exception_t *a, const weft_exception_t *b)
{
    if (a->kind == WEFT_MULTICYCLE) return a->multiplier < b->multiplier;
    if (a->kind == WEFT_MAX_DELAY) return a->delay < b->delay;
    if (a->kind == WEFT_MIN_DELAY) return a->delay > b->delay;
    return false;
}

static void consider(judge_t *j, int32_t *best, int32_t q)
{
    const weft_i_exceptions_t *x = j->x;
    if (*best < 0 || x->priority[q] > x->priority[*best] || (x->priority[q] == x->priority[*best] && tighter(&x->sdc->exception[q], &x->sdc->exception[*best]))) *best = q;
}

static void hear(judge_t *j, int32_t q)
{
    const weft_i_exceptions_t *x = j->x;
    const weft_exception_t *e = &x->sdc->exception[q];
    if (!concerns(e, j->late) || !(e->to_end_edges >> j->edge & 1)) return;
    if (e->has_to && !arrives(x, q, x->pin_first[j->pin], x->pin_first[j->pin + 1], j->edge)
        && (j->clock < 0 || !arrives(x, q, x->clock_first[j->clock], x->clock_first[j->clock + 1], j->clock_edge))) return;
    if (e->kind == WEFT_GROUP_PATH) {
        consider(j, &j->v.group, q);
        return;
    }
    consider(j, &j->v.exception, q);
    if (e->kind == WEFT_MULTICYCLE && (e->minmax & 2)) consider(j, &j->v.setup_multi, q);
    if (e->kind == WEFT_MULTICYCLE && (e->minmax & 1)) consider(j, &j->v.hold_multi, q);
}

static void hear_entries(judge_t *j, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++) {
        const weft_exception_t *e = &j->x->sdc->exception[j->x->entry[i].exception];
        if (j->x->entry[i].role == 2 && !e->has_from && !e->n_throughs) hear(j, j->x->entry[i].exception);
    }
}

weft_i_verdict_t weft_i_exceptions_end(const weft_i_exceptions_t *x, int32_t states, int32_t pin, int32_t edge, int32_t clock, int32_t clock_edge, int32_t late)
{
    judge_t j = {.x = x, .v = {-1, -1, -1, -1}, .pin = pin, .edge = edge, .clock = clock, .clock_edge = clock_edge, .late = late};
    set_t s;
    if (!x->n) return j.v;
    load(x, states, &s);
    for (int32_t i = 0, q = 0; i < s.n; i++) {
        while (x->first_state[q + 1] <= s.state[i]) q++;
        if (s.state[i] == x->first_state[q + 1] - 1) hear(&j, q);
    }
    hear_entries(&j, x->pin_first[pin], x->pin_first[pin + 1]);
    if (clock >= 0) hear_entries(&j, x->clock_first[clock], x->clock_first[clock + 1]);
    return j.v;
}
