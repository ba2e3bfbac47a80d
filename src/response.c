/* What came over the wire becomes what the method returns: a value, or nil and err. */
#include "oneentry.h"

#define MAX_TEXT 4096 /* of a body that is not JSON, kept in err.body */

/* Pushes the decoded reply and returns true, or pushes nothing. */
static bool push_decoded(lua_State *L, const oe_call *call, int kept, const char *lang)
{
    const oe_transfer *t = call->transfer;
    bool marked;
    lua_getfield(L, kept, "decode");
    if (!oe_json_decode(L, lua_gettop(L), t->reply.p, t->reply.n, &marked)) {
        lua_pop(L, 1);
        return false;
    }
    lua_remove(L, -2);
    oe_shape(L, lua_gettop(L), call->client, lang, marked);
    return true;
}

/* errors.customErrors[status](err). What the handler does cannot change the answer. */
static void call_handler(lua_State *L, int kept, int err)
{
    lua_getfield(L, kept, "customErrors");
    if (lua_istable(L, -1)) {
        lua_getfield(L, err, "statusCode");
        if (!lua_isnil(L, -1)) {
            lua_rawget(L, -2);
            if (lua_isfunction(L, -1)) {
                lua_pushvalue(L, err);
                lua_pcall(L, 1, 0, 0);
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
    call_handler(L, kept, err);
    if (!call->client->shell)
        return lua_error(L);
    lua_pushnil(L);
    lua_insert(L, err);
    return 2;
}

static int push_http_error(lua_State *L, oe_call *call, int kept)
{
    const oe_transfer *t = call->transfer;
    int body = 0;
    if (t->reply.n > 0) {
        if (!push_decoded(L, call, kept, NULL))
            lua_pushlstring(L, t->reply.p, t->reply.n < MAX_TEXT ? t->reply.n : MAX_TEXT);
        body = lua_gettop(L);
    }
    oe_error_push(L, call, OE_HTTP, NULL, body);
    return push_failure(L, call, kept);
}

static int push_broken(lua_State *L, oe_call *call, int kept, enum oe_code code, const char *message)
{
    oe_error_push(L, call, code, message, 0);
    return push_failure(L, call, kept);
}

static int push_value(lua_State *L, oe_call *call, int index, int kept)
{
    const oe_transfer *t = call->transfer;
    const char *lang = NULL;
    oe_getuservalue(L, index);
    if ((call->row->does & OE_NORMALIZE) && !call->client->raw) {
        lua_rawgeti(L, -1, 2);
        lang = lua_tostring(L, -1); /* kept by the call */
    }
    if (t->reply.n == 0)
        lua_newtable(L);
    else if (!push_decoded(L, call, kept, lang))
        return push_broken(L, call, kept, OE_INVALID_RESPONSE, "the answer is not JSON");
    int value = lua_gettop(L);
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
    oe_call_push_client_table(L, index);
    int kept = lua_gettop(L);
    if (call->failure == OE_CLOSED || !t)
        return push_broken(L, call, kept, OE_CLOSED, "the client is closed");
    if (call->failure == OE_TIMEOUT)
        return push_broken(L, call, kept, OE_TIMEOUT, "the time for the call was over");
    if (t->result == OE_NO_MEMORY)
        return luaL_error(L, "not enough memory");
    if (t->status >= 300) /* the status wins over what happened to the body */
        return push_http_error(L, call, kept);
    if (t->result != OE_OK)
        return push_broken(L, call, kept, t->result, t->message);
    return push_value(L, call, index, kept);
}
