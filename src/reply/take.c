/* Replies of which a method returns a part, or only that there was one. */
#include "reply/reply.h"

/* Replaces an object by the member, if it has that; anything else stays. */
static void take_member(lua_State *L, int value, const char *name)
{
    if (!lua_istable(L, value))
        return;
    lua_getfield(L, value, name);
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        lua_replace(L, value);
}

static void take_items(lua_State *L, const oe_reply *reply)
{
    take_member(L, reply->value, "items");
}

static void take_valid(lua_State *L, const oe_reply *reply)
{
    take_member(L, reply->value, "valid");
}

static void take_success(lua_State *L, const oe_reply *reply)
{
    lua_pushboolean(L, 1);
    lua_replace(L, reply->value);
}

const oe_step oe_step_items = { "items", .take = take_items };
const oe_step oe_step_valid = { "valid", .take = take_valid };
const oe_step oe_step_success = { "success", .take = take_success };
