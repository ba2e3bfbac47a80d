/* Waiting for a client, of lua/oneentry/await.lua and the drivers: the descriptor of a client's engine, and news of what has happened. */
#include "face/face.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static oe_engine *to_engine(lua_State *L)
{
    const oe_client *client = luaL_checkudata(L, 1, OE_CLIENT);
    if (!client->engine) /* the Lua state is being closed */
        luaL_error(L, "the client is collected");
    return client->engine;
}

/* wait(client, seconds): blocks until something has happened, and works on it */
static int core_wait(lua_State *L)
{
    const oe_client *client = luaL_checkudata(L, 1, OE_CLIENT);
    double seconds = (double)luaL_checknumber(L, 2);
    luaL_argcheck(L, seconds == seconds, 2, "seconds expected");
    if (client->engine) /* else all its calls are settled: the Lua state is being closed */
        oe_engine_wait(client->engine, seconds);
    oe_errand_run(L, 1);
    return 0;
}

static int push_fd(lua_State *L, int fd)
{
    if (fd >= 0) {
        lua_pushinteger(L, fd);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

/* fd(client): the descriptor to wait on, or nil and the reason. Closing the client may close it after the next step. */
static int core_fd(lua_State *L)
{
    return push_fd(L, oe_engine_fd(to_engine(L)));
}

/* watch(client): the same, but it stays open until unwatch(client) */
static int core_watch(lua_State *L)
{
    return push_fd(L, oe_engine_watch(to_engine(L)));
}

static int core_unwatch(lua_State *L)
{
    oe_engine_unwatch(to_engine(L));
    return 0;
}

/* ring(client): wakes the one that waits on the descriptor */
static int core_ring(lua_State *L)
{
    const oe_client *client = luaL_checkudata(L, 1, OE_CLIENT);
    if (client->engine)
        oe_engine_ring(client->engine);
    return 0;
}

/* Pushes three values. The engine goes when a finalizer closes the Lua state's clients: look at it again each time. */
static int push_news(lua_State *L, const oe_client *client)
{
    unsigned ticket;
    lua_Integer n = 0;
    bool everyone = false;
    lua_newtable(L);
    while (client->engine && oe_engine_next_news(client->engine, &ticket)) {
        if (ticket == OE_EVERYONE) {
            everyone = true;
        } else {
            lua_pushinteger(L, (lua_Integer)ticket);
            lua_rawseti(L, -2, (int)++n);
        }
    }
    lua_pushboolean(L, everyone);
    lua_pushboolean(L, client->orphans > 0);
    return 3;
}

/* news(client) -> the tickets that what has happened concerns, whether it concerns all, and whether there are orphans */
static int core_news(lua_State *L)
{
    (void)to_engine(L);
    return push_news(L, lua_touserdata(L, 1));
}

/* step(client): works on what has happened -> news */
static int core_step(lua_State *L)
{
    oe_engine_step(to_engine(L));
    oe_errand_run(L, 1);
    return push_news(L, lua_touserdata(L, 1));
}

/* flight(client): how many requests are under way */
static int core_flight(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)oe_engine_flight(to_engine(L)));
    return 1;
}

/* close(client): what api.close does */
static int core_close(lua_State *L)
{
    oe_client_close(luaL_checkudata(L, 1, OE_CLIENT));
    return 0;
}

/* pid(): descriptors do not go over a fork */
static int core_pid(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)getpid());
    return 1;
}

static int core_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)oe_clock_now());
    return 1;
}

void oe_driving_register(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "wait", core_wait },
        { "fd", core_fd },
        { "watch", core_watch },
        { "unwatch", core_unwatch },
        { "ring", core_ring },
        { "step", core_step },
        { "news", core_news },
        { "flight", core_flight },
        { "pid", core_pid },
        { "now", core_now },
        { "close", core_close },
        { "signal", oe_event_new },
        { "waker", oe_waker_new },
        { "yieldable", oe_waker_yieldable },
        { NULL, NULL },
    };
    oe_table_add(L, functions);
}
