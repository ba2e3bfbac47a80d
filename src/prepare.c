/* api.prepare: the request of a call, without sending it. */
#include "oneentry.h"

#include <string.h>

static void push_headers(lua_State *L, const oe_buffer *headers)
{
    lua_newtable(L);
    for (size_t i = 0; i < headers->n; i += strlen(headers->p + i) + 1) {
        const char *line = headers->p + i, *colon = strstr(line, ": ");
        lua_pushlstring(L, line, (size_t)(colon - line));
        lua_pushstring(L, colon + 2);
        lua_rawset(L, -3);
    }
}

/* Every method of api.prepare: the upvalues and arguments of oe_call_method. */
int oe_prepare_method(lua_State *L)
{
    oe_call *call = oe_call_start(L);
    oe_transfer *t = call->transfer;
    if (!t)
        return oe_response_push(L, call, lua_gettop(L));
    if (!oe_request_headers(L, call->client, lua_upvalueindex(1), call->row->verb, true, t))
        return luaL_error(L, "not enough memory");
    lua_createtable(L, 0, 4);
    lua_pushstring(L, oe_verb_names[t->verb]);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, t->url.p);
    lua_setfield(L, -2, "url");
    push_headers(L, &t->headers);
    lua_setfield(L, -2, "headers");
    if (t->has_body) {
        lua_pushlstring(L, t->body.p, t->body.n);
        lua_setfield(L, -2, "body");
    }
    oe_call_release(call);
    return 1;
}
