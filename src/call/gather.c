/* Child calls: the requests that follow from a reply, for the row's `follows`. A child is a call like any other, of the same session:
   its retries, its refresh, its hooks are the ones there are. Deadline and ticket are its parent's, whose waiter also calls its
   callbacks. So many are under way at a time, one for each distinct request; results go where they belong by position.

   The call's table has a table for them, with the children under way at 1..OE_WIDTH, and
     value  what the parent's reply came to, which the results are put into
     items  { argument, table, key, table, key, ... } for each request: what is asked for, and where its result goes
     err    of the first item that has failed
     gather the userdata oe_gathering. */
#include "call/call.h"

#include <string.h>

#define GONE 404
#define EARLIER (-1) /* less than any item: the failure is of an earlier stage */

/* The stack of what runs protected. */
enum { CALL = 1, SESSION, TABLE };

/* Is the call still at this? A finalizer may have cancelled it, or closed its client. */
static bool is_on(const oe_call *call, const oe_gathering *g)
{
    return call->gathering == g && call->phase == OE_GATHERING;
}

/* ---- planning ------------------------------------------------------------------------------------ */

typedef struct plan {
    const oe_follow *follow;
    oe_gathering *g;
    int items, seen; /* places on the stack; seen: { [argument] = item } */
} plan;

/* Adds that the result of the request with the argument on top of the stack, which it pops, goes to t[key]. */
static void add(lua_State *L, plan *p, int t, int key)
{
    int argument = lua_gettop(L);
    lua_pushvalue(L, argument);
    lua_rawget(L, p->seen);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_createtable(L, 4, 0);
        lua_pushvalue(L, argument);
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, p->follow - p->g->follow);
        lua_setfield(L, -2, "follow");
        lua_pushvalue(L, -1);
        lua_rawseti(L, p->items, ++p->g->items);
        lua_pushvalue(L, argument);
        lua_pushvalue(L, -2);
        lua_rawset(L, p->seen);
    }
    int n = (int)lua_rawlen(L, -1);
    lua_pushvalue(L, t);
    lua_rawseti(L, -2, n + 1);
    lua_pushvalue(L, key);
    lua_rawseti(L, -2, n + 2);
    lua_settop(L, argument - 1);
}

/* Is the member a text, or a number, that can be asked for? Pushes it. */
static bool push_argument(lua_State *L, int object, const char *name)
{
    lua_getfield(L, object, name);
    bool good = lua_type(L, -1) == LUA_TNUMBER || (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0);
    if (!good)
        lua_pop(L, 1);
    return good;
}

static bool is_of_type(lua_State *L, int object, const char *type)
{
    if (!type)
        return true;
    lua_getfield(L, object, "type");
    bool same = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), type) == 0;
    lua_pop(L, 1);
    return same;
}

/* Plans for the object on top of the stack, which stands in the list at `list` (0: in none) at that position. */
static void plan_object(lua_State *L, plan *p, int list, int position)
{
    const oe_follow *f = p->follow;
    int object = lua_gettop(L);
    if (!lua_istable(L, object) || (!f->into && !list) || !is_of_type(L, object, f->type))
        return;
    if (f->into)
        lua_pushstring(L, f->into);
    else
        lua_pushinteger(L, position);
    if (push_argument(L, object, f->argument))
        add(L, p, f->into ? object : list, object + 1);
    lua_settop(L, object);
}

/* Plans for the value on top of the stack: an object, a list of them, or { items = list }. */
static void plan_value(lua_State *L, plan *p)
{
    int value = lua_gettop(L);
    if (!lua_istable(L, value))
        return;
    lua_getfield(L, value, "items");
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, value);
    }
    int list = lua_gettop(L), n = (int)lua_rawlen(L, list);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        plan_object(L, p, list, i);
        lua_settop(L, list);
    }
    if (n == 0)
        plan_object(L, p, 0, 0);
    lua_settop(L, value);
}

/* Plans the stage that begins with g->follow. */
static void plan_stage(lua_State *L, oe_gathering *g)
{
    plan p = { .follow = g->follow, .g = g };
    g->items = 0;
    g->next = 1;
    if (g->failed)
        g->failed = EARLIER;
    lua_settop(L, TABLE);
    lua_newtable(L);
    p.items = TABLE + 1;
    lua_getfield(L, TABLE, "value");
    do {
        lua_newtable(L);
        p.seen = TABLE + 3;
        lua_pushvalue(L, TABLE + 2);
        plan_value(L, &p);
        lua_settop(L, TABLE + 2);
        p.follow++;
    } while (p.follow->method && p.follow->beside);
    lua_pushvalue(L, p.items);
    lua_setfield(L, TABLE, "items");
    lua_settop(L, TABLE);
}

/* ---- children ------------------------------------------------------------------------------------ */

/* (arguments..., session, row's number) -> a new call */
static int start_child(lua_State *L)
{
    const oe_row *row = oe_row_at((int)lua_tointeger(L, -1));
    lua_pop(L, 1);
    oe_argument_check(L, row);
    oe_call_start(L, lua_gettop(L), row);
    return 1;
}

/* Pushes a new call for the item on top of the stack; false: its argument is none, which the server has to answer for. */
static bool push_child(lua_State *L, const oe_follow *follow)
{
    int item = lua_gettop(L), number = oe_row_find(follow->method);
    const oe_row *row = oe_row_at(number);
    lua_pushcfunction(L, start_child);
    lua_rawgeti(L, item, 1);
    oe_call_get(L, CALL, OE_SLOT_ARGUMENTS);
    int n = 1, arguments = lua_gettop(L);
    for (; n < OE_MAX_ARGS && row->args[n].type != OE_NONE; n++)
        lua_getfield(L, arguments, row->args[n].name);
    lua_remove(L, arguments);
    lua_pushvalue(L, SESSION);
    lua_pushinteger(L, number);
    int status = lua_pcall(L, n + 2, 1, 0);
    if (status == LUA_ERRMEM)
        lua_error(L);
    return status == 0;
}

/* Starts the next item of the stage in that place. */
static void start(lua_State *L, oe_call *call, oe_gathering *g, int place)
{
    int number = g->next++;
    lua_getfield(L, TABLE, "items");
    lua_rawgeti(L, -1, number);
    lua_getfield(L, -1, "follow");
    const oe_follow *follow = g->follow + lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (push_child(L, follow) && is_on(call, g)) {
        oe_call *child = lua_touserdata(L, -1);
        lua_rawseti(L, TABLE, place + 1);
        child->parent = call;
        child->childless = true;
        child->may_be_gone = !follow->into;
        g->children[place] = child;
        g->serves[place] = number;
    }
    lua_settop(L, TABLE);
}

/* Puts the value on top of the stack into the places of the item at `item`; nil: it is missing there. */
static void put(lua_State *L, oe_gathering *g, int item, bool whole)
{
    int value = lua_gettop(L), n = (int)lua_rawlen(L, item);
    for (int i = 2; i < n; i += 2) {
        lua_rawgeti(L, item, i);
        lua_rawgeti(L, item, i + 1);
        if (lua_isnil(L, value) && whole)
            lua_pushboolean(L, 0);
        else
            lua_pushvalue(L, value);
        lua_rawset(L, -3);
        lua_pop(L, 1);
    }
    g->holes = g->holes || (lua_isnil(L, value) && whole);
}

/* Takes the result of the child in that place. */
static void take(lua_State *L, oe_gathering *g, int place)
{
    const oe_call *child = g->children[place];
    const int number = g->serves[place];
    const bool whole = child->may_be_gone;
    lua_getfield(L, TABLE, "items");
    lua_rawgeti(L, TABLE + 1, number);
    lua_rawgeti(L, TABLE, place + 1);
    oe_call_get(L, TABLE + 3, OE_SLOT_RESULT);
    if (child->outcome == OE_RAISED)
        lua_error(L);
    if (child->outcome == OE_ERR) {
        lua_getfield(L, -1, "statusCode");
        bool gone = whole && lua_tointeger(L, -1) == GONE;
        lua_pop(L, 1);
        if (!gone && (!g->failed || number < g->failed)) {
            g->failed = number;
            lua_pushvalue(L, -1);
            lua_setfield(L, TABLE, "err");
        }
        lua_pushnil(L);
    }
    put(L, g, TABLE + 2, whole);
    if (g->children[place] == child) {
        g->children[place] = NULL;
        lua_pushnil(L);
        lua_rawseti(L, TABLE, place + 1);
    }
    lua_settop(L, TABLE);
}

/* Closes the gaps of a list of results. */
static void close_holes(lua_State *L, oe_gathering *g)
{
    int kept = 0;
    lua_getfield(L, TABLE, "value");
    int n = g->holes ? (int)lua_rawlen(L, -1) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, TABLE + 1, i);
        if (lua_isboolean(L, -1))
            lua_pop(L, 1);
        else
            lua_rawseti(L, TABLE + 1, ++kept);
    }
    for (int i = kept + 1; i <= n; i++) {
        lua_pushnil(L);
        lua_rawseti(L, TABLE + 1, i);
    }
    g->holes = false;
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
                take(L, g, i);
                any = true;
            }
            busy = busy || g->children[i];
        }
    }
    return !busy && g->next > g->items && is_on(call, g);
}

/* Pushes the value, or the error with it as `partial`. */
static enum oe_outcome push_result(lua_State *L)
{
    lua_getfield(L, TABLE, "err");
    lua_getfield(L, TABLE, "value");
    if (lua_isnil(L, -2)) {
        lua_remove(L, -2);
        return OE_VALUE;
    }
    lua_setfield(L, -2, "partial");
    return OE_ERR;
}

/* (call, session) -> true and the result, or false: there are children under way */
static int run(lua_State *L)
{
    oe_call *call = lua_touserdata(L, CALL);
    oe_gathering *g = call->gathering;
    luaL_checkstack(L, 40, "not enough memory for a call");
    oe_call_get(L, CALL, OE_SLOT_CHILDREN);
    for (;;) {
        if (!g->planned)
            plan_stage(L, g);
        g->planned = true;
        if (!run_stage(L, call, g)) {
            lua_pushboolean(L, 0);
            return 1;
        }
        close_holes(L, g);
        do
            g->follow++;
        while (g->follow->method && g->follow->beside);
        if (!g->follow->method)
            break;
        g->planned = false;
    }
    lua_pushboolean(L, 1);
    call->read = push_result(L);
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

void oe_gather_begin(lua_State *L, int index, int value)
{
    oe_call *call = lua_touserdata(L, index);
    int top = lua_gettop(L);
    if (!call->row->follows || call->childless || call->client->trafic_limit)
        return;
    lua_createtable(L, OE_WIDTH, 4);
    lua_pushvalue(L, value);
    lua_setfield(L, top + 1, "value");
    oe_gathering *g = lua_newuserdata(L, sizeof *g);
    memset(g, 0, sizeof *g);
    g->follow = call->row->follows;
    lua_setfield(L, top + 1, "gather");
    lua_pushvalue(L, top + 1);
    oe_call_set(L, index, OE_SLOT_CHILDREN);
    call->gathering = g;
    lua_settop(L, top);
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
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

void oe_gather_forget(oe_call *call)
{
    for (int i = 0; call->gathering && i < OE_WIDTH; i++)
        if (call->gathering->children[i])
            call->gathering->children[i]->parent = NULL;
}
