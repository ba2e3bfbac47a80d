/* Userdata "oneentry.signal": an eventfd, which one coroutine sleeps on and another one makes readable. */
#include "loop/loop.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SIGNAL "oneentry.signal"

static int *to_fd(lua_State *L)
{
    return luaL_checkudata(L, 1, SIGNAL);
}

/* signal(): returns a new one, or nil and the reason. */
int oe_event_new(lua_State *L)
{
    int *fd = lua_newuserdata(L, sizeof *fd);
    *fd = -1;
    luaL_getmetatable(L, SIGNAL);
    lua_setmetatable(L, -2);
    *fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (*fd >= 0)
        return 1;
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

static int get_fd(lua_State *L)
{
    lua_pushinteger(L, *to_fd(L));
    return 1;
}

/* Makes the descriptor readable. Returns whether that worked. */
static int post(lua_State *L)
{
    const uint64_t one = 1;
    lua_pushboolean(L, write(*to_fd(L), &one, sizeof one) == sizeof one);
    return 1;
}

/* Makes the descriptor unreadable. Returns whether it was readable. */
static int clear(lua_State *L)
{
    uint64_t count;
    lua_pushboolean(L, read(*to_fd(L), &count, sizeof count) == sizeof count);
    return 1;
}

/* Gives the descriptor back; nobody may wait on it. */
static int give_back(lua_State *L)
{
    int *fd = to_fd(L);
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return 0;
}

void oe_event_register(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "fd", get_fd }, { "post", post }, { "clear", clear }, { "close", give_back }, { NULL, NULL },
    };
    luaL_newmetatable(L, SIGNAL);
    lua_newtable(L);
    oe_table_add(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, give_back);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, SIGNAL);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
