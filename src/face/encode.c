/* oneentry.encode: a value as JSON, by the writer of bodies. */
#include "face/face.h"

/* __gc of the userdata that holds the text while Lua may raise. */
static int collect(lua_State *L)
{
    oe_buffer_free(lua_touserdata(L, 1));
    return 0;
}

/***
A value as JSON text: lists stay lists, empty ones too, numbers are exact. What is no JSON raises.
@function oneentry.encode
@param value any  a result, or any value: a table, string, number, boolean or oneentry.null
@return string
@usage ngx.say(oneentry.encode(order))
*/
int oe_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    oe_buffer *out = lua_newuserdata(L, sizeof *out);
    *out = (oe_buffer){ 0 };
    lua_newtable(L);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, 2);
    oe_json w = { .out = out };
    lua_pushvalue(L, 1);
    if (!oe_json_write(L, 3, &w, 0))
        return oe_raise(L, "bad argument #1 to 'encode' (value%s: %s)", w.where, w.problem);
    if (out->failed)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, out->p, out->n);
    return 1;
}
