/* Writes values as JSON text: strictly and exactly, as no version of lua-cjson does. */
#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool oe_json_is_empty(lua_State *L, int index)
{
    if (!lua_istable(L, index))
        return false;
    lua_pushnil(L);
    if (!lua_next(L, index))
        return true;
    lua_pop(L, 2);
    return false;
}

void oe_json_string(oe_buffer *out, const char *s, size_t n)
{
    size_t plain = 0;
    oe_buffer_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        char escape[8];
        if (c == '"' || c == '\\')
            snprintf(escape, sizeof escape, "\\%c", c);
        else
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
        oe_buffer_add(out, s + plain, i - plain);
        oe_buffer_text(out, escape);
        plain = i + 1;
    }
    oe_buffer_add(out, s + plain, n - plain);
    oe_buffer_byte(out, '"');
}

/* The shortest text that reads back as the same double. */
static void add_double(oe_buffer *out, double d)
{
    char text[40];
    locale_t before = oe_c_locale_enter();
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    oe_c_locale_leave(before);
    oe_buffer_text(out, text);
}

static bool fail(oe_json *w, const char *problem)
{
    w->problem = problem;
    return false;
}

/* Puts a step, ".name" or "[3]", before the path that the failing value reported. */
static void prepend(oe_json *w, const char *step)
{
    char path[sizeof w->where];
    size_t n = strlen(step), rest = strlen(w->where);
    if (n + rest >= sizeof path)
        return;
    memcpy(path, step, n);
    memcpy(path + n, w->where, rest + 1);
    memcpy(w->where, path, n + rest + 1);
}

void oe_json_prepend_name(oe_json *w, const char *name)
{
    char step[64] = ".";
    strncat(step, name, sizeof step - 2);
    prepend(w, step);
}

void oe_json_prepend_index(oe_json *w, size_t i)
{
    char step[32];
    snprintf(step, sizeof step, "[%zu]", i);
    prepend(w, step);
}

static bool write_number(lua_State *L, int index, oe_json *w)
{
#if OE_HAS_INTEGERS
    if (lua_isinteger(L, index)) {
        char text[32];
        snprintf(text, sizeof text, LUA_INTEGER_FMT, (LUAI_UACINT)lua_tointeger(L, index));
        oe_buffer_text(w->out, text);
        return true;
    }
#endif
    double d = (double)lua_tonumber(L, index);
    if (!isfinite(d))
        return fail(w, "a number that is not finite is not JSON");
    char digits[32];
    snprintf(digits, sizeof digits, "%.0f", d);
    if (d == floor(d) && fabs(d) <= OE_EXACT)
        oe_buffer_text(w->out, d == 0 ? "0" : digits);
    else
        add_double(w->out, d);
    return true;
}

/* A list's items are 1..n, n items in all. */
static bool write_list(lua_State *L, int index, oe_json *w, int depth)
{
    size_t n = lua_rawlen(L, index), seen = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        seen++;
        double key = lua_type(L, -1) == LUA_TNUMBER ? (double)lua_tonumber(L, -1) : 0;
        if (key < 1 || key > (double)n || key != floor(key)) {
            lua_pop(L, 1);
            return fail(w, "a table with list items and other keys, or with holes, is not JSON");
        }
    }
    if (seen != n)
        return fail(w, "a list with holes is not JSON (use oneentry.null)");
    oe_buffer_byte(w->out, '[');
    for (size_t i = 1; i <= n; i++) {
        if (i > 1)
            oe_buffer_byte(w->out, ',');
        lua_rawgeti(L, index, (int)i);
        if (!oe_json_write(L, lua_gettop(L), w, depth + 1)) {
            oe_json_prepend_index(w, i);
            return false;
        }
        lua_pop(L, 1);
    }
    oe_buffer_byte(w->out, ']');
    return true;
}

static bool write_object(lua_State *L, int index, oe_json *w, int depth)
{
    char separator = '{';
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return fail(w, "a table key that is not a string is not JSON");
        size_t n;
        const char *key = lua_tolstring(L, -2, &n);
        if (!oe_text_is_utf8(key, n))
            return fail(w, "a key that is not UTF-8 is not JSON");
        oe_buffer_byte(w->out, separator);
        separator = ',';
        oe_json_string(w->out, key, n);
        oe_buffer_byte(w->out, ':');
        if (!oe_json_write_member(L, lua_gettop(L), w, depth + 1, oe_text_has_word(w->lists, key, n))) {
            oe_json_prepend_name(w, key);
            return false;
        }
        lua_pop(L, 1);
    }
    if (separator == '{')
        oe_buffer_byte(w->out, '{');
    oe_buffer_byte(w->out, '}');
    return true;
}

static bool write_table(lua_State *L, int index, oe_json *w, int depth, bool empty_is_list)
{
    if (depth >= OE_JSON_DEPTH || !lua_checkstack(L, 20))
        return fail(w, "nested too deeply, or a cycle");
    if (!oe_json_read(L, index, w))
        return false;
    enum oe_list kind = oe_lists_kind(L, index);
    bool list = kind == OE_LIST || (kind == OE_UNMARKED && lua_rawlen(L, index) > 0);
    if (list || (empty_is_list && oe_json_is_empty(L, index)))
        return write_list(L, index, w, depth);
    return write_object(L, index, w, depth);
}

bool oe_json_read(lua_State *L, int index, oe_json *w)
{
    const char *problem = lua_istable(L, index) ? oe_table_read(L, index, &w->reads) : NULL;
    return !problem || fail(w, problem);
}

bool oe_json_write_member(lua_State *L, int index, oe_json *w, int depth, bool empty_is_list)
{
    size_t n;
    const char *s;
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        if (!oe_text_is_utf8(s, n))
            return fail(w, "a string that is not UTF-8 is not JSON");
        oe_json_string(w->out, s, n);
        return true;
    case LUA_TNUMBER:
        return write_number(L, index, w);
    case LUA_TBOOLEAN:
        oe_buffer_text(w->out, lua_toboolean(L, index) ? "true" : "false");
        return true;
    case LUA_TLIGHTUSERDATA:
        if (oe_lists_is_empty_array(L, index))
            oe_buffer_text(w->out, "[]");
        else if (lua_touserdata(L, index) == NULL)
            oe_buffer_text(w->out, "null");
        else
            return fail(w, "a userdata is not JSON");
        return true;
    case LUA_TTABLE:
        return write_table(L, index, w, depth, empty_is_list);
    case LUA_TNIL:
        return fail(w, "nil is not JSON");
    case LUA_TFUNCTION:
        return fail(w, "a function is not JSON");
    case LUA_TTHREAD:
        return fail(w, "a coroutine is not JSON");
    default:
        return fail(w, "a userdata is not JSON");
    }
}

bool oe_json_write(lua_State *L, int index, oe_json *w, int depth)
{
    return oe_json_write_member(L, index, w, depth, false);
}

/* Lua 5.1 and LuaJIT note that a module is being loaded, and never load it again when that fails, be it only for want of
   memory. This takes the note back; all it needs for that is on the stack before. */
void oe_json_push_cjson(lua_State *L)
{
    int name = lua_gettop(L) + 1;
    lua_pushliteral(L, "cjson");
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    oe_globals_push_require(L);
    lua_pushvalue(L, name);
    if (lua_pcall(L, 1, 1, 0) != 0) {
        lua_pushvalue(L, name);
        lua_rawget(L, name + 1);
        if (!lua_istable(L, -1)) {
            lua_pushvalue(L, name);
            lua_pushnil(L);
            lua_rawset(L, name + 1);
        }
        lua_pop(L, 1);
        lua_error(L);
    }
    lua_replace(L, name);
    lua_settop(L, name);
}
