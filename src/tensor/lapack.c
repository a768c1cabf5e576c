/* tensor/lapack.c: see lapack.h. */
#include "tensor/lapack.h"
#include "base/alloc.h"

#include "config.h"
#include <dlfcn.h>
#include <pthread.h>

/* OpenBLAS makes its threads and buffers when it is loaded, which takes longer than timing a small design does: so it is loaded at the first call, not
 * with the library. */
typedef void dsyevr_fn(const char *job, const char *range, const char *half, const int *n, double *a, const int *lda, const double *vl, const double *vu, const int *il, const int *iu, const double *tolerance,
                       int *m, double *w, double *z, const int *ldz, int *support, double *work, const int *n_work, int *i_work, const int *n_i_work, int *info, size_t, size_t, size_t);
static struct {
    dsyevr_fn *dsyevr;
    int (*parallel)(void), (*threads)(void);
    void (*set_threads)(int n);
} blas; /* written once, by load */
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *lib = dlopen(WEFT_OPENBLAS_SONAME, RTLD_NOW | RTLD_LOCAL);
    if (!lib) return;
    *(void **)&blas.parallel = dlsym(lib, "openblas_get_parallel");
    *(void **)&blas.threads = dlsym(lib, "openblas_get_num_threads");
    *(void **)&blas.set_threads = dlsym(lib, "openblas_set_num_threads");
    if (blas.parallel && blas.threads && blas.set_threads) *(void **)&blas.dsyevr = dlsym(lib, "dsyevr_");
}

/* The pthread flavour would share out a large problem, and its sums with it; the OpenMP flavour's setting is the whole process's, and is left
 * alone: inside a parallel region of one thread it uses one. */
static pthread_mutex_t one_caller = PTHREAD_MUTEX_INITIALIZER;

bool weft_i_eigen_smallest(int32_t n, double *a, int32_t k, double *value, double *vector)
{
    if (n < 1 || k < 1) return k == 0;
    pthread_once(&loaded, load);
    if (!blas.dsyevr) return false;
    int first = 1, last = k, found = 0, info = -1, n_work = 26 * n, n_i_work = 10 * n, order = n;
    double zero = 0.0, *work = weft_i_malloc((size_t)n_work * sizeof *work), *all = weft_i_malloc((size_t)n * sizeof *all);
    int *i_work = weft_i_malloc((size_t)(n_i_work + 2 * n) * sizeof *i_work);
    if (work && i_work && all) {
        bool threads = blas.parallel() == 1;
        if (threads) pthread_mutex_lock(&one_caller);
        int before = threads ? blas.threads() : 1;
        if (before > 1) blas.set_threads(1);
#pragma omp parallel num_threads(1)
        blas.dsyevr("V", "I", "L", &order, a, &order, &zero, &zero, &first, &last, &zero, &found, all, vector, &order, i_work + n_i_work, work, &n_work, i_work, &n_i_work, &info, 1, 1, 1);
        if (before > 1) blas.set_threads(before);
        if (threads) pthread_mutex_unlock(&one_caller);
        for (int32_t i = 0; i < k; i++) value[i] = all[i];
    }
    weft_i_free(work);
    weft_i_free(i_work);
    weft_i_free(all);
    return info == 0 && found == k;
}
