/* The journal: what was added comes back; cut at every length it keeps every whole record; damage in the middle is an error that names its place; a full disk loses nothing. */
#include "annotate/journal.h"
#include "weft/annotate.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[96];
static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/weft-journal-%ld", (long)getpid());
    snprintf(path, sizeof path, "%s/journal", folder);
    mkdir(folder, 0777);
    cr_assert_eq(weft_i_journal_make(path, NULL), WEFT_OK);
}
static void unmake(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

typedef struct seen { int n; bool good; } seen_t;
static size_t payload(int k, char *to) { return (size_t)sprintf(to, "record %d %.*s", k, k * 7, "................................................................................"); }
static weft_status_t take(void *context, const char *text, size_t n, int64_t offset, weft_diag_t *diag)
{
    seen_t *s = context;
    char want[200];
    (void)offset, (void)diag;
    s->good &= payload(s->n, want) == n && !memcmp(want, text, n);
    s->n++;
    return WEFT_OK;
}
static void fill(int n)
{
    weft_i_journal_t j;
    seen_t s = {0, true};
    char text[200];
    cr_assert_eq(weft_i_journal_open(&j, path, take, &s, NULL), WEFT_OK);
    for (int k = s.n; k < n; k++) cr_assert_eq(weft_i_journal_add(&j, text, payload(k, text), NULL), WEFT_OK);
    weft_i_journal_close(&j);
}
static size_t slurp(char *to, size_t most)
{
    FILE *f = fopen(path, "r");
    size_t n = fread(to, 1, most, f);
    fclose(f);
    return n;
}
static void put(const char *data, size_t n)
{
    FILE *f = fopen(path, "w");
    fwrite(data, 1, n, f);
    fclose(f);
}

Test(journal, cut_at_every_length, .init = make, .fini = unmake)
{
    static char all[4096];
    fill(6);
    size_t size = slurp(all, sizeof all), end[8], at = 8;
    for (int k = 0; k < 6; k++) end[k] = at += (size_t)weft_i_journal_record(all + at, size - at);
    cr_assert_eq(at, size);
    for (size_t n = 0; n <= size; n++) {
        weft_i_journal_t j;
        seen_t s = {0, true};
        weft_diag_t *diag = weft_diag_new();
        int whole = 0;
        put(all, n);
        weft_status_t status = weft_i_journal_open(&j, path, take, &s, diag);
        if (n < 8) {
            cr_assert(status == WEFT_EINPUT && weft_diag_n_of_id(diag, "journal-head") == 1, "%zu", n);
            weft_diag_free(diag);
            continue;
        }
        while (whole < 6 && end[whole] <= n) whole++;
        cr_assert_eq(status, WEFT_OK, "%zu", n);
        cr_assert(s.n == whole && s.good, "%zu: %d records, not %d", n, s.n, whole);
        bool torn = n != (whole ? end[whole - 1] : 8);
        cr_assert_eq(weft_diag_n_of_id(diag, "journal-torn"), torn, "%zu", n);
        weft_diag_free(diag);
        weft_i_journal_close(&j);
        fill(6); /* goes on from there */
        cr_assert_eq(slurp(all + 2048, 2048), size);
        cr_assert_arr_eq(all, all + 2048, size);
    }
}

Test(journal, damage_in_the_middle_is_named, .init = make, .fini = unmake)
{
    static char all[4096], now[4096];
    fill(6);
    size_t size = slurp(all, sizeof all), start[7] = {8};
    for (int k = 0; k < 6; k++) start[k + 1] = start[k] + (size_t)weft_i_journal_record(all + start[k], size - start[k]);
    for (size_t n = 8; n < size; n++) {
        weft_i_journal_t j;
        seen_t s = {0, true};
        weft_diag_t *diag = weft_diag_new();
        char place[40];
        int k = 0;
        while (start[k + 1] <= n) k++;
        all[n] ^= 0x20;
        put(all, size);
        weft_status_t status = weft_i_journal_open(&j, path, take, &s, diag);
        if (k == 5 && n < start[5] + 16) { /* the last record's front: no telling it from a tear; its bytes are kept */
            cr_assert(status == WEFT_OK && s.n == 5, "%zu", n);
            weft_i_journal_close(&j);
        } else {
            cr_assert_eq(status, WEFT_EINPUT, "%zu", n);
            cr_assert(s.n == k && s.good, "%zu: %d records before it, not %d", n, s.n, k);
            cr_assert_eq(weft_diag_n_of_id(diag, "journal-corrupt"), 1);
            snprintf(place, sizeof place, "offset %zu", start[k]);
            cr_assert_not_null(strstr(weft_diag_entry(diag, 0)->text, place), "%s: %s", place, weft_diag_entry(diag, 0)->text);
            cr_assert(slurp(now, sizeof now) == size && !memcmp(now, all, size)); /* untouched */
        }
        weft_diag_free(diag);
        all[n] ^= 0x20;
    }
    /* recovery keeps what is whole, on both sides */
    int64_t kept = 0, lost = 0;
    all[start[2] + 20] ^= 1;
    put(all, size);
    cr_assert_eq(weft_session_recover(folder, &kept, &lost, NULL), WEFT_OK);
    cr_assert(kept == 5 && lost == (int64_t)(start[3] - start[2]), "%lld kept, %lld lost", (long long)kept, (long long)lost);
    all[start[2] + 20] ^= 1;
    /* a head that looks like gzip's is damage too: nothing is unpacked, and all records are still there */
    weft_i_journal_t j;
    seen_t s = {0, true};
    weft_diag_t *diag = weft_diag_new();
    all[0] = 0x1f, all[1] = (char)0x8b;
    put(all, size);
    cr_assert_eq(weft_i_journal_open(&j, path, take, &s, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "journal-head"), 1);
    cr_assert(slurp(now, sizeof now) == size && !memcmp(now, all, size));
    cr_assert_eq(weft_session_recover(folder, &kept, &lost, NULL), WEFT_OK);
    cr_assert(kept == 6 && lost == 0, "%lld kept, %lld lost", (long long)kept, (long long)lost);
    weft_diag_free(diag);
}

Test(journal, a_full_disk_loses_nothing, .init = make, .fini = unmake)
{
    weft_i_journal_t j;
    seen_t s = {0, true};
    char text[200];
    struct stat st;
    int k = 0;
    weft_status_t status = WEFT_OK;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(weft_i_journal_open(&j, path, take, &s, NULL), WEFT_OK);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 300;
    setrlimit(RLIMIT_FSIZE, &small);
    while (k < 100 && (status = weft_i_journal_add(&j, text, payload(k % 11, text), NULL)) == WEFT_OK) k++;
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert_eq(status, WEFT_ELIMIT);
    cr_assert(k > 0 && k < 11);
    stat(path, &st);
    cr_assert_eq(st.st_size, j.size); /* as before the record that did not fit */
    cr_assert_eq(weft_i_journal_add(&j, text, payload(k, text), NULL), WEFT_OK);
    weft_i_journal_close(&j);
    cr_assert_eq(weft_i_journal_open(&j, path, take, &s, NULL), WEFT_OK);
    cr_assert(s.good && s.n == k + 1);
    weft_i_journal_close(&j);
}
