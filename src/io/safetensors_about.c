/* io/safetensors_about.c: see weft/safetensors.h. */
#include "weft/safetensors.h"
#include "io/safetensors.h"

#include <jansson.h>
#include <stdio.h>

static void take(char *to, size_t size, const json_t *card, const char *key)
{
    const char *text = json_string_value(json_object_get(card, key));
    if (text) snprintf(to, size, "%s", text);
}

weft_status_t weft_safetensors_about(weft_safetensors_about_t *a, const char *path, weft_diag_t *diag)
{
    weft_i_safetensors_t *f = NULL;
    *a = (weft_safetensors_about_t){0};
    weft_status_t status = weft_i_safetensors_read(&f, path, diag);
    if (status != WEFT_OK) return status;
    const char *text = weft_i_safetensors_meta(f, "weft");
    json_t *card = text ? json_loads(text, 0, NULL) : NULL;
    a->n_tensors = f->n;
    for (int32_t i = 0; i < f->n; i++) a->n_numbers += f->tensor[i].n_elements;
    take(a->kind, sizeof a->kind, card, "kind");
    take(a->trained_on, sizeof a->trained_on, card, "trained_on");
    take(a->command, sizeof a->command, card, "command");
    json_decref(card);
    weft_i_safetensors_free(f);
    return WEFT_OK;
}
