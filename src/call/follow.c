/* Child calls that follow from a reply, by the row's `follows`: one for each distinct request. Results go where they
   belong by position. The table of the call's child calls (gather.c) has
     value  what the parent's reply came to, which the results are put into
     items  { argument, table, key, table, key, ..., follow = } for each request: what is asked for, and where its result goes */
#include "call/call.h"

#include <string.h>

#define GONE 404
#define EARLIER (-1) /* less than any item: the failure is of an earlier stage */

enum { CALL = OE_GATHER_CALL, SESSION = OE_GATHER_SESSION, TABLE = OE_GATHER_TABLE };

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

void oe_follow_plan(lua_State *L, oe_gathering *g)
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

bool oe_follow_push(lua_State *L, const oe_gathering *g)
{
    int item = lua_gettop(L), n = 1;
    lua_getfield(L, item, "follow");
    const oe_follow *follow = g->follow + lua_tointeger(L, -1);
    lua_pop(L, 1);
    const oe_row *row = oe_row_at(oe_row_find(follow->method));
    lua_rawgeti(L, item, 1);
    oe_call_get(L, CALL, OE_SLOT_ARGUMENTS);
    for (int arguments = lua_gettop(L); n < OE_MAX_ARGS && row->args[n].type != OE_NONE; n++)
        lua_getfield(L, arguments, row->args[n].name);
    lua_remove(L, item + 2);
    bool good = oe_gather_push(L, n, SESSION, follow->method);
    if (!good && ((const oe_call *)lua_touserdata(L, CALL))->parts)
        lua_error(L);
    if (good)
        ((oe_call *)lua_touserdata(L, -1))->may_be_gone = !follow->into;
    return good;
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

void oe_follow_take(lua_State *L, oe_gathering *g, const oe_call *child, int number)
{
    const bool whole = child->may_be_gone;
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

bool oe_follow_next(lua_State *L, oe_gathering *g)
{
    close_holes(L, g);
    do
        g->follow++;
    while (g->follow->method && g->follow->beside);
    g->planned = false;
    return g->follow->method != NULL;
}

void oe_follow_begin(lua_State *L, int index, int value)
{
    const oe_call *call = lua_touserdata(L, index);
    if (!call->row->follows || call->childless)
        return;
    if (oe_argument_find_ids(call->row) ? !call->parts : call->client->trafic_limit)
        return;
    if (call->parts)
        oe_parts_push(L, index, value);
    else
        lua_pushvalue(L, value);
    oe_gather_begin(L, index, call->row->follows, "value");
}

enum oe_outcome oe_follow_finish(lua_State *L)
{
    lua_getfield(L, TABLE, "err");
    lua_getfield(L, TABLE, "value");
    if (((const oe_call *)lua_touserdata(L, CALL))->parts)
        oe_parts_join(L);
    if (lua_isnil(L, -2)) {
        lua_remove(L, -2);
        return OE_VALUE;
    }
    lua_setfield(L, -2, "partial");
    return OE_ERR;
}
