/* What came over the wire becomes what the method returns: a value, or nil and err. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>

#define MAX_TEXT 4096                /* bytes of an error's body that is not JSON, kept in err.body */
#define MAX_ERROR_BODY (1024 * 1024) /* bytes of one that is decoded */
#define KEEP_BYTES (64 * 1024)       /* of the buffer of a reply, for the next one */

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

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

/* What is read is held here, not by the transfer: a finalizer may give that away meanwhile. */
enum oe_reading oe_outcome_decode(lua_State *L, const oe_call *call, int decode, bool keep, bool *marked)
{
    enum oe_reading reading = OE_READ;
    oe_buffer *reply = oe_held_push(L);
    int held = lua_gettop(L);
    *marked = false;
    if (!call->transfer) {
        lua_pop(L, 1);
        return OE_GONE;
    }
    swap(reply, &call->transfer->reply);
    if (reply->n == 0)
        lua_newtable(L);
    else if (!oe_json_is_within(reply->p, reply->n, call->client->options.max_values))
        reading = OE_TOO_MANY;
    else if (!oe_json_decode(L, decode, reply->p, reply->n, marked))
        reading = oe_alike_is_cheap(reply->p, reply->n) ? OE_NOT_JSON : OE_ALIKE;
    if (call->transfer && (keep || reply->room <= KEEP_BYTES))
        swap(reply, &call->transfer->reply);
    else
        oe_buffer_free(reply);
    lua_remove(L, held);
    return reading;
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
    char beginning[MAX_TEXT];
    size_t n = call->transfer->reply.n, shown = n < MAX_TEXT ? n : MAX_TEXT;
    bool marked;
    memcpy(beginning, call->transfer->reply.p, shown);
    lua_getfield(L, kept, "decode");
    if (n <= MAX_ERROR_BODY && oe_outcome_decode(L, call, lua_gettop(L), false, &marked) == OE_READ) {
        if (oe_shape(L, lua_gettop(L), &call->client->settings, NULL, marked))
            return;
        lua_pop(L, 1);
    }
    lua_pushlstring(L, beginning, shown);
}

/* The language of the call, kept alive by it. */
static const char *language(lua_State *L, int index)
{
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, 2);
    const char *lang = lua_tostring(L, -1);
    lua_pop(L, 2);
    return lang;
}

static int push_broken(lua_State *L, oe_call *call, int kept, enum oe_code code, const char *message)
{
    oe_failure f;
    oe_error_note(L, call, code, &f);
    oe_buffer *text = oe_held_push(L);
    oe_buffer_text(text, message ? message : f.message);
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    return push_failure(L, call, kept);
}

static int push_closed(lua_State *L, oe_call *call, int kept)
{
    return push_broken(L, call, kept, OE_CLOSED,
                       call->client->closed ? "the client is closed" : "the process was forked during the call");
}

static int push_http_error(lua_State *L, oe_call *call, int kept, int index)
{
    const char *langs[] = { language(L, index), call->client->settings.lang, NULL };
    int body = 0;
    oe_failure f;
    oe_error_note(L, call, OE_HTTP, &f);
    oe_buffer *text = oe_held_push(L);
    if (!call->transfer)
        return push_closed(L, call, kept);
    if (call->transfer->reply.n > 0) {
        push_error_body(L, call, kept);
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
        oe_text_log(call->row->name, lua_tostring(L, -1), lua_rawlen(L, -1), MAX_TEXT);
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
    oe_failure f;
    oe_error_note(L, call, OE_VALIDATION, &f);
    oe_buffer *text = oe_held_push(L);
    oe_validate_push_message(L, issues);
    oe_buffer_add(text, lua_tostring(L, -1), lua_rawlen(L, -1));
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    lua_pushvalue(L, issues);
    lua_setfield(L, -2, "validationErrors");
    return push_failure(L, call, kept);
}

static int push_value(lua_State *L, oe_call *call, int index, int kept)
{
    bool marked;
    lua_getfield(L, kept, "decode");
    switch (oe_outcome_decode(L, call, lua_gettop(L), false, &marked)) {
    case OE_READ:
        break;
    case OE_NOT_JSON:
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, "the answer is not JSON");
    case OE_TOO_MANY:
        return push_broken(L, call, kept, OE_TOO_LARGE, "the answer holds more values than config.maxValues");
    case OE_ALIKE:
        return push_broken(L, call, kept, OE_TOO_LARGE, "the answer holds too many long texts that are alike");
    case OE_GONE:
        return push_closed(L, call, kept);
    }
    int value = lua_gettop(L);
    if (!is_valid(L, call, value))
        return push_invalid(L, call, kept);
    bool normal = (call->row->does & OE_NORMALIZE) && !call->client->raw;
    if (!oe_shape(L, value, &call->client->settings, normal ? language(L, index) : NULL, marked))
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, "the answer holds a number that is too large");
    if (call->row->does & OE_PICK_WAITING)
        oe_poll_pick(L, value);
    const char *problem = oe_session_settle(L, call, index, value);
    if (problem)
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, problem);
    oe_call_release(call);
    lua_settop(L, value);
    return 1;
}

int oe_outcome_push(lua_State *L, oe_call *call, int index)
{
    const oe_transfer *t = call->transfer;
    luaL_checkstack(L, 20, "no room for the answer");
    int kept = push_tables(L, index);
    if (call->failure == OE_CANCELLED)
        return push_broken(L, call, kept, OE_CANCELLED, "the call was cancelled");
    if (call->failure == OE_CLOSED || !t)
        return push_closed(L, call, kept);
    if (call->failure == OE_TIMEOUT)
        return push_broken(L, call, kept, OE_TIMEOUT,
                           call->waited ? "the session is still waiting" : "the time for the call was over");
    if (t->result == OE_NO_MEMORY)
        return luaL_error(L, "not enough memory");
    if (t->status >= 300) /* the status wins over what happened to the body */
        return push_http_error(L, call, kept, index);
    if (t->result != OE_OK)
        return push_broken(L, call, kept, t->result, NULL);
    return push_value(L, call, index, kept);
}
