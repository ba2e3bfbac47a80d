/* Paths and queries. Whatever the values are: the result has the template's segments and parameters, none of them a dot
   segment, nothing in it but unreserved characters, %XX and the template's own, and decoding gives the values back. */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define VALUES 16

typedef struct context {
    fuzz_input in;
    oe_text values[VALUES]; /* in the order asked for; p is NULL: there is none */
    size_t n;
} context;

static bool lookup(void *data, const char *name, size_t n, oe_text *value)
{
    context *c = data;
    if (n == 0 || c->n == VALUES || strcspn(name, "{}/,?*=") < n)
        fuzz_fail("names are the template's", name);
    bool absent = fuzz_byte(&c->in) % 8 == 0;
    oe_text text = absent ? (oe_text){ NULL, 0 } : fuzz_text(&c->in);
    c->values[c->n++] = text;
    if (!absent)
        *value = text;
    return !absent;
}

/* The number of the row that the input asks for. */
static const char *pick_template(unsigned choice)
{
    static const char *const own[] = {
        "/a/{x}/{y}/b{?p,q,r}", "/{x}",   "/plain", "/s/{?only}", "{?p}", "/u/{url/}/x", "{x/}/{y/}",
        "/q{?a=x,*b,c?,d=y?}",  "{?*all}"
    };
    size_t n = sizeof own / sizeof *own;
    if (choice < n)
        return own[choice];
    size_t rows = 0;
    for (const oe_module *m = oe_modules; m->name; m++)
        for (const oe_row *row = m->rows; row->name; row++)
            rows++;
    size_t wanted = (choice - n) % rows;
    for (const oe_module *m = oe_modules;; m++)
        for (const oe_row *row = m->rows; row->name; row++)
            if (wanted-- == 0)
                return row->path;
}

static int hex(int c)
{
    return isdigit(c) ? c - '0' : c - 'A' + 10;
}

/* Compares the encoded text that ends at one of `ends` with the value; returns the end. */
static const char *check_value(const char *p, const char *ends, oe_text value, const char *all)
{
    for (size_t i = 0; i < value.n; i++) {
        int c = (unsigned char)*p;
        if (c == '%') {
            if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]) || islower((unsigned char)p[1]) ||
                islower((unsigned char)p[2]))
                fuzz_fail("escapes are %XX", all);
            c = hex(p[1]) * 16 + hex(p[2]);
            p += 2;
        } else if (!c || !(isalnum(c) || strchr("-._~", c))) {
            fuzz_fail("values are unreserved characters and escapes", all);
        }
        if (c != (unsigned char)value.p[i])
            fuzz_fail("decoding gives the value back", all);
        p++;
    }
    if (*p && !strchr(ends, *p))
        fuzz_fail("nothing follows a value but the template", all);
    return p;
}

static const char *check_segment(const char *p, oe_text value, const char *all)
{
    const char *end = check_value(p, "/?", value, all);
    size_t n = (size_t)(end - p);
    if (n == 0 || (n == 1 && *p == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
        fuzz_fail("no empty segment and no dot segment", all);
    return end;
}

/* The value's slashes are the path's. */
static const char *check_path(const char *p, oe_text value, const char *all)
{
    while (memchr(value.p, '/', value.n)) {
        size_t n = (size_t)((const char *)memchr(value.p, '/', value.n) - value.p);
        p = check_segment(p, (oe_text){ value.p, n }, all);
        if (*p++ != '/')
            fuzz_fail("slashes stay", all);
        value = (oe_text){ value.p + n + 1, value.n - n - 1 };
    }
    return check_segment(p, value, all);
}

/* Follows the names from `name` to `close`: "name", "name=argument", "*argument", and "?" behind it. */
static const char *check_query(const char *p, const char *name, const char *close, const context *c, size_t *used,
                               const char *all)
{
    char separator = '?';
    while (name < close) {
        size_t n = strcspn(name, ",}"), own = strcspn(name, "=?,}");
        bool spread = *name == '*', unless_empty = name[n - 1] == '?';
        oe_text value = c->values[(*used)++];
        if (value.p && !((spread || unless_empty) && value.n == 0)) {
            if (*p != separator)
                fuzz_fail("parameters follow each other", all);
            if (spread && memcmp(p + 1, value.p, value.n) != 0)
                fuzz_fail("a spread is written as it is", all);
            if (!spread && (strncmp(p + 1, name, own) != 0 || p[own + 1] != '='))
                fuzz_fail("parameters are the template's, in its order", all);
            p = spread ? p + 1 + value.n : check_value(p + own + 2, "&", value, all);
            separator = '&';
        }
        name += n + 1;
    }
    return p;
}

/* Follows the template through the result. */
static void check(const char *path, const context *c, const char *all)
{
    size_t used = 0;
    const char *p = all;
    while (*path) {
        if (*path != '{') {
            if (*p++ != *path++)
                fuzz_fail("the template's own text is there", all);
            continue;
        }
        const char *close = strchr(path, '}');
        if (path[1] != '?') {
            p = close[-1] == '/' ? check_path(p, c->values[used], all) : check_segment(p, c->values[used], all);
            used++;
        } else {
            p = check_query(p, path + 2, close, c, &used, all);
        }
        path = close + 1;
    }
    if (*p || used != c->n)
        fuzz_fail("nothing but the template and its values", all);
}

/* Did a value deserve to be refused? The last one asked for is the one. */
static void check_refusal(const context *c, const char *problem)
{
    oe_text v = c->values[c->n - 1];
    if (c->n == 0)
        fuzz_fail("a value is refused", problem);
    if (v.n == 0)
        return;
    for (size_t at = 0; at <= v.n;) { /* a segment, or the segments of a path */
        const char *slash = memchr(v.p + at, '/', v.n - at);
        size_t n = slash ? (size_t)(slash - v.p) - at : v.n - at;
        const char *s = v.p + at;
        if (n == 0 || (n == 1 && *s == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
            return;
        at += n + 1;
    }
    fuzz_fail("only what is empty or a dot segment is refused", problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    context c = { .in = { data, size } };
    const char *path = pick_template(fuzz_byte(&c.in));
    oe_buffer out = { 0 };
    oe_text bad;
    const char *problem = oe_uri_expand(&out, path, lookup, &c, &bad);
    oe_buffer_byte(&out, 0);
    if (problem)
        check_refusal(&c, problem);
    else
        check(path, &c, out.p);
    oe_buffer_free(&out);
    return 0;
}
