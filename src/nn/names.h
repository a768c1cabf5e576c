/* nn/names.h: "layer.weight" from its parts. */
#ifndef WEFT_NN_NAMES_H
#define WEFT_NN_NAMES_H
#include <stdio.h>

enum { WEFT_I_NAME = 128 };
typedef struct weft_i_name { char text[WEFT_I_NAME]; } weft_i_name_t;
static inline weft_i_name_t weft_i_name(const char *layer, const char *part)
{
    weft_i_name_t n;
    snprintf(n.text, sizeof n.text, "%.90s.%.36s", layer, part);
    return n;
}
#endif
