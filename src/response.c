/* What came over the wire becomes what the method returns: a value, or nil and err. */
#include "oneentry.h"

#include <stdio.h>

#define MAX_TEXT 4096 /* of a body that is not JSON, kept in err.body */

/* Pushes what the call at `index` has to do with; returns where the client's table is. The session's is at SESSION(kept). */
#define SESSION(kept) ((kept)-2)
static int push_tables(lua_State *L, int index)
{
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, 1);
    oe_getuservalue(L, -1);
    lua_getfield(L, -1, "client");
    oe_getuservalue(L, -1);
    return lua_gettop(L);
}

/* Pushes the decoded reply and returns true, or pushes nothing. */
static bool push_decoded(lua_State *L, const oe_call *call, int kept, bool *marked)
{
    const oe_transfer *t = call->transfer;
    *marked = false;
    if (t->reply.n == 0) {
        lua_newtable(L);
        return true;
    }
    lua_getfield(L, kept, "decode");
    if (!oe_json_decode(L, lua_gettop(L), t->reply.p, t->reply.n, marked)) {
        lua_pop(L, 1);
        return false;
    }
    lua_remove(L, -2);
    return true;
}

/* errors.customErrors[status](err). What the handler does cannot change the answer. */
static void call_handler(lua_State *L, const oe_client *client, int kept, int err)
{
    lua_getfield(L, kept, "customErrors");
    if (lua_istable(L, -1)) {
        lua_getfield(L, err, "statusCode");
        if (!lua_isnil(L, -1)) {
            lua_rawget(L, -2);
            if (lua_isfunction(L, -1)) {
                lua_pushvalue(L, err);
                if (lua_pcall(L, 1, 0, 0) != 0)
                    oe_error_swallow(L, client, SESSION(kept), "errors.customErrors");
            }
        }
    }
    lua_settop(L, err);
}

/* The error is on top of the stack. */
static int push_failure(lua_State *L, oe_call *call, int kept)
{
    int err = lua_gettop(L);
    oe_call_release(call);
    call_handler(L, call->client, kept, err);
    if (!call->client->shell)
        return lua_error(L);
    lua_pushnil(L);
    lua_insert(L, err);
    return 2;
}

/* Pushes what err.body is: the decoded reply, or the beginning of its text. */
static void push_error_body(lua_State *L, const oe_call *call, int kept)
{
    const oe_transfer *t = call->transfer;
    bool marked;
    if (push_decoded(L, call, kept, &marked)) {
        if (oe_shape(L, lua_gettop(L), call->client, NULL, marked))
            return;
        lua_pop(L, 1);
    }
    lua_pushlstring(L, t->reply.p, t->reply.n < MAX_TEXT ? t->reply.n : MAX_TEXT);
}

/* Of the error on top of the stack: the server may repeat what was sent. */
static void mask_message(lua_State *L, const oe_transfer *t, int kept)
{
    if (t->body.n == 0)
        return;
    int err = lua_gettop(L);
    lua_getfield(L, kept, "decode");
    lua_getfield(L, err, "message");
    oe_mask_body(L, err + 1, &t->body);
    lua_setfield(L, err, "message");
    lua_settop(L, err);
}

static int push_http_error(lua_State *L, oe_call *call, int kept)
{
    const oe_transfer *t = call->transfer; /* stays: the call is settled, and has its answer */
    int body = 0;
    if (t->reply.n > 0) {
        push_error_body(L, call, kept);
        body = lua_gettop(L);
    }
    oe_error_push(L, call, OE_HTTP, NULL, body);
    mask_message(L, t, kept);
    return push_failure(L, call, kept);
}

static int push_broken(lua_State *L, oe_call *call, int kept, enum oe_code code, const char *message)
{
    oe_error_push(L, call, code, message, 0);
    return push_failure(L, call, kept);
}

/* config.validation: true, or the list of issues is on top of the stack and the reply is not to be used. */
static bool is_valid(lua_State *L, const oe_call *call, int value)
{
    const oe_client *client = call->client;
    if (!client->validate || !(call->row->does & OE_VALIDATED) || oe_validate(L, call->row->returns, value))
        return true;
    if (client->log_invalid) {
        oe_validate_push_message(L, lua_gettop(L));
        fprintf(stderr, "oneentry: %s: %s\n", call->row->name, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    if (client->strict)
        return false;
    lua_pop(L, 1);
    return true;
}

static int push_invalid(lua_State *L, oe_call *call, int kept)
{
    int issues = lua_gettop(L);
    oe_validate_push_message(L, issues);
    oe_error_push(L, call, OE_VALIDATION, lua_tostring(L, -1), 0);
    lua_pushvalue(L, issues);
    lua_setfield(L, -2, "validationErrors");
    return push_failure(L, call, kept);
}

/* The language to normalise with, kept alive by the call; NULL: not to be normalised. */
static const char *language(lua_State *L, const oe_call *call, int index)
{
    if (!(call->row->does & OE_NORMALIZE) || call->client->raw)
        return NULL;
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, 2);
    const char *lang = lua_tostring(L, -1);
    lua_pop(L, 2);
    return lang;
}

static int push_value(lua_State *L, oe_call *call, int index, int kept)
{
    bool marked;
    if (!push_decoded(L, call, kept, &marked))
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, "the answer is not JSON");
    int value = lua_gettop(L);
    if (!is_valid(L, call, value))
        return push_invalid(L, call, kept);
    if (!oe_shape(L, value, call->client, language(L, call, index), marked))
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, "the answer holds a number that is too large");
    if (call->row->does & OE_PICK_WAITING)
        oe_waiting_pick(L, value);
    const char *problem = oe_session_settle(L, call, index, value);
    if (problem)
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, problem);
    oe_call_release(call);
    lua_settop(L, value);
    return 1;
}

int oe_response_push(lua_State *L, oe_call *call, int index)
{
    const oe_transfer *t = call->transfer;
    luaL_checkstack(L, 20, "no room for the answer");
    int kept = push_tables(L, index);
    if (call->failure == OE_CANCELLED)
        return push_broken(L, call, kept, OE_CANCELLED, "the call was cancelled");
    if (call->failure == OE_CLOSED || !t)
        return push_broken(L, call, kept, OE_CLOSED,
                           call->client->closed ? "the client is closed" : "the process was forked during the call");
    if (call->failure == OE_TIMEOUT)
        return push_broken(L, call, kept, OE_TIMEOUT,
                           call->waited ? "the session is still waiting" : "the time for the call was over");
    if (t->result == OE_NO_MEMORY)
        return luaL_error(L, "not enough memory");
    if (t->status >= 300) /* the status wins over what happened to the body */
        return push_http_error(L, call, kept);
    if (t->result != OE_OK)
        return push_broken(L, call, kept, t->result, t->message);
    return push_value(L, call, index, kept);
}
