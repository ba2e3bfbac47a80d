/* Expands templates of paths and queries. Nothing else puts anything into a path. */
#include "request/request.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static void add_encoded(oe_buffer *out, oe_text text)
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

/* Appends "{?a,b}": the parameters that have a value, in this order. `list` ends before the brace. */
static void add_query(oe_buffer *out, const char *list, const char *end, oe_uri_lookup lookup, void *context)
{
    char separator = '?';
    while (list < end) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        size_t n = (size_t)((comma ? comma : end) - list);
        oe_text value;
        if (lookup(context, list, n, &value)) {
            oe_buffer_byte(out, separator);
            oe_buffer_add(out, list, n);
            oe_buffer_byte(out, '=');
            add_encoded(out, value);
            separator = '&';
        }
        list += n + 1;
    }
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
            add_query(out, open + 2, close, lookup, context);
        } else {
            oe_text value = { "", 0 };
            lookup(context, open + 1, (size_t)(close - open - 1), &value);
            const char *problem = segment_problem(value);
            if (problem) {
                *bad = (oe_text){ open + 1, (size_t)(close - open - 1) };
                return problem;
            }
            add_encoded(out, value);
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
