/* parsers/liberty.c: Liberty text to a flat tree. One pass, no recursion: open groups stand on an explicit stack. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "weft/liberty.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/scan.h"

#include <string.h>

typedef struct parser {
    weft_i_scan_t s;
    weft_liberty_t *doc;
    int64_t capacity, stack_capacity, depth;
    int32_t *stack;
    weft_status_t status;
} parser_t;

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '+'
        || c == '[' || c == ']' || c == '$' || c == '!' || c == '\'' || c == '*' || c == '/' || c == '<' || c == '>' || c == '%' || c == '&' || c == '|'
        || c == '^' || c == '=' || c == '@' || c == '#' || c == '~' || c == '?' || (unsigned char)c >= 0x80;
}

/* Blanks, comments, backslash-newline. */
static void skip_blank(weft_i_scan_t *s)
{
    while (s->p < s->end) {
        char c = *s->p;
        if (c == '\n') {
            s->p++;
            weft_i_scan_newline(s);
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\\' || c == 0) s->p++;
        else if (c == '/' && s->p[1] == '*') {
            for (s->p += 2; s->p < s->end && !(s->p[0] == '*' && s->p[1] == '/'); s->p++)
                if (*s->p == '\n') {
                    s->line++;
                    s->line_start = s->p + 1;
                }
            s->p = s->p + 2 < s->end ? s->p + 2 : s->end;
        } else if (c == '/' && s->p[1] == '/') {
            while (s->p < s->end && *s->p != '\n') s->p++;
        } else return;
    }
}

/* Moves behind a quoted string that starts at p. */
static void skip_string(weft_i_scan_t *s)
{
    s->p++;
    while ((s->p = weft_i_scan_find(s->p, s->end, '"', '\\', '\n')) < s->end) {
        char c = *s->p++;
        if (c == '"') return;
        if (c == '\n') weft_i_scan_newline(s);
        else if (s->p < s->end && *s->p == '"') s->p++;
    }
}

/* Behind the closing bracket that matches the one at p. */
static bool skip_nested(weft_i_scan_t *s, char open, char close)
{
    int64_t depth = 0;
    while (s->p < s->end) {
        char c = *s->p;
        if (c == '"') {
            skip_string(s);
            continue;
        }
        if (c == '/' && s->p[1] == '*') {
            skip_blank(s);
            continue;
        }
        s->p++;
        if (c == '\n') weft_i_scan_newline(s);
        else if (c == open) depth++;
        else if (c == close && !--depth) return true;
    }
    return false;
}

/* Groups that carry no timing of ours. */
static bool passed_over(const char *name, int32_t n)
{
    static const char *const prefix[] = {"internal_power", "leakage_power", "output_current_", "receiver_capacitance", "ocv_", "ecsm_", "ccsn_",
                                         "dc_current", "output_voltage", "propagated_noise", "noise_immunity", "steady_state_current", "power_lut_template",
                                         "intrinsic_", "dynamic_current", "switching_group", "pg_current", "normalized_driver_waveform", "hyperbolic_noise",
                                         "compact_ccs", "electromigration", "rise_power", "fall_power", "input_voltage", "noise_lut_template", "em_lut_template",
                                         "base_curves", "sensitization", "variation_"};
    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) {
        size_t k = strlen(prefix[i]);
        if ((size_t)n >= k && !memcmp(name, prefix[i], k)) return true;
    }
    return false;
}

static weft_liberty_item_t *push(parser_t *p, const char *name, const char *name_end, uint8_t kind, int32_t line)
{
    if (!WEFT_I_ROOM(p->doc->item, p->capacity, p->doc->n_items + 1)) {
        p->status = WEFT_ENOMEM;
        return NULL;
    }
    weft_liberty_item_t *x = &p->doc->item[p->doc->n_items++];
    *x = (weft_liberty_item_t){.name = name, .text = "", .name_length = (int32_t)(name_end - name), .end = p->doc->n_items, .line = line, .kind = kind};
    return x;
}

static void trim(const char **a, const char **b)
{
    while (*a < *b && (unsigned char)**a <= ' ') ++*a;
    while (*b > *a && (unsigned char)(*b)[-1] <= ' ') --*b;
    if (*b - *a >= 2 && **a == '"' && (*b)[-1] == '"' && !memchr(*a + 1, '"', (size_t)(*b - *a) - 2)) {
        ++*a;
        --*b;
    }
}

/* name : value ;   The value ends at ';' or at the line's end. */
static void attribute(parser_t *p, const char *name, const char *name_end, int32_t line)
{
    weft_i_scan_t *s = &p->s;
    const char *a = ++s->p;
    while (s->p < s->end && *s->p != ';' && *s->p != '\n' && *s->p != '}') {
        if (*s->p == '"') skip_string(s);
        else if (*s->p == '\\' && (s->p[1] == '\n' || s->p[1] == '\r')) {
            s->p += s->p[1] == '\r' && s->p[2] == '\n' ? 3 : 2;
            weft_i_scan_newline(s);
        } else if (*s->p == '/' && s->p[1] == '*') break;
        else s->p++;
    }
    const char *b = s->p;
    if (s->p < s->end && *s->p == ';') s->p++;
    trim(&a, &b);
    weft_liberty_item_t *x = push(p, name, name_end, WEFT_LIBERTY_ATTRIBUTE, line);
    if (!x) return;
    x->text = a;
    x->text_length = (int32_t)(b - a);
}

/* name ( args ) then ';' or '{'. */
static void complex_or_group(parser_t *p, const char *name, const char *name_end, int32_t line)
{
    weft_i_scan_t *s = &p->s;
    const char *a = s->p + 1;
    if (!skip_nested(s, '(', ')')) {
        weft_i_scan_error(s, name, "liberty-syntax", "%.*s ( is not closed", (int)(name_end - name), name);
        return;
    }
    const char *b = s->p - 1;
    skip_blank(s);
    bool group = s->p < s->end && *s->p == '{';
    if (group && p->depth && passed_over(name, (int32_t)(name_end - name))) {
        p->doc->n_skipped++;
        if (!skip_nested(s, '{', '}')) weft_i_scan_error(s, name, "liberty-unclosed", "%.*s { is not closed", (int)(name_end - name), name);
        return;
    }
    trim(&a, &b);
    weft_liberty_item_t *x = push(p, name, name_end, group ? WEFT_LIBERTY_GROUP : WEFT_LIBERTY_COMPLEX, line);
    if (!x) return;
    x->text = a;
    x->text_length = (int32_t)(b - a);
    if (group) {
        s->p++;
        if (!WEFT_I_ROOM(p->stack, p->stack_capacity, p->depth + 1)) {
            p->status = WEFT_ENOMEM;
            return;
        }
        p->stack[p->depth++] = p->doc->n_items - 1;
    } else if (s->p < s->end && *s->p == ';') s->p++;
}

static void parse(parser_t *p)
{
    weft_i_scan_t *s = &p->s;
    while (p->status == WEFT_OK && s->n_errors < s->max_errors) {
        skip_blank(s);
        if (s->p >= s->end) break;
        const char *name = s->p;
        int32_t line = s->line;
        if (*s->p == '}') {
            s->p++;
            if (!p->depth) weft_i_scan_error(s, name, "liberty-syntax", "} closes nothing");
            else {
                p->doc->item[p->stack[--p->depth]].end = p->doc->n_items;
                if (!p->depth) break;
            }
            continue;
        }
        if (*s->p == ';' || *s->p == ',') {
            s->p++;
            continue;
        }
        const char *name_end;
        if (*s->p == '"') {
            skip_string(s);
            name_end = s->p;
        } else {
            while (s->p < s->end && is_word(*s->p)) s->p++;
            name_end = s->p;
        }
        if (name_end == name) {
            weft_i_scan_error(s, name, "liberty-syntax", "unexpected '%c'", *name >= ' ' && *name < 127 ? *name : '?');
            while (s->p < s->end && *s->p != '\n' && *s->p != '}') s->p++;
            if (s->p == name) s->p++;
            continue;
        }
        skip_blank(s);
        if (s->p < s->end && *s->p == ':') attribute(p, name, name_end, line);
        else if (s->p < s->end && *s->p == '(') complex_or_group(p, name, name_end, line);
        else {
            weft_i_scan_error(s, name, "liberty-syntax", "':' or '(' expected after %.*s", (int)(name_end - name > 60 ? 60 : name_end - name), name);
            while (s->p < s->end && *s->p != '\n' && *s->p != '}' && *s->p != ';') s->p++;
        }
    }
    if (p->depth) {
        weft_i_scan_error(s, NULL, "liberty-unclosed", "the file ends inside %.*s, opened in line %d", p->doc->item[p->stack[p->depth - 1]].name_length,
                          p->doc->item[p->stack[p->depth - 1]].name, p->doc->item[p->stack[p->depth - 1]].line);
        while (p->depth) p->doc->item[p->stack[--p->depth]].end = p->doc->n_items;
    }
}

static weft_status_t parse_text(weft_liberty_t **liberty, weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parser_t p = {0};
    *liberty = NULL;
    weft_i_text_t *kept = NULL;
    WEFT_TRY_ALLOC(kept = weft_i_malloc(sizeof *kept));
    *kept = *text;
    *text = (weft_i_text_t){0};
    weft_liberty_t *doc = weft_i_calloc(1, sizeof *doc);
    if (!doc) {
        weft_i_text_destroy(kept);
        weft_i_free(kept);
        return WEFT_ENOMEM;
    }
    doc->private_data = kept;
    p.doc = doc;
    weft_i_scan_init(&p.s, kept->data, kept->size, file, diag);
    doc->hash = XXH3_64bits(kept->data, kept->size);
    parse(&p);
    status = p.status;
    if (status == WEFT_OK && (!doc->n_items || doc->item[0].kind != WEFT_LIBERTY_GROUP || doc->item[0].name_length != 7 || memcmp(doc->item[0].name, "library", 7))) {
        weft_diag_add(diag, WEFT_ERROR, "liberty-no-library", file, 1, 0, "the file does not begin with a library group");
        status = WEFT_EINPUT;
    }
    if (status == WEFT_OK && doc->n_skipped)
        weft_diag_add(diag, WEFT_NOTE, "liberty-skipped", file, 0, 0, "%lld groups of power, noise, current or variation data passed over", (long long)doc->n_skipped);
    weft_i_free(p.stack);
    if (status == WEFT_OK) *liberty = doc;
    else weft_liberty_free(doc);
    return status;
done:
    weft_i_text_destroy(text);
    return status;
}

weft_status_t weft_liberty_read(weft_liberty_t **liberty, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *liberty = NULL;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    return status == WEFT_OK ? parse_text(liberty, &text, path, diag) : status;
}

weft_status_t weft_liberty_parse(weft_liberty_t **liberty, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_i_text_t text;
    *liberty = NULL;
    weft_status_t status = weft_i_text_copy(&text, data, size);
    return status == WEFT_OK ? parse_text(liberty, &text, file, diag) : status;
}

void weft_liberty_free(weft_liberty_t *doc)
{
    if (!doc) return;
    if (doc->private_data) {
        weft_i_text_destroy(doc->private_data);
        weft_i_free(doc->private_data);
    }
    weft_i_free(doc->item);
    weft_i_free(doc);
}
