/* A byte string on the Lua stack. The collector gives its memory back, whatever is raised. Free it early all the same: Lua
   5.4 runs no finalizer of an object that is made while the state closes. */
#include "base/base.h"

#define HELD "oneentry.held"

oe_buffer *oe_held_push(lua_State *L)
{
    oe_buffer *held = lua_newuserdata(L, sizeof *held);
    *held = (oe_buffer){ 0 };
    luaL_getmetatable(L, HELD);
    lua_setmetatable(L, -2);
    return held;
}

void oe_held_push_text(lua_State *L, const oe_buffer *held)
{
    if (held->failed)
        luaL_error(L, "not enough memory");
    lua_pushlstring(L, held->n ? held->p : "", held->n);
}

static int collect(lua_State *L)
{
    oe_buffer_free(luaL_checkudata(L, 1, HELD));
    return 0;
}

void oe_held_register(lua_State *L)
{
    luaL_newmetatable(L, HELD);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
