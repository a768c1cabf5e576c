/* Evaluators against the values that tests/golden/metrics_sklearn.py wrote, and at their edges. */
#include "base/alloc.h"
#include "weft/metrics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct array { int64_t rows, cols; double *v; int32_t *as_int; float *as_float; } array_t;

/* "rows [cols] values..": a line has two counts where there are more values than the first says. */
static bool take(FILE *f, array_t *a)
{
    static char line[1 << 20];
    char *p = line, *end;
    int64_t n = 0;
    if (!fgets(line, sizeof line, f)) return false;
    cr_assert_not_null(strchr(line, '\n'), "a line is too long");
    double *all = malloc(sizeof line * sizeof *all / 2);
    for (;; p = end) {
        double v = strtod(p, &end);
        if (end == p) break;
        all[n++] = v;
    }
    bool flat = n - 1 == (int64_t)all[0];
    *a = (array_t){.rows = (int64_t)all[0], .cols = flat ? 1 : (int64_t)all[1]};
    int64_t from = flat ? 1 : 2, m = a->rows * a->cols;
    cr_assert_eq(n, m + from);
    a->v = malloc((size_t)m * sizeof *a->v);
    a->as_int = malloc((size_t)m * sizeof *a->as_int);
    a->as_float = malloc((size_t)m * sizeof *a->as_float);
    for (int64_t i = 0; i < m; i++) {
        a->v[i] = all[from + i];
        a->as_float[i] = (float)all[from + i];
        a->as_int[i] = isnan(all[from + i]) ? -1 : (int32_t)all[from + i];
    }
    free(all);
    return true;
}

static void drop(array_t *a)
{
    free(a->v);
    free(a->as_int);
    free(a->as_float);
}

static double value_of(const char *name, const array_t *a, const array_t *b)
{
    double v = NAN, other;
    int64_t n = a->rows;
    weft_status_t status = WEFT_OK;
    if (!strcmp(name, "roc_auc")) status = weft_roc_auc(&v, a->v, b->as_int, n);
    else if (!strcmp(name, "ap")) status = weft_average_precision(&v, a->v, b->as_int, n);
    else if (!strcmp(name, "accuracy")) v = weft_accuracy(a->as_int, b->as_int, n);
    else if (!strcmp(name, "f1_micro")) status = weft_f1(&v, &other, a->as_int, b->as_int, n, 12);
    else if (!strcmp(name, "f1_macro")) status = weft_f1(&other, &v, a->as_int, b->as_int, n, 12);
    else if (!strcmp(name, "mae")) v = weft_mean_absolute_error(a->v, b->v, n);
    else if (!strcmp(name, "rmse")) v = weft_root_mean_square_error(a->v, b->v, n);
    else if (!strcmp(name, "r2")) v = weft_r2(a->v, b->v, n);
    else if (!strncmp(name, "hits@", 5)) status = weft_hits_at(&v, a->v, n, b->v, b->rows, atoi(name + 5));
    else if (!strcmp(name, "mrr")) v = weft_mean_reciprocal_rank(a->v, b->v, n, b->cols);
    else if (!strcmp(name, "roc_auc_columns")) status = weft_roc_auc_columns(&v, a->as_float, b->as_float, n, a->cols);
    else if (!strcmp(name, "ap_columns")) status = weft_average_precision_columns(&v, a->as_float, b->as_float, n, a->cols);
    else cr_assert(false, "no metric %s", name);
    cr_assert_eq(status, WEFT_OK);
    return v;
}

Test(metrics, as_scikit_learn_and_ogb_have_them)
{
    FILE *f = fopen(WEFT_SOURCE_DIR "/tests/golden/metrics.txt", "r");
    char name[64], head[128];
    double want;
    int cases = 0;
    cr_assert_not_null(f);
    while (fgets(head, sizeof head, f)) {
        array_t a, b;
        cr_assert_eq(sscanf(head, "%63s %lf", name, &want), 2, "%s", head);
        cr_assert(take(f, &a) && take(f, &b));
        double v = value_of(name, &a, &b);
        cr_assert_float_eq(v, want, 1e-9, "%s: %.12g, not %.12g", name, v, want);
        drop(&a);
        drop(&b);
        cases++;
    }
    fclose(f);
    cr_assert_eq(cases, 78, "%d cases", cases);
}

Test(metrics, edges_and_memory)
{
    const double score[] = {0.1, 0.9}, none[] = {0};
    const int32_t one_class[] = {1, 1}, mixed[] = {0, 1}, label[] = {0, 1};
    double v, w;
    cr_assert_eq(weft_roc_auc(&v, score, one_class, 2), WEFT_OK);
    cr_assert(isnan(v));
    cr_assert(isnan(weft_accuracy(label, label, 0)));
    cr_assert_eq(weft_roc_auc(&v, none, label, 0), WEFT_OK);
    cr_assert(isnan(v));
    cr_assert_eq(weft_average_precision(&v, score, label, 0), WEFT_OK);
    cr_assert(isnan(v));
    const int32_t negatives[] = {0, 0};
    cr_assert_eq(weft_average_precision(&v, score, negatives, 2), WEFT_OK);
    cr_assert_eq(v, 0.0);
    cr_assert(isnan(weft_mean_reciprocal_rank(none, none, 0, 0)));
    cr_assert_eq(weft_mean_reciprocal_rank(score, none, 2, 0), 1.0);
    weft_status_t status[5];
    weft_i_alloc_fail(1, true);
    status[0] = weft_roc_auc(&v, score, mixed, 2);
    status[1] = weft_average_precision(&v, score, mixed, 2);
    status[2] = weft_f1(&v, &w, label, label, 2, 2);
    status[3] = weft_hits_at(&v, score, 2, score, 2, 1);
    status[4] = weft_roc_auc_columns(&v, (const float[]){0, 1}, (const float[]){0, 1}, 2, 1);
    weft_i_alloc_fail(0, false);
    for (int i = 0; i < 5; i++) cr_assert_eq(status[i], WEFT_ENOMEM, "%d", i);
}
