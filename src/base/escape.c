/* Escapes of JSON, HTML, urls and programming languages, read. */
#include "base/base.h"

#include <string.h>

#define REPLACEMENT 0xfffd /* OE_REPLACEMENT */

/* Reads at most `most` digits of the base after s[from]; returns how many. */
static size_t read_code(const char *s, size_t n, size_t from, size_t most, unsigned base, unsigned *code)
{
    size_t i = 0;
    *code = 0;
    for (; i < most && from + i < n; i++) {
        char c = s[from + i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 99;
        if (digit >= base)
            break;
        *code = *code * base + digit;
    }
    return i;
}

static size_t write_utf8(char out[4], unsigned code)
{
    static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(size == 1 ? code : first[size] | code);
    return size;
}

/* An escape of JSON or of a programming language: returns its length, or 0; *written bytes are in `out`. */
static size_t read_backslash(const char *s, size_t n, char out[4], size_t *written)
{
    static const char names[] = "\"\\/'bfnrt", stand_for[] = "\"\\/'\b\f\n\r\t";
    const char *name = n > 1 && s[1] ? strchr(names, s[1]) : NULL;
    unsigned code, low;
    if (name) {
        out[0] = stand_for[name - names];
        *written = 1;
        return 2;
    }
    if (n > 1 && s[1] == 'x' && read_code(s, n, 2, 2, 16, &code) == 2) {
        out[0] = (char)code;
        *written = 1;
        return 4;
    }
    if (n < 2 || s[1] != 'u' || read_code(s, n, 2, 4, 16, &code) != 4)
        return 0;
    bool pair = code >= 0xd800 && code < 0xdc00 && n > 7 && s[6] == '\\' && s[7] == 'u' &&
                read_code(s, n, 8, 4, 16, &low) == 4 && low >= 0xdc00 && low < 0xe000;
    if (pair)
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    else if (code >= 0xd800 && code < 0xe000)
        code = REPLACEMENT;
    *written = write_utf8(out, code);
    return pair ? 12 : 6;
}

/* "&amp;", "&#38;", "&#x26;" */
static size_t read_entity(const char *s, size_t n, char out[4], size_t *written)
{
    static const char *const names[] = { "amp;", "lt;", "gt;", "quot;", "apos;" };
    unsigned code;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = strlen(names[i]);
        if (n > size && memcmp(s + 1, names[i], size) == 0) {
            out[0] = "&<>\"'"[i];
            *written = 1;
            return 1 + size;
        }
    }
    if (n < 3 || s[1] != '#')
        return 0;
    size_t hex = s[2] == 'x' || s[2] == 'X', digits = read_code(s, n, 2 + hex, 7, hex ? 16 : 10, &code);
    size_t end = 2 + hex + digits;
    if (digits == 0 || end >= n || s[end] != ';' || code > 0x10ffff)
        return 0;
    *written = write_utf8(out, code);
    return end + 1;
}

size_t oe_escape_read(const char *s, size_t n, char out[4], size_t *written)
{
    unsigned code;
    *written = 1;
    switch (s[0]) {
    case '\\':
        return read_backslash(s, n, out, written);
    case '&':
        return read_entity(s, n, out, written);
    case '+':
        out[0] = ' ';
        return 1;
    case '%':
        if (read_code(s, n, 1, 2, 16, &code) != 2)
            return 0;
        out[0] = (char)code;
        return 3;
    default:
        return 0;
    }
}

size_t oe_escape_unescape_json(char *out, const char *text, size_t n)
{
    const char *p = text, *end = text + n;
    char *to = out;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t written, plain = (size_t)((slash ? slash : end) - p);
        memcpy(to, p, plain);
        to += plain;
        p += plain;
        if (!slash)
            break;
        char bytes[4];
        size_t length = read_backslash(p, (size_t)(end - p), bytes, &written);
        if (!length) {
            bytes[0] = *p;
            written = length = 1;
        }
        memcpy(to, bytes, written);
        to += written;
        p += length;
    }
    return (size_t)(to - out);
}
