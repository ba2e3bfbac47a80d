/* Replies that are files. */
#include "reply/reply.h"

static void push_bytes(lua_State *L, const oe_reply *reply)
{
    if (reply->moved >= 0)
        lua_pushinteger(L, (lua_Integer)reply->moved);
    else
        lua_pushlstring(L, reply->bytes.n ? reply->bytes.p : "", reply->bytes.n);
}

const oe_step oe_step_bytes = { "bytes", .push = push_bytes };

/* The name is the caller's, and so is the type unless the server's is to be taken. */
static void push_file(lua_State *L, const oe_reply *reply)
{
    lua_createtable(L, 0, 3);
    int file = lua_gettop(L);
    push_bytes(L, reply);
    lua_setfield(L, file, "data");
    lua_getfield(L, reply->kept, "filename");
    lua_setfield(L, file, "name");
    lua_getfield(L, reply->kept, "mimeType");
    if (lua_isnil(L, -1) && reply->type[0])
        lua_pushstring(L, reply->type);
    lua_setfield(L, file, "type");
    lua_settop(L, file);
}

const oe_step oe_step_file = { "file", .push = push_file };
