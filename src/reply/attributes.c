/* Attributes of a reply: their additional fields and the numbers in their values. */
#include "reply/reply.h"

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
            if (oe_is_null(L, -1)) { /* no field */
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

/* Pushes the number that the value at `index`, which is none, stands for; or pushes nothing. */
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
        found = lua_type(L, value) == LUA_TSTRING && oe_number_push_text(L, value);
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
