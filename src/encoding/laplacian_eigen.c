/* encoding/laplacian_eigen.c: see laplacian.h. Vectors are rows; a row is summed by one thread in one order, so that threads change nothing. */
#include "base/alloc.h"
#include "base/rng.h"
#include "encoding/laplacian.h"
#include "tensor/lapack.h"
#include "weft/base.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 100, CHUNK = 512, MOST_SPACE = 512 };

typedef struct space {
    const weft_i_laplacian_t *l;
    const weft_i_elimination_t *e;
    int64_t n;
    int32_t size, keep, most;    /* vectors now; that a restart keeps; at most */
    double *v, *w, *t;           /* the space [most, n], L times it, new directions [keep, n] */
    double *h, *copy, *theta, *y; /* v^T L v [most, most]; Ritz values and vectors [keep, most] */
} space_t;

static double dot(int64_t n, const double *a, const double *b)
{
    double s[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) s[k] += a[i + k] * b[i + k];
    for (; i < n; i++) s[0] += a[i] * b[i];
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

static void multiply(const weft_i_laplacian_t *l, const double *x, double *y)
{
    for (int64_t v = 0; v < l->n; v++) {
        double s = 0.0, d = (double)(l->offset[v + 1] - l->offset[v]);
        if (l->root) {
            for (int64_t i = l->offset[v]; i < l->offset[v + 1]; i++) s += x[l->at[i]] / l->root[l->at[i]];
            y[v] = x[v] - s / l->root[v];
        } else {
            for (int64_t i = l->offset[v]; i < l->offset[v + 1]; i++) s += x[l->at[i]];
            y[v] = d * x[v] - s;
        }
    }
}

/* The rows t[which[0..n_which-1]] (NULL: 0, 1, ..) through the inverse, several at a time. */
static bool invert(const space_t *s, int32_t n_which, const int32_t *which)
{
    enum { C = WEFT_I_ELIMINATION_COLUMNS };
    const double *root = s->l->root;
    int64_t n = s->n;
    bool failed = false;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t from = 0; from < n_which; from += C) {
        int32_t m = n_which - from < C ? n_which - from : C;
        double *row[C] = {0}, *x = weft_i_aligned((size_t)n * C * sizeof *x);
        if (!x) {
#pragma omp atomic write
            failed = true;
            continue;
        }
        for (int32_t c = 0; c < m; c++) row[c] = s->t + (which ? which[from + c] : from + c) * n;
        for (int64_t i = 0; i < n; i++)
            for (int32_t c = 0; c < C; c++) x[i * C + c] = c < m ? row[c][i] * (root ? root[i] : 1.0) : 0.0;
        weft_i_elimination_solve(s->e, x);
        for (int64_t i = 0; i < n; i++)
            for (int32_t c = 0; c < m; c++) row[c][i] = x[i * C + c] * (root ? root[i] : 1.0);
        weft_i_free(x);
    }
    return !failed;
}

/* Takes t's part outside the space in, twice over; false where nothing of it is left. */
static bool take(space_t *s, double *t)
{
    double c[MOST_SPACE], *v = s->v, before = sqrt(dot(s->n, t, t));
    int32_t size = s->size;
    int64_t n = s->n;
    if (!(before > 0.0) || size == s->most) return false;
    for (int twice = 0; twice < 2; twice++) {
#pragma omp parallel num_threads(weft_threads()) if (n * size > 100000)
        {
#pragma omp for schedule(static)
            for (int32_t i = 0; i < size; i++) c[i] = dot(n, v + i * n, t);
#pragma omp for schedule(static)
            for (int64_t at = 0; at < n; at += CHUNK)
                for (int32_t i = 0; i < size; i++)
                    for (int64_t k = at; k < n && k < at + CHUNK; k++) t[k] -= c[i] * v[i * n + k];
        }
    }
    double length = sqrt(dot(n, t, t));
    if (!(length > 1e-9 * before)) return false;
    for (int64_t k = 0; k < n; k++) v[size * n + k] = t[k] / length;
    s->size++;
    return true;
}

/* L times the vectors from `from` on, and their rows of h. */
static void extend(space_t *s, int32_t from)
{
    int64_t n = s->n, most = s->most;
    double *v = s->v, *w = s->w, *h = s->h;
    int32_t size = s->size;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t i = from; i < size; i++) {
        multiply(s->l, v + i * n, w + i * n);
        for (int32_t j = 0; j <= i; j++) h[i * most + j] = dot(n, v + j * n, w + i * n);
    }
    for (int32_t i = from; i < size; i++)
        for (int32_t j = 0; j < i; j++) h[j * most + i] = h[i * most + j];
}

static bool ritz(space_t *s)
{
    int32_t size = s->size, k = s->keep < size ? s->keep : size;
    for (int32_t i = 0; i < size; i++) memcpy(s->copy + (int64_t)i * size, s->h + (int64_t)i * s->most, (size_t)size * sizeof *s->copy);
    return weft_i_eigen_smallest(size, s->copy, k, s->theta, s->y); /* y [k, size] */
}

/* t_j = L u_j - theta_j u_j of the first k Ritz vectors; their lengths. */
static void residuals(space_t *s, int32_t k, double *length)
{
    int64_t n = s->n;
    int32_t size = s->size;
    double *t = s->t;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t j = 0; j < k; j++) {
        double *to = t + j * n;
        for (int64_t at = 0; at < n; at += CHUNK) {
            int64_t end = at + CHUNK < n ? at + CHUNK : n;
            for (int64_t i = at; i < end; i++) to[i] = 0.0;
            for (int32_t c = 0; c < size; c++) {
                double y = s->y[j * size + c], z = y * s->theta[j];
                const double *v = s->v + c * n, *w = s->w + c * n;
                for (int64_t i = at; i < end; i++) to[i] += y * w[i] - z * v[i];
            }
        }
        length[j] = sqrt(dot(n, to, to));
    }
}

/* The space becomes its first k Ritz vectors. */
static void restart(space_t *s, int32_t k)
{
    int64_t n = s->n;
    int32_t size = s->size;
#pragma omp parallel for schedule(static) num_threads(weft_threads())
    for (int64_t at = 0; at < n; at += 64) {
        double part[MOST_SPACE * 64 / 4];
        int64_t m = at + 64 < n ? 64 : n - at;
        for (int which = 0; which < 2; which++) {
            double *v = which ? s->w : s->v;
            for (int32_t j = 0; j < k; j++) {
                for (int64_t i = 0; i < m; i++) part[j * 64 + i] = 0.0;
                for (int32_t c = 0; c < size; c++)
                    for (int64_t i = 0; i < m; i++) part[j * 64 + i] += s->y[j * size + c] * v[c * n + at + i];
            }
            for (int32_t j = 0; j < k; j++) memcpy(v + j * n + at, part + j * 64, (size_t)m * sizeof *part);
        }
    }
    s->size = k;
    memset(s->h, 0, (size_t)s->most * (size_t)s->most * sizeof *s->h);
    for (int32_t i = 0; i < k; i++) s->h[(int64_t)i * s->most + i] = s->theta[i];
}

/* The eigenvector of 0, then random vectors after a step of inverse iteration. */
static bool start(space_t *s)
{
    double *t = s->t;
    for (int64_t i = 0; i < s->n; i++) t[i] = s->l->root ? s->l->root[i] : 1.0;
    take(s, t);
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t j = 1; j < s->keep; j++) {
        weft_i_rng_t rng = {0x6c617070, (uint64_t)(uint32_t)j, 0};
        double *to = t + j * s->n, mean = 0.0, all = 0.0;
        for (int64_t i = 0; i < s->n; i++) {
            double one = s->l->root ? s->l->root[i] : 1.0;
            to[i] = weft_i_rng_uniform(&rng) - 0.5;
            mean += to[i] * one;
            all += one * one;
        }
        for (int64_t i = 0; i < s->n; i++) to[i] -= mean / all * (s->l->root ? s->l->root[i] : 1.0);
    }
    if (!invert(s, s->keep, NULL)) return false;
    for (int32_t j = 1; j < s->keep; j++) take(s, t + j * s->n);
    extend(s, 0);
    return true;
}

static bool search(space_t *s, int32_t k, double *residual)
{
    if (!start(s)) return false;
    for (int round = 0;; round++) {
        if (s->size < k || !ritz(s)) return false;
        residuals(s, k, residual);
        int32_t open = 0, which[MOST_SPACE];
        for (int32_t j = 0; j < k; j++)
            if (residual[j] > 1e-5 * s->theta[k - 1]) which[open++] = j;
        if (!open || round == ROUNDS || s->size == s->n) break;
        if (s->size + open > s->most) restart(s, s->keep);
        int32_t from = s->size;
        if (!invert(s, open, which)) return false;
        for (int32_t j = 0; j < open; j++) take(s, s->t + which[j] * s->n);
        if (s->size == from) { /* nothing new: what is reached is what rounding leaves */
            if (!ritz(s)) return false;
            break;
        }
        extend(s, from);
    }
    restart(s, k);
    return true;
}

bool weft_i_laplacian_eigen(const weft_i_laplacian_t *l, int32_t k, double *value, double *vector, double *residual)
{
    weft_i_elimination_t e = {0};
    space_t s = {.l = l, .e = &e, .n = l->n, .keep = k + 2 < l->n ? k + 2 : (int32_t)l->n};
    s.most = 3 * (int64_t)s.keep < l->n ? 3 * s.keep : (int32_t)l->n;
    bool good = k >= 1 && k <= l->n && s.most <= MOST_SPACE && s.keep <= MOST_SPACE / 4;
    if (good) good = weft_i_eliminate(&e, l, 4e8);
    size_t n = (size_t)l->n, most = (size_t)s.most, keep = (size_t)s.keep;
    if (good) {
        s.v = weft_i_aligned((most + 1) * n * sizeof *s.v);
        s.w = weft_i_aligned((most + 1) * n * sizeof *s.w);
        s.t = weft_i_aligned((keep + 1) * n * sizeof *s.t);
        s.h = weft_i_calloc(2 * most * most + keep * most + keep, sizeof *s.h);
        good = s.v && s.w && s.t && s.h;
    }
    if (good) {
        s.copy = s.h + most * most;
        s.y = s.copy + most * most;
        s.theta = s.y + keep * most;
        good = search(&s, k, residual);
    }
    for (int32_t j = 0; j < k && good; j++) {
        value[j] = s.theta[j];
        memcpy(vector + (size_t)j * n, s.v + (size_t)j * n, n * sizeof *vector);
    }
    weft_i_elimination_destroy(&e);
    weft_i_free(s.v);
    weft_i_free(s.w);
    weft_i_free(s.t);
    weft_i_free(s.h);
    return good;
}
