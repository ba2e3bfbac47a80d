/* What is secret, and masking it in texts that come from elsewhere: a server may repeat what it was sent. */
#include "oneentry.h"

#include <string.h>
#include <strings.h>

#define MIN_TOKEN 8    /* bytes: what is shorter than any real token could be part of any word */
#define MIN_PASSWORD 4 /* so could this, but some are as short */
#define MAX_DEPTH 40   /* of a body */

/* Names whose values are not for anybody's screen. */
static bool is_secret(const char *name, size_t n)
{
    static const char *const parts[] = { "token", "password", "secret", "authorization" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t size = strlen(parts[i]), k = 0; k + size <= n; k++)
            if (strncasecmp(name + k, parts[i], size) == 0)
                return true;
    return false;
}

bool oe_mask_has_secret_marker(lua_State *L, int index)
{
    size_t n;
    lua_getfield(L, index, "marker");
    const char *marker = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    bool secret = marker && is_secret(marker, n);
    lua_pop(L, 1);
    return secret;
}

bool oe_mask_is_secret(const char *name, size_t n, bool secret_value)
{
    return is_secret(name, n) || (secret_value && strcmp(name, "value") == 0);
}

/* Replaces the secret in the text on top of the stack. */
static void mask(lua_State *L, const char *secret, size_t n)
{
    size_t length;
    const char *text = lua_tolstring(L, -1, &length), *found = memmem(text, length, secret, n);
    if (!found)
        return;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (; found; found = memmem(text, length, secret, n)) {
        luaL_addlstring(&b, text, (size_t)(found - text));
        luaL_addstring(&b, "***");
        length -= (size_t)(found - text) + n;
        text = found + n;
    }
    luaL_addlstring(&b, text, length);
    luaL_pushresult(&b);
    lua_remove(L, -2);
}

void oe_mask_tokens(lua_State *L, const oe_transfer *t)
{
    static const char *const secret[] = { "x-app-token: ", "authorization: Bearer " };
    for (size_t i = 0; i < t->headers.n; i += strlen(t->headers.p + i) + 1) {
        for (size_t k = 0; k < sizeof secret / sizeof *secret; k++) {
            size_t n = strlen(secret[k]);
            const char *line = t->headers.p + i;
            if (strncmp(line, secret[k], n) == 0 && strlen(line + n) >= MIN_TOKEN)
                mask(L, line + n, strlen(line + n));
        }
    }
}

void oe_mask_known(lua_State *L, const oe_client *client, int kept)
{
    static const char *const names[] = { "accessToken", "refreshToken", "spentToken" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = 0;
        lua_getfield(L, kept, names[i]);
        const char *token = lua_tolstring(L, -1, &n);
        lua_insert(L, -2);
        if (n >= MIN_TOKEN)
            mask(L, token, n);
        lua_remove(L, -2);
    }
    const char *app = client->token_header ? strchr(client->token_header, ' ') + 1 : "";
    if (strlen(app) >= MIN_TOKEN)
        mask(L, app, strlen(app));
}

/* Masks the secrets of the table on top of the stack in the text below it. */
static void mask_members(lua_State *L, int depth)
{
    int members = lua_gettop(L);
    bool secret_value = oe_mask_has_secret_marker(L, members);
    luaL_checkstack(L, 12, "no room for a body");
    lua_pushnil(L);
    while (lua_next(L, members)) {
        size_t n, length;
        bool named = lua_type(L, -2) == LUA_TSTRING;
        const char *name = named ? lua_tolstring(L, -2, &n) : NULL;
        if (lua_istable(L, -1) && depth < MAX_DEPTH) {
            lua_pushvalue(L, members - 1);
            lua_insert(L, -2);
            mask_members(L, depth + 1);
            lua_pop(L, 1);
            lua_replace(L, members - 1);
        } else if (named && lua_type(L, -1) == LUA_TSTRING && oe_mask_is_secret(name, n, secret_value)) {
            const char *secret = lua_tolstring(L, -1, &length);
            lua_pushvalue(L, members - 1);
            if (length >= MIN_PASSWORD)
                mask(L, secret, length);
            lua_replace(L, members - 1);
            lua_pop(L, 1);
        } else {
            lua_pop(L, 1);
        }
    }
}

void oe_mask_body(lua_State *L, int decode, const oe_buffer *body)
{
    bool marked;
    if (lua_type(L, -1) != LUA_TSTRING || !oe_json_decode(L, decode, body->p, body->n, &marked))
        return;
    if (lua_istable(L, -1))
        mask_members(L, 0);
    lua_pop(L, 1);
}
