/* The program's globals. The program may guard, replace or remove them. So nothing here runs their metamethods, and the
   module takes the ones it needs when it is loaded. */
#include "base/base.h"

#define KEPT "oneentry.globals"
#define DEPTH 8 /* tables that inherit from each other */

static void push_globals(lua_State *L)
{
#if defined(LUA_RIDX_GLOBALS)
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
#else
    lua_pushvalue(L, LUA_GLOBALSINDEX);
#endif
}

/* Replaces the table on top of the stack by its member, or by one that it inherits from a table, as nginx's globals do. */
static void replace_by_member(lua_State *L, const char *name)
{
    for (int i = 0; i < DEPTH && lua_istable(L, -1); i++) {
        lua_pushstring(L, name);
        lua_rawget(L, -2);
        if (!lua_isnil(L, -1)) {
            lua_replace(L, -2);
            return;
        }
        lua_pop(L, 1);
        if (!lua_getmetatable(L, -1))
            break;
        lua_pushliteral(L, "__index");
        lua_rawget(L, -2);
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lua_pushnil(L);
}

void oe_globals_find(lua_State *L, const char *name)
{
    push_globals(L);
    replace_by_member(L, name);
}

/* Calls the kept require, and lends it to the loaded file as the global. Upvalue: the kept require. */
static int require(lua_State *L)
{
    lua_settop(L, 1);
    push_globals(L);
    lua_pushliteral(L, "require");
    lua_pushvalue(L, -1);
    lua_rawget(L, 2);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawset(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 1, 1, 0);
    lua_insert(L, 3);
    lua_rawset(L, 2);
    return status == 0 ? 1 : lua_error(L);
}

void oe_globals_push(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, KEPT);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

void oe_globals_push_require(lua_State *L)
{
    oe_globals_push(L, "require");
    oe_globals_find(L, "require");
    bool same = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 1);
    if (!same)
        lua_pushcclosure(L, require, 1);
}

void oe_globals_register(lua_State *L)
{
    lua_createtable(L, 0, 3);
    oe_globals_find(L, "require");
    lua_setfield(L, -2, "require");
    oe_globals_find(L, "tostring");
    lua_setfield(L, -2, "tostring");
    oe_globals_find(L, "table");
    replace_by_member(L, "sort");
    lua_setfield(L, -2, "sort");
    lua_setfield(L, LUA_REGISTRYINDEX, KEPT);
}
