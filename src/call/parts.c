/* Lists of ids, which may be longer than a url. The call asks for the first part itself; its child calls ask for the others, as the
   row's `follows` says. A list in the order of the ids is made of all of it.

   The table of OE_SLOT_PARTS is the value that child calls follow from: { { ids = "1,2,3" }, ... }, the parts but the first, with
     places { [id] = position }, ids as texts, each once
     count  how many those are
     first  what the first part's reply came to
   and each child's result is its part's `items`. */
#include "call/call.h"

#include <string.h>

/* Bytes of the ids in a url: with the rest of it, servers take a request's first line of 8 kB. */
#define PART 7168
#define COMMA 3 /* bytes of one in a url */

typedef struct splitting {
    lua_State *L;
    const oe_row *row;
    int argument; /* its position */
    int list, parts, places;
    oe_buffer *text; /* of the part that is being written */
    size_t encoded;  /* its bytes in a url */
    int n, count;    /* parts and ids so far */
} splitting;

static void refuse(const splitting *s, int item, const char *problem)
{
    const char *name = s->row->args[s->argument - 1].name;
    if (item)
        lua_pushfstring(s->L, "%s[%d]: %s", name, item, problem);
    else
        lua_pushfstring(s->L, "%s: %s", name, problem);
    oe_argument_error(s->L, s->row, s->argument, lua_tostring(s->L, -1));
}

/* Keeps the part that was written: the first one becomes the argument. */
static void end_part(splitting *s)
{
    lua_State *L = s->L;
    if (s->n++ > 0)
        lua_newtable(L);
    oe_held_push_text(L, s->text);
    if (s->n == 1) {
        lua_replace(L, s->argument);
    } else {
        lua_setfield(L, -2, s->row->args[s->argument - 1].name);
        lua_rawseti(L, s->parts, s->n - 1);
    }
    oe_buffer_reset(s->text, (size_t)-1);
    s->encoded = 0;
}

/* Adds the id on top of the stack, the list's at that position. */
static void add(splitting *s, int position)
{
    lua_State *L = s->L;
    int type = lua_type(L, -1), id = lua_gettop(L);
    char digits[OE_DIGITS];
    if (type != LUA_TNUMBER && type != LUA_TSTRING)
        refuse(s, position,
               lua_pushfstring(L, "integer expected, got %s", oe_is_null(L, id) ? "null" : lua_typename(L, type)));
    const char *problem = oe_argument_integer_problem(L, id);
    if (problem)
        refuse(s, position, problem);
    if (type == LUA_TNUMBER) {
        oe_text text = oe_argument_digits(L, id, digits);
        lua_pushlstring(L, text.p, text.n);
    } else {
        lua_pushvalue(L, id);
    }
    lua_pushvalue(L, -1);
    lua_rawget(L, s->places);
    if (!lua_isnil(L, -1)) /* it is there already */
        return;
    lua_pop(L, 1);
    size_t n;
    const char *text = lua_tolstring(L, -1, &n);
    if (s->encoded > 0 && s->encoded + COMMA + n > PART)
        end_part(s);
    if (s->encoded > 0)
        oe_buffer_byte(s->text, ',');
    oe_buffer_add(s->text, text, n);
    s->encoded += n + (s->encoded > 0 ? COMMA : 0);
    lua_pushinteger(L, ++s->count);
    lua_rawset(L, s->places);
}

/* Pushes a plain copy of the list, which has n items. */
static int push_list(splitting *s)
{
    lua_State *L = s->L;
    oe_json w = { .out = NULL };
    int seen = 0;
    lua_pushvalue(L, s->argument);
    s->list = lua_gettop(L);
    if (oe_lists_is_empty_array(L, s->list))
        return 0;
    if (!oe_json_read(L, s->list, &w))
        refuse(s, 0, w.problem);
    int n = (int)lua_rawlen(L, s->list);
    for (lua_pushnil(L); lua_next(L, s->list); lua_pop(L, 1))
        seen++;
    if (seen != n)
        refuse(s, 0, "a list without holes and other keys expected");
    return n;
}

void oe_parts_split(lua_State *L, oe_call *call, int index)
{
    splitting s = { .L = L, .row = call->row, .argument = oe_argument_find_ids(call->row) };
    if (!s.argument || lua_type(L, s.argument) == LUA_TSTRING || lua_type(L, s.argument) == LUA_TNUMBER)
        return;
    luaL_checkstack(L, 30, "not enough memory for ids");
    int n = push_list(&s);
    lua_newtable(L);
    s.parts = lua_gettop(L);
    lua_newtable(L);
    s.places = lua_gettop(L);
    s.text = oe_held_push(L);
    int top = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, s.list, i);
        add(&s, i);
        lua_settop(L, top);
    }
    if (s.count > 0)
        end_part(&s);
    lua_pushvalue(L, s.places);
    lua_setfield(L, s.parts, "places");
    lua_pushinteger(L, s.count);
    lua_setfield(L, s.parts, "count");
    lua_pushvalue(L, s.parts);
    oe_call_set(L, index, OE_SLOT_PARTS);
    call->parts = true;
    if (s.count == 0 && !call->client->closed) { /* nothing is asked for */
        lua_newtable(L);
        oe_lists_mark(L, lua_gettop(L));
        oe_call_set(L, index, OE_SLOT_RESULT);
        call->phase = OE_SETTLED;
        call->outcome = OE_VALUE;
        call->concluded = true;
    }
    lua_settop(L, index);
}

int oe_parts_count(lua_State *L, const oe_call *call, int index)
{
    if (!call->parts || call->outcome == OE_VALUE)
        return call->parts ? 0 : 1;
    oe_call_get(L, index, OE_SLOT_PARTS);
    int n = (int)lua_rawlen(L, -1) + 1;
    lua_pop(L, 1);
    return n;
}

void oe_parts_push(lua_State *L, int index, int value)
{
    oe_call_get(L, index, OE_SLOT_PARTS);
    lua_pushnil(L);
    oe_call_set(L, index, OE_SLOT_PARTS);
    lua_pushvalue(L, value);
    lua_setfield(L, -2, "first");
}

/* Pushes the place of the item on top of the stack: that of its id, if it is not taken, or none. */
static int place_of(lua_State *L, int places)
{
    char digits[OE_DIGITS];
    int place = 0, item = lua_gettop(L);
    if (!lua_istable(L, item))
        return 0;
    lua_getfield(L, item, "id");
    if (lua_type(L, -1) == LUA_TNUMBER && !oe_argument_integer_problem(L, item + 1)) {
        oe_text text = oe_argument_digits(L, item + 1, digits);
        lua_pushlstring(L, text.p, text.n);
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_pushvalue(L, -1);
        lua_rawget(L, places);
        place = (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
        lua_pushnil(L);
        lua_rawset(L, places);
    }
    lua_settop(L, item);
    return place;
}

/* Puts the items of the list on top of the stack, which it pops, into their places in the table at `into`; those without one
   come behind `last`. */
static int put(lua_State *L, int into, int places, int last)
{
    int list = lua_gettop(L), n = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        int place = place_of(L, places);
        lua_rawseti(L, into, place ? place : ++last);
    }
    lua_settop(L, list - 1);
    return last;
}

void oe_parts_join(lua_State *L)
{
    int parts = lua_gettop(L), n = (int)lua_rawlen(L, parts), kept = 0;
    lua_getfield(L, parts, "places");
    lua_getfield(L, parts, "count");
    int last = (int)lua_tointeger(L, -1);
    lua_newtable(L);
    int all = lua_gettop(L);
    lua_getfield(L, parts, "first");
    last = put(L, all, parts + 1, last);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, parts, i);
        lua_getfield(L, -1, "items");
        last = put(L, all, parts + 1, last);
        lua_pop(L, 1);
    }
    lua_newtable(L);
    oe_lists_mark(L, all + 1);
    for (int i = 1; i <= last; i++) {
        lua_rawgeti(L, all, i);
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else
            lua_rawseti(L, all + 1, ++kept);
    }
    lua_replace(L, parts);
    lua_settop(L, parts);
}
