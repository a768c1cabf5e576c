/* base/names.c: strings as ids: open addressing over XXH3 hashes, text in pages that never move. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/alloc.h"
#include "weft/base.h"

#include <string.h>

typedef struct entry { const char *text; uint32_t hash; int32_t length; } entry_t;

struct weft_names {
    entry_t *entry;
    int64_t capacity;
    int32_t n;
    int32_t *slot;    /* id + 1; 0: free */
    uint32_t mask;
    char *page;       /* current text page */
    size_t used, size;
    char **pages;
    int64_t n_pages, page_capacity;
};

weft_names_t *weft_names_new(void) { return weft_i_calloc(1, sizeof(weft_names_t)); }

void weft_names_free(weft_names_t *names)
{
    if (!names) return;
    for (int64_t i = 0; i < names->n_pages; i++) weft_i_free(names->pages[i]);
    weft_i_free(names->pages);
    weft_i_free(names->entry);
    weft_i_free(names->slot);
    weft_i_free(names);
}

static uint32_t hash_of(const char *text, size_t length) { return (uint32_t)XXH3_64bits(text, length); }

static bool widen(weft_names_t *names)
{
    uint32_t n = names->slot ? (names->mask + 1) * 2 : 64;
    int32_t *slot = weft_i_calloc(n, sizeof *slot);
    if (!slot) return false;
    for (int32_t i = 0; i < names->n; i++) {
        uint32_t at = names->entry[i].hash & (n - 1);
        while (slot[at]) at = (at + 1) & (n - 1);
        slot[at] = i + 1;
    }
    weft_i_free(names->slot);
    names->slot = slot;
    names->mask = n - 1;
    return true;
}

static char *keep_text(weft_names_t *names, const char *text, size_t length)
{
    if (length + 1 > names->size - names->used) {
        size_t size = names->n_pages ? (size_t)1 << 16 : 1024;
        if (size < length + 1) size = length + 1;
        if (!WEFT_I_ROOM(names->pages, names->page_capacity, names->n_pages + 1)) return NULL;
        char *page = weft_i_malloc(size);
        if (!page) return NULL;
        names->pages[names->n_pages++] = names->page = page;
        names->used = 0;
        names->size = size;
    }
    char *copy = names->page + names->used;
    memcpy(copy, text, length);
    copy[length] = 0;
    names->used += length + 1;
    return copy;
}

/* Slot of the name, or of the free place where it belongs. */
static uint32_t probe(const weft_names_t *names, const char *text, size_t length, uint32_t hash)
{
    uint32_t at = hash & names->mask;
    for (; names->slot[at]; at = (at + 1) & names->mask) {
        const entry_t *e = &names->entry[names->slot[at] - 1];
        if (e->hash == hash && (size_t)e->length == length && !memcmp(e->text, text, length)) break;
    }
    return at;
}

int32_t weft_names_add(weft_names_t *names, const char *text, size_t length)
{
    if (length > INT32_MAX - 1 || names->n == INT32_MAX - 1) return -1;
    if (!names->slot || (uint64_t)names->n * 2 >= names->mask) {
        if (!widen(names)) return -1;
    }
    uint32_t hash = hash_of(text, length), at = probe(names, text, length, hash);
    if (names->slot[at]) return names->slot[at] - 1;
    if (!WEFT_I_ROOM(names->entry, names->capacity, names->n + 1)) return -1;
    char *copy = keep_text(names, text, length);
    if (!copy) return -1;
    names->entry[names->n] = (entry_t){copy, hash, (int32_t)length};
    names->slot[at] = names->n + 1;
    return names->n++;
}

int32_t weft_names_find(const weft_names_t *names, const char *text, size_t length)
{
    if (!names->slot) return -1;
    return names->slot[probe(names, text, length, hash_of(text, length))] - 1;
}

const char *weft_names_text(const weft_names_t *names, int32_t id) { return names->entry[id].text; }
int32_t weft_names_length(const weft_names_t *names, int32_t id) { return names->entry[id].length; }
int32_t weft_names_n(const weft_names_t *names) { return names->n; }
