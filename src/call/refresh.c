/* The refresh of a session after a 401: a call of the row AuthProvider.refresh, one for however many calls and sessions hold
   the token. */
#include "call/call.h"

#include <string.h>

bool oe_refresh_may_help(const oe_call *call)
{
    return call->transfer->status == 401 && !(call->row->session & OE_FINAL_401) && !call->client->custom_auth &&
           !call->refreshed;
}

static const oe_row *refresh_row(void)
{
    for (const oe_module *m = oe_modules; m->name; m++)
        for (const oe_row *row = m->rows; row && row->name; row++)
            if (row->session & OE_ROTATE)
                return row;
    return NULL;
}

/* (marker, token, session) -> call */
static int start(lua_State *L)
{
    oe_call_start(L, 3, refresh_row())->automatic = true;
    return 1;
}

/* Pushes the key of the session's refresh token. False: it has none. */
static bool push_key(lua_State *L, int kept)
{
    lua_getfield(L, kept, "providerMarker");
    lua_getfield(L, kept, "refreshToken");
    return oe_spent_push_key(L, kept);
}

/* Pushes a call that spends the session's refresh token. False: there cannot be one. */
static bool push_call(lua_State *L, int session, int kept)
{
    lua_pushcfunction(L, start);
    lua_getfield(L, kept, "providerMarker");
    lua_getfield(L, kept, "refreshToken");
    lua_pushvalue(L, session);
    if (lua_pcall(L, 3, 1, 0) == 0)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Has the call wait for the one at `refresh`. */
static void join(lua_State *L, oe_call *call, int index, int refresh)
{
    lua_pushvalue(L, refresh);
    oe_call_set(L, index, OE_SLOT_REFRESH);
    call->refresh = lua_touserdata(L, refresh);
}

void oe_refresh_leave(lua_State *L, int index)
{
    oe_call *call = lua_touserdata(L, index);
    if (!call->refresh)
        return;
    if (call->refresh->asker == call)
        call->refresh->asker = NULL;
    call->refresh = NULL;
    lua_pushnil(L);
    oe_call_set(L, index, OE_SLOT_REFRESH);
}

/* The call of the record on top of the stack, or NULL. */
static const oe_call *call_of(lua_State *L)
{
    lua_getfield(L, -1, "call");
    const oe_call *call = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return call;
}

static bool is_in_flight(lua_State *L)
{
    const oe_call *call = call_of(L);
    return call && call->outcome == OE_NOTHING; /* or a finalizer asks while its answer is read */
}

/* When the refresh of the record on top of the stack failed, or -1. */
static double ended(lua_State *L)
{
    const oe_call *call = call_of(L);
    return call ? call->ended : -1;
}

/* Are the tokens of the record on top of the stack others than those of the session? */
static bool is_news(lua_State *L, int kept)
{
    lua_getfield(L, -1, "accessToken");
    lua_getfield(L, kept, "accessToken");
    bool news = lua_isstring(L, -2) && !lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return news;
}

/* Replaces the record on top of the stack by that of its refresh token, and so on, as long as these have been spent, too. */
static void follow(lua_State *L, int session, int kept)
{
    int record = lua_gettop(L);
    for (int i = 0; i < 100; i++) {
        lua_getfield(L, kept, "providerMarker");
        lua_getfield(L, record, "refreshToken");
        if (!oe_spent_push_key(L, kept))
            break;
        bool found = oe_spent_find(L, session, record + 1) && is_news(L, kept) && !lua_rawequal(L, -1, record);
        if (found)
            lua_replace(L, record);
        lua_settop(L, record);
        if (!found)
            break;
    }
}

/* Gives the session the tokens of the record on top of the stack, if they are news; `epoch` is of the tokens that the record was
   found by. True: the session has others than these now, by this or by a finalizer. */
static bool take(lua_State *L, int session, int kept, oe_call *call, unsigned epoch)
{
    const oe_session *s = lua_touserdata(L, session);
    if (!is_news(L, kept))
        return s->epoch != epoch;
    follow(L, session, kept);
    if (s->epoch == epoch)
        oe_session_renew(L, session, call, lua_gettop(L));
    return true;
}

void oe_refresh_adopt(lua_State *L, int session)
{
    int top = lua_gettop(L);
    const unsigned epoch = ((const oe_session *)lua_touserdata(L, session))->epoch;
    luaL_checkstack(L, 30, "not enough memory for tokens");
    oe_getuservalue(L, session);
    if (push_key(L, top + 1) && oe_spent_find(L, session, top + 2))
        take(L, session, top + 1, NULL, epoch);
    lua_settop(L, top);
}

/* Starts a refresh of the token whose key is at `key`, unless a finalizer has started one or changed the call meanwhile. False: it
   cannot be started. */
static bool begin(lua_State *L, oe_call *call, int index, int session, int kept, int key)
{
    const unsigned steps = call->steps;
    lua_settop(L, key);
    if (!push_call(L, session, kept))
        return false;
    int refresh = key + 1;
    oe_session_push_family(L, kept);
    oe_call_set(L, refresh, OE_SLOT_FAMILY);
    oe_spent_make_room(L, session);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, refresh);
    lua_setfield(L, -2, "call");
    bool busy = oe_spent_find(L, session, key) && is_in_flight(L);
    lua_settop(L, refresh + 1);
    if (busy || call->steps != steps || call->refresh || call->epoch != call->session->epoch)
        return true;
    oe_spent_set(L, session, key);
    ((oe_call *)lua_touserdata(L, refresh))->asker = call;
    join(L, call, index, refresh);
    return true;
}

/* Starts a refresh, joins one, or takes what one has brought. False: nothing of that is possible. */
static bool ask(lua_State *L, oe_call *call, int index, int session, int kept)
{
    const double sent = call->transfer->started;
    const unsigned epoch = call->session->epoch;
    if (!push_key(L, kept))
        return false;
    int key = lua_gettop(L);
    if (oe_spent_find(L, session, key)) {
        if (is_in_flight(L)) {
            lua_getfield(L, -1, "call");
            join(L, call, index, key + 2);
            call->refresh->urgent = true;
            return true;
        }
        /* A request that was under way when a refresh failed is no reason for another: the token may be spent. */
        if (sent <= ended(L))
            return false;
        if (take(L, session, kept, call, epoch))
            return true;
    }
    return begin(L, call, index, session, kept, key);
}

/* Takes the refresh that this call waits for forward. True: it has its result. */
static bool is_over(lua_State *L, oe_call *call, int index)
{
    oe_call_get(L, index, OE_SLOT_REFRESH);
    int refresh = lua_gettop(L);
    oe_call *r = call->refresh;
    oe_call_get(L, refresh, OE_SLOT_SESSION);
    oe_call_advance(L, r, refresh, refresh + 1);
    return r->outcome != OE_NOTHING;
}

static enum oe_refresh poll(lua_State *L, oe_call *call, int index, int session, int kept)
{
    const oe_session *s = call->session;
    const unsigned steps = call->steps;
    while (call->transfer && !call->client->closed && call->steps == steps) {
        lua_settop(L, kept);
        if (call->user != s->user) /* tokens of another login */
            return OE_REFRESH_FAILED;
        if (call->epoch != s->epoch) { /* a refresh of the same login: send it again with its tokens */
            lua_getfield(L, kept, "accessToken");
            return lua_isnil(L, -1) ? OE_REFRESH_FAILED : OE_REFRESH_DONE;
        }
        if (!call->refresh && !ask(L, call, index, session, kept))
            return OE_REFRESH_FAILED;
        if (call->refresh) {
            if (!is_over(L, call, index) || (call->reports > 0 && !call->errand)) /* a callback may cancel this call */
                return OE_REFRESH_WAIT;
            if (call->steps == steps)
                oe_refresh_leave(L, index);
        }
    }
    return OE_REFRESH_WAIT;
}

enum oe_refresh oe_refresh_poll(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    int top = lua_gettop(L);
    luaL_checkstack(L, 60, "not enough memory for a refresh");
    oe_getuservalue(L, session);
    enum oe_refresh outcome = poll(L, call, index, session, top + 1);
    lua_settop(L, top);
    return outcome;
}

void oe_refresh_renew_body(lua_State *L, int index, int session)
{
    const oe_call *call = lua_touserdata(L, index);
    int top = lua_gettop(L);
    if (!(call->row->session & OE_LOGOUT) || !call->transfer->has_body)
        return;
    oe_getuservalue(L, session);
    lua_getfield(L, -1, "spentToken");
    lua_getfield(L, -2, "refreshToken");
    oe_call_get(L, index, OE_SLOT_TOKEN);
    if (lua_rawequal(L, -1, -3) && lua_isstring(L, -2) && call->transfer) {
        oe_buffer *body = &call->transfer->body;
        oe_buffer_reset(body, body->room);
        oe_buffer_text(body, "{\"refreshToken\":");
        size_t n;
        const char *token = lua_tolstring(L, -2, &n);
        oe_json_string(body, token, n);
        oe_buffer_byte(body, '}');
        if (body->failed)
            luaL_error(L, "not enough memory");
    }
    lua_settop(L, top);
}
