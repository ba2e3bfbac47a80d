/* The waker as a Lua value. */
#include "oneentry.h"

#define WAKER "oneentry.waker"

static oe_waker *check(lua_State *L)
{
    return luaL_checkudata(L, 1, WAKER);
}

/* true or a text, or nil and the reason. */
static int push_result(lua_State *L, const oe_waker *w, bool good, const char *text)
{
    if (!good) {
        lua_pushnil(L);
        lua_pushstring(L, w->reason);
        return 2;
    }
    if (text)
        lua_pushstring(L, text);
    else
        lua_pushboolean(L, true);
    return 1;
}

static int waker_listen(lua_State *L)
{
    oe_waker *w = check(L);
    bool good = oe_waker_listen(w);
    return push_result(L, w, good, w->path);
}

static int waker_accept(lua_State *L)
{
    oe_waker *w = check(L);
    lua_Number idle = luaL_checknumber(L, 2);
    luaL_argcheck(L, idle > 0, 2, "seconds expected");
    return push_result(L, w, oe_waker_accept(w, (double)idle), NULL);
}

static int waker_arm(lua_State *L)
{
    oe_waker *w = check(L);
    return push_result(L, w, oe_waker_arm(w), NULL);
}

static int waker_wake(lua_State *L)
{
    oe_waker_wake(check(L));
    return 0;
}

static int waker_stop(lua_State *L)
{
    oe_waker_stop(check(L));
    return 0;
}

void oe_waker_register(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "listen", waker_listen }, { "accept", waker_accept }, { "arm", waker_arm },
        { "wake", waker_wake },     { "stop", waker_stop },     { "__gc", waker_stop },
    };
    luaL_newmetatable(L, WAKER);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        lua_pushcfunction(L, methods[i].func);
        lua_setfield(L, -2, methods[i].name);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

void oe_waker_push(lua_State *L, int epoll)
{
    oe_waker *w = lua_newuserdata(L, sizeof *w);
    oe_waker_init(w, epoll);
    luaL_getmetatable(L, WAKER);
    lua_setmetatable(L, -2);
}
