/* api.prepare: the request of a call, without sending it. */
#include "face/face.h"

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

/* Every method of api.prepare. Whatever a finalizer does meanwhile: url and body are the call's own, and so are the headers, in
   the buffer that follows. */
int oe_prepare_method(lua_State *L)
{
    int session;
    const oe_row *row = oe_modules_enter(L, &session);
    oe_call *call = oe_call_write(L, session, row);
    int index = lua_gettop(L), count = oe_parts_count(L, call, index);
    if (count != 1) {
        lua_pushfstring(L, "ids for one request expected, not for %d", count);
        oe_argument_error(L, row, oe_argument_find_ids(row), lua_tostring(L, -1));
    }
    if (call->phase == OE_SETTLED && oe_call_advance(L, call, index, session)) /* the client is closed */
        return oe_outcome_return(L, call, index);
    if (row->uploads) {
        oe_call_get(L, index, OE_SLOT_FILES);
        if (lua_rawlen(L, -1) > 0)
            return oe_argument_error(L, row, oe_argument_find(row, row->body.of, strlen(row->body.of)),
                                     "no files expected: they are uploaded before the request can be written");
        lua_pop(L, 1);
    }
    enum oe_verb verb = call->row->verb;
    lua_createtable(L, 0, 4);
    lua_pushstring(L, oe_verb_names[verb]);
    lua_setfield(L, -2, "method");
    lua_pushlstring(L, call->url.p, call->url.n - 1);
    lua_setfield(L, -2, "url");
    if (row->body.kind != OE_NO_BODY && row->body.kind != OE_PARTS) {
        lua_pushlstring(L, call->body.p, call->body.n);
        lua_setfield(L, -2, "body");
    }
    oe_request_push_headers(L, session, verb, true);
    if (!oe_request_headers(L, &call->client->settings, row, &call->url)) /* which is pushed, and of no use any more */
        return luaL_error(L, "not enough memory");
    push_headers(L, &call->url);
    lua_setfield(L, -2, "headers");
    oe_call_drop(call);
    return 1;
}
