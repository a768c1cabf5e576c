#include "base/alloc.h"
#include "weft/base.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(names, a_million_names_keep_their_ids)
{
    weft_names_t *names = weft_names_new();
    char text[32];
    for (int32_t i = 0; i < 1000000; i++) {
        int n = snprintf(text, sizeof text, "u%d/x[%d]", i, i % 7);
        cr_assert_eq(weft_names_add(names, text, (size_t)n), i);
    }
    for (int32_t i = 0; i < 1000000; i += 37) {
        int n = snprintf(text, sizeof text, "u%d/x[%d]", i, i % 7);
        cr_assert_eq(weft_names_find(names, text, (size_t)n), i);
        cr_assert_str_eq(weft_names_text(names, i), text);
        cr_assert_eq(weft_names_length(names, i), n);
    }
    cr_assert_eq(weft_names_find(names, "nowhere", 7), -1);
    cr_assert_eq(weft_names_n(names), 1000000);
    weft_names_free(names);
}

Test(names, empty_table_and_empty_name)
{
    weft_names_t *names = weft_names_new();
    cr_assert_eq(weft_names_find(names, "a", 1), -1);
    cr_assert_eq(weft_names_add(names, "", 0), 0);
    cr_assert_eq(weft_names_add(names, "a\0b", 3), 1);
    cr_assert_eq(weft_names_find(names, "a", 1), -1);
    cr_assert_eq(weft_names_find(names, "", 0), 0);
    weft_names_free(names);
}

Test(names, every_allocation_fails_once)
{
    for (int64_t nth = 1;; nth++) {
        weft_i_alloc_fail(nth, false);
        weft_names_t *names = weft_names_new();
        bool failed = !names;
        for (int32_t i = 0; names && i < 300; i++) {
            char text[16];
            int n = snprintf(text, sizeof text, "n%d", i);
            int32_t id = weft_names_add(names, text, (size_t)n);
            failed |= id < 0;
            if (id >= 0) cr_assert_str_eq(weft_names_text(names, id), text);
        }
        weft_names_free(names);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        if (asked < nth) break;
        cr_assert(failed);
    }
}
