/* One user: tokens, device, and the refresh that calls share. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define SESSION "oneentry.session"

/* ---- tokens ------------------------------------------------------------------------------------- */

static void tokens_changed(oe_session *session)
{
    session->epoch++;
}

/* saveFunction(refreshToken). What it throws cannot change the answer of the call that brought the token. */
static void save(lua_State *L, const oe_session *session, int kept, const char *token)
{
    lua_getfield(L, kept, "saveFunction");
    if (!lua_isfunction(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushstring(L, token);
    if (lua_pcall(L, 1, 0, 0) != 0)
        oe_error_swallow(L, session->client, kept, "auth.saveFunction");
}

static bool has_token(lua_State *L, int value, const char *name)
{
    size_t n;
    lua_getfield(L, value, name);
    const char *token = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    bool ok = token && n > 0 && n <= OE_MAX_TOKEN && oe_text_is_header_value(token, n);
    lua_pop(L, 1);
    return ok;
}

const char *oe_session_tokens_problem(lua_State *L, int value, bool both)
{
    if (!lua_istable(L, value) || !has_token(L, value, "accessToken"))
        return "the answer holds no usable accessToken";
    if (both && !has_token(L, value, "refreshToken"))
        return "the answer holds no usable refreshToken";
    return NULL;
}

static void copy_field(lua_State *L, int from, int to, const char *name)
{
    lua_getfield(L, from, name);
    lua_setfield(L, to, name);
}

void oe_session_take_tokens(lua_State *L, oe_session *session, int kept, int value)
{
    if (has_token(L, value, "refreshToken"))
        lua_getfield(L, value, "refreshToken");
    else
        lua_pushnil(L);
    lua_getfield(L, value, "accessToken");
    lua_setfield(L, kept, "accessToken");
    lua_pushvalue(L, -1);
    lua_setfield(L, kept, "refreshToken");
    tokens_changed(session);
    if (lua_isstring(L, -1))
        save(L, session, kept, lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void drop_tokens(lua_State *L, oe_session *session, int kept)
{
    lua_pushnil(L);
    lua_setfield(L, kept, "accessToken");
    lua_pushnil(L);
    lua_setfield(L, kept, "refreshToken");
    tokens_changed(session);
    save(L, session, kept, "");
}

const char *oe_session_settle(lua_State *L, const oe_call *call, int index, int value)
{
    if (!(call->row->does & (OE_LOGIN | OE_LOGOUT)))
        return NULL;
    int top = lua_gettop(L);
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, 1);
    oe_getuservalue(L, -1);
    int kept = lua_gettop(L);
    const char *problem = NULL;
    if (call->row->does & OE_LOGOUT) {
        if (lua_toboolean(L, value) && !oe_is_null(L, value)) /* null is false in JavaScript */
            drop_tokens(L, call->session, kept);
    } else {
        problem = oe_session_tokens_problem(L, value, (call->row->does & OE_ROTATE) != 0);
        if (!problem) {
            lua_rawgeti(L, kept - 2, 3);
            lua_setfield(L, kept, "providerMarker");
            oe_session_take_tokens(L, call->session, kept, value);
        }
    }
    lua_settop(L, top);
    return problem;
}

/* ---- life --------------------------------------------------------------------------------------- */

static void push_fingerprint(lua_State *L)
{
    char text[3 + 32 + 1] = "UQ_";
    unsigned char chance[16];
    oe_random_bytes(chance, sizeof chance);
    for (size_t i = 0; i < sizeof chance; i++)
        snprintf(text + 3 + 2 * i, 3, "%02x", chance[i]);
    lua_pushstring(L, text);
}

static void push_os(lua_State *L)
{
    struct utsname host;
    lua_pushstring(L, uname(&host) == 0 ? host.sysname : "unknown");
}

static void push_browser(lua_State *L)
{
    lua_pushliteral(L, "oneentry-lua/" OE_VERSION);
}

static void push_location(lua_State *L)
{
    lua_pushliteral(L, "en-US");
}

/* What a device consists of, and where it is not given. */
static const struct {
    const char *name;
    void (*push)(lua_State *L);
    const char *before; /* in the header */
} parts[] = {
    { "fingerprint", push_fingerprint, "x-device-metadata: {\"fingerprint\":\"" },
    { "os", push_os, "\",\"deviceInfo\":{\"os\":\"" },
    { "browser", push_browser, "\",\"browser\":\"" },
    { "location", push_location, "\",\"location\":\"" },
};
#define PARTS ((int)(sizeof parts / sizeof *parts))

/* Makes the header that tells the device, and the device itself where the caller named none. */
static void complete_device(lua_State *L, int kept)
{
    const char *values[sizeof parts / sizeof *parts];
    lua_getfield(L, kept, "device");
    int device = lua_gettop(L);
    if (!lua_istable(L, device)) {
        lua_newtable(L);
        lua_replace(L, device);
        lua_pushvalue(L, device);
        lua_setfield(L, kept, "device");
    }
    for (int i = 0; i < PARTS; i++) {
        lua_getfield(L, device, parts[i].name);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            parts[i].push(L);
            lua_pushvalue(L, -1);
            lua_setfield(L, device, parts[i].name);
        }
        values[i] = lua_tostring(L, -1);
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; i < PARTS; i++) {
        luaL_addstring(&b, parts[i].before);
        for (const char *p = values[i]; *p; p++) {
            if (*p == '"' || *p == '\\')
                luaL_addchar(&b, '\\');
            luaL_addchar(&b, *p);
        }
    }
    luaL_addstring(&b, "\"}}");
    luaL_pushresult(&b);
    lua_setfield(L, kept, "deviceHeader");
    lua_settop(L, device - 1);
}

void oe_session_push(lua_State *L, int client, int saved)
{
    if (!lua_checkstack(L, 20))
        luaL_error(L, "not enough memory");
    oe_session *session = lua_newuserdata(L, sizeof *session);
    memset(session, 0, sizeof *session);
    session->client = lua_touserdata(L, client);
    luaL_getmetatable(L, SESSION);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, client);
    lua_setfield(L, saved, "client");
    lua_pushvalue(L, saved);
    oe_setuservalue(L, -2);
    complete_device(L, saved);
}

void oe_session_push_saved(lua_State *L, int index)
{
    int top = lua_gettop(L);
    oe_getuservalue(L, index);
    lua_createtable(L, 0, 4);
    copy_field(L, top + 1, top + 2, "accessToken");
    copy_field(L, top + 1, top + 2, "refreshToken");
    copy_field(L, top + 1, top + 2, "providerMarker");
    lua_getfield(L, top + 1, "device");
    lua_createtable(L, 0, 4);
    for (int i = 0; i < PARTS; i++)
        copy_field(L, top + 3, top + 4, parts[i].name);
    lua_setfield(L, top + 2, "device");
    lua_settop(L, top + 2);
    lua_remove(L, top + 1);
}

/* <Module>.setAccessToken(token), <Module>.setRefreshToken(token): nil and "" drop it. Returns the module.
   Bound: session, name of the field, module, name of the function. */
int oe_session_set_token(lua_State *L)
{
    int given = oe_bound_enter(L, 4), module = given + 3;
    oe_session *session = lua_touserdata(L, given + 1);
    const char *field = lua_tostring(L, given + 2), *name = lua_tostring(L, given + 4);
    size_t n = 0;
    if (lua_rawequal(L, 1, module))
        return luaL_error(L, "'%s' is a function, not a method: call it with a dot, not with a colon", name);
    if (given == 0)
        lua_pushnil(L);
    int argument = given == 0 ? lua_gettop(L) : 1;
    if (!lua_isnil(L, argument) && lua_type(L, argument) != LUA_TSTRING)
        return luaL_error(L, "bad argument #1 to '%s' (string expected, got %s)", name, luaL_typename(L, argument));
    const char *token = lua_tolstring(L, argument, &n);
    if (n > 0 && !oe_text_is_header_value(token, n))
        return luaL_error(L, "bad argument #1 to '%s' (printable ASCII expected)", name);
    if (n > OE_MAX_TOKEN)
        return luaL_error(L, "bad argument #1 to '%s' (longer than %d bytes)", name, OE_MAX_TOKEN);
    oe_getuservalue(L, given + 1);
    if (n > 0)
        lua_pushvalue(L, argument);
    else
        lua_pushnil(L);
    lua_setfield(L, -2, field);
    tokens_changed(session);
    lua_pushvalue(L, module);
    return 1;
}

static int collect(lua_State *L)
{
    oe_session *session = lua_touserdata(L, 1);
    session->collected = true;
    if (session->refresh)
        oe_engine_give(session->client->engine, session->refresh);
    return 0;
}

void oe_session_register(lua_State *L)
{
    luaL_newmetatable(L, SESSION);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, SESSION);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
