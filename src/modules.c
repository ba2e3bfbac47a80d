/* The tables AuthProvider, Orders, Payments, ... and their functions: made of the rows, when somebody first asks for them. */
#include "oneentry.h"

#include <string.h>

static void push_setter(lua_State *L, int session, const char *name, const char *field, int module)
{
    lua_pushvalue(L, session);
    lua_pushstring(L, field);
    lua_pushvalue(L, module);
    lua_pushstring(L, name);
    lua_pushcclosure(L, oe_session_set_token, 4);
}

/* Pushes the Lua function that makes a method of the C function that starts its call; nil: the method is in C. */
static void push_wrapper(lua_State *L, const oe_client *client, enum oe_modules_kind kind)
{
    if (kind == OE_ASYNC)
        oe_future_push(L, "async");
    else if (kind == OE_CALLS && client->driven)
        oe_future_push(L, "method");
    else
        lua_pushnil(L);
}

/* Pushes the function of the row. */
static void push_method(lua_State *L, int session, int module, int number, enum oe_modules_kind kind)
{
    const oe_session *owner = lua_touserdata(L, session);
    push_wrapper(L, owner->client, kind);
    bool wrapped = !lua_isnil(L, -1);
    lua_CFunction function = wrapped ? oe_future_start : kind == OE_PREPARES ? oe_prepare_method : oe_call_method;
    lua_pushvalue(L, session);
    lua_pushinteger(L, number);
    lua_pushvalue(L, module);
    lua_pushcclosure(L, function, 3);
    if (wrapped)
        lua_call(L, 1, 1);
    else
        lua_remove(L, -2);
}

/* Pushes the function of that name, or nil. */
static void push_function(lua_State *L, int session, int module, int number, const char *name,
                          enum oe_modules_kind kind)
{
    const oe_row *rows = oe_modules[number].rows;
    for (int i = 0; rows[i].name; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            push_method(L, session, module, (number << 8) | i, kind);
            return;
        }
    }
    if (kind == OE_CALLS && strcmp(name, "setAccessToken") == 0)
        push_setter(L, session, name, "accessToken", module);
    else if (kind == OE_CALLS && strcmp(name, "setRefreshToken") == 0)
        push_setter(L, session, name, "refreshToken", module);
    else
        lua_pushnil(L);
}

/* __index of a module. Upvalues: session, number, kind. */
static int index_module(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_pushvalue(L, lua_upvalueindex(1));
    push_function(L, 3, 1, (int)lua_tointeger(L, lua_upvalueindex(2)), lua_tostring(L, 2),
                  (enum oe_modules_kind)lua_tointeger(L, lua_upvalueindex(3)));
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 4);
    lua_rawset(L, 1);
    return 1;
}

static void push_module(lua_State *L, int session, int number, enum oe_modules_kind kind)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, session);
    lua_pushinteger(L, number);
    lua_pushinteger(L, kind);
    lua_pushcclosure(L, index_module, 3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

/* Asks for all functions of the module on top of the stack: it is for looking at, too. */
static void fill(lua_State *L, int number)
{
    const oe_row *rows = oe_modules[number].rows;
    static const char *const setters[] = { "setAccessToken", "setRefreshToken" };
    for (int i = 0; rows[i].name; i++) {
        lua_getfield(L, -1, rows[i].name);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        lua_getfield(L, -1, setters[i]);
        lua_pop(L, 1);
    }
}

void oe_modules_fill(lua_State *L, int api)
{
    for (int i = 0; oe_modules[i].name; i++) {
        lua_getfield(L, api, oe_modules[i].name);
        fill(L, i);
        lua_pop(L, 1);
    }
}

/* Pushes what an api has under that name, or nil. */
static void push_member(lua_State *L, int session, const char *name, enum oe_modules_kind kind)
{
    for (int i = 0; oe_modules[i].name; i++) {
        if (strcmp(oe_modules[i].name, name) == 0) {
            push_module(L, session, i, kind);
            return;
        }
    }
    if (kind == OE_CALLS && strcmp(name, "prepare") == 0)
        oe_modules_push(L, session, OE_PREPARES);
    else if (kind == OE_CALLS && strcmp(name, "async") == 0)
        oe_modules_push(L, session, OE_ASYNC);
    else
        lua_pushnil(L);
}

/* __index of an api. Upvalues: session, kind. */
static int index_api(lua_State *L)
{
    lua_settop(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_pushvalue(L, lua_upvalueindex(1));
    push_member(L, 3, lua_tostring(L, 2), (enum oe_modules_kind)lua_tointeger(L, lua_upvalueindex(2)));
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 4);
    lua_rawset(L, 1);
    return 1;
}

void oe_modules_push(lua_State *L, int session, enum oe_modules_kind kind)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, session);
    lua_pushinteger(L, kind);
    lua_pushcclosure(L, index_api, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}
