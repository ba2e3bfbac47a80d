/* One user: tokens, device, and the refresh that calls share. */
#include "oneentry.h"

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
static void save(lua_State *L, int kept, const char *token)
{
    lua_getfield(L, kept, "saveFunction");
    if (lua_isfunction(L, -1)) {
        lua_pushstring(L, token);
        if (lua_pcall(L, 1, 0, 0) == 0)
            return;
    }
    lua_pop(L, 1);
}

static bool has_token(lua_State *L, int value, const char *name)
{
    size_t n;
    lua_getfield(L, value, name);
    const char *token = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    bool ok = token && n > 0 && oe_config_is_header_value(token, n);
    lua_pop(L, 1);
    return ok;
}

static const char *tokens_problem(lua_State *L, int value, bool both)
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

static void take_tokens(lua_State *L, oe_session *session, int kept, int value)
{
    copy_field(L, value, kept, "accessToken");
    lua_pushnil(L);
    if (has_token(L, value, "refreshToken")) {
        lua_pop(L, 1);
        lua_getfield(L, value, "refreshToken");
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, kept, "refreshToken");
    tokens_changed(session);
    if (lua_isstring(L, -1))
        save(L, kept, lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void drop_tokens(lua_State *L, oe_session *session, int kept)
{
    lua_pushnil(L);
    lua_setfield(L, kept, "accessToken");
    lua_pushnil(L);
    lua_setfield(L, kept, "refreshToken");
    tokens_changed(session);
    save(L, kept, "");
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
        if (lua_toboolean(L, value))
            drop_tokens(L, call->session, kept);
    } else {
        problem = tokens_problem(L, value, (call->row->does & OE_ROTATE) != 0);
        if (!problem) {
            lua_rawgeti(L, kept - 2, 3);
            lua_setfield(L, kept, "providerMarker");
            take_tokens(L, call->session, kept, value);
        }
    }
    lua_settop(L, top);
    return problem;
}

/* ---- refresh ------------------------------------------------------------------------------------ */

/* oe_uri_lookup; the context is the provider marker */
static bool marker_value(void *context, const char *name, size_t n, oe_text *value)
{
    (void)name, (void)n;
    *value = *(const oe_text *)context;
    return true;
}

/* {"refreshToken": token}: what refresh and logout send. */
static void write_token(oe_buffer *body, const char *token, size_t n)
{
    oe_buffer_text(body, "{\"refreshToken\":");
    oe_json_string(body, token, n);
    oe_buffer_byte(body, '}');
}

/* Sends the session's refresh token to the provider that issued it. False: there is nothing to send. */
static bool start_refresh(lua_State *L, const oe_call *call, int index, int kept)
{
    oe_session *session = call->session;
    oe_client *client = call->client;
    lua_getfield(L, kept, "refreshToken");
    lua_getfield(L, kept, "providerMarker");
    size_t n;
    oe_text marker, bad;
    const char *token = lua_tolstring(L, -2, &n);
    marker.p = lua_tolstring(L, -1, &marker.n);
    if (!token || n == 0 || !marker.p)
        return false;
    oe_transfer *t = oe_engine_take(client->engine, &session->refresh);
    if (!t)
        return false;
    t->verb = OE_POST;
    t->has_body = true;
    oe_buffer_add(&t->url, client->url, client->url_n);
    const char *problem = oe_uri_expand(&t->url, OE_REFRESH_PATH, marker_value, &marker, &bad);
    oe_buffer_byte(&t->url, 0);
    write_token(&t->body, token, n);
    if (problem || t->url.failed || t->body.failed) {
        oe_engine_give(client->engine, t);
        return false;
    }
    oe_request_headers(L, client, index, OE_POST, false, t);
    session->refresh_epoch = session->epoch;
    session->refreshes++;
    const oe_event event = { OE_POST, OE_REFRESH_PATH, 1, NULL };
    oe_hooks_run(L, client, index, &event);
    if (!session->refresh)
        return false;
    oe_engine_start(client->engine, t, call->deadline - oe_engine_now());
    return true;
}

/* The answer to a refresh. Whatever is wrong with it changes nothing; nor does one that comes after a login or logout. */
static void finish_refresh(lua_State *L, oe_session *session, int index, int kept)
{
    oe_client *client = session->client;
    const oe_transfer *t = session->refresh;
    bool marked, decoded = false;
    const oe_event event = { OE_POST, OE_REFRESH_PATH, 1, t };
    oe_hooks_run(L, client, index, &event);
    if (!session->refresh)
        return;
    if (t->result == OE_OK && t->status >= 200 && t->status < 300 && session->refresh_epoch == session->epoch) {
        lua_getfield(L, kept, "client");
        oe_getuservalue(L, -1);
        lua_getfield(L, -1, "decode");
        decoded = oe_json_decode(L, lua_gettop(L), t->reply.p, t->reply.n, &marked);
    }
    oe_engine_give(client->engine, session->refresh);
    if (decoded && !tokens_problem(L, lua_gettop(L), true)) {
        lua_getfield(L, kept, "refreshToken");
        lua_setfield(L, kept, "spentToken");
        take_tokens(L, session, kept, lua_gettop(L));
    }
}

void oe_session_renew_body(lua_State *L, const oe_call *call, int index)
{
    oe_buffer *body = &call->transfer->body;
    int top = lua_gettop(L);
    if (!(call->row->does & OE_LOGOUT) || !call->transfer->has_body)
        return;
    oe_getuservalue(L, index);
    lua_getfield(L, -1, "spentToken");
    lua_getfield(L, -2, "refreshToken");
    size_t spent_n, n;
    const char *spent = lua_tolstring(L, -2, &spent_n), *token = lua_tolstring(L, -1, &n);
    oe_buffer of_spent = { 0 };
    if (spent && token)
        write_token(&of_spent, spent, spent_n);
    if (of_spent.n == body->n && memcmp(of_spent.p, body->p, body->n) == 0) {
        body->n = 0;
        write_token(body, token, n);
    }
    oe_buffer_free(&of_spent);
    lua_settop(L, top);
}

enum oe_refresh oe_session_refresh(lua_State *L, oe_call *call, int index)
{
    oe_session *session = call->session;
    enum oe_refresh outcome = OE_REFRESH_FAILED;
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "no room for a refresh");
    oe_getuservalue(L, index);
    int kept = lua_gettop(L);
    if (session->refresh && session->refresh->done)
        finish_refresh(L, session, index, kept);
    lua_getfield(L, kept, "accessToken");
    if (session->epoch != call->epoch) { /* other tokens than the 401 was about: this call's refresh, or another's */
        outcome = lua_isnil(L, -1) ? OE_REFRESH_FAILED : OE_REFRESH_DONE;
    } else if (session->refresh || (!call->joined && start_refresh(L, call, index, kept))) {
        call->joined = session->refreshes;
        outcome = session->refresh->done ? oe_session_refresh(L, call, index) : OE_REFRESH_WAIT;
    }
    lua_settop(L, top);
    return outcome;
}

/* ---- life --------------------------------------------------------------------------------------- */

/* Makes the header that tells the device, and the device itself where the caller named none. */
static void complete_device(lua_State *L, int kept)
{
    static const char *const names[] = { "fingerprint", "os", "browser", "location" };
    char fingerprint[3 + 32 + 1] = "UQ_";
    unsigned char chance[16];
    struct utsname host;
    oe_random_bytes(chance, sizeof chance);
    for (size_t i = 0; i < sizeof chance; i++)
        snprintf(fingerprint + 3 + 2 * i, 3, "%02x", chance[i]);
    const char *defaults[] = { fingerprint, uname(&host) == 0 ? host.sysname : "unknown", "oneentry-lua/" OE_VERSION,
                               "en-US" };
    const char *values[4];
    lua_getfield(L, kept, "device");
    int device = lua_gettop(L);
    if (!lua_istable(L, device)) {
        lua_newtable(L);
        lua_replace(L, device);
        lua_pushvalue(L, device);
        lua_setfield(L, kept, "device");
    }
    for (int i = 0; i < 4; i++) {
        lua_getfield(L, device, names[i]);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushstring(L, defaults[i]);
            lua_pushvalue(L, -1);
            lua_setfield(L, device, names[i]);
        }
        values[i] = lua_tostring(L, -1);
    }
    luaL_Buffer b;
    static const char *const before[] = { "x-device-metadata: {\"fingerprint\":\"", "\",\"deviceInfo\":{\"os\":\"",
                                          "\",\"browser\":\"", "\",\"location\":\"" };
    luaL_buffinit(L, &b);
    for (int i = 0; i < 4; i++) {
        luaL_addstring(&b, before[i]);
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

/***
What is needed to go on with this user later: pass it to api.session.
@function api.getSession
@return table  { accessToken?, refreshToken?, providerMarker, device = { fingerprint, os, browser, location } }
*/
int oe_session_get(lua_State *L)
{
    static const char *const device[] = { "fingerprint", "os", "browser", "location" };
    lua_settop(L, 0);
    oe_getuservalue(L, lua_upvalueindex(1));
    lua_createtable(L, 0, 4);
    copy_field(L, 1, 2, "accessToken");
    copy_field(L, 1, 2, "refreshToken");
    copy_field(L, 1, 2, "providerMarker");
    lua_getfield(L, 1, "device");
    lua_createtable(L, 0, 4);
    for (size_t i = 0; i < sizeof device / sizeof *device; i++)
        copy_field(L, 3, 4, device[i]);
    lua_setfield(L, 2, "device");
    lua_settop(L, 2);
    return 1;
}

/* <Module>.setAccessToken(token), <Module>.setRefreshToken(token): nil and "" drop it. Returns the module.
   Upvalues: session, name of the field, module, name of the function. */
int oe_session_set_token(lua_State *L)
{
    oe_session *session = lua_touserdata(L, lua_upvalueindex(1));
    const char *field = lua_tostring(L, lua_upvalueindex(2)), *name = lua_tostring(L, lua_upvalueindex(4));
    size_t n = 0;
    if (lua_rawequal(L, 1, lua_upvalueindex(3)))
        return luaL_error(L, "'%s' is a function, not a method: call it with a dot, not with a colon", name);
    lua_settop(L, 1);
    if (!lua_isnil(L, 1) && lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "bad argument #1 to '%s' (string expected, got %s)", name, luaL_typename(L, 1));
    const char *token = lua_tolstring(L, 1, &n);
    if (n > 0 && !oe_config_is_header_value(token, n))
        return luaL_error(L, "bad argument #1 to '%s' (printable ASCII expected)", name);
    oe_getuservalue(L, lua_upvalueindex(1));
    if (n > 0)
        lua_pushvalue(L, 1);
    else
        lua_pushnil(L);
    lua_setfield(L, -2, field);
    tokens_changed(session);
    lua_pushvalue(L, lua_upvalueindex(3));
    return 1;
}

static int collect(lua_State *L)
{
    oe_session *session = lua_touserdata(L, 1);
    if (session->refresh)
        oe_engine_give(session->client->engine, session->refresh);
    return 0;
}

void oe_session_register(lua_State *L)
{
    luaL_newmetatable(L, SESSION);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
