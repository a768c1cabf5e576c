/* circuit/library_names.h: what tells libraries apart: a hash and the names of the cells. */
#ifndef WEFT_CIRCUIT_LIBRARY_NAMES_H
#define WEFT_CIRCUIT_LIBRARY_NAMES_H
#include "weft/library.h"

/* The names of all cells in their order, parted by blanks. NULL: no memory. Owner: the caller, by weft_i_free. */
char *weft_i_library_cell_names(const weft_library_t *library);
/* A library that has these names and this hash alone: cells are found in it, nothing can be timed with it. Owner: the caller, weft_library_free. */
WEFT_MUST_CHECK weft_status_t weft_i_library_of_names(weft_library_t **library, uint64_t hash, const char *cells);
#endif
