/* Calls that move files: what they open, what they tell while they move, what they come to. */
#include "call/call.h"

#include <errno.h>
#include <string.h>

#define INTERVAL 0.1 /* seconds between two looks at the progress */

void oe_moving_open(lua_State *L, oe_call *call, int index)
{
    const oe_client *client = call->client;
    oe_files_open(L, call->row, client->driven, client->options.max_response, &call->files);
    lua_getfield(L, -1, "progress");
    call->progress = !lua_isnil(L, -1);
    lua_pop(L, 1);
    oe_call_set(L, index, OE_SLOT_FILES);
}

void oe_moving_report(lua_State *L, oe_call *call, int index, int session, bool last)
{
    double now = oe_clock_now();
    const oe_transfer *t = call->transfer;
    bool heard = call->ticket || !call->client->driven;
    if (!call->progress || (!last && now < call->look))
        return;
    call->look = now + INTERVAL;
    if (!heard || call->outcome != OE_NOTHING || t->moved == call->told)
        return;
    call->told = t->moved;
    const long long moved = t->moved, total = t->total;
    luaL_checkstack(L, 12, "not enough memory for a callback");
    oe_call_get(L, index, OE_SLOT_FILES);
    lua_getfield(L, -1, "progress");
    lua_remove(L, -2);
    lua_pushinteger(L, (lua_Integer)moved);
    if (total >= 0)
        lua_pushinteger(L, (lua_Integer)total);
    else
        lua_pushnil(L);
    oe_report_add_pair(L, session, call, "options.progress");
}

void oe_moving_push(lua_State *L, oe_call *call, int index, const oe_step *step, const char **problem)
{
    oe_transfer *t = call->transfer;
    oe_reply reply = { .row = call->row, .settings = &call->client->settings, .moved = -1 };
    char type[sizeof t->type]; /* a finalizer can take the transfer away later */
    strcpy(type, t->type);
    reply.type = type;
    oe_call_get(L, index, OE_SLOT_FILES);
    reply.kept = lua_gettop(L);
    if (t->sink) {
        const long long end = t->sink->from + t->moved;
        reply.moved = t->moved;
        bool kept = oe_sink_keep(t->sink);
        t->sink = NULL;
        if (!kept) {
            *problem = strerror(errno);
            return;
        }
        lua_getfield(L, reply.kept, "to");
        oe_handles_seek(L, lua_gettop(L), end);
    } else {
        reply.bytes = (oe_text){ call->body.p, call->body.n };
    }
    step->push(L, &reply);
}
