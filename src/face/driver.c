/* config.driver: how a client waits. */
#include "face/face.h"

#include <string.h>

/* Is this nginx, with its Lua module? */
static bool is_openresty(lua_State *L)
{
    oe_globals_find(L, "ngx");
    bool is = lua_istable(L, -1);
    if (is) {
        lua_getfield(L, -1, "get_phase");
        is = lua_isfunction(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return is;
}

/* Pushes the driver of that name and returns NULL, or returns why there is none, a text on top of the stack. */
static const char *push_required(lua_State *L, const char *name)
{
    oe_globals_push_require(L);
    lua_pushfstring(L, "oneentry.drivers.%s", name);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_ERRMEM)
        lua_error(L);
    if (status == 0)
        return NULL;
    const char *reason = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "its driver raised no text";
    lua_pushlstring(L, reason, strcspn(reason, "\n")); /* what follows is where it was looked for */
    return lua_pushfstring(L, "\"%s\" cannot be loaded: %s", name, lua_tostring(L, -1));
}

static bool has_function(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    bool is = lua_isfunction(L, -1);
    lua_pop(L, 1);
    return is;
}

const char *oe_driver_replace(lua_State *L, int driver)
{
    if (lua_istable(L, driver))
        return has_function(L, driver, "wait") ? NULL : "a function wait(fd, seconds) expected in the table";
    const char *name = lua_isnil(L, driver) && is_openresty(L) ? "openresty" : lua_tostring(L, driver);
    if (!name)
        return lua_isnil(L, driver) ? NULL : "string or table expected";
    const char *problem = NULL;
    if (strcmp(name, "blocking") == 0)
        lua_pushnil(L);
    else if (strcmp(name, "openresty") == 0 && !is_openresty(L))
        return "\"openresty\" is for code that runs inside nginx";
    else if (oe_text_has_word("openresty cqueues copas luv", name, strlen(name)))
        problem = push_required(L, name);
    else
        return "\"blocking\", \"openresty\", \"cqueues\", \"copas\", \"luv\" or a table expected";
    if (!problem)
        lua_replace(L, driver);
    return problem;
}
