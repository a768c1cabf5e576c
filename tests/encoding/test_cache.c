/* Encodings on disk: found again, told apart by graph, blocks and options, made anew where a file is cut or changed. */
#include "weft/encoding.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 12, K = 4 };

static weft_graph_t *ring(int32_t chord)
{
    int32_t s[N + 1], t[N + 1];
    weft_graph_t *g = NULL;
    for (int32_t i = 0; i < N; i++) s[i] = i, t[i] = (i + 1) % N;
    s[N] = 0, t[N] = chord;
    cr_assert_eq(weft_graph_new(&g, N, N, N + 1, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    return g;
}

/* The one file of the folder; asserts that there are `n` and none that is half written. */
static void files(const char *folder, int n, char *one, size_t room)
{
    DIR *d = opendir(folder);
    int found = 0;
    cr_assert(d != NULL);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            cr_assert(strstr(e->d_name, ".weftenc") && !strstr(e->d_name, ".tmp"), "%s", e->d_name);
            if (one) snprintf(one, room, "%s/%s", folder, e->d_name);
            found++;
        }
    closedir(d);
    cr_assert_eq(found, n, "%d files, not %d", found, n);
}

static bool encode(float *out, const weft_graph_t *g, int64_t n_blocks, const int64_t *first, int32_t k, const char *cache)
{
    const weft_encoding_options_t o = {.kind = WEFT_ENCODING_RWSE, .k = k, .cache = cache};
    bool hit = false;
    cr_assert_eq(weft_encoding(out, g, n_blocks, first, &o, &hit, NULL), WEFT_OK);
    return hit;
}

Test(encoding_cache, keeps_tells_apart_and_heals)
{
    char folder[] = "/tmp/weft-cache-XXXXXX", path[512], command[64];
    static const int64_t halves[] = {0, N, N};
    float plain[N * K], out[N * K], other[N * (K + 1)];
    weft_graph_t *g = ring(5), *h = ring(6);
    cr_assert(mkdtemp(folder) != NULL);
    cr_assert(!encode(plain, g, 1, NULL, K, NULL));
    cr_assert(!encode(out, g, 1, NULL, K, folder));
    files(folder, 1, path, sizeof path);
    memset(out, 0, sizeof out);
    cr_assert(encode(out, g, 1, NULL, K, folder), "not found again");
    cr_assert(!memcmp(plain, out, sizeof out));

    for (int how = 0; how < 3; how++) { /* cut, changed, emptied */
        FILE *f = fopen(path, "r+");
        cr_assert(f != NULL);
        if (how == 0) cr_assert(!ftruncate(fileno(f), 100));
        if (how == 1) cr_assert(!fseek(f, 70, SEEK_SET) && fputc('x', f) == 'x');
        if (how == 2) cr_assert(!ftruncate(fileno(f), 0));
        fclose(f);
        cr_assert(!encode(out, g, 1, NULL, K, folder), "case %d was believed", how);
        cr_assert(!memcmp(plain, out, sizeof out));
        cr_assert(encode(out, g, 1, NULL, K, folder), "case %d was not written over", how);
    }
    cr_assert(!encode(out, h, 1, NULL, K, folder), "another graph");
    cr_assert(!encode(other, g, 1, NULL, K + 1, folder), "other steps");
    cr_assert(!encode(out, g, 2, halves, K, folder), "other blocks");
    files(folder, 4, NULL, 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(!system(command));
    weft_graph_free(g);
    weft_graph_free(h);
}

Test(encoding_cache, a_folder_that_is_not_there_is_a_warning)
{
    float plain[N * K], out[N * K];
    weft_graph_t *g = ring(5);
    weft_diag_t *diag = weft_diag_new();
    const weft_encoding_options_t o = {.kind = WEFT_ENCODING_RWSE, .k = K, .cache = "/nonexistent/folder"};
    cr_assert(!encode(plain, g, 1, NULL, K, NULL));
    cr_assert_eq(weft_encoding(out, g, 1, NULL, &o, NULL, diag), WEFT_OK);
    cr_assert(!memcmp(plain, out, sizeof out));
    cr_assert_eq(weft_diag_n_entries(diag), 1);
    cr_assert_str_eq(weft_diag_entry(diag, 0)->id, "encoding-cache");
    weft_diag_free(diag);
    weft_graph_free(g);
}

Test(encoding_cache, every_kind_has_its_columns)
{
    weft_graph_t *g = ring(5);
    for (int kind = 0; kind < WEFT_ENCODING_N; kind++) {
        const weft_encoding_options_t o = {.kind = (weft_encoding_kind_t)kind, .k = K};
        cr_assert_eq(weft_encoding_find(weft_encoding_name(o.kind)), o.kind);
        int64_t cols = weft_encoding_columns(&o);
        float *out = malloc((size_t)(N * cols) * sizeof *out);
        cr_assert_eq(weft_encoding(out, g, 1, NULL, &o, NULL, NULL), WEFT_OK, "%s", weft_encoding_name(o.kind));
        free(out);
    }
    cr_assert_eq(weft_encoding_find("none such"), WEFT_ENCODING_N);
    weft_graph_free(g);
}
