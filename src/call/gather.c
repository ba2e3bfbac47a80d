/* Child calls: the requests that follow from a reply (follow.c), and those that bring what a body needs (uploads.c). A child is a
   call like any other, of the same session: its retries, its refresh, its hooks are the ones there are. Deadline and ticket are its
   parent's, whose waiter also calls its callbacks. So many are under way at a time.

   The call's table has a table for them, with the children under way at 1..OE_WIDTH, and
     items  what each of them is for, by position
     err    of the first item that has failed
     gather the userdata oe_gathering. */
#include "call/call.h"

#include <string.h>

enum { CALL = OE_GATHER_CALL, SESSION = OE_GATHER_SESSION, TABLE = OE_GATHER_TABLE };

/* Is the call still at this? A finalizer may have cancelled it, or closed its client. */
static bool is_on(const oe_call *call, const oe_gathering *g)
{
    return call->gathering == g && call->phase == OE_GATHERING;
}

/* (arguments..., session, row's number) -> a new call */
static int start_child(lua_State *L)
{
    const oe_row *row = oe_row_at((int)lua_tointeger(L, -1));
    lua_pop(L, 1);
    oe_argument_check(L, row);
    oe_call_start(L, lua_gettop(L), row);
    return 1;
}

bool oe_gather_push(lua_State *L, int n, int session, const char *method)
{
    lua_pushcfunction(L, start_child);
    lua_insert(L, -n - 1);
    lua_pushvalue(L, session);
    lua_pushinteger(L, oe_row_find(method));
    int status = lua_pcall(L, n + 2, 1, 0);
    if (status == LUA_ERRMEM)
        lua_error(L);
    if (status == 0)
        ((oe_call *)lua_touserdata(L, -1))->childless = true;
    return status == 0;
}

/* Starts the next item of the stage in that place. */
static void start(lua_State *L, oe_call *call, oe_gathering *g, int place)
{
    int number = g->next++;
    lua_getfield(L, TABLE, "items");
    lua_rawgeti(L, -1, number);
    bool good = g->follow ? oe_follow_push(L, g) : oe_uploads_push(L);
    if (good && is_on(call, g)) {
        oe_call *child = lua_touserdata(L, -1);
        lua_rawseti(L, TABLE, place + 1);
        child->parent = call;
        g->children[place] = child;
        g->serves[place] = number;
    }
    lua_settop(L, TABLE);
}

/* Takes the result of the child in that place. */
static void take(lua_State *L, oe_call *call, oe_gathering *g, int place)
{
    const oe_call *child = g->children[place];
    const int number = g->serves[place];
    lua_getfield(L, TABLE, "items");
    lua_rawgeti(L, TABLE + 1, number);
    lua_rawgeti(L, TABLE, place + 1);
    oe_call_get(L, TABLE + 3, OE_SLOT_RESULT);
    if (child->outcome == OE_RAISED)
        lua_error(L);
    call->sent = call->sent || child->sent;
    if (g->follow)
        oe_follow_take(L, g, child, number);
    else
        oe_uploads_take(L, call, g, child);
    if (g->children[place] == child) {
        g->children[place] = NULL;
        lua_pushnil(L);
        lua_rawseti(L, TABLE, place + 1);
    }
    lua_settop(L, TABLE);
}

/* Takes the child in that place forward. True: it has its result. */
static bool advance(lua_State *L, oe_call *call, oe_gathering *g, int place)
{
    oe_call *child = g->children[place];
    child->ticket = call->ticket;
    child->deadline = call->deadline;
    lua_rawgeti(L, TABLE, place + 1);
    oe_call_advance(L, child, lua_gettop(L), SESSION);
    if (is_on(call, g) && child->transfer)
        child->transfer->ticket = call->ticket;
    lua_settop(L, TABLE);
    return is_on(call, g) && child->outcome != OE_NOTHING;
}

/* Takes the children of a stage forward, and starts those that there is room for. True: all have their results. */
static bool run_stage(lua_State *L, oe_call *call, oe_gathering *g)
{
    long most = call->client->options.max_connections;
    int width = most > 0 && most < OE_WIDTH ? (int)most : OE_WIDTH;
    bool busy = true;
    for (bool any = true; any && call->reports == 0;) {
        any = busy = false;
        for (int i = 0; i < width && is_on(call, g); i++) {
            if (!g->children[i] && g->next <= g->items)
                start(L, call, g, i);
            if (g->children[i] && advance(L, call, g, i)) {
                take(L, call, g, i);
                any = true;
            }
            busy = busy || g->children[i];
        }
    }
    bool over = !g->follow && g->failed; /* a body that lacks a file is not sent */
    return (over || (!busy && g->next > g->items)) && is_on(call, g);
}

/* (call, session) -> true and the result, or false: there are children under way */
static int run(lua_State *L)
{
    oe_call *call = lua_touserdata(L, CALL);
    oe_gathering *g = call->gathering;
    luaL_checkstack(L, 40, "not enough memory for a call");
    oe_call_get(L, CALL, OE_SLOT_CHILDREN);
    do {
        if (!g->planned)
            oe_follow_plan(L, g);
        g->planned = true;
        if (!run_stage(L, call, g)) {
            lua_pushboolean(L, 0);
            return 1;
        }
    } while (g->follow && oe_follow_next(L, g));
    lua_pushboolean(L, 1);
    call->read = g->follow ? oe_follow_finish(L) : oe_uploads_finish(L, call);
    return 2;
}

bool oe_gather_poll(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    oe_gathering *g = call->gathering;
    int top = lua_gettop(L);
    if (g->running) /* further up the stack: this is a finalizer */
        return false;
    luaL_checkstack(L, 10, "not enough memory for a call");
    oe_call_get(L, index, OE_SLOT_CHILDREN); /* keeps g */
    lua_pushcfunction(L, run);
    lua_pushvalue(L, index);
    lua_pushvalue(L, session);
    g->running = true;
    bool raised = lua_pcall(L, 2, 2, 0) != 0;
    g->running = false;
    bool ended = is_on(call, g) && (raised || lua_toboolean(L, top + 2));
    if (raised)
        call->read = OE_RAISED;
    if (ended) {
        oe_call_set(L, index, OE_SLOT_RESULT);
        oe_gather_leave(L, index);
    }
    lua_settop(L, top);
    return ended;
}

void oe_gather_begin(lua_State *L, int index, const oe_follow *follow, const char *name)
{
    oe_call *call = lua_touserdata(L, index);
    int value = lua_gettop(L), table = value + 1;
    lua_createtable(L, OE_WIDTH, 4);
    lua_pushvalue(L, value);
    lua_setfield(L, table, name);
    oe_gathering *g = lua_newuserdata(L, sizeof *g);
    memset(g, 0, sizeof *g);
    g->follow = follow;
    if (!follow) {
        g->planned = true;
        g->items = (int)lua_rawlen(L, value);
        g->next = 1;
    }
    lua_setfield(L, table, "gather");
    lua_pushvalue(L, table);
    oe_call_set(L, index, OE_SLOT_CHILDREN);
    call->gathering = g;
    lua_settop(L, value - 1);
}

void oe_gather_leave(lua_State *L, int index)
{
    oe_call *call = lua_touserdata(L, index);
    oe_gathering *g = call->gathering;
    int top = lua_gettop(L);
    if (!g)
        return;
    call->gathering = NULL;
    oe_call_get(L, index, OE_SLOT_CHILDREN); /* keeps g */
    lua_pushnil(L);
    oe_call_set(L, index, OE_SLOT_CHILDREN);
    for (int i = 0; i < OE_WIDTH; i++) {
        oe_call *child = g->children[i];
        if (!child)
            continue;
        child->parent = NULL;
        lua_rawgeti(L, top + 1, i + 1);
        oe_call_cancel(L, top + 2);
        call->sent = call->sent || child->sent;
        lua_settop(L, top + 1);
    }
    if (!g->follow)
        oe_uploads_leave(L, top + 1);
    lua_settop(L, top);
}

void oe_gather_forget(oe_call *call)
{
    for (int i = 0; call->gathering && i < OE_WIDTH; i++)
        if (call->gathering->children[i])
            call->gathering->children[i]->parent = NULL;
}
