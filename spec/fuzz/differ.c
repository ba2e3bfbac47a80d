/* JSON text, to three readers: ours, lua-cjson, dkjson. What both others accept is an equal value, what we accept they
   accept, and lists are lists for dkjson and for us, but for these differences, whose numbers are printed at the end:
     control   both others accept control characters in strings; RFC 8259 does not
     point     both others accept numbers without a digit after or before the point; RFC 8259 does not
     infinite  both others read a number beyond all doubles as infinity; we refuse the reply
     rounded   lua-cjson rounds integers beyond 2^53; dkjson and we do not
     zero      we read -0 and -0.0 as the integer 0; lua-cjson keeps the sign, dkjson that of -0.0
     names     we refuse an object that has U+FFFD in a name twice; for both others the last member counts
     halves    lua-cjson refuses lone surrogates, dkjson writes them as bytes that are no UTF-8; we read U+FFFD
     mark      lua-cjson refuses a byte order mark; dkjson and we skip it
   What lua-cjson reads has no lists: an empty list equals an empty object there. */
#include "fuzz.h"
#include "reply/reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CJSON "fuzz.cjson"
#define DKJSON "fuzz.dkjson"
#define EXACT 9007199254740992LL /* 2^53 */

static struct {
    unsigned long inputs, both, control, point, infinite, rounded, zero, names, halves, mark;
} seen;

typedef struct text {
    const char *p; /* a NUL byte follows, and nothing after it */
    size_t n;
    bool control, point, infinite, halves, mark, replaced; /* what stands in it, where others or we take a liberty */
} text;

static const char *const readers =
    "local cjson, dkjson = require 'cjson'.new(), require 'dkjson' "
    "cjson.decode_invalid_numbers(false) cjson.decode_max_depth(...) "
    "local null, find = cjson.null, string.find "
    "return cjson.decode, function(text) "
    "local value, at, problem = dkjson.decode(text, 1, null) "
    "if problem or not find(text, '^[ \\t\\r\\n]*$', at) then error(problem or 'more follows') end return value end";

static void print_seen(void)
{
    fprintf(stderr,
            "differ: %lu inputs, both others accept %lu; control %lu, point %lu, infinite %lu, rounded %lu, zero %lu, "
            "names %lu, halves %lu, mark %lu\n",
            seen.inputs, seen.both, seen.control, seen.point, seen.infinite, seen.rounded, seen.zero, seen.names,
            seen.halves, seen.mark);
}

static void make_readers(lua_State *L)
{
    static bool made;
    if (made)
        return;
    made = true;
    atexit(print_seen);
    if (luaL_loadstring(L, readers) != LUA_OK)
        fuzz_fail("the readers compile", lua_tostring(L, -1));
    lua_pushinteger(L, OE_JSON_DEPTH);
    if (lua_pcall(L, 1, 2, 0) != LUA_OK)
        fuzz_fail("there are lua-cjson and dkjson", lua_tostring(L, -1));
    lua_setfield(L, LUA_REGISTRYINDEX, DKJSON);
    lua_setfield(L, LUA_REGISTRYINDEX, CJSON);
}

/* ---- liberties ---------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Looks for what readers differ in. The text may be anything. */
static void look(text *t)
{
    bool inside = false;
    t->mark = t->n >= 3 && memcmp(t->p, "\xef\xbb\xbf", 3) == 0;
    for (size_t i = 0; i < t->n; i++) {
        char c = t->p[i];
        if (inside && c == '\\') {
            const char *code = t->p + i + 2;
            if (t->p[++i] == 'u') {
                t->halves = t->halves || ((code[0] | 32) == 'd' && code[1] >= '8');
                t->replaced = t->replaced || (strlen(code) >= 4 && strncasecmp(code, "fffd", 4) == 0);
            }
        } else if (c == '"') {
            inside = !inside;
        } else if (inside) {
            t->control = t->control || (unsigned char)c < 0x20;
            t->replaced = t->replaced || strncmp(t->p + i, OE_REPLACEMENT, 3) == 0;
        } else if (c == '.') {
            t->point = t->point || i == 0 || !is_digit(t->p[i - 1]) || !is_digit(t->p[i + 1]);
        } else if (is_digit(c) && (i == 0 || !strchr("0123456789.eE+", t->p[i - 1]))) {
            t->infinite = t->infinite || isinf(strtod(t->p + i, NULL));
        }
    }
}

/* ---- values ------------------------------------------------------------------------------------- */

static bool is_list(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    oe_lists_push_metatable(L);
    bool is = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is;
}

static bool is_array(lua_State *L, int index)
{
    if (luaL_getmetafield(L, index, "__jsontype") == LUA_TNIL)
        return false;
    bool is = strcmp(lua_tostring(L, -1), "array") == 0;
    lua_pop(L, 1);
    return is;
}

static bool equal_numbers(lua_State *L, int ours, int theirs, bool rounds)
{
    double d = lua_tonumber(L, theirs);
    if (d == 0 && signbit(d)) {
        seen.zero++;
        return lua_isinteger(L, ours) && lua_tointeger(L, ours) == 0;
    }
    if (lua_compare(L, ours, theirs, LUA_OPEQ))
        return true;
    if (!rounds || !lua_isinteger(L, ours) || llabs(lua_tointeger(L, ours)) < EXACT)
        return false;
    seen.rounded++;
    return (double)lua_tointeger(L, ours) == d;
}

/* Compares the values. lua-cjson `rounds`, and does not tell lists. */
static bool equal(lua_State *L, int ours, int theirs, bool rounds)
{
    luaL_checkstack(L, 10, "too deep");
    int type = lua_type(L, ours), count = 0, top = lua_gettop(L);
    if (type != lua_type(L, theirs))
        return false;
    if (type == LUA_TNUMBER)
        return equal_numbers(L, ours, theirs, rounds);
    if (type != LUA_TTABLE)
        return lua_rawequal(L, ours, theirs);
    if (!rounds && is_list(L, ours) != is_array(L, theirs))
        return false;
    for (lua_pushnil(L); lua_next(L, theirs); lua_pop(L, 1))
        count++;
    for (lua_pushnil(L); lua_next(L, ours); lua_settop(L, top + 1), count--) {
        lua_pushvalue(L, top + 1);
        lua_rawget(L, theirs);
        if (!equal(L, top + 2, top + 3, rounds))
            return false;
    }
    return count == 0;
}

/* Pushes what the reader makes of the text, or nothing. */
static bool push_other(lua_State *L, const char *reader, const text *t)
{
    lua_getfield(L, LUA_REGISTRYINDEX, reader);
    lua_pushlstring(L, t->p, t->n);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Checks a text that both others accept and we do not. */
static void check_refused(const text *t, enum oe_read result)
{
    if (result == OE_READ_INFINITE && t->infinite)
        seen.infinite++;
    else if (result == OE_READ_EQUAL_NAMES && t->replaced)
        seen.names++;
    else if (result != OE_READ_NOT_JSON || (!t->control && !t->point))
        fuzz_fail("what lua-cjson and dkjson accept is read", t->p);
    seen.control += t->control;
    seen.point += t->point;
}

/* Checks a text whose value is at `ours`. */
static void check_accepted(lua_State *L, const text *t, int ours, int cjson, int dkjson)
{
    if (t->control || t->point || t->infinite)
        fuzz_fail("what is no JSON, or no double, is refused", t->p);
    if (!dkjson)
        fuzz_fail("what is read, dkjson accepts", t->p);
    if (!cjson && !t->halves && !t->mark)
        fuzz_fail("what is read, lua-cjson accepts", t->p);
    seen.halves += !cjson && t->halves;
    seen.mark += !cjson && t->mark;
    if (cjson && !equal(L, ours, cjson, true))
        fuzz_fail("the value is that of lua-cjson", t->p);
    if ((cjson || !t->halves) && !equal(L, ours, dkjson, false))
        fuzz_fail("the value is that of dkjson", t->p);
}

static int compare(lua_State *L)
{
    text *t = lua_touserdata(L, 1);
    const oe_shaping how = { .nulls = true, .max_values = 1000000 };
    make_readers(L);
    look(t);
    enum oe_read result = oe_shape_read(L, t->p, t->n, &how);
    int ours = result == OE_READ ? lua_gettop(L) : 0;
    int cjson = push_other(L, CJSON, t) ? lua_gettop(L) : 0;
    int dkjson = (ours || cjson) && push_other(L, DKJSON, t) ? lua_gettop(L) : 0;
    seen.inputs++;
    seen.both += cjson && dkjson;
    if (ours)
        check_accepted(L, t, ours, cjson, dkjson);
    else if (cjson && dkjson)
        check_refused(t, result);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_State *L = fuzz_lua();
    char *copy = malloc(size + 1);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    copy[size] = 0;
    text t = { .p = copy, .n = size };
    if (!fuzz_protected(L, compare, &t))
        fuzz_fail("reading does not raise", lua_tostring(L, -1));
    free(copy);
    return 0;
}

/* ---- mutation: most results stay JSON ----------------------------------------------------------- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

#define TOKENS 1024
#define MAX_PIECE 256

static unsigned long long state;

static unsigned pick(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

/* Values, and what is none, between blanks. */
static const char pieces[] =
    "null true false 0 -0 -0.0 [] {} [[]] \"\" {\"\":null} 9223372036854775807 9223372036854775808 "
    "-9223372036854775808 -9223372036854775809 9007199254740993 999999999999999999 1000000000000000000 "
    "-999999999999999999 1e308 1e309 4.9e-324 2.2250738585072011e-308 1E+2 0.1 1e22 1e23 1e-400 \"\\u0000\" "
    "\"\\ud83d\\ude00\" \"\\ufffd\" \"\\uD800\" \"\\udc00a\" \"\\\"\\\\\\/\\b\\f\\n\\r\\t\" "
    "\"\xc3\xa9\xf0\x9f\x98\x80\" {\"a\":1,\"a\":null} {\"a\":null,\"a\":[]} {\"\\ufffd\":1,\"\xef\xbf\xbd\":2} 1. -.5 "
    "\"\x01\" 01 +1 nan [1,] \"\x7f\xff\" {\"value\":1,\"type\":\"integer\"}";

static const char *pick_piece(size_t *n)
{
    const char *p = pieces + pick(sizeof pieces - 1);
    while (p > pieces && p[-1] != ' ')
        p--;
    *n = strcspn(p, " ");
    return p;
}

/* Writes a number: its digits, a fraction and an exponent are there or not. */
static size_t write_number(char *out)
{
    static const unsigned lengths[] = { 1, 2, 5, 15, 16, 17, 18, 19, 20, 25 };
    size_t n = 0;
    if (pick(3) == 0)
        out[n++] = '-';
    unsigned digits = lengths[pick(10)], fraction = pick(2) ? lengths[pick(10)] : 0;
    out[n++] = (char)('1' + pick(9));
    while (--digits > 0)
        out[n++] = (char)('0' + pick(10));
    if (fraction > 0)
        out[n++] = '.';
    for (; fraction > 0; fraction--)
        out[n++] = (char)('0' + pick(10));
    if (pick(4) == 0)
        n += (size_t)snprintf(out + n, 8, "e%d", (int)pick(660) - 340);
    return n;
}

/* Writes a string of bytes and escapes. */
static size_t write_string(char *out)
{
    static const char escapes[] = "\"\\/bfnrt";
    size_t n = 0;
    out[n++] = '"';
    for (unsigned more = pick(24); more > 0; more--) {
        unsigned what = pick(12);
        if (what == 0)
            n += (size_t)sprintf(out + n, "\\u%04x", pick(0x10000));
        else if (what == 1)
            n += (size_t)sprintf(out + n, "\\ud%03x\\ud%03x", 0x800 + pick(0x400), 0xc00 + pick(0x400));
        else if (what == 2)
            n += (size_t)sprintf(out + n, "\\%c", escapes[pick(8)]);
        else
            out[n++] = (char)(what == 3 ? 0x80 + pick(0x80) : 'a' + pick(26));
    }
    out[n++] = '"';
    return n;
}

/* Finds the values and signs in the text. */
static unsigned split(const char *s, size_t n, size_t from[], size_t to[])
{
    unsigned count = 0;
    for (size_t i = 0, end; i < n && count < TOKENS; i = end) {
        end = i + 1;
        if (s[i] == '"') {
            while (end < n && s[end] != '"')
                end += s[end] == '\\' ? 2 : 1;
            end++;
        } else if (!strchr("{}[]:, \t\r\n", s[i])) {
            end += strcspn(s + end, "{}[]:, \t\r\n\"");
        }
        end = end < n ? end : n;
        from[count] = i;
        to[count++] = end;
    }
    return count;
}

/* Returns the token that closes the bracket of token i, or i. */
static unsigned closing(const char *s, const size_t from[], unsigned count, unsigned i)
{
    int open = 0;
    for (unsigned k = i; k < count; k++) {
        open += s[from[k]] == '{' || s[from[k]] == '[';
        open -= s[from[k]] == '}' || s[from[k]] == ']';
        if (open <= 0)
            return k;
    }
    return i;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static size_t from[TOKENS], to[TOKENS];
    char *s = malloc(size + 1), piece[MAX_PIECE];
    state = seed;
    if (!s || pick(8) == 0) {
        free(s);
        return LLVMFuzzerMutate(data, size, max);
    }
    memcpy(s, data, size);
    s[size] = 0;
    unsigned count = split(s, size, from, to), i = count ? pick(count) : 0, what = pick(8);
    for (unsigned tries = 0; tries < 8 && count && strchr(":,]} ", s[from[i]]); tries++)
        i = pick(count);
    size_t a = count ? from[i] : 0, b = count ? to[closing(s, from, count, i)] : 0, n;
    bool list = pick(2);
    const char *p = piece;
    if (what < 2) {
        n = write_number(piece);
    } else if (what == 2) {
        n = write_string(piece);
    } else if (what < 5 || !count) {
        p = pick_piece(&n);
    } else { /* another value of the text, or the same again */
        unsigned k = pick(count);
        p = s + from[k];
        n = to[closing(s, from, count, k)] - from[k];
    }
    if (what == 7 && b - a > 0) { /* the value, in a list or an object */
        p = s + a;
        n = b - a;
    }
    const char *before = what == 7 ? (list ? "[" : "{\"in\":") : "", *after = what == 7 ? (list ? "]" : "}") : "";
    size_t nb = strlen(before), na = strlen(after), total = a + nb + n + na + (size - b);
    if (total <= max) {
        memcpy(data + a, before, nb);
        memcpy(data + a + nb, p, n);
        memcpy(data + a + nb + n, after, na);
        memcpy(data + a + nb + n + na, s + b, size - b);
        size = total;
    }
    free(s);
    return size;
}
