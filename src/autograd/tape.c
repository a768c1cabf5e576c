/* autograd/tape.c: notes, buffers, and the walk back. */
#include "autograd/tape.h"
#include "base/alloc.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

enum { LARGE = 15, N_SMALL = 4 + 4 * (LARGE - 2), N_CLASSES = N_SMALL + 16 * (38 - LARGE) }; /* LARGE: the exponent of so many lines of 64 bytes */
typedef struct spare { struct spare *next; } spare_t;

struct weft_tape {
    weft_var_t **var;
    int64_t n, capacity;
    weft_i_arena_t arena;
    spare_t *spare[N_CLASSES];
    int64_t bytes, peak;
    bool training, walked, plan;
    uintptr_t planned; /* stands for buffers: never looked at */
    uint64_t seed, step;
    weft_status_t status;
    char error[256];
};

/* Sizes 64 * {4, 5, 6, 7} * 2^k / 4, from 2 MiB on 64 * {16 .. 31} * 2^k / 16: at most a quarter is lost, of large ones a sixteenth, and a step finds the buffers of the step before. */
static int32_t class_of(size_t size, size_t *room)
{
    size_t units = (size + 63) / 64;
    if (units <= 4) {
        *room = 64 * (units ? units : 1);
        return units ? (int32_t)units - 1 : 0;
    }
    int32_t high = 63 - __builtin_clzll(units - 1), bits = high < LARGE ? 2 : 4, step = high - bits, parts = 1 << bits;
    size_t part = (units + ((size_t)1 << step) - 1) >> step; /* parts + 1 .. 2 parts */
    *room = (part << step) * 64;
    return (high < LARGE ? 4 + 4 * (high - 2) : N_SMALL + 16 * (high - LARGE)) + (int32_t)part - parts - 1;
}

weft_i_buffer_t weft_i_take(weft_tape_t *t, size_t size)
{
    weft_i_buffer_t b = {NULL, 0};
    int32_t c = size < (size_t)1 << 44 ? class_of(size, &b.size) : N_CLASSES;
    if (c < N_CLASSES && t->plan) b.data = (void *)(64 * ++t->planned);
    else if (c < N_CLASSES && t->spare[c]) {
        b.data = t->spare[c];
        t->spare[c] = t->spare[c]->next;
    } else if (c < N_CLASSES) b.data = weft_i_aligned(b.size);
    if (!b.data) {
        weft_i_fail(t, WEFT_ENOMEM, "out of memory: %zu bytes", size);
        return b;
    }
    t->bytes += (int64_t)b.size;
    if (t->bytes > t->peak) t->peak = t->bytes;
    return b;
}

void weft_i_give(weft_tape_t *t, weft_i_buffer_t *b)
{
    if (!b->data) return;
    if (!t->plan) {
        size_t room;
        int32_t c = class_of(b->size, &room);
        spare_t *s = b->data;
        s->next = t->spare[c];
        t->spare[c] = s;
    }
    t->bytes -= (int64_t)b->size;
    *b = (weft_i_buffer_t){NULL, 0};
}

static size_t matrix_size(const weft_var_t *v) { return (size_t)v->rows * (size_t)v->cols * sizeof(weft_real_t); }

static weft_real_t *take_matrix(weft_var_t *v) { return weft_i_take(v->tape, matrix_size(v)).data; }

static void give_matrix(weft_var_t *v, weft_real_t **m)
{
    weft_i_buffer_t b = {*m, 0};
    class_of(matrix_size(v), &b.size);
    weft_i_give(v->tape, &b);
    *m = NULL;
}

weft_tape_t *weft_tape_new(void)
{
    weft_tape_t *t = weft_i_calloc(1, sizeof *t);
    if (t) t->training = true;
    return t;
}

static void give_var(weft_var_t *v)
{
    if (!v->leaf) {
        give_matrix(v, &v->value);
        give_matrix(v, &v->grad);
    }
    for (int32_t k = 0; k < WEFT_I_N_KEPT; k++) weft_i_give(v->tape, &v->kept[k]);
}

void weft_tape_reset(weft_tape_t *t)
{
    for (int64_t i = 0; i < t->n; i++) give_var(t->var[i]);
    t->n = 0;
    weft_i_arena_destroy(&t->arena);
    t->walked = false;
    t->status = WEFT_OK;
}

void weft_tape_free(weft_tape_t *t)
{
    if (!t) return;
    weft_tape_reset(t);
    for (int32_t c = 0; c < N_CLASSES; c++)
        while (t->spare[c]) {
            spare_t *s = t->spare[c];
            t->spare[c] = s->next;
            weft_i_free(s);
        }
    weft_i_free(t->var);
    weft_i_free(t);
}

void weft_tape_plan(weft_tape_t *t, bool on)
{
    weft_tape_reset(t); /* gives back what was taken, in the mode it was taken in */
    t->plan = on;
    t->peak = t->bytes;
}

bool weft_i_tape_plans(const weft_tape_t *t) { return t->plan; }

void weft_tape_set_training(weft_tape_t *t, bool training) { t->training = training; }
bool weft_tape_training(const weft_tape_t *t) { return t->training; }
void weft_tape_set_seed(weft_tape_t *t, uint64_t seed, uint64_t step)
{
    t->seed = seed;
    t->step = step;
}
int64_t weft_tape_bytes(const weft_tape_t *t) { return t->bytes; }
int64_t weft_tape_peak(weft_tape_t *t, bool restart)
{
    int64_t peak = t->peak;
    if (restart) t->peak = t->bytes;
    return peak;
}
uint64_t weft_i_tape_seed(const weft_tape_t *t) { return t->seed; }
uint64_t weft_i_tape_stream(const weft_var_t *v) { return v->tape->step << 20 | ((uint64_t)v->number & 0xfffff); }

bool weft_i_fail(weft_tape_t *t, weft_status_t status, const char *format, ...)
{
    va_list args;
    if (t->status != WEFT_OK) return false;
    t->status = status;
    va_start(args, format);
    vsnprintf(t->error, sizeof t->error, format, args);
    va_end(args);
    return false;
}

void weft_tape_fail(weft_tape_t *t, weft_status_t status, const char *text) { weft_i_fail(t, status, "%s", text); }

weft_status_t weft_tape_status(const weft_tape_t *t, weft_diag_t *diag)
{
    if (t->status != WEFT_OK) weft_diag_add(diag, WEFT_ERROR, "tape", NULL, 0, 0, "%s", t->error);
    return t->status;
}

static weft_var_t *new_var(weft_tape_t *t, int32_t n_in)
{
    weft_var_t *v = NULL;
    if (t->status != WEFT_OK) return NULL;
    if (WEFT_I_ROOM(t->var, t->capacity, t->n + 1)) v = weft_i_arena_alloc(&t->arena, sizeof *v + (size_t)n_in * sizeof *v->in);
    if (!v) {
        weft_i_fail(t, WEFT_ENOMEM, "out of memory");
        return NULL;
    }
    v->tape = t;
    v->in = (weft_var_t **)(v + 1);
    v->n_in = n_in;
    v->number = t->n;
    t->var[t->n++] = v;
    return v;
}

weft_var_t *weft_tape_leaf(weft_tape_t *t, const weft_real_t *data, weft_real_t *grad, int64_t rows, int64_t cols)
{
    weft_var_t *v = new_var(t, 0);
    if (!v) return NULL;
    v->rows = rows;
    v->cols = cols;
    v->value = (weft_real_t *)data; /* never written: leaf */
    v->grad = grad;
    v->leaf = true;
    v->needs_grad = grad && t->training;
    return v;
}

weft_var_t *weft_tape_constant(weft_tape_t *t, const weft_real_t *data, int64_t rows, int64_t cols)
{
    return weft_tape_leaf(t, data, NULL, rows, cols);
}

static bool reads(const weft_var_t *v, int32_t k) { return v->needs_grad && v->op->saves >> (k < 14 ? k : 14) & 1; }

/* An input at its last use that no backward pass will read. */
static bool spent(const weft_var_t *v, int32_t k)
{
    const weft_var_t *x = v->in[k];
    bool alone = x->once && !x->leaf && !x->keep && !x->saved && x->value;
    for (int32_t j = 0; alone && j < v->n_in; j++) alone = v->in[j] != x || !reads(v, j);
    return alone;
}

/* What forward and backward would take and fill, taken. */
static bool plan_forward(weft_var_t *v)
{
    const weft_i_room_t room = weft_i_room(v);
    for (int32_t k = 0; k < WEFT_I_N_KEPT; k++)
        if (room.kept[k] && !weft_i_keep(v, k, room.kept[k])) return false;
    weft_i_buffer_t scratch = room.forward ? weft_i_take(v->tape, room.forward) : (weft_i_buffer_t){NULL, 0};
    if (room.forward && !scratch.data) return false;
    weft_i_give(v->tape, &scratch);
    return true;
}

static bool plan_backward(weft_var_t *v)
{
    const weft_i_room_t room = weft_i_room(v);
    bool add;
    weft_i_buffer_t scratch = room.backward ? weft_i_take(v->tape, room.backward) : (weft_i_buffer_t){NULL, 0};
    if (room.backward && !scratch.data) return false;
    for (int32_t k = 0; k < v->n_in; k++)
        if (v->in[k]->needs_grad && !weft_i_grad(v, k, &add)) return false;
    weft_i_give(v->tape, &scratch);
    return true;
}

static bool compute(weft_var_t *v)
{
    bool twice = false;
    for (int32_t k = 1; k < v->n_in; k++) twice |= v->in[k] == v->in[0];
    bool over = v->op->in_place && !twice && v->n_in && v->in[0]->rows == v->rows && v->in[0]->cols == v->cols && spent(v, 0);
    v->value = over ? v->in[0]->value : take_matrix(v);
    bool good = v->value && (v->tape->plan ? plan_forward(v) : v->op->forward(v));
    if (over) v->in[0]->value = NULL; /* v has it */
    if (!good) return false;
    for (int32_t k = 0; k < v->n_in; k++)
        if (spent(v, k)) give_matrix(v->in[k], &v->in[k]->value);
    return true;
}

weft_var_t *weft_i_apply(const weft_i_op_t *op, weft_tape_t *t, weft_var_t *const *in, int32_t n_in, const weft_i_attr_t *attr)
{
    for (int32_t k = 0; k < n_in; k++)
        if (!in[k]) {
            weft_i_fail(t, WEFT_EUSAGE, "%s: operand %d is missing", op->name, k);
            return NULL;
        }
    weft_var_t *v = new_var(t, n_in);
    if (!v) return NULL;
    v->op = op;
    if (attr) v->attr = *attr;
    for (int32_t k = 0; k < n_in; k++) {
        v->in[k] = in[k];
        v->needs_grad |= in[k]->needs_grad;
        if (!in[k]->value) return weft_i_fail(t, WEFT_EUSAGE, "%s: operand %d was given back", op->name, k), NULL;
    }
    if (!op->infer(v) || !compute(v)) return NULL;
    if (!v->needs_grad) {
        for (int32_t k = 0; k < WEFT_I_N_KEPT; k++) weft_i_give(t, &v->kept[k]);
        return v;
    }
    for (int32_t k = 0; k < n_in; k++) v->in[k]->saved |= reads(v, k);
    v->saved = op->saves & WEFT_I_SAVE_OUT;
    return v;
}

void *weft_i_keep(weft_var_t *v, int32_t k, size_t size)
{
    v->kept[k] = weft_i_take(v->tape, size);
    return v->kept[k].data;
}

weft_real_t *weft_i_grad(weft_var_t *v, int32_t k, bool *add)
{
    weft_var_t *x = v->in[k];
    if (!x->needs_grad) return NULL;
    *add = x->grad != NULL;
    bool moved = false;
    for (int32_t j = 0; j < v->n_in; j++) moved |= v->in[j]->grad == v->grad; /* another input has it */
    if (!x->grad && !moved && v->op->in_place && x->rows == v->rows && x->cols == v->cols) return x->grad = v->grad; /* moved to x */
    if (!x->grad) x->grad = take_matrix(x);
    return x->grad;
}

weft_status_t weft_tape_backward(weft_tape_t *t, weft_var_t *loss, weft_diag_t *diag)
{
    if (t->status == WEFT_OK && !loss) weft_i_fail(t, WEFT_EUSAGE, "backward: no loss");
    if (t->status == WEFT_OK && (loss->rows != 1 || loss->cols != 1))
        weft_i_fail(t, WEFT_EUSAGE, "backward: the loss is [%lld,%lld], not [1,1]", (long long)loss->rows, (long long)loss->cols);
    if (t->status == WEFT_OK && t->walked) weft_i_fail(t, WEFT_EUSAGE, "backward: once per step");
    if (t->status != WEFT_OK || !loss->needs_grad || loss->leaf) return weft_tape_status(t, diag);
    t->walked = true;
    for (int64_t i = 0; i < t->n; i++) /* the forward pass is over */
        if (!t->var[i]->leaf && !t->var[i]->saved && !t->var[i]->keep && t->var[i] != loss) give_matrix(t->var[i], &t->var[i]->value);
    if (!(loss->grad = take_matrix(loss))) return weft_tape_status(t, diag);
    if (!t->plan) loss->grad[0] = 1;
    loss->keep = true;
    for (int64_t i = loss->number; i >= 0 && t->status == WEFT_OK; i--) {
        weft_var_t *v = t->var[i];
        if (v->leaf) continue;
        if (v->grad && !(t->plan ? plan_backward(v) : v->op->backward(v))) break;
        for (int32_t k = 0; k < v->n_in; k++)
            if (v->in[k]->grad == v->grad) v->grad = NULL;
        give_matrix(v, &v->grad);
        if (!v->keep) give_matrix(v, &v->value);
        for (int32_t k = 0; k < WEFT_I_N_KEPT; k++) weft_i_give(t, &v->kept[k]);
    }
    return weft_tape_status(t, diag);
}

int64_t weft_var_rows(const weft_var_t *v) { return v ? v->rows : 0; }
int64_t weft_var_cols(const weft_var_t *v) { return v ? v->cols : 0; }
const weft_real_t *weft_var_data(const weft_var_t *v) { return v && (v->leaf || !v->tape->plan) ? v->value : NULL; }
weft_tape_t *weft_var_tape(const weft_var_t *v) { return v ? v->tape : NULL; }
weft_var_t *weft_var_keep(weft_var_t *v)
{
    if (v) v->keep = true;
    return v;
}

weft_var_t *weft_once(weft_var_t *v)
{
    if (v) v->once = true;
    return v;
}
