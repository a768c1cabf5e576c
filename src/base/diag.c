/* base/diag.c: diagnostics collected in order; many of one id are counted, not kept. */
#include "base/alloc.h"
#include "weft/base.h"

#include <string.h>

typedef struct tally { char *id; int64_t n; int32_t kept; weft_severity_t severity; } tally_t;

struct weft_diag {
    weft_i_arena_t arena;
    weft_diag_entry_t *entry;
    int64_t capacity;
    int32_t n;
    tally_t *tally;
    int64_t tally_capacity;
    int32_t n_tallies, limit;
    int64_t n_of[3], n_lost;
};

weft_diag_t *weft_diag_new(void)
{
    weft_diag_t *d = weft_i_calloc(1, sizeof *d);
    if (d) d->limit = 20;
    return d;
}

void weft_diag_clear(weft_diag_t *d)
{
    if (!d) return;
    weft_i_arena_destroy(&d->arena);
    d->n = d->n_tallies = 0;
    memset(d->n_of, 0, sizeof d->n_of);
    d->n_lost = 0;
}

void weft_diag_free(weft_diag_t *d)
{
    if (!d) return;
    weft_i_arena_destroy(&d->arena);
    weft_i_free(d->entry);
    weft_i_free(d->tally);
    weft_i_free(d);
}

void weft_diag_set_limit(weft_diag_t *d, int32_t per_id)
{
    if (d) d->limit = per_id;
}

static tally_t *tally_of(weft_diag_t *d, const char *id, weft_severity_t severity)
{
    for (int32_t i = 0; i < d->n_tallies; i++)
        if (!strcmp(d->tally[i].id, id)) return &d->tally[i];
    if (!WEFT_I_ROOM(d->tally, d->tally_capacity, d->n_tallies + 1)) return NULL;
    char *copy = weft_i_arena_strndup(&d->arena, id, strlen(id));
    if (!copy) return NULL;
    d->tally[d->n_tallies] = (tally_t){copy, 0, 0, severity};
    return &d->tally[d->n_tallies++];
}

void weft_diag_addv(weft_diag_t *d, weft_severity_t severity, const char *id, const char *file, int32_t line, int32_t column,
                    const char *format, va_list args)
{
    if (!d) return;
    d->n_of[severity]++;
    tally_t *t = tally_of(d, id, severity);
    d->n_lost += !t;
    if (!t) return;
    t->n++;
    if (t->kept >= d->limit) return;
    char text[1024];
    int length = vsnprintf(text, sizeof text, format, args);
    bool room = length >= 0 && WEFT_I_ROOM(d->entry, d->capacity, d->n + 1);
    char *copy = room ? weft_i_arena_strndup(&d->arena, text, strlen(text)) : NULL;
    char *path = room && file ? weft_i_arena_strndup(&d->arena, file, strlen(file)) : NULL;
    if (!copy || (file && !path)) {
        d->n_lost++;
        return;
    }
    t->kept++;
    d->entry[d->n++] = (weft_diag_entry_t){severity, t->id, path, line, column, copy};
}

void weft_diag_add(weft_diag_t *d, weft_severity_t severity, const char *id, const char *file, int32_t line, int32_t column,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(d, severity, id, file, line, column, format, args);
    va_end(args);
}

void weft_diag_append(weft_diag_t *d, weft_diag_t *from)
{
    if (!d || !from) return;
    for (int32_t i = 0; i < from->n; i++) {
        const weft_diag_entry_t *e = &from->entry[i];
        weft_diag_add(d, e->severity, e->id, e->file, e->line, e->column, "%s", e->text);
    }
    for (int32_t i = 0; i < from->n_tallies; i++) { /* those beyond the limit go on as counts */
        tally_t *t = tally_of(d, from->tally[i].id, from->tally[i].severity);
        int64_t more = from->tally[i].n - from->tally[i].kept;
        if (t) t->n += more;
        d->n_of[from->tally[i].severity] += more;
    }
    d->n_lost += from->n_lost;
    weft_diag_clear(from);
}

int32_t weft_diag_n_entries(const weft_diag_t *d) { return d ? d->n : 0; }
const weft_diag_entry_t *weft_diag_entry(const weft_diag_t *d, int32_t i) { return &d->entry[i]; }
int64_t weft_diag_n_of(const weft_diag_t *d, weft_severity_t severity) { return d ? d->n_of[severity] : 0; }

int64_t weft_diag_n_lost(const weft_diag_t *d) { return d ? d->n_lost : 0; }

int64_t weft_diag_n_of_id(const weft_diag_t *d, const char *id)
{
    for (int32_t i = 0; d && i < d->n_tallies; i++)
        if (!strcmp(d->tally[i].id, id)) return d->tally[i].n;
    return 0;
}

void weft_diag_print(const weft_diag_t *d, FILE *out, weft_severity_t at_least)
{
    static const char *const word[] = {"note", "warning", "error"};
    for (int32_t i = 0; d && i < d->n; i++) {
        const weft_diag_entry_t *e = &d->entry[i];
        if (e->severity < at_least) continue;
        if (e->file) fprintf(out, "%s:", e->file);
        if (e->line) fprintf(out, "%d:", e->line);
        if (e->line && e->column) fprintf(out, "%d:", e->column);
        fprintf(out, "%s%s: %s [%s]\n", e->file || e->line ? " " : "", word[e->severity], e->text, e->id);
    }
    for (int32_t i = 0; d && i < d->n_tallies; i++)
        if (d->tally[i].n > d->tally[i].kept && d->tally[i].severity >= at_least)
            fprintf(out, "%s: %lld more of [%s]\n", word[d->tally[i].severity], (long long)(d->tally[i].n - d->tally[i].kept), d->tally[i].id);
}

const char *weft_status_text(weft_status_t status)
{
    static const char *const text[] = {"done", "the input is wrong", "the call is wrong", "out of memory", "the system refused",
                                       "a limit was reached", "cancelled", "a check failed"};
    return (size_t)status < sizeof text / sizeof *text ? text[status] : "unknown status";
}
