/* The life of one request, from start to end: the file to read first.

   A method is start, wait, finish. start() checks the arguments, writes the request and sends it; advance() takes the
   call from one phase to the next whenever its transfer has news; oe_response_push() makes the result. Only the
   waiting in between is exchangeable: it is the last loop of this file. */
#include "oneentry.h"

#include <string.h>

#define CALL "oneentry.call"

static void send(lua_State *L, oe_call *call, int session)
{
    oe_request_headers(L, call->client, session, call->row->verb, true, call->transfer);
    call->epoch = call->session->epoch;
    call->attempts++;
    call->phase = OE_SENDING;
    oe_engine_start(call->client->engine, call->transfer, call->deadline - oe_engine_now());
}

static void settle(oe_call *call, enum oe_code failure)
{
    call->phase = OE_SETTLED;
    call->failure = failure;
}

/* Pushes the call as a userdata: whatever happens from here on, its __gc gives the transfer back. */
static oe_call *start(lua_State *L, oe_session *session, const oe_row *row, bool sends)
{
    oe_argument_check(L, row, lua_upvalueindex(3));
    oe_call *call = lua_newuserdata(L, sizeof *call);
    memset(call, 0, sizeof *call);
    luaL_getmetatable(L, CALL);
    lua_setmetatable(L, -2);
    call->row = row;
    call->session = session;
    call->client = session->client;
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawseti(L, -2, 1);
    oe_argument_push_lang(L, call->client, row);
    lua_rawseti(L, -2, 2);
    oe_argument_push(L, row, "marker");
    lua_rawseti(L, -2, 3);
    oe_setuservalue(L, -2);
    if (call->client->closed) {
        settle(call, OE_CLOSED);
        return call;
    }
    if (!oe_engine_take(call->client->engine, &call->transfer))
        luaL_error(L, "not enough memory");
    oe_request_build(L, call->client, row, call->transfer);
    call->deadline = oe_engine_now() + call->client->options.timeout;
    if (sends)
        send(L, call, lua_upvalueindex(1));
    return call;
}

static bool may_refresh(const oe_call *call)
{
    return call->transfer->status == 401 && !(call->row->does & OE_FINAL_401) && !call->client->custom_auth &&
           !call->refreshed;
}

/* The transfer is done: is that the answer? */
static void decide(oe_call *call)
{
    call->sent = call->sent || call->transfer->sent;
    if (may_refresh(call)) {
        call->phase = OE_REFRESHING;
        call->joined = 0;
        return;
    }
    double delay = oe_retry_delay(call);
    if (delay < 0) {
        settle(call, OE_OK);
        return;
    }
    call->phase = OE_PAUSED;
    call->resume = oe_engine_now() + delay;
    call->retries++;
}

/* After a refresh the request goes out once more, with the new token. */
static void refreshed(lua_State *L, oe_call *call, int session, enum oe_refresh outcome)
{
    if (outcome == OE_REFRESH_FAILED) {
        settle(call, OE_OK); /* with the 401 */
        return;
    }
    call->refreshed = true;
    oe_session_renew_body(L, call, session);
    send(L, call, session);
}

/* Takes the call as far as it goes without waiting. True: it is settled. */
static bool advance(lua_State *L, oe_call *call, int session)
{
    while (call->phase != OE_SETTLED) {
        if (!call->transfer) { /* the client was closed by a callback, or this is a child of fork */
            settle(call, OE_CLOSED);
        } else if (call->phase == OE_SENDING) {
            if (!call->transfer->done)
                return false;
            decide(call);
        } else if (call->phase == OE_REFRESHING) {
            enum oe_refresh outcome = oe_session_refresh(L, call, session);
            if (!call->transfer)
                continue;
            if (outcome != OE_REFRESH_WAIT)
                refreshed(L, call, session, outcome);
            else if (oe_engine_now() < call->deadline)
                return false;
            else
                settle(call, OE_TIMEOUT);
        } else {
            if (oe_engine_now() < call->resume)
                return false;
            send(L, call, session);
        }
    }
    return true;
}

/* Seconds until the call wants to be looked at even if nothing happens on the wire. */
static double patience(const oe_call *call)
{
    double until = call->phase == OE_PAUSED ? call->resume : call->deadline;
    double left = until - oe_engine_now();
    return left > 0 ? left : 0;
}

static const oe_row *row_of(lua_State *L)
{
    int number = (int)lua_tointeger(L, lua_upvalueindex(2));
    return &oe_modules[number >> 8].rows[number & 255];
}

/* upvalues: session, row number, module table */
int oe_call_method(lua_State *L)
{
    oe_call *call = start(L, lua_touserdata(L, lua_upvalueindex(1)), row_of(L), true);
    int index = lua_gettop(L);
    while (!advance(L, call, lua_upvalueindex(1)))
        oe_engine_wait(call->client->engine, patience(call));
    return oe_response_push(L, call, index);
}

/* The same without sending: api.prepare. */
int oe_call_prepare(lua_State *L)
{
    oe_call *call = start(L, lua_touserdata(L, lua_upvalueindex(1)), row_of(L), false);
    if (call->transfer) {
        oe_request_headers(L, call->client, lua_upvalueindex(1), call->row->verb, true, call->transfer);
        oe_request_push(L, call->transfer);
        oe_call_release(call);
        return 1;
    }
    return oe_response_push(L, call, lua_gettop(L));
}

void oe_call_release(oe_call *call)
{
    if (call->transfer)
        oe_engine_give(call->client->engine, call->transfer);
}

void oe_call_push_client_table(lua_State *L, int index)
{
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, 1);
    oe_getuservalue(L, -1);
    lua_getfield(L, -1, "client");
    oe_getuservalue(L, -1);
    lua_replace(L, -5);
    lua_pop(L, 3);
}

static int collect(lua_State *L)
{
    oe_call_release(lua_touserdata(L, 1));
    return 0;
}

void oe_call_register(lua_State *L)
{
    luaL_newmetatable(L, CALL);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
