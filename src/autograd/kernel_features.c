/* autograd/kernel_features.c: see kernel_features.h. */
#include "autograd/kernel_features.h"
#include "base/isa.h"
#include "base/real.h"
#include "tensor/gemm.h"

#define EPSILON ((weft_real_t)1e-4)

static weft_real_t root4(const weft_i_features_t *f) { return 1 / weft_i_sqrt(weft_i_sqrt((weft_real_t)f->w)); }

int64_t weft_i_features_room(const weft_i_features_t *f) { return f->kind == WEFT_I_EXP ? f->w * f->m + weft_i_gemm_scratch(f->w, f->m) + weft_i_gemm_scratch(f->m, f->w) : 0; }

void weft_i_features_pack(weft_i_features_t *f, weft_real_t *room)
{
    if (f->kind != WEFT_I_EXP) return;
    weft_real_t *forth = room + f->w * f->m, *back = forth + weft_i_gemm_scratch(f->w, f->m), scale = root4(f);
    for (int64_t i = 0; i < f->w * f->m; i++) room[i] = scale * f->omega[i];
    weft_i_panels(f->w, f->m, room, f->m, 1, forth);
    weft_i_panels(f->m, f->w, room, 1, f->m, back);
    f->forth = forth;
    f->back = back;
}

WEFT_I_WIDE static weft_real_t largest(const weft_real_t *p, int64_t m)
{
    weft_real_t most = p[0];
    for (int64_t j = 1; j < m; j++) most = p[j] > most ? p[j] : most;
    return most;
}

WEFT_I_WIDE static void taylor_row(int64_t w, weft_real_t one, weft_real_t two, const weft_real_t *restrict x, weft_real_t *restrict y)
{
    y[0] = 1;
    for (int64_t i = 0; i < w; i++) y[1 + i] = x[i] * one;
    for (int64_t i = 0; i < w; i++)
        for (int64_t j = 0; j < w; j++) y[1 + w + i * w + j] = x[i] * x[j] * two;
}

WEFT_I_WIDE static void exp_row(int64_t m, weft_real_t off, weft_real_t r, weft_real_t *restrict p)
{
    for (int64_t j = 0; j < m; j++) p[j] = r * (weft_i_exp(p[j] - off) + EPSILON);
}

const weft_real_t *weft_i_features_of(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, const weft_real_t *top, weft_real_t *room, int64_t *step)
{
    *step = f->m;
    if (f->kind == WEFT_I_PLAIN) {
        *step = stride;
        return x;
    }
    weft_real_t one = root4(f), two = 1 / weft_i_sqrt(2 * (weft_real_t)f->w), r = 1 / weft_i_sqrt((weft_real_t)f->m);
    if (f->kind == WEFT_I_TAYLOR) {
        for (int64_t i = 0; i < n; i++) taylor_row(f->w, one, two, x + i * stride, room + i * f->m);
        return room;
    }
    weft_i_panels_product(n, f->w, f->m, x, stride, 1, f->forth, room, f->m, false);
    for (int64_t i = 0; i < n; i++) {
        weft_real_t half = 0;
        for (int64_t b = 0; b < f->w; b++) half += x[i * stride + b] * one * (x[i * stride + b] * one);
        exp_row(f->m, half / 2 + (top ? *top : largest(room + i * f->m, f->m)), r, room + i * f->m);
    }
    return room;
}

weft_real_t weft_i_features_top(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, weft_real_t *room)
{
    weft_i_panels_product(n, f->w, f->m, x, stride, 1, f->forth, room, f->m, false);
    return largest(room, n * f->m);
}

WEFT_I_WIDE static void taylor_back(int64_t w, weft_real_t one, weft_real_t two, const weft_real_t *restrict x, const weft_real_t *restrict d, weft_real_t *restrict dx)
{
    for (int64_t i = 0; i < w; i++) {
        weft_real_t s = d[1 + i] * one;
        for (int64_t j = 0; j < w; j++) s += two * x[j] * (d[1 + w + i * w + j] + d[1 + w + j * w + i]);
        dx[i] += s;
    }
}

/* d becomes the gradient of the exponents; their sum. */
WEFT_I_WIDE static weft_real_t exp_back(int64_t m, weft_real_t floor_of, const weft_real_t *restrict of, weft_real_t *restrict d)
{
    weft_real_t all = 0;
    for (int64_t j = 0; j < m; j++) d[j] *= of[j] - floor_of;
    for (int64_t j = 0; j < m; j++) all += d[j];
    return all;
}

void weft_i_features_back(const weft_i_features_t *f, int64_t n, const weft_real_t *x, int64_t stride, const weft_real_t *of, weft_real_t *d, weft_real_t *dx)
{
    int64_t w = f->w, m = f->m;
    weft_real_t one = root4(f), two = 1 / weft_i_sqrt(2 * (weft_real_t)w), floor_of = EPSILON / weft_i_sqrt((weft_real_t)m);
    for (int64_t i = 0; i < n; i++) {
        if (f->kind == WEFT_I_TAYLOR) taylor_back(w, one, two, x + i * stride, d + i * m, dx + i * stride);
        if (f->kind == WEFT_I_PLAIN)
            for (int64_t b = 0; b < w; b++) dx[i * stride + b] += d[i * m + b];
        if (f->kind != WEFT_I_EXP) continue;
        weft_real_t all = exp_back(m, floor_of, of + i * m, d + i * m);
        for (int64_t b = 0; b < w; b++) dx[i * stride + b] -= all * one * (x[i * stride + b] * one);
    }
    if (f->kind == WEFT_I_EXP) weft_i_panels_product(n, m, w, d, m, 1, f->back, dx, stride, true);
}
