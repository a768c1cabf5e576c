/* cli/options.c: one parser of long options for all verbs; it prints --help from the same table. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int cli_exit_code(weft_status_t s)
{
    return s == WEFT_OK ? EXIT_DONE : s == WEFT_EUSAGE ? EXIT_USAGE : s == WEFT_ENOMEM || s == WEFT_ELIMIT || s == WEFT_ECANCEL ? EXIT_RESOURCES : s == WEFT_ECHECK ? EXIT_CHECK : EXIT_INPUT;
}

int cli_end(weft_status_t status, weft_diag_t *diag, bool quiet, const char *command, ...)
{
    weft_diag_print(diag, stderr, quiet ? WEFT_ERROR : WEFT_WARNING);
    if (status != WEFT_OK && status != WEFT_ECANCEL && status != WEFT_ECHECK && !weft_diag_n_of(diag, WEFT_ERROR)) {
        va_list args;
        va_start(args, command);
        vfprintf(stderr, command, args);
        va_end(args);
        fprintf(stderr, ": %s\n", weft_status_text(status));
    }
    weft_diag_free(diag);
    return cli_exit_code(status);
}

bool cli_take_bytes(const char *verb, const char *name, const char *value, int64_t *to)
{
    char *end;
    double v = strtod(value, &end);
    int shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : *end == 'T' ? 40 : 0;
    if (end != value && !end[shift != 0] && v >= 1.0 && v * (double)(1ll << shift) < 9e18) {
        *to = (int64_t)(v * (double)(1ll << shift));
        return true;
    }
    fprintf(stderr, "weft %s: --%s %s: bytes are needed, as 100000, 500M or 2G\n", verb, name, value);
    return false;
}

static void help(const cli_verb_t *v, const cli_option_t *const *tables)
{
    printf("usage: weft %s %s\n\n%s\n\noptions:\n", v->name, v->usage, v->summary);
    for (; *tables; tables++)
        for (const cli_option_t *o = *tables; o->name; o++) {
            char left[64];
            snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
            printf("  %-28s %s\n", left, o->help);
        }
    printf("  %-28s %s\n\nexit: 0 done, 1 input wrong, 2 usage, 3 resources, or stopped by Ctrl-C, 4 a check asked for has failed\n", "--help", "this page");
}

static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];
    if (n > 60) return 99;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t up = row[j], best = diagonal + (*a != b[j - 1]);
            if (up + 1 < best) best = up + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = up;
            row[j] = best;
        }
    }
    return row[n];
}

static void unknown(const cli_verb_t *v, const cli_option_t *const *tables, const char *name)
{
    const char *near = NULL;
    size_t best = 4;
    for (; *tables; tables++)
        for (const cli_option_t *o = *tables; o->name; o++)
            if (distance(name, o->name) < best) {
                best = distance(name, o->name);
                near = o->name;
            }
    fprintf(stderr, "weft %s: unknown option --%s%s%s%s\n", v->name, name, near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

int cli_parse(const cli_verb_t *v, const cli_option_t *const *tables, void *const *into, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--help") || !strcmp(a, "-h")) {
            help(v, tables);
            return EXIT_DONE;
        }
        if (strncmp(a, "--", 2)) {
            fprintf(stderr, "weft %s: unexpected argument %s (options begin with --)\n", v->name, a);
            return EXIT_USAGE;
        }
        a += 2;
        size_t n = strcspn(a, "=");
        const cli_option_t *found = NULL;
        void *to = NULL;
        for (int t = 0; tables[t] && !found; t++)
            for (const cli_option_t *o = tables[t]; o->name && !found; o++)
                if (strlen(o->name) == n && !strncmp(o->name, a, n)) {
                    found = o;
                    to = into[t];
                }
        if (!found) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)n, a);
            unknown(v, tables, name);
            return EXIT_USAGE;
        }
        const char *value = a[n] == '=' ? a + n + 1 : !found->value ? "" : i + 1 < argc ? argv[++i] : NULL;
        if (!value || (!found->value && a[n] == '=')) {
            fprintf(stderr, "weft %s: --%s %s\n", v->name, found->name, found->value ? "needs a value" : "takes no value");
            return EXIT_USAGE;
        }
        if (!found->take(to, value)) return EXIT_USAGE;
    }
    return -1;
}

bool cli_whole(const char *name, const char *value, int64_t low, int64_t high, int64_t *to)
{
    char *end;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (end != value && !*end && !errno && v >= low && v <= high) {
        *to = v;
        return true;
    }
    fprintf(stderr, "weft: --%s %s: a whole number from %lld to %lld is needed\n", name, value, (long long)low, (long long)high);
    return false;
}

bool cli_number(const char *name, const char *value, double low, double high, double *to)
{
    char *end;
    double v = strtod(value, &end);
    if (end != value && !*end && v >= low && v <= high) {
        *to = v;
        return true;
    }
    fprintf(stderr, "weft: --%s %s: a number from %.10g to %.10g is needed\n", name, value, low, high);
    return false;
}

bool cli_take_threads(void *unused, const char *value)
{
    int64_t n;
    (void)unused;
    if (!cli_whole("threads", value, 1, 4096, &n)) return false;
    weft_threads_set((int32_t)n);
    return true;
}
