/* Every error value: { code, message, statusCode, sent, method, path, attempts, retryAfter, body, ... }. */
#include "call/call.h"

#include <stdarg.h>
#include <string.h>

#define ERROR "oneentry.error"

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
    [OE_LOCAL] = "file",
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

void oe_error_add_masked(lua_State *L, int text, const oe_client *client, int kept, oe_buffer *out)
{
    static const char *const names[] = { "accessToken", "refreshToken", "spentToken" };
    oe_buffer *secrets = oe_held_push(L);
    size_t n;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, kept, names[i]);
        const char *token = lua_tolstring(L, -1, &n);
        if (token)
            oe_secrets_add_token(secrets, token, n);
        lua_pop(L, 1);
    }
    const char *app = client->settings.token_header ? strchr(client->settings.token_header, ' ') + 1 : "";
    oe_secrets_add_token(secrets, app, strlen(app));
    const char *s = lua_tolstring(L, text, &n);
    if (secrets->failed)
        out->failed = true;
    else
        oe_mask_text(out, s, oe_text_cut(s, n, OE_MAX_MESSAGE), secrets);
    oe_buffer_free(secrets);
    lua_pop(L, 1);
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

void oe_error_note(lua_State *L, const oe_call *call, enum oe_code code, oe_failure *f)
{
    *f = (oe_failure){ .code = code, .secrets = oe_held_push(L) };
    const oe_transfer *t = call->transfer;
    if (!t)
        return;
    f->status = t->status;
    f->retry_after = t->retry_after;
    memcpy(f->message, t->message, sizeof f->message);
    oe_secrets_collect(f->secrets, call->client, call->row->path, t);
}

/* Pushes the text without the request's secrets, bounded. */
static void push_message(lua_State *L, const oe_buffer *text, long more, const oe_buffer *secrets)
{
    oe_buffer *masked = oe_held_push(L);
    if (secrets->failed || text->failed)
        luaL_error(L, "not enough memory");
    oe_mask_text(masked, text->n ? text->p : "", text->n, secrets);
    oe_message_finish(masked, more);
    oe_held_push_text(L, masked);
    oe_buffer_free(masked);
}

void oe_error_push(lua_State *L, const oe_call *call, const oe_failure *f, const oe_buffer *text, long more, int body)
{
    lua_newtable(L);
    int err = lua_gettop(L);
    if (body && lua_istable(L, body))
        copy_members(L, body, err);
    if (body) {
        lua_pushvalue(L, body);
        lua_setfield(L, err, "body");
    }
    set_string(L, err, "code", codes[f->code]);
    push_message(L, text, more, f->secrets);
    oe_buffer_free(f->secrets);
    lua_setfield(L, err, "message");
    lua_settop(L, err);
    static const char *const ours[] = { "statusCode", "retryAfter",
                                        "validationErrors" }; /* not what the body names so */
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        lua_pushnil(L);
        lua_setfield(L, err, ours[i]);
    }
    if (f->status)
        set_integer(L, err, "statusCode", f->status);
    lua_pushboolean(L, call->sent);
    lua_setfield(L, err, "sent");
    set_string(L, err, "method", oe_verb_names[call->row->verb]);
    lua_pushlstring(L, call->row->path, oe_uri_path_n(call->row->path));
    lua_setfield(L, err, "path");
    set_integer(L, err, "attempts", call->attempts);
    if (f->retry_after > 0)
        set_integer(L, err, "retryAfter", (long)f->retry_after);
    luaL_getmetatable(L, ERROR);
    lua_setmetatable(L, err);
}

void oe_error_push_code(lua_State *L, enum oe_code code)
{
    lua_pushstring(L, codes[code]);
}

static bool is_error(lua_State *L, int index)
{
    if (!lua_istable(L, index) || !lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, ERROR);
    bool is = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return is;
}

/***
Is a value an error that this module returned or raised?
@function oneentry.is_error
@param x any
@return boolean
*/
int oe_error_is(lua_State *L)
{
    lua_pushboolean(L, is_error(L, 1));
    return 1;
}

/* Appends a member of the error at 1, if it is a text or a number. */
static void add_member(lua_State *L, oe_buffer *out, const char *name, size_t limit, const char *after)
{
    size_t n;
    lua_getfield(L, 1, name);
    const char *text = lua_tolstring(L, -1, &n);
    if (text)
        oe_text_show(out, text, n, limit, false);
    if (text || strcmp(after, " ") != 0)
        oe_buffer_text(out, after);
    lua_settop(L, 2);
}

/* "404 http: Not found (GET /api/...)", in at most OE_MAX_MESSAGE bytes */
static int error_tostring(lua_State *L)
{
    lua_settop(L, 1);
    oe_buffer *out = oe_held_push(L);
    add_member(L, out, "statusCode", 32, " ");
    add_member(L, out, "code", 32, ": ");
    add_member(L, out, "message", OE_MAX_MESSAGE - 400, " (");
    add_member(L, out, "method", 32, " ");
    add_member(L, out, "path", 256, ")");
    oe_held_push_text(L, out);
    oe_buffer_free(out);
    return 1;
}

bool oe_error_push_text(lua_State *L, int index)
{
    if (!is_error(L, index))
        return false;
    lua_pushcfunction(L, error_tostring);
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    return true;
}

static int error_concat(lua_State *L)
{
    lua_settop(L, 2);
    for (int i = 1; i <= 2; i++) {
        oe_globals_push(L, "tostring");
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
