/* A reply, from its status and bytes to what the method returns. Whatever the server sends: no crash, no stack left
   over, time and memory in proportion; a status from 300 on is never a value; what is returned can be printed; 64-bit
   integers arrive exactly. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define CLIENTS 4
#define CLIENT "fuzz.client"

#define STRICT "validation = { enabled = true, strictMode = true, logErrors = false }"
#define HANDLER "errors = { customErrors = { [404] = function(err) err.x = tostring(err) end } }"
static const char *const configs[CLIENTS] = {
    "return {}",
    "return { nulls = true, langCode = 'de_DE' }",
    "return { rawData = true, errors = { isShell = false } }",
    "return { " STRICT ", " HANDLER " }",
};

/* Pushes the n-th client, with the fingerprint of every session fixed. */
static void push_client(lua_State *L, unsigned n)
{
    char name[32];
    snprintf(name, sizeof name, CLIENT "%u", n);
    lua_getfield(L, LUA_REGISTRYINDEX, name);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    fuzz_push_module(L, "define");
    lua_pushliteral(L, "http://127.0.0.1:1");
    if (luaL_dostring(L, configs[n]) != LUA_OK)
        fuzz_fail("the configuration compiles", lua_tostring(L, -1));
    lua_call(L, 2, 1);
    lua_getfield(L, -1, "close");
    lua_getupvalue(L, -1, 1); /* the client */
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static const oe_row *pick_row(unsigned choice)
{
    unsigned n = 0;
    for (const oe_module *m = oe_modules; m->name; m++)
        for (const oe_row *row = m->rows; row->name; row++)
            n++;
    choice %= n;
    for (const oe_module *m = oe_modules;; m++)
        for (const oe_row *row = m->rows; row->name; row++)
            if (choice-- == 0)
                return row;
}

typedef struct reply {
    const oe_row *row;
    unsigned client;
    long status;
    const char *body;
    size_t n;
} reply;

/* Pushes the method's results for the reply, and their number. Runs under lua_pcall. */
static int answer(lua_State *L)
{
    const reply *r = lua_touserdata(L, 1);
    lua_settop(L, 0);
    push_client(L, r->client);
    lua_createtable(L, 0, 4);
    lua_pushliteral(L, "before");
    lua_setfield(L, 2, "accessToken");
    oe_session_push(L, 1, 2);
    lua_settop(L, 3);
    lua_insert(L, 1); /* the session; the row's arguments are all nil */
    lua_pushnil(L);
    lua_replace(L, 2);
    lua_pushnil(L);
    lua_replace(L, 3);
    for (int i = 0; i < OE_MAX_ARGS; i++)
        lua_pushnil(L);
    oe_call *call = oe_call_push(L, 1, r->row);
    int index = lua_gettop(L);
    if (r->row->files) { /* where a file goes; oe_files_open has no arguments to take it from */
        lua_newtable(L);
        oe_call_set(L, index, OE_SLOT_FILES);
    }
    oe_transfer *t = oe_engine_take(call->client->engine, &call->transfer);
    if (!t)
        fuzz_fail("there is memory", NULL);
    t->done = true;
    t->status = r->status;
    t->result = OE_OK;
    oe_buffer_add(&t->reply, r->body, r->n);
    call->attempts = 1;
    call->childless = true; /* sends nothing */
    call->order = 1;
    call->deadline = oe_clock_now() + 1000;
    call->interval = 100;
    call->phase = OE_SETTLED;
    bool over = oe_call_advance(L, call, index, 1);
    if (lua_gettop(L) != index)
        fuzz_fail("the stack is as before", "oe_call_advance");
    oe_report_tell(L, index);
    if (!over) { /* the session that the method asks for is still waiting */
        if (!r->row->polls)
            fuzz_fail("an answer ends its call", r->row->name);
        oe_call_cancel(L, index);
        lua_pushboolean(L, 1);
        return 1;
    }
    if (call->transfer)
        fuzz_fail("the transfer is given back", NULL);
    return oe_outcome_return(L, call, index);
}

static void check_printable(lua_State *L, int index)
{
    fuzz_push_module(L, "pretty");
    lua_pushvalue(L, index);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        fuzz_fail("what is returned can be printed", lua_tostring(L, -1));
    lua_getglobal(L, "tostring");
    lua_pushvalue(L, index);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK || lua_type(L, -1) != LUA_TSTRING)
        fuzz_fail("what is returned has a text", NULL);
    lua_pop(L, 2);
}

/* Is the value on top of the stack an error of this module, with that status? */
static bool is_error(lua_State *L, long status)
{
    fuzz_push_module(L, "is_error");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    bool is = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (!is)
        return false;
    lua_getfield(L, -1, "statusCode");
    is = lua_tointeger(L, -1) == status;
    lua_pop(L, 1);
    return is;
}

static void check_answer(lua_State *L, const reply *r)
{
    lua_settop(L, 0);
    lua_pushcfunction(L, answer);
    lua_pushlightuserdata(L, (void *)r);
    int status = lua_pcall(L, 1, LUA_MULTRET, 0), n = lua_gettop(L);
    bool raises = r->client == 2;
    if (status != LUA_OK) {
        if (!raises || !is_error(L, r->status))
            fuzz_fail("nothing is raised but err, where it is asked for", lua_tostring(L, -1));
        check_printable(L, 1);
        return;
    }
    if (n == 1 && (r->status >= 300 || lua_isnil(L, 1)))
        fuzz_fail("a failure is never a value", NULL);
    if (n == 2 && (raises || !lua_isnil(L, 1) || !is_error(L, r->status)))
        fuzz_fail("a failure is nil, err", NULL);
    if (n != 1 && n != 2)
        fuzz_fail("a value, or nil, err", NULL);
    check_printable(L, n);
}

/* ---- integers ------------------------------------------------------------------------------------ */

/* Any 64-bit integer, as a member, in a list, beside texts that look like one. */
static int exact_integer(lua_State *L)
{
    const long long *i = lua_touserdata(L, 1);
    char text[200];
    int n = snprintf(text, sizeof text, "{\"a\":\"\\\"%lld\",\"b\":[%lld,%lld ],\"c\":%lld,\"%lld\":\"%lld\"}", *i, *i,
                     *i, *i, *i, *i);
    const oe_shaping how = { .normalizes = true, .langs = { { "en_US", 5 } }, .max_values = 100 };
    if (oe_shape_read(L, text, (size_t)n, &how) != OE_READ)
        fuzz_fail("integers are JSON", text);
    lua_getfield(L, 2, "c");
    lua_getfield(L, 2, "b");
    lua_rawgeti(L, -1, 2);
    if (!lua_isinteger(L, 3) || lua_tointeger(L, 3) != *i || !lua_isinteger(L, 5) || lua_tointeger(L, 5) != *i)
        fuzz_fail("64-bit integers are exact", text);
    snprintf(text, sizeof text, "%lld", *i);
    lua_getfield(L, 2, text);
    if (lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), text) != 0)
        fuzz_fail("digits in a text stay a text", text);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = { 200, 201, 400, 401, 404, 302, 500, 204 };
    fuzz_input in = { data, size };
    lua_State *L = fuzz_lua();
    unsigned choice = fuzz_byte(&in);
    long long integer = 0;
    reply r = { .row = pick_row(fuzz_byte(&in)), .client = choice % CLIENTS, .status = statuses[choice / CLIENTS % 8] };
    fuzz_input tail = in; /* the integer is read from the reply's own bytes */
    fuzz_bytes(&tail, &integer, sizeof integer);
    r.body = (const char *)in.p;
    r.n = in.n;
    check_answer(L, &r);
    lua_settop(L, 0);
    if (!fuzz_protected(L, exact_integer, &integer))
        fuzz_fail("reading does not raise", lua_tostring(L, -1));
    return 0;
}
