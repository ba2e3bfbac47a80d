/* Decodes JSON text with an instance of lua-cjson of our own, and refuses texts that lua-cjson would let pass. */
#include "reply/reply.h"

#include <string.h>

#define NEW_CJSON "oneentry.cjson.new"
#define MARKS_LISTS "oneentry.cjson.lists" /* true: lua-cjson marks the lists that it makes */
#define EXACT_DIGITS 15                    /* a double holds every integer of so many digits */

static void set_option(lua_State *L, const char *name, double number, bool is_number)
{
    lua_getfield(L, -1, name);
    if (lua_isfunction(L, -1)) {
        if (is_number)
            lua_pushnumber(L, (lua_Number)number);
        else
            lua_pushboolean(L, number != 0);
        lua_call(L, 1, 0);
    } else {
        lua_pop(L, 1);
    }
}

void oe_json_push_decoder(lua_State *L)
{
    oe_json_push_cjson(L);
    lua_getfield(L, -1, "new");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, NEW_CJSON);
    lua_call(L, 0, 1);
    lua_remove(L, -2);
    set_option(L, "decode_invalid_numbers", false, false);
    set_option(L, "decode_max_depth", OE_JSON_DEPTH, true);
    set_option(L, "decode_array_with_array_mt", true, false);
    lua_getfield(L, -1, "decode_array_with_array_mt");
    lua_pushboolean(L, lua_isfunction(L, -1));
    lua_setfield(L, LUA_REGISTRYINDEX, MARKS_LISTS);
    lua_pop(L, 1);
    lua_getfield(L, -1, "decode");
    lua_remove(L, -2);
}

/* Returns the position of an integer of more than EXACT_DIGITS digits at or after `from`, its length in *length; n if none.
   A run that long covers a multiple of its minimum length, so most bytes are never looked at. */
static size_t find_long_integer(const char *text, size_t n, size_t from, size_t *length)
{
    const size_t stride = EXACT_DIGITS + 1;
    for (size_t i = from + stride - 1; i < n; i += stride) {
        if (text[i] < '0' || text[i] > '9')
            continue;
        size_t start = i, end = i;
        while (start > from && text[start - 1] >= '0' && text[start - 1] <= '9')
            start--;
        while (end < n && text[end] >= '0' && text[end] <= '9')
            end++;
        bool fraction = (end < n && strchr(".eE", text[end])) || (start > 0 && text[start - 1] == '.');
        if (end - start >= stride && !fraction) {
            *length = end - start;
            return start;
        }
        i = end - 1;
    }
    return n;
}

/* Returns the position of the next "[" that only blanks separate from "]"; n if none. */
static size_t find_empty_list(const char *text, size_t n, size_t from)
{
    for (const char *p = text + from, *end = text + n; (p = memchr(p, '[', (size_t)(end - p))) != NULL; p++) {
        const char *next = p + 1;
        while (next < end && (*next == ' ' || *next == '\t' || *next == '\r' || *next == '\n'))
            next++;
        if (next < end && *next == ']')
            return (size_t)(p - text);
    }
    return n;
}

/* A position that strings have been looked for up to. Is it inside of one? */
typedef struct strings {
    size_t position;
    bool inside;
} strings;

/* Is the position, not before the last one asked for, inside a string? */
static bool in_string(strings *s, const char *text, size_t position)
{
    while (s->position < position) {
        char c = text[s->position];
        if (s->inside && c == '\\')
            s->position++;
        else if (c == '"')
            s->inside = !s->inside;
        s->position++;
    }
    return s->inside;
}

/* Are the digits an integer of JSON: no exponent, no leading zero, no name of a member? lua-cjson judges all others. */
static bool is_integer(const char *text, size_t n, size_t at, size_t end)
{
    if (text[at] == '0' || (at > 0 && strchr("eE+", text[at - 1])) ||
        (at > 1 && text[at - 1] == '-' && strchr("eE", text[at - 2])))
        return false;
    while (end < n && strchr(" \t\r\n", text[end]))
        end++;
    return end == n || strchr(",]}", text[end]);
}

/* Are empty lists to be marked? Not where lua-cjson marks them; nor in a text that holds the mark, a byte of no UTF-8. */
static bool marks_lists(lua_State *L, const char *text, size_t n)
{
    lua_getfield(L, LUA_REGISTRYINDEX, MARKS_LISTS);
    bool done = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return !done && !memchr(text, OE_JSON_EMPTY[0] & 0xff, n);
}

/* Pushes the text. lua-cjson rounds an integer that a double cannot hold: such ones go quoted and marked, and shape.c
   makes an integer of them, or, where Lua has none so large, a string of digits. lua-cjson makes the same of [] and {}: an
   empty list goes with one marked item, which shape.c takes out. */
static void push_text(lua_State *L, const char *text, size_t n, bool *marked)
{
    size_t done = 0, length, at = find_long_integer(text, n, 0, &length), list = find_empty_list(text, n, 0);
    *marked = false;
    if (list < n && !marks_lists(L, text, n))
        list = n;
    if (at == n && list == n) {
        lua_pushlstring(L, text, n);
        return;
    }
    oe_buffer *copy = oe_held_push(L); /* luaL_Buffer would take several times as much memory, in parts */
    strings state = { 0 };
    while (at < n || list < n) {
        if (list < at) {
            if (!in_string(&state, text, list)) {
                oe_buffer_add(copy, text + done, list + 1 - done);
                oe_buffer_text(copy, "\"" OE_JSON_EMPTY "\"");
                done = list + 1;
                *marked = true;
            }
            list = find_empty_list(text, n, list + 1);
            continue;
        }
        size_t start = at, end = at + length;
        if (!in_string(&state, text, at) && is_integer(text, n, at, end)) {
            if (start > 0 && text[start - 1] == '-')
                start--;
            oe_buffer_add(copy, text + done, start - done);
            oe_buffer_text(copy, "\"" OE_JSON_LONG);
            oe_buffer_add(copy, text + start, end - start);
            oe_buffer_byte(copy, '"');
            done = end;
            *marked = true;
        }
        at = find_long_integer(text, n, end, &length);
    }
    oe_buffer_add(copy, text + done, n - done);
    oe_held_push_text(L, copy);
    oe_buffer_free(copy);
    lua_remove(L, -2);
}

/* lua-cjson remembers, for all its instances, the decimal point of the locale in which the last one was made. */
static void renew_cjson(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, NEW_CJSON);
    if (lua_pcall(L, 0, 0, 0) != 0)
        lua_pop(L, 1);
}

/* Pushes the value that lua-cjson makes, in the C locale, of the text on top of the stack, or its error. */
static int decode_text(lua_State *L, int decode)
{
    lua_pushvalue(L, decode);
    lua_pushvalue(L, -2);
    locale_t before = oe_c_locale_enter();
    int status = lua_pcall(L, 1, 1, 0);
    oe_c_locale_leave(before);
    return status;
}

/* Did lua-cjson fail because it expects a comma where the C locale has a point? */
static bool expects_comma(lua_State *L, int decode)
{
    lua_pushliteral(L, "0.5");
    bool failed = decode_text(L, decode) != 0;
    lua_pop(L, 2);
    return failed;
}

/* Decodes the text on top of the stack in its place. lua-cjson follows the locale: under a decimal comma it would read
   the list [1,5] as 1.5, so it works under the C locale; should it have remembered a comma, it fails there, is made to
   remember a point for this one text, and then again what suits the host's own use of it. */
static int decode_in_c_locale(lua_State *L, int decode)
{
    int status = decode_text(L, decode);
    if (status != 0 && status != LUA_ERRMEM && expects_comma(L, decode)) {
        lua_pop(L, 1);
        locale_t before = oe_c_locale_enter();
        renew_cjson(L);
        oe_c_locale_leave(before);
        status = decode_text(L, decode);
        renew_cjson(L);
    }
    lua_remove(L, -2);
    return status;
}

size_t oe_json_skip_string(const char *text, size_t n, size_t at)
{
    while (at < n) {
        const char *quote = memchr(text + at, '"', n - at);
        if (!quote)
            return n;
        size_t end = (size_t)(quote - text), slash = end;
        while (slash > at && text[slash - 1] == '\\')
            slash--;
        at = end + 1;
        if ((end - slash) % 2 == 0)
            return at;
    }
    return n;
}

/* Does the list or object that begins before `at` have anything in it? */
static bool has_members(const char *text, size_t n, size_t at)
{
    while (at < n && strchr(" \t\r\n", text[at]))
        at++;
    return at < n && text[at] != ']' && text[at] != '}';
}

/* A value and what follows it take two bytes at least, a member's name three: most texts need not be looked at. */
bool oe_json_is_within(const char *text, size_t n, size_t max)
{
    size_t values = 1;
    if (n / 2 < max)
        return true;
    for (size_t i = 0; i < n && values <= max;) {
        switch (text[i++]) {
        case '"':
            i = oe_json_skip_string(text, n, i);
            break;
        case ',':
        case ':': /* behind a member's name */
            values++;
            break;
        case '[':
        case '{':
            values += has_members(text, n, i);
            break;
        default:
            break;
        }
    }
    return values <= max;
}

bool oe_json_decode(lua_State *L, int decode, const char *text, size_t n, bool *marked)
{
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    *marked = false;
    if (n == 0 || memchr(text, 0, n)) /* lua-cjson takes it for the end */
        return false;
    push_text(L, text, n, marked);
    if (*marked && memchr(text, 0xff, n)) { /* a byte that UTF-8 does not have: nothing else is marked */
        lua_pop(L, 1);
        return false;
    }
    size_t size;
    const char *whole = lua_tolstring(L, -1, &size);
    if (!oe_alike_is_cheap(whole, size)) {
        lua_pop(L, 1);
        return false;
    }
    int status = decode_in_c_locale(L, decode);
    if (status == LUA_ERRMEM)
        lua_error(L);
    if (status != 0)
        lua_pop(L, 1);
    return status == 0;
}

int oe_json_items(lua_State *L, int index)
{
    size_t n = lua_rawlen(L, index), length = 0;
    if (n != 1)
        return (int)n;
    lua_rawgeti(L, index, 1);
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    bool empty = s && length == sizeof OE_JSON_EMPTY - 1 && memcmp(s, OE_JSON_EMPTY, length) == 0;
    lua_pop(L, 1);
    return empty ? 0 : 1;
}
