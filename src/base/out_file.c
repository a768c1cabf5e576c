/* base/out_file.c: output written beside its place and renamed, so that a kill leaves the old file or the new one. */
#include "base/alloc.h"
#include "base/text_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

weft_status_t weft_i_out_open(weft_i_out_t *out, const char *path, weft_diag_t *diag)
{
    *out = (weft_i_out_t){0};
    size_t n = strlen(path);
    out->path = weft_i_strndup(path, n);
    if (!out->path) return WEFT_ENOMEM;
    if (!strcmp(path, "-")) {
        out->file = stdout;
        return WEFT_OK;
    }
    struct stat st;
    if (!stat(path, &st) && !S_ISREG(st.st_mode)) out->file = fopen(path, "w"); /* a device or pipe is written in place */
    else {
        out->temporary = weft_i_malloc(n + 32);
        if (!out->temporary) {
            weft_i_out_abort(out);
            return WEFT_ENOMEM;
        }
        snprintf(out->temporary, n + 32, "%s.tmp.%ld", path, (long)getpid());
        out->file = fopen(out->temporary, "w+");
    }
    if (out->file) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "file-create", path, 0, 0, "%s", strerror(errno));
    weft_i_out_abort(out);
    return WEFT_EIO;
}

/* Packs what was written into PATH.tmp.PID.gz and puts that in its place. */
static bool pack(weft_i_out_t *out)
{
    char buffer[65536], *packed = weft_i_malloc(strlen(out->temporary) + 4);
    if (!packed) return false;
    sprintf(packed, "%s.gz", out->temporary);
    gzFile gz = gzopen(packed, "wb9");
    bool ok = gz && !fflush(out->file) && !fseek(out->file, 0, SEEK_SET);
    for (size_t n; ok && (n = fread(buffer, 1, sizeof buffer, out->file)) > 0;) ok = gzwrite(gz, buffer, (unsigned)n) == (int)n;
    if (gz && gzclose(gz) != Z_OK) ok = false;
    if (ok) ok = !rename(packed, out->temporary);
    if (!ok) unlink(packed);
    weft_i_free(packed);
    return ok;
}

weft_status_t weft_i_out_commit(weft_i_out_t *out, weft_diag_t *diag)
{
    bool ok = !ferror(out->file) && !fflush(out->file);
    size_t n = strlen(out->path);
    errno = ok ? 0 : errno;
    if (out->temporary) {
        if (ok && n > 3 && !strcmp(out->path + n - 3, ".gz")) ok = pack(out);
        if (ok && fsync(fileno(out->file)) && errno != EINVAL) ok = false;
        if (fclose(out->file)) ok = false;
        if (ok) ok = !rename(out->temporary, out->path);
        if (!ok) unlink(out->temporary);
    } else if (out->file != stdout && fclose(out->file)) ok = false;
    out->file = NULL;
    int why = ok ? 0 : errno;
    if (!ok) weft_diag_add(diag, WEFT_ERROR, "file-write", out->path, 0, 0, "%s", why ? strerror(why) : "write failed");
    weft_i_free(out->temporary);
    weft_i_free(out->path);
    *out = (weft_i_out_t){0};
    return ok ? WEFT_OK : why == ENOSPC || why == EDQUOT || why == EFBIG ? WEFT_ELIMIT : WEFT_EIO;
}

void weft_i_out_abort(weft_i_out_t *out)
{
    if (out->file && out->file != stdout) fclose(out->file);
    if (out->temporary) unlink(out->temporary);
    weft_i_free(out->temporary);
    weft_i_free(out->path);
    *out = (weft_i_out_t){0};
}
