/* config.hooks and config.debug: what happens on the wire, told to the application, without anything secret. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>

typedef struct hook_event {
    enum oe_verb verb;
    const char *path;
    int attempt;
    bool answered; /* else it is about to be sent, and the rest is 0 */
    enum oe_code result;
    long status;
    double started;
    size_t bytes;
} hook_event;

static void set_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, (lua_Number)value);
    lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, long value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static void push_event(lua_State *L, const hook_event *e)
{
    lua_createtable(L, 0, 7);
    lua_pushstring(L, oe_verb_names[e->verb]);
    lua_setfield(L, -2, "method");
    lua_pushlstring(L, e->path, oe_uri_path_n(e->path));
    lua_setfield(L, -2, "path");
    set_count(L, "attempt", e->attempt);
    if (!e->answered)
        return;
    if (e->status)
        set_count(L, "status", e->status);
    if (e->result != OE_OK) {
        oe_error_push_code(L, e->result);
        lua_setfield(L, -2, "code");
    }
    set_number(L, "duration", oe_clock_now() - e->started);
    set_count(L, "bytes", (long)e->bytes);
}

static void write_debug(lua_State *L, const hook_event *e)
{
    lua_pushlstring(L, e->path, oe_uri_path_n(e->path));
    const char *path = lua_tostring(L, -1);
    if (!e->answered) {
        fprintf(stderr, "oneentry: %s %s, attempt %d\n", oe_verb_names[e->verb], path, e->attempt);
    } else {
        oe_error_push_code(L, e->result);
        fprintf(stderr, "oneentry: %s %s: %ld %s%s%.3f s, %zu bytes\n", oe_verb_names[e->verb], path, e->status,
                lua_tostring(L, -1), e->result == OE_OK ? "" : ", ", oe_clock_now() - e->started, e->bytes);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Noted before anything that can take the transfer away. */
static hook_event note(const oe_call *call, bool answered)
{
    hook_event e = { .verb = call->row->verb, .path = call->row->path, .attempt = call->attempts };
    const oe_transfer *t = call->transfer;
    if (answered) {
        e.answered = true;
        e.result = t->result;
        e.status = t->status;
        e.started = t->started;
        e.bytes = t->sink ? (size_t)t->moved : t->reply.n;
    }
    return e;
}

void oe_hooks_report(lua_State *L, oe_call *call, int session, bool answered)
{
    if (!call->client->debug && !call->client->hooks)
        return;
    int top = lua_gettop(L);
    const hook_event e = note(call, answered);
    luaL_checkstack(L, 12, "not enough memory for a hook");
    if (call->client->debug)
        write_debug(L, &e);
    oe_session_push_of_client(L, session, "hooks");
    lua_getfield(L, -1, answered ? "response" : "request");
    if (lua_isfunction(L, -1)) {
        push_event(L, &e);
        oe_report_add(L, session, call, answered ? "hooks.response" : "hooks.request");
    }
    lua_settop(L, top);
}
