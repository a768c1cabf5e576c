/* tests/fuzz/fuzz_main.c: libFuzzer's entry; the target is named by WEFT_FUZZ_TARGET in the environment. */
#include "targets.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_target_t *t;
    const char *name = getenv("WEFT_FUZZ_TARGET");
    for (const fuzz_target_t *k = fuzz_targets; !t && k->name; k++)
        if (name && !strcmp(k->name, name)) t = k;
    if (!t) abort();
    t->run(data, size);
    return 0;
}
