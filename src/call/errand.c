/* Errands: logins, refreshes and logouts that were sent. Their client brings them to their end, whoever asked for them is
   gone, late or has cancelled: a token that the server has spent or given is not to be lost. */
#include "call/call.h"

static void push_errands(lua_State *L, int client)
{
    oe_getuservalue(L, client);
    lua_getfield(L, -1, "errands");
    lua_remove(L, -2);
}

/* The table keeps the calls; the list, the newest first, is for looking at them. */
void oe_errand_begin(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    oe_session_push_of_client(L, session, "errands");
    const oe_call *newest = call->client->errands;
    call->errand_place = newest ? newest->errand_place + 1 : 1;
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, call->errand_place);
    lua_pop(L, 1);
    call->errand = true;
    call->next_errand = call->client->errands;
    call->client->errands = call;
}

void oe_errand_end(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    oe_call **link = &call->client->errands;
    while (*link && *link != call)
        link = &(*link)->next_errand;
    if (*link)
        *link = call->next_errand;
    call->errand = false;
    oe_session_push_of_client(L, session, "errands");
    lua_pushnil(L);
    lua_rawseti(L, -2, call->errand_place);
    lua_pop(L, 1);
}

static bool can_go_on(const oe_call *call)
{
    if (call->concluded)
        return false;
    if (!call->transfer || call->client->closed)
        return true;
    switch (call->phase) {
    case OE_SENDING:
        return call->transfer->done;
    case OE_REFRESHING:
        return !call->refresh || call->refresh->concluded || oe_clock_now() >= call->deadline;
    default:
        return true;
    }
}

/* Taking one forward can run Lua, and change the list: it is looked at from its beginning then. */
void oe_errand_run(lua_State *L, int client)
{
    const oe_client *c = lua_touserdata(L, client);
    oe_call *call = c->errands;
    int top = lua_gettop(L);
    while (call) {
        if (!can_go_on(call)) {
            call = call->next_errand;
            continue;
        }
        unsigned steps = call->steps;
        luaL_checkstack(L, 30, "no room for a call");
        push_errands(L, client);
        lua_rawgeti(L, -1, call->errand_place);
        oe_call_get(L, top + 2, OE_SLOT_SESSION);
        oe_call_advance(L, call, top + 2, top + 3);
        bool moved = call->concluded || call->steps != steps;
        lua_settop(L, top);
        call = moved ? c->errands : NULL;
    }
}
