/* base/threads.c: how many threads a call may use. */
#include "base/threads.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic int32_t chosen, found; /* the process-wide setting: weft_threads_set, or the default once it was asked for (it reads files) */

static int32_t from_variable(const char *name)
{
    const char *text = getenv(name);
    long n = text ? strtol(text, NULL, 10) : 0;
    return n > 0 && n <= 4096 ? (int32_t)n : 0;
}

/* Whole processors of the cgroup's quota; 0: no quota. */
static int32_t from_cgroup(void)
{
    double quota = 0, period = 0;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (f) {
        if (fscanf(f, "%lf %lf", &quota, &period) != 2) quota = 0;
        fclose(f);
    } else {
        FILE *q = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re"), *p = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
        if (!q || !p || fscanf(q, "%lf", &quota) != 1 || fscanf(p, "%lf", &period) != 1) quota = 0;
        if (q) fclose(q);
        if (p) fclose(p);
    }
    if (quota <= 0 || period <= 0) return 0;
    int32_t n = (int32_t)floor(quota / period);
    return n < 1 ? 1 : n;
}

int32_t weft_threads_default(void)
{
    int32_t n = from_variable("WEFT_THREADS");
    if (!n) n = from_variable("OMP_NUM_THREADS");
    if (n) return n;
    cpu_set_t set;
    int32_t cpus = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    int32_t quota = from_cgroup();
    if (quota && quota < cpus) cpus = quota;
    return cpus < 1 ? 1 : cpus;
}

void weft_threads_set(int32_t n_threads)
{
    chosen = n_threads > 0 ? n_threads : 0;
    found = 0;
}

int32_t weft_threads(void)
{
    int32_t n = chosen;
    if (!n && !(n = found)) found = n = weft_threads_default();
    return n;
}

int32_t weft_i_threads_for(int64_t work)
{
    int32_t n = weft_threads();
    int64_t most = work / 20000; /* some 5 us: below that a thread costs more than it brings */
    return most < 1 ? 1 : most < n ? (int32_t)most : n;
}
