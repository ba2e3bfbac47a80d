/* oneentry.pretty: a value under the name of a secret is never in the text, whatever else the table holds. */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SECRET "Xq7-S3cret-9Zk"
#define TOO_MANY 20000 /* values, when a table that is there twice holds another that is, and so on */

static const char *const names[] = { "accessToken",   "refreshToken", "password", "password_reg", "client_secret",
                                     "Authorization", "marker",       "value",    "authData",     "name",
                                     "PASSWORD",      "clientSecret", "formData", "newPassword",  NULL };

/* By the rule in words: the name holds one of these, in any case. */
static bool is_secret(const char *name, size_t n)
{
    static const char *const parts[] = { "token", "password", "secret", "authorization" };
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        size_t size = strlen(parts[k]);
        for (size_t i = 0; i + size <= n; i++) {
            size_t same = 0;
            while (same < size && tolower((unsigned char)name[i + same]) == parts[k][same])
                same++;
            if (same == size)
                return true;
        }
    }
    return false;
}

static bool has_secret_name(lua_State *L, int index)
{
    size_t n;
    if (lua_type(L, index) != LUA_TSTRING)
        return false;
    const char *name = lua_tolstring(L, index, &n);
    return is_secret(name, n);
}

/* Puts the secret below the name of one, and at `value` beside a marker that is one, in the table on top of the stack and
   those inside, each once: `seen` is a table of tables. */
static void plant(lua_State *L, int seen, long *values)
{
    luaL_checkstack(L, 10, "too deep");
    int t = lua_gettop(L);
    lua_pushvalue(L, t);
    lua_rawget(L, seen);
    if (!lua_isnil(L, -1)) {
        lua_settop(L, t);
        return;
    }
    lua_pushvalue(L, t);
    lua_pushboolean(L, 1);
    lua_rawset(L, seen);
    lua_getfield(L, t, "marker");
    bool marked = has_secret_name(L, -1);
    for (lua_pushnil(L); lua_next(L, t); lua_settop(L, t + 3)) {
        bool value = marked && lua_rawlen(L, t) == 0 && lua_type(L, t + 3) == LUA_TSTRING &&
                     strcmp(lua_tostring(L, t + 3), "value") == 0;
        bool text = lua_type(L, -1) == LUA_TSTRING;
        ++*values;
        if (text && (value || has_secret_name(L, t + 3))) {
            lua_pushvalue(L, t + 3);
            lua_pushliteral(L, SECRET);
            lua_rawset(L, t);
        } else if (lua_istable(L, -1)) {
            plant(L, seen, values);
        }
    }
    lua_settop(L, t);
}

/* Counts the values that would be printed, tables as often as they are reached. */
static void count(lua_State *L, int depth, long *values)
{
    luaL_checkstack(L, 10, "too deep");
    if (++*values > TOO_MANY || !lua_istable(L, -1) || depth > 45)
        return;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        count(L, depth + 1, values);
}

static int run(lua_State *L)
{
    fuzz_input *in = lua_touserdata(L, 1);
    fuzz_maker maker = fuzz_maker_new(L, in, names);
    fuzz_push_value(L, &maker, 0);
    int value = lua_gettop(L);
    long values = 0;
    count(L, 0, &values);
    if (values > TOO_MANY)
        return 0;
    lua_newtable(L);
    lua_pushvalue(L, value);
    if (lua_istable(L, -1))
        plant(L, value + 1, &values);
    lua_settop(L, value);
    fuzz_push_module(L, "pretty");
    lua_pushvalue(L, value);
    lua_call(L, 1, 1);
    size_t n;
    const char *text = lua_tolstring(L, -1, &n);
    if (memmem(text, n, SECRET, strlen(SECRET)))
        fuzz_fail("no secret is printed", text);
    lua_pushvalue(L, value + 1);
    fuzz_push_module(L, "pretty");
    lua_pushvalue(L, value);
    lua_call(L, 1, 1);
    if (!lua_rawequal(L, -1, -2) && strchr(text, '{') && !strstr(text, ": 0x"))
        fuzz_fail("the text is the same each time", text);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    if (memmem(data, size, SECRET, strlen(SECRET)))
        return 0; /* the input names it itself */
    lua_State *L = fuzz_lua();
    if (!fuzz_protected(L, run, &in))
        fuzz_fail("pretty does not raise", lua_tostring(L, -1));
    return 0;
}
