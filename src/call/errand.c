/* Errands: logins, refreshes and logouts that were sent. Their client brings them to their end, whoever asked for them is
   gone, late or has cancelled: a token that the server has spent or given is not to be lost.

   A future that nobody awaits is taken forward with them, as long as somebody holds it.

   The client's table keeps errands in `errands`, by place, and knows futures in `futures`, by number. The list client->errands
   links both, so that C can walk them without Lua. */
#include "call/call.h"

static void enlist(oe_call *call)
{
    if (call->listed)
        return;
    call->listed = true;
    call->next_errand = call->client->errands;
    call->client->errands = call;
}

void oe_errand_forget(oe_call *call)
{
    oe_call **link = &call->client->errands;
    while (call->listed && *link && *link != call)
        link = &(*link)->next_errand;
    if (call->listed && *link)
        *link = call->next_errand;
    call->listed = false;
}

/* One more than the highest place in use: places begin at 1 again when no errand is left. */
static int free_place(const oe_client *client)
{
    int place = 0;
    for (const oe_call *call = client->errands; call; call = call->next_errand)
        if (call->errand_place > place)
            place = call->errand_place;
    return place + 1;
}

static void set_place(lua_State *L, int session, const char *table, int place)
{
    oe_session_push_of_client(L, session, table);
    lua_insert(L, -2);
    lua_rawseti(L, -2, place);
    lua_pop(L, 1);
}

void oe_errand_watch(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    lua_pushvalue(L, index);
    set_place(L, session, "futures", (int)call->number);
    enlist(call);
}

void oe_errand_begin(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    int place = free_place(call->client);
    lua_pushvalue(L, index);
    set_place(L, session, "errands", place);
    call->errand_place = place;
    call->errand = true;
    enlist(call);
}

void oe_errand_end(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    oe_errand_forget(call);
    if (call->errand) {
        lua_pushnil(L);
        set_place(L, session, "errands", call->errand_place);
    }
    call->errand = false;
    call->errand_place = 0;
}

/* Pushes the call; nil when it is being collected. */
static void push_call(lua_State *L, int client, const oe_call *call)
{
    oe_getuservalue(L, client);
    lua_getfield(L, -1, call->errand ? "errands" : "futures");
    lua_rawgeti(L, -1, call->errand ? call->errand_place : (int)call->number);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static bool can_go_on(const oe_call *call);

/* Can one of its child calls, or is none under way? */
static bool can_gather_on(const oe_gathering *g)
{
    bool any = false;
    for (int i = 0; g && i < OE_WIDTH; i++) {
        if (g->children[i] && can_go_on(g->children[i]))
            return true;
        any = any || g->children[i];
    }
    return !any;
}

static bool can_go_on(const oe_call *call)
{
    if (call->concluded || (!call->errand && (call->ticket || call->telling > 0)))
        return false;
    if (!call->transfer || call->client->closed)
        return true;
    switch (call->phase) {
    case OE_SENDING:
        return call->transfer->done;
    case OE_REFRESHING:
        return !call->refresh || call->refresh->concluded || oe_clock_now() >= call->deadline;
    case OE_PAUSED:
        return oe_clock_now() >= call->resume;
    case OE_GATHERING:
        return can_gather_on(call->gathering);
    default:
        return true;
    }
}

/* Looks at each once. Taking one forward can run Lua, and change the list: it is looked at from its beginning then. */
void oe_errand_run(lua_State *L, int client)
{
    oe_client *c = lua_touserdata(L, client);
    const unsigned run = ++c->runs;
    int top = lua_gettop(L);
    oe_call *call = c->errands;
    while (call) {
        if (call->run == run || !can_go_on(call)) {
            call = call->next_errand;
            continue;
        }
        call->run = run;
        luaL_checkstack(L, 30, "not enough memory for a call");
        push_call(L, client, call);
        if (!lua_isnil(L, -1)) {
            oe_call_get(L, top + 1, OE_SLOT_SESSION);
            if (oe_call_advance(L, call, top + 1, top + 2) && call->ticket)
                oe_call_tell_everyone(call);
            if (!c->driven && !call->ticket && call->reports > 0) /* whoever drives the client calls its callbacks */
                oe_report_leave(L, top + 1);
        }
        lua_settop(L, top);
        call = c->errands;
    }
}
