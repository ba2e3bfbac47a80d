/* A descriptor that is readable when another one is, or when time is over. The driver of an event loop without timers waits
   for it. */
#include "loop/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ALARM "oneentry.alarm"
#define LONGEST 1e9 /* seconds; more may not fit into a timespec */

typedef struct watcher {
    oe_bell bell;
    int watched; /* the descriptor that was set last, or -1 */
    pid_t pid;   /* its maker: a child of fork shares the descriptors */
} watcher;

static bool is_own(const watcher *a)
{
    return a->pid == getpid();
}

static int fail(lua_State *L, const char *what)
{
    return luaL_error(L, "%s: %s", what, strerror(errno));
}

/* Fails, without harm, where the descriptor has been closed: the kernel has forgotten it then. */
static void unset(watcher *a)
{
    if (a->watched >= 0)
        epoll_ctl(a->bell.epoll, EPOLL_CTL_DEL, a->watched, NULL);
    a->watched = -1;
}

static void give_back(watcher *a)
{
    oe_bell_close(&a->bell);
    a->watched = -1;
    a->pid = 0;
}

int oe_alarm_new(lua_State *L)
{
    watcher *a = lua_newuserdata(L, sizeof *a);
    *a = (watcher){ { -1, -1 }, -1, getpid() };
    luaL_getmetatable(L, ALARM);
    lua_setmetatable(L, -2);
    return oe_bell_open(&a->bell) ? 1 : fail(L, "cannot make an alarm");
}

/* alarm:getfd(): the descriptor to wait for; nil in a child of fork, which does not own it. */
static int getfd(lua_State *L)
{
    const watcher *a = luaL_checkudata(L, 1, ALARM);
    if (is_own(a))
        lua_pushinteger(L, a->bell.epoll);
    else
        lua_pushnil(L);
    return 1;
}

/* alarm:set(fd, seconds): has it ring when fd is readable, or after so many seconds. Forgets what was set before. */
static int set(lua_State *L)
{
    watcher *a = luaL_checkudata(L, 1, ALARM);
    int fd = (int)luaL_checkinteger(L, 2);
    double seconds = (double)luaL_checknumber(L, 3);
    if (!is_own(a))
        return luaL_error(L, "an alarm is its process's own: make one after the fork");
    unset(a);
    if (!oe_bell_add(&a->bell, fd))
        return fail(L, "cannot wait for this descriptor");
    a->watched = fd;
    seconds = seconds > OE_BELL_SOONEST ? seconds : OE_BELL_SOONEST;
    (void)oe_bell_set(&a->bell, seconds < LONGEST ? seconds : LONGEST, 0);
    return 0;
}

/* alarm:rang(): true, fd is readable; false, time is over, and fd is not readable; nil, neither. For an alarm of the parent
   of a fork, false. */
static int rang(lua_State *L)
{
    watcher *a = luaL_checkudata(L, 1, ALARM);
    struct epoll_event events[2];
    if (!is_own(a)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    int n = epoll_wait(a->bell.epoll, events, 2, 0);
    bool readable = false;
    for (int i = 0; i < n; i++)
        readable = readable || events[i].data.fd == a->watched;
    if (n <= 0) {
        lua_pushnil(L);
        return 1;
    }
    unset(a);
    (void)oe_bell_set(&a->bell, 0, 0);
    lua_pushboolean(L, readable);
    return 1;
}

/* alarm:close(): gives its descriptors back, as the collector does. */
static int close_alarm(lua_State *L)
{
    give_back(luaL_checkudata(L, 1, ALARM));
    return 0;
}

void oe_alarm_register(lua_State *L)
{
    static const luaL_Reg methods[] = {
        { "getfd", getfd }, { "set", set }, { "rang", rang }, { "close", close_alarm }, { NULL, NULL }
    };
    luaL_newmetatable(L, ALARM);
    lua_pushcfunction(L, close_alarm);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, ALARM);
    lua_setfield(L, -2, "__metatable");
    lua_newtable(L);
    oe_table_add(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
