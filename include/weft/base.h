/* weft/base.h: status, diagnostics, names, threads, progress. Every other header stands on this one.
 *
 * Errors. A call that can fail on its input returns weft_status_t (must be checked) and tells the story to an
 * optional weft_diag_t. The library never ends the process, never prints and keeps no global error.
 * Thread safety: a weft_diag_t and a weft_names_t belong to one thread at a time; const use may be shared. */
#ifndef WEFT_BASE_H
#define WEFT_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_API __attribute__((visibility("default")))
#define WEFT_MUST_CHECK __attribute__((warn_unused_result))
#define WEFT_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* ---- status ---------------------------------------------------------------------------------------------- */
typedef enum weft_status {
    WEFT_OK = 0,
    WEFT_EINPUT,  /* a file or its content is wrong; the diagnostics say where */
    WEFT_EUSAGE,  /* an option or argument is wrong */
    WEFT_ENOMEM,  /* an allocation failed */
    WEFT_EIO,     /* the system refused: open, read, write, rename, fork */
    WEFT_ELIMIT,  /* a stated limit of memory, time or size was reached */
    WEFT_ECANCEL, /* the progress callback asked to stop */
    WEFT_ECHECK   /* the run is sound but a check asked for has failed */
} weft_status_t;

/* English words for a status, never NULL. */
WEFT_API const char *weft_status_text(weft_status_t status);

/* ---- diagnostics ----------------------------------------------------------------------------------------- */
typedef enum weft_severity { WEFT_NOTE = 0, WEFT_WARNING, WEFT_ERROR } weft_severity_t;

typedef struct weft_diag_entry {
    weft_severity_t severity;
    const char *id;   /* stable, such as "verilog-syntax"; static or owned by the diag */
    const char *file; /* NULL where no file is meant; owned by the diag */
    int32_t line;     /* from 1; 0: none */
    int32_t column;   /* from 1; 0: none */
    const char *text; /* owned by the diag */
} weft_diag_entry_t;

typedef struct weft_diag weft_diag_t;

/* Owner: the caller, by weft_diag_free. NULL where memory is out; every call below takes NULL and does nothing. */
WEFT_API weft_diag_t *weft_diag_new(void);
WEFT_API void weft_diag_free(weft_diag_t *diag);
WEFT_API void weft_diag_clear(weft_diag_t *diag);
/* Adds an entry, O(text). Beyond `limit` entries of one id (default 20) only the count grows. */
WEFT_API void weft_diag_add(weft_diag_t *diag, weft_severity_t severity, const char *id, const char *file,
                            int32_t line, int32_t column, const char *format, ...) WEFT_PRINTF(7, 8);
WEFT_API void weft_diag_addv(weft_diag_t *diag, weft_severity_t severity, const char *id, const char *file,
                             int32_t line, int32_t column, const char *format, va_list args);
WEFT_API void weft_diag_set_limit(weft_diag_t *diag, int32_t per_id);
/* Moves every entry of `from` to the end of `diag`; `from` is empty afterwards. */
WEFT_API void weft_diag_append(weft_diag_t *diag, weft_diag_t *from);
WEFT_API int32_t weft_diag_n_entries(const weft_diag_t *diag);
WEFT_API const weft_diag_entry_t *weft_diag_entry(const weft_diag_t *diag, int32_t i);
/* How many were added of this severity, also those beyond the limit. */
WEFT_API int64_t weft_diag_n_of(const weft_diag_t *diag, weft_severity_t severity);
WEFT_API int64_t weft_diag_n_of_id(const weft_diag_t *diag, const char *id);
/* Messages that memory was too short for: counted above, but without a text. */
WEFT_API int64_t weft_diag_n_lost(const weft_diag_t *diag);
/* "file:line:column: error: text [id]" per entry; entries left out by the limit are counted at the end. */
WEFT_API void weft_diag_print(const weft_diag_t *diag, FILE *out, weft_severity_t at_least);

/* ---- names: strings as ids 0..n-1 ------------------------------------------------------------------------- */
typedef struct weft_names weft_names_t;
WEFT_API weft_names_t *weft_names_new(void);
WEFT_API void weft_names_free(weft_names_t *names);
/* The id of text[0..length), added where new; -1 where memory is out. O(length). */
WEFT_API int32_t weft_names_add(weft_names_t *names, const char *text, size_t length);
/* The id, or -1 where it is not there. */
WEFT_API int32_t weft_names_find(const weft_names_t *names, const char *text, size_t length);
/* Borrowed, NUL-ended, valid until the table is freed; id must be in range. */
WEFT_API const char *weft_names_text(const weft_names_t *names, int32_t id);
WEFT_API int32_t weft_names_length(const weft_names_t *names, int32_t id);
WEFT_API int32_t weft_names_n(const weft_names_t *names);

/* ---- threads --------------------------------------------------------------------------------------------- */
/* The number used where a call is given 0: WEFT_THREADS, else OMP_NUM_THREADS, else the cgroup's quota, else the
 * processors this process may run on; at least 1. Results never depend on it. The threads are OpenMP's: where other
 * work shares the processors, start the program with GOMP_SPINCOUNT=4000 (as the command weft does), or threads that
 * wait for each other keep the others waiting. */
WEFT_API int32_t weft_threads_default(void);
/* Sets the number for the whole process; 0 returns to the default, which weft_threads asks for once and keeps. */
WEFT_API void weft_threads_set(int32_t n_threads);
WEFT_API int32_t weft_threads(void);

/* ---- progress -------------------------------------------------------------------------------------------- */
/* Called now and then by long calls, from the calling thread; fraction in 0..1. Returning false cancels: the call
 * returns WEFT_ECANCEL with everything freed. */
typedef bool (*weft_progress_fn)(void *context, const char *stage, double fraction);

/* "1.2.3" */
WEFT_API const char *weft_version(void);

#ifdef __cplusplus
}
#endif
#endif
