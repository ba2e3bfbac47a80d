/* Makes numbers of texts, exactly or not at all. */
#include "base/base.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Returns the length of the blank at that end, or 0. Of JavaScript's blanks it knows those that texts contain in practice:
   ASCII blanks, no-break spaces, byte order marks. */
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

/* Is it [+-] digits [. digits] [e [+-] digits], with a digit before or after the point? *integral: only sign and digits. */
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

#define EXACT_DIGITS 15 /* a double holds every integer of so many digits, */
#define EXACT_POWER 22  /* and this power of ten */

/* Reads a decimal whose digits and power of ten a double holds: one rounded operation gives what strtod gives. */
static bool read_exactly(const char *s, double *d)
{
    static const double powers[EXACT_POWER + 1] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    bool negative = *s == '-', point = false;
    long long digits = 0;
    int count = 0, power = 0;
    for (s += negative || *s == '+'; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        digits = digits * 10 + (*s - '0');
        power -= point;
        count += digits > 0;
        if (count > EXACT_DIGITS || power < -EXACT_POWER)
            return false;
    }
    if (FLT_EVAL_METHOD != 0 || *s == 'e' || *s == 'E')
        return false;
    *d = (double)digits / powers[-power];
    if (negative)
        *d = -*d;
    return true;
}

/* Reads a checked decimal, whatever the locale's decimal point, up to the first byte that is no part of it. */
static double read_decimal(const char *s)
{
    double exact;
    if (read_exactly(s, &exact))
        return exact;
    locale_t before = oe_c_locale_enter();
    double d = strtod(s, NULL);
    oe_c_locale_leave(before);
    return d;
}

/* Pushes an integer where Lua has them and the double is one. */
static void push_double(lua_State *L, double d)
{
#if OE_HAS_INTEGERS
    if (d == floor(d) && oe_number_is_long(d)) {
        lua_pushinteger(L, (lua_Integer)d);
        return;
    }
#endif
    lua_pushnumber(L, d);
}

void oe_number_push_long(lua_State *L, long long i, const char *s, size_t n)
{
#if OE_HAS_INTEGERS
    (void)s, (void)n;
    lua_pushinteger(L, (lua_Integer)i);
#else
    if (i == 0 && *s == '-')
        lua_pushnumber(L, (lua_Number)-0.0);
    else if (i >= -(long long)OE_EXACT && i <= (long long)OE_EXACT)
        lua_pushnumber(L, (lua_Number)i);
    else
        lua_pushlstring(L, s, n);
#endif
}

void oe_number_push_integer(lua_State *L, const char *s, size_t n)
{
    errno = 0;
    long long i = strtoll(s, NULL, 10);
    double d = errno == ERANGE ? read_decimal(s) : 0;
    if (errno != ERANGE)
        oe_number_push_long(L, i, s, n);
    else if (isfinite(d))
        lua_pushnumber(L, d);
    else
        lua_pushlstring(L, s, n);
}

bool oe_number_push_json(lua_State *L, const char *s, size_t n, bool integral)
{
    double d = integral ? 0 : read_decimal(s);
    if (integral)
        oe_number_push_integer(L, s, n);
    else
        push_double(L, d);
    return isfinite(d);
}

/* Pushes the number; one that no double can hold stays the text that it is. */
static void push_decimal(lua_State *L, const char *s, size_t n)
{
    double d = read_decimal(s);
    if (isfinite(d))
        push_double(L, d);
    else
        lua_pushlstring(L, s, n);
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

bool oe_number_push_text(lua_State *L, int index)
{
    size_t n;
    const char *s = lua_tolstring(L, index, &n);
    bool integral;
    trim(&s, &n);
    if (is_decimal(s, n, &integral)) {
        if (integral)
            oe_number_push_integer(L, s, n);
        else
            push_decimal(L, s, n);
        return true;
    }
    size_t sign = n > 0 && (s[0] == '+' || s[0] == '-');
    if (n - sign == 8 && memcmp(s + sign, "Infinity", 8) == 0) {
        lua_pushnumber(L, s[0] == '-' ? -HUGE_VAL : HUGE_VAL);
        return true;
    }
    return push_radix(L, s, n);
}
