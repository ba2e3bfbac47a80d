/* Reads JSON text. Each function leaves `at` behind what it has read; `at` is NULL after a mistake, and nothing is read then. */
#include "reply/reader.h"

#include <stdint.h>
#include <string.h>

void oe_reader_start(oe_reader *r, const char *text, size_t n, size_t max_values, unsigned max_depth)
{
    *r = (oe_reader){ .at = text, .end = text + n, .left = max_values, .max_depth = max_depth };
}

bool oe_reader_is_bad(const oe_reader *r)
{
    return !r->at;
}

static bool fail(oe_reader *r)
{
    r->at = NULL;
    return false;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
        p++;
    return p;
}

/* Counts a value or a name. */
static bool count(oe_reader *r)
{
    if (oe_reader_is_bad(r))
        return false;
    if (r->left == 0) {
        r->too_many = true;
        return fail(r);
    }
    r->left--;
    return true;
}

/* ---- strings ------------------------------------------------------------------------------------ */

#define EACH(byte) (~(uint64_t)0 / 255 * (byte))

/* Is there a control character, a quote or a backslash among the eight bytes? */
static bool has_special(uint64_t word)
{
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');
    return (((word - EACH(0x20)) & ~word) | ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash)) & EACH(0x80);
}

static const char *skip_plain(const char *p, const char *end)
{
    uint64_t word;
    while (end - p >= 8) {
        memcpy(&word, p, 8);
        if (has_special(word))
            break;
        p += 8;
    }
    while ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
        p++;
    return p;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Returns the end of the escape at p, or NULL. */
static const char *skip_escape(const char *p)
{
    if (p[1] == 'u') {
        for (int i = 2; i < 6; i++)
            if (!is_hex(p[i]))
                return NULL;
        return p + 6;
    }
    return p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
}

/* Reads the string whose quote is before `at`. */
static bool read_string(oe_reader *r)
{
    const char *p = r->at;
    r->text = p;
    r->escaped = false;
    for (;;) {
        p = skip_plain(p, r->end);
        if (*p != '\\')
            break;
        r->escaped = true;
        p = skip_escape(p);
        if (!p)
            return fail(r);
    }
    if (*p != '"')
        return fail(r);
    r->n = (size_t)(p - r->text);
    r->at = p + 1;
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------------ */

static const char *skip_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* Goes past a fraction and an exponent. NULL: there is a part without digits. */
static const char *skip_fraction(const char *p)
{
    if (*p == '.') {
        const char *digits = p + 1;
        p = skip_digits(digits);
        if (p == digits)
            return NULL;
    }
    if (*p == 'e' || *p == 'E') {
        const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');
        p = skip_digits(digits);
        if (p == digits)
            return NULL;
    }
    return p;
}

/* Reads the number that begins at `at`. */
static enum oe_kind_of_value read_number(oe_reader *r)
{
    const char *p = r->at, *digits = p + (*p == '-');
    long long integer = 0;
    r->text = p;
    for (p = digits; *p >= '0' && *p <= '9' && p - digits < OE_READER_DIGITS; p++)
        integer = integer * 10 + (*p - '0');
    bool fits = *p < '0' || *p > '9';
    p = skip_digits(p);
    const char *end = p == digits || (*digits == '0' && p - digits > 1) ? NULL : skip_fraction(p);
    if (!end) {
        fail(r);
        return OE_JSON_BAD;
    }
    r->integral = end == p;
    r->integer = *r->text == '-' ? -integer : integer;
    r->n = (size_t)(end - r->text);
    r->at = end;
    return fits && r->integral ? OE_JSON_INTEGER : OE_JSON_NUMBER;
}

/* ---- values ------------------------------------------------------------------------------------- */

static enum oe_kind_of_value read_word(oe_reader *r, const char *word, size_t n, enum oe_kind_of_value kind)
{
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0) {
        fail(r);
        return OE_JSON_BAD;
    }
    r->at += n;
    return kind;
}

static enum oe_kind_of_value open(oe_reader *r, enum oe_kind_of_value kind)
{
    if (++r->depth > r->max_depth) {
        fail(r);
        return OE_JSON_BAD;
    }
    r->at++;
    return kind;
}

enum oe_kind_of_value oe_reader_value(oe_reader *r)
{
    if (!count(r))
        return OE_JSON_BAD;
    r->at = skip_blanks(r->at);
    switch (*r->at) {
    case '"':
        r->at++;
        return read_string(r) ? OE_JSON_STRING : OE_JSON_BAD;
    case '{':
        return open(r, OE_JSON_OBJECT);
    case '[':
        return open(r, OE_JSON_LIST);
    case 't':
        return read_word(r, "true", 4, OE_JSON_TRUE);
    case 'f':
        return read_word(r, "false", 5, OE_JSON_FALSE);
    case 'n':
        return read_word(r, "null", 4, OE_JSON_NULL);
    default:
        return read_number(r);
    }
}

/* Goes past the comma before an item that is not the first. False: `close` stands there, or a mistake. */
static bool go_on(oe_reader *r, bool first, char close)
{
    if (oe_reader_is_bad(r))
        return false;
    const char *p = skip_blanks(r->at);
    if (*p == close) {
        r->at = p + 1;
        r->depth--;
        return false;
    }
    if (!first && *p++ != ',')
        return fail(r);
    r->at = p;
    return true;
}

bool oe_reader_item(oe_reader *r, bool first)
{
    return go_on(r, first, ']');
}

bool oe_reader_name(oe_reader *r, bool first)
{
    if (!go_on(r, first, '}') || !count(r))
        return false;
    const char *p = skip_blanks(r->at);
    if (*p != '"')
        return fail(r);
    r->at = p + 1;
    if (!read_string(r))
        return false;
    p = skip_blanks(r->at);
    if (*p != ':')
        return fail(r);
    r->at = p + 1;
    return true;
}

bool oe_reader_skip(oe_reader *r, enum oe_kind_of_value kind)
{
    bool object = kind == OE_JSON_OBJECT;
    if (object || kind == OE_JSON_LIST)
        for (bool first = true; object ? oe_reader_name(r, first) : oe_reader_item(r, first); first = false)
            if (!oe_reader_skip(r, oe_reader_value(r)))
                break;
    return !oe_reader_is_bad(r);
}

bool oe_reader_ended(oe_reader *r)
{
    if (oe_reader_is_bad(r))
        return false;
    r->at = skip_blanks(r->at);
    return r->at == r->end;
}
