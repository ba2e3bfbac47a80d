/* define(): a client of one project, and what its sessions offer. */
#include "face/face.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- api ---------------------------------------------------------------------------------------- */

static void check_no_arguments(lua_State *L, int given, const char *name)
{
    if (given > 0)
        luaL_error(L, "'%s' takes no argument; call it with a dot, not with a colon", name);
}

void oe_client_close(oe_client *client)
{
    client->closed = true;
    if (client->engine)
        oe_engine_close(client->engine);
}

/***
Ends the connections and cancels what is in flight. Later calls return nil, err with err.code == "closed".
@function api.close
*/
static int close_client(lua_State *L)
{
    int given = oe_bound_enter(L, 1);
    check_no_arguments(L, given, "close");
    oe_client_close(lua_touserdata(L, 1));
    return 0;
}

/***
What is needed to go on with this user later: pass it to api.session.
@function api.getSession
@return table  { accessToken?, refreshToken?, providerMarker, device = { fingerprint, os, browser, location } }
*/
static int get_session(lua_State *L)
{
    int given = oe_bound_enter(L, 1);
    check_no_arguments(L, given, "getSession");
    oe_session_push_saved(L, 1);
    return 1;
}

static int new_session(lua_State *L);

bool oe_client_push_member(lua_State *L, int session, int api, const char *name)
{
    bool is_close = strcmp(name, "close") == 0;
    if (strcmp(name, "getSession") == 0) {
        lua_pushvalue(L, session);
        oe_bound_push(L, "getSession", get_session, 1);
        return true;
    }
    if (!is_close && strcmp(name, "session") != 0)
        return false;
    oe_session_push_client(L, session);
    if (is_close) {
        oe_bound_push(L, "close", close_client, 1);
    } else {
        lua_pushvalue(L, api);
        oe_bound_push(L, "session", new_session, 2);
    }
    return true;
}

/***
The same modules for another user, over the same connections.
@function api.session
@param saved table?  what getSession returned, and optionally saveFunction:
  { accessToken?, refreshToken?, providerMarker?, device?, saveFunction? }; nil: nobody is logged in
@return table  as of define
*/
static int new_session(lua_State *L)
{
    int given = oe_bound_enter(L, 2), client = given + 1, api = given + 2, saved = 1;
    if (lua_rawequal(L, 1, api))
        return oe_raise_colon(L, "session");
    if (given > 1)
        return luaL_error(L, "bad argument #2 to 'session' (no more than 1 expected)");
    if (given == 0 || lua_isnil(L, 1)) {
        lua_newtable(L);
        saved = lua_gettop(L);
    }
    luaL_checktype(L, saved, LUA_TTABLE);
    oe_config_saved(L, saved);
    oe_session_push(L, client, lua_gettop(L));
    oe_modules_push(L, lua_gettop(L), OE_CALLS);
    return 1;
}

/* ---- define ------------------------------------------------------------------------------------- */

/* The stack of define. */
enum { URL = 1, CONFIG, CLIENT, KEPT /* the client's table */ };

/* Pushes port and path of the url; letters that are not ASCII's are encoded. */
static void push_rest(lua_State *L, const char *rest, size_t n)
{
    luaL_Buffer encoded;
    luaL_buffinit(L, &encoded);
    for (size_t i = 0; i < n; i++) {
        char escape[4];
        unsigned char c = (unsigned char)rest[i];
        if (c < 0x80) {
            luaL_addchar(&encoded, rest[i]);
            continue;
        }
        snprintf(escape, sizeof escape, "%%%02X", (unsigned)c);
        luaL_addstring(&encoded, escape);
    }
    luaL_pushresult(&encoded);
}

/* The url in ASCII and without slashes at its end, kept by the client's table. */
static void read_url(lua_State *L, oe_client *client, int kept)
{
    size_t n;
    oe_origin origin = { 0 };
    const char *url = lua_tolstring(L, URL, &n);
    const char *problem = strlen(url) == n ? oe_origin_read(url, &origin) : "not a valid url";
    if (problem)
        luaL_error(L, "bad argument #1 to 'define' (%s)", problem);
    if (n > OE_MAX_LABEL)
        luaL_error(L, "bad argument #1 to 'define' (longer than %d bytes)", OE_MAX_LABEL);
    lua_pushlstring(L, url, origin.scheme_n);
    lua_pushstring(L, origin.host);
    push_rest(L, url + origin.rest, origin.rest_n);
    lua_concat(L, 3);
    client->settings.url = lua_tolstring(L, -1, &client->settings.url_n);
    lua_setfield(L, kept, "url");
}

/* Adds the tables of the call layer to the client's. */
static void add_tables(lua_State *L)
{
    static const char *const names[] = { "reports", "errands", "spent", "futures" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_newtable(L);
        lua_setfield(L, KEPT, names[i]);
    }
    lua_getfield(L, KEPT, "futures");
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v"); /* those that somebody holds */
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

/* Pushes a client and its table. */
static oe_client *push_client(lua_State *L)
{
    oe_client *client = lua_newuserdata(L, sizeof *client);
    memset(client, 0, sizeof *client);
    luaL_getmetatable(L, OE_CLIENT);
    lua_setmetatable(L, CLIENT);
    lua_newtable(L);
    lua_pushvalue(L, KEPT);
    oe_setuservalue(L, CLIENT);
    oe_lists_push_metatable(L); /* loads lua-cjson here, not in the midst of a reply */
    lua_pop(L, 1);
    add_tables(L);
    return client;
}

/***
A client of one project. Nothing is sent, and no connection opened, before the first call.
@function oneentry.define
@param url string  the project's address, as in "https://shop.example"
@param config string|table|nil  the app token, or a config table (README, Configuration)
@return table  { AuthProvider, Orders, Payments, Users, session, getSession, close, prepare, async }
*/
int oe_client_define(lua_State *L)
{
    int type = lua_type(L, 2);
    oe_task_see(L);
    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "bad argument #1 to 'define' (string expected, got %s)%s", luaL_typename(L, 1),
                          lua_istable(L, 1) ? "; call it with a dot, not with a colon" : "");
    if (type != LUA_TSTRING && type != LUA_TTABLE && type > LUA_TNIL)
        return luaL_error(L, "bad argument #2 to 'define' (token or config table expected, got %s)",
                          luaL_typename(L, 2));
    if (!lua_isnoneornil(L, 3))
        return luaL_error(L, "bad argument #3 to 'define' (nothing expected: the config table holds the token, too)");
    lua_settop(L, 2);
    oe_holders_collect(L);
    oe_client *client = push_client(L);
    read_url(L, client, KEPT);
    oe_config_client(L, CONFIG, client, KEPT);
    client->options.https = strncasecmp(client->settings.url, "https", 5) == 0;
    client->options.tls = client->options.https || !client->options.proxy || *client->options.proxy;
    client->engine = oe_engine_new(&client->options, oe_holders_of(L));
    if (!client->engine)
        return luaL_error(L, "not enough memory");
    if (client->driven) {
        oe_future_push(L, "method"); /* loads the Lua half here, not in the midst of a request */
        lua_pop(L, 1);
    }
    oe_session_push(L, CLIENT, lua_gettop(L));
    oe_modules_push(L, lua_gettop(L), OE_CALLS);
    return 1;
}

static int collect(lua_State *L)
{
    oe_client *client = lua_touserdata(L, 1);
    client->closed = true;
    if (client->engine)
        oe_engine_free(client->engine);
    client->engine = NULL;
    oe_buffer_free(&client->spare_url);
    oe_buffer_free(&client->spare_body);
    return 0;
}

void oe_client_register(lua_State *L)
{
    luaL_newmetatable(L, OE_CLIENT);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, OE_CLIENT);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
