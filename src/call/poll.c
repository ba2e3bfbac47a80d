/* Payment sessions that are still waiting: what Payments.getWaitingSession and waitForSession add to a plain read. */
#include "base/members.h"
#include "call/call.h"

#include <string.h>

static const oe_member poll_members[] = { { "timeout", OE_IS_SECONDS },
                                          { "interval", OE_IS_SECONDS },
                                          { NULL, OE_IS_TEXT } };

static double seconds(lua_State *L, int index, const char *name, double fallback)
{
    lua_getfield(L, index, name);
    double value = lua_isnil(L, -1) ? fallback : (double)lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

void oe_poll_options(lua_State *L, const oe_row *row, int index, double *timeout, double *interval)
{
    const oe_reader r = { L, row->name, index };
    *timeout = 300;
    *interval = 2;
    if (!lua_istable(L, index))
        return;
    index = oe_members_copy(&r, index, "options", poll_members);
    *timeout = seconds(L, index, "timeout", *timeout);
    *interval = seconds(L, index, "interval", *interval);
    lua_pop(L, 1);
}

bool oe_poll_is_waiting(lua_State *L)
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

void oe_poll_pick(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    if (!oe_poll_is_waiting(L)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 0);
    }
    int best = lua_gettop(L);
    int n = lua_istable(L, index) ? (int)lua_rawlen(L, index) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, index, i);
        if (oe_poll_is_waiting(L) && (!lua_istable(L, best) || id_of(L, best + 1) > id_of(L, best)))
            lua_replace(L, best);
        else
            lua_pop(L, 1);
    }
    lua_replace(L, index);
}
