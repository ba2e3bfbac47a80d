/* Attributes of a shaped reply: their additional fields and their numbers. */
#include "oneentry.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

/* A list without entries may still look like one. */
static void unmark_list(lua_State *L, int index)
{
    lua_pushnil(L);
    lua_setmetatable(L, index);
}

/* A field without a marker goes under "undefined", as in the JavaScript SDK: it would be lost otherwise. */
static void push_marker(lua_State *L, int field)
{
    if (lua_istable(L, field))
        lua_getfield(L, field, "marker");
    else
        lua_pushnil(L);
    if (!lua_tostring(L, -1)) { /* makes a string of a number */
        lua_pop(L, 1);
        lua_pushliteral(L, "undefined");
    }
}

void oe_attribute_fields(lua_State *L, int index)
{
    lua_getfield(L, index, "additionalFields");
    int list = lua_gettop(L);
    int n = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    if (n > 0) {
        lua_createtable(L, 0, n);
        for (int i = 1; i <= n; i++) {
            lua_rawgeti(L, list, i);
            if (lua_type(L, -1) == LUA_TLIGHTUSERDATA) { /* null is no field */
                lua_pop(L, 1);
                continue;
            }
            push_marker(L, lua_gettop(L));
            lua_insert(L, -2);
            lua_rawset(L, list + 1);
        }
        lua_setfield(L, index, "additionalFields");
    } else if (lua_istable(L, list)) {
        unmark_list(L, list);
    }
    lua_settop(L, list - 1);
}

/* What JavaScript's trim takes off that texts contain in practice: ASCII blanks, no-break spaces, byte order marks. */
static size_t blank_at(const char *s, size_t n, bool at_end)
{
    static const char *const blanks[] = { " ", "\t", "\n", "\v", "\f", "\r", "\xc2\xa0", "\xef\xbb\xbf" };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        size_t size = strlen(blanks[i]);
        if (size <= n && memcmp(at_end ? s + n - size : s, blanks[i], size) == 0)
            return size;
    }
    return 0;
}

static void trim(const char **s, size_t *n)
{
    for (size_t size = blank_at(*s, *n, false); size > 0; size = blank_at(*s, *n, false)) {
        *s += size;
        *n -= size;
    }
    for (size_t size = blank_at(*s, *n, true); size > 0; size = blank_at(*s, *n, true))
        *n -= size;
}

static size_t count_digits(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    return i;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or after the point? *integral: nothing but the first two. */
static bool is_decimal(const char *s, size_t n, bool *integral)
{
    size_t i = n > 0 && (s[0] == '+' || s[0] == '-');
    size_t whole = count_digits(s + i, n - i), fraction = 0;
    i += whole;
    *integral = i == n && whole > 0;
    if (i < n && s[i] == '.') {
        fraction = count_digits(s + i + 1, n - i - 1);
        i += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < n && (s[i] == '+' || s[i] == '-');
        size_t exponent = count_digits(s + i, n - i);
        i += exponent;
        if (exponent == 0)
            return false;
    }
    return i == n;
}

/* Reads a checked decimal, whatever the locale's decimal point. It ends at the first byte that is none of it. */
static double read_decimal(const char *s)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = c ? uselocale(c) : (locale_t)0;
    double d = strtod(s, NULL);
    if (before)
        uselocale(before);
    if (c)
        freelocale(c);
    return d;
}

/* An integer where Lua has them and it is one. */
static void push_double(lua_State *L, double d)
{
#if OE_HAS_INTEGERS
    if (d == floor(d) && d >= -9223372036854775808.0 && d < 9223372036854775808.0) {
        lua_pushinteger(L, (lua_Integer)d);
        return;
    }
#endif
    lua_pushnumber(L, d);
}

/* Pushes the integer of up to 64 bits, exactly, where this Lua can hold it. */
static bool push_exact(lua_State *L, const char *s)
{
    errno = 0;
    long long i = strtoll(s, NULL, 10);
    if (errno == ERANGE)
        return false;
#if OE_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)i);
#else
    double d = (double)i;
    if (d >= 9223372036854775808.0 || (long long)d != i)
        return false;
    lua_pushnumber(L, d);
#endif
    return true;
}

/* Pushes the number; one that Lua cannot hold stays the text that it is. */
static void push_decimal(lua_State *L, const char *s, size_t n, bool integral)
{
    if (integral && push_exact(L, s))
        return;
    double d = read_decimal(s);
    bool inexact = integral && fabs(d) < 9223372036854775808.0;
    if (!isfinite(d) || inexact)
        lua_pushlstring(L, s, n);
    else if (integral)
        lua_pushnumber(L, d);
    else
        push_double(L, d);
}

/* Pushes the number after 0x, 0b or 0o. */
static bool push_radix(lua_State *L, const char *s, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const char *letters = "xXbBoO", *letter = n > 2 && s[0] == '0' && s[1] ? strchr(letters, s[1]) : NULL;
    if (!letter)
        return false;
    int radix = letter - letters < 2 ? 16 : letter - letters < 4 ? 2 : 8;
    double d = 0;
    for (size_t i = 2; i < n; i++) {
        int lower = s[i] >= 'A' && s[i] <= 'F' ? s[i] - 'A' + 'a' : s[i];
        const char *digit = lower ? memchr(digits, lower, (size_t)radix) : NULL;
        if (!digit)
            return false;
        d = d * radix + (double)(digit - digits);
    }
    if (!isfinite(d))
        lua_pushlstring(L, s, n);
    else
        push_double(L, d);
    return true;
}

/* Pushes what JavaScript's Number() makes of the string at `index`, or pushes nothing: for "" too. */
static bool push_text_number(lua_State *L, int index)
{
    size_t n;
    const char *s = lua_tolstring(L, index, &n);
    bool integral;
    trim(&s, &n);
    if (is_decimal(s, n, &integral)) {
        push_decimal(L, s, n, integral);
        return true;
    }
    size_t sign = n > 0 && (s[0] == '+' || s[0] == '-');
    if (n - sign == 8 && memcmp(s + sign, "Infinity", 8) == 0) {
        lua_pushnumber(L, s[0] == '-' ? -HUGE_VAL : HUGE_VAL);
        return true;
    }
    return push_radix(L, s, n);
}

/* The value at `index` is no number: pushes the one it stands for, or pushes nothing. */
static bool push_number(lua_State *L, int index)
{
    bool nested = false;
    lua_pushvalue(L, index);
    int value = lua_gettop(L);
    for (; lua_istable(L, value) && lua_rawlen(L, value) == 1; nested = true) {
        lua_rawgeti(L, value, 1);
        lua_replace(L, value);
    }
    bool found = true;
    if (lua_isboolean(L, value) && !nested) /* a list makes a text of it */
        lua_pushinteger(L, lua_toboolean(L, value));
    else if (lua_type(L, value) == LUA_TNUMBER)
        lua_pushvalue(L, value);
    else
        found = lua_type(L, value) == LUA_TSTRING && push_text_number(L, value);
    lua_remove(L, value);
    return found;
}

void oe_attribute_number(lua_State *L, int index)
{
    lua_getfield(L, index, "value");
    int value = lua_gettop(L), type = lua_type(L, value);
    if (type != LUA_TNUMBER && type != LUA_TNIL && type != LUA_TLIGHTUSERDATA) {
        if (!push_number(L, value))
            lua_pushnil(L);
        lua_setfield(L, index, "value");
    }
    lua_settop(L, value - 1);
}
