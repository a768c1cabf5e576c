/* base/alloc.h: every allocation of the library goes through here, so that tests can fail each one once. */
#ifndef WEFT_BASE_ALLOC_H
#define WEFT_BASE_ALLOC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *weft_i_malloc(size_t size);
void *weft_i_calloc(size_t count, size_t size); /* NULL on overflow too */
void *weft_i_realloc(void *old, size_t size);
void weft_i_free(void *p);
void weft_i_free_all(void *const *p, size_t n);
#define WEFT_I_FREE_ALL(...) weft_i_free_all((void *const[]){__VA_ARGS__}, sizeof((void *const[]){__VA_ARGS__}) / sizeof(void *))
/* size bytes at a multiple of 64 (of 2 MiB with huge pages asked for, where size is 4 MiB or more); freed by weft_i_free. */
void *weft_i_aligned(size_t size);
/* Pages wholly within these bytes of a read-only mapping of a file leave memory until they are read again. For nothing else: other memory would lose what it holds. */
void weft_i_pages_drop(const void *at, size_t size);
char *weft_i_strndup(const char *text, size_t length);

/* Test hook: the n-th allocation from now fails (1 = the next), and every later one too while `sticky`. 0: off. */
void weft_i_alloc_fail(int64_t nth, bool sticky);
int64_t weft_i_alloc_count(void); /* allocations asked for since weft_i_alloc_fail */

/* Room for `need` elements: returns the (moved) array with *capacity raised, or NULL (old array untouched). */
void *weft_i_grow(void *data, int64_t *capacity, int64_t need, size_t element);

/* True where data holds at least `need` elements afterwards; capacity is an int64_t lvalue. */
#define WEFT_I_ROOM(data, capacity, need)                                                   \
    ({                                                                                      \
        bool ok_ = true;                                                                    \
        if ((int64_t)(need) > (capacity)) {                                                 \
            void *p_ = weft_i_grow((data), &(capacity), (int64_t)(need), sizeof *(data));   \
            if (p_) (data) = p_;                                                            \
            else ok_ = false;                                                               \
        }                                                                                   \
        ok_;                                                                                \
    })

/* An arena: many small allocations, one free. Zero-initialise; 16-byte aligned results, zeroed. */
typedef struct weft_i_arena {
    struct weft_i_arena_page *page;
    size_t used, size;
} weft_i_arena_t;
void *weft_i_arena_alloc(weft_i_arena_t *arena, size_t size);
char *weft_i_arena_strndup(weft_i_arena_t *arena, const char *text, size_t length);
void weft_i_arena_destroy(weft_i_arena_t *arena);
#endif
