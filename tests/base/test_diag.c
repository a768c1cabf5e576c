#include "weft/base.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(diag, keeps_order_counts_and_limit)
{
    weft_diag_t *d = weft_diag_new();
    weft_diag_set_limit(d, 3);
    for (int32_t i = 1; i <= 10; i++) weft_diag_add(d, WEFT_ERROR, "x-bad", "f.v", i, 2, "number %d", i);
    weft_diag_add(d, WEFT_WARNING, "x-odd", NULL, 0, 0, "odd");
    cr_assert_eq(weft_diag_n_entries(d), 4);
    cr_assert_eq(weft_diag_n_of(d, WEFT_ERROR), 10);
    cr_assert_eq(weft_diag_n_of_id(d, "x-bad"), 10);
    cr_assert_eq(weft_diag_n_of_id(d, "none"), 0);
    cr_assert_eq(weft_diag_entry(d, 2)->line, 3);
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    weft_diag_print(d, f, WEFT_WARNING);
    fclose(f);
    cr_assert_str_eq(text, "f.v:1:2: error: number 1 [x-bad]\nf.v:2:2: error: number 2 [x-bad]\nf.v:3:2: error: number 3 [x-bad]\n"
                           "warning: odd [x-odd]\nerror: 7 more of [x-bad]\n");
    free(text);
    weft_diag_free(d);
}

Test(diag, append_moves_entries_and_counts)
{
    weft_diag_t *a = weft_diag_new(), *b = weft_diag_new();
    for (int32_t i = 0; i < 25; i++) weft_diag_add(b, WEFT_NOTE, "n", NULL, 0, 0, "n");
    weft_diag_append(a, b);
    cr_assert_eq(weft_diag_n_of_id(a, "n"), 25);
    cr_assert_eq(weft_diag_n_of(a, WEFT_NOTE), 25);
    cr_assert_eq(weft_diag_n_entries(b), 0);
    weft_diag_free(a);
    weft_diag_free(b);
}

Test(diag, null_is_allowed)
{
    weft_diag_add(NULL, WEFT_ERROR, "x", NULL, 0, 0, "x");
    cr_assert_eq(weft_diag_n_of(NULL, WEFT_ERROR), 0);
    weft_diag_free(NULL);
}
