/* timing/tags.c: tags interned by content: a hash table of ids. */
#include "base/alloc.h"
#include "timing/timer.h"

#include <string.h>

static uint32_t hash_tag(const weft_i_tag_t *g)
{
    uint64_t h = (uint64_t)(uint32_t)g->clock * 0x9e3779b97f4a7c15u;
    h ^= ((uint64_t)g->clock_edge << 1 | (uint64_t)g->is_clock << 2 | (uint64_t)g->unclocked << 3 | (uint64_t)g->propagated << 5
          | (uint64_t)g->crpr_edge << 6) * 0xc2b2ae3d27d4eb4fu;
    h ^= ((uint64_t)(uint32_t)g->crpr_node << 32 | (uint32_t)g->states) * 0x165667b19e3779f9u;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
}

static bool widen(weft_i_tags_t *tags)
{
    int32_t n = tags->n_slots ? tags->n_slots * 2 : 256;
    int32_t *slot = weft_i_malloc((size_t)n * sizeof *slot);
    if (!slot) return false;
    memset(slot, -1, (size_t)n * sizeof *slot);
    for (int32_t i = 0; i < tags->n; i++) {
        uint32_t at = hash_tag(&tags->tag[i]) & (uint32_t)(n - 1);
        while (slot[at] >= 0) at = (at + 1) & (uint32_t)(n - 1);
        slot[at] = i;
    }
    weft_i_free(tags->slot);
    tags->slot = slot;
    tags->n_slots = n;
    return true;
}

int32_t weft_i_tag_intern(weft_i_tags_t *tags, weft_i_tag_t tag)
{
    if (tags->frozen ? !tags->n_slots : 2 * (tags->n + 1) > tags->n_slots && !widen(tags)) return tags->frozen ? WEFT_I_UNKNOWN : -1;
    uint32_t at = hash_tag(&tag) & (uint32_t)(tags->n_slots - 1);
    for (; tags->slot[at] >= 0; at = (at + 1) & (uint32_t)(tags->n_slots - 1))
        if (weft_i_tag_same(&tags->tag[tags->slot[at]], &tag)) return tags->slot[at];
    if (tags->frozen) return WEFT_I_UNKNOWN;
    int32_t base = -1;
    if (tag.crpr_node >= 0) { /* the base is interned first, so its id is known */
        weft_i_tag_t b = tag;
        b.crpr_node = -1;
        b.crpr_edge = 0;
        base = weft_i_tag_intern(tags, b);
        if (base < 0) return -1;
        at = hash_tag(&tag) & (uint32_t)(tags->n_slots - 1);
        while (tags->slot[at] >= 0) at = (at + 1) & (uint32_t)(tags->n_slots - 1);
    }
    if (!WEFT_I_ROOM(tags->tag, tags->capacity, tags->n + 1)) return -1;
    tag.base = base < 0 ? tags->n : base;
    tags->tag[tags->n] = tag;
    tags->slot[at] = tags->n;
    return tags->n++;
}

void weft_i_tags_destroy(weft_i_tags_t *tags)
{
    weft_i_free(tags->tag);
    weft_i_free(tags->slot);
    *tags = (weft_i_tags_t){0};
}
