/* config.hooks and config.debug: what happens on the wire, told to the application, without anything secret. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>

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

oe_hook_event oe_hooks_event(enum oe_verb verb, const char *path, int attempt, const oe_transfer *answer)
{
    oe_hook_event e = { .verb = verb, .path = path, .attempt = attempt };
    if (answer) {
        e.answered = true;
        e.result = answer->result;
        e.status = answer->status;
        e.started = answer->started;
        e.bytes = answer->reply.n;
    }
    return e;
}

static void push_event(lua_State *L, const oe_hook_event *e)
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

static void write_debug(lua_State *L, const oe_hook_event *e)
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

void oe_hooks_run(lua_State *L, const oe_client *client, int session, const oe_hook_event *e)
{
    if (client->debug)
        write_debug(L, e);
    if (!client->hooks)
        return;
    int top = lua_gettop(L), kept = top + 1;
    luaL_checkstack(L, 12, "no room for a hook");
    oe_getuservalue(L, session);
    lua_getfield(L, -1, "client");
    oe_getuservalue(L, -1);
    lua_getfield(L, -1, "hooks");
    lua_getfield(L, -1, e->answered ? "response" : "request");
    if (lua_isfunction(L, -1)) {
        push_event(L, e);
        if (lua_pcall(L, 1, 0, 0) != 0)
            oe_error_swallow(L, client, kept, e->answered ? "hooks.response" : "hooks.request");
    }
    lua_settop(L, top);
}
