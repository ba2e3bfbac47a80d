/* The configuration of a client, and what a session is restored from. */
#include "base/members.h"
#include "face/face.h"

#include <math.h>
#include <string.h>

static const oe_member client_members[] = {
    { "token", OE_IS_HEADER },
    { "langCode", OE_IS_LANGS },
    { "traficLimit", OE_IS_FLAG },
    { "rawData", OE_IS_FLAG },
    { "validation", OE_IS_TABLE },
    { "auth", OE_IS_TABLE },
    { "errors", OE_IS_TABLE },
    { "timeout", OE_IS_SECONDS },
    { "connectTimeout", OE_IS_SECONDS },
    { "maxRetries", OE_IS_COUNT },
    { "maxResponseSize", OE_IS_SIZE },
    { "maxConnections", OE_IS_SIZE },
    { "maxValues", OE_IS_SIZE },
    { "tls", OE_IS_TABLE },
    { "proxy", OE_IS_TEXT },
    { "userAgent", OE_IS_LABEL },
    { "maxConnectionAge", OE_IS_SECONDS },
    { "device", OE_IS_TABLE },
    { "nulls", OE_IS_FLAG },
    { "driver", OE_IS_ANY },
    { "hooks", OE_IS_TABLE },
    { "debug", OE_IS_FLAG },
    { NULL, OE_IS_TEXT },
};
static const oe_member auth_members[] = {
    { "accessToken", OE_IS_TOKEN },     { "refreshToken", OE_IS_TOKEN }, { "providerMarker", OE_IS_TEXT },
    { "saveFunction", OE_IS_FUNCTION }, { "customAuth", OE_IS_FLAG },    { NULL, OE_IS_TEXT },
};
static const oe_member saved_members[] = {
    { "accessToken", OE_IS_TOKEN },     { "refreshToken", OE_IS_TOKEN }, { "providerMarker", OE_IS_TEXT },
    { "saveFunction", OE_IS_FUNCTION }, { "device", OE_IS_TABLE },       { NULL, OE_IS_TEXT },
};
static const oe_member device_members[] = {
    { "fingerprint", OE_IS_LABEL }, { "os", OE_IS_LABEL }, { "browser", OE_IS_LABEL },
    { "location", OE_IS_LABEL },    { NULL, OE_IS_TEXT },
};
static const oe_member error_members[] = {
    { "isShell", OE_IS_FLAG }, { "customErrors", OE_IS_TABLE }, { "callback", OE_IS_FUNCTION }, { NULL, OE_IS_TEXT }
};
static const oe_member hook_members[] = { { "request", OE_IS_FUNCTION },
                                          { "response", OE_IS_FUNCTION },
                                          { NULL, OE_IS_TEXT } };
static const oe_member validation_members[] = {
    { "enabled", OE_IS_FLAG },
    { "strictMode", OE_IS_FLAG },
    { "logErrors", OE_IS_FLAG },
    { NULL, OE_IS_TEXT },
};
static const oe_member tls_members[] = {
    { "caFile", OE_IS_TEXT },  { "caPath", OE_IS_TEXT },      { "certFile", OE_IS_TEXT },
    { "keyFile", OE_IS_TEXT }, { "keyPassword", OE_IS_TEXT }, { NULL, OE_IS_TEXT },
};

static double number(lua_State *L, int index, const char *name, double fallback)
{
    lua_getfield(L, index, name);
    double d = lua_isnil(L, -1) ? fallback : (double)lua_tonumber(L, -1);
    lua_pop(L, 1);
    return d;
}

static bool flag(lua_State *L, int index, const char *name, bool fallback)
{
    lua_getfield(L, index, name);
    bool b = lua_isnil(L, -1) ? fallback : lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return b;
}

/* The text of a member, kept alive in the client's table; NULL when it is absent. */
static const char *text(lua_State *L, int index, const char *name, int kept)
{
    lua_getfield(L, index, name);
    const char *s = lua_tostring(L, -1);
    lua_setfield(L, kept, name);
    return s;
}

/* ---- sessions ----------------------------------------------------------------------------------- */

/* "" is what saveFunction got after logout: no token. */
static void copy_token(lua_State *L, int from, int to, const char *name)
{
    lua_getfield(L, from, name);
    if (lua_isstring(L, -1) && lua_rawlen(L, -1) > 0)
        lua_setfield(L, to, name);
    else
        lua_pop(L, 1);
}

/* Pushes { accessToken, refreshToken, providerMarker, saveFunction, device } from the tables at `auth` and `device`. */
static void push_saved(lua_State *L, int auth, int device)
{
    lua_createtable(L, 0, 8);
    int saved = lua_gettop(L);
    copy_token(L, auth, saved, "accessToken");
    copy_token(L, auth, saved, "refreshToken");
    oe_table_copy(L, auth, saved, "saveFunction");
    oe_table_copy(L, auth, saved, "providerMarker");
    lua_getfield(L, saved, "providerMarker");
    if (lua_isnil(L, -1)) {
        lua_pushliteral(L, "email");
        lua_setfield(L, saved, "providerMarker");
    }
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    for (const oe_member *m = device_members; m->name; m++)
        oe_table_copy(L, device, saved + 1, m->name);
    lua_setfield(L, saved, "device");
}

void oe_config_saved(lua_State *L, int index)
{
    const oe_reader r = { L, "session", 1 };
    index = oe_members_copy(&r, index, "saved", saved_members);
    int device = oe_members_of(&r, index, "device", "saved.device", device_members);
    push_saved(L, index, device);
}

/* ---- clients ------------------------------------------------------------------------------------ */

/* customErrors = { [status] = function }; "404" is as good as 404. Kept with integer keys. */
static void read_handlers(const oe_reader *r, int errors, int kept)
{
    lua_State *L = r->L;
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_getfield(L, errors, "customErrors");
    if (lua_istable(L, -1)) {
        long reads = 0;
        const char *problem = oe_table_read_members(L, copy + 1, &reads);
        if (problem)
            oe_members_refuse(r, "config.errors", "customErrors", problem);
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            double status = lua_isnumber(L, -2) ? (double)lua_tonumber(L, -2) : 0;
            if (status < 100 || status > 599 || status != floor(status))
                oe_members_refuse(r, "config.errors", "customErrors", "HTTP status codes expected as keys");
            if (!lua_isfunction(L, -1))
                oe_members_refuse(r, "config.errors", "customErrors", "functions expected as values");
            lua_rawseti(L, copy, (int)status);
        }
    }
    lua_settop(L, copy);
    lua_setfield(L, kept, "customErrors");
}

static void read_tls(const oe_reader *r, int config, oe_options *o, int kept)
{
    lua_State *L = r->L;
    int tls = oe_members_of(r, config, "tls", "config.tls", tls_members);
    o->ca_file = text(L, tls, "caFile", kept);
    o->ca_path = text(L, tls, "caPath", kept);
    o->cert_file = text(L, tls, "certFile", kept);
    o->key_file = text(L, tls, "keyFile", kept);
    o->key_password = text(L, tls, "keyPassword", kept);
}

static void read_proxy(const oe_reader *r, int config, oe_options *o, int kept)
{
    const char *proxy = text(r->L, config, "proxy", kept);
    o->proxy = !proxy ? "" : strcmp(proxy, "env") == 0 ? NULL : proxy;
    if (o->proxy && *o->proxy && !oe_origin_is_proxy(o->proxy))
        oe_members_refuse(r, "config", "proxy", "a url with a scheme and a host in ASCII, or \"env\", expected");
}

static void read_langs(lua_State *L, int config, oe_settings *settings, int kept)
{
    lua_getfield(L, config, "langCode");
    if (lua_isnil(L, -1))
        lua_pushliteral(L, "en_US");
    settings->langs = lua_tolstring(L, -1, &settings->langs_n);
    lua_setfield(L, kept, "langCode");
}

/* Sets kept.driver; nil: the client blocks. */
static void read_driver(const oe_reader *r, int config, oe_client *client, int kept)
{
    lua_getfield(r->L, config, "driver");
    const char *problem = oe_driver_replace(r->L, lua_gettop(r->L));
    if (problem)
        oe_members_refuse(r, "config", "driver", problem);
    client->driven = !lua_isnil(r->L, -1);
    lua_setfield(r->L, kept, "driver");
}

void oe_config_client(lua_State *L, int index, oe_client *client, int kept)
{
    const oe_reader r = { L, "define", 2 };
    oe_options *o = &client->options;
    if (!lua_istable(L, index)) { /* only a token */
        lua_newtable(L);
        lua_pushvalue(L, index);
        lua_setfield(L, -2, "token");
        lua_replace(L, index);
    }
    index = oe_members_copy(&r, index, "config", client_members);
    int auth = oe_members_of(&r, index, "auth", "config.auth", auth_members);
    int errors = oe_members_of(&r, index, "errors", "config.errors", error_members);
    int validation = oe_members_of(&r, index, "validation", "config.validation", validation_members);
    int device = oe_members_of(&r, index, "device", "config.device", device_members);
    int hooks = oe_members_of(&r, index, "hooks", "config.hooks", hook_members);
    read_handlers(&r, errors, kept);
    lua_getfield(L, errors, "callback");
    lua_setfield(L, kept, "errorCallback");
    lua_newtable(L);
    oe_table_copy(L, hooks, lua_gettop(L), "request");
    oe_table_copy(L, hooks, lua_gettop(L), "response");
    lua_setfield(L, kept, "hooks");
    lua_getfield(L, index, "hooks");
    client->hooks = lua_istable(L, -1);
    lua_pop(L, 1);
    client->debug = flag(L, index, "debug", false);
    read_tls(&r, index, o, kept);
    read_proxy(&r, index, o, kept);
    read_driver(&r, index, client, kept);
    o->timeout = number(L, index, "timeout", 30);
    o->connect_timeout = number(L, index, "connectTimeout", 10);
    o->max_response = (size_t)number(L, index, "maxResponseSize", 64.0 * 1024 * 1024);
    o->max_values = (size_t)number(L, index, "maxValues", 1e6);
    o->max_connections = (long)number(L, index, "maxConnections", 0);
    o->max_age = number(L, index, "maxConnectionAge", 300);
    o->user_agent = text(L, index, "userAgent", kept);
    if (!o->user_agent)
        o->user_agent = "oneentry-lua/" OE_VERSION;
    client->max_retries = (int)number(L, index, "maxRetries", 2);
    client->trafic_limit = flag(L, index, "traficLimit", false);
    client->raw = flag(L, index, "rawData", false);
    client->settings.nulls = flag(L, index, "nulls", client->raw); /* raw data without its nulls is not what was sent */
    client->custom_auth = flag(L, auth, "customAuth", false);
    client->shell = flag(L, errors, "isShell", true);
    client->settings.validate = flag(L, validation, "enabled", false);
    client->settings.strict = flag(L, validation, "strictMode", false);
    client->settings.log_invalid = flag(L, validation, "logErrors", true);
    read_langs(L, index, &client->settings, kept);
    lua_getfield(L, index, "token");
    if (lua_isstring(L, -1)) {
        lua_pushliteral(L, "x-app-token: ");
        lua_insert(L, -2);
        lua_concat(L, 2);
        client->settings.token_header = lua_tostring(L, -1);
        lua_setfield(L, kept, "tokenHeader");
    } else {
        lua_pop(L, 1);
    }
    push_saved(L, auth, device);
}
