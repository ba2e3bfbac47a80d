/* Every error value: { code, message, statusCode, sent, method, path, attempts, retryAfter, body, ... }. */
#include "oneentry.h"

#include <stdio.h>
#include <stdarg.h>
#include <string.h>

#define ERROR "oneentry.error"
#define MAX_LINE 300

static const char *const codes[] = {
    [OE_OK] = "",
    [OE_HTTP] = "http",
    [OE_DNS] = "dns",
    [OE_CONNECT] = "connect",
    [OE_TLS] = "tls",
    [OE_TIMEOUT] = "timeout",
    [OE_NETWORK] = "network",
    [OE_TOO_LARGE] = "too_large",
    [OE_INVALID_RESPONSE] = "invalid_response",
    [OE_VALIDATION] = "validation",
    [OE_CANCELLED] = "cancelled",
    [OE_CLOSED] = "closed",
    [OE_NO_MEMORY] = "",
};

static void set_string(lua_State *L, int err, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, err, name);
}

static void set_integer(lua_State *L, int err, const char *name, long value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, err, name);
}

/* The strings of a list, joined. Pushes nil when there is none. */
static void push_joined(lua_State *L, int list)
{
    lua_pushnil(L);
    size_t n = lua_rawlen(L, list);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, list, (int)i);
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
        } else if (lua_isnil(L, -2)) {
            lua_remove(L, -2);
        } else {
            lua_pushliteral(L, "; ");
            lua_insert(L, -2);
            lua_concat(L, 3);
        }
    }
}

/* Pushes the server's message, readable, or one made of the status. */
static void push_server_message(lua_State *L, int body, long status)
{
    if (body && lua_istable(L, body)) {
        lua_getfield(L, body, "message");
        if (lua_istable(L, -1))
            push_joined(L, lua_gettop(L));
        if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0)
            return;
    }
    if (status >= 300 && status < 400)
        lua_pushfstring(L, "HTTP %d: redirects are not followed", (int)status);
    else
        lua_pushfstring(L, "HTTP %d", (int)status);
}

void oe_error_swallow(lua_State *L, const oe_client *client, int kept, const char *callback)
{
    int err = lua_gettop(L);
    if (client->debug) {
        char line[MAX_LINE + 1] = "";
        luaL_checkstack(L, 8, "no room for an error");
        if (lua_type(L, err) != LUA_TSTRING)
            lua_pushfstring(L, "an error of type %s", luaL_typename(L, err));
        else
            lua_pushvalue(L, err);
        oe_mask_known(L, client, kept);
        strncat(line, lua_tostring(L, -1), MAX_LINE);
        line[strcspn(line, "\r\n")] = 0;
        for (char *p = line; *p; p++)
            if ((unsigned char)*p < ' ' || *p == 0x7f)
                *p = ' ';
        fprintf(stderr, "oneentry: %s: %s\n", callback, line);
    }
    lua_settop(L, err - 1);
}

static void copy_members(lua_State *L, int body, int err)
{
    lua_pushnil(L);
    while (lua_next(L, body)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, err);
        }
        lua_pop(L, 1);
    }
}

void oe_error_push(lua_State *L, const oe_call *call, enum oe_code code, const char *message, int body)
{
    const oe_transfer *t = call->transfer;
    lua_newtable(L);
    int err = lua_gettop(L);
    if (body && lua_istable(L, body))
        copy_members(L, body, err);
    if (body) {
        lua_pushvalue(L, body);
        lua_setfield(L, err, "body");
    }
    set_string(L, err, "code", codes[code]);
    if (message)
        lua_pushstring(L, message);
    else
        push_server_message(L, body, t ? t->status : 0);
    if (t)
        oe_mask_tokens(L, t);
    lua_setfield(L, err, "message");
    lua_settop(L, err);
    static const char *const ours[] = { "statusCode", "retryAfter",
                                        "validationErrors" }; /* not what the body names so */
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        lua_pushnil(L);
        lua_setfield(L, err, ours[i]);
    }
    if (t && t->status)
        set_integer(L, err, "statusCode", t->status);
    lua_pushboolean(L, call->sent);
    lua_setfield(L, err, "sent");
    set_string(L, err, "method", oe_verb_names[call->row->verb]);
    oe_rows_push_path(L, call->row->path);
    lua_setfield(L, err, "path");
    set_integer(L, err, "attempts", call->attempts);
    if (t && t->retry_after > 0)
        set_integer(L, err, "retryAfter", (long)t->retry_after);
    luaL_getmetatable(L, ERROR);
    lua_setmetatable(L, err);
}

void oe_error_push_code(lua_State *L, enum oe_code code)
{
    lua_pushstring(L, codes[code]);
}

/***
Is a value an error that this module returned or raised?
@function oneentry.is_error
@param x any
@return boolean
*/
int oe_error_is(lua_State *L)
{
    bool is = false;
    if (lua_istable(L, 1) && lua_getmetatable(L, 1)) {
        luaL_getmetatable(L, ERROR);
        is = lua_rawequal(L, -1, -2) != 0;
    }
    lua_pushboolean(L, is);
    return 1;
}

/* "404 http: Not found (GET /api/...)" */
static int error_tostring(lua_State *L)
{
    lua_settop(L, 1);
    lua_getfield(L, 1, "statusCode");
    lua_getfield(L, 1, "code");
    lua_getfield(L, 1, "message");
    lua_getfield(L, 1, "method");
    lua_getfield(L, 1, "path");
    for (int i = 2; i <= 6; i++) {
        if (!lua_isstring(L, i)) {
            lua_pushliteral(L, "");
            lua_replace(L, i);
        }
    }
    const char *status = lua_tostring(L, 2);
    lua_pushfstring(L, "%s%s%s: %s (%s %s)", status, *status ? " " : "", lua_tostring(L, 3), lua_tostring(L, 4),
                    lua_tostring(L, 5), lua_tostring(L, 6));
    return 1;
}

static int error_concat(lua_State *L)
{
    for (int i = 1; i <= 2; i++) {
        lua_getglobal(L, "tostring");
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
    }
    lua_concat(L, 2);
    return 1;
}

void oe_error_register(lua_State *L)
{
    luaL_newmetatable(L, ERROR);
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, error_concat);
    lua_setfield(L, -2, "__concat");
    lua_pushliteral(L, ERROR);
    lua_setfield(L, -2, "__name");
    lua_pop(L, 1);
}

int oe_error_raise(lua_State *L, const char *format, ...)
{
    static const char await[] = "oneentry/await.lua"; /* stands between a method and its C function */
    lua_Debug caller;
    int level = 1;
    if (lua_getstack(L, 1, &caller) && lua_getinfo(L, "S", &caller)) {
        size_t n = strlen(caller.source), size = sizeof await - 1;
        level += n > size && strcmp(caller.source + n - size, await) == 0;
    }
    luaL_where(L, level);
    va_list values;
    va_start(values, format);
    lua_pushvfstring(L, format, values);
    va_end(values);
    lua_concat(L, 2);
    return lua_error(L);
}
