/* The userdata that a call is: whatever happens, its __gc gives the transfer back. */
#include "call/call.h"

#include <string.h>

#define KEEP_BYTES (64 * 1024) /* of the buffers, from one request to the next */

oe_call *oe_call_push(lua_State *L, int session, const oe_row *row)
{
    oe_call *call = lua_newuserdata(L, sizeof *call);
    memset(call, 0, sizeof *call);
    luaL_getmetatable(L, OE_CALL);
    lua_setmetatable(L, -2);
    call->row = row;
    call->session = lua_touserdata(L, session);
    call->client = call->session->client;
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, session);
    lua_rawseti(L, -2, 1);
    oe_argument_push_lang(L, &call->client->settings, row);
    lua_rawseti(L, -2, 2);
    oe_argument_push(L, row, "marker");
    lua_rawseti(L, -2, 3);
    oe_setuservalue(L, -2);
    return call;
}

void oe_call_release(oe_call *call)
{
    if (call->transfer)
        oe_engine_give(call->client->engine, call->transfer);
}

bool oe_call_decode(lua_State *L, int decode, oe_transfer *const *owner, bool *marked)
{
    const size_t n = *owner ? (*owner)->reply.n : 0;
    void *copy = lua_newuserdata(L, n > 0 ? n : 1);
    int at = lua_gettop(L);
    const oe_transfer *t = *owner;
    *marked = false;
    if (t && t->done && t->reply.n == n && n > 0) {
        memcpy(copy, t->reply.p, n);
        if (oe_json_decode(L, decode, copy, n, marked)) {
            lua_remove(L, at);
            return true;
        }
    }
    lua_settop(L, at - 1);
    return false;
}

static int collect(lua_State *L)
{
    oe_call *call = lua_touserdata(L, 1);
    oe_call_release(call);
    oe_buffer_free(&call->url);
    oe_buffer_free(&call->body);
    return 0;
}

void oe_call_register(lua_State *L)
{
    luaL_newmetatable(L, OE_CALL);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, "oneentry.future"); /* a program gets them as futures */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

/* Has the client lend the buffer to the next call, or frees it. */
static void give_back(oe_buffer *spare, oe_buffer *b)
{
    oe_buffer_reset(b, KEEP_BYTES);
    swap(spare, b);
    oe_buffer_free(b);
}

void oe_call_hand_over(oe_call *call, oe_transfer *t)
{
    t->verb = call->row->verb;
    t->has_body = call->row->body || call->row->fields;
    swap(&t->url, &call->url);
    swap(&t->body, &call->body);
    oe_call_drop(call);
}

void oe_call_drop(oe_call *call)
{
    if (call->client->closed)
        return; /* the call's __gc frees them */
    give_back(&call->client->spare_url, &call->url);
    give_back(&call->client->spare_body, &call->body);
}

void oe_call_borrow(oe_call *call)
{
    swap(&call->url, &call->client->spare_url);
    swap(&call->body, &call->client->spare_body);
}
