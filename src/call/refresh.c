/* The refresh of a session after a 401, one for however many calls wait for it. */
#include "call/call.h"

#include <string.h>

/* oe_uri_lookup; the context is the provider marker */
static bool marker_value(void *context, const char *name, size_t n, oe_text *value)
{
    (void)name, (void)n;
    *value = *(const oe_text *)context;
    return true;
}

/* {"refreshToken": token}: what refresh and logout send. */
static void write_token(oe_buffer *body, const char *token, size_t n)
{
    oe_buffer_text(body, "{\"refreshToken\":");
    oe_json_string(body, token, n);
    oe_buffer_byte(body, '}');
}

/* Pushes what start() needs. */
static void push_request(lua_State *L, int index, int kept)
{
    lua_getfield(L, kept, "refreshToken");
    lua_getfield(L, kept, "providerMarker");
    oe_request_push_headers(L, index, OE_POST, false);
}

/* Sends the session's refresh token to the provider that issued it, of what push_request() has pushed; runs no Lua.
   False: that is not possible. */
static bool start(lua_State *L, const oe_call *call)
{
    oe_session *session = call->session;
    oe_client *client = call->client;
    size_t n;
    oe_text marker, bad;
    const char *token = lua_tolstring(L, -2 - OE_HEADERS, &n);
    marker.p = lua_tolstring(L, -1 - OE_HEADERS, &marker.n);
    if (!token || !marker.p)
        return false;
    oe_transfer *t = oe_engine_take(client->engine, &session->refresh);
    if (!t)
        return false;
    t->verb = OE_POST;
    t->has_body = true;
    oe_buffer_add(&t->url, client->settings.url, client->settings.url_n);
    const char *problem = oe_uri_expand(&t->url, OE_REFRESH_PATH, marker_value, &marker, &bad);
    oe_buffer_byte(&t->url, 0);
    write_token(&t->body, token, n);
    bool headers = oe_request_headers(L, &client->settings, &t->headers);
    if (problem || !headers || t->url.failed || t->body.failed) {
        oe_engine_give(client->engine, t);
        return false;
    }
    session->refresh_epoch = session->epoch;
    session->refreshes++;
    /* With the time of a call of its own: the token is spent, whatever becomes of the call that asked. */
    t->ticket = OE_EVERYONE; /* whoever waits for it is told */
    oe_engine_start(client->engine, t, client->options.timeout);
    return true;
}

static bool is_within(const oe_client *client, const oe_transfer *answer)
{
    return oe_json_is_within(answer->reply.p, answer->reply.n, client->options.max_values);
}

/* Takes the tokens of the answer. Whatever is wrong with it changes nothing; nor does one to a token that a login or
   logout has replaced meanwhile. A finalizer that runs while it is decoded may do the same by a call of its own: then
   nothing is left to do here. */
static void finish(lua_State *L, oe_session *session, int index, int kept)
{
    oe_client *client = session->client;
    const oe_hook_event event = oe_hooks_event(OE_POST, OE_REFRESH_PATH, 1, session->refresh);
    const unsigned number = session->refreshes;
    const double ended = session->refresh->ended;
    bool marked, usable = false;
    if (event.result == OE_OK && event.status >= 200 && event.status < 300) {
        lua_getfield(L, kept, "client");
        oe_getuservalue(L, -1);
        lua_getfield(L, -1, "decode");
        usable = session->refresh && is_within(client, session->refresh) &&
                 oe_call_decode(L, lua_gettop(L), &session->refresh, &marked) &&
                 !oe_session_tokens_problem(L, lua_gettop(L), true);
    }
    if (!session->refresh || session->refreshes != number)
        return;
    oe_engine_give(client->engine, session->refresh);
    if (usable && session->refresh_epoch == session->epoch) {
        lua_getfield(L, kept, "refreshToken");
        lua_setfield(L, kept, "spentToken");
        oe_session_take_tokens(L, session, kept, lua_gettop(L));
    } else if (session->refresh_epoch == session->epoch) {
        session->refresh_failed = ended; /* which may be long ago */
    }
    oe_hooks_run(L, client, index, &event);
}

/* The hook may do anything: log out, refresh by a call of its own, close the client. */
static void announce(lua_State *L, const oe_call *call, int index, int kept)
{
    const oe_hook_event event = oe_hooks_event(OE_POST, OE_REFRESH_PATH, 1, NULL);
    lua_getfield(L, kept, "refreshToken");
    if (!lua_isnil(L, -1))
        oe_hooks_run(L, call->client, index, &event);
    lua_pop(L, 1);
}

static enum oe_refresh poll(lua_State *L, oe_call *call, int index, int kept)
{
    oe_session *session = call->session;
    unsigned steps = call->steps;
    if (session->refresh && session->refresh->done)
        finish(L, session, index, kept);
    if (!call->transfer || call->steps != steps) /* a callback has cancelled this very call, or waited for it */
        return OE_REFRESH_WAIT;
    /* What was under way when a refresh failed is not a reason for another: the token may be spent. */
    if (!session->refresh && !call->asked && session->epoch == call->epoch &&
        call->transfer->started > session->refresh_failed) {
        call->asked = true;
        announce(L, call, index, kept);
        push_request(L, index, kept);
        if (!call->transfer || call->steps != steps)
            return OE_REFRESH_WAIT;
        if (!session->refresh && session->epoch == call->epoch && !call->client->closed && !session->collected &&
            start(L, call))
            return poll(L, call, index, kept);
    }
    if (session->epoch != call->epoch) { /* other tokens than the 401 was about: this call's refresh, or another's */
        lua_getfield(L, kept, "accessToken");
        return lua_isnil(L, -1) ? OE_REFRESH_FAILED : OE_REFRESH_DONE;
    }
    if (session->refresh && session->refresh_epoch != call->epoch)
        return OE_REFRESH_WAIT; /* it is of tokens replaced since; this call's own may follow it */
    call->asked = true;
    return session->refresh ? OE_REFRESH_WAIT : OE_REFRESH_FAILED;
}

enum oe_refresh oe_refresh_poll(lua_State *L, oe_call *call, int index)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 30, "no room for a refresh");
    oe_getuservalue(L, index);
    enum oe_refresh outcome = poll(L, call, index, top + 1);
    lua_settop(L, top);
    return outcome;
}

void oe_refresh_renew_body(lua_State *L, const oe_call *call, int index)
{
    int top = lua_gettop(L);
    if (!(call->row->does & OE_LOGOUT) || !call->transfer->has_body)
        return;
    oe_getuservalue(L, index);
    lua_getfield(L, -1, "spentToken");
    lua_getfield(L, -2, "refreshToken");
    size_t spent_n, n;
    const char *spent = lua_tolstring(L, -2, &spent_n), *token = lua_tolstring(L, -1, &n);
    oe_buffer of_spent = { 0 }, fresh = { 0 };
    if (spent && token && call->transfer) {
        write_token(&of_spent, spent, spent_n);
        write_token(&fresh, token, n);
    }
    bool failed = of_spent.failed || fresh.failed;
    oe_buffer *body = call->transfer ? &call->transfer->body : NULL;
    if (body && !failed && of_spent.n && of_spent.n == body->n && memcmp(of_spent.p, body->p, body->n) == 0) {
        oe_buffer_free(body);
        *body = fresh;
    } else {
        oe_buffer_free(&fresh);
    }
    oe_buffer_free(&of_spent);
    if (failed)
        luaL_error(L, "not enough memory");
    lua_settop(L, top);
}

bool oe_refresh_may_help(const oe_call *call)
{
    return call->transfer->status == 401 && !(call->row->does & OE_FINAL_401) && !call->client->custom_auth &&
           !call->refreshed;
}
