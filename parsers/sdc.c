/* parsers/sdc.c: the child and its interpreter, and the parent that waits for it. Messages and records come back through one pipe as
 * lines: "D severity line file id text" for the diagnostics, everything else is a record for the caller. */
#include "parsers/sdc.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tcl.h>
#include <time.h>
#include <unistd.h>

struct weft_i_sdc_run {
    Tcl_Interp *tcl;
    const weft_i_sdc_handler_t *handler;
    FILE *pipe;
    int32_t file, line;
    Tcl_Obj *regexp;
};

void weft_i_sdc_emit(weft_i_sdc_run_t *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(run->pipe, format, args);
    va_end(args);
    fputc('\n', run->pipe);
}

void weft_i_sdc_report(weft_i_sdc_run_t *run, weft_severity_t severity, const char *id, const char *format, ...)
{
    char text[900];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p; p++)
        if (*p == '\n' || *p == '\r') *p = ' ';
    fprintf(run->pipe, "D %d %d %d %s %s\n", (int)severity, run->line, run->file, id, text);
}

void weft_i_sdc_result(weft_i_sdc_run_t *run, const char *text) { Tcl_SetObjResult(run->tcl, Tcl_NewStringObj(text, -1)); }
int32_t weft_i_sdc_line(const weft_i_sdc_run_t *run) { return run->line; }
int32_t weft_i_sdc_file(const weft_i_sdc_run_t *run) { return run->file; }

bool weft_i_sdc_list(weft_i_sdc_run_t *run, const char *text, int *n, const char ***items)
{
    (void)run;
    return Tcl_SplitList(NULL, text, n, items) == TCL_OK;
}

bool weft_i_sdc_regexp(weft_i_sdc_run_t *run, const char *pattern, bool nocase)
{
    if (run->regexp) Tcl_DecrRefCount(run->regexp);
    run->regexp = Tcl_ObjPrintf("%s^(?:%s)$", nocase ? "(?i)" : "", pattern);
    Tcl_IncrRefCount(run->regexp);
    return Tcl_GetRegExpFromObj(run->tcl, run->regexp, TCL_REG_ADVANCED) != NULL;
}

bool weft_i_sdc_matches(weft_i_sdc_run_t *run, const char *text)
{
    Tcl_RegExp e = Tcl_GetRegExpFromObj(run->tcl, run->regexp, TCL_REG_ADVANCED);
    return e && Tcl_RegExpExec(run->tcl, e, text, text) == 1;
}

void weft_i_sdc_list_free(const char **items) { Tcl_Free((char *)items); }

/* [3], [*], [7:0]: bus brackets that Tcl took for a command. */
static bool is_bracket(const char *p) { return *p && (!strcmp(p, "*") || p[strspn(p, "0123456789:")] == 0); }

/* ::unknown: whatever Tcl has no command for. */
static int unknown(ClientData data, Tcl_Interp *tcl, int argc, const char *argv[])
{
    weft_i_sdc_run_t *run = data;
    if (argc < 2) return TCL_OK;
    Tcl_ResetResult(tcl);
    if (argc == 2 && is_bracket(argv[1])) {
        Tcl_AppendResult(tcl, "[", argv[1], "]", NULL);
        return TCL_OK;
    }
    if (!run->handler->command(run->handler->context, run, argc - 1, argv + 1))
        weft_i_sdc_report(run, WEFT_WARNING, "sdc-unknown-command", "%s is not a command this reader knows; it is ignored", argv[1]);
    return TCL_OK;
}

/* A file, command by command, so that every message has its line and an error stops only its own command. */
static void run_text(weft_i_sdc_run_t *run, const char *text, size_t size)
{
    const char *p = text, *end = text + size;
    int32_t line = 1;
    while (p < end) {
        while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n' || *p == ';')) line += *p++ == '\n';
        if (p >= end) break;
        Tcl_Parse parse;
        run->line = line;
        if (Tcl_ParseCommand(NULL, p, (int)(end - p), 0, &parse) != TCL_OK) {
            weft_i_sdc_report(run, WEFT_ERROR, "sdc-syntax", "a bracket, brace or quote that opens here is not closed properly");
            while (p < end && *p != '\n') p++;
            continue;
        }
        const char *start = parse.commandStart ? parse.commandStart : p, *stop = start + parse.commandSize;
        for (const char *q = p; q < start; q++) run->line += *q == '\n';
        if (parse.numWords > 0 && Tcl_EvalEx(run->tcl, start, parse.commandSize, TCL_EVAL_GLOBAL) != TCL_OK)
            weft_i_sdc_report(run, WEFT_ERROR, "sdc-error", "%s", Tcl_GetStringResult(run->tcl));
        if (stop <= p) stop = end;
        for (; p < stop; p++) line += *p == '\n';
        Tcl_FreeParse(&parse);
    }
}

static int64_t used_now(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%ld", &pages) != 1) pages = 0;
        fclose(f);
    }
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void child(int fd, const weft_i_text_t *text, int32_t n, const weft_i_sdc_handler_t *handler, double cpu, int64_t memory)
{
    struct rlimit r = {(rlim_t)(cpu + 1), (rlim_t)(cpu + 2)};
    setrlimit(RLIMIT_CPU, &r);
    if (memory > 0) {
        r.rlim_cur = r.rlim_max = (rlim_t)(used_now() + memory);
        setrlimit(RLIMIT_AS, &r);
    }
    r.rlim_cur = r.rlim_max = 0;
    setrlimit(RLIMIT_CORE, &r);
    setrlimit(RLIMIT_FSIZE, &r);
    if (!freopen("/dev/null", "w", stderr)) _exit(5);
    weft_i_sdc_run_t run = {.handler = handler, .pipe = fdopen(fd, "w")};
    run.tcl = Tcl_CreateInterp();
    if (!run.pipe || !run.tcl || Tcl_MakeSafe(run.tcl) != TCL_OK) _exit(5);
    static const char *const gone[] = {"exit", "after", "vwait", "update", "interp", "fileevent", "chan", "puts", "gets", "read", "close", "eof", "fblocked", "fcopy", "flush", "seek", "tell", "trace", "package"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) Tcl_DeleteCommand(run.tcl, gone[i]);
    Tcl_CreateCommand(run.tcl, "unknown", unknown, &run, NULL);
    if (handler->prelude && Tcl_Eval(run.tcl, handler->prelude) != TCL_OK) _exit(5);
    for (int32_t i = 0; i < n; i++) {
        run.file = i;
        run_text(&run, text[i].data, text[i].size);
    }
    fputs("E\n", run.pipe);
    _exit(fflush(run.pipe) ? 6 : 0);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* All the child says, until it closes the pipe or its time is over. */
static weft_status_t collect(int fd, pid_t pid, double limit, weft_i_sdc_out_t *out, bool *late)
{
    double stop = seconds() + limit;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        double left = stop - seconds();
        int r = left <= 0 ? 0 : poll(&p, 1, (int)(left * 1000) + 1);
        if (r < 0 && errno == EINTR) continue;
        if (r <= 0) {
            *late = true;
            kill(pid, SIGKILL);
            return WEFT_OK;
        }
        if (out->size > (int64_t)1 << 29) {
            kill(pid, SIGKILL);
            return WEFT_ELIMIT;
        }
        if (!WEFT_I_ROOM(out->data, out->capacity, out->size + 65536 + 1)) {
            kill(pid, SIGKILL);
            return WEFT_ENOMEM;
        }
        ssize_t n = read(fd, out->data + out->size, 65536);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return WEFT_OK;
        out->size += n;
    }
}

/* Diagnostics go to the diag; records stay, closed by a 0 byte. True where the child said it came to its end. */
static bool sort_out(weft_i_sdc_out_t *out, const char *const *paths, int32_t n_paths, weft_diag_t *diag)
{
    int64_t kept = 0;
    bool ended = false;
    for (char *p = out->data, *end = out->data + out->size; p < end;) {
        char *nl = memchr(p, '\n', (size_t)(end - p));
        if (!nl) break;
        *nl = 0;
        int severity, line, file, at = 0;
        char id[64];
        if (!strcmp(p, "E")) ended = true;
        else if (p[0] == 'D' && p[1] == ' ') {
            if (sscanf(p, "D %d %d %d %63s %n", &severity, &line, &file, id, &at) == 4 && severity >= 0 && severity <= 2 && at)
                weft_diag_add(diag, (weft_severity_t)severity, id, file >= 0 && file < n_paths ? paths[file] : NULL, line, 0, "%s", p + at);
        } else {
            size_t n = (size_t)(nl - p);
            memmove(out->data + kept, p, n);
            kept += (int64_t)n;
            out->data[kept++] = '\n';
        }
        p = nl + 1;
    }
    out->size = kept;
    if (out->data) out->data[kept] = 0;
    return ended;
}

weft_status_t weft_i_sdc_run(const char *const *paths, int32_t n_paths, const weft_i_sdc_handler_t *handler, double cpu, int64_t memory,
                             weft_i_sdc_out_t *out, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int fd[2] = {-1, -1}, how = 0;
    bool late = false;
    *out = (weft_i_sdc_out_t){0};
    weft_i_text_t *text = weft_i_calloc((size_t)n_paths, sizeof *text);
    WEFT_TRY_ALLOC(text);
    for (int32_t i = 0; i < n_paths; i++) WEFT_TRY(weft_i_text_read(&text[i], paths[i], diag));
    if (pipe(fd)) WEFT_TRY(WEFT_EIO);
    pid_t pid = fork();
    if (pid < 0) WEFT_TRY(WEFT_EIO);
    if (!pid) {
        close(fd[0]);
        child(fd[1], text, n_paths, handler, cpu, memory);
    }
    close(fd[1]);
    fd[1] = -1;
    status = collect(fd[0], pid, cpu * 2 + 5, out, &late);
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {}
    if (status == WEFT_ELIMIT) weft_diag_add(diag, WEFT_ERROR, "sdc-output-limit", paths[0], 0, 0, "the constraints gave more than 512 MiB of records and messages");
    if (status != WEFT_OK) goto done;
    bool ended = out->data && sort_out(out, paths, n_paths, diag);
    if (ended) goto done;
    bool slow = late || (WIFSIGNALED(how) && (WTERMSIG(how) == SIGXCPU || WTERMSIG(how) == SIGKILL));
    bool fat = WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT;
    if (slow) weft_diag_add(diag, WEFT_ERROR, "sdc-time-limit", paths[0], 0, 0, "the constraints ran longer than %g s", cpu);
    else if (fat) weft_diag_add(diag, WEFT_ERROR, "sdc-memory-limit", paths[0], 0, 0, "the constraints asked for more than %lld MiB", (long long)(memory >> 20));
    else weft_diag_add(diag, WEFT_ERROR, "sdc-crash", paths[0], 0, 0, "the interpreter ended before the end of the file");
    status = slow || fat ? WEFT_ELIMIT : WEFT_EINPUT;
done:
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0) close(fd[i]);
    for (int32_t i = 0; text && i < n_paths; i++) weft_i_text_destroy(&text[i]);
    weft_i_free(text);
    if (status != WEFT_OK) {
        weft_i_free(out->data);
        *out = (weft_i_sdc_out_t){0};
    }
    return status;
}
