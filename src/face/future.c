/* Calls that somebody else waits for: the C half of lua/oneentry/await.lua, which holds the loop, because LuaJIT cannot
   yield below a C function. */
#include "face/face.h"

#define AWAIT "oneentry.await"

int oe_future_start(lua_State *L)
{
    int session;
    const oe_row *row = oe_modules_enter(L, &session);
    oe_call_start(L, session, row);
    return 1;
}

static oe_call *to_call(lua_State *L, int index)
{
    return luaL_checkudata(L, index, OE_CALL);
}

/* Advances the call at the absolute `index`, and says who waits for it. */
static bool advance(lua_State *L, int index, unsigned ticket)
{
    oe_call *call = to_call(L, index);
    if (ticket)
        call->ticket = call->ticket && call->ticket != ticket ? OE_EVERYONE : ticket; /* several wait for it */
    oe_call_get(L, index, OE_SLOT_SESSION);
    if (!ticket && !call->listed && call->transfer && call->client->driven) /* else it is over, or was finalized */
        oe_errand_watch(L, index, lua_gettop(L));
    bool settled = oe_call_advance(L, call, index, lua_gettop(L));
    lua_pop(L, 1);
    if (!settled && ticket)
        oe_call_check_wait(L, call);
    if (!settled && ticket && call->transfer)
        call->transfer->ticket = call->ticket;
    return settled;
}

/* Is the first argument a userdata of that kind? */
static bool is(lua_State *L, const char *kind)
{
    if (lua_type(L, 1) != LUA_TUSERDATA || !lua_getmetatable(L, 1))
        return false;
    luaL_getmetatable(L, kind);
    bool equal = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return equal;
}

/* advance(call or list of calls, ticket or nil) -> how many are not settled, seconds until one wants to be looked at again,
   whether there is news for somebody: then news() has to be asked; whether one of them has reports for who waits for it, and
   whether there are orphans */
static int core_advance(lua_State *L)
{
    unsigned ticket = (unsigned)lua_tointeger(L, 2);
    bool list = lua_istable(L, 1);
    int n = list ? (int)lua_rawlen(L, 1) : 1, left = 0;
    double seconds = 1e9;
    bool news = false, reports = false, orphans = false;
    luaL_checkstack(L, 30, "not enough memory for a call");
    for (int i = 1; i <= n; i++) {
        if (list)
            lua_rawgeti(L, 1, i);
        else
            lua_pushvalue(L, 1);
        int index = lua_gettop(L);
        if (!advance(L, index, ticket)) {
            double patience = oe_call_patience(to_call(L, index));
            seconds = patience < seconds ? patience : seconds;
            left++;
        }
        const oe_call *call = to_call(L, index);
        const oe_client *client = call->client;
        news = news || (client->engine && oe_engine_has_news(client->engine)); /* none: the Lua state is being closed */
        reports = reports || (call->reports > 0 && call->telling <= 0 && (ticket || !client->driven));
        orphans = orphans || client->orphans > 0;
        lua_pop(L, 1);
    }
    lua_pushinteger(L, left);
    lua_pushnumber(L, (lua_Number)seconds);
    lua_pushboolean(L, news);
    lua_pushboolean(L, reports);
    lua_pushboolean(L, orphans);
    return 5;
}

/* is_settled(call): has it its result? */
static int core_is_settled(lua_State *L)
{
    lua_pushboolean(L, to_call(L, 1)->outcome != OE_NOTHING);
    return 1;
}

/* take(call): what the method returns, for the last time */
static int core_take(lua_State *L)
{
    return oe_outcome_take(L, to_call(L, 1), 1);
}

/* finish(call): what the method returns; as often as it is asked for */
static int core_finish(lua_State *L)
{
    return oe_outcome_return(L, to_call(L, 1), 1);
}

/* cancel(call): ends it, and has those who wait for it told */
static int core_cancel(lua_State *L)
{
    const oe_call *call = to_call(L, 1);
    bool waited_for = call->ticket && call->outcome == OE_NOTHING;
    lua_settop(L, 1);
    oe_call_cancel(L, 1);
    if (waited_for && call->client->engine)
        oe_engine_tell_everyone(call->client->engine);
    return 0;
}

/* report(call, going_on) -> the next callback to be called, its argument, its name, and what complain() needs; nothing: there is
   none, or another coroutine calls them. Go on until there is none: the call goes no further meanwhile. */
static int core_report(lua_State *L)
{
    (void)to_call(L, 1);
    bool going_on = lua_toboolean(L, 2) != 0;
    lua_settop(L, 1);
    return oe_report_next(L, 1, going_on) ? OE_REPORT : 0;
}

/* orphan(client): the same of those that no call tells */
static int core_orphan(lua_State *L)
{
    luaL_checkudata(L, 1, OE_CLIENT);
    lua_settop(L, 1);
    return oe_report_take(L, 1, 0) ? OE_REPORT : 0;
}

/* orphans(client): how many those are */
static int core_orphans(lua_State *L)
{
    const oe_client *client = luaL_checkudata(L, 1, OE_CLIENT);
    lua_pushinteger(L, (lua_Integer)client->orphans);
    return 1;
}

/* abandon(client, ticket): the coroutine of that ticket is gone */
static int core_abandon(lua_State *L)
{
    luaL_checkudata(L, 1, OE_CLIENT);
    oe_report_abandon_ticket(L, 1, (unsigned)luaL_checkinteger(L, 2));
    return 0;
}

/* tell(call): calls all of that here and now */
static int core_tell(lua_State *L)
{
    (void)to_call(L, 1);
    lua_settop(L, 1);
    oe_report_tell(L, 1);
    return 0;
}

/* handler(client): errors.callback */
static int core_handler(lua_State *L)
{
    luaL_checkudata(L, 1, OE_CLIENT);
    oe_getuservalue(L, 1);
    lua_getfield(L, -1, "errorCallback");
    return 1;
}

/* complain(client, problem, name, ...): logs what a callback has thrown */
static int core_complain(lua_State *L)
{
    luaL_checkudata(L, 1, OE_CLIENT);
    luaL_checktype(L, 3, LUA_TSTRING);
    luaL_checktype(L, 4, LUA_TTABLE);
    oe_report_complain(L, 1, 2, 3, 4);
    return 0;
}

/* client(call) */
static int core_client(lua_State *L)
{
    (void)to_call(L, 1);
    oe_call_get(L, 1, OE_SLOT_SESSION);
    oe_session_push_client(L, lua_gettop(L));
    return 1;
}

/* kept(call or client): a table for Lua that lives as long as it does; that of a client has its driver. What C keeps, and
   points into, is in none. */
static int core_kept(lua_State *L)
{
    bool is_call = is(L, OE_CALL);
    luaL_argcheck(L, is_call || is(L, OE_CLIENT), 1, "call or client expected");
    oe_getuservalue(L, 1);
    lua_getfield(L, -1, "kept");
    if (!lua_isnil(L, -1))
        return 1;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_getfield(L, -2, "driver");
    lua_setfield(L, -2, "driver");
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "kept");
    return 1;
}

/* methods(index, close): what futures, which are calls, have */
static int core_methods(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    luaL_getmetatable(L, OE_CALL);
    lua_insert(L, 1);
    lua_setfield(L, 1, "__close");
    lua_setfield(L, 1, "__index");
    lua_pushliteral(L, "oneentry.future");
    lua_setfield(L, 1, "__name");
    return 0;
}

/* Anybody can get at these: as the scheduler of a driver, or in place of the file that they are for. */
static void push_core(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "advance", core_advance }, { "is_settled", core_is_settled },
        { "finish", core_finish },   { "take", core_take },
        { "cancel", core_cancel },   { "report", core_report },
        { "orphan", core_orphan },   { "orphans", core_orphans },
        { "abandon", core_abandon }, { "tell", core_tell },
        { "handler", core_handler }, { "complain", core_complain },
        { "client", core_client },   { "kept", core_kept },
        { "methods", core_methods }, { NULL, NULL },
    };
    lua_newtable(L);
    oe_table_add(L, functions);
    lua_pushboolean(L, OE_PCALL_YIELDS);
    lua_setfield(L, -2, "pcall_yields");
    oe_driving_register(L);
    oe_each_register(L);
}

void oe_future_push(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, AWAIT);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        oe_globals_push_require(L);
        lua_pushliteral(L, AWAIT);
        lua_call(L, 1, 1);
        push_core(L);
        lua_call(L, 1, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, AWAIT);
    }
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}
