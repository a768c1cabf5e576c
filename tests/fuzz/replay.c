/* tests/fuzz/replay.c: every kept input of every target, without a fuzzer: seeds and findings in tests/fuzz/corpus/TARGET. */
#include "targets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int replay(const fuzz_target_t *t, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    uint8_t *data = malloc(1 << 22);
    size_t n = data ? fread(data, 1, 1 << 22, f) : 0;
    fclose(f);
    if (!data) return 0;
    uint8_t *exact = malloc(n + 1); /* an exact block, so that a sanitizer sees the first byte too many */
    if (exact) {
        memcpy(exact, data, n);
        t->run(exact, n);
    }
    free(exact);
    free(data);
    return 1;
}

int main(void)
{
    int n = 0;
    for (const fuzz_target_t *t = fuzz_targets; t->name; t++) {
        char folder[4096];
        struct dirent *e;
        snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", WEFT_SOURCE_DIR, t->name);
        DIR *d = opendir(folder);
        if (!d) {
            fprintf(stderr, "no corpus of %s\n", t->name);
            return 1;
        }
        while ((e = readdir(d))) {
            char path[8192];
            snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            if (e->d_name[0] != '.') n += replay(t, path);
        }
        closedir(d);
    }
    printf("%d inputs\n", n);
    return n ? 0 : 1;
}
