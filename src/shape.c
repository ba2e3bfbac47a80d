/* What a method returns of a decoded reply: numbers, nulls, lists, languages. */
#include "oneentry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct shaper {
    lua_State *L;
    const char *lang; /* NULL: the method does not normalise */
    int list_metatable;
    bool nulls, marked;
} shaper;

static bool is_null(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL;
}

/* Pushes what a marked integer stands for: an integer where Lua has one so large; beyond 64 bits a float; else the
   string of its digits, which is as good as an id. */
static bool resolve_long(lua_State *L, int index)
{
    size_t n;
    const char *s = lua_tolstring(L, index, &n);
    if (n <= OE_JSON_LONG_SIZE || memcmp(s, OE_JSON_LONG, OE_JSON_LONG_SIZE) != 0)
        return false;
    const char *digits = s + OE_JSON_LONG_SIZE;
#if OE_HAS_INTEGERS
    return lua_stringtonumber(L, digits) != 0;
#else
    double d = strtod(digits, NULL);
    if (fabs(d) < 9007199254740992.0 || strlen(digits) > sizeof "-9223372036854775808" - 1)
        lua_pushnumber(L, d);
    else
        lua_pushstring(L, digits);
    return true;
#endif
}

/* Pushes what replaces the scalar at `index`, or pushes nothing. */
static bool push_scalar(shaper *s, int index)
{
    lua_State *L = s->L;
#if OE_HAS_INTEGERS
    if (lua_type(L, index) == LUA_TNUMBER && !lua_isinteger(L, index)) {
        lua_Number d = lua_tonumber(L, index);
        if (d != floor(d) || d < -9223372036854775808.0 || d >= 9223372036854775808.0)
            return false;
        lua_pushinteger(L, (lua_Integer)d);
        return true;
    }
#endif
    return s->marked && lua_type(L, index) == LUA_TSTRING && resolve_long(L, index);
}

static void shape_table(shaper *s, int index);

/* The value on top of the stack is a table: replaces it by its translation when it has one. */
static bool translate(shaper *s)
{
    lua_State *L = s->L;
    if (!s->lang || lua_rawlen(L, -1) > 0)
        return false;
    lua_getfield(L, -1, s->lang);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    lua_replace(L, -2);
    return true;
}

static void shape_list(shaper *s, int index)
{
    lua_State *L = s->L;
    int n = (int)lua_rawlen(L, index);
    lua_pushvalue(L, s->list_metatable);
    lua_setmetatable(L, index);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, index, i);
        int value = lua_gettop(L);
        if (lua_istable(L, value))
            shape_table(s, value);
        else if (push_scalar(s, value))
            lua_rawseti(L, index, i);
        lua_settop(L, value - 1);
    }
}

static void shape_object(shaper *s, int index)
{
    lua_State *L = s->L;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int value = lua_gettop(L);
        bool changed = false;
        if (lua_istable(L, value))
            changed = translate(s);
        if (lua_istable(L, value))
            shape_table(s, value);
        else if (is_null(L, value) && !s->nulls) {
            lua_pushnil(L);
            changed = true;
        } else if (push_scalar(s, value))
            changed = true;
        if (changed) {
            lua_pushvalue(L, value - 1);
            lua_insert(L, -2);
            lua_rawset(L, index);
        }
        lua_settop(L, value - 1);
    }
}

static void shape_table(shaper *s, int index)
{
    luaL_checkstack(s->L, 8, "the answer is nested too deeply");
    if (lua_rawlen(s->L, index) > 0)
        shape_list(s, index);
    else
        shape_object(s, index);
}

void oe_shape(lua_State *L, int index, const oe_client *client, const char *lang, bool marked)
{
    shaper s = { .L = L, .lang = lang, .nulls = client->nulls, .marked = marked };
    oe_json_push_list_metatable(L);
    s.list_metatable = lua_gettop(L);
    if (lua_istable(L, index))
        shape_table(&s, index);
    else if (push_scalar(&s, index))
        lua_replace(L, index);
    lua_settop(L, index);
}
