/* cli/json_out.c: results as JSON, to a file or to standard output. */
#include "cli/json_out.h"

#include <errno.h>
#include <math.h>
#include <string.h>

FILE *cli_json_open(const char *path, weft_diag_t *diag)
{
    FILE *f = !strcmp(path, "-") ? stdout : fopen(path, "w");
    if (!f) weft_diag_add(diag, WEFT_ERROR, "file-create", path, 0, 0, "%s", strerror(errno));
    return f;
}

weft_status_t cli_json_end(FILE *f, weft_diag_t *diag)
{
    bool bad = ferror(f) || fflush(f);
    int why = errno;
    if (f != stdout && fclose(f)) bad = true;
    if (!bad) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "file-write", NULL, 0, 0, "%s", strerror(why));
    return why == ENOSPC || why == EFBIG || why == EDQUOT ? WEFT_ELIMIT : WEFT_EIO;
}

weft_status_t cli_json_close(FILE *f, weft_status_t status, weft_diag_t *diag)
{
    weft_status_t ended = cli_json_end(f, diag);
    return status == WEFT_OK ? ended : status;
}

void cli_json_text(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '"' || *p == '\\') fprintf(f, "\\%c", *p);
        else if (*p < 0x20) fprintf(f, "\\u%04x", *p);
        else fputc(*p, f);
    fputc('"', f);
}

void cli_json_number(FILE *f, double x)
{
    if (isfinite(x)) fprintf(f, "%.6f", x);
    else fputs("null", f);
}
