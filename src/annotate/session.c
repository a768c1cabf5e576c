/* annotate/session.c: a session's folder: making it whole or not at all, opening it alone, closing it. */
#include "annotate/session.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void weft_i_session_path(const weft_session_t *s, const char *name, char to[4096]) { snprintf(to, 4096, "%s/%s", s->folder, name); }

static weft_status_t refused(const char *path, const char *id, weft_diag_t *diag)
{
    int why = errno;
    weft_diag_add(diag, WEFT_ERROR, id, path, 0, 0, "%s", strerror(why));
    return why == ENOSPC || why == EDQUOT || why == EFBIG ? WEFT_ELIMIT : WEFT_EIO;
}

/* ---- making -------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t check(const weft_recordings_t *set, const weft_session_options_t *o, weft_diag_t *diag)
{
    weft_names_t *names = weft_names_new();
    weft_status_t status = names ? WEFT_OK : WEFT_ENOMEM;
    for (int32_t i = 0; i < set->n && status == WEFT_OK; i++) {
        const char *name = set->at[i]->name;
        bool good = *name && *name != '.' && !strchr(name, '/');
        for (const char *p = name; *p; p++) good &= (unsigned char)*p >= 0x20;
        if (good && weft_names_add(names, name, strlen(name)) == i) continue;
        weft_diag_add(diag, WEFT_ERROR, "session-name", NULL, 0, 0, "recording %d is called \"%s\": names must differ, and hold neither / nor control characters", i + 1, name);
        status = WEFT_EINPUT;
    }
    bool known = !strcmp(o->model, "impn") || !strcmp(o->model, "mlp");
    for (const char *const *m = weft_model_names(); *m; m++) known |= !strcmp(*m, o->model);
    if (status == WEFT_OK && !known) {
        weft_diag_add(diag, WEFT_ERROR, "session-model", NULL, 0, 0, "no model %s (impn, mlp, gcn, gat, ..)", o->model);
        status = WEFT_EUSAGE;
    }
    weft_names_free(names);
    return status;
}

static void remove_all(const char *folder)
{
    char path[4096];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path) continue;
        if (unlink(path) && (errno == EISDIR || errno == EPERM)) remove_all(path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

static weft_status_t sync_folder(const char *folder, weft_diag_t *diag)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return refused(folder, "file-open", diag);
    weft_status_t status = fsync(fd) && errno != EINVAL ? refused(folder, "file-write", diag) : WEFT_OK;
    close(fd);
    return status;
}

static weft_status_t write_about(const char *path, const weft_session_options_t *o, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fprintf(out.file, "{\"kind\":\"weft-annotate-1\",\"model\":\"%s\",\"seed\":%llu}\n", o->model, (unsigned long long)o->seed);
    return weft_i_out_commit(&out, diag);
}

static weft_status_t fill(const char *folder, const weft_recordings_t *set, const weft_session_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096 + 300];
    snprintf(path, sizeof path, "%.4000s/recordings", folder);
    if (mkdir(folder, 0777) || mkdir(path, 0777)) return refused(folder, "file-create", diag);
    for (int32_t i = 0; i < set->n; i++) {
        snprintf(path, sizeof path, "%.4000s/recordings/%.255s", folder, set->at[i]->name);
        WEFT_TRY(weft_recording_write(set->at[i], path, diag));
        WEFT_TRY(sync_folder(path, diag));
    }
    snprintf(path, sizeof path, "%.4000s/recordings/classes.txt", folder);
    WEFT_TRY(weft_classes_write(&set->at[0]->classes, path, diag));
    snprintf(path, sizeof path, "%.4000s/recordings", folder);
    WEFT_TRY(sync_folder(path, diag));
    snprintf(path, sizeof path, "%.4000s/session.json", folder);
    WEFT_TRY(write_about(path, o, diag));
    snprintf(path, sizeof path, "%.4000s/journal", folder);
    WEFT_TRY(weft_i_journal_make(path, diag));
    WEFT_TRY(sync_folder(folder, diag));
done:
    return status;
}

weft_status_t weft_session_init(const char *folder, const weft_recordings_t *set, const weft_session_options_t *given, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char beside[4096], parent[4096];
    struct stat st;
    size_t n = strlen(folder);
    weft_session_options_t o = given ? *given : (weft_session_options_t){.seed = 1};
    if (!o.model) o.model = "impn";
    while (n > 1 && folder[n - 1] == '/') n--;
    if (n > 3900) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", NULL, 0, 0, "%s", strerror(ENAMETOOLONG));
        return WEFT_EIO;
    }
    snprintf(beside, sizeof beside, "%.*s.tmp.%ld", (int)n, folder, (long)getpid());
    const char *slash = memrchr(folder, '/', n);
    snprintf(parent, sizeof parent, "%.*s", slash ? slash == folder ? 1 : (int)(slash - folder) : 1, slash ? folder : ".");
    if (!set->n) {
        weft_diag_add(diag, WEFT_ERROR, "session-name", NULL, 0, 0, "no recording");
        return WEFT_EINPUT;
    }
    if ((status = check(set, &o, diag)) != WEFT_OK) return status;
    if (!stat(folder, &st) && (!S_ISDIR(st.st_mode) || (rmdir(folder) && errno != ENOENT))) {
        weft_diag_add(diag, WEFT_ERROR, "session-exists", folder, 0, 0, "is there already, and is not an empty folder");
        return WEFT_EINPUT;
    }
    WEFT_TRY(fill(beside, set, &o, diag));
    if (rename(beside, folder)) WEFT_TRY(refused(folder, "file-create", diag));
    return sync_folder(parent, diag);
done:
    remove_all(beside);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t take_lock(weft_session_t *s, weft_diag_t *diag)
{
    char path[4096], pid[32] = "";
    weft_i_session_path(s, "session.json", path);
    if (access(path, F_OK)) {
        weft_diag_add(diag, WEFT_ERROR, "session-none", s->folder, 0, 0, "there is no session (weft annotate init makes one)");
        return WEFT_EINPUT;
    }
    weft_i_session_path(s, "lock", path);
    if ((s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0) return refused(path, "file-open", diag);
    if (flock(s->lock, LOCK_EX | LOCK_NB)) {
        ssize_t n = pread(s->lock, pid, sizeof pid - 1, 0);
        pid[n > 0 ? strcspn(pid, "\n") : 0] = 0;
        weft_diag_add(diag, WEFT_ERROR, "session-locked", s->folder, 0, 0, "another process%s%s has this session open", *pid ? " " : "", pid);
        return WEFT_EINPUT;
    }
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid()); /* for the other's message; a full disk may keep it */
    if (ftruncate(s->lock, 0) || pwrite(s->lock, pid, (size_t)length, 0) != length) (void)0;
    return WEFT_OK;
}

/* What a killed process left half-written beside its place. */
static void sweep(const weft_session_t *s)
{
    char path[4096];
    DIR *d = opendir(s->folder);
    for (struct dirent *e; d && (e = readdir(d));)
        if (strstr(e->d_name, ".tmp.") && snprintf(path, sizeof path, "%s/%s", s->folder, e->d_name) < (int)sizeof path) unlink(path);
    if (d) closedir(d);
}

static weft_status_t read_about(weft_session_t *s, weft_diag_t *diag)
{
    char path[4096];
    json_error_t at;
    weft_status_t status = WEFT_OK;
    weft_i_session_path(s, "session.json", path);
    json_t *o = json_load_file(path, 0, &at);
    const char *kind = json_string_value(json_object_get(o, "kind")), *model = json_string_value(json_object_get(o, "model")), *name = NULL;
    for (const char *const *m = weft_model_names(); model && *m; m++)
        if (!strcmp(*m, model)) name = *m;
    if (!kind || strcmp(kind, "weft-annotate-1") || !name) {
        weft_diag_add(diag, WEFT_ERROR, "session-file", path, o ? 0 : at.line, 0, "%s", o ? "not the file of a session that this version knows" : at.text);
        status = WEFT_EINPUT;
    } else {
        s->options = weft_box_defaults(name);
        s->options.seed = (uint64_t)json_integer_value(json_object_get(o, "seed"));
    }
    json_decref(o);
    return status;
}

weft_status_t weft_session_open(weft_session_t **out, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    weft_session_t *s = weft_i_calloc(1, sizeof *s);
    *out = NULL;
    if (!s) return WEFT_ENOMEM;
    s->lock = s->journal.fd = -1;
    WEFT_TRY_ALLOC(s->folder = weft_i_strndup(folder, strlen(folder)));
    WEFT_TRY(take_lock(s, diag));
    sweep(s);
    WEFT_TRY(read_about(s, diag));
    weft_i_session_path(s, "recordings", path);
    WEFT_TRY(weft_recordings_read(&s->set, path, diag));
    WEFT_TRY(weft_i_pool_init(&s->pool, &s->set));
    WEFT_TRY_ALLOC(s->names = weft_names_new());
    WEFT_TRY_ALLOC(s->fresh = weft_i_calloc((size_t)s->set.n, sizeof *s->fresh));
    for (int32_t i = 0; i < s->set.n; i++) {
        WEFT_TRY_ALLOC(weft_names_add(s->names, s->set.at[i]->name, strlen(s->set.at[i]->name)) == i);
        WEFT_TRY_ALLOC(s->fresh[i] = weft_i_calloc((size_t)s->set.at[i]->n_boxes + 1, 1));
    }
    weft_i_session_path(s, "journal", path);
    WEFT_TRY(weft_i_journal_open(&s->journal, path, weft_i_session_replay, s, diag));
    if (s->flow) WEFT_TRY(weft_i_pool_flow(&s->pool, NULL, NULL));
    *out = s;
    s = NULL;
done:
    weft_session_free(s);
    return status;
}

void weft_session_free(weft_session_t *s)
{
    if (!s) return;
    weft_i_pool_destroy(&s->pool);
    for (int32_t i = 0; s->fresh && i < s->set.n; i++) weft_i_free(s->fresh[i]);
    weft_i_free(s->fresh);
    weft_recordings_destroy(&s->set);
    weft_i_journal_close(&s->journal);
    weft_names_free(s->names);
    weft_i_free(s->change);
    weft_i_free(s->done);
    weft_i_free(s->update);
    weft_i_free(s->folder);
    if (s->lock >= 0) close(s->lock);
    weft_i_free(s);
}
