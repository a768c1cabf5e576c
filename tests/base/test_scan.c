#include "parsers/scan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

Test(scan, numbers_equal_strtod)
{
    uint64_t s = 88172645463325252u;
    for (int i = 0; i < 1000000; i++) {
        char text[64];
        int a = (int)(next(&s) % 12) + 1, e = (int)(next(&s) % 60) - 30;
        double x = (double)(next(&s) % 1000000000000ull) * (next(&s) & 1 ? 1.0 : -1.0);
        if (i % 3 == 0) snprintf(text, sizeof text, "%.*e", a + 5, x * pow(10, e));
        else if (i % 3 == 1) snprintf(text, sizeof text, "%.*f", a, x / 1e9);
        else snprintf(text, sizeof text, "%.*g", a, x * 1e-13);
        const char *p = text, *end = text + strlen(text);
        double got;
        cr_assert(weft_i_parse_double(&p, end, &got));
        cr_assert_eq(got, strtod(text, NULL), "%s: %.17g", text, got);
        cr_assert_eq(p, end);
    }
}

Test(scan, what_is_no_number)
{
    const char *bad[] = {"", "-", ".", "+.", "e5", "x1", "-e"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *p = bad[i];
        double v;
        cr_assert_not(weft_i_parse_double(&p, p + strlen(p), &v));
        cr_assert_eq(p, bad[i]);
    }
    const char *p = "1.5e+x", *start = p;
    double v;
    cr_assert(weft_i_parse_double(&p, p + 6, &v));
    cr_assert_eq(v, 1.5);
    cr_assert_eq(p, start + 3);
    p = "123456789";
    cr_assert(weft_i_parse_double(&p, p + 3, &v) && v == 123.0);
}

Test(scan, integers_saturate)
{
    const char *p = "99999999999999999999999";
    int64_t v;
    cr_assert(weft_i_parse_int(&p, p + 23, &v));
    cr_assert_eq(v, (int64_t)1 << 62);
    p = "-17x";
    cr_assert(weft_i_parse_int(&p, p + 4, &v) && v == -17 && *p == 'x');
}

Test(scan, errors_carry_line_and_column)
{
    weft_diag_t *d = weft_diag_new();
    weft_i_scan_t s;
    const char *text = "ab\ncd";
    weft_i_scan_init(&s, text, 5, "f", d);
    s.p = text + 3;
    weft_i_scan_newline(&s);
    weft_i_scan_error(&s, text + 4, "t-x", "no %s", "d");
    cr_assert_eq(weft_diag_entry(d, 0)->line, 2);
    cr_assert_eq(weft_diag_entry(d, 0)->column, 2);
    cr_assert_eq(s.n_errors, 1);
    weft_diag_free(d);
}
