/* One user: tokens and device. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define SESSION "oneentry.session"
enum { CLIENT = 1, CLIENT_TABLE }; /* where a session's table has its client, and the table of that */

/* ---- tokens ------------------------------------------------------------------------------------- */

/* Has saveFunction(token) called, with the token on top of the stack, which it pops. */
static void save(lua_State *L, int session, int kept, oe_call *call)
{
    lua_getfield(L, kept, "saveFunction");
    lua_insert(L, -2);
    if (lua_isfunction(L, -2))
        oe_report_add(L, session, call, "auth.saveFunction");
    else
        lua_pop(L, 2);
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

/* NULL, or why the value at `value` holds no tokens: an accessToken, and a refreshToken if `both`. */
static const char *tokens_problem(lua_State *L, int value, bool both)
{
    if (!lua_istable(L, value) || !has_token(L, value, "accessToken"))
        return "the answer holds no usable accessToken";
    if (both && !has_token(L, value, "refreshToken"))
        return "the answer holds no usable refreshToken";
    return NULL;
}

/* Makes the tokens of the table at `tokens` the session's. */
static void take_tokens(lua_State *L, int session, int kept, int tokens, oe_call *call)
{
    oe_session *s = lua_touserdata(L, session);
    if (has_token(L, tokens, "refreshToken"))
        lua_getfield(L, tokens, "refreshToken");
    else
        lua_pushnil(L);
    oe_table_copy(L, tokens, kept, "accessToken");
    lua_pushvalue(L, -1);
    lua_setfield(L, kept, "refreshToken");
    s->epoch++;
    if (lua_isstring(L, -1))
        save(L, session, kept, call);
    else
        lua_pop(L, 1);
}

void oe_session_renew(lua_State *L, int session, oe_call *call, int tokens)
{
    oe_getuservalue(L, session);
    int kept = lua_gettop(L);
    oe_table_copy(L, tokens, kept, "family");
    lua_getfield(L, kept, "refreshToken");
    lua_setfield(L, kept, "spentToken");
    take_tokens(L, session, kept, tokens, call);
    lua_settop(L, kept - 1);
}

/* Takes what a login has brought, in place of whatever there was. */
static void log_in(lua_State *L, int index, int session, int kept, int tokens)
{
    oe_call *call = lua_touserdata(L, index);
    call->session->user = call->order;
    oe_call_get(L, index, OE_SLOT_MARKER);
    lua_setfield(L, kept, "providerMarker");
    oe_table_copy(L, tokens, kept, "family");
    take_tokens(L, session, kept, tokens, call);
}

static void log_out(lua_State *L, oe_call *call, int session, int kept)
{
    call->session->user = call->order;
    lua_getfield(L, kept, "family");
    if (lua_istable(L, -1)) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "ended");
    }
    lua_pop(L, 1);
    static const char *const names[] = { "accessToken", "refreshToken", "family" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_pushnil(L);
        lua_setfield(L, kept, names[i]);
    }
    call->session->epoch++;
    lua_pushliteral(L, "");
    save(L, session, kept, call);
}

void oe_session_push_family(lua_State *L, int kept)
{
    lua_getfield(L, kept, "family");
    if (lua_istable(L, -1))
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, kept, "family");
}

/* Pushes the family of the tokens that the call at `index` has brought: as it was when the refresh began, so that a logout since has
   ended it. */
static void push_family(lua_State *L, int index, int kept, bool own)
{
    oe_call_get(L, index, OE_SLOT_FAMILY);
    if (lua_istable(L, -1))
        return;
    lua_pop(L, 1);
    if (own)
        oe_session_push_family(L, kept);
    else
        lua_newtable(L);
}

/* Has the call spent the refresh token that the session holds? Ask again after anything that can run a finalizer. */
static bool is_own(lua_State *L, int index, int kept)
{
    oe_call_get(L, index, OE_SLOT_TOKEN);
    lua_getfield(L, kept, "refreshToken");
    bool own = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return own;
}

/* A refresh has brought tokens: for the session whose token it has spent, and for others that hold the same (spent.c). Where the
   application itself refreshes another token than the session's, that is a login. */
static void renew(lua_State *L, int index, int session, int kept, int value)
{
    oe_call *call = lua_touserdata(L, index);
    lua_createtable(L, 0, 4);
    int record = lua_gettop(L);
    oe_table_copy(L, value, record, "accessToken");
    oe_table_copy(L, value, record, "refreshToken");
    lua_pushnumber(L, (lua_Number)oe_clock_now());
    lua_setfield(L, record, "at");
    push_family(L, index, kept, is_own(L, index, kept));
    lua_setfield(L, record, "family");
    oe_call_get(L, index, OE_SLOT_MARKER);
    oe_call_get(L, index, OE_SLOT_TOKEN);
    if (oe_spent_push_key(L, kept)) {
        oe_spent_make_room(L, session);
        lua_pushvalue(L, record);
        oe_spent_set(L, session, record + 1);
    }
    if (is_own(L, index, kept)) {
        oe_call_get(L, index, OE_SLOT_MARKER);
        lua_setfield(L, kept, "providerMarker");
        oe_session_renew(L, session, call, record);
    } else if (!call->automatic && call->order > call->session->user) {
        log_in(L, index, session, kept, record);
    }
}

const char *oe_session_settle(lua_State *L, int index, int session, int value)
{
    oe_call *call = lua_touserdata(L, index);
    const unsigned effects = call->row->session;
    if (!(effects & (OE_LOGIN | OE_LOGOUT)))
        return NULL;
    int top = lua_gettop(L), kept = top + 1;
    const char *problem = NULL;
    luaL_checkstack(L, 30, "not enough memory for tokens");
    oe_getuservalue(L, session);
    if (effects & OE_LOGIN)
        problem = tokens_problem(L, value, (effects & OE_ROTATE) != 0);
    if (effects & OE_ROTATE) {
        if (!problem)
            renew(L, index, session, kept, value);
    } else if (call->order <= call->session->user) {
        /* A login, logout or setting that is newer than this call has taken effect already: its tokens stay. */
    } else if (effects & OE_LOGIN) {
        if (!problem)
            log_in(L, index, session, kept, value);
    } else if (lua_toboolean(L, value) && !oe_is_null(L, value)) { /* null is false in JavaScript */
        log_out(L, call, session, kept);
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

/* The parts of a device, the default of each, and the text before it in the header. */
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

void oe_session_push_client(lua_State *L, int session)
{
    oe_getuservalue(L, session);
    lua_rawgeti(L, -1, CLIENT);
    lua_replace(L, -2);
}

void oe_session_push_client_table(lua_State *L, int session)
{
    oe_getuservalue(L, session);
    lua_rawgeti(L, -1, CLIENT_TABLE);
    lua_replace(L, -2);
}

void oe_session_push_of_client(lua_State *L, int session, const char *name)
{
    oe_session_push_client_table(L, session);
    lua_getfield(L, -1, name);
    lua_replace(L, -2);
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
    lua_rawseti(L, saved, CLIENT);
    oe_getuservalue(L, client);
    lua_rawseti(L, saved, CLIENT_TABLE);
    lua_pushvalue(L, saved);
    oe_setuservalue(L, -2);
    complete_device(L, saved);
}

/* Takes in what has arrived, without waiting. */
static void take_in(lua_State *L, int index)
{
    const oe_client *client = ((oe_session *)lua_touserdata(L, index))->client;
    if (client->errands && client->engine) {
        oe_engine_wait(client->engine, 0);
        oe_session_push_client(L, index);
        oe_errand_run(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    oe_refresh_adopt(L, index);
    if (!client->driven && client->orphans > 0) {
        oe_session_push_client(L, index);
        oe_report_tell_orphans(L, lua_gettop(L));
        lua_pop(L, 1);
    }
}

void oe_session_push_saved(lua_State *L, int index)
{
    int top = lua_gettop(L);
    take_in(L, index);
    oe_getuservalue(L, index);
    lua_createtable(L, 0, 4);
    oe_table_copy(L, top + 1, top + 2, "accessToken");
    oe_table_copy(L, top + 1, top + 2, "refreshToken");
    oe_table_copy(L, top + 1, top + 2, "providerMarker");
    lua_getfield(L, top + 1, "device");
    lua_createtable(L, 0, 4);
    for (int i = 0; i < PARTS; i++)
        oe_table_copy(L, top + 3, top + 4, parts[i].name);
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
        return oe_raise_colon(L, name);
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
    lua_pushnil(L);
    lua_setfield(L, -2, "family");
    session->user = ++session->orders;
    session->epoch++;
    lua_pushvalue(L, module);
    return 1;
}

void oe_session_register(lua_State *L)
{
    luaL_newmetatable(L, SESSION);
    lua_pushliteral(L, SESSION);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
