/* Values as readable text, in a stable order, without secrets. */
#include "face/face.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DEPTH 40
#define MAX_BYTES (1 << 20) /* tables after so much text are "{...}": one that holds itself twice never ends */
#define MASK "\"***\""

static void add_indent(oe_buffer *out, int depth)
{
    oe_buffer_byte(out, '\n');
    for (int i = 0; i < depth; i++)
        oe_buffer_text(out, "  ");
}

static void add_value(lua_State *L, int index, oe_buffer *out, int depth);

/* A `code` that a person was sent: digits, and none of an error or a status. */
static bool is_one_time_code(lua_State *L, int index, const char *name, size_t n, int value)
{
    static const char *const others[] = { "message", "status", "statusCode", "error" };
    if (n != 4 || memcmp(name, "code", 4) != 0 || lua_type(L, value) != LUA_TSTRING)
        return false;
    size_t length;
    const char *code = lua_tolstring(L, value, &length);
    bool is = length >= 4 && length <= 10 && strspn(code, "0123456789") == length;
    for (size_t i = 0; is && i < sizeof others / sizeof *others; i++) {
        lua_pushstring(L, others[i]);
        lua_rawget(L, index);
        is = lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    return is;
}

/* The pairs of a table, in the order of their keys: numbers, then strings. */
static int compare_keys(lua_State *L)
{
    int a = lua_type(L, 1), b = lua_type(L, 2);
    bool less = a == b && (a == LUA_TNUMBER || a == LUA_TSTRING) ? oe_lessthan(L, 1, 2) : a < b;
    lua_pushboolean(L, less);
    return 1;
}

/* Pushes a list of the keys, sorted. */
static void push_keys(lua_State *L, int index)
{
    lua_newtable(L);
    int n = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++n);
    }
    oe_globals_push(L, "sort");
    lua_pushvalue(L, -2);
    lua_pushcfunction(L, compare_keys);
    lua_call(L, 2, 0);
}

static void add_quoted(oe_buffer *out, const char *s, size_t n)
{
    oe_buffer_byte(out, '"');
    oe_text_show(out, s, n, (size_t)-1, true);
    oe_buffer_byte(out, '"');
}

/* Appends the value as a function that writes values shows it. */
static void add_shown(lua_State *L, int index, oe_buffer *out)
{
    size_t n;
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    const char *s = lua_tolstring(L, -1, &n);
    oe_text_show(out, s ? s : "?", s ? n : 1, (size_t)-1, false);
}

/* A name that could be taken for something else is quoted. */
static void add_name(oe_buffer *out, const char *name, size_t n)
{
    bool plain = n > 0;
    for (size_t i = 0; i < n; i++)
        plain = plain && name[i] && (unsigned char)name[i] < 0x80 &&
                (isalnum((unsigned char)name[i]) || strchr("_-.", name[i]));
    if (plain) {
        oe_buffer_add(out, name, n);
    } else {
        oe_buffer_byte(out, '[');
        add_quoted(out, name, n);
        oe_buffer_byte(out, ']');
    }
    oe_buffer_text(out, " = ");
}

static void add_table(lua_State *L, int index, oe_buffer *out, int depth)
{
    bool list = lua_rawlen(L, index) > 0, secret_value = oe_mask_has_secret_marker(L, index);
    push_keys(L, index);
    int keys = lua_gettop(L), n = (int)lua_rawlen(L, keys);
    if (n == 0) {
        oe_buffer_text(out, "{}");
        return;
    }
    oe_buffer_byte(out, '{');
    for (int i = 1; i <= n; i++) {
        add_indent(out, depth + 1);
        lua_rawgeti(L, keys, i);
        lua_pushvalue(L, -1);
        size_t length;
        const char *name = lua_type(L, -1) == LUA_TNUMBER && list ? NULL : lua_tolstring(L, -1, &length);
        if (name)
            add_name(out, name, length);
        bool secret = name && oe_mask_is_secret(name, length, secret_value);
        lua_pushvalue(L, keys + 1);
        lua_rawget(L, index);
        secret = secret || (name && is_one_time_code(L, index, name, length, lua_gettop(L)));
        if (secret && !lua_isboolean(L, -1))
            oe_buffer_text(out, MASK);
        else
            add_value(L, lua_gettop(L), out, depth + 1);
        if (i < n)
            oe_buffer_byte(out, ',');
        lua_settop(L, keys);
    }
    add_indent(out, depth);
    oe_buffer_byte(out, '}');
}

static void add_value(lua_State *L, int index, oe_buffer *out, int depth)
{
    size_t n;
    luaL_checkstack(L, 12, "too deep to print");
    int top = lua_gettop(L);
    switch (lua_type(L, index)) {
    case LUA_TTABLE:
        if (depth >= MAX_DEPTH || out->n >= MAX_BYTES)
            oe_buffer_text(out, "{...}");
        else if (luaL_getmetafield(L, index, "__tostring"))
            add_shown(L, index, out);
        else
            add_table(L, index, out, depth);
        break;
    case LUA_TSTRING: {
        const char *s = lua_tolstring(L, index, &n);
        add_quoted(out, s, n);
        break;
    }
    case LUA_TLIGHTUSERDATA:
        oe_buffer_text(out, lua_touserdata(L, index) ? "userdata" : "null");
        break;
    default:
        oe_globals_push(L, "tostring");
        add_shown(L, index, out);
    }
    lua_settop(L, top);
}

/***
A value as readable text: keys in order, tokens, passwords and secrets masked.
@function oneentry.pretty
@param value any
@return string
*/
int oe_pretty(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    oe_buffer *out = oe_held_push(L);
    add_value(L, 1, out, 0);
    oe_held_push_text(L, out);
    oe_buffer_free(out);
    return 1;
}
