/* Payment sessions that are still waiting. */
#include "reply/reply.h"

#include <string.h>

bool oe_waiting_is(lua_State *L)
{
    if (!lua_istable(L, -1))
        return false;
    lua_getfield(L, -1, "status");
    bool waiting = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "waiting") == 0;
    lua_pop(L, 1);
    return waiting;
}

static double id_of(lua_State *L, int index)
{
    lua_getfield(L, index, "id");
    double id = (double)lua_tonumber(L, -1);
    lua_pop(L, 1);
    return id;
}

/* Replaces a list of sessions, or one session, at the absolute `index` by the newest that is waiting, or false. */
static void pick(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    if (!oe_waiting_is(L)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 0);
    }
    int best = lua_gettop(L);
    int n = lua_istable(L, index) ? (int)lua_rawlen(L, index) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, index, i);
        if (oe_waiting_is(L) && (!lua_istable(L, best) || id_of(L, best + 1) > id_of(L, best)))
            lua_replace(L, best);
        else
            lua_pop(L, 1);
    }
    lua_replace(L, index);
}

static void take(lua_State *L, const oe_reply *reply)
{
    pick(L, reply->value);
}

const oe_step oe_step_pick_waiting = { "pickWaiting", .take = take };
