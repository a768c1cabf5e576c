/* parsers/xml.c: see parsers/xml.h. */
#include "config.h"
#include "parsers/xml.h"
#include "base/alloc.h"
#include "parsers/boxes.h"

#include <dlfcn.h>
#include <libxml/xmlreader.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

/* libxml2 brings ICU and the C++ library with it, whose loading takes longer than many a command does, and few read XML: it is loaded at the first call, not with weft. */
#define CALLS \
    CALL(FreeTextReader) CALL(GetLineNo) CALL(ReaderForMemory) CALL(TextReaderConstLocalName) CALL(TextReaderCurrentNode) CALL(TextReaderDepth) CALL(TextReaderGetAttribute) \
    CALL(TextReaderIsEmptyElement) CALL(TextReaderLocatorLineNumber) CALL(TextReaderNodeType) CALL(TextReaderRead) CALL(TextReaderReadString) CALL(TextReaderSetErrorHandler)
static struct {
#define CALL(name) __typeof__(xml##name) *name;
    CALLS
#undef CALL
    xmlFreeFunc *Free; /* libxml2's own is a variable */
} xml; /* written once, by load */
static pthread_once_t loading = PTHREAD_ONCE_INIT;
static bool loaded;

static void load(void)
{
    void *lib = dlopen(WEFT_XML_SONAME, RTLD_NOW | RTLD_LOCAL);
    loaded = lib && (*(void **)&xml.Free = dlsym(lib, "xmlFree"));
#define CALL(name) loaded = loaded && (*(void **)&xml.name = dlsym(lib, "xml" #name));
    CALLS
#undef CALL
}

int32_t weft_i_xml_line(const weft_i_xml_t *x)
{
    xmlNodePtr at = xml.TextReaderCurrentNode(x->r); /* the parser itself has read ahead */
    long n = at ? xml.GetLineNo(at) : 0;
    return n > 0 && n < INT_MAX ? (int32_t)n : 0;
}

void weft_i_xml_wrong(weft_i_xml_t *x, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(x->diag, WEFT_ERROR, id, x->file, weft_i_xml_line(x), 0, format, args);
    va_end(args);
    x->n_errors++;
}

bool weft_i_xml_at(const weft_i_xml_t *x, const char *path)
{
    for (int d = 0; d <= x->depth; d++) {
        size_t n = strcspn(path, "/");
        if (d >= WEFT_I_XML_DEPTH || strlen(x->name[d]) != n || strncmp(x->name[d], path, n)) return false;
        path += n;
        if (d < x->depth && *path++ != '/') return false;
    }
    return !*path;
}

char *weft_i_xml_attribute(weft_i_xml_t *x, const char *name)
{
    xmlChar *v = xml.TextReaderGetAttribute(x->r, (const xmlChar *)name);
    if (!v) return NULL;
    char *own = weft_i_strndup((const char *)v, strlen((const char *)v));
    (*xml.Free)(v);
    if (!own) x->status = WEFT_ENOMEM;
    return own;
}

int weft_i_xml_number(weft_i_xml_t *x, const char *name, double *to)
{
    char *v = weft_i_xml_attribute(x, name);
    int answer = !v ? 0 : weft_i_boxes_number(v, strlen(v), to) ? 1 : -1;
    weft_i_free(v);
    return answer;
}

char *weft_i_xml_text(weft_i_xml_t *x)
{
    xmlChar *v = xml.TextReaderReadString(x->r);
    const char *p = v ? (const char *)v : "";
    while (*p && strchr(" \t\r\n", *p)) p++;
    size_t n = strlen(p);
    while (n && strchr(" \t\r\n", p[n - 1])) n--;
    char *own = weft_i_strndup(p, n);
    if (v) (*xml.Free)(v);
    if (!own) x->status = WEFT_ENOMEM;
    return own;
}

static void told(void *context, const char *text, xmlParserSeverities severity, xmlTextReaderLocatorPtr at)
{
    weft_i_xml_t *x = context;
    if (severity != XML_PARSER_SEVERITY_ERROR && severity != XML_PARSER_SEVERITY_VALIDITY_ERROR) return;
    weft_diag_add(x->diag, WEFT_ERROR, x->id_xml, x->file, xml.TextReaderLocatorLineNumber(at), 0, "%.*s", (int)strcspn(text, "\n"), text);
    x->n_errors++;
}

/* The line of a document type in front of the root, 0: none. It is looked for before the parser sees a byte: the parser reads ahead, and what it reads may use entities. */
static int32_t doctype(const char *p, const char *end)
{
    int32_t line = 1;
    while (p < end) {
        if (*p == '\n') line++;
        if (*p != '<') {
            p++;
            continue;
        }
        const char *stop = end - p >= 4 && !memcmp(p, "<!--", 4) ? "-->" : end - p >= 2 && p[1] == '?' ? "?>" : NULL;
        if (!stop) return end - p >= 9 && !memcmp(p, "<!DOCTYPE", 9) ? line : 0;
        const char *to = memmem(p + 2, (size_t)(end - p - 2), stop, strlen(stop));
        if (!to) return 0;
        for (; p < to; p++) line += *p == '\n';
    }
    return 0;
}

weft_status_t weft_i_xml_walk(weft_i_xml_t *x, const char *data, size_t size)
{
    int more = 1, line = doctype(data, data + size);
    if (size > INT_MAX) {
        weft_diag_add(x->diag, WEFT_ERROR, x->id_xml, x->file, 0, 0, "a file of 2 GB or more");
        return WEFT_ELIMIT;
    }
    if (line) {
        weft_diag_add(x->diag, WEFT_ERROR, x->id_doctype, x->file, line, 0, "a document type is not read (its entities could be anything)");
        return WEFT_EINPUT;
    }
    pthread_once(&loading, load);
    if (!loaded) {
        weft_diag_add(x->diag, WEFT_ERROR, "xml-absent", x->file, 0, 0, "libxml2 (" WEFT_XML_SONAME ") cannot be loaded");
        return WEFT_EUSAGE;
    }
    if (!(x->r = xml.ReaderForMemory(data, (int)size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT))) return WEFT_ENOMEM;
    xml.TextReaderSetErrorHandler(x->r, told, x);
    while (x->status == WEFT_OK && x->n_errors < 20 && (more = xml.TextReaderRead(x->r)) == 1) {
        int type = xml.TextReaderNodeType(x->r);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE) { /* in another encoding, where the bytes did not show it */
            weft_i_xml_wrong(x, x->id_doctype, "a document type is not read (its entities could be anything)");
            break;
        }
        if (type != XML_READER_TYPE_ELEMENT && type != XML_READER_TYPE_END_ELEMENT) continue;
        x->depth = xml.TextReaderDepth(x->r);
        x->own = (const char *)xml.TextReaderConstLocalName(x->r);
        if (x->depth < WEFT_I_XML_DEPTH) x->name[x->depth] = x->own;
        if (x->depth >= WEFT_I_XML_DEPTH && !x->deep) continue; /* nothing that the caller knows is so deep */
        bool opens = type == XML_READER_TYPE_ELEMENT, empty = opens && xml.TextReaderIsEmptyElement(x->r) == 1;
        if (opens) x->open(x);
        if ((!opens || empty) && x->close && x->status == WEFT_OK) x->close(x);
    }
    if (x->status == WEFT_OK && !x->n_errors && more < 0) weft_i_xml_wrong(x, x->id_xml, "the document ends too early");
    xml.FreeTextReader(x->r);
    x->r = NULL;
    return x->status != WEFT_OK ? x->status : x->n_errors ? WEFT_EINPUT : WEFT_OK;
}
