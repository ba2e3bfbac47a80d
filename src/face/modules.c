/* The tables AuthProvider, Orders, Payments, ... and their functions: each table is made of the rows, whole, when somebody
   first asks for it. */
#include "face/face.h"

#include <string.h>

/* Functions that every module has beside its rows: each sets a field of the session. */
static const struct setter {
    const char *name, *field;
} setters[] = { { "setAccessToken", "accessToken" }, { "setRefreshToken", "refreshToken" } };
#define SETTERS (sizeof setters / sizeof *setters)

static void push_setter(lua_State *L, int session, const char *name, const char *field, int module)
{
    lua_pushvalue(L, session);
    lua_pushstring(L, field);
    lua_pushvalue(L, module);
    lua_pushstring(L, name);
    oe_bound_push(L, "setToken", oe_session_set_token, 4);
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

const oe_row *oe_modules_enter(lua_State *L, int *session)
{
    int given = oe_bound_enter(L, 3), number = (int)lua_tointeger(L, given + 2), module = given + 3;
    const oe_row *row = oe_row_at(number);
    if (lua_rawequal(L, 1, module))
        oe_raise_colon(L, row->name);
    lua_settop(L, given + 1);
    oe_argument_check(L, row);
    *session = lua_gettop(L);
    return row;
}

/* Waits for news of the client's requests, and takes its errands forward. */
static void wait(lua_State *L, const oe_call *call, int session)
{
    const oe_client *client = call->client;
    oe_call_check_wait(L, call);
    oe_engine_wait(client->engine, oe_call_patience(call));
    if (!client->errands || (call->errand && client->errands == call && !call->next_errand)) /* no other than this */
        return;
    oe_session_push_client(L, session);
    oe_errand_run(L, lua_gettop(L));
    if (client->orphans > 0)
        oe_report_tell_orphans(L, lua_gettop(L));
    lua_pop(L, 1);
}

/* Every method of a client that blocks. */
static int call_method(lua_State *L)
{
    int session;
    const oe_row *row = oe_modules_enter(L, &session);
    oe_call *call = oe_call_start(L, session, row);
    int index = lua_gettop(L);
    call->ticket = OE_EVERYONE; /* this waits for it */
    while (!oe_call_advance(L, call, index, session)) {
        if (call->reports > 0)
            oe_report_tell(L, index);
        else
            wait(L, call, session);
    }
    if (call->reports > 0 || call->client->orphans > 0)
        oe_report_tell(L, index);
    return oe_outcome_take(L, call, index);
}

/* Every method of a client with a driver starts its call so, for the Lua function that waits for it. */
static int start_method(lua_State *L)
{
    return oe_future_start(L);
}

/* The C functions of the methods, and their names for oe_bound_push. */
typedef struct function {
    const char *name;
    lua_CFunction function;
} function;
static const function functions[] = {
    [OE_CALLS] = { "call", call_method },
    [OE_PREPARES] = { "prepare", oe_prepare_method },
    [OE_ASYNC] = { "start", oe_future_start },
};
static const function waited = { "method", start_method };

const oe_row *oe_modules_find(lua_State *L, int method)
{
    int top = lua_gettop(L);
    bool found = oe_bound_push_values(L, method, call_method, 3);
    if (!found && lua_isfunction(L, method) && !lua_iscfunction(L, method) && lua_getupvalue(L, method, 1)) {
        found = oe_bound_push_values(L, top + 1, start_method, 3); /* the first value of await.method */
        lua_remove(L, top + 1);
    }
    return found ? oe_row_at((int)lua_tointeger(L, top + 2)) : NULL;
}

/* Pushes the function of the row. */
static void push_method(lua_State *L, int session, int module, int number, enum oe_modules_kind kind)
{
    const oe_session *owner = lua_touserdata(L, session);
    push_wrapper(L, owner->client, kind);
    bool wrapped = !lua_isnil(L, -1);
    const function *f = wrapped && kind == OE_CALLS ? &waited : &functions[kind];
    lua_pushvalue(L, session);
    lua_pushinteger(L, number);
    lua_pushvalue(L, module);
    oe_bound_push(L, f->name, f->function, 3);
    if (wrapped)
        lua_call(L, 1, 1);
    else
        lua_remove(L, -2);
}

void oe_modules_push_async(lua_State *L, int session)
{
    push_method(L, session, session + 2, (int)lua_tointeger(L, session + 1), OE_ASYNC);
}

/* Pushes a module with all its functions. */
static void push_module(lua_State *L, int session, int number, enum oe_modules_kind kind)
{
    const oe_row *rows = oe_modules[number].rows;
    lua_newtable(L);
    int module = lua_gettop(L);
    for (int i = 0; rows[i].name; i++) {
        push_method(L, session, module, (number << 8) | i, kind);
        lua_setfield(L, module, rows[i].name);
    }
    for (size_t i = 0; i < SETTERS && kind == OE_CALLS; i++) {
        push_setter(L, session, setters[i].name, setters[i].field, module);
        lua_setfield(L, module, setters[i].name);
    }
}

/* Pushes what the api at 1 has under that name, or nil. */
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
    else if (kind != OE_CALLS || !oe_client_push_member(L, session, 1, name))
        lua_pushnil(L);
}

/* __index(api, name): makes the member whole, and then keeps it. Anybody can call it. Bound: session, kind. */
static int index_api(lua_State *L)
{
    int given = oe_bound_enter(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (given < 2 || lua_type(L, 2) != LUA_TSTRING)
        return 0;
    for (; given > 2; given--)
        lua_remove(L, 3);
    push_member(L, 3, lua_tostring(L, 2), (enum oe_modules_kind)lua_tointeger(L, 4));
    lua_pushvalue(L, 2);
    lua_rawget(L, 1);
    if (!lua_isnil(L, -1) || lua_isnil(L, -2)) /* a finalizer was faster, or there is no such member */
        return 1;
    lua_pop(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

static int next_member(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    return lua_next(L, 1) ? 2 : 0;
}

/* Has the api at 1 make that member, if it has one. */
static void make(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    lua_pop(L, 1);
}

/* __pairs(api), where Lua asks for it: there is everything then. */
static int pairs_of_api(lua_State *L)
{
    static const char *const members[] = { "getSession", "session", "close" };
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        make(L, members[i]);
    for (int i = 0; oe_modules[i].name; i++)
        make(L, oe_modules[i].name);
    lua_pushcfunction(L, next_member);
    lua_insert(L, 1);
    return 2;
}

void oe_modules_push(lua_State *L, int session, enum oe_modules_kind kind)
{
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, session);
    lua_pushinteger(L, kind);
    oe_bound_push(L, "api", index_api, 2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, pairs_of_api);
    lua_setfield(L, -2, "__pairs");
    lua_setmetatable(L, -2);
}
