/* Functions with values of their own: the methods and members of a client and its sessions.

   PUC Lua keeps them as a C function's upvalues. Under LuaJIT, compiled code holds for ever the C functions that it calls,
   and would hold their upvalues, too; of a Lua function it holds only the prototype, once several functions share that. So
   there one C function serves all, and Lua functions of one prototype call it with the values before the arguments. */
#include "base/base.h"

#if defined(LUA_JITLIBNAME)

#define BOUND "oneentry.bound"

/* More functions than LuaJIT takes for the only ones of their prototype. */
#define SEVERAL 8

static const char *const lists[] = { "", "a", "a, b", "a, b, c", "a, b, c, d" };

/* Pushes the Lua function that binds n values to `f`. */
static void load(lua_State *L, lua_CFunction f, int n)
{
    size_t size;
    lua_pushfstring(L, "local f = ... return function(%s) return function(...) return f(%s, ...) end end", lists[n],
                    lists[n]);
    const char *text = lua_tolstring(L, -1, &size);
    if (luaL_loadbuffer(L, text, size, "=oneentry") != 0)
        lua_error(L);
    lua_remove(L, -2);
    lua_pushcfunction(L, f);
    lua_call(L, 1, 1);
    for (int i = 0; i < SEVERAL; i++) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 0);
    }
}

static void push_maker(lua_State *L, const char *name, lua_CFunction f, int n)
{
    lua_getfield(L, LUA_REGISTRYINDEX, BOUND);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, BOUND);
    }
    lua_getfield(L, -1, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        load(L, f, n);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    lua_remove(L, -2);
}

void oe_bound_push(lua_State *L, const char *name, lua_CFunction f, int n)
{
    luaL_checkstack(L, 10, "not enough memory for a function");
    push_maker(L, name, f, n);
    lua_insert(L, -n - 1);
    lua_call(L, n, 1);
}

/* The order of its values is that of their first use. */
bool oe_bound_push_values(lua_State *L, int function, lua_CFunction f, int n)
{
    if (!lua_isfunction(L, function) || lua_iscfunction(L, function) || !lua_getupvalue(L, function, 1))
        return false;
    bool bound = lua_tocfunction(L, -1) == f;
    lua_pop(L, 1);
    for (int i = 1; bound && i <= n; i++)
        lua_getupvalue(L, function, i + 1);
    return bound;
}

int oe_bound_enter(lua_State *L, int n)
{
    for (int i = 0; i < n; i++) {
        lua_pushvalue(L, 1);
        lua_remove(L, 1);
    }
    return lua_gettop(L) - n;
}

#else

void oe_bound_push(lua_State *L, const char *name, lua_CFunction f, int n)
{
    (void)name;
    lua_pushcclosure(L, f, n);
}

bool oe_bound_push_values(lua_State *L, int function, lua_CFunction f, int n)
{
    bool bound = lua_tocfunction(L, function) == f;
    for (int i = 1; bound && i <= n; i++)
        lua_getupvalue(L, function, i);
    return bound;
}

int oe_bound_enter(lua_State *L, int n)
{
    int given = lua_gettop(L);
    luaL_checkstack(L, n, "too many arguments");
    for (int i = 1; i <= n; i++)
        lua_pushvalue(L, lua_upvalueindex(i));
    return given;
}

#endif
