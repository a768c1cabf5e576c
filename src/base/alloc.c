#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t fail_at;    /* 0: off */
static _Atomic int64_t fail_count;
static _Atomic bool fail_sticky;

void weft_i_alloc_fail(int64_t nth, bool sticky)
{
    fail_count = 0;
    fail_sticky = sticky;
    fail_at = nth;
}

int64_t weft_i_alloc_count(void) { return fail_count; }

/* The hook is off outside tests: one relaxed load. INT64_MAX counts without failing. */
static bool refused(void)
{
    int64_t at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (!at) return false;
    int64_t n = ++fail_count;
    return fail_sticky ? n >= at : n == at;
}

void *weft_i_malloc(size_t size) { return refused() ? NULL : malloc(size ? size : 1); }

void *weft_i_calloc(size_t count, size_t size)
{
    return refused() ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *weft_i_realloc(void *old, size_t size) { return refused() ? NULL : realloc(old, size ? size : 1); }

void weft_i_free(void *p) { free(p); }

void weft_i_free_all(void *const *p, size_t n)
{
    for (size_t i = 0; i < n; i++) weft_i_free(p[i]);
}

void *weft_i_aligned(size_t size)
{
    size_t huge = (size_t)2 << 20, unit = size >= 2 * huge ? huge : 64;
    void *p = NULL;
    if (refused() || size > SIZE_MAX - unit || posix_memalign(&p, unit, size ? (size + 63) & ~(size_t)63 : 64)) return NULL;
    if (unit == huge) madvise(p, size, MADV_HUGEPAGE);
    return p;
}

void weft_i_pages_drop(const void *at, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = ((uintptr_t)at + page - 1) / page * page, end = ((uintptr_t)at + size) / page * page;
    if (end > first) madvise((void *)first, end - first, MADV_DONTNEED);
}

char *weft_i_strndup(const char *text, size_t length)
{
    char *copy = weft_i_malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void *weft_i_grow(void *data, int64_t *capacity, int64_t need, size_t element)
{
    int64_t cap = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    if (cap < need) cap = need;
    if (need < 0 || (uint64_t)cap > SIZE_MAX / 2 / element) return NULL;
    void *p = weft_i_realloc(data, (size_t)cap * element);
    if (p) *capacity = cap;
    return p;
}

struct weft_i_arena_page {
    struct weft_i_arena_page *next;
    size_t pad;
};

void *weft_i_arena_alloc(weft_i_arena_t *arena, size_t size)
{
    size_t need = (size + 15) & ~(size_t)15;
    if (need < size) return NULL;
    if (!arena->page || need > arena->size - arena->used) {
        size_t bytes = arena->size ? arena->size * 2 : 4096;
        if (bytes > ((size_t)1 << 20)) bytes = (size_t)1 << 20;
        if (bytes < need) bytes = need;
        struct weft_i_arena_page *page = weft_i_calloc(1, sizeof *page + bytes);
        if (!page) return NULL;
        page->next = arena->page;
        arena->page = page;
        arena->used = 0;
        arena->size = bytes;
    }
    void *p = (char *)(arena->page + 1) + arena->used;
    arena->used += need;
    return p;
}

char *weft_i_arena_strndup(weft_i_arena_t *arena, const char *text, size_t length)
{
    char *copy = weft_i_arena_alloc(arena, length + 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void weft_i_arena_destroy(weft_i_arena_t *arena)
{
    for (struct weft_i_arena_page *page = arena->page; page;) {
        struct weft_i_arena_page *next = page->next;
        weft_i_free(page);
        page = next;
    }
    *arena = (weft_i_arena_t){0};
}
