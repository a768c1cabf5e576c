/* tests/fuzz/target_session.c: the journal of a session of weft annotate. Input: the file's bytes; or, where it begins with 'R', payloads parted by byte 30, which become whole records (what only a
 * wrong program writes), the last one without its end. Whatever stands there: opening says why not or opens; what it opened it opens again with as many labels; recovering leaves a journal of whole records. */
#include "target_session.h"
#include "annotate/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64], path[96];
static weft_session_t *session; /* its journal is read here, again and again: opening all of it would take a hundred times as long */

static void sweep(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %.60s", folder);
    weft_session_free(session);
    if (system(command)) abort();
}

static weft_status_t replay(weft_diag_t *diag)
{
    weft_session_t *s = session;
    for (int32_t i = 0; i < s->set.n; i++)
        for (int64_t b = 0; b < s->set.at[i]->n_boxes; b++) s->pool.given[i][b] = -1, s->fresh[i][b] = 0;
    s->pool.n_given = s->n_done = s->n_changes = s->n_updates = 0;
    s->flow = false;
    weft_i_journal_close(&s->journal);
    return weft_i_journal_open(&s->journal, path, weft_i_session_replay, s, diag);
}

/* Two recordings of three frames, each of two boxes. */
static void make(void)
{
    static const char text[] = "frame,id,bb_left,bb_top,bb_width,bb_height,conf,class\n1,-1,10,20,30,40,0.5,cup\n1,-1,60,20,30,40,0.5,book\n2,-1,10,20,30,40,0.5,cup\n2,-1,60,20,30,40,0.5,book\n"
                               "3,-1,10,20,30,40,0.5,cup\n3,-1,60,20,30,40,0.5,book\n";
    weft_boxes_doc_t *d = NULL;
    weft_recording_t *r[2] = {NULL, NULL};
    snprintf(folder, sizeof folder, "/tmp/weft-fuzz-session-%ld", (long)getpid());
    snprintf(path, sizeof path, "%s/journal", folder);
    if (weft_boxes_parse(&d, "csv", text, sizeof text - 1, "tiny", NULL) != WEFT_OK) abort();
    for (int i = 0; i < 2; i++)
        if (weft_recording_from_boxes(&r[i], d, i ? "b" : "a", NULL, true, NULL, "tiny", NULL) != WEFT_OK) abort();
    if (weft_session_init(folder, &(weft_recordings_t){r, 2}, NULL, NULL) != WEFT_OK) abort();
    for (int i = 0; i < 2; i++) weft_recording_free(r[i]);
    weft_boxes_free(d);
    if (weft_session_open(&session, folder, NULL) != WEFT_OK) abort();
    close(session->lock); /* recovering wants it */
    session->lock = -1;
    atexit(sweep);
}

static void put32(unsigned char *to, uint32_t v)
{
    for (int k = 0; k < 4; k++) to[k] = (unsigned char)(v >> 8 * k);
}

static void record(FILE *f, const uint8_t *p, size_t n)
{
    unsigned char front[16] = "WREC";
    put32(front + 4, (uint32_t)n);
    put32(front + 8, (uint32_t)crc32_z(0, p, n));
    put32(front + 12, (uint32_t)crc32_z(0, front, 12));
    fwrite(front, 1, sizeof front, f);
    fwrite(p, 1, n, f);
}

static void write_journal(const uint8_t *data, size_t size)
{
    FILE *f = fopen(path, "w");
    if (!f) abort();
    if (size && *data == 'R') {
        const uint8_t *p = data + 1, *end = data + size, *cut;
        fwrite(weft_i_journal_head, 1, sizeof weft_i_journal_head, f);
        for (; (cut = memchr(p, 30, (size_t)(end - p))); p = cut + 1) record(f, p, (size_t)(cut - p));
        fwrite(p, 1, (size_t)(end - p), f);
    } else fwrite(data, 1, size, f);
    fclose(f);
}

void fuzz_journal(const uint8_t *data, size_t size)
{
    int64_t kept, lost;
    if (!*folder) make();
    write_journal(data, size);
    weft_status_t status = replay(NULL);
    if (status == WEFT_OK) {
        int64_t n = session->pool.n_given, records = session->journal.n_records;
        if (n < 0 || n > 12 || weft_i_pool_flow(&session->pool, NULL, NULL) != WEFT_OK || session->pool.n_flowed > 12 - n) abort();
        if (replay(NULL) != WEFT_OK || session->pool.n_given != n || session->journal.n_records != records) abort();
        return;
    }
    if (status != WEFT_EINPUT || weft_session_recover(folder, &kept, &lost, NULL) != WEFT_OK) abort();
    weft_diag_t *diag = weft_diag_new();
    if (replay(diag) != WEFT_OK && weft_diag_n_of_id(diag, "journal-content") != 1) abort(); /* whole records that say what cannot be */
    if (weft_diag_n_of_id(diag, "journal-torn")) abort();
    weft_diag_free(diag);
}
