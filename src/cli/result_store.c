/* cli/result_store.c: results that survive a kill. */
#include "cli/result_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char kind[] = "weft-result-1";
enum { N_FIELDS = 17, LINE = 1024 };

static uint64_t mix(uint64_t h, const char *s)
{
    do h = (h ^ (unsigned char)*s) * 0x100000001b3u; /* FNV-1a; the NUL too, so that fields do not run together */
    while (*s++);
    return h;
}

void cli_options_hash(const weft_train_options_t *o, char hash[17])
{
    const weft_train_options_t neutral = weft_train_neutral();
    const char *key, *meaning;
    char value[64], plain[64];
    uint64_t h = 0xcbf29ce484222325u;
    for (int32_t i = 0; weft_train_key(o, i, &key, &meaning, value, sizeof value) && weft_train_key(&neutral, i, &key, &meaning, plain, sizeof plain); i++)
        if (strcmp(value, plain)) h = mix(mix(h, key), value);
    snprintf(hash, 17, "%016llx", (unsigned long long)h);
}

/* The fields of a line, cut in place; false: not a whole line of ours. */
static bool take(char *line, stored_result_t *r)
{
    char *field[N_FIELDS], *save = line;
    int n = 0;
    while (n < N_FIELDS && (field[n] = strsep(&save, "\t"))) n++;
    if (n != N_FIELDS || save || strcmp(field[0], kind) || strcmp(field[N_FIELDS - 1], ".")) return false;
    char *to[] = {r->set, r->split, r->model, r->preset, r->settings, r->options, r->metric};
    const size_t size[] = {sizeof r->set, sizeof r->split, sizeof r->model, sizeof r->preset, sizeof r->settings, sizeof r->options, sizeof r->metric};
    for (int k = 0; k < 7; k++) {
        if (strlen(field[k + 1]) >= size[k]) return false;
        strcpy(to[k], field[k + 1]);
    }
    r->run = (int32_t)strtol(field[8], NULL, 10);
    r->seed = strtoull(field[9], NULL, 10);
    r->result = (weft_run_t){.train = strtod(field[10], NULL), .val = strtod(field[11], NULL), .test = strtod(field[12], NULL), .best_epoch = (int32_t)strtol(field[13], NULL, 10),
                             .epochs = (int32_t)strtol(field[14], NULL, 10), .seconds = strtod(field[15], NULL)};
    return true;
}

static bool keep(result_store_t *s, const stored_result_t *r)
{
    if (s->n == s->capacity) {
        int64_t more = s->capacity ? 2 * s->capacity : 64;
        stored_result_t *p = realloc(s->result, (size_t)more * sizeof *p);
        if (!p) return false;
        s->result = p;
        s->capacity = more;
    }
    s->result[s->n++] = *r;
    return true;
}

weft_status_t cli_store_open(result_store_t *s, const char *path, weft_diag_t *diag)
{
    char line[LINE];
    *s = (result_store_t){.path = strdup(path)};
    if (!s->path) return WEFT_ENOMEM;
    FILE *f = fopen(path, "r");
    if (!f && errno == ENOENT) return WEFT_OK;
    if (!f) {
        weft_diag_add(diag, WEFT_ERROR, "file-open", path, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    weft_status_t status = WEFT_OK;
    for (int32_t number = 1; status == WEFT_OK && fgets(line, sizeof line, f); number++) {
        size_t n = strlen(line);
        bool whole = n && line[n - 1] == '\n';
        stored_result_t r = {0};
        if (whole) line[n - 1] = '\0';
        if (number == 1 && strncmp(line, kind, n < sizeof kind - 1 ? n : sizeof kind - 1)) {
            weft_diag_add(diag, WEFT_ERROR, "store-form", path, 1, 0, "not a store of results");
            status = WEFT_EINPUT;
        } else if (whole && take(line, &r)) status = keep(s, &r) ? WEFT_OK : WEFT_ENOMEM;
        else s->broken++;
    }
    fclose(f);
    return status;
}

void cli_store_close(result_store_t *s)
{
    free(s->path);
    free(s->result);
    *s = (result_store_t){0};
}

weft_status_t cli_store_add(result_store_t *s, const stored_result_t *r, weft_diag_t *diag)
{
    char line[LINE], last = '\n';
    const weft_run_t *x = &r->result;
    int fd = open(s->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && !flock(fd, LOCK_EX);
    off_t size = ok ? lseek(fd, 0, SEEK_END) : 0;
    if (ok && size > 0) ok = pread(fd, &last, 1, size - 1) == 1;
    int n = snprintf(line, sizeof line, "%s%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%llu\t%.9g\t%.9g\t%.9g\t%d\t%d\t%.3f\t.\n", last == '\n' ? "" : "\n", kind, r->set, r->split, r->model, r->preset, r->settings, r->options, r->metric, r->run,
                     (unsigned long long)r->seed, x->train, x->val, x->test, x->best_epoch, x->epochs, x->seconds);
    if (ok) ok = n < (int)sizeof line && write(fd, line, (size_t)n) == n && !fsync(fd);
    int why = errno;
    if (fd >= 0) close(fd);
    if (!ok) {
        weft_diag_add(diag, WEFT_ERROR, "file-write", s->path, 0, 0, "%s", strerror(why));
        return why == ENOSPC || why == EDQUOT ? WEFT_ELIMIT : WEFT_EIO;
    }
    return keep(s, r) ? WEFT_OK : WEFT_ENOMEM;
}

const stored_result_t *cli_store_find(const result_store_t *s, const stored_result_t *like)
{
    for (int32_t i = 0; i < s->n; i++) {
        const stored_result_t *r = &s->result[i];
        if (r->run == like->run && r->seed == like->seed && !strcmp(r->options, like->options) && !strcmp(r->set, like->set) && !strcmp(r->split, like->split) && !strcmp(r->model, like->model)
            && !strcmp(r->preset, like->preset) && !strcmp(r->settings, like->settings))
            return r;
    }
    return NULL;
}
