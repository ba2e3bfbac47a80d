/* The argument `options` of a row that polls. */
#include "base/members.h"
#include "call/call.h"

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
