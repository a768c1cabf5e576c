/* circuit/library_names.c: see library_names.h. */
#include "circuit/library_names.h"
#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

char *weft_i_library_cell_names(const weft_library_t *l)
{
    size_t n = 1;
    for (int32_t i = 0; i < l->n_cells; i++) n += (size_t)weft_names_length(l->names, l->cell[i].name) + 1;
    char *text = weft_i_malloc(n), *p = text;
    for (int32_t i = 0; text && i < l->n_cells; i++) {
        size_t k = (size_t)weft_names_length(l->names, l->cell[i].name);
        memcpy(p, weft_names_text(l->names, l->cell[i].name), k);
        p += k;
        *p++ = i + 1 < l->n_cells ? ' ' : 0;
    }
    if (text && p == text) *p = 0;
    return text;
}

weft_status_t weft_i_library_of_names(weft_library_t **library, uint64_t hash, const char *cells)
{
    weft_status_t status = WEFT_OK;
    int64_t room = 0;
    weft_library_t *l = weft_i_calloc(1, sizeof *l);
    *library = NULL;
    WEFT_TRY_ALLOC(l);
    l->hash = hash;
    WEFT_TRY_ALLOC(l->names = weft_names_new());
    for (size_t n; *(cells += strspn(cells, " ")); cells += n) {
        n = strcspn(cells, " ");
        int32_t name = weft_names_add(l->names, cells, n);
        if (name < 0 || !WEFT_I_ROOM(l->cell, room, l->n_cells + 1)) WEFT_TRY(WEFT_ENOMEM);
        l->cell[l->n_cells++] = (weft_lib_cell_t){.name = name};
    }
    WEFT_TRY_ALLOC(l->cell_of_name = weft_i_malloc(((size_t)weft_names_n(l->names) + 1) * sizeof *l->cell_of_name));
    for (int32_t i = l->n_cells - 1; i >= 0; i--) l->cell_of_name[l->cell[i].name] = i;
    *library = l;
    l = NULL;
done:
    weft_library_free(l);
    return status;
}
