/* A stored model on a set whose features are a file large enough to be mapped: by blocks of nodes within several limits, into memory and into files, the bits of the whole graph; the plan comes first. */
#include "base/alloc.h"
#include "base/rng.h"
#include "io/npy.h"
#include "support/effort.h"
#include "weft/dataset.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 3000, F = 96, EDGES = 9000 };
static char folder[64];

static const char *place(const char *name)
{
    static char path[4][128];
    static int k;
    k = (k + 1) % 4;
    snprintf(path[k], sizeof path[k], "%s/%s", folder, name);
    return path[k];
}

static void save(const char *name, char kind, int32_t size, int32_t n_dims, int64_t rows, int64_t cols, const void *data)
{
    const int64_t shape[] = {rows, cols};
    cr_assert_eq(weft_i_npy_write(place(name), kind, size, n_dims, shape, data, NULL), WEFT_OK);
}

static void make(void)
{
    weft_i_rng_t rng = {3, 0, 0};
    float *x = malloc(sizeof *x * N * F);
    int64_t y[N];
    int32_t edge[EDGES * 2];
    uint8_t split[N];
    snprintf(folder, sizeof folder, "/tmp/weft-apply-XXXXXX");
    cr_assert(mkdtemp(folder));
    for (int i = 0; i < N * F; i++) x[i] = (float)(weft_i_rng_uniform(&rng) - 0.3);
    for (int i = 0; i < N; i++) {
        y[i] = i % 3;
        split[i] = (uint8_t)(1 + i % 3);
    }
    for (int e = 0; e < EDGES * 2; e++) edge[e] = (int32_t)weft_i_rng_below(&rng, e % 2 ? N - 1 : 200); /* some nodes have many neighbours, the last has none */
    save("x.npy", 'f', 4, 2, N, F, x);
    save("y.npy", 'i', 8, 1, N, 0, y);
    save("edges.npy", 'i', 4, 2, EDGES, 2, edge);
    save("split_public.npy", 'u', 1, 1, N, 0, split);
    free(x);
}

static void drop(void)
{
    static const char *const names[] = {"x.npy", "y.npy", "edges.npy", "split_public.npy", "m", "out.npy", "e.npy"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) unlink(place(names[k]));
    cr_assert_eq(rmdir(folder), 0, "files are left");
}

static weft_stored_t *model_of(const weft_dataset_t *d, const char *name, const char *const *set)
{
    weft_train_options_t o;
    weft_task_data_t *task;
    weft_model_t *m;
    weft_run_t run;
    weft_stored_t *s;
    cr_assert_eq(weft_train_defaults(&o, name, NULL, NULL, NULL), WEFT_OK);
    for (; *set; set++) cr_assert_eq(weft_train_set(&o, *set, NULL), WEFT_OK, "%s", *set);
    cr_assert_eq(weft_task_new(&task, d, &d->split[0], NULL), WEFT_OK);
    cr_assert_eq(weft_train_run(&run, &m, task, &o, 0, NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_stored_write(m, &o, task, NULL, place("m"), NULL), WEFT_OK);
    cr_assert_eq(weft_stored_read(&s, place("m"), NULL), WEFT_OK);
    weft_model_free(m);
    weft_task_free(task);
    return s;
}

typedef struct told { int n; weft_plan_t plan; } told_t;
static void tell(void *context, const weft_plan_t *plan)
{
    told_t *t = context;
    t->n++;
    t->plan = *plan;
}

/* Rises to 1; false at `stop` (0: never). */
typedef struct heard { int n, stop; double share; } heard_t;
static bool hear(void *context, const char *stage, double share)
{
    heard_t *h = context;
    cr_assert_str_eq(stage, "apply");
    cr_assert(share > h->share && share <= 1.0);
    h->share = share;
    return ++h->n != h->stop;
}

static bool holds(const char *name, const float *want, int64_t rows, int64_t cols)
{
    weft_i_npy_t a;
    cr_assert_eq(weft_i_npy_read(&a, place(name), NULL), WEFT_OK);
    bool same = a.kind == 'f' && a.size == 4 && a.n_dims == 2 && a.shape[0] == rows && a.shape[1] == cols && !memcmp(a.data, want, (size_t)(rows * cols) * sizeof *want);
    weft_i_npy_destroy(&a);
    return same;
}

Test(apply, mapped_features_by_blocks)
{
    static const struct { const char *model, *set[8]; } of[] = {{"gcn", {"normalize=z", "hidden=64", "epochs=1"}},
                                                               {"gcn", {"normalize=none", "hidden=64", "layers=3", "residual=1", "norm=layer", "epochs=1"}},
                                                               {"gcn", {"normalize=row", "hidden=32", "head=1", "skip=1", "jump=cat", "epochs=1"}},
                                                               {"sage", {"normalize=z", "hidden=32", "epochs=1"}},
                                                               {"gat", {"normalize=unit", "hidden=32", "epochs=1"}}};
    weft_dataset_t *d;
    make();
    cr_assert_eq(weft_dataset_read(&d, folder, NULL), WEFT_OK);
    cr_assert_not_null(d->x_map);
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        weft_stored_t *s = model_of(d, of[k].model, of[k].set);
        weft_task_data_t *task;
        float *want, *seen;
        int64_t items, cols, width;
        told_t told = {0};
        int64_t most = 0, least = 0;
        weft_stored_on_plan(s, tell, &told);
        cr_assert_eq(weft_stored_task(&task, s, d, NULL, NULL), WEFT_OK);
        cr_assert_eq(weft_stored_apply(s, task, &want, &items, &cols, &seen, &width, NULL), WEFT_OK);
        cr_assert(told.n == 1 && !told.plan.blocks && told.plan.total > N * F * 4, "the whole, told once");
        weft_task_free(task);
        for (int r = 0; r < 4; r++) {
            static const int64_t limits[] = {64 << 20, 5 << 20, 4 << 20, 13 << 18};
            const int64_t limit = limits[r];
            float *y, *e;
            told = (told_t){0};
            weft_threads_set(1 + r % 2);
            weft_stored_set_max_memory(s, limit);
            cr_assert_eq(weft_stored_task(&task, s, d, NULL, NULL), WEFT_OK);
            cr_assert_eq(weft_stored_apply(s, task, &y, &items, &cols, &e, &width, NULL), WEFT_OK, "%s %lld", of[k].model, (long long)limit);
            cr_assert(told.n == 1 && told.plan.blocks >= most && told.plan.total <= limit, "%s: %lld, %lld blocks after %lld, %lld of %lld", of[k].model, (long long)told.n, (long long)told.plan.blocks, (long long)most, (long long)told.plan.total, (long long)limit);
            most = told.plan.blocks;
            if (!r) least = most;
            cr_assert_arr_eq(y, want, (size_t)(items * cols) * sizeof *y, "%s %lld", of[k].model, (long long)limit);
            cr_assert_arr_eq(e, seen, (size_t)(items * width) * sizeof *e, "%s %lld: embeddings", of[k].model, (long long)limit);
            cr_assert_eq(weft_stored_apply_files(s, task, place("out.npy"), place("e.npy"), NULL), WEFT_OK);
            cr_assert(holds("out.npy", want, items, cols) && holds("e.npy", seen, items, width));
            weft_task_free(task);
            free(y);
            free(e);
        }
        cr_assert(most > least + 1, "%s: %lld blocks and %lld", of[k].model, (long long)least, (long long)most);
        weft_threads_set(0);
        weft_stored_free(s);
        free(want);
        free(seen);
    }
    weft_dataset_free(d);
    drop();
}

/* Sampled neighbourhoods within a limit: rows are read and scaled as they are drawn, evaluations go by blocks; the bits of the same training without a limit. */
Test(apply, sampled_training_within_a_limit)
{
    static const char *const scales[] = {"normalize=auto", "normalize=z", "normalize=unit", "normalize=none"};
    weft_dataset_t *d;
    weft_diag_t *diag = weft_diag_new();
    make();
    cr_assert_eq(weft_dataset_read(&d, folder, NULL), WEFT_OK);
    for (int k = 0; k < 4; k++) {
        weft_run_t run[2];
        float *value[2] = {NULL, NULL};
        size_t n = 0;
        weft_train_options_t o;
        cr_assert_eq(weft_train_defaults(&o, "sage", NULL, NULL, NULL), WEFT_OK);
        const char *const set[] = {"sample=5,4", "batch=200", "epochs=2", "hidden=32", "norm=layer", scales[k]};
        for (size_t i = 0; i < sizeof set / sizeof *set; i++) cr_assert_eq(weft_train_set(&o, set[i], NULL), WEFT_OK);
        for (int limited = 0; limited < 2; limited++) {
            weft_task_data_t *task;
            weft_model_t *m;
            o.max_memory = limited ? 14 << 20 : 0;
            weft_threads_set(1 + limited);
            cr_assert_eq(weft_train_task(&task, &o, d, &d->split[0], NULL), WEFT_OK);
            cr_assert_eq(weft_train_run(&run[limited], &m, task, &o, 0, NULL, NULL, diag), WEFT_OK, "%s", scales[k]);
            n = (size_t)weft_params_total(weft_model_params(m));
            value[limited] = malloc(n * sizeof(float));
            weft_params_store(weft_model_params(m), value[limited]);
            weft_model_free(m);
            weft_task_free(task);
        }
        cr_assert_arr_eq(value[0], value[1], n * sizeof(float), "%s", scales[k]);
        cr_assert(run[0].val == run[1].val && run[0].test == run[1].test && run[0].best_epoch == run[1].best_epoch);
        weft_task_data_t *task;
        o.max_memory = 14 << 20;
        o.epochs = 1;
        o.batch = 1000;
        cr_assert_eq(weft_train_task(&task, &o, d, &d->split[0], NULL), WEFT_OK);
        for (int64_t nth = 1 + k; k < 2; nth += EFFORT(29, 701)) { /* allocations failed */
            weft_i_alloc_fail(nth, false);
            weft_status_t status = weft_train_run(&run[0], NULL, task, &o, 0, NULL, NULL, NULL);
            bool done = weft_i_alloc_count() < nth;
            weft_i_alloc_fail(0, false);
            cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
            if (done) break;
        }
        weft_task_free(task);
        o.max_memory = 2 << 20;
        cr_assert_eq(weft_train_task(&task, &o, d, &d->split[0], NULL), WEFT_OK);
        cr_assert_eq(weft_train_run(&run[0], NULL, task, &o, 0, NULL, NULL, diag), WEFT_ELIMIT);
        weft_task_free(task);
        free(value[0]);
        free(value[1]);
    }
    weft_threads_set(0);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-memory"), 4);
    weft_diag_free(diag);
    weft_dataset_free(d);
    drop();
}

Test(apply, files_are_whole_or_not_there)
{
    static const char *const set[] = {"normalize=z", "epochs=1", NULL};
    weft_dataset_t *d;
    weft_task_data_t *task;
    weft_diag_t *diag = weft_diag_new();
    make();
    cr_assert_eq(weft_dataset_read(&d, folder, NULL), WEFT_OK);
    weft_stored_t *s = model_of(d, "gcn", set);
    weft_stored_set_max_memory(s, 2 << 20);
    cr_assert_eq(weft_stored_task(&task, s, d, NULL, NULL), WEFT_OK);
    weft_dataset_free_edges(d);
    cr_assert_eq(weft_stored_apply_files(s, task, place("no/where.npy"), NULL, diag), WEFT_EIO);
    cr_assert_eq(weft_diag_n_of_id(diag, "file-create"), 1);
    heard_t heard = {.stop = 0};
    weft_stored_on_progress(s, hear, &heard);
    cr_assert_eq(weft_stored_apply_files(s, task, place("out.npy"), NULL, NULL), WEFT_OK);
    cr_assert(heard.n > 4 && heard.share == 1.0);
    unlink(place("out.npy"));
    int calls = heard.n;
    for (int k = 1; k <= calls; k += EFFORT(1, 6)) { /* stopped anywhere: no file, not even beside its place (drop) */
        heard = (heard_t){.stop = k};
        cr_assert_eq(weft_stored_apply_files(s, task, place("out.npy"), place("e.npy"), NULL), WEFT_ECANCEL);
        cr_assert(access(place("out.npy"), F_OK) && access(place("e.npy"), F_OK));
    }
    weft_stored_on_progress(s, NULL, NULL);
    for (int64_t nth = 1;; nth += EFFORT(1, 101)) { /* every allocation failed once */
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_stored_apply_files(s, task, place("out.npy"), place("e.npy"), NULL);
        bool done = weft_i_alloc_count() < nth;
        weft_i_alloc_fail(0, false);
        cr_assert_eq(status, done ? WEFT_OK : WEFT_ENOMEM, "allocation %lld: %s", (long long)nth, weft_status_text(status));
        cr_assert_eq(access(place("out.npy"), F_OK), done ? 0 : -1);
        if (done) break;
    }
    /* without labels the same */
    float *want, *y;
    int64_t items, cols;
    weft_dataset_t *bare;
    weft_task_data_t *plain;
    cr_assert_eq(weft_stored_apply(s, task, &want, &items, &cols, NULL, NULL, NULL), WEFT_OK);
    unlink(place("y.npy"));
    unlink(place("split_public.npy"));
    cr_assert_eq(weft_dataset_read(&bare, folder, NULL), WEFT_OK);
    cr_assert(!bare->label && bare->n_nodes == N && bare->n_features == F);
    cr_assert_eq(weft_stored_task(&plain, s, bare, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_stored_apply(s, plain, &y, &items, &cols, NULL, NULL, NULL), WEFT_OK);
    cr_assert_arr_eq(y, want, (size_t)(items * cols) * sizeof *y);
    free(want);
    free(y);
    weft_task_free(plain);
    weft_dataset_free(bare);
    weft_stored_set_max_memory(s, 40000);
    cr_assert_eq(weft_stored_apply_files(s, task, place("out.npy"), NULL, diag), WEFT_ELIMIT);
    cr_assert_eq(weft_diag_n_of_id(diag, "train-memory"), 1);
    weft_task_free(task);
    weft_stored_free(s);
    weft_dataset_free(d);
    weft_diag_free(diag);
    drop();
}

Test(apply, a_large_file_that_is_wrong_is_told_as_a_small_one)
{
    weft_dataset_t *d;
    weft_diag_t *diag = weft_diag_new();
    struct stat st;
    make();
    stat(place("x.npy"), &st);
    cr_assert_eq(truncate(place("x.npy"), st.st_size - 4), 0);
    cr_assert_eq(weft_dataset_read(&d, folder, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "npy-size"), 1);
    float *x = calloc(N * F, sizeof *x);
    x[N * F - 2] = 1.0f / 0.0f;
    save("x.npy", 'f', 4, 2, N, F, x);
    cr_assert_eq(weft_dataset_read(&d, folder, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "npy-range"), 1);
    save("x.npy", 'f', 4, 2, N * F, 1, x);
    cr_assert_eq(weft_dataset_read(&d, folder, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "dataset-shape"), 1);
    free(x);
    weft_diag_free(diag);
    drop();
}
