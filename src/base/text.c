/* Shows people texts of others: on one line, bounded, and without anything that a terminal or a log obeys. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."

/* Reads the code point at the start of the text; returns its size. A byte that is no UTF-8 is NO_CODE, of size 1. */
#define NO_CODE 0xffffffffu
static size_t decode(const char *text, size_t n, unsigned *code)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t size = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0x80 ? 2 : 1;
    *code = s[0];
    if (size == 1)
        return 1;
    if (size > n || !oe_text_is_utf8(text, size)) {
        *code = NO_CODE;
        return 1;
    }
    *code &= 0x7fu >> size;
    for (size_t i = 1; i < size; i++)
        *code = *code << 6 | (s[i] & 0x3fu);
    return size;
}

/* Is it a control, a line separator, or a mark that turns the direction of a line around? */
static bool is_obeyed(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Writes how the character is shown, if not as itself; returns how many bytes, or 0. */
static size_t escape(char *out, size_t room, unsigned code, unsigned char byte, bool quoted)
{
    int n = 0;
    if (quoted && (code == '"' || code == '\\'))
        n = snprintf(out, room, "\\%c", (int)code);
    else if (code == NO_CODE)
        n = snprintf(out, room, "\\x%02x", byte);
    else if (!is_obeyed(code))
        return 0;
    else if (code == '\n' || code == '\r' || code == '\t')
        n = snprintf(out, room, "\\%c", code == '\n' ? 'n' : code == '\r' ? 'r' : 't');
    else
        n = snprintf(out, room, code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
    return (size_t)n;
}

void oe_text_show(oe_buffer *out, const char *text, size_t n, size_t limit, bool quoted)
{
    size_t start = out->n, fits = start, plain = 0, tail = sizeof ELLIPSIS - 1;
    for (size_t i = 0; i < n && out->n - start + (i - plain) <= limit;) {
        unsigned code;
        char shown[16];
        size_t size = decode(text + i, n - i, &code);
        size_t length = escape(shown, sizeof shown, code, (unsigned char)text[i], quoted);
        if (length) {
            oe_buffer_add(out, text + plain, i - plain);
            oe_buffer_add(out, shown, length);
            plain = i + size;
        }
        i += size;
        size_t so_far = out->n - start + (i - plain);
        if (limit >= tail && so_far <= limit - tail)
            fits = start + so_far;
        if (i == n || so_far > limit) {
            oe_buffer_add(out, text + plain, i - plain);
            plain = i;
        }
    }
    if (out->failed || out->n - start <= limit)
        return;
    out->n = fits;
    oe_buffer_text(out, ELLIPSIS);
}

size_t oe_text_cut(const char *text, size_t n, size_t limit)
{
    if (n <= limit)
        return n;
    for (size_t cut = limit; cut > 0 && limit - cut < 4; cut--)
        if (((unsigned char)text[cut] & 0xc0) != 0x80)
            return cut;
    return limit;
}

void oe_text_log(const char *where, const char *text, size_t n, size_t limit)
{
    oe_buffer line = { 0 };
    oe_text_show(&line, text, n, limit, false);
    if (!line.failed)
        fprintf(stderr, "oneentry: %s: %.*s\n", where, (int)line.n, line.n ? line.p : "");
    oe_buffer_free(&line);
}
