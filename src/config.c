/* The configuration of a client, and what a session is restored from: every member checked, unknown ones refused. */
#include "oneentry.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum kind { TEXT, ANY_TEXT, HEADER, TOKEN, SECONDS, COUNT, SIZE, FLAG, TABLE, FUNCTION, ANY };

typedef struct member {
    const char *name;
    enum kind kind;
} member;

static const member client_members[] = {
    { "token", HEADER },     { "langCode", ANY_TEXT },    { "traficLimit", FLAG },
    { "rawData", FLAG },     { "validation", TABLE },     { "auth", TABLE },
    { "errors", TABLE },     { "timeout", SECONDS },      { "connectTimeout", SECONDS },
    { "maxRetries", COUNT }, { "maxResponseSize", SIZE }, { "maxConnections", SIZE },
    { "tls", TABLE },        { "proxy", TEXT },           { "userAgent", HEADER },
    { "device", TABLE },     { "nulls", FLAG },           { "driver", ANY },
    { "hooks", TABLE },      { "debug", FLAG },           { NULL, TEXT },
};
static const member auth_members[] = {
    { "accessToken", TOKEN },     { "refreshToken", TOKEN }, { "providerMarker", TEXT },
    { "saveFunction", FUNCTION }, { "customAuth", FLAG },    { NULL, TEXT },
};
static const member saved_members[] = {
    { "accessToken", TOKEN },     { "refreshToken", TOKEN }, { "providerMarker", TEXT },
    { "saveFunction", FUNCTION }, { "device", TABLE },       { NULL, TEXT },
};
static const member device_members[] = {
    { "fingerprint", HEADER }, { "os", HEADER }, { "browser", HEADER }, { "location", HEADER }, { NULL, TEXT },
};
static const member error_members[] = { { "isShell", FLAG }, { "customErrors", TABLE }, { NULL, TEXT } };
static const member hook_members[] = { { "request", FUNCTION }, { "response", FUNCTION }, { NULL, TEXT } };
static const member poll_members[] = { { "timeout", SECONDS }, { "interval", SECONDS }, { NULL, TEXT } };
static const member validation_members[] = {
    { "enabled", FLAG },
    { "strictMode", FLAG },
    { "logErrors", FLAG },
    { NULL, TEXT },
};
static const member tls_members[] = {
    { "caFile", TEXT },  { "caPath", TEXT },      { "certFile", TEXT },
    { "keyFile", TEXT }, { "keyPassword", TEXT }, { NULL, TEXT },
};

/* Whose argument is read: for messages. */
typedef struct reader {
    lua_State *L;
    const char *function;
    int position;
} reader;

static int refuse(const reader *r, const char *where, const char *name, const char *problem)
{
    return oe_error_raise(r->L, "bad argument #%d to '%s' (%s.%s: %s)", r->position, r->function, where, name, problem);
}

/* ---- names -------------------------------------------------------------------------------------- */

#define MAX_NAME 32

/* Edits (insert, delete, replace) that make b of a, whatever their case. */
static size_t distance(const char *a, const char *b)
{
    size_t row[MAX_NAME + 1], n = strlen(b);
    if (n > MAX_NAME)
        n = MAX_NAME;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j],
                   best = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

static const member *find_member(const member *members, const char *name)
{
    for (; members->name; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

static int refuse_unknown(const reader *r, const char *where, const member *members, const char *name)
{
    const char *nearest = members->name;
    for (const member *m = members; m->name; m++)
        if (distance(name, m->name) < distance(name, nearest))
            nearest = m->name;
    lua_pushfstring(r->L, "unknown member, did you mean '%s'?", nearest);
    return refuse(r, where, name, lua_tostring(r->L, -1));
}

/* ---- values ------------------------------------------------------------------------------------- */

bool oe_config_is_header_value(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return n == 0 || (text[0] != ' ' && text[n - 1] != ' ');
}

static const char *text_problem(lua_State *L, enum kind kind)
{
    size_t n;
    if (lua_type(L, -1) != LUA_TSTRING)
        return "string expected";
    const char *text = lua_tolstring(L, -1, &n);
    if (n == 0 && kind != ANY_TEXT && kind != TOKEN)
        return "a string that is not empty expected";
    if ((kind == HEADER || kind == TOKEN) && !oe_config_is_header_value(text, n))
        return "printable ASCII expected (it goes into a header)";
    return strlen(text) == n ? NULL : "a string without NUL expected";
}

static const char *number_problem(lua_State *L, enum kind kind)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        return "number expected";
    double d = (double)lua_tonumber(L, -1);
    if (kind == SECONDS)
        return d > 0 && d <= 86400 ? NULL : "seconds, more than 0 and at most 86400, expected";
    if (d != floor(d) || d > 9007199254740992.0)
        return "integer expected";
    if (kind == COUNT && d > 1000)
        return "at most 1000 expected";
    return d >= (kind == SIZE ? 1 : 0) ? NULL : "a larger integer expected";
}

static const char *value_problem(lua_State *L, enum kind kind)
{
    switch (kind) {
    case TEXT:
    case ANY_TEXT:
    case HEADER:
    case TOKEN:
        return text_problem(L, kind);
    case SECONDS:
    case COUNT:
    case SIZE:
        return number_problem(L, kind);
    case FLAG:
        return lua_isboolean(L, -1) ? NULL : "boolean expected";
    case TABLE:
        return lua_istable(L, -1) ? NULL : "table expected";
    case FUNCTION:
        return lua_isfunction(L, -1) ? NULL : "function expected";
    case ANY: /* who uses it looks at it */
        break;
    }
    return NULL;
}

static void check_names(const reader *r, int index, const char *where, const member *members)
{
    lua_State *L = r->L;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            refuse(r, where, "?", "a member name expected, got a list item");
        else if (!find_member(members, lua_tostring(L, -2)))
            refuse_unknown(r, where, members, lua_tostring(L, -2));
    }
}

static void check_value(const reader *r, const char *where, const member *m)
{
    lua_State *L = r->L;
    const char *problem = lua_isnil(L, -1) ? NULL : value_problem(L, m->kind);
    if (!problem)
        return;
    lua_pushfstring(L, "%s, got %s", problem, luaL_typename(L, -1));
    bool says_type = strstr(problem, "expected") == problem + strlen(problem) - strlen("expected");
    refuse(r, where, m->name, says_type ? lua_tostring(L, -1) : problem);
}

/* Pushes a plain copy of the table, checked: what a metatable adds is read once, here. */
static int push_copy(const reader *r, int index, const char *where, const member *members)
{
    lua_State *L = r->L;
    check_names(r, index, where, members);
    lua_newtable(L);
    int copy = lua_gettop(L);
    for (const member *m = members; m->name; m++) {
        lua_getfield(L, index, m->name);
        check_value(r, where, m);
        lua_setfield(L, copy, m->name);
    }
    return copy;
}

/* Pushes a copy of the table member, or a new empty table. */
static int push_checked(const reader *r, int index, const char *name, const char *where, const member *members)
{
    lua_State *L = r->L;
    lua_getfield(L, index, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    return push_copy(r, lua_gettop(L), where, members);
}

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

static void copy_member(lua_State *L, int from, int to, const char *name)
{
    lua_getfield(L, from, name);
    lua_setfield(L, to, name);
}

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
    copy_member(L, auth, saved, "saveFunction");
    copy_member(L, auth, saved, "providerMarker");
    lua_getfield(L, saved, "providerMarker");
    if (lua_isnil(L, -1)) {
        lua_pushliteral(L, "email");
        lua_setfield(L, saved, "providerMarker");
    }
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    for (const member *m = device_members; m->name; m++)
        copy_member(L, device, saved + 1, m->name);
    lua_setfield(L, saved, "device");
}

void oe_config_saved(lua_State *L, int index)
{
    const reader r = { L, "session", 1 };
    index = push_copy(&r, index, "saved", saved_members);
    int device = push_checked(&r, index, "device", "saved.device", device_members);
    push_saved(L, index, device);
}

void oe_config_poll(lua_State *L, const oe_row *row, int index, double *timeout, double *interval)
{
    const reader r = { L, row->name, index };
    *timeout = 300;
    *interval = 2;
    if (!lua_istable(L, index))
        return;
    index = push_copy(&r, index, "options", poll_members);
    *timeout = number(L, index, "timeout", *timeout);
    *interval = number(L, index, "interval", *interval);
    lua_pop(L, 1);
}

/* ---- clients ------------------------------------------------------------------------------------ */

/* customErrors = { [status] = function }; "404" is as good as 404. Kept with integer keys. */
static void read_handlers(const reader *r, int errors, int kept)
{
    lua_State *L = r->L;
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_getfield(L, errors, "customErrors");
    if (lua_istable(L, -1)) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            double status = lua_isnumber(L, -2) ? (double)lua_tonumber(L, -2) : 0;
            if (status < 100 || status > 599 || status != floor(status))
                refuse(r, "config.errors", "customErrors", "HTTP status codes expected as keys");
            if (!lua_isfunction(L, -1))
                refuse(r, "config.errors", "customErrors", "functions expected as values");
            lua_rawseti(L, copy, (int)status);
        }
    }
    lua_settop(L, copy);
    lua_setfield(L, kept, "customErrors");
}

static void read_tls(const reader *r, int config, oe_options *o, int kept)
{
    lua_State *L = r->L;
    int tls = push_checked(r, config, "tls", "config.tls", tls_members);
    o->ca_file = text(L, tls, "caFile", kept);
    o->ca_path = text(L, tls, "caPath", kept);
    o->cert_file = text(L, tls, "certFile", kept);
    o->key_file = text(L, tls, "keyFile", kept);
    o->key_password = text(L, tls, "keyPassword", kept);
}

static void read_proxy(const reader *r, int config, oe_options *o, int kept)
{
    const char *proxy = text(r->L, config, "proxy", kept);
    o->proxy = !proxy ? "" : strcmp(proxy, "env") == 0 ? NULL : proxy;
    if (o->proxy && *o->proxy && !oe_origin_is_proxy(o->proxy))
        refuse(r, "config", "proxy", "a url with a scheme, or \"env\", expected");
}

/* Sets kept.driver; nil: the client blocks. */
static void read_driver(const reader *r, int config, oe_client *client, int kept)
{
    lua_getfield(r->L, config, "driver");
    const char *problem = oe_driver_replace(r->L, lua_gettop(r->L));
    if (problem)
        refuse(r, "config", "driver", problem);
    client->driven = !lua_isnil(r->L, -1);
    lua_setfield(r->L, kept, "driver");
}

void oe_config_client(lua_State *L, int index, oe_client *client, int kept)
{
    const reader r = { L, "define", 2 };
    oe_options *o = &client->options;
    if (!lua_istable(L, index)) { /* only a token */
        lua_newtable(L);
        lua_pushvalue(L, index);
        lua_setfield(L, -2, "token");
        lua_replace(L, index);
    }
    index = push_copy(&r, index, "config", client_members);
    int auth = push_checked(&r, index, "auth", "config.auth", auth_members);
    int errors = push_checked(&r, index, "errors", "config.errors", error_members);
    int validation = push_checked(&r, index, "validation", "config.validation", validation_members);
    int device = push_checked(&r, index, "device", "config.device", device_members);
    int hooks = push_checked(&r, index, "hooks", "config.hooks", hook_members);
    read_handlers(&r, errors, kept);
    lua_newtable(L);
    copy_member(L, hooks, lua_gettop(L), "request");
    copy_member(L, hooks, lua_gettop(L), "response");
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
    o->max_connections = (long)number(L, index, "maxConnections", 0);
    o->user_agent = text(L, index, "userAgent", kept);
    if (!o->user_agent)
        o->user_agent = "oneentry-lua/" OE_VERSION;
    client->max_retries = (int)number(L, index, "maxRetries", 2);
    client->raw = flag(L, index, "rawData", false);
    client->nulls = flag(L, index, "nulls", client->raw); /* raw data without its nulls is not what was sent */
    client->custom_auth = flag(L, auth, "customAuth", false);
    client->shell = flag(L, errors, "isShell", true);
    client->validate = flag(L, validation, "enabled", false);
    client->strict = flag(L, validation, "strictMode", false);
    client->log_invalid = flag(L, validation, "logErrors", true);
    client->lang = text(L, index, "langCode", kept);
    if (!client->lang)
        client->lang = "en_US";
    client->lang_n = strlen(client->lang);
    lua_getfield(L, index, "token");
    if (lua_isstring(L, -1)) {
        lua_pushliteral(L, "x-app-token: ");
        lua_insert(L, -2);
        lua_concat(L, 2);
        client->token_header = lua_tostring(L, -1);
        lua_setfield(L, kept, "tokenHeader");
    } else {
        lua_pop(L, 1);
    }
    push_saved(L, auth, device);
}
