/* Tables that answer through their metatable. A body holds what __pairs, __len and __index say, on every Lua version. Each
   table is read once, into a plain copy, before its first byte is written. */
#include "base/base.h"

#include <math.h>
#include <string.h>

#define UNLISTED                                                                                                       \
    "a table whose members cannot be listed is not JSON (its metatable has __index, but neither __pairs nor __len)"

static int too_many(lua_State *L)
{
    return luaL_error(L, "more than %d members", OE_TABLE_READS);
}

/* (table, __pairs, reads) -> copy, reads */
static int copy_members(lua_State *L)
{
    lua_Integer reads = lua_tointeger(L, 3);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    for (;; reads++) {
        for (int i = 4; i <= 6; i++)
            lua_pushvalue(L, i);
        lua_call(L, 2, 2);
        if (lua_isnil(L, 7))
            break;
        if (reads >= OE_TABLE_READS)
            return too_many(L);
        lua_pushvalue(L, 7);
        lua_replace(L, 6);
        lua_rawset(L, 3);
    }
    lua_settop(L, 3);
    lua_pushinteger(L, reads);
    return 2;
}

/* (table, __len, reads, whether it is a list for certain) -> copy or nil, reads */
static int copy_items(lua_State *L)
{
    lua_Integer reads = lua_tointeger(L, 3);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    double n = lua_type(L, 5) == LUA_TNUMBER ? (double)lua_tonumber(L, 5) : -1;
    if (!(n >= 0) || n != floor(n))
        return luaL_error(L, "a number of items expected");
    if (n > (double)(OE_TABLE_READS - reads))
        return too_many(L);
    lua_newtable(L);
    for (int i = 1; i <= (int)n; i++) {
        lua_pushinteger(L, i);
        lua_gettable(L, 1);
        if (lua_isnil(L, -1) && !lua_toboolean(L, 4)) {
            lua_settop(L, 5);
            lua_pushnil(L);
            break;
        }
        if (lua_isnil(L, -1))
            return luaL_error(L, "item %d of %d is nil (use oneentry.null)", i, (int)n);
        lua_rawseti(L, 6, i);
    }
    lua_pushinteger(L, reads + (lua_Integer)n);
    return 2;
}

/* Calls `copy` with the table at `index`, the metamethod on top of the stack, and `certain`. The copy takes the table's
   place, unless there is none. NULL, or the problem, which stays on the stack. */
static const char *read_through(lua_State *L, int index, lua_CFunction copy, const char *name, bool certain,
                                long *reads)
{
    int method = lua_gettop(L);
    lua_pushcfunction(L, copy);
    lua_pushvalue(L, index);
    lua_pushvalue(L, method);
    lua_pushinteger(L, (lua_Integer)*reads);
    lua_pushboolean(L, certain);
    int status = lua_pcall(L, 4, 2, 0);
    if (status == LUA_ERRMEM)
        lua_error(L);
    if (status != 0) {
        bool has_text = lua_isstring(L, -1) || luaL_callmeta(L, -1, "__tostring");
        const char *text = has_text ? lua_tostring(L, -1) : NULL;
        return lua_pushfstring(L, "its %s failed: %s", name, text ? text : luaL_typename(L, -1));
    }
    *reads = (long)lua_tointeger(L, -1);
    if (!lua_isnil(L, -2)) {
        lua_pushvalue(L, -2);
        lua_replace(L, index);
        if (copy == copy_items)
            oe_lists_mark(L, index);
    }
    lua_settop(L, method - 1);
    return NULL;
}

/* Does the metatable on top of the stack have no other members in __index than methods and names of its own? */
static bool is_class(lua_State *L)
{
    int top = lua_gettop(L);
    bool methods = true;
    lua_pushliteral(L, "__index");
    lua_rawget(L, top);
    if (lua_istable(L, -1)) {
        lua_pushnil(L);
        while (methods && lua_next(L, top + 1)) {
            methods = lua_isfunction(L, -1) || (lua_type(L, -2) == LUA_TSTRING && lua_tostring(L, -2)[0] == '_');
            lua_pop(L, 1);
        }
    } else {
        methods = lua_isnil(L, -1);
    }
    lua_settop(L, top);
    return methods;
}

/* Pushes the metatable's member, or pushes nothing. */
static bool push_method(lua_State *L, int metatable, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, metatable);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

const char *oe_table_read_members(lua_State *L, int index, long *reads)
{
    int top = lua_gettop(L);
    if (!lua_getmetatable(L, index))
        return NULL;
    const char *problem = NULL;
    if (push_method(L, top + 1, "__pairs"))
        problem = read_through(L, index, copy_members, "__pairs", false, reads);
    if (!problem)
        lua_settop(L, top);
    return problem;
}

const char *oe_table_read(lua_State *L, int index, long *reads)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 12, "not enough memory for a table");
    if (!lua_getmetatable(L, index))
        return NULL;
    const char *problem = NULL;
    enum oe_list kind = oe_lists_kind(L, index);
    if (push_method(L, top + 1, "__pairs")) {
        problem = read_through(L, index, copy_members, "__pairs", false, reads);
        if (!problem && kind == OE_LIST)
            oe_lists_mark(L, index);
    } else if (kind != OE_NO_LIST && push_method(L, top + 1, "__len")) {
        bool certain = kind == OE_LIST || oe_json_is_empty(L, index);
        problem = read_through(L, index, copy_items, "__len", certain, reads);
    } else if (oe_json_is_empty(L, index) && !is_class(L)) {
        return UNLISTED;
    }
    if (!problem)
        lua_settop(L, top);
    return problem;
}

void oe_table_copy(lua_State *L, int from, int to, const char *name)
{
    lua_getfield(L, from, name);
    lua_setfield(L, to, name);
}

void oe_table_add(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}
