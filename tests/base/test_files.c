#include "base/alloc.h"
#include "base/text_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static char folder[] = "/tmp/weft-test-XXXXXX";
static void make_folder(void) { cr_assert(mkdtemp(folder)); }
static void drop_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}
TestSuite(files, .init = make_folder, .fini = drop_folder);

static const char *place(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const void *data, size_t size)
{
    FILE *f = fopen(place(name), "w");
    cr_assert(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

static void reads_as(const char *name, const char *want, size_t size)
{
    weft_i_text_t t;
    cr_assert_eq(weft_i_text_read(&t, place(name), NULL), WEFT_OK);
    cr_assert_eq(t.size, size);
    cr_assert(!memcmp(t.data, want, size));
    for (int i = 0; i < 64; i++) cr_assert_eq(t.data[size + i], 0);
    weft_i_text_destroy(&t);
}

Test(files, plain_of_every_size_about_a_page)
{
    char *data = malloc(9000);
    memset(data, 'x', 9000);
    for (size_t n = 0; n < 9000; n += n > 4000 && n < 4200 ? 1 : 499) {
        put("p", data, n);
        reads_as("p", data, n);
    }
    free(data);
}

Test(files, gzip_members_and_zstd_frames)
{
    char *data = malloc(300000);
    for (int i = 0; i < 300000; i++) data[i] = (char)('a' + i * i % 23);
    gzFile g = gzopen(place("g"), "wb");
    gzwrite(g, data, 100000);
    gzclose(g);
    g = gzopen(place("g"), "ab");
    gzwrite(g, data + 100000, 200000);
    gzclose(g);
    reads_as("g", data, 300000);
    size_t room = ZSTD_compressBound(300000);
    char *z = malloc(2 * room);
    size_t n = ZSTD_compress(z, room, data, 100000, 3);
    n += ZSTD_compress(z + n, room, data + 100000, 200000, 3);
    put("z", z, n);
    reads_as("z", data, 300000);
    put("cut", z, n / 2);
    weft_i_text_t t;
    weft_diag_t *d = weft_diag_new();
    cr_assert_eq(weft_i_text_read(&t, place("cut"), d), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(d, "file-unpack"), 1);
    put("cutgz", "\x1f\x8b\x08\x00\x00", 5);
    cr_assert_eq(weft_i_text_read(&t, place("cutgz"), d), WEFT_EINPUT);
    cr_assert_eq(weft_i_text_read(&t, place("nowhere"), d), WEFT_EIO);
    cr_assert_eq(weft_diag_n_of_id(d, "file-open"), 1);
    cr_assert_eq(weft_i_text_read(&t, folder, d), WEFT_EIO);
    weft_diag_free(d);
    free(z);
    free(data);
}

Test(files, pipes_are_read_to_their_end)
{
    cr_assert_eq(mkfifo(place("fifo"), 0600), 0);
    if (!fork()) {
        FILE *f = fopen(place("fifo"), "w");
        for (int i = 0; f && i < 50000; i++) fputs("0123456789", f);
        if (f) fclose(f);
        _exit(0);
    }
    weft_i_text_t t;
    cr_assert_eq(weft_i_text_read(&t, place("fifo"), NULL), WEFT_OK);
    cr_assert_eq(t.size, 500000);
    weft_i_text_destroy(&t);
}

Test(files, output_replaces_only_on_commit)
{
    weft_i_out_t out;
    put("o", "old", 3);
    cr_assert_eq(weft_i_out_open(&out, place("o"), NULL), WEFT_OK);
    fputs("new", out.file);
    fflush(out.file);
    reads_as("o", "old", 3);
    cr_assert_eq(weft_i_out_commit(&out, NULL), WEFT_OK);
    reads_as("o", "new", 3);
    cr_assert_eq(weft_i_out_open(&out, place("o"), NULL), WEFT_OK);
    fputs("never", out.file);
    weft_i_out_abort(&out);
    reads_as("o", "new", 3);
    cr_assert_eq(weft_i_out_open(&out, place("o.gz"), NULL), WEFT_OK);
    fputs("packed", out.file);
    cr_assert_eq(weft_i_out_commit(&out, NULL), WEFT_OK);
    reads_as("o.gz", "packed", 6);
}

Test(files, a_full_disk_is_told)
{
    weft_i_out_t out;
    weft_diag_t *d = weft_diag_new();
    cr_assert_eq(weft_i_out_open(&out, "/dev/full", d), WEFT_OK);
    for (int i = 0; i < 10000; i++) fputs("0123456789", out.file);
    cr_assert_eq(weft_i_out_commit(&out, d), WEFT_ELIMIT);
    cr_assert_eq(weft_diag_n_of_id(d, "file-write"), 1);
    cr_assert_eq(weft_i_out_open(&out, place("no/such/folder"), d), WEFT_EIO);
    cr_assert_eq(weft_diag_n_of_id(d, "file-create"), 1);
    weft_diag_free(d);
}
