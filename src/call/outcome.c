/* An answer becomes the result of its method: a value, or nil and err. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>

#define MAX_TEXT 4096                /* bytes of an error's body that is not JSON, kept in err.body */
#define MAX_ERROR_BODY (1024 * 1024) /* bytes of one that is decoded */

/* The stack while an answer is read. */
enum { CALL = 1, SESSION, KEPT /* the client's table */ };

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

/* Decodes the call's reply. Pushes a value for READ only. The call holds what is read, not the transfer: a finalizer may give
   that away meanwhile. */
enum reading { READ, NOT_JSON, TOO_MANY, ALIKE, GONE };
static enum reading decode(lua_State *L, oe_call *call, bool *marked)
{
    enum reading reading = READ;
    oe_buffer *reply = &call->body;
    *marked = false;
    if (!call->transfer)
        return GONE;
    lua_rawgeti(L, KEPT, OE_CLIENT_DECODE);
    swap(reply, &call->transfer->reply);
    if (reply->n == 0)
        lua_newtable(L);
    else if (!oe_json_is_within(reply->p, reply->n, call->client->options.max_values))
        reading = TOO_MANY;
    else if (!oe_json_decode(L, lua_gettop(L), reply->p, reply->n, marked))
        reading = oe_alike_is_cheap(reply->p, reply->n) ? NOT_JSON : ALIKE;
    if (call->transfer && reply->room <= OE_KEEP_BYTES)
        swap(reply, &call->transfer->reply);
    else
        oe_buffer_free(reply);
    return reading;
}

/* Has errors.customErrors[status](err) called, for the error at `err`, if the caller gets it. */
static void report(lua_State *L, oe_call *call, int err)
{
    if (call->automatic || call->outcome != OE_NOTHING)
        return;
    lua_getfield(L, KEPT, "customErrors");
    lua_getfield(L, err, "statusCode");
    if (lua_istable(L, -2) && !lua_isnil(L, -1)) {
        lua_rawget(L, -2);
        lua_pushvalue(L, err);
        if (lua_isfunction(L, -2))
            oe_report_add(L, SESSION, call, "errors.customErrors");
    }
    lua_settop(L, err);
}

/* The error is on top of the stack. */
static enum oe_outcome fail(lua_State *L, oe_call *call)
{
    report(L, call, lua_gettop(L));
    return OE_ERR;
}

/* Pushes what err.body is: the decoded reply, or the beginning of its text. */
static void push_error_body(lua_State *L, oe_call *call)
{
    char beginning[MAX_TEXT];
    size_t n = call->transfer->reply.n, shown = n < MAX_TEXT ? n : MAX_TEXT;
    bool marked;
    memcpy(beginning, call->transfer->reply.p, shown);
    if (n <= MAX_ERROR_BODY && decode(L, call, &marked) == READ) {
        if (oe_shape(L, lua_gettop(L), &call->client->settings, NULL, marked))
            return;
        lua_pop(L, 1);
    }
    lua_pushlstring(L, beginning, shown);
}

/* The language of the call: its argument, which it keeps alive, or the client's. */
static const char *language(lua_State *L, const oe_call *call)
{
    oe_call_get(L, CALL, OE_SLOT_LANG);
    const char *lang = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : call->client->settings.lang;
    lua_pop(L, 1);
    return lang;
}

static enum oe_outcome push_broken(lua_State *L, oe_call *call, enum oe_code code, const char *message)
{
    oe_failure f;
    oe_error_note(L, call, code, &f);
    oe_buffer *text = oe_held_push(L);
    oe_buffer_text(text, message ? message : f.message);
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    return fail(L, call);
}

static enum oe_outcome push_closed(lua_State *L, oe_call *call)
{
    return push_broken(L, call, OE_CLOSED,
                       call->client->closed ? "the client is closed" : "the process was forked during the call");
}

static enum oe_outcome push_http_error(lua_State *L, oe_call *call)
{
    const char *langs[] = { language(L, call), call->client->settings.lang, NULL };
    int body = 0;
    oe_failure f;
    oe_error_note(L, call, OE_HTTP, &f);
    oe_buffer *text = oe_held_push(L);
    if (!call->transfer)
        return push_closed(L, call);
    if (call->transfer->reply.n > 0) {
        push_error_body(L, call);
        body = lua_gettop(L);
    }
    long more = oe_message_read(L, body, langs, text);
    if (text->n == 0) {
        char status[64];
        snprintf(status, sizeof status, "HTTP %ld%s", f.status, f.status < 400 ? ": redirects are not followed" : "");
        oe_buffer_text(text, status);
    }
    oe_error_push(L, call, &f, text, more, body);
    oe_buffer_free(text);
    return fail(L, call);
}

static enum oe_outcome push_invalid(lua_State *L, oe_call *call)
{
    int issues = lua_gettop(L);
    oe_failure f;
    oe_error_note(L, call, OE_VALIDATION, &f);
    oe_buffer *text = oe_held_push(L);
    oe_validate_push_message(L, issues);
    oe_buffer_add(text, lua_tostring(L, -1), lua_rawlen(L, -1));
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    lua_pushvalue(L, issues);
    lua_setfield(L, -2, "validationErrors");
    return fail(L, call);
}

/* Takes the steps of the row. */
static enum oe_made make(lua_State *L, oe_reply *reply)
{
    enum oe_made made = OE_MADE;
    for (const oe_step *const *step = reply->row->reply; made == OE_MADE && step && *step; step++)
        made = (*step)->take(L, reply);
    return made == OE_MADE ? oe_shape_reply(L, reply, NULL) : made;
}

static enum oe_outcome push_value(lua_State *L, oe_call *call)
{
    oe_reply reply = { .row = call->row, .settings = &call->client->settings };
    switch (decode(L, call, &reply.marked)) {
    case READ:
        break;
    case NOT_JSON:
        return push_broken(L, call, OE_INVALID_RESPONSE, "the answer is not JSON");
    case TOO_MANY:
        return push_broken(L, call, OE_TOO_LARGE, "the answer holds more values than config.maxValues");
    case ALIKE:
        return push_broken(L, call, OE_TOO_LARGE, "the answer holds too many long texts that are alike");
    case GONE:
        return push_closed(L, call);
    }
    reply.value = lua_gettop(L);
    reply.lang = call->client->raw ? NULL : language(L, call);
    switch (make(L, &reply)) {
    case OE_MADE:
        break;
    case OE_DIFFERS:
        return push_invalid(L, call);
    case OE_INFINITE:
        return push_broken(L, call, OE_INVALID_RESPONSE, "the answer holds a number that is too large");
    }
    const char *problem = oe_session_settle(L, CALL, SESSION, reply.value);
    if (problem)
        return push_broken(L, call, OE_INVALID_RESPONSE, problem);
    lua_settop(L, reply.value);
    return OE_VALUE;
}

static enum oe_outcome push_outcome(lua_State *L, oe_call *call, enum oe_code failure)
{
    const oe_transfer *t = call->transfer;
    if (failure == OE_CANCELLED)
        return push_broken(L, call, OE_CANCELLED, "the call was cancelled");
    if (failure == OE_CLOSED || !t)
        return push_closed(L, call);
    if (failure == OE_TIMEOUT)
        return push_broken(L, call, OE_TIMEOUT,
                           call->waited ? "the session is still waiting" : "the time for the call was over");
    if (t->result == OE_NO_MEMORY)
        luaL_error(L, "not enough memory");
    if (t->status >= 300) /* the status wins over what happened to the body */
        return push_http_error(L, call);
    if (t->result != OE_OK)
        return push_broken(L, call, t->result, NULL);
    return push_value(L, call);
}

/* (call, session, failure) -> the result; call->read says what it is. A finalizer may read another for the call before. */
static int read_answer(lua_State *L)
{
    oe_call *call = lua_touserdata(L, CALL);
    const enum oe_code failure = (enum oe_code)lua_tointeger(L, KEPT);
    lua_settop(L, SESSION);
    luaL_checkstack(L, 40, "not enough memory for the answer");
    oe_session_push_client_table(L, SESSION);
    enum oe_outcome outcome = push_outcome(L, call, failure);
    call->read = outcome;
    return 1;
}

enum oe_outcome oe_outcome_push(lua_State *L, oe_call *call, int index, int session, enum oe_code failure)
{
    lua_pushcfunction(L, read_answer);
    lua_pushvalue(L, index);
    lua_pushvalue(L, session);
    lua_pushinteger(L, failure);
    return lua_pcall(L, 3, 1, 0) == 0 ? call->read : OE_RAISED;
}

int oe_outcome_return(lua_State *L, const oe_call *call, int index)
{
    if (call->outcome == OE_NOTHING) /* a finalizer asks while the answer is read */
        return luaL_error(L, "a call's own callback cannot wait for it");
    if (call->outcome == OE_ERR && call->client->shell)
        lua_pushnil(L);
    oe_call_get(L, index, OE_SLOT_RESULT);
    if (call->outcome == OE_VALUE)
        return 1;
    return call->outcome == OE_ERR && call->client->shell ? 2 : lua_error(L);
}
