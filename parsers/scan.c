#include "parsers/scan.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void weft_i_scan_init(weft_i_scan_t *s, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *s = (weft_i_scan_t){.p = data, .end = data + size, .line_start = data, .line = 1, .file = file, .diag = diag, .max_errors = 100};
}

static int32_t column_of(const weft_i_scan_t *s, const char *at)
{
    if (!at) at = s->p;
    return at >= s->line_start && at - s->line_start < INT_MAX - 1 ? (int32_t)(at - s->line_start) + 1 : 0;
}

void weft_i_scan_error(weft_i_scan_t *s, const char *at, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(s->diag, WEFT_ERROR, id, s->file, s->line, column_of(s, at), format, args);
    va_end(args);
    s->n_errors++;
}

void weft_i_scan_warn(weft_i_scan_t *s, const char *at, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(s->diag, WEFT_WARNING, id, s->file, s->line, column_of(s, at), format, args);
    va_end(args);
}

static locale_t c_locale(void)
{
    static _Atomic(locale_t) made;
    locale_t l = made;
    if (l) return l;
    l = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t none = (locale_t)0;
    if (l && !atomic_compare_exchange_strong(&made, &none, l)) {
        freelocale(l);
        l = none;
    }
    return l;
}

/* Correctly rounded but slow: for the few numbers that the fast path cannot do exactly. */
static double slow_double(const char *start, const char *stop)
{
    char copy[512];
    size_t n = (size_t)(stop - start);
    if (n >= sizeof copy) n = sizeof copy - 1;
    memcpy(copy, start, n);
    copy[n] = 0;
    locale_t l = c_locale();
    return l ? strtod_l(copy, NULL, l) : strtod(copy, NULL);
}

bool weft_i_parse_double(const char **p, const char *end, double *value)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *s = *p, *start = s;
    bool minus = false, any = false, exact = true;
    uint64_t m = 0;
    int32_t digits = 0, exponent = 0;
    if (s < end && (*s == '-' || *s == '+')) minus = *s++ == '-';
    for (; s < end && (unsigned)(*s - '0') < 10; s++) {
        any = true;
        if (digits < 19) {
            m = m * 10 + (uint64_t)(*s - '0');
            digits += m != 0;
        } else {
            exact = false;
            if (exponent < 100000) exponent++;
        }
    }
    if (s < end && *s == '.') {
        s++;
        for (; s < end && (unsigned)(*s - '0') < 10; s++) {
            any = true;
            if (digits < 19) {
                m = m * 10 + (uint64_t)(*s - '0');
                digits += m != 0;
                if (exponent > -100000) exponent--;
            } else exact = false;
        }
    }
    if (!any) return false;
    if (s < end && (*s == 'e' || *s == 'E')) {
        const char *q = s + 1;
        bool neg = false;
        int32_t e = 0;
        if (q < end && (*q == '-' || *q == '+')) neg = *q++ == '-';
        if (q < end && (unsigned)(*q - '0') < 10) {
            for (; q < end && (unsigned)(*q - '0') < 10; q++)
                if (e < 100000) e = e * 10 + (*q - '0');
            exponent += neg ? -e : e;
            s = q;
        }
    }
    *p = s;
    double v;
    if (m == 0) v = 0.0;
    else if (exact && m <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22)
        v = exponent < 0 ? (double)m / power[-exponent] : (double)m * power[exponent];
    else {
        *value = slow_double(start, s);
        return true;
    }
    *value = minus ? -v : v;
    return true;
}

bool weft_i_parse_int(const char **p, const char *end, int64_t *value)
{
    const char *s = *p;
    bool minus = false;
    if (s < end && (*s == '-' || *s == '+')) minus = *s++ == '-';
    if (s >= end || (unsigned)(*s - '0') >= 10) return false;
    int64_t v = 0, most = (int64_t)1 << 62;
    for (; s < end && (unsigned)(*s - '0') < 10; s++) v = v >= most / 10 ? most : v * 10 + (*s - '0');
    *p = s;
    *value = minus ? -v : v;
    return true;
}
