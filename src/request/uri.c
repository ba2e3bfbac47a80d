/* Expands templates of paths and queries. Nothing else puts anything into a path. */
#include "request/request.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void oe_uri_encode(oe_buffer *out, oe_text text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t plain = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (is_unreserved(c))
            continue;
        char escape[3] = { '%', hex[c >> 4], hex[c & 15] };
        oe_buffer_add(out, text.p + plain, i - plain);
        oe_buffer_add(out, escape, 3);
        plain = i + 1;
    }
    oe_buffer_add(out, text.p + plain, text.n - plain);
}

/* Returns the problem of a segment that a server or proxy would take for none, or for a step in the tree; else NULL. */
static const char *segment_problem(oe_text text)
{
    if (text.n == 0)
        return "must not be empty";
    if ((text.n == 1 && text.p[0] == '.') || (text.n == 2 && memcmp(text.p, "..", 2) == 0))
        return "must not be a dot segment";
    return NULL;
}

/* Appends the segments of a path, each encoded by itself. Returns the problem of one, or NULL. */
static const char *add_segments(oe_buffer *out, oe_text text)
{
    for (size_t at = 0; at <= text.n;) {
        const char *slash = memchr(text.p + at, '/', text.n - at);
        oe_text segment = { text.p + at, slash ? (size_t)(slash - text.p) - at : text.n - at };
        const char *problem = segment_problem(segment);
        if (problem && text.n > segment.n)
            return segment.n > 0           ? "must not have a dot segment"
                   : at > 0 && at < text.n ? "must not have an empty segment"
                                           : "must neither begin nor end with a slash";
        if (problem)
            return problem;
        oe_uri_encode(out, segment);
        if (slash)
            oe_buffer_byte(out, '/');
        at += segment.n + 1;
    }
    return NULL;
}

const char *oe_uri_parameter(const char *list, oe_parameter *into)
{
    if (*list == '}' || *list == 0)
        return NULL;
    into->spread = *list == '*';
    list += into->spread;
    size_t n = strcspn(list, ",}"), name_n = strcspn(list, "=,}");
    const char *next = list + n + (list[n] == ',');
    into->unless_empty = list[n - 1] == '?';
    n -= into->unless_empty;
    into->name = (oe_text){ list, name_n < n ? name_n : n };
    into->of = name_n < n ? (oe_text){ list + name_n + 1, n - name_n - 1 } : into->name;
    return next;
}

/* Appends the parameters of "{?a,b}" that have a value, in this order. */
static void add_query(oe_buffer *out, const char *list, oe_uri_lookup lookup, void *context)
{
    char separator = '?';
    oe_parameter p;
    while ((list = oe_uri_parameter(list, &p)) != NULL) {
        oe_text value;
        if (!lookup(context, p.of.p, p.of.n, &value) || ((p.spread || p.unless_empty) && value.n == 0))
            continue;
        oe_buffer_byte(out, separator);
        separator = '&';
        if (p.spread) {
            oe_buffer_add(out, value.p, value.n);
        } else {
            oe_buffer_add(out, p.name.p, p.name.n);
            oe_buffer_byte(out, '=');
            oe_uri_encode(out, value);
        }
    }
}

/* Appends "{a}", a segment, or "{a/}", a path. Returns the problem of the argument that *name is, or NULL. */
static const char *add_argument(oe_buffer *out, oe_text *name, oe_uri_lookup lookup, void *context)
{
    oe_text value = { "", 0 };
    bool path = name->p[name->n - 1] == '/';
    name->n -= path;
    lookup(context, name->p, name->n, &value);
    const char *problem = path ? add_segments(out, value) : segment_problem(value);
    if (!problem && !path)
        oe_uri_encode(out, value);
    return problem;
}

const char *oe_uri_expand(oe_buffer *out, const char *path, oe_uri_lookup lookup, void *context, oe_text *bad)
{
    for (const char *p = path; *p;) {
        const char *open = strchr(p, '{');
        if (!open) {
            oe_buffer_text(out, p);
            break;
        }
        const char *close = strchr(open, '}');
        oe_buffer_add(out, p, (size_t)(open - p));
        if (open[1] == '?') {
            add_query(out, open + 2, lookup, context);
        } else {
            *bad = (oe_text){ open + 1, (size_t)(close - open - 1) };
            const char *problem = add_argument(out, bad, lookup, context);
            if (problem)
                return problem;
        }
        p = close + 1;
    }
    return NULL;
}

size_t oe_uri_path_n(const char *path)
{
    const char *query = strstr(path, "{?");
    return query ? (size_t)(query - path) : strlen(path);
}
