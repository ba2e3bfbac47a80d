/* The marks of lists: those of oneentry.array, lua-cjson and dkjson. */
#include "base/base.h"

#include <string.h>

#define MARKS "oneentry.lists"
enum mark { LIST_METATABLE = 1, EMPTY_METATABLE, EMPTY_ARRAY };

/* Pushes the registry's { [mark] = value }. OpenResty's lua-cjson has array_mt, empty_array_mt and empty_array; without
   an array_mt the metatable of lists is one of ours. */
static void push_marks(lua_State *L)
{
    static const char *const names[] = { "array_mt", "empty_array_mt", "empty_array" };
    lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
    if (lua_istable(L, -1))
        return;
    lua_pop(L, 1);
    oe_json_push_cjson(L);
    lua_createtable(L, 3, 0);
    for (int i = LIST_METATABLE; i <= EMPTY_ARRAY; i++) {
        lua_getfield(L, -2, names[i - 1]);
        if (i == LIST_METATABLE && !lua_istable(L, -1)) {
            lua_pop(L, 1);
            lua_newtable(L);
        }
        lua_rawseti(L, -2, i);
    }
    lua_remove(L, -2);
    lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
    if (lua_istable(L, -1)) { /* a finalizer has been here */
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, MARKS);
}

static void push_mark(lua_State *L, enum mark mark)
{
    push_marks(L);
    lua_rawgeti(L, -1, mark);
    lua_remove(L, -2);
}

void oe_lists_push_metatable(lua_State *L)
{
    push_mark(L, LIST_METATABLE);
}

void oe_lists_mark(lua_State *L, int index)
{
    oe_lists_push_metatable(L);
    lua_setmetatable(L, index);
}

bool oe_lists_is_empty_array(lua_State *L, int index)
{
    if (!lua_islightuserdata(L, index) || lua_touserdata(L, index) == NULL)
        return false;
    push_mark(L, EMPTY_ARRAY);
    bool same = lua_rawequal(L, -1, index) != 0;
    lua_pop(L, 1);
    return same;
}

/* Is the value on top of the stack that text? */
static bool is_text(lua_State *L, const char *text)
{
    return lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), text) == 0;
}

enum oe_list oe_lists_kind(lua_State *L, int index)
{
    int top = lua_gettop(L);
    enum oe_list kind = OE_UNMARKED;
    if (!lua_getmetatable(L, index))
        return OE_UNMARKED;
    push_marks(L);
    lua_rawgeti(L, top + 2, LIST_METATABLE);
    lua_rawgeti(L, top + 2, EMPTY_METATABLE);
    lua_pushliteral(L, "__jsontype");
    lua_rawget(L, top + 1);
    if (lua_rawequal(L, top + 1, top + 3) || is_text(L, "array") ||
        (lua_rawequal(L, top + 1, top + 4) && oe_json_is_empty(L, index)))
        kind = OE_LIST;
    else if (is_text(L, "object"))
        kind = OE_NO_LIST;
    lua_settop(L, top);
    return kind;
}

/* A metatable that answers for the table would be lost. */
static void check_metatable(lua_State *L)
{
    static const char *const methods[] = { "__index", "__pairs", "__len", NULL };
    for (int i = 0; methods[i] && lua_getmetatable(L, 1); i++) {
        lua_pushstring(L, methods[i]);
        lua_rawget(L, 2);
        if (!lua_isnil(L, -1))
            luaL_error(
                L,
                "bad argument #1 to 'array' (a table without %s expected: set __jsontype = \"array\" in its metatable)",
                methods[i]);
        lua_settop(L, 1);
    }
}

/***
Marks a table as a list, so that an empty one is sent as [] instead of {}.
@function oneentry.array
@param t table?  a new table when nil; one without __index, __pairs and __len
@return table  t itself
*/
int oe_lists_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    check_metatable(L);
    oe_lists_mark(L, 1);
    return 1;
}
