/* The waker as a Lua value. */
#include "loop/loop.h"

#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#define WAKER "oneentry.waker"

/* The process id, and below it the number of its states that have registered. No state can know that by itself: with
   lua_code_cache off, nginx makes a state for each request. */
static atomic_uint_fast64_t states;

static uint_fast64_t count_states(unsigned more)
{
    uint_fast64_t process = (uint_fast64_t)getpid() << 32, old = atomic_load(&states), new;
    do {
        new = (old >> 32 == process >> 32 ? old : process) + more;
    } while (!atomic_compare_exchange_weak(&states, &old, new));
    return new &UINT32_MAX;
}

static oe_waker *check(lua_State *L)
{
    return luaL_checkudata(L, 1, WAKER);
}

/* Pushes true or a text, or nil and the reason. */
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
    return push_result(L, w, oe_waker_arm(w, (int)luaL_checkinteger(L, 2)), NULL);
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

static int waker_states(lua_State *L)
{
    check(L);
    lua_pushinteger(L, (lua_Integer)count_states(0));
    return 1;
}

void oe_waker_register(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "listen", waker_listen }, { "accept", waker_accept }, { "arm", waker_arm },       { "wake", waker_wake },
        { "stop", waker_stop },     { "__gc", waker_stop },     { "states", waker_states }, { NULL, NULL },
    };
    count_states(1);
    luaL_newmetatable(L, WAKER);
    oe_table_add(L, methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, WAKER);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int oe_waker_new(lua_State *L)
{
    oe_waker *w = lua_newuserdata(L, sizeof *w);
    oe_waker_init(w);
    luaL_getmetatable(L, WAKER);
    lua_setmetatable(L, -2);
    return 1;
}

int oe_waker_yieldable(lua_State *L)
{
    lua_pushboolean(L, oe_isyieldable(L));
    return 1;
}
